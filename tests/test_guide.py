"""The guide for authors: its example is sound, and it tells of every key that a case may have."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pydantic import BaseModel

from sim.authoring.prove import PROPERTIES
from sim.case.checking.check import check
from sim.case.model.case import Case, Expected, Limits
from sim.case.model.disease import Disease, DrugLevel, Finding, Region, State, Transition, Trigger
from sim.case.model.effects import Effect, Growth
from sim.case.model.pathway import Step
from sim.case.model.pitfalls import Absent, Before, During, Longer, Pattern, Pitfall, Repeated, Without
from sim.case.model.pools import NEEDS, Band, Flow, Modelled, Pool, Reading

DOCS = Path(__file__).parents[1] / "docs"
GUIDE = (DOCS / "writing-a-case.md").read_text(encoding="utf-8")
PARTS = [
    Case, Expected, Limits, Disease, Region, State, Transition, Trigger, Finding, DrugLevel, Effect, Growth, Step,
    Pitfall, Pattern, Absent, Before, Without, Longer, During, Repeated, Pool, Flow, Band, Reading, Modelled,
]  # fmt: skip


@pytest.mark.slow  # it reads the catalogue that ships
def test_the_example_of_amounts_is_sound() -> None:
    assert check([DOCS / "amounts.yaml"]) == ()


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.__name__)
def test_the_guide_tells_of_every_key(part: type[BaseModel]) -> None:
    keys = {field.alias or name for name, field in part.model_fields.items()}
    assert {key for key in keys if not re.search(rf"\b{key}\b", GUIDE)} == set()


def test_the_guide_tells_of_every_formula_and_the_page_of_proofs_of_every_property() -> None:
    assert {name for name in NEEDS if f"`{name}`" not in GUIDE} == set()
    proofs = (DOCS / "proofs.md").read_text(encoding="utf-8")
    assert {name for name in PROPERTIES if f"`{name}`" not in proofs} == set()
