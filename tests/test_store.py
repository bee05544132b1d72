"""Attempts on disk: what is committed stays, what is twice is refused, what is newer or broken is said."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from sim.attempts.store import (
    FILE_NAME,
    MIGRATIONS,
    Store,
    StoredAttempt,
    StoreError,
    data_folder,
    make_folder,
    open_store,
)
from sim.case.moves import AskHint, Finish, Move, PlaceOrder, StateDifferential, StopTherapy, Wait

EVERY_MOVE: tuple[Move, ...] = (
    PlaceOrder("bolus", "20 mL/kg"),
    PlaceOrder("crp"),
    StopTherapy("bolus"),
    StateDifferential((("sepsis", 0.3), ("ipex", 0.25))),
    Wait(None, "result"),
    Wait(30, "call"),
    AskHint(),
    Finish(),
)


def begun(store: Store, **more: object) -> StoredAttempt:
    given: dict[str, object] = {
        "case_id": "tiny_case", "source": "tiny_case", "digest": "d" * 64, "engine": "1", "seed": 7, "mode": "practice",
    }  # fmt: skip
    return store.create(**(given | more))  # type: ignore[arg-type]


def test_every_kind_of_move_comes_back_as_it_was(store: Store) -> None:
    attempt = begun(store)
    for number, move in enumerate(EVERY_MOVE, 1):
        store.append(attempt.id, number, move, before=number)
    assert tuple(stored.move for stored in store.moves(attempt.id)) == EVERY_MOVE


def test_a_move_is_on_disk_as_soon_as_it_is_appended(store: Store) -> None:
    attempt = begun(store)
    store.append(attempt.id, 1, Wait(5), before=0)
    with Store(store.path) as other:
        assert [(stored.number, stored.move) for stored in other.moves(attempt.id)] == [(1, Wait(5))]


def test_a_sealed_move_knows_where_it_led(store: Store) -> None:
    attempt = begun(store)
    store.append(attempt.id, 1, Wait(5), before=2)
    assert store.moves(attempt.id)[0].after is None
    store.seal(attempt.id, 1, after=7, checksum="abc")
    stored = store.moves(attempt.id)[0]
    assert (stored.before, stored.after, stored.checksum) == (2, 7, "abc")


def test_a_move_cannot_be_stored_twice(store: Store) -> None:
    attempt = begun(store)
    store.append(attempt.id, 1, Wait(5), before=0)
    with pytest.raises(StoreError, match=r"already stored.*another window"):
        store.append(attempt.id, 1, Wait(6), before=0)
    assert [stored.move for stored in store.moves(attempt.id)] == [Wait(5)]


def test_a_move_of_an_unknown_attempt_is_refused(store: Store) -> None:
    with pytest.raises(StoreError):
        store.append("nobody", 1, Wait(5), before=0)


def test_only_a_move_that_was_not_played_can_be_withdrawn(store: Store) -> None:
    attempt = begun(store)
    store.append(attempt.id, 1, Wait(5), before=0)
    store.seal(attempt.id, 1, after=5, checksum="abc")
    store.append(attempt.id, 2, Wait(6), before=5)
    store.withdraw(attempt.id, 1, Wait(5))
    store.withdraw(attempt.id, 2, Wait(6))
    assert [stored.number for stored in store.moves(attempt.id)] == [1]


def test_an_attempt_is_found_by_the_beginning_of_its_id(store: Store) -> None:
    attempt = begun(store)
    assert store.attempt(attempt.id[:6]) == attempt
    assert attempt.finished is None


@pytest.mark.parametrize("id", ["", "%", "zzzz", "' OR 1=1 --"])
def test_an_id_that_fits_none_is_refused(store: Store, id: str) -> None:
    begun(store)
    with pytest.raises(StoreError, match="no attempt"):
        store.attempt(id)


def test_an_id_that_fits_several_is_refused(store: Store) -> None:
    ids = {begun(store).id for _ in range(40)}
    shared = next(id[0] for id in ids if sum(other.startswith(id[0]) for other in ids) > 1)
    with pytest.raises(StoreError, match=r"\d+ attempts with an id that starts with"):
        store.attempt(shared)


def test_attempts_are_listed_newest_first(store: Store) -> None:
    made = [begun(store, seed=seed).id for seed in range(5)]
    assert [attempt.id for attempt in store.attempts()] == made[::-1]


def test_a_finished_attempt_keeps_its_first_assessment(store: Store) -> None:
    attempt = begun(store)
    assert store.debrief(attempt.id) is None
    store.finish(attempt.id, band="sound", ending="home", assessment="{}", debrief="Well done.")
    store.finish(attempt.id, band="unsafe", ending="died", assessment="[]", debrief="Again.")
    assert store.debrief(attempt.id) == ("{}", "Well done.")
    again = store.attempt(attempt.id)
    assert (again.band, again.ending) == ("sound", "home")
    assert again.finished is not None
    assert store.attempts(unfinished=True) == ()


def test_a_branch_knows_where_it_came_from_and_begins_with_the_same_moves(store: Store) -> None:
    parent = begun(store)
    for number, minute in enumerate((0, 5, 9), 1):
        store.append(parent.id, number, Wait(5), before=minute)
        store.seal(parent.id, number, after=minute + 5, checksum=f"c{number}")
    store.finish(parent.id, band="sound", ending="home", assessment="{}", debrief="")
    branch = store.branch(parent.id, 2)
    assert (branch.parent, branch.parent_move) == (parent.id, 2)
    assert (branch.case_id, branch.seed, branch.mode, branch.finished) == ("tiny_case", 7, "practice", None)
    assert store.moves(branch.id) == store.moves(parent.id)[:2]
    assert len(store.moves(parent.id)) == 3


def test_a_newer_schema_is_refused(store: Store) -> None:
    store.close()
    with sqlite3.connect(store.path) as db:
        db.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    db.close()
    with pytest.raises(StoreError, match="written by a newer Scurfy"):
        Store(store.path)


def test_a_store_from_before_reviews_takes_them(store: Store, tmp_path: Path) -> None:
    with Store(tmp_path / "old.sqlite3", MIGRATIONS[:1]) as old:
        attempt = old.create(case_id="tiny", source="tiny", digest="d", engine="1", seed=1, mode="exam")
    with Store(tmp_path / "old.sqlite3") as now:
        assert now.review(attempt.id) is None
        now.finish(attempt.id, band="sound", ending="home", assessment="{}", debrief="first")
        now.keep_review(attempt.id, review="[1]", assessment='{"decisions": []}', debrief="with the review")
        assert now.review(attempt.id) == "[1]"
        assert now.debrief(attempt.id) == ('{"decisions": []}', "with the review")
        assert now.attempt(attempt.id).band == "sound"


def test_an_older_schema_is_migrated_after_a_backup(store: Store) -> None:
    attempt = begun(store)
    store.close()
    longer = (*MIGRATIONS, ("ALTER TABLE attempts ADD COLUMN note TEXT",))
    with Store(store.path, longer) as migrated:
        assert migrated.attempt(attempt.id) == attempt
    backup = store.path.with_name(f"attempts.schema{len(MIGRATIONS)}.backup.sqlite3")
    with Store(backup) as old:
        assert old.attempt(attempt.id) == attempt
    with pytest.raises(StoreError, match="newer Scurfy"):
        Store(store.path)


def test_a_migration_that_fails_changes_nothing(store: Store) -> None:
    attempt = begun(store)
    store.close()
    broken = (*MIGRATIONS, ("ALTER TABLE attempts ADD COLUMN note TEXT", "ALTER TABLE nowhere ADD COLUMN note TEXT"))
    with pytest.raises(StoreError, match="no such table"):
        Store(store.path, broken)
    with Store(store.path) as untouched:
        assert untouched.attempt(attempt.id) == attempt


def test_a_file_that_is_no_database_is_said(tmp_path: Path) -> None:
    path = tmp_path / "attempts.sqlite3"
    path.write_text("this is a letter to my aunt, not a database\n" * 50, encoding="utf-8")
    with pytest.raises(StoreError, match="not a database") as refused:
        Store(path)
    assert refused.value.hint.startswith("move the file away")


def test_a_place_that_cannot_log_ahead_is_said() -> None:
    with pytest.raises(StoreError, match="network drive") as refused:
        Store(Path(":memory:"))
    assert "SCURFY_HOME" in refused.value.hint


def test_a_folder_that_does_not_exist_is_said(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="unable to open"):
        Store(tmp_path / "nowhere" / "attempts.sqlite3")


def test_a_data_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    with pytest.raises(StoreError, match="cannot create") as refused:
        make_folder(tmp_path / "file" / "home")
    assert "SCURFY_HOME" in refused.value.hint


def test_the_data_folder_is_the_users_own_by_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SCURFY_HOME")
    assert "scurfy" in data_folder().parts


@pytest.mark.skipif(sys.platform == "win32", reason="Windows keeps permissions elsewhere")
def test_the_data_folder_is_for_its_owner_only(home: Path) -> None:
    open_store(home).close()
    assert home.stat().st_mode & 0o077 == 0
    assert (home / FILE_NAME).exists()


def test_a_sound_store_has_no_problems(store: Store) -> None:
    attempt = begun(store)
    store.append(attempt.id, 1, Wait(5), before=0)
    assert store.problems() == ()


def test_a_missing_move_is_found(store: Store) -> None:
    attempt = begun(store)
    store.append(attempt.id, 1, Wait(5), before=0)
    store.append(attempt.id, 3, Wait(5), before=0)
    assert store.problems() == (f"attempt {attempt.id}: a move is missing",)


def test_a_damaged_move_is_said(store: Store) -> None:
    attempt = begun(store)
    store.append(attempt.id, 1, Wait(5), before=0)
    db = sqlite3.connect(store.path)
    with db:
        db.execute('UPDATE moves SET move = \'{"wait": "for godot"}\'')
    db.close()
    with pytest.raises(StoreError, match="damaged move"):
        store.moves(attempt.id)


_WRITER = """
import sys
from pathlib import Path
from sim.case.moves import Wait
from sim.attempts.store import Store

with Store(Path(sys.argv[1])) as store:
    attempt = store.create(case_id="c", source="c", digest="d", engine="1", seed=1, mode="exam")
    for number in range(1, 11):
        store.append(attempt.id, number, Wait(number), before=0)
        store.seal(attempt.id, number, after=number, checksum="x")
"""


def test_eight_programs_write_at_once_and_none_is_locked_out(tmp_path: Path) -> None:
    path = tmp_path / "attempts.sqlite3"
    writers = [
        subprocess.Popen([sys.executable, "-c", _WRITER, str(path)], stderr=subprocess.PIPE, text=True)
        for _ in range(8)
    ]
    assert [writer.communicate()[1] for writer in writers] == [""] * 8
    with Store(path) as store:
        attempts = store.attempts()
        assert len(attempts) == 8
        assert {len(store.moves(attempt.id)) for attempt in attempts} == {10}
        assert store.problems() == ()
