"""A calibration as it is written: who is played, what is measured of them, and what was published.

Everything comes from a closed vocabulary; nothing is evaluated as code. Moments, criteria, plans, arms and groups of
orders have names, so that each is written once. A name may be used only below the place that gives it.
"""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, StringConstraints, model_validator

from sim.case.model.case import Span
from sim.case.model.parts import EvidenceId, Id, IdList, Ids, Line, Minutes, Mix, Part, Share, Text
from sim.case.model.pools import Drawn

TransitionId = Annotated[str, StringConstraints(pattern=r"^[a-z0-9_]+\.[a-z0-9_]+$")]
"""`region.transition`."""

LongText = Annotated[str, StringConstraints(min_length=1, max_length=8000)]


def _one_of(part: Part, *names: str) -> None:
    """Raise ValueError unless exactly one of the keys is given."""
    if sum(getattr(part, name) is not None for name in names) != 1:
        keys = [type(part).model_fields[name].alias or name for name in names]
        raise ValueError(f"expected exactly one of {', '.join(repr(key) for key in keys)}")


def _as_moment(value: object) -> object:
    if not isinstance(value, str):
        return value
    return {"plus": value} if value[:1].isdigit() else {"moment": value}


def _as_criterion(value: object) -> object:
    return {"criterion": value} if isinstance(value, str) else value


def _as_deal(value: object) -> object:
    return {value: 1} if isinstance(value, str) else value


def _as_count(value: object) -> object:
    expected = "expected a count such as '13 of 30'"
    if not isinstance(value, str):
        return value if isinstance(value, tuple) else _refuse(f"{expected}, found {value!r}")
    found = re.fullmatch(r"(\d{1,7}) of (\d{1,7})", value, re.ASCII)
    if found is None or not 0 <= int(found[1]) <= int(found[2]) or int(found[2]) == 0:
        raise ValueError(f"{expected}, found {value!r}")
    return int(found[1]), int(found[2])


def _refuse(message: str) -> object:
    raise ValueError(message)


Count = Annotated[tuple[int, int], BeforeValidator(_as_count)]
"""`13 of 30`."""

MomentSpec = Annotated["Moment", BeforeValidator(_as_moment)]
"""A moment, the name of one, or a duration from the opening."""

CriterionSpec = Annotated["Criterion", BeforeValidator(_as_criterion)]
"""A criterion, or the name of one."""

Deal = Annotated[dict[Id, Annotated[int, Field(ge=1, le=10_000)]], BeforeValidator(_as_deal), Field(min_length=1)]
"""Plan to how many of each round of patients follow it; one plan's name alone gives it to everybody."""


# --- who is played ------------------------------------------------------------------------------------------------


class Choice(Part):
    """Steps of the pathway, chosen by the orders in their `do`."""

    starting: IdList = ()
    """Steps that start one of these orders."""
    stopping: IdList = ()
    """Steps that stop one of these therapies."""
    unless: IdList = ()
    """A step that starts one of these is not chosen by `starting`."""

    @model_validator(mode="after")
    def _chooses(self) -> Self:
        if not self.starting and not self.stopping:
            raise ValueError("expected 'starting' or 'stopping'")
        return self


class Delay(Part):
    """Steps that are done later than the first moment at which they are ready."""

    starting: Ids
    by: Minutes


class PlanSpec(Part):
    """How a patient is treated: by moves, if any, then along the pathway, steps left out or late, or not any more."""

    policy: Literal["pathway", "none"] = "pathway"
    moves: Line | tuple[Any, ...] = ()
    """Made first: as in a moves file, or the path of one. Of a calibration that was read, the moves themselves."""
    skip: Choice | None = None
    delay: Delay | None = None

    @model_validator(mode="after")
    def _has_a_pathway_to_change(self) -> Self:
        if self.policy == "none" and (self.skip is not None or self.delay is not None):
            raise ValueError("'skip' and 'delay' change the pathway: expected them with 'policy: pathway'")
        return self


class ArmSpec(Part):
    """Some patients of the case: how they open, how they are treated, for how long they are followed."""

    plan: Deal
    """With several plans patients are dealt out in rounds by seed: the first so many of a round, then the next."""
    horizon: Minutes
    start: dict[Id, Mix] = Field(default={})
    """Regions whose initial mix differs from the case's."""
    amounts: dict[Id, Drawn] = Field(default={})
    """Pools that open with another amount than the case's."""
    size: Share = 1.0
    """Share of the size of the run that is played."""
    at_least: int = Field(default=1, ge=1, le=100_000)
    """Patients at least, however small the run is."""
    sampled: Minutes | None = None
    """True values are read every so many minutes, for `values`."""

    @model_validator(mode="after")
    def _takes_time(self) -> Self:
        if self.sampled == 0:
            raise ValueError("expected 'sampled' of at least a minute")
        return self


