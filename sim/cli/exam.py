"""An exam that is open keeps closed what would give it away: its graph, its table, the hidden log of its patients."""

from __future__ import annotations

from contextlib import suppress

from sim.words.errors import UserError
from sim.words.modes import Mode


def need_no_exam(source: str) -> None:
    """Raise UserError while an exam at the case is neither finished nor put aside. `source` is its id or a path."""
    from sim.attempts.session import source_of
    from sim.attempts.store import FILE_NAME, StoreError, data_folder, open_store
    from sim.words.format import command

    if not (data_folder() / FILE_NAME).exists():
        return
    with suppress(StoreError), open_store(data_folder()) as store:  # what cannot be read keeps no author from work
        for attempt in store.attempts(unfinished=True):
            if attempt.mode == Mode.EXAM and attempt.source == source_of(source):
                hint = f"{command()} resume {attempt.id} goes on, {command()} aside {attempt.id} gives it up"
                raise UserError("an exam at this case is open, and this would give it away", hint)
