"""Orders, therapies, results and the clock, compiled: `sim.engine.session` and `sim.engine.therapy` on arrays."""

from __future__ import annotations

from sim.engine.kernel import body, chance, course, nursing, pools
from sim.engine.kernel import layout as at
from sim.engine.kernel.agenda import least_key, plan, pop
from sim.engine.kernel.compiling import compiled, inlined, merged, word_at
from sim.engine.kernel.facts import Parts, Whole, holds

# --- therapies -------------------------------------------------------------------------------------------------


@compiled
def start_therapy(p: Whole, f: Parts, s: Whole, x: Parts, order: int, amount: int) -> None:
    """Start a therapy, or replace its dose without a gap. Before the opening it has been in effect for long already."""
    course.touch(p, s, order)
    forget(p, s, order)
    lasts = p[p[at.ORDERS] + order * at.ORDER + at.O_LASTS]
    if s[at.OPENED] or s[p[at.LAST_ORDERED] + order] <= s[p[at.LAST_STOPPED] + order]:
        _happened(p, s, at.FIRST_ORDERED, at.LAST_ORDERED, order)  # else it runs since it was ordered long ago
    x[p[at.AMOUNT] + order] = f[amount]
    _run(p, f, s, x, order, s[at.NOW] + lasts if lasts >= 0 else at.NEVER)


@compiled
def forget(p: Whole, s: Whole, order: int) -> None:
    """A therapy no longer waits for an access, if it did."""
    if s[p[at.INTERRUPTED] + order] != at.ABSENT:
        s[p[at.INTERRUPTED] + order] = at.ABSENT
        s[at.N_INTERRUPTED] -= 1


@compiled
def _run(p: Whole, f: Parts, s: Whole, x: Parts, order: int, ends: int) -> None:
    """Let a course run from now on, in place of what ran."""
    spec, now = p[at.ORDERS] + order * at.ORDER, s[at.NOW]
    before = s[p[at.COURSE] + order]
    s[at.LAST_TOKEN] += 1
    if before == at.GONE:
        s[p[at.ACTS_AT] + order] = now + (_onset(p, f, s, x, order, spec) if s[at.OPENED] else 0)
    s[p[at.COURSE] + order], s[p[at.TOKEN] + order] = at.RUNNING, s[at.LAST_TOKEN]
    s[p[at.ENDS] + order] = ends
    s[at.DIRTY] = 1
    s[p[at.RUNS] + order] = 1
    course.changed(p, f, s, x, course.order_fact(p, at.FACT_RUNNING, order))
    if ends < at.NEVER:
        _plan_therapy(p, s, x, ends, order, at.ENDS_COURSE)
    if p[spec + at.O_FAILS_END]:
        _plan_therapy(p, s, x, now + _failing(p, f, s, x, order, spec), order, at.FAILS)
    if p[spec + at.O_EVERY]:
        _plan_standing(p, s, x, order)
    if s[p[at.IN_EFFECT] + order] == 0:
        if s[p[at.ACTS_AT] + order] > now:
            _plan_therapy(p, s, x, s[p[at.ACTS_AT] + order], order, at.ACTS)
        else:
            _act(p, f, s, x, order)


@inlined
def _onset(p: Whole, f: Parts, s: Whole, x: Parts, order: int, spec: int) -> int:
    low, high = p[spec + at.O_ONSET], p[spec + at.O_ONSET_END]
    k = s[p[at.STARTS] + order]
    s[p[at.STARTS] + order] = k + 1
    return (
        chance.whole(word_at(x, at.SEED), word_at(f, p[spec + at.O_ONSET_STREAM]), low, high, k) if low < high else low
    )


@inlined
def _failing(p: Whole, f: Parts, s: Whole, x: Parts, order: int, spec: int) -> int:
    """Draw after how many minutes an access fails."""
    k = s[p[at.SITED] + order]
    s[p[at.SITED] + order] = k + 1
    stream = word_at(f, p[spec + at.O_FAILS_STREAM])
    return chance.whole(word_at(x, at.SEED), stream, p[spec + at.O_FAILS], p[spec + at.O_FAILS_END], k)


