"""The patient's true course, compiled: `sim.engine.patient` on arrays, with the same order of everything."""

from __future__ import annotations

import math

from sim.engine.kernel import body, chance, pools, tournament
from sim.engine.kernel import layout as at
from sim.engine.kernel.compiling import compiled, inlined, merged, word_at
from sim.engine.kernel.facts import Parts, Whole, fits
from sim.engine.patient import MOST_FIRINGS

_MOST = MOST_FIRINGS
_ONE_STATE = 2


@compiled
def abandon(s: Whole, why: int) -> None:
    """Stop this life: a session will play it."""
    s[at.STATUS] = why
    s[at.OVER] = 1
    s[at.ENDED] = 1


@merged
def record(p: Whole, s: Whole, kind: int, what: int) -> None:
    """Write one entry of the tape, where there is one."""
    if s[at.TAPE_ROOM] == 0:
        return
    if s[at.TAPE_SIZE] == s[at.TAPE_ROOM]:
        abandon(s, at.NO_ROOM)
        return
    entry = p[at.TAPE] + s[at.TAPE_SIZE] * at.TAPE_WIDTH
    s[entry], s[entry + 1], s[entry + 2] = s[at.NOW], kind, what
    s[at.TAPE_SIZE] += 1


# --- what is due -----------------------------------------------------------------------------------------------


@merged
def next_due(p: Whole, s: Whole) -> int:
    """Return the minute in which the next transition is due."""
    return s[p[at.DUE] + 1]


@merged
def schedule(p: Whole, s: Whole, number: int, due: int) -> None:
    """Set when a transition is due."""
    tournament.enter(s, p[at.DUE], p[at.LEAVES], number, due)


@merged
def run_due(p: Whole, f: Parts, s: Whole, x: Parts) -> None:
    """Fire what is due in this minute, one at a time, each with its consequences."""
    while s[at.OVER] == 0 and next_due(p, s) <= s[at.NOW]:
        fire(p, f, s, x, tournament.first(s, p[at.DUE], p[at.LEAVES]))
        work_off(p, f, s, x)


# --- facts -----------------------------------------------------------------------------------------------------


@compiled
def changed(p: Whole, f: Parts, s: Whole, x: Parts, fact: int) -> None:
    """Work out again what reads a fact: rates and stays now, set-points at the next turn, steps at the next look."""
    for i in range(p[p[at.READ_FROM] + fact], p[p[at.READ_FROM] + fact + 1]):
        edge = p[at.EDGES] + p[i] * at.EDGE
        if (p[edge + at.E_SOURCES] >> s[p[at.STATE] + p[edge + at.E_REGION]]) & 1:
            refresh(p, f, s, x, p[i])
    if p[at.N_POOLS]:
        pools.react(p, f, s, x, fact)
    for i in range(p[p[at.WATCH_FROM] + fact], p[p[at.WATCH_FROM] + fact + 1]):
        body.mark(p, s, p[i])
    for i in range(p[p[at.STEP_FROM] + fact], p[p[at.STEP_FROM] + fact + 1]):
        look_again(p, s, p[i])


@compiled
def look_again(p: Whole, s: Whole, step: int) -> None:
    """Put a step that is not done among those the pathway's next look asks again."""
    if s[at.FOLLOWS] and s[p[at.STEP_QUEUED] + step] == 0 and s[p[at.STEP_DONE] + step] == at.ABSENT:
        s[p[at.STEP_QUEUED] + step] = 1
        s[p[at.QUEUE] + s[at.QUEUE_SIZE]] = step
        s[at.QUEUE_SIZE] += 1


@compiled
def touch(p: Whole, s: Whole, order: int) -> None:
    """Note that an order's words in the record may change: the next life begins with them put back."""
    if s[p[at.TOUCHED] + order] == 0:
        s[p[at.TOUCHED] + order] = 1
        s[p[at.TOUCHED_LIST] + s[at.TOUCHED_SIZE]] = order
        s[at.TOUCHED_SIZE] += 1


@compiled
def order_fact(p: Whole, block: int, order: int) -> int:
    """Return the number of a fact about an order."""
    return p[at.N_REGIONS] + block * p[at.N_ORDERS] + order


@compiled
def order_event(p: Whole, block: int, order: int) -> int:
    """Return the number of an event about an order."""
    return block * p[at.N_ORDERS] + order


# --- rates and stays -------------------------------------------------------------------------------------------


@merged
def refresh(p: Whole, f: Parts, s: Whole, x: Parts, number: int) -> None:
    """Work out a hazard's rate, or whether a stay may end, from the facts as they are now."""
    edge = p[at.EDGES] + number * at.EDGE
    true = fits(p, f, s, x, edge + at.E_GUARD)
    if p[edge + at.E_KIND] == at.STAY:
        schedule(p, s, number, max(s[p[at.READY] + number], s[at.NOW]) if true else at.NEVER)
        return
    rate = 0.0
    if true:
        rate = f[p[edge + at.E_RATE]]
        for i in range(p[edge + at.E_MODIFIERS], p[edge + at.E_MODIFIERS_END], at.MODIFIER):
            if fits(p, f, s, x, i + at.X_ENTRY):
                rate *= f[p[i]]
    set_rate(p, f, s, x, number, rate)


