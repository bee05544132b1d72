"""For who writes a case in an editor: what may be written where, as JSON Schema."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sim.cli.command import app
from sim.cli.exam import need_no_exam
from sim.cli.options import CasesOption
from sim.cli.output import need_places, save, say, write
from sim.words.errors import UserError


@app.command(epilog="Example: scurfy schema case --of ./my_case --out my_case/case.schema.json")
def schema(
    kind: Annotated[
        str | None, typer.Argument(metavar="KIND", help="case, disease, protocol, ...; without it, all kinds.")
    ] = None,
    of: Annotated[
        str | None,
        typer.Option("--of", metavar="CASE", help="Offer the states of this case's disease and what it brings."),
    ] = None,
    out: Annotated[Path | None, typer.Option(metavar="FILE", help="Write it there; else it is printed.")] = None,
    cases: CasesOption = None,
) -> None:
    """Write the JSON Schema of a kind of file, with which an editor completes, explains and marks mistakes."""
    from sim.authoring.schema.format import KINDS, schema_of, to_text
    from sim.authoring.schema.ids import known_around
    from sim.case.library import path_of
    from sim.case.problems import did_you_mean
    from sim.cli.places import homes, located

    if kind is None:
        say("Kinds of files: " + ", ".join(KINDS))
        return
    if kind not in KINDS:
        hint = did_you_mean(kind, KINDS) or f"there are: {', '.join(KINDS)}"
        raise UserError(f"there is no kind of file {kind!r}", hint, misuse=True)
    need_places(out)
    if of is not None:
        need_no_exam(located(of, cases))
    text = to_text(schema_of(kind, known_around(None if of is None else path_of(of, homes=homes(cases)))))
    if out is None:
        write(text)
    else:
        save(out, text)
        say(f"{out} is written. As the first line of the {kind}: # yaml-language-server: $schema={out.name}")
