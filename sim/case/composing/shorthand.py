"""Short forms of what everybody writes in a case, written out before it is read.

A phase as a heading over its steps; `must: ORDER` for a step's weight, its order, its id and its title; `critical: ID`
and `did: ORDER` for a pitfall; one `assumed` for all that names no evidence of its own. Short forms of single values
(one id for a list of one, a number for an effect, a text for a result) belong to the models.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from sim.case.composing.trees import Entries, child, entries, items, listed, mapping, scalar, word_nodes
from sim.case.model.catalogue import Order
from sim.case.reading.tree import Node

WEIGHTS: Final = ("must", "should", "could")
SEVERITIES: Final = ("critical", "major", "minor")
SHORT: Final = frozenset({"assumed"})
"""Top keys of a case and of a protocol that exist only as short forms."""
_REASONED: Final = ("pathway", "pitfalls", "values", "questions")
_EVER: Final = "0 min"
"""Anything done from then on was done at some time."""

Orders = Mapping[str, tuple[Node, Order]]


def written_out(root: Node, orders: Orders) -> Node:
    """Return a case or a protocol with its short forms written out."""
    made = entries(root)
    assumed = made.pop("assumed", None)
    for field, change in (("pathway", _step_of(orders)), ("pitfalls", _pitfall)):
        if field in made:
            place, value = made[field]
            found = _under_headings(value) if field == "pathway" else items(value)
            if isinstance(value.children, tuple) or found:
                made[field] = (place, listed(value, (change(item) for item in found)))
    for field in _REASONED if assumed is not None else ():
        if field in made and isinstance(made[field][1].children, tuple) and assumed is not None:
            place, value = made[field]
            made[field] = (place, listed(value, (_reasoned(item, assumed) for item in items(value))))
    if "given" in made:
        made["given"] = (made["given"][0], _given(made["given"][1], orders))
    return mapping(root, made)


def _under_headings(pathway: Node) -> tuple[Node, ...]:
    if isinstance(pathway.children, tuple):
        return pathway.children
    return tuple(
        _with(item, phase=(place, place)) for place, steps in entries(pathway).values() for item in items(steps)
    )


def _with(node: Node, **missing: tuple[Node, Node]) -> Node:
    """The mapping with these entries where it lacks them; anything else as it is."""
    return mapping(node, missing | entries(node)) if isinstance(node.children, dict) else node


def _step_of(orders: Orders) -> Callable[[Node], Node]:
    def step(node: Node) -> Node:
        weight = _chosen(node, WEIGHTS)
        if weight is None or child(node, "weight") is not None:
            return node
        place, do = entries(node)[weight]
        made: Entries = {key: pair for key, pair in entries(node).items() if key != weight}
        made |= {"weight": (place, scalar(place, weight)), "do": (place, do)}
        first = next((word for word in word_nodes(do) if isinstance(word.data, str)), None)
        if first is not None:
            made.setdefault("id", (place, first))
            name = orders[str(first.data)][1].name if first.data in orders else str(first.data)
            made.setdefault("title", (place, scalar(first, name)))
        return mapping(node, made)

    return step


def _pitfall(node: Node) -> Node:
    made = entries(node)
    severity = _chosen(node, SEVERITIES)
    if severity is not None and "severity" not in made:
        place, name = made.pop(severity)
        made["severity"] = (place, scalar(place, severity))
        made.setdefault("id", (place, name))
        made.setdefault("title", (place, scalar(name, str(name.data).replace("_", " ").capitalize())))
    if "did" in made and "pattern" not in made:
        place, did = made.pop("did")
        made["pattern"] = (place, _ever(place, did))
    return mapping(node, made) if isinstance(node.children, dict) else node


def _ever(place: Node, did: Node) -> Node:
    """The pattern that any of these orders was placed at any time."""
    elapsed = mapping(place, {"from": (place, scalar(place, _EVER))})
    when = mapping(place, {"elapsed": (place, elapsed)})
    return mapping(place, {"during": (place, mapping(place, {"order": (place, did), "when": (place, when)}))})


def _chosen(node: Node, words: tuple[str, ...]) -> str | None:
    return next(
        (word for word in words if word in node.keys and isinstance(node.data, dict) and node.data[word] is not True),
        None,
    )


def _reasoned(item: Node, assumed: tuple[Node, Node]) -> Node:
    return item if "evidence" in item.keys or "assumed" in item.keys else _with(item, assumed=assumed)


def _given(given: Node, orders: Orders) -> Node:
    """A list of therapies, each alone or with its dose; alone it is given in its usual dose, if it has doses."""
    return mapping(given, dict(_doses(given, orders))) if isinstance(given.children, tuple) else given


def _doses(given: Node, orders: Orders) -> Iterator[tuple[str, tuple[Node, Node]]]:
    for item in items(given):
        yield from entries(item).items()
        if isinstance(item.data, str):
            doses = orders[item.data][1].doses if item.data in orders else ()
            yield item.data, (item, scalar(item, doses[0].label if doses else None))
