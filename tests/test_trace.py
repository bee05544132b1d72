"""The trace of a patient: what changed and why, what amounts do from then on, and nothing while an exam is open."""

from __future__ import annotations

import json
from typing import Any

import pytest
from typer.testing import CliRunner

from sim.attempts.replay import replay_policy
from sim.authoring.trace import Change, lines, plain, trace
from sim.case.library import load
from sim.case.moves import PlaceOrder, Wait
from sim.cli.program import app
from sim.engine.session import Session
from smalldisease import TOY, go, library_of, region
from tinycase import step

HOUR = 60

WATER: dict[str, Any] = {
    "name": "Water", "unit": "mL/kg", "initial": -50, **TOY,
    "flows": [{"rate": "-3 /h"}, {"therapy": "fluids", "per": 1, "rate": "10 /h"}, {"loss": "0.01 /h"}],
    "bands": {"shock": "below -60", "dry": "-60..-30", "replete": "above -30"},
}  # fmt: skip


def played(until: int | None = None) -> list[Change]:
    """A child who dries out and is given fluids after six hours, which also settles the fever."""
    scenario = library_of(
        {"pools": {"water": WATER}},
        fever=region("hot cool", go("settles", "hot", "cool", on={"start": "fluids"})),
    )
    pathway = (step("give_fluids", "fluids", when={"resulted": "story"}),)
    scenario = scenario.model_copy(update={"case": scenario.case.model_copy(update={"pathway": pathway})})
    session = Session(scenario, 1)
    for move in (PlaceOrder("story"), Wait(6 * HOUR), PlaceOrder("fluids", "high"), Wait(None)):
        session.apply(move)
    return list(trace(session, until).changes)


def of(changes: list[Change], kind: str) -> list[Change]:
    return [change for change in changes if change.kind == kind]


def test_a_state_is_told_with_the_transition_that_led_to_it_and_what_that_waited_for() -> None:
    entered = of(played(), "state")
    assert [change.text for change in entered] == ["fever: hot -> cool by settles, on start of fluids"]


def test_a_band_is_told_in_the_minute_in_which_the_amount_passes_into_it() -> None:
    first, *_ = of(played(), "band")
    assert first.text == "water: dry -> shock"
    assert first.at == next(c.at for c in of(played(), "amount") if "(shock)" in c.text)


def test_the_flows_that_act_are_told_whenever_they_change() -> None:
    opening, *_, with_fluids = of(played(7 * HOUR), "amount")
    assert opening.text == "water -50 mL/kg (dry), -2.5 an hour:"
    assert opening.parts == ("-3 always", "+0.5 always, a share of it")
    assert "+20 fluids high" in with_fluids.parts


def test_a_step_of_the_pathway_is_told_when_it_falls_due() -> None:
    assert [(c.at, c.text) for c in of(played(), "due")] == [(2, "give_fluids")]


def test_a_trace_until_a_minute_is_the_beginning_of_the_whole() -> None:
    whole = played()
    assert played(5 * HOUR) == [change for change in whole if change.at <= 5 * HOUR]


def test_no_line_is_wider_than_a_terminal() -> None:
    session = Session(library_of({"pools": {"water": WATER}}), 1)
    session.apply(Wait(None))
    assert max(map(len, lines(trace(session)))) <= 80


@pytest.mark.slow
@pytest.mark.parametrize("policy", ["pathway", "everything"])
def test_the_flows_that_are_told_add_up_to_what_the_engine_played(policy: str) -> None:
    session = replay_policy(load("drying_out"), 3, policy)
    told = [c for c in plain(trace(session))["changes"] if c["event"] == "Amount"]  # type: ignore[attr-defined]
    assert len(told) > 20
    for change in told:
        parts = sum(flow["per_hour"] for flow in change["flows"])
        assert parts == pytest.approx(change["per_hour"], abs=1e-9), change
        at, x, _, _ = next(s for s in session.stretches(change["pool"]) if s[0] == change["at"])
        assert (at, x) == (change["at"], change["amount"])


@pytest.mark.slow
def test_the_command_prints_the_course_and_says_that_it_gives_all_away() -> None:
    answer = CliRunner().invoke(app, ["trace", "deep_breaths", "--until", "1 h"])
    assert answer.exit_code == 0, answer.output
    assert "SPOILERS" in answer.output
    assert max(map(len, answer.output.splitlines())) <= 80
    data = json.loads(CliRunner().invoke(app, ["trace", "deep_breaths", "--policy", "none", "--json"]).output)
    assert data["played"] == "policy none"
    assert {"Began", "Amount", "StateEntered"} <= {change["event"] for change in data["changes"]}
