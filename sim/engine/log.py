"""What happened: frozen events in the past tense, and the append-only log they form.

Times (`at`) are whole simulated minutes since the case opened. Events marked hidden carry the true state:
scoring reads them, a learner sees them only in the debrief.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import ClassVar, Final


@dataclass(frozen=True, slots=True)
class Measurement:
    """One number of a result, as reported (rounded), with the reference range for the age at sampling."""

    observable: str
    value: float
    low: float | None
    high: float | None

    @property
    def flag(self) -> str:
        """'L' below the range, 'H' above it, '' within it."""
        if self.low is not None and self.value < self.low:
            return "L"
        if self.high is not None and self.value > self.high:
            return "H"
        return ""


@dataclass(frozen=True, slots=True)
class CaseOpened:
    """The learner met the patient."""

    hidden: ClassVar[bool] = False
    at: int
    seed: int
    name: str
    age: int
    """Minutes since birth."""
    weight: float
    """kg, as on the scales."""


@dataclass(frozen=True, slots=True)
class DoneBefore:
    """Before the opening an order was carried out: no act of the learner, and known from the opening on."""

    hidden: ClassVar[bool] = False
    at: int
    order: str
    ordered: int
    """Minute, below 0."""
    stopped: int | None
    """Minute at which it ended or was stopped, for what ran on; None for what did not, or runs at the opening."""


@dataclass(frozen=True, slots=True)
class OrderPlaced:
    """The learner placed an order. `number` counts the orders of an attempt from 1."""

    hidden: ClassVar[bool] = False
    at: int
    number: int
    order: str
    dose: str | None


@dataclass(frozen=True, slots=True)
class OrderRefused:
    """The ward could not carry an order out, and said why."""

    hidden: ClassVar[bool] = False
    at: int
    order: str
    reason: str


@dataclass(frozen=True, slots=True)
class OrderWithdrawn:
    """Orders that the nurses had not carried out, or a therapy that was interrupted, will not be carried out."""

    hidden: ClassVar[bool] = False
    at: int
    order: str
    numbers: tuple[int, ...]
    by: str
    """'learner', 'stop' (the learner stopped what runs of it as well), or 'access' (there was none to give it into)."""


@dataclass(frozen=True, slots=True)
class ResultReturned:
    """A result came back. `sampled` is when the patient was as it says."""

    hidden: ClassVar[bool] = False
    at: int
    number: int
    order: str
    sampled: int
    measurements: tuple[Measurement, ...]
    text: str
    codes: tuple[str, ...]
    """Coded findings, for `shows` conditions."""
    report: str = ""
    """Which report of its order it is; empty for the final one."""


@dataclass(frozen=True, slots=True)
class Charted(ResultReturned):
    """The nurses carried out a standing order once more: its values are on the chart. Nobody is told, nothing waits."""


@dataclass(frozen=True, slots=True)
class TherapyStarted:
    """A therapy began to run, or runs on at another dose."""

    hidden: ClassVar[bool] = False
    at: int
    number: int
    """Of the order it was started by; 0 for what the case gives at the opening."""
    therapy: str
    dose: str | None
    replaced: Running | None = None
    """What ran until then and goes on in this without a gap: a change of rate, or the same dose again."""
    resumed: bool = False
    """Whether it goes on after it was interrupted, by the order it was started by before."""

    @property
    def given(self) -> bool:
        """Whether it runs since before the opening: no act of the learner."""
        return self.number == 0

    @property
    def changes_dose(self) -> bool:
        """Whether a therapy that runs goes on at another dose: no start, and no stop before it."""
        return self.replaced is not None and self.replaced.dose != self.dose


@dataclass(frozen=True, slots=True)
class TherapyStopped:
    """A therapy was stopped (`by` 'learner', or 'team' after handing over), runs on at another dose ('dose'), came to
    its end ('course'), was interrupted ('access'), or, being an access, failed ('failure')."""

    hidden: ClassVar[bool] = False
    at: int
    therapy: str
    by: str


@dataclass(frozen=True, slots=True)
class EffectBegan:
    """A therapy reached its onset."""

    hidden: ClassVar[bool] = True
    at: int
    therapy: str


@dataclass(frozen=True, slots=True)
class EffectEnded:
    """A therapy's effect wore off."""

    hidden: ClassVar[bool] = True
    at: int
    therapy: str


@dataclass(frozen=True, slots=True)
class StateEntered:
    """A region of the disease entered a state by `transition` (`region.transition`); None for where it began."""

    hidden: ClassVar[bool] = True
    at: int
    region: str
    state: str
    transition: str | None


@dataclass(frozen=True, slots=True)
class Called:
    """The nurse, the family or the laboratory called."""

    hidden: ClassVar[bool] = False
    at: int
    text: str
    reveals: str | None = None


@dataclass(frozen=True, slots=True)
class CheckpointReached:
    """It is time to state a differential."""

    hidden: ClassVar[bool] = False
    at: int
    number: int


