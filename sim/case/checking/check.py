"""`check`: every problem of every file, in one run.

What a file is follows from its folder (`cases`, `diseases`, `catalogue`, `evidence`, `calibration`) or else from its
keys. Every file is checked against the rest of its scenarios folder, or against the package where it lies elsewhere.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from pathlib import Path
from typing import Final, Literal, Protocol

from sim.case.checking.assemble import assemble, assemble_calibration, check_lists
from sim.case.checking.references import check_references
from sim.case.checking.rules_access import check_accesses, check_minutes
from sim.case.checking.rules_catalogue import (
    check_aliases,
    check_evidence,
    check_observable,
    check_order,
    check_standing,
    check_wholes,
)
from sim.case.checking.rules_disease import check_disease
from sim.case.checking.rules_effects import check_effects
from sim.case.checking.rules_parts import check_history, check_module, check_protocol
from sim.case.checking.rules_pools import check_pools
from sim.case.composing.compose import build_disease, compose
from sim.case.composing.folders import CASE_FILE, DISEASE_FILE, cases_in, id_of
from sim.case.composing.modules import composed_disease
from sim.case.composing.pronouns import spoken
from sim.case.composing.shelf import LISTS, Shelf, said_in
from sim.case.composing.trees import document_of, files_of
from sim.case.model.disease import Disease
from sim.case.problems import Problem, Problems, Spot, clean, did_you_mean, shown
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

_Kind = Literal["case", "disease", "module", "protocol", "history", "list", "calibration"]
_FOLDER_KINDS: Final[Mapping[str, _Kind]] = {
    "cases": "case",
    "diseases": "disease",
    "modules": "module",
    "protocols": "protocol",
    "histories": "history",
    "catalogue": "list",
    "evidence": "list",
    "calibration": "calibration",
}
_PLAYED: Final = frozenset({"plans", "playthroughs"})
"""Folders of a case that hold moves, which are read when they are played."""


def check(
    paths: Iterable[Path], *, root: Path | None = None, graph: GraphQuestions | None = None
) -> tuple[Problem, ...]:
    """Return every problem of the files, and of the files in the folders, sorted.

    `root` takes the place of the scenarios folder that ships; `graph` adds questions to the state graph. What a
    file cannot be checked without (the disease of a case, the catalogue) is reported with it.
    """
    problems = Problems()
    shelves: dict[tuple[Path, ...], Shelf] = {}
    openings: dict[tuple[Path, ...], _Openings] = {}
    for path in _files(paths, problems):
        shelf = Shelf.around(path, root)
        shelf = shelves.setdefault(shelf.roots + shelf.beside, shelf)
        listed = (*shelf.list_files("catalogue"), *shelf.list_files("evidence"), *shelf.beside)
        if path not in listed and _kind(shelf, path) == "list":
            shelf = Shelf.around(path, root, extra=(path,))
        opens = openings.setdefault(shelf.roots, _Openings(shelf.roots))
        _check_file(shelf, path, graph, opens)
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
            if Path(where).name not in _PLAYED and name.endswith((".yaml", ".yml"))]  # fmt: skip


def _kind(shelf: Shelf, path: Path) -> _Kind | None:
    """Return the kind of a file, or None if it is unclear or the file cannot be read."""
    by_folder = "case" if path.name == CASE_FILE else _FOLDER_KINDS.get(path.parent.name)
    root = shelf.document(path).root
    if by_folder is not None or root is None:
        return by_folder
    keys = set(root.keys)
    if keys & {"opening", "patient", "blurb"}:
        return "case"
    if {"arms", "sections"} <= keys:
        return "calibration"
    if "knows" in keys or "parameters" in keys:
        return "protocol" if keys & {"parameters", "pathway", "pitfalls"} else "module"
    if keys & {"pathway", "endings"}:
        return "case"
    if keys & {"regions", "include"}:
        return "disease"
    if "answers" in keys:
        return "history"
    return "list" if keys & set(LISTS) else None


class _Openings:
    """Where the patients of a disease open: its own mix, its named starts, and those of every case on the shelf."""

    def __init__(self, roots: tuple[Path, ...]) -> None:
        self._roots = roots
        self._starts: dict[Path, Mixes] = {}

    @cached_property
    def _cases(self) -> tuple[tuple[Path, object], ...]:
        """Every case with its disease's id."""
        paths = (path for folder in self._roots for path in cases_in(folder / "cases"))
        return tuple((path, said_in(path, "disease")) for path in paths)

    def _start(self, path: Path) -> Mixes:
        if path not in self._starts:
            quiet = Shelf.around(path, self._roots[-1])  # What is wrong with it is told when it is checked itself.
            case = compose(quiet, path).case
            self._starts[path] = {} if case is None else case.start
        return self._starts[path]

    def of(self, disease: Disease, own: Mixes | None = None, path: Path | None = None) -> dict[str, dict[str, float]]:
        """Return region to the states patients open in, those of the case at `path` by its `own` mix."""
        found = {region: dict(spec.initial) for region, spec in disease.regions.items()}
        others = [self._start(file) for file, id_ in self._cases if id_ == disease.id and file != path]
        for start in (*disease.starts.values(), own or {}, *others):
            for region, mix in start.items():
                found.setdefault(region, {}).update(mix)
        return found


