"""The pathway as a player, compiled: `sim.engine.pathway.Progress` and the policy that follows it, on arrays.

A step is due while its condition holds. The condition is asked again only when a fact it reads has changed, or when
the minute has come at which time alone could change its answer.
"""

from __future__ import annotations

from sim.engine.kernel import course, nursing, tournament, ward
from sim.engine.kernel import layout as at
from sim.engine.kernel.compiling import compiled, inlined
from sim.engine.kernel.facts import Parts, Whole, holds


@inlined
def prepare(p: Whole, f: Parts, s: Whole, x: Parts) -> None:
    """In the record of a patient not met yet: have the first look ask the steps that are due with nothing known yet.

    The others are asked when a fact they read changes or their time comes, like later in a life. What turns on age is
    asked of each patient.
    """
    for step in range(p[at.N_STEPS]):
        if s[p[at.STEP_SKIP] + step]:
            continue
        spec = p[at.STEPS] + step * at.STEP
        if p[spec + at.P_AGES] or holds(p, f, s, x, p[spec + at.P_WHEN]):
            course.look_again(p, s, step)
        else:
            tournament.enter(s, p[at.STEP_BOUND], p[at.STEP_LEAVES], step, _next_bound(p, s, step))


@compiled
def look(p: Whole, f: Parts, s: Whole, x: Parts) -> None:
    """Note which steps are due now, and which no longer are."""
    while s[p[at.STEP_BOUND] + 1] <= s[at.NOW]:
        step = tournament.first(s, p[at.STEP_BOUND], p[at.STEP_LEAVES])
        tournament.enter(s, p[at.STEP_BOUND], p[at.STEP_LEAVES], step, at.NEVER)
        course.look_again(p, s, step)
    for i in range(s[at.QUEUE_SIZE]):
        step = s[p[at.QUEUE] + i]
        s[p[at.STEP_QUEUED] + step] = 0
        if s[p[at.STEP_SKIP] + step] or s[p[at.STEP_DONE] + step] != at.ABSENT:
            continue
        due = s[p[at.STEP_DUE] + step] != at.ABSENT
        if holds(p, f, s, x, p[p[at.STEPS] + step * at.STEP + at.P_WHEN]) != due:
            s[p[at.STEP_DUE] + step] = at.ABSENT if due else s[at.NOW]
            if due:
                _strike(p, s, step)
            else:
                _enlist(p, s, step)
        tournament.enter(s, p[at.STEP_BOUND], p[at.STEP_LEAVES], step, _next_bound(p, s, step))
    s[at.QUEUE_SIZE] = 0


@inlined
def _next_bound(p: Whole, s: Whole, step: int) -> int:
    spec, least = p[at.STEPS] + step * at.STEP, at.NEVER
    for i in range(p[spec + at.P_CLOCKS], p[spec + at.P_CLOCKS_END], 2):
        moment = s[p[i]] + p[i + 1]
        if s[at.NOW] < moment < least:
            least = moment
    return least


@inlined
def _enlist(p: Whole, s: Whole, step: int) -> None:
    """Add a step to those that are due and not done, which are in file order."""
    todo, i = p[at.TODO], s[at.TODO_SIZE]
    while i > 0 and s[todo + i - 1] > step:
        s[todo + i] = s[todo + i - 1]
        i -= 1
    s[todo + i] = step
    s[at.TODO_SIZE] += 1


@inlined
def _strike(p: Whole, s: Whole, step: int) -> None:
    """Take a step off those that are due and not done."""
    todo, place = p[at.TODO], 0
    while s[todo + place] != step:
        place += 1
    s[at.TODO_SIZE] -= 1
    for i in range(place, s[at.TODO_SIZE]):
        s[todo + i] = s[todo + i + 1]


@compiled
def note(p: Whole, s: Whole, order: int, table: int) -> None:
    """An order was placed (`table` ASKED_FROM) or its therapy stopped (STOPPING_FROM): the first open step is done."""
    for i in range(p[p[table] + order], p[p[table] + order + 1]):
        step = p[i]
        if s[p[at.STEP_DONE] + step] == at.ABSENT and _open(p, s, step):
            s[p[at.STEP_DONE] + step] = s[at.NOW]
            _strike(p, s, step)
            tournament.enter(s, p[at.STEP_BOUND], p[at.STEP_LEAVES], step, at.NEVER)
            return


@compiled
def _open(p: Whole, s: Whole, step: int) -> bool:
    due = s[p[at.STEP_DUE] + step]
    return due != at.ABSENT and s[at.NOW] >= due + p[p[at.STEPS] + step * at.STEP + at.P_NOT_BEFORE]


@compiled
def _ready(p: Whole, s: Whole, step: int) -> bool:
    """Whether a step that is due and not done may be done now."""
    if not _open(p, s, step):
        return False
    spec = p[at.STEPS] + step * at.STEP
    for i in range(p[spec + at.P_AFTER], p[spec + at.P_AFTER_END]):
        if s[p[at.STEP_DUE] + p[i]] != at.ABSENT and s[p[at.STEP_DONE] + p[i]] == at.ABSENT:
            return False
    return True


