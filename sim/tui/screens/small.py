"""The page that covers everything while the terminal is too small."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.screen import ModalScreen
from textual.widgets import Static


class TooSmall(ModalScreen[None]):
    """Says how large the terminal should be. It goes away by itself."""

    def compose(self) -> ComposeResult:
        """Lay out the sentence."""
        text = "Scurfy needs 80 columns and 24 lines.\nMake the window larger, or the font smaller.\nCtrl+Q quits."
        yield Static(text, id="too-small", markup=False)
