"""What must fit together within a calibration, beyond the ids it names."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from sim.case.checking.references import walk
from sim.case.model.calibration import Calibration, Choice, Criterion, Delay, Moment, PlanSpec, Values
from sim.case.model.case import Case
from sim.case.model.catalogue import Catalogue
from sim.case.model.parts import Part
from sim.case.moves import Move
from sim.case.problems import Problems, shown
from sim.case.reading.document import read
from sim.case.reading.movefile import moves_in
from sim.case.reading.tree import Loc, Node
from sim.case.search import resolve


def check_calibration(
    root: Node, calibration: Calibration, case: Case, orders: Iterable[str], problems: Problems
) -> None:
    """Report names given twice or used above their place, mixes that are no whole, and steps that nobody finds."""
    _check_names(root, calibration, frozenset(orders), problems)
    _check_order_of_names(root, calibration, problems)
    _check_arms(root, calibration, problems)
    _check_choices(root, calibration, case, problems)
    _check_values(root, calibration, problems)


def with_moves(
    root: Node, calibration: Calibration, path: Path, catalogue: Catalogue, problems: Problems
) -> Calibration:
    """Return the calibration of a file with the moves of its plans in place of what was written of them."""
    plans = {
        name: spec.model_copy(
            update={"moves": _moves(root.at("plans", name, "moves"), spec, path, catalogue, problems)}
        )
        for name, spec in calibration.plans.items()
    }
    return calibration.model_copy(update={"plans": plans})


def _moves(place: Node, spec: PlanSpec, path: Path, catalogue: Catalogue, problems: Problems) -> tuple[Move, ...]:
    if not isinstance(spec.moves, str):
        return moves_in(place, catalogue, resolve, problems) if spec.moves else ()
    file, folder = (path.parent / spec.moves).resolve(), path.parent.parent.resolve()
    if file.suffix != ".yaml" or not file.is_relative_to(folder):
        problems.error(
            place,
            "wrong-value",
            "expected a list of moves, or the path of a .yaml file of moves in this folder's parent",
        )
        return ()
    root = read(file, problems, top="list", shown=shown(file)).root
    return () if root is None else moves_in(root, catalogue, resolve, problems)


def _check_values(root: Node, calibration: Calibration, problems: Problems) -> None:
    """Values are read of arms that say how often, and all that are asked together on one grid."""
    for loc, part, _ in walk(calibration):
        if isinstance(part, Values):
            named = [arm for name in part.of for arm in calibration.cohorts.get(name, (name,))]
            grids = {calibration.arms[arm].sampled for arm in named if arm in calibration.arms}
            if None in grids or len(grids) > 1:
                message = "expected arms with the same 'sampled': how often their values are read"
                problems.error(root.at(*loc, "of"), "not-sampled", message)


def _check_names(root: Node, calibration: Calibration, orders: frozenset[str], problems: Problems) -> None:
    for name in calibration.orders:
        if name in orders:
            problems.error(root.key("orders", name), "duplicate-id", f"'{name}' is the id of an order already")
    for name in calibration.cohorts:
        if name in calibration.arms:
            problems.error(root.key("cohorts", name), "duplicate-id", f"'{name}' is the name of an arm already")
    seen: set[str] = set()
    for place, id in _row_ids(root, calibration):
        if id in seen:
            problems.error(place, "duplicate-id", f"the id '{id}' is used by a row above already")
        seen.add(id)


def _row_ids(root: Node, calibration: Calibration) -> Iterator[tuple[Node, str]]:
    for number, section in enumerate(calibration.sections):
        for place, row in enumerate(section.rows):
            yield root.at("sections", number, "rows", place, "id"), row.id


def _check_order_of_names(root: Node, calibration: Calibration, problems: Problems) -> None:
    """A name is used only below the place that gives it, so that no name leads back to itself."""
    groups = {name: [((n,), word) for n, word in enumerate(words)] for name, words in calibration.orders.items()}
    moments = {name: list(_used(moment, _moment)) for name, moment in calibration.moments.items()}
    criteria = {name: list(_used(criterion, _criterion)) for name, criterion in calibration.criteria.items()}
    cohorts = {name: [((n,), word) for n, word in enumerate(words)] for name, words in calibration.cohorts.items()}
    for key, uses in (("orders", groups), ("moments", moments), ("criteria", criteria), ("cohorts", cohorts)):
        below = set(uses)
        for name, words in uses.items():
            for loc, word in words:
                if word in below:
                    hint = "give a name above the places that use it"
                    place = root.at(key, name, *loc)
                    problems.error(place, "name-order", f"'{word}' is not known here yet", hint)
            if key != "cohorts":
                below.discard(name)


def _used(part: Part, name_in: Callable[[Part], str | None]) -> Iterator[tuple[Loc, str]]:
    for loc, found, _ in walk(part):
        name = name_in(found)
        if name is not None:
            yield loc, name


def _moment(part: Part) -> str | None:
    return part.moment if isinstance(part, Moment) else None


def _criterion(part: Part) -> str | None:
    return part.criterion if isinstance(part, Criterion) else None


def _check_arms(root: Node, calibration: Calibration, problems: Problems) -> None:
    for name, arm in calibration.arms.items():
        if arm.horizon == 0:
            problems.error(root.at("arms", name, "horizon"), "wrong-value", "expected to follow patients for a minute")
        for region, mix in arm.start.items():
            total = sum(mix.values())
            if abs(total - 1) > 1e-6:
                message = f"expected shares that add up to 100%, found {100 * total:g}%"
                problems.error(root.at("arms", name, "start", region), "shares", message)


def _check_choices(root: Node, calibration: Calibration, case: Case, problems: Problems) -> None:
    """A word that finds no step of the pathway changes nothing, and is meant to."""
    for loc, part, _ in walk(calibration):
        if isinstance(part, (Choice, Delay)):
            for key, stops in (("starting", False), ("stopping", True)):
                for number, word in enumerate(getattr(part, key, ())):
                    found = _members(calibration, word)
                    if not any(step.stop == stops and found & set(step.do) for step in case.pathway):
                        message = f"no step of the pathway {'stops' if stops else 'starts'} '{word}'"
                        problems.error(root.at(*loc, key, number), "no-step", message)


def _members(calibration: Calibration, word: str, within: frozenset[str] = frozenset()) -> frozenset[str]:
    """The orders that a word names; a group that leads back to itself is reported elsewhere."""
    if word not in calibration.orders or word in within:
        return frozenset((word,))
    return frozenset().union(*(_members(calibration, each, within | {word}) for each in calibration.orders[word]))
