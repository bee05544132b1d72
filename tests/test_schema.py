"""The schema of the format allows what is read, short forms as well, and marks what is not."""

from __future__ import annotations

import json
import os
import shutil
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from typer.testing import CliRunner

from languageserver import LanguageServer
from sim.authoring.new import make_folder
from sim.authoring.schema.format import KINDS, schema_of, to_text
from sim.authoring.schema.ids import Known, known_around
from sim.case.checking.check import kind_of
from sim.case.composing.folders import package_root
from sim.case.composing.shelf import Shelf
from sim.case.library import path_of
from sim.case.problems import Problems
from sim.case.reading.document import read
from sim.cli.program import app

pytestmark = pytest.mark.slow  # the catalogue is read, and a schema of every kind is made

SHIPPED = sorted(package_root().rglob("*.yaml"))
MODELINE = "# yaml-language-server: $schema="


@cache
def known() -> Known:
    return known_around()


@cache
def schema(kind: str) -> Any:
    return schema_of(kind, known())


def listed(data: Any) -> Any:
    """The values of a tree as a reader of JSON has them."""
    if isinstance(data, (tuple, list)):
        return [listed(item) for item in data]
    return {key: listed(value) for key, value in data.items()} if isinstance(data, dict) else data


def written(path: Path, kind: str) -> Any:
    document = read(path, Problems(), top="list" if kind == "moves" else "mapping")
    assert document.root is not None, path
    return listed(document.root.data)


def marked(kind: str, data: Any) -> list[str]:
    """What a validator says is wrong."""
    found = jsonschema.Draft7Validator(schema(kind)).iter_errors(data)
    return [f"{'/'.join(map(str, error.absolute_path))}: {error.message}" for error in found]


def kind_at(path: Path) -> str:
    kind = "moves" if path.parent.name == "plans" else kind_of(Shelf.around(path, None), path)
    assert kind is not None, path
    return kind


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.relative_to(package_root()).as_posix())
def test_every_file_that_ships_is_as_the_schema_says(path: Path) -> None:
    kind = kind_at(path)
    assert marked(kind, written(path, kind)) == []


@pytest.mark.parametrize("kind", KINDS)
def test_a_schema_is_one_and_always_the_same_bytes(kind: str) -> None:
    jsonschema.Draft7Validator.check_schema(schema(kind))
    assert to_text(schema(kind)) == to_text(schema_of(kind, known()))
    assert json.loads(to_text(schema(kind))) == schema(kind)


CASE = path_of("deep_breaths")


def with_mistake(kind: str, path: Path, way: str, value: Any) -> Any:
    """A shipped file with another value at the end of a way: keys and numbers, with `/` between."""
    data = written(path, kind)
    place, *rest = way.split("/")
    here = data
    for key in rest:
        here = here[int(place)] if isinstance(here, list) else here[place]
        place = key
    if isinstance(here, list):
        here[int(place)] = value
    else:
        here[place] = value
    return data


@pytest.mark.parametrize(
    ("way", "value"),
    [
        ("blurp", "A word too many."),
        ("difficulty", "two"),
        ("horizon", 14),
        ("horizon", "14 days"),
        ("patient/age", "nine years"),
        ("patient/sex", "girl"),
        ("patient/hight", 120),
        ("use/0", {"collapse": {"wihtout": ["x"]}}),
        ("checkpoints/0/expert", {"sepsis": 0.4}),
        ("endings/0/utility", "all"),
        ("endings/0/when", {"inn": {"life": "alive"}}),
        ("endings/0/when", {"elapsed": {"from": 3}}),
        ("monitor", []),
        ("limits", {"glucose": {"over": 3}}),
        ("pathway", [{"must": "oxygen", "within": "10", "because": "It helps."}]),
        ("pathway", [{"must": "oxygen", "within": "10 min"}]),
        ("pathway", {"First hour": [{"must": "oxygen", "within": "10 min", "because": "It helps.", "colour": "red"}]}),
        ("pitfalls", [{"critical": "x", "pattern": {"durring": {}}, "because": "It hurts."}]),
        ("questions", [{"id": "q", "ask": "Why?"}]),
        ("title", None),
    ],
)
def test_a_mistake_in_a_case_is_marked(way: str, value: Any) -> None:
    assert marked("case", with_mistake("case", CASE, way, value)) != []


@pytest.mark.parametrize(
    ("way", "value"),
    [
        ("regions/circulation/states", {"dry": {"name": "Dry", "observables": {"glucose": {"sets": 3}}}}),
        ("regions/circulation/transitions", [{"id": "x", "from": "dry", "to": "shock", "median": "6"}]),
        ("pools", {"water": {"flows": [{"rate": "-3 per hour"}]}}),
        ("summary", 3),
        ("include", [{"living": {"change": {}}}]),
    ],
)  # fmt: skip
def test_a_mistake_in_a_disease_is_marked(way: str, value: Any) -> None:
    path = package_root() / "diseases" / "type1_diabetes.yaml"
    data = written(path, "disease")
    data["regions"].setdefault("circulation", {})
    here = data
    *before, last = way.split("/")
    for key in before:
        here = here[key]
    here[last] = value
    assert marked("disease", data) != []


