"""A pitfall as variants that a cohort can play: what is placed or stopped at one moment, and what is left out.

A variant is made at a moment and the pathway followed after it; what is left out is left out for good or comes too
late. So it can be weighed over thousands of futures. Whether the pattern then comes true is asked of the log.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice, product
from typing import Final

from sim.case.model.catalogue import DoseOption, Order
from sim.case.model.conditions import Condition
from sim.case.model.pitfalls import Before, During, Ignored, Longer, Pattern, Repeated, Total, Without
from sim.case.model.scenario import Scenario
from sim.case.model.terms import Dose, Level, leaves, parsed
from sim.case.moves import Move, PlaceOrder, StopTherapy
from sim.case.unit import plain_number
from sim.engine.kernel import Plan

MOST: Final = 24
"""More variants of one pitfall are not tried at one moment."""

_LATE: Final = 1
"""How many minutes after the last good one a late order comes."""


@dataclass(frozen=True, slots=True)
class Variant:
    """What is done at a moment, and what is left out of the pathway around it."""

    moves: tuple[Move, ...] = ()
    without: frozenset[str] = frozenset()
    """Orders that the pathway leaves out."""
    late: tuple[tuple[frozenset[str], int], ...] = ()
    """Orders that come so many minutes late."""
    keeps: frozenset[str] = frozenset()
    """Therapies that the pathway does not stop."""

    def plans(self, scenario: Scenario) -> Iterator[Plan]:
        """Yield the plans that follow the pathway with the mistake in it, the most like the pathway first."""
        steps = scenario.case.pathway
        kept = {step.id for step in steps if step.stop and set(step.do) <= self.keeps}
        delay = {
            step.id: minutes
            for orders, minutes in self.late
            for step in steps
            if not step.stop and orders.intersection(step.do)
        }
        for only in (True, False):
            left = {
                step.id for step in steps
                if not step.stop and (set(step.do) <= self.without if only else self.without.intersection(step.do))
            }  # fmt: skip
            yield Plan(moves=self.moves, skip=frozenset(kept | left), delay=delay)


def variants(scenario: Scenario, pattern: Pattern) -> Iterator[Variant]:
    """Yield the variants that make a pattern come true at a moment, the plainest first."""
    yield from islice(dict.fromkeys(_given_access(scenario, found) for found in _variants(scenario, pattern)), MOST)


def _given_access(scenario: Scenario, variant: Variant) -> Variant:
    """The variant with a way into a vein placed ahead of what is given by one: the cheapest that serves."""
    orders = scenario.catalogue.orders
    placed = [orders[move.order] for move in variant.moves if isinstance(move, PlaceOrder) and move.order in orders]
    way = next((order.via for order in placed if order.via is not None), None)
    serving = sorted((order for order in orders.values() if order.serves(way)), key=lambda order: order.cost)
    return replace(variant, moves=(PlaceOrder(serving[0].id), *variant.moves)) if serving else variant


def _variants(scenario: Scenario, pattern: Pattern) -> Iterator[Variant]:
    if pattern.absent is not None:
        orders = frozenset(pattern.absent.order)
        yield Variant(late=((orders, pattern.absent.by + _LATE),))
        yield Variant(without=orders)
    elif pattern.before is not None:
        yield from _placed_before(scenario, pattern.before, pattern)
    elif pattern.without is not None:
        yield from _unaccompanied(scenario, pattern.without, pattern)
    elif pattern.longer is not None:
        yield from _kept_up(scenario, pattern.longer, pattern)
    elif pattern.during is not None:
        yield from _while(scenario, pattern.during, pattern)
    elif pattern.repeated is not None:
        yield from _again(scenario, pattern.repeated, pattern)
    elif pattern.total is not None:
        yield from _added_up(scenario, pattern.total)
    elif pattern.ignored is not None:
        yield from _unanswered(scenario, pattern.ignored, pattern)
    else:
        yield from _combined(scenario, pattern)


def _combined(scenario: Scenario, pattern: Pattern) -> Iterator[Variant]:
    if pattern.any_ is not None:
        for part in pattern.any_:
            yield from _variants(scenario, part)
    elif pattern.all_ is not None:
        for parts in product(*(list(_variants(scenario, part)) for part in pattern.all_)):
            yield _together(parts)
    else:
        yield Variant()
        shown = None if pattern.first_true is None else pattern.first_true.shows
        if shown is not None and shown.order is not None:
            yield Variant((PlaceOrder(shown.order),))
        therapies = tuple(dict.fromkeys(drug.therapy for drug in _drugs(pattern)))
        yield from (Variant((move,)) for move in _placings(scenario, therapies, pattern))


def _placings(scenario: Scenario, orders: tuple[str, ...], pattern: Pattern) -> Iterator[PlaceOrder]:
    """Each order, then each at the doses the pattern asks for and at its largest: a mistake may be one of dose."""
    asked = list(_drugs(pattern))
    for order in orders:
        yield PlaceOrder(order)
    for order in orders:
        known = scenario.catalogue.orders[order]
        fitting = [_dose_within(known, drug) for drug in asked if drug.therapy == order]
        largest = max(known.doses, key=lambda option: option.amount, default=None)
        yield from (PlaceOrder(order, option.label) for option in (*fitting, largest) if option is not None)


def _drugs(pattern: Pattern) -> Iterator[Dose | Level]:
    """The bounds on doses and levels that must hold for the pattern."""
    for condition in conditions_of(pattern):
        for leaf in leaves(parsed(condition), negated=False):
            if isinstance(leaf, (Dose, Level)):
                yield leaf


def _dose_within(order: Order, drug: Dose | Level) -> DoseOption | None:
    """A dose as far beyond the bound as may be given, or one between two; a level follows the dose, either way."""
    options = [*order.doses, *order.extremes]
    if isinstance(drug, Dose):
        between = None if drug.above is None or drug.below is None else (drug.above + drug.below) / 2
        typed = order.dose_meant(None if between is None else plain_number(between))
        options = [option for option in (*options, typed) if option is not None and _is_within(option.amount, drug)]
    furthest = min if drug.above is None else max
    return furthest(options, key=lambda option: option.amount, default=None)


def _is_within(amount: float, drug: Dose) -> bool:
    return (drug.above is None or amount > drug.above) and (drug.below is None or amount < drug.below)


def _placed_before(scenario: Scenario, before: Before, pattern: Pattern) -> Iterator[Variant]:
    for move in _placings(scenario, before.order, pattern):
        yield Variant((move,))
        yield Variant((move,), without=frozenset(before.first))


def _unaccompanied(scenario: Scenario, without: Without, pattern: Pattern) -> Iterator[Variant]:
    then = frozenset(without.then)
    yield Variant(late=((then, without.within + _LATE),))
    yield Variant(without=then)
    for move in _placings(scenario, without.order, pattern):
        yield Variant((move,), without=then)


def _kept_up(scenario: Scenario, longer: Longer, pattern: Pattern) -> Iterator[Variant]:
    keeps = frozenset(longer.therapy)
    yield Variant(keeps=keeps)
    for move in _placings(scenario, longer.therapy, pattern):
        yield Variant((move,), keeps=keeps)


def _while(scenario: Scenario, during: During, pattern: Pattern) -> Iterator[Variant]:
    if during.stop:
        for order in during.order:
            yield Variant((StopTherapy(order),))
            yield Variant((StopTherapy(order),), without=frozenset(during.order))
    else:
        for move in _placings(scenario, during.order, pattern):
            yield Variant((move,))


def _again(scenario: Scenario, repeated: Repeated, pattern: Pattern) -> Iterator[Variant]:
    count, orders = repeated.more_than + 1, repeated.order
    yield Variant(tuple(PlaceOrder(orders[i % len(orders)]) for i in range(count)))
    for move in _placings(scenario, orders, pattern):
        yield Variant((move,) * count)


def _added_up(scenario: Scenario, total: Total) -> Iterator[Variant]:
    """The largest dose, and the usual one, as often as it takes, of each order."""
    for order in total.order:
        known = scenario.catalogue.orders[order]
        largest = max(known.doses, key=lambda option: option.amount, default=None)
        for label in dict.fromkeys((None if largest is None else largest.label, None)):
            count = int(total.above // known.amount_of(label)) + 1
            yield Variant((PlaceOrder(order, label),) * count)


def _unanswered(scenario: Scenario, ignored: Ignored, pattern: Pattern) -> Iterator[Variant]:
    """What would have answered is left as it is, from now on or at a large dose."""
    still = frozenset(ignored.unless)
    yield Variant(without=still, keeps=still)
    running = tuple(order for order in ignored.unless if scenario.catalogue.orders[order].starts_therapy)
    for move in _placings(scenario, running, pattern):
        yield Variant((move,), without=still, keeps=still)


def _together(parts: tuple[Variant, ...]) -> Variant:
    whole = Variant()
    for part in parts:
        whole = replace(
            whole,
            moves=whole.moves + part.moves,
            without=whole.without | part.without,
            late=whole.late + part.late,
            keeps=whole.keeps | part.keeps,
        )
    return whole


def conditions_of(pattern: Pattern) -> Iterator[Condition]:
    """Yield the conditions of a pattern and of the patterns within it, but for what must not come true.

    A therapy that must be stopped must run.
    """
    for part in (pattern.absent, pattern.before, pattern.without, pattern.longer, pattern.total):
        condition = None if part is None else getattr(part, "since", None) or getattr(part, "when", None)
        if condition is not None:
            yield condition
    if pattern.ignored is not None:
        shown = Condition(shows=pattern.ignored.shows)
        yield shown if pattern.ignored.when is None else Condition(all=(shown, pattern.ignored.when))
    if pattern.during is not None and pattern.during.stop:
        yield Condition(all=(Condition(running=pattern.during.order), pattern.during.when))
    elif pattern.during is not None:
        yield pattern.during.when
    if pattern.first_true is not None:
        yield pattern.first_true
    for inner in (*(pattern.all_ or ()), *(pattern.any_ or ())):
        yield from conditions_of(inner)
