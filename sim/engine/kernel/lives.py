"""Whole lives, one after another, compiled: the one function that Python calls."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from sim.engine.kernel import chance, course, nursing, steps, ward
from sim.engine.kernel import layout as at
from sim.engine.kernel.compiling import fixed_row_of, inlined, kept, put_word, row_of, word_at
from sim.engine.kernel.facts import Parts, Whole

Ints = npt.NDArray[np.int64]
Halves = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float64]

TO_THE_END, STOP_THERE = 0, 1


@inlined
def make(p: Whole, f: Parts, s: Whole, x: Parts, what: int, which: int, how: int) -> None:
    """Make one move; one that is not possible now is left out."""
    if what == at.PLACE:
        if not ward.refused(p, f, s, x, which):
            steps.place(p, f, s, x, which, how)
    elif what == at.STOP:
        if ward.stoppable(p, s, which):
            steps.stop(p, f, s, x, which)
    elif what == at.STATE_BELIEFS:
        steps.believe(p, f, s, x, which)
    elif what == at.SET_LIMITS:
        x[p[at.LIMITS] + 2 * which], x[p[at.LIMITS] + 2 * which + 1] = f[how], f[how + 1]
    elif what == at.WAIT:
        if how != at.FOR_RESULT or s[at.PENDING] > 0 or nursing.in_hand(p, s, at.O_HAS_RESULT, 1):
            ward.wait(p, f, s, x, which, how)
    else:
        ward.wait(p, f, s, x, at.NEVER, at.FOR_TIME)


@inlined
def live(p: Whole, f: Parts, s: Whole, x: Parts, moves: Whole, count: int, until: int) -> None:
    """Play the moves, then what comes after them. Who hands over does so to the pathway: see `Plan.looks`."""
    if s[at.OPENED] == 0:
        s[at.SEEN] = s[at.FOLLOWS] != 0 or count > 0 or until == STOP_THERE
        _open(p, f, s, x)
    elif s[at.RENEWS]:
        course.take_fate(p, f, s, x)
    handed_over = False
    for i in range(0, count, at.MOVE):
        if s[at.ENDED]:
            return
        if moves[i] == at.FINISH:
            handed_over = True
            break
        if s[at.FOLLOWS]:
            steps.look(p, f, s, x)
        make(p, f, s, x, moves[i], moves[i + 1], moves[i + 2])
    if (until == STOP_THERE and not handed_over) or s[at.ENDED]:
        return
    if s[at.FOLLOWS]:
        steps.follow(p, f, s, x)
    else:
        ward.wait(p, f, s, x, at.NEVER, at.FOR_TIME)


@inlined
def _open(p: Whole, f: Parts, s: Whole, x: Parts) -> None:
    seed, person = word_at(x, at.SEED), p[at.PERSON]
    youngest, oldest, streams, lightest = p[person], p[person + 1], p[person + 2], f[p[person + 2] + 2]
    s[at.BIRTH] = youngest
    if youngest < oldest:
        s[at.BIRTH] = chance.whole(seed, word_at(f, streams), youngest, oldest, s[at.ZERO])
    s[at.MINUS_BIRTH] = -s[at.BIRTH]
    if s[at.SEEN]:
        drawn = chance.uniform(seed, word_at(f, streams + 1), s[at.ZERO])
        x[p[at.DRY]] = lightest + drawn * (f[streams + 3] - lightest)
    ward.open_case(p, f, s, x)


@inlined
def begin_again(p: Whole, s: Whole, x: Parts, s0: Whole, x0: Parts) -> None:
    """Put back what a life may have changed: the record's first part, the steps if they are followed, single orders."""
    for i in range(s[at.TOUCHED_SIZE]):
        order = s[p[at.TOUCHED_LIST] + i]
        x[p[at.AMOUNT] + order] = x0[p[at.AMOUNT] + order]
        for row in range(p[at.ORDER_ROWS], p[at.TOUCHED] + 1, p[at.N_ORDERS]):
            s[row + order] = s0[row + order]
    for i in range(p[at.FREE_SLOTS] + s[at.LEAST_FREE], p[at.S_STEPS_END] if s0[at.FOLLOWS] else p[at.S_ALWAYS]):
        s[i] = s0[i]
    for i in range(p[at.FREE_SLOTS] if s0[at.FREE_SIZE] < at.SLOT_ROOM else p[at.SLOTS]):
        s[i] = s0[i]
    for i in range(p[at.X_ALWAYS]):
        x[i] = x0[i]
    for i in range(s0[at.HEAP_SIZE]):
        x[p[at.HEAP_KEY] + i], x[p[at.HEAP_WHAT] + i] = x0[p[at.HEAP_KEY] + i], x0[p[at.HEAP_WHAT] + i]
    for i in range(p[at.HANDS], p[at.HANDS] + 2 * s0[at.WAITING]):
        s[i] = s0[i]
    if s0[at.PENDING]:
        for i in range(p[at.SLOT_VALUES], p[at.SLOT_VALUES] + at.SLOT_ROOM * p[at.SLOT_WIDTH]):
            x[i] = x0[i]


@kept
def live_all(
    p: Halves, f: Floats, s0: Halves, x0: Floats, s: Halves, x: Floats, moves: Ints, until: int,
    seeds: npt.NDArray[np.uint64], wanted: Ints, whole: Ints, parts: Floats, met: Ints,
) -> None:  # fmt: skip
    """Play every seed from the record `s0`, `x0` in the work area `s`, `x`.

    Writes status, end minute, ending and outcome to `whole` (four a seed), the utility to `parts` and the
    words of `s` at the addresses `wanted` to `met`.
    """
    program, fractions, made = fixed_row_of(p), fixed_row_of(f), fixed_row_of(moves)
    patient, body, begin, measured = row_of(s), row_of(x), row_of(s0), row_of(x0)
    if s0[at.FOLLOWS] and s0[at.OPENED] == 0 and s0[at.PRIMED] == 0:
        steps.prepare(program, fractions, begin, measured)
        s0[at.PRIMED] = 1
    s[: len(s0)] = s0
    x[:] = x0
    for i in range(len(seeds)):
        if i:
            begin_again(program, patient, body, begin, measured)
        if s[at.OPENED] == 0 or s[at.RENEWS]:
            put_word(body, at.SEED, np.int64(seeds[i]))
        live(program, fractions, patient, body, made, len(moves), until)
        whole[4 * i], whole[4 * i + 1] = s[at.STATUS], s[at.NOW]
        whole[4 * i + 2], whole[4 * i + 3] = s[at.ENDING], s[at.OUTCOME]
        parts[i] = x[at.UTILITY]
        for j in range(len(wanted)):
            met[i * len(wanted) + j] = s[wanted[j]]