@compiled
def _plan_therapy(p: Whole, s: Whole, x: Parts, minute: int, order: int, stage: int) -> None:
    what = (order << at.THERAPY_SHIFT) | (stage << at.STAGE_SHIFT) | s[at.LAST_TOKEN]
    plan(p, s, x, minute, at.ON_THERAPY, what)


@compiled
def _plan_standing(p: Whole, s: Whole, x: Parts, order: int) -> None:
    """Plan the next turn of a standing order."""
    every = p[p[at.ORDERS] + order * at.ORDER + at.O_EVERY]
    plan(p, s, x, s[at.NOW] + every, at.ON_STANDING, (order << at.THERAPY_SHIFT) | s[p[at.TOKEN] + order])


@compiled
def _happened(p: Whole, s: Whole, first: int, last: int, order: int) -> None:
    if s[p[first] + order] == at.ABSENT:
        s[p[first] + order] = s[at.NOW]
    s[p[last] + order] = s[at.NOW]


@compiled
def stop_therapy(p: Whole, f: Parts, s: Whole, x: Parts, order: int) -> None:
    """Stop a running therapy; its effect ends after the offset."""
    course.touch(p, s, order)
    s[at.LAST_TOKEN] += 1
    s[p[at.COURSE] + order], s[p[at.RUNS] + order] = at.GONE, 0
    s[p[at.ENDS] + order] = at.NEVER
    s[at.DIRTY] = 1
    _happened(p, s, at.FIRST_STOPPED, at.LAST_STOPPED, order)
    course.changed(p, f, s, x, course.order_fact(p, at.FACT_RUNNING, order))
    if s[p[at.IN_EFFECT] + order]:
        s[p[at.COURSE] + order], s[p[at.TOKEN] + order] = at.WEARING, s[at.LAST_TOKEN]
        offset = p[p[at.ORDERS] + order * at.ORDER + at.O_OFFSET]
        if offset:
            _plan_therapy(p, s, x, s[at.NOW] + offset, order, at.WEARS_OFF)
        else:
            _wear_off(p, f, s, x, order)


@inlined
def _reach_therapy(p: Whole, f: Parts, s: Whole, x: Parts, what: int) -> None:
    """Carry out what was planned for a therapy, unless something overtook it."""
    order, stage = what >> at.THERAPY_SHIFT, (what >> at.STAGE_SHIFT) & 3
    token = what & ((1 << at.STAGE_SHIFT) - 1)
    if s[p[at.COURSE] + order] == at.GONE or s[p[at.TOKEN] + order] != token:
        return
    if stage == at.ACTS:
        _act(p, f, s, x, order)
    elif stage == at.WEARS_OFF:
        _wear_off(p, f, s, x, order)
    else:
        stop_therapy(p, f, s, x, order)
        course.offer(p, f, s, x, course.order_event(p, at.BY_STOP, order))
        _access_ended(p, f, s, x, order, stage == at.FAILS)


@compiled
def _access_ended(p: Whole, f: Parts, s: Whole, x: Parts, access: int, failed: bool) -> None:
    """An access ended, if it was one: interrupt what nothing serves any more; the nurse calls."""
    if p[p[at.ORDERS] + access * at.ORDER + at.O_ACCESS] == 0:
        return
    calls = failed
    for i in range(p[p[at.HANGING]], p[p[at.HANGING] + 1]):
        order = p[i]
        if s[at.OVER] == 0 and s[p[at.RUNS] + order] and nursing.lacks_access(p, s, order):
            calls, ends = True, s[p[at.ENDS] + order]
            stop_therapy(p, f, s, x, order)
            s[p[at.INTERRUPTED] + order] = ends
            s[at.N_INTERRUPTED] += 1
            course.offer(p, f, s, x, course.order_event(p, at.BY_STOP, order))
    if calls and s[at.OVER] == 0:
        s[at.NOTICED] += 1


