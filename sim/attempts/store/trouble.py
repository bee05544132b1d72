"""Why the store cannot do what was asked, in the words of whoever keeps the computer: full, read-only, locked, gone."""

from __future__ import annotations

import os
import shutil
import sqlite3
from pathlib import Path
from typing import Final

from sim.words.errors import UserError

_PRIMARY: Final = 0xFF
"""The bits of an extended code of SQLite that say what kind of error it is."""
_LITTLE: Final = 256 * 1024
"""With fewer bytes free than this a disk counts as full: SQLite wants that much beside the file."""
_ELSEWHERE: Final = "SCURFY_HOME names another folder"


class StoreError(UserError):
    """The store cannot do what was asked: the message says why, the hint what helps.

    `unwritable` where the file may be sound, and only cannot be written to.
    """

    def __init__(self, message: str, hint: str = "", *, unwritable: bool = False) -> None:
        super().__init__(message, hint)
        self.unwritable = unwritable


def explained(error: Exception, path: Path) -> StoreError:
    """Return what an error of SQLite means for the file at a path."""
    kind = getattr(error, "sqlite_errorcode", 0) & _PRIMARY
    if isinstance(error, UnicodeDecodeError) or kind in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        why = "it holds bytes that are no text" if isinstance(error, UnicodeDecodeError) else str(error)
        return StoreError(
            f"{path} is damaged: {why}", "move the file away to start afresh; 'scurfy paths' shows where it is"
        )
    if kind in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        hint = f"close that program; where the file is on a network drive, {_ELSEWHERE}"
        return StoreError(f"{path} is locked: another program holds it", hint)
    if kind == sqlite3.SQLITE_FULL or (kind in _OF_THE_DISK and _is_full(path.parent)):
        return StoreError(f"the disk that {path} is on is full", "free some space on it", unwritable=True)
    if kind in _OF_THE_DISK and _is_read_only(path):
        return StoreError(f"{path} is read-only for you", f"make its folder writable, or {_ELSEWHERE}", unwritable=True)
    hint = f"is the folder yours to write to and on this computer? {_ELSEWHERE}"
    return StoreError(f"cannot use {path}: {error}", hint, unwritable=kind in _OF_THE_DISK)


_OF_THE_DISK: Final = frozenset(
    {sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM}
)


def gone(path: Path) -> StoreError:
    """Return what is said where the file, or its folder, was taken away while it was open."""
    hint = "put it back, or leave and begin anew; what is played now could not be kept"
    return StoreError(f"{path} was deleted or moved while Scurfy ran", hint)


def _is_full(folder: Path) -> bool:
    try:
        return shutil.disk_usage(folder).free < _LITTLE
    except OSError:
        return False


def _is_read_only(path: Path) -> bool:
    places = [place for place in (path, path.parent) if place.exists()]
    return any(not os.access(place, os.W_OK) or _refuses(place) for place in places)


def _refuses(place: Path) -> bool:
    """Whether the file system is mounted read-only, which a system's owner is not told by the permissions."""
    if not hasattr(os, "statvfs"):
        return False
    return bool(os.statvfs(place).f_flag & os.ST_RDONLY)
