"""What was done before a case opens: known from the opening on, and no act of the learner."""

from __future__ import annotations

from sim.case.model.case import Case
from sim.case.model.catalogue import Order
from sim.case.model.scenario import Scenario
from sim.engine.log import DoneBefore


def before_opening(scenario: Scenario) -> tuple[DoneBefore, ...]:
    """Return what the case says was done before it opens, the longest ago first."""
    orders, case = scenario.catalogue.orders, scenario.case
    done = (DoneBefore(0, name, -ago[0], _stopped(case, orders[name], ago)) for name, ago in case.past.items())
    return tuple(sorted(done, key=lambda event: event.ordered))


def _stopped(case: Case, order: Order, ago: tuple[int, ...]) -> int | None:
    """The minute at which it was stopped or came to its end; None for what does not run, or still does."""
    if len(ago) > 1:
        return -ago[1]
    if order.lasts is None or order.id in case.given:
        return None
    return min(order.lasts - ago[0], 0)
