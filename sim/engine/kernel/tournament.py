"""Tournament trees of minutes, compiled: the least of many, at the root, kept up to date as single ones change.

A tournament tree is a row of `s` of twice as many words as there are leaves, a power of two: node i is above the nodes
2i and 2i + 1 and holds the lesser of the two, so its root, at 1, is the least of all.
"""

from __future__ import annotations

from sim.engine.kernel.compiling import merged
from sim.engine.kernel.facts import Whole


@merged
def enter(s: Whole, tree: int, leaves: int, number: int, minute: int) -> None:
    """Set the minute of one leaf."""
    i = leaves + number
    if s[tree + i] == minute:
        return
    s[tree + i] = minute
    while i > 1:
        i >>= 1
        least = min(s[tree + 2 * i], s[tree + 2 * i + 1])
        if s[tree + i] == least:
            break
        s[tree + i] = least


@merged
def first(s: Whole, tree: int, leaves: int) -> int:
    """Return the leaf with the least minute; of several, the one with the least number."""
    i, least = 1, s[tree + 1]
    while i < leaves:
        i *= 2
        if s[tree + i] != least:
            i += 1
    return i - leaves
