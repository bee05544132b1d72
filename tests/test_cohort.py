"""Cohorts: the same patients as replay, whoever plays them; a cluster that loses a worker loses nobody."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from conftest import TINY_CASE
from sim.attempts.replay import replay_moves, replay_policy
from sim.case.library import load
from sim.case.model.scenario import Scenario
from sim.case.reading.movefile import read_moves
from sim.case.search import resolve
from sim.cli import main
from sim.cohorts.arm import Life, arm, life_of, milestones_of
from sim.cohorts.cohort import LEAST_BATCH, follow
from sim.cohorts.report import report, to_text
from sim.engine.policy import following, play
from sim.engine.session import IllegalMove, Session
from sim.report.json import to_json

pytestmark = pytest.mark.slow

DAY = 1440
ROOT = Path(__file__).parents[1]
POLICIES = ("pathway", "none", "everything", "random", "repeat:gentamicin")

MOVES = """
- order: cannula
- order: {id: bolus, dose: 20 mL/kg}
- wait: 6 h
- order: blood culture
- order: gentamicin
- wait: next
- stop: gentamicin
- wait: 2 d
"""


def cohort(capsysbinary: pytest.CaptureFixture[bytes], *arguments: str) -> bytes:
    assert main(["cohort", str(TINY_CASE), *arguments]) == 0
    return capsysbinary.readouterr().out


def told(capsysbinary: pytest.CaptureFixture[bytes], *arguments: str) -> Any:
    return json.loads(cohort(capsysbinary, *arguments, "--json"))


@pytest.fixture
def moves(tmp_path: Path) -> Path:
    path = tmp_path / "moves.yaml"
    path.write_text(MOVES, encoding="utf-8")
    return path


# --- the same patients as replay -----------------------------------------------------------------------------------


@pytest.mark.parametrize("policy", POLICIES)
def test_each_patient_ends_as_replay_says(
    tiny: Scenario, policy: str, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    data = told(capsysbinary, "--policy", policy, "--n", "12", "--seed", "5", "--each")
    for patient, seed in zip(data["each"], range(5, 17), strict=True):
        ended = replay_policy(tiny, seed, policy).snapshot().ended
        assert ended is not None
        assert patient == {"seed": seed, "at": ended.at, "outcome": ended.ending, "utility": ended.utility}


def test_each_patient_of_a_moves_file_ends_as_replay_says(
    tiny: Scenario, moves: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    data = told(capsysbinary, "--moves", str(moves), "--n", "15", "--each")
    given = read_moves(moves, tiny.catalogue, resolve)
    for patient in data["each"]:
        ended = replay_moves(tiny, patient["seed"], given).snapshot().ended
        assert ended is not None
        assert (patient["at"], patient["outcome"], patient["utility"]) == (ended.at, ended.ending, ended.utility)


def test_a_life_does_not_depend_on_whether_compiled_code_or_a_session_played_it() -> None:
    scenario = load("drying_out")
    names = (*milestones_of(scenario), "order:foxp3_sequencing", "result:foxp3_sequencing")
    chosen = arm(scenario, until=120 * DAY, milestones=names)
    lives = chosen.lives(range(40, 46))
    for life in lives:
        session = Session(scenario, life.seed, horizon=120 * DAY, chart=chosen.program.chart)
        play(session, following())
        assert life_of(session, names) == life


def test_a_step_left_out_is_left_out_by_both(tiny: Scenario) -> None:
    chosen = arm(tiny, skip=("treat",))
    for life in chosen.lives(range(10)):
        session = Session(tiny, life.seed)
        play(session, following(("treat",)))
        assert life_of(session, chosen.milestones) == life


def test_without_the_antibiotic_more_die(tiny: Scenario) -> None:
    with_it, without = (follow(arm(tiny, skip=skip), range(200)) for skip in ((), ("treat",)))
    assert sum(life.dead for life in without) > sum(life.dead for life in with_it) + 20


def test_until_takes_the_place_of_the_horizon(tiny: Scenario) -> None:
    lives = follow(arm(tiny, "none", until=6 * 60), range(50))
    assert max(life.at for life in lives) == 360
    assert all(life.at < 360 for life in lives if life.dead)
    long = follow(arm(tiny, "repeat:gentamicin", until=30 * DAY), range(20))
    assert max(life.at for life in long) > tiny.case.horizon


def test_a_move_that_the_first_patient_cannot_have_is_a_misuse(
    tiny: Scenario, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "wrong.yaml"
    path.write_text("- wait: 1 h\n- stop: gentamicin\n", encoding="utf-8")
    with pytest.raises(IllegalMove, match="move 2 cannot be made at minute 60"):
        replay_moves(tiny, 1, read_moves(path, tiny.catalogue, resolve))
    assert main(["cohort", str(TINY_CASE), "--moves", str(path), "--n", "3"]) == 2
    assert "move 2 cannot be made at minute 60" in capsys.readouterr().err


# --- what it adds up to ----------------------------------------------------------------------------------------------


def test_the_report_adds_up(tiny: Scenario) -> None:
    chosen = arm(tiny, "none")
    lives = follow(chosen, range(1, 121))
    data: Any = report(chosen, lives, each=True)
    ends = Counter(patient["outcome"] for patient in data["each"])
    assert {name: round(part * 120) for name, part in data["outcomes"].items()} == ends
    assert sum(data["outcomes"].values()) == pytest.approx(1)
    assert data["utility"]["mean"] == pytest.approx(sum(p["utility"] for p in data["each"]) / 120)
    days = [point["at_days"] for point in data["survival"]]
    assert days == sorted(set(days)) and days[0] == 0 and days[-1] == 5
    for point in data["survival"]:
        alive = sum(not (life.dead and life.at <= point["at_days"] * DAY) for life in lives) / 120
        assert point["alive"] == pytest.approx(alive)
        assert point["low"] <= point["alive"] <= point["high"]
    for name, (low, high) in data["outcomes_95"].items():
        assert low <= data["outcomes"][name] <= high


def test_a_death_is_an_outcome_worth_nothing_and_nothing_else(tiny: Scenario) -> None:
    for life in follow(arm(tiny, "none"), range(60)):
        assert life.dead == (life.outcome == "died")


def test_who_opens_in_a_state_does_not_count_for_reaching_it(tiny: Scenario) -> None:
    chosen = arm(tiny, "none", milestones=("infection.severe",))
    lives = tuple(
        Life(seed, 100, "home", 1.0, dead=False, met=met)
        for seed, met in enumerate(({"infection.severe": 0}, {"infection.severe": DAY}, {}))
    )
    (reached,) = report(chosen, lives)["milestones"]  # type: ignore[misc]
    assert reached["share"] == 0.5 and reached["days"] == [1.0, 1.0, 1.0]


def test_the_same_cohort_is_the_same_bytes(capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    first, second = (cohort(capsysbinary, "--policy", "pathway", "--n", "40", "--json", "--each") for _ in "12")
    assert first == second
    assert b"\r" not in first and first.endswith(b"}\n")


def test_a_longer_cohort_begins_with_the_patients_of_the_shorter(capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    short = told(capsysbinary, "--policy", "none", "--n", "5", "--each")
    long = told(capsysbinary, "--policy", "none", "--n", "30", "--each")
    assert long["each"][:5] == short["each"]


def test_the_text_fits_a_terminal_and_nothing_but_it_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["cohort", "drying_out", "--policy", "pathway", "--n", "30", "--until", "90 d"]) == 0
    printed = capsys.readouterr()
    assert printed.err == ""
    assert max(len(line) for line in printed.out.splitlines()) <= 80
    assert "30 patients" in printed.out and "alive at the end" in printed.out


def test_one_patient_is_a_cohort_too(tiny: Scenario) -> None:
    chosen = arm(tiny, "pathway")
    lives = follow(chosen, [7])
    assert "1 patients" in to_text(chosen, lives, "policy pathway")
    assert json.loads(to_json(report(chosen, lives)))["utility"]["se"] is None


def test_the_curve_is_drawn_where_asked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    drawing = tmp_path / "curve.svg"
    assert main(["cohort", str(TINY_CASE), "--policy", "none", "--n", "20", "--svg", str(drawing)]) == 0
    assert drawing.read_bytes().startswith(b"<svg ")
    nowhere = tmp_path / "missing" / "curve.svg"
    assert main(["cohort", str(TINY_CASE), "--policy", "none", "--n", "2", "--svg", str(nowhere)]) == 2
    assert "cannot be written" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--n", "3"), "either --moves FILE or --policy P"),
        (("--n", "3", "--policy", "wishful"), "wishful"),
        (("--n", "3", "--policy", "repeat:unobtainium"), "unobtainium"),
        (("--n", "0", "--policy", "none"), "greater than or equal to 1"),
        (("--n", "3", "--policy", "none", "--until", "soon"), "expected a duration"),
        (("--n", "3", "--policy", "none", "--until", "0 d"), "a minute at least"),
        (("--n", "3", "--policy", "none", "--each"), "--each needs --json"),
        (("--n", "3", "--policy", "none", "--seed", str(2**53 - 2)), "seeds of at most"),
    ],
)
def test_a_misuse_is_one_line_and_a_code(
    arguments: tuple[str, ...], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["cohort", str(TINY_CASE), *arguments]) == 2
    assert told in capsys.readouterr().err


# --- many hands ------------------------------------------------------------------------------------------------------


def test_every_patient_is_in_one_batch_and_progress_says_so(tiny: Scenario) -> None:
    counts: list[int] = []
    lives = follow(arm(tiny, "none"), range(110), workers=1, progress=counts.append)
    assert [life.seed for life in lives] == list(range(110))
    assert sum(counts) == 110 and counts[0] == LEAST_BATCH


@pytest.mark.parametrize("policy", ["pathway", "random"])
def test_two_workers_give_the_numbers_of_one(tiny: Scenario, policy: str) -> None:
    pytest.importorskip("joblib")
    chosen = arm(tiny, policy)
    assert follow(chosen, range(90), workers=2) == follow(chosen, range(90), workers=1)


@contextmanager
def process(*arguments: str, cwd: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A part of a cluster on loopback, ended with the test."""
    running = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-m", *arguments], cwd=cwd, env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        yield running
    finally:
        running.kill()
        running.wait()


