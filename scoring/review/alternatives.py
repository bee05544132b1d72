"""What would have been better: steps the pathway would have done then, and the least change that keeps the value."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from scoring.parameters import CHANGE_FATES, CHANGES_TRIED, DOUBT, INACCURACY, REVIEW_DECIMALS, STEP_WEIGHTS
from scoring.review.decisions import Decision
from scoring.review.rollouts import Sample, difference
from sim.case.model.catalogue import Kind
from sim.case.model.scenario import Scenario
from sim.case.moves import Move, PlaceOrder, StopTherapy, Wait
from sim.engine.follower import Follower
from sim.engine.kernel import Program, run
from sim.engine.session import Session

Missing = tuple[tuple[str, Move], ...]
"""Steps and the moves that would have done them."""

How = Literal["add", "leave_out", "keep", "listen"]


@dataclass(frozen=True, slots=True)
class Change:
    """One thing done otherwise at a decision, all else as it was, after which the pathway takes over.

    `how` is 'add' (`what` is a step), 'leave_out' (an order), 'keep' (a therapy that was stopped) or 'listen' (let
    time pass only until something happens; `what` is empty). `loss` and `se` are what would have been left of the loss.
    """

    how: How
    what: str
    loss: float
    se: float


def left_out(program: Program, decision: Decision, fate: int) -> Missing:
    """Return the steps the pathway would have done in the moment of a decision whose moves do not do them.

    What comes back at once is that of a fresh fate: the patient's own is not looked at.
    """
    made = {_what(move) for move in decision.moves}
    found = dict[str, Move]()
    for step, move in _pathway_then(program, decision, fate):
        if _what(move) not in made:
            found.setdefault(step, move)
    return tuple(found.items())


def _pathway_then(program: Program, decision: Decision, fate: int) -> Iterator[tuple[str, Move]]:
    session = Session(program.scenario, decision.start.seed, horizon=decision.start.horizon, chart=program.chart)
    follower = Follower(session)
    for move in decision.start.moves:
        follower.look()
        session.apply(move)
    session.take_fate(fate)
    while not session.ended:
        follower.look()
        act = follower.act()
        if act is None:
            return
        name = _name(act)
        yield next(step.id for step in follower.ready() if name in step.do), act
        session.apply(act)


def _name(move: Move) -> str:
    return move.order if isinstance(move, PlaceOrder) else move.therapy if isinstance(move, StopTherapy) else ""


def _what(move: Move) -> tuple[type, str]:
    return type(move), _name(move)


def change_that_keeps(program: Program, sample: Sample, missing: Missing, fates: Sequence[int]) -> Change | None:
    """Return the first small change after which less than a point of the loss is left, or None if none tried does.

    Tried in this order, a few of each: adding a step, the weightiest first; leaving out an order, or keeping a therapy
    that was stopped; letting time pass only until something happens.
    """
    if sample.q is None:
        return None
    decision, few, (lost, _) = sample.decision, fates[:CHANGE_FATES], difference(sample.v, sample.q)
    for how, what, moves in _changes(program.scenario, decision.moves, missing):
        q = run(program, few, start=decision.start, first_moves=moves).utility
        loss, se = difference(sample.v, q)
        if loss < INACCURACY and loss + DOUBT * se < lost:
            return Change(how, what, round(loss, REVIEW_DECIMALS) + 0.0, round(se, REVIEW_DECIMALS))
    return None


def _changes(
    scenario: Scenario, moves: tuple[Move, ...], missing: Missing
) -> Iterator[tuple[How, str, tuple[Move, ...]]]:
    steps = {step.id: step for step in scenario.case.pathway}
    heavy = sorted(missing, key=lambda pair: (not steps[pair[0]].critical, -STEP_WEIGHTS[steps[pair[0]].weight]))
    for step, move in heavy[:CHANGES_TRIED]:
        yield "add", step, (move, *moves)
    for i in sorted(range(len(moves)), key=lambda i: _least_suspect(scenario, moves[i]))[:CHANGES_TRIED]:
        rest = moves[:i] + moves[i + 1 :]
        match moves[i]:
            case PlaceOrder(order=order):
                yield "leave_out", order, rest
            case StopTherapy(therapy=therapy):
                yield "keep", therapy, rest
    listening = tuple(map(_listening, moves))
    if listening != moves:
        yield "listen", "", listening


def _least_suspect(scenario: Scenario, move: Move) -> int:
    """How unlikely it is that a move did the harm: acts before questions, and what no step asks for first."""
    if not isinstance(move, (PlaceOrder, StopTherapy)):
        return 4
    name = _name(move)
    acts = scenario.catalogue.orders[name].kind in (Kind.THERAPY, Kind.PROCEDURE, Kind.DISPOSITION)
    asked = any(name in step.do and step.stop == isinstance(move, StopTherapy) for step in scenario.case.pathway)
    return 2 * (not acts) + asked


def _listening(move: Move) -> Move:
    return Wait(move.minutes, "call") if isinstance(move, Wait) else move
