"""The look a learner chose, kept between starts in a small file of the data folder, which is not trusted."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

from sim.attempts.store import StoreError, make_folder
from sim.tui.theme import THEMES

FILE_NAME: Final = "look.json"
_LARGEST: Final = 1000
"""Bytes: a file that is larger was not written here."""


def read_look(folder: Path) -> tuple[str, str]:
    """Return the theme's name as a data folder keeps it and, where the file cannot be used, one line that says so."""
    path, first = folder / FILE_NAME, THEMES[0].name
    try:
        if not path.exists():
            return first, ""
        if not path.is_file() or path.stat().st_size > _LARGEST:
            raise ValueError
        data = json.loads(path.read_text(encoding="utf-8"))
        look = data.get("look") if isinstance(data, dict) else None
        return next(theme.name for theme in THEMES if theme.name == look), ""
    except (OSError, ValueError, RecursionError, StopIteration):
        return first, f"{FILE_NAME} in the data folder names no look of Scurfy's; choose one anew with Ctrl+P."


def write_look(folder: Path, name: str) -> None:
    """Keep the theme's name. A disk that refuses loses the look and nothing else."""
    try:
        path = make_folder(folder) / FILE_NAME
        draft = path.with_suffix(".new")
        draft.write_text(json.dumps({"look": name}), encoding="utf-8")
        draft.replace(path)
    except (OSError, StoreError):
        return
