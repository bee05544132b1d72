"""What a screen may ask of the application: the store, the way to other screens, a moment without keys.

Screens know this and not one another, so that no screen imports the application that shows it.
"""

from __future__ import annotations

from abc import abstractmethod
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

from textual.app import App
from textual.widget import Widget

WIDE: Final = 110
"""Columns from which the panes of a screen stand beside one another, in frames."""
HUGE: Final = 150
"""Columns from which there is room for a third column."""

if TYPE_CHECKING:
    from sim.attempts.review_process.pool import ReviewPool
    from sim.attempts.session import PersistentSession
    from sim.attempts.store import Store
    from sim.case.model.scenario import Scenario


class Game(App[None]):
    """The application, as its screens see it."""

    root: Path | None = None
    """A scenarios folder in place of the one that ships."""
    homes: tuple[Path, ...] = ()
    """Folders of the user's own cases."""
    reviews: bool = True
    """Whether decisions are reviewed beside the game."""

    @property
    @abstractmethod
    def store(self) -> Store:
        """The attempts on disk, opened when first needed. Raises StoreError."""

    @property
    @abstractmethod
    def pool(self) -> ReviewPool:
        """What reviews decisions beside the game, for all attempts."""

    @abstractmethod
    def hold_keys(self) -> None:
        """Drop what is typed in the next moments."""

    @abstractmethod
    def open_briefing(self, scenario: Scenario, source: str, seed: int | None, mode: str) -> None:
        """Show the briefing of a case over the present screen."""

    @abstractmethod
    def open_ward(self, attempt: PersistentSession, *, over: bool = False) -> None:
        """Show the ward of an attempt in place of the present screen, or `over` it."""

    @abstractmethod
    def open_debrief(self, attempt: PersistentSession, *, over: bool = False) -> None:
        """Show the debrief of an attempt in place of the present screen, or `over` it."""


def game_of(screen: Widget) -> Game:
    """Return the application that shows a screen or a part of one."""
    return cast(Game, screen.app)
