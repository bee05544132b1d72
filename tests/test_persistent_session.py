"""A session joined to its attempt: what is played is stored first, and resuming finds the same patient or says why."""

from __future__ import annotations

import sqlite3

import pytest

from sim.attempts.session import CannotResume, PersistentSession, begin, resume
from sim.attempts.store import Store, StoreError
from sim.case.model.scenario import Scenario
from sim.case.moves import Finish, Move, PlaceOrder, StateDifferential, StopTherapy, Wait
from sim.engine.session import IllegalMove
from sim.engine.version import ENGINE

MOVES: tuple[Move, ...] = (
    PlaceOrder("ex_perfusion"),
    PlaceOrder("peripheral_access"),
    PlaceOrder("bolus", "10 mL/kg"),
    PlaceOrder("blood_culture"),
    PlaceOrder("gentamicin"),
    StateDifferential((("meadow_fever", 0.6), ("viral_illness", 0.3))),
    Wait(360, "call"),
    StopTherapy("gentamicin"),
)


def started(store: Store, scenario: Scenario, seed: int = 3) -> PersistentSession:
    return begin(store, scenario, source="tiny_case", seed=seed, mode="practice")


def change(store: Store, statement: str) -> None:
    db = sqlite3.connect(store.path)
    with db:
        db.execute(statement)
    db.close()


def test_a_resumed_attempt_is_the_same_patient_at_the_same_minute(store: Store, tiny: Scenario) -> None:
    played = started(store, tiny)
    for move in MOVES:
        played.play(move)
        again = resume(store, tiny, store.attempt(played.attempt.id))
        assert again.session.log == played.session.log
        assert again.session.snapshot() == played.session.snapshot()
        assert again.count == played.count


def test_a_resumed_attempt_can_be_played_on(store: Store, tiny: Scenario) -> None:
    played = started(store, tiny)
    for move in MOVES[:3]:
        played.play(move)
    again = resume(store, tiny, played.attempt)
    for move in MOVES[3:]:
        again.play(move)
        played.session.apply(move)
    assert again.session.log == played.session.log
    assert [stored.move for stored in store.moves(played.attempt.id)] == list(MOVES)


def test_a_move_that_cannot_be_made_is_not_stored(store: Store, tiny: Scenario) -> None:
    played = started(store, tiny)
    played.play(MOVES[0])
    with pytest.raises(IllegalMove):
        played.play(StopTherapy("gentamicin"))
    assert [stored.move for stored in store.moves(played.attempt.id)] == [MOVES[0]]
    played.play(MOVES[1])
    assert [stored.number for stored in store.moves(played.attempt.id)] == [1, 2]


def test_a_move_that_cannot_be_stored_is_not_played(store: Store, tiny: Scenario) -> None:
    played = started(store, tiny)
    store.close()
    before = played.session.log
    with pytest.raises(StoreError):
        played.play(MOVES[0])
    assert played.session.log == before


def test_two_windows_cannot_play_the_same_attempt(store: Store, tiny: Scenario) -> None:
    one = started(store, tiny)
    other = resume(store, tiny, one.attempt)
    one.play(PlaceOrder("crp"))
    with pytest.raises(StoreError, match="another window"):
        other.play(PlaceOrder("electrolytes"))
    assert [stored.move for stored in store.moves(one.attempt.id)] == [PlaceOrder("crp")]


def test_a_move_stored_before_the_crash_is_played_on_resuming(store: Store, tiny: Scenario) -> None:
    played = started(store, tiny)
    played.play(MOVES[0])
    store.append(played.attempt.id, 2, MOVES[1], before=played.session.now)
    again = resume(store, tiny, played.attempt)
    played.session.apply(MOVES[1])
    assert again.session.log == played.session.log
    assert store.moves(played.attempt.id)[1].after == again.session.now


