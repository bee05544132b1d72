"""The look is kept between starts, the file is not trusted, and keys go to the window they were typed for."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual import events
from textual.color import Color
from textual.css.stylesheet import Stylesheet
from textual.widgets import Input

from sim.case.model.scenario import Scenario
from sim.tui.app import ScurfyApp
from sim.tui.preferences import FILE_NAME, read_look, write_look
from sim.tui.screens.briefing import Briefing
from sim.tui.screens.dialog import WaitDialog
from sim.tui.theme import THEMES
from terminal import NARROW, library, painted, press, settle, ward

pytestmark = pytest.mark.slow


async def test_a_look_is_kept_for_the_next_start(home: Path) -> None:
    async with library() as pilot:
        command = next(c for c in pilot.app.get_system_commands(pilot.app.screen) if c.title == "Look: light")
        command.callback()
    assert ScurfyApp(home).theme == "scurfy-light"


@pytest.mark.parametrize("look", [theme.name for theme in THEMES])
async def test_a_kept_look_is_there_in_the_first_picture_and_no_style_sheet_is_parsed_again(
    home: Path, look: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_look(home, look)
    parsed: list[str] = []
    again = Stylesheet.reparse
    monkeypatch.setattr(Stylesheet, "reparse", lambda sheet: (parsed.append("again"), again(sheet))[1])
    async with library() as pilot:
        assert not parsed
        app = pilot.app
        assert app.screen.styles.background == Color.parse(app.current_theme.background or "")
        assert app.has_class("-dark-mode") == app.current_theme.dark != app.has_class("-light-mode")
        other = next(theme.name for theme in THEMES if theme.name != look)
        app.theme = other
        await settle(pilot)
        assert parsed
        assert app.screen.styles.background == Color.parse(app.current_theme.background or "")


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"look": "\\u001b]2;x"}', '{"look": 7}', "[" * 900, "x" * 2000, "\x00"]
)
def test_a_file_that_names_no_look_is_refused_with_one_line(home: Path, text: str) -> None:
    home.mkdir()
    (home / FILE_NAME).write_text(text)
    look, problem = read_look(home)
    assert look == "scurfy-dark"
    assert FILE_NAME in problem
    assert "\x1b" not in problem


async def test_a_key_typed_for_a_window_that_has_closed_does_nothing(tiny: Scenario) -> None:
    async with ward(tiny) as (pilot, screen):
        await press(pilot, "w")
        assert isinstance(pilot.app.screen, WaitDialog)
        late = events.Key("o", "o")
        await press(pilot, "escape")
        assert pilot.app.screen is screen
        pilot.app.post_message(late)
        await settle(pilot)
        assert pilot.app.screen is screen
        await press(pilot, "w")
        assert isinstance(pilot.app.screen, WaitDialog)


async def test_the_briefing_shows_the_whole_setting_and_the_seed_on_a_small_terminal() -> None:
    async with library(NARROW, case="drying_out", seed=3) as pilot:
        await settle(pilot)
        assert isinstance(pilot.app.screen, Briefing)
        page = painted(pilot.app)  # type: ignore[arg-type]
        assert "intensive care cots" in page
        seed = pilot.app.screen.query_one("#seed", Input)
        assert seed.region.bottom < 24
        assert any(line.strip() == "3" for line in page.split("\n"))