# --- what is measured ---------------------------------------------------------------------------------------------


class Moment(Part):
    """A minute of a patient's course; without `ordered`, `entered`, `died` or `moment` the opening."""

    ordered: Ids | None = None
    """The first time one of these orders was placed."""
    entered: dict[Id, Ids] | None = None
    """The first time any of these regions entered one of its states."""
    died: Literal[True] | None = None
    moment: Id | None = None
    """A named moment."""
    since: MomentSpec | None = None
    """With `ordered` or `entered`: the first time from this moment on; none before that moment has come."""
    plus: Minutes = 0
    """So long after that."""

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        if sum(x is not None for x in (self.ordered, self.entered, self.died, self.moment)) > 1:
            raise ValueError("expected only one of 'ordered', 'entered', 'died', 'moment'")
        if self.since is not None and self.ordered is None and self.entered is None:
            raise ValueError("expected 'since' with 'ordered' or 'entered'")
        return self


class Criterion(Part):
    """Something that holds of a patient's course or does not; exactly one of its keys, `at` and `within` apart."""

    comes: MomentSpec | None = None
    """The moment comes."""
    within: Minutes | None = None
    """With `comes`: at most so long after its `since`, or else after the opening."""
    lives: MomentSpec | None = None
    """The moment comes, and the patient is alive and followed at it."""
    in_: dict[Id, Ids] | None = Field(default=None, alias="in")
    """The patient is alive at the moment `at`, and every region named is in one of its states."""
    at: MomentSpec | None = None
    criterion: Id | None = None
    """A named criterion."""
    all_: tuple[CriterionSpec, ...] | None = Field(default=None, alias="all", min_length=1)
    any_: tuple[CriterionSpec, ...] | None = Field(default=None, alias="any", min_length=1)
    not_: CriterionSpec | None = Field(default=None, alias="not")

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        _one_of(self, "comes", "lives", "in_", "criterion", "all_", "any_", "not_")
        if self.within is not None and self.comes is None:
            raise ValueError("expected 'within' with 'comes'")
        if (self.at is None) != (self.in_ is None):
            raise ValueError("expected 'in' and 'at' together")
        return self


class Asked(Part):
    """Whom a measure asks."""

    of: Ids
    """Arms or cohorts."""
    among: tuple[CriterionSpec, ...] = ()
    """Only patients who meet all of these."""


class SurvivalAt(Asked):
    """Kaplan-Meier estimate of being alive (or dead) so long after a moment, among those who came to it."""

    since: MomentSpec = Moment()
    after: Minutes


class ShareOf(Asked):
    """Share of the patients who meet a criterion."""

    holds: CriterionSpec


class MedianTime(Asked):
    """Median time from one moment to another, of those who come to both and not to both at once."""

    since: MomentSpec = Moment()
    to: MomentSpec
    unit: Literal["d", "wk", "mo", "y"]
    plus: Minutes = 0
    """Added to each time: the age at the opening, where an age is asked for."""


class Flagged(Asked):
    """Share of the first values of an observable that carry a flag, counted in the patients' logs."""

    observable: Id
    flag: Literal["H", "L"]


class Incidence(Asked):
    """Transitions fired per 1,000 days on a therapy, counted in the patients' logs."""

    transitions: tuple[TransitionId, ...] = Field(min_length=1)
    on: Id
    """The therapy whose days are counted."""


class Bound(Part):
    """Where a value is beyond a bound; with both keys, between the two. A value at the bound is beyond it."""

    above: float | None = None
    below: float | None = None

    @model_validator(mode="after")
    def _bounds(self) -> Self:
        if self.above is None and self.below is None:
            raise ValueError("expected 'above' or 'below'")
        return self

    def holds(self, value: float) -> bool:
        """Return whether a value is beyond the bound."""
        return (self.above is None or value >= self.above) and (self.below is None or value <= self.below)


class Fall(Part):
    """How fast a value falls until it is at `to`, per hour; where it never is, as long as the patient is followed."""

    observable: Id
    to: float


