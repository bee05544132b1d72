"""The debrief opens by itself when a case ends, is stored before it is read, and answers 'why' on every row."""

from __future__ import annotations

import importlib.util
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from textual.pilot import Pilot

from sim.attempts.finish import stored_review
from sim.attempts.review_process.pool import ReviewState
from sim.case.model.disease import AboutSection
from sim.case.model.scenario import Scenario
from sim.case.moves import PlaceOrder, StateDifferential, Wait
from sim.tui.app import ScurfyApp
from sim.tui.rows.debrief import bar
from sim.tui.rows.decisions import progress
from sim.tui.screens.debrief import Debrief
from sim.tui.screens.dialog import Confirm
from sim.tui.screens.library import LibraryScreen
from sim.tui.screens.twin import TwinScreen
from sim.tui.screens.ward import Ward
from sim.tui.widgets.outline import Item, Outline
from terminal import NARROW, WIDE, library, painted, press, settle, ward

pytestmark = pytest.mark.slow

SIZES = pytest.mark.parametrize("size", [WIDE, NARROW], ids=["120x40", "80x24"])
PARTS = ("Band", "Decisions", "Pathway", "Pitfalls", "Orders", "Diagnosis", "Course", "Lessons")


async def finish(pilot: object, screen: Ward) -> Debrief:
    """Hand over with the keys and wait for the debrief."""
    await press(pilot, "f", "y")  # type: ignore[arg-type]
    assert isinstance(screen.app.screen, Confirm)
    await press(pilot, "enter")  # type: ignore[arg-type]
    await settle(pilot)  # type: ignore[arg-type]
    shown = screen.app.screen
    assert isinstance(shown, Debrief)
    return shown


def some_care(screen: Ward) -> None:
    screen.act(
        PlaceOrder("ex_perfusion"),
        PlaceOrder("crp"),
        PlaceOrder("peripheral_access"),
        PlaceOrder("gentamicin"),
        PlaceOrder("blood_culture"),
        Wait(120, "call"),
        StateDifferential((("meadow_fever", 0.7),)),
    )


@SIZES
async def test_what_is_told_about_the_disease_is_the_last_part(tiny: Scenario, size: tuple[int, int]) -> None:
    told = AboutSection(id="a", title="Fever", text="It is hot.", literature="It is warm.", assumed="A toy.")
    disease = tiny.disease.model_copy(update={"about": (told,)})
    async with ward(tiny.model_copy(update={"disease": disease}), size) as (pilot, screen):
        some_care(screen)
        debrief = await finish(pilot, screen)
        assert "It is warm" not in painted(pilot.app)
        await press(pilot, str(len(PARTS) + 1))
        page = painted(pilot.app)
        assert debrief.part == len(PARTS)
        assert ("9 About" if size == WIDE else "9About") in page
        assert "The text says: It is hot." in page
        assert "The literature says: It is warm." in page


@SIZES
async def test_the_band_and_its_reason_come_first(tiny: Scenario, size: tuple[int, int]) -> None:
    async with ward(tiny, size) as (pilot, screen):
        debrief = await finish(pilot, screen)
        page = painted(pilot.app)
        assert debrief.account is not None
        assert debrief.account.band.capitalize() in page
        assert "A critical step was missed: Give the antibiotic." in page
        assert "How it ended" in page


@SIZES
async def test_every_part_has_a_page_and_both_keys_reach_it(tiny: Scenario, size: tuple[int, int]) -> None:
    async with ward(tiny, size) as (pilot, screen):
        some_care(screen)
        await pilot.pause()
        debrief = await finish(pilot, screen)
        page = painted(pilot.app)
        assert all(name in page for name in PARTS), "the bar shows all of them"
        seen = []
        for _ in PARTS:
            seen.append(debrief.part)
            await press(pilot, "n")
        assert seen == list(range(len(PARTS)))
        await press(pilot, "4")
        assert debrief.part == 3
        await press(pilot, "left")
        assert debrief.part == 2


async def test_a_row_opens_on_its_reason_its_window_and_its_evidence(tiny: Scenario) -> None:
    async with ward(tiny) as (pilot, screen):
        some_care(screen)
        await pilot.pause()
        debrief = await finish(pilot, screen)
        await press(pilot, "3")
        outline = debrief.query_one("#part-2", Outline)
        assert "✓ in time" in outline.text
        assert "Shock is seen in the feet first." not in outline.text
        await press(pilot, "enter")
        assert "Shock is seen in the feet first." in outline.text
        assert "Window: Day 1 00:00 to Day 1 00:10." in outline.text
        await press(pilot, "enter")
        assert "Shock is seen in the feet first." not in outline.text
        await press(pilot, "a")
        assert "[tiny-1]" in outline.text
        assert "(assumed)" in outline.text or "(published" in outline.text


