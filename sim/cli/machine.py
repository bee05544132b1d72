"""For who looks after this computer: is everything in order, and where are things kept."""

from __future__ import annotations

import typer

from sim.cli.command import app
from sim.cli.output import say


@app.command(epilog="Example: scurfy doctor")
def doctor() -> None:
    """Look whether everything is in order on this computer."""
    from sim.cli.doctor import examine

    findings = tuple(examine())
    for finding in findings:
        say(f"{finding.sign:4} {finding.what}: {finding.found}")
    if any(finding.sign == "BAD" for finding in findings):
        raise typer.Exit(1)


@app.command(epilog="Example: scurfy paths")
def paths() -> None:
    """Print where attempts, cases and the log are kept."""
    from sim.cli.doctor import places

    for name, place in places():
        say(f"{name}: {place}")
