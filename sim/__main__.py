"""`python -m sim` is the command `scurfy`."""

from __future__ import annotations

from sim.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
