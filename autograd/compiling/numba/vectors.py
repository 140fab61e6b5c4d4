"""`math` for compiled kernels: with glibc's vector library behind it where there is one.

LLVM turns a loop over a function of one number into one over vectors when the function declares its vector variants
(the x86-64 vector function ABI). libmvec, a part of glibc since 2.22 and complete since 2.35, has them for most of
`math`, within 4 ulp. Elsewhere the functions are `math`'s own.
"""

from __future__ import annotations

import ctypes
import math
from collections.abc import Callable
from typing import Any

import numpy as np
from llvmlite import binding, ir
from numba import njit, types
from numba.core import cgutils
from numba.extending import intrinsic

from ...primitives import PRIMITIVES

LIBRARY = "libmvec.so.1"
AHEAD = 128  # rows from what is read to what is fetched from memory
ROWS = [row for row in PRIMITIVES.values() if row.forward.__module__ == "math"]
UNARY, BINARY = ([row.forward.__name__ for row in ROWS if len(row.partials) == count] for count in (1, 2))


def widths() -> list[tuple[str, int]]:
    """The letters of the vector function ABI that this processor can run, with the numbers in a vector."""
    features = binding.get_host_cpu_features()
    found = [("e", 8)] if features.get("avx512f") else []
    return [*found, ("d", 4)] if features.get("avx2") else found


def variants() -> dict[str, list[tuple[str, int]]]:
    """The vector variants of each function that this machine has, by symbol, with their widths; none without libmvec."""
    try:
        library = ctypes.CDLL(LIBRARY)
    except OSError:
        return {}
    found = {}
    for name, count in [*((name, 1) for name in UNARY), *((name, 2) for name in BINARY)]:
        symbols = [(f"_ZGV{letter}N{width}{'v' * count}_{name}", width) for letter, width in widths()]
        found[name] = [(symbol, width) for symbol, width in symbols if hasattr(library, symbol)]
    binding.load_library_permanently(LIBRARY)
    return {name: symbols for name, symbols in found.items() if symbols}


VARIANTS = variants()
DOUBLE = ir.DoubleType()


def _declare(module: ir.Module) -> None:
    """Declare every function with its variants in an LLVM module, in a way that keeps what nothing calls yet."""
    kept = []
    for name, symbols in VARIANTS.items():
        count = 2 if name in BINARY else 1
        function = ir.Function(module, ir.FunctionType(DOUBLE, [DOUBLE] * count), name)
        mappings = []
        for symbol, width in symbols:
            vector = ir.VectorType(DOUBLE, width)
            kept.append(ir.Function(module, ir.FunctionType(vector, [vector] * count), symbol))
            mappings.append(f"_ZGV_LLVM_N{width}{'v' * count}_{name}({symbol})")
        # llvmlite checks names, and knows attributes without a value only
        for attribute in (
            "nounwind",
            "readnone",
            "willreturn",
            f'"vector-function-abi-variant"="{",".join(mappings)}"',
        ):
            set.add(function.attributes, attribute)
    used = ir.GlobalVariable(module, ir.ArrayType(ir.PointerType(), len(kept)), "llvm.compiler.used")
    used.linkage, used.section = "appending", "llvm.metadata"
    used.initializer = ir.Constant(used.value_type, kept)


def _vectored(name: str, count: int) -> Any:
    """A function of libm with its vector variants, or math's own."""
    if name not in VARIANTS:
        return getattr(math, name)

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        if name not in builder.module.globals:
            _declare(builder.module)
        return builder.call(builder.module.globals[name], list(args))

    if count == 1:

        @intrinsic
        def unary(typing: Any, x: Any) -> Any:
            return types.float64(types.float64), codegen

        return unary

    @intrinsic
    def binary(typing: Any, x: Any, y: Any) -> Any:
        return types.float64(types.float64, types.float64), codegen

    return binary


def _at(builder: Any, address: Any) -> Any:
    return builder.inttoptr(address, ir.PointerType())


@intrinsic
def peek(typing: Any, base: Any, distance: Any) -> Any:
    """The float so many bytes behind an address. The two are kept apart, so that LLVM sees an array in a loop."""

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        place = builder.gep(_at(builder, args[0]), [args[1]], source_etype=ir.IntType(8))
        return builder.load(place, typ=DOUBLE)

    return types.float64(types.int64, types.int64), codegen


@intrinsic
def whole(typing: Any, base: Any, distance: Any) -> Any:
    """The whole number so many bytes behind an address."""

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        place = builder.gep(_at(builder, args[0]), [args[1]], source_etype=ir.IntType(8))
        return builder.load(place, typ=ir.IntType(64))

    return types.int64(types.int64, types.int64), codegen


