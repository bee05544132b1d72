"""What is to come: results, readings, the nurses' work and courses that end, on a strip of time and in words."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.case.model.scenario import Scenario
from sim.case.moves import PlaceOrder, Wait
from sim.case.quantities import DAY
from sim.engine.session import Session
from sim.tui.widgets.agenda import NOW, ClockPane, marks, reach
from sim.words.agenda import Coming, ComingKind, coming, next_reading
from sim.words.records import Records
from test_nursing import ward


def text(row: tuple[tuple[str, str], ...]) -> str:
    return "".join(part for part, _ in row)


@pytest.fixture(scope="module")
def toys() -> Scenario:
    """A patient whose sugar takes the nurse two minutes and the laboratory an hour, and whose story takes ten."""
    return ward(fluids={"nurse": 3}, sugar={"turnaround": 60}, insulin={"every": 60}, story={"takes": 10})


def test_what_is_to_come_is_told_with_the_next_first(toys: Scenario) -> None:
    session = Session(toys, 1)
    for move in (PlaceOrder("sugar"), PlaceOrder("insulin"), PlaceOrder("fluids")):
        session.apply(move)
    assert [(item.at, item.kind) for item in coming(toys, session.snapshot())] == [
        (3, ComingKind.NURSE), (60, ComingKind.READING), (60, ComingKind.RESULT),
    ]  # fmt: skip
    session.apply(Wait(30))
    assert [(item.at, item.kind) for item in coming(toys, session.snapshot())] == [
        (60, ComingKind.READING), (60, ComingKind.RESULT),
    ]  # fmt: skip


@given(since=st.integers(0, 10**5), every=st.integers(1, 1440), passed=st.integers(0, 10**5))
def test_the_next_reading_is_the_first_multiple_after_now(since: int, every: int, passed: int) -> None:
    following = next_reading(since, every, since + passed)
    assert (following - since) % every == 0
    assert 0 < following - (since + passed) <= every


def test_the_strip_begins_now_and_has_a_sign_for_each_thing(toys: Scenario) -> None:
    session = Session(toys, 1)
    for move in (PlaceOrder("sugar"), PlaceOrder("fluids")):
        session.apply(move)
    pane = ClockPane(Records(toys))
    pane.set_reactive(ClockPane.snapshot, session.snapshot())
    labels, signs, *lines = map(text, pane.rows(41))
    assert "00:15" in labels
    assert "01:00" not in labels  # no label runs over the end
    assert signs == f"{NOW} n{' ' * 37}r"
    assert lines[0].startswith("n Fluids")
    assert lines[0].endswith("nurse to 00:03")
    assert lines[1].endswith("due 01:00")


def test_with_nothing_to_come_that_is_said(toys: Scenario) -> None:
    pane = ClockPane(Records(toys))
    pane.set_reactive(ClockPane.snapshot, Session(toys, 1).snapshot())
    assert [text(row) for row in pane.rows(41)] == ["No result is awaited."]


minutes = st.lists(st.integers(0, 70 * DAY), min_size=1, max_size=9)


@given(now=st.integers(0, 400 * DAY), away=minutes, width=st.integers(20, 90))
def test_whatever_is_to_come_the_strip_keeps_its_width_and_its_labels_apart(
    now: int, away: list[int], width: int
) -> None:
    span = reach([Coming(now + minute, ComingKind.RESULT, "x") for minute in away], now)
    assert span >= min(sorted(away)[min(3, len(away) - 1)], 64 * DAY)
    found = marks(now, span, width)
    assert all(cell + len(label) <= width for cell, label in found)
    assert all(here + len(label) < there for (here, label), (there, _) in pairwise(found))
