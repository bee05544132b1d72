"""Numbers that no body and no monitor can show."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from sim.case.model.case import Case
from sim.case.model.catalogue import GROWN, Catalogue, Observable
from sim.case.model.disease import Disease
from sim.case.model.effects import Effect
from sim.case.problems import Problems
from sim.case.quantities import duration
from sim.case.reading.tree import Loc, Node
from sim.case.unit import plain_number

YEAR: Final = 525960
"""Minutes."""

LIGHTEST: Final = 0.3
"""Kilograms of the smallest child who lives."""

HEAVIEST: Final = 250.0
"""Kilograms of the heaviest patient that a ward's scales weigh."""

MOST_SCALE: Final = 1000.0
"""Several states scale one value: beyond this their product is soon no number any more."""

_ENDS: Final[Mapping[str | None, int]] = {
    "weight": 10 * YEAR, "weight_for_age_z": 10 * YEAR, "head": 5 * YEAR, "head_for_age_z": 5 * YEAR,
    "weight_for_length_z": 5 * YEAR,
}  # fmt: skip
"""Median or formula to the age in minutes at which its table ends, where people go on growing after it."""

_WEIGHT: Final = "weight"
"""Its healthy value is the patient's own growth and not that of a band."""


def check_numbers(root: Node, disease: Disease, catalogue: Catalogue, problems: Problems) -> None:
    """Report what a state, a band or a therapy would make of a value that nobody can show."""
    for place, effects, healthy in _effects(root, disease):
        for name, effect in effects.items():
            spec = catalogue.observables.get(name)
            if spec is not None:
                _check_effect(place.at(name), spec, effect, healthy, problems)


def _effects(root: Node, disease: Disease) -> Iterator[tuple[Node, Mapping[str, Effect], bool]]:
    """Every place that moves observables, and whether it does so to a healthy value: a therapy may meet an ill one."""
    for region_id, region in disease.regions.items():
        kind, within = ("pools", "bands") if region_id in disease.pools else ("regions", "states")
        for name, state in region.states.items():
            yield root.at(kind, region_id, within, name, "observables"), state.observables, True
    for i, effect in enumerate(disease.effects):
        yield root.at("effects", i, "observables"), effect.observables, False


def _check_effect(place: Node, spec: Observable, effect: Effect, healthy: bool, problems: Problems) -> None:
    ends = f"{plain_number(spec.floor)} and {plain_number(spec.ceiling)}"
    bounds = f"'{spec.id}' lies between {ends} {spec.unit}".rstrip()
    if effect.scale is not None and effect.scale < 0:
        message = f"a scale below 0 turns '{spec.id}' into its negative"
        problems.error(place.at("scale"), "impossible-number", message, "write the share that is left: 0.93")
    elif effect.scale is not None and effect.scale > MOST_SCALE:
        message = f"a scale of {plain_number(effect.scale)} is more than any illness makes of '{spec.id}'"
        problems.error(place.at("scale"), "impossible-number", message, f"write {plain_number(MOST_SCALE)} at most")
    elif effect.set is not None and not _lowest(spec) <= effect.set <= spec.ceiling:
        message = f"{plain_number(effect.set)} can never be reported: {bounds}"
        problems.error(place.at("set"), "impossible-number", message)
    elif effect.shift is not None and healthy and spec.id != _WEIGHT:
        moved = [band.normal + effect.shift for band in spec.bands]
        if all(not spec.floor <= value <= spec.ceiling for value in moved):
            message = f"a healthy child would come to {plain_number(moved[0])}, which can never be reported: {bounds}"
            problems.warning(place.at("shift"), "impossible-number", message)


def _lowest(spec: Observable) -> float:
    """What is less than a laboratory detects is reported as its least, and may be written."""
    return min(spec.floor, 0.0) if spec.kind == "laboratory" else spec.floor


def check_patient(root: Node, case: Case, problems: Problems) -> None:
    """Report a patient who may be a child or an adult, or weighs what nobody does."""
    youngest, oldest = case.patient.age
    if youngest < GROWN < oldest:
        message = f"expected ages on one side of {duration(GROWN)}: an adult's ranges and doses are others"
        problems.error(root.at("patient", "age"), "impossible-number", message)
    for name in ("weight", "birth_weight"):
        span = getattr(case.patient, name)
        if span is not None and not LIGHTEST <= span.low <= span.high <= HEAVIEST:
            ends = f"{plain_number(LIGHTEST)} and {plain_number(HEAVIEST)} kg"
            message = f"expected a weight between {ends}, found {plain_number(span.low)} to {plain_number(span.high)}"
            problems.error(root.at("patient", name), "impossible-number", message)


def check_growth(root: Node, case: Case, disease: Disease, problems: Problems) -> None:
    """Warn of a median or a z-score of growth that every patient of the case is too old for.

    Length and body mass index end where nobody grows any more, so what they say of nineteen years holds for adults.
    """
    for name, model in disease.observables.items():
        asked: list[tuple[Loc, int]] = [(("formula",), _ENDS[model.formula])] if model.formula in _ENDS else []
        asked += [(("sum", i), _ENDS[term.median]) for i, term in enumerate(model.sum) if term.median in _ENDS]
        for loc, end in asked:
            if case.patient.age[0] > end:
                message = f"the WHO's table for this ends at {duration(end)}, and the patient is older"
                problems.warning(
                    root.at("observables", name, *loc), "growth", message, "body mass index and length go on"
                )
