"""Conditions as they are written: mappings from a closed vocabulary, never code.

This is the format; what asks a condition asks its term (`sim.case.model.terms`, which says how to add a kind).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, Self

from pydantic import Field, model_validator

from sim.case.model.parts import Id, Ids, Minutes, Part


class AgeBand(Part):
    """The patient's age, from (inclusive) and below (exclusive)."""

    since: Minutes = Field(default=0, alias="from")
    below: Minutes | None = None


class Elapsed(Part):
    """Time since the case opened, from (inclusive) and below (exclusive)."""

    since: Minutes = Field(default=0, alias="from")
    below: Minutes | None = None


class Since(Part):
    """Time since the latest moment something happened. False while it has not happened."""

    ordered: Id | None = None
    """The order was placed (for a therapy: started)."""
    resulted: Id | None = None
    """A result of the order came back."""
    stopped: Id | None = None
    """The therapy was stopped."""
    told: Id | None = None
    """A call revealed it."""
    at_least: Minutes = 0
    below: Minutes | None = None
    first: bool = False
    """Measure from the first such moment instead of the latest."""
    nth: int | None = Field(default=None, ge=1, le=20)
    """With `told`: measure from the n-th such call, so that a second emergency can be met like the first."""

    @model_validator(mode="after")
    def _one_moment(self) -> Self:
        if sum(x is not None for x in (self.ordered, self.resulted, self.stopped, self.told)) != 1:
            raise ValueError("expected exactly one of 'ordered', 'resulted', 'stopped', 'told'")
        if self.nth is not None and (self.told is None or self.first):
            raise ValueError("'nth' counts calls: expected it with 'told' and without 'first'")
        return self


class Shows(Part):
    """What the latest known result shows: a coded finding of an order, or an observable beyond a bound."""

    order: Id | None = None
    finding: Ids | None = None
    """Any of these coded findings, in the latest result of `order`."""
    observable: Id | None = None
    above: float | None = None
    below: float | None = None

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        coded = self.order is not None and self.finding is not None
        measured = self.observable is not None and (self.above is not None or self.below is not None)
        if coded == measured:
            raise ValueError("expected 'order' with 'finding', or 'observable' with 'above' or 'below'")
        return self


class Level(Part):
    """The steady drug level a running therapy leads to, in the unit of its observable."""

    therapy: Id
    above: float | None = None
    below: float | None = None


class Dose(Part):
    """The dose amount of a running therapy (see `DoseOption.amount`)."""

    therapy: Id
    above: float | None = None
    below: float | None = None


class AtLeast(Part):
    """So many of the listed conditions hold."""

    n: int = Field(ge=1, le=50)
    of: tuple[Condition, ...]


class Condition(Part):
    """A condition from a closed vocabulary; several keys in one mapping must all hold. Never code.

    True state (only where the text says so): `in`, `effect`, `level`.
    What a learner can know: `told`, `running`, `ordered`, `resulted`, `shows`, `elapsed`, `since`, `dose`, `age`.
    """

    in_: dict[Id, Ids] | None = Field(default=None, alias="in")
    """Region to state or states: every region named is in one of its states."""
    effect: Ids | None = None
    """Any of these therapies is in effect: started, its onset past, its offset not yet."""
    running: Ids | None = None
    """Any of these therapies was started and not stopped, whatever its onset."""
    ordered: Ids | None = None
    """Any of these orders was ever placed."""
    resulted: Ids | None = None
    """A result of any of these orders is known."""
    told: Ids | None = None
    """Any of these was revealed by a call (see `Transition.reveals`)."""
    shows: Shows | None = None
    age: AgeBand | None = None
    elapsed: Elapsed | None = None
    since: Since | None = None
    level: Level | None = None
    dose: Dose | None = None
    believes: Belief | None = None
    all_: tuple[Condition, ...] | None = Field(default=None, alias="all")
    any_: tuple[Condition, ...] | None = Field(default=None, alias="any")
    not_: Condition | None = Field(default=None, alias="not")
    at_least: AtLeast | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not self.model_fields_set:
            raise ValueError("expected a condition, found an empty mapping")
        return self

    def rewritten(self, change: Callable[[Condition], Condition], *, negated: bool = True) -> Condition:
        """Return the condition with every mapping in it changed, innermost first; without `negated` none in a `not`."""
        inner: dict[str, object] = {}
        for name in ("all_", "any_"):
            parts: tuple[Condition, ...] | None = getattr(self, name)
            if parts is not None:
                inner[name] = tuple(part.rewritten(change, negated=negated) for part in parts)
        if self.not_ is not None and negated:
            inner["not_"] = self.not_.rewritten(change)
        if self.at_least is not None:
            counted = tuple(part.rewritten(change, negated=negated) for part in self.at_least.of)
            inner["at_least"] = self.at_least.model_copy(update={"of": counted})
        return change(self.model_copy(update=inner))


class Belief(Part):
    """The learner's latest stated probability of a diagnosis (0 to 1). False before any is stated."""

    diagnosis: Id
    above: float | None = None
    below: float | None = None


for _model in (AtLeast, Condition):
    _model.model_rebuild()

NAMES: Final[Mapping[tuple[str, str], str]] = {
    ("Condition", "in_"): "state",
    ("Condition", "effect"): "therapy",
    ("Condition", "running"): "therapy",
    ("Condition", "ordered"): "order",
    ("Condition", "resulted"): "order",
    ("Condition", "told"): "told",
    ("Since", "ordered"): "order",
    ("Since", "resulted"): "order",
    ("Since", "stopped"): "therapy",
    ("Since", "told"): "told",
    ("Shows", "order"): "order",
    ("Shows", "finding"): "finding",
    ("Shows", "observable"): "observable",
    ("Level", "therapy"): "level",
    ("Dose", "therapy"): "dosed",
    ("Belief", "diagnosis"): "diagnosis",
}
"""(model, field) to the kind of id it holds: a part of `sim.case.checking.references.USES`."""
