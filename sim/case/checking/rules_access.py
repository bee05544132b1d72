"""What must be true of whose minutes an order takes, and of what is given into a vein."""

from __future__ import annotations

from collections.abc import Mapping

from sim.case.model.case import Case
from sim.case.model.catalogue import Catalogue, Order
from sim.case.problems import Problems
from sim.case.reading.tree import Node


def check_minutes(node: Node, order: Order, problems: Problems) -> None:
    """Report an order that says nobody's minutes, and an access that cannot be one."""
    if not {"takes", "nurse"} & set(node.keys):
        problems.error(node, "missing-key", "missing key 'takes' (the doctor's minutes) or 'nurse' (a nurse's)")
    if order.access is not None and not (order.starts_therapy and order.lasts):
        message = f"'{order.id}' provides an access and does not say how long it runs"
        problems.error(node.key("access"), "access", message, "add 'lasts' to a procedure")
    if order.access is not None and order.via is not None:
        problems.error(node.key("via"), "access", f"'{order.id}' provides an access and needs one itself")
    if order.fails is not None and order.access is None:
        problems.error(node.key("fails"), "access", "only an access fails: expected 'access' with it")
    elif order.fails is not None and order.fails[0] == 0:
        problems.error(node.at("fails"), "no-time", "expected a time longer than 0 min")


def check_accesses(entries: Mapping[str, tuple[Node, Order]], problems: Problems) -> None:
    """Report what is given into a vein where no order provides one."""
    for node, order in entries.values():
        if order.via is not None and not any(other.serves(order.via) for _, other in entries.values()):
            message = f"'{order.id}' is given into a vein, and no order provides 'access: {order.via}'"
            problems.error(node.key("via"), "access", message, "a learner could never order it")


def check_given_accesses(root: Node, case: Case, catalogue: Catalogue, problems: Problems) -> None:
    """Report what runs into a vein from the opening on without an access that does."""
    given = [catalogue.orders[name] for name in case.given if name in catalogue.orders]
    for order in given:
        if order.via is not None and not any(other.serves(order.via) for other in given):
            message = f"'{order.id}' runs into a vein from the opening on, and no access does"
            problems.error(root.key("given", order.id), "access", message, "give one, such as 'peripheral_access', too")
