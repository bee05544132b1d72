"""The application: its looks, its palette, and what happens when something goes wrong."""

from __future__ import annotations

import os
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Final

from rich.console import RenderableType
from textual import events, on
from textual.app import App, SystemCommand
from textual.await_complete import AwaitComplete
from textual.binding import Binding, BindingType
from textual.command import Provider
from textual.driver import Driver
from textual.geometry import Size
from textual.message import Message
from textual.screen import Screen
from textual.timer import Timer

from sim.attempts.crash import record_crash
from sim.attempts.store import Store, open_store
from sim.tui.game import HUGE, WIDE, Game
from sim.tui.preferences import read_look, write_look
from sim.tui.screens.library import LibraryScreen
from sim.tui.screens.small import at_least, is_small, notice
from sim.tui.theme import THEMES
from sim.tui.typeahead import PATIENCE, KeyHandled, TypeAhead
from sim.words.modes import Mode

if TYPE_CHECKING:
    from sim.attempts.review_process.pool import ReviewPool
    from sim.attempts.session import PersistentSession
    from sim.case.model.scenario import Scenario

LEAVE: Final = "ctrl+q"
"""Leaves from anywhere: no window and no moment swallows it."""
_PAGING: Final = frozenset({"pageup", "pagedown"})


def _orders() -> type[Provider]:
    from sim.tui.order_provider import OrderProvider  # here, so that the first screen is painted without it

    return OrderProvider


