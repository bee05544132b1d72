"""A screen whose keys are its `OFFERS`: the key bar clicks them, the help lists them, Escape leaves the screen."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.reactive import Reactive
from textual.screen import Screen
from textual.widget import Widget

from sim.tui.commands import Commands
from sim.tui.widgets.keybar import KeyBar


class CommandScreen(Screen[None]):
    """A full screen with commands. A subclass lists its `OFFERS` and has an action for each."""

    OFFERS: ClassVar[Commands] = ()

    focused: Reactive[Widget | None] = Reactive(None, repaint=False)
    """What has the focus: it paints itself when it gets or loses it, so the rest of the screen need not be painted."""

    @on(KeyBar.Pressed)
    async def _key_clicked(self, event: KeyBar.Pressed) -> None:
        await self.run_action(event.action)

    def action_help(self) -> None:
        """Show the help."""
        from sim.tui.screens.help import HelpScreen  # here, so that the first screen is painted without it

        self.app.push_screen(HelpScreen(self.OFFERS))

    def action_back(self) -> None:
        """Go back to the screen underneath, once."""
        if self.app.screen is self:
            self.app.pop_screen()
