"""What the library screen lists: the cases, what was played of each, and the ways into them. Run off the first paint.

Every function here may take long and is called from a thread; none of them touches a widget.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from scoring.standard import BANDS
from sim.case.library import CaseError, case_heads, load
from sim.case.model import Library
from sim.case.shelf import is_id
from sim.store import Attempt, Store, StoreError
from sim.tui.play import CannotResume, Play, resume_play


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
    best: str | None = None
    """The best band reached, if any attempt was finished."""
    unfinished: int = 0
    problem: str = ""
    """Why it cannot be played, if it cannot."""


@dataclass(frozen=True, slots=True)
class Listing:
    """All cases, the unfinished attempts (newest first), and what went wrong, if anything did."""

    cases: tuple[Listed, ...]
    unfinished: tuple[Attempt, ...]
    problem: str = ""


def best_of(attempts: tuple[Attempt, ...]) -> str | None:
    """Return the highest band among attempts, or None."""
    bands = [a.band for a in attempts if a.band in BANDS]
    return max(bands, key=BANDS.index) if bands else None


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
        left = sum(a.finished is None for a in mine)
        cases.append(
            Listed(head.id, source, head.title, head.blurb, head.level, head.difficulty, head.minutes,
                   len(mine), best_of(mine), left, head.problem)
        )  # fmt: skip
    return Listing(tuple(cases), tuple(a for a in attempts if a.finished is None), problem)


def load_case(case: str) -> tuple[Library | None, str, str]:
    """Return a case by id or path (or None), what loads it again from anywhere, and what is wrong with it."""
    source = case if is_id(case) else str(Path(case).absolute())
    try:
        return load(source), source, ""
    except CaseError as problem:
        return None, source, str(problem)


def take_up(store: Store, attempt: str) -> tuple[Play | None, str]:
    """Return the attempt as it stood, or None and why it cannot be resumed."""
    try:
        stored = store.attempt(attempt)
        if stored.finished is not None:
            return None, f"Attempt {stored.id} is finished; 'scurfy debrief {stored.id}' shows its debrief."
        return resume_play(store, load(stored.source), stored), ""
    except (StoreError, CannotResume, CaseError) as problem:
        return None, str(problem)
