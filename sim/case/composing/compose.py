"""A case and its disease, each found, put together from its parts, and built."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sim.case.composing.adjusting import adjusted
from sim.case.composing.bands import with_bands
from sim.case.composing.folders import inside, yaml_files
from sim.case.composing.modules import composed_disease
from sim.case.composing.pronouns import spoken
from sim.case.composing.protocols import CASE_KEYS, composed_case
from sim.case.composing.shelf import Shelf, said_in
from sim.case.composing.trees import document_of, mapping, scalar
from sim.case.model.case import Case
from sim.case.model.disease import Disease
from sim.case.problems import did_you_mean
from sim.case.reading.document import build
from sim.case.reading.tree import Document, Node

DISEASE_KEYS = frozenset({"include"})
"""Top keys of a disease that are gone when it is put together."""


@dataclass(frozen=True, slots=True)
class Composed:
    """A case and its disease, whole, as trees whose nodes know where they were written; None where there is none."""

    case_file: Document
    disease_file: Document | None
    case: Case | None
    disease: Disease | None


def compose(shelf: Shelf, path: Path) -> Composed:
    """Return a case with its disease as this case has it. `shelf.problems` tells what is wrong with either."""
    written = shelf.document(path)
    disease_path = disease_of(shelf, written, path)
    disease_file = None if disease_path is None else composed_disease(shelf, disease_path)
    if disease_file is not None and written.root is not None:
        disease_file = adjusted(disease_file, written.root, shelf.problems)
        if disease_file.root is not None:
            disease_file = document_of(spoken(disease_file.root, written.root, shelf))
    disease = None if disease_file is None else build_disease(shelf, disease_file)
    case_file = composed_case(shelf, path, None if disease_file is None else disease_file.root)
    if case_file.root is None:
        return Composed(case_file, disease_file, None, disease)
    case = build(Case, case_file.root, shelf.problems, also=CASE_KEYS, meant=meaning(shelf))
    return Composed(case_file, disease_file, case, disease)


def disease_alone(shelf: Shelf, path: Path) -> tuple[Document, Disease | None]:
    """Return the disease of a file, put together from its modules, whoever has it: as a tree and as a model."""
    written = composed_disease(shelf, path)
    document = written if written.root is None else document_of(spoken(written.root, None, shelf))
    return document, build_disease(shelf, document)


def build_disease(shelf: Shelf, document: Document) -> Disease | None:
    """Return a disease that was put together as a model, its pools as regions too; None if it is not one."""
    if document.root is None:
        return None
    written = build(Disease, document.root, shelf.problems, also=DISEASE_KEYS, meant=meaning(shelf))
    return None if written is None else with_bands(written)


def meaning(shelf: Shelf) -> Callable[[str], str]:
    """Return what says in a hint which order or diagnosis a text means that is no id; empty where nobody can tell."""

    def meant(text: str) -> str:
        from sim.case.search import find_diagnosis, resolve

        found = resolve(shelf.catalogue, text) or find_diagnosis(shelf.catalogue, text)
        slug = text.lower().replace(" ", "_").replace("-", "_")
        return "" if found is None or found == slug else f"'{text}' is called '{found}' here: write {found}"

    return meant


def disease_of(shelf: Shelf, document: Document, near: Path) -> Path | None:
    """Return the file of a case's disease; None, reported at the case's `disease`, if there is none."""
    place = document.at("disease")
    if document.root is None or "disease" not in document.root.keys or not isinstance(place.data, str):
        return None
    wanted = place.data
    path = shelf.find("diseases", wanted, near)
    if path is None:
        shelf.problems.error(place, "unknown-disease", f"unknown disease '{wanted}'", _where_it_is(shelf, wanted, near))
        return None
    shipped = inside(shelf.roots[-1] / "diseases", wanted) if shelf.roots else None
    if shipped is not None and shipped.resolve() != path.resolve():
        message = f"the disease '{wanted}' beside this case takes the place of the one that ships"
        shelf.problems.warning(place, "other-disease", message, "give it another id if it is not meant to")
    return path


def _where_it_is(shelf: Shelf, wanted: str, near: Path) -> str:
    for path in yaml_files(near.parent):
        if path != near and said_in(path, "id") == wanted:
            return f"{path.name} beside it has this id: call that file {wanted}.yaml"
    found = did_you_mean(wanted, shelf.ids("diseases"))
    return found or f"put its file beside the case, as {wanted}.yaml"


def alone(root: Node) -> Node:
    """Return a module's tree as a disease that includes nothing else, so that it can be checked by itself."""
    life = mapping(root, {
        "name": (root, scalar(root, "Life")),
        "initial": (root, scalar(root, "alive")),
        "assumed": (root, scalar(root, "everybody starts alive")),
        "states": (root, mapping(root, {"alive": (root, mapping(root, {"name": (root, scalar(root, "Alive"))}))})),
    })  # fmt: skip
    said = {key: (root, scalar(root, value)) for key, value in (("id", "alone"), ("name", "Alone"), ("summary", "A."))}
    return mapping(root, {**said, "regions": (root, mapping(root, {"life": (root, life)}))})
