"""Which of many conditions are to be asked again: those that read a fact that changed, or whose time has come."""

from __future__ import annotations

import heapq
from collections.abc import Iterable

from sim.case.model.conditions import Condition
from sim.case.model.terms import Fact, parsed, reads
from sim.engine.knowledge import Knowledge, changes
from sim.engine.log import Event


class AskAgain:
    """Numbered conditions that are asked along a log, each only where its answer may have changed.

    `note` every event, `wake` for every minute that comes; `take` then gives the numbers to ask, and each one that
    was asked is `set` for the next minute at which time alone could change it.
    """

    __slots__ = ("_clock", "_readers", "_touched", "_turn")

    def __init__(self, conditions: Iterable[Condition | None]) -> None:
        """Take the conditions in the order of their numbers; at first all are to be asked. None: always holds."""
        self._readers: dict[Fact, list[int]] = {}
        self._turn: list[int | None] = []
        for number, condition in enumerate(conditions):
            self._turn.append(None)
            for fact in () if condition is None else reads(parsed(condition)):
                self._readers.setdefault(fact, []).append(number)
        self._touched = set(range(len(self._turn)))
        self._clock: list[tuple[int, int]] = []

    def note(self, event: Event) -> None:
        """Note which conditions an event may change."""
        for fact in changes(event):
            readers = self._readers.get(fact)
            if readers is not None:
                self._touched.update(readers)

    def wake(self, minute: int) -> None:
        """Note which conditions time alone may have changed by this minute."""
        while self._clock and self._clock[0][0] <= minute:
            at, number = heapq.heappop(self._clock)
            if self._turn[number] == at:
                self._touched.add(number)

    def take(self) -> list[int]:
        """Return the numbers of the conditions to ask, in order; none of them is left."""
        asked = sorted(self._touched)
        self._touched.clear()
        return asked

    def set(self, number: int, condition: Condition | None, facts: Knowledge, at: int) -> None:
        """Note, for a condition asked at minute `at`, when time alone could next change it."""
        turn = None if condition is None else facts.boundaries(condition, at)
        if turn is not None and turn != self._turn[number]:
            heapq.heappush(self._clock, (turn, number))
        self._turn[number] = turn

    def drop(self, number: int) -> None:
        """Let time no longer ask a condition."""
        self._turn[number] = None

    @property
    def ahead(self) -> int | None:
        """The next minute at which time alone could change an answer, or None."""
        while self._clock and self._turn[self._clock[0][1]] != self._clock[0][0]:
            heapq.heappop(self._clock)
        return self._clock[0][0] if self._clock else None
