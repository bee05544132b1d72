"""A case that is being written, looked at again after each save: what is wrong with it, and who fares otherwise."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sim.attempts.cases import CASES
from sim.authoring.compare import Fared, fared
from sim.case.cache import stamp
from sim.case.checking.check import check
from sim.case.composing.compose import compose
from sim.case.composing.folders import CASE_FILE, lists_beside, package_root, yaml_files
from sim.case.composing.shelf import Shelf
from sim.case.problems import Problem
from sim.engine.graph import problems as graph_questions

PATIENTS: Final = 100
"""So many are played after each save."""


@dataclass(frozen=True, slots=True)
class Look:
    """A case after a save."""

    saved: tuple[str, ...]
    """The names of the files that were saved, made or removed; none at the first look."""
    problems: tuple[Problem, ...]
    before: Fared | None = None
    """How patients fared when the case was last sound; None at the first look."""
    now: Fared | None = None
    """None while the case has errors."""
    same: bool = False
    """Whether nothing was changed that a patient or a verdict depends on."""


class Watch:
    """Looks at a case and, after that, at what changed in it. It waits for nothing: whoever has it asks again."""

    def __init__(self, path: Path, n: int = PATIENTS) -> None:
        """Take the file of a case, and how many patients are played."""
        self._path, self._seeds = path.absolute(), range(1, n + 1)
        self._stamps: dict[Path, str | None] | None = None
        self._last: Fared | None = None
        self._digest = ""

    def look(self) -> Look | None:
        """Return the case as it is now, if it was not looked at before or a file was saved since; else None."""
        files = self._stamps.keys() if self._stamps is not None else files_of(self._path)
        stamps = {path: stamp(path) for path in {*files, *_beside(self._path)}}
        if stamps == self._stamps:
            return None
        before = self._stamps or stamps
        saved = sorted({path.name for path in stamps.keys() | before.keys() if stamps.get(path) != before.get(path)})
        self._stamps = {path: stamp(path) for path in {*files_of(self._path), *_beside(self._path)}}
        return self._looked(tuple(saved))

    def _looked(self, saved: tuple[str, ...]) -> Look:
        problems = check([self._path], graph=graph_questions)
        if any(problem.severity == "error" for problem in problems):
            return Look(saved, problems)
        scenario, before = CASES.load(self._path), self._last
        same = scenario.digest == self._digest
        if not same or self._last is None:
            self._last, self._digest = fared(scenario, self._seeds), scenario.digest
        return Look(saved, problems, before, self._last, same)


def files_of(path: Path) -> frozenset[Path]:
    """Return the files that a case is made of, whether it is sound or not: its own, its disease, modules, protocols."""
    shelf = Shelf.around(path, None)
    compose(shelf, path)
    found = shelf.looked_up(path, shelf.lookups(path)) or ()
    return frozenset({path, *found, *lists_beside(path)})


def _beside(path: Path) -> Iterable[Path]:
    """What lies beside a case in its own folder, where a file may be added."""
    own = path.name == CASE_FILE and not path.is_relative_to(package_root())
    return yaml_files(path.parent) if own else (path,)
