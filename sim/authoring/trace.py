"""One patient's true course as an author needs it: what was entered and why, what fills and empties, what was missed.

It is read from a session that was played to its end, so what it tells of a minute does not depend on where it stops.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

from scoring.assess.pathway import due_intervals
from sim.authoring.facts import FactsSoFar
from sim.authoring.states import waits_for
from sim.case.model.pools import Flow
from sim.case.model.terms import parsed
from sim.engine.graph import build, transitions_of
from sim.engine.log import (
    CaseOpened,
    Charted,
    EffectBegan,
    Event,
    Measurement,
    ResultReturned,
    StateEntered,
    TherapyStarted,
    TimePassed,
    to_plain,
)
from sim.engine.pool import PoolChart, amount
from sim.engine.session import Session
from sim.words.events import event_text, sentence
from sim.words.fold import fold
from sim.words.format import clock

WIDTH: Final = 80
_TIME, _KIND = 14, 12
_LEADS: Final = frozenset({"Ordered", "Started"})
"""What the column before the text says already."""
_LEFT_OUT: Final = (TimePassed, Charted)
"""That time went by, which the next line shows, and what nurses chart of themselves, which `replay --json` has."""


@dataclass(frozen=True, slots=True)
class Change:
    """Something that changed in a minute: one line of a trace."""

    at: int
    kind: str
    """What sort of change: `state`, `band`, `amount`, `call`, `result`, `due`, ..."""
    text: str
    data: Mapping[str, object]
    """The same for programs."""
    parts: tuple[str, ...] = ()
    """What it is made of, line by line: the flows of an amount."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How a patient is at a minute."""

    at: int
    states: Mapping[str, str]
    amounts: Mapping[str, tuple[float, str]]
    """Pool to amount and unit."""
    running: Mapping[str, str | None]
    """Therapy to its dose."""


@dataclass(frozen=True, slots=True)
class Trace:
    """One patient's true course."""

    changes: tuple[Change, ...]
    last: Standing


def trace(session: Session, until: int | None = None) -> Trace:
    """Return the course of a patient whose session is over, up to the minute `until` (None: to the end)."""
    end = session.now if until is None else min(until, session.now)
    reader = _Reader(session)
    return Trace(tuple(reader.changes(end)), reader.standing(end))


