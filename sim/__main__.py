"""`python -m sim` is the command `scurfy`."""

from __future__ import annotations

import sys


def main() -> int:
    """Run the command and return its exit code. Without arguments it opens the game, the shortest way there is."""
    if len(sys.argv) > 1:
        from sim.cli import main as command

        return command()
    from sim.cli.launch import main as library

    return library()


if __name__ == "__main__":
    raise SystemExit(main())