@dataclass(frozen=True, slots=True)
class DifferentialStated:
    """The learner stated a differential: (diagnosis, probability) pairs."""

    hidden: ClassVar[bool] = False
    at: int
    probabilities: tuple[tuple[str, float], ...]
    by: str = "learner"
    """'learner', or 'team' after handing over."""


@dataclass(frozen=True, slots=True)
class LimitsSet:
    """The learner said beyond which values of a standing order to call; None on both sides: as the case says."""

    hidden: ClassVar[bool] = False
    at: int
    observable: str
    below: float | None
    above: float | None


@dataclass(frozen=True, slots=True)
class TimePassed:
    """The learner let the clock run; `at` is where it stopped, `since` where it began."""

    hidden: ClassVar[bool] = False
    at: int
    since: int
    asked: str
    """'time', 'result', 'call' or 'finish'."""


@dataclass(frozen=True, slots=True)
class HintGiven:
    """The tutor named the next step of the pathway."""

    hidden: ClassVar[bool] = False
    at: int
    step: str | None


@dataclass(frozen=True, slots=True)
class HandedOver:
    """The learner handed over: whatever is ordered, stopped or stated from here on is the team's."""

    hidden: ClassVar[bool] = False
    at: int


@dataclass(frozen=True, slots=True)
class CaseEnded:
    """The case ended. `why` is 'outcome' (the disease decided) or 'horizon' (the time was over)."""

    hidden: ClassVar[bool] = False
    at: int
    why: str
    ending: str
    utility: float
    """0 to 1, after sequelae."""
    handed_over: bool
    """Whether the learner had finished before."""


Event = (
    CaseOpened
    | DoneBefore
    | OrderPlaced
    | OrderRefused
    | OrderWithdrawn
    | ResultReturned
    | Charted
    | TherapyStarted
    | TherapyStopped
    | EffectBegan
    | EffectEnded
    | StateEntered
    | Called
    | CheckpointReached
    | DifferentialStated
    | LimitsSet
    | TimePassed
    | HintGiven
    | HandedOver
    | CaseEnded
)

Log = tuple[Event, ...]


def before_admission(event: Event) -> bool:
    """Return whether an event tells of what was done, or runs since, before the opening: no act of the learner."""
    return isinstance(event, DoneBefore) or (isinstance(event, TherapyStarted) and event.given)


ACTED: Final = ("learner", "team")
"""Who stops a therapy because somebody decided so: all else that ends one happens by itself."""

NOTICED: Final = (ResultReturned, Called, CheckpointReached)
"""What a learner who lets time pass is stopped by, and decides anew on."""


def to_plain(event: Event) -> dict[str, object]:
    """Return the event as JSON-ready data, its type under `event` and its time first.

    What a dose replaced is left out: the start before it says so. So is that a report is the final one.
    """
    return {"at": event.at, "event": type(event).__name__} | _plain(asdict(event))


def _plain(data: Mapping[str, object]) -> dict[str, object]:
    left_out = {"at", "replaced", *(key for key in ("resumed", "report") if not data.get(key))}
    return {key: value for key, value in data.items() if key not in left_out}


@dataclass(frozen=True, slots=True)
class Running:
    """A therapy now running."""

    therapy: str
    dose: str | None
    since: int
    ends: int | None
    """When its course ends by itself, if it does."""


@dataclass(frozen=True, slots=True)
class Pending:
    """A report on its way."""

    number: int
    order: str
    sampled: int
    due: int
    report: str = ""
    """Empty for the final one."""


@dataclass(frozen=True, slots=True)
class InHand:
    """An order that the nurses carry out, and when they begin it and have finished if nothing changes."""

    number: int
    order: str
    dose: str | None
    begins: int
    ends: int


@dataclass(frozen=True, slots=True)
class Vital:
    """A monitored value now. `trend` is older values, evenly spaced over the last stretch, oldest first."""

    observable: str
    value: float
    low: float | None
    high: float | None
    trend: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All the learner may know now. It never holds a region, a state or a transition."""

    now: int
    name: str
    sex: str
    age: int
    """Minutes since birth."""
    vitals: tuple[Vital, ...]
    running: tuple[Running, ...]
    pending: tuple[Pending, ...]
    nursing: tuple[InHand, ...]
    """What the nurses have in hand, in the order in which they begin it."""
    interrupted: tuple[Running, ...]
    """What goes on as soon as there is an access again."""
    differential: tuple[tuple[str, float], ...]
    checkpoint: int | None = None
    """Number of a checkpoint reached and not yet answered."""
    ended: CaseEnded | None = None
    glance: str = ""
    """What is seen of the patient from the foot of the bed."""
    coach: str = ""
    """What a case that teaches the game tells a beginner to try next, with acts in braces."""
    visible: Log = field(default=())
    """The events the learner may see, oldest first."""
