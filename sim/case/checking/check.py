"""`check`: every problem of every file, in one run.

What a file is follows from its folder (`cases`, `diseases`, `catalogue`, `evidence`, `calibration`, `coverage`) or else
from its keys. Every file is checked against the rest of its scenarios folder, or against the package where it lies
elsewhere.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final, Literal

from sim.case.checking.assemble import (
    assemble,
    assemble_calibration,
    assemble_coverage,
    check_lists,
    check_whole_disease,
)
from sim.case.checking.openings import GraphQuestions, Openings, ask_graph
from sim.case.checking.references import check_references
from sim.case.checking.rules_access import check_accesses, check_minutes
from sim.case.checking.rules_catalogue import (
    check_aliases,
    check_evidence,
    check_observable,
    check_order,
    check_reports,
    check_standing,
    check_wholes,
)
from sim.case.checking.rules_conditions import check_ages
from sim.case.checking.rules_disease import warn_of_no_way_in
from sim.case.checking.rules_parts import check_history, check_module, check_protocol
from sim.case.composing.compose import disease_alone
from sim.case.composing.folders import CASE_FILE, DISEASE_FILE, id_of
from sim.case.composing.shelf import LISTS, Shelf
from sim.case.problems import Problem, Problems, Spot, did_you_mean, shown
from sim.case.reading.tree import Document, Node

FileKind = Literal["case", "disease", "module", "protocol", "history", "list", "calibration", "coverage"]
"""What a file can be; a list is one of orders, observables, diagnoses, evidence or sources."""
_FOLDER_KINDS: Final[Mapping[str, FileKind]] = {
    "cases": "case",
    "diseases": "disease",
    "modules": "module",
    "protocols": "protocol",
    "histories": "history",
    "catalogue": "list",
    "evidence": "list",
    "calibration": "calibration",
    "coverage": "coverage",
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
    openings: dict[tuple[Path, ...], Openings] = {}
    for path in _files(paths, problems):
        shelf = Shelf.around(path, root)
        shelf = shelves.setdefault(shelf.roots + shelf.beside, shelf)
        listed = (*shelf.list_files("catalogue"), *shelf.list_files("evidence"), *shelf.beside)
        if path not in listed and kind_of(shelf, path) == "list":
            shelf = Shelf.around(path, root, extra=(path,))
        opens = openings.setdefault(shelf.roots, Openings(shelf.roots))
        _check_file(shelf, path, graph, opens)
        problems.take(shelf.problems.all)
    return problems.all


def case_files(paths: Iterable[Path], root: Path | None = None) -> tuple[Path, ...]:
    """Return the cases among these files and in these folders."""
    return tuple(path for path in _files(paths, Problems()) if kind_of(Shelf.around(path, root), path) == "case")


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


def kind_of(shelf: Shelf, path: Path) -> FileKind | None:
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
    if {"claims", "texts"} <= keys:
        return "coverage"
    if "knows" in keys or "parameters" in keys:
        return "protocol" if keys & {"parameters", "pathway", "pitfalls"} else "module"
    if keys & {"pathway", "endings"}:
        return "case"
    if keys & {"regions", "include"}:
        return "disease"
    if "answers" in keys:
        return "history"
    return "list" if keys & set(LISTS) else None


def _check_file(shelf: Shelf, path: Path, graph: GraphQuestions | None, openings: Openings) -> None:
    document = shelf.document(path)
    if document.root is None:
        return
    kind = kind_of(shelf, path)
    if kind is None:
        _report_unknown(document.root, shelf.problems)
    elif kind == "list":
        _check_list(shelf, document)
    elif kind == "calibration":
        _has_its_name(document, path, shelf.problems)
        assemble_calibration(shelf, path)
    elif kind == "coverage":
        _has_its_name(document, path, shelf.problems)
        assemble_coverage(shelf, path)
    else:
        _has_its_name(document, path, shelf.problems)
        shelf.read_lists()
        if kind == "case":
            assemble(shelf, path, graph, openings)
        elif kind == "disease":
            _check_disease_file(shelf, path, graph, openings)
        else:
            {"module": check_module, "protocol": check_protocol, "history": check_history}[kind](shelf, path)


def _report_unknown(root: Node, problems: Problems) -> None:
    hint = did_you_mean(next(iter(root.keys), ""), LISTS)
    message = "cannot tell what this file is: a case has 'pathway', a disease 'regions', a calibration 'arms', "
    message += "a coverage 'claims', a list "
    message += ", ".join(f"'{key}'" for key in LISTS)
    problems.error(root, "unknown-file", message, hint)


def _has_its_name(document: Document, path: Path, problems: Problems) -> None:
    place = document.at("id")
    named = path.name == CASE_FILE or path.parent.name in _FOLDER_KINDS
    if named and path.name != DISEASE_FILE and isinstance(place.data, str) and place.data != id_of(path):
        name = id_of(path)
        called = "folder" if path.name == CASE_FILE else "file"
        problems.error(place, "file-name", f"the {called} is called '{name}', so its id must be '{name}' too")


def _check_disease_file(shelf: Shelf, path: Path, graph: GraphQuestions | None, openings: Openings) -> None:
    document, disease = disease_alone(shelf, path)
    if disease is None or not shelf.is_readable:
        return
    starts = openings.of(disease)
    check_references(document.at(), disease, shelf.names(disease), shelf.problems)
    check_whole_disease(document.at(), disease, shelf.catalogue, shelf.problems)
    check_ages(document.at(), disease, shelf.catalogue, openings.ages(disease), shelf.problems)
    if graph is None:
        warn_of_no_way_in(document.at(), disease, starts, shelf.problems)
    else:
        ask_graph(document, disease, starts, graph, shelf.problems)


def _check_list(shelf: Shelf, document: Document) -> None:
    shelf.read_lists()
    if not shelf.is_readable:
        return
    mine = Problems()
    for node, order in shelf.orders.values():
        check_order(node, order, mine)
        check_standing(node, order, mine)
        check_reports(node, order, mine)
        check_minutes(node, order, mine)
        if order.grown is not None:
            check_order(node.at("grown"), order.for_adult, mine)
    for node, observable in shelf.observables.values():
        check_observable(node, observable, mine)
        if observable.grown is not None:
            check_observable(node.at("grown"), observable.in_adult, mine)
    for node, fact in shelf.evidence.values():
        check_evidence(node, fact, mine)
    check_accesses(shelf.orders, mine)
    check_wholes(shelf.observables, mine)
    check_aliases(shelf.orders, mine)
    check_aliases(shelf.diagnoses, mine)
    shelf.problems.take(problem for problem in mine.all if problem.file == document.file)
    check_lists(shelf)
