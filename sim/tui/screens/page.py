"""A page of text over the library that is only read: what is still missed, or a debrief as it was stored."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, ClassVar

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.widgets import Static

from sim.attempts.mastery import WEIGHTS
from sim.tui import commands
from sim.tui.screens.command_screen import CommandScreen
from sim.tui.text import fold, plain
from sim.tui.widgets.keybar import KeyBar
from sim.tui.widgets.lines import Lines, Row

if TYPE_CHECKING:
    from sim.case.model.pathway import Step

_HEADINGS = {"must": "Musts", "should": "Shoulds"}
_INTRO = (
    "A step stands here while the latest attempt you finished in which it was called for missed it. Do it in your next "
    "attempt and it is gone. What-ifs do not count."
)


def missed_rows(missed: Sequence[Step]) -> list[Row]:
    """Return the steps still missed by title, the musts first, under what that means."""
    if not missed:
        return [(("Nothing: no must and no should that was called for is missed any more.", ""),)]
    rows: list[Row] = [((_INTRO, "muted"),)]
    for weight in WEIGHTS:
        steps = [step for step in missed if step.weight == weight]
        if steps:
            rows += [(("", ""),), ((f"{_HEADINGS[weight]} ({len(steps)})", "heading"),)]
            rows += [((f"- {step.title}", ""),) for step in steps]
    return rows


def stored_rows(text: str, why: str) -> list[Row]:
    """Return a debrief as it was stored, under the line that says why it is no more than that."""
    return [((why, "call"),), (("", ""),), *(((line, ""),) for line in text.splitlines())]


class PageText(Lines):
    """Lines of one part each, folded where they are too long, their indentation kept."""

    DEFAULT_CSS = "PageText { height: 1fr; padding: 0 0 0 1; }"

    def __init__(self, rows: Iterable[Row]) -> None:
        super().__init__(id="page-text")
        self._unfolded = tuple(rows)

    def rows(self, width: int) -> list[Row]:
        """Return the lines."""
        return [((line, role),) for ((text, role),) in self._unfolded for line in _folded(text, width)]


class TextPage(CommandScreen):
    """A title and a text that scrolls; Escape goes back."""

    OFFERS: ClassVar[commands.Commands] = (commands.Help, commands.Back)
    BINDINGS: ClassVar[list[BindingType]] = commands.bindings(OFFERS)

    def __init__(self, title: str, rows: Iterable[Row]) -> None:
        super().__init__()
        self._title, self._rows = title, tuple(rows)

    def compose(self) -> ComposeResult:
        """Lay out the text."""
        yield Static(plain(self._title), id="shelf-title")
        yield PageText(self._rows)
        yield KeyBar(self.OFFERS)

    def on_mount(self) -> None:
        """Keys scroll the text."""
        self.query_one(PageText).focus()


def _folded(text: str, width: int) -> list[str]:
    if cell_len(text) <= width:
        return [text]
    body = text.lstrip()
    lead = " " * (len(text) - len(body))
    hang = 2 if body.startswith("- ") else 0
    return [lead + line for line in fold(body, max(20, width - len(lead)), hang)]
