"""What moves a pool toward a band: which therapies at which dose, which conditions, and what moves it back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import isinf

from sim.case.model.catalogue import Order
from sim.case.model.conditions import Condition
from sim.case.model.pools import Flow, Pool
from sim.engine.pool import read_points


@dataclass(frozen=True, slots=True)
class PoolMove:
    """A flow that moves a pool toward a band, or away from it."""

    toward: bool
    therapy: str | None
    dose: str | None
    """Toward: the label of the dose that moves it most."""
    when: Condition | None


def pool_moves(pool: Pool, band: str, into: tuple[float, float], orders: Mapping[str, Order]) -> Iterator[PoolMove]:
    """Yield the flows that move a pool from `band` toward the range `into`, the strongest first, then what moves it
    back. A loss moves an amount toward 0."""
    low, high = pool.bands[band].range
    up = into > (low, high)
    ends = (high, low) if up else (low, high)
    amount = next((end for end in ends if not isinf(end)), 0.0)  # where it leaves the band, or else where it is bounded
    found = []
    for flow in pool.flows:
        drives = [(drive if up else -drive, dose) for drive, dose in _drives(flow, amount, orders)]
        drive, dose = max(drives, key=lambda item: item[0])
        if drive:
            found.append((drive, PoolMove(drive > 0, flow.therapy, dose, flow.when)))
    for _, move in sorted(found, key=lambda item: -item[0]):
        yield move


def _drives(flow: Flow, amount: float, orders: Mapping[str, Order]) -> list[tuple[float, str | None]]:
    """The change in a minute at each dose on offer, with the dose's label."""
    order = None if flow.therapy is None else orders.get(flow.therapy)
    options = () if order is None else (*order.doses, *order.extremes)
    if not options:
        return [(_change(flow, 1.0, amount), None)]
    return [(_change(flow, option.amount, amount), option.label) for option in options]


def _change(flow: Flow, dose: float, amount: float) -> float:
    if flow.rates is not None:
        size = read_points(flow.rates, dose)
    else:
        size = (flow.loss if flow.loss is not None else flow.rate or 0.0) * (1 if flow.per is None else dose / flow.per)
    return -size * amount if flow.is_loss else size
