"""The review of decisions in words. Utility runs from 0 to 1; a reader is told hundredths of it, as points."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from scoring.debrief.model import DecisionRow, Mistake
from scoring.parameters import PARTS_NAMED, POINT
from scoring.review.alternatives import Change
from scoring.review.decisions import Decision
from scoring.review.review import Judged, Review
from sim.case.model.scenario import Scenario
from sim.case.moves import Finish, Move, PlaceOrder, StateDifferential, StopTherapy, Wait
from sim.case.quantities import duration
from sim.words.format import listed
from sim.words.verdicts import WAITED, sizes_counted

HOW = (
    "Each was judged over up to {fates} fresh fates of this patient, with the pathway taking over before it and after "
    "it. What then happened to the patient is luck. The pathway is one good way, perhaps not the best. In brackets: "
    "the standard error."
)


def review_sentences(review: Review) -> tuple[str, ...]:
    """Return what could be expected, what the decisions cost, what was luck, and how that was found out."""
    counts = Counter(WAITED if is_waiting(judged) else judged.size for judged in review.decisions)
    number = len(review.decisions)
    start, came = _sure(review.start, review.start_se), _points(review.utility)
    opening = (
        f"At the opening {start} of 100 points could be expected with the pathway, in this model; {came} came out."
    )
    cost, gave = "cost" if review.loss >= 0 else "gained", "gave" if review.luck >= 0 else "took"
    said = f"Your decisions {cost} {_sure(abs(review.loss), review.loss_se)}; luck {gave} "
    said += f"{_sure(abs(review.luck), review.luck_se)}."
    return (
        opening,
        said,
        f"{number} {'decision' if number == 1 else 'decisions'}: {sizes_counted(counts)}.",
        HOW.format(fates=f"{review.fates:,}"),
    )


def decision_row(scenario: Scenario, judged: Judged, mistakes: Sequence[Mistake] = ()) -> DecisionRow:
    """Return a decision as a row of the debrief; of the `mistakes`, those made with it are told there too."""
    decision = judged.decision
    first, behind = decision.events
    fell = tuple(f"Here you fell into: {m.title}{' (critical)' * (m.severity == 'critical')}."
                 for m in mistakes if first <= m.event < behind)  # fmt: skip
    return DecisionRow(
        number=decision.number + 1,
        at=decision.at,
        events=decision.events,
        did=_did(scenario, decision.moves, decision.until - decision.at),
        size=judged.size,
        v=judged.v,
        q=judged.q,
        loss=judged.loss,
        luck=judged.luck,
        se=judged.se,
        waited=_only_waited(decision),
        better=tuple(_better(scenario, judged)),
        fell=fell,
    )


def _only_waited(decision: Decision) -> bool:
    """Whether nothing was ordered, stopped or stated: time went by."""
    return not any(isinstance(move, (PlaceOrder, StopTherapy, StateDifferential)) for move in decision.moves)


def is_waiting(judged: Judged) -> bool:
    """Return whether a decision let time go by and lost nothing by it: that is no merit, and no fault."""
    return judged.size == "as_good" and _only_waited(judged.decision)


def points_of(row: DecisionRow) -> str:
    """Return a decision's loss or gain in words."""
    return f"{'gain' if row.loss < 0 else 'loss'} {_sure(abs(row.loss), row.se)}"


def _points(utility: float) -> str:
    return f"{utility / POINT + 0.0:.1f}"


def _sure(utility: float, error: float) -> str:
    return f"{_points(utility)} ({_points(error)})"


def _did(scenario: Scenario, moves: Sequence[Move], minutes: int) -> str:
    orders = scenario.catalogue.orders
    parts = [orders[m.order].name for m in moves if isinstance(m, PlaceOrder)]
    parts += [f"stopped {orders[m.therapy].name}" for m in moves if isinstance(m, StopTherapy)]
    parts += ["stated a differential"] if any(isinstance(m, StateDifferential) for m in moves) else []
    said = listed(parts, ", ", PARTS_NAMED) or "ordered nothing"
    if any(isinstance(move, Finish) for move in moves):
        return f"{said}; handed over." if parts else "handed over."
    return f"{said}; {duration(minutes)} went by." if any(isinstance(m, Wait) for m in moves) or minutes else f"{said}."


def _better(scenario: Scenario, judged: Judged) -> list[str]:
    titles = {step.id: step.title for step in scenario.case.pathway}
    said = []
    if judged.left_out:
        said.append(
            f"The pathway would then have done: {listed([titles[s] for s in judged.left_out], '; ', PARTS_NAMED)}."
        )
    if judged.change is not None:
        said.append(_changed(scenario, titles, judged.change))
    return said


def _changed(scenario: Scenario, titles: dict[str, str], change: Change) -> str:
    if change.how == "add":
        return f"This alone, done first, would have kept the value: {titles[change.what]}."
    if change.how == "listen":
        return "Letting time pass only until something happened would have kept the value."
    name = scenario.catalogue.orders[change.what].name
    return f"{'Leaving out' if change.how == 'leave_out' else 'Not stopping'} {name} would have kept the value."