@inlined
def _hold_back(p: Whole, s: Whole) -> None:
    """Steps to be delayed are held back from the first look at which they are ready."""
    for i in range(s[at.N_DELAYED]):
        step = s[p[at.DELAYED] + i]
        fresh = s[p[at.STEP_HELD] + step] == at.ABSENT and s[p[at.STEP_DONE] + step] == at.ABSENT
        if fresh and _ready(p, s, step):
            s[p[at.STEP_HELD] + step] = s[at.NOW] + s[p[at.STEP_DELAY] + step]


@inlined
def do_next(p: Whole, f: Parts, s: Whole, x: Parts) -> bool:
    """Make the pathway's next move of this minute; False if there is nothing to do."""
    if s[at.N_INTERRUPTED] and _reconnect(p, f, s, x):
        return True
    _hold_back(p, s)
    for i in range(s[at.TODO_SIZE]):
        step = s[p[at.TODO] + i]
        if s[p[at.STEP_HELD] + step] > s[at.NOW] or not _ready(p, s, step):
            continue
        spec = p[at.STEPS] + step * at.STEP
        stops = p[spec + at.P_STOP] != 0
        for j in range(p[spec + at.P_DO], p[spec + at.P_DO_END], 2):
            if stops:
                if s[p[at.RUNS] + p[j]]:
                    stop(p, f, s, x, p[j])
                    return True
            elif not ward.refused(p, f, s, x, p[j]):
                place(p, f, s, x, p[j], p[j + 1])
                return True
        if not stops and _find_access(p, f, s, x, p[spec + at.P_DO], p[spec + at.P_DO_END], 2):
            return True
    return False


@inlined
def _reconnect(p: Whole, f: Parts, s: Whole, x: Parts) -> bool:
    """Find an access for something that was interrupted."""
    for i in range(p[p[at.HANGING]], p[p[at.HANGING] + 1]):
        if s[p[at.INTERRUPTED] + p[i]] != at.ABSENT and _find_access(p, f, s, x, i, i + 1, 1):
            return True
    return False


@compiled
def _find_access(p: Whole, f: Parts, s: Whole, x: Parts, first: int, end: int, step: int) -> bool:
    """Order an access for the first of these orders that is refused for want of one alone."""
    for i in range(first, end, step):
        access = ward.access_for(p, f, s, x, p[i])
        if access >= 0:
            place(p, f, s, x, access, p[p[at.USUAL] + access])
            return True
    return False


@compiled
def place(p: Whole, f: Parts, s: Whole, x: Parts, order: int, amount: int) -> None:
    """Place an order that is not refused; it may do a step."""
    if s[at.FOLLOWS]:
        note(p, s, order, at.ASKED_FROM)
    ward.place(p, f, s, x, order, amount)


@compiled
def stop(p: Whole, f: Parts, s: Whole, x: Parts, order: int) -> None:
    """Stop a running therapy, which may do a step, and withdraw what was not carried out."""
    if s[at.FOLLOWS] and s[p[at.RUNS] + order]:
        note(p, s, order, at.STOPPING_FROM)
    ward.stop(p, f, s, x, order)


@inlined
def wait_for_next(p: Whole, f: Parts, s: Whole, x: Parts) -> None:
    """Let time pass until something happens, or until time alone could make a step ready."""
    now, least = s[at.NOW], min(s[p[at.STEP_BOUND] + 1], nursing.next_finished(p, s))
    for i in range(p[p[at.LASTING]], p[p[at.LASTING] + 1]):
        ends = s[p[at.ENDS] + p[i]]
        if now < ends < least:
            least = ends
    for i in range(s[at.TODO_SIZE]):
        step = s[p[at.TODO] + i]
        opens = s[p[at.STEP_DUE] + step] + p[p[at.STEPS] + step * at.STEP + at.P_NOT_BEFORE]
        if now < opens < least:
            least = opens
    for i in range(s[at.N_DELAYED]):
        held = s[p[at.STEP_HELD] + s[p[at.DELAYED] + i]]
        if now < held < least:
            least = held
    ward.wait(p, f, s, x, least - now if least < at.NEVER else at.NEVER, at.FOR_CALL)


@compiled
def believe(p: Whole, f: Parts, s: Whole, x: Parts, shares: int) -> None:
    """State a differential; its shares of the diagnoses that some condition reads are at `shares` in f."""
    for i in range(p[at.N_DIAGNOSES]):
        x[p[at.BELIEF] + i] = f[shares + i]
    s[at.CHECKPOINT] = -1
    course.changed(p, f, s, x, p[at.STATED_FACT])


@inlined
def follow(p: Whole, f: Parts, s: Whole, x: Parts) -> None:
    """Play the pathway to the end of the case."""
    while s[at.ENDED] == 0:
        look(p, f, s, x)
        if s[at.CHECKPOINT] >= 0:
            believe(p, f, s, x, p[p[p[at.CHECKPOINTS]] + 2 * s[at.CHECKPOINT] + 1])
        elif not do_next(p, f, s, x):
            wait_for_next(p, f, s, x)
