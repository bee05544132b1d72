"""The small boy: ketoacidosis first, the tablet by its dose; nothing names the answer."""

from __future__ import annotations

import re

import pytest

from scoring.assess.pitfalls import find_pitfalls
from shippedcase import last_values, played, seed_with
from sim.attempts.replay import replay_policy
from sim.case.library import load
from sim.case.model.scenario import Scenario
from sim.case.moves import Move, PlaceOrder, StopTherapy, Wait
from sim.engine.log import CaseEnded, CaseOpened, ResultReturned, StateEntered
from sim.engine.session import Session

pytestmark = pytest.mark.slow

SEEDS = range(1, 21)
DAY = 1440
TELLING = re.compile(r"kcnj11|abcc8|k-?atp|channel|sulfonylurea|neonatal diabetes|ipex|glibenclamide", re.IGNORECASE)
OPENING = re.compile(r"diabet|sugar|ketoacid|insulin|glucose", re.IGNORECASE)


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return load("small_and_quick")


# --- what is read before the debrief --------------------------------------------------------------------------


def test_nothing_a_learner_reads_at_the_door_names_the_answer(scenario: Scenario) -> None:
    case = scenario.case
    told = [case.id, case.title, case.blurb, case.opening, case.setting]
    assert [text for text in told if TELLING.search(text) or OPENING.search(text)] == []


def test_no_hint_before_the_gene_names_it(scenario: Scenario) -> None:
    early = [step for step in scenario.case.pathway if step.phase in ("First hour", "First day", "First week")]
    assert [t for step in early for t in (step.title, step.because) if TELLING.search(t)] == []


def test_no_answer_of_the_family_names_it(scenario: Scenario) -> None:
    said = [f.text for order, findings in scenario.case.results.items() if order.startswith("hx_") for f in findings]
    assert [text for text in said if TELLING.search(text)] == []


def test_he_is_small_for_a_boy_of_five_weeks(scenario: Scenario) -> None:
    first = [event for seed in SEEDS for event in [Session(scenario, seed).log[0]] if isinstance(event, CaseOpened)]
    assert all(33 * DAY <= event.age <= 38 * DAY for event in first)
    assert all(2.5 <= event.weight <= 3.25 for event in first)  # 3rd centile at a month 3.4, -3 SD 2.9


# --- his body -------------------------------------------------------------------------------------------------


def test_every_patient_comes_in_shock_and_ketoacidosis(scenario: Scenario) -> None:
    for seed in SEEDS:
        session = played(scenario, seed, PlaceOrder("ex_vital_signs"), PlaceOrder("blood_gas"), PlaceOrder("ketones"),
                         PlaceOrder("electrolytes"), Wait(75))  # fmt: skip
        signs, gas = last_values(session, "ex_vital_signs"), last_values(session, "blood_gas")
        assert signs["capillary_refill"] > 3
        assert 150 < signs["heart_rate"] < 225
        assert 50 <= signs["systolic"] <= 85
        assert gas["ph"] < 7.3
        assert gas["glucose"] > 20
        assert last_values(session, "ketones")["ketones"] > 3.5
        assert last_values(session, "electrolytes")["potassium"] > 3.5


def test_eosinophils_and_ige_are_those_of_any_infant(scenario: Scenario) -> None:
    for seed in (1, 2, 4, 5):
        log = replay_policy(scenario, seed, "pathway").log
        read = {m.observable: m.value for e in log if isinstance(e, ResultReturned) for m in e.measurements}
        assert read["eosinophils"] < 1
        assert read["ige"] < 14


def out_of_the_acid(pump: str) -> list[Move]:
    """Two days of treatment, a pump, and the drip off."""
    moves: list[Move] = [PlaceOrder("peripheral_access"), PlaceOrder("bolus_isotonic"), PlaceOrder("antibiotics_broad")]
    moves += [Wait(25), PlaceOrder("bolus_isotonic"), Wait(40), PlaceOrder("deficit_fluids")]
    moves += [PlaceOrder("insulin_infusion"), PlaceOrder("potassium_replacement"), Wait(2 * DAY)]
    moves += [PlaceOrder("insulin_pump", pump), Wait(120), StopTherapy("insulin_infusion")]
    return [*moves, StopTherapy("potassium_replacement")]


