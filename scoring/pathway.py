"""The pathway against the log: for each recommended step, whether it was done, when, and in which order.

A step falls due at the first settled moment at which its `when` holds (at the opening without one). Orders that
fulfil it count from then on, after `not_before`; an order placed earlier counts where it still stands when the
step falls due (see `scoring.moments.stands`). The orders are aligned to the steps so that the total credit is
the greatest possible, each order used once; of equals, the step that comes first is kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

from scoring.alignment import Match, PartialOrder, align_by_gain, partial_order
from scoring.moments import end_of, first_holding, stands
from scoring.standard import FULL_CREDIT, LATE_CREDIT, LATE_FACTOR, OUT_OF_ORDER_CREDIT, STEP_WEIGHTS
from sim.case.model import Condition, Library, Step
from sim.engine.log import Log, OrderPlaced, TherapyStopped

Verdict = Literal["in_time", "late", "out_of_order", "missed", "not_needed"]

CREDIT: dict[Verdict, float] = {
    "in_time": FULL_CREDIT,
    "late": LATE_CREDIT,
    "out_of_order": OUT_OF_ORDER_CREDIT,
    "missed": 0.0,
}


@dataclass(frozen=True, slots=True)
class PathwayItem:
    """What became of one step. `event` is the index in the log of the order that was matched to it."""

    step: str
    weight: str
    verdict: Verdict
    at: int | None
    event: int | None
    due: int | None

    @property
    def points(self) -> float:
        """The step's weight times the credit of its verdict."""
        return STEP_WEIGHTS[self.weight] * CREDIT.get(self.verdict, 0.0)

    @property
    def judged(self) -> bool:
        """Whether the step was done or missed, and therefore counts."""
        return self.verdict != "not_needed"

    @property
    def done(self) -> bool:
        """Whether it was done at all, however late or out of order."""
        return self.event is not None


def judge_pathway(library: Library, log: Log) -> tuple[PathwayItem, ...]:
    """Return the verdict on every step of the case's pathway, in file order."""
    steps = library.case.pathway
    due = due_moments(library, log)
    acts = _acts(log)
    candidates = [_candidates(library, log, acts, step, moment) for step, moment in zip(steps, due, strict=True)]
    order = _order(steps)
    matches = _matches(steps, candidates)
    ranks = [event.at for event in log]
    matched = align_by_gain(order, matches, ranks).matched
    used = {event for event in matched if event is not None}
    items = []
    for step, moment, events, event in zip(steps, due, candidates, matched, strict=True):
        item = PathwayItem(step.id, step.weight, "not_needed", None, None, moment)
        if event is not None:
            item = replace(item, verdict=events[event], at=log[event].at, event=event)
        else:
            item = _undone(item, step, [e for e in events if e not in used], log)
            used.update(() if item.event is None else (item.event,))
        items.append(item)
    return tuple(items)


def due_moments(library: Library, log: Log) -> list[int | None]:
    """Return for each step the minute at which it fell due, or None."""
    steps = library.case.pathway
    conditions: dict[str, Condition] = {step.id: step.when for step in steps if step.when is not None}
    held = dict(zip(conditions, first_holding(library, log, list(conditions.values())), strict=True))
    moments: list[int | None] = []
    for step in steps:
        moment = held.get(step.id)
        moments.append(0 if step.when is None else None if moment is None else moment.at)
    return moments


def _undone(item: PathwayItem, step: Step, unused: list[int], log: Log) -> PathwayItem:
    """The verdict on a step that was not matched: done out of order, missed, or not needed."""
    if unused:
        return replace(item, verdict="out_of_order", at=log[unused[0]].at, event=unused[0])
    if item.due is None or end_of(log) < item.due + step.within:
        return item
    return replace(item, verdict="missed")


def _candidates(
    library: Library, log: Log, acts: Mapping[tuple[str, bool], list[int]], step: Step, due: int | None
) -> dict[int, Verdict]:
    """Return the events that may fulfil a step, in log order, with the verdict each would earn by its time."""
    if due is None:
        return {}
    found: dict[int, Verdict] = {}
    if not step.stop and not step.not_before:
        early = stands(library, log, step.do, due)
        if early is not None:
            found[early] = "in_time"
    for index in sorted(index for order in step.do for index in acts.get((order, step.stop), ())):
        at = log[index].at
        if due + step.not_before <= at <= due + LATE_FACTOR * step.within:
            found[index] = "in_time" if at <= due + step.within else "late"
    return found


def _acts(log: Log) -> dict[tuple[str, bool], list[int]]:
    """For each order placed, and each therapy stopped by the learner (True), the indices in the log."""
    acts: dict[tuple[str, bool], list[int]] = {}
    for index, event in enumerate(log):
        if isinstance(event, OrderPlaced):
            acts.setdefault((event.order, False), []).append(index)
        elif isinstance(event, TherapyStopped) and event.by == "learner":
            acts.setdefault((event.therapy, True), []).append(index)
    return acts


def _order(steps: tuple[Step, ...]) -> PartialOrder:
    number = {step.id: index for index, step in enumerate(steps)}
    return partial_order([[number[other] for other in step.after] for step in steps])


def _matches(steps: tuple[Step, ...], candidates: list[dict[int, Verdict]]) -> list[Match]:
    # A step left unmatched still earns the credit of 'out of order', so a match gains what it adds to that. Credits
    # are quarters and weights whole, so the gain is whole.
    return [
        Match(event, index, round(4 * STEP_WEIGHTS[step.weight] * (CREDIT[verdict] - OUT_OF_ORDER_CREDIT)))
        for index, step in enumerate(steps)
        for event, verdict in candidates[index].items()
    ]
