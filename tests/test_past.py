"""What was done before a case opens and what it gives count as ordered, and are nobody's acts in the attempt."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from conftest import TINY
from scoring.assess.assessment import assess
from scoring.assess.patterns import first_match
from sim.case.checking.check import check
from sim.case.model.case import Case
from sim.case.model.catalogue import Need
from sim.case.model.conditions import Condition
from sim.case.model.pitfalls import Before, Pattern, Without
from sim.case.model.scenario import Scenario
from sim.case.moves import PlaceOrder, Wait
from sim.engine.log import DoneBefore, OrderRefused
from sim.engine.session import Session
from sim.words.events import event_text, sentence
from smalldisease import course, go, library_of, region, tupled
from tinycase import step

HOUR, DAY = 60, 1440


def opened_with(scenario: Scenario | None = None, **fields: Any) -> Session:
    """A case that opens with a past, or with what it gives."""
    scenario = scenario or library_of(nothing=region("calm"))
    kept = scenario.case.model_dump(by_alias=True, include={"past"}) | fields
    past = Case.model_validate(tupled(_raw(scenario.case) | kept)).past if "past" in fields else {}
    case = scenario.case.model_copy(update=fields | {"past": past})
    return Session(scenario.model_copy(update={"case": case}), 1)


def _raw(case: Case) -> dict[str, Any]:
    """What a case needs to be read, its horizon as an author writes it."""
    wanted = {name for name, field in Case.model_fields.items() if field.is_required()} - {"patient"}
    raw = case.model_dump(by_alias=True, include=wanted)
    weight = {"low": 3, "high": 3}
    return raw | {
        "horizon": "100 d", "pathway": (),
        "patient": {"names": ("Toy",), "sex": "male", "age": "3 wk", "weight": weight, "assumed": "a toy"},
    }  # fmt: skip


def holds(session: Session, **condition: Any) -> bool:
    return session.knowledge.holds(Condition.model_validate(tupled(condition)), session.now)


def needing(order: str, **when: Any) -> Scenario:
    """A scan that needs something."""
    scenario = library_of(nothing=region("calm"))
    need = Need(when=Condition.model_validate(tupled(when)), say="There is none to replace.")
    scan = scenario.catalogue.orders[order].model_copy(update={"needs": (need,)})
    catalogue = scenario.catalogue.model_copy(update={"orders": scenario.catalogue.orders | {order: scan}})
    return scenario.model_copy(update={"catalogue": catalogue})


@pytest.mark.parametrize("fields", [{"given": {"line": None}}, {"past": {"line": "210 d"}}])
def test_an_order_that_needs_it_ordered_is_accepted(fields: dict[str, Any]) -> None:
    session = opened_with(needing("scan", ordered="line"), **fields)
    assert session.refusal("scan") is None
    assert not any(isinstance(e, OrderRefused) for e in session.apply(PlaceOrder("scan")))


def test_since_runs_from_before_the_opening() -> None:
    session = opened_with(past={"fluids": ["400 d", "220 d"], "gene": "30 d", "bolus": "3 h"})
    assert holds(session, since={"ordered": "fluids", "at_least": "400 d", "below": "401 d"})
    assert holds(session, since={"stopped": "fluids", "at_least": "220 d", "below": "221 d"})
    assert holds(session, since={"stopped": "bolus", "at_least": "150 min", "below": "151 min"})
    assert holds(session, ordered="gene")
    assert not holds(session, resulted="gene")
    assert not holds(session, running="fluids")
    session.apply(Wait(DAY))
    assert holds(session, since={"ordered": "gene", "at_least": "31 d", "below": "745 h"})


def test_what_runs_since_long_ago_was_ordered_then_and_not_at_the_opening() -> None:
    session = opened_with(past={"fluids": "50 d"}, given={"fluids": "low"})
    assert holds(session, running="fluids", since={"ordered": "fluids", "at_least": "50 d"})
    session = opened_with(past={"fluids": ["50 d", "20 d"]}, given={"fluids": "low"})
    assert holds(session, running="fluids", since={"ordered": "fluids", "below": "1 min"})


def test_the_true_state_reads_it_as_ordered_too() -> None:
    scenario = library_of(gut=region("fine ill", go("rejects", "fine", "ill", after="1 h", when={"ordered": "gene"})))
    session = opened_with(scenario, past={"gene": "210 d"})
    session.apply(Wait(2 * HOUR))
    assert course(session, "gut") == [(0, "fine"), (60, "ill")]


def test_the_record_says_what_was_before_admission() -> None:
    session = opened_with(past={"fluids": ["400 d", "220 d"]}, given={"insulin": "low"})
    told = [sentence(event_text(session.scenario, e)) for e in session.log if not e.hidden]
    assert "Before admission: Fluids, 1 y 1 mo ago, until 7 mo 6 d ago." in told
    assert "Before admission: Insulin, low, still running." in told
    assert [e.ordered for e in session.log if isinstance(e, DoneBefore)] == [-400 * DAY]


def test_nobody_is_given_credit_or_blamed_for_it() -> None:
    session = opened_with(
        past={"advice": "3 d"}, given={"insulin": "low"},
        pathway=(step("drip", "insulin"), step("call", "advice"), step("look", "look")),
    )  # fmt: skip
    session.apply(Wait(2 * HOUR))
    found = assess(session.scenario, session.log)
    assert [item.verdict for item in found.pathway] == ["not_needed", "not_needed", "missed"]
    assert (found.values, found.blood.total) == ((), 0)


def test_what_was_done_first_was_done_before() -> None:
    session = opened_with(past={"gene": "90 d", "family": "2 d"})
    session.apply(PlaceOrder("fluids"))
    session.apply(Wait(DAY))
    for first, found in (("gene", False), ("scan", True)):
        pattern = Pattern(before=Before(order="fluids", first=first))
        assert (first_match(session.scenario, session.log, pattern) is not None) == found
    for ahead, found in ((None, False), ("3 d", False), ("1 d", True)):
        without = Without(order="fluids", then="family", ahead=ahead, within="1 h")
        assert (first_match(session.scenario, session.log, Pattern(without=without)) is not None) == found


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("past: {crp: banana}", "expected a duration such as '30 min'"),
        ("past: {crp: []}", "expected a duration such as 210 d, or two"),
        ("past: {crpp: 9 d}", "unknown order 'crpp'"),
        ("past: {crp: [9 d, 5 d]}", "'crp' never runs: expected one time"),
        ("past: {crp: 0 min}", "expected times before the opening, when it was ordered first"),
        ("past: {gentamicin: 9 d}", "'gentamicin' runs until it is stopped: expected when that was"),
        ("past: {gentamicin: [2 d, 9 d]}", "expected times before the opening, when it was ordered first"),
        ("past: {bolus: 10 min}", "'bolus' lasts 20 min: it would still run"),
        ("given: {crp: once}", "'crp' is not a therapy: it never runs"),
    ],
)
def test_a_past_that_cannot_have_been_is_named_at_its_line(tmp_path: Path, line: str, message: str) -> None:
    folder = Path(shutil.copytree(TINY, tmp_path / "tiny"))
    path = folder / "cases" / "tiny_case.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("setting:", f"{line}\nsetting:", 1), encoding="utf-8")
    found = [problem for problem in check([path]) if problem.message.startswith(message)]
    assert [problem.line for problem in found] == [text[: text.index("setting:")].count("\n") + 1]


def test_a_past_that_can_have_been_is_sound(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(TINY, tmp_path / "tiny"))
    path = folder / "cases" / "tiny_case.yaml"
    text = path.read_text(encoding="utf-8")
    past = "past: {gentamicin: [9 d, 2 d], crp: 9 d, bolus: 30 min, paracetamol: 7 h}"
    path.write_text(text.replace("setting:", f"{past}\nsetting:", 1), encoding="utf-8")
    assert [p for p in check([path]) if p.severity == "error"] == []
