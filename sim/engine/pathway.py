"""The recommended pathway as something that can be followed: which steps are due, on what has been revealed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from sim.case.model.pathway import Step
from sim.case.model.scenario import Scenario
from sim.case.quantities import LATE_FACTOR
from sim.engine.ask_again import AskAgain
from sim.engine.knowledge import Knowledge
from sim.engine.log import (
    ACTED,
    DifferentialStated,
    Event,
    Log,
    OrderPlaced,
    OrderRefused,
    TherapyStopped,
    TimePassed,
)
from sim.engine.standing import Standing


class Progress:
    """How far an attempt is along its pathway. It reads the log only, never the patient's true state."""

    def __init__(self, scenario: Scenario, skip: Iterable[str] = ()) -> None:
        """Start at the opening; steps whose ids are in `skip` are left out."""
        skipped = frozenset(skip)
        self._steps = tuple(step for step in scenario.case.pathway if step.id not in skipped)
        self._again = AskAgain(step.when for step in self._steps)
        self._due: dict[str, int] = {}
        self._done: dict[str, int] = {}
        self._waiting: dict[int, None] = {}
        """The numbers of the steps that are due and not done."""

    @property
    def done(self) -> dict[str, int]:
        """The steps that were done, and when."""
        return dict(self._done)

    def note(self, event: Event) -> None:
        """Take one event: an order placed, or a therapy that somebody stopped, may do a step that is due."""
        self._again.note(event)
        if isinstance(event, OrderPlaced):
            self._do(event.order, event.at, stop=False)
        elif isinstance(event, TherapyStopped) and event.by in ACTED:
            self._do(event.therapy, event.at, stop=True)

    def _do(self, order: str, at: int, *, stop: bool) -> None:
        for number in sorted(self._waiting):
            step = self._steps[number]
            if step.stop == stop and order in step.do and self._open(step, at):
                self._done[step.id] = at
                del self._waiting[number]
                self._again.drop(number)
                return

    def look(self, knowledge: Knowledge, at: int) -> None:
        """Note which steps are due at minute `at`: one whose `when` no longer holds has lapsed, and may return.

        Every event that `knowledge` has taken must have been noted. Only steps whose answer may have changed are asked.
        """
        self._again.wake(at)
        for number in self._again.take():
            step = self._steps[number]
            if step.id in self._done:
                continue
            if step.when is None or knowledge.holds(step.when, at):
                self._due.setdefault(step.id, at)
                self._waiting[number] = None
            else:
                self._due.pop(step.id, None)
                self._waiting.pop(number, None)
            self._again.set(number, step.when, knowledge, at)

    def due_since(self, step: Step) -> int:
        """Return the minute since which a step is due. Raises KeyError for one that is not."""
        return self._due[step.id]

    def ready(self, at: int) -> tuple[Step, ...]:
        """Return the steps to do now, in file order: due, not done, and no predecessor that is due is undone."""
        return tuple(
            step
            for step in map(self._steps.__getitem__, sorted(self._waiting))
            if self._open(step, at) and not any(other in self._due and other not in self._done for other in step.after)
        )

    def _open(self, step: Step, at: int) -> bool:
        due = self._due.get(step.id)
        return due is not None and at >= due + step.not_before

    def next_look(self, at: int) -> int | None:
        """Return the next minute after `at`, where it was looked at, at which time alone could make a step ready or
        let it lapse, or None.
        """
        opens = (self._due[step.id] + step.not_before for step in map(self._steps.__getitem__, self._waiting))
        moments = [moment for moment in opens if moment > at]
        ahead = self._again.ahead
        return min(moments if ahead is None else [*moments, ahead], default=None)


def progress_along(scenario: Scenario, log: Log, skip: Iterable[str] = ()) -> Progress:
    """Return how far a log has come along the pathway, looked at as its follower does: before every move, and now."""
    progress, facts, seen = Progress(scenario, skip), Knowledge(scenario), list[Event]()

    def look(at: int) -> None:
        for event in seen:
            progress.note(event)
            facts.take(event)
        seen.clear()
        progress.look(facts, at)

    for event in log:
        if isinstance(event, TimePassed):
            later = [known for known in seen if known.at > event.since]
            del seen[len(seen) - len(later) :]
            look(event.since)
            seen.extend(later)
        elif isinstance(event, _ACTS) and not (isinstance(event, TherapyStopped) and event.by not in ACTED):
            look(event.at)
        seen.append(event)
    look(log[-1].at if log else 0)
    return progress


_ACTS: Final = (OrderPlaced, OrderRefused, TherapyStopped, DifferentialStated)

_PATIENCE: Final = {"must": 1, "should": 2, "could": 4}
"""By so much the time that is left counts longer: a should with an hour left waits for a must with less than two."""


class Guide:
    """What the pathway recommends next, given a log that grows.

    `take` the log's new events, then ask for the `next_step`. It sees only what has been revealed.
    """

    def __init__(self, scenario: Scenario) -> None:
        """Start at the opening."""
        self._knowledge, self._progress = Knowledge(scenario), Progress(scenario)
        self._standing = Standing(scenario.catalogue.orders)
        self._at = self._taken = 0

    def take(self, log: Sequence[Event]) -> None:
        """Take what is new in the log, which holds everything from the opening on."""
        for event in log[self._taken :]:
            self._reach(event.at)
            if isinstance(event, (OrderPlaced, TherapyStopped)):
                self._progress.look(self._knowledge, event.at)
            self._progress.note(event)
            self._knowledge.take(event)
            self._standing.take(event)
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
        while (ahead := self._progress.next_look(self._at)) is not None and ahead < at:
            self._at = ahead
            self._progress.look(self._knowledge, ahead)
        self._at = at

    def _pressing(self, step: Step, at: int) -> tuple[bool, int]:
        """What comes first: the least time left, the weight considered; last what is missed already."""
        left = self._progress.due_since(step) + step.within - at
        return left < (1 - LATE_FACTOR) * step.within, max(left, 0) * _PATIENCE[step.weight]

    def _stands(self, step: Step) -> bool:
        if step.stop:
            return not self._standing.runs(step.do)
        if any(self._knowledge.placed.issuperset(bundle) for bundle in step.or_all):
            return True
        return step.may_stand and self._standing.by(step.do) is not None
