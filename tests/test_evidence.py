"""The evidence the debrief cites: every fact has one id, a grade and sources that exist."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from sim.case.model.evidence import Evidence, Source

FOLDER = Path(__file__).parent.parent / "scenarios" / "evidence"
FACT_FILES = (
    "physiology",
    "presentation",
    "examination",
    "investigations",
    "differential",
    "therapies",
    "transplant",
    "outcomes",
    "pathway",
    "pitfalls",
    "cases",
)


def _entries(file: Path, key: str) -> list[dict[str, object]]:
    with file.open(encoding="utf-8") as text:
        document = yaml.safe_load(text)
    assert list(document) == [key]
    return [
        {name: tuple(value) if isinstance(value, list) else value for name, value in entry.items()}
        for entry in document[key]
    ]


@pytest.fixture(scope="module")
def sources() -> list[Source]:
    return [Source.model_validate(entry) for entry in _entries(FOLDER / "sources.yaml", "sources")]


@pytest.fixture(scope="module")
def facts() -> list[Evidence]:
    return [
        Evidence.model_validate(entry) for name in FACT_FILES for entry in _entries(FOLDER / f"{name}.yaml", "evidence")
    ]


def test_every_file_of_the_folder_is_known() -> None:
    assert {file.stem for file in FOLDER.glob("*.yaml")} == {"sources", *FACT_FILES}


def test_no_fact_and_no_source_is_written_twice(facts: list[Evidence], sources: list[Source]) -> None:
    for ids in ([fact.id for fact in facts], [source.id for source in sources]):
        assert sorted(ids) == sorted(set(ids))


def test_every_source_a_fact_names_is_in_the_bibliography(facts: list[Evidence], sources: list[Source]) -> None:
    known = {source.id for source in sources}
    assert {name for fact in facts for name in fact.sources} <= known


def test_a_published_fact_names_its_source(facts: list[Evidence]) -> None:
    assert [fact.id for fact in facts if fact.grade != "A" and not fact.sources] == []


def test_an_assumed_fact_says_so(facts: list[Evidence]) -> None:
    assert [fact.id for fact in facts if fact.grade == "A" and "assumed" not in fact.statement.lower()] == []


def test_a_fact_of_the_grade_seed_names_only_the_seeds(facts: list[Evidence]) -> None:
    assert [fact.id for fact in facts if fact.grade == "S" and not set(fact.sources) <= {"seed1", "seed2"}] == []


def test_what_only_a_teaching_document_says_is_not_called_published(facts: list[Evidence]) -> None:
    seeds = {"seed1", "seed2"}
    assert [fact.id for fact in facts if fact.grade in "PG" and set(fact.sources) <= seeds] == []
    grades = {fact.id: fact.grade for fact in facts}
    assert (grades["pw-27-screen-all"], grades["pf-05-steroid-dep"]) == ("S", "G")


def test_statements_are_plain_sentences(facts: list[Evidence]) -> None:
    marked = [fact.id for fact in facts if "`" in fact.statement or "src:" in fact.statement or "|" in fact.statement]
    assert marked == []
    assert [fact.id for fact in facts if fact.statement.endswith(("[P]", "[G]", "[S]", "[A]"))] == []


def test_every_source_says_how_much_of_it_was_read(sources: list[Source]) -> None:
    assert [source.id for source in sources if not source.read.strip()] == []
    assert {source.read for source in sources if source.id == "nademi2014"} == {
        "not read; known only as a reference in merck-ipex"
    }


def test_the_quarry_was_carried_over_whole(facts: list[Evidence], sources: list[Source]) -> None:
    assert len(facts) >= 630
    assert len(sources) >= 220
    grades = {grade: sum(fact.grade == grade for fact in facts) for grade in "PGSA"}
    assert grades["P"] > grades["A"] > 100
    assert grades["G"] > 100


def test_the_survival_figures_are_those_published(facts: list[Evidence]) -> None:
    statements = {fact.id: fact.statement for fact in facts}
    assert "73.2%" in statements["cal-barz-hsct"]
    assert "65.1%" in statements["cal-barz-is"]
    assert "62.8-95.8" in statements["cal-ci-warning"]
