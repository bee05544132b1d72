"""Cases, found and loaded: ids become files, files become a `Scenario` that is sound throughout or is not returned."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from sim.case.checking.assemble import Assembled, assemble, assemble_calibration
from sim.case.composing.shelf import Shelf, is_id, package_root, yaml_files
from sim.case.composing.unfold import unfold
from sim.case.model.calibration import Calibration
from sim.case.model.case import Case
from sim.case.model.catalogue import Catalogue
from sim.case.model.disease import Disease
from sim.case.model.scenario import Scenario
from sim.case.problems import CaseError, Problems, Spot, did_you_mean, shown
from sim.case.reading.document import peek

__all__ = ["CaseError", "CaseHead", "case_heads", "load", "load_calibration", "load_catalogue", "path_of"]


@dataclass(frozen=True, slots=True)
class CaseHead:
    """What the library shows of a case without loading it."""

    id: str
    title: str
    blurb: str
    level: str
    difficulty: int
    """1 to 5; 0 where the file does not say."""
    minutes: int
    path: Path
    problem: str = ""
    """Why it cannot be played, in a line; empty for a case that looks right."""


_HEAD = frozenset({"id", "title", "blurb", "level", "difficulty", "minutes"})


def case_heads(root: Path | None = None) -> tuple[CaseHead, ...]:
    """Return every case of the library (or of another scenarios folder), easiest first.

    Reads no further into a file than the head; a file that cannot be read is listed with its `problem`.
    """
    folder = (package_root() if root is None else root) / "cases"
    heads = [_head(path) for path in yaml_files(folder)]
    return tuple(sorted(heads, key=lambda head: (head.difficulty, head.id)))


def _head(path: Path) -> CaseHead:
    found = peek(path, _HEAD)
    text = {name: value for name, value in found.items() if isinstance(value, str)}
    numbers = {name: value for name, value in found.items() if isinstance(value, int)}
    complete = set(text) | set(numbers) == _HEAD and {"difficulty", "minutes"} <= set(numbers)
    return CaseHead(
        id=path.stem,
        title=text.get("title", path.stem),
        blurb=text.get("blurb", ""),
        level=text.get("level", ""),
        difficulty=numbers.get("difficulty", 0),
        minutes=numbers.get("minutes", 0),
        path=path,
        problem="" if complete else f"this case cannot be read: scurfy check {shown(path)}",
    )


def load_catalogue(problems: Problems | None = None, root: Path | None = None) -> Catalogue:
    """Return the catalogue. What is wrong with it goes to `problems`; without that, raises CaseError instead."""
    shelf = Shelf((package_root() if root is None else root,))
    catalogue = shelf.catalogue
    if problems is None:
        shelf.problems.raise_errors()
    else:
        problems.take(shelf.problems.all)
    return catalogue


def path_of(case: str | Path, root: Path | None = None) -> Path:
    """Return the file of a case given by id or path. Raises CaseError for an id that no file has."""
    return _path_of("cases", case, root)


def _path_of(folder: Literal["cases", "calibration"], file: str | Path, root: Path | None) -> Path:
    if isinstance(file, Path) or not is_id(file):
        return Path(file).absolute()
    shelf = Shelf((package_root() if root is None else root,))
    path = shelf.find(folder, file)
    if path is None:
        problems, what = Problems(), folder.removesuffix("s")
        listed = "scurfy cases lists them" if folder == "cases" else f"there are: {', '.join(shelf.ids(folder))}"
        hint = did_you_mean(file, shelf.ids(folder)) or listed
        problems.error(Spot(file), f"unknown-{what}", f"there is no {what} '{file}'", hint)
        raise CaseError(problems.all)
    return path


def load(case: str | Path, root: Path | None = None) -> Scenario:
    """Return a case with all it needs, by id or by path. Raises CaseError with every problem found.

    `root` is a scenarios folder to use in place of the one that ships. A file elsewhere finds its disease beside
    it (`../diseases/ID.yaml`, or in its own folder) or in the root, its evidence likewise.
    """
    path = path_of(case, root)
    shelf = Shelf.around(path, root)
    return _scenario(shelf, assemble(shelf, path))


def load_calibration(calibration: str | Path, root: Path | None = None) -> tuple[Calibration, Scenario]:
    """Return a calibration with the case it plays, by id or by path. Raises CaseError with every problem found.

    `root` is a scenarios folder to use in place of the one that ships; a file elsewhere finds its case as a case
    finds its disease.
    """
    path = _path_of("calibration", calibration, root)
    shelf = Shelf.around(path, root)
    found = assemble_calibration(shelf, path)
    shelf.problems.raise_errors()
    assert found is not None
    return found[0], _scenario(shelf, assemble(shelf, found[1]))


def _scenario(shelf: Shelf, found: Assembled | None) -> Scenario:
    """Return what was assembled as a scenario. Raises CaseError with every problem found."""
    shelf.problems.raise_errors()
    assert found is not None
    return Scenario(
        case=unfold(found.case),
        disease=found.disease,
        catalogue=shelf.catalogue,
        evidence={name: fact for name, (_, fact) in shelf.evidence.items()},
        sources={name: source for name, (_, source) in shelf.sources.items()},
        digest=_digest(found.case, found.disease, shelf.catalogue),
    )


def _digest(case: Case, disease: Disease, catalogue: Catalogue) -> str:
    """Defaults are left out, so that a field added to the format later leaves the digest of old cases alone.

    So are the questions: they are asked when the attempt is over, and may be put better at any time.
    """
    parts: tuple[Case | Disease | Catalogue, ...] = (case, disease, catalogue)
    text = "\n".join(
        part.model_dump_json(by_alias=True, exclude_defaults=True, exclude={"questions"}) for part in parts
    )
    return hashlib.sha256(text.encode("utf-8")).hexdigest()
