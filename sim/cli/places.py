"""Where a user's own cases lie: the one place that reads `SCURFY_CASES`."""

from __future__ import annotations

import os
from pathlib import Path

from sim.words.errors import UserError

VARIABLE = "SCURFY_CASES"
"""Folders of cases, one after another as in PATH."""


def homes(folder: Path | None = None) -> tuple[Path, ...]:
    """Return the folders of a user's own cases: `folder`, those of `SCURFY_CASES`, `cases` in the data folder.

    Raises UserError if `folder` is none; of the others, those that are not there are passed over.
    """
    from sim.attempts.store.place import data_folder

    if folder is not None and not folder.is_dir():
        raise UserError(f"there is no folder {folder}", misuse=True)
    named = (Path(part).expanduser() for part in os.environ.get(VARIABLE, "").split(os.pathsep) if part)
    asked = () if folder is None else (folder,)
    return tuple(dict.fromkeys(path.absolute() for path in (*asked, *named, data_folder() / "cases") if path.is_dir()))


def located(case: str, folder: Path | None = None) -> str:
    """Return what loads a case from anywhere: its id if it ships, else the path of its file. Raises CaseError."""
    from sim.case.composing.folders import is_id, package_root
    from sim.case.library import path_of

    path = path_of(case, homes=homes(folder))
    return case if is_id(case) and path.is_relative_to(package_root()) else str(path)
