"""Patterns over the log, the mistakes they name, and what orders outside the pathway are worth."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from sim.case.model.conditions import Condition, Shows
from sim.case.model.parts import Bundles, Id, Ids, Line, Minutes, Part, Sourced, Text


class Pattern(Part):
    """A pattern over the log; exactly one key."""

    absent: Absent | None = None
    before: Before | None = None
    without: Without | None = None
    longer: Longer | None = None
    during: During | None = None
    repeated: Repeated | None = None
    total: Total | None = None
    ignored: Ignored | None = None
    first_true: Condition | None = None
    """The condition (known facts, or true state) came to hold at some moment."""
    all_: tuple[Pattern, ...] | None = Field(default=None, alias="all")
    any_: tuple[Pattern, ...] | None = Field(default=None, alias="any")
    not_: Pattern | None = Field(default=None, alias="not")

    @model_validator(mode="after")
    def _one_pattern(self) -> Self:
        if len(self.model_fields_set) != 1:
            raise ValueError("expected exactly one pattern")
        return self


class Absent(Part):
    """None of `order` placed within `by` of the moment `since` first holds (or of the opening).

    Not met when the case ends before that time is over."""

    order: Ids
    by: Minutes
    since: Condition | None = None


class Before(Part):
    """Any of `order` placed while none of `first` has been placed (resulted, if `known`)."""

    order: Ids
    first: Ids
    or_all: Bundles = ()
    """Bundles that are as good as one of `first` once every order of one of them has been placed (or resulted)."""
    known: bool = False
    when: Condition | None = None
    """Only counts while this holds."""


class Without(Part):
    """Any of `order` placed and none of `then` placed from `ahead` before to `within` after it."""

    order: Ids
    then: Ids
    within: Minutes
    ahead: Minutes | None = None
    """How long before the order still counts; without it, any time before."""
    when: Condition | None = None


class Longer(Part):
    """Any of `therapy` running without a break for longer than `than`, while `when` holds at the end of it."""

    therapy: Ids
    than: Minutes
    when: Condition | None = None


class During(Part):
    """Any of `order` placed (or, with `stop`, stopped) while `when` holds."""

    order: Ids
    when: Condition
    stop: bool = False


class Repeated(Part):
    """Orders of `order` placed more than `more_than` times within any stretch of `within`."""

    order: Ids
    more_than: int = Field(ge=1, le=1000)
    within: Minutes | None = None


class Total(Part):
    """Doses of `order`, all of one unit, that add up to more than `above` within any stretch of `within`."""

    order: Ids
    above: float = Field(gt=0)
    within: Minutes
    when: Condition | None = None
    """Only counts where this holds when the dose that is too much is placed."""


class Ignored(Part):
    """A result that shows something, and none of `unless` ordered, given in another dose or stopped within `within`.

    A later result that no longer shows it is an answer as well.
    """

    shows: Shows
    unless: Ids
    within: Minutes
    when: Condition | None = None
    """Only counts where this holds when that time is over."""


class Pitfall(Sourced):
    """A named mistake, with the transitions it sets off or speeds up in the disease.

    A minor one may name none: what it costs is knowledge, and the debrief says that no transition follows from it.
    """

    id: Id
    title: Line
    severity: Literal["critical", "major", "minor"]
    pattern: Pattern
    because: Text
    consequence: tuple[Annotated[str, StringConstraints(pattern=r"^[a-z0-9_]+\.[a-z0-9_]+$")], ...] = ()
    """`region.transition` ids through which the patient pays."""

    @model_validator(mode="after")
    def _costs_or_is_minor(self) -> Self:
        if not self.consequence and self.severity != "minor":
            raise ValueError(f"a {self.severity} pitfall costs the patient something: expected 'consequence', or minor")
        return self


class OrderValue(Sourced):
    """What an order outside the pathway is worth in the state it was given in."""

    order: Ids
    value: Literal["useful", "neutral", "wasteful", "harmful"]
    when: Condition | None = None
    critical: bool = False
    """A harm that alone makes the attempt unsafe (the gate); only with `harmful`."""
    because: Text

    @model_validator(mode="after")
    def _critical_is_harm(self) -> Self:
        if self.critical and self.value != "harmful":
            raise ValueError("'critical' marks a harm: expected it with 'value: harmful'")
        return self


Pattern.model_rebuild()
