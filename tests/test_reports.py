"""Two results at different times from one order: a first report, then the final one."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import tinycase
from sim.case.checking.check import check
from sim.case.model.catalogue import Report
from sim.case.model.conditions import Condition
from sim.case.model.disease import Finding
from sim.case.model.scenario import Scenario
from sim.case.moves import PlaceOrder, Wait
from sim.engine.knowledge import Knowledge
from sim.engine.log import ResultReturned
from sim.engine.session import Session
from sim.engine.standing import Standing
from sim.plain import lines
from sim.words.events import event_text
from sim.words.orders import order_line
from smalldisease import go, library_of, region, tupled

DAY = 1440
TINY = Path(__file__).parent / "data" / "tiny"
CULTURE = Report.model_validate({"id": "first", "after": "24 h", "measures": ("glucose",), "normal": "Not yet."})


def cultured(**more: Any) -> Scenario:
    """A gut that gets worse after an hour, and a scan that says so after a day, and after two days what it is."""
    scenario = library_of({}, gut=region("calm bad", go("worsens", "calm", "bad", after="1 h"),
                                         go("known", "bad", "calm", on={"result": "scan"})))  # fmt: skip
    orders = scenario.catalogue.orders
    scan = {"turnaround": 2 * DAY, "takes": 0, "needs": (), "measures": ("glucose",), "reports": (CULTURE,)} | more
    catalogue = scenario.catalogue.model_copy(
        update={"orders": orders | {"scan": orders["scan"].model_copy(update=scan)}}
    )
    found = (finding("grows", report="first"), finding("named"), finding("nothing", when={}))
    results = {"scan": tuple(found)}
    return scenario.model_copy(
        update={"catalogue": catalogue, "case": scenario.case.model_copy(update={"results": results})}
    )


def finding(code: str, **more: Any) -> Finding:
    raw = {"code": code, "text": f"It {code}.", "when": {"in": {"gut": "bad"}}} | more
    if not raw["when"]:
        del raw["when"]
    return Finding.model_validate(tupled(raw))


def asked(**condition: Any) -> Condition:
    return Condition.model_validate(tupled(condition))


def results(session: Session) -> list[ResultReturned]:
    return [event for event in session.log if isinstance(event, ResultReturned)]


@pytest.fixture
def session() -> Session:
    """The scan was ordered when the gut was bad."""
    session = Session(cultured(), 1)
    session.apply(Wait(2 * 60))
    session.apply(PlaceOrder("scan"))
    return session


def test_one_order_is_one_sample_and_two_results(session: Session) -> None:
    session.apply(Wait(5 * DAY))
    first, final = results(session)
    assert (first.at, first.report, first.codes) == (120 + DAY, "first", ("grows",))
    assert (final.at, final.report, final.codes) == (120 + 2 * DAY, "", ("named",))
    assert first.number == final.number
    assert first.sampled == final.sampled == 120
    assert first.measurements == final.measurements


def test_the_order_is_awaited_until_the_final_report_is_there(session: Session) -> None:
    assert [(item.report, item.due) for item in session.snapshot().pending] == [
        ("first", 120 + DAY), ("", 120 + 2 * DAY),
    ]  # fmt: skip
    session.apply(Wait(None, "result"))
    assert session.now == 120 + DAY
    assert [item.report for item in session.snapshot().pending] == [""]
    assert Standing(session.scenario.catalogue.orders, session.log).by(["scan"]) is not None
    session.apply(Wait(None, "result"))
    assert session.now == 120 + 2 * DAY
    assert not session.awaits_result
    assert Standing(session.scenario.catalogue.orders, session.log).by(["scan"]) is None


def test_shows_reads_the_first_report_and_resulted_waits_for_the_final_one(session: Session) -> None:
    def knows() -> Iterator[bool]:
        facts = Knowledge(session.scenario)
        for event in session.log:
            facts.take(event)
        for condition in (
            asked(shows={"order": "scan", "finding": "grows"}), asked(shows={"order": "scan", "finding": "named"}),
            asked(shows={"observable": "glucose", "above": 0}), asked(resulted="scan"),
            asked(since={"resulted": "scan", "at_least": "0 min"}),
        ):  # fmt: skip
            yield facts.holds(condition, session.now)

    session.apply(Wait(DAY))
    assert [*knows()] == [True, False, True, False, False]
    session.apply(Wait(DAY))
    assert [*knows()] == [False, True, True, True, True]


def test_a_transition_on_a_result_waits_for_the_final_report(session: Session) -> None:
    session.apply(Wait(5 * DAY))
    (known,) = (event.at for event in session.log if getattr(event, "transition", None) == "gut.known")
    assert known == 120 + 2 * DAY


def test_a_report_without_a_finding_says_what_the_catalogue_says() -> None:
    session = Session(cultured(), 1)
    session.apply(PlaceOrder("scan"))
    session.apply(Wait(5 * DAY))
    assert [(event.text, event.codes) for event in results(session)] == [
        ("Not yet.", ()),
        ("It nothing.", ("nothing",)),
    ]


def test_faces_say_which_report_it_is(session: Session) -> None:
    scenario = session.scenario
    scan = scenario.catalogue.orders["scan"]
    assert "first report after 1 d, final report after 2 d" in order_line(scan, "investigation")
    (first, final) = lines.pending(scenario, session.snapshot())
    assert ", first report, sampled" in first
    assert ", final report, sampled" in final
    session.apply(Wait(5 * DAY))
    assert [event_text(scenario, event).lead for event in results(session)] == ["First report", "Final report"]


@pytest.mark.parametrize(("written", "wrong"), [
    ("reports: [{id: first, after: 36 h, normal: No.}]", "before the order's turnaround"),
    ("reports: [{id: a, after: 10 min, normal: No.}, {id: a, after: 20 min, normal: No.}]", "stands here twice"),
    ("reports: [{id: a, after: 20 min, normal: No.}, {id: b, after: 10 min, normal: No.}]", "after the one above it"),
    ("reports: [{id: a, after: 10 min, normal: No., measures: glucose}]", "the final report does not measure"),
    ("reports: [{id: a, after: 10 min, normal: 'Lies at {nothing}.'}]", "nothing is filled in"),
    ("every: 3 h\n    reports: [{id: a, after: 10 min, normal: No.}]", "one report a turn"),
])  # fmt: skip
def test_check_names_reports_that_cannot_be(tmp_path: Path, written: str, wrong: str) -> None:
    folder = Path(shutil.copytree(TINY, tmp_path / "tiny"))
    was = "turnaround: 36 h\n"
    tinycase.change(folder / "catalogue" / "orders_tiny.yaml", was, f"{was}    {written}\n")
    assert any(wrong in problem.message for problem in check([folder]))


def test_check_names_the_finding_of_a_report_that_the_order_does_not_have(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(TINY, tmp_path / "tiny"))
    (disease,) = (folder / "diseases").glob("*.yaml")
    tinycase.change(disease, "  blood_culture:\n", "  blood_culture:\n    - {report: frist, text: Rods.}\n")
    (found,) = check([folder])
    assert found.message == "'blood_culture' has no report 'frist' before its final one"
