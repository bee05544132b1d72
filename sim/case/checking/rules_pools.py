"""What must be true of pools and modelled observables beyond their shape. Each rule is one small function."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise
from math import inf
from typing import Final

from sim.case.model.catalogue import WEIGHT, Catalogue
from sim.case.model.disease import Disease
from sim.case.model.pools import GIVES, NEEDS, WEIGHED, Band, Flow, Modelled, Pool
from sim.case.problems import Problems
from sim.case.reading.tree import Node


def check_pools(root: Node, disease: Disease, catalogue: Catalogue, problems: Problems) -> None:
    """Report what is wrong with the pools and the modelled observables of a disease (built from `root`)."""
    for name, pool in disease.pools.items():
        place = root.at("pools", name)
        if "regions" in root.keys and name in root.at("regions").keys:
            problems.error(root.key("pools", name), "duplicate-id", f"'{name}' is a region already: a pool is one too")
        for rule in _RULES:
            rule(place, name, pool, problems)
        _doses(place, pool, catalogue, problems)
    _models(root, disease, catalogue, problems)


def _ordered(pool: Pool) -> list[tuple[str, Band]]:
    return sorted(pool.bands.items(), key=lambda item: item[1].range)


def rates_of(flow: Flow) -> tuple[float, ...]:
    """Return what a flow can add to u (or k), one number for each point of its table."""
    if flow.rates is not None:
        return tuple(y for _, y in flow.rates)
    return (flow.loss if flow.loss is not None else flow.rate or 0.0,)


def reach_of(pool: Pool) -> tuple[float, float]:
    """Return the lowest and the highest amount that the flows could lead to, whatever happens."""
    low, high = pool.initial
    rates = [rate for flow in pool.flows if not flow.is_loss for rate in rates_of(flow)]
    losses = [loss for flow in pool.flows if flow.is_loss for loss in rates_of(flow)]
    if any(rate < 0 for rate in rates) or (any(loss < 0 for loss in losses) and low < 0):
        low = -inf
    elif any(loss > 0 for loss in losses):
        low = min(low, 0.0)
    if any(rate > 0 for rate in rates) or (any(loss < 0 for loss in losses) and high > 0):
        high = inf
    elif any(loss > 0 for loss in losses):
        high = max(high, 0.0)
    return low, high


def _bands_can_be_reached(place: Node, name: str, pool: Pool, problems: Problems) -> None:
    low, high = reach_of(pool)
    for band_id, band in pool.bands.items():
        if band.range[1] <= low or band.range[0] > high:
            message = f"no amount of '{name}' ever comes to the band '{band_id}': no flow leads there"
            problems.error(place.key("bands", band_id), "unreachable-state", message)


def _does_not_chatter(place: Node, name: str, pool: Pool, problems: Problems) -> None:
    """Two flows that read the pool's own bands and push back over one bound would cross it again every minute."""
    for (lower_id, lower), (upper_id, upper) in pairwise(_ordered(pool)):
        gap = lower.leaves[1] > lower.range[1] or upper.leaves[0] < upper.range[0]
        rises = any(rate > 0 for flow in _only_in(pool, name, lower_id, upper_id) for rate in _pushes(flow, lower))
        falls = any(rate < 0 for flow in _only_in(pool, name, upper_id, lower_id) for rate in _pushes(flow, upper))
        if rises and falls and not gap:
            message = f"the flows of '{name}' push back over {lower.range[1]:g}: it would cross there every minute"
            hint = f"give '{lower_id}' an 'until_above' or '{upper_id}' an 'until_below' beyond it"
            problems.error(place.key("bands", upper_id), "chatter", message, hint)


def _pushes(flow: Flow, band: Band) -> Iterator[float]:
    """The changes that a flow brings about within a band, by sign."""
    edge = next((end for end in band.range if end not in (inf, -inf)), 0.0)
    for rate in rates_of(flow):
        yield -rate * edge if flow.is_loss else rate


def _only_in(pool: Pool, name: str, band: str, other: str) -> Iterator[Flow]:
    """The flows that act in one band and not in the other, by their own condition."""
    for flow in pool.flows:
        wanted = None if flow.when is None or flow.when.in_ is None else flow.when.in_.get(name)
        if wanted is not None and band in wanted and other not in wanted:
            yield flow


