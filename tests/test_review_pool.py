"""The review made beside the game: the one made afterwards, stored once, and gone without a trace if cancelled."""

from __future__ import annotations

import importlib.util
import io
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from queue import SimpleQueue

import pytest

import sim.attempts.finish
import sim.attempts.session
from scoring.review.record import to_record
from sim.attempts.finish import await_review, conclude, reviewed, stored_review, take_review
from sim.attempts.replay import review_moves
from sim.attempts.review_process import pool as reviewing
from sim.attempts.review_process.__main__ import serve
from sim.attempts.review_process.pool import ReviewJob, ReviewPool, usual_workers
from sim.attempts.session import PersistentSession, begin, resume
from sim.attempts.store import Store, data_folder, open_store
from sim.case.model.scenario import Scenario
from sim.case.moves import Finish, Move, PlaceOrder, Wait, to_plain
from sim.cli import main
from sim.engine.session import Session

pytestmark = pytest.mark.slow

CASE = str(Path(__file__).parent / "data" / "tiny" / "cases" / "tiny_case.yaml")
MOVES: tuple[Move, ...] = (PlaceOrder("ex_perfusion"), Wait(300), PlaceOrder("bolus"), Wait(60, "call"), Finish())
PATIENCE = 300
SLOW = pytest.mark.skipif(importlib.util.find_spec("numba") is None, reason="sessions would take minutes")


@pytest.fixture
def pool() -> Iterator[ReviewPool]:
    with ReviewPool(workers=1) as opened:
        yield opened


@pytest.fixture
def attempt(store: Store, tiny: Scenario) -> PersistentSession:
    return begin(store, tiny, source=CASE, seed=3, mode="practice")


class Listener(io.StringIO):
    """Hangs up once it was told so many outcomes."""

    def __init__(self, lines: SimpleQueue[str | None], outcomes: int) -> None:
        super().__init__()
        self._lines, self._left = lines, outcomes

    def write(self, text: str) -> int:
        if '"review"' in text or '"failed"' in text:
            self._left -= 1
            if not self._left:
                self._lines.put(None)
        return super().write(text)


def served(*told: object, outcomes: int = 1) -> list[dict[str, object]]:
    """What a process writes when it is told this; where it is to end without an outcome, after the last."""
    lines: SimpleQueue[str | None] = SimpleQueue()
    for data in told:
        lines.put(json.dumps(data))
    if not outcomes:
        lines.put(None)
    out = Listener(lines, outcomes)
    serve(lines, out)
    said = [json.loads(line) for line in out.getvalue().splitlines()]
    return [line for line in said if "at" not in line]


def opened(scenario: Scenario, id: int = 1, **changes: object) -> dict[str, object]:
    """The line that opens an attempt."""
    return {"id": id, "open": {"source": CASE, "root": None, "digest": scenario.digest, "seed": 3, **changes}}


def made(moves: tuple[Move, ...], id: int = 1) -> list[dict[str, object]]:
    """The lines that tell moves."""
    return [{"id": id, "move": to_plain(move)} for move in moves]


def submitted(pool: ReviewPool, scenario: Scenario, *moves: Move, seed: int = 3) -> ReviewJob:
    job = pool.submit(source=CASE, digest=scenario.digest, seed=seed)
    job.take(moves)
    return job


@SLOW
def test_a_review_made_beside_the_game_is_the_one_made_afterwards(
    attempt: PersistentSession, pool: ReviewPool, tiny: Scenario
) -> None:
    attempt.play(MOVES[0])
    attempt.review_beside(pool)
    assert attempt.review is not None
    for move in MOVES[1:]:
        attempt.play(move)
    conclude(attempt)
    found = await_review(attempt)
    assert found == review_moves(tiny, 3, MOVES)
    assert attempt.review.state.weighed == attempt.review.state.closed == len(found.decisions)


@SLOW
def test_two_attempts_at_once_are_both_reviewed_by_one_process(pool: ReviewPool, tiny: Scenario) -> None:
    one, other = submitted(pool, tiny, MOVES[0], seed=3), submitted(pool, tiny, *MOVES, seed=4)
    one.take(MOVES[1:])
    records = [job.wait(PATIENCE).record for job in (one, other)]
    assert records == [to_record(review_moves(tiny, seed, MOVES)) for seed in (3, 4)]
    assert len(pool.processes) == 1


