"""Patterns over the log: the first moment at which each came true, and the event that proves it.

Conditions inside a pattern are asked of the true state just before the act they belong to. Bounds, stated once:

- `absent`: an order at exactly `by` is in time; the pattern comes true at that minute if the case lasts to it.
- `before`: what is placed in the same minute counts as before; with `known` the result must stand in the log first.
  A bundle of `or_all` counts from the minute in which its last order is placed for the first time.
- `without`: from `ahead` before to `within` after, both included; undecided, so not met, if the case ends first.
- `longer`: has run for `than` and runs on: a therapy stopped at exactly `than` has not run longer.
- `repeated`, `total`: a stretch of 24 h holds the minutes from its first order up to, not including, 24 h later.
- `ignored`: an act at exactly `within` after the result is in time; undecided, so not met, if the case ends first.
"""

from __future__ import annotations

from math import inf

from scoring.assess.timeline import (
    TimePoint,
    completed,
    done_before,
    end_of,
    facts_at,
    first_holding,
    is_over,
    placements,
    walk,
)
from sim.case.model.conditions import Condition, Shows
from sim.case.model.pitfalls import Absent, Before, During, Ignored, Longer, Pattern, Repeated, Total, Without
from sim.case.model.scenario import Scenario
from sim.engine.log import Event, Log, OrderPlaced, ResultReturned, TherapyStarted, TherapyStopped
from sim.engine.standing import Standing


def first_match(scenario: Scenario, log: Log, pattern: Pattern) -> TimePoint | None:
    """Return the first moment at which the pattern came true in this log, or None."""
    if pattern.absent is not None:
        return _absent(scenario, log, pattern.absent)
    if pattern.before is not None:
        return _before(scenario, log, pattern.before)
    if pattern.without is not None:
        return _without(scenario, log, pattern.without)
    if pattern.longer is not None:
        return _longer(scenario, log, pattern.longer)
    if pattern.during is not None:
        return _during(scenario, log, pattern.during)
    if pattern.repeated is not None:
        return _repeated(log, pattern.repeated)
    if pattern.total is not None:
        return _total(scenario, log, pattern.total)
    if pattern.ignored is not None:
        return _ignored(scenario, log, pattern.ignored)
    if pattern.first_true is not None:
        return first_holding(scenario, log, [pattern.first_true], truth=True)[0]
    return _combined(scenario, log, pattern)


def _combined(scenario: Scenario, log: Log, pattern: Pattern) -> TimePoint | None:
    if pattern.any_ is not None:
        found = [m for part in pattern.any_ if (m := first_match(scenario, log, part)) is not None]
        return min(found, key=lambda m: (m.at, m.event), default=None)
    if pattern.all_ is not None:
        return _all(scenario, log, pattern.all_)
    assert pattern.not_ is not None
    never = first_match(scenario, log, pattern.not_) is None
    # Only a case that is over can say that something never happened.
    return TimePoint(end_of(log), len(log) - 1) if never and is_over(log) else None


def _all(scenario: Scenario, log: Log, parts: tuple[Pattern, ...]) -> TimePoint | None:
    """All parts came true: at the latest of them. What never happened sets the moment only when nothing else does."""
    moments = [(part, first_match(scenario, log, part)) for part in parts]
    if any(moment is None for _, moment in moments):
        return None
    happened = [moment for part, moment in moments if moment is not None and part.not_ is None]
    everything = happened or [moment for _, moment in moments if moment is not None]
    return max(everything, key=lambda m: (m.at, m.event), default=None)


def _absent(scenario: Scenario, log: Log, absent: Absent) -> TimePoint | None:
    start = TimePoint(0, 0) if absent.since is None else first_holding(scenario, log, [absent.since], truth=True)[0]
    if start is None or end_of(log) < start.at + absent.by:
        return None
    placed = any(start.at <= log[i].at <= start.at + absent.by for i in placements(log, absent.order, given=True))
    if placed or Standing(scenario.catalogue.orders, log).by(absent.order, start.at) is not None:
        return None
    return TimePoint(start.at + absent.by, start.event)


def _before(scenario: Scenario, log: Log, before: Before) -> TimePoint | None:
    firsts = (
        _told_by(log, before.first)
        if before.known
        else [*done_before(log, before.first), *placements(log, before.first, given=True)]
    )
    bundles = [_completed(log, bundle, before.known) for bundle in before.or_all]
    firsts += [end for end in bundles if end is not None]
    for index, event in _acts(scenario, log, before.order, before.when):
        ahead = any(i < index or (not before.known and log[i].at == event.at) for i in firsts)
        if not ahead:
            return TimePoint(event.at, index)
    return None


def _completed(log: Log, bundle: tuple[str, ...], known: bool) -> int | None:
    """The index at which the last of a bundle was placed, or resulted."""
    if not known:
        return completed(log, bundle)
    results = [min(_told_by(log, (order,)), default=None) for order in bundle]
    return None if None in results else max(i for i in results if i is not None)


