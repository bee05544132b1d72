"""Entrance states: moments of lives at which conditions hold on the true state, to start futures from.

As in importance splitting: what is rare at the opening is tried from where it has become likely.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from scoring.assess.timeline import TimePoint, first_holding
from sim.authoring.prove.backward_graph import BackwardGraph
from sim.authoring.prove.bench import Bench, Played
from sim.authoring.prove.goal_policy import SearchSettings, goal_directed
from sim.authoring.prove.planner import HelpfulActions, Planner
from sim.case.model.conditions import Condition
from sim.case.moves import Wait
from sim.engine.kernel import State, state_of
from sim.engine.kernel.plan import moves_of
from sim.engine.session import Session

LIVES: Final = 4
"""In so many lives under the pathway moments are looked for."""
EACH: Final = 2
"""So many moments are taken for each condition, in different lives."""
TURNS: Final = 3
"""So many paths are tried toward a condition that ordinary lives do not come to."""


def ordinary_entrances(
    bench: Bench, targets: Sequence[Condition], lives: int = 0
) -> tuple[list[State], list[Condition]]:  # fmt: skip
    """Return moments of ordinary lives at which a target first holds, and the targets that never hold in them.

    `lives` is how many are looked through; `LIVES` of the proof's own if nothing else is asked for.
    """
    found: dict[int, list[State]] = {number: [] for number in range(len(targets))}
    held: set[int] = set()
    taken: set[tuple[int, int]] = set()
    for seed in range(1, lives + 1) if lives else bench.seeds[:LIVES]:
        if all(len(starts) == EACH for starts in found.values()):
            break
        life = bench.pathway(seed)
        for number, moment in enumerate(first_holding(bench.scenario, life.log, targets, truth=True)):
            if moment is None or len(found[number]) == EACH:
                continue
            held.add(number)
            if (seed, moment.at) not in taken:
                taken.add((seed, moment.at))
                found[number] += [start] if (start := _start(bench, life, moment)) is not None else []
    left = [target for number, target in enumerate(targets) if number not in held]
    return [start for starts in found.values() for start in starts], left


def _start(bench: Bench, life: Played, moment: TimePoint) -> State | None:
    """The moment as one to start from; None for the opening and the end."""
    if not 0 < moment.at < life.end.at:
        return None
    session = Session(bench.scenario, life.seed, chart=bench.chart)
    for move in moves_of(life.log[: moment.event + 1]):
        if not session.ended:
            session.apply(move)
    if not session.ended and session.now < moment.at:
        session.apply(Wait(moment.at - session.now))
    return None if session.ended else state_of(session)


def sought_entrances(bench: Bench, graph: BackwardGraph, targets: Sequence[Condition]) -> Iterator[State]:
    """Yield moments at which a target holds after working toward it with the truth at hand."""
    for target in targets:
        for turn in range(TURNS):
            session = _sought(bench, graph, target, turn)
            if not session.ended and session.now > 0:
                yield state_of(session)
                break


def _sought(bench: Bench, graph: BackwardGraph, target: Condition, turn: int) -> Session:
    def helpful(session: Session, planner: Planner) -> HelpfulActions:
        return planner.toward(session, target)

    def reached(session: Session) -> bool:
        return session.knowledge.holds(target, session.now, truth=True)

    session = Session(bench.scenario, turn + 1, chart=bench.chart)
    for move in goal_directed(bench.scenario, graph, SearchSettings(helpful, reached, turn=turn))(session):
        session.apply(move)
    return session
