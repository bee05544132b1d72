"""What is wrong with a file, and how it is said: one problem per mistake, with its place and the nearest right name.

Nothing here reads files. A problem is plain data; `render` is the form for people, `to_plain` the form for programs.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final, Literal, Protocol

Severity = Literal["error", "warning"]

_CONTROL = "\x00-\x09\x0b-\x1f\x7f-\x9f"
_INVISIBLE = (
    "\u00ad\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff"
    "\ufff9-\ufffb\U000110bd\U000110cd\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U000e0001\U000e0020-\U000e007f"
)
_NO_CHARACTER = "\ud800-\udfff\ufdd0-\ufdef\ue000-\uf8ff\ufffe\uffff\U000f0000-\U0010ffff"
UNSAFE: Final = re.compile(f"[{_CONTROL}{_INVISIBLE}{_NO_CHARACTER}]")
"""Characters no text may hold: control (Cc, the newline apart), format and bidi (Cf), line and paragraph
separators, surrogates, private use, and what is no character at all. Spelled out, so that every Python agrees."""

_WIDEST = 110
_LONGEST_MESSAGE = 400
MOST: Final = 200
"""Of one file so many problems are told."""
"""Problems of one file that are kept."""


class Place(Protocol):
    """Where a problem lies: anything that knows its file, line, column (from 1) and source line."""

    @property
    def file(self) -> str:
        """The name of the file."""

    @property
    def line(self) -> int:
        """The line, from 1."""

    @property
    def col(self) -> int:
        """The column in characters, from 1."""

    @property
    def source_line(self) -> str:
        """The whole line of the file."""

    @property
    def via(self) -> str:
        """Where another file asks for what it belongs to; empty where none does."""


@dataclass(frozen=True, slots=True)
class Spot:
    """A bare place, for problems that belong to no node of a tree."""

    file: str
    line: int = 1
    col: int = 1
    source_line: str = ""
    via: str = ""


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One mistake. Problems sort by file, line and column."""

    file: str
    line: int
    col: int
    severity: Severity
    code: str
    """The kind of mistake, in kebab-case: stable, for programs."""
    message: str
    hint: str = ""
    source_line: str = ""


class CaseError(Exception):
    """A file cannot be used. `problems` says why; as text it is every problem rendered."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(render(problem) for problem in self.problems))


class Problems:
    """Collects problems, each only once however many files ask for the part it lies in; `all` gives them sorted.

    Of one file at most 200 are kept, and one that says so: the time they take grows with the file and not with its
    square, and nobody reads more.
    """

    def __init__(self) -> None:
        self._found: dict[tuple[str, int, int, str, str], Problem] = {}
        self._count: dict[str, int] = {}
        self._lines: dict[str, str] = {}
        """Source line to the same without unsafe characters: many problems may be in one long line."""

    def error(self, place: Place, code: str, message: str, hint: str = "") -> None:
        """Record a mistake that keeps the file from being used."""
        self._add("error", place, code, message, hint)

    def warning(self, place: Place, code: str, message: str, hint: str = "") -> None:
        """Record something that is probably not meant."""
        self._add("warning", place, code, message, hint)

    def is_full(self, file: str) -> bool:
        """Return whether nothing more that is found in a file will be told, so that it need not be looked for."""
        return self._count.get(clean(file), 0) > MOST

    def take(self, others: Iterable[Problem]) -> None:
        """Add problems collected elsewhere."""
        for other in others:
            self._keep(other)

    @property
    def all(self) -> tuple[Problem, ...]:
        """Every problem, sorted by file, line and column."""
        return tuple(sorted(self._found.values()))

    @property
    def errors(self) -> tuple[Problem, ...]:
        """The errors alone, sorted."""
        return tuple(problem for problem in self.all if problem.severity == "error")

    def raise_errors(self) -> None:
        """Raise CaseError if there is any error."""
        if self.errors:
            raise CaseError(self.errors)

    def _add(self, severity: Severity, place: Place, code: str, message: str, hint: str) -> None:
        file = clean(place.file)
        if self._count.get(file, 0) > MOST:
            return
        line = place.source_line
        source = self._lines.get(line)
        if source is None:
            shown = line.replace("\t", "\N{RIGHTWARDS ARROW}")
            source = self._lines[line] = UNSAFE.sub("\N{REPLACEMENT CHARACTER}", shown)
        asked = f"asked for in {place.via}" if place.via else ""
        self._keep(
            Problem(
                file,
                place.line,
                place.col,
                severity,
                code,
                _short(clean(message[: 2 * _LONGEST_MESSAGE])),
                clean("; ".join(said for said in (hint, asked) if said)),
                source,
            )
        )

    def _keep(self, problem: Problem) -> None:
        count = self._count.get(problem.file, 0)
        key = (problem.file, problem.line, problem.col, problem.code, problem.message)
        if count > MOST or key in self._found:
            return
        self._count[problem.file] = count + 1
        if count == MOST:
            rest = f"more than {MOST} problems in this file; the rest are not shown"
            problem = Problem(problem.file, problem.line, problem.col, "error", "too-many", rest, "mend these first")
        self._found[key] = problem


def clean(text: str) -> str:
    """Return the text in one line, with every unsafe character replaced, fit for any terminal."""
    return UNSAFE.sub("\N{REPLACEMENT CHARACTER}", text.replace("\n", " "))


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST_MESSAGE else text[: _LONGEST_MESSAGE - 1] + "…"


def nearest(word: str, known: Iterable[str]) -> str | None:
    """Return the known word most like `word`, or None when none is like it."""
    return _nearest(word[:60].lower(), frozenset(known))


@lru_cache(maxsize=512)
def _nearest(word: str, known: frozenset[str]) -> str | None:
    close = difflib.get_close_matches(word, sorted(known), n=1, cutoff=0.6)
    return close[0] if close else None


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return a hint that names the nearest known word; empty when none is like it."""
    found = nearest(word, known)
    return f"did you mean '{found}'?" if found else ""


def shown(path: Path) -> str:
    """Return how a path is shown: relative to the working folder where it lies below it, with forward slashes."""
    with suppress(OSError):  # the working folder may be gone
        if path.is_absolute() and path.is_relative_to(Path.cwd()):
            path = path.relative_to(Path.cwd())
    return path.as_posix()


def render(problem: Problem) -> str:
    """Return the problem for a terminal: `file:line:col: error: message`, the source line, a caret, the help."""
    lines = [f"{problem.file}:{problem.line}:{problem.col}: {problem.severity}: {problem.message}"]
    if problem.source_line.strip():
        source, caret = _window(problem.source_line, problem.col)
        number = str(problem.line)
        lines += [f"  {number} | {source}", f"  {' ' * len(number)} | {caret}"]
    if problem.hint:
        lines.append(f"  help: {problem.hint}")
    return "\n".join(lines)


def to_plain(problem: Problem) -> dict[str, object]:
    """Return the problem as JSON-ready data: file, line, col, severity, code, message, hint."""
    names = ("file", "line", "col", "severity", "code", "message", "hint")
    return {name: getattr(problem, name) for name in names}


def _window(source: str, col: int) -> tuple[str, str]:
    """Cut a long line around the column; return it with the caret line under it."""
    start = 0 if len(source) <= _WIDEST else max(0, min(col - 1 - _WIDEST // 2, len(source) - _WIDEST))
    shown = ("…" if start else "") + source[start : start + _WIDEST]
    before = ("…" if start else "") + source[start : col - 1]
    return shown, " " * sum(map(_cells, before)) + "^"


def _cells(char: str) -> int:
    if unicodedata.combining(char):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1
