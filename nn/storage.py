"""Files of models, optimizers and runs: JSON with exact numbers and a checksum, written as a whole or not at all."""

from __future__ import annotations

import json
import os
from hashlib import sha256
from pathlib import Path
from reprlib import repr as short
from secrets import token_hex
from typing import Any

HEAD, MIDDLE = b'{"checksum":"', b'","file":'
DIGITS = 64  # of the checksum, SHA-256 of the bytes behind it
VERSION = 1


def write(path: Any, kind: str, content: Any) -> None:
    """Write what is made of dicts, lists, strings and numbers; a reader sees the old file or the new one, whatever happens.

    Raises TypeError for what is none of these.
    """
    file_of = {"format": "valuegrad", "version": VERSION, "kind": kind, "content": content}
    rest = json.dumps(file_of, separators=(",", ":"), default=_plain).encode() + b"}\n"
    target = Path(path).resolve()  # what a link points at
    name = target.with_name(f".{target.name}.{token_hex(4)}")
    handle = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(HEAD + sha256(rest).hexdigest().encode() + MIDDLE + rest)
            file.flush()
            os.fsync(file.fileno())
        os.replace(name, target)
    except BaseException:
        name.unlink(missing_ok=True)
        raise


def _plain(x: Any) -> Any:
    """Numbers and arrays of NumPy as Python's."""
    if not hasattr(x, "tolist"):
        raise TypeError(f"a file holds numbers, strings, lists and dicts, got {type(x).__name__}")
    return x.tolist()


def read(path: Any, kind: str) -> Any:
    """Return what a file of this kind has.

    Raises ValueError for a file that is cut off or changed, of another kind or version, or not one of these at all.
    """
    data = Path(path).read_bytes()
    start = len(HEAD) + DIGITS + len(MIDDLE)
    digest = data[len(HEAD) : len(HEAD) + DIGITS]
    if data[: len(HEAD)] != HEAD or data[start - len(MIDDLE) : start] != MIDDLE:
        raise ValueError(f"{short(str(path))} is no file that save() wrote, or its beginning was changed")
    if sha256(data[start:]).hexdigest().encode() != digest:
        raise ValueError(f"{short(str(path))} is cut off or was changed: its checksum does not fit")
    found = json.loads(data)["file"]
    if found["version"] != VERSION:
        raise ValueError(f"{short(str(path))} has version {short(found['version'])}, this program reads {VERSION}")
    if found["kind"] != kind:
        raise ValueError(f"{short(str(path))} is a file of a {found['kind']}, expected one of a {kind}")
    return found["content"]
