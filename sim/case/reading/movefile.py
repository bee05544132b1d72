"""A moves file: what a learner does, written down, one item of a list per move. Names and aliases are allowed.

- order: bedside glucose
- order: {id: sirolimus, dose: 1 mg/m2/day}    # as listed, or a number, with or without the unit: 0.8
- stop: prednisolone
- differential: {first_diagnosis: 0.6, second_diagnosis: 0.2}
- limits: {glucose: 6..15}                   # beyond which the nurses call: or below 6, above 15, off
- wait: 6 h          # or: next (result), call (whatever happens first)
- hint: true
- finish: true

A plan (`plans/` beside a case) may hand over to the team instead: its last item is then `- then: pathway`, or with
steps that come later or not at all `- {then: pathway, delay: {some_step: 5 d}, skip: [another_step]}`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from sim.case.limits import limits_read
from sim.case.model.catalogue import Catalogue, Order
from sim.case.model.parts import as_text
from sim.case.moves import AskHint, Finish, Move, PlaceOrder, SetLimits, StateDifferential, StopTherapy, Wait
from sim.case.problems import Problems, did_you_mean, shown
from sim.case.quantities import minutes_of, share_of
from sim.case.reading.document import read
from sim.case.reading.tree import REFUSED, Node
from sim.case.unit import dose_typed

Resolve = Callable[[Catalogue, str], str | None]
"""Finds the id of the order that an id, a name or an alias means; None when none is meant."""

THEN: Final = "then"
"""The key of a plan's last item that hands over to the pathway."""

_HANDING_OVER: Final = (THEN, "delay", "skip")

_KINDS: Final = ("order", "stop", "differential", "limits", "wait", "hint", "finish")


@dataclass(frozen=True, slots=True)
class WrittenPlan:
    """The moves of a plan, and whether the pathway is followed after them."""

    moves: tuple[Move, ...]
    then_pathway: bool
    delay: Mapping[str, int] = field(default_factory=dict)
    """Steps of the pathway to the minutes by which they come later than they could."""
    skip: tuple[str, ...] = ()
    """Steps of the pathway that are left out."""


def read_plan(path: Path, catalogue: Catalogue, resolve: Resolve) -> WrittenPlan:
    """Return the plan in a file. Raises CaseError with every problem found in it."""
    problems = Problems()
    document = read(path, problems, top="list", shown=shown(path))
    children = document.root.children if document.root is not None else None
    nodes = children if isinstance(children, tuple) else ()
    then = bool(nodes) and THEN in nodes[-1].keys
    delay, skip = _handing_over(nodes[-1], problems) if then else ({}, ())
    moves = _moves(nodes[:-1] if then else nodes, _Reader(catalogue, resolve, problems), problems)
    if then and moves and isinstance(moves[-1], Finish):
        problems.error(nodes[-1], "after-finish", "nothing can follow 'finish'", "leave out 'finish' or 'then'")
    problems.raise_errors()
    return WrittenPlan(moves, then, delay, skip)


def _handing_over(item: Node, problems: Problems) -> tuple[dict[str, int], tuple[str, ...]]:
    """The steps that come later (by so many minutes), and those left out, once the pathway takes over."""
    for name, key in item.keys.items():
        if name not in _HANDING_OVER:
            problems.error(key, "unknown-key", f"unknown key '{name}'", did_you_mean(name, _HANDING_OVER))
    if item.at(THEN).data != "pathway":
        problems.error(item.at(THEN), "wrong-value", "expected 'pathway': only it can be followed after a plan")
    delay: dict[str, int] = {}
    later = item.at("delay") if "delay" in item.keys else None
    for step in later.keys if later is not None else ():
        assert later is not None
        try:
            delay[step] = minutes_of(later.at(step).data)
        except ValueError as error:
            problems.error(later.at(step), "wrong-value", str(error))
    left = item.at("skip") if "skip" in item.keys else None
    steps = left.children if left is not None else ()
    if left is not None and not isinstance(steps, tuple):
        problems.error(left, "wrong-value", "expected a list of steps")
    return delay, tuple(str(node.data) for node in steps) if isinstance(steps, tuple) else ()


