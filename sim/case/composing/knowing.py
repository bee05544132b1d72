"""A part speaks of regions that not every disease has: what it says of a region it `knows` falls away without it.

A condition on such a region never holds, nor does one on a call that nobody makes or on the level of a drug that it
`knows` where nothing gives one. What hangs on one that never holds is left out: a transition, a modifier, a finding, an
effect, a sequela, a step, a pitfall that nobody could pay for. This reads the tree, not the models, so that a new field
needs no new rule: only the words of conditions matter.
"""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

from sim.case.composing.trees import (
    Entries,
    child,
    entries,
    items,
    listed,
    mapping,
    scalar,
    without,
    words,
)
from sim.case.reading.tree import Node

_REGIONS: Final = frozenset({"in", "enter"})
"""Keys whose mappings name regions with their states."""
ASKED: Final = ("told", "each")
"""Keys under which a part speaks of what calls reveal."""
REVEALED: Final = ("reveals",)
"""Keys under which a disease says what its calls reveal."""


@dataclass(frozen=True, slots=True)
class Named:
    """Regions and calls by name: what a disease has, or what a part knows and a disease lacks."""

    regions: Set[str] = frozenset()
    """Pools too."""
    calls: Set[str] = frozenset()
    """What no call reveals."""


class _Verdict(Enum):
    ALWAYS = auto()
    NEVER = auto()


def named_under(node: Node, keys: tuple[str, ...]) -> frozenset[str]:
    """Return every text that stands under one of these keys, anywhere in a tree."""
    parts = node.children.values() if isinstance(node.children, dict) else node.children or ()
    own = (word for key in keys for word in words(child(node, key)))
    return frozenset(own).union(*(named_under(part, keys) for part in parts))


def without_absent(node: Node, absent: Named) -> Node:
    """Return a tree in which no condition asks for what is absent: such a condition never holds."""
    if not (absent.regions or absent.calls):
        return node
    left = _left(node, absent)
    return left if isinstance(left, Node) else mapping(node, {})


def _left(node: Node, absent: Named) -> Node | _Verdict:
    if isinstance(node.children, tuple):
        left = (_left(item, absent) for item in items(node))
        return listed(node, (item for item in left if isinstance(item, Node)))
    if isinstance(node.children, dict):
        return _left_of_mapping(node, absent)
    return node


def _left_of_mapping(node: Node, absent: Named) -> Node | _Verdict:
    if _names_absent(node, absent):
        return _Verdict.NEVER
    if child(node, "of") is not None and child(node, "n") is not None:
        return _left_of_count(node, absent)
    made: Entries = {}
    for key, (place, value) in entries(node).items():
        left = _left_of_entry(key, value, absent)
        if left is _Verdict.NEVER:
            return left
        if isinstance(left, Node):
            made[key] = (place, left)
    return mapping(node, made) if made or not node.keys else _Verdict.ALWAYS


def _names_absent(node: Node, absent: Named) -> bool:
    named = {name for key in _REGIONS for name in entries(child(node, key))}
    level = child(node, "level")
    single = (child(node, "pool"), None if level is None else child(level, "therapy"))
    if not absent.regions.isdisjoint(named) or any(p is not None and p.data in absent.regions for p in single):
        return True
    heard = (words(child(node, key)) for key in ASKED)
    return any(codes and absent.calls >= set(codes) for codes in heard)


def _left_of_entry(key: str, value: Node, absent: Named) -> Node | _Verdict:
    if key == "not":
        left = _left(value, absent)
        opposite = {_Verdict.NEVER: _Verdict.ALWAYS, _Verdict.ALWAYS: _Verdict.NEVER}
        return left if isinstance(left, Node) else opposite[left]
    if key in ("all", "any") and isinstance(value.children, tuple):
        return _left_of_parts(value, absent, every=key == "all")
    if key == "told" and isinstance(value.children, tuple):
        return listed(value, (code for code in items(value) if code.data not in absent.calls))
    if key == "starts":
        kept = {name: (place, without(start, absent.regions)) for name, (place, start) in entries(value).items()}
        return mapping(value, kept)
    if key == "consequence" and isinstance(value.children, tuple) and value.children:
        paid = [item for item in value.children if str(item.data).partition(".")[0] not in absent.regions]
        return listed(value, paid) if paid else _Verdict.NEVER
    return _left(value, absent)


def _left_of_parts(value: Node, absent: Named, *, every: bool) -> Node | _Verdict:
    left = [_left(item, absent) for item in items(value)]
    decides, idle = (_Verdict.NEVER, _Verdict.ALWAYS) if every else (_Verdict.ALWAYS, _Verdict.NEVER)
    if decides in left:
        return decides
    kept = [item for item in left if isinstance(item, Node)]
    return listed(value, kept) if kept or not left else idle


def _left_of_count(node: Node, absent: Named) -> Node | _Verdict:
    """What is left of `at_least`: those that always hold are counted, those that never do are not."""
    found = entries(node)
    left = [_left(item, absent) for item in items(found["of"][1])]
    kept = [item for item in left if isinstance(item, Node)]
    wanted = found["n"][1].data
    if isinstance(wanted, int) and len(kept) < len(left):
        wanted -= left.count(_Verdict.ALWAYS)
        if wanted <= 0:
            return _Verdict.ALWAYS
        if wanted > len(kept):
            return _Verdict.NEVER
        found["n"] = (found["n"][0], scalar(found["n"][1], wanted))
    found["of"] = (found["of"][0], listed(found["of"][1], kept))
    return mapping(node, found)
