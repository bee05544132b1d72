"""A moves file becomes moves: what a learner would have done, written down, one item a line.

Orders are named as people type them (an id, a name or an alias); whatever is wrong is said with its place.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from sim.case.document import Node, Problems, did_you_mean, read
from sim.case.model import Catalogue, Library
from sim.case.moves import AskHint, Finish, Move, PlaceOrder, StateDifferential, StopTherapy, Wait
from sim.case.quantities import minutes_of

KEYS = ("order", "stop", "differential", "wait", "hint", "finish")

Placed = tuple[Node, Move]
"""A move and where it stands in its file."""


def read_moves(path: Path, library: Library) -> tuple[Placed, ...]:
    """Return the moves of a file. Raises CaseError with every problem of the file."""
    problems = Problems()
    root = read(path, problems, top="list").root
    items = root.children if root is not None and isinstance(root.children, tuple) else ()
    reader = _Reader(library, problems)
    moves = [(node, reader.move(node)) for node in items]
    problems.raise_errors()
    return tuple((node, move) for node, move in moves if move is not None)


class _Reader:
    """Turns items into moves and collects what is wrong with them."""

    def __init__(self, library: Library, problems: Problems) -> None:
        self._orders = order_names(library.catalogue)
        self._diagnoses = diagnosis_names(library)
        self._problems = problems

    def move(self, node: Node) -> Move | None:
        """Return the item's move, or None after saying what is wrong with it."""
        if not isinstance(node.children, dict) or len(node.children) != 1:
            self._problems.error(node, "wrong-move", f"expected one of {', '.join(KEYS)}", "for example: - wait: 6 h")
            return None
        ((key, value),) = node.children.items()
        readers: dict[str, Callable[[Node], Move | None]] = {
            "order": self._order,
            "stop": self._stop,
            "differential": self._differential,
            "wait": self._wait,
            "hint": lambda value: AskHint() if self._is_true(value) else None,
            "finish": lambda value: Finish() if self._is_true(value) else None,
        }
        if key not in readers:
            hint = did_you_mean(key, KEYS) or f"the moves are {', '.join(KEYS)}"
            self._problems.error(node.key(key), "wrong-move", f"unknown move '{key}'", hint)
            return None
        return readers[key](value)

    def _order(self, node: Node) -> Move | None:
        if isinstance(node.children, dict):
            for key in sorted(set(node.children) - {"id", "dose"}):
                self._problems.error(node.key(key), "unknown-key", f"unknown key '{key}'", "the keys are id and dose")
            order, dose = self._named(node.at("id"), self._orders, "order"), node.children.get("dose")
            if dose is not None and not isinstance(dose.data, str):
                self._problems.error(dose, "wrong-value", "expected the label of a dose, as text")
                return None
            return None if order is None else PlaceOrder(order, None if dose is None else str(dose.data))
        order = self._named(node, self._orders, "order")
        return None if order is None else PlaceOrder(order)

    def _stop(self, node: Node) -> Move | None:
        order = self._named(node, self._orders, "order")
        return None if order is None else StopTherapy(order)

    def _differential(self, node: Node) -> Move | None:
        if not isinstance(node.children, dict):
            self._problems.error(node, "wrong-value", "expected diagnoses and probabilities, as in {ipex: 0.6}")
            return None
        given: list[tuple[str, float]] = []
        for name, child in node.children.items():
            diagnosis = self._known(node.key(name), name, self._diagnoses, "diagnosis")
            if not isinstance(child.data, (int, float)) or isinstance(child.data, bool) or not 0 <= child.data <= 1:
                self._problems.error(child, "wrong-value", "expected a probability from 0 to 1")
            elif diagnosis is not None:
                given.append((diagnosis, float(child.data)))
        return StateDifferential(tuple(given))

    def _wait(self, node: Node) -> Move | None:
        if node.data == "next":
            return Wait(None, "result")
        if node.data == "call":
            return Wait(None, "call")
        try:
            return Wait(minutes_of(node.data if isinstance(node.data, str) else repr(node.data)))
        except ValueError as error:
            self._problems.error(node, "wrong-value", f"{error}; or 'next', or 'call'")
            return None

    def _is_true(self, node: Node) -> bool:
        if node.data is not True:
            self._problems.error(node, "wrong-value", "expected true")
        return node.data is True

    def _named(self, node: Node, names: Mapping[str, str], what: str) -> str | None:
        if not isinstance(node.data, str):
            self._problems.error(node, "wrong-value", f"expected the name of an {what}")
            return None
        return self._known(node, node.data, names, what)

    def _known(self, node: Node, name: str, names: Mapping[str, str], what: str) -> str | None:
        found = names.get(name.strip().casefold())
        if found is None:
            self._problems.error(node, f"unknown-{what}", f"no {what} is called '{name}'", did_you_mean(name, names))
        return found


def order_names(catalogue: Catalogue) -> dict[str, str]:
    """Return every name an order goes by, in lower case, with the order's id. An id wins over a name or alias."""
    aliases = {name.casefold(): o.id for o in reversed(catalogue.orders.values()) for name in (*o.aliases, o.name)}
    return aliases | {id: id for id in catalogue.orders}


def diagnosis_names(library: Library) -> dict[str, str]:
    """Return every name a diagnosis offered in the case goes by, in lower case, with its id."""
    offered = [library.catalogue.diagnoses[id] for id in library.case.differential]
    return {name.casefold(): d.id for d in offered for name in (*d.aliases, d.name, d.id)}
