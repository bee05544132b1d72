"""A review as plain data and back: what is stored, so that nothing is worked out twice.

What was decided follows from the moves; only what had to be played is written down.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, get_args

from scoring.review.alternatives import Change, How
from scoring.review.decisions import Decision
from scoring.review.review import SIZES, Judged, Review

FORM: Final = 1
"""The version of this form. A stored review of another form is worked out anew."""

_TOTALS: Final = ("start", "start_se", "utility", "loss", "loss_se", "luck", "luck_se")
_PARTS: Final = ("v", "q", "loss", "luck", "se", "v_se", "luck_se")


def to_record(review: Review) -> dict[str, object]:
    """Return a review as JSON-ready data."""
    totals = {name: getattr(review, name) for name in _TOTALS}
    return {"form": FORM, **totals, "fates": review.fates, "decisions": [_row(judged) for judged in review.decisions]}


def _row(judged: Judged) -> dict[str, object]:
    change = judged.change
    return {
        "at": judged.decision.at,
        **{name: getattr(judged, name) for name in _PARTS},
        "fates": judged.fates,
        "size": judged.size,
        "left_out": list(judged.left_out),
        "change": None if change is None else [change.how, change.what, change.loss, change.se],
    }


def from_record(record: Mapping[str, Any], decisions: Sequence[Decision]) -> Review:
    """Return the review of an attempt's decisions from its record.

    Raises ValueError where it is not the record of these decisions, or damaged.
    """
    try:
        rows = record["decisions"]
        if record["form"] != FORM or [row["at"] for row in rows] != [decision.at for decision in decisions]:
            raise ValueError("it belongs to other decisions")
        judged = tuple(_judged(decision, row) for decision, row in zip(decisions, rows, strict=True))
        totals = {name: float(record[name]) for name in _TOTALS}
        return Review(decisions=judged, fates=int(record["fates"]), **totals)
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise ValueError(f"the stored review cannot be read: {error}") from error


def _judged(decision: Decision, row: Mapping[str, Any]) -> Judged:
    if row["size"] not in SIZES:
        raise ValueError(f"unknown size {row['size']!r}")
    parts = {name: float(row[name]) for name in _PARTS}
    left_out = tuple(str(step) for step in row["left_out"])
    return Judged(decision=decision, fates=int(row["fates"]), size=str(row["size"]), left_out=left_out,
                  change=_change(row["change"]), **parts)  # fmt: skip


def _change(stored: Any) -> Change | None:
    if stored is None:
        return None
    how, what, loss, se = stored
    if how not in get_args(How):
        raise ValueError(f"unknown change {how!r}")
    return Change(how, str(what), float(loss), float(se))
