"""Survival curves and their intervals: Kaplan-Meier with Greenwood's variance, exact binomial shares.

Times are minutes; every interval is one of 95%. Nothing here knows where the lives came from.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

_Z: Final = 1.959963984540054
_TAIL: Final = 0.025


@dataclass(frozen=True, slots=True)
class ConfidenceInterval:
    """A share or a mean with the ends of its 95% interval."""

    value: float
    low: float
    high: float

    def holds(self, value: float) -> bool:
        """Return whether the interval covers a value."""
        return self.low <= value <= self.high


def share(count: int, n: int) -> ConfidenceInterval:
    """Return count / n with its exact (Clopper-Pearson) interval. Raises ValueError for n below 1."""
    if not 0 <= count <= n or n < 1:
        raise ValueError(f"expected a count between 0 and n, found {count} of {n}")
    low = 0.0 if count == 0 else _beta_quantile(_TAIL, count, n - count + 1)
    high = 1.0 if count == n else _beta_quantile(1 - _TAIL, count + 1, n - count)
    return ConfidenceInterval(count / n, low, high)


def mean(values: Sequence[float]) -> ConfidenceInterval:
    """Return the mean with its normal interval; of one value the interval is everything from 0 to 1."""
    middle = math.fsum(values) / len(values)
    error = standard_error(values)
    if error is None:
        return ConfidenceInterval(middle, 0.0, 1.0)
    return ConfidenceInterval(middle, middle - _Z * error, middle + _Z * error)


def deviation(values: Sequence[float]) -> ConfidenceInterval:
    """Return the standard deviation with its approximate normal interval; of one value, 0 with 0 to 1."""
    error = standard_error(values)
    if error is None:
        return ConfidenceInterval(0.0, 0.0, 1.0)
    found = error * math.sqrt(len(values))
    reach = _Z * found / math.sqrt(2 * (len(values) - 1))
    return ConfidenceInterval(found, max(0.0, found - reach), found + reach)


def standard_error(values: Sequence[float]) -> float | None:
    """Return the standard error of the mean, None for fewer than two values."""
    n = len(values)
    if n < 2:
        return None
    middle = math.fsum(values) / n
    return math.sqrt(math.fsum((value - middle) ** 2 for value in values) / (n - 1) / n)


def rate(events: int, exposure: float) -> ConfidenceInterval:
    """Return events per unit of exposure with Byar's interval for a Poisson count; exposure must be positive."""
    low = 0.0 if events == 0 else events * (1 - 1 / (9 * events) - _Z / (3 * math.sqrt(events))) ** 3
    more = events + 1
    high = more * (1 - 1 / (9 * more) + _Z / (3 * math.sqrt(more))) ** 3
    return ConfidenceInterval(events / exposure, low / exposure, high / exposure)


def quantile(values: Sequence[float], part: float) -> float:
    """Return the quantile of some values, linear between neighbours. Raises ValueError for none."""
    if not values:
        raise ValueError("expected at least one value")
    ordered = sorted(values)
    place = part * (len(ordered) - 1)
    below = math.floor(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (place - below) * (ordered[above] - ordered[below])


def median(values: Sequence[float]) -> ConfidenceInterval:
    """Return the median with its distribution-free interval (order statistics of a binomial)."""
    ordered, n = sorted(values), len(values)
    reach = _Z * math.sqrt(n) / 2
    low = max(0, math.floor(n / 2 - reach))
    high = min(n - 1, math.ceil(n / 2 + reach))
    return ConfidenceInterval(quantile(ordered, 0.5), ordered[low], ordered[high])


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
    """Return the curve of lives, each (last minute, whether it ended in death).

    A life that is censored in a minute is at risk in that minute.

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