@merged
def set_rate(p: Whole, f: Parts, s: Whole, x: Parts, number: int, rate: float) -> None:
    """Change a hazard's rate from this minute on. Its draw is made when it first counts."""
    before = x[p[at.RATE] + number]
    if rate == before:
        return
    left = x[p[at.RESIDUAL] + number]
    if before > 0:
        left = max(left - before * (s[at.NOW] - s[p[at.RATED_AT] + number]), 0.0)
    x[p[at.RATE] + number] = rate
    s[p[at.RATED_AT] + number] = s[at.NOW]
    if rate > 0:
        if left < 0:
            edge = p[at.EDGES] + number * at.EDGE
            left = chance.exponential(word_at(x, at.SEED), word_at(f, p[edge + at.E_STREAM]), s[p[at.FIRINGS] + number])
        schedule(p, s, number, due_after(s, left / rate))
    else:
        schedule(p, s, number, at.NEVER)
    x[p[at.RESIDUAL] + number] = left


@merged
def due_after(s: Whole, wait: float) -> int:
    """Return the minute in which a hazard that waits so long fires, never the present one."""
    if wait >= at.NEVER:
        return at.NEVER
    return min(s[at.NOW] + max(1, math.ceil(wait)), at.NEVER)


@merged
def activate(p: Whole, f: Parts, s: Whole, x: Parts, number: int) -> None:
    """Its source was entered: draw a stay, or let a hazard count."""
    edge = p[at.EDGES] + number * at.EDGE
    if p[edge + at.E_KIND] == at.STAY:
        length, high = p[edge + at.E_LOW], p[edge + at.E_HIGH]
        if length < high:
            k = s[p[at.ENTRIES] + number]
            length = chance.whole(word_at(x, at.SEED), word_at(f, p[edge + at.E_STREAM]), length, high, k)
        s[p[at.ENTRIES] + number] += 1
        s[p[at.READY] + number] = s[at.NOW] + length
    refresh(p, f, s, x, number)


@inlined
def pause(p: Whole, f: Parts, s: Whole, x: Parts, number: int) -> None:
    """Its source is being left."""
    if p[p[at.EDGES] + number * at.EDGE + at.E_KIND] == at.STAY:
        schedule(p, s, number, at.NEVER)
    else:
        set_rate(p, f, s, x, number, 0.0)


# --- transitions and what follows from them ----------------------------------------------------------------------


@compiled
def fire(p: Whole, f: Parts, s: Whole, x: Parts, number: int) -> None:
    """Let a transition happen; what its new state sets off is queued."""
    if s[at.SPENT_AT] != s[at.NOW]:
        s[at.SPENT], s[at.SPENT_AT] = 0, s[at.NOW]
    s[at.SPENT] += 1
    if s[at.SPENT] > _MOST:
        abandon(s, at.FAULT)
        return
    edge = p[at.EDGES] + number * at.EDGE
    region, target = p[edge + at.E_REGION], p[edge + at.E_TARGET]
    base = p[p[at.BASES] + region]
    left = base + s[p[at.STATE] + region]
    for i in range(p[p[at.TIMED_FROM] + left], p[p[at.TIMED_FROM] + left + 1]):
        pause(p, f, s, x, p[i])
    s[p[at.FIRINGS] + number] += 1
    x[p[at.RESIDUAL] + number] = -1.0
    entered(p, s, region, target)
    if p[edge + at.E_CALL]:
        s[at.NOTICED] += 1
    if p[p[at.OUTCOMES] + base + target]:
        s[at.OVER], s[at.OUTCOME] = 1, base + target
        return
    for i in range(p[p[at.TIMED_FROM] + base + target], p[p[at.TIMED_FROM] + base + target + 1]):
        activate(p, f, s, x, p[i])
    if p[edge + at.E_POOL] >= 0:
        pools.forecast(p, f, s, x, p[edge + at.E_POOL])
    changed(p, f, s, x, region)
    if p[edge + at.E_REVEALS] >= 0:
        _reveal(p, f, s, x, p[edge + at.E_REVEALS])
    expect(p, s, at.BY_ENTRY * p[at.N_ORDERS] + base + target)


@merged
def entered(p: Whole, s: Whole, region: int, state: int) -> None:
    """A region is in a state from now on."""
    s[p[at.STATE] + region] = state
    s[at.DIRTY] = 1
    number = p[p[at.BASES] + region] + state
    if s[p[at.FIRST_ENTRY] + number] == at.ABSENT:
        s[p[at.FIRST_ENTRY] + number] = s[at.NOW]
    record(p, s, at.ENTERED, number)


@inlined
def _reveal(p: Whole, f: Parts, s: Whole, x: Parts, code: int) -> None:
    """A call made something known."""
    count = s[p[at.CALLS] + code]
    first, last = p[p[at.CALL_FROM] + code], p[p[at.CALL_FROM] + code + 1]
    if count < last - first:
        s[p[at.CALL_TIMES] + first + count] = s[at.NOW]
    s[p[at.CALLS] + code] = count + 1
    s[p[at.LAST_CALL] + code] = s[at.NOW]
    s[p[at.TOLD] + code] = 1
    changed(p, f, s, x, p[at.N_REGIONS] + at.FACT_TOLD * p[at.N_ORDERS] + code)


