"""Recall over the debrief: one key opens it, an answer is compared and graded, and what is graded is stored."""

from __future__ import annotations

import pytest
from textual.pilot import Pilot

from sim.case.model.scenario import Scenario
from sim.tui.app import ScurfyApp
from sim.tui.screens.debrief import Debrief
from sim.tui.screens.recall import RecallScreen
from terminal import NARROW, WIDE, painted, press, settle, ward

pytestmark = pytest.mark.slow

SIZES = pytest.mark.parametrize("size", [WIDE, NARROW], ids=["120x40", "80x24"])


async def recalled(pilot: Pilot[None]) -> ScurfyApp:
    """Hand over, wait for the debrief, and open recall."""
    await press(pilot, "f", "y", "enter")
    await settle(pilot)
    assert isinstance(pilot.app, ScurfyApp)
    assert isinstance(pilot.app.screen, Debrief)
    await press(pilot, "r")
    return pilot.app


@SIZES
async def test_a_question_is_answered_compared_and_graded(tiny: Scenario, size: tuple[int, int]) -> None:
    async with ward(tiny, size) as (pilot, _):
        app = await recalled(pilot)
        assert isinstance(app.screen, RecallScreen)
        page = painted(app)
        assert "What do cold feet mean?" in page
        assert "Poor perfusion." not in page
        await press(pilot, *"flow 4", "enter")
        page = painted(app)
        assert all(part in page for part in ("You: flow 4", "Model answer: Poor perfusion.", "[tiny-1]", "Grade: "))
        assert all(part in page for part in ("1 again", "2 hard", "3 good", "4 easy"))
        await press(pilot, "3")
        assert isinstance(app.screen, Debrief)
        (card,) = app.store.cards.all()
        assert [(recall.grade, recall.answer) for recall in app.store.cards.recalls(card)] == [("good", "flow 4")]
        await press(pilot, "r")
        assert isinstance(app.screen, Debrief)
        assert any("Nothing of this case is due. The next" in note.message for note in app._notifications)


async def test_the_debrief_names_the_key(tiny: Scenario) -> None:
    async with ward(tiny, NARROW) as (pilot, _):
        app = await recalled(pilot)
        await press(pilot, "escape")
        assert "r Recall" in painted(app)
        assert "q Library" in painted(app)


async def test_leaving_before_the_grade_keeps_the_question_due(tiny: Scenario) -> None:
    async with ward(tiny) as (pilot, _):
        app = await recalled(pilot)
        await press(pilot, *"x", "enter", "escape")
        assert isinstance(app.screen, Debrief)
        assert [card.memory for card in app.store.cards.due()] == [None]


async def test_brackets_in_an_answer_are_shown_letter_for_letter(tiny: Scenario) -> None:
    async with ward(tiny) as (pilot, _):
        app = await recalled(pilot)
        await press(pilot, "left_square_bracket", *"red", "right_square_bracket", "enter")
        assert "You: [red]" in painted(app)
