"""What a case is made of, as text: the tree it is built from, each part with the file and the line it comes from."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Final

from sim.case.reading.tree import REFUSED, Node

_PLAIN: Final = re.compile(r"[A-Za-z][A-Za-z0-9_ .()/%-]*[A-Za-z0-9_.()/%]|[A-Za-z]")
_WORDS: Final = frozenset({"true", "false", "null", "Null", "NULL"})
_WIDEST: Final = 100
"""What is no longer than this is written on one line."""


def lines(root: Node) -> Iterator[str]:
    """Yield a tree as text in the form of YAML; a comment tells where each part of another file or place comes from."""
    assert isinstance(root.children, dict)
    for key, child in root.children.items():
        yield from _entry(key, child, root, 0)


def _entry(key: str, node: Node, within: Node, depth: int) -> Iterator[str]:
    indent, origin = "  " * depth, _origin(node, within)
    short = _in_line(node)
    if short is not None and (depth > 1 or node.children is None) and len(short) <= _WIDEST:
        yield f"{indent}{key}: {short}{origin}"
        return
    yield f"{indent}{key}:{origin}"
    if isinstance(node.children, dict):
        for name, child in node.children.items():
            yield from _entry(name, child, node, depth + 1)
    for item in node.children if isinstance(node.children, tuple) else ():
        yield from _item(item, node, depth + 1)


def _item(item: Node, within: Node, depth: int) -> Iterator[str]:
    short = _in_line(item)
    always = "" if item.document is within.document else _origin(item, within)
    if short is not None and len(short) <= _WIDEST:
        yield f"{'  ' * depth}- {short}{always or _place(item)}"
        return
    yield f"{'  ' * depth}-{always or _place(item)}"
    for key, child in item.children.items() if isinstance(item.children, dict) else ():
        yield from _entry(key, child, item, depth + 1)


def _origin(node: Node, within: Node) -> str:
    """Where it comes from, if that is another file than what it stands in."""
    return "" if node.document is within.document else _place(node)


def _place(node: Node) -> str:
    return f"  # {node.file}:{node.line}"


def _in_line(node: Node) -> str | None:
    """The value on one line; None if a part of it comes from another file."""
    if node.children is None:
        return _scalar(node.data)
    parts = node.children.values() if isinstance(node.children, dict) else node.children
    if any(part.document is not node.document for part in parts):
        return None
    said = [_in_line(part) for part in parts]
    if any(part is None for part in said):
        return None
    texts = [str(part) for part in said]
    if isinstance(node.children, dict):
        return "{" + ", ".join(f"{key}: {text}" for key, text in zip(node.children, texts, strict=True)) + "}"
    return "[" + ", ".join(texts) + "]"


def _scalar(data: object) -> str:
    if isinstance(data, str):
        return data if _PLAIN.fullmatch(data) and data not in _WORDS else json.dumps(data, ensure_ascii=False)
    if data is None or data is REFUSED:
        return "~"
    return json.dumps(data)
