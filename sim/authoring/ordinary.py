"""Ordinary answers: what an order says of any healthy child where nobody wrote more, and what speaks against it.

Two things do: a value that the same order measures, or calls normal, and that lies outside its range; and a state of
which a module that ships says something else, where this case has a state of that name.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from sim.case.composing.folders import package_root
from sim.case.composing.shelf import Shelf
from sim.case.composing.trees import child, entries, items, words
from sim.case.model.catalogue import Kind, Order
from sim.case.model.scenario import Scenario
from sim.engine.log import ResultReturned
from sim.engine.readout import band, reported
from sim.engine.session import Session

ABOUT: Final = frozenset({Kind.HISTORY, Kind.EXAMINATION, Kind.INVESTIGATION})
"""Kinds of orders whose answer is about the patient."""
ASKED: Final = frozenset({Kind.HISTORY, Kind.EXAMINATION})
"""Kinds of orders that a learner plausibly places in any case."""


@dataclass(frozen=True, slots=True)
class Contradiction:
    """An ordinary answer that was given while something said otherwise."""

    order: str
    words: str
    against: str
    """What speaks against it: a value, or a state and what is said of it elsewhere."""
    seed: int
    at: int
    """The first patient and minute."""
    often: int = 0
    """In so many answers."""
    of: int = 0
    """Of so many of this order that were ordinary."""


@dataclass(frozen=True, slots=True)
class Said:
    """What a module says of an order in some states of a region."""

    region: str
    states: frozenset[str]
    text: str


@dataclass(slots=True)
class Ordinary:
    """The ordinary answers that were given in some lives of a case."""

    scenario: Scenario
    _given: dict[str, list[bool]] = field(default_factory=dict)
    """Order to whether each of its answers was the ordinary one."""
    _wrong: dict[tuple[str, str], Contradiction] = field(default_factory=dict)
    """Order, and what speaks against it, to where that was first."""
    _plausible: frozenset[str] = frozenset()
    _elsewhere: Mapping[str, tuple[Said, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._plausible, self._elsewhere = _plausible(self.scenario), _elsewhere(self.scenario)

    def note(self, session: Session, event: ResultReturned, states: Mapping[str, str], *, ordinary: bool) -> None:
        """Take a final report, and in which state each region was when its sample was taken."""
        order = self.scenario.catalogue.orders[event.order]
        if order.normal is None or order.id not in self._plausible:
            return
        self._given.setdefault(order.id, []).append(ordinary)
        for key, against in self._against(session, event, order, states) if ordinary else ():
            first = Contradiction(order.id, event.text, against, session.seed, event.sampled)
            found = self._wrong.get((order.id, key), first)
            self._wrong[order.id, key] = replace(found, often=found.often + 1)

    def _against(
        self, session: Session, event: ResultReturned, order: Order, states: Mapping[str, str]
    ) -> Iterator[tuple[str, str]]:
        for name in dict.fromkeys((*order.measures, *order.normal_for)):
            spec = self.scenario.catalogue.observables[name]
            value = reported(spec, session.true_value(name, event.sampled), 0.0)
            healthy = band(spec, session.age + event.sampled)
            low = healthy.low is not None and value < healthy.low
            if low or (healthy.high is not None and value > healthy.high):
                yield name, f"{name} is {value:.{spec.decimals}f} {spec.unit}".rstrip()
        for said in self._elsewhere.get(order.id, ()):
            state = states.get(said.region, "")
            if state in said.states:
                yield f"{said.region}.{state}", f'{said.region} is {state}, of which modules say "{said.text}"'

    @property
    def contradictions(self) -> tuple[Contradiction, ...]:
        """What spoke against ordinary answers about the patient, in the order in which it was met."""
        return tuple(
            replace(one, of=sum(self._given[one.order])) for one in self._wrong.values() if self._is_about(one.order)
        )

    @property
    def always(self) -> tuple[tuple[str, str], ...]:
        """The orders that gave the ordinary answer about the patient in every life, with its words."""
        orders = self.scenario.catalogue.orders
        found = (order for order, given in self._given.items() if all(given) and self._is_about(order))
        return tuple((order, orders[order].normal or "") for order in sorted(found))

    def _is_about(self, order: str) -> bool:
        return self.scenario.catalogue.orders[order].kind in ABOUT


def _plausible(scenario: Scenario) -> frozenset[str]:
    """What a learner may well order here: questions and examinations, and what the case itself speaks of."""
    case = scenario.case
    spoken = {order for step in case.pathway for order in step.do}
    spoken |= {order for worth in case.values for order in worth.order}
    return frozenset(
        order.id for order in scenario.catalogue.orders.values() if order.kind in ASKED or order.id in spoken
    )


def _elsewhere(scenario: Scenario) -> dict[str, tuple[Said, ...]]:
    """What the modules that ship say of orders in states that this case has too, by order."""
    shelf, found = Shelf((package_root(),)), dict[str, tuple[Said, ...]]()
    regions = scenario.disease.regions
    for module in shelf.ids("modules"):
        path = shelf.find("modules", module)
        root = None if path is None else shelf.document(path).root
        for order, (_, findings) in entries(None if root is None else child(root, "results")).items():
            for finding in items(findings):
                when, text = child(finding, "when"), child(finding, "text")
                asked = None if when is None or set(when.keys) != {"in"} else child(when, "in")
                if asked is None or text is None or len(asked.keys) != 1:
                    continue
                ((region, (_, states)),) = entries(asked).items()
                if region in regions and regions[region].states.keys() & set(words(states)):
                    said = Said(region, frozenset(words(states)), str(text.data))
                    found[order] = (*found.get(order, ()), said)
    return found
