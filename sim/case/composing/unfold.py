"""Steps that fall due again and again, written once by the author and unfolded here into one step for each time.

Everything that plays or scores a case sees the unfolded pathway, so repetition is a matter of the format alone.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from sim.case.model.case import Case
from sim.case.model.conditions import Condition, Since
from sim.case.model.pathway import Step

WINDOWS: Final = 2
"""A call is answered within so many windows of the step that answers it, or no longer: later it earns nothing."""

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


def _when(step: Step, k: int) -> Condition | None:
    if step.each is not None:
        return _at_call(step, step.each, k)
    if step.every is None or step.when is None:
        return step.when
    later = (k - 1) * step.every
    return _rewritten(step.when, lambda leaf: _shifted(leaf, later))


def _at_call(step: Step, code: str, k: int) -> Condition:
    """The condition bound to the k-th call that reveals the code, and to the time in which that call is answered."""
    length = None if step.stop else step.not_before + WINDOWS * step.within + 1
    bound = Condition(since=Since(told=code, nth=k).model_copy(update={"below": length}))
    if step.when is None:
        return bound
    if any(_asks_for(part, code) for part in _leaves(step.when)):
        return _rewritten(_ended(step.when, code, length), lambda leaf: _numbered(leaf, code, k))
    return Condition(all=(bound, step.when))


def _ended(when: Condition, code: str, length: int | None) -> Condition:
    """The condition in which every time since the call, where it has no end of its own, ends after `length`."""
    if length is None:
        return when
    changes: dict[str, object] = {
        name: tuple(_ended(part, code, length) for part in parts)
        for name in ("all_", "any_")
        if (parts := getattr(when, name)) is not None
    }
    if when.since is not None and _asks_for(when, code) and when.since.below is None:
        changes["since"] = when.since.model_copy(update={"below": when.since.at_least + length})
    return when.model_copy(update=changes)


def _asks_for(leaf: Condition, code: str) -> bool:
    return leaf.since is not None and leaf.since.told == code and leaf.since.nth is None and not leaf.since.first


def _numbered(leaf: Condition, code: str, k: int) -> Condition:
    if not _asks_for(leaf, code) or leaf.since is None:
        return leaf
    return leaf.model_copy(update={"since": leaf.since.model_copy(update={"nth": k})})


def _shifted(leaf: Condition, later: int) -> Condition:
    changes: dict[str, object] = {}
    if leaf.elapsed is not None:
        below = None if leaf.elapsed.below is None else leaf.elapsed.below + later
        changes["elapsed"] = leaf.elapsed.model_copy(update={"since": leaf.elapsed.since + later, "below": below})
    if leaf.since is not None:
        below = None if leaf.since.below is None else leaf.since.below + later
        changes["since"] = leaf.since.model_copy(update={"at_least": leaf.since.at_least + later, "below": below})
    return leaf.model_copy(update=changes)


def _leaves(condition: Condition) -> list[Condition]:
    found: list[Condition] = []

    def note(leaf: Condition) -> Condition:
        found.append(leaf)
        return leaf

    _rewritten(condition, note)
    return found


def _rewritten(condition: Condition, change: Callable[[Condition], Condition]) -> Condition:
    """The condition with every mapping in it changed, innermost first."""
    inner: dict[str, object] = {}
    for name in ("all_", "any_"):
        parts = getattr(condition, name)
        if parts is not None:
            inner[name] = tuple(_rewritten(part, change) for part in parts)
    if condition.not_ is not None:
        inner["not_"] = _rewritten(condition.not_, change)
    if condition.at_least is not None:
        parts = tuple(_rewritten(part, change) for part in condition.at_least.of)
        inner["at_least"] = condition.at_least.model_copy(update={"of": parts})
    return change(condition.model_copy(update=inner))
