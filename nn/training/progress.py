"""How far a run is: one line that rewrites itself, few lines in a log, or what a caller passes, such as tqdm."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Iterator
from typing import Any

SPARSE = (1, 2, 5)  # times a power of ten: the epochs that a log has
PAUSE = 0.1  # seconds between two writings of the line


class Progress:
    """Goes through epochs and tells of each; `progress` is True, False, or a function of the epochs such as tqdm."""

    def __init__(self, progress: Any, epochs: Iterable[int], last: int) -> None:
        self.told = progress is True
        self.last = last
        bar = progress(epochs) if callable(progress) else epochs
        self._epochs = iter(bar)
        self._bar: Any = bar if hasattr(bar, "set_postfix_str") else None
        self._live = self.told and _rewrites(sys.stdout)
        self._shown = 0.0
        self._width = 0

    def __iter__(self) -> Iterator[int]:
        return self._epochs

    def tell(self, epoch: int, text: str, final: bool = False) -> None:
        """Say what a complete epoch was like."""
        if self._bar is not None:
            self._bar.set_postfix_str(text)
        if not self.told:
            return
        line = f"epoch {epoch}/{self.last}  {text}"
        if self._live:
            now = time.monotonic()
            if now - self._shown >= PAUSE or final:
                self._shown = now
                sys.stdout.write(f"\r{line.ljust(self._width)}")
                sys.stdout.flush()
                self._width = len(line)
        elif final or _is_sparse(epoch):
            print(line, flush=True)

    def close(self) -> None:
        """End the line."""
        if self._live and self._width:
            sys.stdout.write("\n")
        close = getattr(self._epochs, "close", None)
        if close is not None:
            close()


def _is_sparse(epoch: int) -> bool:
    digits = str(epoch)
    return int(digits[0]) in SPARSE and not int(digits[1:] or 0)


def _rewrites(stream: Any) -> bool:
    """Whether a line can be written over: in a terminal, and in a notebook."""
    return bool(getattr(stream, "isatty", lambda: False)()) or type(stream).__module__.startswith("ipykernel")
