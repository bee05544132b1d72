"""`check`: every problem of every file, in one run.

What a file is follows from its folder (`cases`, `diseases`, `catalogue`, `evidence`, `calibration`) or else from its
keys. Every file is checked against the rest of its scenarios folder, or against the package where it lies elsewhere.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Final, Literal, Protocol

from sim.case.checking.assemble import assemble, assemble_calibration, check_lists
from sim.case.checking.references import check_references
from sim.case.checking.rules_catalogue import (
    check_aliases,
    check_evidence,
    check_observable,
    check_order,
    check_standing,
    check_wholes,
)
from sim.case.checking.rules_disease import check_disease
from sim.case.checking.rules_pools import check_pools
from sim.case.composing.bands import with_bands
from sim.case.composing.shelf import LISTS, Shelf, yaml_files
from sim.case.model.case import Case
from sim.case.model.disease import Disease
from sim.case.problems import Problem, Problems, Spot, did_you_mean, shown
from sim.case.reading.tree import Document, Node

Mixes = Mapping[str, Mapping[str, float]]
"""Region to the states patients open in, with their shares."""


class GraphFinding(Protocol):
    """What a question to the state graph found: `name` is a state or a transition of `region`, or both are empty."""

    @property
    def code(self) -> str:
        """The kind of mistake, in kebab-case."""

    @property
    def region(self) -> str:
        """The region's id."""

    @property
    def name(self) -> str:
        """The id of a state or a transition."""

    @property
    def message(self) -> str:
        """What is wrong."""


GraphQuestions = Callable[[Disease, Mixes], Iterable[GraphFinding]]
"""Given a disease and where its patients open: what is wrong with its graph. `sim.engine.graph` has them."""

_Kind = Literal["case", "disease", "list", "calibration"]
_FOLDER_KINDS: Final[Mapping[str, _Kind]] = {
    "cases": "case",
    "diseases": "disease",
    "catalogue": "list",
    "evidence": "list",
    "calibration": "calibration",
}


def check(
    paths: Iterable[Path], *, root: Path | None = None, graph: GraphQuestions | None = None
) -> tuple[Problem, ...]:
    """Return every problem of the files, and of the files in the folders, sorted.

    `root` takes the place of the scenarios folder that ships; `graph` adds questions to the state graph. What a
    file cannot be checked without (the disease of a case, the catalogue) is reported with it.
    """
    problems = Problems()
    shelves: dict[tuple[Path, ...], Shelf] = {}
    for path in _files(paths, problems):
        shelf = Shelf.around(path, root)
        shelf = shelves.setdefault(shelf.roots, shelf)
        if path not in shelf.list_files("catalogue") + shelf.list_files("evidence") and _kind(shelf, path) == "list":
            shelf = Shelf.around(path, root, extra=(path,))
        _check_file(shelf, path, graph)
        problems.take(shelf.problems.all)
    return problems.all


def _files(paths: Iterable[Path], problems: Problems) -> tuple[Path, ...]:
    found: dict[Path, Path] = {}
    for path in (path.absolute() for path in paths):
        try:
            inside = _yaml_below(path) if path.is_dir() else [path] if path.is_file() else None
            if inside is None:
                problems.error(Spot(shown(path)), "unreadable", "there is no such file or folder")
            elif not inside:
                problems.error(Spot(shown(path)), "unreadable", "there is no YAML file in this folder")
            found |= {file.resolve(): file for file in inside or ()}
        except (OSError, RuntimeError) as error:  # a name too long, a link to itself
            why = getattr(error, "strerror", None) or "a link leads back to itself"
            problems.error(Spot(shown(path)), "unreadable", f"cannot be read: {why}")
    return tuple(sorted(found.values(), key=lambda path: path.as_posix()))


def _yaml_below(folder: Path) -> list[Path]:
    """The YAML files in a folder and in those below it, links that lead nowhere or to themselves left out."""
    return [Path(where) / name for where, _, names in os.walk(folder) for name in sorted(names)
            if name.endswith((".yaml", ".yml"))]  # fmt: skip


def _kind(shelf: Shelf, path: Path) -> _Kind | None:
    """Return the kind of a file, or None if it is unclear or the file cannot be read."""
    by_folder = _FOLDER_KINDS.get(path.parent.name)
    root = shelf.document(path).root
    if by_folder is not None or root is None:
        return by_folder
    keys = set(root.keys)
    if keys & {"pathway", "opening", "patient", "endings", "blurb"}:
        return "case"
    if {"arms", "sections"} <= keys:
        return "calibration"
    if "regions" in keys:
        return "disease"
    return "list" if keys & set(LISTS) else None