def read_moves(path: Path, catalogue: Catalogue, resolve: Resolve) -> tuple[Move, ...]:
    """Return the moves of a file, in order. Raises CaseError with every problem found in it."""
    problems = Problems()
    document = read(path, problems, top="list", shown=shown(path))
    moves = () if document.root is None else moves_in(document.root, catalogue, resolve, problems)
    problems.raise_errors()
    return moves


def moves_in(root: Node, catalogue: Catalogue, resolve: Resolve, problems: Problems) -> tuple[Move, ...]:
    """Return the moves of a list, in order, without those that are reported as wrong."""
    nodes = root.children
    return _moves(nodes if isinstance(nodes, tuple) else (), _Reader(catalogue, resolve, problems), problems)


def _moves(nodes: Sequence[Node], reader: _Reader, problems: Problems) -> tuple[Move, ...]:
    moves = [reader.move(node) for node in nodes]
    for before, node in zip(moves, nodes[1:], strict=False):
        if isinstance(before, Finish):
            problems.error(node, "after-finish", "nothing can follow 'finish'", "move 'finish' to the end")
            break
    return tuple(move for move in moves if move is not None)


class _Reader:
    """Reads one item at a time; None after reporting what is wrong with it."""

    def __init__(self, catalogue: Catalogue, resolve: Resolve, problems: Problems) -> None:
        self._catalogue = catalogue
        self._resolve = resolve
        self._problems = problems
        self._readers: Mapping[str, Callable[[Node], Move | None]] = {
            "order": self._order,
            "stop": self._stop,
            "differential": self._differential,
            "limits": self._limits,
            "wait": self._wait,
            "hint": lambda node: self._flag(node, AskHint()),
            "finish": lambda node: self._flag(node, Finish()),
        }

    def move(self, item: Node) -> Move | None:
        """Return the move that an item of the list means."""
        if item.data is REFUSED:
            return None
        if not item.keys or len(item.keys) != 1:
            # A mapping is also empty when its only key was refused, and then that is reported already.
            if item.data != {} or all(problem.line != item.line for problem in self._problems.all):
                self._problems.error(item, "move", f"expected exactly one of {_listed(_KINDS)} here")
            return None
        ((kind, key),) = item.keys.items()
        value = item.at(kind)
        if kind not in self._readers:
            hint = did_you_mean(kind, _KINDS) or f"a move is one of {_listed(_KINDS)}"
            self._problems.error(key, "unknown-key", f"unknown move '{kind}'", hint)
            return None
        return self._readers[kind](value) if value.data is not REFUSED else None

    def _order(self, node: Node) -> Move | None:
        if not isinstance(node.data, dict):
            order = self._find(node)
            return None if order is None else PlaceOrder(order.id)
        for name, key in node.keys.items():
            if name not in ("id", "dose"):
                hint = did_you_mean(name, ("id", "dose")) or "an order has 'id' and 'dose'"
                self._problems.error(key, "unknown-key", f"unknown key '{name}'", hint)
        if "id" not in node.keys:
            self._problems.error(node, "missing-key", "missing key 'id'")
            return None
        order = self._find(node.at("id"))
        if order is None or "dose" not in node.keys:
            return None if order is None else PlaceOrder(order.id)
        return self._with_dose(order, node.at("dose"))

    def _with_dose(self, order: Order, node: Node) -> Move | None:
        if node.data is REFUSED:
            return None
        text = as_text(node.data)
        option = order.dose_meant(text) if isinstance(text, str) else None
        if option is None:
            message = f"'{order.id}' has no dose '{node.data}'"
            self._problems.error(node, "unknown-dose", message, dose_hint(str(text), [order]))
            return None
        return PlaceOrder(order.id, option.label)

    def _stop(self, node: Node) -> Move | None:
        order = self._find(node)
        if order is not None and not order.starts_therapy:
            self._problems.error(node, "not-a-therapy", f"'{order.id}' is not a therapy: it cannot be stopped")
            return None
        return None if order is None else StopTherapy(order.id)

    def _find(self, node: Node) -> Order | None:
        if node.data is REFUSED:
            return None
        text = str(node.data) if isinstance(node.data, (str, int, float)) else ""
        found = self._resolve(self._catalogue, text) if text else None
        if found is None:
            hint = did_you_mean(text.replace(" ", "_"), self._catalogue.orders)
            self._problems.error(node, "unknown-order", f"unknown order '{text}'", hint or "scurfy orders lists them")
            return None
        return self._catalogue.orders[found]

    def _differential(self, node: Node) -> Move | None:
        if not isinstance(node.children, dict):
            self._problems.error(
                node, "wrong-value", "expected diagnoses with their probabilities: {some_diagnosis: 0.6}"
            )
            return None
        found: dict[str, float] = {}
        for name, value in node.children.items():
            diagnosis, share = self._diagnosis(node.keys[name], name), self._share(value)
            if diagnosis is not None and share is not None:
                found[diagnosis] = share
        if sum(found.values()) > 1 + 1e-9:
            message = f"expected probabilities of at most 1 together, found {sum(found.values()):.2f}"
            self._problems.error(node, "shares", message)
        return StateDifferential(tuple(found.items())) if len(found) == len(node.children) else None

    def _diagnosis(self, place: Node, text: str) -> str | None:
        wanted = text.casefold()
        for id_, diagnosis in self._catalogue.diagnoses.items():
            if wanted in (id_, *(word.casefold() for word in (diagnosis.name, *diagnosis.aliases))):
                return id_
        hint = did_you_mean(text, self._catalogue.diagnoses)
        self._problems.error(place, "unknown-diagnosis", f"unknown diagnosis '{text}'", hint)
        return None

    def _share(self, node: Node) -> float | None:
        value = node.data
        if isinstance(value, str) and value.endswith("%"):
            try:
                return share_of(value)
            except ValueError as error:
                self._problems.error(node, "wrong-value", str(error))
                return None
        if isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value <= 1:
            return float(value)
        if value is not REFUSED:
            self._problems.error(node, "wrong-value", "expected a probability from 0 to 1, or a share such as '60%'")
        return None

    def _limits(self, node: Node) -> Move | None:
        if not isinstance(node.children, dict) or not node.children:
            self._problems.error(node, "wrong-value", "expected observables with their limits: {glucose: 6..15}")
            return None
        found = []
        for name, value in node.children.items():
            if name not in self._catalogue.charted:
                hint = did_you_mean(name, self._catalogue.charted)
                message = f"no standing order measures '{name}'"
                self._problems.error(node.keys[name], "unknown-observable", message, hint)
            try:
                found.append((name, *limits_read(value.data)))
            except ValueError as error:
                self._problems.error(value, "wrong-value", str(error))
        return SetLimits(tuple(found))

    def _wait(self, node: Node) -> Move | None:
        if node.data == "next":
            return Wait(None, "result")
        if node.data == "call":
            return Wait(None, "call")
        try:
            minutes = minutes_of(node.data)
        except ValueError as error:
            self._problems.error(node, "wrong-value", str(error), "or 'next' (result), or 'call'")
            return None
        if minutes == 0:
            self._problems.error(node, "no-time", "expected a wait longer than 0 min")
            return None
        return Wait(minutes, "time")

    def _flag(self, node: Node, move: Move) -> Move | None:
        if node.data is True:
            return move
        self._problems.error(node, "wrong-value", "expected true", "remove the line if it is not wanted")
        return None


def dose_hint(text: str, orders: Iterable[Order]) -> str:
    """Return what may have been meant by a dose that none of the orders has, or else what they have."""
    offered = tuple(order for order in orders if order.doses)
    ranged = any(order.bounds for order in offered) and dose_typed(text) is not None
    near = "" if ranged else did_you_mean(text, [option.label for order in offered for option in order.doses])
    return near or (f"its doses are: {'; '.join(order.permitted for order in offered)}" if offered else "")


def _listed(words: tuple[str, ...]) -> str:
    return ", ".join(f"'{word}'" for word in words)
