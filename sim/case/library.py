"""Cases, found and loaded: ids become files, files become a `Scenario` that is sound throughout or is not returned.

A case that was read once may be kept in a `Cache`, by the content of every file it was read from and by the code that
read it. Only what was sound is kept, so problems are always found anew.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from sim.case.cache import Cache
from sim.case.checking.assemble import Assembled, assemble, assemble_calibration, assemble_coverage
from sim.case.checking.check import kind_of
from sim.case.checking.openings import GraphQuestions
from sim.case.composing.compose import disease_alone
from sim.case.composing.digest import digest_of
from sim.case.composing.folders import CASE_FILE, case_in, cases_in, id_of, inside, is_id, package_root, yaml_files
from sim.case.composing.shelf import Lookup, Shelf
from sim.case.composing.unfold import unfold
from sim.case.kept import Kept, content_now, content_read, keep, read_kept, stamps_now
from sim.case.model.calibration import Calibration
from sim.case.model.catalogue import Catalogue
from sim.case.model.coverage import Coverage
from sim.case.model.disease import Disease
from sim.case.model.evidence import Evidence, Source
from sim.case.model.scenario import Scenario
from sim.case.problems import CaseError, Problems, Spot, did_you_mean

__all__ = [
    "CaseError",
    "Loaded",
    "content_of",
    "disease_file",
    "load",
    "load_calibration",
    "load_catalogue",
    "load_coverage",
    "load_disease",
    "load_evidence",
    "load_file",
    "path_of",
    "stamps_of",
]


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

    An id is looked for in the library and then in a user's own folders. Raises CaseError for an id that no file has,
    and for what can be no file.
    """
    if isinstance(case, Path) or not is_id(case):
        return _file_at(case)
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


def _file_at(place: str | Path) -> Path:
    """Return the file of a case at a path. Raises CaseError for what no file can be called: too long, or with a NUL."""
    try:
        given = Path(place).absolute()
        given.resolve()
        return given / CASE_FILE if given.is_dir() else given
    except (OSError, RuntimeError, ValueError) as error:
        problems = Problems()
        otherwise = "no file has such a name" if isinstance(error, ValueError) else "a link leads back to itself"
        why = getattr(error, "strerror", None) or otherwise
        problems.error(Spot(str(place)[:200]), "unreadable", f"cannot be read: {why}")
        raise CaseError(problems.all) from error


@dataclass(frozen=True, slots=True)
class Loaded:
    """A case with all it needs, and a digest of what the files said that it was read from."""

    scenario: Scenario
    content: str | None
    """None where the files changed while they were read."""
    lookups: tuple[Lookup, ...]
    """The parts it is made of."""


def load(
    case: str | Path, root: Path | None = None, cache: Cache | None = None, graph: GraphQuestions | None = None
) -> Scenario:
    """Return a case with all it needs, by id or by path. Raises CaseError with every problem found.

    `root` is a scenarios folder to use in place of the one that ships. A file elsewhere finds its disease beside
    it (`../diseases/ID.yaml`, or in its own folder) or in the root, its evidence likewise. With a `cache`, a case
    whose files say what they said before is taken from there. With questions to the `graph`, what `check` refuses is
    refused here too.
    """
    return load_file(path_of(case, root), root, cache, graph).scenario


def load_file(
    path: Path, root: Path | None = None, cache: Cache | None = None, graph: GraphQuestions | None = None
) -> Loaded:
    """Return the case of a file as `load` does, with the digest that `content_of` gives while no file changes."""
    shelf = Shelf.around(path, root)
    kept = None if cache is None else read_kept(cache, shelf, path)
    if kept is not None:
        return Loaded(kept.scenario, kept.content, tuple(Lookup(*one) for one in kept.lookups))
    scenario = _read(shelf, path, graph)
    lookups = shelf.lookups(path)
    content = content_read(shelf, path, lookups)
    if cache is not None and content is not None:
        keep(cache, shelf, path, Kept(content=content, lookups=lookups, scenario=scenario))
    return Loaded(scenario, content, lookups)


