"""An exam that is open keeps closed what would give it away: its graph, its table, the hidden log of its patients."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from sim.words.errors import UserError
from sim.words.modes import Mode

if TYPE_CHECKING:
    from sim.attempts.store import StoredAttempt


def need_no_exam(source: str) -> None:
    """Raise UserError while an exam at the case is neither finished nor put aside. `source` is its id or a path."""
    from sim.attempts.session import source_of

    for attempt in _exams():
        if attempt.source == source_of(source):
            raise _refusal(attempt)


def need_no_exam_about(disease: str) -> None:
    """Raise UserError while an exam is open at a case of the disease with this id, as far as its case can be read."""
    from sim.attempts.cases import CASES
    from sim.case.problems import CaseError

    for attempt in _exams():
        with suppress(CaseError):
            if CASES.load(attempt.source).case.disease == disease:
                raise _refusal(attempt)


def _exams() -> list[StoredAttempt]:
    """The exams that are open."""
    from sim.attempts.store import FILE_NAME, StoreError, data_folder, open_store

    if (data_folder() / FILE_NAME).exists():
        with suppress(StoreError), open_store(data_folder()) as store:  # what cannot be read keeps no author from work
            return [attempt for attempt in store.attempts(unfinished=True) if attempt.mode == Mode.EXAM]
    return []


def _refusal(attempt: StoredAttempt) -> UserError:
    from sim.words.format import command

    hint = f"{command()} resume {attempt.id} goes on, {command()} aside {attempt.id} gives it up"
    return UserError("an exam at this case is open, and this would give it away", hint)