def _check_file(shelf: Shelf, path: Path, graph: GraphQuestions | None) -> None:
    document = shelf.document(path)
    if document.root is None:
        return
    kind = _kind(shelf, path)
    if kind == "case":
        _has_its_name(document, path, shelf.problems)
        found = assemble(shelf, path)
        if found is not None and found.disease_file.root is not None:
            starts = _starts(shelf, found.disease, [found.case])
            check_disease(found.disease_file.root, found.disease, starts, graph is None, shelf.problems)
            check_pools(found.disease_file.root, found.disease, shelf.catalogue, shelf.problems)
            _ask_graph(found.disease_file, found.disease, starts, graph, shelf.problems)
    elif kind == "disease":
        _has_its_name(document, path, shelf.problems)
        _check_disease_file(shelf, path, document.root, graph)
    elif kind == "list":
        _check_list(shelf, document)
    elif kind == "calibration":
        _has_its_name(document, path, shelf.problems)
        assemble_calibration(shelf, path)
    else:
        hint = did_you_mean(next(iter(document.root.keys), ""), LISTS)
        message = (
            "cannot tell what this file is: a case has 'pathway', a disease 'regions', a calibration 'arms', a list "
        )
        message += ", ".join(f"'{key}'" for key in LISTS)
        shelf.problems.error(document.root, "unknown-file", message, hint)


def _has_its_name(document: Document, path: Path, problems: Problems) -> None:
    place = document.at("id")
    if path.parent.name in _FOLDER_KINDS and isinstance(place.data, str) and place.data != path.stem:
        problems.error(place, "file-name", f"the file is called '{path.stem}', so its id must be '{path.stem}' too")


def _check_disease_file(shelf: Shelf, path: Path, root: Node, graph: GraphQuestions | None) -> None:
    shelf.read_lists()
    written = shelf.model(path, Disease)
    if written is None or not shelf.is_readable:
        return
    disease = with_bands(written)
    starts = _starts(shelf, disease, [])
    check_references(root, disease, shelf.names(disease), shelf.problems)
    check_disease(root, disease, starts, graph is None, shelf.problems)
    check_pools(root, disease, shelf.catalogue, shelf.problems)
    _ask_graph(shelf.document(path), disease, starts, graph, shelf.problems)


def _starts(shelf: Shelf, disease: Disease, cases: list[Case]) -> dict[str, dict[str, float]]:
    """Return where the patients of a disease open: its own mix and those of every case of it on the shelf."""
    quiet = Shelf(shelf.roots)  # What is wrong with another case is reported when that one is checked.
    for folder in shelf.roots:
        for path in yaml_files(folder / "cases"):
            case = quiet.model(path, Case)
            if case is not None and case.disease == disease.id:
                cases.append(case)
    starts = {region: dict(spec.initial) for region, spec in disease.regions.items()}
    for case in cases:
        for region, mix in case.start.items():
            starts.setdefault(region, {}).update(mix)
    return starts


def _ask_graph(
    document: Document, disease: Disease, starts: Mixes, graph: GraphQuestions | None, problems: Problems
) -> None:
    """Ask the graph, unless the disease has errors of its own: the graph would only repeat them."""
    if graph is None or any(problem.file == document.file for problem in problems.errors):
        return
    for finding in graph(disease, starts):
        region = disease.regions.get(finding.region)
        ids = [transition.id for transition in region.transitions] if region is not None else []
        if finding.name in ids:
            place = document.at("regions", finding.region, "transitions", ids.index(finding.name))
        elif region is not None:
            place = document.key("regions", finding.region, "states", finding.name)
        else:
            place = document.key("regions")
        problems.error(place, finding.code, finding.message)


def _check_list(shelf: Shelf, document: Document) -> None:
    shelf.read_lists()
    if not shelf.is_readable:
        return
    mine = Problems()
    for node, order in shelf.orders.values():
        check_order(node, order, mine)
        check_standing(node, order, mine)
    for node, observable in shelf.observables.values():
        check_observable(node, observable, mine)
    for node, fact in shelf.evidence.values():
        check_evidence(node, fact, mine)
    check_wholes(shelf.observables, mine)
    check_aliases(shelf.orders, mine)
    check_aliases(shelf.diagnoses, mine)
    shelf.problems.take(problem for problem in mine.all if problem.file == document.file)
    check_lists(shelf)
