"""Nurses and accesses, compiled: `sim.engine.nursing` and what `sim.engine.access` asks, on arrays."""

from __future__ import annotations

from sim.engine.kernel import course
from sim.engine.kernel import layout as at
from sim.engine.kernel.agenda import plan
from sim.engine.kernel.compiling import compiled, inlined
from sim.engine.kernel.facts import Parts, Whole


@compiled
def take(p: Whole, s: Whole, x: Parts, order: int, amount: int) -> None:
    """Take an order: the first nurse who is free begins it, else it waits."""
    if s[at.WAITING] == at.HAND_ROOM:
        course.abandon(s, at.NO_ROOM)
        return
    place = p[at.HANDS] + 2 * s[at.WAITING]
    s[place], s[place + 1] = order, amount
    s[at.WAITING] += 1
    for nurse in range(p[at.N_NURSES]):
        if s[p[at.NURSES] + nurse * at.NURSE + at.NU_ORDER] == at.NEVER:
            begin(p, s, x, nurse)
            return


@compiled
def begin(p: Whole, s: Whole, x: Parts, nurse: int) -> None:
    """Let a nurse begin what has waited longest, if anything waits."""
    row, hands = p[at.NURSES] + nurse * at.NURSE, p[at.HANDS]
    s[row + at.NU_ORDER], s[row + at.NU_ENDS] = at.NEVER, at.NEVER
    if s[at.WAITING] == 0:
        return
    order = s[hands]
    s[at.LAST_TOKEN] += 1
    s[row + at.NU_ORDER], s[row + at.NU_AMOUNT], s[row + at.NU_TOKEN] = order, s[hands + 1], s[at.LAST_TOKEN]
    s[row + at.NU_ENDS] = s[at.NOW] + p[p[at.ORDERS] + order * at.ORDER + at.O_NURSE]
    s[at.WAITING] -= 1
    for i in range(hands, hands + 2 * s[at.WAITING]):
        s[i] = s[i + 2]
    plan(p, s, x, s[row + at.NU_ENDS], at.ON_NURSE, (nurse << at.THERAPY_SHIFT) | s[at.LAST_TOKEN])


@compiled
def withdraw(p: Whole, s: Whole, x: Parts, order: int) -> None:
    """Take back every order of this kind, begun or not."""
    hands, kept = p[at.HANDS], 0
    for i in range(s[at.WAITING]):
        if s[hands + 2 * i] != order:
            s[hands + 2 * kept], s[hands + 2 * kept + 1] = s[hands + 2 * i], s[hands + 2 * i + 1]
            kept += 1
    s[at.WAITING] = kept
    for nurse in range(p[at.N_NURSES]):
        if s[p[at.NURSES] + nurse * at.NURSE + at.NU_ORDER] == order:
            begin(p, s, x, nurse)


@inlined
def next_finished(p: Whole, s: Whole) -> int:
    """Return the minute in which the next nurse has finished; NEVER if none works."""
    least = at.NEVER
    for nurse in range(p[at.N_NURSES]):
        least = min(least, s[p[at.NURSES] + nurse * at.NURSE + at.NU_ENDS])
    return least


@compiled
def in_hand(p: Whole, s: Whole, column: int, least: int) -> bool:
    """Return whether the nurses have an order in hand whose number in this column is at least so much."""
    for nurse in range(p[at.N_NURSES]):
        order = s[p[at.NURSES] + nurse * at.NURSE + at.NU_ORDER]
        if order != at.NEVER and p[p[at.ORDERS] + order * at.ORDER + column] >= least:
            return True
    for i in range(s[at.WAITING]):  # noqa: SIM110 - compiled: no generators
        if p[p[at.ORDERS] + s[p[at.HANDS] + 2 * i] * at.ORDER + column] >= least:
            return True
    return False


@compiled
def has(p: Whole, s: Whole, order: int) -> bool:
    """Return whether the nurses have this order in hand."""
    for nurse in range(p[at.N_NURSES]):
        if s[p[at.NURSES] + nurse * at.NURSE + at.NU_ORDER] == order:
            return True
    for i in range(s[at.WAITING]):  # noqa: SIM110 - compiled: no generators
        if s[p[at.HANDS] + 2 * i] == order:
            return True
    return False


@compiled
def lacks_access(p: Whole, s: Whole, order: int) -> bool:
    """Return whether an order needs an access and none that serves it runs."""
    via = p[p[at.ORDERS] + order * at.ORDER + at.O_VIA]
    if via == 0:
        return False
    for i in range(p[p[at.ACCESSES]], p[p[at.ACCESSES] + 1]):
        if s[p[at.RUNS] + p[i]] and p[p[at.ORDERS] + p[i] * at.ORDER + at.O_ACCESS] >= via:
            return False
    return True


@compiled
def wants_access(p: Whole, s: Whole, order: int) -> bool:
    """Return whether an order needs an access and none that serves it runs or is in the nurses' hands."""
    via = p[p[at.ORDERS] + order * at.ORDER + at.O_VIA]
    return lacks_access(p, s, order) and not in_hand(p, s, at.O_ACCESS, via)
