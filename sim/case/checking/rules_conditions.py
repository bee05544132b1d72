"""Conditions that nobody can meet, and steps that nobody can do or miss: found by reading, before anybody plays."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from sim.case.checking.references import walk
from sim.case.checking.satisfiability import Impossible, World, certain, implies, impossible, within, world_of
from sim.case.model.case import Case
from sim.case.model.catalogue import Catalogue
from sim.case.model.conditions import Condition
from sim.case.model.disease import Disease
from sim.case.model.parts import Part
from sim.case.model.pathway import Step
from sim.case.model.pitfalls import Absent, Longer
from sim.case.model.terms import Not, Term, parsed
from sim.case.problems import Problems
from sim.case.quantities import duration
from sim.case.reading.tree import Loc, Node

_HINT: Final = "widen it, or leave it out"


def conditions_of(part: Part) -> Iterator[tuple[Loc, Condition]]:
    """Yield every condition within a part that is no part of another condition, with its way down."""
    depth: Loc | None = None
    for loc, inner, _ in walk(part):
        if depth is not None and loc[: len(depth)] == depth:
            continue
        depth = None
        if isinstance(inner, Condition):
            depth = loc
            yield loc, inner


def check_case_conditions(root: Node, case: Case, disease: Disease, catalogue: Catalogue, problems: Problems) -> None:
    """Report what in a case asks for what none of its patients can meet."""
    world = world_of(catalogue, disease, case)
    _conditions(root, case, world, problems)
    _patterns(root, case, problems)
    _endings(root, case, world, problems)
    _refused(root, case, world, problems)
    _in_file_order(root, case, problems)


def check_disease_conditions(root: Node, disease: Disease, catalogue: Catalogue, problems: Problems) -> None:
    """Report what in a disease nobody can meet, whatever the case."""
    _conditions(root, disease, world_of(catalogue, disease), problems)


def check_ages(
    root: Node, disease: Disease, catalogue: Catalogue, cases: Iterable[tuple[tuple[int, int], int]], problems: Problems
) -> None:
    """Warn of what the disease's own file asks of an age that no patient has in any case (ages, horizon) of it."""
    worlds = [World(catalogue, disease, ages, horizon) for ages, horizon in cases]
    own = root.at("id").file
    for loc, condition in conditions_of(disease) if worlds else ():
        place = root.at(*loc)
        if loc[0] == "results":  # what is found in a child of another age harms no case
            continue
        term = parsed(condition)
        found = [impossible(term, world) for world in worlds]
        if place.file == own and all(found) and impossible(term, world_of(catalogue, disease)) is None:
            _say(place, found[0], problems, sure=False)


def _conditions(root: Node, part: Part, world: World, problems: Problems) -> None:
    for loc, condition in conditions_of(part):
        term, place = parsed(condition), root.at(*loc)
        found = impossible(term, world)
        if found is not None:
            _say(place, found, problems, sure=True)
            continue
        for inner in _alternatives(term):
            dead = impossible(inner, world)
            if dead is not None:
                _say(place, dead, problems, sure=False)
                break


def _alternatives(term: Term) -> Iterator[Term]:
    """The parts of a term that it may hold without, and what it denies."""
    for part in within(term):
        if not isinstance(part, Not):
            yield part


def _say(place: Node, found: Impossible | None, problems: Problems, *, sure: bool) -> None:
    if found is None:
        return
    place = _key(place, found.key) or place
    if sure:
        problems.error(place, "never-holds", f"this never holds: {found.why}", _HINT)
    else:
        problems.warning(place, "never-holds", f"this part never holds: {found.why}", _HINT)


def _key(node: Node, name: str) -> Node | None:
    """The first key of this name in a node or below it."""
    if name in node.keys:
        return node.keys[name]
    children = node.children.values() if isinstance(node.children, dict) else node.children or ()
    return next((found for child in children if (found := _key(child, name)) is not None), None)


def _patterns(root: Node, case: Case, problems: Problems) -> None:
    """A mistake that would take longer than the case."""
    for loc, part, _ in walk(case):
        long = part.by if isinstance(part, Absent) else part.than if isinstance(part, Longer) else 0
        if long >= case.horizon:
            message = f"this never comes true: the case is over after {duration(case.horizon)} (see 'horizon')"
            problems.error(root.key(*loc, "by" if isinstance(part, Absent) else "than"), "never-holds", message)


def _endings(root: Node, case: Case, world: World, problems: Problems) -> None:
    """An ending that leaves none of its patients to those below it, or gets none from those above."""
    above: list[tuple[str, Term]] = []
    for i, ending in enumerate(case.endings):
        if ending.when is None:
            return
        term = parsed(ending.when)
        if certain(term, world):
            message = f"'{ending.id}' fits every patient, so the endings below it are never reached"
            problems.error(root.key("endings", i, "when"), "endings", message, "narrow it, or move it to the end")
            return
        first = next((name for name, other in above if implies(term, other)), None)
        if first is not None:
            message = f"'{ending.id}' is never reached: who fits it fits '{first}', which comes first"
            problems.error(root.key("endings", i, "when"), "endings", message, f"move it above '{first}'")
        above.append((ending.id, term))


# --- steps -----------------------------------------------------------------------------------------------------


def _refused(root: Node, case: Case, world: World, problems: Problems) -> None:
    """A step all of whose orders the ward refuses, whatever was done: its need names what no step orders."""
    orders = world.catalogue.orders
    asked = {name for step in case.pathway if not step.stop for name in step.do if name in orders}
    acts = frozenset(asked | case.given.keys())
    world = World(world.catalogue, world.disease, world.ages, world.horizon, acts)
    needs = {name: _unmet(name, world) for name in asked}
    for i, step in enumerate(case.pathway):
        known = [name for name in step.do if name in orders]
        if step.weight == "could" or step.stop or not known or not all(needs[name] for name in known):
            continue
        say, why = needs[known[0]] or ("", "")
        message = f"the ward always refuses '{known[0]}' (\"{say}\"): {why}"
        problems.warning(root.at("pathway", i, "do"), "refused", message,
                         "let an earlier step or 'given' bring about what it needs")  # fmt: skip


def _unmet(name: str, world: World) -> tuple[str, str] | None:
    """What the ward says to an order, and why that is never otherwise."""
    for need in world.catalogue.orders[name].needs:
        found = impossible(parsed(need.when), world)
        if found is not None:
            return need.say, found.why
    return None


def _in_file_order(root: Node, case: Case, problems: Problems) -> None:
    """A step that waits for one that stands below it: read from above, it seems to come first."""
    places: dict[str, int] = {}
    for i, step in enumerate(case.pathway):
        places.setdefault(step.id, i)
    for i, step in enumerate(case.pathway):
        for j, name in enumerate(step.after):
            if places.get(name, i) > i and not _waits_for(case.pathway, name, step.id):
                place = root.at("pathway", i, "after", j)
                if place.file == root.at("pathway", places[name]).file:
                    message = f"'{step.id}' waits for '{name}', which stands below it"
                    problems.warning(place, "file-order", message, f"move '{step.id}' below '{name}'")


def _waits_for(steps: Iterable[Step], first: str, other: str) -> bool:
    """Whether a step waits for another, over any number of steps: then they wait in a circle, which is told already."""
    after = {step.id: step.after for step in steps}
    ahead, seen = [first], set[str]()
    while ahead:
        name = ahead.pop()
        if name == other:
            return True
        if name not in seen:
            seen.add(name)
            ahead += after.get(name, ())
    return False
