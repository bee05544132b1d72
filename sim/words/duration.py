"""Durations as people type them, in the words that cases use, and those that a face offers."""

from __future__ import annotations

import re
from typing import Final

CALL_SPANS: Final = ("12 h", "1 d", "1 wk")
"""For how long at most a learner may ask to be called; the first is `sim.case.moves.UNATTENDED`."""
_UNITS: Final = {
    "m": "min",
    "minute": "min",
    "hr": "h",
    "hour": "h",
    "day": "d",
    "w": "wk",
    "week": "wk",
    "month": "mo",
    "yr": "y",
    "year": "y",
}


def span_typed(text: str) -> str:
    """Return a time as people type it (`1h`, `2 hours`, `1d 6h`) in the words cases use (`1 h`); else as it is.

    `m` is minutes, as people mean who type it at a bedside; months are `mo`.
    """
    parts = re.findall(r"(\d+(?:\.\d+)?)\s*([a-z]+)", text.lower(), re.ASCII)
    if not parts or re.sub(r"[\d.a-z\s]", "", text.lower()):
        return text
    words = [(number, unit.removesuffix("s") or unit) for number, unit in parts]
    spoken = " ".join(f"{number} {_UNITS.get(unit, unit)}" for number, unit in words)
    return spoken if len("".join(a + b for a, b in parts)) == len("".join(text.split())) else text
