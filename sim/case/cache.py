"""A folder of files that save work: data only, sealed with a checksum, and worth nothing when they are gone.

What is damaged, cut short or written by another hand reads as absent, and a disk that is full or read-only costs
speed alone: nothing here raises because of a file.
"""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Final

import sim

MAX_FOLDER: Final = 64_000_000
"""Bytes the folder may hold. The entries written longest ago go first."""

MAX_ENTRY: Final = 16_000_000
"""Bytes of the largest entry."""

_SEAL: Final = 64
"""Letters of the checksum that an entry begins with."""


class Cache:
    """Bytes by name in one folder, which is made when the first entry is written and holds at most `limit` bytes."""

    def __init__(self, folder: Path, limit: int = MAX_FOLDER) -> None:
        self._folder, self._limit = folder, limit

    def read(self, name: str) -> bytes | None:
        """Return what was written under a name, or None if that is not there whole."""
        try:
            if not _is_private(self._folder):
                return None
            with (self._folder / name).open("rb") as file:
                raw = file.read(MAX_ENTRY + _SEAL + 1)
        except OSError:
            return None
        seal, body = raw[:_SEAL], raw[_SEAL:]
        return body if seal == _seal(body) else None

    def write(self, name: str, body: bytes) -> None:
        """Keep bytes under a name, in one step for whoever reads at the same time; or not at all."""
        if len(body) > MAX_ENTRY:
            return
        with suppress(OSError):
            self._folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._folder.mkdir(mode=0o700, exist_ok=True)
            if _is_private(self._folder):
                _replace(self._folder / name, _seal(body) + body)
                _bound(self._folder, self._limit)


def _seal(body: bytes) -> bytes:
    return sha256(body).hexdigest().encode("ascii")


def _is_private(folder: Path) -> bool:
    """Whether nobody else can write here, as far as the system knows. Raises OSError."""
    if not hasattr(os, "getuid"):
        return True
    found = folder.stat()
    return found.st_uid == os.getuid() and not found.st_mode & 0o022


def _replace(path: Path, raw: bytes) -> None:
    handle, name = tempfile.mkstemp(dir=path.parent, suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(raw)
        Path(name).replace(path)
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise


def _bound(folder: Path, limit: int) -> None:
    """Remove the entries written longest ago until the folder is small enough. Raises OSError."""
    entries = sorted((found.st_mtime_ns, found.st_size, path) for path in folder.iterdir() if (found := path.stat()))
    total = sum(size for _, size, _ in entries)
    for _, size, path in entries:
        if total <= limit:
            return
        path.unlink(missing_ok=True)
        total -= size


@cache
def maker() -> str | None:
    """Return a digest of the code that reads and checks a case; None where the code cannot be read.

    What another version read is read anew: it may have read otherwise, or have let pass what is refused today.
    """
    files = sorted(Path(__file__).parent.rglob("*.py"))
    try:
        code = sha256(sim.__version__.encode("ascii"))
        for path in files:
            code.update(sha256(path.read_bytes()).digest())
    except OSError:
        return None
    return code.hexdigest() if files else None


def stamp(path: Path) -> str | None:
    """Return what changes with every write to a file, without reading it; None if it is not there."""
    try:
        found = path.stat()
    except (OSError, ValueError):
        return None
    return f"{found.st_size} {found.st_mtime_ns} {found.st_ctime_ns} {found.st_ino}"
