"""The tests whose answers hang on digits, run as on other processors and with the oldest versions: `make test-elsewhere`.

A test may pass here and fail elsewhere by a last bit, as glibc, numba and OpenBLAS choose their code by the processor. Each
setting below makes one of them choose otherwise, by a variable of its own; those for which this processor lacks an instruction
are left out, and the last lines say so.

    python tests/elsewhere.py            # all settings
    python tests/elsewhere.py glibc      # those whose name has this word in it
"""

import os
import platform
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

AUTOGRAD, NN, OLDEST = "tests/autograd/", "tests/nn/", ".venv-oldest/bin/python"
FLOATS = [AUTOGRAD + f"test_{x}.py" for x in ("accuracy", "edges", "primitives", "transforms")] + [AUTOGRAD + "testing"]
ARRAYS = [AUTOGRAD + "compiling"]
BLAS = [NN + f"test_{x}.py" for x in ("data", "glm", "glm_habits", "numbers", "r_references", "solvers")]
FITS = BLAS + [NN + f"test_{x}.py" for x in ("families", "layers", "links", "losses", "optim", "tables", "train")]
ALL = FLOATS + ARRAYS + FITS
PEERS = [NN + "test_sklearn.py"]  # whose answers hang on the version of scikit-learn
NO_512 = "-AVX512F,-AVX512VL,-AVX512DQ,-AVX512BW,-AVX512CD"


class Setting(NamedTuple):
    """A variable with its value, the instructions that the processor must have for it, and the tests that it may change."""

    name: str
    variable: str
    value: str
    needs: tuple[str, ...]
    rooms: list[str]
    python: str = sys.executable


# fmt: off
SETTINGS = [
    Setting("glibc with AVX2",         "GLIBC_TUNABLES",    f"glibc.cpu.hwcaps={NO_512}",             ("avx512f",),     ALL),
    Setting("glibc with SSE2",         "GLIBC_TUNABLES",    f"glibc.cpu.hwcaps={NO_512},-AVX2,-FMA",  ("avx2",),        ALL),
    Setting("numba for any processor", "NUMBA_CPU_NAME",    "generic",                                (),               ARRAYS + FITS),
    Setting("numba for Haswell",       "NUMBA_CPU_NAME",    "haswell",                                ("avx2", "fma"),  ARRAYS + FITS),
    Setting("OpenBLAS for Prescott",   "OPENBLAS_CORETYPE", "Prescott",                               ("sse3",),        BLAS),
    Setting("OpenBLAS for Nehalem",    "OPENBLAS_CORETYPE", "Nehalem",                                ("sse4.2",),      BLAS),
    Setting("OpenBLAS for Haswell",    "OPENBLAS_CORETYPE", "Haswell",                                ("avx2", "fma"),  BLAS),
    Setting("OpenBLAS for Zen",        "OPENBLAS_CORETYPE", "Zen",                                    ("avx2", "fma"),  BLAS),
    Setting("OpenBLAS for SkylakeX",   "OPENBLAS_CORETYPE", "SkylakeX",                               ("avx512f",),     BLAS),
    Setting("the oldest versions",     "",                  "",                                       (),               ALL + PEERS, OLDEST),
]
# fmt: on


def instructions() -> set[str]:
    """What the processor can do, in LLVM's words."""
    from llvmlite import binding

    return {name for name, there in binding.get_host_cpu_features().items() if there}


def missing(setting: Setting, there: set[str]) -> str:
    """What a setting needs and is not here."""
    lacking = [name for name in setting.needs if name not in there]
    if setting.variable == "GLIBC_TUNABLES" and platform.libc_ver()[0] != "glibc":
        lacking.append("glibc")
    if not Path(setting.python).exists():
        lacking.append(setting.python)
    return ", ".join(lacking)


def run(setting: Setting) -> str:
    """Run the tests of a setting in a process of its own, and return how it went."""
    started = time.monotonic()
    variables = {**os.environ, "ELSEWHERE": "1", **({setting.variable: setting.value} if setting.variable else {})}
    failed = subprocess.run([setting.python, "-m", "pytest", *setting.rooms], env=variables, check=False).returncode
    return f"{'FAILED' if failed else 'passed'} in {time.monotonic() - started:.0f} s"


def main(word: str = "") -> int:
    """Run the settings whose name has a word in it; return 1 if one fails."""
    os.chdir(Path(__file__).parents[1])
    there, found = instructions(), {}
    for setting in SETTINGS:
        if word in setting.name:
            print(f"\n{setting.name} {setting.variable}={setting.value}", flush=True)
            lacks = missing(setting, there)
            found[setting.name] = f"left out: there is no {lacks} here" if lacks else run(setting)
    print(f"\n{platform.machine()}, {' '.join(platform.libc_ver())}")
    print("\n".join(f"{name:28} {said}" for name, said in found.items()))
    return int(any(said.startswith("FAILED") for said in found.values()))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
