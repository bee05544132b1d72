"""What is planned for a minute, compiled: a binary heap of (minute, stage, number of the plan) in one word each."""

from __future__ import annotations

from sim.engine.kernel import layout as at
from sim.engine.kernel.compiling import compiled, merged, put_word, word_at
from sim.engine.kernel.facts import Parts, Whole


@compiled
def plan(p: Whole, s: Whole, x: Parts, minute: int, stage: int, what: int) -> None:
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
        if word_at(x, keys + above) < key:
            break
        put_word(x, keys + size, word_at(x, keys + above))
        put_word(x, whats + size, word_at(x, whats + above))
        size = above
    put_word(x, keys + size, key)
    put_word(x, whats + size, what)


@merged
def least_key(p: Whole, s: Whole, x: Parts) -> int:
    """Return the key of what comes next; a key that never comes if nothing is planned."""
    return word_at(x, p[at.HEAP_KEY]) if s[at.HEAP_SIZE] > 0 else at.NO_KEY


@compiled
def pop(p: Whole, s: Whole, x: Parts) -> int:
    """Take out what comes next."""
    keys, whats = p[at.HEAP_KEY], p[at.HEAP_WHAT]
    first = word_at(x, whats)
    size = s[at.HEAP_SIZE] - 1
    s[at.HEAP_SIZE] = size
    key, what, i = word_at(x, keys + size), word_at(x, whats + size), 0
    while 2 * i + 1 < size:
        child = 2 * i + 1
        if child + 1 < size and word_at(x, keys + child + 1) < word_at(x, keys + child):
            child += 1
        if key < word_at(x, keys + child):
            break
        put_word(x, keys + i, word_at(x, keys + child))
        put_word(x, whats + i, word_at(x, whats + child))
        i = child
    put_word(x, keys + i, key)
    put_word(x, whats + i, what)
    return first