@SLOW
def test_an_attempt_that_waits_for_its_learner_holds_no_other_up(pool: ReviewPool, tiny: Scenario) -> None:
    idle = submitted(pool, tiny, *MOVES[:2])
    assert submitted(pool, tiny, *MOVES).wait(PATIENCE).record is not None
    assert not idle.state.over


@SLOW
def test_a_process_killed_at_work_is_replaced_and_no_move_is_lost(pool: ReviewPool, tiny: Scenario) -> None:
    job = submitted(pool, tiny, *MOVES[:3])
    while not job.state.weighed:
        job.wait(0.01)
    (first,) = pool.processes
    os.kill(first, signal.SIGTERM)
    job.take(MOVES[3:])
    assert job.wait(PATIENCE).record == to_record(review_moves(tiny, 3, MOVES))
    assert first not in pool.processes


def test_sixty_attempts_need_no_sixty_processes(tiny: Scenario) -> None:
    with ReviewPool(workers=2) as pool:
        jobs = [submitted(pool, tiny, MOVES[0], seed=seed) for seed in range(60)]
        deadline = time.monotonic() + PATIENCE
        while len(pool.processes) < 2 and time.monotonic() < deadline:
            jobs[0].wait(0.01)
        assert len(pool.processes) == 2
        assert not any(job.state.over for job in jobs)


def test_one_core_stays_with_the_game() -> None:
    assert usual_workers() >= 1
    assert usual_workers() < max(2, os.cpu_count() or 1)


