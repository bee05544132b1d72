"""No key, size or burst throws a learner out: the windows of the game, driven from a test."""

from __future__ import annotations

import pytest
from textual import events
from textual.geometry import Size
from textual.widgets import OptionList

from sim.case.model.scenario import Scenario
from sim.tui.app import ScurfyApp
from sim.tui.screens.commands import CommandWindow
from sim.tui.screens.dialog import Confirm, WaitDialog
from sim.tui.screens.small import notice
from terminal import press, settle, ward

pytestmark = pytest.mark.slow


async def test_on_a_terminal_too_small_the_screens_keep_their_size_and_nothing_typed_acts(tiny: Scenario) -> None:
    async with ward(tiny) as (pilot, screen):
        app = pilot.app
        assert isinstance(app, ScurfyApp)
        await press(pilot, "w")
        for size in ((70, 20), (5, 24), (1, 1)):
            await pilot.resize_terminal(*size)
            await press(pilot, "ctrl+p", "escape", "enter")
            assert app.too_small == Size(*size)
            assert isinstance(app.screen, WaitDialog)
            assert app.screen.size.width >= 80
        await pilot.resize_terminal(120, 40)
        await press(pilot, "escape")
        assert app.too_small is None
        assert app.screen is screen
        assert screen.attempt.count == 0


def test_what_is_drawn_on_a_small_terminal_fits_it() -> None:
    for size in (Size(79, 24), Size(20, 5), Size(3, 2), Size(1, 1)):
        (segment,) = notice(size).segments
        lines = segment.text.rpartition("\x1b[H")[2].split("\r\n")
        assert len(lines) <= size.height
        assert max(map(len, lines)) <= size.width


async def test_ctrl_q_leaves_from_any_window_and_is_never_held_back(tiny: Scenario) -> None:
    for opening in ((), ("w",), ("o",), ("ctrl+p",), ("question_mark",), ("d",), ("f",)):
        async with ward(tiny) as (pilot, _):
            app = pilot.app
            assert isinstance(app, ScurfyApp)
            await press(pilot, *opening)
            app.grace = 60
            app.hold_keys()
            app.post_message(events.Key("ctrl+q", None))
            await pilot.pause()
            assert app._exit, opening


async def test_of_two_windows_asked_for_in_one_burst_the_first_opens(tiny: Scenario) -> None:
    async with ward(tiny) as (pilot, screen):
        for key in ("w", "t", "w"):
            pilot.app.post_message(events.Key(key, key))
        await settle(pilot)
        assert isinstance(pilot.app.screen, WaitDialog)
        await press(pilot, "escape")
        assert pilot.app.screen is screen


async def test_a_window_that_is_closed_twice_closes_nothing_else(tiny: Scenario) -> None:
    async with ward(tiny) as (pilot, screen):
        window = WaitDialog(pending=False)
        await pilot.app.push_screen(window)
        for _ in range(3):
            window.dismiss(None)
        await settle(pilot)
        assert pilot.app.screen is screen


async def test_a_window_closes_although_who_asked_is_gone(tiny: Scenario) -> None:
    async with ward(tiny) as (pilot, screen):
        await press(pilot, "f")
        assert isinstance(pilot.app.screen, Confirm)
        pilot.app.workers.cancel_all()
        await settle(pilot)
        await press(pilot, "n")
        assert pilot.app.screen is screen


async def test_a_page_turned_before_its_list_is_there_turns_nothing(tiny: Scenario) -> None:
    async with ward(tiny) as (pilot, _):
        for key in ("ctrl+p", "pagedown", "pageup"):
            pilot.app.post_message(events.Key(key, None))
        await settle(pilot)
        assert isinstance(pilot.app.screen, CommandWindow)
        assert pilot.app.screen.query_one(OptionList).option_count
