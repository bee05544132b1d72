"""The library comes up at once, lists what there is, and leads into a case or back into an attempt."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from textual.widgets import Input, OptionList

from conftest import TINY_CASE
from sim.attempts.finish import conclude
from sim.attempts.listing import read_listing
from sim.attempts.reopen import lived
from sim.attempts.resume import NEWEST, take_up, take_up_newest
from sim.attempts.session import CannotResume, begin, branch
from sim.attempts.store import StoreError, data_folder, open_store
from sim.case.model.scenario import Scenario
from sim.case.moves import Finish, Move, PlaceOrder, Wait
from sim.tui import app as app_module
from sim.tui.app import ScurfyApp
from sim.tui.screens.briefing import Briefing
from sim.tui.screens.debrief import Debrief
from sim.tui.screens.dialog import Choose
from sim.tui.screens.help import HelpScreen
from sim.tui.screens.library import LibraryScreen
from sim.tui.screens.page import PageText, TextPage
from sim.tui.screens.ward import Ward
from sim.words.errors import UserError
from terminal import NARROW, WIDE, library, painted, press, settle, ward

pytestmark = pytest.mark.slow

SIZES = pytest.mark.parametrize("size", [WIDE, NARROW], ids=["120x40", "80x24"])

HEAVY = ("pydantic", "yaml", "networkx", "scoring", "typer", "rapidfuzz", "numpy", "textual.widgets._data_table")


def test_nothing_heavy_is_loaded_before_the_first_paint() -> None:
    code = "import sys, sim.tui.app; print(*(m for m in sys.argv[1:] if m in sys.modules))"
    done = subprocess.run([sys.executable, "-c", code, *HEAVY], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


@SIZES
async def test_the_library_lists_the_cases_and_says_what_it_is_for(size: tuple[int, int]) -> None:
    async with library(size) as pilot:
        page = painted(pilot.app)
        for text in ("A hot infant from the farm", "5 min", "not played", "Teaching only, not for patient care",
                     "Decide what he needs", "Difficulty 1 of 5"):  # fmt: skip
            assert text in page


async def test_the_first_paint_says_that_the_cases_are_being_read() -> None:
    app = ScurfyApp(data_folder())
    async with app.run_test(size=WIDE) as pilot:
        first = app.screen.query_one("#shelf-state").visual
        assert "Reading the cases" in str(first)
        await settle(pilot)


@SIZES
async def test_enter_briefs_and_enter_starts(size: tuple[int, int]) -> None:
    async with library(size) as pilot:
        await press(pilot, "enter")
        await settle(pilot)
        assert isinstance(pilot.app.screen, Briefing)
        page = painted(pilot.app)
        assert "He has been hot since yesterday" in page
        assert "See shock" not in page, "the objectives wait for the debrief"
        await press(pilot, "down", "enter")
        screen = pilot.app.screen
        assert isinstance(screen, Ward)
        assert screen.attempt.mode == "exam"
        assert screen.attempt.stored.seed < 1_000_000


async def test_the_seed_chooses_the_patient_of_the_briefing() -> None:
    async with library() as pilot:
        await press(pilot, "enter")
        await settle(pilot)
        briefing = pilot.app.screen
        assert isinstance(briefing, Briefing)
        drawn = briefing.seed
        assert briefing.seed == drawn, "drawn once"
        briefing.query_one("#seed", Input).value = "7"
        await pilot.pause()
        opening = painted(pilot.app)
        briefing.query_one("#seed", Input).value = "12"
        await pilot.pause()
        assert painted(pilot.app) != opening
        await press(pilot, "f5")
        assert isinstance(pilot.app.screen, Ward)
        assert pilot.app.screen.attempt.stored.seed == 12


async def test_escape_leaves_the_briefing_and_question_mark_helps() -> None:
    async with library() as pilot:
        await press(pilot, "question_mark")
        assert isinstance(pilot.app.screen, HelpScreen)
        await press(pilot, "escape", "enter")
        await settle(pilot)
        await press(pilot, "escape")
        assert isinstance(pilot.app.screen, LibraryScreen)
        assert not pilot.app._exit
        await press(pilot, "q")
        assert pilot.app._exit


async def test_the_command_line_leads_straight_to_its_case() -> None:
    async with library(case=str(TINY_CASE), seed=3, mode="tutor") as pilot:
        await settle(pilot)
        assert isinstance(pilot.app.screen, Briefing)
        await press(pilot, "enter")
        screen = pilot.app.screen
        assert isinstance(screen, Ward)
        assert (screen.attempt.mode, screen.attempt.stored.seed) == ("tutor", 3)
        assert screen.attempt.stored.source == str(TINY_CASE.absolute())


async def test_a_case_that_is_not_there_is_said() -> None:
    async with library(case="no_such_case") as pilot:
        await settle(pilot)
        assert "there is no case 'no_such_case'" in painted(pilot.app)


async def test_an_attempt_is_resumed_at_the_same_minute_with_the_same_patient(tiny: Scenario) -> None:
    async with ward(tiny) as (pilot, screen):
        screen.act(PlaceOrder("ex_perfusion"), Wait(30, "time"))
        await pilot.pause()
        before = screen.attempt.snapshot()
        await press(pilot, "q")
        await settle(pilot)
        assert isinstance(pilot.app.screen, LibraryScreen)
        assert "1 played, 1 unfinished" in painted(pilot.app)
    async with library() as pilot:
        await press(pilot, "r")
        await settle(pilot)
        resumed = pilot.app.screen
        assert isinstance(resumed, Ward)
        assert resumed.attempt.snapshot() == before
        assert "Perfusion" in painted(pilot.app)


async def test_the_command_line_resumes_the_attempt_it_names(tiny: Scenario) -> None:
    async with ward(tiny) as (_, screen):
        attempt = screen.attempt.id
    async with library(attempt=attempt) as pilot:
        await settle(pilot)
        assert isinstance(pilot.app.screen, Ward)


async def test_without_an_id_the_command_line_resumes_the_newest_that_can_go_on(tiny: Scenario) -> None:
    good = played(tiny, PlaceOrder("ex_perfusion"))
    played(changed(tiny), PlaceOrder("crp"))
    async with library(attempt=NEWEST) as pilot:
        await settle(pilot)
        assert isinstance(pilot.app.screen, Ward)
        assert pilot.app.screen.attempt.id == good


async def test_an_attempt_that_no_longer_replays_says_why(tiny: Scenario) -> None:
    changed = tiny.model_copy(update={"digest": "0" * 64})
    async with ward(changed) as (pilot, screen):
        screen.act(PlaceOrder("crp"))
        await press(pilot, "q")
        await settle(pilot)
        await press(pilot, "r")
        await settle(pilot)
        assert isinstance(pilot.app.screen, LibraryScreen)
        assert "the case has changed" in painted(pilot.app)


async def test_without_an_unfinished_attempt_resume_says_so() -> None:
    async with library() as pilot:
        await press(pilot, "r")
        assert any("no unfinished attempt" in note.message for note in pilot.app._notifications)


def test_a_broken_store_is_said_and_the_cases_are_still_listed() -> None:
    listing = read_listing(StoreError("the disk is full"), TINY_CASE.parents[1])
    assert [case.id for case in listing.cases] == ["tiny_case"]
    assert listing.problem == "the disk is full"


async def test_a_case_that_cannot_be_read_is_a_problem_and_not_a_crash(tmp_path: Path) -> None:
    async with library(case=f"{tmp_path}/broken.yaml") as pilot:
        await settle(pilot)
        assert isinstance(pilot.app.screen, LibraryScreen)
        assert "broken.yaml" in painted(pilot.app).replace("\n", "")


async def test_a_finished_attempt_is_not_resumed(tiny: Scenario) -> None:
    async with ward(tiny) as (pilot, screen):
        app = pilot.app
        assert isinstance(app, ScurfyApp)
        app.store.finish(screen.attempt.id, band="sound", ending="home", assessment="{}", debrief="-")
        with pytest.raises(UserError, match="is finished"):
            take_up(app.store, screen.attempt.id)
        await press(pilot, "q")
        await settle(pilot)
        assert "best: sound" in painted(pilot.app)


async def test_a_crash_leaves_one_line_and_no_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    def breaks() -> None:
        raise ValueError("the patient has ipex")

    app = ScurfyApp(data_folder())

    async def crash() -> None:
        async with app.run_test(size=WIDE) as pilot:
            await settle(pilot)
            app.call_later(breaks)
            await pilot.pause()

    with pytest.raises(ValueError, match="ipex"):
        await crash()
    assert app.failure is not None
    assert "Scurfy stopped: ValueError." in app.failure
    assert "ipex" not in app.failure
    assert "Traceback" not in capsys.readouterr().err


def test_run_leaves_with_the_line_of_the_crash(monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(self: ScurfyApp, *_: object, **__: object) -> None:
        self.failure = "Scurfy stopped."

    monkeypatch.setattr(app_module.ScurfyApp, "run", breaks)
    with pytest.raises(SystemExit, match="Scurfy stopped"):
        app_module.run(data_folder())


@SIZES
async def test_the_mouse_reaches_the_list(size: tuple[int, int]) -> None:
    async with library(size) as pilot:
        await pilot.click(OptionList, offset=(5, 0))
        await settle(pilot)
        assert isinstance(pilot.app.screen, Briefing)


def played(case: Scenario, *moves: Move, seed: int = 7, source: str = str(TINY_CASE)) -> str:
    """Play moves of a case, store how it ended if they end it, and return the attempt's id."""
    with open_store(data_folder()) as store:
        attempt = begin(store, case, source=source, seed=seed, mode="exam")
        for move in moves:
            attempt.play(move)
        if attempt.session.ended:
            conclude(attempt)
        return attempt.id


