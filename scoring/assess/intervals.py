"""The intervals in which conditions held: what makes a step of the pathway due, and what lets it lapse.

Facts are settled as in `scoring.assess.timeline`. A condition is asked again only when something it reads has changed,
or at a minute at which time alone could change its answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from scoring.assess.timeline import TimePoint, is_move
from sim.case.model.conditions import Condition
from sim.case.model.scenario import Scenario
from sim.engine.ask_again import AskAgain
from sim.engine.knowledge import Knowledge
from sim.engine.log import Event, Log


@dataclass(frozen=True, slots=True)
class Interval:
    """A condition held from one settled moment, to the first at which it did not."""

    since: TimePoint
    until: TimePoint | None = None
    """None where it held to the end of the log."""


def intervals(scenario: Scenario, log: Log, conditions: Sequence[Condition]) -> list[tuple[Interval, ...]]:
    """Return for each condition, asked on what a learner may know, the intervals in which it held."""
    watch = _Watch(scenario, conditions)
    for index, event in enumerate(log):
        if event.at > (at := log[max(index - 1, 0)].at):
            watch.settle(TimePoint(at, index - 1))
            while (ahead := watch.ahead) is not None and ahead <= event.at:
                watch.wake(ahead)
                if ahead < event.at:
                    watch.settle(TimePoint(ahead, index - 1))
        if is_move(event):
            watch.settle(TimePoint(event.at, max(index - 1, 0)))
        watch.take(event)
    if log:
        watch.settle(TimePoint(log[-1].at, len(log) - 1))
    return watch.found()


class _Watch:
    """Conditions being asked along a log."""

    def __init__(self, scenario: Scenario, conditions: Sequence[Condition]) -> None:
        self._facts, self._conditions = Knowledge(scenario), conditions
        self._again = AskAgain(conditions)
        self._since: dict[int, TimePoint] = {}
        self._found: list[list[Interval]] = [[] for _ in conditions]

    @property
    def ahead(self) -> int | None:
        """The next minute at which time alone could change an answer."""
        return self._again.ahead

    def wake(self, minute: int) -> None:
        """Ask again what time alone could change in this minute."""
        self._again.wake(minute)

    def take(self, event: Event) -> None:
        """Add one event to the facts."""
        self._facts.take(event)
        self._again.note(event)

    def settle(self, moment: TimePoint) -> None:
        """Ask at a settled moment what could have changed."""
        for number in self._again.take():
            condition = self._conditions[number]
            if self._facts.holds(condition, moment.at):
                self._since.setdefault(number, moment)
            elif number in self._since:
                self._found[number].append(Interval(self._since.pop(number), moment))
            self._again.set(number, condition, self._facts, moment.at)

    def found(self) -> list[tuple[Interval, ...]]:
        """Return the intervals of each condition, the last one open where it still holds."""
        still = {number: (Interval(moment),) for number, moment in self._since.items()}
        return [(*found, *still.get(number, ())) for number, found in enumerate(self._found)]