@pytest.mark.parametrize(
    ("way", "value"),
    [
        ("given", ["oxygen", {"maintenance_fluids": "120 mL/kg/day"}]),
        ("given", {"oxygen": 2}),
        ("start", {"circulation": "shock"}),
        ("start", {"circulation": {"dry": "20%", "shock": "80%"}}),
        ("past", {"hba1c": "210 d", "prednisolone": ["400 d", "220 d"]}),
        ("results", {"hx_stool": "One a day."}),
        ("limits", {"glucose": "4..15"}),
        ("history", "schoolchild_well"),
        ("pathway", ["give_oxygen", ["a", "b"], {"should": "oxygen", "within": "1 d 6 h", "because": "It helps."}]),
        ("pitfalls", [{"minor": "x", "did": ["oxygen"], "because": "It is too much."}]),
        ("assumed", "Usual practice."),
    ],
)  # fmt: skip
def test_a_short_form_is_allowed(way: str, value: Any) -> None:
    assert marked("case", with_mistake("case", CASE, way, value)) == []


def test_a_parameter_stands_for_a_value_in_a_protocol_and_nowhere_else() -> None:
    step = {"must": "$which", "within": "$soon", "because": "It helps."}
    assert marked("protocol", {"id": "x", "parameters": {"which": "order"}, "pathway": [step]}) == []
    assert marked("case", with_mistake("case", CASE, "pathway", [step])) != []


def test_the_states_of_a_case_and_the_orders_are_offered() -> None:
    found = schema_of("case", known_around(CASE))
    regions = found["$defs"]["Condition"]["properties"]["in"]["properties"]
    assert "shock" in json.dumps(found["$defs"]["ids_states_circulation"])
    assert regions["circulation"]["anyOf"][0] == {"$ref": "#/$defs/ids_states_circulation"}
    assert "oxygen" in found["$defs"]["ids_orders"]["anyOf"][0]["enum"]


def test_a_key_is_explained_in_the_words_of_the_model() -> None:
    within = schema("case")["$defs"]["WrittenStep"]["properties"]["within"]["description"]
    assert within.startswith("The window: in time up to this long after it is due")


def test_a_new_case_names_the_schema_beside_it_and_is_as_that_says(tmp_path: Path) -> None:
    path = make_folder(tmp_path / "sleepy", like=CASE, protocols=("shock",))
    first = path.read_text(encoding="utf-8").splitlines()[0]
    assert first.startswith(MODELINE)
    beside = json.loads((path.parent / first.removeprefix(MODELINE)).read_text(encoding="utf-8"))
    jsonschema.Draft7Validator(beside).validate(written(path, "case"))


def test_the_command_lists_the_kinds_and_writes_one() -> None:
    assert "protocol" in CliRunner().invoke(app, ["schema"]).output
    assert json.loads(CliRunner().invoke(app, ["schema", "moves"]).output) == schema("moves")
    assert CliRunner().invoke(app, ["schema", "csae"]).exit_code != 0


SERVER = os.environ.get("YAML_LANGUAGE_SERVER") or shutil.which("yaml-language-server")


@pytest.mark.skipif(SERVER is None, reason="needs yaml-language-server: npm install --global yaml-language-server")
def test_an_editor_marks_offers_and_explains(tmp_path: Path) -> None:
    path = make_folder(tmp_path / "sleepy", like=CASE, protocols=())
    text = path.read_text(encoding="utf-8")
    broken = text.replace("within: 10 min", "within: soon").replace("blurb:", "blurp:")
    lines = text.splitlines()
    at = next(number for number, line in enumerate(lines) if line.strip().startswith("should:"))
    lines[at : at + 1] = ["      should: ", "      when: {in: {circulation: }}", "      "]
    with LanguageServer(str(SERVER), path.parent) as server:
        assert server.mistakes(path, text) == []
        said = " ".join(message for _, message in server.mistakes(path.parent / "broken.yaml", broken))
        assert "Expected a text such as: 30 min" in said
        assert "blurp" in said
        typed = path.parent / "typed.yaml"
        server.mistakes(typed, "\n".join(lines))
        assert "ex_general" in server.offered(typed, at, len(lines[at]))
        assert {"shock", "dry"} <= set(server.offered(typed, at + 1, lines[at + 1].index("}")))
        assert "not_before" in server.offered(typed, at + 2, 6)
        window = next(number for number, line in enumerate(lines) if line.strip().startswith("within:"))
        assert "late up to twice as long" in server.told(typed, window, lines[window].index("within") + 2)