def changed(case: Scenario) -> Scenario:
    return case.model_copy(update={"digest": "0" * 64})


@SIZES
async def test_what_is_still_missed_stands_behind_a_key(tiny: Scenario, size: tuple[int, int]) -> None:
    played(tiny, PlaceOrder("ex_perfusion"), Finish())
    async with library(size) as pilot:
        assert "Put in a cannula" not in painted(pilot.app)
        await press(pilot, "m")
        await settle(pilot)
        assert isinstance(pilot.app.screen, TextPage)
        page = painted(pilot.app)
        for text in ("Still missed: A hot infant from the farm", "Musts (", "- Put in a cannula", "Shoulds (1)"):
            assert text in page
        assert "Look at the perfusion" not in page, "it was done"
        assert page.index("Put in a cannula") < page.index("Take a culture"), "musts come first"
        await press(pilot, "escape")
        assert isinstance(pilot.app.screen, LibraryScreen)


async def test_nothing_of_the_pathway_is_shown_before_an_attempt_is_finished(tiny: Scenario) -> None:
    played(tiny, PlaceOrder("ex_perfusion"))
    async with library() as pilot:
        await press(pilot, "m")
        await settle(pilot)
        assert isinstance(pilot.app.screen, LibraryScreen)
        assert any("Finish an attempt first" in note.message for note in pilot.app._notifications)


