"""Orders in words."""

from __future__ import annotations

from sim.case.model.catalogue import Order
from sim.case.quantities import duration


def named(name: str, dose: str | None) -> str:
    """Return an order's name with its dose, if it has one."""
    return f"{name}, {dose}" if dose else name


def order_line(order: Order, what: str) -> str:
    """Return an order as one line of a list: its name, then `what` it is (its kind or its group) and what it takes."""
    parts = [what]
    if order.takes:
        parts.append(f"takes {duration(order.takes)}")
    if order.turnaround:
        parts.append(f"result after {duration(order.turnaround)}")
    return f"{order.name} ({', '.join(parts)})"
