"""What is to come, as far as the ward knows it: results, readings, what the nurses have in hand, courses that end."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from sim.case.model.scenario import Scenario
from sim.engine.log import Snapshot
from sim.words.orders import named, report_said


class ComingKind(StrEnum):
    """What kind of thing is to come; the value is its sign on the strip."""

    RESULT = "r"
    NURSE = "n"
    READING = "c"
    END = "e"


class Coming(NamedTuple):
    """Something to come: in which minute of the case, of what kind, and its name."""

    at: int
    kind: ComingKind
    name: str


def coming(scenario: Scenario, snapshot: Snapshot) -> list[Coming]:
    """Return what is to come, the next first. A result counts from when its sample was taken, as for the ward."""
    orders = scenario.catalogue.orders
    found = []
    for wait in snapshot.pending:
        name = ", ".join(filter(None, (orders[wait.order].name, report_said(orders[wait.order], wait.report))))
        found.append(Coming(wait.due, ComingKind.RESULT, name))
    found += [
        Coming(work.ends, ComingKind.NURSE, named(orders[work.order].name, work.dose)) for work in snapshot.nursing
    ]
    for run in snapshot.running:
        every = orders[run.therapy].every
        if every is not None:
            found.append(
                Coming(next_reading(run.since, every, snapshot.now), ComingKind.READING, orders[run.therapy].name)
            )
        if run.ends is not None:
            found.append(Coming(run.ends, ComingKind.END, named(orders[run.therapy].name, run.dose)))
    return sorted(found)


def next_reading(since: int, every: int, now: int) -> int:
    """Return the minute of the next reading of a standing order that runs since a minute, at once and `every` so often.

    Of a reading that is due in this very minute, the next one is meant.
    """
    return since + ((now - since) // every + 1) * every
