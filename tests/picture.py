"""Draws the picture of the README: the game is played with the keys of `docs/picture.yaml` and painted as it is.

    PYTHONPATH=tests python -m picture

The frames are one SVG that plays by itself; who asked for less motion sees the last one.
"""

from __future__ import annotations

import asyncio
import os
import re
import sys
import tempfile
from collections.abc import Sequence
from html import unescape
from pathlib import Path
from typing import NamedTuple

import yaml

from sim.attempts.session import begin
from sim.attempts.store import data_folder
from sim.case.library import load
from sim.tui.app import ScurfyApp
from sim.tui.screens.ward import Ward
from terminal import press, settle

DOCS = Path(__file__).parents[1] / "docs"
PICTURE = DOCS / "ward.svg"
PLAYED = DOCS / "picture.yaml"


class Frame(NamedTuple):
    """What was painted, as SVG, and for how many seconds it is shown."""

    svg: str
    shown: float


async def frames() -> list[Frame]:
    """Play the keys and return what was painted after each stretch of them."""
    script = yaml.safe_load(PLAYED.read_text(encoding="utf-8"))
    app = ScurfyApp(data_folder())
    app.reviews, app.grace = False, 0
    found = []
    async with app.run_test(size=tuple(script["size"])) as pilot:
        await settle(pilot)
        scenario = load(script["case"])
        attempt = begin(app.store, scenario, source=script["case"], seed=script["seed"], mode=script["mode"])
        await app.push_screen(Ward(attempt))
        await settle(pilot)
        for each in script["frames"]:
            await press(pilot, *(_key(key) for key in each["keys"]))
            await settle(pilot)
            found.append(Frame(app.export_screenshot(title="Scurfy"), each["shown"]))
    return found


def _key(key: object) -> str:
    return "space" if key == " " else str(key)


def animated(drawn: Sequence[Frame]) -> str:
    """Return the frames as one SVG, shown one after the other for ever."""
    whole = sum(frame.shown for frame in drawn)
    box = re.search(r'viewBox="([^"]+)"', drawn[0].svg)
    assert box is not None, "Textual's picture has a size"
    style, parts, begins = [], [], 0.0
    for i, frame in enumerate(drawn):
        first, last = 100 * begins / whole, 100 * (begins + frame.shown) / whole
        before = "visible" if i == 0 else "hidden"
        style.append(
            f"@keyframes shown{i} {{0%, {max(0.0, first - 0.01):.2f}% {{visibility: {before}}} "
            f"{first:.2f}%, {last - 0.01:.2f}% {{visibility: visible}} {last:.2f}%, 100% {{visibility: hidden}}}}\n"
            f".shown{i} {{animation: shown{i} {whole:g}s steps(1, end) infinite}}"
        )
        inner = re.sub(r"@font-face \{.*?\}", "", frame.svg, flags=re.DOTALL)
        inner = re.sub(r"^.*?<svg[^>]*>|</svg>\s*$|<!--.*?-->", "", inner, flags=re.DOTALL)
        parts.append(f'<g class="shown{i}">{inner}</g>')
        begins += frame.shown
    still = f"g[class^=shown] {{animation: none; visibility: hidden}} g.shown{len(drawn) - 1} {{visibility: visible}}"
    style.append(f"@media (prefers-reduced-motion: reduce) {{{still}}}")
    lines = "\n".join(style)
    body = "\n".join(parts)
    return f'<svg viewBox="{box[1]}" xmlns="http://www.w3.org/2000/svg">\n<style>\n{lines}\n</style>\n{body}\n</svg>\n'


def words(svg: str) -> list[str]:
    """Return every text of a picture, in order: what a reader reads, whatever the drawing around it."""
    return [unescape(text).replace("\xa0", " ") for text in re.findall(r"<text[^>]*>([^<]*)</text>", svg)]


def main() -> None:
    """Draw the picture anew."""
    with tempfile.TemporaryDirectory() as home:
        os.environ["SCURFY_HOME"] = home
        picture = animated(asyncio.run(frames()))
    PICTURE.write_text(picture, encoding="utf-8")
    sys.stdout.write(f"{PICTURE}: {len(picture) // 1024} kB\n")


if __name__ == "__main__":
    main()
