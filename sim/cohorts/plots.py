"""A survival curve as a picture: text for a terminal, SVG for a document."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from sim.cohorts.survival import Curve
from sim.words.markup import Markup, document, tag

_SPANS: Final = ((1440, "days"), (43830, "months"), (525960, "years"))
_LEFT: Final = 56
_TOP: Final = 44
_WIDE: Final = 600
_HIGH: Final = 300


def ticks(end: int) -> tuple[int, str, tuple[int, ...]]:
    """Return (minutes of the unit, its name, whole numbers of it) for a time axis from 0 to `end` minutes."""
    unit, name = next(((u, n) for u, n in reversed(_SPANS) if end >= 2 * u), _SPANS[0])
    most = end / unit
    step = next(s for s in (1, 2, 3, 6, 12, 20, 24, 50, 100, 200, 500, 1000, 5000, 10**9) if most / s <= 8)
    return unit, name, tuple(range(0, int(most) + 1, step))


def to_text(curve: Curve, width: int = 80, height: int = 15) -> str:
    """Return the curve as lines of at most `width` characters of ASCII: # the curve, . its interval."""
    columns = width - 7
    end = max(curve.end, 1)
    moments = [round(end * column / (columns - 1)) for column in range(columns)]
    points = [curve.at(moment) for moment in moments]
    rows = [[" "] * columns for _ in range(height)]
    before = 0
    for column, point in enumerate(points):
        for row in range(_row(point.high, height), _row(point.low, height) + 1):
            rows[row][column] = "."
        here = _row(point.alive, height)
        for row in range(min(before, here), here + 1):
            rows[row][column] = "#"
        before = here
    labels = {_row(part / 4, height): f"{25 * part}%" for part in range(5)}
    lines = [f"{labels.get(number, ''):>5} |" + "".join(row).rstrip() for number, row in enumerate(rows)]
    return "\n".join([*lines, " " * 6 + "+" + "-" * columns, *_axis(end, columns)])


def _row(part: float, height: int) -> int:
    return round((1 - part) * (height - 1))


def _axis(end: int, columns: int) -> tuple[str, str]:
    unit, name, marks = ticks(end)
    line = [" "] * (columns + 2)
    for mark in marks:
        place = round(mark * unit / end * (columns - 1))
        text = str(mark)
        if place + len(text) <= len(line):
            line[place : place + len(text)] = text
    return " " * 7 + "".join(line).rstrip()[:columns], f"{name:>{columns + 7}}"


def to_svg(curve: Curve, title: str) -> str:
    """Return the curve as an SVG document, the interval as a band, with how many were followed at each tick."""
    end = max(curve.end, 1)
    minutes = (0, *curve.minutes, end)
    points = [curve.at(minute) for minute in minutes]
    upper, lower = (_steps(minutes, heights, end) for heights in ([p.high for p in points], [p.low for p in points]))
    line = _steps(minutes, [p.alive for p in points], end)
    return document(
        tag("title", title),
        tag("desc", f"Kaplan-Meier curve of {curve.n} simulated patients with its 95% interval."),
        tag("rect", width="100%", height="100%", fill="white"),
        tag("text", title, x=_LEFT, y=24, font_size=15),
        *_grid(curve, end),
        tag("polygon", points=" ".join(upper + lower[::-1]), fill="#2563a8", fill_opacity=0.18),
        tag("polyline", points=" ".join(line), fill="none", stroke="#2563a8", stroke_width=2),
        tag("path", d=f"M{_LEFT} {_TOP}V{_TOP + _HIGH}H{_LEFT + _WIDE}", fill="none", stroke="#333"),
        role="img", viewBox=f"0 0 {_LEFT + _WIDE + 24} {_TOP + _HIGH + 72}", font_family="sans-serif", font_size=12,
    )  # fmt: skip


def _grid(curve: Curve, end: int) -> Iterator[Markup]:
    """Lines and labels: shares on the left, times below, and below them how many were followed."""
    unit, name, marks = ticks(end)
    below = _TOP + _HIGH
    for quarter in range(5):
        y = _y(quarter / 4)
        yield tag("path", d=f"M{_LEFT} {y}H{_LEFT + _WIDE}", stroke="#ddd")
        yield tag("text", f"{25 * quarter}%", x=_LEFT - 8, y=y + 4, text_anchor="end")
    for mark in marks:
        x, followed = _x(mark * unit, end), curve.at(mark * unit).at_risk
        yield tag("text", str(mark), x=x, y=below + 18, text_anchor="middle")
        yield tag("text", str(followed), x=x, y=below + 52, text_anchor="middle", fill="#555")
    yield tag("text", name, x=_LEFT + _WIDE, y=below + 34, text_anchor="end")
    yield tag("text", "still followed", x=_LEFT, y=below + 68, fill="#555")


def _steps(minutes: Sequence[int], heights: Sequence[float], end: int) -> list[str]:
    """The points of a step curve, duplicates removed."""
    corners: list[str] = []
    for number, (minute, height) in enumerate(zip(minutes, heights, strict=True)):
        before = heights[max(number - 1, 0)]
        for corner in (f"{_x(minute, end)},{_y(before)}", f"{_x(minute, end)},{_y(height)}"):
            if not corners or corners[-1] != corner:
                corners.append(corner)
    return corners


def _x(minute: int, end: int) -> float:
    return round(_LEFT + _WIDE * minute / end, 1)


def _y(part: float) -> float:
    return round(_TOP + _HIGH * (1 - part), 1)
