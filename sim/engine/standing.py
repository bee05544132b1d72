"""What stands: what was ordered and need not be ordered again, for hints and for scoring alike.

A therapy stands while it runs, and while the nurses have it in hand; a question asked, a consult and a disposition
stand once done; an investigation stands while its final report is on its way. An examination, a procedure and a known
result describe a moment that has passed: they do not stand.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from sim.case.model.catalogue import Kind, Order
from sim.engine.log import (
    DoneBefore,
    Event,
    OrderPlaced,
    OrderWithdrawn,
    ResultReturned,
    TherapyStarted,
    TherapyStopped,
)

_ONCE_DONE: Final = (Kind.HISTORY, Kind.CONSULT, Kind.DISPOSITION)


@dataclass(slots=True)
class _Stretch:
    """A time through which something stands."""

    event: int
    """Index in the log of the order by which it stands (of the start, for what was given at the opening)."""
    placed: int
    """Minute of that event."""
    begins: int
    until: int | None = None
    """Minute of its end; None while it stands."""

    def stands(self, at: int | None) -> bool:
        if at is None:
            return self.until is None
        return self.placed < at and self.begins <= at and (self.until is None or self.until > at)


class Standing:
    """What stands on a log. `take` its events in order, then ask `by`, of now or of a minute that is past."""

    def __init__(self, orders: Mapping[str, Order], log: Iterable[Event] = ()) -> None:
        """Take the catalogue's orders, and the events so far."""
        self._orders, self._taken = orders, 0
        self._stretches: dict[str, list[_Stretch]] = {}
        self._placed: dict[tuple[str, int], tuple[int, int]] = {}  # order and its number to event and minute
        self._pending: dict[tuple[str, int], _Stretch] = {}
        self._running: dict[str, _Stretch] = {}
        self._coming: dict[tuple[str, int], _Stretch] = {}
        """Therapies that were ordered and have not started, by order and number."""
        for event in log:
            self.take(event)

    def take(self, event: Event) -> None:
        """Take the next event of the log. Raises KeyError for an order that the catalogue does not have."""
        match event:
            case OrderPlaced():
                self._place(event)
            case DoneBefore(order=order, ordered=ordered):
                if self._orders[order].kind in _ONCE_DONE:
                    self._open(order, self._taken, ordered, event.at)
            case ResultReturned(at=at, number=number, order=order, report=""):
                if (pending := self._pending.pop((order, number), None)) is not None:
                    pending.until = at
            case TherapyStarted():
                self._start(event)
            case OrderWithdrawn():
                self._withdraw(event)
            case TherapyStopped(at=at, therapy=therapy, by=by) if by != "dose":  # else it runs on
                if (running := self._running.pop(therapy, None)) is not None:
                    running.until = at
        self._taken += 1

    def by(self, orders: Iterable[str], at: int | None = None) -> int | None:
        """Return the index of the first event by which one of `orders` stands, or None.

        It stands now, or at the end of minute `at` by what was ordered before that minute.
        """
        found = (s.event for order in orders for s in self._stretches.get(order, ()) if s.stands(at))
        return min(found, default=None)

    def runs(self, therapies: Iterable[str]) -> bool:
        """Return whether one of these therapies runs now."""
        return any(therapy in self._running for therapy in therapies)

    def _place(self, event: OrderPlaced) -> None:
        order = self._orders[event.order]
        if order.starts_therapy:
            self._placed[event.order, event.number] = (self._taken, event.at)
            if event.order not in self._running:
                self._coming[event.order, event.number] = self._open(event.order, self._taken, event.at, event.at)
        elif order.kind is Kind.INVESTIGATION:
            self._pending[event.order, event.number] = self._open(event.order, self._taken, event.at, event.at)
        elif order.kind in _ONCE_DONE:
            self._open(event.order, self._taken, event.at, event.at)

    def _start(self, event: TherapyStarted) -> None:
        key = (event.therapy, event.number)
        coming = self._coming.pop(key, None)
        if event.therapy not in self._running:
            ordered = event.at - 1 if event.given else event.at
            placed, at = self._placed.get(key, (self._taken, ordered))
            self._running[event.therapy] = coming or self._open(event.therapy, placed, at, event.at)
        elif coming is not None:  # it ran already when it came
            coming.until = event.at

    def _withdraw(self, event: OrderWithdrawn) -> None:
        for number in event.numbers:
            for waiting in (self._coming, self._pending):
                if (stretch := waiting.pop((event.order, number), None)) is not None:
                    stretch.until = event.at

    def _open(self, order: str, event: int, placed: int, begins: int) -> _Stretch:
        stretch = _Stretch(event, placed, begins)
        self._stretches.setdefault(order, []).append(stretch)
        return stretch
