"""Files of models, optimizers and runs: JSON with exact numbers and a checksum, written as a whole or not at all."""

from __future__ import annotations

import json
import os
import tempfile
from hashlib import sha256
from pathlib import Path
from reprlib import repr as short
from typing import Any

HEAD, MIDDLE = b'{"checksum":"', b'","file":'
DIGITS = 64  # of the checksum, SHA-256 of the bytes behind it
VERSION = 1


def write(path: Any, kind: str, content: Any) -> None:
    """Write what is made of dicts, lists, strings and numbers; a reader sees the old file or the new one, whatever happens.

    Raises TypeError for what is none of these.
    """
    body = json.dumps(
        {"format": "valuegrad", "version": VERSION, "kind": kind, "content": content}, separators=(",", ":")
    )
    rest = body.encode() + b"}\n"
    target = Path(path)
    handle, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(HEAD + sha256(rest).hexdigest().encode() + MIDDLE + rest)
            file.flush()
            os.fsync(file.fileno())
        os.replace(name, target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


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
