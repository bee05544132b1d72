"""The learner's own notes: free text kept beside an attempt, never scored."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from sim.attempts.store.schema import NOTES


def read_notes(folder: Path, attempt: str) -> str:
    """Return the notes of an attempt in a data folder; empty if there are none or they cannot be read."""
    with suppress(OSError, UnicodeDecodeError):
        return _path(folder, attempt).read_text(encoding="utf-8")
    return ""


def write_notes(folder: Path, attempt: str, text: str) -> None:
    """Keep the notes of an attempt. A disk that refuses loses the notes and nothing else."""
    with suppress(OSError):
        path = _path(folder, attempt)
        path.parent.mkdir(mode=0o700, exist_ok=True)
        draft = path.with_suffix(".new")
        draft.write_text(text, encoding="utf-8")
        draft.replace(path)


def _path(folder: Path, attempt: str) -> Path:
    return folder / NOTES / f"{attempt}.txt"