@SLOW
def test_a_review_is_stored_with_the_attempt_and_never_made_again(
    attempt: PersistentSession, pool: ReviewPool, store: Store, tiny: Scenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    for move in MOVES:
        attempt.play(move)
    _, before = conclude(attempt)
    assert stored_review(attempt) is None
    found = reviewed(attempt)
    monkeypatch.setattr(sim.attempts.finish, "review_of", None)
    again = resume(store, tiny, store.attempt(attempt.id))
    assert reviewed(again) == found
    stored = store.debrief(attempt.id)
    assert stored is not None
    assert len(json.loads(stored[0])["assessment"]["decisions"]) == len(found.decisions)
    assert "Decisions" in stored[1]
    assert "Decisions" not in before
    again.review_beside(pool)
    assert again.review is None


@SLOW
@pytest.mark.parametrize("more", [(), ("--json",)])
def test_a_debrief_with_its_review_plays_the_case_once(
    tiny: Scenario, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, more: tuple[str, ...]
) -> None:
    with open_store(data_folder()) as store:
        attempt = begin(store, tiny, source=CASE, seed=3, mode="practice")
        for move in MOVES:
            attempt.play(move)
    opened, usual = list[int](), Session._open

    def counted(session: Session) -> None:
        opened.append(session.seed)
        usual(session)

    monkeypatch.setattr(sim.attempts.session, "decisions_of", None)  # what would play it again
    assert main(["debrief", attempt.id, "--review", *more]) == 0
    monkeypatch.setattr(Session, "_open", counted)
    assert main(["debrief", attempt.id, "--review", *more]) == 0
    assert opened == [3], "the review is stored, so that nothing else is played"
    assert "ecision" in capfd.readouterr().out


def test_a_stored_review_that_is_damaged_is_made_again(attempt: PersistentSession, store: Store) -> None:
    attempt.play(Finish())
    conclude(attempt)
    store.keep_review(attempt.id, review='{"form": 1}', assessment="{}", debrief="")
    assert stored_review(attempt) is None
    with pytest.raises(ValueError, match="cannot be read"):
        take_review(attempt, {"form": 1})


def test_the_process_says_how_far_it_is_and_ends_with_the_review(tiny: Scenario) -> None:
    told = served(opened(tiny), *made(MOVES))
    assert told[:-1] == [{"id": 1, "closed": 3, "weighed": done} for done in (1, 2, 3)]
    assert list(told[-1]) == ["id", "review"]


def test_the_process_ends_when_nobody_listens_any_more(tiny: Scenario) -> None:
    assert served(opened(tiny), *made(MOVES[:2]), outcomes=0) == []


def test_an_attempt_that_is_over_is_reviewed_before_one_that_is_played(tiny: Scenario) -> None:
    told = served(opened(tiny, 1), *made(MOVES[:4], 1), opened(tiny, 2), *made(MOVES, 2))
    assert {line["id"] for line in told} == {2}


def test_a_case_that_changed_meanwhile_is_not_reviewed(tiny: Scenario) -> None:
    told = served(opened(tiny, digest="other"), *made(MOVES))
    assert told == [{"id": 1, "failed": "the case has changed since it was opened"}]


def test_an_attempt_that_cannot_be_reviewed_ends_no_other(tiny: Scenario) -> None:
    told = served(opened(tiny, 1, source="gone_case"), *made(MOVES, 1), opened(tiny, 2), *made(MOVES, 2), outcomes=2)
    assert told[0] == {"id": 1, "failed": "it stopped"}
    assert list(told[-1]) == ["id", "review"]


def test_what_is_cancelled_is_worked_on_no_longer(tiny: Scenario) -> None:
    told = served(opened(tiny, 1), *made(MOVES, 1), {"id": 1, "cancel": True}, opened(tiny, 2), *made(MOVES, 2))
    assert {line["id"] for line in told} == {2}


def test_a_review_given_up_is_over_at_once_and_the_process_stays(
    attempt: PersistentSession, pool: ReviewPool, tiny: Scenario
) -> None:
    attempt.review_beside(pool)
    job = attempt.review
    assert job is not None
    attempt.end_review()
    assert attempt.review is None
    assert job.wait(PATIENCE).failed == "it was given up"
    assert submitted(pool, tiny, Finish()).wait(PATIENCE).record is not None
    assert len(pool.processes) == 1


def test_closing_the_pool_ends_its_processes(tiny: Scenario) -> None:
    pool = ReviewPool(workers=1)
    job = submitted(pool, tiny, Finish())
    assert job.wait(PATIENCE).record is not None
    process = pool._workers[0].process
    assert process is not None
    pool.close()
    assert process.poll() is not None
    assert submitted(pool, tiny, Finish()).state.failed == "it was given up"


@pytest.mark.parametrize(
    ("command", "why"), [(("/nowhere/python",), "could not be started"), (("git", "--version"), "it stopped")]
)
def test_a_process_that_fails_is_told_and_holds_nobody_up(
    attempt: PersistentSession, command: tuple[str, ...], why: str
) -> None:
    with ReviewPool(workers=1, command=command) as pool:
        attempt.review_beside(pool)
        attempt.play(Finish())
        conclude(attempt)
        assert await_review(attempt) is None
        assert attempt.review is not None
        assert why in str(attempt.review.state.failed)


def test_nothing_is_imported_from_the_folder_the_game_is_opened_in(tmp_path: Path, tiny: Scenario) -> None:
    (tmp_path / "yaml.py").write_text("raise SystemExit('hostile')", encoding="utf-8")
    home = str(Path(sim.attempts.finish.__file__).parents[2])
    done = subprocess.run(
        reviewing.COMMAND, input=json.dumps(opened(tiny, digest="other")) + "\n", capture_output=True, text=True,
        cwd=tmp_path, timeout=PATIENCE, env={**os.environ, "PYTHONPATH": home}, check=True,
    )  # fmt: skip
    assert "the case has changed since it was opened" in done.stdout


def test_the_game_that_is_reviewed_loads_neither_numba_nor_numpy() -> None:
    code = "import sys, sim.attempts.reopen, sim.tui.screens.ward; print(*{'numba', 'numpy'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


@SLOW
def test_a_case_played_in_lines_is_told_with_its_review(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("do bolus\nwait 5 h\nfinish\ny\n"))
    assert main(["play", CASE, "--plain", "--seed", "3"]) == 0
    assert "of 100 points could be expected with the pathway" in capfd.readouterr().out
