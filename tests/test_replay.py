"""Played without a screen: the same case, seed and moves give the same bytes, whatever way they are played."""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
from pathlib import Path

import pytest

from scoring.assess.assessment import assess
from scoring.debrief.build import debrief
from sim.attempts.finish import conclude
from sim.attempts.replay import replay_moves, replay_policy
from sim.attempts.session import begin
from sim.attempts.store import Store
from sim.case.model.scenario import Scenario
from sim.case.moves import Finish, PlaceOrder, StopTherapy, Wait
from sim.engine.session import IllegalMove, Session
from sim.engine.version import ENGINE
from sim.report.json import report, to_json
from sim.report.text import to_text

ROOT = Path(__file__).parents[1]
TINY_CASE = ROOT / "tests" / "data" / "tiny" / "cases" / "tiny_case.yaml"
MOVES = [PlaceOrder("ex_perfusion"), PlaceOrder("crp"), Wait(None, "result"), Wait(60)]


def report_on(session: Session) -> dict[str, object]:
    return report(session, assess(session.scenario, session.log))


def test_a_report_has_the_keys_of_the_design_in_their_order(tiny: Scenario) -> None:
    found = report_on(replay_policy(tiny, 1, "pathway"))
    assert list(found) == ["case", "digest", "engine", "seed", "ended", "assessment", "log"]
    assert (found["case"], found["digest"], found["engine"], found["seed"]) == (tiny.case.id, tiny.digest, ENGINE, 1)
    ended, assessment = found["ended"], found["assessment"]
    assert isinstance(ended, dict)
    assert list(ended) == ["at", "why", "outcome", "utility"]
    assert isinstance(assessment, dict)
    assert list(assessment)[:3] == ["band", "gate", "pathway"]
    assert {"pitfalls", "thoroughness", "efficiency", "diagnosis", "decisions"} <= set(assessment)


def test_the_pathway_is_exemplary_and_doing_nothing_is_not(tiny: Scenario) -> None:
    bands = {
        name: json.loads(to_json(report_on(replay_policy(tiny, 1, name))))["assessment"]["band"]
        for name in ("pathway", "none", "everything", "random", "repeat:CRP")
    }
    assert bands.pop("pathway") == "exemplary"
    assert set(bands.values()) <= {"unsafe", "developing"}


@pytest.mark.parametrize("name", ["pathways", "", "repeat:leeches", "repeat:"])
def test_an_unknown_policy_is_refused(tiny: Scenario, name: str) -> None:
    with pytest.raises(ValueError, match=r"policy|order"):
        replay_policy(tiny, 1, name)


def test_after_moves_that_do_not_finish_time_passes_to_the_end(tiny: Scenario) -> None:
    played = replay_moves(tiny, 1, MOVES)
    by_hand = Session(tiny, 1)
    for move in (*MOVES, Wait(None)):
        by_hand.apply(move)
    assert played.log == by_hand.log


def test_moves_after_the_end_are_left_out(tiny: Scenario) -> None:
    handed_over = replay_moves(tiny, 1, [Finish()])
    assert replay_moves(tiny, 1, [Finish(), *MOVES]).log == handed_over.log


def test_a_move_that_cannot_be_made_is_named_by_its_number(tiny: Scenario) -> None:
    with pytest.raises(IllegalMove, match=r"move 2 cannot be made at minute 1: Gentamicin is not running"):
        replay_moves(tiny, 1, [PlaceOrder("ex_perfusion"), StopTherapy("gentamicin")])


def test_json_is_ascii_rounded_and_ends_with_one_newline() -> None:
    text = to_json({"b": -0.0000000001, "a": (1 / 3, "µ"), "c": 5})
    assert text == '{\n "b": 0.0,\n "a": [\n  0.333333,\n  "\\u00b5"\n ],\n "c": 5\n}\n'
    with pytest.raises(ValueError, match="JSON"):
        to_json(math.nan)


def run(*arguments: str, hash_seed: str, cwd: Path) -> bytes:
    environment = os.environ | {"PYTHONHASHSEED": hash_seed, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "sim", "replay", str(TINY_CASE), "--json", *arguments]
    return subprocess.run(command, capture_output=True, check=True, env=environment, cwd=cwd).stdout


@pytest.mark.slow
def test_two_runs_in_two_folders_give_the_same_bytes(tmp_path: Path) -> None:
    one = run("--policy", "pathway", "--seed", "5", hash_seed="1", cwd=tmp_path)
    other = run("--policy", "pathway", "--seed", "5", hash_seed="2", cwd=ROOT)
    assert one == other
    assert b"\r" not in one
    assert json.loads(one)["seed"] == 5


def test_a_concluded_attempt_says_what_a_replay_of_it_says(store: Store, tiny: Scenario) -> None:
    played = begin(store, tiny, source="tiny_case", seed=1, mode="exam")
    for move in (*MOVES, Finish()):
        played.play(move)
    assessment, told = conclude(played)
    replayed = replay_moves(tiny, 1, (*MOVES, Finish()))
    expected = report_on(replayed)
    del expected["log"]
    assert assessment == to_json(expected)
    assert told == to_text(debrief(tiny, replayed.log, assess(tiny, replayed.log)))
    assert store.debrief(played.id) == (assessment, told)
