"""Machine code is compiled once for each user and processor, whatever the number of installations."""

import logging
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

pytest.importorskip("numba")

from autograd.compiling.numba import kept, kernel

SMALL = "from numba import njit\n\n\ndef run(x):\n    return x + 1.0\n\n\nrun = njit(cache=True)(run)\n"


def installed(folder: Path, text: str = SMALL) -> Path:
    """A module of numba's as an installation in a folder has it."""
    folder.mkdir()
    path = folder / "rows_small.py"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture
def users_folder(tmp_path, monkeypatch):
    monkeypatch.setattr(kept, "user_cache_dir", lambda *_, **__: str(tmp_path / "user"))
    monkeypatch.delenv("NUMBA_CACHE_DIR", raising=False)
    return tmp_path / "user"


def ways(run):
    """How often a function was compiled, and how often its machine code was found."""
    return sum(run.stats.cache_misses.values()), sum(run.stats.cache_hits.values())


def test_a_second_installation_finds_the_machine_code_of_the_first_and_says_nothing(tmp_path, users_folder, caplog):
    first = kept.compiled(kept.loaded(installed(tmp_path / "one")).run, "(f8,)")
    assert ways(first) == (1, 0)
    assert [record.levelno for record in caplog.records] == [logging.WARNING]
    assert "autograd compiles its kernel for arrays: once for each user and processor" in caplog.text
    caplog.clear()
    path = installed(tmp_path / "two")
    os.utime(path, (10**9, 10**9))
    second = kept.compiled(kept.loaded(path).run, "(f8,)")
    assert ways(second) == (0, 1)
    assert not caplog.records
    assert second is not first
    assert second(2.0) == 3.0
    assert not (tmp_path / "one" / "__pycache__").exists()


def test_another_text_is_compiled_anew(tmp_path, users_folder):
    kept.compiled(kept.loaded(installed(tmp_path / "one")).run, "(f8,)")
    other = kept.compiled(kept.loaded(installed(tmp_path / "two", SMALL.replace("1.0", "5.0"))).run, "(f8,)")
    assert ways(other) == (1, 0)
    assert other(2.0) == 7.0


def test_another_processor_is_compiled_for_anew_and_warnings_as_errors_do_not_stop_it(tmp_path):
    source = installed(tmp_path / "one")
    program = (
        "import sys, pathlib\n"
        "from autograd.compiling.numba import kept\n"
        f"kept.user_cache_dir = lambda *_, **__: {str(tmp_path / 'user')!r}\n"
        f"run = kept.compiled(kept.loaded(pathlib.Path({str(source)!r})).run, '(f8,)')\n"
        "print(run(2.0))\n"
    )
    plain = {k: v for k, v in os.environ.items() if k not in ("NUMBA_CACHE_DIR", "NUMBA_CPU_NAME", "PYTHONWARNINGS")}
    for more, lines in (({}, 1), ({}, 0), ({"NUMBA_CPU_NAME": "generic"}, 1), ({"NUMBA_CPU_NAME": "generic"}, 0)):
        done = subprocess.run(
            [sys.executable, "-W", "error", "-c", program],
            env={**plain, **more},
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stdout.strip() == "3.0"
        assert len(done.stderr.splitlines()) == lines, done.stderr


def test_where_the_users_folder_cannot_be_written_the_machine_code_goes_with_the_process(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setattr(kept, "user_cache_dir", lambda *_, **__: str(tmp_path / "file"))
    run = kept.loaded(installed(tmp_path / "one")).run
    assert kept.compiled(run, "(f8,)")(2.0) == 3.0
    assert str(run.stats.cache_path).startswith(kept.for_this_process().name)


def test_the_interpreter_is_compiled_for_the_one_signature_that_it_is_called_with():
    import numpy as np

    from autograd import compile, sin

    assert compile(sin)(np.ones(100)) == pytest.approx(np.sin(1.0))
    assert len(kernel.interpreter().signatures) == 1
    assert str(kernel.interpreter().stats.cache_path) != str(Path(kernel.__file__).parent / "__pycache__")


def test_only_the_kernel_s_own_compilation_is_told(caplog):
    told = kept.Told("the kernel")
    told.on_start(SimpleNamespace(data={"dispatcher": "a part of it"}))
    assert not caplog.records
    told.on_start(SimpleNamespace(data={"dispatcher": "the kernel"}))
    assert ["once for each user" in record.getMessage() for record in caplog.records] == [True]
