"""Trees put together from trees: nothing is changed in place, and every node keeps the place it was written at."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from sim.case.problems import Problems, did_you_mean
from sim.case.reading.tree import Document, Node

Entries = dict[str, tuple[Node, Node]]
"""The entries of a mapping: key to the node of the key and the node of the value."""


def entries(node: Node | None) -> Entries:
    """Return the entries of a mapping; none for anything else."""
    if node is None or not isinstance(node.children, dict):
        return {}
    return {key: (node.keys[key], child) for key, child in node.children.items()}


def items(node: Node | None) -> tuple[Node, ...]:
    """Return the items of a list; none for anything else."""
    return node.children if node is not None and isinstance(node.children, tuple) else ()


def child(node: Node, key: str) -> Node | None:
    """Return the value of a key of a mapping, or None."""
    return node.children.get(key) if isinstance(node.children, dict) else None


def mapping(place: Node, found: Mapping[str, tuple[Node, Node]]) -> Node:
    """Return a mapping of these entries, placed where `place` is."""
    made = _placed(place)
    made.keys = {key: pair[0] for key, pair in found.items()}
    made.children = {key: pair[1] for key, pair in found.items()}
    made.data = {key: pair[1].data for key, pair in found.items()}
    return made


def listed(place: Node, found: Iterable[Node]) -> Node:
    """Return a list of these items, placed where `place` is."""
    made = _placed(place)
    made.children = tuple(found)
    made.data = tuple(item.data for item in made.children)
    return made


def scalar(place: Node, value: object) -> Node:
    """Return a value without parts, placed where `place` is."""
    made = _placed(place)
    made.data = value
    return made


def without(node: Node, keys: Iterable[str]) -> Node:
    """Return a mapping without some of its keys."""
    gone = set(keys)
    return mapping(node, {key: pair for key, pair in entries(node).items() if key not in gone})


def copied(node: Node, asked: Node | None = None, change: Callable[[Node], Node | None] | None = None) -> Node:
    """Return a copy of a tree that knows where it was asked for.

    `change` may return another node for a value without parts, which is then taken as it is.
    """
    made = _placed(node)
    made.asked = asked if asked is not None else node.asked
    made.keys = {key: _key(place, made.asked) for key, place in node.keys.items()}
    if isinstance(node.children, dict):
        made.children = {key: copied(value, asked, change) for key, value in node.children.items()}
        made.data = {key: value.data for key, value in made.children.items()}
    elif isinstance(node.children, tuple):
        made.children = tuple(copied(value, asked, change) for value in node.children)
        made.data = tuple(value.data for value in made.children)
    else:
        changed = None if change is None else change(node)
        if changed is not None:
            return changed
        made.data = node.data
    return made


def _key(place: Node, asked: Node | None) -> Node:
    made = scalar(place, place.data)
    made.asked = asked
    return made


def _placed(place: Node) -> Node:
    made = Node(place.document, place.line, place.col)
    made.asked = place.asked
    return made


def document_of(root: Node) -> Document:
    """Return a tree as a document, under the name of the file its root was written in."""
    made = Document(root.document.file, root.document.lines)
    made.root = root
    return made


def files_of(node: Node) -> frozenset[str]:
    """Return the names of all files that a tree was written in."""
    found, todo = set[str](), [node]
    while todo:
        one = todo.pop()
        found.add(one.file)
        todo += one.children.values() if isinstance(one.children, dict) else one.children or ()
    return frozenset(found)


def where(node: Node, seen_from: Node) -> str:
    """Return the line of a node in words, with its file where that is another one."""
    return f"line {node.line}" if node.file == seen_from.file else f"{node.file} line {node.line}"


def holds_things(node: Node) -> bool:
    """Return whether it is a list or a mapping whose every entry is a mapping: named things, which can be added to."""
    parts = node.children.values() if isinstance(node.children, dict) else node.children
    return parts is not None and all(isinstance(part.children, dict) for part in parts)


def named_things(node: Node) -> dict[str, Node]:
    """Return the named things somewhere in a mapping's entries: states by their key, transitions by their `id`."""
    found: dict[str, Node] = {}
    for _, value in entries(node).values():
        if isinstance(value.children, dict) and holds_things(value):
            found |= value.children
        for item in items(value):
            name = child(item, "id")
            if name is not None and isinstance(name.data, str):
                found[name.data] = item
    return found


def replaced(node: Node, name: str, thing: Node | None) -> Node:
    """Return a mapping with the thing of that name, somewhere in its entries, replaced (None: left out)."""
    made: Entries = {}
    for key, (place, value) in entries(node).items():
        if isinstance(value.children, dict) and holds_things(value) and name in value.children:
            kept = entries(value)
            kept[name] = (kept[name][0], thing or value)
            made[key] = (place, mapping(value, kept if thing is not None else without_key(kept, name)))
        elif any(_is_called(item, name) for item in items(value)):
            swapped = (thing if _is_called(item, name) else item for item in items(value))
            made[key] = (place, listed(value, (item for item in swapped if item is not None)))
        else:
            made[key] = (place, value)
    return mapping(node, made)


def without_key(found: Entries, name: str) -> Entries:
    """Return the entries without that one."""
    return {key: pair for key, pair in found.items() if key != name}


def _is_called(item: Node, name: str) -> bool:
    found = child(item, "id")
    return found is not None and found.data == name


def altered(thing: Node, change: Node) -> Node:
    """Return a thing with the fields of `change` in place of its own, and without those that its `without` names.

    Of a field that holds named things (a state's observables), only the things named are replaced.
    """
    made = entries(thing)
    for key, (place, value) in entries(change).items():
        old = made.get(key)
        if key == "without":
            made = {name: pair for name, pair in made.items() if name not in words(value)}
        elif old is not None and (key == "observables" or _are_mappings(old[1], value)):
            made[key] = (old[0], mapping(old[1], entries(old[1]) | entries(value)))
        else:
            made[key] = (place, value)
    return mapping(thing, made)


def _are_mappings(*nodes: Node) -> bool:
    return all(isinstance(node.children, dict) and holds_things(node) for node in nodes)


def words(node: Node | None) -> tuple[str, ...]:
    """Return the texts of a list, or of one text alone."""
    return tuple(place.data for place in word_nodes(node) if isinstance(place.data, str))


def word_nodes(node: Node | None) -> tuple[Node, ...]:
    """Return the items of a list, or one text alone, as nodes."""
    if node is None:
        return ()
    return items(node) if isinstance(node.children, tuple) else (node,)


def reworked(node: Node, asked: Node | None, problems: Problems) -> Node:
    """Return a mapping of things after the `without` and the `change` in `asked` were carried out on it.

    What they name and is not there is reported where it was written.
    """
    known = named_things(node)
    for place in word_nodes(None if asked is None else child(asked, "without")):
        if isinstance(place.data, str) and place.data in known:
            node = replaced(node, place.data, None)
        else:
            problems.error(
                place, "unknown-part", f"there is no '{place.data}' to leave out", _nearest(place.data, known)
            )
    for name, (place, fields) in entries(None if asked is None else child(asked, "change")).items():
        if name in known:
            node = replaced(node, name, altered(known[name], fields))
        else:
            problems.error(place, "unknown-part", f"there is no '{name}' to change", _nearest(name, known))
    return node


def _nearest(name: object, known: Iterable[str]) -> str:
    found = sorted(known)
    return did_you_mean(str(name), found) or (f"there are {', '.join(found[:20])}" if found else "")
