"""The review made beside the game: the one made afterwards, stored once, and gone without a trace if cancelled."""

from __future__ import annotations

import importlib.util
import io
import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from queue import SimpleQueue

import pytest

import sim.attempts.finish
from sim.attempts.finish import await_review, conclude, reviewed, stored_review, take_review
from sim.attempts.replay import review_moves
from sim.attempts.review_process import worker as reviewing
from sim.attempts.review_process.__main__ import serve
from sim.attempts.review_process.worker import ReviewWorker
from sim.attempts.session import PersistentSession, begin, resume
from sim.attempts.store import Store
from sim.case.model.scenario import Scenario
from sim.case.moves import Finish, Move, PlaceOrder, Wait, to_plain
from sim.cli import main

pytestmark = pytest.mark.slow

CASE = str(Path(__file__).parent / "data" / "tiny" / "cases" / "tiny_case.yaml")
MOVES: tuple[Move, ...] = (PlaceOrder("ex_perfusion"), Wait(300), PlaceOrder("bolus"), Wait(60, "call"), Finish())
PATIENCE = 300
SLOW = pytest.mark.skipif(importlib.util.find_spec("numba") is None, reason="sessions would take minutes")


@pytest.fixture
def recorded(store: Store, tiny: Scenario) -> Iterator[PersistentSession]:
    played = begin(store, tiny, source=CASE, seed=3, mode="practice")
    yield played
    played.end_review()


def served(scenario: Scenario, moves: tuple[Move, ...], **changes: object) -> list[dict[str, object]]:
    """What the process writes when it is told these moves."""
    opening = {"source": CASE, "root": None, "digest": scenario.digest, "seed": 3, **changes}
    lines: SimpleQueue[str | None] = SimpleQueue()
    for data in (opening, *map(to_plain, moves)):
        lines.put(json.dumps(data))
    lines.put(None)
    out = io.StringIO()
    serve(lines, out)
    return [json.loads(line) for line in out.getvalue().splitlines()]


@SLOW
def test_a_review_made_beside_the_game_is_the_one_made_afterwards(recorded: PersistentSession, tiny: Scenario) -> None:
    recorded.play(MOVES[0])
    recorded.review_beside()
    assert recorded.worker is not None
    for move in MOVES[1:]:
        recorded.play(move)
    conclude(recorded)
    found = await_review(recorded)
    assert found == review_moves(tiny, 3, MOVES)
    assert recorded.worker.state.weighed == recorded.worker.state.closed == len(found.decisions)


@SLOW
def test_a_review_is_stored_with_the_attempt_and_never_made_again(
    recorded: PersistentSession, store: Store, tiny: Scenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    for move in MOVES:
        recorded.play(move)
    _, before = conclude(recorded)
    assert stored_review(recorded) is None
    found = reviewed(recorded)
    monkeypatch.setattr(sim.attempts.finish, "review_moves", None)
    again = resume(store, tiny, store.attempt(recorded.attempt.id))
    assert reviewed(again) == found
    stored = store.debrief(recorded.attempt.id)
    assert stored is not None
    assert len(json.loads(stored[0])["assessment"]["decisions"]) == len(found.decisions)
    assert "Decisions" in stored[1]
    assert "Decisions" not in before
    again.review_beside()
    assert again.worker is None


def test_a_stored_review_that_is_damaged_is_made_again(recorded: PersistentSession, store: Store) -> None:
    recorded.play(Finish())
    conclude(recorded)
    recorded.keep_review(review='{"form": 1}', assessment="{}", debrief="")
    assert stored_review(recorded) is None
    with pytest.raises(ValueError, match="cannot be read"):
        take_review(recorded, {"form": 1})


def test_the_process_says_how_far_it_is_and_ends_with_the_review(tiny: Scenario) -> None:
    told = served(tiny, MOVES)
    assert told[:-1] == [{"closed": 3, "weighed": done} for done in (1, 2, 3)]
    assert list(told[-1]) == ["review"]


def test_the_process_ends_when_nobody_listens_any_more(tiny: Scenario) -> None:
    assert served(tiny, MOVES[:2]) == []


def test_a_case_that_changed_meanwhile_is_not_reviewed(tiny: Scenario) -> None:
    assert served(tiny, MOVES, digest="other") == [{"failed": "the case has changed since it was opened"}]


def test_cancelling_ends_the_process(recorded: PersistentSession) -> None:
    recorded.review_beside()
    worker = recorded.worker
    assert worker is not None
    while worker._process is None:
        os.sched_yield() if hasattr(os, "sched_yield") else None
    process = worker._process
    recorded.end_review()
    assert process.poll() is not None
    assert recorded.worker is None


def test_cancelling_before_it_started_starts_nothing(tiny: Scenario, monkeypatch: pytest.MonkeyPatch) -> None:
    started = list[object]()
    monkeypatch.setattr(reviewing, "_started", lambda: started.append(1))
    monkeypatch.setattr(reviewing.threading.Thread, "start", lambda thread: None)
    worker = ReviewWorker(tiny, source=CASE, seed=3)
    worker.cancel()
    worker._write()
    assert started == []


@pytest.mark.parametrize(
    ("command", "why"), [(("/nowhere/python",), "could not be started"), (("git", "--version"), "it stopped")]
)
def test_a_process_that_fails_is_told_and_holds_nobody_up(
    recorded: PersistentSession, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...], why: str
) -> None:
    monkeypatch.setattr(reviewing, "COMMAND", command)
    recorded.review_beside()
    recorded.play(Finish())
    conclude(recorded)
    assert await_review(recorded) is None
    assert recorded.worker is not None
    assert why in str(recorded.worker.state.failed)


def test_nothing_is_imported_from_the_folder_the_game_is_opened_in(tmp_path: Path) -> None:
    (tmp_path / "yaml.py").write_text("raise SystemExit('hostile')", encoding="utf-8")
    opening = json.dumps({"source": CASE, "root": None, "digest": "other", "seed": 1})
    home = str(Path(sim.attempts.finish.__file__).parents[1])
    done = subprocess.run(
        reviewing.COMMAND, input=opening + "\n", capture_output=True, text=True, cwd=tmp_path, timeout=PATIENCE,
        env={**os.environ, "PYTHONPATH": home}, check=True,
    )  # fmt: skip
    assert json.loads(done.stdout) == {"failed": "the case has changed since it was opened"}


@SLOW
def test_a_case_played_in_lines_is_told_with_its_review(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("do bolus\nwait 5 h\nfinish\ny\n"))
    assert main(["play", CASE, "--plain", "--seed", "3"]) == 0
    assert "of 100 points could be expected with the pathway" in capfd.readouterr().out
