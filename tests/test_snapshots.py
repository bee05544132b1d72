"""A few pages as they are painted, kept as text beside the tests.

`SCURFY_SNAPSHOTS=write python -m pytest tests/test_snapshots.py` draws them anew; read the difference
before keeping it.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from sim.case.model.scenario import Scenario
from sim.case.moves import PlaceOrder, StateDifferential, Wait
from sim.tui.app import ScurfyApp
from sim.tui.screens.ward import PAGES, Ward
from terminal import NARROW, WIDE, library, painted, press, settle, ward

pytestmark = pytest.mark.slow

FOLDER = Path(__file__).parent / "data" / "snapshots"
SIZES = pytest.mark.parametrize("size", [WIDE, NARROW], ids=["120x40", "80x24"])

Snapshot = Callable[[ScurfyApp, str], None]


@pytest.fixture
def same() -> Snapshot:
    """Compare what is painted with the page of that name."""

    def compare(app: ScurfyApp, name: str) -> None:
        path = FOLDER / f"{name}_{app.size.width}x{app.size.height}.txt"
        page = painted(app) + "\n"
        if os.environ.get("SCURFY_SNAPSHOTS") == "write":
            path.write_text(page, encoding="utf-8")
        assert page == path.read_text(encoding="utf-8")

    return compare


def first_hours(screen: Ward) -> None:
    orders = ("hx_contacts", "ex_perfusion", "ex_weight", "crp", "electrolytes", "peripheral_access", "blood_culture",
              "gentamicin", "bolus")  # fmt: skip
    screen.act(
        *(PlaceOrder(order) for order in orders),
        Wait(40, "time"),
        StateDifferential((("meadow_fever", 0.6), ("viral_illness", 0.2))),
        PlaceOrder("ex_perfusion"),
    )


@SIZES
async def test_the_library(same: Snapshot, size: tuple[int, int]) -> None:
    async with library(size) as pilot:
        same(pilot.app, "library")  # type: ignore[arg-type]


@SIZES
async def test_the_ward_and_its_chart(tiny: Scenario, same: Snapshot, size: tuple[int, int]) -> None:
    async with ward(tiny, size) as (pilot, screen):
        app = pilot.app
        assert isinstance(app, ScurfyApp)
        first_hours(screen)
        app.clear_notifications()
        await pilot.pause()
        for key, name in zip("1234567", PAGES, strict=True):
            await press(pilot, key)
            same(app, f"ward_{name.lower()}")


@SIZES
async def test_the_debrief(tiny: Scenario, same: Snapshot, size: tuple[int, int]) -> None:
    async with ward(tiny, size) as (pilot, screen):
        app = pilot.app
        assert isinstance(app, ScurfyApp)
        first_hours(screen)
        await pilot.pause()
        await press(pilot, "f", "y", "enter")
        await settle(pilot)
        await press(pilot, "3", "enter")
        app.clear_notifications()
        await pilot.pause()
        same(app, "debrief_pathway")