@inlined
def _access_began(p: Whole, f: Parts, s: Whole, x: Parts, access: int) -> None:
    """An access started, if it is one: what was interrupted and is served again goes on until its course ends."""
    serves = p[p[at.ORDERS] + access * at.ORDER + at.O_ACCESS]
    if serves == 0 or s[at.N_INTERRUPTED] == 0:
        return
    for i in range(p[p[at.HANGING]], p[p[at.HANGING] + 1]):
        order = p[i]
        ends = s[p[at.INTERRUPTED] + order]
        if s[at.OVER] or ends == at.ABSENT or p[p[at.ORDERS] + order * at.ORDER + at.O_VIA] > serves:
            continue
        forget(p, s, order)
        if ends > s[at.NOW]:
            _run(p, f, s, x, order, ends)
            course.offer(p, f, s, x, course.order_event(p, at.BY_START, order))


@compiled
def _act(p: Whole, f: Parts, s: Whole, x: Parts, order: int) -> None:
    course.touch(p, s, order)
    s[p[at.IN_EFFECT] + order] = 1
    s[at.DIRTY] = 1
    course.changed(p, f, s, x, course.order_fact(p, at.FACT_EFFECT, order))
    course.offer(p, f, s, x, course.order_event(p, at.BY_EFFECT, order))


@compiled
def _wear_off(p: Whole, f: Parts, s: Whole, x: Parts, order: int) -> None:
    course.touch(p, s, order)
    s[p[at.COURSE] + order], s[p[at.IN_EFFECT] + order] = at.GONE, 0
    s[at.DIRTY] = 1
    course.changed(p, f, s, x, course.order_fact(p, at.FACT_EFFECT, order))


# --- results ---------------------------------------------------------------------------------------------------


@compiled
def _sample(p: Whole, f: Parts, s: Whole, x: Parts, report: int, values: int) -> int:
    """Write what a report would measure now to x at `values`; return what it says as a mask, or -1 without result."""
    body.turn(p, f, s, x)
    place = values
    for i in range(p[report + at.R_MEASURES], p[report + at.R_MEASURES_END]):
        x[place] = body.reported(p, f, s, x, p[i])
        place += 1
    codes, said = 0, False
    for i in range(p[report + at.R_FINDINGS], p[report + at.R_FINDINGS_END], at.FINDING):
        if p[i + at.F_ENTRY] != at.DEFAULT and holds(p, f, s, x, p[i + at.F_ENTRY]):
            codes, said = codes | p[i + at.F_CODE], True
    if not said:
        for i in range(p[report + at.R_FINDINGS], p[report + at.R_FINDINGS_END], at.FINDING):
            if p[i + at.F_ENTRY] == at.DEFAULT:
                codes, said = codes | p[i + at.F_CODE], True
    speaks = said or p[report + at.R_SPEAKS] != 0
    return codes if speaks else -1


@compiled
def _report(p: Whole, f: Parts, s: Whole, x: Parts, order: int, sampled: int, codes: int, values: int) -> None:
    """A result is known from now on. A critical value is telephoned with it: that stops no clock which it does not."""
    s[at.NOTICED] += 1
    s[at.REPORTED] += 1
    beyond = _beyond(p, x, order, values) if p[p[at.ORDERS] + order * at.ORDER + at.O_EVERY] else 0
    _know(p, f, s, x, order, sampled, codes, values)
    s[p[at.OUTSIDE] + order] = beyond


@compiled
def _report_early(
    p: Whole, f: Parts, s: Whole, x: Parts, order: int, sampled: int, codes: int, values: int, report: int
) -> None:
    """What a report before the final one shows is known from now on."""
    s[at.NOTICED] += 1
    s[at.REPORTED] += 1
    course.touch(p, s, order)
    _read(p, s, x, order, sampled, codes, values, report)
    course.changed(p, f, s, x, course.order_fact(p, at.FACT_RESULTED, order))


@compiled
def _read(p: Whole, s: Whole, x: Parts, order: int, sampled: int, codes: int, values: int, report: int) -> None:
    """Put the values and findings of a report on record, unless those of a later sample are."""
    if s[p[at.CODES_AT] + order] <= sampled:
        s[p[at.CODES_AT] + order], s[p[at.CODES] + order] = sampled, codes
    place = values
    for i in range(p[report + at.R_MEASURES], p[report + at.R_MEASURES_END]):
        watched = p[i]
        if s[p[at.VALUE_AT] + watched] <= sampled:
            s[p[at.VALUE_AT] + watched], x[p[at.VALUE] + watched] = sampled, x[place]
        place += 1


