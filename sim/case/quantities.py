"""Quantities as clinicians write them: durations, ranges, shares, risks.

Text in, plain numbers out. Every duration becomes whole minutes, the only unit of time inside Scurfy.
A month is 30.4375 days and a year 365.25 days (the Julian year), rounded to the minute.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final

DAY: Final = 1440
"""Minutes."""

_MINUTES: Final = {"min": 1.0, "h": 60.0, "d": 1440.0, "wk": 10080.0, "mo": 43830.0, "y": 525960.0}
_ONE = re.compile(r"(\d{1,7}(?:\.\d{1,4})?) ?(min|h|d|wk|mo|y)", re.ASCII)
_SHARE = re.compile(r"(\d{1,3}(?:\.\d{1,6})?) ?%", re.ASCII)
_RISK = re.compile(r"(.+?) by (.+)")
EXPECTED_DURATION: Final = "expected a duration such as '30 min', '6 h', '4 d', '3 wk', '6 mo' or '2 y'"
"""How every message about a duration begins."""

MAX_MINUTES: Final = 100 * 525960
"""No duration in a case may exceed a century."""


def _text(value: object, expected: str) -> str:
    if isinstance(value, bool):
        raise ValueError(f"{expected}, found {str(value).lower()}")
    if isinstance(value, (int, float)):
        raise ValueError(f"{expected}, found the bare number {value}")
    if not isinstance(value, str):
        raise ValueError(f"{expected}, found a {'mapping' if isinstance(value, dict) else 'list'}")
    return value


def minutes_of(text: object) -> int:
    """Return the whole minutes in a duration such as `90 min`, `6 h`, `4 d`, `3 wk`, `6 mo` or `2 y`.

    Several parts may follow one another: `1 d 6 h`. Raises ValueError for anything else.
    """
    text = _text(text, EXPECTED_DURATION)
    if re.fullmatch(rf"{_ONE.pattern}(?: {_ONE.pattern})*", text, re.ASCII) is None:
        raise ValueError(f"{EXPECTED_DURATION}, found {text!r}")
    total = round(sum(float(number) * _MINUTES[unit] for number, unit in _ONE.findall(text)))
    if total > MAX_MINUTES:
        raise ValueError(f"expected a duration of at most 100 y, found {text!r}")
    return total


def range_of(text: object) -> tuple[int, int]:
    """Return (shortest, longest) in minutes from `18 d..28 d`; one duration gives the same twice.

    Raises ValueError when a part is no duration or the range runs backwards.
    """
    text = _text(text, EXPECTED_DURATION)
    low, dots, high = text.partition("..")
    bounds = minutes_of(low.strip()), minutes_of((high if dots else low).strip())
    if bounds[0] > bounds[1]:
        raise ValueError(f"expected the shorter duration first, found {text!r}")
    return bounds


def share_of(text: object) -> float:
    """Return a share from 0 to 1 from `15%`. Raises ValueError for anything else or more than 100%."""
    text = _text(text, "expected a share such as '15%'")
    match = _SHARE.fullmatch(text)
    if match is None or float(match[1]) > 100:
        raise ValueError(f"expected a share such as '15%', found {text!r}")
    return float(match[1]) / 100


def share_by_of(text: object) -> tuple[float, float, int | None]:
    """Return (least, most, minute) from `80%..95% at 28 d`; one share gives the same twice, no time gives None.

    Raises ValueError for anything else.
    """
    expected = "expected shares such as '80%..95%' or '80%..95% at 28 d'"
    shares, at, time = _text(text, expected).partition(" at ")
    low, dots, high = shares.partition("..")
    bounds = share_of(low.strip()), share_of((high if dots else low).strip())
    if bounds[0] > bounds[1]:
        raise ValueError(f"expected the smaller share first, found {text!r}")
    return *bounds, minutes_of(time) if at else None


def risk_of(text: object) -> tuple[float, int]:
    """Return (share, minutes) from `15% by 100 d`. Raises ValueError for anything else, 0% or 100%."""
    text = _text(text, "expected a risk such as '15% by 100 d'")
    match = _RISK.fullmatch(text)
    if match is None:
        raise ValueError(f"expected a risk such as '15% by 100 d', found {text!r}")
    share, by = share_of(match[1]), minutes_of(match[2])
    if not (0 < share < 1 and by > 0):
        raise ValueError(f"expected a risk between 0% and 100% by a time after 0 min, found {text!r}")
    return share, by


def duration(minutes: int) -> str:
    """Return a duration in its two largest units, the way a ward says it: `3 d 4 h`, `45 min`, `5 mo 2 d`."""
    if minutes < 1:
        return "0 min"
    parts: list[str] = []
    left = float(minutes)
    for unit in ("y", "mo", "d", "h", "min"):
        count = int(left // _MINUTES[unit])
        left -= count * _MINUTES[unit]
        if count:
            parts.append(f"{count} {unit}")
        if len(parts) == 2:
            break
    return " ".join(parts)


_PER_TIME = re.compile(r"([+-]?\d{1,9}(?:\.\d{1,9})?(?:e-?\d{1,2})?) ?/ ?(min|h|d|wk)", re.ASCII)
_NUMBER = re.compile(r"[+-]?\d{1,12}(?:\.\d{1,9})?(?:e[+-]?\d{1,2})?", re.ASCII)
_EXPECTED_PER_TIME: Final = "expected an amount for each unit of time such as '-0.15 /h', '3 /d' or '0.01 /min'"
_EXPECTED_BAND: Final = "expected a stretch of numbers such as 'below -5', '-5..-3' or 'above 3'"


def per_minute_of(text: object) -> float:
    """Return the change in a minute from `-0.15 /h`, `3 /d` or `0.01 /min`. Raises ValueError for anything else."""
    text = _text(text, _EXPECTED_PER_TIME)
    match = _PER_TIME.fullmatch(text)
    if match is None:
        raise ValueError(f"{_EXPECTED_PER_TIME}, found {text!r}")
    return float(match[1]) / _MINUTES[match[2]]


def span_of(value: object) -> tuple[float, float]:
    """Return (lowest, highest) from `-4..-2`; one number gives the same twice. Raises ValueError for anything else."""
    expected = "expected a number or a stretch such as '-4..-2'"
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return float(value), float(value)
    low, dots, high = _text(value, expected).partition("..")
    parts = low.strip(), (high if dots else low).strip()
    if any(_NUMBER.fullmatch(part) is None for part in parts):
        raise ValueError(f"{expected}, found {value!r}")
    bounds = float(parts[0]), float(parts[1])
    if bounds[0] > bounds[1]:
        raise ValueError(f"expected the smaller number first, found {value!r}")
    return bounds


def stretch_of(value: object) -> tuple[float, float]:
    """Return the two ends of a stretch of numbers, the upper not included; an open end is infinite.

    Reads `below -5`, `-5..-3` and `above 3` ('above' includes its number). Raises ValueError for anything else.
    """
    text = _text(value, _EXPECTED_BAND)
    for word, ends in (("below ", (float("-inf"), None)), ("above ", (None, float("inf")))):
        rest = text.removeprefix(word).strip()
        if text.startswith(word) and _NUMBER.fullmatch(rest) is not None:
            number = float(rest)
            return (number if ends[0] is None else ends[0], number if ends[1] is None else ends[1])
    low, dots, high = text.partition("..")
    if not dots or any(_NUMBER.fullmatch(part.strip()) is None for part in (low, high)):
        raise ValueError(f"{_EXPECTED_BAND}, found {text!r}")
    if float(low) >= float(high):
        raise ValueError(f"expected the smaller number first, found {text!r}")
    return float(low), float(high)


def points_of(value: object, number: Callable[[object], float]) -> tuple[tuple[float, float], ...]:
    """Return a table of points (x, y) in ascending order of x. `number` reads a y. Raises ValueError, saying why."""
    expected = "expected a table of points such as '{0: 1, 0.05: 0.6}'"
    if not isinstance(value, Mapping) or not value:
        raise ValueError(f"{expected}, found {value!r}")
    found: dict[float, float] = {}
    for key, y in value.items():
        if not isinstance(key, (int, float)) and (not isinstance(key, str) or _NUMBER.fullmatch(key) is None):
            raise ValueError(f"{expected}, found the key {key!r}")
        if float(key) in found:
            raise ValueError(f"expected each point once, found {key!r} twice")
        found[float(key)] = number(y)
    return tuple(sorted(found.items()))


def plain_number(value: object) -> float:
    """Return a number that is written as one. Raises ValueError for anything else."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise ValueError(f"expected a number, found {value!r}")
    return float(value)


LATE_FACTOR: Final = 2
"""How many windows long a step may still be done late; afterwards it is missed, whatever is done."""
