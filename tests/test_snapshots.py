"""Every screen as it is painted, kept beside the tests: as text in four sizes, and its colours in two looks.

`SCURFY_SNAPSHOTS=write python -m pytest tests/test_snapshots.py` draws them anew; read the difference
before keeping it.
"""

from __future__ import annotations

import os
import re
import string
from collections.abc import Callable
from itertools import groupby
from pathlib import Path

import pytest
from rich.color import Color
from rich.style import Style

from sim.case.model.scenario import Scenario
from sim.case.moves import PlaceOrder, StateDifferential, Wait
from sim.tui.app import ScurfyApp
from sim.tui.screens.ward import PAGES, Ward
from sim.tui.theme import CONTRAST, DARK, LIGHT
from terminal import NARROW, WIDE, library, painted, press, settle, ward

pytestmark = pytest.mark.slow

FOLDER = Path(__file__).parent / "data" / "snapshots"
SIZES = [WIDE, (100, 30), NARROW, (160, 50)]
SEEN = pytest.mark.parametrize(
    ("size", "look"),
    [(size, look.name) for size in SIZES for look in (DARK, LIGHT)] + [(WIDE, CONTRAST.name)],
    ids=lambda value: value if isinstance(value, str) else f"{value[0]}x{value[1]}",
)
ATTEMPT = re.compile(r"\b[0-9a-f]{12}\b")
"""The id of an attempt, which is another one each time."""
READABLE = 4.5
"""The least ratio of contrast between letters and what they stand on (WCAG 2.2, 1.4.3)."""

Snapshot = Callable[[ScurfyApp, str], None]


@pytest.fixture
def same() -> Snapshot:
    """Compare what is painted, and in which colours, with the page of that name."""

    def compare(app: ScurfyApp, name: str) -> None:
        assert not faint(app)
        if app.theme == CONTRAST.name:
            return
        where = f"{name}_{app.size.width}x{app.size.height}"
        text = ATTEMPT.sub("0" * 12, painted(app)) + "\n"
        pages = {f"{where}.txt": text, f"{where}.{app.theme}.txt": coloured(app)}
        for file, page in pages.items():
            path = FOLDER / file
            if os.environ.get("SCURFY_SNAPSHOTS") == "write":
                path.write_text(page, encoding="utf-8")
            assert page == path.read_text(encoding="utf-8"), file

    return compare


def faint(app: ScurfyApp) -> list[str]:
    """Return what is written in a colour too near to what it stands on; what lies under a window is dim on purpose."""
    found = []
    for y, strip in enumerate(app.screen._compositor.render_strips()):
        x = 0
        for segment in strip:
            if _contrast(segment.style) < READABLE and has_letters(segment.text):
                widget, _ = app.screen.get_widget_at(x, y)
                if widget is not app.screen:
                    found.append(segment.text)
            x += segment.cell_length
    return found


def has_letters(text: str) -> bool:
    return any(character.isalnum() for character in text)


def _contrast(style: Style | None) -> float:
    if style is None or style.color is None or style.bgcolor is None:
        return 21.0  # the terminal's own
    lighter, darker = sorted((_luminance(style.color), _luminance(style.bgcolor)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: Color) -> float:
    """Return the relative luminance of a colour (WCAG 2.2)."""
    shares = (part / 255 for part in colour.get_truecolor())
    linear = (share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in shares)
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def coloured(app: ScurfyApp) -> str:
    """Return the colours of what is painted: a letter for each run of cells and how many, and what the letters mean."""
    letters: dict[str, str] = {}
    lines = []
    for strip in app.screen._compositor.render_strips():
        cells = [letter for segment in strip for letter in [_letter(segment.style, letters)] * segment.cell_length]
        lines.append(" ".join(f"{letter}{len([*run])}" for letter, run in groupby(cells)))
    return "".join(f"{letter} {meaning}\n" for meaning, letter in letters.items()) + "\n".join(lines) + "\n"


def _letter(style: Style | None, letters: dict[str, str]) -> str:
    style = style or Style()
    colours = (f"{colour.triplet.hex if colour and colour.triplet else colour and colour.name}"
               for colour in (style.color, style.bgcolor))  # fmt: skip
    kinds = [kind for kind in ("bold", "reverse", "underline", "italic", "dim") if getattr(style, kind)]
    meaning = " ".join([" on ".join(colours), *kinds])
    return letters.setdefault(meaning, (string.ascii_letters * 2)[len(letters)])


def first_hours(screen: Ward) -> None:
    orders = ("hx_contacts", "ex_perfusion", "ex_weight", "crp", "electrolytes", "peripheral_access", "blood_culture",
              "gentamicin", "bolus")  # fmt: skip
    screen.act(
        *(PlaceOrder(order) for order in orders),
        Wait(40, "time"),
        StateDifferential((("meadow_fever", 0.6), ("viral_illness", 0.2))),
        PlaceOrder("ex_perfusion"),
    )


@SEEN
async def test_the_library_and_the_briefing(same: Snapshot, size: tuple[int, int], look: str) -> None:
    async with library(size) as pilot:
        app = pilot.app
        assert isinstance(app, ScurfyApp)
        app.theme = look
        await settle(pilot)
        same(app, "library")
        await press(pilot, "question_mark")
        same(app, "library_help")
    async with library(size, case="tiny_case", seed=7) as pilot:
        app = pilot.app
        assert isinstance(app, ScurfyApp)
        app.theme = look
        await settle(pilot)
        same(app, "briefing")


@SEEN
async def test_the_ward_and_its_windows(tiny: Scenario, same: Snapshot, size: tuple[int, int], look: str) -> None:
    async with ward(tiny, size) as (pilot, screen):
        app = pilot.app
        assert isinstance(app, ScurfyApp)
        app.theme = look
        await settle(pilot)
        first_hours(screen)
        app.clear_notifications()
        await pilot.pause()
        for key, name in zip("1234567", PAGES, strict=True):
            await press(pilot, key)
            same(app, f"ward_{name.lower()}")
        await press(pilot, "1")
        for name, keys in WINDOWS.items():
            await press(pilot, *keys)
            same(app, f"ward_{name}")
            while app.screen is not screen:
                await press(pilot, "escape")


WINDOWS = {
    "order": ("o", *"cul"),
    "dose": ("o", *"bolus", "enter"),
    "answer": ("e", *"perf", "enter"),
    "wait": ("w",),
    "call": ("t",),
    "stop": ("s",),
    "limits": ("l",),
    "differential": ("d",),
    "help": ("question_mark",),
    "commands": ("ctrl+p",),
    "hand_over": ("f",),
}
"""The windows over the ward, and the keys that lead to each."""


@SEEN
async def test_the_debrief(tiny: Scenario, same: Snapshot, size: tuple[int, int], look: str) -> None:
    async with ward(tiny, size) as (pilot, screen):
        app = pilot.app
        assert isinstance(app, ScurfyApp)
        app.theme = look
        first_hours(screen)
        await pilot.pause()
        await press(pilot, "f", "y", "enter")
        await settle(pilot)
        for page in "12345678":
            await press(pilot, page)
            app.clear_notifications()
            await pilot.pause()
            same(app, f"debrief_{page}")
        await press(pilot, "3", "enter")
        same(app, "debrief_pathway")
