"""The whole command line: every command, added by the room of who asks for it.

The rooms are those who play a case, who teach or write one, and who look after this computer.
"""

from sim.cli import attempts, calibrate, cases, cover, coverage, knowing, machine, new, schema, serve, trace, trials  # noqa: F401  (they add their commands)
from sim.cli.command import app, main

__all__ = ["app", "main"]
