"""Textual's palette of commands, as a window that answers once."""

from __future__ import annotations

from textual.command import CommandPalette

from sim.tui.screens.window import Window


class CommandWindow(CommandPalette, Window[None]):
    """Every command of the screen underneath, by name."""
