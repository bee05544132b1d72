"""The marks of the page: a shape for every verdict, so that colour is never the only sign. Drawn once, used often."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from sim.words.markup import Markup, percent, tag, text
from sim.words.verdicts import SEVERITIES, SIZES, VERDICTS, WORTHS, size_in_full

_WORDS: Final = {**VERDICTS, **SIZES, "better": size_in_full("better"), **WORTHS, **SEVERITIES}
_CHECK: Final = tag("path", class_="inner", d="M-3 0.2 L-0.8 2.6 L3.4 -2.6")
_SHAPES: Final = {
    "check": tag("circle", r=7, class_="good") + _CHECK,
    "triangle": tag("path", d="M0 -7 L7 6 L-7 6 Z", class_="warn"),
    "diamond": tag("path", d="M0 -8 L8 0 L0 8 L-8 0 Z", class_="warn"),
    "cross": tag("path", d="M-5.5 -5.5 L5.5 5.5 M5.5 -5.5 L-5.5 5.5", class_="bad-line"),
    "ring": tag("circle", r=5, class_="ring"),
    "up": tag("path", d="M0 -7 L7 5 L2.6 5 L2.6 8 L-2.6 8 L-2.6 5 L-7 5 Z", class_="good"),
    "slip": tag("path", d="M0 6 L6 -5 L-6 -5 Z", class_="warn-ring"),
    "fall": tag("path", d="M0 7 L7 -6 L-7 -6 Z", class_="warn"),
    "block": tag("rect", x=-7, y=-7, width=14, height=14, class_="bad")
    + tag("path", class_="inner", d="M-3 -3 L3 3 M3 -3 L-3 3"),
}
_LOOKS: Final = {
    "in_time": "check", "late": "triangle", "out_of_order": "diamond", "missed": "cross", "not_needed": "ring",
    "better": "up", "as_good": "ring", "inaccuracy": "slip", "mistake": "fall", "blunder": "block",
    "step": "check", "useful": "check", "neutral": "ring", "wasteful": "triangle", "harmful": "cross",
    "critical": "block", "major": "fall", "minor": "slip",
}  # fmt: skip


def shapes() -> Markup:
    """Return every shape, to be put once into a page, and the head of the arrows."""
    drawn = [tag("g", Markup(shape), id=f"shape-{name}") for name, shape in _SHAPES.items()]
    head = tag("marker", tag("path", d="M0 0 L8 4 L0 8 Z", class_="tip"), id="shape-tip", viewBox="0 0 8 8", refX=7,
               refY=4, markerWidth=7, markerHeight=7, orient="auto")  # fmt: skip
    return tag("svg", tag("defs", drawn, head), class_="shapes", width=0, height=0, aria_hidden="true")


def mark(what: str) -> Markup:
    """Return the mark of a verdict, a size, a worth or a severity, to stand in a line of text."""
    used = tag("use", href=f"#shape-{_LOOKS[what]}")
    return tag("svg", used, class_="mark", width=16, height=16, viewBox="-9 -9 18 18", aria_hidden="true")


def placed(what: str, x: float, y: float) -> Markup:
    """Return the mark at a share of a drawing's width and so many pixels from its top."""
    return tag("use", href=f"#shape-{_LOOKS[what]}", x=percent(x), y=y)


def mark_with_word(what: str) -> Markup:
    """Return the mark with its word."""
    return tag("span", mark(what), " ", tag("span", _WORDS[what]), class_=f"told {_tone(what)}")


def legend(marks: Iterable[str], *more: Markup) -> Markup:
    """Return what the marks mean, as a list; `more` are entries of another kind."""
    return tag("ul", [tag("li", mark_with_word(what)) for what in marks], [tag("li", text(entry)) for entry in more],
               class_="legend")  # fmt: skip


def _tone(what: str) -> str:
    look = _LOOKS[what]
    if look in ("check", "up"):
        return "good-text"
    return "bad-text" if look in ("cross", "block") else "quiet-text" if look == "ring" else "warn-text"
