"""A terminal for tests: the game on a screen of a given size, a ward opened at once, what is painted as text."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from textual.pilot import Pilot

from conftest import TINY
from sim.attempts.session import begin
from sim.attempts.store import data_folder
from sim.case.model.scenario import Scenario
from sim.tui.app import ScurfyApp
from sim.tui.screens.ward import Ward

SEED = 7
WIDE, NARROW = (120, 40), (80, 24)


def painted(app: ScurfyApp) -> str:
    """What stands on the terminal now, line by line."""
    strips = app.screen._compositor.render_strips()
    return "\n".join("".join(segment.text for segment in strip).rstrip() for strip in strips)


async def settle(pilot: Pilot[None]) -> None:
    """Let threads and repaints finish."""
    await handled(pilot)
    while busy := [w for w in pilot.app.workers if w._thread_worker and not w.is_finished]:
        await pilot.app.workers.wait_for_complete(busy)
        await pilot.pause()
    await pilot.pause()


async def press(pilot: Pilot[None], *keys: str) -> None:
    """Press keys one after the other, the screen settled after each."""
    for key in keys:
        await pilot.press(key)
        await handled(pilot)


async def handled(pilot: Pilot[None]) -> None:
    """Let all that was typed do what it does: a key waits for the window that the one before it opens."""
    await pilot.pause()
    while getattr(pilot.app, "has_keys_waiting", False) and not pilot.app._exit:
        await pilot.pause(0.01)
    await pilot.pause()


@asynccontextmanager
async def library(
    size: tuple[int, int] = WIDE, reviews: bool = False, **asked: str | int | None
) -> AsyncIterator[Pilot[None]]:
    """The game opened at the library of the tiny scenarios; `reviews`: with the process that reviews decisions."""
    app = ScurfyApp(data_folder(), **asked)  # type: ignore[arg-type]
    app.root, app.reviews, app.grace = TINY, reviews, 0
    async with app.run_test(size=size) as pilot:
        await settle(pilot)
        yield pilot


@asynccontextmanager
async def ward(
    case: Scenario, size: tuple[int, int] = WIDE, mode: str = "practice", seed: int = SEED, reviews: bool = False
) -> AsyncIterator[tuple[Pilot[None], Ward]]:
    """A ward with a fresh attempt at a case."""
    async with library(size, reviews) as pilot:
        app = pilot.app
        assert isinstance(app, ScurfyApp)
        source = str(TINY / "cases" / "tiny_case.yaml")
        screen = Ward(begin(app.store, case, source=source, seed=seed, mode=mode))
        await app.push_screen(screen)
        await pilot.pause()
        yield pilot, screen
