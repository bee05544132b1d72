"""Where the numbers of a case come from, counted. That each says so is enforced where cases are read."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import BaseModel

from sim.authoring.prove.bench import Bench
from sim.authoring.prove.verdict import PropertyResult, Witness
from sim.case.model.parts import Sourced
from sim.case.model.scenario import Scenario

PROPERTY = "numbers_sourced"


def prove(bench: Bench) -> list[PropertyResult]:
    """Return whether every number names evidence that exists, or says why it is assumed."""
    scenario = bench.scenario
    found, assumed = 0, 0
    failures: list[PropertyResult] = []
    for place, part in _sourced(scenario):
        found += bool(part.evidence)
        assumed += not part.evidence
        strangers = [name for name in part.evidence if name not in scenario.evidence]
        if strangers or not (part.evidence or part.assumed):
            what = f"names no evidence that exists ({', '.join(strangers)})" if strangers else "says no source"
            failures.append(PropertyResult(scenario.case.id, PROPERTY, Witness(place, f"{place} {what}.")))
    total = found + assumed
    note = f"{found} of {total} rules and numbers name their evidence, {assumed} say why they are assumed"
    return failures or [PropertyResult(scenario.case.id, PROPERTY, note=note)]


def _sourced(scenario: Scenario) -> Iterator[tuple[str, Sourced]]:
    yield from _within(scenario.case, "case")
    yield from _within(scenario.disease, "disease")
    for observable in scenario.catalogue.observables.values():
        yield f"observable:{observable.id}", observable


def _within(part: object, place: str) -> Iterator[tuple[str, Sourced]]:
    """Every sourced part inside a part, with its place."""
    if isinstance(part, Sourced):
        yield place, part
    if isinstance(part, BaseModel):
        for name in type(part).model_fields:
            yield from _within(getattr(part, name), f"{place}.{name}")
    elif isinstance(part, dict):
        for name, inner in part.items():
            yield from _within(inner, f"{place}.{name}")
    elif isinstance(part, tuple):
        for number, inner in enumerate(part):
            yield from _within(inner, f"{place}.{getattr(inner, 'id', number)}")