def test_a_step_is_drawn_against_its_window() -> None:
    late, early, missed = bar((0, 10), 47), bar((40, 50), 3), bar((5, 5), None)
    assert late == "█" * 11 + "─" * 36 + "●"
    assert early.startswith("●─")
    assert early.endswith("█" * 11)
    assert (missed[0], len(missed), missed.count("●")) == ("█", 48, 0)
    assert bar((0, 47), 20).index("●") == 20


async def test_pitfalls_orders_and_the_true_course_are_told(tiny: Scenario) -> None:
    async with ward(tiny) as (pilot, screen):
        some_care(screen)
        await pilot.pause()
        await finish(pilot, screen)
        await press(pilot, "4")
        assert "Antibiotic before the culture" in painted(pilot.app)
        await press(pilot, "5")
        assert "C-reactive protein" in painted(pilot.app)
        await press(pilot, "6")
        assert "You: Meadow fever 70%" in painted(pilot.app)
        await press(pilot, "7")
        assert "Infection:" in painted(pilot.app)


async def test_the_debrief_is_stored_once_and_q_goes_back_to_the_library(tiny: Scenario) -> None:
    async with ward(tiny) as (pilot, screen):
        debrief = await finish(pilot, screen)
        app = pilot.app
        assert isinstance(app, ScurfyApp)
        stored = app.store.attempt(screen.attempt.id)
        assert debrief.account is not None
        assert stored.band == debrief.account.band
        assert stored.finished is not None
        await press(pilot, "q")
        await settle(pilot)
        assert isinstance(app.screen, LibraryScreen)
        assert "best: developing" in painted(app)


async def test_an_attempt_that_was_over_before_it_was_told_is_told_when_resumed(tiny: Scenario) -> None:
    async with ward(tiny) as (_, screen):
        screen.attempt.play(Wait(None, "time"))
        attempt = screen.attempt.id
    async with library(attempt=attempt) as pilot:
        await settle(pilot)
        await press(pilot, "enter")
        await settle(pilot)
        assert isinstance(pilot.app.screen, Debrief)


async def test_no_empty_part_is_shown(tiny: Scenario) -> None:
    async with ward(tiny) as (pilot, screen):
        debrief = await finish(pilot, screen)
        for outline in debrief.query(Outline):
            assert outline.items
        assert "Orders" not in painted(pilot.app)


async def test_brackets_in_a_debrief_are_letters(tiny: Scenario) -> None:
    hostile = "[@click=app.boom]x[/] 20 mg [per kg]"
    case = tiny.case.model_copy(update={"teaching": (hostile,), "title": hostile})
    async with ward(tiny.model_copy(update={"case": case})) as (pilot, screen):
        await finish(pilot, screen)
        assert "[@click=app.boom]x[/]" in painted(pilot.app)
        await press(pilot, "7")
        assert hostile in painted(pilot.app)


async def test_the_cursor_skips_what_does_not_open() -> None:
    items = (Item("One", heading=True), Item("a"), Item("b", detail=(("why", ""),)), Item("c"),
             Item("d", detail=(("because", ""),)))  # fmt: skip
    async with library() as pilot:
        outline = Outline(items)
        await pilot.app.screen.mount(outline)
        outline.focus()
        await press(pilot, "down", "enter")
        assert outline.cursor == 4
        assert "because" in outline.text
        await press(pilot, "down")
        assert outline.cursor == 4
        await press(pilot, "up", "space")
        assert "why" in outline.text


@asynccontextmanager
async def scrolled() -> AsyncIterator[tuple[Pilot[None], Outline]]:
    """Thirty items to choose from, below a text as long as the screen is high."""
    items = (*(Item(f"Text {n}") for n in range(30)),
             *(Item(f"Row {n}", detail=(("why", ""),), number=n) for n in range(1, 31)))  # fmt: skip
    async with library(NARROW) as pilot:
        outline = Outline(items)
        await pilot.app.screen.mount(outline)
        outline.styles.height = 10
        outline.focus()
        await pilot.pause()
        yield pilot, outline