@intrinsic
def poke(typing: Any, base: Any, distance: Any, x: Any) -> Any:
    """Put a float so many bytes behind an address."""

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        builder.store(args[2], builder.gep(_at(builder, args[0]), [args[1]], source_etype=ir.IntType(8)))
        return context.get_dummy_value()

    return types.void(types.int64, types.int64, types.float64), codegen


def _tile(lanes: int) -> Any:
    """What sums products over so many rows at once, with the sums in the processor's registers.

    Its arguments are addresses: of the result, of the operands, and of what these are counted from, registers and
    shared numbers; with how many pairs of a shared number and a register there are, and of two registers after them.
    """
    vector = ir.VectorType(DOUBLE, lanes)
    index, lane = ir.IntType(64), ir.IntType(32)

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        result, operands, linear, pairs, registers, shared = args
        total = cgutils.alloca_once(builder, vector)
        builder.store(ir.Constant(vector, None), total)

        def operand(base: Any, position: Any) -> Any:
            offset = builder.mul(position, ir.Constant(index, 8))
            return builder.add(base, builder.load(_at(builder, builder.add(operands, offset)), typ=index))

        def add(position: Any, factor: Callable[[Any], Any]) -> None:
            following = builder.add(position, ir.Constant(index, 1))
            rows = builder.load(_at(builder, operand(registers, following)), typ=vector, align=8)
            product = builder.fmul(factor(position), rows, flags=("contract",))
            builder.store(builder.fadd(builder.load(total, typ=vector), product, flags=("contract",)), total)

        def number(position: Any) -> Any:
            x = builder.load(_at(builder, operand(shared, position)), typ=DOUBLE)
            first = builder.insert_element(ir.Constant(vector, ir.Undefined), x, ir.Constant(lane, 0))
            mask = ir.Constant(ir.VectorType(lane, lanes), [0] * lanes)
            return builder.shuffle_vector(first, ir.Constant(vector, ir.Undefined), mask)

        def rows(position: Any) -> Any:
            return builder.load(_at(builder, operand(registers, position)), typ=vector, align=8)

        two = ir.Constant(index, 2)
        with cgutils.for_range(builder, linear, intp=index) as loop:
            add(builder.mul(loop.index, two), number)
        with cgutils.for_range(builder, pairs, intp=index) as loop:
            add(builder.mul(builder.add(linear, loop.index), two), rows)
        builder.store(builder.load(total, typ=vector), _at(builder, result), align=8)
        return context.get_dummy_value()

    @intrinsic
    def tile(typing: Any, result: Any, operands: Any, linear: Any, pairs: Any, registers: Any, shared: Any) -> Any:
        return types.void(*[types.int64] * 6), codegen

    return tile


tile_of_8, tile_of_32, tile_of_64 = _tile(8), _tile(32), _tile(64)


@intrinsic
def transpose(typing: Any, source: Any, stride: Any, target: Any, distance: Any) -> Any:
    """Take eight numbers from each of eight rows, so many bytes apart, to eight columns, so many bytes apart.

    The lines of memory that will be wanted a block later are asked for at once.
    """
    vector, index, word = ir.VectorType(DOUBLE, 8), ir.IntType(64), ir.IntType(32)

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        source, stride, target, distance = args

        def places(start: Any, step: Any) -> list[Any]:
            return [builder.add(start, builder.mul(step, ir.Constant(index, k))) for k in range(8)]

        rows = [builder.load(_at(builder, place), typ=vector, align=8) for place in places(source, stride)]
        pointer = ir.PointerType()
        fetch = builder.module.declare_intrinsic(
            "llvm.prefetch.p0", (), ir.FunctionType(ir.VoidType(), [pointer, word, word, word])
        )
        ahead = builder.add(source, builder.mul(stride, ir.Constant(index, AHEAD)))
        for place in places(ahead, stride):
            builder.call(fetch, [_at(builder, place), *(ir.Constant(word, x) for x in (0, 3, 1))])
        for d in (1, 2, 4):  # exchange blocks of d by d
            low = [lane if not lane & d else 8 + lane - d for lane in range(8)]
            high = [lane + d if not lane & d else 8 + lane for lane in range(8)]
            masks = [ir.Constant(ir.VectorType(word, 8), mask) for mask in (low, high)]
            rows = [builder.shuffle_vector(rows[k & ~d], rows[k | d], masks[1 if k & d else 0]) for k in range(8)]
        for row, place in zip(rows, places(target, distance), strict=True):
            builder.store(row, _at(builder, place), align=8)
        return context.get_dummy_value()

    return types.void(*[types.int64] * 4), codegen


@njit
def floor(x: float) -> float:
    """Return the largest whole number not above x, as a float."""
    return np.floor(x)  # type: ignore[no-any-return]


for _name in dir(math):
    if not _name.startswith("_") and _name not in globals():
        globals()[_name] = getattr(math, _name)
for _name in UNARY:
    globals()[_name] = _vectored(_name, 1)
for _name in BINARY:
    globals()[_name] = _vectored(_name, 2)
