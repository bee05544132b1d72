"""The WHO growth tables: L, M and S by age in days or by length in cm, as `scenarios/growth` has them.

Each file names its source in its first lines. The tables serve every case, whichever folder it is in.
"""

from __future__ import annotations

import csv
from functools import cache
from typing import Final, Literal, NamedTuple

from sim.case.composing.folders import package_root

Table = Literal[
    "weight_for_age", "length_for_age", "bmi_for_age", "head_for_age", "weight_for_length", "weight_for_height",
]  # fmt: skip
Points = tuple[tuple[float, float], ...]
"""x to y, ascending: linear between two points, flat beyond the outermost."""
STANDING: Final = 731
"""From this age in days on a child is measured standing and weight is read by height."""


class Lms(NamedTuple):
    """The three curves of a table for one sex; x is an age in days or a length in cm."""

    l: Points  # noqa: E741 - the WHO's letters
    """The power of the Box-Cox transformation."""
    m: Points
    """The median."""
    s: Points
    """The coefficient of variation, as a share."""


@cache
def lms(table: Table, sex: str) -> Lms:
    """Return the curves of a table for "male" or "female"."""
    text = (package_root() / "growth" / f"{table}.csv").read_text(encoding="utf-8")
    rows = csv.reader(line for line in text.splitlines() if not line.startswith("#"))
    numbers = [tuple(float(cell) for cell in row[1:]) for row in rows if row[0] == sex]
    l, m, s = (tuple((row[0], row[place]) for row in numbers) for place in (1, 2, 3))  # noqa: E741
    return Lms(l, m, s)
