"""For who writes a case: the first file of a new one."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sim.cli.command import app
from sim.cli.options import CasesOption
from sim.cli.output import say
from sim.words.errors import UserError


@app.command(epilog="Example: scurfy new sleepy_and_pale --like drying_out --protocol shock --protocol clerking")
def new(
    id: Annotated[str, typer.Argument(metavar="ID", help="Its id, and the name of its folder: no diagnosis in it.")],
    like: Annotated[str, typer.Option(metavar="CASE", help="The case whose disease and patient it begins from.")],
    protocol: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="A protocol that it uses; may be given again.")
    ] = None,
    into: Annotated[Path | None, typer.Option(metavar="FOLDER", help="Where its folder is made; else here.")] = None,
    cases: CasesOption = None,
) -> None:
    """Make the folder of a new case, which plays at once, from the disease and the patient of another."""
    from sim.authoring.new import as_used, make_folder
    from sim.case.checking.check import check
    from sim.case.composing.folders import is_id
    from sim.case.library import path_of
    from sim.case.problems import render
    from sim.cli.places import homes
    from sim.engine.graph import problems as graph_questions
    from sim.words.fold import fold
    from sim.words.format import command

    if not is_id(id):
        raise UserError(f"{id!r} is no id: expected small letters, digits and _, as in sleepy_and_pale", misuse=True)
    folder = (into or Path()) / id
    begins_from = path_of(like, homes=homes(cases))
    try:
        path = make_folder(folder, like=begins_from, protocols=tuple(dict.fromkeys(protocol or ())))
    except FileExistsError as error:
        raise UserError(f"{folder} is there already: choose another id, or another folder by --into") from error
    except OSError as error:
        raise UserError(f"{folder} could not be made: {error.strerror or error}") from error
    problems = check([path], graph=graph_questions)
    for problem in problems:
        say(render(problem))
    together = as_used(begins_from.read_text(encoding="utf-8")) if problems else {}
    for line in fold(f"Some protocols go together: {like} uses {', '.join(together)}.", 80) if together else ():
        say(line)
    say(f"{path} is there." if not problems else f"{path} is there; the lines above say what it still needs.")
    say(f"Play it:   {command()} play {path}")
    say(f"Check it:  {command()} check {path}")
    say(f"Prove it:  {command()} prove {path} --n 4")
