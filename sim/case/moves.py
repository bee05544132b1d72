"""What a learner can do, as frozen values: the only input a session takes, and all an attempt stores."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, assert_never


@dataclass(frozen=True, slots=True)
class PlaceOrder:
    """Place one order; `dose` is the label of one of its dose options (None: the usual one)."""

    order: str
    dose: str | None = None


@dataclass(frozen=True, slots=True)
class StopTherapy:
    """Stop a running therapy."""

    therapy: str


@dataclass(frozen=True, slots=True)
class StateDifferential:
    """State the differential: (diagnosis, probability 0 to 1) pairs; what is left of 1 is 'something else'."""

    probabilities: tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True)
class Wait:
    """Let time pass: at most `minutes` (None: no limit but the horizon).

    `until` is 'time' (let all of it pass), 'result' (stop at the next result) or 'call' (stop at whatever
    happens first: a result, a call, a checkpoint).
    """

    minutes: int | None
    until: Literal["time", "result", "call"] = "time"


@dataclass(frozen=True, slots=True)
class SetLimits:
    """Say beyond which values of standing orders the nurses call: (observable, from where down, from where up).

    None: no limit on that side; on both sides: the case's limits again. It costs no simulated time.
    """

    limits: tuple[tuple[str, float | None, float | None], ...]


@dataclass(frozen=True, slots=True)
class AskHint:
    """Ask the tutor what the pathway would do next. It costs no simulated time."""


@dataclass(frozen=True, slots=True)
class Finish:
    """Hand over: from here on the team goes on along the pathway, to the end of the case."""


NEXT_RESULT: Final = Wait(None, "call")
"""What a ward means by 'the next result' while one is awaited: what calls before it comes stops the clock too."""

UNATTENDED: Final = 720
"""The most minutes that pass without a question while nobody named a time."""

Move = PlaceOrder | StopTherapy | StateDifferential | Wait | SetLimits | AskHint | Finish


def to_plain(move: Move) -> dict[str, object]:
    """Return the move as JSON-ready data; `from_plain` is its inverse."""
    match move:
        case PlaceOrder():
            return {"order": move.order, **({} if move.dose is None else {"dose": move.dose})}
        case StopTherapy():
            return {"stop": move.therapy}
        case StateDifferential():
            return {"differential": dict(move.probabilities)}
        case Wait():
            return {"wait": move.minutes, "until": move.until}
        case SetLimits():
            return {"limits": {name: [below, above] for name, below, above in move.limits}}
        case AskHint():
            return {"hint": True}
        case Finish():
            return {"finish": True}
        case _:
            assert_never(move)


def from_plain(data: Mapping[str, object]) -> Move:
    """Return the move `to_plain` made. Raises ValueError for anything else."""
    match data:
        case {"order": str(order), **rest} if set(rest) <= {"dose"}:
            dose = rest.get("dose")
            if dose is None or isinstance(dose, str):
                return PlaceOrder(order, dose)
        case {"stop": str(therapy), **rest} if not rest:
            return StopTherapy(therapy)
        case {"differential": dict(given), **rest} if not rest:
            return StateDifferential(tuple((str(k), float(v)) for k, v in given.items()))
        case {"wait": int() | None as minutes, "until": "time" | "result" | "call" as until, **rest} if not rest:
            return Wait(minutes, until)
        case {"limits": dict(given), **rest} if not rest and all(map(_are_bounds, given.values())):
            return SetLimits(tuple((str(k), _number(low), _number(high)) for k, (low, high) in given.items()))
        case {"hint": True, **rest} if not rest:
            return AskHint()
        case {"finish": True, **rest} if not rest:
            return Finish()
    raise ValueError(f"expected a move, found {dict(data)!r}")


def _are_bounds(value: object) -> bool:
    return isinstance(value, list) and len(value) == 2 and all(v is None or isinstance(v, (int, float)) for v in value)


def _number(value: float | None) -> float | None:
    return None if value is None else float(value)
