"""The words of docs/vocabulary.md exist: every YAML key is a key of a model, every Python name can be imported."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

import pytest

import sim.case.model.scenario
from sim.case.model.parts import Part

DOCUMENT = Path(__file__).parents[1] / "docs" / "vocabulary.md"
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in DOCUMENT.read_text(encoding="utf-8").splitlines()
    if line.startswith("|") and not re.match(r"\|(-|\s*Say)", line)
]


def models(kind: type[Part] = Part) -> dict[str, type[Part]]:
    """Every model of a case by its name."""
    assert sim.case.model.scenario.Scenario
    return {below.__name__: below for one in kind.__subclasses__() for below in (one, *models(one).values())}


def exists(name: str) -> bool:
    """Whether a dotted name is a module or something in one."""
    module, _, member = name.rpartition(".")
    return hasattr(importlib.import_module(module), member) or importlib.util.find_spec(name) is not None


def test_the_table_has_every_word_of_the_design() -> None:
    assert len(ROWS) >= 30
    assert len({row[0] for row in ROWS}) == len(ROWS), "a word is defined twice"


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_a_word_names_a_real_key_and_a_real_type(row: list[str]) -> None:
    word, meaning, keys, python, instead = row
    assert word
    assert meaning
    assert instead
    assert exists(python.strip("`")), f"{python} does not exist"
    for owner, key in re.findall(r"`(\w+)\.(\w+)`", keys):
        fields = models()[owner].model_fields
        assert key in {field.alias or name for name, field in fields.items()}, f"{owner} has no key {key!r}"
