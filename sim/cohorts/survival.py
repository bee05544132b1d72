"""Survival curves and their intervals: Kaplan-Meier with Greenwood's variance, exact binomial shares, as text and SVG.

Times are minutes; every interval is one of 95%. Nothing here knows where the lives came from.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from typing import Final

_Z: Final = 1.959963984540054
_TAIL: Final = 0.025
_SPANS: Final = ((1440, "days"), (43830, "months"), (525960, "years"))


@dataclass(frozen=True, slots=True)
class Interval:
    """A share or a mean with the ends of its 95% interval."""

    value: float
    low: float
    high: float

    def holds(self, value: float) -> bool:
        """Return whether the interval covers a value."""
        return self.low <= value <= self.high


def share(count: int, n: int) -> Interval:
    """Return count / n with its exact (Clopper-Pearson) interval. Raises ValueError for n below 1."""
    if not 0 <= count <= n or n < 1:
        raise ValueError(f"expected a count between 0 and n, found {count} of {n}")
    low = 0.0 if count == 0 else _beta_quantile(_TAIL, count, n - count + 1)
    high = 1.0 if count == n else _beta_quantile(1 - _TAIL, count + 1, n - count)
    return Interval(count / n, low, high)


def mean(values: Sequence[float]) -> Interval:
    """Return the mean with its normal interval; of one value the interval is everything from 0 to 1."""
    middle = math.fsum(values) / len(values)
    error = standard_error(values)
    if error is None:
        return Interval(middle, 0.0, 1.0)
    return Interval(middle, middle - _Z * error, middle + _Z * error)


def standard_error(values: Sequence[float]) -> float | None:
    """Return the standard error of the mean, None for fewer than two values."""
    n = len(values)
    if n < 2:
        return None
    middle = math.fsum(values) / n
    return math.sqrt(math.fsum((value - middle) ** 2 for value in values) / (n - 1) / n)


def rate(events: int, exposure: float) -> Interval:
    """Return events per unit of exposure with Byar's interval for a Poisson count; exposure must be positive."""
    low = 0.0 if events == 0 else events * (1 - 1 / (9 * events) - _Z / (3 * math.sqrt(events))) ** 3
    more = events + 1
    high = more * (1 - 1 / (9 * more) + _Z / (3 * math.sqrt(more))) ** 3
    return Interval(events / exposure, low / exposure, high / exposure)


def quantile(values: Sequence[float], part: float) -> float:
    """Return the quantile of some values, linear between neighbours. Raises ValueError for none."""
    if not values:
        raise ValueError("expected at least one value")
    ordered = sorted(values)
    place = part * (len(ordered) - 1)
    below = math.floor(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (place - below) * (ordered[above] - ordered[below])


def median(values: Sequence[float]) -> Interval:
    """Return the median with its distribution-free interval (order statistics of a binomial)."""
    ordered, n = sorted(values), len(values)
    reach = _Z * math.sqrt(n) / 2
    low = max(0, math.floor(n / 2 - reach))
    high = min(n - 1, math.ceil(n / 2 + reach))
    return Interval(quantile(ordered, 0.5), ordered[low], ordered[high])


@dataclass(frozen=True, slots=True)
class Point:
    """The share alive at one moment, its interval and how many were followed up to it."""

    alive: float
    low: float
    high: float
    at_risk: int


@dataclass(frozen=True, slots=True)
class Curve:
    """A Kaplan-Meier curve. `minutes` are those at which somebody died, ascending; `end` is the last one followed."""

    n: int
    minutes: tuple[int, ...]
    steps: tuple[Point, ...]
    leaving: tuple[int, ...]
    """Every minute at which somebody died or was followed no longer, ascending."""

    @property
    def end(self) -> int:
        """The last minute at which anybody was followed."""
        return self.leaving[-1]

    def at(self, minute: int) -> Point:
        """Return the curve at a minute, deaths in that minute included."""
        at_risk = self.n - bisect_left(self.leaving, minute)
        place = bisect_right(self.minutes, minute)
        if place == 0:
            return Point(1.0, _TAIL ** (1 / max(at_risk, 1)), 1.0, at_risk)
        step = self.steps[place - 1]
        return Point(step.alive, step.low, step.high, at_risk)


def kaplan_meier(lives: Iterable[tuple[int, bool]]) -> Curve:
    """Return the curve of (last minute, whether he died then). Who leaves in a minute of a death was at risk in it.

    The interval is Greenwood's on the scale of log(-log S); where nobody or everybody has died, the exact one.
    Raises ValueError for no lives.
    """
    known = sorted(lives)
    if not known:
        raise ValueError("expected at least one life")
    deaths = Counter(minute for minute, died in known if died)
    leaving = tuple(minute for minute, _ in known)
    alive, variance, steps, passed, gone = 1.0, 0.0, [], 0, 0
    for minute in sorted(deaths):
        while leaving[passed] < minute:
            passed += 1
        at_risk, died, gone = len(known) - passed, deaths[minute], gone + deaths[minute]
        alive *= (at_risk - died) / at_risk
        variance += died / (at_risk * (at_risk - died)) if died < at_risk else 0.0
        low, high = _greenwood(alive, variance, gone if gone == len(known) else at_risk)
        steps.append(Point(alive, low, high, at_risk))
    return Curve(len(known), tuple(sorted(deaths)), tuple(steps), leaving)


def _greenwood(alive: float, variance: float, at_risk: int) -> tuple[float, float]:
    if alive <= 0.0:
        return 0.0, 1 - _TAIL ** (1 / at_risk)
    reach = _Z * math.sqrt(variance) / -math.log(alive)
    return alive ** math.exp(reach), alive ** math.exp(-reach)


def _beta_quantile(part: float, a: float, b: float) -> float:
    low, high = 0.0, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        if _beta_below(middle, a, b) < part:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _beta_below(x: float, a: float, b: float) -> float:
    """Return the regularised incomplete beta function, by its continued fraction (Lentz's method)."""
    if x > (a + 1) / (a + b + 2):
        return 1.0 - _beta_below(1.0 - x, b, a)
    front = math.exp(math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x)) / a
    c, d = 1.0, 1.0 / (1.0 - (a + b) * x / (a + 1))
    total = d
    for m in range(1, 2000):
        for term in (
            m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
            -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
        ):
            d = 1.0 / (1.0 + term * d)
            c = 1.0 + term / c
            total *= c * d
        if abs(c * d - 1.0) < 1e-15:
            break
    return front * total


