"""What every case shares: orders, observables and diagnoses."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Final, Literal

from pydantic import BeforeValidator, Field, StringConstraints

from sim.case.model.conditions import Condition
from sim.case.model.parts import EvidenceIds, Id, IdList, Line, MinuteRange, Minutes, Part, Sourced, Text, written
from sim.case.unit import amount_text, dose_typed, plain_number, range_of_doses, unit_of

WEIGHT: Final = "weight"
"""The one observable whose healthy value is the patient's own growth."""

GROWN: Final = 18 * 525960
"""The age in minutes from which somebody is an adult, and what `grown` says takes the place of what is said of a
child."""


class Kind(StrEnum):
    """What an order is."""

    HISTORY = "history"
    EXAMINATION = "examination"
    INVESTIGATION = "investigation"
    THERAPY = "therapy"
    PROCEDURE = "procedure"
    CONSULT = "consult"
    DISPOSITION = "disposition"


BEDSIDE: Final = 15
"""What is back sooner than after so many minutes is measured at the bedside; a laboratory takes longer."""


class Reference(Part):
    """A healthy child's value and reference range from the previous band's end up to `until`."""

    until: Minutes | None = None
    """Age at which the band ends (exclusive); the last band has none."""
    normal: float
    low: float | None = None
    high: float | None = None


class GrownObservable(Part):
    """What is otherwise in an adult; what is left out is as in a child."""

    name: Line | None = None
    bands: tuple[Reference, ...] | None = Field(default=None, min_length=1)
    """From 18 years to old age."""
    decimals: int | None = Field(default=None, ge=0, le=3)
    ceiling: float | None = None
    critical_low: float | None = None
    critical_high: float | None = None
    evidence: EvidenceIds = ()
    assumed: Text | None = None


class Observable(Sourced):
    """A vital sign, a laboratory value or a bedside measurement that has a number."""

    id: Id
    name: Line
    short: Annotated[str, StringConstraints(min_length=1, max_length=12)]
    """The label on a monitor or in a table."""
    unit: Annotated[str, StringConstraints(max_length=16)]
    kind: Literal["vital", "laboratory", "bedside"]
    decimals: int = Field(ge=0, le=3)
    bands: tuple[Reference, ...] = Field(min_length=1)
    settles: Minutes
    """Time constant towards the set-point: 63% of the way after this long."""
    noise: float = Field(ge=0, le=1)
    """Standard deviation of one measurement, as a share of the value."""
    floor: float = 0
    ceiling: float = 1e6
    """Physical limits of what can be reported."""
    critical_low: float | None = None
    critical_high: float | None = None
    whole_of: IdList = ()
    """Observables of the same unit that are counted within this one: it is never reported as smaller than their sum."""
    grown: GrownObservable | None = None
    """What is otherwise in an adult."""

    @property
    def in_adult(self) -> Observable:
        """The observable as it is for an adult."""
        return self if self.grown is None else self.model_copy(update=_said_by(self.grown))


class DoseOption(Part):
    """One dose a learner may choose; for teaching only."""

    label: Line
    amount: float = Field(gt=0)
    """The number conditions and levels use, in the order's unit."""

    @property
    def number_said(self) -> float | None:
        """The number that the label begins with, or None."""
        read = dose_typed(self.label)
        return None if read is None else read[0]

    @property
    def unit_said(self) -> str | None:
        """The unit of a label that is a number and a unit and no more, or None."""
        read = dose_typed(self.label)
        try:
            return None if read is None else str(unit_of(read[1]))
        except ValueError:
            return None


def _as_option(value: object) -> object:
    """Read the short form of a dose, `0.05 U/kg/h`: its label and its amount in one."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        raise ValueError(f"expected a dose with its unit such as '0.05 U/kg/h', found the bare number {value}")
    if not isinstance(value, str):
        return value
    read = dose_typed(value)
    if read is None or not read[1]:
        raise ValueError(f"expected a dose with its unit such as '0.05 U/kg/h', found {value!r}")
    unit_of(read[1])
    return {"label": value, "amount": read[0]}


def _as_unit(value: object) -> object:
    unit_of(value)
    return value


def _as_range(value: object) -> object:
    return value if isinstance(value, tuple) else range_of_doses(value)


class Need(Part):
    """What must hold before an order is accepted, and what the ward says when it does not."""

    when: Condition
    say: Line


class Report(Part):
    """What an order says before its final report, of the same sample: a Gram stain before the culture is complete."""

    id: Id
    after: Annotated[Minutes, Field(ge=1)]
    """From sampling; the final report comes after the order's turnaround."""
    measures: IdList = ()
    """Those of the order's observables that are known by then."""
    normal: Text
    """What it says when no case has more to say."""


