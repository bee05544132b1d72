"""What is written besides a case and a disease so that both can be put together from parts."""

from __future__ import annotations

from typing import Self

from pydantic import Field, model_validator

from sim.case.model.case import Ending, Question, Sequela
from sim.case.model.disease import Findings
from sim.case.model.parts import Id, Ids, Line, MinuteRange, Minutes, Mix, Part, Risk, Share, Sourced, Text
from sim.case.model.pathway import Step
from sim.case.model.pitfalls import OrderValue, Pitfall
from sim.case.model.pools import Drawn


class Parameter(Part):
    """What a case may set in a protocol that it uses: exactly one kind, with the value it has unless a case says so."""

    number: float | None = None
    duration: Minutes | None = None
    dose: Line | None = None
    """The label of a dose."""
    order: Id | None = None
    text: Text | None = None

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        if len(self.model_fields_set) != 1:
            raise ValueError("expected exactly one of 'number', 'duration', 'dose', 'order', 'text'")
        return self


class Protocol(Part):
    """A fragment of a case that many cases use; `$name` stands for a parameter wherever a whole value may stand."""

    id: Id
    name: Line | None = None
    knows: Ids | None = None
    """Regions it speaks of without asking for them: what it says of one that a disease lacks falls away."""
    calls: Ids | None = None
    """What calls reveal that it answers or speaks of without asking for them: the answer falls away with the call."""
    parameters: dict[Id, Parameter] = Field(default={})
    pathway: tuple[Step, ...] = ()
    pitfalls: tuple[Pitfall, ...] = ()
    values: tuple[OrderValue, ...] = ()
    results: dict[Id, Findings] = Field(default={})
    """Order id to what its result says; takes the place of the disease's findings for that order."""
    history: dict[Id, Findings] = Field(default={})
    """Order id to the ordinary answer, given where neither the case nor the disease has more to say."""
    endings: tuple[Ending, ...] = ()
    sequelae: tuple[Sequela, ...] = ()
    questions: tuple[Question, ...] = ()
    objectives: tuple[Text, ...] = ()
    teaching: tuple[Text, ...] = ()


class History(Part):
    """A set of ordinary answers for children of one kind."""

    id: Id
    name: Line | None = None
    answers: dict[Id, Findings]
    """Order id to the answer; the case's own results, and what the disease finds, win."""


class Adjustment(Sourced):
    """A number of the disease that is another in this case, and why."""

    median: Minutes | None = None
    risk: Risk | None = None
    after: MinuteRange | None = None
    chance: Share | None = None
    initial: Mix | None = None

    @model_validator(mode="after")
    def _one_number(self) -> Self:
        if sum(x is not None for x in (self.median, self.risk, self.after, self.chance, self.initial)) != 1:
            raise ValueError("expected exactly one of 'median', 'risk', 'after', 'chance', 'initial'")
        return self


class PoolAdjustment(Sourced):
    """Where the amount of a pool begins in this case, and why."""

    initial: Drawn
