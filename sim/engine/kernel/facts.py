"""Asking a patient: conditions as jump code, and the drug levels they may turn on. Compiled."""

from __future__ import annotations

from sim.engine.kernel import layout as at
from sim.engine.kernel.compiling import compiled, merged

Whole = list[int]
"""What compiled code sees of an array of whole numbers (see `compiling.Row`)."""
Parts = list[float]
"""The same for fractions."""


@merged
def holds(p: Whole, f: Parts, s: Whole, x: Parts, entry: int) -> bool:
    """Return whether the condition that begins at `entry` holds now."""
    while entry >= 0:
        if p[entry + at.OP] == at.IN:
            true = (p[entry + at.B] >> s[p[entry + at.A]]) & 1
        elif p[entry + at.OP] == at.AT_LEVEL:
            true = 1 if within(level(p, f, s, x, p[entry + at.A]), f, p[entry + at.B]) else 0
        else:
            true = 1 if _passes(p, f, s, x, entry) else 0
        entry = p[entry + at.NO - true]  # where yes leads stands just before it
    return entry == at.TRUE


@merged
def fits(p: Whole, f: Parts, s: Whole, x: Parts, place: int) -> bool:
    """Return whether a condition in three words holds: where it goes on, after a word of `s` that a mask must allow."""
    return (p[place + 2] >> s[p[place + 1]]) & 1 != 0 and holds(p, f, s, x, p[place])


@compiled
def level(p: Whole, f: Parts, s: Whole, x: Parts, number: int) -> float:
    """Return the steady level of the disease's drug level `number`; 0 while its therapy does not run."""
    spec = p[at.LEVELS] + number * at.LEVEL
    order = p[spec + at.L_ORDER]
    if order < 0 or s[p[at.RUNS] + order] == 0:
        return 0.0
    value = x[p[at.AMOUNT] + order] * f[p[spec + at.L_PER_AMOUNT]]
    for factor in range(p[spec + at.L_FACTORS], p[spec + at.L_FACTORS_END], 2):
        if _holds_flat(p, f, s, x, p[factor + 1]):
            value *= f[p[factor]]
    return value


@compiled
def _holds_flat(p: Whole, f: Parts, s: Whole, x: Parts, entry: int) -> bool:
    """`holds` for conditions without levels: what the factors of a level may ask."""
    while entry >= 0:
        entry = p[entry + at.YES] if _passes(p, f, s, x, entry) else p[entry + at.NO]
    return entry == at.TRUE


@merged
def _passes(p: Whole, f: Parts, s: Whole, x: Parts, i: int) -> bool:
    op, a, b = p[i + at.OP], p[i + at.A], p[i + at.B]
    if op == at.IN:
        return (b >> s[a]) & 1 != 0
    if op == at.MASK:
        return s[a] & b != 0
    if op == at.SINCE:
        return s[a] > at.HAPPENED and b <= s[at.NOW] - s[a] < p[i + at.C]
    if op == at.ELAPSED:
        return a <= s[at.NOW] < b
    if op == at.AGE:
        return a <= s[at.BIRTH] + s[at.NOW] < b
    if op == at.DOSE:
        return s[p[at.RUNS] + a] != 0 and within(x[p[at.AMOUNT] + a], f, b)
    return within(x[a], f, b)


@merged
def within(value: float, f: Parts, bounds: int) -> bool:
    """Return whether a value lies between two bounds, neither included; what is not a number never does."""
    return f[bounds] < value and value < f[bounds + 1]
