"""What a case changes in its disease without writing another: where its patients start, and single numbers."""

from __future__ import annotations

from typing import Final

from sim.case.composing.trees import Entries, child, document_of, entries, items, listed, mapping, without
from sim.case.model.composition import Adjustment, PoolAdjustment
from sim.case.problems import Problems, did_you_mean
from sim.case.reading.shape import build
from sim.case.reading.tree import REFUSED, Document, Node

_CLOCKS: Final = frozenset({"median", "risk", "after"})
_SAID: Final = frozenset({"evidence", "assumed"})


def started(root: Node, disease: Node | None, problems: Problems) -> Node:
    """Return a case whose `start`, if it names one of the disease's starts, is written out region by region."""
    start = child(root, "start")
    if start is None or start.data is REFUSED:
        return root
    name = start if isinstance(start.data, str) else child(start, "of")
    if name is None:
        return root
    known = entries(None if disease is None else child(disease, "starts"))
    found = known.get(str(name.data))
    if found is None and disease is not None:
        hint = did_you_mean(str(name.data), known) or f"its starts are {', '.join(sorted(known)) or 'none'}"
        problems.error(name, "unknown-start", f"the disease has no start '{name.data}'", hint)
    made = ({} if found is None else entries(found[1])) | entries(without(start, {"of"}))
    return mapping(root, entries(root) | {"start": (root.keys["start"], mapping(start, made))})


def adjusted(disease: Document, case: Node, problems: Problems) -> Document:
    """Return the disease as the case's `adjust` makes it: `region.transition` or `region` to what is different."""
    if disease.root is None:
        return disease
    root = disease.root
    for name, (place, change) in entries(child(case, "adjust")).items():
        is_pool = name in entries(child(root, "pools"))
        if build(PoolAdjustment if is_pool else Adjustment, change, problems) is not None:
            root = _adjusted(root, name, place, change, problems)
    return disease if root is disease.root else document_of(root)


def _adjusted(root: Node, name: str, place: Node, change: Node, problems: Problems) -> Node:
    region, _, transition = name.partition(".")
    field = next((field for field in ("regions", "pools") if region in entries(child(root, field))), None)
    if field is None:
        known = {name for field in ("regions", "pools") for name in entries(child(root, field))}
        hint = did_you_mean(region, known) or f"its regions are {', '.join(sorted(known))}"
        problems.error(place, "unknown-region", f"unknown region '{region}'", hint)
        return root
    found = entries(child(root, field))
    changed = _in_region(found[region][1], region, transition, place, change, problems)
    whole = mapping(root.at(field), found | {region: (found[region][0], changed)})
    return mapping(root, entries(root) | {field: (root.keys[field], whole)})


def _in_region(thing: Node, region: str, transition: str, place: Node, change: Node, problems: Problems) -> Node:
    if ("initial" in change.keys) == bool(transition):
        wanted = "'region' for an 'initial' mix" if transition else "'region.transition' for the number of a transition"
        problems.error(place, "wrong-value", f"expected {wanted}, found '{place.data}'")
        return thing
    if not transition:
        return _numbers(thing, change)
    ways = items(child(thing, "transitions"))
    ids = [str(way.at("id").data) for way in ways]
    if transition not in ids:
        hint = did_you_mean(transition, ids) or f"its transitions are {', '.join(ids) or 'none'}"
        problems.error(place, "unknown-transition", f"region '{region}' has no transition '{transition}'", hint)
        return thing
    at = ids.index(transition)
    kept = listed(thing.at("transitions"), (*ways[:at], _numbers(ways[at], change), *ways[at + 1 :]))
    return mapping(thing, entries(thing) | {"transitions": (thing.keys["transitions"], kept)})


def _numbers(thing: Node, change: Node) -> Node:
    """A thing with its number and its reasons replaced, and without the clock that the new one takes the place of."""
    gone = set(_SAID) | (_CLOCKS if _CLOCKS & change.keys.keys() else set())
    made: Entries = {key: pair for key, pair in entries(thing).items() if key not in gone}
    return mapping(thing, made | entries(change))
