"""The command line: the one door to typer. Each command finds what it needs, does it in a line or two, and says it.

Imports of what works are inside the commands, so that `--help` and `--version` answer at once; and the commands are
imported by `main` alone, so that the game opens without them.
"""

from __future__ import annotations


def main(arguments: list[str] | None = None) -> int:
    """Run the command and return its exit code, as `sim.cli.command.main` does."""
    from sim.cli.program import main as run

    return run(arguments)
