"""The command line: the one door to typer. Each command finds what it needs, does it in a line or two, and says it.

Imports of what works are inside the commands, so that `--help` and `--version` answer at once. The rooms are those who
ask: who plays a case, who teaches or writes one, and who looks after this computer.
"""

from sim.cli import attempts, calibrate, cases, machine, trials  # noqa: F401  (they add their commands)
from sim.cli.command import app, main

__all__ = ["app", "main"]