def _told_by(log: Log, orders: tuple[str, ...]) -> list[int]:
    return [
        i
        for i, event in enumerate(log)
        if isinstance(event, ResultReturned) and event.order in orders and not event.report
    ]


def _without(scenario: Scenario, log: Log, without: Without) -> TimePoint | None:
    partners = {i: log[i].at for i in placements(log, without.then, given=True)} | done_before(log, without.then)
    for index, event in _acts(scenario, log, without.order, without.when):
        start = -inf if without.ahead is None else event.at - without.ahead
        until = event.at + without.within
        accompanied = any(start <= at <= until for i, at in partners.items() if i != index)
        if not accompanied and end_of(log) >= until and not _runs(scenario, log, without.then, event.at):
            return TimePoint(until, index)
    return None


def _runs(scenario: Scenario, log: Log, therapies: tuple[str, ...], at: int) -> bool:
    return not set(therapies).isdisjoint(facts_at(scenario, log, at).running)


def _acts(
    scenario: Scenario, log: Log, orders: tuple[str, ...], when: Condition | None
) -> list[tuple[int, OrderPlaced]]:
    """The placements of any of `orders` made while `when` held."""
    return [
        (index, event)
        for index, event, facts in walk(scenario, log)
        if isinstance(event, OrderPlaced)
        and event.order in orders
        and (when is None or facts.holds(when, event.at, truth=True))
    ]


def _longer(scenario: Scenario, log: Log, longer: Longer) -> TimePoint | None:
    for start, index, until in _stretches(log, longer.therapy):
        judged = start + longer.than
        if until > judged and (
            longer.when is None or facts_at(scenario, log, judged).holds(longer.when, judged, truth=True)
        ):
            return TimePoint(judged, index)
    return None


def _stretches(log: Log, therapies: tuple[str, ...]) -> list[tuple[int, int, int]]:
    """(start, index of the start, end) of each stretch in which any of `therapies` ran without a break.

    One that ends in the minute in which another starts makes no break.
    """
    running: set[str] = set()
    stretches: list[tuple[int, int, int]] = []
    start, index, stopped_at = 0, 0, -1
    for number, event in enumerate(log):
        if isinstance(event, TherapyStarted) and event.therapy in therapies:
            if not running and stretches and stopped_at == event.at:
                start, index, _ = stretches.pop()
            elif not running:
                start, index = event.at, number
            running.add(event.therapy)
        elif isinstance(event, TherapyStopped) and event.by != "dose" and event.therapy in running:
            running.discard(event.therapy)
            if not running:
                stretches.append((start, index, event.at))
                stopped_at = event.at
    if running:
        stretches.append((start, index, end_of(log)))
    return stretches


def _during(scenario: Scenario, log: Log, during: During) -> TimePoint | None:
    if not during.stop:
        acts = _acts(scenario, log, during.order, during.when)
        return TimePoint(acts[0][1].at, acts[0][0]) if acts else None
    for index, event, facts in walk(scenario, log):
        stopped = isinstance(event, TherapyStopped) and event.by == "learner" and event.therapy in during.order
        if stopped and facts.holds(during.when, event.at, truth=True):
            return TimePoint(event.at, index)
    return None


def _repeated(log: Log, repeated: Repeated) -> TimePoint | None:
    placed = placements(log, repeated.order)
    for position in range(repeated.more_than, len(placed)):
        first, last = log[placed[position - repeated.more_than]].at, log[placed[position]].at
        if repeated.within is None or last - first < repeated.within:
            return TimePoint(last, placed[position])
    return None


def _total(scenario: Scenario, log: Log, total: Total) -> TimePoint | None:
    given: list[tuple[int, float]] = []
    wrong = {index for index, _ in _acts(scenario, log, total.order, total.when)}
    for index in placements(log, total.order):
        event = log[index]
        assert isinstance(event, OrderPlaced)
        given.append((event.at, scenario.catalogue.orders[event.order].amount_of(event.dose)))
        together = sum(amount for at, amount in given if event.at - at < total.within)
        if together > total.above and index in wrong:
            return TimePoint(event.at, index)
    return None


def _ignored(scenario: Scenario, log: Log, ignored: Ignored) -> TimePoint | None:
    shown, start, fresh = Condition(shows=ignored.shows), None, False
    for index, event, facts in walk(scenario, log):
        if not facts.holds(shown, event.at):
            start = None
        elif fresh and start is None:
            start = TimePoint(log[index - 1].at, index - 1)
        if start is not None and event.at > (until := start.at + ignored.within):
            if ignored.when is None or facts.holds(ignored.when, until, truth=True):
                return TimePoint(until, start.event)
            start = None
        if _answers(event, ignored.unless):
            start = None
        fresh = isinstance(event, ResultReturned) and _is_about(event, ignored.shows)
    return None


def _answers(event: Event, orders: tuple[str, ...]) -> bool:
    if isinstance(event, TherapyStopped):
        return event.by == "learner" and event.therapy in orders
    return isinstance(event, OrderPlaced) and event.order in orders


def _is_about(event: ResultReturned, shows: Shows) -> bool:
    return event.order == shows.order or any(m.observable == shows.observable for m in event.measurements)
