"""Data gathering as two numbers that must not be added: how much was found out, and how much effort bore on it.

Thoroughness rewards asking, efficiency restrains it; one number of both would let either hide the other.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from scoring.assess.order_values import ValuedOrder
from scoring.assess.pathway import PathwayItem
from scoring.parameters import BLOOD_STRETCH, BLOOD_VOLUME, BLOOD_VOLUME_OF_ADULTS, CHEAP_WEIGHT, STEP_WEIGHTS
from sim.case.model.catalogue import GROWN, Kind
from sim.case.model.scenario import Scenario
from sim.engine.log import CaseOpened, Charted, Log, OrderPlaced, ResultReturned

_ASKING = (Kind.HISTORY, Kind.EXAMINATION, Kind.INVESTIGATION)
_TALKING = (Kind.HISTORY, Kind.EXAMINATION)


@dataclass(frozen=True, slots=True)
class Blood:
    """Blood drawn, in mL per kg: over the whole case, and in the worst four weeks of it."""

    total: float
    worst: float
    grown: bool
    """Whether it is an adult's."""

    @property
    def volume(self) -> float:
        """The blood volume of a young child, or of an adult."""
        return BLOOD_VOLUME_OF_ADULTS if self.grown else BLOOD_VOLUME

    @property
    def share(self) -> float:
        """The worst four weeks as a share of the blood volume."""
        return self.worst / self.volume


def thoroughness(scenario: Scenario, items: Sequence[PathwayItem]) -> float | None:
    """Return the share, by weight, of the pathway's questions, examinations and investigations that were obtained.

    Obtained means done at all, however late. Steps that were not needed do not count; None if none is left.
    """
    steps = {step.id: step for step in scenario.case.pathway}
    asked = [i for i in items if i.judged and not steps[i.step].stop and _asks(scenario, steps[i.step].do)]
    total = sum(STEP_WEIGHTS[item.weight] for item in asked)
    return sum(STEP_WEIGHTS[item.weight] for item in asked if item.done) / total if total else None


def _asks(scenario: Scenario, orders: Sequence[str]) -> bool:
    return scenario.catalogue.orders[orders[0]].kind in _ASKING


def efficiency(scenario: Scenario, log: Log, matched: Collection[int], valued: Sequence[ValuedOrder]) -> float | None:
    """Return the share, by cost tier, of what was ordered that mattered: it did a step, or was useful where it stood.

    What did not matter weighs its tier, with one grace: a neutral question or examination weighs next to nothing,
    a neutral investigation almost one tier less, so that a repeated bedside test costs little and a scan costs much.
    None if nothing was ordered.
    """
    mattered = sum(_tier(scenario, log, index) for index in matched if isinstance(log[index], OrderPlaced))
    rest = 0.0
    for order in valued:
        kind, tier = scenario.catalogue.orders[order.order].kind, _tier(scenario, log, order.event)
        if order.value == "useful":
            mattered += tier
        elif order.value == "neutral" and kind in _TALKING:
            rest += CHEAP_WEIGHT
        elif order.value == "neutral" and kind is Kind.INVESTIGATION:
            rest += tier - 1 + CHEAP_WEIGHT
        else:
            rest += tier
    return mattered / (mattered + rest) if mattered + rest else None


def _tier(scenario: Scenario, log: Log, index: int) -> int:
    event = log[index]
    assert isinstance(event, OrderPlaced)
    return scenario.catalogue.orders[event.order].cost


def blood_drawn(scenario: Scenario, log: Log) -> Blood:
    """Return the blood drawn per kg of the weight last known then: at each order, and each turn of a standing one."""
    weight, total, within, worst = 0.0, 0.0, 0.0, 0.0
    grown = False
    recent: deque[tuple[int, float]] = deque()
    for event in log:
        if isinstance(event, CaseOpened):
            weight, grown = event.weight, event.age >= GROWN
        elif isinstance(event, ResultReturned):
            weight = next((m.value for m in event.measurements if m.observable == "weight"), weight)
        if isinstance(event, (OrderPlaced, Charted)) and weight > 0:
            drawn = scenario.catalogue.orders[event.order].blood / weight
            recent.append((event.at, drawn))
            total, within = total + drawn, within + drawn
            while recent[0][0] <= event.at - BLOOD_STRETCH:
                within -= recent.popleft()[1]
            worst = max(worst, within)
    return Blood(total, worst, grown)
