"""A differential as people type it: names that may hold digits, each followed by a number in per cent."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import partial
from typing import Final

from sim.case.model.catalogue import Catalogue
from sim.case.search import find_diagnosis, near_diagnoses, short_name
from sim.case.unit import plain_number

Find = Callable[[str], str | None]
"""The id of the one diagnosis that a text means, or None."""

_NUMBER: Final = re.compile(r"-?\d{1,9}(?:\.\d{1,9})?%?", re.ASCII)
_BARE: Final = 2
"""A name of so few letters is no name to be shown."""
_LONGEST_NAME: Final = 12
"""The most words of a name: it bounds what is tried on a line of numbers."""


class Unread(Exception):
    """The line cannot be read as a differential; the message is a sentence for the learner."""


Near = Callable[[str], str]
"""A sentence on a name that means no single diagnosis."""


def read_differential(text: str, catalogue: Catalogue) -> tuple[tuple[str, float], ...]:
    """Return what a line states, over a catalogue, as `stated` does. Raises Unread."""
    return stated(text, partial(find_diagnosis, catalogue), lambda name: _near(name, catalogue))


def typed_again(given: Iterable[tuple[str, float]], catalogue: Catalogue) -> str:
    """Return a differential as a line that reads as it: the shortest names that mean one diagnosis each."""
    return ", ".join(f"{_shortest(id, catalogue)} {plain_number(round(100 * share, 4))}" for id, share in given)


def _shortest(id: str, catalogue: Catalogue) -> str:
    diagnosis = catalogue.diagnoses[id]
    names = sorted((*diagnosis.aliases, short_name(diagnosis), id), key=lambda name: ("_" in name, len(name)))
    return next(name for name in names if len(name) > _BARE and find_diagnosis(catalogue, name) == id)


def _near(name: str, catalogue: Catalogue) -> str:
    found = [short_name(diagnosis) for diagnosis in near_diagnoses(catalogue, name)]
    if not found:
        return "It is not in the catalogue: leave it out, and its share is something else."
    return f"Do you mean {' or '.join(filter(None, (', '.join(found[:-1]), found[-1])))}?"


def stated(text: str, find: Find, near: Near | None = None) -> tuple[tuple[str, float], ...]:
    """Return (diagnosis, share from 0 to 1) for each `NAME PERCENT`, in the order typed.

    A number that stands alone ends a name, unless only a longer name makes sense of the line (`grade 2 fever 30`).
    Raises Unread, also for a number that is no percentage and for a diagnosis given twice.
    """
    pointed = re.sub(r"(?<=\d),(?=\d)", ".", text)  # a decimal comma
    words = re.sub(r"\s+%", "%", re.sub(r"[:=,;\s]+", " ", pointed)).split()
    pairs = _divided(words, find)
    if pairs is None:
        raise Unread(_why(words, find, near))
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


def _why(words: list[str], find: Find, near: Near | None) -> str:
    """Return what is wrong with a line that cannot be read: the first name nobody knows, or a number that lacks."""
    name: list[str] = []
    for word in words:
        if not _NUMBER.fullmatch(word):
            name.append(word)
        elif name and find(" ".join(name)) is None:
            said = "Write a name or an abbreviation that is in use." if near is None else near(" ".join(name))
            return f"No one diagnosis is called {' '.join(name)!r}. {said}"
        else:
            name = []
    return "Give each diagnosis a percentage, for example: NAME 60 NAME 20"