@compiled
def _know(p: Whole, f: Parts, s: Whole, x: Parts, order: int, sampled: int, codes: int, values: int) -> None:
    """The values and findings of a final report are on record from now on."""
    course.touch(p, s, order)
    _happened(p, s, at.FIRST_RESULTED, at.LAST_RESULTED, order)
    _read(p, s, x, order, sampled, codes, values, p[at.ORDERS] + order * at.ORDER + at.O_FINDINGS)
    s[p[at.RESULTED] + order] = 1
    course.changed(p, f, s, x, course.order_fact(p, at.FACT_RESULTED, order))
    course.offer(p, f, s, x, course.order_event(p, at.BY_RESULT, order))


@inlined
def _report_slot(p: Whole, f: Parts, s: Whole, x: Parts, slot: int) -> None:
    row = p[at.SLOTS] + at.SLOT * slot
    order, sampled, codes, which = s[row], s[row + 1], s[row + 2], s[row + 3]
    s[p[at.FREE_SLOTS] + s[at.FREE_SIZE]] = slot
    s[at.FREE_SIZE] += 1
    values = p[at.SLOT_VALUES] + slot * p[at.SLOT_WIDTH]
    if which == at.CHARTED:
        _chart(p, f, s, x, order, sampled, codes, values)
        return
    s[at.PENDING] -= 1
    if which == at.FINAL:
        _report(p, f, s, x, order, sampled, codes, values)
    else:
        _report_early(p, f, s, x, order, sampled, codes, values, which)


@compiled
def _beyond(p: Whole, x: Parts, order: int, values: int) -> int:
    """Return the places of a standing order's values that are at or beyond their limits, as a mask."""
    spec, beyond = p[at.ORDERS] + order * at.ORDER, 0
    first = p[spec + at.O_MEASURES]
    for i in range(first, p[spec + at.O_MEASURES_END]):
        value, limits = x[values + i - first], p[at.LIMITS] + 2 * p[i]
        if value <= x[limits] or value >= x[limits + 1]:
            beyond |= 1 << (i - first)
    return beyond


@compiled
def _chart(p: Whole, f: Parts, s: Whole, x: Parts, order: int, sampled: int, codes: int, values: int) -> None:
    """What a standing order found is on the chart; the nurses call about values that left their limits."""
    beyond = _beyond(p, x, order, values)
    _know(p, f, s, x, order, sampled, codes, values)
    if beyond & ~s[p[at.OUTSIDE] + order] and s[at.OVER] == 0:
        s[at.NOTICED] += 1
    s[p[at.OUTSIDE] + order] = beyond


@inlined
def _carry_out_again(p: Whole, f: Parts, s: Whole, x: Parts, what: int) -> None:
    """The nurses carry out a standing order once more."""
    order, token = what >> at.THERAPY_SHIFT, what & ((1 << at.THERAPY_SHIFT) - 1)
    if s[p[at.COURSE] + order] != at.RUNNING or s[p[at.TOKEN] + order] != token:
        return
    _plan_standing(p, s, x, order)
    spec = p[at.ORDERS] + order * at.ORDER
    slot = _slot_for(p, s, spec, 0)
    if slot < 0:
        return
    values = p[at.SLOT_VALUES] + slot * p[at.SLOT_WIDTH]
    codes = _sample(p, f, s, x, spec + at.O_FINDINGS, values)
    if codes < 0:
        return
    if p[spec + at.O_TURNAROUND]:
        _send(p, s, x, slot, order, codes, p[spec + at.O_TURNAROUND], at.CHARTED)
    else:
        _chart(p, f, s, x, order, s[at.NOW], codes, values)


@compiled
def _slot_for(p: Whole, s: Whole, spec: int, place: int) -> int:
    """Return a place's free slot for a result that takes time, or that of those that need not wait; -1 without room."""
    if p[spec + at.O_TURNAROUND] == 0:
        return at.SLOT_ROOM  # one more place than there are slots
    if s[at.FREE_SIZE] <= place:
        course.abandon(s, at.NO_ROOM)
        return -1
    return s[p[at.FREE_SLOTS] + s[at.FREE_SIZE] - 1 - place]