class _Reader:
    """Reads a session that is over, minute by minute of change."""

    def __init__(self, session: Session) -> None:
        self._session, self._scenario, self._chart = session, session.scenario, session.chart
        disease = session.scenario.disease
        self._facts = FactsSoFar(session.chart, session.age)
        self._transitions = {f"{region}.{one.id}": one for region, one in transitions_of(build(disease))}
        self._pools = {pool.id: pool for pool in session.chart.pools if pool.id in disease.pools}

    def changes(self, end: int) -> Iterator[Change]:
        """Yield what changed up to a minute: what happened, what fell due or lapsed, what amounts do from then on."""
        happened: dict[int, list[Event]] = defaultdict(list)
        for event in self._session.log:
            happened[event.at].append(event)
        due, moved = self._due(), self._moved()
        for at in sorted({*happened, *due, *moved}):
            if at > end:
                return
            self._facts.reach(at)
            yield from self._happened(happened[at])
            yield from due[at]
            yield from (self._amount(at, pool, *stretch) for pool, *stretch in moved[at])

    def standing(self, at: int) -> Standing:
        """Return how the patient is at a minute that all changes up to it were read for."""
        disease, amounts = self._scenario.disease, {}
        for name in self._pools:
            since, x, u, k = next(s for s in reversed(self._session.stretches(name)) if s[0] <= at)
            amounts[name] = (amount(x, u, k, at - since), disease.pools[name].unit)
        states = {region: state for region in disease.regions if (state := self._facts.state_of(region)) is not None}
        return Standing(at, states, amounts, dict(self._facts.labels))

    # --- what happened ------------------------------------------------------------------------------------

    def _happened(self, events: list[Event]) -> Iterator[Change]:
        begun = [e for e in events if isinstance(e, StateEntered) and e.transition is None]
        for first in begun:
            self._facts.take(first)
        for event in events:
            if isinstance(event, StateEntered):
                if event.transition is not None:
                    yield self._entered(event)
                    self._facts.take(event)
                continue
            if not isinstance(event, _LEFT_OUT) and not _acts_at_once(event, events):
                yield Change(event.at, event_text(self._scenario, event).kind, self._said(event), to_plain(event))
            self._facts.take(event)
            if isinstance(event, CaseOpened):
                yield self._begins(event.at, begun)

    def _begins(self, at: int, begun: list[StateEntered]) -> Change:
        """In which state each region begins; of amounts the first line of each says it."""
        text = ", ".join(f"{event.region} {event.state}" for event in begun if event.region not in self._pools)
        return Change(at, "begins", text, {"at": at, "event": "Began", "states": {e.region: e.state for e in begun}})

    def _entered(self, event: StateEntered) -> Change:
        before = self._facts.state_of(event.region) or ""
        how = self._transitions[event.transition or ""]
        kind = "band" if event.region in self._pools else "state"
        why = f" by {how.id}, {waits_for(how)}" if kind == "state" else ""
        data = to_plain(event) | {"from": before, "how": waits_for(how)}
        return Change(event.at, kind, f"{event.region}: {before} -> {event.state}{why}", data)

    def _said(self, event: Event) -> str:
        told = event_text(self._scenario, event)
        if not isinstance(event, ResultReturned):
            return sentence(replace(told, lead="") if told.lead in _LEADS else told)
        values = "; ".join(map(self._value, event.measurements))
        return " ".join(part for part in (f"{told.text}:", event.text, values) if part)

    def _value(self, measured: Measurement) -> str:
        flag = f" {measured.flag}" if measured.flag else ""
        return f"{measured.observable} {measured.value:g}{flag}"

    # --- the pathway --------------------------------------------------------------------------------------

    def _due(self) -> dict[int, list[Change]]:
        """Minute to the steps that fall due in it, and to those that lapse."""
        moments: dict[tuple[int, str], list[str]] = defaultdict(list)
        needs = due_intervals(self._scenario, self._session.log)
        for step, found in zip(self._scenario.case.pathway, needs, strict=True):
            for need in found:
                moments[need.since.at, "due"].append(step.id)
                if need.until is not None:
                    moments[need.until.at, "lapses"].append(step.id)
        due: dict[int, list[Change]] = defaultdict(list)
        for (at, kind), steps in moments.items():
            due[at].append(Change(at, kind, ", ".join(steps), {"at": at, "event": kind.capitalize(), "steps": steps}))
        return due

    # --- amounts ------------------------------------------------------------------------------------------

    def _moved(self) -> dict[int, list[tuple[str, float, float, float]]]:
        """Minute to the pools whose flows change in it or that enter another band: (pool, amount, u, k)."""
        bands = {(e.at, e.region) for e in self._session.log if isinstance(e, StateEntered) and e.region in self._pools}
        found: dict[int, list[tuple[str, float, float, float]]] = defaultdict(list)
        for name in self._pools:
            before: tuple[float, float] | None = None
            for at, x, u, k in self._session.stretches(name):
                if (u, k) != before or (at, name) in bands:
                    found[at].append((name, x, u, k))
                before = u, k
        return found

    def _amount(self, at: int, name: str, x: float, u: float, k: float) -> Change:
        pool, band = self._scenario.disease.pools[name], self._facts.state_of(name)
        flows = list(self._acting(self._pools[name], pool.flows, x))
        net = 60 * (u - k * x)
        parts = tuple(f"{per_hour:+.3g} {what}" for what, per_hour in flows)
        data = {
            "at": at, "event": "Amount", "pool": name, "amount": x, "unit": pool.unit, "band": band, "per_hour": net,
            "flows": [{"what": what, "per_hour": per_hour} for what, per_hour in flows],
        }  # fmt: skip
        moves = f"{net:+.3g} an hour:" if parts else "stays"
        return Change(at, "amount", f"{name} {_number(x)} {pool.unit} ({band}), {moves}", data, parts)

    def _acting(self, chart: PoolChart, flows: tuple[Flow, ...], x: float) -> Iterator[tuple[str, float]]:
        """The flows that act now, in words, and what each adds in an hour; a loss takes its share of what is there."""
        for flow, compiled in zip(flows, chart.flows, strict=True):
            value = compiled.value(self._facts)
            per_hour = -60 * value * x if flow.is_loss else 60 * value
            if per_hour:
                yield self._flow(flow), per_hour

    def _flow(self, flow: Flow) -> str:
        dose = "" if flow.therapy is None else self._facts.labels.get(flow.therapy)
        given = "" if flow.therapy is None else f"{flow.therapy} {dose}" if dose else flow.therapy
        during = "" if flow.when is None else f"while {parsed(flow.when)}"
        said = " ".join(part for part in (given, during) if part) or "always"
        return f"{said}, a share of it" if flow.is_loss else said


def _acts_at_once(event: Event, events: list[Event]) -> bool:
    """Whether a therapy begins to act in the minute in which it is started, which need not be told twice."""
    started = (e.therapy for e in events if isinstance(e, TherapyStarted))
    return isinstance(event, EffectBegan) and event.therapy in started


def _number(x: float) -> str:
    return f"{x:.4g}"


# --- told ---------------------------------------------------------------------------------------------------------


def lines(found: Trace) -> Iterator[str]:
    """Yield a trace for a terminal of 80 columns: each minute once, before what changed in it."""
    before = -1
    for change in found.changes:
        when = "" if change.at == before else clock(change.at)
        before = change.at
        first = f"{when:<{_TIME}}{change.kind:<{_KIND}} "
        yield from fold(change.text, WIDTH, first=first, rest=" " * len(first))
        for part in change.parts:
            yield from fold(part, WIDTH, first=" " * (len(first) + 2), rest=" " * (len(first) + 6))
    yield ""
    yield from _last(found.last)


def _last(at: Standing) -> Iterator[str]:
    yield f"At {clock(at.at)}"
    amounts = (f"{name} {_number(x)} {unit}" for name, (x, unit) in at.amounts.items())
    states = (f"{region} {state}" for region, state in at.states.items())
    running = (f"{name} {dose}" if dose else name for name, dose in at.running.items())
    for title, parts in (("states", states), ("amounts", amounts), ("running", running)):
        yield from fold(", ".join(parts) or "none", WIDTH, first=f"  {title:<9}", rest=" " * 11)


def plain(found: Trace) -> dict[str, object]:
    """Return a trace as JSON-ready data."""
    last = found.last
    return {
        "changes": [dict(change.data) for change in found.changes],
        "last": {
            "at": last.at, "states": dict(last.states),
            "amounts": {name: {"amount": x, "unit": unit} for name, (x, unit) in last.amounts.items()},
            "running": dict(last.running),
        },
    }  # fmt: skip
