"""What in the file cannot be read: every value of every table, looked at one by one; each problem is a line."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any, Final

from sim.case.moves import Move, from_plain

Rows = Callable[[str], list[Any]]
"""Returns what a query finds."""


def move_of(text: object) -> Move:
    """Return a move as it is stored. Raises ValueError where it is none."""
    try:
        return from_plain(json.loads(_is_text(text)))
    except (TypeError, KeyError, AttributeError, RecursionError) as error:
        raise ValueError(f"it is no move: {type(error).__name__}") from error


def moment_of(text: object) -> datetime:
    """Return a moment as it is stored, with its zone. Raises ValueError where it is none."""
    found = datetime.fromisoformat(_is_text(text))
    if found.tzinfo is None:
        raise ValueError("it has no time zone")
    return found


def object_of(text: object) -> dict[str, Any]:
    """Return the JSON object that a text holds. Raises ValueError where it holds none."""
    try:
        found = json.loads(_is_text(text))
    except RecursionError as error:
        raise ValueError("it is nested too deep") from error
    if not isinstance(found, dict):
        raise ValueError("it is no JSON object")
    return found


def _is_text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError(f"it is no text but {type(value).__name__}")
    if "\ufffd" in value:
        raise ValueError("it holds bytes that are no text")
    return value


def _is_number(value: object) -> int:
    if not isinstance(value, int):
        raise ValueError(f"it is no whole number but {type(value).__name__}")
    return value


def _or_none(reads: Callable[[object], object]) -> Callable[[object], object]:
    return lambda value: None if value is None else reads(value)


_READS: Final[Mapping[str, tuple[tuple[str, ...], Mapping[str, Callable[[object], object]]]]] = {
    "attempts": (("id",), {
        "id": _is_text, "case_id": _is_text, "source": _is_text, "digest": _is_text, "engine": _is_text,
        "seed": _is_number, "mode": _is_text, "started": moment_of, "finished": _or_none(moment_of),
        "band": _or_none(_is_text), "ending": _or_none(_is_text), "assessment": _or_none(object_of),
        "debrief": _or_none(_is_text), "parent": _or_none(_is_text), "parent_move": _or_none(_is_number),
    }),
    "moves": (("attempt", "number"), {
        "number": _is_number, "move": move_of, "before": _is_number, "after": _or_none(_is_number),
        "checksum": _or_none(_is_text),
    }),
    "reviews": (("attempt",), {"review": object_of}),
    "cards": (("case_id", "question"), {
        "case_id": _is_text, "question": _is_text, "source": _is_text, "due": moment_of, "memory": _or_none(object_of),
    }),
    "recalls": (("case_id", "question"), {"at": moment_of, "grade": _is_text, "answer": _is_text}),
    "aside": (("what",), {"what": _is_text, "at": moment_of}),
}  # fmt: skip
"""Table to what names a row of it, and to how each of its columns is read."""


def damage(rows: Rows) -> Iterator[str]:
    """Yield each value that cannot be read: its table, what names its row, its column and why."""
    for table, (names, columns) in _READS.items():
        for row in rows(f"SELECT {', '.join((*names, *columns))} FROM {table}"):  # noqa: S608 (names of our own)
            called = " ".join(str(name) for name in row[: len(names)])
            for (column, reads), value in zip(columns.items(), row[len(names) :], strict=True):
                try:
                    reads(value)
                except ValueError as error:
                    yield f"{table} {called}: {column}: {error}"
    for id, finished, told, said in rows("SELECT id, finished, assessment, debrief FROM attempts"):
        if finished is not None and (told is None or said is None):
            yield f"attempts {id}: it is finished, and how is not there"
