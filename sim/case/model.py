"""What a case is made of: frozen, strict models. The door (`sim.case.document`) builds them from YAML.

Nothing here knows how to read a file, to run a patient or to score a learner. Times are whole minutes,
shares run from 0 to 1, observables carry their own unit. A field's meaning stands in the string below it.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, model_validator

from sim.case.quantities import minutes_of, range_of, risk_of, share_of

Id = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,47}$")]
"""The one shape of every id: snake_case, at most 48 characters."""

EvidenceId = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9.-]{0,47}$")]
Text = Annotated[str, StringConstraints(min_length=1, max_length=4000)]
Line = Annotated[str, StringConstraints(min_length=1, max_length=300, pattern=r"^[^\n]*$")]
Minutes = Annotated[int, BeforeValidator(minutes_of)]
MinuteRange = Annotated[tuple[int, int], BeforeValidator(range_of)]
Share = Annotated[float, BeforeValidator(share_of)]
Risk = Annotated[tuple[float, int], BeforeValidator(risk_of)]


def _as_tuple(value: object) -> object:
    return (value,) if isinstance(value, str) else value


def _as_mix(value: object) -> object:
    return {value: "100%"} if isinstance(value, str) else value


Ids = Annotated[tuple[Id, ...], BeforeValidator(_as_tuple), Field(min_length=1)]
"""One id or a list of ids; a list reads as 'any of'."""


Mix = Annotated[dict[Id, Share], BeforeValidator(_as_mix), Field(min_length=1)]
"""States and their shares; one state's name alone stands for 100% of it."""


class Part(BaseModel):
    """The root of every model: frozen, strict, nothing extra."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", populate_by_name=True)


class Sourced(Part):
    """Something that states a number or a rule and therefore says where it comes from."""

    evidence: tuple[EvidenceId, ...] = ()
    """Ids in `scenarios/evidence/`."""
    assumed: Text | None = None
    """Why the author assumes it, where no source was found."""

    @model_validator(mode="after")
    def _has_a_source(self) -> Self:
        if not self.evidence and self.assumed is None:
            raise ValueError("expected 'evidence' (a list of evidence ids) or 'assumed' (the reason)")
        return self


# --- conditions ------------------------------------------------------------------------------------------


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


class Belief(Part):
    """The learner's latest stated probability of a diagnosis (0 to 1). False before any is stated."""

    diagnosis: Id
    above: float | None = None
    below: float | None = None


# --- the catalogue ---------------------------------------------------------------------------------------


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
    whole_of: Annotated[tuple[Id, ...], BeforeValidator(_as_tuple)] = ()
    """Observables of the same unit that are counted within this one: it is never told smaller than their sum."""


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
    measures: Annotated[tuple[Id, ...], BeforeValidator(_as_tuple)] = ()
    """Observables the result reports."""
    normal: Text | None = None
    """What the result says when no case has more to say."""
    onset: MinuteRange = (0, 0)
    """Therapies: from start to effect."""
    offset: Minutes = 0
    """Therapies: from stopping to the end of effect."""
    lasts: Minutes | None = None
    """Therapies that end by themselves (a bolus, a course): how long they run."""
    doses: tuple[DoseOption, ...] = ()
    """The first is the usual one."""
    teaching: Text | None = None
    """Why and when, in a sentence: shown as a hint in tutor mode and in the debrief."""
    evidence: tuple[EvidenceId, ...] = ()
    assumed: Text | None = None

    @property
    def starts_therapy(self) -> bool:
        """Whether placing it starts something that runs on (a therapy, or a procedure with a lasting effect)."""
        return self.kind is Kind.THERAPY or (self.kind is Kind.PROCEDURE and self.lasts is not None)


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


# --- the disease -----------------------------------------------------------------------------------------


class Effect(Part):
    """How a state or a therapy moves an observable's set-point: `set` replaces the healthy value,
    then every `scale` multiplies, then every `shift` adds. Of several `set`, the later region's wins."""

    set: float | None = None
    scale: float | None = None
    shift: float | None = None

    @model_validator(mode="after")
    def _does_one_thing(self) -> Self:
        if sum(x is not None for x in (self.set, self.scale, self.shift)) != 1:
            raise ValueError("expected exactly one of 'set', 'scale', 'shift'")
        return self


class Growth(Part):
    """How the dry weight moves in a state. Of several regions, shares multiply and losses add."""

    share: float = Field(default=1.0, ge=0, le=3)
    """Share of a healthy boy's growth at this age (catch-up growth is above 1)."""
    loss: float = Field(default=0.0, ge=0, le=100)
    """Tissue lost, g per kg per day."""