def content_of(path: Path, lookups: Iterable[Lookup], root: Path | None = None) -> str | None:
    """Return a digest of all files that a case made of these parts is read from now; None if one is unreadable."""
    return content_now(Shelf.around(path, root), path, lookups)


def stamps_of(path: Path, lookups: Iterable[Lookup], root: Path | None = None) -> str | None:
    """Return a digest of when those files were last written, and of how long they are: quicker, and nearly as sure."""
    return stamps_now(Shelf.around(path, root), path, lookups)


def load_disease(path: Path, root: Path | None = None) -> Disease:
    """Return the disease of a file, put together from its modules. Raises CaseError with every problem found."""
    shelf = Shelf.around(path, root)
    _, disease = disease_alone(shelf, path.absolute())
    shelf.problems.raise_errors()
    assert disease is not None
    return disease


def disease_file(wanted: str, root: Path | None = None) -> Path | None:
    """Return the file of a disease by its id in the library or by its path; None for what is neither."""
    if is_id(wanted):
        return inside((package_root() if root is None else root) / "diseases", wanted)
    path = Path(wanted).absolute()
    return path if path.is_file() and kind_of(Shelf.around(path, root), path) == "disease" else None


def load_evidence(root: Path | None = None) -> tuple[dict[str, Evidence], dict[str, Source]]:
    """Return the numbered facts of the library and its bibliography, by id. Raises CaseError where one is broken."""
    shelf = Shelf((package_root() if root is None else root,))
    facts = {name: fact for name, (_, fact) in shelf.evidence.items()}
    sources = {name: source for name, (_, source) in shelf.sources.items()}
    shelf.problems.raise_errors()
    return facts, sources


def load_calibration(calibration: str | Path, root: Path | None = None) -> tuple[Calibration, Scenario]:
    """Return a calibration with the case it plays, by id or by path. Raises CaseError with every problem found.

    `root` is a scenarios folder to use in place of the one that ships; a file elsewhere finds its case as a case
    finds its disease.
    """
    path = _path_in("calibration", calibration, root)
    shelf = Shelf.around(path, root)
    found = assemble_calibration(shelf, path)
    shelf.problems.raise_errors()
    assert found is not None
    return found[0], _scenario(shelf, assemble(shelf, found[1]))


def load_coverage(coverage: str | Path, root: Path | None = None) -> Coverage:
    """Return a coverage whose claims are all where it says, by id or by path. Raises CaseError with every problem."""
    path = _path_in("coverage", coverage, root)
    shelf = Shelf.around(path, root)
    found = assemble_coverage(shelf, path)
    shelf.problems.raise_errors()
    assert found is not None
    return found


def _path_in(kind: str, wanted: str | Path, root: Path | None) -> Path:
    """The file of a calibration or a coverage: `kind` is its folder too."""
    if isinstance(wanted, Path) or not is_id(wanted):
        return Path(wanted).absolute()
    folder = (package_root() if root is None else root) / kind
    path = inside(folder, wanted)
    if path is None:
        problems, known = Problems(), [file.stem for file in yaml_files(folder)]
        hint = did_you_mean(wanted, known) or f"there are: {', '.join(known)}"
        problems.error(Spot(wanted), f"unknown-{kind}", f"there is no {kind} '{wanted}'", hint)
        raise CaseError(problems.all)
    return path


def _read(shelf: Shelf, path: Path, graph: GraphQuestions | None = None) -> Scenario:
    return _scenario(shelf, assemble(shelf, path, graph))


def _scenario(shelf: Shelf, found: Assembled | None) -> Scenario:
    """Return what was assembled as a scenario. Raises CaseError with every problem found."""
    shelf.problems.raise_errors()
    assert found is not None
    catalogue = shelf.catalogue.for_age(found.case.patient.age[0])
    return Scenario(
        case=unfold(found.case),
        disease=found.disease,
        catalogue=catalogue,
        evidence={name: fact for name, (_, fact) in shelf.evidence.items()},
        sources={name: source for name, (_, source) in shelf.sources.items()},
        digest=digest_of(found.case, found.disease, catalogue),
    )
