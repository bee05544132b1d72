"""For who writes a library: where a learner meets what it is to teach."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sim.cli.command import app
from sim.cli.output import need_places, save, write


@app.command(epilog="Example: scurfy coverage my_coverage.yaml --out coverage.md")
def coverage(
    coverage: Annotated[str, typer.Argument(metavar="COVERAGE", help="Its id, or the path of its file.")],
    out: Annotated[Path | None, typer.Option(metavar="FILE", help="Write the table there; else it is printed.")] = None,
) -> None:
    """Say where a learner meets each claim that a library carries; 1 where one is not where it is said to be."""
    from sim.authoring.coverage import document
    from sim.case.library import load_coverage

    need_places(out)
    text = document(load_coverage(coverage))
    if out is None:
        write(text)
    else:
        save(out, text)
