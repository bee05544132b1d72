"""The man of 34 who vomits: his potassium is low before any insulin, and his body answers by dose."""

from __future__ import annotations

import re

import pytest

from shippedcase import last_values, played
from sim.case.library import load
from sim.case.model.scenario import Scenario
from sim.case.moves import PlaceOrder, Wait
from sim.engine.log import Called, ResultReturned
from sim.engine.session import Session

pytestmark = pytest.mark.slow

ANSWER = re.compile(r"diabet|ketoacid|insulin|potassium|sugar", re.IGNORECASE)
OF_A_CHILD = re.compile(
    r"\bchild|infant|bab(y|ies)|nappy|nappies|fontanelle|mother fetches|breast|cot\b", re.IGNORECASE
)
HOUR = 60


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return load("nothing_stays_down")


def until(session: Session, minute: int) -> Session:
    """The patient at that minute, whatever stops the clock before."""
    while session.now < minute and not session.ended:
        session.apply(Wait(minute - session.now))
    return session


def treated(scenario: Scenario, seed: int, potassium: str | None, insulin: str, ahead: int) -> Session:
    """A litre, the drip with potassium, and insulin at this minute."""
    given = [] if potassium is None else [PlaceOrder("potassium_replacement", potassium)]
    session = played(scenario, seed, PlaceOrder("peripheral_access"))
    for order in (PlaceOrder("bolus_isotonic", "14 mL/kg over 20 min"), PlaceOrder("deficit_fluids", "7"), *given):
        session.apply(order)
    until(session, ahead).apply(PlaceOrder("insulin_infusion", insulin))
    return session


def stopped(session: Session) -> bool:
    return any(isinstance(event, Called) and event.reveals == "collapse" for event in session.log)


@pytest.mark.parametrize("seed", range(1, 13))
def test_the_first_numbers_are_those_of_an_adult_short_of_potassium(scenario: Scenario, seed: int) -> None:
    session = played(
        scenario, seed, *map(PlaceOrder, ("ex_vital_signs", "blood_gas", "ketones", "ex_weight", "ecg")), Wait(30)
    )
    first = {m.observable: m.value for e in session.log if isinstance(e, ResultReturned) for m in e.measurements}
    assert 90 <= first["heart_rate"] <= 130
    assert 25 <= first["respiratory_rate"] <= 44
    assert 105 <= first["systolic"] <= 135
    assert 63 <= first["weight"] <= 74
    assert 7.05 <= first["ph"] <= 7.28
    assert first["ketones"] > 5.5
    assert 2.3 <= first["potassium"] < 3
    said = {e.order: e.text for e in session.log if isinstance(e, ResultReturned)}
    assert "U waves" in said["ecg"]


@pytest.mark.parametrize("seed", range(1, 7))
def test_two_hours_of_potassium_carry_him_through_the_insulin(scenario: Scenario, seed: int) -> None:
    session = treated(scenario, seed, "60 mmol per litre of fluid", "0.1 U/kg/h", 150)
    assert session.true_value("potassium") >= 3.1
    for hour in range(4, 12):
        assert until(session, hour * HOUR).true_value("potassium") >= 3
    assert not stopped(session)


def test_insulin_first_takes_the_potassium_and_stops_hearts(scenario: Scenario) -> None:
    hearts = 0
    for seed in range(1, 13):
        hearts += stopped(until(treated(scenario, seed, None, "0.1 U/kg/h", 30), 8 * HOUR))
    assert hearts >= 6


def test_more_potassium_and_less_insulin_leave_more_in_the_blood(scenario: Scenario) -> None:
    def after(potassium: str, insulin: str) -> float:
        return until(treated(scenario, 5, potassium, insulin, 2 * HOUR), 6 * HOUR).true_value("potassium")

    twenty, forty, sixty = (after(f"{dose} mmol per litre of fluid", "0.1 U/kg/h") for dose in (20, 40, 60))
    assert twenty < forty < sixty
    assert after("40 mmol per litre of fluid", "0.05 U/kg/h") > forty


def test_the_deficit_of_an_adult_is_in_after_a_day(scenario: Scenario) -> None:
    session = until(treated(scenario, 5, "60 mmol per litre of fluid", "0.1 U/kg/h", 2 * HOUR), 26 * HOUR)
    assert "deficit_fluids" not in {running.therapy for running in session.running}
    session.apply(PlaceOrder("ex_weight"))
    session.apply(Wait(5))
    before = last_values(played(scenario, 5, PlaceOrder("ex_weight"), Wait(5)), "ex_weight")["weight"]
    assert 4 <= last_values(session, "ex_weight")["weight"] - before <= 8


def test_what_is_read_at_the_door_does_not_name_the_answer(scenario: Scenario) -> None:
    case = scenario.case
    for text in (case.id, case.title, case.blurb, case.level, case.setting, case.opening, *case.patient.names):
        assert not ANSWER.search(text)


def test_nothing_that_is_said_of_him_is_said_of_a_child(scenario: Scenario) -> None:
    asked = [o for o in scenario.catalogue.orders.values() if o.kind.value in ("history", "examination")]
    session = Session(scenario, 3)
    for order in asked:
        if not session.ended and session.refusal(order.id) is None:
            session.apply(PlaceOrder(order.id))
    session.apply(Wait(2 * HOUR))
    said = [event.text for event in session.log if isinstance(event, ResultReturned)]
    assert len(said) > 60
    assert [text for text in (*said, *(order.name for order in asked)) if OF_A_CHILD.search(text)] == []
