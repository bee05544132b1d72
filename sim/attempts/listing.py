"""What the library screen lists: the cases, what was played of each, and the ways into them. Run off the first paint.

Every function here may take long and is called from a thread; none of them touches a widget.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sim.attempts.cases import CASES
from sim.attempts.mastery import record_of, still_missed
from sim.attempts.store import Store, StoredAttempt, StoreError

if TYPE_CHECKING:
    from sim.case.model.pathway import Step


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
    reviewed: str
    """Who reviewed it, or that no clinician has yet."""
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
    attempts: tuple[StoredAttempt, ...]
    problem: str = ""

    @property
    def unfinished(self) -> tuple[StoredAttempt, ...]:
        """The attempts that may be gone on with."""
        return tuple(attempt for attempt in self.attempts if attempt.finished is None)

    def finished(self, case: str) -> tuple[StoredAttempt, ...]:
        """Return the finished attempts at a case by its id, what-ifs as well."""
        return tuple(a for a in self.attempts if a.case_id == case and a.finished is not None)


def read_listing(store: Store | StoreError | None, root: Path | None = None, homes: tuple[Path, ...] = ()) -> Listing:
    """Return every case of the library with what the store knows of it (None: nothing was played).

    A store that is broken is said, not raised.
    """
    attempts: tuple[StoredAttempt, ...] = ()
    problem = store.whole() if isinstance(store, StoreError) else ""
    if isinstance(store, Store):
        try:
            attempts = store.attempts()
        except StoreError as trouble:
            problem = trouble.whole()
    cases = []
    for head in CASES.heads(root, homes):
        mine = tuple(a for a in attempts if a.case_id == head.id)
        source = head.id if root is None and not head.own else str(head.path.absolute())
        left, record = sum(a.finished is None for a in mine), record_of(mine)
        cases.append(
            Listed(head.id, source, head.title, head.blurb, head.level, head.difficulty, head.minutes,
                   head.reviewed, record.attempts, record.best, left, head.problem)
        )  # fmt: skip
    return Listing(tuple(sorted(cases, key=_place)), attempts, problem)


def _place(case: Listed) -> tuple[bool, int, int, str]:
    """The easy and the short first; what cannot be played last."""
    return bool(case.problem), case.difficulty, case.minutes, case.title


def read_missed(store: Store, case: Listed, attempts: tuple[StoredAttempt, ...]) -> tuple[Step, ...]:
    """Return the steps still missed after these attempts at the case. Raises CaseError or StoreError."""
    stored = [store.debrief(attempt.id) for attempt in record_of(attempts).finished]
    return still_missed(CASES.load(case.source).case.pathway, [told[0] for told in stored if told is not None])