Way = Literal["iv", "central"]
"""What an order is given into: any vein (or the bone), or a great one."""


class GrownOrder(Part):
    """What is otherwise for an adult; what is left out is as for a child."""

    name: Line | None = None
    doses: tuple[Annotated[DoseOption, BeforeValidator(_as_option)], ...] | None = Field(default=None, min_length=1)
    range: Annotated[tuple[float, float], written(_as_range)] | None = None
    lasts: Minutes | None = None
    normal: Text | None = None
    teaching: Text | None = None
    evidence: EvidenceIds = ()
    assumed: Text | None = None


class Order(Part):
    """Something a learner may ask for, shared by every case."""

    id: Id
    name: Line
    aliases: tuple[Line, ...] = ()
    kind: Annotated[Kind, Field(strict=False)]
    group: Line
    """The heading it is listed under: a body system, a laboratory, a drug class."""
    takes: Minutes = 0
    """The doctor's minutes: how far the clock moves while it is done."""
    nurse: Minutes = 0
    """A nurse's minutes, after the doctor's and beside what the doctor does then; it is carried out at their end."""
    glance: bool = False
    """Whether it is seen from the foot of the bed: the ward always says what it would, for no minute."""
    turnaround: Minutes = 0
    """From sampling to the result; with `reports`, to the final one."""
    reports: tuple[Report, ...] = ()
    """What comes back before the final report, earliest first."""
    cost: int = Field(default=1, ge=1, le=5)
    """Relative cost tier: 1 bedside or routine, 5 genome or transplant work-up."""
    blood: float = Field(default=0, ge=0, le=50)
    """Blood drawn, mL."""
    invasive: Literal["none", "minor", "moderate", "major"] = "none"
    needs: tuple[Need, ...] = ()
    measures: IdList = ()
    """Observables the result reports."""
    normal: Text | None = None
    """What the result says when no case has more to say."""
    normal_for: IdList = ()
    """Observables that `normal` calls normal: `scurfy prove` looks whether they are when it is said."""
    onset: MinuteRange = (0, 0)
    """Therapies: from start to effect."""
    offset: Minutes = 0
    """Therapies: from stopping to the end of effect."""
    lasts: Minutes | None = None
    """Therapies that end by themselves (a bolus, a course): how long they run."""
    every: Minutes | None = Field(default=None, ge=1)
    """A standing order: the nurses carry it out again so often while it runs, and call when a value leaves its
    limits."""
    via: Way | None = None
    """What it is given into: it needs an access that runs."""
    access: Way | None = None
    """What it provides while it runs: `central` serves both."""
    fails: MinuteRange | None = None
    """An access: how long until it fails, if its course is not over before."""
    doses: tuple[Annotated[DoseOption, BeforeValidator(_as_option)], ...] = ()
    """The first is the usual one."""
    unit: Annotated[Line, BeforeValidator(_as_unit)] | None = None
    """The unit of the doses' amounts; where the labels of all doses say it, it need not be said again."""
    range: Annotated[tuple[float, float], written(_as_range)] | None = None
    """The least and the most that may be given; without it, only the doses listed."""
    teaching: Text | None = None
    """Why and when, in a sentence: shown as a hint in tutor mode and in the debrief."""
    evidence: EvidenceIds = ()
    assumed: Text | None = None
    grown: GrownOrder | None = None
    """What is otherwise for an adult."""

    @property
    def for_adult(self) -> Order:
        """The order as it is for an adult."""
        return self if self.grown is None else self.model_copy(update=_said_by(self.grown))

    @property
    def starts_therapy(self) -> bool:
        """Whether placing it starts something that runs on: a therapy, a procedure with a lasting effect, or a standing
        order."""
        lasting = self.kind is Kind.PROCEDURE and self.lasts is not None
        return self.kind is Kind.THERAPY or lasting or self.every is not None

    @property
    def by_laboratory(self) -> bool:
        """Whether a laboratory measures it, which telephones critical values."""
        return self.turnaround >= BEDSIDE

    @property
    def has_result(self) -> bool:
        """Whether a value or a report comes of it, to be awaited."""
        return bool(self.measures) or self.turnaround > 0

    def serves(self, way: Way | None) -> bool:
        """Whether it provides an access for what is given so."""
        return way is not None and self.access in (way, "central")

    @property
    def dose_unit(self) -> str | None:
        """The unit of the doses' amounts, said or read from their labels; None where there is none."""
        if self.unit is not None or not self.doses:
            return self.unit
        said = {option.unit_said for option in self.doses}
        return said.pop() if len(said) == 1 and all(o.amount == o.number_said for o in self.doses) else None

    @property
    def permitted(self) -> str:
        """The doses that may be given, in words: those listed, and the range."""
        listed = ", ".join(option.label for option in self.doses) or "none"
        bounds = self.bounds
        return f"{listed}, or any {bounds}" if bounds else listed

    @property
    def bounds(self) -> str:
        """The range in words, `from 0.01 to 1 U/kg/h`; empty where only the doses listed may be given."""
        unit = self.dose_unit
        if self.range is None or unit is None:
            return ""
        return f"from {plain_number(self.range[0])} to {amount_text(self.range[1], unit)}"

    @property
    def extremes(self) -> tuple[DoseOption, ...]:
        """The least and the most that may be given, where a range says so."""
        unit = self.dose_unit
        if self.range is None or unit is None:
            return ()
        return tuple(DoseOption(label=amount_text(amount, unit), amount=amount) for amount in self.range)

    def find_dose(self, dose: str | None) -> DoseOption | None:
        """Return the dose that a label, or a number with or without its unit, means (None: the usual one).

        Returns None for an order without doses. Raises ValueError, saying what may be given, for what may not.
        """
        if dose is None:
            return self.doses[0] if self.doses else None
        for option in self.doses:
            if option.label == dose:
                return option
        return self._typed(dose)

    def _typed(self, dose: str) -> DoseOption:
        read, unit = dose_typed(dose), self.dose_unit
        if read is None or unit is None:
            raise ValueError(f"{self.name} has no dose {dose!r}; it has: {self.permitted}")
        amount, said = read
        if said and not unit_of(unit).means(said):
            raise ValueError(f"{self.name} is given in {unit}, not in {said}")
        for option in self.doses:
            if option.amount == amount:
                return option
        if self.range is None:
            raise ValueError(f"{self.name} has no dose {dose!r}; it has: {self.permitted}")
        if not self.range[0] <= amount <= self.range[1]:
            raise ValueError(f"{self.name} can be given {self.bounds}, not at {amount_text(amount, unit)}")
        return DoseOption(label=amount_text(amount, unit), amount=amount)

    def dose_meant(self, dose: str | None) -> DoseOption | None:
        """Return the dose that a step or a log means by a text, or None where it means none of this order's."""
        try:
            return None if dose is None else self.find_dose(dose)
        except ValueError:
            return None

    def amount_of(self, dose: str | None) -> float:
        """Return the amount of a dose (None: the usual one), in the order's unit; 1 where the order has no doses."""
        for option in self.doses:
            if dose is None or option.label == dose:
                return option.amount
        meant = self.dose_meant(dose)
        return 1.0 if meant is None else meant.amount


