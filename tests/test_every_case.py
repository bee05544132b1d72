"""What every case that ships keeps: its pathway and its plans hold in many patients, and play without thought fails."""

from __future__ import annotations

from pathlib import Path

import pytest

from scoring.assess.assessment import assess
from sim.attempts.replay import replay_plan, replay_policy
from sim.authoring.prove.properties.plans import plans_beside
from sim.case.composing.folders import cases_in, id_of, package_root
from sim.case.library import load
from sim.case.reading.movefile import read_plan
from sim.case.search import resolve
from sim.engine.log import CaseEnded, Log

pytestmark = pytest.mark.slow

CASES = cases_in(package_root() / "cases")
PLANS = [(case, plan) for case in CASES for plan in plans_beside(case)]
POOR = ("unsafe", "developing")


def named(value: object) -> str:
    return id_of(value) if value in CASES and isinstance(value, Path) else Path(str(value)).stem


def died(log: Log) -> bool:
    return isinstance(log[-1], CaseEnded) and log[-1].why == "outcome"


@pytest.mark.parametrize("case", CASES, ids=named)
def test_the_pathway_is_exemplary_and_falls_into_no_pitfall(case: Path) -> None:
    scenario = load(case)
    for seed in range(1, 51):
        found = assess(scenario, replay_policy(scenario, seed, "pathway").log)
        assert (found.band, found.pitfalls) == ("exemplary", ()), seed


@pytest.mark.parametrize(("case", "plan"), PLANS, ids=named)
def test_good_plans_pass_and_bad_ones_meet_their_pitfall(case: Path, plan: Path) -> None:
    scenario = load(case)
    read = read_plan(plan, scenario.catalogue, resolve)
    for seed in range(1, 21):
        log = replay_plan(scenario, seed, read).log
        found = assess(scenario, log)
        if plan.stem.startswith("good_"):
            assert found.band == "exemplary", seed
        else:
            assert found.band in POOR, seed
            fallen = {item.id for item in found.pitfalls}
            assert plan.stem.removeprefix("bad_") in fallen or died(log), seed  # who dies first has no time for it


@pytest.mark.parametrize("case", CASES, ids=named)
def test_it_is_long_enough_and_says_why(case: Path) -> None:
    written = load(case).case
    if not written.coach:  # a case that teaches the game is short on purpose
        assert len(written.pathway) >= 15
        assert len(written.pitfalls) >= 8
        assert len(written.endings) >= 3
    assert all(step.evidence or step.assumed for step in written.pathway)


@pytest.mark.parametrize("case", CASES, ids=named)
def test_there_are_three_plans_that_pass_and_three_that_do_not(case: Path) -> None:
    kinds = [plan.stem.partition("_")[0] for plan in plans_beside(case)]
    enough = 2 if load(case).case.coach else 3
    assert kinds.count("good") >= enough
    assert kinds.count("bad") >= enough


@pytest.mark.parametrize("case", CASES, ids=named)
def test_play_without_thought_does_not_pass(case: Path) -> None:
    scenario = load(case)
    musts = [step.do[0] for step in scenario.case.pathway if step.weight == "must" and not step.stop]
    for name in ("none", "everything", "random", *(f"repeat:{order}" for order in dict.fromkeys(musts[:8]))):
        for seed in (1, 2, 3):
            assert assess(scenario, replay_policy(scenario, seed, name).log).band in POOR, (name, seed)
