"""A disease as it is written: regions of states and transitions, what therapies move, what results say."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator

from sim.case.model.conditions import Condition
from sim.case.model.effects import Effect, Growth
from sim.case.model.parts import Id, Ids, Line, MinuteRange, Minutes, Mix, Part, Risk, Share, Sourced, Text, written
from sim.case.model.pools import Modelled, Pool


class State(Part):
    """A stretch of illness in one region."""

    name: Line
    """For the debrief only; a learner never sees it during play."""
    observables: dict[Id, Effect] = Field(default={})
    growth: Growth | None = None
    outcome: bool = False
    """Entering it ends the case."""


class Modifier(Sourced):
    """Multiplies a hazard while its condition (on true state, therapies in effect and age) holds."""

    x: float = Field(ge=0, le=1000)
    when: Condition


class Trigger(Part):
    """The event a transition waits for; exactly one key."""

    start: Ids | None = None
    """Any of these orders is carried out."""
    stop: Ids | None = None
    """Any of these therapies is stopped or ends."""
    effect: Ids | None = None
    """Any of these therapies reaches its onset."""
    result: Ids | None = None
    """A result of any of these orders comes back."""
    enter: dict[Id, Ids] | None = None
    """Another region enters this state (exactly one region)."""

    @model_validator(mode="after")
    def _one_event(self) -> Self:
        if len(self.model_fields_set) != 1 or (self.enter is not None and len(self.enter) != 1):
            raise ValueError("expected exactly one of 'start', 'stop', 'effect', 'result', 'enter'")
        return self


class Transition(Sourced):
    """Why a region leaves a state: exactly one of `median`, `risk`, `after`, `on`."""

    id: Id
    """Unique in its region; with the region's id it keys the patient's fate, so renaming it changes lives."""
    source: Ids = Field(alias="from")
    target: Id = Field(alias="to")
    median: Minutes | None = None
    risk: Risk | None = None
    after: MinuteRange | None = None
    on: Trigger | None = None
    chance: Share | None = None
    """For `on` only: the share of times the event fires it; decided by fate."""
    when: Condition | None = None
    modifiers: tuple[Modifier, ...] = ()
    call: Text | None = None
    """What the nurse, the family or the laboratory reports when it fires: it stops the clock."""
    reveals: Id | None = None
    """What the call makes known, for `told` conditions; only with `call`."""

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if sum(x is not None for x in (self.median, self.risk, self.after, self.on)) != 1:
            raise ValueError("expected exactly one of 'median', 'risk', 'after', 'on'")
        if self.modifiers and self.median is None and self.risk is None:
            raise ValueError("'modifiers' multiply a hazard: expected them with 'median' or 'risk'")
        if self.chance is not None and self.on is None:
            raise ValueError("'chance' belongs to an event transition: expected it with 'on'")
        if self.reveals is not None and self.call is None:
            raise ValueError("'reveals' names what a call makes known: expected it with 'call'")
        if self.median == 0:
            raise ValueError("expected a median longer than 0 min")
        return self


class Crossing(Transition):
    """The amount of a pool passes into a band. The loader makes it from the pool; no file writes one.

    Its sources are the bands beside it: an amount that moves fast may come from farther away in one minute.
    """

    into: tuple[float, float]
    """The range of the band."""

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        return self


class Region(Sourced):
    """One part of the disease that runs beside the others. `evidence` here speaks for its initial mix."""

    name: Line
    initial: Mix
    """Where a patient starts: states and shares that add up to 100%, drawn by fate."""
    states: dict[Id, State]
    transitions: tuple[Transition, ...] = ()

    @model_validator(mode="after")
    def _shares_add_up(self) -> Self:
        if abs(sum(self.initial.values()) - 1) > 1e-6:
            raise ValueError("expected initial shares that add up to 100%")
        return self


class TherapyEffect(Sourced):
    """How a therapy in effect moves observables."""

    therapy: Ids
    when: Condition | None = None
    observables: dict[Id, Effect]


class DrugLevel(Sourced):
    """The steady level a running therapy leads to: dose amount x `per_amount` x every factor that holds."""

    therapy: Id
    observable: Id
    per_amount: float = Field(gt=0)
    factors: tuple[Modifier, ...] = ()


class Finding(Part):
    """Something a result says, when its condition (on the true state) holds.

    Every finding of a report that holds is said, in order; one without `when` only if no other of its report holds.
    """

    when: Condition | None = None
    code: Id | None = None
    """What `shows` conditions can ask for."""
    report: Id | None = None
    """The report of the order that says it; without one, the final report."""
    text: Text


def _as_findings(value: object) -> object:
    return ({"text": value},) if isinstance(value, str) else value


Findings = Annotated[tuple[Finding, ...], written(_as_findings)]
"""What a result says: findings, or one text alone that is always said."""


class AboutSection(Sourced):
    """A short section of what is told about the disease when the case is over, and never before."""

    id: Id
    title: Line
    text: Text
    """What is told; with `literature`, what a teaching text says that the literature read does not bear out whole."""
    literature: Text | None = None
    """What the literature says against the text, or that nothing was found that bears it out."""


class Disease(Part):
    """A state graph that several cases share. Regions run in file order."""

    id: Id
    name: Line
    summary: Text
    regions: dict[Id, Region]
    pools: dict[Id, Pool] = Field(default={})
    """Amounts in the body. The loader adds a region for each, behind the regions of the file: its states are bands."""
    observables: dict[Id, Modelled] = Field(default={})
    """Observables that follow from pools and from one another; they take the place of the healthy value."""
    effects: tuple[TherapyEffect, ...] = ()
    levels: tuple[DrugLevel, ...] = ()
    results: dict[Id, Findings] = Field(default={})
    """Order id to what its result says."""
    starts: dict[Id, dict[Id, Mix]] = Field(default={})
    """Named configurations that a case may open in: region to its initial mix there."""
    about: tuple[AboutSection, ...] = ()
    """Told at the end of the debrief, in this order."""
