"""The parts of a debrief, as frozen data: what a screen shows, and what `sim.report.text` turns into lines.

Times are minutes since the case opened. Every part names the event in the log, the reason and the evidence.
"""

from __future__ import annotations

from dataclasses import dataclass

from scoring.assess.gathering import Blood
from scoring.assess.pitfalls import Price


@dataclass(frozen=True, slots=True)
class StepRow:
    """One step of the pathway and what became of it."""

    step: str
    title: str
    weight: str
    verdict: str
    at: int | None
    event: int | None
    window: tuple[int, int] | None
    """From when it could be done to when it was no longer in time; None if it never fell due."""
    note: str
    """What explains the verdict where the times do not; may be empty."""
    because: str
    evidence: tuple[str, ...]
    assumed: str | None
    refused: str = ""
    """When what was missed was asked for and the ward refused it, and why; empty if it was not."""


@dataclass(frozen=True, slots=True)
class Phase:
    """The steps of one phase, in file order."""

    name: str
    rows: tuple[StepRow, ...]


@dataclass(frozen=True, slots=True)
class Mistake:
    """A pitfall that was fallen into, with what followed in this patient."""

    id: str
    title: str
    severity: str
    at: int
    event: int
    because: str
    prices: tuple[Price, ...]
    evidence: tuple[str, ...]
    assumed: str | None


@dataclass(frozen=True, slots=True)
class Extra:
    """Orders outside the pathway that were worth the same for the same reason."""

    order: str
    name: str
    value: str
    critical: bool
    because: str
    times: tuple[int, ...]
    events: tuple[int, ...]
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Opinion:
    """A checkpoint: what the learner thought, what the expert thought, and what came before it.

    Probabilities carry the diagnoses' names. `own` is None where nothing was stated.
    """

    at: int
    event: int | None
    own: tuple[tuple[str, float], ...] | None
    expert: tuple[tuple[str, float], ...]
    brier: float | None
    expert_brier: float
    agreement: float | None
    moved: tuple[tuple[str, float], ...]
    came: tuple[str, ...]
    """What came back or was called in since the statement before, in order, each once."""
    because: str


@dataclass(frozen=True, slots=True)
class Passage:
    """A stretch in one state of a region; `transition` is what led into it (None: it began there)."""

    at: int
    state: str
    transition: str | None


@dataclass(frozen=True, slots=True)
class Course:
    """The true course of one region of the disease."""

    region: str
    name: str
    passages: tuple[Passage, ...]


@dataclass(frozen=True, slots=True)
class Reference:
    """A numbered fact the debrief leans on, with its grade spelled out and its sources cited."""

    id: str
    statement: str
    grade: str
    citations: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Assumption:
    """Something that was assumed, where, and why."""

    where: str
    reason: str


@dataclass(frozen=True, slots=True)
class Section:
    """Something that is told about the disease, whatever the attempt was like."""

    id: str
    title: str
    text: str
    literature: str | None
    """What the literature says where it does not bear the text out; None where it does."""
    evidence: tuple[str, ...]
    assumed: str | None


@dataclass(frozen=True, slots=True)
class DecisionRow:
    """One decision and what it was worth, in utility from 0 to 1."""

    number: int
    """From 1."""
    at: int
    events: tuple[int, int]
    """What it wrote in the log: places from the first to before the last."""
    did: str
    """What was ordered and how much time was let pass, in words."""
    size: str
    """One of `scoring.review.review.SIZES`."""
    v: float
    q: float
    loss: float
    luck: float
    se: float
    waited: bool
    """Whether nothing was ordered, stopped or stated: time went by."""
    better: tuple[str, ...]
    """What the pathway would have done then, and the smallest change found that keeps the value; sentences."""
    fell: tuple[str, ...] = ()
    """The pitfalls that were fallen into with it, in words: they say more than what the model expected after it."""

    @property
    def stands_out(self) -> bool:
        """Whether it is told before the others: it cost or gained something, or a pitfall was fallen into."""
        return self.size != "as_good" or bool(self.fell)


@dataclass(frozen=True, slots=True)
class Prompt:
    """Something a teacher may ask: a moment of this attempt, what was expected, and an open question."""

    stage: str
    """One of `scoring.debrief.teacher_prompts.STAGES`."""
    happened: str
    expected: str
    """What the pathway would have had, and why; empty where nothing was expected."""
    ask: str
    at: int | None
    event: int | None
    """The index in the log of the event it starts from, where there is one."""
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Debrief:
    """Everything an attempt has to say at its end."""

    title: str
    reviewed: str
    """Who reviewed the case, in a sentence, or that no clinician has yet."""
    band: str
    verdict: tuple[str, ...]
    """The band and why, in sentences."""
    ended_at: int
    ended: str
    """Why the case ended."""
    ending: str
    """The ending's title and text; empty for a case that has not ended."""
    sequelae: tuple[str, ...]
    phases: tuple[Phase, ...]
    mistakes: tuple[Mistake, ...]
    extras: tuple[Extra, ...]
    opinions: tuple[Opinion, ...]
    diagnosis: tuple[str, ...]
    thoroughness: float | None
    efficiency: float | None
    blood: Blood
    gathering: tuple[str, ...]
    course: tuple[Course, ...]
    teaching: tuple[str, ...]
    references: tuple[Reference, ...]
    assumptions: tuple[Assumption, ...]
    discussion: str
    """How much of the disease's own numbers is published and how much assumed."""
    review: tuple[str, ...] = ()
    """What the decisions cost in all and what was luck, in sentences; none where that was not worked out."""
    decisions: tuple[DecisionRow, ...] = ()
    prompts: tuple[Prompt, ...] = ()
    """For a teacher: what to ask, in the order of a debriefing."""
    disease: str = ""
    """What the disease is called."""
    about: tuple[Section, ...] = ()
    """What is told about the disease, last of all."""
