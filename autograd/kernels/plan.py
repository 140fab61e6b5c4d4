"""A tape laid out for many rows: what is computed before them, for each of them, and after their sums.

Summing over rows is linear, and a plan makes use of it: an output that is a sum of products is not computed row by row.
Its products are summed each for itself, those of the same two families of factors side by side as the outer products
they are, and what is shared by all rows is multiplied in afterwards.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from ..primitives import PRIMITIVES, Primitive, dot, mul
from ..tape import ROW, Instruction, Tape

# The rows that are sums of two products, whatever their two arguments are.
TWO = {row for row in PRIMITIVES.values() if row.products and not row.variadic and len(row.products(*row.domain)) > 1}

Step = tuple[Primitive, int, tuple[int, ...]]  # with the slot of the result


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
        own, _ = self._original[ref - self.inputs]
        if own.variadic or len(pairs) == 1 or all(self._is_rounded(a, b) for a, b in pairs):
            return pairs
        return None

    def _is_rounded(self, a: int, b: int) -> bool:
        """Whether a product is rounded, or has one factor that is, or is the same for all rows."""
        if a >= 0 and b >= 0:
            return True
        ref = max(a, b)
        below = self._instruction(ref)
        return not self._is_row(ref) or (below is not None and below[0] is mul and min(below[1]) >= 0)

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
                new[slot - self.inputs] = (dot, (*(a for a, _ in flat), *(b for _, b in flat)))
        return gathered

    def _products(self, ref: int) -> list[tuple[tuple[int, int] | None, int, int]]:
        """An output's sum as terms: a pair to be summed, or None and a shared number; with two shared coefficients."""
        terms: list[tuple[tuple[int, int] | None, int, int]] = []
        pending = [(ref, self.one)]
        while pending:
            ref, coefficient = pending.pop()
            if not self._is_row(ref):
                terms.append((None, ref, coefficient))
                continue
            pairs = self._pairs(ref)
            if pairs is None:
                terms.append((self._summed(ref, self.one), self.one, coefficient))
                continue
            for a, b in pairs:
                if self._is_row(a) and self._is_row(b):
                    terms.append((self._summed(a, b), self.one, coefficient))
                else:
                    row, shared = (b, a) if self._is_row(b) else (a, b)
                    pending.append((row, self._times(shared, coefficient)))
        return terms

    def _summed(self, a: int, b: int) -> tuple[int, int]:
        pair = (a, b) if (b, a) not in self._sums else (b, a)
        self._sums.setdefault(pair, len(self._sums))
        return pair

    def _times(self, a: int, b: int) -> int:
        """The slot of a product of shared numbers, computed afterwards."""
        if self._is_one(a):
            return b
        if self._is_one(b):
            return a
        slot = self._slot()
        self.after.append((mul, slot, (a, b)))
        return slot

    def _is_one(self, ref: int) -> bool:
        return ref < 0 and self.constants[-1 - ref] == 1.0

    def _ordered(self) -> list[tuple[int, int]]:
        """The pairs with the factor first that most of them share, and those with the same one together."""
        counts = Counter(slot for pair in self._sums for slot in pair)
        turned = {pair: (pair[1], pair[0]) if counts[pair[1]] > counts[pair[0]] else pair for pair in self._sums}
        self._turned = turned
        return sorted(turned.values())

    def _total(
        self, terms: Sequence[tuple[tuple[int, int] | None, int, int]], places: dict[tuple[int, int], int]
    ) -> int:
        """The slot of an output, the sum of its terms, computed afterwards."""
        pairs = []
        for pair, shared, coefficient in terms:
            if pair is not None:
                pairs.append((places[self._turned[pair]], coefficient))
            elif self.reduce == "mean":
                pairs.append((shared, coefficient))
            else:
                slot = self._slot()
                self.after.append((mul, slot, (shared, self.weight)))
                pairs.append((slot, coefficient))
        if len(pairs) == 1:
            (x, coefficient) = pairs[0]
            if self._is_one(coefficient):
                return x
            slot = self._slot()
            self.after.append((mul, slot, (x, coefficient)))
            return slot
        slot = self._slot()
        self.after.append((dot, slot, (*(x for x, _ in pairs), *(c for _, c in pairs))))
        return slot

    def _unused(self, totals: Sequence[Sequence[tuple[tuple[int, int] | None, int, int]]]) -> set[int]:
        """The slots of the instructions that neither a sum nor a step after the rows needs."""
        kept: set[int] = set()
        pending = [ref for pair in self._sums for ref in pair]
        pending += [ref for total in totals for _, shared, coefficient in total for ref in (shared, coefficient)]
        pending += [arg for _, _, args in self.after for arg in args]
        while pending:
            ref = pending.pop()
            instruction = self._instruction(ref)
            if instruction is not None and ref not in kept:
                kept.add(ref)
                pending += instruction[1]
        return set(range(self.inputs, self._end)) - kept
