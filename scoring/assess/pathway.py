"""The pathway against the log: for each recommended step, whether it was done, when, and in which order.

A step falls due at the first settled moment at which its `when` holds (at the opening without one), and lapses when
it no longer holds; each time it holds again the step is due again, with a new window. Orders that fulfil it count
while it is due, after `not_before`; an order placed earlier counts where it still stands when the step falls due (see
`sim.engine.standing`). What stands since before the opening leaves nothing to do: the step is then not needed. Once a
window has gone by undone, whatever follows is late at best. The orders are aligned to the steps so that the total
credit is the greatest possible, each order used once; of equals, the step that comes first is kept. An order belongs
first to the step in whose window it was placed: what it earns one that fell due later, where it still stands, counts
only where nothing is lost by it.

A bundle (`or_all`) does a step as well: when the last of its orders is placed for the first time. Each of them still
does the step that asks for it by itself.

An act that was right for two reasons is not blamed for one of them: a step left undone or late shares the order of
one that fell due at another minute, if the order was placed while the step was due and in its window, or started a
therapy that still ran when the step fell due. Steps that fall due together and ask for the same want it done twice.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from scoring.assess.alignment import Match, PartialOrder, align_by_gain, partial_order
from scoring.assess.intervals import Interval, intervals
from scoring.assess.timeline import TimePoint, completed, end_of, withdrawn
from scoring.parameters import (
    FULL_CREDIT,
    LATE_CREDIT,
    LATE_FACTOR,
    NO_CREDIT,
    OUT_OF_ORDER_CREDIT,
    OWN_WINDOW,
    STEP_WEIGHTS,
)
from sim.case.model.conditions import Condition
from sim.case.model.pathway import Step
from sim.case.model.scenario import Scenario
from sim.engine.log import HandedOver, Log, OrderPlaced, TherapyStopped, before_admission
from sim.engine.standing import Standing

Verdict = Literal["in_time", "late", "out_of_order", "missed", "not_needed"]

CREDIT: dict[Verdict, float] = {
    "in_time": FULL_CREDIT,
    "late": LATE_CREDIT,
    "out_of_order": OUT_OF_ORDER_CREDIT,
    "missed": NO_CREDIT,
}


@dataclass(frozen=True, slots=True)
class PathwayItem:
    """What became of one step. `event` is the index in the log of the order that was matched to it.

    `due` is the minute at which it fell due: the time it was done for, or the first that was let go by, or the first
    of all. `until` is the minute at which the need passed of itself, where that left nothing to do.
    """

    step: str
    weight: str
    verdict: Verdict
    at: int | None
    event: int | None
    due: int | None
    until: int | None = None

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


def judge_pathway(scenario: Scenario, log: Log) -> tuple[PathwayItem, ...]:
    """Return the verdict on every step of the case's pathway, in file order.

    A log that ends where it was handed over is judged to there: what is due then is missed, its window open or not.
    """
    steps = scenario.case.pathway
    needs = due_intervals(scenario, log)
    acts = _acts(log)
    standing = Standing(scenario.catalogue.orders, log)
    needs = [
        tuple(interval for interval in need if not _met_before(log, standing, step, interval))
        for step, need in zip(steps, needs, strict=True)
    ]
    candidates = [
        _candidates(scenario, log, acts, standing, step, need) for step, need in zip(steps, needs, strict=True)
    ]
    order = _order(steps)
    matches = _matches(steps, candidates)
    _add_bundles(steps, needs, candidates, log)
    ranks = [event.at for event in log]
    matched = align_by_gain(order, matches, ranks).matched
    shared = _shared(candidates, matched, order, ranks)
    used = {shared.get(step, event) for step, event in enumerate(matched)}
    items = []
    for number, (step, need, events) in enumerate(zip(steps, needs, candidates, strict=True)):
        event = shared.get(number, matched[number])
        if event is None:
            item = _undone(step, need, {e: c for e, c in events.items() if e not in used}, log)
            used.update(() if item.event is None else (item.event,))
        else:
            done = events[event]
            item = PathwayItem(step.id, step.weight, done.verdict, log[event].at, event, done.due)
        items.append(item)
    return tuple(items)


def _met_before(log: Log, standing: Standing, step: Step, interval: Interval) -> bool:
    """Whether what stands since before the opening met this need: then nothing was left to do, and nobody did it."""
    early = standing.by(step.do, interval.since.at) if step.may_stand else None
    return early is not None and before_admission(log[early])


def _shared(
    candidates: Sequence[Mapping[int, Candidate]], matched: Sequence[int | None], order: PartialOrder,
    ranks: Sequence[int],
) -> dict[int, int]:  # fmt: skip
    """Return for steps left undone or late the order of another step that does them in time as well, the first such.

    What comes before a step must not have been done after that order, nor what comes after it before.
    """
    found: dict[int, int] = {}
    dues: dict[int, set[int]] = {}
    for step, event in enumerate(matched):
        if event is not None:
            dues.setdefault(event, set()).add(candidates[step][event].due)
    for number, events in enumerate(candidates):
        own = matched[number]
        if own is not None and events[own].verdict == "in_time":
            continue
        for event, done in sorted(events.items()):
            right_twice = done.shareable and done.due not in dues.get(event, {done.due})
            better = done.bundle and (own is None or done.verdict == "in_time")
            if (right_twice or better) and _fits_in(number, event, {**dict(enumerate(matched)), **found}, order, ranks):
                found[number] = event
                dues.setdefault(event, set()).add(done.due)
                break
    return found


def _fits_in(
    number: int, event: int, at: Mapping[int, int | None], order: PartialOrder, ranks: Sequence[int]
) -> bool:  # fmt: skip
    """Whether a step done by this order keeps to the order of the steps."""
    for other, done in at.items():
        if done is None or other == number:
            continue
        if other in order.ancestors[number] and ranks[done] > ranks[event]:
            return False
        if number in order.ancestors[other] and ranks[done] < ranks[event]:
            return False
    return True


def due_intervals(scenario: Scenario, log: Log) -> list[tuple[Interval, ...]]:
    """Return for each step the intervals in which it was due."""
    steps = scenario.case.pathway
    conditions: dict[str, Condition] = {step.id: step.when for step in steps if step.when is not None}
    held = dict(zip(conditions, intervals(scenario, log, list(conditions.values())), strict=True))
    always = (Interval(TimePoint(0, 0)),)
    return [always if step.when is None else held[step.id] for step in steps]


def due_minutes(scenario: Scenario, log: Log) -> list[int | None]:
    """Return for each step the minute at which it first fell due, or None."""
    return [need[0].since.at if need else None for need in due_intervals(scenario, log)]


def _undone(step: Step, need: tuple[Interval, ...], unused: Mapping[int, Candidate], log: Log) -> PathwayItem:
    """The verdict on a step that was not matched: done out of order, missed, or not needed."""
    first = need[0] if need else None
    item = PathwayItem(step.id, step.weight, "not_needed", None, None, None if first is None else first.since.at)
    for event, done in unused.items():
        return replace(item, verdict="out_of_order", at=log[event].at, event=event, due=done.due)
    for interval in need:
        if _window_passed(step, interval, log):
            return replace(item, verdict="missed", due=interval.since.at)
    return item if first is None or first.until is None else replace(item, until=first.until.at)


def _window_passed(step: Step, interval: Interval, log: Log) -> bool:
    """Whether the need lasted as long as the window was open, or was left to the team that it was handed over to."""
    if interval.until is None and log and isinstance(log[-1], HandedOver):
        return log[-1].at >= interval.since.at + step.not_before
    until = end_of(log) if interval.until is None else interval.until.at
    return until >= interval.since.at + step.within


@dataclass(frozen=True, slots=True)
class Candidate:
    """What an order would earn a step by its time, and when the step had fallen due for it."""

    verdict: Verdict
    due: int
    shareable: bool = False
    """Whether the step is done by it though it does another step."""
    stands: bool = False
    """Whether it was placed before the step fell due, and still stood then."""
    bundle: bool = False
    """Whether it was the last of several that do the step together: then it does its own step as well."""


def _candidates(
    scenario: Scenario,
    log: Log,
    acts: Mapping[tuple[str, bool], list[int]],
    standing: Standing,
    step: Step,
    need: tuple[Interval, ...],
) -> dict[int, Candidate]:
    """Return the events that may fulfil a step, in log order within each time it was due."""
    found: dict[int, Candidate] = {}
    done = sorted(index for order in step.do for index in acts.get((order, step.stop), ()))
    late = False
    for interval in need:
        due = interval.since.at
        if step.may_stand:
            early = standing.by(step.do, due)
            if early is not None:
                shareable = not late and _goes_on(scenario, log, early)
                found.setdefault(early, Candidate("late" if late else "in_time", due, shareable, stands=True))
        for index in done:
            at = log[index].at
            over = interval.until is not None and index > interval.until.event
            if due + step.not_before <= at <= due + LATE_FACTOR * step.within and not over:
                in_time = at <= due + step.within and not late
                found.setdefault(index, Candidate("in_time" if in_time else "late", due, in_time))
        late = late or _window_passed(step, interval, log)
    return found


def _goes_on(scenario: Scenario, log: Log, index: int) -> bool:
    """Whether an order started what runs until it is stopped: what ends of itself would have to be given again."""
    event = log[index]
    order = scenario.catalogue.orders.get(getattr(event, "order", getattr(event, "therapy", "")))
    return order is not None and order.starts_therapy and order.lasts is None


def _acts(log: Log) -> dict[tuple[str, bool], list[int]]:
    """For each order placed, and each therapy stopped by the learner (True), the indices in the log."""
    acts: dict[tuple[str, bool], list[int]] = {}
    taken_back = withdrawn(log)
    for index, event in enumerate(log):
        if isinstance(event, OrderPlaced) and event.number not in taken_back:
            acts.setdefault((event.order, False), []).append(index)
        elif isinstance(event, TherapyStopped) and event.by == "learner":
            acts.setdefault((event.therapy, True), []).append(index)
    return acts


def _order(steps: tuple[Step, ...]) -> PartialOrder:
    number = {step.id: index for index, step in enumerate(steps)}
    return partial_order([[number[other] for other in step.after] for step in steps])


def _add_bundles(
    steps: tuple[Step, ...], needs: Sequence[tuple[Interval, ...]], candidates: Sequence[dict[int, Candidate]], log: Log
) -> None:  # fmt: skip
    """Add to the candidates of each step the order that completed the first of its bundles."""
    for step, need, found in zip(steps, needs, candidates, strict=True):
        ends = [end for bundle in step.or_all if (end := completed(log, bundle)) is not None]
        for interval in need[:1] if ends else ():
            event, due = min(ends), interval.since.at
            if log[event].at <= due + LATE_FACTOR * step.within and event not in found:
                in_time = log[event].at <= due + step.within
                found[event] = Candidate("in_time" if in_time else "late", due, bundle=True)


def _matches(steps: tuple[Step, ...], candidates: list[dict[int, Candidate]]) -> list[Match]:
    # A step left unmatched still earns the credit of 'out of order', so a match gains what it adds to that. Credits
    # are quarters and weights whole, so the gain is whole.
    windows: dict[int, int] = {}  # order to when the first step fell due in whose window it was placed
    for events in candidates:
        for event, done in events.items():
            if done.verdict == "in_time" and not done.stands:
                windows[event] = min(done.due, windows.get(event, done.due))
    matches = []
    for index, step in enumerate(steps):
        for event, done in candidates[index].items():
            gain = round(4 * STEP_WEIGHTS[step.weight] * (CREDIT[done.verdict] - OUT_OF_ORDER_CREDIT))
            borrowed = done.stands and windows.get(event, done.due) < done.due
            matches.append(Match(event, index, gain if borrowed else gain * OWN_WINDOW))
    return matches