def _something_moves_it(place: Node, name: str, pool: Pool, problems: Problems) -> None:
    if not pool.flows:
        problems.warning(place, "no-flow", f"nothing moves '{name}': it has no flows")


def _doses(place: Node, pool: Pool, catalogue: Catalogue, problems: Problems) -> None:
    for i, flow in enumerate(pool.flows):
        order = None if flow.therapy is None else catalogue.orders.get(flow.therapy)
        if order is not None and order.doses and flow.per is None and flow.rates is None:
            message = f"'{order.id}' has doses, and this flow is the same at all of them"
            problems.warning(place.at("flows", i, "therapy"), "flow-without-dose", message, "use 'per' or 'by_dose'")
        if order is not None and not order.doses and (flow.per is not None or flow.rates is not None):
            problems.error(place.at("flows", i, "therapy"), "no-dose", f"'{order.id}' has no doses to read")


def _models(root: Node, disease: Disease, catalogue: Catalogue, problems: Problems) -> None:
    reads: dict[str, tuple[str, ...]] = {}
    for name, model in disease.observables.items():
        place = root.at("observables", name)
        reads[name] = _inputs(model)
        if model.formula == WEIGHED:
            _weighs(place, name, model, disease, problems)
        elif model.formula is not None:
            _takes(place, model, catalogue, problems)
            _gives(place, name, model, catalogue, problems)
    try:
        TopologicalSorter({name: [r for r in read if r in reads] for name, read in reads.items()}).prepare()
    except CycleError as error:
        circle = " -> ".join(error.args[1])
        problems.error(root.key("observables", error.args[1][0]), "circle", f"observables read one another: {circle}")


def _inputs(model: Modelled) -> tuple[str, ...]:
    if model.formula is not None:
        return model.of or NEEDS[model.formula]
    return tuple(reading.observable for reading in model.sum if reading.observable is not None)


def _weighs(place: Node, name: str, model: Modelled, disease: Disease, problems: Problems) -> None:
    if name != WEIGHT:
        problems.error(place, "formula", f"'{WEIGHED}' reads the dry weight: it is for 'weight', not for '{name}'")
    for i, water in enumerate(model.pools):
        pool = disease.pools.get(water)
        if pool is not None and pool.unit != "mL/kg":
            message = f"'{WEIGHED}' takes water in mL/kg of dry weight, and '{water}' is in {pool.unit}"
            problems.error(place.at("pools", i), "unit", message)


def _gives(place: Node, name: str, model: Modelled, catalogue: Catalogue, problems: Problems) -> None:
    """A formula that gives one unit is for an observable in that unit."""
    unit, said = GIVES.get(str(model.formula)), catalogue.observables.get(name)
    if unit is not None and said is not None and said.unit != unit:
        message = f"the formula '{model.formula}' gives {unit}, and '{name}' is in {said.unit or 'no unit'}"
        problems.error(place.at("formula"), "unit", message)


def _takes(place: Node, model: Modelled, catalogue: Catalogue, problems: Problems) -> None:
    needs = NEEDS[str(model.formula)]
    missing = ", ".join(f"'{name}'" for name in needs if name not in catalogue.observables)
    if missing and not model.of:
        message = f"the formula '{model.formula}' takes {', '.join(needs)}, and the catalogue has no {missing}"
        problems.error(place, "formula", message, "name those that it takes in 'of'")
    if not needs and len(model.of) < (2 if model.formula == "share" else 1):
        problems.error(place, "formula", f"the formula '{model.formula}' takes observables: expected them in 'of'")
    elif needs and model.of and len(model.of) != len(needs):
        message = f"the formula '{model.formula}' takes {len(needs)} observables ({', '.join(needs)})"
        problems.error(place.at("of"), "formula", f"{message}, found {len(model.of)}")


_RULES: Final[tuple[Callable[[Node, str, Pool, Problems], None], ...]] = (
    _bands_can_be_reached,
    _does_not_chatter,
    _something_moves_it,
)
