"""What brings a condition about and what makes it fail, for the planner that knows the truth and for a hurry."""

from __future__ import annotations

from typing import Any, get_args

import pytest

from sim.authoring.prove.acceleration import path_to
from sim.authoring.prove.backward_graph import BackwardGraph
from sim.authoring.prove.planner import HelpfulActions, Planner
from sim.authoring.prove.properties.findings import _asks
from sim.case.model.conditions import Condition
from sim.case.model.scenario import Scenario
from sim.case.model.terms import Leaf, leaves, parsed
from sim.case.moves import Move, PlaceOrder, StopTherapy, Wait
from sim.engine.session import Session
from smalldisease import go, library_of, region, tupled


@pytest.fixture(scope="module")
def world() -> Scenario:
    """A gut that is calm and may boil, which is called and can be seen, and a skin that begins pale or red."""
    gut = region("calm hot", go("boils", "calm", "hot", median="900 d", call="It boils!", reveals="boiling"),
                 go("cools", "hot", "calm", median="900 d"), hot={"observables": {"glucose": {"set": 20}}})  # fmt: skip
    skin = region("pale red sore", go("reddens", "pale", "red", median="900 d"),
                  go("pales", "red", "pale", median="900 d"), go("hurts", "pale", "sore", median="900 d"))  # fmt: skip
    found = [{"when": {"in": {"gut": "hot"}}, "code": "found", "text": "Found."},
             {"when": {"in": {"skin": "sore"}}, "code": "found", "text": "Found."},
             {"code": "clear", "text": "Clear."}]  # fmt: skip
    level = {"therapy": "insulin", "observable": "glucose", "per_amount": 2.0, "factors": [], "assumed": "a toy"}
    return library_of({"results": {"gene": found}, "levels": [level]}, gut=gut, skin=skin)


def condition(**keys: Any) -> Condition:
    return Condition.model_validate(tupled({key.rstrip("_"): value for key, value in keys.items()}))


def buried(leaf: dict[str, Any], depth: int) -> Condition:
    """A condition in a condition in a condition ..."""
    return condition(
        any=[leaf] if depth == 1 else [buried(leaf, depth - 1).model_dump(by_alias=True, exclude_none=True)]
    )


def beginning(world: Scenario, region: str, state: str) -> Scenario:
    """The same with a region that is in a state from the opening."""
    return world.model_copy(update={"case": world.case.model_copy(update={"start": {region: {state: 1.0}}})})


def wished(world: Scenario, goal: Condition, *moves: Move) -> tuple[HelpfulActions, set[str]]:
    """What is wished for after some moves, and the transitions to go by."""
    session = Session(world, 1)
    for move in moves:
        session.apply(move)
    planner = Planner(BackwardGraph(world))
    helpful = planner.toward(session, goal)
    return helpful, {name for _, name in planner.pursued}


