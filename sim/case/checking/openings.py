"""Where the patients of a disease open, over all cases that use it, and what the state graph says about that."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from pathlib import Path
from typing import NamedTuple, Protocol

from sim.case.composing.compose import compose, disease_of
from sim.case.composing.folders import cases_in
from sim.case.composing.shelf import Shelf, said_in
from sim.case.composing.trees import files_of
from sim.case.model.disease import Disease
from sim.case.problems import Problems, clean
from sim.case.reading.tree import Document

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


class _Opened(NamedTuple):
    """What a case says of the patients that it opens with."""

    start: Mixes
    ages: tuple[int, int]
    horizon: int


class Openings:
    """Where the patients of a disease open: its own mix, its named starts, and those of every case on the shelf."""

    def __init__(self, roots: tuple[Path, ...]) -> None:
        """Take the scenarios folders whose cases count."""
        self._roots = roots
        self._opened: dict[Path, _Opened | None] = {}

    @cached_property
    def _cases(self) -> tuple[tuple[Path, object], ...]:
        """Every case with its disease's id."""
        paths = (path for folder in self._roots for path in cases_in(folder / "cases"))
        return tuple((path, said_in(path, "disease")) for path in paths)

    def _open(self, path: Path) -> _Opened | None:
        if path not in self._opened:
            quiet = Shelf.around(path, self._roots[-1])  # What is wrong with it is told when it is checked itself.
            case = compose(quiet, path).case
            self._opened[path] = None if case is None else _Opened(case.start, case.patient.age, case.horizon)
        return self._opened[path]

    def _of(self, disease: Disease, path: Path | None) -> list[_Opened]:
        files = [file for file, id_ in self._cases if id_ == disease.id and file != path]
        return [opened for file in files if (opened := self._open(file)) is not None]

    def ages(self, disease: Disease) -> list[tuple[tuple[int, int], int]]:
        """Return the ages and the horizon of every case of a disease, in minutes."""
        return [(opened.ages, opened.horizon) for opened in self._of(disease, None)]

    def of(self, disease: Disease, own: Mixes | None = None, path: Path | None = None) -> dict[str, dict[str, float]]:
        """Return region to the states patients open in, those of the case at `path` by its `own` mix."""
        found = own_starts(disease, own)
        for opened in self._of(disease, path):
            for region, mix in opened.start.items():
                found.setdefault(region, {}).update(mix)
        return found


def own_starts(disease: Disease, own: Mixes | None = None) -> dict[str, dict[str, float]]:
    """Return region to the states that patients open in: by the disease, its named starts, a case's `own` mix."""
    found = {region: dict(spec.initial) for region, spec in disease.regions.items()}
    for start in (*disease.starts.values(), own or {}):
        for region, mix in start.items():
            found.setdefault(region, {}).update(mix)
    return found


def shares_its_disease(path: Path, root: Path | None = None) -> bool:
    """Return whether the disease of a case is for other cases too: it includes modules, or another case names it.

    A disease in the case's own folder is its own.
    """
    shelf = Shelf.around(path, root)
    disease = disease_of(shelf, shelf.document(path), path)
    if disease is None or disease.parent == path.parent:
        return False
    includes = shelf.document(disease).at("include").data
    named = [said_in(other, "disease") for folder in shelf.roots for other in cases_in(folder / "cases")]
    return isinstance(includes, tuple) or named.count(said_in(path, "disease")) > 1


def is_sound(document: Document, problems: Problems) -> bool:
    """Return whether nothing is wrong with a disease itself: of another the graph can say nothing."""
    files = frozenset(map(clean, files_of(document.at())))
    return not any(problem.file in files for problem in problems.errors)


def ask_graph(document: Document, disease: Disease, starts: Mixes, graph: GraphQuestions, problems: Problems) -> None:
    """Ask the graph, unless the disease has errors of its own: the graph would only repeat them."""
    if not is_sound(document, problems):
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