@SIZES
async def test_the_debrief_of_a_finished_attempt_is_opened_again(tiny: Scenario, size: tuple[int, int]) -> None:
    played(tiny, PlaceOrder("ex_perfusion"), Finish())
    latest = played(tiny, PlaceOrder("crp"), PlaceOrder("ex_perfusion"), Finish())
    async with library(size) as pilot:
        await press(pilot, "d")
        assert isinstance(pilot.app.screen, Choose)
        assert pilot.app.screen.query_one(OptionList).option_count == 2
        await press(pilot, "enter")
        await settle(pilot)
        screen = pilot.app.screen
        assert isinstance(screen, Debrief)
        assert screen.attempt.id == latest, "the newest comes first"
        await press(pilot, "q")
        assert isinstance(pilot.app.screen, LibraryScreen)


async def test_a_branch_is_listed_as_one_and_counts_neither_as_played_nor_for_the_best_band(tiny: Scenario) -> None:
    parent = played(tiny, PlaceOrder("ex_perfusion"), Finish())
    with open_store(data_folder()) as store:
        again = branch(lived(store, store.attempt(parent)), 1)
        again.play(Finish())
        store.finish(again.id, band="exemplary", ending="home", assessment="{}", debrief="-")
    async with library() as pilot:
        assert "1 played, best:" in painted(pilot.app)
        assert "exemplary" not in painted(pilot.app)
        await press(pilot, "d")
        assert f"branch of {parent} after move 1" in painted(pilot.app)


