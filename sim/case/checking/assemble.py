"""A case and its disease, a calibration or a coverage and its case: read and checked against one another."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sim.case.checking.openings import GraphQuestions, Openings, ask_graph, is_sound, own_starts
from sim.case.checking.references import check_references
from sim.case.checking.rules_calibration import check_calibration, with_moves
from sim.case.checking.rules_case import check_case
from sim.case.checking.rules_conditions import check_case_conditions, check_disease_conditions
from sim.case.checking.rules_coverage import check_coverage
from sim.case.checking.rules_disease import check_disease, warn_of_no_way_in
from sim.case.checking.rules_effects import check_effects
from sim.case.checking.rules_numbers import check_growth, check_numbers, check_patient
from sim.case.checking.rules_pools import check_pools
from sim.case.checking.rules_words import check_words
from sim.case.composing.compose import compose
from sim.case.composing.shelf import Shelf
from sim.case.model.calibration import Calibration
from sim.case.model.case import Case
from sim.case.model.catalogue import Catalogue
from sim.case.model.coverage import Coverage
from sim.case.model.disease import Disease
from sim.case.problems import Problems, did_you_mean
from sim.case.reading.tree import Document, Node


@dataclass(frozen=True, slots=True)
class Assembled:
    """A case and its disease, checked against one another, with the trees they were built from."""

    case: Case
    disease: Disease
    disease_file: Document


def assemble(
    shelf: Shelf, path: Path, graph: GraphQuestions | None = None, openings: Openings | None = None
) -> Assembled | None:
    """Read a case, its disease and what both name, and check them; `shelf.problems` says what is wrong.

    With `openings` what is wrong for no patient of any case is told too; without them only what this case's patients
    suffer from is. `graph` adds questions to the state graph. Returns None when they cannot be checked against one
    another because one of the files cannot be read.
    """
    shelf.read_lists()
    whole = compose(shelf, path)
    case, disease, disease_file = whole.case, whole.disease, whole.disease_file
    if case is None or disease is None or disease_file is None or not shelf.is_readable:
        return None
    check_lists(shelf)
    case_root, disease_root = whole.case_file.at(), disease_file.at()
    catalogue = shelf.catalogue.for_age(case.patient.age[0])
    check_references(disease_root, disease, shelf.names(disease), shelf.problems)
    check_references(case_root, case, shelf.names(disease, case), shelf.problems)
    check_case(case_root, case, disease, catalogue, shelf.problems)
    check_case_conditions(case_root, case, disease, catalogue, shelf.problems)
    check_patient(case_root, case, shelf.problems)
    check_growth(disease_root, case, disease, shelf.problems)
    check_words(case_root, case, disease_root, disease, shelf.problems)
    check_whole_disease(disease_root, disease, catalogue, shelf.problems)
    found = Assembled(case, disease, disease_file)
    _look_from_the_opening(found, shelf, path, graph, openings)
    return found


def check_whole_disease(root: Node, disease: Disease, catalogue: Catalogue, problems: Problems) -> None:
    """Report what is wrong with a disease, whoever opens in it."""
    check_disease(root, disease, problems)
    check_pools(root, disease, catalogue, problems)
    check_effects(root, disease, catalogue, problems)
    check_numbers(root, disease, catalogue, problems)
    check_disease_conditions(root, disease, catalogue, problems)


def _look_from_the_opening(
    found: Assembled, shelf: Shelf, path: Path, graph: GraphQuestions | None, openings: Openings | None
) -> None:
    """Report what patients cannot come to from where they open; of other cases only if this one's alone do not."""
    document, disease = found.disease_file, found.disease
    if graph is None:
        if openings is not None:
            starts = openings.of(disease, found.case.start, path)
            warn_of_no_way_in(document.at(), disease, starts, shelf.problems)
    elif is_sound(document, shelf.problems) and (
        openings is not None or next(iter(graph(disease, own_starts(disease, found.case.start))), None) is not None
    ):
        openings = openings or Openings(shelf.roots)
        ask_graph(document, disease, openings.of(disease, found.case.start, path), graph, shelf.problems)


def assemble_calibration(shelf: Shelf, path: Path) -> tuple[Calibration, Path] | None:
    """Read a calibration and its case, and check them; `shelf.problems` tells what is wrong.

    Returns the calibration with its case's file, None when they cannot be checked against one another.
    """
    document = shelf.document(path)
    calibration = shelf.model(path, Calibration)
    if calibration is None or document.root is None:
        return None
    case_path = _case_of(shelf, document, calibration.case, path)
    found = None if case_path is None else assemble(shelf, case_path)
    if case_path is None or found is None:
        return None
    names = shelf.names(found.disease, found.case, calibration)
    check_references(document.root, calibration, names, shelf.problems)
    check_calibration(document.root, calibration, found.case, shelf.orders, shelf.problems)
    return with_moves(document.root, calibration, path, shelf.catalogue, shelf.problems), case_path


def assemble_coverage(shelf: Shelf, path: Path) -> Coverage | None:
    """Read a coverage and its case, and check that each claim is where it says; `shelf.problems` tells what is wrong.

    Returns None when they cannot be checked against one another.
    """
    document = shelf.document(path)
    coverage = shelf.model(path, Coverage)
    if coverage is None or document.root is None:
        return None
    case_path = _case_of(shelf, document, coverage.case, path)
    found = None if case_path is None else assemble(shelf, case_path)
    if found is None:
        return None
    check_coverage(document.root, coverage, found.case, found.disease, shelf.problems)
    return coverage


def _case_of(shelf: Shelf, document: Document, case: str, path: Path) -> Path | None:
    """The file of the case that a calibration or a coverage names; None, reported there, if there is none."""
    found = shelf.find("cases", case, path)
    if found is None:
        hint = did_you_mean(case, shelf.ids("cases"))
        shelf.problems.error(document.at("case"), "unknown-case", f"unknown case '{case}'", hint)
    return found


def check_lists(shelf: Shelf) -> None:
    """Report every unknown id in the catalogue and the evidence."""
    names = shelf.names()
    for entries in (shelf.orders, shelf.observables, shelf.evidence):
        for node, part in entries.values():
            check_references(node, part, names, shelf.problems)
