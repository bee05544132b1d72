"""One teaching case as it is written."""

from __future__ import annotations

from typing import Annotated, Final, Literal, Self

from pydantic import Field, model_validator

from sim.case.limits import limits_read
from sim.case.model.conditions import Condition
from sim.case.model.disease import Findings
from sim.case.model.parts import (
    DoseText,
    Id,
    IdList,
    Ids,
    Line,
    MinuteRange,
    Minutes,
    Mix,
    Part,
    Share,
    ShareBy,
    Sourced,
    Text,
    written,
)
from sim.case.model.pathway import Step
from sim.case.model.pitfalls import OrderValue, Pitfall
from sim.case.quantities import minutes_of


class Span(Part):
    """A number drawn evenly by fate between `low` and `high`."""

    low: float
    high: float

    @model_validator(mode="after")
    def _forwards(self) -> Self:
        if self.low > self.high:
            raise ValueError("expected 'low' not above 'high'")
        return self


class PatientSpec(Sourced):
    """The patient's name, sex, age and weight; every draw is keyed to the seed."""

    names: tuple[Line, ...] = Field(min_length=1)
    sex: Literal["male", "female"]
    age: MinuteRange
    birth_weight: Span | None = None
    """kg; a patient is as far up in this range as in that of the weight at the opening."""
    weight: Span
    """Weight at the opening, kg, as it would be when well hydrated and without oedema."""


class Checkpoint(Part):
    """A moment at which the learner is asked for a differential."""

    at: Minutes
    expert: dict[Id, Share]
    """The author's own differential at that moment, for comparison and for the pathway policy."""
    because: Text


class Ending(Part):
    """An ending: the first whose condition (on the true state) holds when the case ends."""

    id: Id
    title: Line
    text: Text
    when: Condition | None = None
    utility: float = Field(ge=0, le=1)


class Sequela(Part):
    """A lasting harm that lowers the utility of an ending."""

    when: Condition
    minus: float = Field(gt=0, le=1)
    text: Line


class Question(Sourced):
    """A short-answer question for retrieval practice, asked after the debrief and then again when it falls due."""

    id: Id
    """Unique in its case; what a learner remembers is kept under it, so it outlives a change of wording."""
    ask: Text
    answer: Text
    """The model answer, for the learner to compare with."""
    about: IdList = ()
    """Steps and pitfalls it is about: a learner who missed one or fell into one is asked it first."""


COACHED: Final = (
    "ask", "examine", "order", "place", "close", "next", "wait", "call", "differential", "trends", "notes",
    "hand_over", "help",
)  # fmt: skip
"""What a coach's words may name in braces: each face says by which key or command it does it."""


class Coach(Part):
    """A word to a learner who plays for the first time: said until it is done, and in the order in which it stands."""

    say: Text
    """`{ask}` and the other acts in braces stand for the key or the command of the face."""
    until: Condition
    """On what the learner can know."""


class Expected(Part):
    """What `scurfy prove` should find of many patients who are all treated alike."""

    alive: ShareBy | None = None
    """Between which shares are alive, `80%..95% at 28 d`; without a time at the horizon."""
    endings: dict[Id, ShareBy] = Field(default={})
    """Ending to the shares between which it should come: `70%..90%`."""


def _as_past(value: object) -> object:
    if isinstance(value, str):
        return (minutes_of(value),)
    if isinstance(value, (tuple, list)) and 1 <= len(value) <= 2:
        return tuple(minutes_of(item) for item in value)
    raise ValueError("expected a duration such as 210 d, or two for what was stopped again: [400 d, 220 d]")


Past = Annotated[tuple[int, ...], written(_as_past)]
"""How long before the opening something was ordered and, where it ran and was stopped, how long before that was."""


def _as_limits(value: object) -> object:
    return dict(zip(("below", "above"), limits_read(value), strict=True)) if isinstance(value, str) else value


class Limits(Part):
    """Beyond which values of a standing order the nurse calls."""

    below: float | None = None
    above: float | None = None

    @model_validator(mode="after")
    def _one_at_least(self) -> Self:
        if self.below is None and self.above is None:
            raise ValueError("expected 'below' or 'above'")
        if self.below is not None and self.above is not None and self.below >= self.above:
            raise ValueError(f"expected 'below' under 'above', found {self.below:g} and {self.above:g}")
        return self


class Case(Part):
    """One teaching case."""

    id: Id
    title: Line
    """Shown in the library: it must not name the diagnosis."""
    blurb: Text
    level: Line
    difficulty: int = Field(ge=1, le=5)
    minutes: int = Field(ge=1, le=600)
    """Real minutes it takes to play."""
    author: Line
    reviewed: Line
    """The reviewer and the date, or 'not yet reviewed by a clinician'."""
    version: Line
    disease: Id
    diagnosis: Id
    patient: PatientSpec
    opening: Text
    """What the learner reads first. `{name}`, `{age}`, `{weight}` and, if the case gives one,
    `{birth_weight}` are filled in with their units; nothing else is."""
    setting: Line
    start: dict[Id, Mix] = Field(default={})
    """Regions whose initial mix differs from the disease's."""
    given: dict[Id, DoseText | None] = Field(default={})
    """Therapies already running at the opening, with their dose; None for one without doses. They count as ordered."""
    past: dict[Id, Past] = Field(default={})
    """Orders carried out before the opening: so long before it, or started and stopped so long before it. They count as
    ordered, and are no acts of the learner."""
    nurses: int = Field(default=1, ge=1, le=4)
    """How many nurses carry out orders, beside one another."""
    results: dict[Id, Findings] = Field(default={})
    """Order id to what its result says here; takes the place of the disease's findings for that order."""
    horizon: Minutes
    """Simulated time after which the case ends."""
    limits: dict[Id, Annotated[Limits, written(_as_limits)]] = Field(default={})
    """Observable to the limits of standing orders; without an entry its critical values are the limits."""
    monitor: Ids
    """Observables that the ward shows without being asked."""
    differential: Ids
    """Diagnoses offered in the differential; the true one among them."""
    checkpoints: tuple[Checkpoint, ...]
    pathway: tuple[Step, ...]
    pitfalls: tuple[Pitfall, ...]
    values: tuple[OrderValue, ...] = ()
    endings: tuple[Ending, ...] = Field(min_length=1)
    sequelae: tuple[Sequela, ...] = ()
    objectives: tuple[Text, ...]
    teaching: tuple[Text, ...]
    questions: tuple[Question, ...] = ()
    representation: Text | None = None
    """The patient in one sentence, as an expert would say it in the first hours; told in the debrief only."""
    coach: tuple[Coach, ...] = ()
    """What a beginner is told to try next, for a case that teaches the game itself."""
    expect: dict[Literal["pathway", "none"], Expected] = Field(default={})
    """How patients should fare under the pathway and without treatment; nothing that is played reads it."""
