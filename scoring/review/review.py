"""The review of an attempt: what each decision cost this patient, in this model, apart from luck.

v is what can be expected if the pathway takes over before a decision, q if it takes over after it. The loss is v - q,
the luck what the expectation then moved to, less q. The pathway reads only what was revealed; the futures are fresh,
never the patient's own. v(start) less every loss plus every luck is the utility that came out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from scoring.parameters import BLUNDER, DOUBT, INACCURACY, MISTAKE, REVIEW_DECIMALS, REVIEW_FATES, REVIEW_FATES_SLOW
from scoring.review.alternatives import Change, change_that_keeps, left_out
from scoring.review.decisions import Decision, decisions_of
from scoring.review.rollouts import Estimate, Sample, exactly, fresh_fates, level_of, loss_of, sampled
from sim.case.moves import Move
from sim.engine.kernel import Program
from sim.engine.log import CaseEnded
from sim.engine.session import Session

SIZES = ("better", "as_good", "inaccuracy", "mistake", "blunder")
"""What a decision may be called, from a gain to the greatest loss."""

Progress = Callable[[int], None]
"""Told how many more decisions are judged."""


@dataclass(frozen=True, slots=True)
class Judged:
    """One decision with what it was worth. Utilities run from 0 to 1; errors are standard errors."""

    decision: Decision
    v: float
    q: float
    loss: float
    luck: float
    se: float
    """Of the loss; 0 where it is what the pathway would have done."""
    v_se: float
    luck_se: float
    fates: int
    """How many fates the loss rests on."""
    size: str
    """One of SIZES."""
    left_out: tuple[str, ...]
    """For a loss with a name: the steps the pathway would have done then and the learner did not, in its order."""
    change: Change | None
    """For a mistake or a blunder: the smallest change tried that would have kept the value."""


@dataclass(frozen=True, slots=True)
class Review:
    """The decisions of an attempt that is over, and what they add up to."""

    start: float
    """v before the first decision."""
    start_se: float
    utility: float
    """What came out."""
    decisions: tuple[Judged, ...]
    loss: float
    loss_se: float
    luck: float
    luck_se: float
    fates: int


@dataclass(frozen=True, slots=True)
class Weighed:
    """One decision played over its fates, and what would have been better: all of the review that needs playing."""

    sample: Sample
    loss: Estimate
    size: str
    left_out: tuple[str, ...]
    change: Change | None


def size_of(loss: float, se: float) -> str:
    """Return what a loss is called. Inside two standard errors it is as good as the pathway, and so is one under a
    point; a gain that is surer is better than the pathway, however small.
    """
    if abs(loss) <= DOUBT * se or 0 <= loss < INACCURACY:
        return "as_good"
    if loss < 0:
        return "better"
    return "blunder" if loss >= BLUNDER else "mistake" if loss >= MISTAKE else "inaccuracy"


def review(
    program: Program, seed: int, moves: Iterable[Move], *, fates: int | None = None, horizon: int | None = None
) -> Review:
    """Return the review of the attempt at the patient of `seed` with these moves, which must end the case.

    `fates` (at least 2) is the most that a decision is judged over; None: `usual_fates`. The same attempt and the same
    number of fates give the same review. Raises ValueError where the case has not ended.
    """
    cut, session = decisions_of(program.scenario, seed, moves, horizon=horizon, chart=program.chart)
    return review_of(program, cut, session, fates=fates)


def review_of(
    program: Program, decisions: Sequence[Decision], session: Session, *, fates: int | None = None,
    progress: Progress = lambda count: None,
) -> Review:  # fmt: skip
    """Return the review of a session's decisions (see `decisions_of`, `review`), telling how far it is."""
    drawn = fresh_fates(session.seed, usual_fates(program) if fates is None else fates)
    weighed = list[Weighed]()
    for decision in decisions:
        weighed.append(weigh(program, decision, drawn))
        progress(1)
    return assembled(weighed, session, len(drawn))


def usual_fates(program: Program) -> int:
    """Return the most fates a decision is judged over if nobody says otherwise."""
    return REVIEW_FATES if program.compiled else REVIEW_FATES_SLOW


def weigh(program: Program, decision: Decision, fates: Sequence[int]) -> Weighed:
    """Play a decision over the fates and, where it cost something, look for what would have been better."""
    sample = sampled(program, decision, fates)
    loss = _rounded(loss_of(sample))
    size = size_of(loss.value, _brief(loss.error))
    missing = left_out(program, decision, fates[0]) if loss.value > 0 and size != "as_good" else ()
    change = None
    if size in ("mistake", "blunder"):
        change = change_that_keeps(program, sample, missing, fates)
    return Weighed(sample, loss, size, tuple(step for step, _ in missing), change)


def assembled(weighed: Sequence[Weighed], session: Session, fates: int) -> Review:
    """Return the review from its decisions, weighed over so many fates, of a session that is over, in order."""
    ended = session.log[-1]
    if not isinstance(ended, CaseEnded) or fates < 2:
        raise ValueError("a case is reviewed when it has ended, over two fates or more")
    levels = [_rounded(level_of(one.sample, weighed[0].sample)) for one in weighed]
    after = [*levels[1:], exactly(ended.utility)] if levels else []
    found = list[Judged]()
    loss, start = exactly(0.0), levels[0] if levels else exactly(ended.utility)
    for one, v, later in zip(weighed, levels, after, strict=True):
        found.append(_judged(one, v, later))
        loss = one.loss.less(exactly(0.0).less(loss))
    luck = exactly(ended.utility).less(start.less(loss))
    return Review(start.value, _brief(start.error), ended.utility, tuple(found), _brief(loss.value), _brief(loss.error),
                  _brief(luck.value), _brief(luck.error), fates)  # fmt: skip


def _judged(weighed: Weighed, v: Estimate, later: Estimate) -> Judged:
    sample, loss = weighed.sample, weighed.loss
    q = v.less(loss)
    luck = later.less(q)
    return Judged(
        decision=sample.decision,
        v=v.value,
        q=_brief(q.value),
        loss=loss.value,
        luck=_brief(luck.value),
        se=_brief(loss.error),
        v_se=_brief(v.error),
        luck_se=_brief(luck.error),
        fates=len(sample.v if sample.q is None else sample.q),
        size=weighed.size,
        left_out=weighed.left_out,
        change=weighed.change,
    )


def _rounded(estimate: Estimate) -> Estimate:
    """The estimate with a rounded value: what is told adds up as told."""
    return estimate.less(exactly(estimate.value - _brief(estimate.value)))


def _brief(value: float) -> float:
    return round(value, REVIEW_DECIMALS) + 0.0


def to_plain(judged: Judged) -> dict[str, object]:
    """Return a decision as JSON-ready data."""
    return {"at": judged.decision.at, "v": judged.v, "q": judged.q, "loss": judged.loss, "luck": judged.luck,
            "se": judged.se}  # fmt: skip
