"""The folders that files are read from: each file once, each entry with the place it was written at.

A scenarios folder holds `catalogue/`, `modules/`, `protocols/`, `histories/`, `diseases/`, `cases/`, `evidence/`
and `calibration/`. A
folder with a catalogue of its own is complete; one without borrows from the package what it lacks. A case may be a
folder: `cases/ID/case.yaml`, with lists of its own beside it.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Final, NamedTuple, TypeVar

from sim.case.composing.folders import (
    CASE_FILE,
    DISEASE_FILE,
    FOLDERS,
    SUFFIX,
    case_in,
    cases_in,
    id_of,
    inside,
    lists_beside,
    package_root,
    yaml_files,
)
from sim.case.composing.names import Names, names_of
from sim.case.model.calibration import Calibration
from sim.case.model.case import Case
from sim.case.model.catalogue import Catalogue, Diagnosis, Observable, Order
from sim.case.model.disease import Disease
from sim.case.model.evidence import Evidence, Source
from sim.case.model.parts import Part
from sim.case.problems import Problems, did_you_mean, shown
from sim.case.reading.document import build, peek, read
from sim.case.reading.text import bytes_of
from sim.case.reading.tree import Document, Node

LISTS: Final[Mapping[str, type[Part]]] = {
    "orders": Order,
    "observables": Observable,
    "diagnoses": Diagnosis,
    "sources": Source,
    "evidence": Evidence,
}
"""Top key of a list file to what it lists."""

Item = TypeVar("Item", bound=Part)
Entries = dict[str, tuple[Node, Item]]
"""Id to the node it was written at and the model built from it."""


class Lookup(NamedTuple):
    """A part that was looked for: its folder and id, and which file asked (0: the case, n: what lookup n found)."""

    folder: str
    id: str
    asked_by: int


class Shelf:
    """What the files in some scenarios folders say, read when asked for and only once.

    `roots` are searched in order. `beside` are list files that a case brings, whose ids must be new. `extra` are list
    files read on top, whose entries replace equal ids. Everything found wrong while reading is in `problems`.
    """

    def __init__(self, roots: Iterable[Path], extra: Iterable[Path] = (), beside: Iterable[Path] = ()) -> None:
        self.roots = tuple(root.absolute() for root in roots)
        self.problems = Problems()
        self.beside = tuple(path.absolute() for path in beside)
        self._extra = tuple(path.absolute() for path in extra)
        self._documents: dict[Path, Document] = {}
        self._found: dict[tuple[str, str, Path], Path] = {}
        """Folder, id and the file that asked, to what was found."""
        self._built: dict[tuple[Path, type[Part]], Part | None] = {}
        self._names: dict[Path, frozenset[str]] = {}
        """Folder to the names in it, as they were when it was first looked into."""
        self._lists: dict[str, tuple[Path, ...]] = {}
        self._broken: dict[str, set[str]] = {key: set() for key in LISTS}
        self._looked_in: dict[tuple[str, Path | None], tuple[Path, ...]] = {}
        """The folders that were looked in, by whose ids and for whom."""
        self._order: dict[str, tuple[str, ...]] = {}
        """The ids of a list in the order of its files."""

    @classmethod
    def around(cls, path: Path, root: Path | None, extra: Iterable[Path] = ()) -> Shelf:
        """Return the shelf a file belongs to; `root` takes the package's place."""
        base = package_root() if root is None else root
        path = path.absolute()
        own = path.parent.parent.name == "cases" and (path.parent / CASE_FILE).is_file()
        folder = path.parent.parent if own else path.parent
        home = folder.parent if folder.name in FOLDERS else None
        lists = lists_beside(path)
        if home is None or home.resolve() == base.resolve():
            return cls((base,), extra, lists)
        return cls((home,) if (home / "catalogue").is_dir() else (home, base), extra, lists)

    def document(self, path: Path) -> Document:
        """Return the file as a tree (its root None if it cannot be read)."""
        if path not in self._documents:
            self._documents[path] = read(path, self.problems, shown=shown(path))
        return self._documents[path]

    def digest(self, path: Path) -> str | None:
        """Return the SHA-256 of what a file said when it was read; None if it was not."""
        document = self._documents.get(path)
        return None if document is None else document.digest

    def model(self, path: Path, kind: type[Item]) -> Item | None:
        """Return the whole file as a model, or None if it is not one."""
        key = (path, kind)
        if key not in self._built:
            root = self.document(path).root
            self._built[key] = None if root is None else build(kind, root, self.problems)
        found = self._built[key]
        return found if isinstance(found, kind) else None

    def find(self, folder: str, id_: str, near: Path | None = None) -> Path | None:
        """Return the file of an id: near another (`../FOLDER/ID.yaml`, then `FOLDER/ID.yaml` or, for a disease, its own
        folder), then in the roots."""
        looked = case_in if folder == "cases" else inside
        places = self._places(folder, None if near is None else near.parent)
        found = (looked(place, id_) for place in places if self._may_hold(place, id_))
        path = next((path for path in found if path is not None and path != near), None)
        if near is not None and folder == "diseases" and said_in(near.parent / DISEASE_FILE, "id") == id_:
            path = near.parent / DISEASE_FILE
        if path is not None and near is not None:
            self._found.setdefault((folder, id_, near), path)
        return path

    def _places(self, folder: str, beside: Path | None) -> tuple[Path, ...]:
        """The folders in which a file of a folder looks for such ids, in order."""
        known = self._looked_in.get((folder, beside))
        if known is None:
            roots = tuple(root / folder for root in self.roots)
            own = (
                () if beside is None else (beside.parent / folder, beside if folder == "diseases" else beside / folder)
            )
            known = self._looked_in[folder, beside] = (*own, *roots)
        return known

    def _may_hold(self, folder: Path, id_: str) -> bool:
        """Whether a folder has an entry of that name at all: most of what is looked for is elsewhere."""
        names = self._names.get(folder)
        if names is None:
            try:
                with os.scandir(folder) as entries:
                    names = frozenset(entry.name for entry in entries)
            except OSError:
                names = frozenset()
            self._names[folder] = names
        return id_ in names or f"{id_}{SUFFIX}" in names

    def lookups(self, case: Path) -> tuple[Lookup, ...]:
        """Return what was looked for on behalf of a case, in the order in which it was found."""
        numbers = {case: 0}
        found = []
        for (folder, id_, near), path in self._found.items():
            if near in numbers:
                found.append(Lookup(folder, id_, numbers[near]))
                numbers.setdefault(path, len(found))
        return tuple(found)

    def looked_up(self, case: Path, lookups: Iterable[Lookup]) -> tuple[Path, ...] | None:
        """Return the files that the same lookups find now; None if one finds nothing."""
        files = [case]
        for folder, id_, asked_by in lookups:
            path = self.find(folder, id_, files[asked_by]) if asked_by < len(files) else None
            if path is None:
                return None
            files.append(path)
        return tuple(files[1:])

    def ids(self, folder: str) -> tuple[str, ...]:
        """Return the ids of the files in one folder of every root, sorted."""
        files = cases_in if folder == "cases" else yaml_files
        return tuple(sorted({id_of(path) for root in self.roots for path in files(root / folder)}))

    @cached_property
    def orders(self) -> Entries[Order]:
        """Every order of the catalogue, sorted by id."""
        return self._entries("orders", Order)

    @cached_property
    def observables(self) -> Entries[Observable]:
        """Every observable, sorted by id."""
        return self._entries("observables", Observable)

    @cached_property
    def diagnoses(self) -> Entries[Diagnosis]:
        """Every diagnosis, sorted by id."""
        return self._entries("diagnoses", Diagnosis)

    @cached_property
    def evidence(self) -> Entries[Evidence]:
        """Every numbered fact, sorted by id."""
        return self._entries("evidence", Evidence)

    @cached_property
    def sources(self) -> Entries[Source]:
        """The bibliography, sorted by id."""
        return self._entries("sources", Source)

    @cached_property
    def catalogue(self) -> Catalogue:
        """Every order, observable and diagnosis that could be read."""
        return Catalogue.model_construct(
            orders={name: order for name, (_, order) in self.orders.items()},
            observables={name: observable for name, (_, observable) in self.observables.items()},
            diagnoses={name: diagnosis for name, (_, diagnosis) in self.diagnoses.items()},
            orders_listed=self._order["orders"],
            observables_listed=self._order["observables"],
        )

    def read_lists(self) -> None:
        """Read the catalogue and the evidence now."""
        assert self.catalogue is not None
        assert self.evidence is not None
        assert self.sources is not None

    @property
    def is_readable(self) -> bool:
        """Whether every list file could be read: if not, ids that look unknown may be in the others."""
        files = (*self.list_files("catalogue"), *self.list_files("evidence"), *self.beside, *self._extra)
        return all(self.document(path).root is not None for path in files)

    def names(
        self, disease: Disease | None = None, case: Case | None = None, calibration: Calibration | None = None
    ) -> Names:
        """Return the ids that a file about this disease, case and calibration may use."""
        names = names_of(self.catalogue, self.evidence, self.sources, disease, case, calibration)
        return replace(
            names,
            orders=names.orders | self._broken["orders"],
            therapies=names.therapies | self._broken["orders"],
            dosed=names.dosed | self._broken["orders"],
            observables=names.observables | self._broken["observables"],
            diagnoses=names.diagnoses | self._broken["diagnoses"],
            evidence=names.evidence | self._broken["evidence"],
            sources=names.sources | self._broken["sources"],
        )

    def list_files(self, folder: str) -> tuple[Path, ...]:
        """Return the list files of a folder: the first root's that has it, for evidence every root's."""
        if folder not in self._lists:
            found = [files for root in self.roots if (files := yaml_files(root / folder))]
            chosen = found if folder == "evidence" else found[:1]
            self._lists[folder] = tuple(path for files in chosen for path in files)
        return self._lists[folder]

    def _entries(self, key: str, kind: type[Item]) -> Entries[Item]:
        folder = "evidence" if key in ("evidence", "sources") else "catalogue"
        found: Entries[Item] = {}
        self._add(found, self.list_files(folder), key, kind)
        mine: Entries[Item] = {}
        self._add(mine, self.beside, key, kind)
        for name in found.keys() & mine.keys():
            first, own = found[name][0], mine.pop(name)[0].at("id")
            message = f"id '{name}' is used in {first.file} line {first.line} already"
            self.problems.error(own, "duplicate-id", message, "a case brings what is new: choose another id")
        found |= mine
        extra: Entries[Item] = {}
        self._add(extra, self._extra, key, kind)
        self._order[key] = tuple(found | extra)
        return dict(sorted((found | extra).items()))

    def _add(self, found: Entries[Item], files: Iterable[Path], key: str, kind: type[Item]) -> None:
        for path in files:
            for name, entry in self._listed(path, key, kind):
                first = found.setdefault(name, entry)[0]
                if first is not entry[0] and self._same_root(first, entry[0]):
                    same = first.file == entry[0].file
                    where = f"line {first.line}" if same else f"{Path(first.file).name} line {first.line}"
                    self.problems.error(entry[0].at("id"), "duplicate-id", f"id '{name}' is used in {where} already")

    def _same_root(self, one: Node, other: Node) -> bool:
        return Path(one.file).parent == Path(other.file).parent

    def _listed(self, path: Path, key: str, kind: type[Item]) -> list[tuple[str, tuple[Node, Item]]]:
        root = self.document(path).root
        if root is None:
            return []
        for name, place in root.keys.items():
            if name not in LISTS:
                hint = did_you_mean(name, LISTS) or f"the keys here are {', '.join(sorted(LISTS))}"
                self.problems.error(place, "unknown-key", f"unknown key '{name}'", hint)
        if key not in root.keys:
            return []
        node = root.at(key)
        if not isinstance(node.children, tuple):
            self.problems.error(node, "wrong-value", f"expected a list of {key} (lines beginning with '- ')")
            return []
        built = [(item, build(kind, item, self.problems)) for item in node.children]
        # An entry with a mistake of its own is no unknown id elsewhere: one mistake, one line.
        self._broken[key] |= {str(item.at("id").data) for item, model in built if model is None}
        return [(_id_of(model), (item, model)) for item, model in built if model is not None]


def _id_of(model: Part) -> str:
    return str(getattr(model, "id"))  # noqa: B009 - every listed model has an id, Part itself has none


def said_in(path: Path, key: str) -> object:
    """Return the scalar that a file says at a top key; None if it cannot be read or says nothing there."""
    try:
        return peek(bytes_of(path), frozenset({key})).get(key) if path.is_file() else None
    except (OSError, ValueError):
        return None