BROUGHT: tuple[tuple[Condition, HelpfulActions, set[str]], ...] = (
    (condition(in_={"gut": "hot"}), HelpfulActions(), {"boils"}),
    (condition(in_={"gut": "calm"}), HelpfulActions(), set()),
    (condition(effect="insulin"), HelpfulActions(place={"insulin": None}, needs={"insulin"}), set()),
    (condition(running=["insulin", "poison"]),
     HelpfulActions(place={"insulin": None}, needs={"insulin", "poison"}), set()),
    (condition(ordered="gene"), HelpfulActions(place={"gene": None}), set()),
    (condition(resulted="gene"), HelpfulActions(place={"gene": None}), set()),
    (condition(told="boiling"), HelpfulActions(), {"boils"}),
    (condition(shows={"order": "gene", "finding": "found"}), HelpfulActions(place={"gene": None}), {"boils"}),
    (condition(shows={"order": "gene", "finding": "clear"}), HelpfulActions(place={"gene": None}), set()),
    (condition(shows={"observable": "glucose", "above": 15}), HelpfulActions(place={"sugar": None}), {"boils"}),
    (condition(told="unheard_of"), HelpfulActions(), set()),
    (condition(shows={"order": "gene", "finding": "unheard_of"}), HelpfulActions(place={"gene": None}), set()),
    (condition(shows={"observable": "glucose", "below": 1}), HelpfulActions(place={"sugar": None}), set()),
    (condition(shows={"observable": "pulse", "above": 9}), HelpfulActions(), set()),
    (condition(age={"from": "2 y"}), HelpfulActions(), set()),
    (condition(elapsed={"from": "2 d"}), HelpfulActions(), set()),
    (condition(since={"told": "boiling"}), HelpfulActions(), {"boils"}),
    (condition(since={"ordered": "gene"}), HelpfulActions(place={"gene": None}), set()),
    (condition(since={"resulted": "gene"}), HelpfulActions(place={"gene": None}), set()),
    (condition(since={"stopped": "poison"}), HelpfulActions(place={"poison": None}), set()),
    (condition(level={"therapy": "insulin", "above": 1}), HelpfulActions(place={"insulin": "high"}), set()),
    (condition(dose={"therapy": "insulin", "below": 1}), HelpfulActions(place={"insulin": "low"}), set()),
    (condition(believes={"diagnosis": "aa", "above": 0.5}), HelpfulActions(believe={"aa": 0.95}), set()),
    (condition(believes={"diagnosis": "aa", "below": 0.5}), HelpfulActions(believe={"aa": 0.0}), set()),
    (condition(any=[{"ordered": "gene"}, {"ordered": "scan"}]), HelpfulActions(place={"gene": None}), set()),
    (condition(at_least={"n": 2, "of": [{"ordered": "gene"}, {"ordered": "scan"}, {"ordered": "look"}]}),
     HelpfulActions(place={"gene": None, "scan": None}), set()),
    (condition(all=[{"ordered": "gene"}, {"told": "boiling"}]), HelpfulActions(place={"gene": None}), {"boils"}),
    (condition(not_={"ordered": "gene"}), HelpfulActions(avoid={"gene"}), set()),
    (condition(not_={"running": "poison"}, effect=["poison"]),
     HelpfulActions(place={"poison": None}, needs={"poison"}), set()),
)  # fmt: skip


@pytest.mark.parametrize(("goal", "helpful", "by"), BROUGHT, ids=[str(parsed(goal)) for goal, *_ in BROUGHT])
def test_what_brings_a_condition_about(world: Scenario, goal: Condition, helpful: HelpfulActions, by: set[str]) -> None:
    assert wished(world, goal) == (helpful, by)


def test_every_kind_is_brought_about_somehow() -> None:
    assert {type(leaf) for goal, *_ in BROUGHT for leaf in leaves(parsed(goal))} == set(get_args(Leaf))


REFUTED: tuple[tuple[Condition, HelpfulActions, set[str]], ...] = (
    (condition(in_={"gut": "calm"}), HelpfulActions(), {"boils"}),
    (condition(in_={"gut": "hot"}), HelpfulActions(), set()),
    (condition(in_={"skin": "red"}), HelpfulActions(), set()),
    (condition(running="poison"), HelpfulActions(avoid={"poison"}), set()),
    (condition(effect="insulin"), HelpfulActions(stop=["insulin"], avoid={"insulin"}), set()),
    (condition(running="insulin"), HelpfulActions(stop=["insulin"], avoid={"insulin"}), set()),
    (condition(ordered="gene"), HelpfulActions(avoid={"gene"}), set()),
    (condition(resulted="gene"), HelpfulActions(avoid={"gene"}), set()),
    (condition(told="boiling"), HelpfulActions(), set()),
    (condition(shows={"order": "gene", "finding": "found"}), HelpfulActions(), set()),
    (condition(shows={"observable": "glucose", "above": 15}), HelpfulActions(), set()),
    (condition(age={"from": "1 d"}), HelpfulActions(), set()),
    (condition(elapsed={"from": "0 min"}), HelpfulActions(), set()),
    (condition(since={"ordered": "insulin"}), HelpfulActions(), set()),
    (condition(level={"therapy": "insulin", "above": 0}), HelpfulActions(), set()),
    (condition(dose={"therapy": "insulin", "above": 0}), HelpfulActions(), set()),
    (condition(believes={"diagnosis": "aa", "below": 0.5}), HelpfulActions(), set()),
    (condition(not_={"ordered": "gene"}), HelpfulActions(place={"gene": None}), set()),
    (condition(any=[{"ordered": "gene"}, {"ordered": "scan"}]), HelpfulActions(avoid={"gene", "scan"}), set()),
    (condition(all=[{"in": {"gut": "calm"}}, {"in": {"skin": "pale"}}]), HelpfulActions(), {"boils"}),
    (condition(all=[{"in": {"gut": "calm"}}, {"ordered": "gene"}]), HelpfulActions(avoid={"gene"}), set()),
)


