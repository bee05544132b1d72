"""The words of a judgement: what became of a step, the size of a decision, the worth of an order, a pitfall's severity.

They are lower case; a face that shouts raises them itself. `tests/test_words.py` fails for one without a word.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

VERDICTS: Final[Mapping[str, str]] = {
    "in_time": "in time",
    "late": "late",
    "out_of_order": "out of order",
    "missed": "missed",
    "not_needed": "not needed",
}
"""What became of a step of the pathway."""

PROBLEMS: Final = ("late", "out_of_order", "missed")
"""Verdicts on what was not done as it should."""

SIZES: Final[Mapping[str, str]] = {
    "better": "better",
    "as_good": "as good",
    "inaccuracy": "inaccuracy",
    "mistake": "mistake",
    "blunder": "blunder",
}
"""What a decision was worth against the pathway."""

WORTHS: Final[Mapping[str, str]] = {
    "step": "did a step",
    "useful": "useful",
    "neutral": "neutral",
    "wasteful": "wasteful",
    "harmful": "harmful",
}
"""What an order was worth; `step`: the pathway asked for it."""

SEVERITIES: Final[Mapping[str, str]] = {"critical": "critical", "major": "major", "minor": "minor"}
"""How grave a pitfall is."""

_IN_FULL: Final[Mapping[str, str]] = {"better": "better than the pathway", "as_good": "as good as the pathway"}
WAITED: Final = "waited"
"""Time that went by and cost nothing: neither as good as an act nor a fault."""
_MANY: Final[Mapping[str, str]] = {
    "as_good": "as good as the pathway",
    WAITED: WAITED,
    "better": "better",
    "inaccuracy": "inaccuracies",
    "mistake": "mistakes",
    "blunder": "blunders",
}
"""In the order in which they are counted."""


def size_in_full(size: str, waited: bool = False) -> str:
    """Return a decision's size with what it is compared to, if anything: `better than the pathway`, `blunder`.

    To have `waited` where nothing was lost by it is no merit: it is called so.
    """
    return size_said(size, waited) if waited else _IN_FULL.get(size, SIZES[size])


def size_said(size: str, waited: bool) -> str:
    """Return a decision's size in a word; time that went by and cost nothing is `waited`, not as good as an act."""
    return WAITED if waited and size == "as_good" else SIZES[size]


def sizes_counted(counts: Mapping[str, int]) -> str:
    """Return how many decisions had each size: `3 as good as the pathway, 1 inaccuracy, 2 blunders`."""
    one = {**SIZES, "as_good": _MANY["as_good"], WAITED: WAITED}
    return ", ".join(
        f"{n} {many if n > 1 else one[size]}" for size, many in _MANY.items() if (n := counts.get(size, 0))
    )
