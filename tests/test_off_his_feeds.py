"""The feverish infant: shock shows before the pressure falls, doses act, plans pass, and nothing names the answer."""

from __future__ import annotations

import re

import pytest

from shippedcase import last_values, opening_states, played, seed_with
from sim.attempts.replay import replay_policy
from sim.case.library import load
from sim.case.model.scenario import Scenario
from sim.case.moves import Move, PlaceOrder, Wait
from sim.engine.log import CaseEnded, CaseOpened, ResultReturned
from sim.engine.session import Session

pytestmark = pytest.mark.slow

SEEDS = range(1, 21)
TELLING = re.compile(r"sepsis|septic|bacteraemia|meningitis|urosepsis", re.IGNORECASE)


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return load("off_his_feeds")


# --- what is read before the debrief --------------------------------------------------------------------------


def test_nothing_a_learner_reads_before_the_debrief_names_the_answer(scenario: Scenario) -> None:
    case = scenario.case
    told = [case.id, case.title, case.blurb, case.opening, case.setting, *case.objectives]
    told += [finding.text for findings in case.results.values() for finding in findings]
    told += [text for step in case.pathway for text in (step.title, step.because)]  # what the tutor's hints say
    assert [text for text in told if TELLING.search(text)] == []


def test_he_is_as_heavy_as_boys_of_his_age(scenario: Scenario) -> None:
    opened = [Session(scenario, seed).log[0] for seed in SEEDS]
    first = [event for event in opened if isinstance(event, CaseOpened)]
    assert all(41 * 1440 <= event.age <= 52 * 1440 for event in first)
    assert all(4.4 <= event.weight <= 5.4 for event in first)  # 3rd centile 3.4 to 4.4, 97th 5.7 to 7.0


# --- his body -------------------------------------------------------------------------------------------------


def test_refill_pulse_and_lactate_tell_of_shock_in_every_patient(scenario: Scenario) -> None:
    for seed in SEEDS:
        session = played(scenario, seed, PlaceOrder("ex_vital_signs"), PlaceOrder("blood_gas"), Wait(8))
        signs, gas = last_values(session, "ex_vital_signs"), last_values(session, "blood_gas")
        assert signs["capillary_refill"] > 3
        assert 165 < signs["heart_rate"] < 240
        assert 55 <= signs["systolic"] <= 85
        assert signs["temperature"] > 37.8
        assert gas["lactate"] > 2.2


def filled(scenario: Scenario, dose: str) -> int:
    """How many infants are warm half an hour after one bolus."""
    count = 0
    for seed in SEEDS:
        session = played(scenario, seed, PlaceOrder("intraosseous_access"), PlaceOrder("bolus_isotonic", dose),
                         Wait(28), PlaceOrder("ex_perfusion"), Wait(3))  # fmt: skip
        count += not session.ended and last_values(session, "ex_perfusion")["capillary_refill"] < 3
    return count


def test_twenty_fills_more_infants_than_ten_and_not_all(scenario: Scenario) -> None:
    ten, twenty = filled(scenario, "10 mL/kg over 20 min"), filled(scenario, "20 mL/kg over 20 min")
    assert ten + 4 <= twenty < len(SEEDS)


def test_whose_heart_wants_a_drug_stays_cold_on_fluid_and_warms_on_the_drug(scenario: Scenario) -> None:
    seed = seed_with(scenario, infection="septic_shock", answer="drug", pace="slow", sugar="holds")
    fluid: list[Move] = [PlaceOrder("intraosseous_access"), PlaceOrder("antibiotics_broad")]
    fluid += [PlaceOrder("bolus_isotonic", "20 mL/kg over 20 min"), Wait(25)] * 2
    cold = played(scenario, seed, *fluid, PlaceOrder("ex_perfusion"), Wait(3))
    assert last_values(cold, "ex_perfusion")["capillary_refill"] > 3
    warm = played(scenario, seed, *fluid, PlaceOrder("inotropes"), Wait(150), PlaceOrder("ex_perfusion"), Wait(3))
    assert last_values(warm, "ex_perfusion")["capillary_refill"] < 3


def test_hands_and_feet_are_warm_or_cold_and_never_both(scenario: Scenario) -> None:
    look = [PlaceOrder("ex_perfusion"), Wait(20)]
    fill = [
        PlaceOrder("intraosseous_access"),
        PlaceOrder("bolus_isotonic", "20 mL/kg over 20 min"),
        Wait(30),
        *look * 6,
    ]
    told = [e.text for seed in SEEDS for e in played(scenario, seed, *fill).log
            if isinstance(e, ResultReturned) and e.order == "ex_perfusion"]  # fmt: skip
    assert any("Warm" in text for text in told)
    assert any("cold" in text.lower() for text in told)
    assert not [
        text for text in told if re.search(r"\bWarm (to|,)|^Warm", text) and re.search("cold|cool", text.lower())
    ]


def test_a_sugar_that_does_not_hold_falls_without_a_call_and_dextrose_lifts_it(scenario: Scenario) -> None:
    seed = seed_with(scenario, infection="bacteraemia", sugar="empty", pace="slow")
    low = played(scenario, seed, PlaceOrder("intraosseous_access"), Wait(60), PlaceOrder("bedside_glucose"), Wait(5))
    assert last_values(low, "bedside_glucose")["glucose"] < 2.6
    given = played(scenario, seed, PlaceOrder("intraosseous_access"), Wait(60), PlaceOrder("dextrose_bolus"),
                   PlaceOrder("maintenance_fluids"), Wait(20), PlaceOrder("bedside_glucose"), Wait(5))  # fmt: skip
    assert last_values(given, "bedside_glucose")["glucose"] > 2.6


def test_the_stain_and_the_germ_of_the_culture_are_those_of_the_focus(scenario: Scenario) -> None:
    germs = {"urine": ("No growth", "No growth"), "urine_blood": ("Gram-negative rods", "coli"),
             "blood": ("in chains", "agalactiae"), "meninges": ("in chains", "agalactiae"),
             "meninges_pneumo": ("in pairs", "pneumoniae")}  # fmt: skip
    read = 0
    for focus, expected in germs.items():
        for seed in (s for s in range(1, 60) if opening_states(Session(scenario, s))["focus"] == focus):
            log = replay_policy(scenario, seed, "pathway").log
            reports = [e for e in log if isinstance(e, ResultReturned) and e.order == "blood_culture"]
            said = [e.text or "" for e in reports if e.number == reports[0].number]
            if len(said) == 2:
                assert all(word in text for word, text in zip(expected, said, strict=True)), (seed, said)
                read += 1
                break
    assert read == len(germs)


# --- how it is managed ----------------------------------------------------------------------------------------


def test_untreated_nobody_lives(scenario: Scenario) -> None:
    for seed in range(1, 9):
        end = replay_policy(scenario, seed, "none").log[-1]
        assert isinstance(end, CaseEnded)
        assert end.why == "outcome"
