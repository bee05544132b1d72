"""What states and therapies do to what is measured: what cannot be meant, and where two states contradict."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import combinations
from typing import NamedTuple

from sim.case.model.catalogue import Catalogue, Observable
from sim.case.model.disease import Disease
from sim.case.model.effects import Effect
from sim.case.model.pools import NEEDS, WEIGHED
from sim.case.problems import Problems
from sim.case.reading.tree import Node


class _Moves(NamedTuple):
    """One state's effect on an observable."""

    region: str
    state: str
    effect: Effect
    place: Node

    @property
    def name(self) -> str:
        return f"'{self.region}.{self.state}'"


def check_effects(root: Node, disease: Disease, catalogue: Catalogue, problems: Problems) -> None:
    """Report what is wrong with the effects of a disease (built from `root`) on observables."""
    moved: dict[str, list[_Moves]] = {}
    for name, moves in _of_states(root, disease):
        moved.setdefault(name, []).append(moves)
    for name, found in moved.items():
        if name in catalogue.observables:
            _contradict(catalogue.observables[name], found, problems)
    places = [(name, moves.place) for name, found in moved.items() for moves in found]
    for i, effect in enumerate(disease.effects):
        places += [(name, root.at("effects", i, "observables", name)) for name in effect.observables]
    _derived_are_left_alone(disease, places, problems)


def _of_states(root: Node, disease: Disease) -> Iterator[tuple[str, _Moves]]:
    """What every state and every band that does not end the case does to which observable."""
    for region_id, region in disease.regions.items():
        for state_id, state in region.states.items() if region_id not in disease.pools else ():
            place = root.at("regions", region_id, "states", state_id, "observables")
            for name, effect in state.observables.items() if not state.outcome else ():
                yield name, _Moves(region_id, state_id, effect, place.at(name))
    for pool_id, pool in disease.pools.items():
        for band_id, band in pool.bands.items():
            place = root.at("pools", pool_id, "bands", band_id, "observables")
            for name, effect in band.observables.items() if not band.outcome else ():
                yield name, _Moves(pool_id, band_id, effect, place.at(name))


def _contradict(observable: Observable, found: list[_Moves], problems: Problems) -> None:
    """Two states of one priority that can be at the same time, one too low and one too high for every age.

    Two that agree in direction are left alone: the later region is then as good as the earlier.
    """
    pairs = [
        (one, other) for one, other in combinations(found, 2)
        if one.region != other.region and one.effect.rank == other.effect.rank
        and _side(observable, one.effect) * _side(observable, other.effect) < 0
    ]  # fmt: skip
    if pairs:
        one, other = pairs[0]
        more = f" (and {len(pairs) - 1} more such pairs)" if len(pairs) > 1 else ""
        first, second = ("low", "high") if _side(observable, one.effect) < 0 else ("high", "low")
        message = (
            f"{one.name} sets '{observable.id}' too {first}, {other.name} too {second}, and both can be at once{more}"
        )
        hint = "the later region decides: say which goes first with a 'priority' (high, emergency), or use 'shift'"
        problems.warning(other.place, "contradiction", message, hint)


def _side(observable: Observable, effect: Effect) -> int:
    """Return -1 where an effect sets a value below the healthy range at every age, 1 above it, else 0."""
    if effect.set is None:
        return 0
    if all(band.low is not None and effect.set < band.low for band in observable.bands):
        return -1
    return int(all(band.high is not None and effect.set > band.high for band in observable.bands))


def _derived_are_left_alone(disease: Disease, places: list[tuple[str, Node]], problems: Problems) -> None:
    """What a formula gives follows from what else a result reports: moved by itself it would contradict them."""
    derived: Mapping[str, tuple[str, ...]] = {
        name: model.of or NEEDS[model.formula] for name, model in disease.observables.items()
        if model.formula is not None and model.formula != WEIGHED
    }  # fmt: skip
    for name, place in places:
        if name in derived:
            message = f"'{name}' follows from {', '.join(derived[name])}: nothing moves it by itself"
            problems.error(place, "derived", message, "move those")
