"""What a pane shows is whole: folded to what can be seen of it, before and after its scrollbar appears."""

from __future__ import annotations

from pathlib import Path

import pytest
from rich.cells import cell_len
from textual.app import App, ComposeResult

from sim.case.library import load
from sim.case.model.scenario import Scenario
from sim.case.moves import PlaceOrder, Wait
from sim.engine.log import Called
from sim.tui.app import ScurfyApp
from sim.tui.screens.differential import DifferentialDialog
from sim.tui.widgets.chart import folded_rows
from sim.tui.widgets.lines import Lines, Row
from sim.tui.widgets.sheet import FlowSheet
from terminal import NARROW, WIDE, painted, press, ward

pytestmark = pytest.mark.slow

SIZES = pytest.mark.parametrize("size", [WIDE, NARROW], ids=["120x40", "80x24"])


@pytest.fixture(scope="module")
def classical() -> Scenario:
    """The case that ships: its names are longer than those of the tests' own."""
    return load("drying_out")


def too_wide(app: App[None]) -> list[str]:
    """Rows of any pane that reach beyond what can be seen of it; the scrollbar's column is not."""
    found = []
    for pane in app.screen.query(Lines):
        seen = pane.scrollable_content_region.width
        if seen:
            found += [f"{pane.id}: {row}" for row in pane.text.split("\n") if cell_len(row) > seen]
    return found


@SIZES
async def test_no_row_is_wider_than_what_is_seen_when_a_scrollbar_appears(
    classical: Scenario, size: tuple[int, int]
) -> None:
    investigations = [o.id for o in classical.catalogue.orders.values() if o.kind.value == "investigation"][:30]
    barred: set[str | None] = set()
    async with ward(classical, size, seed=3) as (pilot, screen):
        for batch in range(0, len(investigations), 3):
            screen.act(*(PlaceOrder(order) for order in investigations[batch : batch + 3]))
            await pilot.pause()
            if isinstance(pilot.app.screen, DifferentialDialog):
                await press(pilot, "escape")
            assert too_wide(pilot.app) == []
            barred |= {pane.id for pane in screen.query(Lines) if pane.show_vertical_scrollbar}
        screen.act(PlaceOrder("oxygen"), PlaceOrder("insulin_infusion"), PlaceOrder("central_line"), Wait(90, "time"))
        for page in "1234567":
            await press(pilot, page)
            assert too_wide(pilot.app) == []
            barred |= {pane.id for pane in screen.query(Lines) if pane.show_vertical_scrollbar}
    assert {"timeline", "feed"} <= barred, "scrollbars did appear"


@SIZES
async def test_a_critical_mark_at_the_edge_survives_the_scrollbar(size: tuple[int, int]) -> None:
    class Edge(Lines):
        count = 3

        def rows(self, width: int) -> list[Row]:
            return [((f"{'K 7.1 ▲H!':>{width}}", "critical"),) for _ in range(self.count)]

    class Page(App[None]):
        CSS_PATH = ScurfyApp.CSS_PATH

        def get_theme_variable_defaults(self) -> dict[str, str]:
            return {"border-quiet": "#888888"}

        def compose(self) -> ComposeResult:
            yield Edge(id="running")

    Page.CSS_PATH = "../sim/tui/app.tcss"
    app = Page()
    async with app.run_test(size=size) as pilot:
        pane = app.query_one(Edge)
        await pilot.pause()
        assert not pane.show_vertical_scrollbar
        pane.count = 100
        pane.redraw()
        await pilot.pause()
        assert pane.show_vertical_scrollbar
        shown = [line for line in painted(app).split("\n") if "K 7.1" in line]  # type: ignore[arg-type]
        assert shown
        assert all("K 7.1 ▲H!" in line for line in shown)


@SIZES
async def test_no_name_of_a_result_is_cut(classical: Scenario, size: tuple[int, int]) -> None:
    asked = ("blood_gas", "ketones", "thyroid_function", "tpo_antibodies", "ex_perfusion", "tsdr", "urine_protein")
    async with ward(classical, size, seed=3) as (pilot, screen):
        for again in range(2):
            screen.act(*(PlaceOrder(order) for order in asked), Wait(120 + again, "time"))
        await pilot.pause()
        if isinstance(pilot.app.screen, DifferentialDialog):
            await press(pilot, "escape")
        sheet = screen.query_one(FlowSheet)
        assert any(len(readings) > 1 for readings in screen.records.results.values())
        assert "…" not in sheet.text
        assert {classical.catalogue.observables[o].short for o in screen.records.results} <= {
            line[:9].split("  ")[0].rstrip() for line in sheet.text.splitlines()
        }


@SIZES
async def test_the_titles_count_what_may_be_out_of_view(classical: Scenario, size: tuple[int, int]) -> None:
    async with ward(classical, size, seed=3) as (pilot, screen):
        running = len(screen.now.running)
        screen.act(PlaceOrder("oxygen"), PlaceOrder("nil_by_mouth"), PlaceOrder("fbc"), PlaceOrder("crp"))
        screen.basket = (PlaceOrder("lft"), PlaceOrder("magnesium"))
        await press(pilot, "7")
        assert len(screen.now.running) > running
        page = painted(pilot.app)
        assert f"Running ({len(screen.now.running)})" in page
        assert f"Awaited ({len(screen.now.pending)})" in page
        assert "Basket (2)" in page
        await press(pilot, "ctrl+z", "ctrl+z")
        assert "Basket" not in painted(pilot.app), "an empty basket takes no room"


@SIZES
async def test_the_monitor_gives_its_units_and_the_day_stands_apart_from_the_sign(
    tiny: Scenario, size: tuple[int, int]
) -> None:
    async with ward(tiny, size) as (pilot, screen):
        await pilot.pause()
        monitor = screen.query_one("#monitor", Lines).text
        assert all(f" {unit}" in monitor for unit in ("/min", "mmHg", "°C"))
        assert "…" not in monitor
    called = Called(147 * 1440 + 9 * 60 + 19, "He is worse.")
    row = "".join(text for text, _ in folded_rows(called, tiny, 60)[0])
    assert row.startswith("Day 148 09:19 ! He")


async def test_a_row_that_is_cut_all_the_same_shows_that_it_is_cut(home: Path) -> None:
    class Long(Lines):
        def rows(self, width: int) -> list[Row]:
            return [(("SBP 100" * width, ""),)]

    async with ScurfyApp(home).run_test() as pilot:
        pane = Long()
        await pilot.app.screen.mount(pane)
        await pilot.pause()
        line = next(line for line in painted(pilot.app).split("\n") if "SBP" in line)  # type: ignore[arg-type]
        assert line.rstrip().endswith("…")


async def test_the_patient_is_described_beside_the_monitor_as_seen_from_the_foot_of_the_bed(
    classical: Scenario,
) -> None:
    async with ward(classical) as (pilot, screen):
        await pilot.pause()
        look = " ".join(screen.query_one("#look", Lines).text.split())
        assert look == screen.now.glance
        assert "Lethargic, grey and cool." in look, "he opens in shock"
