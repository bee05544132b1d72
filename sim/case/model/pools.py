"""Pools: amounts in the body with flows in and out, and observables that are read from them.

A pool obeys dx/dt = u - k x. Every flow adds to u (an amount for each unit of time) or to k (a share for each unit of
time); both change only when a state, a therapy in effect or its dose changes. `docs/processing-model.md` is the
contract.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from itertools import pairwise
from typing import Annotated, Final, Literal, Self

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from sim.case.model.conditions import Condition
from sim.case.model.effects import Effect, Growth
from sim.case.model.parts import EvidenceId, Id, Line, Minutes, Part, Sourced, Text, written
from sim.case.quantities import per_minute_of, plain_number, points_of, span_of, stretch_of


def _open_ends(value: object) -> object:
    """JSON has no infinity: an end that is open is null there."""
    match value:
        case [low, high]:
            return float("-inf") if low is None else low, float("inf") if high is None else high
    return value


PerMinute = Annotated[float, written(per_minute_of)]
"""`-0.15 /h`, kept as the change in a minute."""
Stretch = Annotated[tuple[float, float], written(stretch_of, _open_ends)]
Drawn = Annotated[tuple[float, float], written(span_of)]
"""`-4..-2`: drawn evenly by fate; one number is no draw."""
Points = Annotated[tuple[tuple[float, float], ...], written(partial(points_of, number=plain_number))]
"""x to y: linear between two points, flat beyond the outermost."""
RatesByDose = Annotated[tuple[tuple[float, float], ...], written(partial(points_of, number=per_minute_of))]
"""Dose to the change in a minute, read like `Points`."""


NEEDS: Final[Mapping[str, tuple[str, ...]]] = {
    "henderson_hasselbalch": ("bicarbonate", "pco2"),
    "base_excess": ("bicarbonate", "ph"),
    "osmolality": ("sodium", "glucose", "urea"),
    "anion_gap": ("sodium", "chloride", "bicarbonate"),
    "corrected_sodium": ("sodium", "glucose"),
    "mean_pressure": ("systolic", "diastolic"),
    "total": (),
    "share": (),
    "weight_from_water": (),
    "effective_osmolality": ("sodium", "glucose"),
    "anion_gap_corrected": ("sodium", "chloride", "bicarbonate", "albumin"),
    "winters_pco2_mmhg": ("bicarbonate",),
    "winters_pco2_kpa": ("bicarbonate",),
    "body_mass_index": ("weight", "length"),
    "weight_for_age_z": ("weight",),
    "length_for_age_z": ("length",),
    "head_for_age_z": ("head_circumference",),
    "bmi_for_age_z": ("weight", "length"),
    "weight_for_length_z": ("weight", "length"),
}
"""The observables a formula takes where a case names none; none: the case names them."""

GIVES: Final[Mapping[str, str]] = {"winters_pco2_mmhg": "mmHg", "winters_pco2_kpa": "kPa"}
"""The unit that a formula gives, where there is more than one in use."""

WEIGHED: Final = "weight_from_water"
"""The one formula that takes pools and no observables."""


class Flow(Part):
    """What moves a pool: a rate (an amount for each unit of time) or a loss (a share of what is there)."""

    rate: PerMinute | None = None
    """Added to u."""
    loss: PerMinute | None = None
    """Added to k: first-order loss; negative: growth."""
    therapy: Id | None = None
    """The flow acts while this therapy is in effect, and `per`, `by_dose` and `loss_by_dose` read its dose."""
    per: float | None = Field(default=None, gt=0)
    """The rate or the loss is for each so much of the dose."""
    by_dose: RatesByDose | None = None
    """In place of `rate`: the rate at each dose. A point at 0 acts while the therapy is not in effect, too."""
    loss_by_dose: RatesByDose | None = None
    """In place of `loss`: the loss at each dose."""
    when: Condition | None = None
    """On the true state."""
    evidence: tuple[EvidenceId, ...] = ()
    assumed: Text | None = None
    """Without either, those of the pool speak for the flow."""

    @model_validator(mode="after")
    def _one_amount(self) -> Self:
        given = [x for x in (self.rate, self.loss, self.by_dose, self.loss_by_dose) if x is not None]
        if len(given) != 1:
            raise ValueError("expected exactly one of 'rate', 'loss', 'by_dose', 'loss_by_dose'")
        if (self.per is not None or self.rates is not None) and self.therapy is None:
            raise ValueError("'per', 'by_dose' and 'loss_by_dose' read a dose: expected 'therapy'")
        if self.per is not None and self.rates is not None:
            raise ValueError("'per' makes a rate or a loss linear in the dose: expected no table beside it")
        if self.rates is not None and self.rates[0][0] < 0:
            raise ValueError("no dose is below 0")
        return self

    @property
    def rates(self) -> tuple[tuple[float, float], ...] | None:
        """The table by dose, if it has one."""
        return self.by_dose if self.by_dose is not None else self.loss_by_dose

    @property
    def is_loss(self) -> bool:
        """Whether it adds to k instead of u."""
        return self.loss is not None or self.loss_by_dose is not None


def _as_band(value: object) -> object:
    return {"range": value} if isinstance(value, str) else value


class Band(Part):
    """A stretch of a pool's scale: a state of the pool's region."""

    range: Stretch
    """Where it is entered: from the first number (included) to the second (not included)."""
    until_below: float | None = None
    """It is left downwards below this instead of below the range: hysteresis."""
    until_above: float | None = None
    """It is left upwards from this on instead of from the end of the range."""
    name: Line | None = None
    """For the debrief; without it the pool's name and the band's id."""
    observables: dict[Id, Effect] = Field(default={})
    growth: Growth | None = None
    outcome: bool = False
    call: Text | None = None
    """What is reported when the band is entered: it stops the clock."""
    reveals: Id | None = None

    @model_validator(mode="after")
    def _leaves_outside_its_range(self) -> Self:
        low, high = self.range
        if self.until_below is not None and not self.until_below <= low:
            raise ValueError(f"expected 'until_below' at or below the range's start, found {self.until_below:g}")
        if self.until_above is not None and not self.until_above >= high:
            raise ValueError(f"expected 'until_above' at or above the range's end, found {self.until_above:g}")
        if self.reveals is not None and self.call is None:
            raise ValueError("'reveals' names what a call makes known: expected it with 'call'")
        return self

    @property
    def leaves(self) -> tuple[float, float]:
        """Below the first it is left downwards, from the second on upwards."""
        low, high = self.range
        return (
            low if self.until_below is None else self.until_below,
            high if self.until_above is None else self.until_above,
        )


LONGEST_BAND: Final = 45
"""Characters of a band's id: with `to_` before it, it is the id of the transition into the band."""


