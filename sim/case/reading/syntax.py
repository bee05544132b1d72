"""YAML's syntax errors in an author's words: what the parser says, where it went wrong, what helps."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from sim.case.problems import Problems, Spot
from sim.case.reading.tree import Document


class _Saying(NamedTuple):
    said: str
    """Part of the pure parser's sentence."""
    message: str
    hint: str
    at_context: bool = False
    """Whether the place to look at is where the construct began, not where the parser gave up."""


_APOSTROPHE: Final = re.compile(r"(?:^|[:\[{,-] )\s*('(?:[^']|'')*')\w")
"""A text in single quotes that goes on where the quote has ended."""

_MORE: Final = re.compile(r"""(?:^|[:\[{,-] )\s*("(?:[^"\\]|\\.)*") *[^\s,:#\]}]""")
"""A text in double quotes that goes on where the quote has ended."""

_QUOTE_IT: Final = "put quotes around the text"
_BLOCK: Final = "after '|' or '>' the text begins on the next line"
_SAYINGS: Final = (
    _Saying("mapping values are not allowed", "found ': ' in the middle of a text", _QUOTE_IT),
    _Saying("expected <block end>, but found '-'", "this '-' is not in line with the list it belongs to",
            "give every '- ' of a list the same number of spaces"),
    _Saying("expected <block end>", "this line is not in line with the others of its block",
            "give keys that belong together the same number of spaces"),
    _Saying("found unexpected end of stream", "a quote opens here and never closes", "add the closing quote", True),
    _Saying("expected ',' or ']'", "a '[' opens here and the list is not closed or lacks a comma",
            "separate the entries by commas and end with ']'", True),
    _Saying("expected ',' or '}'", "a '{' opens here and is not closed or lacks a comma",
            "separate the entries by commas and end with '}'", True),
    _Saying("could not find expected ':'", "expected 'key: value', found a line without ': '",
            "add the ':' or indent the line to continue the text above", True),
    _Saying("that cannot start any token", "a text cannot begin with this character unquoted", _QUOTE_IT),
    _Saying("found unknown escape character", "a backslash in a double-quoted text begins an unknown escape",
            "use single quotes, or write the backslash twice"),
    _Saying("sequence entries are not allowed", "a list cannot begin on this line", "begin it on its own line"),
    _Saying("block sequence entries", "a list cannot begin on this line", "begin it on its own line"),
    _Saying("expected alphabetic or numeric character", "a text cannot begin with '*' or '&' unquoted", _QUOTE_IT),
    _Saying("expected chomping or indentation", _BLOCK, "break the line"),
    _Saying("expected a comment or a line break", _BLOCK, "break the line"),
    _Saying("expected the node content", "expected a value here", "write a value, or put quotes around the text"),
    _Saying("expected '<document start>'", "this text stands outside of the keys and values of the file",
            "indent it, or make it a 'key: value'"),
)  # fmt: skip


def explain(error: Exception, fast: Exception | None, document: Document, problems: Problems) -> None:
    """Report the parser's error as one problem at the place an author should look at.

    `fast` is what libyaml said, if it read first: it knows the place where the pure parser only raises ValueError.
    """
    if _reports_early_end_of_quote(error, document, problems) or _reports_text_after_quote(error, document, problems):
        return
    said = str(getattr(error, "problem", None) or getattr(error, "reason", None) or "it cannot be read")
    mark = getattr(error, "problem_mark", None)
    context = getattr(error, "context_mark", None)
    for saying in _SAYINGS:
        if saying.said in said:
            at = context if saying.at_context and context is not None else mark
            problems.error(_spot(document, at), "syntax", saying.message, saying.hint)
            return
    at = mark or context or getattr(fast, "problem_mark", None) or getattr(fast, "context_mark", None)
    problems.error(_spot(document, at), "syntax", f"this is not YAML: {said}")


def _reports_early_end_of_quote(error: Exception, document: Document, problems: Problems) -> bool:
    """Report a text in single quotes that an apostrophe ends, if that is what the parser stumbled over."""
    mark = getattr(error, "problem_mark", None)
    line = int(getattr(mark, "line", -1))
    source = document.lines[line] if 0 <= line < len(document.lines) else ""
    found = _APOSTROPHE.search(source)
    if found is None:
        return False
    ends = found.end() - 1
    message = f"the quote ends at {source[found.start(1) : ends]}"
    spot = Spot(document.file, line + 1, ends, source)
    problems.error(spot, "syntax", message, "put double quotes around the text, or write the apostrophe twice: ''")
    return True


def _reports_text_after_quote(error: Exception, document: Document, problems: Problems) -> bool:
    """Report a text that goes on after its closing double quote, if that is what the parser stumbled over."""
    mark = getattr(error, "problem_mark", None)
    line = int(getattr(mark, "line", -1))
    source = document.lines[line] if 0 <= line < len(document.lines) else ""
    found = _MORE.search(source)
    if found is None or found.end(1) > int(getattr(mark, "column", -1)) + 1:
        return False
    message = f"the quote ends at {found[1]}, and the text goes on"
    spot = Spot(document.file, line + 1, found.end(1), source)
    problems.error(spot, "syntax", message, "put the whole text in single quotes: '...'")
    return True


def _spot(document: Document, mark: object) -> Spot:
    line = int(getattr(mark, "line", 0))
    col = int(getattr(mark, "column", 0))
    source = document.lines[line] if line < len(document.lines) else ""
    return Spot(document.file, line + 1, col + 1, source)
