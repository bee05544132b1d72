"""Day plus seven: an hour that counts, a line that grew it, a steroid that the note asks for, and white cells."""

from __future__ import annotations

import re

import pytest

from scoring.assess.pitfalls import find_pitfalls
from shippedcase import last_values, opening_states, played
from sim.attempts.replay import replay_policy
from sim.case.library import load
from sim.case.model.scenario import Scenario
from sim.case.moves import Move, PlaceOrder, Wait
from sim.engine.log import CaseOpened, ResultReturned, StateEntered
from sim.engine.session import Session

pytestmark = pytest.mark.slow

SEEDS = range(1, 31)
DAY = 1440
TELLING = re.compile(r"staphylococc|from the line|line infection|line sepsis|candida", re.IGNORECASE)


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return load("day_plus_seven")


def after(scenario: Scenario, seed: int, minutes: int, *moves: Move) -> Session:
    """The boy after these moves and until that minute."""
    session = played(scenario, seed, *moves)
    while not session.ended and session.now < minutes:
        session.apply(Wait(minutes - session.now))
    return session


def entered(session: Session, region: str, *states: str) -> bool:
    return any(isinstance(e, StateEntered) and e.region == region and e.state in states for e in session.log)


def shocked(scenario: Scenario, minutes: int, *moves: Move) -> int:
    return sum(entered(after(scenario, seed, minutes, *moves), "infection", "septic_shock") for seed in SEEDS)


def test_nothing_a_learner_reads_at_the_door_names_the_answer(scenario: Scenario) -> None:
    case = scenario.case
    told = [case.id, case.title, case.blurb, case.opening, case.setting]
    told += [f.text for order, findings in case.results.items() if order.startswith("hx_") for f in findings]
    told = [text for text in told if "in spring" not in text]  # an infection of another line, half a year ago
    told += [text for step in case.pathway if step.phase == "First hour" for text in (step.title, step.because)]
    assert [text for text in told if TELLING.search(text)] == []


def test_he_opens_without_white_cells_and_with_a_fever(scenario: Scenario) -> None:
    for seed in SEEDS:
        wanted = ("ex_vital_signs", "ex_stool", "blood_culture", "antibiotics_broad", "fbc", "lft")
        session = played(scenario, seed, *map(PlaceOrder, wanted), *[Wait(180)] * 4)
        if session.ended:
            continue
        states = opening_states(session)
        assert (states["graft"], states["infection"], states["gvhd"]) == ("aplasia", "bacteraemia", "none")
        opened = session.log[0]
        assert isinstance(opened, CaseOpened)
        assert 6.3 <= opened.weight <= 7.1
        signs, blood = last_values(session, "ex_vital_signs"), last_values(session, "fbc")
        assert 38.2 <= signs["temperature"] <= 39.6
        assert 130 <= signs["heart_rate"] <= 185
        assert 94 <= signs["spo2"] <= 100
        assert blood["neutrophils"] < 0.1
        assert 5 <= blood["platelets"] < 25
        assert 80 <= blood["hb"] <= 110
        assert last_values(session, "ex_stool")["stool_output"] < 30  # soft, and not the gut of a graft's disease
        assert last_values(session, "lft")["bilirubin"] < 20


def test_the_bottle_from_the_line_turns_first(scenario: Scenario) -> None:
    session = after(scenario, 3, 50 * 60, PlaceOrder("blood_culture"), PlaceOrder("antibiotics_broad"))
    text = next(e.text for e in session.log if isinstance(e, ResultReturned) and e.order == "blood_culture")
    assert "the line bottle two hours ahead" in text


def test_each_hour_without_an_antibiotic_is_paid_for(scenario: Scenario) -> None:
    at_once = shocked(scenario, 2 * DAY, PlaceOrder("antibiotics_broad"))
    late = shocked(scenario, 2 * DAY, Wait(8 * 60), PlaceOrder("antibiotics_broad"))
    never = shocked(scenario, 2 * DAY)
    assert at_once < late < never
    assert never >= 15


def test_a_steroid_for_the_fever_costs(scenario: Scenario) -> None:
    antibiotic = PlaceOrder("antibiotics_broad")
    steroid = PlaceOrder("methylprednisolone", "2 mg/kg/day")
    assert shocked(scenario, 6 * DAY, antibiotic, steroid) >= shocked(scenario, 6 * DAY, antibiotic)
    fallen = {item.id for item in find_pitfalls(scenario, after(scenario, 3, 60, antibiotic, steroid).log)}
    assert "steroid_for_a_fever" in fallen


def test_a_rash_that_comes_with_the_white_cells_is_treated_without_blame(scenario: Scenario) -> None:
    steps = {step.id: step for step in scenario.case.pathway}
    assert "gvhd_treatment" in steps["rash_treat"].do
    for seed in range(1, 200):
        session = replay_policy(scenario, seed, "pathway")
        if entered(session, "gvhd", "mild", "severe"):
            assert find_pitfalls(scenario, session.log) == ()
            return
    pytest.fail("no rash in two hundred boys")


def test_yeast_comes_on_a_line_that_stays_and_a_drug_against_it_prevents_most(scenario: Scenario) -> None:
    kept = [PlaceOrder("antibiotics_broad"), PlaceOrder("ex_line_site")]
    guarded = [*kept, PlaceOrder("antifungal_treatment")]
    yeast = {len(moves): sum(entered(after(scenario, s, 7 * DAY, *moves), "infection", "fungaemia") for s in SEEDS)
             for moves in (kept, guarded)}  # fmt: skip
    assert yeast[2] >= 5
    assert yeast[3] <= yeast[2] / 2


def test_white_cells_come_in_the_second_week_after_the_infusion(scenario: Scenario) -> None:
    days = []
    for seed in SEEDS:
        log = replay_policy(scenario, seed, "pathway").log
        days += [e.at / DAY for e in log if isinstance(e, StateEntered) and e.region == "graft" and e.transition]
    assert len(days) >= 24
    assert 12 <= 7 + min(days) <= 7 + max(days) <= 17.1
