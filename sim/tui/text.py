"""Text made ready for the screen: content without markup, flags with a sign and a role, folding by cells.

Author and learner text is data: it is shown as `Content`, never parsed as markup, and never carries control or
bidirectional characters to the terminal. The words themselves come from `sim.words.format`.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING

from rich.cells import cell_len
from textual.content import Content

from sim.words.fold import fold as lines
from sim.words.format import clean, signed
from sim.words.format import flag as letters

if TYPE_CHECKING:
    from sim.case.model.catalogue import Observable


def plain(text: str) -> Content:
    """Return text as content that is shown letter for letter, whatever brackets it holds."""
    return Content(clean(text))


def flag(value: float, low: float | None, high: float | None, observable: Observable) -> tuple[str, str]:
    """Return (sign, role) of a value, as `signed` does; nothing within the range."""
    return signed(letters(value, low, high, observable))


def fold(text: str, width: int, indent: int = 0) -> list[str]:
    """Return the text folded into lines of at most `width` cells, all but the first indented by `indent`."""
    return lines(text, width, rest=" " * indent, measure=cell_len)


def fold_parts(parts: Sequence[tuple[str, str]], width: int) -> list[list[tuple[str, str]]]:
    """Return stretches of (text, role) folded as one text into lines of at most `width` cells, each letter its role."""
    told = [(letter, role) for text, role in parts for letter in clean(text)]
    source = iter([pair for pair in told if not pair[0].isspace()])
    folded = []
    for line in fold("".join(letter for letter, _ in told), width):
        lettered: list[tuple[str, str]] = []
        for letter in line:
            role = (lettered[-1][1] if lettered else "") if letter.isspace() else next(source)[1]
            lettered.append((letter, role))
        runs = groupby(lettered, key=itemgetter(1))
        folded.append([("".join(letter for letter, _ in run), role) for role, run in runs])
    return folded


def shorten(text: str, width: int) -> str:
    """Return the text cut to `width` cells, the cut shown by an ellipsis."""
    text = clean(text).replace("\n", " ")
    if cell_len(text) <= width:
        return text
    while text and cell_len(text) > width - 1:
        text = text[:-1]
    return text.rstrip() + "…" if width > 0 else ""
