"""The red infant whose count is normal: he is guarded before the answer is there, or pays for it."""

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
TELLING = re.compile(r"omenn|\bscid\b|severe combined|\brag1?\b|maternal|mother's cells|clone", re.IGNORECASE)
CARED_FOR = ("peripheral_access", "nasogastric_tube", "blood_culture")


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return load("hair_on_the_pillow")


def after(scenario: Scenario, seed: int, days: int, *orders: str | tuple[str, str]) -> Session:
    """A boy who is fed, given these, and waited for."""
    moves: list[Move] = [PlaceOrder(order) for order in CARED_FOR]
    moves += [PlaceOrder(*order) if isinstance(order, tuple) else PlaceOrder(order) for order in orders]
    session = played(scenario, seed, *moves)
    while not session.ended and session.now < days * DAY:
        session.apply(Wait(days * DAY - session.now))
    return session


def entered(session: Session, region: str, *states: str) -> bool:
    return any(isinstance(e, StateEntered) and e.region == region and e.state in states for e in session.log)


def count(scenario: Scenario, days: int, region: str, state: str, *orders: str | tuple[str, str]) -> int:
    return sum(entered(after(scenario, seed, days, *orders), region, state) for seed in SEEDS)


def test_nothing_a_learner_reads_at_the_door_names_the_answer(scenario: Scenario) -> None:
    case = scenario.case
    told = [case.id, case.title, case.blurb, case.opening, case.setting]
    told += [f.text for order, findings in case.results.items() if order.startswith("hx_") for f in findings]
    told += [text for step in case.pathway if step.phase == "First hour" for text in (step.title, step.because)]
    told += [step.title for step in case.pathway if step.id != "look_for_maternal_cells"]
    assert [text for text in told if TELLING.search(text)] == []


def test_he_is_five_weeks_old_and_weighs_what_he_weighed_at_birth(scenario: Scenario) -> None:
    first = [event for seed in SEEDS for event in [Session(scenario, seed).log[0]] if isinstance(event, CaseOpened)]
    assert all(33 * DAY <= event.age <= 37 * DAY for event in first)
    assert all(3.15 <= event.weight <= 3.65 for event in first)  # the WHO's -3 SD at five weeks is 3.2 kg


def test_the_first_values_fit_his_age_and_his_illness(scenario: Scenario) -> None:
    wanted = (
        "ex_vital_signs",
        "fbc",
        "lft",
        "ige",
        "immunoglobulins",
        "lymphocyte_subsets",
        "thyroid_function",
        "blood_gas",
    )
    for seed in SEEDS:
        session = played(scenario, seed, *(PlaceOrder(order) for order in wanted), *[Wait(DAY)] * 4)
        if session.ended:
            continue
        signs, blood, cells = (last_values(session, o) for o in ("ex_vital_signs", "fbc", "lymphocyte_subsets"))
        assert 135 <= signs["heart_rate"] <= 185
        assert 30 <= signs["respiratory_rate"] <= 55
        assert 94 <= signs["spo2"] <= 100
        assert 60 <= blood["hb"] < 72
        assert 5 < blood["lymphocytes"] < 8  # normal, and that is the trap
        assert 7 < blood["eosinophils"] < 12
        assert cells["cd19"] < 0.05 < 3 < cells["cd3"] <= blood["lymphocytes"] + 1.5
        assert cells["cd45ra"] < 6
        assert last_values(session, "ige")["ige"] > 1500
        assert last_values(session, "immunoglobulins")["igm"] < 0.1
        assert last_values(session, "lft")["albumin"] < 27
        assert last_values(session, "thyroid_function")["tsh"] < 7  # no gland is ill
        assert last_values(session, "blood_gas")["ph"] > 7.28


def test_his_cells_are_his_own_and_answer_to_nothing(scenario: Scenario) -> None:
    orders = ("mitogen", "trec", "maternal_chimerism", "lymphocyte_subsets", "rapid_genome")
    alive = [
        s
        for s in (played(scenario, seed, *map(PlaceOrder, orders), *[Wait(DAY)] * 10) for seed in SEEDS)
        if not s.ended
    ]
    codes = {e.order: e.codes for e in alive[0].log if isinstance(e, ResultReturned)}
    assert [codes[order] for order in orders] == [("absent",), ("absent",), ("no_maternal",), ("no_b",), ("rag",)]


def test_the_wrong_bag_kills_weeks_later_and_the_right_one_does_not(scenario: Scenario) -> None:
    wrong = ("ivig", "pjp_pentamidine", "fluconazole", "red_cells_unirradiated")
    right = (*wrong[:3], "red_cells_irradiated")
    assert count(scenario, 20, "gvhd", "severe", *wrong) >= 12
    assert count(scenario, 20, "gvhd", "severe", *right) == 0
    dead = {orders: sum(after(scenario, seed, 40, *orders).ended for seed in SEEDS) for orders in (wrong, right)}
    assert dead[wrong] >= dead[right] + 5
    assert count(scenario, 35, "virus", "caught", *wrong) >= 2


def test_blood_lifts_the_count_by_its_dose(scenario: Scenario) -> None:
    def level(*orders: str | tuple[str, str]) -> float:
        return after(scenario, 3, 1, "freeze_set", *orders).true_value("hb", DAY)

    none, little, usual = (
        level(),
        level(("red_cells_irradiated", "10 mL/kg")),
        level(("red_cells_irradiated", "15 mL/kg")),
    )
    assert none < 72
    assert little >= none + 17
    assert usual >= little + 8


def test_each_guard_guards_against_its_own(scenario: Scenario) -> None:
    bare = {
        region: count(scenario, 60, region, state) for region, state in (("lungs", "pjp"), ("infection", "fungaemia"))
    }
    assert bare["lungs"] > 4 * count(scenario, 60, "lungs", "pjp", "pjp_pentamidine")
    assert bare["infection"] > count(scenario, 60, "infection", "fungaemia", "fluconazole")
    guarded = count(scenario, 30, "infection", "bacteraemia", "ivig", "isolation")
    assert guarded <= count(scenario, 30, "infection", "bacteraemia")


def test_a_living_vaccine_lives_on(scenario: Scenario) -> None:
    assert count(scenario, 40, "infection", "vaccine_strain", "rotavirus_vaccine", "ivig", "pjp_pentamidine") >= 8
    assert count(scenario, 40, "infection", "vaccine_strain", "inactivated_vaccines") == 0


def test_a_drug_pales_the_skin_and_is_a_mistake_only_without_a_guard(scenario: Scenario) -> None:
    drugs = ("prednisolone", "1 mg/kg/day")
    paler = count(scenario, 25, "skin", "active", drugs, "pjp_pentamidine", "ivig")
    assert paler > 2 * count(scenario, 25, "skin", "active")
    unguarded = after(scenario, 4, 9, drugs)
    guarded = after(scenario, 4, 9, "freeze_set", "pjp_pentamidine", "ivig", drugs)
    assert "suppressed_unprotected" in {item.id for item in find_pitfalls(scenario, unguarded.log)}
    assert "suppressed_unprotected" not in {item.id for item in find_pitfalls(scenario, guarded.log)}


def test_on_the_pathway_nine_in_ten_go_to_transplant(scenario: Scenario) -> None:
    ends = [replay_policy(scenario, seed, "pathway") for seed in range(1, 41)]
    assert sum(entered(session, "donor", "transplanted") for session in ends) >= 34
    assert all(opening_states(session)["skin"] == "severe" for session in ends)
