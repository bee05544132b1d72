"""The first patient: the coach leads to a good end, the cup fills the child, and nothing names the answer."""

from __future__ import annotations

import re

import pytest

from scoring.assess.assessment import assess
from shippedcase import last_values, played
from sim.case.library import load
from sim.case.model.scenario import Scenario
from sim.case.moves import Finish, PlaceOrder, StateDifferential, Wait

pytestmark = pytest.mark.slow

SEEDS = range(1, 21)
TELLING = re.compile(r"gastro|enteritis|infect", re.IGNORECASE)


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return load("first_steps")


def test_who_does_what_the_coach_says_hears_each_word_once_and_is_exemplary(scenario: Scenario) -> None:
    words = [word.say for word in scenario.case.coach]
    moves = (
        (PlaceOrder("hx_presenting"),),
        (PlaceOrder("ex_general"), PlaceOrder("ex_hydration")),
        (PlaceOrder("ex_weight"), Wait(3)),
        (PlaceOrder("bedside_glucose"), Wait(3)),
        (PlaceOrder("oral_rehydration"),),
        (Wait(120, "call"),),
        (StateDifferential((("infectious_gastroenteritis", 0.8),)), Wait(60, "call")),
        (PlaceOrder("ex_hydration"),),
        (PlaceOrder("discharge_home"),),
    )
    for seed in SEEDS:
        session = played(scenario, seed)
        for word, made in zip(words, moves, strict=False):
            assert session.snapshot().coach == word, seed
            for move in made:
                session.apply(move)
        assert session.snapshot().coach == words[-1]
        session.apply(Finish())
        assert assess(scenario, session.log).band == "exemplary", seed


def test_the_cup_fills_her_and_nothing_else_does(scenario: Scenario) -> None:
    for seed in SEEDS:
        sipped = played(scenario, seed, PlaceOrder("oral_rehydration"), Wait(60), Wait(60), PlaceOrder("ex_perfusion"))
        waited = played(scenario, seed, Wait(60), Wait(60), PlaceOrder("ex_perfusion"))
        full, dry = last_values(sipped, "ex_perfusion"), last_values(waited, "ex_perfusion")
        assert full["capillary_refill"] < dry["capillary_refill"]


def test_nothing_a_learner_reads_before_the_debrief_names_the_answer(scenario: Scenario) -> None:
    case = scenario.case
    told = [case.id, case.title, case.blurb, case.opening, case.setting, *case.objectives]
    told += [finding.text for findings in case.results.values() for finding in findings]
    told += [word.say for word in case.coach]
    told += [text for step in case.pathway for text in (step.title, step.because)]
    assert [text for text in told if TELLING.search(text)] == []
