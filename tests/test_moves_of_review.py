"""Moves that showed what was wrong with a first night, and what they have to show now: doses answer, errors hurt.

The files are in `data/moves/`. Each was written against a model in which the dose of insulin, the millilitres of a
bolus and the potassium in a drip changed nothing.
"""

from __future__ import annotations

from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest

from sim.case.library import load
from sim.case.model.scenario import Scenario
from sim.case.moves import Finish, Move
from sim.case.reading.movefile import read_moves
from sim.case.search import resolve
from sim.cohorts.arm import arm
from sim.engine.formulas import henderson_hasselbalch_kpa
from sim.engine.log import Called, ResultReturned, StateEntered
from sim.engine.session import Session

pytestmark = pytest.mark.slow

MOVES = Path(__file__).parent / "data" / "moves"
FILES = sorted(path.stem for path in MOVES.glob("*.yaml"))
DAY = 1440
MANY = range(600)


@cache
def scenario() -> Scenario:
    return load("drying_out")


def moves(name: str) -> tuple[Move, ...]:
    return read_moves(MOVES / f"{name}.yaml", scenario().catalogue, resolve)


def played(name: str, seed: int) -> Session:
    """The session after the moves of a file, not handed over."""
    session = Session(scenario(), seed)
    for move in moves(name):
        if session.ended or isinstance(move, Finish):
            break
        session.apply(move)
    return session


def reports(session: Session, order: str) -> list[tuple[int, dict[str, float]]]:
    """When an order was sampled, and what it measured."""
    return [
        (event.sampled, {m.observable: m.value for m in event.measurements})
        for event in session.log
        if isinstance(event, ResultReturned) and event.order == order
    ]


@cache
def met(name: str, milestone: str) -> float:
    """The share of many patients who come to a milestone within three days of the moves of a file."""
    chosen = arm(scenario(), moves=moves(name), until=3 * DAY, milestones=(milestone,))
    return sum(milestone in life.met for life in chosen.lives(MANY)) / len(MANY)


@pytest.mark.parametrize("name", FILES)
def test_every_move_file_still_runs(name: str) -> None:
    assert played(name, 1).now > 60


@pytest.mark.parametrize("seed", [1, 2, 4, 6, 7, 8, 9, 10])  # 3 and 5 die within the hour, before any insulin acts
def test_a_quarter_of_the_insulin_is_another_night(seed: int) -> None:
    low, high = (reports(played(name, seed), "blood_gas") for name in ("M1", "M1b"))
    first_low, first_high = low[0][1], high[0][1]
    assert first_low["glucose"] > first_high["glucose"] + 2
    assert first_low["potassium"] > first_high["potassium"]
    late = [played(name, seed).true_value("bicarbonate", low[-1][0]) for name in ("M1", "M1b")]
    assert late[0] < late[1]
    ketones = [[v["ketones"] for _, v in reports(played(name, seed), "ketones")] for name in ("M1", "M1b")]
    assert ketones[0][-1] > ketones[1][-1]
    assert ketones[1] == sorted(ketones[1], reverse=True)


@pytest.mark.parametrize("seed", [1, 18, 20])
def test_replacing_the_stool_leaves_a_gas_that_fits_itself(seed: int) -> None:
    gases = reports(played("M3", seed), "blood_gas")
    assert gases
    for _, gas in gases:
        assert gas["ph"] == pytest.approx(henderson_hasselbalch_kpa(gas["bicarbonate"], gas["pco2"]), abs=0.01)


def test_hourly_gases_fit_themselves_and_move_by_steps_that_a_body_takes() -> None:
    session = played("a48", 1)
    gases = reports(session, "blood_gas")
    assert len(gases) > 40
    for _, gas in gases:
        assert gas["ph"] == pytest.approx(henderson_hasselbalch_kpa(gas["bicarbonate"], gas["pco2"]), abs=0.01)
    for (before, one), (after, other) in pairwise(gases):
        hours = max((after - before) / 60, 0.25)
        noise = 0.12 * one["glucose"]
        assert abs(one["glucose"] - other["glucose"]) <= 6 * hours + noise
        assert abs(one["potassium"] - other["potassium"]) <= 1 * hours + 0.4


