"""What must be true of a case beyond its shape and its references. Each rule is one small function."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from sim.case.checking.rules_access import check_given_accesses
from sim.case.composing.trees import where
from sim.case.model.case import Case
from sim.case.model.catalogue import Catalogue, Order
from sim.case.model.conditions import Condition
from sim.case.model.disease import Disease
from sim.case.model.terms import Age, All, Elapsed, parsed
from sim.case.problems import Problems, did_you_mean
from sim.case.quantities import duration
from sim.case.reading.movefile import dose_hint
from sim.case.reading.tree import Loc, Node

PLACEHOLDERS: Final = frozenset({"name", "age", "weight"})
"""What `opening` may ask to have filled in."""


@dataclass(frozen=True, slots=True)
class _Desk:
    """All that a rule about a case looks at."""

    root: Node
    case: Case
    disease: Disease
    catalogue: Catalogue
    problems: Problems

    def error(self, loc: Loc, code: str, message: str, hint: str = "") -> None:
        self.problems.error(self.root.at(*loc), code, message, hint)


def check_case(root: Node, case: Case, disease: Disease, catalogue: Catalogue, problems: Problems) -> None:
    """Report what is wrong with a case, given its disease and the catalogue."""
    desk = _Desk(root, case, disease, catalogue, problems)
    for rule in _RULES:
        rule(desk)
    check_given_accesses(root, case, catalogue, problems)


def _ids_are_unique(desk: _Desk) -> None:
    case = desk.case
    for field, items in (
        ("pathway", [step.id for step in case.pathway]),
        ("pitfalls", [pitfall.id for pitfall in case.pitfalls]),
        ("endings", [ending.id for ending in case.endings]),
        ("questions", [question.id for question in case.questions]),
    ):
        seen: dict[str, Node] = {}
        for i, name in enumerate(items):
            place = desk.root.at(field, i, "id")
            if name in seen:
                hint = (
                    "" if seen[name].file == place.file else "leave one out by 'without', or give a protocol a 'prefix'"
                )
                message = f"id '{name}' is used in {where(seen[name], place)} already"
                desk.problems.error(place, "duplicate-id", message, hint)
            seen.setdefault(name, place)


def _times_have_ids_of_their_own(desk: _Desk) -> None:
    """A step that falls due again is called `fill_2` the second time: no other step may be called so."""
    made = {f"{step.id}_{k}": step.id for step in desk.case.pathway for k in range(2, step.times + 1)}
    for i, step in enumerate(desk.case.pathway):
        if step.id in made:
            message = f"'{step.id}' is what a later time of '{made[step.id]}' is called"
            desk.error(("pathway", i, "id"), "duplicate-id", message, "give it another id")


def _shares_add_up(desk: _Desk) -> None:
    for region, mix in desk.case.start.items():
        if region in desk.disease.pools:
            hint = f"write 'adjust: {{{region}: {{initial: 1..2, assumed: why}}}}'"
            desk.error(
                ("start", region),
                "pool-start",
                f"'{region}' is an amount: it opens in the band its amount lies in",
                hint,
            )
        if abs(sum(mix.values()) - 1) > 1e-6:
            total = f"{sum(mix.values()):.4%}".replace("0000%", "%").replace(".%", "%")
            desk.error(("start", region), "shares", f"expected shares that add up to 100%, found {total}")
    for i, checkpoint in enumerate(desk.case.checkpoints):
        total_share = sum(checkpoint.expert.values())
        if total_share > 1 + 1e-6:
            message = f"expected probabilities of at most 100% together, found {total_share:.0%}"
            desk.error(("checkpoints", i, "expert"), "shares", message)


def _doses_exist(desk: _Desk) -> None:
    orders = desk.catalogue.orders
    for i, step in enumerate(desk.case.pathway):
        if step.dose is not None:
            _dose(desk, ("pathway", i, "dose"), step.dose, [order for order in step.do if order in orders])
    for therapy, label in desk.case.given.items():
        if label is not None and therapy in orders and orders[therapy].doses:
            _dose(desk, ("given", therapy), label, [therapy])


def _past_is_past(desk: _Desk) -> None:
    """Report what cannot have been before the opening, and what would still run at it."""
    for name, ago in desk.case.past.items():
        order = desk.catalogue.orders.get(name)
        if order is not None and (fault := _past_fault(order, ago, name in desk.case.given)) is not None:
            desk.error(("past", name), "past", *fault)


def _past_fault(order: Order, ago: tuple[int, ...], runs: bool) -> tuple[str, str] | None:
    given = f"given: {{{order.id}: ...}}"
    if min(ago) < 1 or ago != tuple(sorted(ago, reverse=True)) or len(set(ago)) < len(ago):
        return "expected times before the opening, when it was ordered first", "for example 210 d, or [400 d, 220 d]"
    if len(ago) > 1 and not order.starts_therapy:
        return f"'{order.id}' never runs: expected one time", f"write {duration(ago[0])}"
    if len(ago) > 1 or not order.starts_therapy or runs:
        return None
    if order.lasts is None:
        return f"'{order.id}' runs until it is stopped: expected when that was", f"what still runs is {given}"
    if order.lasts > ago[0]:
        return f"'{order.id}' lasts {duration(order.lasts)}: it would still run", f"say so with {given}"
    return None


def _dose(desk: _Desk, loc: Loc, dose: str, names: list[str]) -> None:
    orders = [desk.catalogue.orders[name] for name in names]
    if orders and all(order.dose_meant(dose) is None for order in orders):
        message = f"{' or '.join(names)} has no dose '{dose}'"
        desk.error(loc, "unknown-dose", message, dose_hint(dose, orders))


def _windows_are_open(desk: _Desk) -> None:
    if desk.case.horizon == 0:
        desk.error(("horizon",), "no-time", "expected a horizon longer than 0 min")
    for i, step in enumerate(desk.case.pathway):
        if step.within == 0:
            desk.error(("pathway", i, "within"), "no-time", "expected a window longer than 0 min")
        elif step.not_before >= step.within:
            message = f"the step opens {duration(step.not_before)} after it is due, when its window is over"
            desk.error(("pathway", i, "not_before"), "no-time", message, "make 'within' longer than 'not_before'")
        if step.critical and step.weight != "must":
            desk.error(("pathway", i, "critical"), "critical", f"only a 'must' can be critical, not a '{step.weight}'")


def _needs_outlast_windows(desk: _Desk) -> None:
    """A need that passes before its window closes is never missed: an author who wrote both hardly meant that."""
    for i, step in enumerate(desk.case.pathway):
        spans = [] if step.when is None else list(_spans(step.when))
        lasts = min((below - start for start, below in spans), default=step.within)
        if lasts >= step.within or lasts <= 0:
            continue
        message = (
            f"the step is due for {duration(lasts)} and its window is {duration(step.within)}: left undone it counts "
            "as not needed"
        )
        desk.problems.warning(desk.root.at("pathway", i, "within"), "never-missed", message,
                              "let 'when' hold for longer than 'within'")  # fmt: skip


def _spans(when: Condition) -> Iterator[tuple[int, int]]:
    """The times that a need lasts at most, in minutes from what they run from."""
    whole = parsed(when)
    for term in whole.parts if isinstance(whole, All) else (whole,):
        if isinstance(term, (Age, Elapsed)) and term.below is not None:
            yield term.since, term.below
    since = when.since  # one in an 'all' asks that a result is fresh, and begins anew with each
    if since is not None and since.below is not None:
        yield since.at_least, since.below


def _opening_steps_ask_for_orders_of_their_own(desk: _Desk) -> None:
    """One order does one step: of two steps that are due from the opening, it leaves the other missed."""
    asked: dict[tuple[str, bool], str] = {}
    for i, step in enumerate(desk.case.pathway):
        for order in step.do if step.when is None and step.each is None else ():
            other = asked.setdefault((order, step.stop), step.id)
            if other != step.id:
                message = f"'{order}' does one step, and the step '{other}' asks for it from the opening as well"
                hint = f"let one of them wait for the other's need: when: {{not: {{ordered: {order}}}}}"
                desk.problems.warning(desk.root.at("pathway", i, "do"), "one-order-two-steps", message, hint)


def _steps_wait_for_steps(desk: _Desk) -> None:
    steps = {step.id: step for step in desk.case.pathway}
    for i, step in enumerate(desk.case.pathway):
        for j, before in enumerate(step.after):
            if before not in steps:
                hint = did_you_mean(before, steps)
                desk.error(("pathway", i, "after", j), "unknown-step", f"unknown step '{before}'", hint)
    cycle = _first_cycle({step.id: [name for name in step.after if name in steps] for step in desk.case.pathway})
    if cycle:
        i = next(i for i, step in enumerate(desk.case.pathway) if step.id == cycle[0])
        message = f"these steps wait for one another: {' -> '.join(cycle)}"
        desk.error(("pathway", i, "after"), "cycle", message)


def _first_cycle(after: dict[str, list[str]]) -> list[str]:
    """Return the first cycle, its first member repeated at its end; empty without one."""
    done: set[str] = set()
    for start in after:
        way, todo = [start], [iter(after[start])]
        while todo:
            step = next(todo[-1], None)
            if step is None:
                todo.pop()
                done.add(way.pop())
            elif step in way:
                return [*way[way.index(step) :], step]
            elif step not in done:
                way.append(step)
                todo.append(iter(after[step]))
    return []


def _differential_holds_the_truth(desk: _Desk) -> None:
    case = desk.case
    if case.diagnosis not in case.differential:
        desk.error(("differential",), "differential", f"the true diagnosis '{case.diagnosis}' is not among these")
    offered = set(case.differential)
    for i, checkpoint in enumerate(case.checkpoints):
        for name in checkpoint.expert:
            if name in desk.catalogue.diagnoses and name not in offered:
                place = desk.root.key("checkpoints", i, "expert", name)
                message = f"'{name}' is not offered in the case's 'differential'"
                desk.problems.error(place, "differential", message, did_you_mean(name, offered))


def _checkpoints_come_in_order(desk: _Desk) -> None:
    last = -1
    for i, checkpoint in enumerate(desk.case.checkpoints):
        if checkpoint.at <= last:
            desk.error(("checkpoints", i, "at"), "order", "expected a later time than the checkpoint above")
        if checkpoint.at >= desk.case.horizon:
            desk.error(("checkpoints", i, "at"), "no-time", "the case is over by then (see 'horizon')")
        last = checkpoint.at


def _expected_endings_exist(desk: _Desk) -> None:
    known = [ending.id for ending in desk.case.endings]
    for who, expected in desk.case.expect.items():
        for name in expected.endings:
            if name not in known:
                hint = did_you_mean(name, known) or f"the endings are {', '.join(known)}"
                place = desk.root.key("expect", who, "endings", name)
                desk.problems.error(place, "unknown-ending", f"unknown ending '{name}'", hint)


def _endings_have_a_fallback(desk: _Desk) -> None:
    endings = desk.case.endings
    for i, ending in enumerate(endings):
        if ending.when is None and i < len(endings) - 1:
            message = f"'{ending.id}' has no 'when', so the endings below it are never reached"
            desk.error(("endings", i), "endings", message, "move it to the end")
    if endings[-1].when is not None:
        place = desk.root.key("endings", len(endings) - 1, "when")
        message = "the last ending must have no 'when': it is for patients that no other ending fits"
        desk.problems.error(place, "endings", message)


def _nothing_gives_it_away(desk: _Desk) -> None:
    case = desk.case
    diagnosis = desk.catalogue.diagnoses.get(case.diagnosis)
    words = {case.diagnosis, case.disease, desk.disease.name}
    words |= {diagnosis.name, *diagnosis.aliases} if diagnosis is not None else set()
    for field, text in (("title", case.title), ("blurb", case.blurb), ("opening", case.opening)):
        for word in sorted(words, key=lambda word: (-len(word), word)):
            if _names(word, text):
                desk.error((field,), "leak", f"'{word}' gives the diagnosis away", "say it without naming the disease")
                break


def _names(word: str, text: str) -> bool:
    plain = re.sub(r"[\W_]+", " ", word).strip()
    said = re.sub(r"[\W_]+", " ", text)
    return bool(plain) and re.search(rf"(?<!\w){re.escape(plain)}(?!\w)", said, re.IGNORECASE) is not None


def _opening_can_be_filled_in(desk: _Desk) -> None:
    known = PLACEHOLDERS if desk.case.patient.birth_weight is None else PLACEHOLDERS | {"birth_weight"}
    for name in sorted(set(re.findall(r"\{([^{}]*)\}", desk.case.opening)) - known):
        listed = ", ".join(f"{{{one}}}" for one in sorted(known))
        hint = did_you_mean(name, known) or f"only {listed} are filled in"
        desk.error(("opening",), "placeholder", f"nothing is filled in for '{{{name}}}'", hint)


def _nothing_is_offered_twice(desk: _Desk) -> None:
    for field, items in (("monitor", desk.case.monitor), ("differential", desk.case.differential)):
        for name in _twice(items):
            position = max(i for i, item in enumerate(items) if item == name)
            desk.error((field, position), "duplicate-id", f"'{name}' stands here twice")


def _twice(items: Iterable[str]) -> list[str]:
    found = list(items)
    return sorted({item for item in found if found.count(item) > 1})


def _questions_are_about_something(desk: _Desk) -> None:
    known = [step.id for step in desk.case.pathway] + [pitfall.id for pitfall in desk.case.pitfalls]
    for i, question in enumerate(desk.case.questions):
        for j, name in enumerate(question.about):
            if name not in known:
                hint = did_you_mean(name, known)
                message = f"no step and no pitfall is called '{name}'"
                desk.error(("questions", i, "about", j), "unknown-step", message, hint)


_RULES: Final[tuple[Callable[[_Desk], None], ...]] = (
    _ids_are_unique,
    _times_have_ids_of_their_own,
    _shares_add_up,
    _doses_exist,
    _past_is_past,
    _windows_are_open,
    _needs_outlast_windows,
    _opening_steps_ask_for_orders_of_their_own,
    _steps_wait_for_steps,
    _differential_holds_the_truth,
    _checkpoints_come_in_order,
    _expected_endings_exist,
    _endings_have_a_fallback,
    _nothing_gives_it_away,
    _opening_can_be_filled_in,
    _nothing_is_offered_twice,
    _questions_are_about_something,
)
