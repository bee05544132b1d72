"""The bottom line: the few keys that matter here, clickable; the rest is under `?`."""

from __future__ import annotations

from typing import Final

from textual import events
from textual.message import Message

from sim.tui.commands import Command, Commands
from sim.tui.widgets.lines import Lines, Part, Row


class KeyBar(Lines):
    """The keys of a screen's commands in one line: by group where there is room for all, else the few that matter.

    `more` are among the few, where they matter.
    """

    class Pressed(Message):
        """A key was clicked. `action` is the action's name."""

        def __init__(self, action: str) -> None:
            super().__init__()
            self.action = action

    DEFAULT_CSS = "KeyBar { dock: bottom; height: 1; overflow: hidden; }"

    def __init__(self, commands: Commands, more: Commands = (), left_out: Commands = ()) -> None:
        super().__init__(focusable=False)
        self.shown = tuple(c for c in commands if c.footer or c in more)
        grouped = sorted((c for c in commands if c.group and c not in left_out), key=lambda c: GROUPS.index(c.group))
        self._all = tuple(grouped) if set(self.shown) <= set(grouped) else self.shown

    def show(self, commands: Commands) -> None:
        """Show these keys instead."""
        self.shown = self._all = commands
        self.redraw()

    def _fitting(self, width: int) -> list[tuple[type[Command], str]]:
        """The commands that are shown, each with what stands before it."""
        for commands in (self._all, self.shown):
            cells, group = [], commands[0].group if commands else ""
            for command in commands:
                cells.append((command, " │" if command.group != group and commands is not self.shown else ""))
                group = command.group
            if sum(_cells(command, before) for command, before in cells) + len(PALETTE) <= width:
                return cells
        return [(command, "") for command in self._as_many(width)]

    def _as_many(self, width: int) -> list[type[Command]]:
        """The few that matter, and of the others as many as there is room for, in the order of the groups."""
        chosen = {*self.shown}
        for command in self._all:
            here = chosen | {command}
            if sum(_cells(one, "") for one in here) + len(PALETTE) <= width:
                chosen = here
        return [command for command in (self._all if chosen <= {*self._all} else self.shown) if command in chosen]

    def rows(self, width: int) -> list[Row]:
        """Return the one line, with the palette at its end where there is room."""
        parts: list[Part] = []
        fitting = self._fitting(width)
        for command, before in fitting:
            parts += [(before, "muted"), (f" {command.key_shown()}", "heading"), (f" {command.label} ", "")]
        if sum(len(text) for text, _ in parts) + len(PALETTE) <= width:
            parts += [(" ^P", "heading"), (PALETTE[3:], "")]
        return [tuple(parts)]

    def on_click(self, event: events.Click) -> None:
        """Find the key that was clicked."""
        x = 0
        for command, before in self._fitting(self.size.width):
            x += _cells(command, before)
            if event.x < x:
                self.post_message(self.Pressed(command.action()))
                return
        if event.x < x + len(PALETTE):
            self.app.action_command_palette()


GROUPS: Final = ("act", "time", "think", "end", "help")
"""The groups of keys, in the order in which they stand."""
PALETTE: Final = " ^P All "


def _cells(command: type[Command], before: str) -> int:
    return len(before) + len(command.key_shown()) + len(command.label) + 3


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
