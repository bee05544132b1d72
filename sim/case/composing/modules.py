"""Modules: regions with all that belongs to them, written once and included by diseases.

What a module and a disease say is put together field by field, whatever the fields of a disease are: lists follow one
another, named things come together, and a thing that is there already is added to. The first to give a region its
`initial` mix defines it; whoever else names it adds to it. Two that say the same thing differently are an error, unless
the second is the disease, which may say of an included region what it likes.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sim.case.composing.asking import check_keys, fetch
from sim.case.composing.knowing import Named, without_absent
from sim.case.composing.shelf import Shelf
from sim.case.composing.trees import (
    Entries,
    child,
    document_of,
    entries,
    holds_things,
    items,
    listed,
    mapping,
    reworked,
    where,
    without,
    words,
)
from sim.case.model.disease import Disease
from sim.case.problems import Problems
from sim.case.reading.tree import Document, Node

OWN: Final = frozenset({"id", "name", "summary"})
"""What a disease says for itself, and a module too."""
FIELDS: Final = frozenset(field.alias or name for name, field in Disease.model_fields.items()) - OWN
"""What a module may bring: every other field of a disease."""
_REGION_LIKE: Final = frozenset({"regions", "pools"})
"""Fields whose things are in one state at a time, so that conditions may ask for them."""


@dataclass(frozen=True, slots=True)
class _Part:
    """A module that is included, or the disease itself."""

    root: Node
    knows: frozenset[str]
    is_disease: bool = False


def composed_disease(shelf: Shelf, path: Path) -> Document:
    """Return a disease with all that it includes, as one tree; as it is written if it includes nothing."""
    document = shelf.document(path)
    root = document.root
    if root is None or "include" not in root.keys:
        return document
    modules = [
        _Part(_left_out(shelf, part.root, part.asked.options), frozenset(words(child(part.root, "knows"))))
        for part in fetch(shelf, "modules", child(root, "include"), path)
    ]
    for module in modules:
        hint = "a module cannot include another" if "include" in module.root.keys else ""
        check_keys(shelf, module.root, FIELDS | OWN | {"knows"}, hint)
    return document_of(_joined(modules, root, shelf.problems))


def joined_alone(shelf: Shelf, module: Node, disease: Node) -> Node:
    """Return a module joined with a disease that says nothing of its own but how a patient lives.

    What it says of regions it knows is kept, so that the rest of it can be checked.
    """
    part = _Part(without(module, OWN | {"include", "knows"}), frozenset(words(child(module, "knows"))))
    if "life" in entries(child(module, "regions")) and child(module.at("regions", "life"), "initial") is not None:
        disease = without(disease, {"regions"})
    return _joined([part], disease, shelf.problems, part.knows)


def _left_out(shelf: Shelf, root: Node, options: Node | None) -> Node:
    """The module without what the disease does not want of it: regions, pools, results by their ids."""
    if options is None:
        return root
    check_keys(shelf, options, {"without"}, "an included module is changed under 'regions' of the disease")
    unwanted = set(words(child(options, "without")))
    known = {name for field in FIELDS for name in entries(child(root, field))}
    for place in items(child(options, "without")):
        if place.data not in known:
            hint = f"there are {', '.join(sorted(known))}"
            shelf.problems.error(place, "unknown-part", f"there is no '{place.data}' to leave out", hint)
    return mapping(root, {
        key: (place, without(value, unwanted) if isinstance(value.children, dict) else value)
        for key, (place, value) in entries(root).items()
    })  # fmt: skip


def _joined(modules: list[_Part], root: Node, problems: Problems, kept: frozenset[str] = frozenset()) -> Node:
    """The disease with its modules; what they say of a region that is absent falls away, unless it is in `kept`."""
    own = _Part(without(root, {"include"}), frozenset(), is_disease=True)
    parts = [*modules, own]
    present = {
        name for part in parts for field in _REGION_LIKE
        for name, (_, thing) in entries(child(part.root, field)).items()
        if part.is_disease or child(thing, "initial") is not None
    }  # fmt: skip
    present |= {
        word for part in parts for level in items(child(part.root, "levels")) for word in words(child(level, "therapy"))
    }
    parts = [
        _Part(without_absent(part.root, Named(part.knows - present - kept)), part.knows, part.is_disease)
        for part in parts
    ]
    made = {key: pair for key, pair in entries(own.root).items() if key not in FIELDS}
    for field in (name for name in Disease.model_fields if name in FIELDS):
        said = [(part, part.root.keys[field], child(part.root, field)) for part in parts if field in part.root.keys]
        if said:
            given = [(part, value) for part, _, value in said if value is not None]
            made[field] = (said[-1][1], _field(field, given, problems))
    return mapping(root, made)


def _field(field: str, given: list[tuple[_Part, Node]], problems: Problems) -> Node:
    """One field of all the parts that have it."""
    first = given[0][1]
    if all(isinstance(value.children, tuple) for _, value in given):
        return listed(first, (item for _, value in given for item in items(value)))
    strange = next((value for _, value in given if not isinstance(value.children, dict)), None)
    if strange is not None:
        return strange  # building the model says what is wrong with it
    made: Entries = {}
    for name in _in_order(field, [value for _, value in given]):
        said = [(part, value.keys[name], entries(value)[name][1]) for part, value in given if name in value.keys]
        thing = _thing(field, name, said, problems)
        if thing is not None:
            made[name] = thing
    return mapping(first, made)


def _in_order(field: str, values: list[Node]) -> Iterable[str]:
    """The names in the order in which they are defined: what only adds to a region does not give it its place."""
    defined = [
        name for value in values for name, (_, thing) in entries(value).items()
        if field not in _REGION_LIKE or child(thing, "initial") is not None
    ]  # fmt: skip
    return dict.fromkeys([*defined, *(name for value in values for name in entries(value))])


def _thing(field: str, name: str, said: list[tuple[_Part, Node, Node]], problems: Problems) -> tuple[Node, Node] | None:
    """One region (pool, result ...) of all the parts that speak of it; None if this disease has none."""
    if field in _REGION_LIKE:
        said.sort(key=lambda one: (one[0].is_disease, child(one[2], "initial") is None))
        if not any(part.is_disease or child(thing, "initial") is not None for part, _, thing in said):
            _report_homeless(name, said, problems)
            return None
    _, key, whole = said[0]
    for part, place, thing in said[1:]:
        if field == "results":
            whole = listed(whole, (*_findings(whole), *_findings(thing)))
        elif isinstance(whole.children, tuple) and isinstance(thing.children, tuple):
            whole = listed(whole, (*items(whole), *items(thing)))
        elif isinstance(whole.children, dict) and isinstance(thing.children, dict):
            whole = _added(whole, thing, part.is_disease, problems)
        elif part.is_disease:
            whole = thing
        else:
            _clash(place, key, name, problems)
    begins = child(said[-1][2], "initial") is not None
    return key, mapping(said[-1][2], entries(whole)) if begins and isinstance(whole.children, dict) else whole


def _findings(said: Node) -> tuple[Node, ...]:
    """The findings of a list, or of one text alone."""
    alone = isinstance(said.data, str)
    return (mapping(said, {"text": (said, said)}),) if alone else items(said)


def _report_homeless(name: str, said: list[tuple[_Part, Node, Node]], problems: Problems) -> None:
    for part, place, _ in said:
        if name not in part.knows:
            message = f"'{name}' is added to here, and nothing that the disease includes begins it"
            hint = f"include the module that gives '{name}' its 'initial', or list it under 'knows' here"
            problems.error(place, "unknown-region", message, hint)


def _added(whole: Node, more: Node, may_replace: bool, problems: Problems) -> Node:
    """A region with what another part says of it."""
    made = entries(whole)
    for key, (place, value) in entries(more).items():
        old = made.get(key)
        if may_replace and key in ("change", "without"):
            continue
        if old is None:
            made[key] = (place, value)
        elif type(old[1].children) is type(value.children) and holds_things(old[1]) and holds_things(value):
            made[key] = (old[0], _both(old[1], value, problems))
        elif may_replace:
            made[key] = (place, value)
        elif old[1].data != value.data:
            _clash(place, old[0], key, problems)
    node = mapping(whole, made)
    return _without_dead_ends(reworked(node, more, problems), node) if may_replace else node


def _both(old: Node, new: Node, problems: Problems) -> Node:
    if isinstance(old.children, tuple):
        return listed(old, (*items(old), *items(new)))
    made = entries(old)
    for name, (place, value) in entries(new).items():
        if name not in made:
            made[name] = (place, value)
        elif made[name][1].data != value.data:
            _clash(place, made[name][0], name, problems)
    return mapping(old, made)


def _clash(place: Node, first: Node, name: str, problems: Problems) -> None:
    message = f"'{name}' is in {where(first, place)} already"
    problems.error(
        place, "clash", message, "write under 'change' what is to be different, or leave it out by 'without'"
    )


def _without_dead_ends(node: Node, before: Node) -> Node:
    """The region without the ways from and to the states that were left out."""
    gone = entries(child(before, "states")).keys() - entries(child(node, "states")).keys()
    transitions = child(node, "transitions")
    if not gone or transitions is None:
        return node
    kept = []
    for item in items(transitions):
        target, source = child(item, "to"), child(item, "from")
        sources = [place for place in _listed(source) if place.data not in gone]
        if sources and (target is None or target.data not in gone):
            kept.append(item if source is None else _from(item, source, sources))
    return mapping(node, entries(node) | {"transitions": (node.keys["transitions"], listed(transitions, kept))})


def _listed(node: Node | None) -> tuple[Node, ...]:
    return () if node is None else items(node) if isinstance(node.children, tuple) else (node,)


def _from(item: Node, source: Node, sources: list[Node]) -> Node:
    return mapping(item, entries(item) | {"from": (item.keys["from"], listed(source, sources))})
