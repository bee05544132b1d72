"""What the library screen lists: the cases, what was played of each, and the ways into them. Run off the first paint.

Every function here may take long and is called from a thread; none of them touches a widget.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from sim.case.library import CaseError, case_heads, load
from sim.case.model import Library, Step
from sim.case.shelf import is_id
from sim.engine.session import ENGINE
from sim.mastery import record_of, still_missed
from sim.recorded import RecordedSession, resume
from sim.store import Attempt, Store, StoreError
from sim.tui.play import CannotResume, Play, resume_play
from sim.wording import command


@dataclass(frozen=True, slots=True)
class Listed:
    """A case in the list."""

    id: str
    source: str
    """What loads it: its id, or the path it was opened from."""
    title: str
    blurb: str
    level: str
    difficulty: int
    minutes: int
    attempts: int = 0
    """How often it was played, what-ifs left out."""
    best: str | None = None
    """The best band reached, if any attempt was finished; what-ifs left out."""
    unfinished: int = 0
    problem: str = ""
    """Why it cannot be played, if it cannot."""


@dataclass(frozen=True, slots=True)
class Listing:
    """All cases, every attempt at any of them (newest first), and what went wrong, if anything did."""

    cases: tuple[Listed, ...]
    attempts: tuple[Attempt, ...]
    problem: str = ""

    @property
    def unfinished(self) -> tuple[Attempt, ...]:
        """The attempts that may be gone on with."""
        return tuple(attempt for attempt in self.attempts if attempt.finished is None)

    def finished(self, case: str) -> tuple[Attempt, ...]:
        """Return the finished attempts at a case by its id, what-ifs as well."""
        return tuple(a for a in self.attempts if a.case_id == case and a.finished is not None)


def read_listing(store: Store | StoreError, root: Path | None = None) -> Listing:
    """Return every case of the library with what the store knows of it; a store that is broken is said, not raised."""
    attempts: tuple[Attempt, ...] = ()
    problem = str(store) if isinstance(store, StoreError) else ""
    if isinstance(store, Store):
        try:
            attempts = store.attempts()
        except StoreError as trouble:
            problem = str(trouble)
    cases = []
    for head in case_heads(root):
        mine = tuple(a for a in attempts if a.case_id == head.id)
        source = head.id if root is None else str(head.path.absolute())
        left, record = sum(a.finished is None for a in mine), record_of(mine)
        cases.append(
            Listed(head.id, source, head.title, head.blurb, head.level, head.difficulty, head.minutes,
                   record.attempts, record.best, left, head.problem)
        )  # fmt: skip
    return Listing(tuple(cases), attempts, problem)


def load_case(case: str) -> tuple[Library | None, str, str]:
    """Return a case by id or path (or None), what loads it again from anywhere, and what is wrong with it."""
    source = case if is_id(case) else str(Path(case).absolute())
    try:
        return load(source), source, ""
    except CaseError as problem:
        return None, source, str(problem)


def read_missed(store: Store, case: Listed, attempts: tuple[Attempt, ...]) -> tuple[Step, ...]:
    """Return the steps still missed after these attempts at the case. Raises CaseError or StoreError."""
    stored = [store.debrief(attempt.id) for attempt in record_of(attempts).finished]
    return still_missed(load(case.source).case.pathway, [told[0] for told in stored if told is not None])


# --- attempts taken up again ---------------------------------------------------------------------------------

Reader = Callable[[str], tuple[Library | None, str, str]]


def take_up(store: Store, attempt: str) -> tuple[Play | None, str]:
    """Return the attempt as it stood, or None and why it cannot be resumed, and what to do instead."""
    try:
        stored = store.attempt(attempt)
    except StoreError as problem:
        return None, str(problem)
    if stored.finished is not None:
        return None, f"Attempt {stored.id} is finished; '{command()} debrief {stored.id}' shows its debrief."
    return take_up_newest(store, (stored,))


def take_up_newest(store: Store, attempts: tuple[Attempt, ...]) -> tuple[Play | None, str]:
    """Return the first of some unfinished attempts (newest first) that can be resumed, and what was passed over.

    Where none can be, returns None, why, and how to play the same patient afresh.
    """
    read, reasons = cache(load_case), list[str]()
    for stored in attempts:
        library, why = _case_now(stored, read)
        if library is not None:
            try:
                return resume_play(store, library, stored), _passed_over(reasons)
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

    recorded: RecordedSession | None
    text: str = ""
    why: str = ""


def reopen(store: Store, attempt: Attempt) -> Reopened:
    """Return a finished attempt for its debrief. Raises StoreError."""
    library, why = _case_now(attempt, load_case)
    if library is not None:
        try:
            recorded = resume(store, library, attempt)
            if recorded.session.ended:
                return Reopened(recorded)
            why = "its moves no longer end the case"
        except CannotResume as problem:
            why = str(problem)
    told = store.debrief(attempt.id)
    text = told[1] if told is not None else ""
    return Reopened(None, text, f"As it was stored, without the review and the twin: {why}.")


def _case_now(attempt: Attempt, read: Reader) -> tuple[Library | None, str]:
    """An attempt's case as it is now, or None and why the attempt cannot be played again."""
    if attempt.engine != str(ENGINE):
        return None, f"the engine has changed since (version {attempt.engine} then, {ENGINE} now)"
    library, _, problem = read(attempt.source)
    if library is None:
        return None, f"its case can no longer be read ({problem.splitlines()[0]})"
    return (library, "") if library.digest == attempt.digest else (None, "the case has changed since")
