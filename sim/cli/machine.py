"""For who looks after this computer: is everything in order, and where are things kept."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sim.cli.command import app
from sim.cli.output import say
from sim.words.errors import UserError


@app.command(epilog="Example: scurfy doctor")
def doctor() -> None:
    """Look whether everything is in order on this computer."""
    from sim.cli.doctor import examine

    findings = tuple(examine())
    for finding in findings:
        say(f"{finding.sign:4} {finding.what}: {finding.found}")
    if any(finding.sign == "BAD" for finding in findings):
        raise typer.Exit(1)


@app.command(epilog="Example: scurfy backup ~/scurfy-2026-11")
def backup(folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="A new folder, or an empty one.")]) -> None:
    """Copy all that was played to another folder, whole, also while the game runs."""
    from sim.attempts.store import data_folder
    from sim.attempts.store.place import back_up

    back_up(data_folder(), folder)
    say(f"{folder} holds a whole copy; SCURFY_HOME={folder} opens it.")


@app.command(epilog="Example: scurfy aside 3f2a")
def aside(
    what: Annotated[str, typer.Argument(metavar="WHAT", help="The beginning of an attempt's id, or CASE/QUESTION.")],
    back: Annotated[bool, typer.Option("--back", help="Offer it again.")] = False,
) -> None:
    """Keep an attempt or a question that makes trouble from being offered; nothing is deleted."""
    from sim.attempts.store import data_folder, open_store

    with open_store(data_folder()) as store:
        case, _, question = what.partition("/")
        named = f"question {case} {question}" if question else f"attempt {store.attempt(what).id}"
        if not back:
            store.put_aside(named)
            say(f"{named} is put aside; --back offers it again.")
        elif store.take_back(named):
            say(f"{named} is offered again.")
        else:
            raise UserError(f"{named} was not put aside", "scurfy doctor lists what was", misuse=True)


@app.command(epilog="Example: scurfy paths")
def paths() -> None:
    """Print where attempts, cases and the log are kept."""
    from sim.cli.doctor import places

    for name, place in places():
        say(f"{name}: {place}")
