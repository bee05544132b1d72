"""The twin as lines of text: two columns, the learner's patient on the left and the pathway's on the right."""

from __future__ import annotations

from itertools import zip_longest

from scoring.debrief.twin import Row, Twin
from scoring.parameters import POINT
from sim.case.quantities import duration
from sim.words.fold import fold

NARROWEST = 60
"""Fewer columns than this are treated as this many."""

_TIME = 15
_GAP = "  "


def to_text(twin: Twin, width: int = 80) -> str:
    """Return the twin as text of at most `width` columns."""
    column = (max(width, NARROWEST) - _TIME - 2 * len(_GAP)) // 2
    lines = [*fold(heading(twin), max(width, NARROWEST)), ""]
    lines += _lines("", ("As you treated the patient",), ("As the pathway would have",), column)
    lines += _lines("", ("-" * column,), ("-" * column,), column)
    for row in twin.rows:
        if row.at == twin.parted:
            lines.append(_ruled(" here the two lives part ", column))
        lines += _row(row, column)
    lines += _lines(
        "end", (twin.own_end, utility_text(twin.own_utility)), (twin.twin_end, utility_text(twin.twin_utility)), column
    )
    return "\n".join(["", *lines, ""])


def heading(twin: Twin) -> str:
    """Return what the twin is, in a sentence or two."""
    told = (
        f"The twin from decision {twin.number + 1}, {duration(twin.at)}: the same patient with the same fate, treated "
    )
    told += "by the pathway from there. It shows this one life, luck and all; what a decision cost is the debrief's."
    return told if twin.parted is not None else f"{told} Their disease never differs."


def utility_text(utility: float) -> str:
    """Return the utility of an end in points of 100."""
    return f"{utility / POINT:.0f} of 100 points."


def _row(row: Row, column: int) -> list[str]:
    if row.own == row.twin:
        return _lines(duration(row.at), row.own, ("the same",), column)
    return _lines(duration(row.at), row.own, row.twin, column)


def _lines(time: str, own: tuple[str, ...], twin: tuple[str, ...], column: int) -> list[str]:
    sides = [[line for text in side for line in fold(text, column, rest=" ")] for side in (own, twin)]
    times = fold(time, _TIME)
    cells = zip_longest(times, *sides, fillvalue="")
    return [f"{at:<{_TIME}}{_GAP}{left:<{column}}{_GAP}{right}".rstrip() for at, left, right in cells]


def _ruled(text: str, column: int) -> str:
    return f"{text:-^{_TIME + 2 * (column + len(_GAP))}}"
