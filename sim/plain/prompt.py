"""A line that somebody types, read from wherever lines come from."""

from __future__ import annotations

from typing import TextIO

from sim.words.format import clean


def typed_line(source: TextIO, target: TextIO, prompt: str, longest: int) -> str | None:
    """Return what is typed after the prompt, without what would move a cursor; None at the end, or for Ctrl+C.

    What comes after the `longest` characters of a line is not looked at.
    """
    target.write(prompt)
    target.flush()
    try:
        line = source.readline()
    except KeyboardInterrupt:
        line = ""
    return clean(line.replace("\n", " "))[:longest].strip() if line else None