WORKER = ("distributed.cli.dask_worker", "--scheduler-file", "scheduler.json", "--nthreads", "1", "--no-nanny",
          "--no-dashboard", "--host", "127.0.0.1")  # fmt: skip


@pytest.mark.filterwarnings("ignore")
def test_a_cluster_that_loses_a_worker_in_mid_run_loses_nobody(tiny: Scenario, tmp_path: Path) -> None:
    distributed = pytest.importorskip("distributed")
    chosen = arm(tiny, "random")
    scheduler = ("distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard",
                 "--scheduler-file", "scheduler.json")  # fmt: skip
    with process(*scheduler, cwd=tmp_path), process(*WORKER, cwd=tmp_path) as lost, process(*WORKER, cwd=tmp_path):
        with distributed.Client(scheduler_file=str(tmp_path / "scheduler.json"), timeout="60 s") as client:
            client.wait_for_workers(2, timeout=60)
            address = client.scheduler.address
        over: list[int] = []

        def watch(count: int) -> None:
            over.append(count)
            if len(over) == 3:
                lost.kill()

        lives = follow(chosen, range(500), dask=address, progress=watch)
        assert lost.wait() != 0
    assert len(over) == 20 and sum(over) == 500
    assert lives == follow(chosen, range(500), workers=1)


def test_a_cluster_that_nobody_answers_for_is_told_in_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("distributed")
    monkeypatch.setattr("sim.cohorts.dask.PATIENCE", "1 s")
    assert main(["cohort", str(TINY_CASE), "--policy", "none", "--n", "3", "--dask", "tcp://127.0.0.1:9"]) == 1
    assert "no Dask scheduler answers" in capsys.readouterr().err
