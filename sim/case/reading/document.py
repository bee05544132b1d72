"""The one door to yaml: text in, a tree of values that know their line and column out.

A small, plain YAML. Text, whole numbers, decimals, `true`, `false`, lists and mappings; nothing else:

- unquoted `true` and `false` are the only booleans: `no`, `on`, `True` stay text;
- unquoted `12`, `-3`, `+5`, `0.5` are numbers: `010`, `.5`, `1e6`, `1_000`, `0x1f`, `1:30`, `.inf`, dates stay text;
- keys are always text; a list becomes a tuple;
- refused, each with its place: an empty value (`null`, `~`), a key twice, anchors, aliases, merge keys, tags,
  directives, several documents, more than 40 levels, numbers of more than 18 digits, control and invisible
  characters (raw or escaped), tabs, anything but UTF-8, files over 2 MB.

The tree is composed here, without recursion, from the event stream: PyYAML's own composers recurse, and the C one
crashes the interpreter on deep nesting. libyaml's events are used where they exist because they are ten times
faster; a syntax error is read again by the pure parser so that it is said in the same words everywhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any, Final, Literal

import yaml
from yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from sim.case.problems import UNSAFE, CaseError, Problem, Problems, Spot, clean, did_you_mean, nearest, render, to_plain
from sim.case.reading.shape import build
from sim.case.reading.syntax import explain
from sim.case.reading.text import MAX_BYTES, bytes_of, decode, has_unsafe, report_unsafe
from sim.case.reading.tree import REFUSED, Document, Node

__all__ = [
    "CaseError",
    "Document",
    "Node",
    "Problem",
    "Problems",
    "build",
    "did_you_mean",
    "nearest",
    "peek",
    "read",
    "read_bytes",
    "render",
    "to_plain",
]

MAX_DEPTH: Final = 40
MAX_DIGITS: Final = 18

_READ_AGAIN: Final = 300_000
"""A longer text with a syntax error is not read by the slow parser again; the fast one has fewer words for it."""

_NUMBER = re.compile(r"[-+]?(?:0|[1-9][0-9]*)(\.[0-9]+)?")
_NOTHING: Final = frozenset({"", "~", "null", "Null", "NULL"})

Top = Literal["mapping", "list"]


def read(path: Path, problems: Problems, *, top: Top = "mapping", shown: str | None = None) -> Document:
    """Return the file as a tree; its `root` is None when it could not be read, and `problems` then says why.

    `shown` is the name problems give the file (the path with forward slashes by default).
    """
    name = path.as_posix() if shown is None else shown
    try:
        raw = bytes_of(path)
    except (OSError, ValueError) as error:
        problems.error(Spot(name), "unreadable", f"cannot read this file: {getattr(error, 'strerror', None) or error}")
        return Document(name, ())
    document = read_bytes(raw, name, problems, top=top)
    document.digest = sha256(raw).hexdigest()
    return document


def read_bytes(raw: bytes, name: str, problems: Problems, *, top: Top = "mapping") -> Document:
    """Return the bytes as a tree, as `read` does. Never raises, whatever the bytes."""
    if len(raw) > MAX_BYTES:
        problems.error(Spot(name), "too-large", f"expected a file of at most {MAX_BYTES // 1_000_000} MB")
        return Document(name, ())
    text = decode(raw, name, problems)
    document = Document(name, tuple(text.split("\n")) if text is not None else ())
    if text is not None and not has_unsafe(text, document, problems):
        root = _compose(text, document, problems)
        if root is not None and _has_top(root, top, problems):
            document.root = root
    return document


def peek(raw: bytes, wanted: frozenset[str]) -> dict[str, object]:
    """Return those of the wanted top-level scalars before the first syntax error, reading no further
    than needed: the head of a long file in a few milliseconds. Never raises."""
    problems = Problems()
    found: dict[str, object] = {}
    text = decode(raw, "", problems) or ""
    composer = _Composer(Document("", ()), problems)
    try:
        for event in _events(text, pure=False):
            if not composer.feed(event):
                break
            found = {k: node.data for k, node in composer.top_entries() if k in wanted and node.data is not REFUSED}
            if len(found) == len(wanted):
                break
    except (yaml.YAMLError, ValueError, OverflowError):
        pass
    return {key: value for key, value in found.items() if isinstance(value, (str, int, float))}


def _has_top(root: Node, top: Top, problems: Problems) -> bool:
    if isinstance(root.data, dict if top == "mapping" else tuple):
        return True
    wanted = "keys and values ('key: value')" if top == "mapping" else "a list (lines beginning with '- ')"
    if root.data is not REFUSED:
        problems.error(root, "wrong-top", f"expected the file to hold {wanted}")
    return False


def _events(text: str, *, pure: bool) -> Iterator[yaml.events.Event]:
    fast = getattr(yaml, "CSafeLoader", None)
    return iter(yaml.parse(text, Loader=yaml.SafeLoader if pure or fast is None else fast))


def _compose(text: str, document: Document, problems: Problems) -> Node | None:
    """Compose the tree; on a syntax error, read again with the pure parser and report what it says."""
    first: Exception | None = None
    for pure in (False, True):
        trial = Problems()
        composer = _Composer(document, trial)
        try:
            for event in _events(text, pure=pure):
                if not composer.feed(event) or trial.is_full(document.file):
                    composer.root = None
                    break
        except (yaml.YAMLError, ValueError, OverflowError) as error:
            if not pure and len(text) <= _READ_AGAIN:
                first = error
                continue
            explain(error, first, document, trial)
            composer.root = None
        problems.take(trial.all)
        if composer.root is None and not trial.all:
            problems.error(Spot(document.file), "empty", "the file is empty")
        return composer.root
    return None


class _Open:
    """A mapping or a list that is being read."""

    __slots__ = ("data", "in_line", "is_mapping", "items", "key", "keys", "node", "nodes")

    def __init__(self, node: Node, is_mapping: bool, in_line: bool) -> None:
        self.node = node
        self.in_line = in_line
        self.is_mapping = is_mapping
        self.key: Node | None = None
        self.keys: dict[str, Node] = {}
        self.nodes: dict[str, Node] = {}
        self.items: list[Node] = []
        self.data: dict[str, object] = {}


class _Composer:
    """Builds the tree from events, one at a time. `root` is set when the document is complete.

    Events are `Any`: the two parsers share their classes, the types that describe them do not.
    """

    def __init__(self, document: Document, problems: Problems) -> None:
        self.root: Node | None = None
        self._document = document
        self._problems = problems
        self._open: list[_Open] = []
        self._documents = 0

    def top_entries(self) -> Iterator[tuple[str, Node]]:
        """Return the complete entries of the outermost mapping so far."""
        return iter(self._open[0].nodes.items() if self._open else ())

    def feed(self, event: Any) -> bool:
        """Take the next event; return False when reading on makes no sense."""
        kind = type(event)
        if kind is ScalarEvent:
            self._scalar(event)
        elif kind is MappingStartEvent or kind is SequenceStartEvent:
            return self._start(event, kind is MappingStartEvent)
        elif kind is MappingEndEvent or kind is SequenceEndEvent:
            self._end()
        elif kind is AliasEvent:
            node = self._node(event)
            self._problems.error(node, "alias", f"aliases are not used here: found '*{event.anchor}'", "write it out")
            self._place(node)
        elif kind is DocumentStartEvent:
            return self._document_start(event)
        return True

    def _document_start(self, event: Any) -> bool:
        self._documents += 1
        if event.version or event.tags:
            self._problems.error(
                self._node(event), "directive", "lines beginning with '%' are not used here", "remove it"
            )
        if self._documents > 1:
            self._problems.error(
                self._node(event), "several-documents", "expected one document, found another", "remove the '---'"
            )
            return False
        return True

    def _node(self, event: Any) -> Node:
        mark = event.start_mark
        return Node(self._document, mark.line + 1, mark.column + 1)

    def _start(self, event: Any, is_mapping: bool) -> bool:
        node = self._node(event)
        self._refuse_decoration(event, node)
        if len(self._open) == MAX_DEPTH:
            self._problems.error(node, "too-deep", f"expected at most {MAX_DEPTH} levels")
            return False
        self._open.append(_Open(node, is_mapping, bool(event.flow_style)))
        return True

    def _end(self) -> None:
        done = self._open.pop()
        node = done.node
        if done.is_mapping:
            node.children, node.keys, node.data = done.nodes, done.keys, done.data
        else:
            node.children = tuple(done.items)
            node.data = tuple(item.data for item in done.items)
        self._place(node)

    def _scalar(self, event: Any) -> None:
        node = self._node(event)
        self._refuse_decoration(event, node)
        value: str = event.value
        unsafe = UNSAFE.search(value)
        if unsafe is not None:
            report_unsafe(unsafe[0], node, self._problems)
        top = self._open[-1] if self._open else None
        plain = event.implicit[0]
        if plain and top is not None and top.in_line and "?" in value:
            # libyaml reads on, the pure parser stumbles: a file must mean the same everywhere.
            self._problems.error(node, "question-mark", "found a '?' inside { } or [ ]", "put quotes around the text")
        if top is not None and top.is_mapping and top.key is None:
            node.data = self._key(value, plain, node)
        elif unsafe is None:
            node.data = self._value(value, node) if plain else value
        self._place(node)

    def _key(self, value: str, plain: bool, node: Node) -> object:
        if plain and value == "<<":
            self._problems.error(node, "merge-key", "merge keys ('<<') are not used here", "write the keys out")
        elif plain and value in _NOTHING:
            self._problems.error(node, "no-value", "expected a key, found nothing")
        else:
            return value
        return REFUSED

    def _way_on(self) -> str:
        """What helps where a key has no value."""
        outer, inner = (top.key for top in self._open[-2:]) if len(self._open) > 1 else (None, None)
        if outer is not None and inner is not None and outer.data == "given":
            return f"write its dose, or list what has none by its name: given: [{inner.data}]"
        return "write one, or remove the key"

    def _value(self, value: str, node: Node) -> object:
        if value in _NOTHING:
            key = self._open[-1].key if self._open else None
            if key is not None and not value and self._open[-1].in_line and self._open[-1].nodes:
                message = f"a comma ends a text inside {{ }}: '{clean(str(key.data))}' is read as a key without a value"
                self._problems.error(key, "no-value", message, "put quotes around the whole text, or remove the comma")
            elif key is not None:
                self._problems.error(key, "no-value", f"'{key.data}' has no value", self._way_on())
            elif self._open:
                self._problems.error(
                    node, "no-value", "expected a value, found nothing", "write one, or remove the '-'"
                )
            else:
                self._problems.error(node, "empty", "the file is empty")
            return REFUSED
        if value == "true" or value == "false":
            return value == "true"
        if value[0] not in "+-0123456789":
            return value
        number = _NUMBER.fullmatch(value)
        if number is None:
            return value
        if sum(map(str.isdigit, value)) > MAX_DIGITS:
            self._problems.error(node, "absurd-number", f"expected a number of at most {MAX_DIGITS} digits")
            return REFUSED
        return int(value) if number[1] is None else float(value) + 0.0

    def _refuse_decoration(self, event: Any, node: Node) -> None:
        if event.anchor is not None:
            self._problems.error(node, "anchor", f"anchors are not used here: found '&{event.anchor}'", "remove it")
        if event.tag is not None:
            tag = event.tag.replace("tag:yaml.org,2002:", "!!")
            self._problems.error(node, "tag", f"tags are not used here: found '{tag}'", "remove it, or quote the text")

    def _place(self, node: Node) -> None:
        """Put a finished node where it belongs."""
        if not self._open:
            self.root = node
            return
        top = self._open[-1]
        if not top.is_mapping:
            top.items.append(node)
        elif top.key is None:
            if node.children is not None:
                self._problems.error(node, "complex-key", "expected a key of plain text, found a list or a mapping")
                node.data = REFUSED
            top.key = node
        else:
            self._entry(top, top.key, node)
            top.key = None

    def _entry(self, top: _Open, key: Node, node: Node) -> None:
        if not isinstance(key.data, str):
            return
        first = top.keys.get(key.data)
        if first is not None:
            self._problems.error(
                key, "duplicate-key", f"key '{clean(key.data)}' stands here and in line {first.line}", "remove one"
            )
            return
        top.keys[key.data] = key
        top.nodes[key.data] = node
        top.data[key.data] = node.data
