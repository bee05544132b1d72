"""Named formulas for values that follow from others. The list is closed; a case names one and writes none.

Each takes the true or the reported values of its observables, in the order of `sim.case.model.pools.NEEDS`, and
returns a value in the unit of the observable that names it. Sources are named at each formula.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Final

PK: Final = 6.1
"""Of carbonic acid in plasma at 37 degrees."""
MMHG: Final = 7.50062
"""In a kPa."""
SOLUBILITY: Final = 0.0307
"""Of carbon dioxide in plasma, mmol/L for each mmHg."""


def henderson_hasselbalch(bicarbonate: float, pco2: float) -> float:
    """Return the pH from bicarbonate (mmol/L) and pCO2 (mmHg): 6.1 + log10(HCO3 / (0.0307 pCO2)).

    Henderson and Hasselbalch; constants as in clinical chemistry (pK 6.1, 0.0307 mmol/L per mmHg).
    """
    return PK + math.log10(max(bicarbonate, 0.1) / (SOLUBILITY * max(pco2, 1.0)))


def henderson_hasselbalch_kpa(bicarbonate: float, pco2: float) -> float:
    """Return the pH from bicarbonate (mmol/L) and pCO2 (kPa), as `henderson_hasselbalch` does from mmHg."""
    return PK + math.log10(max(bicarbonate, 0.1) / (SOLUBILITY * max(pco2 * MMHG, 1.0)))


def base_excess(bicarbonate: float, ph: float) -> float:
    """Return the standard base excess (mmol/L): 0.93 (HCO3 - 24.4 + 14.83 (pH - 7.4)).

    Siggaard-Andersen's equation in the form of the CLSI guideline C46, at a haemoglobin of 5 g/dL in the
    extracellular fluid.
    """
    return 0.93 * (bicarbonate - 24.4 + 14.83 * (ph - 7.4))


def osmolality(sodium: float, glucose: float, urea: float) -> float:
    """Return the calculated osmolality (mmol/kg): 2 Na + glucose + urea, all in mmol/L."""
    return 2 * sodium + glucose + urea


def anion_gap(sodium: float, chloride: float, bicarbonate: float) -> float:
    """Return the anion gap (mmol/L) without potassium: Na - Cl - HCO3."""
    return sodium - chloride - bicarbonate


def corrected_sodium(sodium: float, glucose: float) -> float:
    """Return the sodium (mmol/L) corrected for glucose (mmol/L): Na + 2 (glucose - 5.6) / 5.6.

    The form that the ISPAD guidance on ketoacidosis gives (2 mmol/L for each 5.6 mmol/L of glucose).
    """
    return sodium + 2 * (glucose - 5.6) / 5.6


def effective_osmolality(sodium: float, glucose: float) -> float:
    """Return the effective osmolality (mmol/kg): 2 Na + glucose, both in mmol/L.

    Urea crosses membranes and is left out.
    """
    return 2 * sodium + glucose


def anion_gap_corrected(sodium: float, chloride: float, bicarbonate: float, albumin: float) -> float:
    """Return the anion gap (mmol/L) corrected for albumin (g/L): Na - Cl - HCO3 + 0.25 (40 - albumin).

    Figge 1998 (Crit Care Med 26:1807) gives the slope, 0.25 mmol/L for each g/L; 40 g/L as normal is the usual choice.
    """
    return sodium - chloride - bicarbonate + 0.25 * (40 - albumin)


def winters_pco2_mmhg(bicarbonate: float) -> float:
    """Return the pCO2 (mmHg) that is expected in a metabolic acidosis of this bicarbonate (mmol/L): 1.5 HCO3 + 8.

    Winters' formula (Albert, Dell and Winters 1967, Ann Intern Med 66:312), within 2 mmHg.
    """
    return 1.5 * bicarbonate + 8


def winters_pco2_kpa(bicarbonate: float) -> float:
    """Return the pCO2 (kPa) that `winters_pco2_mmhg` gives in mmHg."""
    return (1.5 * bicarbonate + 8) / MMHG


def mean_pressure(systolic: float, diastolic: float) -> float:
    """Return the mean arterial pressure (mmHg): diastolic + (systolic - diastolic) / 3."""
    return diastolic + (systolic - diastolic) / 3


def total(*parts: float) -> float:
    """Return the sum of counts of cells in one unit."""
    found = 0.0
    for part in parts:
        found += part
    return found


def share(part: float, whole: float) -> float:
    """Return a part as a percentage of its whole; 0 of nothing."""
    return 100 * part / whole if whole > 0 else 0.0


def body_mass_index(weight: float, length: float) -> float:
    """Return the body mass index (kg/m2) from weight (kg) and length (cm)."""
    return weight / (max(length, 1.0) / 100) ** 2


def at_sd(l: float, m: float, s: float, z: float) -> float:  # noqa: E741 - the WHO's letters
    """Return the measure at so many standard deviations: M (1 + L S z)^(1/L), and M exp(S z) where L is 0."""
    return m * math.exp(s * z) if abs(l) < 1e-6 else m * math.pow(max(1 + l * s * z, 1e-9), 1 / l)


def z_by(at_sd: Callable[[float, float, float, float], float]) -> Callable[..., float]:
    """Return the function that computes z-scores with a given `at_sd`: plain Python, or compiled."""

    def lms_z(value: float, l: float, m: float, s: float) -> float:  # noqa: E741
        """Return the z-score of a measure: ((value / M)^L - 1) / (L S), and log(value / M) / S where L is 0.

        Beyond 3 the distance is counted in steps as wide as the one from 2 to 3 on that side, as the WHO does for
        weights (WHO Child Growth Standards, methods and development, chapter 7); where L is 1 that is the same.
        """
        top, bottom = at_sd(l, m, s, 3.0), at_sd(l, m, s, -3.0)
        if value > top:
            return 3.0 + (value - top) / (top - at_sd(l, m, s, 2.0))
        if value < bottom:
            return -3.0 + (value - bottom) / (at_sd(l, m, s, -2.0) - bottom)
        return math.log(value / m) / s if abs(l) < 1e-6 else (math.pow(value / m, l) - 1) / (l * s)

    return lms_z


lms_z = z_by(at_sd)


def weight_from_water(dry_weight: float, water: float) -> float:
    """Return the weight (kg) from the dry weight (kg) and the water beside it (mL per kg of dry weight, 0 = normal).

    1 mL of water weighs 1 g.
    """
    return dry_weight * (1 + water / 1000)


FORMULAS: Final[Mapping[str, Callable[..., float]]] = {
    "henderson_hasselbalch": henderson_hasselbalch,
    "henderson_hasselbalch_kpa": henderson_hasselbalch_kpa,
    "base_excess": base_excess,
    "osmolality": osmolality,
    "anion_gap": anion_gap,
    "corrected_sodium": corrected_sodium,
    "mean_pressure": mean_pressure,
    "total": total,
    "share": share,
    "body_mass_index": body_mass_index,
    "effective_osmolality": effective_osmolality,
    "anion_gap_corrected": anion_gap_corrected,
    "winters_pco2_mmhg": winters_pco2_mmhg,
    "winters_pco2_kpa": winters_pco2_kpa,
}
"""Every formula of observables alone, by its name. A case names no `henderson_hasselbalch_kpa`: the unit decides.
`weight_from_water` takes pools instead, z-scores the patient's sex and age (`sim.engine.growth`)."""


def in_units(formula: str, of: Sequence[str], units: Mapping[str, str]) -> str:
    """Return the name of a formula for the units (observable to unit) that its observables are reported in."""
    return f"{formula}_kpa" if formula == "henderson_hasselbalch" and units.get(of[1]) == "kPa" else formula
