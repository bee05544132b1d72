"""When things were so: the log walked with Knowledge, at the moments that count.

Facts are *settled* just before each of the learner's moves and at the end of every minute in which something
happened, and at each minute at which time alone could change a condition. A condition first holds at the first
settled moment at which it holds. So what is true only between two events of one minute is never seen, and what a
learner could see when he acted always is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from sim.case.model.conditions import Condition
from sim.case.model.scenario import Scenario
from sim.engine.knowledge import Knowledge
from sim.engine.log import (
    CaseEnded,
    CheckpointReached,
    DoneBefore,
    Event,
    HintGiven,
    Log,
    OrderPlaced,
    OrderRefused,
    OrderWithdrawn,
    TherapyStarted,
    TherapyStopped,
    TimePassed,
)

_TELLS_NOTHING: Final = (TimePassed, HintGiven, CheckpointReached, OrderRefused)
"""Events that no condition asks about."""


@dataclass(frozen=True, slots=True)
class TimePoint:
    """A settled moment: a minute, and the index in the log of the event that proves it."""

    at: int
    event: int


def end_of(log: Log) -> int:
    """Return the minute at which the log ends (0 for an empty one)."""
    return log[-1].at if log else 0


def is_over(log: Log) -> bool:
    """Return whether the case has ended in this log."""
    return bool(log) and isinstance(log[-1], CaseEnded)


def is_move(event: Event) -> bool:
    """Return whether the event is an act of the learner on the patient: an order, or a therapy stopped."""
    return isinstance(event, OrderPlaced) or (isinstance(event, TherapyStopped) and event.by == "learner")


def walk(scenario: Scenario, log: Log) -> Iterator[tuple[int, Event, Knowledge]]:
    """Yield each event with its index and what was so just before it. The Knowledge is one object, moved along."""
    facts = Knowledge(scenario)
    for index, event in enumerate(log):
        yield index, event, facts
        facts.take(event)


def facts_at(scenario: Scenario, log: Log, at: int) -> Knowledge:
    """Return what was so at the end of minute `at`."""
    facts = Knowledge(scenario)
    for event in log:
        if event.at > at:
            break
        facts.take(event)
    return facts


def first_holding(
    scenario: Scenario, log: Log, conditions: Sequence[Condition], *, truth: bool = False
) -> list[TimePoint | None]:
    """Return for each condition the first settled moment at which it held, or None.

    The moment's event is the last before it. Without `truth` a condition on the true state raises ValueError.
    """
    found: list[TimePoint | None] = [None] * len(conditions)
    waiting = dict(enumerate(conditions))
    facts = Knowledge(scenario)
    fresh = False  # whether anything changed since the conditions were last asked
    ahead: int | None = None  # the next minute at which time alone could change one of them
    stale = True  # whether `ahead` has to be worked out again

    def settle(at: int, index: int) -> None:
        nonlocal fresh
        if fresh:
            for number in [n for n, condition in waiting.items() if facts.holds(condition, at, truth)]:
                found[number] = TimePoint(at, index)
                del waiting[number]
            fresh = False

    for index, event in enumerate(log):
        if index and event.at > (at := log[index - 1].at):
            settle(at, index - 1)
            ahead = _next_boundary(facts, waiting.values(), at) if stale else ahead
            while ahead is not None and ahead < event.at:
                fresh = True
                settle(ahead, index - 1)
                ahead = _next_boundary(facts, waiting.values(), ahead)
            fresh = stale = ahead == event.at
        if is_move(event):
            settle(event.at, max(index - 1, 0))
        facts.take(event)
        if not isinstance(event, _TELLS_NOTHING):
            fresh = stale = True
    if log:
        settle(log[-1].at, len(log) - 1)
    return found


def _next_boundary(facts: Knowledge, conditions: Iterable[Condition], at: int) -> int | None:
    return min((b for c in conditions if (b := facts.boundaries(c, at)) is not None), default=None)


def done_before(log: Log, orders: Sequence[str]) -> dict[int, int]:
    """Return where the log says that any of `orders` was carried out before the opening: index to minute, below 0."""
    wanted = frozenset(orders)
    return {i: e.ordered for i, e in enumerate(log) if isinstance(e, DoneBefore) and e.order in wanted}


def withdrawn(log: Log) -> frozenset[int]:
    """Return the numbers of the orders that were withdrawn before they were carried out: they count as not placed."""
    numbers = {number for event in log if isinstance(event, OrderWithdrawn) for number in event.numbers}
    return frozenset(numbers - {event.number for event in log if isinstance(event, TherapyStarted)})


def placements(log: Log, orders: Sequence[str], *, given: bool = False) -> list[int]:
    """Return the indices at which any of `orders` was placed; with `given` also where one runs from the opening."""
    wanted, taken_back = frozenset(orders), withdrawn(log)
    placed: set[str] = set()
    found: list[int] = []
    for index, event in enumerate(log):
        if isinstance(event, OrderPlaced) and event.order in wanted and event.number not in taken_back:
            placed.add(event.order)
            found.append(index)
        elif given and isinstance(event, TherapyStarted) and event.therapy in wanted and event.therapy not in placed:
            found.append(index)
    return found


def completed(log: Log, bundle: Sequence[str]) -> int | None:
    """Return the index at which the last of a bundle's orders was placed for the first time, or None."""
    firsts: list[int] = []
    for order in bundle:
        found = placements(log, (order,), given=True)
        if not found:
            return None
        firsts.append(found[0])
    return max(firsts, default=None)
