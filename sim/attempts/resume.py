"""Unfinished attempts gone on with; and why not, where that cannot be."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

from sim.attempts.cases import CASES
from sim.attempts.crash import record_crash
from sim.attempts.session import CannotResume, PersistentSession, changes, resume
from sim.attempts.store import Store, StoredAttempt
from sim.case.library import CaseError
from sim.case.model.scenario import Scenario
from sim.engine.version import ENGINE
from sim.words.errors import UserError
from sim.words.format import command

NEWEST: Final = "newest"
"""In place of an attempt's id: the newest that can go on."""

_NEEDED: Final = frozenset({"id", "case_id", "source", "digest", "engine", "seed", "mode"})
"""What an attempt cannot be played again without."""

Load = Callable[[str], Scenario]
"""Returns a case by what is stored as its source. Raises CaseError."""


@dataclass(frozen=True, slots=True)
class Resumed:
    """An attempt that goes on, after its last move."""

    attempt: PersistentSession
    passed_over: str = ""
    """In a sentence, which newer attempts cannot go on and why; empty where there are none."""


def take_up(store: Store, id: str) -> Resumed:
    """Return the attempt whose id starts so, or the newest that can go on for NEWEST.

    Raises CannotResume, saying why and how to play the same patient afresh, or like `to_go_on`.
    """
    return take_up_newest(store, to_go_on(store, id))


def to_go_on(store: Store, id: str) -> tuple[StoredAttempt, ...]:
    """Return the one attempt whose id starts so, or for NEWEST all that are not finished, the newest first.

    Raises UserError where that is finished or there is none, StoreError where no attempt has such an id.
    """
    if id == NEWEST:
        found = store.attempts(unfinished=True)
        if not found:
            hint = f"{command()} cases lists what there is to play"
            raise UserError("there is no attempt to go on with", hint, misuse=True)
        return found
    stored = store.attempt(id)
    if stored.finished is not None:
        raise UserError(
            f"attempt {stored.id} is finished", f"{command()} debrief {stored.id} tells it again", misuse=True
        )
    return (stored,)


def take_up_newest(store: Store, attempts: Sequence[StoredAttempt]) -> Resumed:
    """Return the first of some unfinished attempts (one at least, newest first) that can go on.

    Raises CannotResume like `take_up`.
    """
    read, refused = cache(CASES.load), list[tuple[StoredAttempt, CannotResume]]()
    for stored in attempts:
        try:
            return Resumed(lived_again(store, stored, read), _passed_over([why for _, why in refused]))
        except CannotResume as why:
            refused.append((stored, why))
        except Exception as fault:  # whatever it is, it keeps nobody from the others
            refused.append((stored, _faulty(store, stored, fault)))
    raise _none_of(refused)


def lived_again(
    store: Store, stored: StoredAttempt, read: Load = CASES.load, *, cut: bool = False
) -> PersistentSession:
    """Return an attempt, its case loaded and its moves played again; `cut` as for `resume`.

    Raises CannotResume, before any move is played where the case or the engine has changed, or StoreError.
    """
    if not _NEEDED.isdisjoint(stored.damaged):
        raise _refusal(stored, f"what is stored of it is damaged: {', '.join(stored.damaged)}")
    if stored.engine != str(ENGINE):  # known without reading the case, which may be gone as well
        raise _refusal(stored, f"the engine has changed (version {stored.engine} then, {ENGINE} now)")
    try:
        scenario = read(stored.source)
    except CaseError as problem:
        raise _refusal(stored, f"its case can no longer be read ({str(problem).splitlines()[0]})") from problem
    changed = changes(scenario, stored)
    if changed:
        raise _refusal(stored, *changed)
    return resume(store, scenario, stored, cut=cut)


def _faulty(store: Store, stored: StoredAttempt, fault: Exception) -> CannotResume:
    """Return what is said of an attempt that cannot even be read, or that faults; a fault of ours is logged."""
    told = str(fault) if isinstance(fault, UserError) else f"it faults when it is played again: {type(fault).__name__}"
    if not isinstance(fault, UserError):
        record_crash(fault, store.folder)
    return _refusal(stored, told)


def _refusal(stored: StoredAttempt, *reasons: str) -> CannotResume:
    hint = "" if stored.finished is None else f"what is stored of it: {command()} debrief {stored.id}"
    return CannotResume(f"attempt {stored.id} can no longer be resumed", reasons, hint)


def _none_of(refused: list[tuple[StoredAttempt, CannotResume]]) -> CannotResume:
    (newest, why), others = refused[0], len(refused) - 1
    also = f"; nor can the {others} older {'one' if others == 1 else 'ones'}" if others else ""
    hint = f"put the case back where it was: {newest.source}"
    if not isinstance(why.__cause__, CaseError):
        source = f'"{newest.source}"' if " " in newest.source else newest.source
        hint = f"to play the same patient afresh: {command()} play {source} --seed {newest.seed} --mode {newest.mode}"
    return CannotResume(f"attempt {newest.id} cannot go on{also}", why.reasons, hint)


def _passed_over(reasons: list[CannotResume]) -> str:
    if not reasons:
        return ""
    newer = "a newer one" if len(reasons) == 1 else f"{len(reasons)} newer ones"
    told = f"This is the newest attempt that can go on; {newer} cannot: {'; '.join(reasons[0].reasons)}."
    return f"{told} {command()} aside ATTEMPT keeps one from being offered."