def crossing_id(band: str) -> str:
    """Return the id of the transition into a band."""
    return f"to_{band}"


def _with_room(band: str) -> str:
    if len(band) > LONGEST_BAND:
        crossing = f"'{crossing_id('BAND')}' is the id of its crossing"
        raise ValueError(f"expected a band id of at most {LONGEST_BAND} characters, as {crossing}, found {len(band)}")
    return band


BandId = Annotated[Id, AfterValidator(_with_room)]


class Pool(Sourced):
    """An amount in the body. Its bands are the states of a region with the pool's id."""

    name: Line
    unit: Annotated[str, StringConstraints(max_length=24)]
    initial: Drawn
    flows: tuple[Flow, ...] = ()
    bands: dict[BandId, Annotated[Band, written(_as_band)]] = Field(min_length=1)

    @model_validator(mode="after")
    def _bands_cover_the_scale(self) -> Self:
        ranges = sorted(band.range for band in self.bands.values())
        if ranges[0][0] != float("-inf") or ranges[-1][1] != float("inf"):
            raise ValueError("expected bands from 'below ...' to 'above ...': they must cover the whole scale")
        for (_, end), (start, _) in pairwise(ranges):
            if end != start:
                raise ValueError(f"expected bands without gap or overlap, found {end:g} beside {start:g}")
        return self

    def shares(self) -> dict[str, float]:
        """Return the bands that patients may open in, with their shares."""
        low, high = self.initial
        if low == high:
            return {self.band_at(low): 1.0}
        within = {name: min(high, band.range[1]) - max(low, band.range[0]) for name, band in self.bands.items()}
        return {name: width / (high - low) for name, width in within.items() if width > 0}

    def band_at(self, amount: float) -> str:
        """Return the band that an amount lies in."""
        return next(name for name, band in self.bands.items() if band.range[0] <= amount < band.range[1])


