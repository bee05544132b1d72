"""How a healthy child grows, and how far from it another is: medians and z-scores of the WHO.

The Child Growth Standards (2006, to five years) and the Growth Reference (2007: weight to ten, length and body mass
index to nineteen years). Beyond the end of a table its last row holds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, Literal

from sim.case.growth import STANDING, Lms, Table, lms
from sim.case.model.case import Span
from sim.engine.fate import Fate, stream_key
from sim.engine.formulas import body_mass_index, lms_z
from sim.engine.pool import read_points

DAY: Final = 1440

Measure = Literal["weight", "length", "bmi", "head"]
FOR_AGE: Final[Mapping[Measure, Table]] = {
    "weight": "weight_for_age", "length": "length_for_age", "bmi": "bmi_for_age", "head": "head_for_age",
}  # fmt: skip

Z_SCORES: Final[Mapping[str, tuple[Table, ...]]] = {
    "weight_for_age_z": ("weight_for_age",),
    "length_for_age_z": ("length_for_age",),
    "head_for_age_z": ("head_for_age",),
    "bmi_for_age_z": ("bmi_for_age",),
    "weight_for_length_z": ("weight_for_length", "weight_for_height"),
}
"""The formulas that know the patient's sex and age, and the tables that each reads."""


def median(measure: Measure, sex: str, age: int) -> float:
    """Return the median (kg, cm or kg/m2) of a measure at an age in minutes."""
    return read_points(lms(FOR_AGE[measure], sex).m, age / DAY)


def z_score(formula: str, of: Sequence[float], sex: str, age: int) -> float:
    """Return a z-score at an age in minutes, of the values that the formula takes (kg, cm)."""
    days, tables = age / DAY, Z_SCORES[formula]
    if formula == "weight_for_length_z":
        return _z(lms(tables[days >= STANDING], sex), of[1], of[0])
    return _z(lms(tables[0], sex), days, body_mass_index(of[0], of[1]) if formula == "bmi_for_age_z" else of[0])


def _z(curves: Lms, at: float, value: float) -> float:
    return lms_z(value, *(read_points(curve, at) for curve in curves))


def weight_within(span: Span, seed: int) -> float:
    """Return the weight (kg) of the patient of a seed in a range: as far up in it as in any other of their ranges."""
    return span.low + Fate(seed).uniform(stream_key("patient:weight")) * (span.high - span.low)
