"""Just now: what happened, the newest first, what is unread marked; Enter opens the whole of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from textual.reactive import reactive

from sim.case.quantities import DAY
from sim.engine.log import Event, Snapshot, TimePassed
from sim.tui.rows.events import EventRow, event_row
from sim.tui.text import fold_parts
from sim.tui.widgets.bedside import counted
from sim.tui.widgets.choosable import Choice, Choosable
from sim.words.format import clock
from sim.words.records import Records

_UNREAD_LINES: Final = 4
"""Lines of what is unread; of a call, all."""
_MOST: Final = 300
"""Events that the pane goes back: the timeline has all of them."""


class JustNow(Choosable):
    """The events of the case, those since the last move unread. Calls that are unread come first."""

    snapshot: reactive[Snapshot | None] = reactive(None, repaint=False)

    def __init__(self, records: Records, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.records = records
        self._read = 0
        """How many visible events were there before the last move."""

    def take(self, read: int, snapshot: Snapshot) -> None:
        """Show a snapshot: what is beyond the first `read` of its events is unread."""
        self._read, self.snapshot = read, snapshot
        self.border_title = counted("Just now", sum(self._row(e) is not None for e in snapshot.visible[read:]))
        self.chosen = None
        self.redraw()
        self.scroll_home(animate=False)

    def choices(self, width: int) -> list[Choice]:
        """Return the unread events in a few lines each, then the others in one, the newest first."""
        s = self.snapshot
        if s is None:
            return []
        first = max(0, len(s.visible) - _MOST)
        told = [(str(first + i), t) for i, e in enumerate(s.visible[first:]) if (t := self._row(e)) is not None]
        unread = [(about, row) for about, row in told if int(about) >= self._read]
        order = [*(each for each in reversed(unread) if each[1].sign in "!x"),
                 *(each for each in reversed(unread) if each[1].sign not in "!x"),
                 *(each for each in reversed(told) if int(each[0]) < self._read)]  # fmt: skip
        return self._fitted(order, s.now, width)

    def _fitted(self, order: Sequence[tuple[str, EventRow]], now: int, width: int) -> list[Choice]:
        """Return the events in the pane's lines: what is unread whole where there is room, then what fits."""
        height = self.size.height
        whole = sum(len(self._choices(about, row, now, width)) for about, row in order if self._is_unread(about))
        shown: list[Choice] = []
        for about, row in order:
            room = height - len(shown) - 1
            if self._is_unread(about):
                most = None if whole <= height or row.sign in "!x" else _UNREAD_LINES
            else:
                most = max(1, min(_UNREAD_LINES, room))
            shown += self._choices(about, row, now, width, most)
        return shown

    def _is_unread(self, about: str) -> bool:
        return int(about) >= self._read

    def _row(self, event: Event) -> EventRow | None:
        """The event in words; that time passed, the clock says."""
        return None if isinstance(event, TimePassed) else event_row(event, self.records.scenario)

    def _choices(self, about: str, row: EventRow, now: int, width: int, most: int | None = None) -> list[Choice]:
        unread = self._is_unread(about)
        stamp = _stamp(row.at, now)
        room = max(10, width - len(stamp) - 6)
        lines = fold_parts(row.parts, room)
        shown = lines[:most]
        if len(lines) > len(shown):
            shown[-1] = [*shown[-1], (" …", "muted")]
        head = ("*" if unread else " ", "call"), (f"{stamp} ", "muted"), (f"{row.sign} ", row.role)
        rest = ((" " * (len(stamp) + 4), ""),)
        return [((*(rest if i else head), *_muted(line, unread)), about) for i, line in enumerate(shown)]


def _muted(line: Sequence[tuple[str, str]], unread: bool) -> list[tuple[str, str]]:
    """Return a line as it is while unread, else without more colour than its values have."""
    keep = ("critical", "high", "low")
    return list(line) if unread else [(text, role if role in keep else "muted") for text, role in line]


def _stamp(at: int, now: int) -> str:
    """Return when something happened, the day in front where it was another one."""
    day, time = clock(at).removeprefix("Day ").split(" ")
    return time if at // DAY == now // DAY else f"d{day} {time}"


__all__ = ["JustNow"]
