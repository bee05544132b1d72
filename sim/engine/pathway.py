"""The recommended pathway as something that can be followed: which steps are due, on what has been revealed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from sim.case.model.catalogue import Kind
from sim.case.model.pathway import Step
from sim.case.model.scenario import Scenario
from sim.engine.knowledge import Knowledge
from sim.engine.log import Event, OrderPlaced, TherapyStopped


class Progress:
    """How far an attempt is along its pathway. It reads the log only, never the patient's true state."""

    def __init__(self, scenario: Scenario, skip: Iterable[str] = ()) -> None:
        """Start at the opening; steps whose ids are in `skip` are left out."""
        skipped = frozenset(skip)
        self._steps = tuple(step for step in scenario.case.pathway if step.id not in skipped)
        self._due: dict[str, int] = {}
        self._done: dict[str, int] = {}

    @property
    def done(self) -> dict[str, int]:
        """The steps that were done, and when."""
        return dict(self._done)

    def note(self, event: Event) -> None:
        """Take one event: an order placed, or a therapy stopped by the learner, may do a step that is due."""
        if isinstance(event, OrderPlaced):
            self._do(event.order, event.at, stop=False)
        elif isinstance(event, TherapyStopped) and event.by == "learner":
            self._do(event.therapy, event.at, stop=True)

    def _do(self, order: str, at: int, *, stop: bool) -> None:
        for step in self._steps:
            if step.stop == stop and order in step.do and step.id not in self._done and self._open(step, at):
                self._done[step.id] = at
                return

    def look(self, knowledge: Knowledge, at: int) -> None:
        """Note which steps are due at minute `at`: one whose `when` no longer holds has lapsed, and may return."""
        for step in self._steps:
            if step.id in self._done:
                continue
            if step.when is None or knowledge.holds(step.when, at):
                self._due.setdefault(step.id, at)
            else:
                self._due.pop(step.id, None)

    def due_since(self, step: Step) -> int:
        """Return the minute since which a step is due. Raises KeyError for one that is not."""
        return self._due[step.id]

    def ready(self, at: int) -> tuple[Step, ...]:
        """Return the steps to do now, in file order: due, not done, and no predecessor that is due is undone."""
        return tuple(
            step
            for step in self._steps
            if step.id not in self._done
            and self._open(step, at)
            and not any(other in self._due and other not in self._done for other in step.after)
        )

    def _open(self, step: Step, at: int) -> bool:
        due = self._due.get(step.id)
        return due is not None and at >= due + step.not_before

    def next_look(self, knowledge: Knowledge, at: int) -> int | None:
        """Return the next minute after `at` at which time alone could make a step ready or let it lapse, or None."""
        moments: list[int] = []
        for step in self._steps:
            if step.id in self._done:
                continue
            due = self._due.get(step.id)
            if due is not None and due + step.not_before > at:
                moments.append(due + step.not_before)
            moment = None if step.when is None else knowledge.boundaries(step.when, at)
            if moment is not None:
                moments.append(moment)
        return min(moments, default=None)


_PATIENCE: Final = {"must": 1, "should": 2, "could": 4}
"""By so much the time that is left counts longer: a should with an hour left waits for a must with less than two."""

_OVERDUE: Final = 2
"""After so many windows a step earns nothing more: it is hinted only when nothing else is due."""

_ONCE_DONE: Final = (Kind.HISTORY, Kind.CONSULT, Kind.DISPOSITION)


class Guide:
    """What the pathway recommends next, given a log that grows.

    `take` the log's new events, then ask for the `next_step`. It sees only what has been revealed.
    """

    def __init__(self, scenario: Scenario) -> None:
        """Start at the opening."""
        self._orders = scenario.catalogue.orders
        self._knowledge, self._progress = Knowledge(scenario), Progress(scenario)
        self._at = self._taken = 0

    def take(self, log: Sequence[Event]) -> None:
        """Take what is new in the log, which holds everything from the opening on."""
        for event in log[self._taken :]:
            self._reach(event.at)
            if isinstance(event, (OrderPlaced, TherapyStopped)):
                self._progress.look(self._knowledge, event.at)
                self._progress.note(event)
            self._knowledge.take(event)
        self._taken = len(log)

    def next_step(self, at: int) -> str | None:
        """Return the id of the most pressing step at minute `at`, or None when nothing is due.

        A step is left out while something it asks for is under way or done: a therapy runs, a question
        was asked, a result is pending.
        """
        self._reach(at)
        self._progress.look(self._knowledge, at)
        waiting = [step for step in self._progress.ready(at) if not self._stands(step)]
        found = min(waiting, key=lambda step: self._pressing(step, at), default=None)
        return None if found is None else found.id

    def _reach(self, at: int) -> None:
        """Let time pass, and note what falls due or lapses on the way."""
        if at == self._at:
            return
        self._progress.look(self._knowledge, self._at)
        while (ahead := self._progress.next_look(self._knowledge, self._at)) is not None and ahead < at:
            self._at = ahead
            self._progress.look(self._knowledge, ahead)
        self._at = at

    def _pressing(self, step: Step, at: int) -> tuple[bool, int]:
        """What comes first: the least time left, the weight considered; last what can earn nothing more."""
        left = self._progress.due_since(step) + step.within - at
        return left < (1 - _OVERDUE) * step.within, max(left, 0) * _PATIENCE[step.weight]

    def _stands(self, step: Step) -> bool:
        if step.stop:
            return not any(order in self._knowledge.running for order in step.do)
        return not step.not_before and not step.changes_what_runs and any(map(self._standing, step.do))

    def _standing(self, order: str) -> bool:
        known = self._orders[order]
        if known.starts_therapy:
            return order in self._knowledge.running
        if known.kind is Kind.INVESTIGATION:
            asked = self._knowledge.last_ordered.get(order)
            return asked is not None and asked > self._knowledge.last_resulted.get(order, -1)
        return known.kind in _ONCE_DONE and order in self._knowledge.placed
