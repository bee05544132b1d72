"""How numbers, times and texts are worded for a learner, wherever they are shown. It knows no screen."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from sim.case.problems import UNSAFE
from sim.case.quantities import DAY, duration

if TYPE_CHECKING:
    from sim.case.model.catalogue import Observable

TEACHING_ONLY: Final = "Teaching only, not for patient care."
"""Said by every face where a case is opened, played and judged."""
_UNREVIEWED: Final = "not yet"
_MONTH: Final = 43830
_GROWN: Final = 18
"""From so many years on nobody counts months."""
_PLAIN: Final = str.maketrans(
    {
        "µ": "u", "μ": "u", "×": "x", "·": ".", "−": "-", "–": "-", "—": "-", "‑": "-", "≥": ">=", "≤": "<=",
        "≈": "about ", "°": "deg ", "→": "->", "←": "<-", "↑": "up", "↓": "down", "±": "+/-", "‘": "'", "’": "'",
        "“": '"', "”": '"', "…": "...", "•": "*", "½": "1/2", "¼": "1/4", "¾": "3/4", "α": "alpha", "β": "beta",
        "γ": "gamma", "δ": "delta", "κ": "kappa", "Ω": "ohm", "æ": "ae", "œ": "oe", "ø": "o", "Ø": "O", "ß": "ss",
        "▲": "", "▼": "", "■": "*", "●": "*", "✓": "yes", "✗": "no", "─": "-", "│": "|", "█": "#", "░": ".",
    }
)  # fmt: skip


def clean(text: str) -> str:
    """Return the text without characters that no terminal should be sent; newlines stay."""
    if text.isascii() and text.isprintable():
        return text
    return UNSAFE.sub(" ", text)


def to_ascii(text: str) -> str:
    """Return the text in printable ASCII and newlines: what has no likeness there becomes a question mark."""
    if text.isascii() and text.isprintable():
        return text
    folded = unicodedata.normalize("NFKD", clean(text).translate(_PLAIN))
    kept = "".join(c for c in folded if not unicodedata.combining(c))
    return kept.encode("ascii", "replace").decode("ascii")


def review_note(reviewed: str) -> str:
    """Return who reviewed a case in a sentence, as every face says it: `Not yet reviewed by a clinician.`"""
    told = clean(reviewed)
    return as_sentence(told if told.lower().startswith(_UNREVIEWED) else f"reviewed: {told}")


def command() -> str:
    """Return what starts Scurfy here: `scurfy`, or what `start.py` was called with."""
    return clean(os.environ.get("SCURFY_COMMAND", "scurfy"))


def clock(minute: int) -> str:
    """Return a moment of the case as `Day 1 02:35`; the case opens at `Day 1 00:00`."""
    day, rest = divmod(minute, DAY)
    return f"Day {day + 1} {rest // 60:02}:{rest % 60:02}"


def time_near(minute: int, now: int) -> str:
    """Return a moment as a ward says it at `now`: the time alone on the same day, else with its day."""
    text = clock(minute)
    return text.split(" ")[-1] if minute // DAY == now // DAY else text


def ago(at: int, now: int) -> str:
    """Return how long ago a moment was, in its largest unit: `now`, `12 min`, `13 h`, `25 d`, `4 mo`."""
    return " ".join(duration(now - at).split(" ")[:2]) if at < now else "now"


def moment(at: int) -> str:
    """Return a moment as the time since the case opened: `opening`, `2 h 5 min`."""
    return "opening" if at == 0 else duration(at)


def at_moment(at: int) -> str:
    """Return a moment as a sentence takes it: `at the opening`, `at 2 h 5 min`."""
    return "at the opening" if at == 0 else f"at {duration(at)}"


def age(minutes: int) -> str:
    """Return an age the way a ward says it: `5 d`, `3 wk 2 d`, `4 mo 2 d`, `2 y 3 mo`; an adult's in years, `34 y`."""
    if minutes < 2 * _MONTH:
        weeks, days = divmod(minutes // DAY, 7)
        parts = [f"{weeks} wk"] * (weeks > 0) + [f"{days} d"] * (days > 0)
        return " ".join(parts) or "newborn"
    months, rest = divmod(minutes, _MONTH)
    years, months = divmod(months, 12)
    if years >= _GROWN:
        return f"{years} y"
    days = rest // DAY
    parts = [f"{count} {unit}" for count, unit in ((years, "y"), (months, "mo"), (days, "d")) if count]
    return " ".join(parts[:2])


def number(value: float, decimals: int) -> str:
    """Return a value with the decimals it is reported in, without a negative zero."""
    text = f"{value:.{decimals}f}"
    return text.lstrip("-") if float(text) == 0 else text


def reference(low: float | None, high: float | None, decimals: int) -> str:
    """Return a reference range as `110-160`, `>= 0.5`, `<= 1`, or nothing."""
    if low is not None and high is not None:
        return f"{number(low, decimals)}-{number(high, decimals)}"
    if low is not None:
        return f">= {number(low, decimals)}"
    return f"<= {number(high, decimals)}" if high is not None else ""


def flag(value: float, low: float | None, high: float | None, observable: Observable) -> str:
    """Return 'H' above the range, 'L' below it, 'H!' or 'L!' where it is critical, '' within it."""
    if observable.critical_high is not None and value >= observable.critical_high:
        return "H!"
    if observable.critical_low is not None and value <= observable.critical_low:
        return "L!"
    if high is not None and value > high:
        return "H"
    return "L" if low is not None and value < low else ""


def signed(flagged: str) -> tuple[str, str]:
    """Return (sign, role) of a flag in letters: `▲H`, `▼L`, with `!` where it is critical; nothing for none.

    The sign says it without colour; the role ('high', 'low', 'critical' or '') is what a theme colours.
    """
    if not flagged:
        return "", ""
    role = "critical" if "!" in flagged else "high" if "H" in flagged else "low"
    return f"{'▲' if 'H' in flagged else '▼'}{flagged}", role


def capital(text: str) -> str:
    """Return the text with a capital at its beginning."""
    return f"{text[:1].upper()}{text[1:]}"


def as_sentence(note: str) -> str:
    """Return a note as a sentence, with a capital and a full stop; nothing stays nothing."""
    return f"{capital(note)}." if note else ""


def listed(parts: Iterable[str], between: str = ", ", most: int | None = None) -> str:
    """Return the first `most` parts (None: all) and how many more there are."""
    found = list(parts)
    more = 0 if most is None else len(found) - most
    return between.join(found[:most]) + (f" and {more} more" if more > 0 else "")
