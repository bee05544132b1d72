"""How a cohort is played: one way of playing, the same for every patient, for sessions and compiled code alike."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from sim.case.model.scenario import Scenario
from sim.case.moves import Finish, Move, PlaceOrder, SetLimits, StateDifferential, StopTherapy, Wait
from sim.case.quantities import DAY
from sim.engine.log import (
    Called,
    Charted,
    CheckpointReached,
    DifferentialStated,
    Event,
    HandedOver,
    LimitsSet,
    Log,
    OrderPlaced,
    OrderRefused,
    OrderWithdrawn,
    ResultReturned,
    TherapyStopped,
    TimePassed,
)
from sim.engine.policy import Policy, following, possible
from sim.engine.session import Session


@dataclass(frozen=True, slots=True)
class Plan:
    """Some moves, then the pathway (`follows`) or nothing more. A move that is not possible then is left out."""

    follows: bool = True
    moves: tuple[Move, ...] = ()
    skip: frozenset[str] = frozenset()
    """Steps of the pathway that are left out."""
    delay: Mapping[str, int] = field(default_factory=dict)
    """Step to the minutes by which it comes later than the first moment at which it is ready."""

    @property
    def hands_over(self) -> bool:
        """Whether one of its moves hands over."""
        return any(isinstance(move, Finish) for move in self.moves)

    @property
    def looks(self) -> bool:
        """Whether the pathway is looked at: it is followed, or handed over to."""
        return self.follows or self.hands_over

    def policy(self) -> Policy:
        """Return the plan as a policy for a session."""
        if self.follows:
            return following(self.skip, self.delay, self.moves)
        return self._moves_only

    def _moves_only(self, session: Session) -> Iterator[Move]:
        for move in self.moves:
            if session.ended:
                return
            if possible(session, move):
                yield move
        if not session.ended:
            yield Wait(None)


PATHWAY = Plan()
NOTHING = Plan(follows=False)


def plan_of(name: str, scenario: Scenario) -> Plan:
    """Return the plan of a policy's name: `pathway`, `none`, `everything` or `repeat:ORDER` (an order's id).

    Raises ValueError for anything else; `random` is no plan, for it depends on the seed.
    """
    if name == "pathway":
        return PATHWAY
    if name == "none":
        return NOTHING
    if name == "everything":
        return Plan(follows=False, moves=tuple(PlaceOrder(order) for order in scenario.catalogue.orders))
    order = name.removeprefix("repeat:")
    if name == order or order not in scenario.catalogue.orders:
        raise ValueError(f"there is no plan {name!r}; there are: pathway, none, everything, repeat:ORDER")
    days = scenario.case.horizon // DAY + 1
    return Plan(follows=False, moves=(PlaceOrder(order), Wait(DAY)) * days)


def check(plan: Plan, scenario: Scenario) -> None:
    """Raise ValueError where a plan names what the case does not have."""
    unknown = (plan.skip | set(plan.delay)) - {step.id for step in scenario.case.pathway}
    if unknown:
        raise ValueError(f"the pathway has no step {', '.join(sorted(unknown))}")
    if any(minutes < 0 for minutes in plan.delay.values()):
        raise ValueError("a step can be delayed, not hastened: expected minutes of 0 or more")
    for move in plan.moves:
        _check_move(move, scenario)


def _check_move(move: Move, scenario: Scenario) -> None:
    match move:
        case PlaceOrder() | StopTherapy():
            name = move.order if isinstance(move, PlaceOrder) else move.therapy
            order = scenario.catalogue.orders.get(name)
            if order is None:
                raise ValueError(f"there is no order {name!r}")
            dose = move.dose if isinstance(move, PlaceOrder) else None
            order.find_dose(dose)
        case SetLimits():
            strange = [name for name, _, _ in move.limits if name not in scenario.catalogue.charted]
            if strange:
                raise ValueError(f"no standing order measures {', '.join(strange)}")
        case Wait(minutes=int(minutes)) if minutes < 1:
            raise ValueError("waiting takes at least one minute")
        case StateDifferential():
            names = [name for name, _ in move.probabilities]
            shares = [share for _, share in move.probabilities]
            sound = len(set(names)) == len(names) and all(0 <= share <= 1 for share in shares)
            if not sound or sum(shares) > 1 + 1e-9 or set(names) - set(scenario.catalogue.diagnoses):
                raise ValueError(f"no differential of this case: {move.probabilities!r}")


def moves_of(log: Log) -> tuple[Move, ...]:
    """Return moves that lead to a log's present moment. Long waits are cut where a learner noticed something."""
    moves: list[Move] = []
    noticed: list[int] = []
    for event in log:
        act = act_of(event)
        if isinstance(act, Finish):
            return (*moves, act)
        match event:
            case _ if act is not None:
                moves.append(act)
            case Charted():
                pass
            case ResultReturned() | Called() | CheckpointReached():
                noticed.append(event.at)
            case TimePassed():
                moves += _waits(event.since, event.at, noticed)
    return tuple(moves)


def act_of(event: Event) -> Move | None:
    """Return the move that an event was the answer to; None for what was no act, and for time that passed."""
    match event:
        case OrderPlaced():
            return PlaceOrder(event.order, event.dose)
        case OrderRefused():
            return PlaceOrder(event.order)
        case TherapyStopped(by="learner", therapy=therapy) | OrderWithdrawn(by="learner", order=therapy):
            return StopTherapy(therapy)
        case DifferentialStated():
            return StateDifferential(event.probabilities)
        case LimitsSet():
            return SetLimits(((event.observable, event.below, event.above),))
        case HandedOver():
            return Finish()
    return None


def _waits(since: int, until: int, noticed: Sequence[int]) -> list[Move]:
    stops = sorted({minute for minute in noticed if since < minute < until} | {until})
    starts = [since, *stops[:-1]]
    return [Wait(stop - start) for start, stop in zip(starts, stops, strict=True) if stop > start]
