"""What one file asks of another: `include`, `use` and `history` name parts, each with what is to be different."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sim.case.composing.shelf import Shelf
from sim.case.composing.trees import child, copied, entries, items
from sim.case.problems import did_you_mean
from sim.case.reading.tree import REFUSED, Node

CALLED: Final = {"modules": "module", "protocols": "protocol", "histories": "history"}
"""Folder to what one of its files is called."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A part that a file asks for."""

    id: str
    place: Node
    """Where its id was written."""
    options: Node | None = None
    """What is to be different: parameters, `without`, `change`, `prefix`."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """A part that was found."""

    asked: Asked
    root: Node
    """A copy of its tree, which knows where it was asked for."""


def fetch(shelf: Shelf, folder: str, node: Node | None, near: Path) -> tuple[Fetched, ...]:
    """Return the parts that a list asks for, in its order. Reports those that are not there or are asked for twice."""
    found: list[Fetched] = []
    for asked in _asked(shelf, CALLED[folder], node):
        part = _fetched(shelf, folder, asked, near)
        if part is not None:
            found.append(part)
    return tuple(found)


def _asked(shelf: Shelf, called: str, node: Node | None) -> list[Asked]:
    if node is None or node.data is REFUSED:
        return []
    found = []
    for item in items(node) if isinstance(node.children, tuple) else (node,):
        pairs = entries(item)
        if isinstance(item.data, str):
            found.append(Asked(item.data, item))
        elif len(pairs) == 1 and isinstance(next(iter(pairs.values()))[1].children, dict):
            ((id_, (place, options)),) = pairs.items()
            found.append(Asked(id_, place, options))
        elif item.data is not REFUSED:
            message = f"expected the id of a {called}, or the id and what is to be different"
            hint = f"for example: - some_{called}, or - some_{called}: {{without: [some_id]}}"
            shelf.problems.error(item, "wrong-value", message, hint)
    return found


def _fetched(shelf: Shelf, folder: str, asked: Asked, near: Path) -> Fetched | None:
    called = CALLED[folder]
    path = shelf.find(folder, asked.id, near)
    if path is None:
        known = shelf.ids(folder)
        hint = did_you_mean(asked.id, known) or (f"there are {', '.join(known)}" if known else f"none is in {folder}/")
        shelf.problems.error(asked.place, f"unknown-{called}", f"unknown {called} '{asked.id}'", hint)
        return None
    root = shelf.document(path).root
    if root is None:
        return None
    own = child(root, "id")
    if own is None:
        shelf.problems.error(root, "missing-key", "missing key 'id'")
    elif own.data != asked.id:
        message = f"the file is called '{asked.id}', so its id must be '{asked.id}' too"
        shelf.problems.error(own, "file-name", message)
    return Fetched(asked, copied(root, asked.place))


def check_keys(shelf: Shelf, node: Node, allowed: Iterable[str], why: str = "") -> None:
    """Report every key of a mapping that is none of these."""
    known = sorted(allowed)
    for key, place in node.keys.items():
        if key not in known:
            hint = did_you_mean(key, known) or f"the keys here are {', '.join(repr(word) for word in known)}"
            shelf.problems.error(place, "unknown-key", f"unknown key '{key}'" + (f": {why}" if why else ""), hint)
