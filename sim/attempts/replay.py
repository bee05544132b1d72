"""A case played without a screen, under a policy or by a moves file, then assessed and told.

`report` is what `scurfy replay --json` prints. The same case, seed and moves give the same bytes on every machine:
numbers are rounded, keys keep one order, and nothing in it depends on the clock or on the folder.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Final

from scoring.assess.assessment import Assessment, assess, to_plain
from scoring.debrief.build import debrief
from scoring.review.decisions import decisions_of
from scoring.review.review import Review, review_of
from sim.case.model.scenario import Scenario
from sim.case.moves import Finish, Move
from sim.case.search import resolve
from sim.engine import log
from sim.engine.kernel import compile_program
from sim.engine.policy import play, policy
from sim.engine.session import IllegalMove, Session
from sim.engine.version import ENGINE
from sim.report.text import to_text
from sim.words.progress import Progress, unseen

DECIMALS: Final = 6
"""Of every number in a report: enough for any of them, and past where platforms agree."""


def replay_policy(scenario: Scenario, seed: int, name: str) -> Session:
    """Play the patient of `seed` to the end under a policy. Raises ValueError for an unknown policy or order."""
    chosen = policy(name, lambda order: resolve(scenario.catalogue, order))
    session = Session(scenario, seed)
    play(session, chosen)
    return session


def replay_moves(scenario: Scenario, seed: int, moves: Iterable[Move]) -> Session:
    """Play the patient of `seed` by moves, then hand over if they do not.

    Moves after the end of the case are left out: another patient may live longer. Raises IllegalMove, saying which,
    for a move that cannot be made.
    """
    session = Session(scenario, seed)
    apply_moves(session, moves)
    if not session.ended:
        session.apply(Finish())
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
    """Return the review of an attempt's decisions, handed over at the end if its moves do not end it.

    `fates` is the most a decision is judged over (None: as many as this computer plays soon); `progress` shows how far
    it is.
    """
    program = compile_program(scenario)
    decisions, session = decisions_of(scenario, seed, (*moves, Finish()), chart=program.chart)
    with progress("decisions", len(decisions)) as advance:
        return review_of(program, decisions, session, fates=fates, progress=advance)


def report(session: Session, review: Review | None = None) -> dict[str, object]:
    """Return a session that is over, with its assessment and its log, as JSON-ready data."""
    ended = session.snapshot().ended
    assert ended is not None, "only a case that is over can be reported"
    return {
        "case": session.scenario.case.id,
        "digest": session.scenario.digest,
        "engine": ENGINE,
        "seed": session.seed,
        "ended": {"at": ended.at, "why": ended.why, "outcome": ended.ending, "utility": ended.utility},
        "assessment": to_plain(judge(session, review)),
        "log": [log.to_plain(event) for event in session.log],
    }


def tell(session: Session, review: Review | None = None) -> str:
    """Return the debrief of a session that is over, as text."""
    return to_text(debrief(session.scenario, session.log, judge(session, review)))


def judge(session: Session, review: Review | None = None) -> Assessment:
    """Return the assessment of a session, with the review of its decisions if there is one."""
    return assess(session.scenario, session.log, review)


def to_json(data: object) -> str:
    """Return data as JSON text that is the same everywhere, with a newline at its end."""
    return json.dumps(_rounded(data), ensure_ascii=True, allow_nan=False, indent=1) + "\n"


def _rounded(data: object) -> object:
    match data:
        case float():
            return round(data, DECIMALS) + 0.0  # adding 0.0 turns a negative zero into a plain one
        case dict():
            return {key: _rounded(value) for key, value in data.items()}
        case list() | tuple():
            return [_rounded(value) for value in data]
    return data
