"""What is planned for a minute, compiled: a binary heap of (minute, stage, number of the plan) in one word each."""

from __future__ import annotations

from sim.engine.kernel import layout as at
from sim.engine.kernel.compiling import compiled
from sim.engine.kernel.facts import Whole


@compiled
def plan(p: Whole, s: Whole, minute: int, stage: int, what: int) -> None:
    """Plan something; of what has the same minute and stage, what was planned first comes first."""
    size = s[at.HEAP_SIZE]
    if size == at.HEAP_ROOM or minute >= at.FARTHEST:
        s[at.STATUS], s[at.OVER], s[at.ENDED] = at.NO_ROOM, 1, 1
        return
    s[at.PLANNED] += 1
    key = (minute << at.MINUTE_SHIFT) | (stage << at.PLANNED_BITS) | s[at.PLANNED]
    keys, whats = p[at.HEAP_KEY], p[at.HEAP_WHAT]
    s[at.HEAP_SIZE] = size + 1
    while size > 0:
        above = (size - 1) >> 1
        if s[keys + above] < key:
            break
        s[keys + size], s[whats + size] = s[keys + above], s[whats + above]
        size = above
    s[keys + size], s[whats + size] = key, what


@compiled
def least_key(p: Whole, s: Whole) -> int:
    """Return the key of what comes next; a key that never comes if nothing is planned."""
    return s[p[at.HEAP_KEY]] if s[at.HEAP_SIZE] > 0 else at.NO_KEY


@compiled
def pop(p: Whole, s: Whole) -> int:
    """Take out what comes next."""
    keys, whats = p[at.HEAP_KEY], p[at.HEAP_WHAT]
    first = s[whats]
    size = s[at.HEAP_SIZE] - 1
    s[at.HEAP_SIZE] = size
    key, what, i = s[keys + size], s[whats + size], 0
    while 2 * i + 1 < size:
        child = 2 * i + 1
        if child + 1 < size and s[keys + child + 1] < s[keys + child]:
            child += 1
        if key < s[keys + child]:
            break
        s[keys + i], s[whats + i] = s[keys + child], s[whats + child]
        i = child
    s[keys + i], s[whats + i] = key, what
    return first
