"""The clock: what is to come on a strip of time, and in words below it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sim.case.quantities import DAY
from sim.tui.text import shorten
from sim.tui.widgets.bedside import Pane, counted, spread
from sim.tui.widgets.lines import Row
from sim.words.agenda import Coming, ComingKind, coming
from sim.words.format import clock, time_near

_SPANS: Final = (60, 120, 240, 480, 960, DAY, 2 * DAY, 4 * DAY, 8 * DAY, 16 * DAY, 32 * DAY, 64 * DAY)
"""How many minutes the strip may show."""
_NEAREST: Final = 4
"""So many things to come decide how far the strip reaches."""
_STEPS: Final = (10, 15, 30, 60, 120, 240, 480, DAY, 2 * DAY, 4 * DAY, 7 * DAY, 14 * DAY)
"""How many minutes may lie between two labels."""
_LABEL: Final = 8
"""Cells for a label with the gap behind it."""
NOW: Final = "\N{BOX DRAWINGS HEAVY VERTICAL}"


class ClockPane(Pane):
    """What is to come: a strip from now on with a sign for each thing, and a line for each below."""

    def watch_snapshot(self) -> None:
        """Redraw for the new snapshot, and say in the title how many results are awaited."""
        self.border_title = counted("Awaited", len(self.snapshot.pending) if self.snapshot is not None else 0)
        super().watch_snapshot()

    def rows(self, width: int) -> list[Row]:
        """Return the strip and the list, the next thing first."""
        s = self.snapshot
        if s is None:
            return []
        found = [item for item in coming(self.scenario, s) if item.kind is not ComingKind.END or item.at - s.now <= DAY]
        if not found:
            return [(("No result is awaited.", "muted"),)]
        return [*_strip(found, s.now, width), *(_line(item, s.now, width) for item in found)]


def _line(item: Coming, now: int, width: int) -> Row:
    words = {ComingKind.RESULT: "due", ComingKind.NURSE: "nurse to", ComingKind.READING: "read", ComingKind.END: "ends"}
    when = f"{words[item.kind]} {time_near(item.at, now)}"
    name = shorten(item.name, width - len(when) - 3)
    left, *right = spread(name, when, width - 2, "", "muted")
    return ((f"{item.kind} ", "heading"), left, *right)


def _strip(found: Sequence[Coming], now: int, width: int) -> list[Row]:
    """Return the labels of the hours or days, and under them a sign where each thing comes."""
    span = reach(found, now)
    labels, signs = [" "] * width, [" "] * width
    for at, text in marks(now, span, width):
        labels[at : at + len(text)] = text
    for item in reversed(found):  # of two in one cell the next is seen
        cell = 1 + (item.at - now) * (width - 2) // span
        if cell < width:
            signs[cell] = item.kind
    signs[0] = NOW
    return [(("".join(labels), "muted"),), (("".join(signs).rstrip(), "heading"),)]


def reach(found: Sequence[Coming], now: int) -> int:
    """Return how many minutes the strip shows: the shortest span in which the next few things lie."""
    nearest = sorted(item.at for item in found)[:_NEAREST]
    return next((span for span in _SPANS if now + span >= nearest[-1]), _SPANS[-1])


def marks(now: int, span: int, width: int) -> list[tuple[int, str]]:
    """Return (cell, label) of full hours or days on a strip of so many minutes; none runs over the next or the end."""
    most = max(1, width // _LABEL)
    step = next((step for step in _STEPS if span // step <= most), _STEPS[-1])
    first = -(-now // step) * step
    found: list[tuple[int, str]] = []
    for minute in range(first, now + span, step):
        day, time = clock(minute).removeprefix("Day ").split(" ")
        text = f"d{day}" if minute % DAY == 0 or step >= DAY else time
        cell = 1 + (minute - now) * (width - 2) // span
        behind = found[-1][0] + len(found[-1][1]) if found else -1
        if behind < cell <= width - len(text):
            found.append((cell, text))
    return found
