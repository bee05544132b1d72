"""Attempts taken up again: gone on with, or reopened for their debrief; and why not, where that cannot be."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from sim.attempts.cases import CASES
from sim.attempts.session import CannotResume, PersistentSession, resume
from sim.attempts.store import Attempt, Store, StoreError
from sim.case.composing.folders import is_id
from sim.case.library import CaseError
from sim.case.model.scenario import Scenario
from sim.engine.version import ENGINE
from sim.words.format import command

NEWEST: Final = "newest"
"""In place of an attempt's id: the newest that can go on."""

Reader = Callable[[str], tuple[Scenario | None, str, str]]


def load_case(case: str) -> tuple[Scenario | None, str, str]:
    """Return a case by id or path (or None), what loads it again from anywhere, and what is wrong with it."""
    source = case if is_id(case) else str(Path(case).absolute())
    try:
        return CASES.load(source), source, ""
    except CaseError as problem:
        return None, source, str(problem)


def take_up(store: Store, attempt: str) -> tuple[PersistentSession | None, str]:
    """Return the attempt as it stood, or None and why it cannot be resumed, and what to do instead."""
    try:
        if attempt == NEWEST:
            return take_up_newest(store, store.attempts(unfinished=True))
        stored = store.attempt(attempt)
    except StoreError as problem:
        return None, str(problem)
    if stored.finished is not None:
        return None, f"Attempt {stored.id} is finished; '{command()} debrief {stored.id}' shows its debrief."
    return take_up_newest(store, (stored,))


def take_up_newest(store: Store, attempts: tuple[Attempt, ...]) -> tuple[PersistentSession | None, str]:
    """Return the first of some unfinished attempts (newest first) that can be resumed, and what was passed over.

    Where none can be, returns None, why, and how to play the same patient afresh.
    """
    if not attempts:
        return None, f"There is no attempt to go on with; '{command()} cases' lists what there is to play."
    read, reasons = cache(load_case), list[str]()
    for stored in attempts:
        scenario, why = _case_now(stored, read)
        if scenario is not None:
            try:
                return resume(store, scenario, stored), _passed_over(reasons)
            except CannotResume as problem:
                why = str(problem)
            except StoreError as problem:
                return None, str(problem)
        reasons.append(why)
    newest, others = attempts[0], len(attempts) - 1
    also = f" Nor can the {others} older {'one' if others == 1 else 'ones'}." if others else ""
    source = f'"{newest.source}"' if " " in newest.source else newest.source
    return None, (
        f"Attempt {newest.id} cannot go on: {reasons[0]}.{also} To play the same patient afresh, start the case with"
        f" seed {newest.seed}: {command()} play {source} --seed {newest.seed} --mode {newest.mode}"
    )


def _passed_over(reasons: list[str]) -> str:
    if not reasons:
        return ""
    newer = "a newer one" if len(reasons) == 1 else f"{len(reasons)} newer ones"
    return f"This is the newest attempt that can go on; {newer} cannot: {reasons[0]}."


@dataclass(frozen=True, slots=True)
class Reopened:
    """A finished attempt: played again for its debrief, or else what was stored of it and why there is no more."""

    recorded: PersistentSession | None
    text: str = ""
    why: str = ""


def reopen(store: Store, attempt: Attempt) -> Reopened:
    """Return a finished attempt for its debrief. Raises StoreError."""
    scenario, why = _case_now(attempt, load_case)
    if scenario is not None:
        try:
            recorded = resume(store, scenario, attempt)
            if recorded.session.ended:
                return Reopened(recorded)
            why = "its moves no longer end the case"
        except CannotResume as problem:
            why = str(problem)
    told = store.debrief(attempt.id)
    text = told[1] if told is not None else ""
    return Reopened(None, text, f"As it was stored, without the review and the twin: {why}.")


def _case_now(attempt: Attempt, read: Reader) -> tuple[Scenario | None, str]:
    """An attempt's case as it is now, or None and why the attempt cannot be played again."""
    if attempt.engine != str(ENGINE):
        return None, f"the engine has changed since (version {attempt.engine} then, {ENGINE} now)"
    scenario, _, problem = read(attempt.source)
    if scenario is None:
        return None, f"its case can no longer be read ({problem.splitlines()[0]})"
    return (scenario, "") if scenario.digest == attempt.digest else (None, "the case has changed since")
