"""The bottom line: the few keys that matter here, clickable; the rest is under `?`."""

from __future__ import annotations

from textual import events
from textual.message import Message

from sim.tui.commands import Commands
from sim.tui.widgets.lines import Lines, Row


class KeyBar(Lines):
    """The footer keys of a screen's commands, in one line; `more` are shown too, where they matter."""

    class Pressed(Message):
        """A key was clicked. `action` is the action's name."""

        def __init__(self, action: str) -> None:
            super().__init__()
            self.action = action

    DEFAULT_CSS = "KeyBar { dock: bottom; height: 1; overflow: hidden; }"

    def __init__(self, commands: Commands, more: Commands = ()) -> None:
        super().__init__(focusable=False)
        self.shown = tuple(c for c in commands if c.footer or c in more)

    def show(self, commands: Commands) -> None:
        """Show these keys instead."""
        self.shown = commands
        self.redraw()

    def rows(self, width: int) -> list[Row]:  # noqa: ARG002 (one line, whatever its width)
        """Return the one line."""
        parts = [part for c in self.shown for part in ((f" {c.key_shown()}", "heading"), (f" {c.label} ", ""))]
        return [tuple(parts)]

    def on_click(self, event: events.Click) -> None:
        """Find the key that was clicked."""
        x = 0
        for command in self.shown:
            x += len(command.key_shown()) + len(command.label) + 3
            if event.x < x:
                self.post_message(self.Pressed(command.action()))
                return


class PageBar(Lines):
    """The names of the chart's pages with the key of each; the one shown is marked."""

    DEFAULT_CSS = "PageBar { height: 1; overflow: hidden; }"

    class Chosen(Message):
        """A page was clicked."""

        def __init__(self, page: int) -> None:
            super().__init__()
            self.page = page

    def __init__(self, pages: tuple[str, ...], *, id: str | None = None) -> None:
        super().__init__(id=id, focusable=False)
        self.pages = pages
        self.page = 0
        self.marked: frozenset[int] = frozenset()
        """Pages with something new."""

    def mark(self, page: int, marked: frozenset[int]) -> None:
        """Say which page is shown and which hold something new."""
        self.page, self.marked = page, marked
        self.redraw()

    def _labels(self) -> list[str]:
        """The pages, with as much room around their numbers as the width leaves."""
        spare = (self.size.width - sum(map(len, self.pages))) // max(1, len(self.pages))
        lead, gap = " " * (spare > 3), " " * (spare > 2)
        return [f"{lead}{i + 1}{gap}{name}{'*' if i in self.marked else ' '}" for i, name in enumerate(self.pages)]

    def rows(self, width: int) -> list[Row]:  # noqa: ARG002 (one line, whatever its width)
        """Return the one line."""
        roles = ("cursor" if i == self.page else "call" if i in self.marked else "muted" for i in range(9))
        return [tuple(zip(self._labels(), roles, strict=False))]

    def on_click(self, event: events.Click) -> None:
        """Find the page that was clicked."""
        x = 0
        for i, label in enumerate(self._labels()):
            x += len(label)
            if event.x < x:
                self.post_message(self.Chosen(i))
                return
