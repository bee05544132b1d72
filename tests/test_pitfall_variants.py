"""The variants in which a pitfall is tried: here the doses of what is placed."""

from __future__ import annotations

from typing import Any

import pytest

from sim.authoring.prove.pitfall_variants import variants
from sim.case.model.catalogue import Kind, Order
from sim.case.model.conditions import Condition
from sim.case.model.pitfalls import Longer, Pattern
from sim.case.model.scenario import Scenario
from sim.case.moves import PlaceOrder


@pytest.mark.parametrize(
    ("bounds", "tried"),
    [
        ({"dose": {"therapy": "drip", "above": 0.05}}, ["1 U/kg/h", "0.1 U/kg/h"]),
        ({"dose": {"therapy": "drip", "below": 0.05}}, ["0.01 U/kg/h", "0.1 U/kg/h"]),
        ({"dose": {"therapy": "drip", "above": 0.2, "below": 0.4}}, ["0.3 U/kg/h", "0.1 U/kg/h"]),
        ({"dose": {"therapy": "drip", "above": 2}}, ["0.1 U/kg/h"]),
        ({"level": {"therapy": "drip", "below": 0.05}}, ["0.01 U/kg/h", "0.1 U/kg/h"]),
        ({"not": {"dose": {"therapy": "drip", "below": 0.05}}}, ["0.1 U/kg/h"]),
        ({"dose": {"therapy": "bolus", "below": 0.05}}, ["0.1 U/kg/h"]),
    ],
)
def test_a_mistake_of_dose_is_tried_at_the_dose_the_pattern_asks_for(
    bounds: dict[str, Any], tried: list[str], tiny: Scenario
) -> None:
    doses = ("0.05 U/kg/h", "0.1 U/kg/h", "0.025 U/kg/h")
    drip = Order(id="drip", name="Drip", kind=Kind.THERAPY, group="Toys", takes="0 min", doses=doses, range=(0.01, 1.0))
    catalogue = tiny.catalogue.model_copy(update={"orders": tiny.catalogue.orders | {"drip": drip}})
    scenario = tiny.model_copy(update={"catalogue": catalogue})
    when = Condition.model_validate(bounds)
    longer = Pattern(longer=Longer(therapy=("drip",), than="6 h", when=when))
    placed = [move for one in variants(scenario, longer) for move in one.moves]
    assert placed == [PlaceOrder("drip"), *(PlaceOrder("drip", dose) for dose in tried)]
    true = {move for one in variants(scenario, Pattern(first_true=when)) for move in one.moves}
    assert true.issuperset(placed) == ("'drip'" in str(bounds) and "not" not in bounds)
