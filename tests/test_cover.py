"""What play never sees of a case: what nothing leads to, texts nobody meets, ordinary answers that are not true."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from typing import Any

import pytest
from typer.testing import CliRunner

from sim.authoring.cover import Unseen, cover, least_used, lines
from sim.case.model.scenario import Scenario
from sim.cli.program import app
from sim.engine.log import OrderPlaced
from sim.engine.policy import play
from sim.engine.session import Session
from smalldisease import go, library_of, region


def ill(**fever: Any) -> Scenario:
    """A child with a fast pulse whose fever falls when fluids are given, and comes back for nobody."""
    scenario = library_of(
        {"results": {"story": [{"when": {"in": {"fever": "cool"}}, "text": "Better."}, {"text": "Hot and tired."}],
                     "scan": [{"when": {"in": {"fever": "back"}}, "text": "An abscess."}, {"text": "Nothing."}]}},
        fever=region(
            "hot cool back", go("falls", "hot", "cool", on={"start": "fluids"}),
            go("returns", "cool", "back", on={"enter": {"life": ["dead"]}}),
            hot={"observables": {"pulse": {"set": 20.0}}}, **fever,
        ),
    )  # fmt: skip
    look = scenario.catalogue.orders["look"].model_copy(update={"normal": "A quiet pulse.", "normal_for": ("pulse",)})
    orders = scenario.catalogue.orders | {"look": look}
    return scenario.model_copy(update={"catalogue": scenario.catalogue.model_copy(update={"orders": orders})})


@pytest.fixture(scope="module")
def found() -> Unseen:
    return cover(ill(), 10)


def test_what_nothing_leads_to_is_named_and_what_was_seen_is_not(found: Unseen) -> None:
    assert [state for state, _ in found.states] == ["fever.back", "life.dead"]
    assert [way for way, _ in found.transitions] == ["fever.returns"]


def test_a_text_that_was_never_said_is_named_with_its_order(found: Unseen) -> None:
    assert [(text.order, text.number, text.words) for text, _ in found.texts] == [("scan", 1, "An abscess.")]


def test_an_ordinary_answer_that_a_value_contradicts_is_told_with_a_patient_to_look_at(found: Unseen) -> None:
    (wrong,) = found.contradictions
    assert (wrong.order, wrong.against, wrong.words) == ("look", "pulse is 20 /min", "A quiet pulse.")
    assert 0 < wrong.often <= wrong.of


def test_a_state_of_which_a_module_says_something_else_speaks_against_the_ordinary_answer() -> None:
    scenario = library_of(circulation=region("shock dry", go("fills", "shock", "dry", on={"start": "fluids"})))
    look = scenario.catalogue.orders["look"].model_copy(update={"id": "ex_perfusion", "normal": "Warm hands."})
    orders = scenario.catalogue.orders | {"ex_perfusion": look}
    scenario = scenario.model_copy(update={"catalogue": scenario.catalogue.model_copy(update={"orders": orders})})
    (wrong,) = cover(scenario, 5).contradictions
    assert wrong.against.startswith('circulation is shock, of which modules say "')


def test_an_answer_that_is_ordinary_in_every_life_is_listed(found: Unseen) -> None:
    assert ("look", "A quiet pulse.") in found.defaults
    assert "story" not in dict(found.defaults)


def test_what_only_the_pathway_sees_is_marked(found: Unseen) -> None:
    both = replace(found, states=(("fever.back", False), ("fever.cool", True)))
    assert "  fever.back, fever.cool*" in lines(ill(), both)


@pytest.mark.slow
def test_the_same_number_of_lives_gives_the_same_answer() -> None:
    assert cover(ill(), 4) == cover(ill(), 4)


def test_least_used_play_places_every_order_before_it_places_one_twice() -> None:
    used: Counter[str] = Counter()
    scenario = ill()
    for seed in range(3):
        session = Session(scenario, seed)
        play(session, least_used(used))
        assert any(isinstance(event, OrderPlaced) for event in session.log)
    counts = [used[order] for order in scenario.catalogue.orders]
    assert max(counts) - min(counts) <= 1


def test_no_line_is_wider_than_a_terminal(found: Unseen) -> None:
    assert max(map(len, lines(ill(), found, words=True))) <= 80


@pytest.mark.slow
def test_the_command_tells_people_and_programs() -> None:
    answer = CliRunner().invoke(app, ["cover", "first_steps", "--n", "3"])
    assert answer.exit_code == 0, answer.output
    assert max(map(len, answer.output.splitlines())) <= 80
    data = json.loads(CliRunner().invoke(app, ["cover", "first_steps", "--n", "3", "--json"]).output)
    assert {"lives", "never", "of", "contradictions", "ordinary", "case"} == set(data)