@inlined
def _sample_early(p: Whole, f: Parts, s: Whole, x: Parts, spec: int) -> None:
    """Write what the reports before the final one will say to the first free slots, which have room for them."""
    for i in range(p[spec + at.O_REPORTS], p[spec + at.O_REPORTS_END], at.REPORT):
        slot = _slot_for(p, s, spec, (i - p[spec + at.O_REPORTS]) // at.REPORT)
        codes = _sample(p, f, s, x, i, p[at.SLOT_VALUES] + slot * p[at.SLOT_WIDTH])
        s[p[at.SLOTS] + at.SLOT * slot + 2] = codes


@inlined
def _send_early(p: Whole, s: Whole, x: Parts, order: int, spec: int) -> None:
    """The reports before the final one are on their way, in the slots they were written to."""
    for i in range(p[spec + at.O_REPORTS], p[spec + at.O_REPORTS_END], at.REPORT):
        slot = _slot_for(p, s, spec, 0)
        s[at.PENDING] += 1
        _send(p, s, x, slot, order, s[p[at.SLOTS] + at.SLOT * slot + 2], p[i + at.R_AFTER], i)


@compiled
def _send(p: Whole, s: Whole, x: Parts, slot: int, order: int, codes: int, after: int, which: int) -> None:
    """A report is on its way, `after` so many minutes: its slot, the first free one, is no longer free."""
    s[at.FREE_SIZE] -= 1
    s[at.LEAST_FREE] = min(s[at.LEAST_FREE], s[at.FREE_SIZE])
    row = p[at.SLOTS] + at.SLOT * slot
    s[row], s[row + 1], s[row + 2], s[row + 3] = order, s[at.NOW], codes, which
    plan(p, s, x, s[at.NOW] + after, at.ON_RESULT, slot)


# --- orders ----------------------------------------------------------------------------------------------------


@compiled
def refused(p: Whole, f: Parts, s: Whole, x: Parts, order: int) -> bool:
    """Return whether the ward could not carry out an order now."""
    return unmet(p, f, s, x, order) or nursing.wants_access(p, s, order)


@compiled
def access_for(p: Whole, f: Parts, s: Whole, x: Parts, order: int) -> int:
    """Return the access to order first, where an order is refused for want of one alone; else -1."""
    if not nursing.wants_access(p, s, order) or unmet(p, f, s, x, order):
        return -1
    via = p[p[at.ORDERS] + order * at.ORDER + at.O_VIA]
    for i in range(p[p[at.ACCESSES]], p[p[at.ACCESSES] + 1]):
        if p[p[at.ORDERS] + p[i] * at.ORDER + at.O_ACCESS] >= via and not refused(p, f, s, x, p[i]):
            return p[i]
    return -1


@compiled
def unmet(p: Whole, f: Parts, s: Whole, x: Parts, order: int) -> bool:
    """Return whether something that an order needs does not hold."""
    spec = p[at.ORDERS] + order * at.ORDER
    for i in range(p[spec + at.O_NEEDS], p[spec + at.O_NEEDS_END]):  # noqa: SIM110 - compiled: no generators
        if not holds(p, f, s, x, p[i]):
            return True
    return False


@compiled
def place(p: Whole, f: Parts, s: Whole, x: Parts, order: int, amount: int) -> None:
    """Place an order that is not refused, and finish the minute in which it is carried out."""
    course.touch(p, s, order)
    spec = p[at.ORDERS] + order * at.ORDER
    course.record(p, s, at.PLACED, order)
    if p[spec + at.O_THERAPY] == 0:
        _happened(p, s, at.FIRST_ORDERED, at.LAST_ORDERED, order)
    s[p[at.ORDERED] + order] = 1
    course.changed(p, f, s, x, course.order_fact(p, at.FACT_ORDERED, order))
    if p[spec + at.O_TAKES]:
        advance(p, f, s, x, s[at.NOW] + p[spec + at.O_TAKES], at.FOR_TIME)
    if s[at.ENDED] == 0:
        if p[spec + at.O_NURSE]:
            nursing.take(p, s, x, order, amount)
        else:
            _carry_out(p, f, s, x, order, amount)
        settle_minute(p, f, s, x)


@inlined
def _nurse_finished(p: Whole, f: Parts, s: Whole, x: Parts, what: int) -> None:
    """A nurse has finished something: it is carried out, unless there is no access for it any more."""
    row = p[at.NURSES] + (what >> at.THERAPY_SHIFT) * at.NURSE
    order, amount = s[row + at.NU_ORDER], s[row + at.NU_AMOUNT]
    if order == at.NEVER or s[row + at.NU_TOKEN] != what & ((1 << at.THERAPY_SHIFT) - 1):
        return
    nursing.begin(p, s, x, what >> at.THERAPY_SHIFT)
    if nursing.lacks_access(p, s, order):
        s[at.NOTICED] += 1
    else:
        _carry_out(p, f, s, x, order, amount)


@compiled
def _carry_out(p: Whole, f: Parts, s: Whole, x: Parts, order: int, amount: int) -> None:
    spec = p[at.ORDERS] + order * at.ORDER
    slot = _slot_for(p, s, spec, (p[spec + at.O_REPORTS_END] - p[spec + at.O_REPORTS]) // at.REPORT)
    if slot < 0:
        return
    values = p[at.SLOT_VALUES] + slot * p[at.SLOT_WIDTH]
    codes = _sample(p, f, s, x, spec + at.O_FINDINGS, values)
    _sample_early(p, f, s, x, spec)
    if p[spec + at.O_THERAPY]:
        start_therapy(p, f, s, x, order, amount)
    course.offer(p, f, s, x, course.order_event(p, at.BY_START, order))
    _access_began(p, f, s, x, order)
    if s[at.OVER] or codes < 0:
        return
    if p[spec + at.O_TURNAROUND]:
        _send_early(p, s, x, order, spec)
        s[at.PENDING] += 1
        _send(p, s, x, slot, order, codes, p[spec + at.O_TURNAROUND], at.FINAL)
    else:
        _report(p, f, s, x, order, s[at.NOW], codes, values)


@compiled
def stop(p: Whole, f: Parts, s: Whole, x: Parts, order: int) -> None:
    """Stop what runs because the learner says so, withdraw what was not carried out, and finish the minute."""
    nursing.withdraw(p, s, x, order)
    forget(p, s, order)
    if s[p[at.RUNS] + order]:
        stop_therapy(p, f, s, x, order)
        course.offer(p, f, s, x, course.order_event(p, at.BY_STOP, order))
        _access_ended(p, f, s, x, order, False)
    settle_minute(p, f, s, x)


@compiled
def stoppable(p: Whole, s: Whole, order: int) -> bool:
    """Return whether an order can be stopped: it runs, is interrupted, or is in the nurses' hands."""
    return s[p[at.RUNS] + order] != 0 or s[p[at.INTERRUPTED] + order] != at.ABSENT or nursing.has(p, s, order)


# --- time ------------------------------------------------------------------------------------------------------


@inlined
def open_case(p: Whole, f: Parts, s: Whole, x: Parts) -> None:
    """Meet the patient of the seed in `s`; where age and weight are drawn is the player's part."""
    course.draw_states(p, f, s, x)
    for i in range(p[p[at.GIVEN]], p[p[at.GIVEN] + 1], 2):
        start_therapy(p, f, s, x, p[i], p[i + 1])
    pools.settle(p, x)
    s[at.OPENED] = 1
    if s[at.SEEN]:
        body.settle(p, f, s, x)
    s[at.DIRTY] = 0
    first = p[p[at.CHECKPOINTS]]
    for i in range(first, p[p[at.CHECKPOINTS] + 1], 2):
        plan(p, s, x, p[i], at.ON_CHECKPOINT, (i - first) // 2)
    for i in range(p[p[at.AGE_MARKS]], p[p[at.AGE_MARKS] + 1]):
        if p[i] > s[at.BIRTH]:
            plan(p, s, x, p[i] - s[at.BIRTH], at.ON_AGE, 0)
    plan(p, s, x, s[at.HORIZON], at.ON_HORIZON, 0)
    settle_minute(p, f, s, x)


@compiled
def wait(p: Whole, f: Parts, s: Whole, x: Parts, minutes: int, until: int) -> None:
    """Let time pass: so many minutes at most, or to the next result, or to whatever a learner notices first."""
    target = s[at.HORIZON] if minutes >= at.NEVER else min(s[at.NOW] + minutes, s[at.HORIZON])
    advance(p, f, s, x, target, until)


@compiled
def advance(p: Whole, f: Parts, s: Whole, x: Parts, target: int, until: int) -> None:
    """Move the clock to `target`, or to the end of the minute in which what is waited for happens."""
    noticed, reported = s[at.NOTICED], s[at.REPORTED]
    while s[at.ENDED] == 0:
        due = _due(p, s, x)
        if due > target:
            _reach(p, f, s, x, target)
            return
        _reach(p, f, s, x, due)
        _minute(p, f, s, x)
        if until == at.FOR_CALL and s[at.NOTICED] != noticed:
            return
        if until == at.FOR_RESULT and s[at.REPORTED] != reported:
            return


@merged
def _due(p: Whole, s: Whole, x: Parts) -> int:
    return min(least_key(p, s, x) >> at.MINUTE_SHIFT, course.next_due(p, s))


@merged
def _reach(p: Whole, f: Parts, s: Whole, x: Parts, minute: int) -> None:
    body.turn(p, f, s, x)
    before = s[at.BIRTH] + s[at.NOW]
    s[at.NOW] = minute
    age, passed = s[at.BIRTH] + minute, False
    for i in range(p[p[at.AGE_MARKS]], p[p[at.AGE_MARKS] + 1]):
        if before < p[i] <= age:
            passed = True
    if passed:
        course.changed(p, f, s, x, p[at.AGE_FACT])


@compiled
def settle_minute(p: Whole, f: Parts, s: Whole, x: Parts) -> None:
    """Finish the present minute after a move: what became due in it happens now."""
    if s[at.OVER] or _due(p, s, x) <= s[at.NOW]:
        _minute(p, f, s, x)


@compiled
def _minute(p: Whole, f: Parts, s: Whole, x: Parts) -> None:
    while s[at.ENDED] == 0:
        if s[at.OVER]:
            _end(p, f, s, x)
            return
        key, due = least_key(p, s, x), course.next_due(p, s)
        planned, stage = key >> at.MINUTE_SHIFT, (key >> at.PLANNED_BITS) & 7
        if planned <= s[at.NOW] and (stage <= at.ON_THERAPY or due > s[at.NOW]):
            _keep(p, f, s, x, stage, pop(p, s, x))
        elif due <= s[at.NOW]:
            course.run_due(p, f, s, x)
        else:
            return


@inlined
def _keep(p: Whole, f: Parts, s: Whole, x: Parts, stage: int, what: int) -> None:
    if stage == at.ON_THERAPY:
        _reach_therapy(p, f, s, x, what)
    elif stage == at.ON_NURSE:
        _nurse_finished(p, f, s, x, what)
    elif stage == at.ON_STANDING:
        _carry_out_again(p, f, s, x, what)
    elif stage == at.ON_RESULT:
        _report_slot(p, f, s, x, what)
    elif stage == at.ON_CHECKPOINT:
        s[at.CHECKPOINT] = what
        s[at.NOTICED] += 1
    elif stage == at.ON_HORIZON:
        _end(p, f, s, x)


@compiled
def _end(p: Whole, f: Parts, s: Whole, x: Parts) -> None:
    if s[at.STATUS] != at.FINE:
        return
    s[at.ENDED] = 1
    ending = -1
    for i in range(p[p[at.ENDINGS]], p[p[at.ENDINGS] + 1], 2):
        if holds(p, f, s, x, p[i]):
            ending = (i - p[p[at.ENDINGS]]) // 2
            break
    if ending < 0:
        course.abandon(s, at.NO_ENDING)
        return
    lost = 0.0
    for i in range(p[p[at.SEQUELAE]], p[p[at.SEQUELAE] + 1], 2):
        if holds(p, f, s, x, p[i]):
            lost += f[p[i + 1]]
    s[at.ENDING] = ending
    utility = f[p[p[p[at.ENDINGS]] + 2 * ending + 1]]
    x[at.UTILITY] = chance.rounded(max(0.0, utility - lost), s[at.ZERO] + 6)
