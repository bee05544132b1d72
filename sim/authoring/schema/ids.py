"""The ids that an editor offers: orders, values, diagnoses and evidence, and the states of a case's disease.

An id that is not in a list is allowed all the same, as a case may bring its own: `scurfy check` says what is unknown.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from sim.authoring.schema.shapes import ID, Json
from sim.case.checking.references import USES
from sim.case.composing.compose import compose
from sim.case.composing.folders import package_root
from sim.case.composing.shelf import Shelf
from sim.case.composing.trees import child, entries
from sim.case.model.catalogue import Catalogue
from sim.case.model.disease import Disease
from sim.case.model.evidence import Evidence, Source

EVIDENCE_ID: Final[Json] = {"type": "string", "pattern": "^[a-z0-9][a-z0-9.-]{0,47}$"}

_LIST_OF: Final[Mapping[str, str]] = {
    "order": "orders", "therapy": "therapies", "dosed": "therapies", "observable": "observables",
    "diagnosis": "diagnoses", "source": "sources", "pool": "pools", "told": "revealed", "level": "therapies",
}  # fmt: skip
"""Kind of id to the list that is offered for it; those of regions and states are offered as keys."""


@dataclass(frozen=True, slots=True)
class Known:
    """What there is to name, each id with what it is called."""

    lists: Mapping[str, Mapping[str, str]]
    states: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Region to its states."""
    transitions: tuple[str, ...] = ()
    """`region.transition`."""
    starts: tuple[str, ...] = ()
    protocols: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Protocol to its parameters."""
    modules: tuple[str, ...] = ()
    histories: tuple[str, ...] = ()


def lists_of(
    catalogue: Catalogue, evidence: Mapping[str, Evidence], sources: Mapping[str, Source], disease: Disease | None
) -> dict[str, dict[str, str]]:
    """Return the lists of ids that there are, each id with its name."""
    orders = catalogue.orders.values()
    found = {
        "orders": {order.id: order.name for order in orders},
        "therapies": {order.id: order.name for order in orders if order.starts_therapy},
        "observables": {name: f"{one.name}, {one.unit}" for name, one in catalogue.observables.items()},
        "diagnoses": {name: one.name for name, one in catalogue.diagnoses.items()},
        "evidence": {name: f"{fact.grade}: {fact.statement}" for name, fact in evidence.items()},
        "sources": {name: source.citation for name, source in sources.items()},
    }
    if disease is not None:
        found["pools"] = {name: f"{pool.name}, {pool.unit}" for name, pool in disease.pools.items()}
        found["revealed"] = dict.fromkeys(_revealed(disease), "revealed by a call")
    return found


def _revealed(disease: Disease) -> list[str]:
    codes = (one.reveals for region in disease.regions.values() for one in region.transitions)
    return sorted({code for code in codes if code is not None})


def listed(known: Known) -> dict[str, Json]:
    """Return a definition for each list of ids, to be referred to from wherever one is written."""
    made = {name: _offered(ids, EVIDENCE_ID if name in ("evidence", "sources") else ID)
            for name, ids in known.lists.items() if ids}  # fmt: skip
    for region, states in known.states.items():
        made[f"states_{region}"] = _offered(states, ID)
    return {f"ids_{name}": schema for name, schema in made.items()}


def _offered(ids: Mapping[str, str], shape: Json) -> Json:
    return {"anyOf": [{"enum": list(ids), "enumDescriptions": list(ids.values())}, dict(shape)]}


def offer(found: dict[str, Json], known: Known) -> None:
    """Let every place that holds an id offer those there are. `found` are the definitions, changed here."""
    for (model, name), kind in USES.items():
        key = found.get(model, {}).get("properties", {}).get(name.rstrip("_"))
        if key is not None:
            _offer_in(key, kind, known)
    for schema in found.values():
        said = schema.get("properties", {}).get("evidence")
        if said is not None and known.lists.get("evidence"):
            _refer(said, EVIDENCE_ID["pattern"], "evidence")
    found |= listed(known)


def _offer_in(key: Json, kind: str, known: Known) -> None:
    if kind in ("state", "mix") and known.states:
        _offer_states(key, known.states)
    elif kind == "transition" and known.transitions:
        _constrain(key, r"^[a-z0-9_]+\.[a-z0-9_]+$", {"anyOf": [{"enum": list(known.transitions)}, {"type": "string"}]})
    elif known.lists.get(_LIST_OF.get(kind, "")):
        name = _LIST_OF[kind]
        entries = _mapping_in(key)
        if entries is not None:
            _offer_keys(entries, known.lists[name])
        else:
            _refer(key, str(ID["pattern"]), name)


def _mapping_in(key: Json) -> Json | None:
    """The form of a value that is a mapping from ids, if there is one."""
    forms = (key, *key.get("anyOf", ()))
    return next((form for form in forms if isinstance(form.get("additionalProperties"), dict)), None)


def _offer_keys(entries: Json, ids: Iterable[str]) -> None:
    entries["properties"] = {name: dict(entries["additionalProperties"]) for name in ids}


def _offer_states(key: Json, states: Mapping[str, Mapping[str, str]]) -> None:
    entries = _mapping_in(key)
    if entries is None:
        return
    entries["properties"] = {}
    for region in states:
        value = _copied(entries["additionalProperties"])
        mixes = _mapping_in(value)
        if mixes is not None:
            _offer_keys(mixes, states[region])
        _refer(value, str(ID["pattern"]), f"states_{region}")
        entries["properties"][region] = value


def _copied(schema: Any) -> Any:
    if isinstance(schema, dict):
        return {key: _copied(value) for key, value in schema.items()}
    return [_copied(item) for item in schema] if isinstance(schema, list) else schema


def _refer(schema: Json, pattern: str, name: str) -> None:
    _constrain(schema, pattern, {"$ref": f"#/$defs/ids_{name}"})


def _constrain(schema: Any, pattern: str, instead: Json) -> None:
    """Put a shape in place of every text of this pattern within one."""
    if isinstance(schema, list):
        for item in schema:
            _constrain(item, pattern, instead)
    elif isinstance(schema, dict):
        if schema.get("pattern") == pattern and schema.get("type") == "string":
            said = schema.get("description")
            schema.clear()
            schema |= instead if said is None else {**instead, "description": said}
            return
        for key, value in schema.items():
            if key != "propertyNames":
                _constrain(value, pattern, instead)


def known_around(case: Path | None = None) -> Known:
    """Return what a file may name: what the library has and, around the file of a case, what the case brings too.

    Of a case that cannot be read whole yet, what could be read of it and of its disease is known.
    """
    shelf = Shelf((package_root(),)) if case is None else Shelf.around(case, None)
    disease = None if case is None else compose(shelf, case.absolute()).disease
    facts = {name: fact for name, (_, fact) in shelf.evidence.items()}
    sources = {name: source for name, (_, source) in shelf.sources.items()}
    regions = {} if disease is None else disease.regions
    return Known(
        lists=lists_of(shelf.catalogue, facts, sources, disease),
        states={name: {state: said.name for state, said in region.states.items()} for name, region in regions.items()},
        transitions=tuple(f"{name}.{one.id}" for name, region in regions.items() for one in region.transitions),
        starts=() if disease is None else tuple(disease.starts),
        protocols={name: _parameters(shelf, name) for name in shelf.ids("protocols")},
        modules=shelf.ids("modules"),
        histories=shelf.ids("histories"),
    )


def _parameters(shelf: Shelf, protocol: str) -> tuple[str, ...]:
    path = shelf.find("protocols", protocol)
    root = None if path is None else shelf.document(path).root
    return () if root is None else tuple(entries(child(root, "parameters")))