class Diagnosis(Part):
    """A disease a learner may name in the differential."""

    id: Id
    name: Line
    aliases: tuple[Line, ...] = ()
    among: tuple[Line, ...] = ()
    """Words that are said of this and of other diseases: whoever types one is asked which is meant."""


class Catalogue(Part):
    """Every order, observable and diagnosis, shared by all cases."""

    orders: dict[Id, Order]
    observables: dict[Id, Observable]
    diagnoses: dict[Id, Diagnosis]
    orders_listed: tuple[str, ...] = ()
    """The orders as the lists have them: as people look for them, where the rest has them by id."""
    observables_listed: tuple[str, ...] = ()
    """The observables as the list has them: as a laboratory prints them."""

    @property
    def orders_for_reading(self) -> tuple[Order, ...]:
        """The orders as the lists have them; those that no list has last."""
        return tuple(self.orders[name] for name in dict.fromkeys((*self.orders_listed, *self.orders)))

    @property
    def observables_for_reading(self) -> tuple[Observable, ...]:
        """The observables as the list has them; those that it has not last."""
        return tuple(self.observables[name] for name in dict.fromkeys((*self.observables_listed, *self.observables)))

    def for_age(self, age: int) -> Catalogue:
        """Return the catalogue for a patient who opens at this age (minutes): an adult's, or as it is written."""
        if age < GROWN:
            return self
        orders = {name: order.for_adult for name, order in self.orders.items()}
        observables = {name: observable.in_adult for name, observable in self.observables.items()}
        return self.model_copy(update={"orders": orders, "observables": observables})

    @property
    def charted(self) -> frozenset[str]:
        """The observables that some standing order measures: those that limits can be set for."""
        return frozenset(name for o in self.orders.values() if o.every is not None for name in o.measures)


def _said_by(grown: GrownOrder | GrownObservable) -> dict[str, object]:
    """What takes the place of what is said of a child, by field. Reasons stand for what they stand beside."""
    said = {name: value for name in type(grown).model_fields if (value := getattr(grown, name)) not in (None, ())}
    return {**said, "grown": None}
