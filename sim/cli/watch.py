"""For who writes a case: problems and patients again after each save."""

from __future__ import annotations

import sys
from time import sleep
from typing import TYPE_CHECKING, Annotated, Final

import typer

from sim.cli.command import app
from sim.cli.exam import need_no_exam
from sim.cli.options import CaseArgument, CasesOption
from sim.cli.output import say

if TYPE_CHECKING:
    from sim.authoring.watch import Look

PAUSE: Final = 0.5
"""Seconds between two looks at when files were saved."""


@app.command(epilog="Example: scurfy watch ./my_case")
def watch(
    case: CaseArgument,
    n: Annotated[int, typer.Option("--n", min=1, max=100_000, help="How many patients are played after a save.")] = 100,
    cases: CasesOption = None,
) -> None:
    """Look at a case again whenever it is saved: its problems, then its patients beside those of the last time."""
    from sim.authoring.watch import Watch
    from sim.case.library import path_of
    from sim.cli.places import homes, located
    from sim.words.errors import UserError

    path = path_of(case, homes=homes(cases))
    if not path.is_file():
        raise UserError(f"there is no file {path}", misuse=True)
    watched = Watch(path, n)
    try:
        while True:
            need_no_exam(located(str(path), cases))
            found = watched.look()
            if found is not None:
                _tell(found, n)
            sleep(PAUSE)
    except KeyboardInterrupt:
        say("")


def _tell(found: Look, n: int) -> None:
    """Say what a look at the case found."""
    from sim.authoring.compare import alone, lines
    from sim.case.problems import render

    say(f"--- saved: {', '.join(found.saved)} ---" if found.saved else "--- as it is now ---")
    for problem in found.problems:
        say(render(problem))
    if found.now is None:
        say("It cannot be played so.")
    elif found.same:
        say("Nothing that a patient or a verdict depends on was changed.")
    else:
        say(f"{n} patients" + (" before and now, of the same fates" if found.before is not None else ""))
        for line in alone(found.now) if found.before is None else lines(found.before, found.now):
            say(line)
    say("Waiting for a save; Ctrl+C ends it.")
    sys.stdout.flush()
