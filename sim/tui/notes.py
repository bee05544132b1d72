"""The learner's own notes: free text beside an attempt, kept in the data folder, never scored."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import Static, TextArea

from sim.attempts.store import StoreError, data_folder, make_data_folder
from sim.tui.text import plain


def _path(folder: Path, attempt: str) -> Path:
    return folder / "notes" / f"{attempt}.txt"


def read_notes(attempt: str) -> str:
    """Return the notes of an attempt; empty if there are none or they cannot be read."""
    with suppress(OSError, UnicodeDecodeError):
        return _path(data_folder(), attempt).read_text(encoding="utf-8")
    return ""


def write_notes(attempt: str, text: str) -> None:
    """Keep the notes of an attempt. A disk that refuses loses the notes and nothing else."""
    with suppress(OSError, StoreError):
        path = _path(make_data_folder(), attempt)
        path.parent.mkdir(mode=0o700, exist_ok=True)
        draft = path.with_suffix(".new")
        draft.write_text(text, encoding="utf-8")
        draft.replace(path)


class Pad(TextArea):
    """The notes themselves; Escape leaves them."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "leave", "Leave the notes", show=False)]

    def action_leave(self) -> None:
        """Give the keys back to the ward."""
        self.screen.set_focus(None)


class Notes(Vertical):
    """The opening text above, the learner's notes below."""

    def __init__(self, opening: str, notes: str, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._opening, self._notes = opening, notes

    def compose(self) -> ComposeResult:
        """Lay out both."""
        yield Static(plain(self._opening), id="opening-again")
        yield Static("Your notes, for yourself: 5 goes in, Escape out", classes="dialog-keys", markup=False)
        yield Pad(self._notes, id="pad", soft_wrap=True, tab_behavior="focus")
