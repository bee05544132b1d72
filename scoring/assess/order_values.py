"""What each order outside the pathway was worth in the true state it was given in."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

from scoring.assess.timeline import walk
from sim.case.model.catalogue import Kind
from sim.case.model.pitfalls import OrderValue
from sim.case.model.scenario import Scenario
from sim.engine.knowledge import Knowledge
from sim.engine.log import Log, OrderPlaced, ResultReturned

Worth = Literal["useful", "neutral", "wasteful", "harmful"]

PENDING = "The same investigation was still on its way: a second sample before its result tells nothing new."
DEFAULT = "The case says nothing about it here."


@dataclass(frozen=True, slots=True)
class ValuedOrder:
    """One order outside the pathway. `rule` is the position in the case's `values`, or None for a default."""

    order: str
    at: int
    event: int
    value: Worth
    because: str
    critical: bool = False
    rule: int | None = None


def value_orders(scenario: Scenario, log: Log, matched: Collection[int]) -> tuple[ValuedOrder, ...]:
    """Return the worth of each order whose index in the log is not in `matched`, in log order.

    The first of the case's values that names the order and holds just before it decides. Without one it is
    neutral; an investigation placed again while its result was on its way is wasteful, unless the case calls it
    harmful.
    """
    valued: list[ValuedOrder] = []
    pending: dict[int, str] = {}
    for index, event, facts in walk(scenario, log):
        if isinstance(event, ResultReturned) and not event.report:
            pending.pop(event.number, None)
        elif isinstance(event, OrderPlaced):
            if index not in matched:
                valued.append(_valued(scenario, event, index, facts, event.order in pending.values()))
            known = scenario.catalogue.orders.get(event.order)
            if known is not None and known.kind is Kind.INVESTIGATION:
                pending[event.number] = event.order
    return tuple(valued)


def _valued(scenario: Scenario, event: OrderPlaced, index: int, facts: Knowledge, again: bool) -> ValuedOrder:
    number, rule = _rule(scenario, event, facts)
    if again and (rule is None or rule.value != "harmful"):
        return ValuedOrder(event.order, event.at, index, "wasteful", PENDING)
    if rule is None:
        return ValuedOrder(event.order, event.at, index, "neutral", DEFAULT)
    return ValuedOrder(event.order, event.at, index, rule.value, rule.because, rule.critical, number)


def _rule(scenario: Scenario, event: OrderPlaced, facts: Knowledge) -> tuple[int | None, OrderValue | None]:
    for number, rule in enumerate(scenario.case.values):
        if event.order in rule.order and (rule.when is None or facts.holds(rule.when, event.at, truth=True)):
            return number, rule
    return None, None
