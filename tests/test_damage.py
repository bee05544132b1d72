"""A home that is full, read-only, damaged, locked or gone is said in those words, and hides nothing but itself."""

from __future__ import annotations

import io
import itertools
import json
import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from conftest import TINY_CASE
from sim.attempts.finish import conclude
from sim.attempts.recall import schedule
from sim.attempts.resume import NEWEST, take_up
from sim.attempts.session import CannotResume, FaultOfCase, PersistentSession, begin, resume
from sim.attempts.store import FILE_NAME, Recall, Store, StoreError, open_store
from sim.attempts.store.place import back_up
from sim.case.model.conditions import Condition
from sim.case.model.disease import Region, State, Transition
from sim.case.model.scenario import Scenario
from sim.case.moves import Finish, PlaceOrder, Wait
from sim.cli import main
from sim.engine.session import IllegalMove
from tinycase import scenario as toy_scenario

HOSTILE: tuple[object, ...] = (
    b"\xff\x00", "", "\N{SNOWMAN}", "9" * 400, "[" * 50_000, "null", "[]", -1, 2.5, 2**62, "/a\x00b.yaml",
)  # fmt: skip
COLUMNS = {
    "attempts": ("case_id", "source", "digest", "engine", "seed", "started", "finished", "band", "ending",
                 "assessment", "debrief", "parent_move"),
    "moves": ("move", "before", "after", "checksum"),
    "reviews": ("review",),
    "cards": ("source", "due", "memory"),
    "recalls": ("at", "answer"),
}  # fmt: skip
READING = (["attempts"], ["attempts", "--json"], ["review", "--json"])


def played(store: Store, tiny: Scenario, *, over: bool = False, seed: int = 3) -> PersistentSession:
    attempt = begin(store, tiny, source=str(TINY_CASE), seed=seed, mode="practice")
    attempt.play(PlaceOrder("ex_perfusion"))
    if over:
        attempt.play(Finish())
        conclude(attempt)
        store.keep_review(attempt.id, review="{}", assessment="{}", debrief="told")
    return attempt


@pytest.fixture
def kept(home: Path, tiny: Scenario) -> tuple[str, str]:
    """A home with a finished attempt and a newer one that goes on; their ids."""
    with open_store(home) as store:
        over, going = played(store, tiny, over=True), played(store, tiny, seed=4)
        (card, *_) = store.cards.all()
        memory, due = schedule(None, "good", datetime.now(UTC))
        store.change(
            "UPDATE cards SET memory = ?, due = ? WHERE question = ?", (memory, due.isoformat(), card.question)
        )
        store.cards.answered(card, Recall(datetime.now(UTC), "good", "cold"), due=due, memory=memory)
        return over.id, going.id


def harm(home: Path, statement: str, *values: object) -> None:
    with sqlite3.connect(home / FILE_NAME) as db:
        db.execute(statement, values)
    db.close()


