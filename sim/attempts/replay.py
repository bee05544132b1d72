"""A case played without a screen, under a policy or by a moves file."""

from __future__ import annotations

from collections.abc import Iterable

from scoring.review.decisions import decisions_of
from scoring.review.review import Review, review_of
from sim.case.model.scenario import Scenario
from sim.case.moves import Move, Wait
from sim.case.reading.movefile import WrittenPlan
from sim.case.search import resolve
from sim.engine.kernel import compile_program
from sim.engine.policy import following, play, policy
from sim.engine.session import IllegalMove, Session
from sim.words.progress import Progress, unseen


def replay_policy(scenario: Scenario, seed: int, name: str) -> Session:
    """Play the patient of `seed` to the end under a policy. Raises ValueError for an unknown policy or order."""
    chosen = policy(name, lambda order: resolve(scenario.catalogue, order))
    session = Session(scenario, seed)
    play(session, chosen)
    return session


def replay_moves(scenario: Scenario, seed: int, moves: Iterable[Move]) -> Session:
    """Play the patient of `seed` by moves, then let time pass to the end of the case.

    Moves after the end of the case are left out: another patient may live longer. Raises IllegalMove, saying which,
    for a move that cannot be made.
    """
    session = Session(scenario, seed)
    apply_moves(session, moves)
    if not session.ended:
        session.apply(Wait(None))
    return session


def replay_plan(scenario: Scenario, seed: int, plan: WrittenPlan) -> Session:
    """Play the patient of `seed` by a plan: its moves, then the pathway if it says so, else hand over.

    Before the pathway a move that cannot be made when it comes is left out, as in another patient it may not be. Raises
    ValueError for a step that the pathway does not have.
    """
    if not plan.then_pathway:
        return replay_moves(scenario, seed, plan.moves)
    session = Session(scenario, seed)
    unknown = {*plan.delay, *plan.skip} - {step.id for step in scenario.case.pathway}
    if unknown:
        raise ValueError(f"the pathway has no step {', '.join(sorted(unknown))}")
    play(session, following(plan.skip, plan.delay, plan.moves))
    return session


def apply_moves(session: Session, moves: Iterable[Move]) -> None:
    """Play a session by moves until they or the case end. Raises IllegalMove, saying which, for an impossible one."""
    for number, move in enumerate(moves, 1):
        if session.ended:
            return
        try:
            session.apply(move)
        except IllegalMove as refusal:
            raise IllegalMove(f"move {number} cannot be made at minute {session.now}: {refusal}") from refusal


def moves_under(scenario: Scenario, seed: int, name: str) -> tuple[Move, ...]:
    """Return the moves that `replay_policy` makes. Raises ValueError like it."""
    chosen = policy(name, lambda order: resolve(scenario.catalogue, order))
    session, made = Session(scenario, seed), list[Move]()
    for move in chosen(session):
        session.apply(move)
        made.append(move)
    return tuple(made)


def review_moves(
    scenario: Scenario, seed: int, moves: Iterable[Move], fates: int | None = None, *, progress: Progress = unseen
) -> Review:
    """Play the patient of `seed` by moves, let time pass to the end of the case, and review the decisions.

    `fates` is the most a decision is judged over (None: as many as this computer plays soon); `progress` shows how far
    it is.
    """
    program = compile_program(scenario)
    decisions, session = decisions_of(scenario, seed, (*moves, Wait(None)), chart=program.chart)
    with progress("decisions", len(decisions)) as advance:
        return review_of(program, decisions, session, fates=fates, progress=advance)
