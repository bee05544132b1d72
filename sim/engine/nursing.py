"""What the nurses have in hand: one queue of orders, of which each nurse takes the next as soon as she is free."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from sim.case.model.catalogue import Order
from sim.engine.log import InHand


@dataclass(frozen=True, slots=True)
class Work:
    """An order that nurses carry out."""

    number: int
    order: Order
    dose: str | None


@dataclass(frozen=True, slots=True)
class Duty:
    """The moment at which a nurse has finished what she began."""

    nurse: int
    token: int
    """Changes whenever what she began is withdrawn."""


@dataclass(frozen=True, slots=True)
class _Begun:
    work: Work
    begins: int
    ends: int
    token: int


class Nursing:
    """The nurses of one session. When one has finished is planned with `plan(minute, duty)` and returns to `finish`."""

    __slots__ = ("_hands", "_plan", "_token", "_waiting")

    def __init__(self, nurses: int, plan: Callable[[int, Duty], None]) -> None:
        self._hands: list[_Begun | None] = [None] * nurses
        self._waiting: deque[Work] = deque()
        self._plan, self._token = plan, 0

    def take(self, now: int, work: Work) -> None:
        """Take an order: the first nurse who is free begins it, else it waits."""
        self._waiting.append(work)
        for nurse, begun in enumerate(self._hands):
            if begun is None:
                self._begin(now, nurse)
                return

    def _begin(self, now: int, nurse: int) -> None:
        """Let a nurse begin what has waited longest, if anything waits."""
        self._hands[nurse] = None
        if self._waiting:
            work = self._waiting.popleft()
            self._token += 1
            begun = self._hands[nurse] = _Begun(work, now, now + work.order.nurse, self._token)
            self._plan(begun.ends, Duty(nurse, self._token))

    def finish(self, now: int, duty: Duty) -> Work | None:
        """Return what a nurse has finished, who begins the next; None if it was withdrawn meanwhile."""
        begun = self._hands[duty.nurse]
        if begun is None or begun.token != duty.token:
            return None
        self._begin(now, duty.nurse)
        return begun.work

    def withdraw(self, now: int, order: str) -> tuple[int, ...]:
        """Take back every order of this kind, begun or not; return their numbers, in the order given."""
        numbers = [work.number for work in self._waiting if work.order.id == order]
        self._waiting = deque(work for work in self._waiting if work.order.id != order)
        for nurse, begun in enumerate(self._hands):
            if begun is not None and begun.work.order.id == order:
                numbers.append(begun.work.number)
                self._begin(now, nurse)
        return tuple(sorted(numbers))

    def __iter__(self) -> Iterator[Work]:
        """Yield what is in hand, begun or not."""
        yield from (begun.work for begun in self._hands if begun is not None)
        yield from self._waiting

    def in_hand(self) -> tuple[InHand, ...]:
        """Return what is in hand and when each will be begun and carried out, in that order, if nothing changes."""
        begun = [b for b in self._hands if b is not None]
        found = [InHand(b.work.number, b.work.order.id, b.work.dose, b.begins, b.ends) for b in begun]
        free = [b.ends for b in begun]
        for work in self._waiting:
            begins = min(free)
            free[free.index(begins)] = ends = begins + work.order.nurse
            found.append(InHand(work.number, work.order.id, work.dose, begins, ends))
        return tuple(sorted(found, key=lambda item: (item.begins, item.number)))
