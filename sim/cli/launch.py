"""Opening the game at its library: what `scurfy` alone does, without the cost of the command line's parser."""

from __future__ import annotations

import os
import sys

from sim.cli.errors import explained
from sim.words.errors import UserError


def need_screen(instead: str) -> None:
    """Raise UserError where there is no terminal to draw on; `instead` is the command that plays in lines."""
    drawable = all(stream.isatty() for stream in (sys.stdin, sys.stdout, sys.stderr))  # it is drawn on the last
    if not drawable or os.environ.get("TERM") == "dumb":
        from sim.words.format import command

        hint = f"as lines of text: {command()} {instead}; the cases: {command()} cases"
        raise UserError("the game needs a terminal it can draw on", hint, misuse=True)


def open_library() -> None:
    """Open the game at the case library. Raises UserError where there is no terminal to draw on."""
    need_screen("play CASE --plain")
    from sim.attempts.store import data_folder
    from sim.cli.places import homes
    from sim.tui.app import run

    run(data_folder(), homes=homes())


def main() -> int:
    """Open the library and return the exit code, as `sim.cli.main` would."""
    with explained() as outcome:
        open_library()
    return outcome.code