@pytest.mark.slow
@pytest.mark.parametrize("table", COLUMNS)
def test_no_value_of_any_table_is_a_fault_of_ours_and_the_doctor_says_each_that_cannot_be_read(
    home: Path, kept: tuple[str, str], table: str, capfd: pytest.CaptureFixture[str], tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    over, going = kept
    whole = Path(shutil.copytree(home, tmp_path / "whole"))
    for column, value in itertools.product(COLUMNS[table], HOSTILE):
        shutil.copyfile(whole / FILE_NAME, home / FILE_NAME)
        try:
            harm(home, f"UPDATE {table} SET {column} = ?", value)  # noqa: S608
        except sqlite3.IntegrityError:  # the file itself refuses it
            continue
        for words in (*READING, ["debrief", over], ["debrief", over, "--json"], ["resume", going, "--plain"]):
            monkeypatch.setattr("sys.stdin", io.StringIO(""))
            code = main(words)
            said = capfd.readouterr()
            assert code in (0, 1, 2), (column, value, words, said.err)
            assert words != ["attempts"] or (over in said.out and going in said.out)
        with open_store(home) as store:
            assert not isinstance(value, bytes) or any(f": {column}: " in problem for problem in store.problems())


@pytest.mark.slow
def test_the_doctor_says_each_damaged_value(
    home: Path, kept: tuple[str, str], capfd: pytest.CaptureFixture[str]
) -> None:
    harm(home, "UPDATE attempts SET band = x'ff', seed = 2.5 WHERE id = ?", kept[0])
    harm(home, "UPDATE cards SET due = 'soon'")
    assert main(["doctor"]) == 1
    told = capfd.readouterr().out
    for what in (f"attempts {kept[0]}: band: ", f"attempts {kept[0]}: seed: ", "cards tiny_case q_feet: due: "):
        assert f"BAD  attempts: {what}" in told


def test_one_damaged_attempt_hides_no_other_and_is_passed_over(
    home: Path, kept: tuple[str, str], tiny: Scenario
) -> None:
    _, going = kept
    with open_store(home) as store:
        worse = [played(store, tiny, seed=5).id for _ in range(3)]
    harm(home, "UPDATE attempts SET seed = 'seven' WHERE id = ?", worse[0])
    harm(home, "UPDATE moves SET move = '{' WHERE attempt = ?", worse[1])
    harm(home, "UPDATE attempts SET digest = x'ff' WHERE id = ?", worse[2])
    with open_store(home) as store:
        assert len(store.attempts()) == 5
        resumed = take_up(store, NEWEST)
        assert resumed.attempt.id == going
        assert "3 newer ones cannot" in resumed.passed_over
        store.put_aside(f"attempt {worse[0]}")
        assert "2 newer ones cannot" in take_up(store, NEWEST).passed_over


@pytest.mark.parametrize("move", ['{"order": "nosuch"}',
                                  '{"order": "bolus", "dose": "no such dose"}'])  # fmt: skip
def test_a_stored_move_that_cannot_be_made_is_no_fault_of_ours(
    home: Path, kept: tuple[str, str], capsys: pytest.CaptureFixture[str], move: str
) -> None:
    over, _ = kept
    harm(home, "UPDATE moves SET move = ? WHERE attempt = ? AND number = 1", move, over)
    assert main(["debrief", over, "--json"]) in (0, 1)
    assert "went wrong inside" not in capsys.readouterr().err


def test_a_move_that_sets_off_a_fault_of_the_case_is_taken_back_and_told_as_the_cases_own(store: Store) -> None:
    toys = {"assumed": "a toy"}
    clockwork = Region(
        name="Clockwork", initial="tick", states={"tick": State(name="Tick"), "tock": State(name="Tock")}, **toys,
        transitions=tuple(
            Transition(id=id, source=source, target=target, after="0 min", when=Condition(running="fluids"), **toys)
            for id, source, target in (("go", "tick", "tock"), ("back", "tock", "tick"))
        ),
    )  # fmt: skip
    sound = toy_scenario()
    disease = sound.disease.model_copy(update={"regions": sound.disease.regions | {"clockwork": clockwork}})
    looping = sound.model_copy(update={"disease": disease})
    attempt = begin(store, looping, source="toy", seed=1, mode="practice")
    attempt.play(PlaceOrder("look"))
    with pytest.raises(FaultOfCase, match="the case toy_case has a fault: more than"):
        attempt.play(PlaceOrder("fluids", "low"))
    again = resume(store, looping, store.attempt(attempt.id))
    assert again.moves() == (PlaceOrder("look"),)
    store.append(attempt.id, 2, PlaceOrder("fluids", "low"), before=again.session.now)  # as an older version left it
    with pytest.raises(CannotResume, match="move 2 sets off a fault of the case"):
        resume(store, looping, store.attempt(attempt.id))


def test_a_refused_move_is_taken_back_only_as_what_it_was(store: Store, tiny: Scenario) -> None:
    first = played(store, tiny)
    refused = PlaceOrder("gentamicin", "no such dose")
    store.append(first.id, 2, refused, before=first.session.now)  # one window is about to be told no
    second = resume(store, tiny, store.attempt(first.id))  # another opens the attempt and takes it back
    store.append(second.id, 2, Wait(10), before=second.session.now)  # and plays on
    store.withdraw(first.id, 2, refused)
    assert [one.move for one in store.moves(first.id)] == [PlaceOrder("ex_perfusion"), Wait(10)]


def test_what_is_done_after_the_home_was_deleted_is_refused_before_it_is_acknowledged(
    home: Path, tiny: Scenario
) -> None:
    with open_store(home) as store:
        attempt = played(store, tiny)
        now = attempt.session.now
        shutil.rmtree(home)
        for _ in range(2):
            with pytest.raises(StoreError, match="was deleted or moved while Scurfy ran"):
                attempt.play(Wait(10))
        assert attempt.session.now == now


def test_a_log_that_is_deleted_is_missed(home: Path, tiny: Scenario) -> None:
    with open_store(home) as store:
        attempt = played(store, tiny)
        (home / f"{FILE_NAME}-wal").unlink()
        with pytest.raises(StoreError, match="was deleted or moved"):
            attempt.play(Wait(10))


def test_a_home_that_is_moved_and_made_again_takes_nothing_for_the_other(home: Path, tiny: Scenario) -> None:
    with open_store(home) as store:
        attempt = played(store, tiny)
        home.rename(home.with_name("away"))
        open_store(home).close()
        with pytest.raises(StoreError, match="was deleted or moved"):
            attempt.play(Wait(10))


def test_a_locked_file_is_said_to_be_locked(home: Path, kept: tuple[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sim.attempts.store.file.PATIENCE", 0.1)
    holder = sqlite3.connect(home / FILE_NAME, isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    with open_store(home) as store, pytest.raises(StoreError, match="is locked: another program holds it"):
        store.put_aside("x")
    holder.close()


@pytest.mark.parametrize("version", [-5, -1])
def test_a_schema_below_zero_is_damage(home: Path, kept: tuple[str, str], version: int) -> None:
    harm(home, f"PRAGMA user_version = {version}")
    with pytest.raises(StoreError, match=f"damaged: its schema is {version}"):
        open_store(home)


@pytest.mark.slow
def test_bytes_that_are_no_text_in_the_schema_are_damage(home: Path, kept: tuple[str, str]) -> None:
    path = home / FILE_NAME
    path.write_bytes(path.read_bytes().replace(b"CREATE TABLE attempts", b"CREATE TABLE attempt\xff"))
    with pytest.raises(StoreError, match="damaged"):
        open_store(home)
    assert main(["doctor"]) == 1


def test_a_trigger_that_refuses_is_not_told_as_another_window(home: Path, tiny: Scenario) -> None:
    with open_store(home) as store:
        attempt = played(store, tiny)
        store.change("CREATE TRIGGER t BEFORE INSERT ON moves BEGIN SELECT RAISE(ABORT, 'no'); END")
        with pytest.raises(StoreError) as told:
            attempt.play(Wait(10))
    assert "another window" not in str(told.value)


@pytest.mark.parametrize("home_named", ["~nosuchuser_of_mine/x"])
def test_a_home_that_nobody_has_is_one_line(
    home_named: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SCURFY_HOME", home_named)
    for words in (["attempts"], ["doctor"], ["paths"], ["play", str(TINY_CASE), "--plain"]):
        assert main(words) == 1
        told = capfd.readouterr()
        assert "there is no such user" in told.out + told.err
        assert "Traceback" not in told.err


# --- questions -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("due", ["garbage", "", "2026-01-01", "9999-12-31T00:00:00.000+00:00", b"\xff"])
def test_no_date_however_it_came_there_keeps_a_question_away(home: Path, kept: tuple[str, str], due: object) -> None:
    harm(home, "UPDATE cards SET due = ?", due)
    with open_store(home) as store:
        assert store.cards.due() == store.cards.all() != ()
        assert store.cards.next() is None


def test_a_question_is_due_by_the_day(tmp_path: Path) -> None:
    now = datetime(2026, 3, 1, 23, 41).astimezone()
    with Store(tmp_path / FILE_NAME, clock=lambda: now.astimezone(UTC)) as store:
        store.cards.add("case", "case", ["q"], [])
        (card,) = store.cards.all()
        store.change("UPDATE cards SET due = ?", ((now + timedelta(days=2)).astimezone(UTC).isoformat(),))
        assert store.cards.due() == ()
    later = datetime(2026, 3, 3, 0, 5).astimezone()
    with Store(tmp_path / FILE_NAME, clock=lambda: later.astimezone(UTC)) as store:
        assert [one.question for one in store.cards.due()] == [card.question]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"stability": 2.3065', f'"stability": {value}') for value in ("0", "-5", "1e400", "NaN", "null", '"x"')
    ] + [("+00:00", "")],
)  # fmt: skip
def test_a_memory_that_no_answer_left_counts_as_none(old: str, new: str) -> None:
    at = datetime(2026, 3, 1, tzinfo=UTC)
    memory, _ = schedule(None, "good", at)
    assert old in memory
    for grade in ("again", "easy"):
        assert schedule(memory.replace(old, new), grade, at) == schedule(None, grade, at)  # type: ignore[arg-type]


def test_a_question_that_is_put_aside_is_not_asked_until_it_is_taken_back(
    home: Path, kept: tuple[str, str], capfd: pytest.CaptureFixture[str]
) -> None:
    with open_store(home) as store:
        cards = store.cards.all()
    assert main(["aside", f"{cards[0].case_id}/{cards[0].question}"]) == 0
    with open_store(home) as store:
        assert len(store.cards.all()) == len(cards) - 1
    assert main(["aside", f"{cards[0].case_id}/{cards[0].question}", "--back"]) == 0
    assert main(["aside", f"{cards[0].case_id}/{cards[0].question}", "--back"]) == 2
    with open_store(home) as store:
        assert store.cards.all() == cards


# --- copies and disks ------------------------------------------------------------------------------------------


def test_a_copy_taken_while_the_game_runs_is_whole(home: Path, tiny: Scenario, tmp_path: Path) -> None:
    with open_store(home) as store:
        attempt = played(store, tiny)
        (home / "notes").mkdir()
        (home / "notes" / f"{attempt.id}.txt").write_text("mine", encoding="utf-8")
        back_up(home, tmp_path / "copy")
        attempt.play(Wait(10))
    with open_store(tmp_path / "copy") as copy:
        assert copy.problems() == ()
        assert [one.move for one in copy.moves(attempt.id)] == [PlaceOrder("ex_perfusion")]
    assert (tmp_path / "copy" / "notes" / f"{attempt.id}.txt").read_text(encoding="utf-8") == "mine"
    with pytest.raises(StoreError, match="holds something already"):
        back_up(home, tmp_path / "copy")


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A small file system of its own."""
    place = tmp_path / "disk"
    place.mkdir()
    mounted = shutil.which("mount") and subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "scurfy-test", str(place)], capture_output=True, check=False
    )
    if not mounted or mounted.returncode:
        pytest.skip("only root of a Linux may mount a disk")
    yield place
    subprocess.run(["umount", str(place)], check=True)


def play_on(attempt: PersistentSession) -> None:
    """Play until the disk takes no more."""
    for _ in range(2000):
        attempt.play(Wait(1))


def fill(place: Path) -> Path:
    """Leave no byte free."""
    ballast = place / "ballast"
    with ballast.open("wb", buffering=0) as file:
        for size in (65536, 1):
            try:
                while True:
                    file.write(b"x" * size)
            except OSError:
                continue
    return ballast


def test_a_full_disk_is_said_to_be_full_and_what_is_over_can_be_read(disk: Path, tiny: Scenario) -> None:
    home = disk / "home"
    with open_store(home) as store:
        over = played(store, tiny, over=True)
        going = played(store, tiny)
        ballast = fill(disk)
        with pytest.raises(StoreError, match="is full"):
            play_on(going)
        ballast.unlink()
        going.play(Wait(10))
        fill(disk)
    with open_store(home) as store:
        assert store.debrief(over.id) is not None
        assert store.refusal is None or "is full" in str(store.refusal)


def test_a_read_only_home_is_said_to_be_that_and_what_is_over_can_be_read(
    disk: Path, tiny: Scenario, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    home = disk / "home"
    with open_store(home) as store:
        over, going = played(store, tiny, over=True), played(store, tiny)
        shutil.copytree(home, disk / "killed")  # with the log beside it, as a kill leaves it
    subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
    for folder in (home, disk / "killed"):
        monkeypatch.setenv("SCURFY_HOME", str(folder))
        with open_store(folder) as store:
            assert store.refusal is None or "read-only" in str(store.refusal)
            assert store.folder == folder
            assert {one.id for one in store.attempts()} == {over.id, going.id}
            with pytest.raises(StoreError, match="read-only"):
                resume(store, tiny, store.attempt(going.id)).play(Wait(10))
        for words in (
            ["attempts"],
            ["debrief", over.id],
            ["debrief", over.id, "--json"],
            ["cases"],
            ["review", "--json"],
        ):
            assert main(words) == 0, capfd.readouterr().err
        assert main(["play", str(TINY_CASE), "--plain"]) == 1
        assert "read-only" in capfd.readouterr().err


def test_an_attempt_of_another_case_says_which_of_its_values_is_damaged(home: Path, kept: tuple[str, str]) -> None:
    _, going = kept
    harm(home, "UPDATE attempts SET seed = 2.5, engine = x'ff' WHERE id = ?", going)
    with open_store(home) as store, pytest.raises(CannotResume, match="damaged: engine, seed"):
        take_up(store, going)


def test_the_moves_that_a_session_refuses_are_still_refused(store: Store, tiny: Scenario) -> None:
    attempt = played(store, tiny)
    with pytest.raises(IllegalMove):
        attempt.play(PlaceOrder("gentamicin", "no such dose"))
    assert json.dumps([one.number for one in store.moves(attempt.id)]) == "[1]"
    assert os.path.exists(store.path)  # noqa: PTH110
