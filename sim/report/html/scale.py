"""A time axis for cases whose first hour holds as much as their second year.

An axis from the opening is cut at an hour, six hours, a day, a week and so on, and each stretch is given the same
width; within one, time runs evenly. An axis over a later stretch runs evenly throughout.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from typing import Final

from sim.case.quantities import duration

_MONTH: Final = 43830
_CUTS: Final = (60, 360, 1440, 10080, _MONTH, 3 * _MONTH, 12 * _MONTH, 60 * _MONTH)
_ROOM: Final = 1.5
"""A cut must leave what comes after it at least half as long again as what lies before it."""
_LATER: Final = 0.02
"""A stretch that begins before so small a share of its end is drawn from the opening."""
_STEPS: Final = (1, 5, 10, 30, 60, 120, 360, 720, 1440, 2880, 10080, 20160, _MONTH, 2 * _MONTH, 6 * _MONTH, 12 * _MONTH)
_PANELS: Final = 7
_UNITS: Final = ((_MONTH, "mo"), (1440, "d"), (60, "h"), (1, "min"))


@dataclass(frozen=True, slots=True)
class Scale:
    """Where minutes stand on an axis; `knots` are equally far apart and divide it into panels."""

    knots: tuple[int, ...]

    @property
    def panels(self) -> int:
        """How many stretches of equal width there are."""
        return len(self.knots) - 1

    @property
    def even(self) -> bool:
        """Whether time runs evenly along the whole axis."""
        return len({after - before for before, after in zip(self.knots, self.knots[1:], strict=False)}) == 1

    def part(self, minute: int) -> float:
        """Return where a minute stands, from 0 (left) to 1 (right); what lies outside stands at the edge."""
        if minute <= self.knots[0]:
            return 0.0
        if minute >= self.knots[-1]:
            return 1.0
        panel = bisect_right(self.knots, minute) - 1
        before, after = self.knots[panel], self.knots[panel + 1]
        return (panel + (minute - before) / (after - before)) / self.panels

    def ticks(self) -> tuple[tuple[float, str], ...]:
        """Return (where, label) of each knot."""
        step = self.knots[1] - self.knots[0]
        size, unit = next((size, unit) for size, unit in _UNITS if step % size == 0)
        labels = [f"{knot // size} {unit}" if self.even else duration(knot) for knot in self.knots]
        return tuple((i / self.panels, "0" if knot == 0 else labels[i]) for i, knot in enumerate(self.knots))


def scale(start: int, end: int) -> Scale:
    """Return an axis that shows `start` to `end`, in minutes."""
    end = max(end, start + 1, 10)
    if start > _LATER * end:
        return _even(start, end)
    cuts = [cut for cut in _CUTS if cut * _ROOM <= end]
    return Scale((0, *cuts, end)) if len(cuts) > 1 else _even(0, end)


def _even(start: int, end: int) -> Scale:
    step = next((s for s in _STEPS if (end - start) / s <= _PANELS), _STEPS[-1])
    first = start // step * step
    return Scale(tuple(range(first, end + step, step)))
