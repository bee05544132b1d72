"""Keys typed faster than windows open: each acts on its own window or on nothing, however slow the machine is.

`SCURFY_BURSTS=500 python -m pytest tests/test_bursts.py` tries so many; a few are tried by default.
"""

from __future__ import annotations

import asyncio
import os
import random
from typing import Any

import pytest
from textual import events
from textual.pilot import Pilot
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import Input

from sim.case.model.scenario import Scenario
from sim.tui.screens.ward import Ward
from terminal import press, settle, ward

pytestmark = pytest.mark.slow

BURSTS = int(os.environ.get("SCURFY_BURSTS", "8"))
OPENING = ("o", "h", "e", "w", "t", "d", "f", "s", "n", "question_mark", "l", "slash")
KEYS = (
    *"abcdefghijklmnopqrstuvwxyz0123456789",
    "enter",
    "down",
    "up",
    "left",
    "right",
    "ctrl+s",
    "ctrl+o",
    "tab",
    "space",
)
LENGTH = 60


def burst(seed: int) -> list[str]:
    """A key that opens a window, and what is typed behind it without looking."""
    chance = random.Random(seed)
    return [chance.choice(OPENING), *chance.choices(KEYS, k=LENGTH - 1)]


def found(pilot: Pilot[None], screen: Ward) -> tuple[Any, ...]:
    """What came of it: the moves that were stored, the basket, the windows, and what is typed in them."""
    app: Any = pilot.app
    typed = [field.value for window in app.screen_stack for field in window.query(Input)]
    moves = [stored.move for stored in app.store.moves(screen.attempt.id)]
    return moves, screen.basket, screen.page, [type(window).__name__ for window in app.screen_stack], typed


@pytest.fixture
def slowed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Windows take a quarter of a second to be there, as on a machine that is busy."""
    original = Widget._compose

    async def late(self: Widget) -> None:
        if isinstance(self, ModalScreen):
            await asyncio.sleep(0.25)
        await original(self)

    monkeypatch.setattr(Widget, "_compose", late)


@pytest.mark.usefixtures("slowed")
@pytest.mark.parametrize("seed", range(BURSTS))
async def test_a_burst_does_what_its_keys_do_one_by_one_until_a_window_closes(tiny: Scenario, seed: int) -> None:
    """What is typed before a window closes was not meant for what lies beneath it: from there on nothing acts."""
    keys = burst(seed)
    async with ward(tiny) as (pilot, screen):
        for key in keys:
            pilot.app.post_message(_key(key))
        await settle(pilot)
        at_once = found(pilot, screen)
    async with ward(tiny) as (pilot, screen):
        for key in keys:
            deep = len(pilot.app.screen_stack)
            await press(pilot, key)
            if len(pilot.app.screen_stack) < deep or pilot.app._exit:
                break
        one_by_one = found(pilot, screen)
    assert at_once == one_by_one, keys


def _key(key: str) -> events.Key:
    letter = {"space": " ", "question_mark": "?", "slash": "/"}.get(key, key if len(key) == 1 else None)
    return events.Key(key, letter)
