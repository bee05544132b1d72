"""The girl of nine with a sore belly: her body answers by dose, nothing at the door says the answer."""

from __future__ import annotations

import re

import pytest

from shippedcase import played
from sim.case.library import load
from sim.case.model.scenario import Scenario
from sim.case.moves import Finish, Move, PlaceOrder, Wait
from sim.engine.log import Called, ResultReturned
from sim.engine.session import Session

pytestmark = pytest.mark.slow

ANSWER = re.compile(r"diabet|ketoacid|insulin|islet", re.IGNORECASE)
HOUR = 60


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return load("deep_breaths")


def values(session: Session, observable: str, since: int = 0) -> list[float]:
    """Every value that was shown of an observable, in the order of time."""
    return [
        m.value for event in session.log if isinstance(event, ResultReturned) and event.at >= since
        for m in event.measurements if m.observable == observable
    ]  # fmt: skip


def treated(dose: str, *extra: Move) -> list[Move]:
    """Fluid, and an hour later insulin at this dose; then a gas after five hours more."""
    return [
        PlaceOrder("peripheral_access"), Wait(5), PlaceOrder("blood_gas"), Wait(6),
        PlaceOrder("bolus_isotonic", "10 mL/kg over 20 min"), Wait(25), PlaceOrder("deficit_fluids", "7"), Wait(40),
        PlaceOrder("insulin_infusion", dose), *extra, Wait(5 * HOUR), PlaceOrder("blood_gas"), Wait(6),
    ]  # fmt: skip


@pytest.mark.parametrize("seed", range(1, 9))
def test_the_first_numbers_are_those_of_a_child_of_nine(scenario: Scenario, seed: int) -> None:
    orders = ("ex_vital_signs", "blood_gas", "ketones", "ex_weight", "ex_consciousness")
    session = played(scenario, seed, *map(PlaceOrder, orders), Wait(30))
    first = {
        m.observable: m.value for event in session.log if isinstance(event, ResultReturned) for m in event.measurements
    }
    assert 95 <= first["heart_rate"] <= 145
    assert 30 <= first["respiratory_rate"] <= 55
    assert 88 <= first["systolic"] <= 115  # not below 70 + 2 x age
    assert 22 <= first["weight"] <= 26.5
    assert 6.95 <= first["ph"] <= 7.26
    assert 2 <= first["bicarbonate"] <= 11
    assert first["ketones"] > 5
    assert 3.9 <= first["potassium"] <= 6
    assert first["gcs"] >= 12


def test_more_insulin_is_a_little_faster_and_takes_more_potassium(scenario: Scenario) -> None:
    low, high = (played(scenario, 5, *treated(dose)) for dose in ("0.05 U/kg/h", "0.1 U/kg/h"))
    falls = [(values(session, "glucose")[0] - values(session, "glucose")[-1]) / 6 for session in (low, high)]
    assert 1.5 <= falls[0] <= falls[1] <= 5
    assert values(high, "potassium")[-1] < values(low, "potassium")[-1]


def test_dextrose_comes_when_it_is_ordered_and_not_before(scenario: Scenario) -> None:
    day: list[Move] = [Wait(14 * HOUR), PlaceOrder("bedside_glucose"), Wait(5)]
    without = played(scenario, 5, *treated("0.1 U/kg/h"), *day)
    with_it = played(scenario, 5, *treated("0.1 U/kg/h", PlaceOrder("dextrose_in_fluids", "10 %")), *day)
    assert values(without, "glucose")[-1] + 3 < values(with_it, "glucose")[-1]


def test_without_fluid_in_the_drip_there_is_nothing_to_add_dextrose_to(scenario: Scenario) -> None:
    session = Session(scenario, 1)
    assert session.refusal("dextrose_in_fluids") is not None


def test_seven_per_cent_does_not_flood_her_and_two_per_cent_leaves_her_dry(scenario: Scenario) -> None:
    def weight(dose: str) -> float:
        moves = [move for move in treated("0.05 U/kg/h") if move != PlaceOrder("deficit_fluids", "7")]
        moves.insert(6, PlaceOrder("deficit_fluids", dose))
        session = played(scenario, 5, *moves, Wait(24 * HOUR), PlaceOrder("ex_weight"), Wait(5))
        return values(session, "weight")[-1]

    dry, right, much = (weight(dose) for dose in ("2", "7", "15% deficit over 36 h"))
    assert dry < right - 0.4
    assert right < much


def test_a_family_that_was_not_taught_telephones(scenario: Scenario) -> None:
    told = 0
    for seed in range(1, 7):
        moves = [
            *treated("0.1 U/kg/h"),
            PlaceOrder("potassium_replacement"), PlaceOrder("dextrose_in_fluids"), Wait(24 * HOUR),
            PlaceOrder("insulin_subcutaneous", "0.75 U/kg/day"), Wait(6 * HOUR), PlaceOrder("discharge_home"),
            *[Wait(24 * HOUR)] * 10, Finish(),
        ]  # fmt: skip
        session = played(scenario, seed, *moves)
        told += any("left the insulin out" in event.text for event in session.log if isinstance(event, Called))
    assert told >= 1


def test_what_is_read_at_the_door_does_not_name_the_answer(scenario: Scenario) -> None:
    case = scenario.case
    for text in (case.id, case.title, case.blurb, case.level, case.setting, case.opening, *case.patient.names):
        assert not ANSWER.search(text)


def test_no_answer_of_the_family_names_it_before_a_finger_is_pricked(scenario: Scenario) -> None:
    at_the_door = [
        finding.text for order, findings in scenario.case.results.items() if order.startswith("hx_")
        for finding in findings if finding.when is None
    ]  # fmt: skip
    assert not [text for text in at_the_door if ANSWER.search(text)]


def test_nothing_that_is_said_of_her_is_said_of_an_infant(scenario: Scenario) -> None:
    session = played(
        scenario, 3,
        *map(PlaceOrder, ("ex_general", "ex_perfusion", "ex_consciousness", "ex_urine_output", "ex_weight",
                          "ex_fontanelle", "ex_hydration", "ex_breathing", "head_ultrasound")), Wait(4 * HOUR),
    )  # fmt: skip
    said = " ".join(event.text for event in session.log if isinstance(event, ResultReturned))
    assert not re.search(r"nappies|naked|sunken fontanelle|infant|breast", said, re.IGNORECASE)