class State(Part):
    """A stretch of illness in one region."""

    name: Line
    """For the debrief only; a learner never sees it during play."""
    observables: dict[Id, Effect] = {}
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

    Every finding of an order that holds is said, in order; one without `when` only if no other holds.
    """

    when: Condition | None = None
    code: Id | None = None
    """What `shows` conditions can ask for."""
    text: Text


class Disease(Part):
    """A state graph that several cases share. Regions run in file order."""

    id: Id
    name: Line
    summary: Text
    regions: dict[Id, Region]
    effects: tuple[TherapyEffect, ...] = ()
    levels: tuple[DrugLevel, ...] = ()
    results: dict[Id, tuple[Finding, ...]] = {}
    """Order id to what its result says."""


# --- the case --------------------------------------------------------------------------------------------


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
    """Who the patient is; every draw is keyed to the seed."""

    names: tuple[Line, ...] = Field(min_length=1)
    sex: Literal["male", "female"]
    age: MinuteRange
    birth_weight: Span
    """kg."""
    weight: Span
    """Weight at the opening, kg, as it would be when well hydrated and without oedema."""


class Step(Sourced):
    """One recommended step. The pathway is a partial order of steps with windows."""

    id: Id
    title: Line
    weight: Literal["must", "should", "could"]
    do: Ids
    """Orders that fulfil it: any one of them. The policy uses the first that is accepted."""
    stop: bool = False
    """Fulfilled by stopping one of the therapies in `do` instead of starting one."""
    dose: Line | None = None
    """The dose label the policy chooses; a learner's dose is not compared."""
    after: Annotated[tuple[Id, ...], BeforeValidator(_as_tuple)] = ()
    """Steps that should come before (same minute counts as before). Not-needed steps do not block."""
    when: Condition | None = None
    """Over what the learner can know. The step is due while it holds, and always without it."""
    within: Minutes
    """The window: in time up to this long after it is due; late up to twice as long; missed afterwards."""
    not_before: Minutes = 0
    """Too early before this long after it is due (the order is 'not needed yet')."""
    critical: bool = False
    """A must whose absence caps the band by itself (the gate)."""
    because: Text
    phase: Line
    each: Id | None = None
    """A code that calls reveal: the step falls due at each such call, as often as `times` says. A `since: {told: …}`
    of that code in `when` is then measured from the call in question. Unless that says how long (`below`), or the step
    is a stop, it lapses when two of its windows have passed."""
    every: Minutes | None = None
    """The step falls due anew so long after the last time: every `elapsed` and `since` in `when` moves by it."""
    times: int = Field(default=1, ge=1, le=12)
    """How often it falls due at most; more than once only with `each` or `every`."""

    @property
    def changes_what_runs(self) -> bool:
        """Whether it asks for a therapy that its own `when` finds running: then running is not yet doing it."""
        return self.when is not None and _finds_running(self.when, self.do)

    @model_validator(mode="after")
    def _repeats_somehow(self) -> Self:
        if self.each is not None and self.every is not None:
            raise ValueError("expected 'each' or 'every', not both")
        if self.times > 1 and self.each is None and self.every is None:
            raise ValueError("'times' repeats a step: expected it with 'each' or 'every'")
        if self.every is not None and (self.when is None or self.times == 1):
            raise ValueError("'every' moves the times in 'when': expected it with 'when' and 'times'")
        return self


def _finds_running(when: Condition, orders: Ids) -> bool:
    named = (*(when.running or ()), *(() if when.dose is None else (when.dose.therapy,)))
    parts = (*(when.all_ or ()), *(when.any_ or ()), *(() if when.at_least is None else when.at_least.of))
    return any(order in named for order in orders) or any(_finds_running(part, orders) for part in parts)


class Pattern(Part):
    """A pattern over the log; exactly one key."""

    absent: Absent | None = None
    before: Before | None = None
    without: Without | None = None
    longer: Longer | None = None
    during: During | None = None
    repeated: Repeated | None = None
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


class Pitfall(Sourced):
    """A named mistake, with the transitions it sets off or speeds up in the disease.

    A minor one may name none: what it costs is knowledge, and the learner is told that nothing follows by itself.
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
    """A harm that makes the attempt unsafe by itself (the gate); only with `harmful`."""
    because: Text

    @model_validator(mode="after")
    def _critical_is_harm(self) -> Self:
        if self.critical and self.value != "harmful":
            raise ValueError("'critical' marks a harm: expected it with 'value: harmful'")
        return self


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
    """The model answer, which the learner compares with his own."""
    about: Annotated[tuple[Id, ...], BeforeValidator(_as_tuple)] = ()
    """Steps and pitfalls it touches: it is asked first of those who missed one or fell into one."""


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
    """Who reviewed it and when, or 'not yet reviewed by a clinician'."""
    version: Line
    disease: Id
    diagnosis: Id
    patient: PatientSpec
    opening: Text
    """What the learner reads first. `{name}`, `{age}`, `{weight}` are filled in with their units; nothing else is."""
    setting: Line
    start: dict[Id, Mix] = {}
    """Regions whose initial mix differs from the disease's."""
    given: dict[Id, Line] = {}
    """Therapies already running at the opening, with their dose label."""
    results: dict[Id, tuple[Finding, ...]] = {}
    """Order id to what its result says here; takes the place of the disease's findings for that order."""
    horizon: Minutes
    """Simulated time after which the case ends."""
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


class Source(Part):
    """An entry of the bibliography."""

    id: EvidenceId
    citation: Text
    read: Line
    """How much of it was read: whole, abstract, opening."""


class Evidence(Part):
    """A numbered fact with its source and grade."""

    id: EvidenceId
    statement: Text
    grade: Literal["P", "G", "S", "A"]
    """P published about IPEX, G published about children or a related disease, S a seed document only, A assumed."""
    sources: tuple[EvidenceId, ...] = ()


class Library(Part):
    """Everything one case needs, cross-checked: what `sim.case.library.load` returns."""

    case: Case
    disease: Disease
    catalogue: Catalogue
    evidence: dict[EvidenceId, Evidence]
    sources: dict[EvidenceId, Source]
    digest: str
    """SHA-256 over everything that can change a patient's life or its scoring, as hexadecimal."""


for _model in (AtLeast, Condition, Pattern):
    _model.model_rebuild()
