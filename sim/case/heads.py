"""The heads of cases: what a list of them shows, read without reading the cases.

A head that was read once may be kept in a `Cache`, by the content of its file and by the code that read it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Final

from sim.case.cache import Cache, maker, stamp
from sim.case.composing.folders import cases_in, id_of, package_root
from sim.case.problems import shown
from sim.case.reading.text import MAX_BYTES, bytes_of


@dataclass(frozen=True, slots=True)
class CaseHead:
    """What the library shows of a case without loading it."""

    id: str
    title: str
    blurb: str
    level: str
    difficulty: int
    """1 to 5; 0 where the file does not say."""
    minutes: int
    reviewed: str
    """Who reviewed it, or that no clinician has yet."""
    path: Path
    problem: str = ""
    """Why it cannot be played, in a line; empty for a case that looks right."""
    own: bool = False
    """Whether it lies in a folder of the user's."""


_HEAD = frozenset({"id", "title", "blurb", "level", "difficulty", "minutes", "reviewed"})
_HEADS: Final = 4000
"""How many entries are kept at most, two for each file."""

Head = dict[str, str | int]
"""What the head of a file says."""


def case_heads(
    root: Path | None = None, cache: Cache | None = None, homes: Iterable[Path] = ()
) -> tuple[CaseHead, ...]:
    """Return every case of the library (or of another scenarios folder) and of a user's own folders, easiest first.

    Reads no further into a file than the head; a file that cannot be read is listed with its `problem`, and so is one
    whose id another case has: it takes nobody's place. With a `cache`, a file whose content was met before is not
    parsed at all.
    """
    folder = (package_root() if root is None else root) / "cases"
    kept = _KeptHeads(cache)
    heads = {head.id: head for head in (_head(path, kept) for path in cases_in(folder))}
    found = list(heads.values())
    for path in (path for home in homes for path in cases_in(home)):
        head = replace(_head(path, kept), own=True)
        first = heads.setdefault(head.id, head)
        if first is not head:
            problem = f"the id '{head.id}' is that of {shown(first.path)}: give {shown(path)} another"
            head = replace(head, problem=problem)
        found.append(head)
    kept.save()
    return tuple(sorted(found, key=lambda head: (head.difficulty, head.id, head.own)))


def _head(path: Path, kept: _KeptHeads) -> CaseHead:
    head = kept.head(path)
    text = {name: value for name, value in head.items() if isinstance(value, str)}
    numbers = {name: value for name, value in head.items() if isinstance(value, int)}
    return CaseHead(
        id=id_of(path),
        title=text.get("title", id_of(path)),
        blurb=text.get("blurb", ""),
        level=text.get("level", ""),
        difficulty=numbers.get("difficulty", 0),
        minutes=numbers.get("minutes", 0),
        reviewed=text.get("reviewed", ""),
        path=path,
        problem="" if _is_complete(head) else f"this case cannot be read: scurfy check {shown(path)}",
    )


def _is_complete(head: Mapping[str, object]) -> bool:
    whole = all(type(head.get(name)) is int for name in ("difficulty", "minutes"))
    return whole and set(head) == _HEAD and all(type(value) in (str, int) for value in head.values())


class _KeptHeads:
    """The complete heads met before, those of now before those of long ago.

    Each is there twice: by the SHA-256 of its file, and by the path and stamp of a file that need not be read again.
    """

    def __init__(self, cache: Cache | None) -> None:
        self._cache = cache if maker() is not None else None
        self._name = f"heads-{maker()}"
        self._old = {} if self._cache is None else _read_heads(self._cache.read(self._name))
        self._now: dict[str, Head] = {}

    def head(self, path: Path) -> Head:
        """Return what the head of a file says: nothing for a file that cannot be read."""
        written = f"{path.absolute()} {stamp(path)}"
        head = self._old.get(written)
        if head is None:
            head = self._read(path)
        if _is_complete(head):
            self._now[written] = head
        return head

    def _read(self, path: Path) -> Head:
        try:
            raw = bytes_of(path)[:MAX_BYTES]
        except (OSError, ValueError):
            return {}
        content = sha256(raw).hexdigest()
        head = self._old.get(content)
        if head is None:
            from sim.case.reading.document import peek  # yaml is not loaded for what is known

            head = {name: value for name, value in peek(raw, _HEAD).items() if isinstance(value, (str, int))}
        if _is_complete(head):
            self._now[content] = head
        return head

    def save(self) -> None:
        """Keep what was met, if any of it is new."""
        if self._cache is not None and not self._now.keys() <= self._old.keys():
            entries = list((self._now | self._old).items())[:_HEADS]
            self._cache.write(self._name, json.dumps(dict(entries)).encode("utf-8"))


def _read_heads(raw: bytes | None) -> dict[str, Head]:
    try:
        found = json.loads(raw or b"{}")
    except ValueError:
        return {}
    entries = found.items() if isinstance(found, dict) else ()
    return {content: head for content, head in entries if isinstance(head, dict) and _is_complete(head)}