def _check_file(shelf: Shelf, path: Path, graph: GraphQuestions | None, openings: _Openings) -> None:
    document = shelf.document(path)
    if document.root is None:
        return
    kind = _kind(shelf, path)
    if kind is None:
        _report_unknown(document.root, shelf.problems)
    elif kind == "list":
        _check_list(shelf, document)
    elif kind == "calibration":
        _has_its_name(document, path, shelf.problems)
        assemble_calibration(shelf, path)
    else:
        _has_its_name(document, path, shelf.problems)
        shelf.read_lists()
        if kind == "case":
            _check_case_file(shelf, path, graph, openings)
        elif kind == "disease":
            _check_disease_file(shelf, path, graph, openings)
        else:
            {"module": check_module, "protocol": check_protocol, "history": check_history}[kind](shelf, path)


def _report_unknown(root: Node, problems: Problems) -> None:
    hint = did_you_mean(next(iter(root.keys), ""), LISTS)
    message = "cannot tell what this file is: a case has 'pathway', a disease 'regions', a calibration 'arms', "
    message += "a list "
    message += ", ".join(f"'{key}'" for key in LISTS)
    problems.error(root, "unknown-file", message, hint)


def _has_its_name(document: Document, path: Path, problems: Problems) -> None:
    place = document.at("id")
    named = path.name == CASE_FILE or path.parent.name in _FOLDER_KINDS
    if named and path.name != DISEASE_FILE and isinstance(place.data, str) and place.data != id_of(path):
        name = id_of(path)
        called = "folder" if path.name == CASE_FILE else "file"
        problems.error(place, "file-name", f"the {called} is called '{name}', so its id must be '{name}' too")


def _check_case_file(shelf: Shelf, path: Path, graph: GraphQuestions | None, openings: _Openings) -> None:
    found = assemble(shelf, path)
    if found is not None:
        starts = openings.of(found.disease, found.case.start, path)
        check_disease(found.disease_file.at(), found.disease, starts, graph is None, shelf.problems)
        check_pools(found.disease_file.at(), found.disease, shelf.catalogue, shelf.problems)
        check_effects(found.disease_file.at(), found.disease, shelf.catalogue, shelf.problems)
        _ask_graph(found.disease_file, found.disease, starts, graph, shelf.problems)


def _check_disease_file(shelf: Shelf, path: Path, graph: GraphQuestions | None, openings: _Openings) -> None:
    written = composed_disease(shelf, path)
    document = written if written.root is None else document_of(spoken(written.root, None, shelf))
    disease = build_disease(shelf, document)
    if disease is None or not shelf.is_readable:
        return
    starts = openings.of(disease)
    check_references(document.at(), disease, shelf.names(disease), shelf.problems)
    check_disease(document.at(), disease, starts, graph is None, shelf.problems)
    check_pools(document.at(), disease, shelf.catalogue, shelf.problems)
    check_effects(document.at(), disease, shelf.catalogue, shelf.problems)
    _ask_graph(document, disease, starts, graph, shelf.problems)


def _ask_graph(
    document: Document, disease: Disease, starts: Mixes, graph: GraphQuestions | None, problems: Problems
) -> None:
    """Ask the graph, unless the disease has errors of its own: the graph would only repeat them."""
    files = frozenset(map(clean, files_of(document.at())))
    if graph is None or any(problem.file in files for problem in problems.errors):
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
        check_minutes(node, order, mine)
    for node, observable in shelf.observables.values():
        check_observable(node, observable, mine)
    for node, fact in shelf.evidence.values():
        check_evidence(node, fact, mine)
    check_accesses(shelf.orders, mine)
    check_wholes(shelf.observables, mine)
    check_aliases(shelf.orders, mine)
    check_aliases(shelf.diagnoses, mine)
    shelf.problems.take(problem for problem in mine.all if problem.file == document.file)
    check_lists(shelf)