@pytest.mark.parametrize(("goal", "helpful", "by"), REFUTED, ids=[str(parsed(goal)) for goal, *_ in REFUTED])
def test_what_makes_a_condition_fail(world: Scenario, goal: Condition, helpful: HelpfulActions, by: set[str]) -> None:
    assert wished(world, Condition(not_=goal), PlaceOrder("insulin"), Wait(60)) == (helpful, by)


def test_every_kind_is_made_to_fail_somehow() -> None:
    assert {type(leaf) for goal, *_ in REFUTED for leaf in leaves(parsed(goal))} == set(get_args(Leaf))


def test_what_holds_already_is_left_alone(world: Scenario) -> None:
    assert wished(world, condition(running="poison", ordered="gene"), PlaceOrder("poison"))[0].place == {"gene": None}
    assert (
        wished(world, condition(any=[{"ordered": "gene"}, {"ordered": "scan"}]), PlaceOrder("scan"))[0]
        == HelpfulActions()
    )
    assert wished(world, condition(effect="insulin"), PlaceOrder("insulin"))[0].place == {}  # it only needs time
    two = condition(at_least={"n": 2, "of": [{"ordered": "scan"}, {"ordered": "gene"}, {"ordered": "look"}]})
    assert wished(world, two, PlaceOrder("scan"))[0].place == {"gene": None}


def test_what_a_test_would_show_already_is_only_measured(world: Scenario) -> None:
    found = condition(shows={"order": "gene", "finding": "found"})
    for region_, state in (("gut", "hot"), ("skin", "sore")):
        assert wished(beginning(world, region_, state), found) == (HelpfulActions(place={"gene": None}), set())
    high = condition(shows={"observable": "glucose", "above": 15})
    assert wished(beginning(world, "gut", "hot"), high) == (HelpfulActions(place={"sugar": None}), set())


def test_what_was_stopped_or_placed_once_needs_only_time(world: Scenario) -> None:
    later = condition(since={"stopped": "poison", "at_least": "9 h"})
    assert wished(world, later, PlaceOrder("poison"))[0].stop == ["poison"]
    assert wished(world, later, PlaceOrder("poison"), StopTherapy("poison"))[0] == HelpfulActions()
    for goal in (condition(since={"ordered": "gene", "at_least": "9 h"}), condition(since={"resulted": "gene"})):
        assert wished(world, goal, PlaceOrder("gene"))[0] == HelpfulActions()


def test_what_is_needed_is_neither_avoided_nor_stopped(world: Scenario) -> None:
    goal = condition(all=[{"not": {"running": "insulin"}}, {"effect": "insulin"}])
    helpful, _ = wished(world, goal, PlaceOrder("insulin"))
    assert (helpful.avoid, helpful.stop, helpful.needs) == (set(), [], {"insulin"})
    some = condition(all=[{"not": {"effect": "insulin"}}, {"any": [{"running": "insulin"}]}])
    assert wished(world, some)[0] == HelpfulActions(place={"insulin": None}, needs={"insulin"})


def test_another_turn_tries_another_part(world: Scenario) -> None:
    either = condition(any=[{"in": {"gut": "hot"}}, {"in": {"skin": "red"}}])
    found = [{name for _, name in path_to(BackwardGraph(world), either, turn)[0]} for turn in (0, 1, 2)]
    assert found == [{"boils"}, {"reddens"}, {"boils"}]


