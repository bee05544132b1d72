"""Protocols and histories: fragments of a case that many cases use.

A case that uses protocols gets their lists before its own, in the order of `use`; what orders are worth comes after its
own, because the first that fits counts, and steps come where the case places them (`placing`). An answer is looked for
in the case, in a protocol, in the disease, and then among the ordinary ones of its histories.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Final

from sim.case.composing.adjusting import started
from sim.case.composing.asking import Fetched, check_keys, fetch
from sim.case.composing.knowing import REVEALED, Named, named_under, without_absent
from sim.case.composing.parameters import filled
from sim.case.composing.placing import placed
from sim.case.composing.pronouns import spoken
from sim.case.composing.shelf import Shelf
from sim.case.composing.shorthand import SHORT, written_out
from sim.case.composing.trees import (
    Entries,
    child,
    document_of,
    entries,
    items,
    listed,
    mapping,
    named_things,
    reworked,
    scalar,
    where,
    without,
    word_nodes,
    words,
)
from sim.case.model.composition import Protocol
from sim.case.problems import Problems
from sim.case.reading.tree import Document, Node

CASE_KEYS: Final = frozenset({"use", "history", "adjust"}) | SHORT
"""Top keys of a case that are gone when it is put together."""
_LISTS: Final = ("pathway", "pitfalls", "values", "endings", "sequelae", "questions", "objectives", "teaching")
_OWN_FIRST: Final = frozenset({"values"})
_NAMED: Final = ("pathway", "pitfalls", "endings", "questions")
_POINTING: Final = ("after", "about")
"""Fields that name steps and pitfalls of the same case."""


def composed_case(shelf: Shelf, path: Path, disease: Node | None) -> Document:
    """Return a case with all that it uses, as one tree without short forms."""
    root = shelf.document(path).root
    if root is None:
        return shelf.document(path)
    problems = shelf.problems
    present = None if disease is None else _present(disease)
    parts = [
        spoken(_protocol(shelf, fetched, present), root, shelf)
        for fetched in fetch(shelf, "protocols", child(root, "use"), path)
    ]
    own = started(written_out(root, shelf.orders), disease, problems)
    made = {key: pair for key, pair in entries(own).items() if key not in CASE_KEYS}
    for field in _LISTS:
        made |= _list(field, own, parts)
    if "pathway" in made and isinstance(made["pathway"][1].children, tuple):
        brought = (step for part in parts for step in items(child(part, "pathway")))
        steps = placed(child(root, "pathway"), items(child(own, "pathway")), brought, problems)
        made["pathway"] = (made["pathway"][0], listed(made["pathway"][1], steps))
    made |= _results(shelf, own, parts, _histories(shelf, root, path), disease)
    return document_of(mapping(root, made))


def plain_protocol(shelf: Shelf, root: Node) -> Node:
    """Return a protocol as it is used without a word of difference: for checking it by itself."""
    whole = written_out(filled(root, None, shelf, samples=True), shelf.orders)
    return spoken(without(whole, SHORT), None, shelf)


def _list(field: str, own: Node, parts: list[Node]) -> Entries:
    said = [(part.keys[field], child(part, field)) for part in parts if field in part.keys]
    mine = [(own.keys[field], child(own, field))] if field in own.keys else []
    said = [*mine, *said] if field in _OWN_FIRST else [*said, *mine]
    found = [(place, value) for place, value in said if value is not None]
    if not found:
        return {}
    strange = next(((place, value) for place, value in found if not isinstance(value.children, tuple)), None)
    if strange is not None:
        return {field: strange}  # building the model says what is wrong with it
    place, first = next(iter([*mine, *found]))
    return {field: (place, listed(first or found[0][1], (item for _, value in found for item in items(value))))}


def _protocol(shelf: Shelf, fetched: Fetched, present: Named | None) -> Node:
    """A protocol as this case uses it: its parameters filled in, without what is left out, with what is changed."""
    root, options = fetched.root, fetched.asked.options
    check_keys(shelf, root, {field.alias or name for name, field in Protocol.model_fields.items()} | SHORT)
    body = written_out(filled(root, options, shelf), shelf.orders)
    before = named_things(_steps(body)).keys()
    if present is not None:
        known, heard = (frozenset(words(child(root, key))) for key in ("knows", "calls"))
        body = without_absent(body, Named(known - present.regions, heard - present.calls))
    body = reworked(body, options, shelf.problems)
    gone = before - named_things(_steps(body)).keys()
    return _renamed(body, gone, fetched.asked.options)


def _present(disease: Node) -> Named:
    names = (name for field in ("regions", "pools") for name in entries(child(disease, field)))
    return Named(frozenset(names), named_under(disease, REVEALED))


def _steps(body: Node) -> Node:
    return mapping(body, {key: pair for key, pair in entries(body).items() if key in _NAMED})


def _renamed(body: Node, gone: Iterable[str], options: Node | None) -> Node:
    """The protocol with its prefix before every id of its own, and without pointers to what was left out."""
    given = None if options is None else child(options, "prefix")
    prefix = given.data if given is not None and isinstance(given.data, str) else ""
    mine, lost = set(named_things(_steps(body))), set(gone)

    def called(place: Node) -> Node:
        return scalar(place, f"{prefix}{place.data}") if place.data in mine else place

    def one(item: Node) -> Node:
        made = entries(item)
        if prefix and "id" in made:
            made["id"] = (made["id"][0], called(made["id"][1]))
        for field in _POINTING:
            if field in made:
                left = (called(place) for place in word_nodes(made[field][1]) if place.data not in lost)
                made[field] = (made[field][0], listed(made[field][1], left))
        return mapping(item, made) if isinstance(item.children, dict) else item

    named = {
        field: (place, listed(value, map(one, items(value)))) for field, (place, value) in entries(_steps(body)).items()
        if isinstance(value.children, tuple)
    }  # fmt: skip
    return mapping(body, entries(body) | named)


# --- what orders answer ------------------------------------------------------------------------------------


def _histories(shelf: Shelf, root: Node, path: Path) -> list[Entries]:
    """The answers of each set of ordinary answers that the case names."""
    found = fetch(shelf, "histories", child(root, "history"), path)
    for fetched in found:
        check_keys(shelf, fetched.root, {"id", "name", "answers"})
    return [entries(child(spoken(fetched.root, root, shelf), "answers")) for fetched in found]


def _results(shelf: Shelf, own: Node, parts: list[Node], sets: list[Entries], disease: Node | None) -> Entries:
    mine = child(own, "results")
    if mine is not None and not isinstance(mine.children, dict):
        return {}
    made = entries(mine)
    for part in parts:
        for order, (place, value) in entries(child(part, "results")).items():
            if order not in made:
                made[order] = (place, value)
            elif order not in entries(mine):
                _clash(place, made[order][0], order, shelf.problems)
    ordinary: Entries = {}
    for answers in [*(entries(child(part, "history")) for part in parts), *sets]:
        ordinary |= answers
    found = entries(None if disease is None else child(disease, "results"))
    for order, answer in ordinary.items():
        if order not in made:
            made[order] = _ordinary(answer, found.get(order))
    place = next((part for part in (mine, *(child(part, "results") for part in parts)) if part is not None), own)
    return {"results": (own.keys.get("results", place), mapping(place, made))} if made else {}


def _ordinary(answer: tuple[Node, Node], finds: tuple[Node, Node] | None) -> tuple[Node, Node]:
    """The ordinary answer, said where nothing that the disease finds holds."""
    if finds is None or any(child(item, "when") is None for item in items(finds[1])):
        return answer if finds is None else finds
    place, said = answer
    fallback = items(said) or (mapping(said, {"text": (place, said)}),)
    return place, listed(said, (*items(finds[1]), *fallback))


def _clash(place: Node, first: Node, name: str, problems: Problems) -> None:
    message = f"the answer to '{name}' is in {where(first, place)} already"
    problems.error(place, "clash", message, "let the case say itself what it answers, under 'results'")
