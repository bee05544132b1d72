"""Cases, found and loaded: ids become files, files become a `Scenario` that is sound throughout or is not returned."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from sim.case.checking.assemble import assemble
from sim.case.composing.digest import digest_of
from sim.case.composing.shelf import CASE_FILE, Shelf, case_in, cases_in, id_of, is_id, package_root
from sim.case.composing.unfold import unfold
from sim.case.model.catalogue import Catalogue
from sim.case.model.scenario import Scenario
from sim.case.problems import CaseError, Problems, Spot, did_you_mean, shown
from sim.case.reading.document import peek

__all__ = ["CaseError", "CaseHead", "case_heads", "load", "load_catalogue", "path_of"]


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
    own: bool = False
    """Whether it lies in a folder of the user's."""


_HEAD = frozenset({"id", "title", "blurb", "level", "difficulty", "minutes"})


def case_heads(root: Path | None = None, homes: Iterable[Path] = ()) -> tuple[CaseHead, ...]:
    """Return every case of the library (or of another scenarios folder) and of a user's own folders, easiest first.

    Reads no further into a file than the head; a file that cannot be read is listed with its `problem`, and so is one
    whose id another case has: it takes nobody's place.
    """
    folder = (package_root() if root is None else root) / "cases"
    heads = {head.id: head for head in map(_head, cases_in(folder))}
    found = list(heads.values())
    for path in (path for home in homes for path in cases_in(home)):
        head = replace(_head(path), own=True)
        first = heads.setdefault(head.id, head)
        if first is not head:
            problem = f"the id '{head.id}' is that of {shown(first.path)}: give {shown(path)} another"
            head = replace(head, problem=problem)
        found.append(head)
    return tuple(sorted(found, key=lambda head: (head.difficulty, head.id, head.own)))


def _head(path: Path) -> CaseHead:
    found = peek(path, _HEAD)
    text = {name: value for name, value in found.items() if isinstance(value, str)}
    numbers = {name: value for name, value in found.items() if isinstance(value, int)}
    complete = set(text) | set(numbers) == _HEAD and {"difficulty", "minutes"} <= set(numbers)
    return CaseHead(
        id=id_of(path),
        title=text.get("title", id_of(path)),
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


def path_of(case: str | Path, root: Path | None = None, homes: Iterable[Path] = ()) -> Path:
    """Return the file of a case given by id or by the path of its file or folder.

    An id is looked for in the library and then in a user's own folders. Raises CaseError for an id that no file has.
    """
    if isinstance(case, Path) or not is_id(case):
        given = Path(case).absolute()
        return given / CASE_FILE if given.is_dir() else given
    folders = ((package_root() if root is None else root) / "cases", *homes)
    path = next((found for folder in folders if (found := case_in(folder.absolute(), case)) is not None), None)
    if path is None:
        problems = Problems()
        known = [id_of(file) for folder in folders for file in cases_in(folder)]
        here = f"to play what lies here, write ./{case}" if Path(case).exists() else "scurfy cases lists them"
        hint = did_you_mean(case, known) or here
        problems.error(Spot(case), "unknown-case", f"there is no case '{case}'", hint)
        raise CaseError(problems.all)
    return path


def load(case: str | Path, root: Path | None = None) -> Scenario:
    """Return a case with all it needs, by id or by path. Raises CaseError with every problem found.

    `root` is a scenarios folder to use in place of the one that ships. A file elsewhere finds its disease beside
    it (`../diseases/ID.yaml`, or in its own folder) or in the root, its evidence likewise.
    """
    path = path_of(case, root)
    shelf = Shelf.around(path, root)
    found = assemble(shelf, path)
    shelf.problems.raise_errors()
    assert found is not None
    return Scenario(
        case=unfold(found.case),
        disease=found.disease,
        catalogue=shelf.catalogue,
        evidence={name: fact for name, (_, fact) in shelf.evidence.items()},
        sources={name: source for name, (_, source) in shelf.sources.items()},
        digest=digest_of(found.case, found.disease, shelf.catalogue),
    )