class ScurfyApp(Game):
    """Scurfy on a terminal, with what is kept in a data folder.

    `case` starts one case, `attempt` resumes one; without either, the library opens.
    """

    CSS_PATH = "app.tcss"
    TITLE = "Scurfy"
    ENABLE_COMMAND_PALETTE = True
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (WIDE, "-wide"), (HUGE, "-huge")]  # noqa: RUF012 (declared so)
    COMMANDS = App.COMMANDS | {_orders}
    BINDINGS: ClassVar[list[BindingType]] = [Binding(LEAVE, "quit", "Quit", show=False, priority=True)]

    def __init__(
        self, folder: Path, case: str | None = None, seed: int | None = None, mode: str = Mode.PRACTICE,
        attempt: str | None = None,
    ) -> None:  # fmt: skip
        super().__init__()
        self._folder = folder
        self._asked = (case, seed, mode, attempt)
        self._store: Store | None = None
        self._pool: ReviewPool | None = None
        self.failure: str | None = None
        """One line about the crash that ended the game, if one did."""
        look, self._look_problem = read_look(folder)
        self._begin_with(look)
        self.grace = 0.8
        """For how many seconds after a window opened by itself no key acts; 0: all do."""
        self._deaf_until = 0.0
        """Keys typed up to then were meant for something else; on the clock of the keys."""
        self._typed = TypeAhead()
        self._patience: Timer | None = None
        self.too_small: Size | None = None
        """The size of the terminal while the game does not fit it."""

    def _begin_with(self, look: str) -> None:
        """Take a look before a style sheet is parsed: set as a change it would have every one parsed twice."""
        for theme in THEMES:
            self.register_theme(theme)
        self.set_reactive(App.theme, look)
        self.set_class(self.current_theme.dark, "-dark-mode", update=False)
        self.set_class(not self.current_theme.dark, "-light-mode", update=False)
        self.stylesheet.set_variables(self.get_css_variables())

    @property
    def store(self) -> Store:
        """The attempts on disk, opened when first needed. Raises StoreError."""
        if self._store is None:
            self._store = open_store(self._folder)
        return self._store

    @property
    def pool(self) -> ReviewPool:
        """What reviews decisions beside the game, for all attempts; it ends with the game."""
        if self._pool is None:
            from sim.attempts.review_process.pool import ReviewPool

            self._pool = ReviewPool()
        return self._pool

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Return the colours that themes of others do not name."""
        return {"border-quiet": "#5a6a7a"}

    def get_default_screen(self) -> Screen[None]:
        """Return the library: the first thing painted."""
        return LibraryScreen(*self._asked)

    def open_briefing(self, scenario: Scenario, source: str, seed: int | None, mode: str) -> None:
        """Show the briefing of a case over the present screen."""
        from sim.tui.screens.briefing import Briefing

        self.push_screen(Briefing(scenario, source, seed, mode))

    def open_ward(self, attempt: PersistentSession, *, over: bool = False) -> None:
        """Show the ward of an attempt in place of the present screen, or `over` it."""
        from sim.tui.screens.ward import Ward

        self._open(Ward(attempt), over)

    def open_debrief(self, attempt: PersistentSession, *, over: bool = False) -> None:
        """Show the debrief of an attempt in place of the present screen, or `over` it."""
        from sim.tui.screens.debrief import Debrief

        self._open(Debrief(attempt), over)

    def action_command_palette(self) -> None:
        """Show every command by name, once."""
        from sim.tui.screens.commands import CommandWindow

        if not isinstance(self.screen, CommandWindow):
            self.push_screen(CommandWindow(id="--command-palette"))

    def _open(self, screen: Screen[None], over: bool) -> None:
        if over:
            self.push_screen(screen)
        else:
            self.switch_screen(screen)
            self._left()

    # --- a terminal that is too small ------------------------------------------------------------------------

    @property
    def size(self) -> Size:
        """The size that screens are laid out for."""
        return at_least(super().size)

    def _fitted(self, event: events.Resize) -> events.Resize:
        """Take the terminal's new size, and return what the screens are told of it."""
        was, self.too_small = self.too_small, event.size if is_small(event.size) else None
        if was is not None and self.too_small is None:
            self.call_later(self.refresh, layout=True)
        elif self.too_small is not None:
            self._display(self.screen, notice(self.too_small))
        return events.Resize.from_dimensions(at_least(event.size), None)

    def _display(self, screen: Screen[object], renderable: RenderableType | None) -> None:
        """Draw what a screen has changed; while it does not fit, the notice alone."""
        if self.too_small is not None and renderable is not None:
            renderable = notice(self.too_small)
        super()._display(screen, renderable)

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """Yield every command of the screen, then the looks and leaving."""
        for command in getattr(screen, "OFFERS", ()):
            yield SystemCommand(command.label, command.help(), partial(screen.run_action, command.action()))
        for theme in THEMES:
            look = theme.name.removeprefix("scurfy-")
            yield SystemCommand(f"Look: {look}", f"Use the {look} colours", partial(self._choose_look, theme.name))
        yield SystemCommand("Quit Scurfy", "Leave; what was played is stored", self.action_quit)

    def _choose_look(self, name: str) -> None:
        self.theme = name
        write_look(self._folder, name)

    def get_driver_class(self) -> type[Driver]:
        """Return what reads the terminal."""
        found = super().get_driver_class()
        if os.name == "nt" or found.__name__ != "LinuxDriver":
            return found
        from sim.tui.driver import TerminalDriver

        return TerminalDriver

    def _end_without_terminal(self) -> None:
        """End when the terminal goes: its input would be asked again and again for ever."""
        from sim.tui.driver import is_terminal_there

        if not is_terminal_there():
            self.exit(return_code=1)

    def on_mount(self) -> None:
        """Look after the terminal, and say it if the look that was kept cannot be used."""
        if not self.is_headless and os.name != "nt":
            self.set_interval(1, self._end_without_terminal)
        if self._look_problem:
            self.notify(self._look_problem, severity="warning", markup=False, timeout=10)

    async def on_event(self, event: events.Event) -> None:
        """Handle one key at a time. Drop what is typed blindly, and let no screen know that it does not fit."""
        if isinstance(event, events.Resize):
            await super().on_event(self._fitted(event))
        elif not isinstance(event, (events.InputEvent, events.Paste)) or event.is_forwarded:
            await super().on_event(event)
        elif self._typed_blindly(event):
            return
        elif not isinstance(event, events.Key):
            await super().on_event(event)
        elif self._typed.busy and event.key != LEAVE:
            self._typed.add(event)
        else:
            await self._handle(event)

    async def _handle(self, key: events.Key) -> None:
        """Give a key to what has the focus, and take the next one when all it does is done."""
        target = self.focused or self.screen
        handled = self._typed.begin(target)
        await super().on_event(key)
        if not target.post_message(handled):
            self._key_handled(handled)
        if self._patience is not None:
            self._patience.stop()
        self._patience = self.set_timer(PATIENCE, partial(self._next_key, handled))

    @on(KeyHandled)
    def _key_handled(self, handled: KeyHandled) -> None:
        """Wait for the window that a key opened, if it did."""
        if not self._typed.is_current(handled):
            return
        if handled.target is not None and not handled.last and handled.target.post_message(handled.once_more()):
            return
        self.screen.call_after_refresh(self.call_later, self._next_key, handled)

    @property
    def has_keys_waiting(self) -> bool:
        """Whether a key is being handled."""
        return self._typed.busy

    async def _next_key(self, handled: KeyHandled) -> None:
        if not self._typed.is_current(handled):
            return
        self._typed.end()
        key = self._typed.next(self._deaf_until)
        if key is not None:
            await self._handle(key)

    def _typed_blindly(self, event: events.Event) -> bool:
        """Whether the learner cannot have meant what is on the screen now.

        That is so of keys meant for a window that has closed, or for what lies beneath one that just opened; of all
        that is typed while the game does not fit; and of paging in a list that is not laid out yet.
        """
        if not isinstance(event, events.Key):
            return self.too_small is not None
        if event.key == LEAVE:
            return False
        return self.too_small is not None or event.time <= self._deaf_until or self._pages_ahead(event.key)

    def _pages_ahead(self, key: str) -> bool:
        """Whether a key pages in a list of the screen that has no size yet, and so no pages."""
        from textual.widgets import OptionList

        return key in _PAGING and not all(found.scrollable_content_region for found in self.screen.query(OptionList))

    def pop_screen(self) -> AwaitComplete:
        """Close the window on top."""
        closed = super().pop_screen()
        self._deaf_until = max(self._deaf_until, Message().time)
        self._left()
        return closed

    def _left(self) -> None:
        """What had the focus has gone, and what it would have said of its key with it."""
        if self._typed.busy:
            self.call_later(self._key_handled, self._typed.current)

    def hold_keys(self) -> None:
        """Drop what is typed in the next moments: a window opens by itself, under the fingers of the learner."""
        if self.grace:
            self._deaf_until = Message().time + self.grace

    def action_help_quit(self) -> None:
        """Say how to leave, when somebody tries Ctrl+C."""
        self.notify("Ctrl+Q leaves Scurfy; what you played is stored.", markup=False)

    def on_unmount(self) -> None:
        """End the reviews and close the store."""
        if self._pool is not None:
            self._pool.close()
        if self._store is not None:
            self._store.close()

    def _handle_exception(self, error: Exception) -> None:
        """Leave with one line and a log file: a traceback with its locals would show the patient's true state."""
        self._return_code = 1
        if self._exception is None:
            self._exception = error
            self._exception_event.set()
        self.failure = _crash_text(error, record_crash(error, self._folder))
        self._close_messages_no_wait()


def _crash_text(error: Exception, log: Path | None) -> str:
    """Return a crash in one line, and where the log of it is."""
    details = "" if log is None else f" Details are in {log}."
    return f"Scurfy stopped: {type(error).__name__}.{details} What you played is stored; 'scurfy resume' goes on."


def run(
    folder: Path,
    case: str | None = None,
    seed: int | None = None,
    mode: str = Mode.PRACTICE,
    attempt: str | None = None,
    homes: tuple[Path, ...] = (),
) -> None:
    """Play on the terminal: resume `attempt`, or start `case` (an id or a path), or open the library.

    What is played is kept in the data folder; `homes` are folders of the user's own cases, which the library lists
    too. Raises SystemExit with status 1 and one line if the game broke down.
    """
    app = ScurfyApp(folder, case, seed, mode, attempt)
    app.homes = homes
    app.run()
    if app.failure is not None:
        raise SystemExit(app.failure)
