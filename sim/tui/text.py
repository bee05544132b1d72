"""Text made ready for the screen: content without markup, flags with a sign and a role, folding by cells.

Author and learner text is data: it is shown as `Content`, never parsed as markup, and never carries control or
bidirectional characters to the terminal. The words themselves come from `sim.words.format`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.cells import cell_len
from textual.content import Content

from sim.case.quantities import DAY
from sim.words.format import clean, clock
from sim.words.format import flag as letters

if TYPE_CHECKING:
    from sim.case.model.catalogue import Observable


def plain(text: str) -> Content:
    """Return text as content that is shown letter for letter, whatever brackets it holds."""
    return Content(clean(text))


def boy_or_girl(sex: str) -> str:
    """Return 'boy' or 'girl'."""
    return "boy" if sex == "male" else "girl"


def moment(minute: int, now: int) -> str:
    """Return a moment as a ward says it at `now`: the time alone on the same day, else with its day."""
    text = clock(minute)
    return text.split(" ")[-1] if minute // DAY == now // DAY else text


def flag(value: float, low: float | None, high: float | None, observable: Observable) -> tuple[str, str]:
    """Return (sign, role) of a value: `▲H`, `▼L`, with `!` where it is critical, or nothing within the range.

    The sign says it without colour; the role ('high', 'low', 'critical' or '') is what a theme colours.
    """
    text = letters(value, low, high, observable)
    if not text:
        return "", ""
    role = "critical" if "!" in text else "high" if "H" in text else "low"
    return f"{'▲' if 'H' in text else '▼'}{text}", role


def fold(text: str, width: int, indent: int = 0) -> list[str]:
    """Return the text folded into lines of at most `width` cells, all but the first indented by `indent`."""
    lines: list[str] = []
    for paragraph in clean(text).split("\n"):
        line = ""
        for word in paragraph.split():
            room = width - (indent if lines else 0)
            while cell_len(word) > room > 0:
                if line:
                    lines.append(line)
                    line = ""
                    room = width - indent
                    continue
                lines.append(word[:room])
                word = word[room:]
                room = width - indent
            if line and cell_len(line) + 1 + cell_len(word) > room:
                lines.append(line)
                line = word
            else:
                line = f"{line} {word}" if line else word
        lines.append(line)
    return [lines[0], *(" " * indent + line for line in lines[1:])]


def shorten(text: str, width: int) -> str:
    """Return the text cut to `width` cells, the cut shown by an ellipsis."""
    text = clean(text).replace("\n", " ")
    if cell_len(text) <= width:
        return text
    while text and cell_len(text) > width - 1:
        text = text[:-1]
    return text.rstrip() + "…" if width > 0 else ""
