"""A tape laid out for many rows: what is computed before them, for each of them, and after their sums.

Summing over rows is linear, and a plan makes use of it: an output that is a sum of products is not computed row by row.
Its products are summed each for itself, those of the same two families of factors side by side as the outer products
they are, and products of shared numbers are added afterwards.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from ..primitive import Primitive
from ..primitives import PRIMITIVES, PRODUCT, PRODUCTS
from .program import Instruction
from .tape import ROW, Tape

# The rows that are sums of two products, whatever their two arguments are.
TWO = {row for row in PRIMITIVES.values() if row.products and not row.variadic and len(row.products(*row.domain)) > 1}

Step = tuple[Primitive, int, tuple[int, ...]]  # with the slot of the result
Products = tuple[list[tuple[int, int]], list[tuple[int, int]]]


class Plan:
    """The steps of a tape by stage, `before` the rows, for `each` row, and `after` them.

    `sums` are the pairs of slots whose products are summed (or averaged) over the rows; the second of a pair may be
    `one`, a slot that holds 1. Their results stand in the slots from `first_sum` on. `outputs` are references.
    """

    def __init__(self, tape: Tape, reduce: str | None) -> None:
        self.constants = list(tape.constants)
        self.reduce = reduce
        self.inputs = len(tape.names)
        self.rows = sorted(tape.rows)
        self.one = self.constant(1.0)
        self._stages = tape.stages()
        self._uses = [0] * len(self._stages)
        for args in [*(args for _, args in tape.instructions), tape.outputs]:
            for arg in args:
                self._uses[arg] += 1
        self.slots = self._end = self.inputs + len(tape.instructions)
        self._instructions = self._original = tape.instructions
        unused = self._gather()
        self.weight = self.slots  # what a shared number counts in a sum: the number of rows; 1 in a mean
        self.slots += 1
        self.before: list[Step] = []
        self.each: list[Step] = []
        self.after: list[Step] = []
        self.outputs = tape.outputs
        self._sums: dict[tuple[int, int], int] = {}
        if reduce:
            totals = [self._products(ref) for ref in tape.outputs]
            unused = self._unused(totals)
        for slot, (op, args) in enumerate(self._instructions, self.inputs):
            if slot not in unused:
                (self.each if self._stages[slot] == ROW else self.before).append((op, slot, args))
        self.sums = self._ordered()
        self.first_sum = self.slots
        self.slots += len(self.sums)
        if reduce:
            places = {pair: self.first_sum + k for k, pair in enumerate(self.sums)}
            self.outputs = [self._total(total, places) for total in totals]

    def constant(self, x: float) -> int:
        """The reference of a number."""
        self.constants.append(x)
        return -len(self.constants)

    def _slot(self) -> int:
        self.slots += 1
        return self.slots - 1

    def _is_row(self, ref: int) -> bool:
        return 0 <= ref < self._end and self._stages[ref] == ROW

    def _instruction(self, ref: int) -> Instruction | None:
        return self._instructions[ref - self.inputs] if self.inputs <= ref < self._end else None

    def pairs(self, op: Primitive, args: Sequence[int]) -> list[tuple[int, int]]:
        """The references of the factors in a sum of products."""
        assert op.products is not None
        factors = op.products(args) if op.variadic else op.products(*args)
        return [(self._reference(a), self._reference(b)) for a, b in factors]

    def _reference(self, x: int | float) -> int:
        if isinstance(x, int):
            return x
        return self.one if x == 1.0 else self.constant(x)

    def _pairs(self, ref: int) -> list[tuple[int, int]] | None:
        """The factors of the products that a row's result may be summed by; None where that could cost digits.

        Products are rounded one by one in any case, but x - m is not: the sum over rows of it is not that of x less
        that of m. A sum or dot promises digits of its terms only.
        """
        instruction = self._instruction(ref)
        if instruction is None or instruction[0].products is None or self._uses[ref] > 1:
            return None
        pairs = self.pairs(*instruction)
        op, _ = self._original[ref - self.inputs]
        if op.variadic or len(pairs) == 1 or all(self._is_rounded(a, b) for a, b in pairs):
            return pairs
        return None

    def _is_rounded(self, a: int, b: int) -> bool:
        """Whether a product is rounded, or has one factor that is, or is the same for all rows."""
        if a >= 0 and b >= 0:
            return True
        ref = max(a, b)
        below = self._instruction(ref)
        return not self._is_row(ref) or (below is not None and below[0] is PRODUCT and min(below[1]) >= 0)

    def _gather(self) -> set[int]:
        """Make one sum of products of each sum of sums and products that nothing else needs; return those in it."""
        gathered: set[int] = set()
        old, stages = self._instructions, self._stages
        self._instructions = new = list(old)
        alone = [False] * len(stages)  # the sums of products that only one other instruction needs,
        wide = [False] * len(
            stages
        )  # and those of them that have several products: these only as what a sum begins with,
        # since the order of additions must stay: a + (x - m) is not a + x - m
        for slot, (op, _) in enumerate(old, self.inputs):
            if op.products is not None and self._uses[slot] == 1:
                alone[slot] = True
                wide[slot] = op.variadic > 0 or op in TWO
        for slot in range(self._end - 1, self.inputs - 1, -1):
            op, args = old[slot - self.inputs]
            if op.products is None or slot in gathered:
                continue
            if not (any(map(alone.__getitem__, args)) if op.variadic else wide[args[0]]):
                continue  # it would not become longer than two products
            flat: list[tuple[int, int]] = []
            absorbed: list[int] = []
            pending = self.pairs(op, args)[::-1]
            while pending:
                a, b = pending.pop()
                below = a if self._is_one(b) else b if self._is_one(a) else -1
                if below >= 0 and alone[below] and stages[below] == stages[slot] and (not flat or not wide[below]):
                    absorbed.append(below)
                    pending += self.pairs(*old[below - self.inputs])[::-1]
                else:
                    flat.append((a, b))
            if absorbed and len(flat) > 2:
                gathered.update(absorbed)
                new[slot - self.inputs] = (PRODUCTS, (*(a for a, _ in flat), *(b for _, b in flat)))
        return gathered

    def _products(self, ref: int) -> Products:
        """An output as a sum of products: those to be summed over the rows, and those of shared numbers."""
        over_rows: list[tuple[int, int]] = []
        shared: list[tuple[int, int]] = []
        pending = [(ref, self.one)]
        while pending:
            a, b = pending.pop()
            a, b = (a, b) if self._is_row(a) else (b, a)
            if not self._is_row(a):
                shared.append((a, b))
            elif self._is_one(b) and (pairs := self._pairs(a)) is not None:
                pending += pairs
            else:
                over_rows.append(self._summed(a, b))
        return over_rows, shared

    def _summed(self, a: int, b: int) -> tuple[int, int]:
        pair = (a, b) if (b, a) not in self._sums else (b, a)
        self._sums.setdefault(pair, len(self._sums))
        return pair

    def _is_one(self, ref: int) -> bool:
        return ref < 0 and self.constants[-1 - ref] == 1.0

    def _ordered(self) -> list[tuple[int, int]]:
        """The pairs with the factor first that most of them share, and those with the same one together."""
        counts = Counter(slot for pair in self._sums for slot in pair)
        turned = {pair: (pair[1], pair[0]) if counts[pair[1]] > counts[pair[0]] else pair for pair in self._sums}
        self._turned = turned
        return sorted(turned.values())

    def _total(self, products: Products, places: dict[tuple[int, int], int]) -> int:
        """The slot of an output, the sum of its products, computed afterwards."""
        over_rows, shared = products
        pairs = [(places[self._turned[pair]], self.one) for pair in over_rows]
        if self.reduce == "sum":  # each row counts
            shared = [(self._after(PRODUCT, pair), self.weight) for pair in shared]
        pairs += shared
        if len(pairs) == 1:
            return pairs[0][0] if self._is_one(pairs[0][1]) else self._after(PRODUCT, pairs[0])
        return self._after(PRODUCTS, (*(a for a, _ in pairs), *(b for _, b in pairs)))

    def _after(self, op: Primitive, args: tuple[int, ...]) -> int:
        """The slot of a step that is taken after the rows."""
        slot = self._slot()
        self.after.append((op, slot, args))
        return slot

    def _unused(self, totals: Sequence[Products]) -> set[int]:
        """The slots of the instructions that no sum and no product of shared numbers needs."""
        kept: set[int] = set()
        pending = [ref for total in totals for products in total for pair in products for ref in pair]
        while pending:
            ref = pending.pop()
            instruction = self._instruction(ref)
            if instruction is not None and ref not in kept:
                kept.add(ref)
                pending += instruction[1]
        return set(range(self.inputs, self._end)) - kept
