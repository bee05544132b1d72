"""`python -m sim.authoring.calibrate [--n N] [--out FILE]`: play the cohorts, write the table, say what is outside."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from sim.authoring.calibrate.cohorts import Cohorts
from sim.authoring.calibrate.table import document, measure, told
from sim.case.library import load

FULL = 2000
"""Boys in a cohort of the table that is kept."""


def main(arguments: list[str] | None = None) -> int:
    """Write the table and return the exit code: 1 if a row is outside its band without an explanation."""
    parser = argparse.ArgumentParser(prog="python -m sim.authoring.calibrate", description=main.__doc__)
    parser.add_argument("--n", type=int, default=FULL, help=f"boys in a cohort (default {FULL})")
    parser.add_argument("--out", type=Path, default=Path("docs/calibration.md"), help="where to write the table")
    chosen = parser.parse_args(arguments)
    scenario = load("ipex_classical")
    measured = measure(Cohorts(scenario, chosen.n))
    chosen.out.write_text(document(scenario, chosen.n, measured), encoding="utf-8", newline="\n")
    for each in measured:
        if not each.inside:
            sys.stdout.write(
                f"outside: {each.row.id}: {told(each)}, band {each.row.band.low:g} to {each.row.band.high:g}\n"
            )
    return int(any(not each.inside and not each.row.miss for each in measured))


if __name__ == "__main__":
    sys.exit(main())
