"""Places in a graph whose formula has a better one: where a rewrite that mends fits."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ...modes import Switch, errstate
from ...rewrites import FOR_MENDS, Match, Rewrite
from ...symbols import Symbol, render
from ...value import Value


@dataclass(frozen=True)
class Place:
    """A node that has the formula of a rewrite: what the formula's arguments are there, and the nodes it is made of."""

    rewrite: Rewrite
    node: Value
    bound: dict[str, Any]
    nodes: set[Value]

    @property
    def kind(self) -> str:
        """What places with the same better formula have in common."""
        names = self.rewrite.names
        return render(self.rewrite.better(*([Symbol(name)] * 2 if name == "xs" else Symbol(name) for name in names)))

    def leaves(self) -> dict[Value, Value]:
        """Return a leaf of its own for each Value among the arguments."""
        given = [x for part in self.bound.values() for x in (part if type(part) is list else [part])]
        return {x: Value(x.data) for x in given if type(x) is Value}

    def better(self, leaves: dict[Value, Value]) -> Value:
        """Return the better formula of these leaves."""
        with Switch(recording=True, faults="ignore"):
            y: Value = +self._of(lambda x: leaves[x] if type(x) is Value else x)
        return y

    def text(self, called: dict[Value, str]) -> str:
        """Return the better formula with the names of the graph."""
        return render(self._of(lambda x: Symbol(called[x]) if type(x) is Value else x))

    def _of(self, one: Any) -> Any:
        """The better formula, of what stands for each argument."""
        bound = {name: [one(x) for x in part] if type(part) is list else one(part) for name, part in self.bound.items()}
        return self.rewrite.better(**bound)

    def is_current(self) -> bool:
        """Return whether its nodes still have the numbers that their arguments give: no leaf was changed since."""
        with errstate("ignore"):
            return all(
                repr(node.op.value([x.data if type(x) is Value else float(x) for x in node.args])) == repr(node.data)
                for node in self.nodes
                if node.op is not None
            )


def places(node: Value) -> Iterator[Place]:
    """Yield each rewrite that mends, whose formula the node is; the larger formulas first."""
    for rewrite, pattern, _ in FOR_MENDS.get(node.op, ()):
        match = Match(rewrite)
        if match.fits(pattern, node):
            yield Place(rewrite, node, match.bound, match.nodes)
