"""`python -m sim` is the command `scurfy`."""

from __future__ import annotations

import importlib.util
import os
import sys

NEEDED = ("fsrs", "networkx", "platformdirs", "pydantic", "rapidfuzz", "textual", "typer", "yaml")


def main() -> int:
    """Run the command and return its exit code. Without arguments it opens the game, the shortest way there is."""
    lacking = [name for name in NEEDED if importlib.util.find_spec(name) is None]
    if lacking:
        return _say_lacking(lacking)
    if len(sys.argv) > 1:
        from sim.cli import main as command

        return command()
    from sim.cli.launch import main as library

    return library()


def _say_lacking(names: list[str]) -> int:
    from sim.cli.errors import LACKING

    if "SCURFY_STARTED_BY" in os.environ:
        sys.stderr.write(f"{', '.join(names)} cannot be found; installing anew.\n")
    else:
        sys.stderr.write(f"error: {', '.join(names)} cannot be found\n  help: install Scurfy anew with pip\n")
    return LACKING


if __name__ == "__main__":
    raise SystemExit(main())
