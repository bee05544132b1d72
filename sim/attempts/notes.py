"""What the learner writes beside an attempt: notes, a problem list, the patient in one sentence. It is never scored."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Literal

from sim.attempts.store.schema import NOTES

About = Literal["notes", "problems", "sentence"]
"""What a text is: free notes, the problems one a line, or the patient in one sentence."""


def read_notes(folder: Path, attempt: str, about: About = "notes") -> str:
    """Return what was written in a data folder; empty if nothing was or it cannot be read."""
    with suppress(OSError, UnicodeDecodeError):
        return _path(folder, attempt, about).read_text(encoding="utf-8")
    return ""


def write_notes(folder: Path, attempt: str, text: str, about: About = "notes") -> None:
    """Keep what was written. A disk that refuses loses it and nothing else."""
    with suppress(OSError):
        path = _path(folder, attempt, about)
        path.parent.mkdir(mode=0o700, exist_ok=True)
        draft = path.with_suffix(".new")
        draft.write_text(text, encoding="utf-8")
        draft.replace(path)


def _path(folder: Path, attempt: str, about: About) -> Path:
    return folder / NOTES / (f"{attempt}.txt" if about == "notes" else f"{attempt}-{about}.txt")