def test_collapse_is_seen_in_urine_breathing_gas_and_words() -> None:
    session = Session(scenario(), 43)  # untreated, the pulse goes at about three hours
    for move in moves("M5"):
        if not isinstance(move, Finish):
            session.apply(move)
    lost = next(event.at for event in session.log if isinstance(event, StateEntered) and event.state == "collapse")
    urine = [(at, value["urine_output"]) for at, value in reports(session, "ex_urine_output")]
    assert {value for at, value in urine if at > lost + 5} == {0}
    said = [event for event in session.log if isinstance(event, ResultReturned) and event.sampled > lost + 5]
    assert not any("heavy and wet" in event.text for event in said)
    (_, signs), (at, gas) = reports(session, "ex_vital_signs")[-1], reports(session, "blood_gas")[-1]
    assert at > lost + 15 and signs["respiratory_rate"] < 40
    assert gas["ph"] < 6.95 and gas["lactate"] > 6
    (consciousness,) = [event for event in said if event.order == "ex_consciousness"]
    assert "No response" in consciousness.text and consciousness.measurements[0].value <= 8


@pytest.mark.parametrize("seed", [1, 2, 4])
def test_the_phosphate_that_is_telephoned_is_the_phosphate_that_is_sampled(seed: int) -> None:
    session = played("M6", seed)
    called = next(event for event in session.log if isinstance(event, Called) and "hosphate" in event.text)
    samples = reports(session, "bone_profile")
    at, first = min(samples, key=lambda each: abs(each[0] - called.at))
    assert abs(at - called.at) < 240
    assert f"{first['phosphate']:.2f}" in called.text or first["phosphate"] == pytest.approx(
        session.true_value("phosphate", called.at), rel=0.15
    )


def test_two_boluses_of_10_harm_no_more_than_one_of_20() -> None:
    one, two = met("one20", "brain.swelling"), met("two10", "brain.swelling")
    assert max(one, two) <= 0.02 and abs(one - two) <= 0.01
    assert met("two10", "circulation.overloaded") == met("one20", "circulation.overloaded") == 0


def test_140_ml_per_kg_weigh_and_swell() -> None:
    for seed in (1, 2, 3):
        session = played("seven20", seed)
        ((at, scales),) = reports(session, "ex_weight")
        assert scales["weight"] - session.true_value("weight", 0) > 0.3
        assert at < 4 * 60
    assert met("seven20", "circulation.overloaded") > 0.7
    assert met("seven20", "brain.swelling") > 4 * max(met("one20", "brain.swelling"), 0.01)


def test_insulin_without_potassium_lowers_it_and_costs_a_rhythm() -> None:
    for seed in (1, 2, 3):
        lowest = [min(session.true_value("potassium", minute) for minute in range(0, DAY, 30))
                  for session in (played("nok", seed), played("one20", seed))]  # fmt: skip
        assert lowest[0] < lowest[1] - 0.1
    assert met("nok", "potassium.depleted") > 0.05 > met("one20", "potassium.depleted")
    assert met("nok", "circulation.collapse") > met("one20", "circulation.collapse") + 0.03


@pytest.mark.parametrize("error", ["insbolus", "bicarb"])
def test_a_bolus_of_insulin_or_bicarbonate_swells_brains(error: str) -> None:
    assert met(error, "brain.swelling") > met("one20", "brain.swelling") + 0.04


def test_the_whole_course_of_an_expert_and_of_a_resident_can_be_played() -> None:
    for name in ("expert1", "resident1"):
        session = played(name, 1)
        for _, gas in reports(session, "blood_gas"):
            assert gas["ph"] == pytest.approx(henderson_hasselbalch_kpa(gas["bicarbonate"], gas["pco2"]), abs=0.01)