# --- pictures ---------------------------------------------------------------------------------------------------


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


_LEFT: Final = 56
_TOP: Final = 44
_WIDE: Final = 600
_HIGH: Final = 300


def to_svg(curve: Curve, title: str) -> str:
    """Return the curve as an SVG document, the interval as a band, with how many were followed at each tick."""
    end = max(curve.end, 1)
    minutes = (0, *curve.minutes, end)
    points = [curve.at(minute) for minute in minutes]
    upper, lower = (_steps(minutes, heights, end) for heights in ([p.high for p in points], [p.low for p in points]))
    line = _steps(minutes, [p.alive for p in points], end)
    box = f"0 0 {_LEFT + _WIDE + 24} {_TOP + _HIGH + 72}"
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" viewBox="{box}" font-family="sans-serif" font-size="12">',
        f"<title>{escape(title)}</title>",
        f"<desc>Kaplan-Meier curve of {curve.n} simulated patients with its 95% interval.</desc>",
        '<rect width="100%" height="100%" fill="white"/>',
        f'<text x="{_LEFT}" y="24" font-size="15">{escape(title)}</text>',
        *_grid(curve, end),
        f'<polygon points="{" ".join(upper + lower[::-1])}" fill="#2563a8" fill-opacity="0.18"/>',
        f'<polyline points="{" ".join(line)}" fill="none" stroke="#2563a8" stroke-width="2"/>',
        f'<path d="M{_LEFT} {_TOP}V{_TOP + _HIGH}H{_LEFT + _WIDE}" fill="none" stroke="#333"/>',
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _grid(curve: Curve, end: int) -> list[str]:
    """Lines and labels: shares on the left, times below, and below them how many were followed."""
    unit, name, marks = ticks(end)
    parts: list[str] = []
    for quarter in range(5):
        y = _y(quarter / 4)
        parts.append(f'<path d="M{_LEFT} {y}H{_LEFT + _WIDE}" stroke="#ddd"/>')
        parts.append(f'<text x="{_LEFT - 8}" y="{y + 4}" text-anchor="end">{25 * quarter}%</text>')
    for mark in marks:
        x, followed = _x(mark * unit, end), curve.at(mark * unit).at_risk
        parts.append(f'<text x="{x}" y="{_TOP + _HIGH + 18}" text-anchor="middle">{mark}</text>')
        parts.append(f'<text x="{x}" y="{_TOP + _HIGH + 52}" text-anchor="middle" fill="#555">{followed}</text>')
    below = _TOP + _HIGH
    parts.append(f'<text x="{_LEFT + _WIDE}" y="{below + 34}" text-anchor="end">{name}</text>')
    parts.append(f'<text x="{_LEFT}" y="{below + 68}" fill="#555">still followed</text>')
    return parts


def _steps(minutes: Sequence[int], heights: Sequence[float], end: int) -> list[str]:
    """The corners of a staircase, without those that fall on one another."""
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
