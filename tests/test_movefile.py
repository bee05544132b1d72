"""Moves files: what a learner does, written down."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from sim.case.library import load_catalogue
from sim.case.model.catalogue import Catalogue
from sim.case.moves import AskHint, Finish, Move, PlaceOrder, SetLimits, StateDifferential, StopTherapy, Wait
from sim.case.problems import CaseError
from sim.case.reading.movefile import WrittenPlan, read_moves, read_plan

TINY = Path(__file__).parent / "data" / "tiny"
TINY_ORDERS = load_catalogue(root=TINY)
PERFUSION = TINY_ORDERS.orders["ex_perfusion"].model_copy(update={"every": 60, "lasts": 600})
CATALOGUE = TINY_ORDERS.model_copy(update={"orders": TINY_ORDERS.orders | {"ex_perfusion": PERFUSION}})


def by_name(catalogue: Catalogue, text: str) -> str | None:
    """Find an order by its exact id, name or alias, whatever the case of its letters."""
    for order in catalogue.orders.values():
        if text.casefold() in (word.casefold() for word in (order.id, order.name, *order.aliases)):
            return order.id
    return None


@pytest.fixture
def moves(tmp_path: Path) -> Path:
    return tmp_path / "moves.yaml"


def read(path: Path, text: str) -> tuple[Move, ...]:
    path.write_text(text, encoding="utf-8")
    return read_moves(path, CATALOGUE, by_name)


def test_every_kind_of_move_is_read_in_order(moves: Path) -> None:
    text = """
- order: capillary refill
- order: {id: gent, dose: 2.5 mg/kg once a day}
- order: {id: bolus}
- limits: {heart_rate: 80..180}
- wait: 6 h
- wait: next
- wait: call
- stop: Gentamicin
- differential: {meadow_fever: 0.6, Viral illness: 20%}
- hint: true
- finish: true
"""
    assert read(moves, text) == (
        PlaceOrder("ex_perfusion"),
        PlaceOrder("gentamicin", "2.5 mg/kg once a day"),
        PlaceOrder("bolus"),
        SetLimits((("heart_rate", 80.0, 180.0),)),
        Wait(360, "time"),
        Wait(None, "result"),
        Wait(None, "call"),
        StopTherapy("gentamicin"),
        StateDifferential((("meadow_fever", 0.6), ("viral_illness", 0.2))),
        AskHint(),
        Finish(),
    )


@pytest.mark.parametrize(
    ("item", "col", "message"),
    [
        ("order: genta micin", 10, "unknown order 'genta micin'"),
        ("order: {id: gent, dose: 9 mg}", 27, "'gentamicin' has no dose '9 mg'"),
        ("order: {id: gent, does: 9 mg}", 21, "unknown key 'does'"),
        ("order: {dose: 9 mg}", 10, "missing key 'id'"),
        ("order: [a]", 10, "unknown order ''"),
        ("stop: crp", 9, "'crp' is not a therapy: it cannot be stopped"),
        ("limits: high", 11, "expected observables with their limits"),
        ("limits: {heart_rat: 6..15}", 12, "no standing order measures 'heart_rat'"),
        ("limits: {heart_rate: 15..6}", 24, "expected the smaller number first"),
        ("limits: {heart_rate: high}", 24, "expected limits such as '6..15'"),
        ("wait: soon", 9, "expected a duration"),
        ("wait: 6", 9, "expected a duration"),
        ("wait: 0 min", 9, "expected a wait longer than 0 min"),
        ("wiat: 6 h", 3, "unknown move 'wiat'"),
        ("differential: {medow_fever: 0.6}", 18, "unknown diagnosis 'medow_fever'"),
        ("differential: {meadow_fever: 1.6}", 32, "expected a probability from 0 to 1"),
        ("differential: {meadow_fever: 160%}", 32, "expected a share such as '15%'"),
        ("differential: {meadow_fever: true}", 32, "expected a probability from 0 to 1"),
        ("differential: {meadow_fever: 0.6, viral_illness: 0.6}", 17, "expected probabilities of at most 1 together"),
        ("differential: meadow_fever", 17, "expected diagnoses with their probabilities"),
        ("finish: yes", 11, "expected true"),
        ("hint: false", 9, "expected true"),
        ("just text", 3, "expected exactly one of"),
        ("{order: crp, wait: 6 h}", 3, "expected exactly one of"),
        ("order: ~", 3, "'order' has no value"),
        ("order: {id: ~}", 11, "'id' has no value"),
        ("order: {id: gent, dose: ~}", 21, "'dose' has no value"),
        ("differential: {meadow_fever: ~}", 18, "'meadow_fever' has no value"),
        ("<<: {order: crp}", 3, "merge keys"),
        ("~", 3, "expected a value, found nothing"),
        ("{}", 3, "expected exactly one of"),
    ],
)
def test_a_mistake_is_reported_at_its_place(moves: Path, item: str, col: int, message: str) -> None:
    with pytest.raises(CaseError) as caught:
        read(moves, f"- order: crp\n- {item}\n")
    (problem,) = caught.value.problems
    assert (problem.line, problem.col) == (2, col)
    assert problem.message.startswith(message)


def test_all_mistakes_of_a_moves_file_are_told_at_once(moves: Path) -> None:
    with pytest.raises(CaseError) as caught:
        read(moves, "- order: blood cultrue\n- wait: soon\n- stop: nothing\n")
    assert [problem.line for problem in caught.value.problems] == [1, 2, 3]
    assert caught.value.problems[0].hint == "did you mean 'blood_culture'?"


def test_nothing_follows_finish(moves: Path) -> None:
    with pytest.raises(CaseError, match="nothing can follow 'finish'"):
        read(moves, "- finish: true\n- wait: 1 h\n")


def test_a_moves_file_is_a_list(moves: Path) -> None:
    with pytest.raises(CaseError, match="expected the file to hold a list"):
        read(moves, "order: crp\n")
    with pytest.raises(CaseError, match="the file is empty"):
        read(moves, "")


def plan(tmp_path: Path, text: str) -> WrittenPlan:
    path = tmp_path / "good_way.yaml"
    path.write_text(text, encoding="utf-8")
    return read_plan(path, CATALOGUE, by_name)


def test_a_plan_hands_over_to_the_pathway_with_steps_later_or_left_out(tmp_path: Path) -> None:
    read = plan(tmp_path, "- wait: 5 min\n- {then: pathway, delay: {give: 2 d}, skip: [ask]}\n")
    assert read == WrittenPlan((Wait(5, "time"),), True, {"give": 2 * 1440}, ("ask",))
    assert not plan(tmp_path, "- wait: 5 min\n").then_pathway


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("- then: luck\n", "expected 'pathway'"),
        ("- {then: pathway, dely: {a: 1 d}}\n", "unknown key 'dely'"),
        ("- {then: pathway, delay: {a: soon}}\n", "soon"),
        ("- finish: true\n- then: pathway\n", "nothing can follow 'finish'"),
        ("- then: pathway\n- wait: 5 min\n", "unknown move 'then'"),
    ],
)
def test_a_plan_that_cannot_be_read_says_why(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(CaseError, match=re.escape(said)):
        plan(tmp_path, text)
