"""For who writes a case: one patient's true course, and what is wrong with it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sim.cli.command import app
from sim.cli.exam import need_no_exam
from sim.cli.options import MAX_SEED, CaseArgument, CasesOption, JsonOption
from sim.cli.output import say, write
from sim.cli.trials import played
from sim.words.errors import UserError


@app.command(epilog="Example: scurfy trace drying_out --seed 2 --until '6 h'")
def trace(
    case: CaseArgument,
    moves: Annotated[Path | None, typer.Option(metavar="FILE", help="A YAML file of moves, or a plan.")] = None,
    policy: Annotated[
        str | None,
        typer.Option(metavar="P", help="pathway (without either), none, everything, random or repeat:ORDER."),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, max=MAX_SEED, help="The patient's fate.")] = 1,
    until: Annotated[
        str | None, typer.Option(metavar="TIME", help="Stop there, such as '6 h'; else at the end.")
    ] = None,
    cases: CasesOption = None,
    json: JsonOption = False,
) -> None:
    """Tell one patient's true course, minute by minute of change. It gives everything away: for authors."""
    from sim.attempts.cases import CASES
    from sim.authoring.trace import lines, plain
    from sim.authoring.trace import trace as traced
    from sim.cli.places import located
    from sim.report.json import to_json
    from sim.words.fold import fold

    if moves is not None and policy is not None:
        raise UserError(
            "expected either --moves FILE or --policy P", "without both, the pathway is played", misuse=True
        )
    end = _minute(until)
    source = located(case, cases)
    need_no_exam(source)
    scenario = CASES.load(source)
    how = f"moves of {moves.name}" if moves is not None else f"policy {policy or 'pathway'}"
    session, _ = played(scenario, seed, moves, policy or "pathway", wanted=False)
    found = traced(session, end)
    if json:
        write(to_json({"case": scenario.case.id, "seed": seed, "played": how} | plain(found)))
        return
    for line in fold(f"{scenario.case.title} ({scenario.case.id}): {how}, seed {seed}", 80):
        say(line)
    say("SPOILERS: this tells what the patient has, and what becomes of it.")
    say("")
    for line in lines(found):
        say(line)


def _minute(until: str | None) -> int | None:
    """Return a time that was typed, in minutes. Raises UserError for what is none."""
    from sim.case.quantities import minutes_of

    try:
        return None if until is None else minutes_of(until)
    except ValueError as error:
        raise UserError(str(error), misuse=True) from error
