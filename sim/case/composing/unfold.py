"""Steps that fall due again and again, written once by the author and unfolded here into one step for each time.

Everything that plays or scores a case sees the unfolded pathway, so repetition is a matter of the format alone.
"""

from __future__ import annotations

from sim.case.model import conditions
from sim.case.model.case import Case
from sim.case.model.conditions import Condition
from sim.case.model.pathway import Step
from sim.case.model.terms import Occurrence, Since, leaves, parsed
from sim.case.quantities import LATE_FACTOR

_ORDINALS = ("", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")


def unfold(case: Case) -> Case:
    """Return the case with every repeating step as so many single ones: `fill`, `fill_2`, `fill_3` ..."""
    times = {step.id: step.times for step in case.pathway}
    steps = tuple(_instance(step, k, times) for step in case.pathway for k in range(1, step.times + 1))
    return case.model_copy(update={"pathway": steps})


def _instance(step: Step, k: int, times: dict[str, int]) -> Step:
    """The step as it is the k-th time, k counted from 1."""
    if step.times == 1 and step.each is None:
        return step
    changes: dict[str, object] = {"each": None, "every": None, "times": 1, "when": _when(step, k)}
    if k > 1:
        changes |= {
            "id": f"{step.id}_{k}",
            "title": f"{step.title} ({_ORDINALS[k - 1] if k <= len(_ORDINALS) else f'{k}th'} time)",
            "after": tuple(f"{name}_{k}" if times.get(name, 1) >= k else name for name in step.after),
        }
    return step.model_copy(update=changes)


def _when(step: Step, k: int) -> Condition:
    if step.each is not None:
        return _at_call(step, step.each, k)
    assert step.when is not None and step.every is not None, "a step that is due again and again says from when"
    later = (k - 1) * step.every
    return step.when.rewritten(lambda leaf: _shifted(leaf, later))


def _at_call(step: Step, code: str, k: int) -> Condition:
    """The condition bound to the k-th call that reveals the code, and to the time in which that call is answered."""
    # Later than that the answer earns nothing.
    length = None if step.stop else step.not_before + LATE_FACTOR * step.within + 1
    bound = Condition(since=conditions.Since(told=code, nth=k).model_copy(update={"below": length}))
    if step.when is None:
        return bound
    if any(
        isinstance(leaf, Since) and leaf.occurrence == Occurrence("told", code) for leaf in leaves(parsed(step.when))
    ):
        when = step.when if length is None else _ended(step.when, code, length)
        return when.rewritten(lambda leaf: _numbered(leaf, code, k))
    return Condition(all=(bound, step.when))


def _ended(when: Condition, code: str, length: int) -> Condition:
    """The condition in which every time since the call, where it has no end of its own, ends after `length`."""

    def ended(leaf: Condition) -> Condition:
        since = _since_call(leaf, code)
        if since is None or since.below is not None:
            return leaf
        return leaf.model_copy(update={"since": since.model_copy(update={"below": since.at_least + length})})

    return when.rewritten(ended, negated=False)


def _since_call(leaf: Condition, code: str) -> conditions.Since | None:
    """The time since the latest call that reveals the code, where the condition asks for that."""
    since = leaf.since
    latest = since is not None and since.told == code and since.nth is None and not since.first
    return since if latest else None


def _numbered(leaf: Condition, code: str, k: int) -> Condition:
    since = _since_call(leaf, code)
    return leaf if since is None else leaf.model_copy(update={"since": since.model_copy(update={"nth": k})})


def _shifted(leaf: Condition, later: int) -> Condition:
    changes: dict[str, object] = {}
    if leaf.elapsed is not None:
        below = None if leaf.elapsed.below is None else leaf.elapsed.below + later
        changes["elapsed"] = leaf.elapsed.model_copy(update={"since": leaf.elapsed.since + later, "below": below})
    if leaf.since is not None:
        below = None if leaf.since.below is None else leaf.since.below + later
        changes["since"] = leaf.since.model_copy(update={"at_least": leaf.since.at_least + later, "below": below})
    return leaf.model_copy(update=changes)
