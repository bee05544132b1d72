"""A differential as people type it: names that may hold digits, each followed by a number in per cent."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

Find = Callable[[str], str | None]
"""The id of the one diagnosis that a text means, or None."""

_NUMBER: Final = re.compile(r"-?\d{1,9}(?:\.\d{1,9})?%?", re.ASCII)
_LONGEST_NAME: Final = 12
"""The most words of a name: it bounds what is tried on a line of numbers."""


class Unread(Exception):
    """The line cannot be read as a differential; the message is a sentence for the learner."""


def stated(text: str, find: Find) -> tuple[tuple[str, float], ...]:
    """Return (diagnosis, share from 0 to 1) for each `NAME PERCENT`, in the order typed.

    A number that stands alone ends a name, unless only a longer name makes sense of the line (`grade 2 fever 30`).
    Raises Unread, also for a number that is no percentage and for a diagnosis given twice.
    """
    pointed = re.sub(r"(?<=\d),(?=\d)", ".", text)  # a decimal comma
    words = re.sub(r"\s+%", "%", re.sub(r"[:=,;\s]+", " ", pointed)).split()
    pairs = _divided(words, find)
    if pairs is None:
        raise Unread(_why(words, find))
    if any(not 0 <= percent <= 100 for _, percent in pairs):
        raise Unread("Give each diagnosis a percentage between 0 and 100.")
    names = [name for name, _ in pairs]
    if len(set(names)) < len(names):
        raise Unread("Name each diagnosis once.")
    return tuple((name, round(percent / 100, 6)) for name, percent in pairs)


def _divided(words: list[str], find: Find) -> list[tuple[str, float]] | None:
    """Return (diagnosis, per cent) with every word used, the shortest names first; None where that cannot be done."""
    rest: dict[int, list[tuple[str, float]] | None] = {len(words): []}
    for start in reversed(range(len(words))):
        rest[start] = None
        for at in range(start + 1, min(len(words), start + _LONGEST_NAME + 1)):
            after = rest[at + 1] if _NUMBER.fullmatch(words[at]) else None
            known = find(" ".join(words[start:at])) if after is not None else None
            if after is not None and known is not None:
                rest[start] = [(known, float(words[at].rstrip("%"))), *after]
                break
    return rest[0] or None


def _why(words: list[str], find: Find) -> str:
    """Return what is wrong with a line that cannot be read: the first name nobody knows, or a number that lacks."""
    name: list[str] = []
    for word in words:
        if not _NUMBER.fullmatch(word):
            name.append(word)
        elif name and find(" ".join(name)) is None:
            return f"No diagnosis is called {' '.join(name)!r}: write a name or an abbreviation that is in use."
        else:
            name = []
    return "Give each diagnosis a percentage, for example: NAME 60 NAME 20"
