"""Do words fit values? What a call, a report or a default answer quotes is what a sample of that minute would show."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from sim.authoring.prove.bench import Bench, Played
from sim.authoring.prove.verdict import PropertyResult, Witness
from sim.case.model.catalogue import Observable
from sim.case.model.scenario import Scenario
from sim.case.moves import Move, PlaceOrder
from sim.engine.log import Called, Event, ResultReturned
from sim.engine.policy import Policy, following, nothing
from sim.engine.readout import band
from sim.engine.session import Session

PROPERTY: Final = "words_fit"

_CLOSE: Final = 0.25
"""A number in words may differ from the value by so much of the healthy range: people round."""
_SHARE: Final = 0.15
"""Of the value, where no healthy range is known."""
_NOISY: Final = 3.0
"""Or by so many standard deviations of one measurement."""

_NUMBER: Final = (
    r"(?: (?:is|was|of|at|now|still|only|about|up to|down to))* (\d+(?:\.\d+)?)"
    r"(?![\d/])(?! (?:h|d|min|hours|days|minutes)\b)"
)


def prove(bench: Bench) -> list[PropertyResult]:
    """Return each call and each answer that quotes a number or calls normal what the patient's values contradict.

    A text quotes an observable where its name, its short label or its id stands right before a number. A default
    answer (`normal` of an order) contradicts a value where the order names the observable in `normal_for` and it lies
    outside its range for the age. Looked at in lives under the pathway, in which all that has such a default is asked
    for, and in untreated ones.
    """
    reader = _Reader(bench.scenario)
    failures: dict[str, PropertyResult] = {}
    seen = 0
    for seed in bench.seeds:
        for policy in (_asking(following(), reader.defaults), nothing):
            session = Session(bench.scenario, seed, chart=bench.chart)
            for event in _events(session, policy):
                seen += 1
                for element, what in reader.troubles(session, event):
                    run = Played(seed, session.log).run()
                    said = f"Minute {event.at} of patient {seed}: {what}."
                    failures.setdefault(element, PropertyResult(bench.scenario.case.id, PROPERTY,
                                                                Witness(element, said, run)))  # fmt: skip
    note = f"{seen} calls and answers; {len(reader.defaults)} orders say which values they call normal"
    return list(failures.values()) or [PropertyResult(bench.scenario.case.id, PROPERTY, note=note)]


def _asking(policy: Policy, orders: tuple[str, ...]) -> Policy:
    """A policy that asks for some orders besides, before each of its first moves."""

    def moves(session: Session) -> Iterator[Move]:
        for number, move in enumerate(policy(session)):
            if number % 5 == 0 and number < 50:
                yield from (PlaceOrder(order) for order in orders if not session.ended)
            if not session.ended:
                yield move

    return moves


def _events(session: Session, policy: Policy) -> Iterator[Called | ResultReturned]:
    """What is told in a life, as it is told: a call may come in the middle of a move, so it is read at its minute."""
    told = 0
    for move in policy(session):
        if session.ended:
            break
        session.apply(move)
        log = session.log
        yield from (event for event in log[told:] if isinstance(event, (Called, ResultReturned)))
        told = len(log)


@dataclass(slots=True)
class _Reader:
    """Reads texts for the observables of a case."""

    scenario: Scenario

    @property
    def defaults(self) -> tuple[str, ...]:
        """The orders that say which values their default answer calls normal."""
        return tuple(order.id for order in self.scenario.catalogue.orders.values() if order.normal_for)

    def troubles(self, session: Session, event: Event) -> Iterator[tuple[str, str]]:
        """What is wrong with one call or answer: at what, and why."""
        if isinstance(event, Called):
            element = next((f"call:{name}" for name, text in _calls(self.scenario) if text == event.text), "call")
            yield from ((element, what) for what in self._quoted(session, event.text, event.at))
        elif isinstance(event, ResultReturned):
            element = f"order:{event.order}"
            yield from ((element, what) for what in self._quoted(session, event.text, event.sampled))
            order = self.scenario.catalogue.orders[event.order]
            if event.text == order.normal:
                yield from ((element, what) for what in self._normal(session, order.normal_for, event))

    def _quoted(self, session: Session, text: str, at: int) -> Iterator[str]:
        for spec, number in quotes(self.scenario, text):
            value = session.true_value(spec.id, at)
            healthy = band(spec, session.age + at)
            wide = abs(value) * _SHARE
            if healthy.low is not None and healthy.high is not None:
                wide = (healthy.high - healthy.low) * _CLOSE
            off = max(wide, abs(value) * _NOISY * spec.noise, 10.0**-spec.decimals)
            if abs(value - number) > off:
                yield f'"{text}" quotes {spec.name.lower()} {number:g}, and it is {value:.{spec.decimals}f}'

    def _normal(self, session: Session, names: tuple[str, ...], event: ResultReturned) -> Iterator[str]:
        for name in names:
            spec = self.scenario.catalogue.observables[name]
            value = session.true_value(name, event.sampled)
            healthy = band(spec, session.age + event.sampled)
            within = (healthy.low is None or value >= healthy.low) and (healthy.high is None or value <= healthy.high)
            if not within:
                yield f'"{event.text}" is the answer to {event.order} while {name} is {value:.{spec.decimals}f}'


def quotes(scenario: Scenario, text: str) -> Iterator[tuple[Observable, float]]:
    """Yield every observable that a text names right before a number, with that number."""
    for spec in scenario.catalogue.observables.values():
        names = {spec.name, spec.short, spec.id.replace("_", " ")}
        named = "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))
        for found in re.finditer(rf"(?<!\w)(?:{named}){_NUMBER}", text, re.IGNORECASE):
            yield spec, float(found[1])


def _calls(scenario: Scenario) -> Iterator[tuple[str, str]]:
    for region_id, region in scenario.disease.regions.items():
        for way in region.transitions:
            if way.call is not None:
                yield f"{region_id}.{way.id}", way.call
