"""The twin: the same patient, with the same fate, whom the pathway treats from one decision on.

Both lives are told side by side: everything until they part, which is when the disease first differs, and from there
only their courses. It looks back with all knowledge, as the loss of a decision never does: that is luck and all.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from scoring.debrief.sentences import ended_sentence
from scoring.review.decisions import Decision
from sim.case.model.scenario import Scenario
from sim.case.moves import Move
from sim.engine.chart import Chart
from sim.engine.log import CaseEnded, Event, Log, StateEntered, TherapyStopped
from sim.engine.policy import following
from sim.engine.session import Session
from sim.words.events import event_text, sentence


@dataclass(frozen=True, slots=True)
class Row:
    """One minute in both lives; either side may be empty."""

    at: int
    own: tuple[str, ...]
    twin: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Twin:
    """Two lives of one patient from a decision on. Times are minutes, utilities 0 to 1."""

    number: int
    """Of the decision."""
    at: int
    parted: int | None
    """The minute from which the disease differs; None if it never does."""
    rows: tuple[Row, ...]
    own_end: str
    twin_end: str
    own_utility: float
    twin_utility: float


def twin_of(
    scenario: Scenario, log: Log, moves: Sequence[Move], decision: Decision, *, chart: Chart | None = None
) -> Twin:
    """Return the twin of an attempt that is over, from one of its decisions. `moves` are all the attempt's."""
    session = Session(scenario, decision.start.seed, horizon=decision.start.horizon, chart=chart)
    for move in following(first=moves[: decision.taken])(session):
        session.apply(move)
    own, twin = _since(log, decision), _since(session.log, decision)
    parted = _parted(own, twin)
    return Twin(
        number=decision.number,
        at=decision.at,
        parted=parted,
        rows=tuple(_rows(scenario, own, twin, parted)),
        own_end=ended_sentence(scenario, log),
        twin_end=ended_sentence(scenario, session.log),
        own_utility=_utility(log),
        twin_utility=_utility(session.log),
    )


def _since(log: Log, decision: Decision) -> Log:
    return log[decision.events[0] :]


def _utility(log: Log) -> float:
    end = log[-1]
    assert isinstance(end, CaseEnded), "only lives that are over have a worth"
    return end.utility


def _parted(own: Log, twin: Log) -> int | None:
    """The minute of the first state that one of them enters and the other does not, then or there."""
    for one, other in zip_longest(_entered(own), _entered(twin)):
        if one != other:
            return min(entered[0] for entered in (one, other) if entered is not None)
    return None


def _entered(log: Log) -> Iterator[tuple[int, str, str]]:
    return ((e.at, e.region, e.state) for e in log if isinstance(e, StateEntered))


def _rows(scenario: Scenario, own: Log, twin: Log, parted: int | None) -> Iterator[Row]:
    sides = [_texts(scenario, life, parted) for life in (own, twin)]
    for at in sorted({at for side in sides for at in side}):
        yield Row(at, tuple(sides[0].get(at, ())), tuple(sides[1].get(at, ())))


def _texts(scenario: Scenario, log: Iterable[Event], parted: int | None) -> dict[int, list[str]]:
    """What there is to tell of a life, minute by minute, each thing once a minute."""
    found: dict[int, list[str]] = {}
    for event in log:
        text = _text(scenario, event, together=parted is None or event.at <= parted)
        if text is not None and text not in found.setdefault(event.at, []):
            found[event.at].append(text)
    return {at: texts for at, texts in found.items() if texts}


def _text(scenario: Scenario, event: Event, *, together: bool) -> str | None:
    """What a life tells of an event: always its course; orders, stops and calls only while the two go together."""
    found = event_text(scenario, event)
    match found.kind:
        case "disease":
            return found.text
        case "order" | "call" if together:
            return found.text
        case "stopped" if together and isinstance(event, TherapyStopped) and event.by == "learner":
            return sentence(found)
    return None