async def test_the_debrief_of_a_changed_case_is_shown_as_it_was_stored(tiny: Scenario) -> None:
    played(changed(tiny), PlaceOrder("ex_perfusion"), Finish())
    async with library() as pilot:
        await press(pilot, "d", "enter")
        await settle(pilot)
        assert isinstance(pilot.app.screen, TextPage)
        text = pilot.app.screen.query_one(PageText).text
        assert "the case has changed" in text.splitlines()[0]
        assert "Put in a cannula" in text
        await press(pilot, "escape")
        assert isinstance(pilot.app.screen, LibraryScreen)


async def test_without_a_finished_attempt_there_is_no_debrief_to_open() -> None:
    async with library() as pilot:
        await press(pilot, "d")
        assert isinstance(pilot.app.screen, LibraryScreen)
        assert any("No attempt at this case is finished" in note.message for note in pilot.app._notifications)


async def test_of_several_unfinished_attempts_any_can_be_gone_on_with(tiny: Scenario) -> None:
    older = played(tiny, PlaceOrder("ex_perfusion"), seed=3)
    played(tiny, PlaceOrder("crp"), seed=4)
    async with library() as pilot:
        assert painted(pilot.app).count("unfinished") >= 3, "both stand beside the list, and their number in it"
        await press(pilot, "r", "down", "down", "enter")
        await settle(pilot)
        assert isinstance(pilot.app.screen, Ward)
        assert pilot.app.screen.attempt.id == older


async def test_resume_passes_over_attempts_that_cannot_go_on(tiny: Scenario) -> None:
    good = played(tiny, PlaceOrder("ex_perfusion"))
    played(changed(tiny), PlaceOrder("crp"))
    async with library() as pilot:
        await press(pilot, "r", "enter")
        await settle(pilot)
        assert isinstance(pilot.app.screen, Ward)
        assert pilot.app.screen.attempt.id == good
        assert any("a newer one cannot: the case has changed" in note.message for note in pilot.app._notifications)


def test_where_no_attempt_can_go_on_the_same_patient_is_offered_afresh(tiny: Scenario) -> None:
    played(tiny, source="gone_case", seed=3)
    newest = played(changed(tiny), seed=5)
    with open_store(data_folder()) as store, pytest.raises(CannotResume) as refused:
        take_up_newest(store, store.attempts(unfinished=True))
    assert str(refused.value).startswith(
        f"attempt {newest} cannot go on; nor can the 1 older one: the case has changed"
    )
    assert refused.value.hint.endswith(f"scurfy play {TINY_CASE} --seed 5 --mode exam")


def test_an_attempt_of_another_engine_is_told_without_reading_its_case(tiny: Scenario) -> None:
    with open_store(data_folder()) as store:
        store.create(case_id="x", source="gone_case", digest=tiny.digest, engine="1", seed=1, mode="exam")
        with pytest.raises(CannotResume, match=r"the engine has changed \(version 1 then"):
            take_up_newest(store, store.attempts())
