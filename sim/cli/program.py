"""The whole command line: every command, added by the room of who asks for it.

The rooms are those who play a case, who teach or write one, and who look after this computer.
"""

from typing import Final

from sim.cli import (
    attempts,
    calibrate,
    cases,
    cover,
    coverage,
    diff,
    knowing,
    machine,
    new,
    schema,
    serve,
    trace,
    trials,
    watch,
)
from sim.cli.command import app, main

__all__ = ["ROOMS", "app", "main"]

ROOMS: Final = (
    attempts, calibrate, cases, cover, coverage, diff, knowing, machine, new, schema, serve, trace, trials,
    watch,
)  # fmt: skip
"""The modules whose import adds the commands."""
