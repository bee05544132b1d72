"""Where the files of a scenarios folder lie: ids become file names, safely, and nothing is read yet."""

from __future__ import annotations

import importlib.resources
import re
from pathlib import Path
from typing import Final

SUFFIX: Final = ".yaml"
CASE_FILE: Final = f"case{SUFFIX}"
"""The case in a case folder."""
DISEASE_FILE: Final = f"disease{SUFFIX}"
"""The disease in a case folder."""
FOLDERS: Final = (
    "catalogue", "modules", "protocols", "histories", "diseases", "cases", "evidence", "calibration", "coverage"
)  # fmt: skip
BESIDE: Final = ("catalogue", "orders", "observables", "diagnoses", "evidence")
"""Names of the list files that may lie beside a case."""

_ID = re.compile(r"[a-z][a-z0-9_]{0,47}")
_DEVICES: Final = frozenset({"con", "prn", "aux", "nul"} | {f"{d}{n}" for d in ("com", "lpt") for n in range(10)})


def package_root() -> Path:
    """Return the scenarios folder that ships with Scurfy."""
    return Path(str(importlib.resources.files("scenarios")))


def is_id(text: str) -> bool:
    """Return whether the text is an id that may become a file name on every system."""
    return _ID.fullmatch(text) is not None and text not in _DEVICES


def inside(folder: Path, id_: str) -> Path | None:
    """Return the file of an id in a folder if it exists and truly lies there, symbolic links followed."""
    path = folder / f"{id_}{SUFFIX}"
    return path if is_id(id_) and path.is_file() and _lies_in(path, folder) else None


def _lies_in(path: Path, folder: Path) -> bool:
    """Whether a path below a folder stays there: only a symbolic link below it could lead elsewhere."""
    below = path.parents[: len(path.parts) - len(folder.parts) - 1]
    if not any(part.is_symlink() for part in (path, *below)):
        return True
    return path.resolve().is_relative_to(folder.resolve())


def yaml_files(folder: Path) -> tuple[Path, ...]:
    """Return the YAML files directly in a folder, sorted by name; none if there is no such folder."""
    if not folder.is_dir():
        return ()
    return tuple(sorted((p for p in folder.iterdir() if p.suffix in (SUFFIX, ".yml")), key=lambda p: p.name))


def case_in(folder: Path, id_: str) -> Path | None:
    """Return the case of an id in a folder of cases: `ID.yaml`, or `ID/case.yaml`, which must truly lie there."""
    path = folder / id_ / CASE_FILE
    if is_id(id_) and path.is_file() and _lies_in(path, folder):
        return inside(folder, id_) or path
    return inside(folder, id_)


def cases_in(folder: Path) -> tuple[Path, ...]:
    """Return the cases in a folder of cases, files and folders, sorted by id."""
    if not folder.is_dir():
        return ()
    folders = (path / CASE_FILE for path in folder.iterdir() if (path / CASE_FILE).is_file())
    return tuple(sorted((*yaml_files(folder), *folders), key=id_of))


def id_of(case: Path) -> str:
    """Return the id that the name of a case's file, or of its folder, gives it."""
    return case.parent.name if case.name == CASE_FILE else case.stem


def lists_beside(case: Path) -> tuple[Path, ...]:
    """Return the list files that lie beside a case; none in a folder of a scenarios folder."""
    folder = case.parent
    names = () if folder.name in FOLDERS else BESIDE
    return tuple(path for name in names if (path := folder / f"{name}{SUFFIX}").is_file())