@merged
def expect(p: Whole, s: Whole, event: int) -> None:
    """Queue an event for the transitions that wait for it."""
    if p[p[at.WAIT_FROM] + event] == p[p[at.WAIT_FROM] + event + 1]:
        return
    if s[at.OFFER_TAIL] - s[at.OFFER_HEAD] == at.OFFER_ROOM:
        abandon(s, at.NO_ROOM)
        return
    s[p[at.OFFERS] + (s[at.OFFER_TAIL] & (at.OFFER_ROOM - 1))] = event
    s[at.OFFER_TAIL] += 1


@compiled
def offer(p: Whole, f: Parts, s: Whole, x: Parts, event: int) -> None:
    """Offer an event to the transitions that wait for it, and work off what follows from it."""
    expect(p, s, event)
    work_off(p, f, s, x)


@merged
def work_off(p: Whole, f: Parts, s: Whole, x: Parts) -> None:
    """Answer queued events, first come first served, until none is left or the case is over."""
    while s[at.OFFER_HEAD] < s[at.OFFER_TAIL] and s[at.OVER] == 0:
        event = s[p[at.OFFERS] + (s[at.OFFER_HEAD] & (at.OFFER_ROOM - 1))]
        s[at.OFFER_HEAD] += 1
        _answer(p, f, s, x, event)
    s[at.OFFER_HEAD], s[at.OFFER_TAIL] = 0, 0


@inlined
def _answer(p: Whole, f: Parts, s: Whole, x: Parts, event: int) -> None:
    s[at.STAMP] += 1
    for i in range(p[p[at.WAIT_FROM] + event], p[p[at.WAIT_FROM] + event + 1]):
        edge = p[at.EDGES] + p[i] * at.EDGE
        region = p[edge + at.E_REGION]
        if s[at.OVER] or s[p[at.MOVED] + region] == s[at.STAMP]:
            continue
        if not (p[edge + at.E_SOURCES] >> s[p[at.STATE] + region]) & 1:
            continue
        if fits(p, f, s, x, edge + at.E_GUARD) and _agrees(p, f, s, x, p[i]):
            s[p[at.MOVED] + region] = s[at.STAMP]
            fire(p, f, s, x, p[i])


@inlined
def _agrees(p: Whole, f: Parts, s: Whole, x: Parts, number: int) -> bool:
    edge = p[at.EDGES] + number * at.EDGE
    if p[edge + at.E_CHANCE] < 0:
        return True
    k = s[p[at.ASKED] + number]
    s[p[at.ASKED] + number] += 1
    return chance.uniform(word_at(x, at.SEED), word_at(f, p[edge + at.E_STREAM]), k) < f[p[edge + at.E_CHANCE]]


# --- the opening, and another fate --------------------------------------------------------------------------------


@inlined
def draw_states(p: Whole, f: Parts, s: Whole, x: Parts) -> None:
    """Draw the state each region begins in, then let time count."""
    for region in range(p[at.N_REGIONS]):
        first, end = p[p[at.MIX_FROM] + region], p[p[at.MIX_FROM] + region + 1]
        state = p[first]
        if end - first > _ONE_STATE:
            left = chance.uniform(word_at(x, at.SEED), word_at(f, p[at.STREAMS] + region), s[at.ZERO])
            for i in range(first, end, 2):
                state = p[i]
                left -= f[p[i + 1]]
                if left < 0:
                    break
        s[p[at.STATE] + region] = state
    pools.draw(p, f, s, x)
    for region in range(p[at.N_REGIONS]):
        entered(p, s, region, s[p[at.STATE] + region])
    for region in range(p[at.N_REGIONS]):
        number = p[p[at.BASES] + region] + s[p[at.STATE] + region]
        for i in range(p[p[at.TIMED_FROM] + number], p[p[at.TIMED_FROM] + number + 1]):
            activate(p, f, s, x, p[i])
    pools.begin(p, f, s, x)


@inlined
def take_fate(p: Whole, f: Parts, s: Whole, x: Parts) -> None:
    """From now on chance is that of the seed in `x`: every hazard begins afresh, stays keep the length they have."""
    seed = word_at(x, at.SEED)
    for number in range(p[at.N_EDGES]):
        if p[p[at.EDGES] + number * at.EDGE + at.E_KIND] != at.HAZARD:
            continue
        x[p[at.RESIDUAL] + number] = -1.0
        rate = x[p[at.RATE] + number]
        if rate > 0:
            edge = p[at.EDGES] + number * at.EDGE
            left = chance.exponential(seed, word_at(f, p[edge + at.E_STREAM]), s[p[at.FIRINGS] + number])
            x[p[at.RESIDUAL] + number] = left
            s[p[at.RATED_AT] + number] = s[at.NOW]
            schedule(p, s, number, due_after(s, left / rate))
