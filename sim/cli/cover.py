"""For who writes a case: what play never sees of it."""

from __future__ import annotations

from typing import Annotated

import typer

from sim.cli.command import app
from sim.cli.exam import need_no_exam
from sim.cli.options import CaseArgument, CasesOption, JsonOption
from sim.cli.output import say, write


@app.command(epilog="Example: scurfy cover drying_out --n 100")
def cover(
    case: CaseArgument,
    n: Annotated[int, typer.Option("--n", min=1, max=100_000, help="How many lives of each kind are played.")] = 100,
    words: Annotated[bool, typer.Option("--words", help="Write out the ordinary answers that were given.")] = False,
    cases: CasesOption = None,
    json: JsonOption = False,
) -> None:
    """Say which states, transitions, texts and endings play at random never sees, and which answers nobody wrote."""
    from sim.attempts.cases import CASES
    from sim.authoring.cover import cover as covered
    from sim.authoring.cover import lines, pathway_lives, plain
    from sim.cli.places import located
    from sim.cli.progress import shown
    from sim.report.json import to_json

    source = located(case, cases)
    need_no_exam(source)
    scenario = CASES.load(source)
    with shown("lives", 2 * n + pathway_lives(n)) as advance:
        found = covered(scenario, n, advance)
    if json:
        write(to_json({"case": scenario.case.id} | plain(found)))
        return
    for line in lines(scenario, found, words=words):
        say(line)
