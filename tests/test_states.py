"""The names an author needs: the states of a disease with what they wait for, and evidence found by its words."""

from __future__ import annotations

import json
from typing import Any

import pytest
from typer.testing import CliRunner

from sim.authoring.states import lines, plain
from sim.case.library import disease_file, load, load_disease
from sim.case.model.evidence import Evidence, Source
from sim.case.search import search_evidence
from sim.cli.program import app
from smalldisease import TOY, go, library_of, region
from test_trace import WATER

FEVER: Any = region(
    "hot cool",
    go("settles", "hot", "cool", median="2 d", when={"in": {"water": "dry"}},
       modifiers=[{"x": 3, "when": {"effect": "fluids"}, **TOY}]),
    go("returns", "cool", "hot", on={"stop": "fluids"}, chance="30%", call="He is hot.", reveals="fever"),
    initial={"hot": "75%", "cool": "25%"},
)  # fmt: skip


def told(*only: str) -> str:
    disease = library_of({"pools": {"water": WATER}}, fever=FEVER).disease
    return "\n".join(" ".join(line.split()) for line in lines(disease, {}, only)).replace("in\neffect", "in effect")


def test_a_transition_is_told_with_all_that_it_waits_for() -> None:
    assert "settles: hot -> cool, median 2 d; while water is dry; x3 while fluids in effect" in told("fever")
    assert "returns: cool -> hot, on stop of fluids; 30% of times; its call reveals\nfever" in told("fever")
    assert told("fever").startswith("fever: hot; begins hot 75%, cool 25%")


def test_a_band_is_told_with_its_unit() -> None:
    assert "shock: below -60 mL/kg\ndry: -60..-30 mL/kg\nreplete: from -30 mL/kg" in told("water")


def test_only_the_regions_that_are_named_are_told() -> None:
    assert "fever" not in told("water")
    assert "life" in told()


def test_programs_are_told_the_same() -> None:
    data: Any = plain(library_of({"pools": {"water": WATER}}, fever=FEVER).disease, {})
    assert set(data["regions"]) == {"fever", "life"}
    assert data["pools"]["water"]["bands"]["shock"]["below"] == -60
    assert [one["waits_for"] for one in data["regions"]["fever"]["transitions"]] == ["median 2 d", "on stop of fluids"]


FACTS = {
    "dka-insulin": Evidence(id="dka-insulin", statement="Never as a bolus.", grade="G", sources=("ispad-2022",)),
    "cold-child": Evidence(id="cold-child", statement="Insulin is not what warms.", grade="A"),
}
SOURCES = {"ispad-2022": Source(id="ispad-2022", citation="Consensus on ketoacidosis", read="whole")}


@pytest.mark.parametrize(
    ("words", "first"),
    [("dka", "dka-insulin"), ("warms", "cold-child"), ("ispad", "dka-insulin"), ("consensus", "dka-insulin"),
     ("insulin bolus", "dka-insulin"), ("insuline", "dka-insulin")],
)  # fmt: skip
def test_evidence_is_found_by_its_id_its_statement_and_its_source(words: str, first: str) -> None:
    assert search_evidence(FACTS, SOURCES, words)[0].id == first


def test_nothing_is_found_for_nothing() -> None:
    assert search_evidence(FACTS, SOURCES, " ") == ()


@pytest.mark.slow
def test_a_disease_is_listed_by_its_id_its_file_and_its_case() -> None:
    path = disease_file("type1_diabetes")
    assert path is not None
    assert load_disease(path).regions.keys() == load("deep_breaths").disease.regions.keys()
    for wanted in ("type1_diabetes", str(path), "deep_breaths"):
        answer = CliRunner().invoke(app, ["states", wanted, "circulation"])
        assert answer.exit_code == 0, answer.output
        assert "circulation: " in answer.output
        assert max(map(len, answer.output.splitlines())) <= 80


@pytest.mark.slow
def test_the_commands_say_what_there_is_not() -> None:
    answer = CliRunner().invoke(app, ["states", "type1_diabetes", "circulaton"])
    assert answer.exit_code != 0
    assert CliRunner().invoke(app, ["evidence", "zzzzqqqq"]).exit_code != 0
    data = json.loads(CliRunner().invoke(app, ["evidence", "insulin", "--json"]).output)
    assert {"id", "grade", "statement", "sources"} == set(data[0])
