"""Limits as they are written and typed: beyond which values of a standing order somebody calls."""

from __future__ import annotations

from typing import Final

from sim.case.quantities import span_of

EXPECTED: Final = "expected limits such as '6..15', 'below 6', 'above 15' or 'off'"

Bounds = tuple[float | None, float | None]
"""From where downwards and from where upwards; None: never on that side."""


def limits_read(text: object) -> Bounds:
    """Return what limits a text means: `6..15` calls at 6 or below and at 15 or above, `off` is (None, None).

    Raises ValueError for anything else.
    """
    words = " ".join(text.split()) if isinstance(text, str) else ""
    if words == "off":
        return None, None
    for word in ("below ", "above "):
        if words.startswith(word):
            bound = _number(words.removeprefix(word))
            return (bound, None) if word == "below " else (None, bound)
    low, dots, high = words.partition("..")
    if not dots:
        raise ValueError(f"{EXPECTED}, found {text!r}")
    bounds = _number(low), _number(high)
    if bounds[0] >= bounds[1]:
        raise ValueError(f"expected the smaller number first, found {text!r}")
    return bounds


def limits_typed(words: str) -> Bounds:
    """Return what a learner means who types `6 15`, `6 -`, `- 15`, or what `limits_read` reads. Raises ValueError."""
    parts = words.split()
    if len(parts) != 2 or parts[0] in ("below", "above"):
        return limits_read(words)
    low, high = (None if part == "-" else _number(part) for part in parts)
    if low is not None and high is not None and low >= high:
        raise ValueError(f"expected the smaller number first, found {words!r}")
    return low, high


def written_limits(below: float | None, above: float | None) -> str:
    """Return limits as `limits_read` reads them."""
    if below is None or above is None:
        return "off" if below is above else f"above {above:g}" if below is None else f"below {below:g}"
    return f"{below:g}..{above:g}"


def _number(text: str) -> float:
    try:
        low, high = span_of(text.strip())
    except ValueError:
        raise ValueError(f"{EXPECTED}, found {text.strip()!r}") from None
    if low != high:
        raise ValueError(f"{EXPECTED}, found {text.strip()!r}")
    return low
