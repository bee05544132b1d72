"""What a case costs to play, said before anybody waits: one patient is played under a budget of firings.

A debrief plays some 50,000 futures and a proof thousands of lives. A case in which two states follow one another every
minute for a year is sound and cannot be played so; one patient shows it in about a second.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sim.attempts.cases import CASES
from sim.case.checking.check import case_files
from sim.case.model.scenario import Scenario
from sim.case.moves import Move, Wait
from sim.case.problems import Problem, Problems, Spot, shown
from sim.case.quantities import DAY, duration
from sim.engine.log import StateEntered
from sim.engine.policy import Policy, following
from sim.engine.session import Session

BUDGET: Final = 4000
"""Firings after which a patient is left: about a second."""
MOST: Final = 20_000
"""Firings in one life above which a case is called costly: some ten times those of the longest case that ships."""

SLICES: Final = 50
"""In so many stretches of waiting, of a day at least, a life is looked at."""


@dataclass(frozen=True, slots=True)
class Cost:
    """How often something happens in one life, worked out from its beginning."""

    firings: int
    """Transitions in a whole life."""
    busiest: str
    """The transition that fires most."""
    every: int
    """Minutes between two firings of that one, on average."""


def cost_of(scenario: Scenario, policy: Policy) -> Cost:
    """Return what a life under a policy costs, from as much of it as the budget allows."""
    session, seen, fired = Session(scenario, 1), 0, Counter[str]()
    longest = max(DAY, scenario.case.horizon // SLICES)
    for move in policy(session):
        if isinstance(move, Wait) and (not isinstance(move.minutes, int) or move.minutes > longest):
            move = Wait(longest)
        session.apply(move)
        log = session.log
        fired.update(e.transition for e in log[seen:] if isinstance(e, StateEntered) and e.transition is not None)
        seen = len(log)
        if session.ended or fired.total() >= BUDGET:
            break
    lived = max(session.now, 1)
    busiest, often = next(iter(fired.most_common(1)), ("", 0))
    whole = fired.total() if session.ended else round(fired.total() * scenario.case.horizon / lived)
    return Cost(whole, busiest, round(lived / often) if often else lived)


def _waiting(session: Session) -> Iterator[Move]:
    while not session.ended:
        yield Wait(DAY)


def costly_cases(paths: Iterable[Path]) -> tuple[Problem, ...]:
    """Return a warning for each case among these files and folders that costs too much to play. They must be sound."""
    problems = Problems()
    for path in case_files(paths):
        scenario = CASES.load(path)
        for policy in (_waiting, following()):
            cost = cost_of(scenario, policy)
            if cost.firings > MOST:
                problems.warning(_horizon(path), "costly", _said(scenario, cost),
                                 "slow the transition down, or shorten 'horizon'")  # fmt: skip
                break
    return problems.all


def _said(scenario: Scenario, cost: Cost) -> str:
    horizon = duration(scenario.case.horizon)
    return (
        f"one patient costs about {cost.firings:,} transitions in {horizon}, more than the {MOST:,} that can be played "
        f"thousands of times: '{cost.busiest}' fires every {duration(max(cost.every, 1))}"
    )


def _horizon(path: Path) -> Spot:
    """The line of a case's file that says how long it goes on."""
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if line.startswith("horizon:"):
            return Spot(shown(path), number, 1, line)
    return Spot(shown(path))
