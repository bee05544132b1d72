"""The digest: what changes a life or a score changes it, and prose never does."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import get_args, get_type_hints

import pytest

from sim.case.composing.digest import PROSE, SAID
from sim.case.library import load
from sim.case.model.case import Case
from sim.case.model.catalogue import Catalogue
from sim.case.model.disease import Crossing, Disease
from sim.case.model.parts import Line, Part, Text

TINY = Path(__file__).parent / "data" / "tiny"
COUNTED = {("DoseOption", "label")}
"""Texts that count: what moves and conditions are matched with."""


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    """A copy of the tiny scenarios folder, to change."""
    return Path(shutil.copytree(TINY, tmp_path / "tiny"))


def digest_with(tiny: Path, file: str, old: str, new: str) -> str:
    path = tiny / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return load("tiny_case", root=tiny).digest


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("cases/tiny_case.yaml", "title: A hot infant", "title: A very hot infant"),
        ("cases/tiny_case.yaml", "because: Shock is seen", "because: A shock is seen"),
        ("cases/tiny_case.yaml", "He went home well.", "He went home very well."),
        ("cases/tiny_case.yaml", "text: He slept in the hay", "text: He played in the hay"),
        ("cases/tiny_case.yaml", "teaching: [Feet tell", "teaching: [The feet tell"),
        ("cases/tiny_case.yaml", "names: [Adam, ", "names: [Aron, "),
        ("cases/tiny_case.yaml", "minus: 0.1, text: He leaves", "minus: 0.1, text: He goes"),
        ("diseases/meadow_fever.yaml", "call: The nurse says he looks", "call: The nurse thinks he looks"),
        ("diseases/meadow_fever.yaml", "name: Severe infection", "name: A severe infection"),
        ("diseases/meadow_fever.yaml", "evidence: [tiny-1]", "evidence: tiny-2"),
        ("diseases/meadow_fever.yaml", "text: No growth at 36", "text: Nothing grew in 36"),
        ("catalogue/orders_tiny.yaml", "name: Perfusion", "name: The perfusion"),
    ],
)
def test_correcting_a_sentence_ends_nobodys_attempt(tiny: Path, file: str, old: str, new: str) -> None:
    assert digest_with(tiny, file, old, new) == load("tiny_case", root=TINY).digest


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("cases/tiny_case.yaml", "within: 10 min", "within: 11 min"),
        ("cases/tiny_case.yaml", "meadow_fever: 50%", "meadow_fever: 51%"),
        ("cases/tiny_case.yaml", "severity: major", "severity: critical"),
        ("cases/tiny_case.yaml", "code: hay", "code: hay_barn"),
        ("diseases/meadow_fever.yaml", "reveals: severe_illness", "reveals: worse_illness"),
        ("diseases/meadow_fever.yaml", "        call: His heart has stopped. The team cannot bring him back.\n", ""),
        ("diseases/meadow_fever.yaml", "{set: 38.4}", "38.5"),
        ("catalogue/orders_tiny.yaml", "turnaround: 1 h", "turnaround: 2 h"),
    ],
)
def test_whatever_can_change_a_life_or_its_score_changes_it(tiny: Path, file: str, old: str, new: str) -> None:
    assert digest_with(tiny, file, old, new) != load("tiny_case", root=TINY).digest


def test_a_short_form_has_the_digest_of_the_long_one(tiny: Path) -> None:
    assert digest_with(tiny, "diseases/meadow_fever.yaml", "{set: 38.4}", "38.4") == load("tiny_case", root=TINY).digest


def models(kind: type[Part], found: set[type[Part]] | None = None) -> set[type[Part]]:
    """A model and every model that its fields hold."""
    found = set() if found is None else found
    if kind not in found:
        found.add(kind)
        for hint in get_type_hints(kind, include_extras=True).values():
            for inner in parts_in(hint):
                models(inner, found)
    return found


def parts_in(hint: object) -> list[type[Part]]:
    if isinstance(hint, type) and issubclass(hint, Part):
        return [hint]
    return [part for inner in get_args(hint) for part in parts_in(inner)]


def holds_text(hint: object) -> bool:
    return hint in (Line, Text) or any(map(holds_text, get_args(hint)))


def test_every_text_of_the_format_is_prose_or_known_to_count() -> None:
    undecided = {
        (kind.__name__, name)
        for root in (Case, Disease, Catalogue)
        for kind in models(root)
        for name, hint in get_type_hints(kind, include_extras=True).items()
        if name in kind.model_fields and holds_text(hint) and name != "assumed"
        if name not in PROSE.get(kind.__name__, frozenset()) | SAID.get(kind.__name__, frozenset())
    }
    assert undecided == COUNTED


def test_the_tables_name_only_what_the_models_have() -> None:
    known = {kind.__name__: kind for root in (Case, Disease, Catalogue) for kind in models(root)}
    for table in (PROSE, SAID):
        for name, fields in table.items():
            assert fields <= set((known | {"Crossing": Crossing})[name].model_fields)
