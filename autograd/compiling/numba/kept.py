"""Where the machine code of the interpreter is kept: once for each user, however many installations there are."""

from __future__ import annotations

import logging
import os
import sys
import tempfile
from functools import cache
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

import numba
from numba.core import event
from numba.misc.appdirs import user_cache_dir

LOG = logging.getLogger("autograd")


@cache
def for_this_process() -> tempfile.TemporaryDirectory[str]:
    """Return a folder that goes with the process."""
    return tempfile.TemporaryDirectory(prefix="valuegrad-")


def folder() -> Path:
    """Return the user's folder for this version of numba, or where that cannot be written one for this process."""
    place = Path(user_cache_dir("valuegrad", appauthor=False)) / f"numba-{numba.__version__}"
    try:
        place.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=place).close()
    except OSError:
        return Path(for_this_process().name)
    return place


def loaded(source: Path) -> ModuleType:
    """Import a module of this package from a copy in the user's folder.

    numba keeps machine code beside its source, and knows it by place, time and processor. Installations differ in the
    first two; the copy does not.
    """
    copy, text, name = folder() / source.name, source.read_bytes(), f"{__package__}.{source.stem}"
    if not copy.exists() or copy.read_bytes() != text:
        fresh = copy.with_suffix(f".{os.getpid()}")
        fresh.write_bytes(text)
        fresh.replace(copy)  # whole or not at all, whoever else writes it
    spec = spec_from_file_location(name, copy)
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules[name] = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Told(event.Listener):  # type: ignore[misc]
    """What says that a function is compiled, when it is and not when its machine code is found."""

    def __init__(self, function: Any) -> None:
        self.function = function

    def on_start(self, happens: Any) -> None:
        """Say it, by the log, which prints it where nobody has set it up otherwise, and is never an error."""
        if happens.data["dispatcher"] is self.function:
            LOG.warning(
                "autograd compiles its kernel for arrays: once for each user and processor, some 10 to 30 seconds"
            )

    def on_end(self, happens: Any) -> None:
        """Nothing more is said."""


def compiled(function: Any, signature: str) -> Any:
    """Return a function of numba's, compiled or found for a signature."""
    with event.install_listener("numba:compile", Told(function)):
        function.compile(signature)
    return function
