"""A case and its disease, read and checked against one another."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sim.case.checking.references import check_references
from sim.case.checking.rules_case import check_case
from sim.case.composing.compose import compose
from sim.case.composing.shelf import Shelf
from sim.case.model.case import Case
from sim.case.model.disease import Disease
from sim.case.reading.tree import Document


@dataclass(frozen=True, slots=True)
class Assembled:
    """A case and its disease, checked against one another, with the trees they were built from."""

    case: Case
    disease: Disease
    case_file: Document
    disease_file: Document


def assemble(shelf: Shelf, path: Path) -> Assembled | None:
    """Read a case, its disease and what both name, and check them; `shelf.problems` says what is wrong.

    Returns None when they cannot be checked against one another because one of the files cannot be read.
    """
    shelf.read_lists()
    whole = compose(shelf, path)
    case, disease, disease_file = whole.case, whole.disease, whole.disease_file
    if case is None or disease is None or disease_file is None or not shelf.is_readable:
        return None
    check_lists(shelf)
    case_root, disease_root = whole.case_file.at(), disease_file.at()
    check_references(disease_root, disease, shelf.names(disease), shelf.problems)
    check_references(case_root, case, shelf.names(disease, case), shelf.problems)
    check_case(case_root, case, disease, shelf.catalogue, shelf.problems)
    return Assembled(case, disease, whole.case_file, disease_file)


def check_lists(shelf: Shelf) -> None:
    """Report every unknown id in the catalogue and the evidence."""
    names = shelf.names()
    for entries in (shelf.orders, shelf.observables, shelf.evidence):
        for node, part in entries.values():
            check_references(node, part, names, shelf.problems)
