"""A file as a tree of values that know their place. `document` makes it, `shape` reads it."""

from __future__ import annotations

from typing import Final

Loc = tuple[str | int, ...]
"""A way down the tree: keys of mappings and positions in lists."""


class Refused:
    """Stands in the data for a value that was refused and already reported, so that it is reported once."""

    def __repr__(self) -> str:
        return "(refused)"


REFUSED: Final = Refused()


class Document:
    """One file as read: the name it is shown under, its lines, and its tree (None when it could not be read).

    `digest` is the SHA-256 of its bytes, None for what is no file.
    """

    __slots__ = ("digest", "file", "lines", "root")

    def __init__(self, file: str, lines: tuple[str, ...]) -> None:
        self.file = file
        self.lines = lines
        self.root: Node | None = None
        self.digest: str | None = None

    def at(self, *loc: str | int) -> Node:
        """Return the node at the end of `loc`, or the deepest on the way to it."""
        return (self.root or Node(self, 1, 1)).at(*loc)

    def key(self, *loc: str | int) -> Node:
        """Return the key that `loc` ends with, or the deepest node on the way to it."""
        return (self.root or Node(self, 1, 1)).key(*loc)


class Node:
    """A value with its place. `data` is the value as plain Python: text, numbers, booleans, dicts and tuples.

    A node of a part that another file asks for keeps its own place, and knows where it was asked for (`asked`).
    """

    __slots__ = ("asked", "children", "col", "data", "document", "keys", "line")

    def __init__(self, document: Document, line: int, col: int) -> None:
        self.document = document
        self.line = line
        self.col = col
        self.data: object = REFUSED
        self.children: dict[str, Node] | tuple[Node, ...] | None = None
        self.keys: dict[str, Node] = {}
        self.asked: Node | None = None

    @property
    def via(self) -> str:
        """Where another file asks for what it belongs to; empty where none does."""
        return "" if self.asked is None else f"{self.asked.file} line {self.asked.line}"

    @property
    def file(self) -> str:
        """The name of the file it is in."""
        return self.document.file

    @property
    def source_line(self) -> str:
        """The line of the file it begins in."""
        lines = self.document.lines
        return lines[self.line - 1] if 0 < self.line <= len(lines) else ""

    def at(self, *loc: str | int) -> Node:
        """Return the node at the end of `loc`, or the deepest on the way to it."""
        node = self
        for part in loc:
            child = node._child(part)
            if child is None:
                break
            node = child
        return node

    def key(self, *loc: str | int) -> Node:
        """Return the key that `loc` ends with, or the deepest node on the way to it."""
        parent = self.at(*loc[:-1])
        return parent.keys.get(str(loc[-1]), parent.at(loc[-1]))

    def _child(self, part: str | int) -> Node | None:
        if isinstance(self.children, dict):
            return self.children.get(str(part))
        if isinstance(self.children, tuple) and isinstance(part, int) and part < len(self.children):
            return self.children[part]
        return None