@pytest.mark.parametrize(
    ("goal", "edges", "begins"),
    [
        (condition(in_={"gut": "hot"}), {"boils"}, {"gut": "calm"}),
        (condition(told="boiling"), {"boils"}, {"gut": "calm"}),
        (condition(since={"told": "boiling"}), {"boils"}, {"gut": "calm"}),
        (condition(since={"ordered": "gene"}), set(), {}),
        (condition(shows={"order": "gene", "finding": "found"}), {"boils"}, {"gut": "calm"}),
        (condition(shows={"observable": "glucose", "above": 15}), {"boils"}, {"gut": "calm"}),
        (condition(in_={"gut": "hot", "skin": "red"}), {"boils", "reddens"}, {"gut": "calm", "skin": "pale"}),
        (condition(any=[{"in": {"gut": "hot"}}, {"in": {"skin": "red"}}]), {"boils"}, {"gut": "calm"}),
        (condition(at_least={"n": 2, "of": [{"in": {"gut": "hot"}}, {"in": {"skin": "red"}}]}), {"boils", "reddens"},
         {"gut": "calm", "skin": "pale"}),
        (condition(not_={"in": {"gut": "hot"}}), set(), {}),
        (condition(told="unheard_of"), set(), {}),
        (condition(shows={"order": "gene", "finding": "clear"}), set(), {}),
        (condition(shows={"order": "gene", "finding": "unheard_of"}), set(), {}),
        (condition(shows={"observable": "pulse", "above": 9}), set(), {}),
        (condition(any=[]), set(), {}),
        (buried({"in": {"gut": "hot"}}, 7), {"boils"}, {"gut": "calm"}),
        (buried({"in": {"gut": "hot"}}, 9), set(), {}),
        (condition(running="insulin", age={"from": "2 d"}), set(), {}),
    ],
)  # fmt: skip
def test_a_hurry_hastens_the_transitions_that_bring_a_condition_about(
    world: Scenario, goal: Condition, edges: set[str], begins: dict[str, str]
) -> None:
    found, starts = path_to(BackwardGraph(world), goal, 0)
    assert ({name for _, name in found}, starts) == (edges, begins)


def test_a_step_waits_to_find_something_where_its_condition_reads_what_is_told_or_shown() -> None:
    waits = [goal for goal, *_ in BROUGHT if _asks(goal)]
    kinds = {type(leaf).__name__ for goal in waits for leaf in leaves(parsed(goal))}
    assert kinds == {"Ordered", "Resulted", "Told", "ShowsFinding", "ShowsValue", "Since"}  # ordered: beside told
    assert not _asks(None)
    assert not _asks(condition(ordered="gene"))
    assert not _asks(condition(since={"stopped": "poison"}))


# --- amounts -----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def tank() -> Scenario:
    """An amount that insulin lowers, by its dose, and poison raises, and which rises by itself while the gut is hot."""
    flows = [{"therapy": "insulin", "per": 1, "rate": "-1 /h"}, {"therapy": "poison", "rate": "2 /h"},
             {"rate": "0.5 /h", "when": {"in": {"gut": "hot"}}}]  # fmt: skip
    bands = {"empty": {"range": "below 2"}, "fair": {"range": "2..9"}, "full": {"range": "above 9"}}
    pool = {"name": "Tank", "unit": "mL", "initial": 5, "flows": flows, "bands": bands, "assumed": "a toy"}
    gut = region("calm hot", go("boils", "calm", "hot", median="900 d"), go("cools", "hot", "calm", median="900 d"))
    return library_of({"pools": {"tank": pool}}, gut=gut)


@pytest.mark.parametrize(
    ("band", "helpful"),
    [
        ("empty", HelpfulActions(place={"insulin": "high"}, needs={"insulin"}, avoid={"poison"})),
        ("full", HelpfulActions(place={"poison": None}, needs={"poison"}, avoid={"insulin"})),
        ("fair", HelpfulActions()),
    ],
)
def test_an_amount_is_moved_by_the_dose_that_moves_it_most_and_by_nothing_that_moves_it_back(
    tank: Scenario, band: str, helpful: HelpfulActions
) -> None:
    assert wished(tank, condition(in_={"tank": band}))[0] == helpful


def test_every_other_turn_brings_about_the_state_in_which_it_moves_by_itself(tank: Scenario) -> None:
    planner = Planner(BackwardGraph(tank), 1)
    planner.toward(Session(tank, 1), condition(in_={"tank": "full"}))
    assert {name for _, name in planner.pursued} == {"to_full", "boils"}
