"""Whole lives, one after another, compiled: the one function that Python calls."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from sim.engine.kernel import chance, course, steps, ward
from sim.engine.kernel import layout as at
from sim.engine.kernel.compiling import inlined, kept, words_of
from sim.engine.kernel.facts import Parts, Whole

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

TO_THE_END, STOP_THERE = 0, 1


@inlined
def make(p: Whole, f: Parts, s: Whole, x: Parts, what: int, which: int, how: int) -> None:
    """Make one move; one that is not possible now is left out."""
    if what == at.PLACE:
        if not ward.refused(p, f, s, x, which):
            steps.place(p, f, s, x, which, how)
    elif what == at.STOP:
        if s[p[at.RUNS] + which]:
            steps.stop(p, f, s, x, which)
    elif what == at.STATE_BELIEFS:
        steps.believe(p, f, s, x, which)
    elif what == at.WAIT:
        if how != at.FOR_RESULT or s[at.PENDING] > 0:
            ward.wait(p, f, s, x, which, how)
    else:
        ward.wait(p, f, s, x, at.NEVER, at.FOR_TIME)


@inlined
def live(p: Whole, f: Parts, s: Whole, x: Parts, moves: Whole, count: int, until: int) -> None:
    """Play the moves, then what comes after them."""
    if s[at.OPENED] == 0:
        _open(p, f, s, x)
    elif s[at.RENEWS]:
        course.take_fate(p, s, x, s[at.SEED])
    for i in range(0, count, at.MOVE):
        if s[at.ENDED]:
            return
        if s[at.FOLLOWS]:
            steps.look(p, f, s, x)
        make(p, f, s, x, moves[i], moves[i + 1], moves[i + 2])
    if until == STOP_THERE or s[at.ENDED]:
        return
    if s[at.FOLLOWS]:
        steps.follow(p, f, s, x)
    else:
        ward.wait(p, f, s, x, at.NEVER, at.FOR_TIME)


@inlined
def _open(p: Whole, f: Parts, s: Whole, x: Parts) -> None:
    person = p[at.PERSON]
    seed = s[at.SEED]
    s[at.BIRTH] = chance.whole(seed, p[person], p[person + 2], p[person + 3], s[at.ZERO])
    s[at.MINUS_BIRTH] = -s[at.BIRTH]
    lightest, heaviest = f[p[person + 4]], f[p[person + 4] + 1]
    x[p[at.DRY]] = lightest + chance.uniform(seed, p[person + 1], s[at.ZERO]) * (heaviest - lightest)
    if s[at.FOLLOWS]:
        steps.begin(p, s)
    ward.open_case(p, f, s, x)


@kept
def live_all(
    p: Ints, f: Floats, s0: Ints, x0: Floats, s: Ints, x: Floats, moves: Ints, until: int,
    seeds: npt.NDArray[np.uint64], wanted: Ints, whole: Ints, parts: Floats, met: Ints,
) -> None:  # fmt: skip
    """Play every seed from the record `s0`, `x0` in the work area `s`, `x`.

    Writes status, end minute, ending and outcome to `whole` (four a seed), the utility to `parts` and the
    words of `s` at the addresses `wanted` to `met`.
    """
    program, fractions, patient, body, made = words_of(p), words_of(f), words_of(s), words_of(x), words_of(moves)
    for i in range(len(seeds)):
        for j in range(p[at.S_COPIED]):
            s[j] = s0[j]
        for j in range(p[at.X_SIZE]):
            x[j] = x0[j]
        if s[at.OPENED] == 0 or s[at.RENEWS]:
            s[at.SEED] = np.int64(seeds[i])
        live(program, fractions, patient, body, made, len(moves), until)
        whole[4 * i], whole[4 * i + 1] = s[at.STATUS], s[at.NOW]
        whole[4 * i + 2], whole[4 * i + 3] = s[at.ENDING], s[at.OUTCOME]
        parts[i] = x[at.UTILITY]
        for j in range(len(wanted)):
            met[i * len(wanted) + j] = s[wanted[j]]