class Values(Asked):
    """One figure of each patient's true values on a grid of minutes, and what is said of all; exactly one kind.

    The grid is that of the arms (`sampled`). Whoever does not come to `since`, or starts at or below the end of a
    fall, is not asked.
    """

    since: MomentSpec = Moment()
    within: Minutes
    """Followed so long after `since`, or until death."""
    fall: Fall | None = None
    beyond: dict[Id, Bound] | None = Field(default=None, min_length=1)
    """Hours until these observables are beyond their bounds together."""
    lowest: Id | None = None
    highest: Id | None = None
    when_lowest: Id | None = None
    """Hours until the observable is lowest."""
    change: Id | None = None
    """The last value less the first."""
    say: Literal["median", "mean", "sd"] = "median"
    share: Bound | None = None
    """Say the share of patients whose figure is beyond this instead."""

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        _one_of(self, "fall", "beyond", "lowest", "highest", "when_lowest", "change")
        if self.share is not None and "say" in self.model_fields_set:
            raise ValueError("expected only one of 'say', 'share'")
        return self

    @property
    def observables(self) -> tuple[str, ...]:
        """The observables that are read."""
        if self.beyond is not None:
            return tuple(self.beyond)
        if self.fall is not None:
            return (self.fall.observable,)
        return tuple(name for name in (self.lowest, self.highest, self.when_lowest, self.change) if name is not None)

    @property
    def unit(self) -> str:
        """The unit of the figure: `%`, `h`, or the observable whose unit it is in, where it falls with `/h`."""
        if self.share is not None:
            return "%"
        if self.beyond is not None or self.when_lowest is not None:
            return "h"
        return f"{self.observables[0]}/h" if self.fall is not None else self.observables[0]


class Measure(Part):
    """One figure; exactly one of its keys."""

    survival: SurvivalAt | None = None
    deaths: SurvivalAt | None = None
    """One less `survival`."""
    share: ShareOf | None = None
    median: MedianTime | None = None
    flagged: Flagged | None = None
    incidence: Incidence | None = None
    values: Values | None = None
    difference: tuple[Measure, Measure] | None = None
    """The first less the second, which must be in the same unit."""

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        _one_of(self, "survival", "deaths", "share", "median", "flagged", "incidence", "values", "difference")
        if self.difference is not None and self.difference[0].unit != self.difference[1].unit:
            raise ValueError("expected two measures of the same unit in 'difference'")
        return self

    @property
    def unit(self) -> str:
        """The unit of the figure: `%`, `h`, `d`, `wk`, `mo`, `y`, `per 1,000 d`, or that of an observable."""
        if self.difference is not None:
            return self.difference[0].unit
        if self.incidence is not None:
            return "per 1,000 d"
        if self.values is not None:
            return self.values.unit
        return "%" if self.median is None else self.median.unit


# --- what was published -------------------------------------------------------------------------------------------


class AcceptanceBand(Part):
    """What a simulated figure may be, in the row's unit; exactly one of its keys."""

    printed: Span | None = None
    """An interval as it was printed."""
    counts: tuple[Count, ...] | None = Field(default=None, min_length=1)
    """Published counts: the band spans their exact 95% intervals."""
    assumed: Span | None = None
    """A band that nobody published."""

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        _one_of(self, "printed", "counts", "assumed")
        return self


class Row(Part):
    """One row of the table."""

    id: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,47}$")]
    what: Line
    evidence: tuple[EvidenceId, ...] = Field(min_length=1)
    published: Line
    """What the sources say, in their words."""
    band: AcceptanceBand
    who: Line
    """Whom the figure is of, as the table says it."""
    measure: Measure
    note: Text | None = None
    """What the row rests on."""
    miss: Text | None = None
    """Why a figure outside the band is accepted, for a clinician."""

    @model_validator(mode="after")
    def _counts_are_shares(self) -> Self:
        if self.band.counts is not None and self.measure.unit != "%":
            raise ValueError("'counts' are of patients: expected 'printed' or 'assumed' for what is no share")
        return self


class Section(Part):
    """Rows that belong together."""

    title: Line
    rows: tuple[Row, ...] = Field(min_length=1)


class Calibration(Part):
    """What a case's model is set against: a file in `scenarios/calibration/`."""

    id: Id
    case: Id
    about: LongText
    """What the fit is and is not, as Markdown."""
    patients: LongText
    """Who the patients of each arm are, as Markdown."""
    orders: dict[Id, Ids] = Field(default={})
    """Groups of orders; a group may contain groups above it."""
    plans: dict[Id, PlanSpec] = Field(min_length=1)
    arms: dict[Id, ArmSpec] = Field(min_length=1)
    cohorts: dict[Id, Ids] = Field(default={})
    """Arms that are asked together."""
    moments: dict[Id, Moment] = Field(default={})
    criteria: dict[Id, Criterion] = Field(default={})
    sections: tuple[Section, ...] = Field(min_length=1)
    limits: LongText
    """What the model cannot speak to, as Markdown."""

    @property
    def rows(self) -> tuple[Row, ...]:
        """Every row, in the order of the table."""
        return tuple(row for section in self.sections for row in section.rows)


for _model in (Moment, Criterion, SurvivalAt, ShareOf, MedianTime, Asked, Flagged, Incidence, Values, Measure, Row,
               Section):  # fmt: skip
    _model.model_rebuild()
Calibration.model_rebuild()
