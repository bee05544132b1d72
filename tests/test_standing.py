"""Standing orders: ordered once, carried out again and again by the nurses, who call when a value leaves its limits."""

from __future__ import annotations

from typing import Any

import pytest

from sim.case.model.case import Limits
from sim.case.model.scenario import Scenario
from sim.case.moves import PlaceOrder, StopTherapy, Wait
from sim.engine.log import Called, Charted, ResultReturned
from sim.engine.session import Session
from smalldisease import TOY, library_of, of_type, region, tupled

HOUR, DAY = 60, 1440


def falling(**limits: Any) -> Scenario:
    """A glucose that falls by 2 mmol/L an hour from 9, and an order to measure it every hour."""
    pool = {"name": "Glucose", "unit": "mmol/L", "initial": 9, "flows": [{"rate": "-2 /h"}], **TOY,
            "bands": {"low": "below 0", "there": "above 0"}}  # fmt: skip
    scenario = library_of({"pools": {"glucose": pool}, "observables": {"glucose": {"sum": [{"pool": "glucose"}]}}},
                          nothing=region("calm"))  # fmt: skip
    orders, observables = scenario.catalogue.orders, scenario.catalogue.observables
    hourly = orders["sugar"].model_copy(update={"every": HOUR, "lasts": DAY, "turnaround": 0, "takes": 0})
    quiet = observables["glucose"].model_copy(update={"noise": 0.0, "decimals": 1, "critical_low": 2.6})
    catalogue = scenario.catalogue.model_copy(
        update={"orders": orders | {"sugar": hourly}, "observables": observables | {"glucose": quiet}}
    )
    case = scenario.case.model_copy(update={"limits": {name: Limits(**bound) for name, bound in limits.items()}})
    return scenario.model_copy(update={"catalogue": catalogue, "case": case})


def charted(session: Session) -> list[tuple[int, float]]:
    return [(e.at, e.measurements[0].value) for e in session.log if isinstance(e, ResultReturned)]


def test_ordered_once_it_is_a_value_an_hour() -> None:
    session = Session(falling(), 1)
    session.apply(PlaceOrder("sugar"))
    session.apply(Wait(4 * HOUR))
    assert charted(session) == [(0, 9.0), (60, 7.0), (120, 5.0), (180, 3.0), (240, 1.0)]
    assert len(of_type(session, Charted)) == 4


def test_what_the_order_is_is_said_once() -> None:
    scenario = falling()
    told = scenario.catalogue.orders["sugar"].model_copy(update={"normal": "Every hour from now on."})
    catalogue = scenario.catalogue.model_copy(update={"orders": scenario.catalogue.orders | {"sugar": told}})
    session = Session(scenario.model_copy(update={"catalogue": catalogue}), 1)
    session.apply(PlaceOrder("sugar"))
    session.apply(Wait(2 * HOUR))
    texts = [event.text for event in session.log if isinstance(event, ResultReturned)]
    assert texts == ["Every hour from now on.", "", ""]


def test_what_is_charted_stops_no_clock_and_a_value_beyond_its_limits_does() -> None:
    session = Session(falling(), 1)
    session.apply(PlaceOrder("sugar"))
    session.apply(Wait(None, "call"))
    assert session.now == 4 * HOUR
    assert [event.text for event in session.log if isinstance(event, Called)] == [
        "The nurse calls: glucose is 1.0 mmol/L."
    ]


def test_the_case_sets_limits_of_its_own() -> None:
    session = Session(falling(glucose={"below": 5.5}), 1)
    session.apply(PlaceOrder("sugar"))
    session.apply(Wait(None, "call"))
    assert session.now == 2 * HOUR


def test_nobody_calls_about_a_value_that_the_learner_has_just_been_shown() -> None:
    session = Session(falling(glucose={"above": 6.5}), 1)
    session.apply(PlaceOrder("sugar"))
    session.apply(Wait(3 * HOUR))
    assert of_type(session, Called) == []


def test_they_call_once_for_each_time_it_leaves_its_limits() -> None:
    session = Session(falling(glucose={"below": 5.5}), 1)
    session.apply(PlaceOrder("sugar"))
    session.apply(Wait(6 * HOUR))
    assert len(of_type(session, Called)) == 1


def test_it_ends_when_it_is_stopped_and_when_its_time_is_over() -> None:
    session = Session(falling(), 1)
    session.apply(PlaceOrder("sugar"))
    session.apply(Wait(90))
    session.apply(StopTherapy("sugar"))
    session.apply(Wait(DAY))
    assert [at for at, _ in charted(session)] == [0, 60]
    session = Session(falling(), 1)
    session.apply(PlaceOrder("sugar"))
    session.apply(Wait(3 * DAY))
    assert [at for at, _ in charted(session)][-1] == 23 * HOUR


def test_ordered_again_it_starts_its_hours_anew() -> None:
    session = Session(falling(), 1)
    session.apply(PlaceOrder("sugar"))
    session.apply(Wait(30))
    session.apply(PlaceOrder("sugar"))
    session.apply(Wait(100))
    assert [at for at, _ in charted(session)] == [0, 30, 90]


@pytest.mark.parametrize("limits", [{}, {"below": 6, "above": 4}])
def test_limits_that_bound_nothing_are_refused(limits: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="expected 'below'"):
        Limits.model_validate(tupled(limits))
