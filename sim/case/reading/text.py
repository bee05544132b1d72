"""Bytes become text that is safe to show: UTF-8, plain line ends, no control or invisible characters."""

from __future__ import annotations

import stat
import unicodedata
from pathlib import Path
from typing import Final

from sim.case.problems import UNSAFE, Place, Problems, Spot
from sim.case.reading.tree import Document

MAX_BYTES: Final = 2_000_000
"""No file that is read may be longer."""

_SHOWN_CHARACTERS: Final = 20
"""Of a file full of unsafe characters, so many are reported."""


def bytes_of(path: Path) -> bytes:
    """Return a file's bytes, and one more than is allowed at most. Raises OSError, ValueError for what is no file.

    A pipe or a device is never opened: it could be waited for for ever.
    """
    if not stat.S_ISREG(path.stat().st_mode):
        raise ValueError("it is no file but a folder, a pipe or a device")
    with path.open("rb") as file:
        return file.read(MAX_BYTES + 1)


def decode(raw: bytes, name: str, problems: Problems) -> str | None:
    """Return the text, without its byte-order mark and with plain line ends; None, reported, if it is not UTF-8."""
    if raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
        problems.error(Spot(name), "not-utf8", "expected UTF-8 text, found UTF-16", "save the file as UTF-8")
        return None
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = raw[: error.start].decode("utf-8-sig", "replace")
        line = before.count("\n") + 1
        spot = Spot(name, line, len(before) - before.rfind("\n"))
        problems.error(spot, "not-utf8", "expected UTF-8 text, found a byte that is none", "save the file as UTF-8")
        return None
    return text.replace("\r\n", "\n").replace("\r", "\n")


def has_unsafe(text: str, document: Document, problems: Problems) -> bool:
    """Report unsafe characters anywhere in the text, comments included; return whether there were any."""
    found = False
    for count, match in enumerate(UNSAFE.finditer(text)):
        if count == _SHOWN_CHARACTERS:
            break
        found = True
        before = text.rfind("\n", 0, match.start())
        line = text.count("\n", 0, match.start()) + 1
        spot = Spot(document.file, line, match.start() - before, document.lines[line - 1])
        report_unsafe(match[0], spot, problems)
    return found


def report_unsafe(char: str, place: Place, problems: Problems) -> None:
    """Report one unsafe character."""
    if char == "\t":
        problems.error(place, "unsafe-character", "found a tab", "use spaces")
    else:
        name = unicodedata.name(char, "").lower()
        called = f"U+{ord(char):04X} ({name})" if name else f"U+{ord(char):04X}"
        problems.error(place, "unsafe-character", f"found the invisible or control character {called}", "remove it")