def on_the_tablet(scenario: Scenario, seed: int, tablet: str, pump: str | None) -> float:
    """The glucose after nine days on a tablet, with an insulin pump beside it or not."""
    session = played(scenario, seed, *out_of_the_acid("0.5"), PlaceOrder("glibenclamide", tablet), Wait(7 * DAY),
                     StopTherapy("insulin_pump") if pump is None else PlaceOrder("insulin_pump", pump))  # fmt: skip
    target = session.log[-1].at + 2 * DAY
    while not session.ended and session.log[-1].at < target:  # calls stop the clock
        session.apply(Wait(max(1, target - session.log[-1].at)))
    for move in (PlaceOrder("bedside_glucose"), Wait(5)):
        session.apply(move)
    return last_values(session, "bedside_glucose")["glucose"]


TABLETS = (
    ("0.2", None, 9, 16),
    ("0.45", None, 4.5, 8),
    ("3", None, 1, 3.5),  # ten times too much is a low glucose by itself
    ("0.6", "0.25", 2.5, 6),
    ("0.6", "1", 1, 3.2),  # an insulin that is not lowered is too much beside it
)


@pytest.mark.parametrize(("tablet", "pump", "low", "high"), TABLETS)
def test_the_tablet_acts_by_dose(scenario: Scenario, tablet: str, pump: str | None, low: float, high: float) -> None:
    seed = seed_with(scenario, insulin_need="usual", infection="none")
    assert low < on_the_tablet(scenario, seed, tablet, pump) < high


def test_insulin_may_not_end_with_the_first_tablet(scenario: Scenario) -> None:
    seed = seed_with(scenario, insulin_need="usual", infection="none")
    moves = [*out_of_the_acid("0.5"), PlaceOrder("hourly_glucose"), PlaceOrder("glibenclamide")]
    ended = played(scenario, seed, *moves, StopTherapy("insulin_pump"), Wait(2 * DAY))
    assert "insulin_stopped_early" in {item.id for item in find_pitfalls(scenario, ended.log)}
    assert any(isinstance(e, StateEntered) and (e.region, e.state) == ("ketones", "ketoacidosis") and e.transition
               for e in ended.log)  # fmt: skip


def test_a_trial_before_the_gene_watched_and_beside_insulin_is_no_mistake(scenario: Scenario) -> None:
    seed = seed_with(scenario, insulin_need="usual", infection="none")
    session = played(scenario, seed, *out_of_the_acid("0.5"), PlaceOrder("hourly_glucose"), PlaceOrder("glibenclamide"))
    session.apply(Wait(2 * DAY))
    mistakes = {item.id for item in find_pitfalls(scenario, session.log)}
    assert mistakes.isdisjoint({"tablet_in_the_acid", "tablet_unwatched", "insulin_stopped_early", "tenfold_tablet"})


def glucose_after_steroid(scenario: Scenario, seed: int, *extra: Move) -> float:
    session = played(
        scenario, seed, *out_of_the_acid("0.5"), *extra, Wait(3 * DAY), PlaceOrder("bedside_glucose"), Wait(5)
    )
    return last_values(session, "bedside_glucose")["glucose"]


def test_a_steroid_raises_the_sugar(scenario: Scenario) -> None:
    seed = seed_with(scenario, insulin_need="usual", infection="none")
    steroid = PlaceOrder("methylprednisolone", "2 mg/kg/day")
    assert glucose_after_steroid(scenario, seed, steroid) > glucose_after_steroid(scenario, seed) + 4


# --- how it is managed ----------------------------------------------------------------------------------------


def test_on_the_pathway_the_tablet_takes_the_place_of_insulin(scenario: Scenario) -> None:
    for seed in SEEDS:
        log = replay_policy(scenario, seed, "pathway").log
        states = {event.region: event.state for event in log if isinstance(event, StateEntered)}
        if states["islets"] == "destroyed":
            assert states["released"] == "enough"
            assert states["glucose"] == "normal"


def test_untreated_nobody_lives(scenario: Scenario) -> None:
    for seed in range(1, 9):
        end = replay_policy(scenario, seed, "none").log[-1]
        assert isinstance(end, CaseEnded)
        assert end.why == "outcome"
