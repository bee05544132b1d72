"""What every window over a screen has in common: it answers once, and only while it is on top."""

from __future__ import annotations

from asyncio import InvalidStateError
from typing import Any, TypeVar, cast

from textual.await_complete import AwaitComplete
from textual.screen import ModalScreen, Screen, ScreenResultType

T = TypeVar("T")


class Window(ModalScreen[ScreenResultType]):
    """A window that answers once. Keys come in bursts: what is typed at a window that has closed closes no other."""

    def dismiss(self, result: ScreenResultType | None = None) -> AwaitComplete:
        """Answer and close, unless it has, or another window is open over it."""
        if self.app.screen is not self:
            return AwaitComplete()
        try:
            return super().dismiss(result)
        except InvalidStateError:  # who asked is gone
            return self.app.pop_screen()


async def ask(screen: Screen[Any], window: Window[T]) -> T | None:
    """Return what a window answers that is opened over a screen; None, unopened, where something else is open there.

    Of two keys in one burst that open a window each, the first counts.
    """
    if screen.app.screen is not screen:
        return None
    return await screen.app.push_screen_wait(cast("Window[T | None]", window))
