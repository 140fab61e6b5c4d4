"""Where in the user's program each node was made."""

from __future__ import annotations

import linecache
from pathlib import Path

from ...modes import Switch
from ...value import Value


class Lines(Switch):
    """A context that records the line on which each node is made; made by `source_lines`."""

    def __init__(self) -> None:
        self._lines: dict[Value, tuple[str, int]] = {}
        super().__init__(lines=self._lines)

    def __enter__(self) -> Lines:
        super().__enter__()
        return self

    def __len__(self) -> int:
        return len(self._lines)

    def of(self, node: Value) -> str:
        """Return file, number and text of the line on which a node was made, or "" where it was not recorded."""
        if node not in self._lines:
            return ""
        path, number = self._lines[node]
        text = linecache.getline(path, number).strip()
        name = "cell" if "ipykernel_" in path else Path(path).name  # a notebook's cells have files of their own
        return f"{name}:{number}" + (f": {text}" if text else "")


def source_lines() -> Lines:
    """Return a context in which the line that makes each node is recorded, for `diagnose(root, lines)`.

    It costs: an operation takes ten to twenty times as long, and the graphs made inside live as long as the object does.

    >>> from autograd import Value, source_lines
    >>> with source_lines() as lines:
    ...     y = Value(2.0) * 3.0
    >>> len(lines), lines.of(y).partition(":")[2]
    (1, '2: y = Value(2.0) * 3.0')
    """
    return Lines()
