"""Does every dose that an order lists change something? A dose enters a body by few ways, and all can be read."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from typing import Final

from sim.authoring.prove.bench import Bench
from sim.authoring.prove.properties.names import scored
from sim.authoring.prove.verdict import PropertyResult, Run, Witness
from sim.case.checking.rules_conditions import conditions_of
from sim.case.model.catalogue import Order
from sim.case.model.disease import Disease
from sim.case.model.scenario import Scenario
from sim.case.model.terms import Dose, Effect, Leaf, Level, Ordered, Running, leaves, parsed
from sim.engine.pool import read_points

PROPERTY: Final = "doses_act"


def prove(bench: Bench) -> list[PropertyResult]:
    """Return every two doses of a therapy that do the same to every patient of the case.

    Asked of the therapies that the case scores or gives and the disease knows. What a dose does is read from flows,
    levels, lagging effects and conditions on doses and levels: there is no other way for it to act, so nothing has to
    be played. A therapy that the disease does not know at all is counted: it is care that has no dose here.
    """
    scenario = bench.scenario
    failures, known, unknown = [], 0, 0
    for name in dict.fromkeys((*scored(scenario), *scenario.case.given)):
        order = scenario.catalogue.orders[name]
        if not order.doses or not order.starts_therapy:
            continue
        if not _is_known(scenario.disease, name):
            unknown += 1
            continue
        known += 1
        same = _alike(scenario, order)
        if same is not None:
            what = f"{order.id} does the same at {same[0]} and at {same[1]}: nothing in the disease reads that dose."
            failures.append(
                PropertyResult(scenario.case.id, PROPERTY, Witness(f"order:{order.id}", what, _given(order)))
            )
    note = f"{known} therapies with doses act by them, {unknown} have no part in the disease"
    return failures or [PropertyResult(scenario.case.id, PROPERTY, note=note)]


def _given(order: Order) -> Run:
    """The order in its usual dose, for whoever wants to look."""
    return Run(1, f"- order: {order.id}\n- finish: true\n")


def _alike(scenario: Scenario, order: Order) -> tuple[str, str] | None:
    """Two doses that do the same: two of those listed, or the least and the most that may be typed."""
    acts = {option.label: _acts(scenario.disease, order.id, option.amount) for option in order.doses}
    pairs = [(one.label, other.label) for one, other in combinations(order.doses, 2)]
    if order.range is not None and not pairs:
        ends = order.extremes
        acts |= {end.label: _acts(scenario.disease, order.id, end.amount) for end in ends}
        pairs = [(ends[0].label, ends[-1].label)] if ends else []
    return next((pair for pair in pairs if acts[pair[0]] == acts[pair[1]]), None)


def _acts(disease: Disease, therapy: str, amount: float) -> tuple[object, ...]:
    """Everything in a disease that reads the dose of a therapy, as it is at an amount."""
    return (*_flows(disease, therapy, amount), *_readings(disease, therapy, amount), *_guards(disease, therapy, amount))


def _flows(disease: Disease, therapy: str, amount: float) -> Iterator[object]:
    for pool in disease.pools.values():
        for flow in pool.flows:
            if flow.therapy == therapy and flow.rates is not None:
                yield read_points(flow.rates, amount)
            elif flow.therapy == therapy and flow.per is not None:
                yield amount / flow.per


def _readings(disease: Disease, therapy: str, amount: float) -> Iterator[object]:
    for model in disease.observables.values():
        for reading in model.sum:
            if reading.dose == therapy and reading.points is not None:
                yield read_points(reading.points, amount)
    for level in disease.levels:
        if level.therapy == therapy:
            yield amount * level.per_amount


def _guards(disease: Disease, therapy: str, amount: float) -> Iterator[object]:
    for leaf in _leaves(disease):
        if isinstance(leaf, Dose) and leaf.therapy == therapy:
            yield (leaf.above is None or amount > leaf.above) and (leaf.below is None or amount < leaf.below)


def _is_known(disease: Disease, therapy: str) -> bool:
    """Whether a disease speaks of a therapy."""
    named = {name for effect in disease.effects for name in effect.therapy}
    named |= {flow.therapy for pool in disease.pools.values() for flow in pool.flows if flow.therapy is not None}
    named |= {r.dose for model in disease.observables.values() for r in model.sum if r.dose is not None}
    named |= {level.therapy for level in disease.levels}
    for region in disease.regions.values():
        for way in region.transitions:
            if way.on is not None:
                named |= {*(way.on.start or ()), *(way.on.stop or ()), *(way.on.effect or ())}
    for leaf in _leaves(disease):
        if isinstance(leaf, (Effect, Running)):
            named |= set(leaf.therapies)
        elif isinstance(leaf, (Dose, Level)):
            named.add(leaf.therapy)
        elif isinstance(leaf, Ordered):
            named |= set(leaf.orders)
    return therapy in named


def _leaves(disease: Disease) -> Iterator[Leaf]:
    for _, condition in conditions_of(disease):
        yield from leaves(parsed(condition))
