"""CPU time of several ways to do the same work, in turns, so that all see the same machine; and a page of results."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Timing:
    """CPU seconds per piece of work, of every round."""

    seconds: tuple[float, ...]

    @property
    def median(self) -> float:
        """The median, in seconds."""
        return statistics.median(self.seconds)

    def rate(self) -> str:
        """Pieces a second: median, and the slowest to the fastest round."""
        low, high = 1 / max(self.seconds), 1 / min(self.seconds)
        return f"{1 / self.median:,.0f} [{low:,.0f} to {high:,.0f}]"

    def each(self) -> str:
        """Time per piece: median, and the fastest to the slowest round."""
        unit, scale = next((u, s) for u, s in (("s", 1.0), ("ms", 1e3), ("µs", 1e6)) if self.median * s >= 1 or s > 1e5)
        low, high = min(self.seconds) * scale, max(self.seconds) * scale
        return f"{self.median * scale:.3g} {unit} [{low:.3g} to {high:.3g}]"


def race(work: Mapping[str, Callable[[], int]], rounds: int = 5) -> dict[str, Timing]:
    """Do every work in turns and return its CPU seconds per piece. Work returns how many pieces it did."""
    taken: dict[str, list[float]] = {name: [] for name in work}
    for number in range(rounds + 1):
        for name, do in work.items():
            began = time.process_time()
            pieces = do()
            seconds = time.process_time() - began
            if number:  # the first round warms caches
                taken[name].append(seconds / pieces)
    return {name: Timing(tuple(seconds)) for name, seconds in taken.items()}


@dataclass(frozen=True, slots=True)
class Target:
    """What was promised, what was measured, and whether it holds."""

    promise: str
    found: str
    holds: bool


@dataclass(slots=True)
class Section:
    """One part of the page."""

    title: str
    about: str
    head: tuple[str, ...]
    rows: list[tuple[str, ...]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    targets: list[Target] = field(default_factory=list)

    def text(self) -> str:
        """The section in Markdown."""
        lines = [f"## {self.title}", "", self.about, "", _row(self.head), _row(("---",) * len(self.head))]
        lines += [_row(row) for row in self.rows]
        lines += [""] if self.notes or self.targets else []
        lines += [f"- {note}" for note in self.notes]
        lines += [f"- **{'Holds' if t.holds else 'Does not hold'}**: {t.promise}; measured {t.found}."
                  for t in self.targets]  # fmt: skip
        return "\n".join(lines)


def _row(cells: tuple[str, ...]) -> str:
    return f"| {' | '.join(cells)} |"