def chosen(outline: Outline) -> int:
    """The number of what is chosen, which must be on the screen."""
    assert outline.chosen is not None
    top = outline.scroll_offset.y
    shown = outline.text.split("\n")[top : top + outline.scrollable_content_region.height]
    assert any(line.endswith(outline.chosen.text) for line in shown)
    return outline.chosen.number


async def test_what_is_chosen_is_in_view_however_one_scrolls() -> None:
    async with scrolled() as (pilot, outline):
        await press(pilot, "end")
        assert chosen(outline) == 30
        await press(pilot, "up")
        assert chosen(outline) == 29
        outline.scroll_to(y=40, animate=False)
        await pilot.pause()
        assert chosen(outline) == 20
        outline.scroll_to(y=34, animate=False)
        await pilot.pause()
        assert chosen(outline) == 14
        await press(pilot, "home")
        assert outline.scroll_offset.y == 0
        await press(pilot, "down")
        assert chosen(outline) == 1
        await press(pilot, "down")
        assert chosen(outline) == 2


async def test_the_page_keys_choose_what_comes_into_view() -> None:
    async with scrolled() as (pilot, outline):
        for _ in range(4):
            await press(pilot, "pagedown")
            await pilot.wait_for_animation()
        assert chosen(outline) > 1
        before = chosen(outline)
        await press(pilot, "pageup")
        await pilot.wait_for_animation()
        assert 1 <= chosen(outline) < before


# --- decisions ----------------------------------------------------------------------------------------------

SLOW = pytest.mark.skipif(importlib.util.find_spec("numba") is None, reason="sessions would take minutes")


@SLOW
@SIZES
async def test_the_decisions_are_reviewed_while_the_case_is_played_and_stored(
    tiny: Scenario, size: tuple[int, int]
) -> None:
    async with ward(tiny, size, reviews=True) as (pilot, screen):
        some_care(screen)
        await pilot.pause()
        assert screen.attempt.review is not None
        debrief = await finish(pilot, screen)
        await press(pilot, "2")
        page = painted(pilot.app)
        assert "At the opening" in page
        assert "1 " in page
        assert debrief.account is not None
        assert len(debrief.account.decisions) == 2
        assert stored_review(screen.attempt) is not None


async def test_without_a_review_the_page_says_what_makes_one(tiny: Scenario) -> None:
    async with ward(tiny) as (pilot, screen):
        debrief = await finish(pilot, screen)
        await press(pilot, "2")
        assert "The decisions were not reviewed" in painted(pilot.app)
        assert f"debrief {screen.attempt.id} --review" in " ".join(painted(pilot.app).split())
        await press(pilot, "b", "t")
        assert debrief.app.screen is debrief


def test_how_far_it_is_is_told_while_it_is_worked_on() -> None:
    assert "14 of 22 are done" in progress(ReviewState(closed=22, weighed=14), "3f2a")
    assert "(it stopped)" in progress(ReviewState(failed="it stopped"), "3f2a")


@SLOW
async def test_a_decision_is_played_again_from_the_debrief(tiny: Scenario) -> None:
    async with ward(tiny, NARROW, reviews=True) as (pilot, screen):
        some_care(screen)
        await pilot.pause()
        await finish(pilot, screen)
        assert "b Play on" not in painted(pilot.app), "only where there is something to choose"
        await press(pilot, "2", "t")
        await settle(pilot)
        assert isinstance(pilot.app.screen, TwinScreen)
        assert "As the pathway would have" in painted(pilot.app)
        await press(pilot, "escape")
        assert all(key in painted(pilot.app) for key in ("b Play on", "t Twin", "r Recall", "q Library"))
        await press(pilot, "end", "b")
        assert "Play on from decision 2, at Day 1 0" in painted(pilot.app)
        await press(pilot, "n")
        assert isinstance(pilot.app.screen, Debrief)
        await press(pilot, "home", "b")
        assert "Play on from decision 1, at Day 1 00:00?" in painted(pilot.app)
        await press(pilot, "y")
        await settle(pilot)
        again = pilot.app.screen
        assert isinstance(again, Ward)
        assert (again.attempt.stored.parent, again.attempt.stored.parent_move) == (screen.attempt.id, 0)
        assert not again.attempt.ended
        review = again.attempt.review
        assert review is not None
        await press(pilot, "q")
        assert again.attempt.review is None, "nobody waits for it any more"
