"""What a learner was told that made a step fall due."""

from __future__ import annotations

import pytest

from scoring.debrief.causes import cause_of
from sim.case.model.conditions import Condition, Elapsed, Shows, Since
from sim.engine.log import Called, Event
from tinycase import log, placed, result, scenario, step

FITS, GENE = Called(9, "He fits.", "fits"), result(9, "gene", "found")
EVENTS = (placed(9, "sugar"), GENE, result(8, "sugar", glucose=3))


def told(when: Condition | None, *events: Event) -> str:
    return cause_of(scenario(), log(*events), step("a", "scan", when=when), 9)


@pytest.mark.parametrize(
    ("when", "said"),
    [
        (None, ""),
        (Condition(elapsed=Elapsed(since="9 min")), ""),
        (Condition(ordered="sugar"), ""),
        (Condition(told="fits"), 'the call "He fits"'),
        (Condition(since=Since(told="fits")), 'the call "He fits"'),
        (Condition(told="cries"), ""),
        (Condition(not_=Condition(told="fits")), ""),
        (Condition(resulted="gene"), "the result of Gene"),
        (Condition(shows=Shows(order="gene", finding="found")), "the result of Gene"),
        (Condition(since=Since(resulted="gene")), "the result of Gene"),
        (Condition(any_=(Condition(resulted="gene"), Condition(told="fits"))), 'the call "He fits"'),
        (Condition(resulted="sugar"), ""),  # it was known before
    ],
)
def test_what_made_a_step_due_is_what_its_condition_asks_about(when: Condition | None, said: str) -> None:
    assert told(when, *EVENTS, FITS) == said


def test_several_results_are_listed() -> None:
    either = Condition(any_=(Condition(resulted="gene"), Condition(shows=Shows(observable="glucose", above=1))))
    assert told(either, GENE, result(9, "sugar", glucose=3)) == "Gene, Sugar"
    assert told(either, GENE, GENE) == "the result of Gene"
