"""What every case shares: orders, observables and diagnoses."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from sim.case.model.conditions import Condition
from sim.case.model.parts import EvidenceId, Id, IdList, Line, MinuteRange, Minutes, Part, Sourced, Text


class Kind(StrEnum):
    """What an order is."""

    HISTORY = "history"
    EXAMINATION = "examination"
    INVESTIGATION = "investigation"
    THERAPY = "therapy"
    PROCEDURE = "procedure"
    CONSULT = "consult"
    DISPOSITION = "disposition"


class Reference(Part):
    """A healthy child's value and reference range from the previous band's end up to `until`."""

    until: Minutes | None = None
    """Age at which the band ends (exclusive); the last band has none."""
    normal: float
    low: float | None = None
    high: float | None = None


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


class DoseOption(Part):
    """One dose a learner may choose; for teaching only."""

    label: Line
    amount: float = Field(gt=0)
    """The number conditions and levels use, in the dose's own unit."""


class Need(Part):
    """What must hold before an order is accepted, and what the ward says when it does not."""

    when: Condition
    say: Line


class Order(Part):
    """Something a learner may ask for, shared by every case."""

    id: Id
    name: Line
    aliases: tuple[Line, ...] = ()
    kind: Annotated[Kind, Field(strict=False)]
    group: Line
    """The heading it is listed under: a body system, a laboratory, a drug class."""
    takes: Minutes
    """Bedside time: how far the clock moves while it is done."""
    turnaround: Minutes = 0
    """From sampling to the result."""
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
    onset: MinuteRange = (0, 0)
    """Therapies: from start to effect."""
    offset: Minutes = 0
    """Therapies: from stopping to the end of effect."""
    lasts: Minutes | None = None
    """Therapies that end by themselves (a bolus, a course): how long they run."""
    every: Minutes | None = Field(default=None, ge=1)
    """A standing order: the nurses carry it out again so often while it runs, and call when a value leaves its
    limits."""
    doses: tuple[DoseOption, ...] = ()
    """The first is the usual one."""
    teaching: Text | None = None
    """Why and when, in a sentence: shown as a hint in tutor mode and in the debrief."""
    evidence: tuple[EvidenceId, ...] = ()
    assumed: Text | None = None

    @property
    def starts_therapy(self) -> bool:
        """Whether placing it starts something that runs on: a therapy, a procedure with a lasting effect, or a standing
        order."""
        lasting = self.kind is Kind.PROCEDURE and self.lasts is not None
        return self.kind is Kind.THERAPY or lasting or self.every is not None


class Diagnosis(Part):
    """A disease a learner may name in the differential."""

    id: Id
    name: Line
    aliases: tuple[Line, ...] = ()


class Catalogue(Part):
    """Every order, observable and diagnosis, shared by all cases."""

    orders: dict[Id, Order]
    observables: dict[Id, Observable]
    diagnoses: dict[Id, Diagnosis]
