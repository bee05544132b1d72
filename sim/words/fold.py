"""Text folded into lines: one greedy line breaker for every face."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from sim.words.format import clean

Measure = Callable[[str], int]
"""The columns that a text takes. A screen counts its cells; elsewhere each character is a column."""


def fold(
    text: str, width: int = 78, *, first: str = "", rest: str = "", measure: Measure = len, whole: bool = False
) -> list[str]:
    """Return the text as lines of at most `width` columns; its newlines are kept, unsafe characters are not.

    `first` goes before the first line and `rest` before the others, within the width. A hyphen is no place to break.
    A word longer than a line is cut, or kept as it is with `whole`.
    """
    lines: list[str] = []
    for paragraph in clean(text).split("\n"):
        lines += _lines(paragraph.split(), width, rest if lines else first, rest, measure, whole)
    return lines


def _lines(words: Iterable[str], width: int, first: str, rest: str, measure: Measure, whole: bool) -> Iterator[str]:
    lead, line = first, ""
    for word in words:
        left = word
        if line and measure(f"{lead}{line} {left}") > width:
            yield lead + line
            lead, line = rest, ""
        while not (line or whole) and measure(lead + left) > width:
            head = _head(left, width - measure(lead), measure)
            if head == left:
                break
            yield lead + head
            lead, left = rest, left[len(head) :]
        line = f"{line} {left}" if line else left
    yield lead + line if line else ""


def _head(word: str, room: int, measure: Measure) -> str:
    """The beginning of a word that fits, at least one character."""
    end = 1
    while end < len(word) and measure(word[: end + 1]) <= room:
        end += 1
    return word[:end]