class Reading(Part):
    """One part of a modelled observable: a pool, another observable or the lagging effect of a dose, through points; a
    number, or the healthy value."""

    pool: Id | None = None
    observable: Id | None = None
    dose: Id | None = None
    """A therapy: its dose while it is in effect, else 0."""
    lag: Minutes | None = None
    """With `dose`: the effect approaches its value exponentially with this time constant."""
    plus: float | None = None
    """A number that is added."""
    healthy: Literal[True] | None = None
    """The healthy value of the observable itself, for the age."""
    median: Literal["weight", "length", "bmi", "head"] | None = None
    """The WHO's median for the patient's sex and age (kg, cm, kg/m2, cm)."""
    points: Points | None = None

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        sources = (self.pool, self.observable, self.dose, self.plus, self.healthy, self.median)
        if sum(x is not None for x in sources) != 1:
            raise ValueError("expected exactly one of 'pool', 'observable', 'dose', 'plus', 'healthy', 'median'")
        if (self.dose is None) != (self.lag is None) or self.lag == 0:
            raise ValueError("a dose acts with a lag: expected 'dose' with a 'lag' of a minute or more")
        if (self.plus is not None or self.healthy) and self.points is not None:
            raise ValueError("'plus' and 'healthy' are numbers already: expected no points")
        if self.dose is not None and self.points is None:
            raise ValueError("expected 'points' from the dose to its effect")
        return self


class Modelled(Part):
    """How an observable follows from pools and other observables: it takes the place of the healthy value."""

    sum: tuple[Reading, ...] = ()
    through: Points | None = None
    """With `sum`: what the sum is read as, where it cannot go on in a line (the last of a buffer goes slowly)."""
    formula: Literal[
        "henderson_hasselbalch", "base_excess", "osmolality", "anion_gap", "corrected_sodium", "mean_pressure",
        "total", "share", "weight_from_water", "body_mass_index", "weight_for_age_z", "length_for_age_z",
        "head_for_age_z", "bmi_for_age_z", "weight_for_length_z", "effective_osmolality", "anion_gap_corrected",
        "winters_pco2_mmhg", "winters_pco2_kpa",
    ] | None = None  # fmt: skip
    """A named formula of `sim.engine.formulas` or `sim.engine.growth`."""
    of: tuple[Id, ...] = ()
    """The observables it takes, in its order; without them those it names by default."""
    pools: tuple[Id, ...] = ()
    """With `weight_from_water`: the pools of water, in mL per kg of dry weight with 0 as normal."""

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if bool(self.sum) == (self.formula is not None):
            raise ValueError("expected 'sum' or 'formula'")
        if self.through is not None and not self.sum:
            raise ValueError("'through' reads a sum: expected it with 'sum'")
        if self.of and self.formula is None:
            raise ValueError("'of' names what a formula takes: expected it with 'formula'")
        if bool(self.pools) != (self.formula == WEIGHED) or (self.of and self.formula == WEIGHED):
            raise ValueError(f"'{WEIGHED}' takes the dry weight and 'pools' of water, and it alone takes pools")
        return self