def test_an_impossible_move_stored_before_the_crash_is_taken_back_on_resuming(store: Store, tiny: Scenario) -> None:
    played = started(store, tiny)
    played.play(MOVES[0])
    store.append(played.attempt.id, 2, StopTherapy("gentamicin"), before=played.session.now)
    again = resume(store, tiny, played.attempt)
    assert again.session.log == played.session.log
    again.play(MOVES[1])
    assert [stored.move for stored in store.moves(played.attempt.id)] == list(MOVES[:2])


def test_a_changed_case_is_named_with_both_digests(store: Store, tiny: Scenario) -> None:
    played = started(store, tiny)
    played.play(MOVES[0])
    changed = tiny.model_copy(update={"digest": "e" * 64})
    with pytest.raises(CannotResume, match=rf"case has changed \(digest {tiny.digest[:12]} then, eeeeeeeeeeee now\)"):
        resume(store, changed, played.attempt)


def test_a_changed_engine_is_named_with_both_versions(store: Store, tiny: Scenario) -> None:
    played = started(store, tiny)
    change(store, "UPDATE attempts SET engine = '0'")
    with pytest.raises(CannotResume, match=rf"engine has changed \(version 0 then, {ENGINE} now\)"):
        resume(store, tiny, store.attempt(played.attempt.id))


def test_the_first_move_that_leads_to_another_minute_is_named(store: Store, tiny: Scenario) -> None:
    played = started(store, tiny)
    for move in MOVES[:4]:
        played.play(move)
    change(store, "UPDATE moves SET after = after + 1 WHERE number = 2")
    with pytest.raises(CannotResume, match=r"move 2 led to minute \d+, now to \d+"):
        resume(store, tiny, played.attempt)


def test_the_first_move_that_leads_to_other_events_is_named(store: Store, tiny: Scenario) -> None:
    played = started(store, tiny)
    for move in MOVES[:4]:
        played.play(move)
    change(store, "UPDATE moves SET checksum = 'other' WHERE number = 3")
    with pytest.raises(CannotResume, match="move 3 led to other events than now"):
        resume(store, tiny, played.attempt)


def test_a_move_that_began_at_another_minute_is_named(store: Store, tiny: Scenario) -> None:
    played = started(store, tiny)
    for move in MOVES[:4]:
        played.play(move)
    change(store, "UPDATE moves SET before = before + 1 WHERE number = 4")
    with pytest.raises(CannotResume, match=r"move 4 began at minute \d+, now at \d+"):
        resume(store, tiny, played.attempt)


def test_a_move_that_is_now_refused_is_named(store: Store, tiny: Scenario) -> None:
    played = started(store, tiny)
    played.play(MOVES[0])
    change(store, """UPDATE moves SET move = '{"order": "leeches"}'""")
    with pytest.raises(CannotResume, match=r"move 1 was played, and is now refused: there is no order 'leeches'"):
        resume(store, tiny, played.attempt)


def test_a_missing_move_is_named(store: Store, tiny: Scenario) -> None:
    played = started(store, tiny)
    for move in MOVES[:3]:
        played.play(move)
    change(store, "DELETE FROM moves WHERE number = 2")
    with pytest.raises(CannotResume, match="move 2 is missing"):
        resume(store, tiny, played.attempt)


def test_what_cannot_be_resumed_says_every_reason(store: Store, tiny: Scenario) -> None:
    played = started(store, tiny)
    played.play(MOVES[0])
    change(store, "UPDATE attempts SET engine = '0'")
    change(store, "UPDATE moves SET checksum = 'other'")
    changed = tiny.model_copy(update={"digest": "e" * 64})
    with pytest.raises(CannotResume) as refused:
        resume(store, changed, store.attempt(played.attempt.id))
    assert all(word in str(refused.value) for word in ("digest", "version 0", "move 1"))


def test_a_concluded_attempt_knows_its_ending(store: Store, tiny: Scenario) -> None:
    played = started(store, tiny)
    played.play(Finish())
    played.conclude(band="unsafe", assessment="{}", debrief="Told.")
    assert store.debrief(played.attempt.id) == ("{}", "Told.")
    ended = played.session.snapshot().ended
    assert ended is not None
    assert (played.attempt.band, played.attempt.ending) == ("unsafe", ended.ending)
