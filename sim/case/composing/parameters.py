"""The parameters of a protocol: `$name` in place of a whole value stands for what a case sets, or for the default."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final

from sim.case.composing.asking import check_keys
from sim.case.composing.shelf import Shelf
from sim.case.composing.trees import child, copied, entries, mapping, scalar, without
from sim.case.model.composition import Parameter
from sim.case.problems import did_you_mean
from sim.case.reading.shape import build
from sim.case.reading.tree import REFUSED, Node

KINDS: Final = tuple(Parameter.model_fields)
OPTIONS: Final = frozenset({"without", "change", "prefix"})
"""What a case may say of a protocol it uses, besides the protocol's own parameters."""
_USE = re.compile(r"\$([a-z][a-z0-9_]{0,47})")
_SAMPLES: Final[Mapping[str, object]] = {"number": 1, "duration": "1 h", "dose": "1 mg/kg", "text": "Some text."}


def filled(root: Node, options: Node | None, shelf: Shelf, *, samples: bool = False) -> Node:
    """Return a protocol with every `$name` replaced, without its `parameters`.

    Reports what the case sets and the protocol does not know, a value of another kind, and one that nobody sets; with
    `samples`, a value that nobody sets is one that fits.
    """
    values: dict[str, Node] = {}
    kinds: dict[str, str] = {}
    for name, (place, declared) in entries(child(root, "parameters")).items():
        kind = _kind(declared, shelf)
        if kind is None:
            continue
        kinds[name] = kind
        default = child(declared, kind) if isinstance(declared.children, dict) else None
        chosen = None if options is None else child(options, name)
        value = chosen or default or (scalar(place, _sample(kind, shelf)) if samples else None)
        if value is not None and _fits(kind, name, value, shelf):
            values[name] = value
        elif value is None and options is not None:
            shelf.problems.error(options, "missing-key", f"missing key '{name}': the protocol needs this {kind}")
        elif value is None:
            message = f"the protocol needs '{name}', a {kind}"
            shelf.problems.error(
                root.asked or place, "missing-key", message, f"write it as - {root.at('id').data}: {{{name}: ...}}"
            )
    if options is not None:
        check_keys(shelf, options, {*kinds, *OPTIONS}, "the protocol has no such parameter")
    return copied(without(root, {"parameters"}), None, _replacing(values, kinds, shelf))


def _replacing(values: Mapping[str, Node], kinds: Mapping[str, str], shelf: Shelf) -> Callable[[Node], Node | None]:
    def change(node: Node) -> Node | None:
        match = _USE.fullmatch(node.data) if isinstance(node.data, str) else None
        if match is None:
            return None
        if match[1] not in kinds:
            hint = did_you_mean(match[1], kinds) or "declare it under 'parameters', or put more text around the '$'"
            shelf.problems.error(node, "unknown-parameter", f"the protocol has no parameter '{match[1]}'", hint)
        return values.get(match[1]) or scalar(node, REFUSED)

    return change


def _kind(declared: Node, shelf: Shelf) -> str | None:
    """The kind of a parameter: a word alone if it has no default, else the one key of a mapping; None, reported."""
    if isinstance(declared.data, str):
        if declared.data in KINDS:
            return declared.data
        hint = did_you_mean(declared.data, KINDS)
        message = f"expected one of {', '.join(KINDS)}, found '{declared.data}'"
        shelf.problems.error(declared, "wrong-value", message, hint)
        return None
    built = build(Parameter, declared, shelf.problems)
    return None if built is None else next(iter(built.model_fields_set))


def _fits(kind: str, name: str, value: Node, shelf: Shelf) -> bool:
    """Return whether a value is of the kind; report it where it was written if not."""
    trial = mapping(value, {kind: (value, value)})
    if value.data is REFUSED or build(Parameter, trial, shelf.problems) is None:
        return False
    if kind == "order" and value.data not in shelf.names().orders:
        hint = did_you_mean(str(value.data), shelf.orders)
        shelf.problems.error(value, "unknown-order", f"unknown order '{value.data}' for '{name}'", hint)
        return False
    return True


def _sample(kind: str, shelf: Shelf) -> object:
    return next(iter(shelf.orders), "order") if kind == "order" else _SAMPLES[kind]
