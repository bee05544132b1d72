"""What was placed, stopped or limited last can be taken back until time passes or it has told something."""

from __future__ import annotations

import io
import re

import pytest

from sim.attempts.session import PersistentSession, begin, resume
from sim.attempts.store import Store, StoreError
from sim.case.model.scenario import Scenario
from sim.case.moves import Move, PlaceOrder, StateDifferential, StopTherapy, Wait
from sim.plain.play import PlainGame
from sim.web.beds import Bed
from sim.web.ward import ward as page
from terminal import press
from terminal import ward as on_screen
from test_nursing import ward

STORY = PlaceOrder("story")
FLUIDS, INSULIN = PlaceOrder("fluids"), PlaceOrder("insulin")


@pytest.fixture(scope="module")
def toys() -> Scenario:
    """A patient whose nurses need three minutes for fluids, and whose story takes ten."""
    return ward(fluids={"nurse": 3}, story={"takes": 10})


def started(store: Store, scenario: Scenario, *moves: Move) -> PersistentSession:
    attempt = begin(store, scenario, source="toys", seed=3, mode="practice")
    for move in moves:
        attempt.play(move)
    return attempt


def stored(store: Store, attempt: PersistentSession) -> list[Move]:
    return [one.move for one in store.moves(attempt.id)]


def test_what_is_taken_back_never_was(store: Store, toys: Scenario) -> None:
    never = started(store, toys, INSULIN, Wait(20))
    played = started(store, toys, INSULIN, Wait(20), FLUIDS)
    assert played.undoable == FLUIDS
    assert played.undo() == FLUIDS
    assert played.session.log == never.session.log
    assert stored(store, played) == stored(store, never)
    for attempt in (played, never):
        attempt.play(Wait(60))
    assert played.session.log == never.session.log
    assert resume(store, toys, store.attempt(played.id)).session.log == played.session.log


def test_one_after_the_other_is_taken_back_until_time_has_passed(store: Store, toys: Scenario) -> None:
    played = started(store, toys, FLUIDS, Wait(20), StopTherapy("fluids"), INSULIN)
    assert [played.undo(), played.undo()] == [INSULIN, StopTherapy("fluids")]
    assert played.undoable is None
    assert [run.therapy for run in played.session.running] == ["fluids"]


def test_after_resuming_the_last_move_can_still_be_taken_back(store: Store, toys: Scenario) -> None:
    played = resume(store, toys, started(store, toys, FLUIDS).stored)
    assert played.undo() == FLUIDS
    assert stored(store, played) == []


@pytest.mark.parametrize(
    "told", [STORY, StateDifferential((("aa", 0.9),)), Wait(1)], ids=["an answer", "an opinion", "time"]
)
def test_what_has_told_something_stays(store: Store, toys: Scenario, told: Move) -> None:
    assert started(store, toys, FLUIDS, told).undoable is None


def test_nothing_is_taken_back_before_anything_was_done(store: Store, toys: Scenario) -> None:
    assert started(store, toys).undoable is None


@pytest.mark.parametrize("instead", [(), (INSULIN,)], ids=["nothing", "another move"])
def test_a_window_does_not_go_on_from_what_another_took_back(
    store: Store, toys: Scenario, instead: tuple[Move, ...]
) -> None:
    one = started(store, toys, FLUIDS)
    other = resume(store, toys, one.stored)
    one.undo()
    for move in instead:
        one.play(move)
    for act in (lambda: other.play(Wait(5)), other.undo):
        with pytest.raises(StoreError, match="another window"):
            act()
    assert stored(store, one) == list(instead)
    assert resume(store, toys, one.stored).session.log == one.session.log


def test_a_window_takes_back_nothing_that_another_went_on_from(store: Store, toys: Scenario) -> None:
    one = started(store, toys, FLUIDS)
    resume(store, toys, one.stored).play(Wait(5))
    before = one.session.log
    with pytest.raises(StoreError, match=re.escape("move 1 of attempt")):
        one.undo()
    assert (one.count, one.session.log) == (1, before)
    assert stored(store, one) == [FLUIDS, Wait(5)]


def test_a_move_that_was_never_sealed_is_taken_back_too(store: Store, toys: Scenario) -> None:
    one = started(store, toys, FLUIDS)
    store.change("UPDATE moves SET after = NULL, checksum = NULL")
    assert one.undo() == FLUIDS


def test_in_lines_it_is_said_what_was_taken_back_and_what_cannot_be(store: Store, toys: Scenario) -> None:
    said, attempt = io.StringIO(), started(store, toys)
    typed = ["do fluids", "undo", "undo", "do story", "undo"]
    PlainGame(attempt, io.StringIO("".join(f"{line}\n" for line in typed)), said).run()
    assert said.getvalue().count("Taken back: Fluids.") == 1
    assert said.getvalue().count("Nothing can be taken back: time has passed, or what you did last has told") == 2
    assert stored(store, attempt) == [STORY]


@pytest.mark.slow
async def test_on_the_ward_a_key_empties_the_basket_first_and_then_takes_back(toys: Scenario) -> None:
    async with on_screen(toys) as (pilot, screen):
        screen.act(INSULIN, FLUIDS)
        screen.basket = (STORY,)
        await press(pilot, "u")
        assert screen.basket == ()
        assert screen.attempt.moves() == (INSULIN, FLUIDS)
        await press(pilot, "u")
        assert screen.attempt.moves() == (INSULIN,)
        assert [note.message for note in pilot.app._notifications] == ["Taken back: Fluids."]
        assert [run.therapy for run in screen.now.running] == ["insulin"]
        assert screen.records.placed == {"insulin": 0}
        await press(pilot, "u", "u")
        assert screen.attempt.moves() == ()
        assert [note.message for note in pilot.app._notifications][-1].startswith("Nothing can be taken back")


def test_in_a_browser_a_button_names_what_it_takes_back_while_it_can_be(store: Store, toys: Scenario) -> None:
    bed = Bed(started(store, toys))
    bed.play(FLUIDS)
    assert "Take back: Fluids" in page(bed)
    bed.undo()
    assert "Take back" not in page(bed)
    assert bed.records.placed == {}
    bed.play(STORY)
    assert "Take back" not in page(bed)


def test_a_page_from_before_an_act_was_taken_back_never_acts(store: Store, toys: Scenario) -> None:
    bed = Bed(started(store, toys))
    seen = [bed.turn]
    for act in (lambda: bed.play(FLUIDS), bed.undo, lambda: bed.play(INSULIN), bed.undo, lambda: bed.play(STORY)):
        act()
        seen.append(bed.turn)
    assert seen == sorted({*seen})
    assert f'name="seen" value="{bed.turn}"' in page(bed)
