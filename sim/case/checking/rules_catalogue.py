"""What must be true of catalogue and evidence entries beyond their shape and their references."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, TypeVar

from sim.case.model.catalogue import Diagnosis, DoseOption, Kind, Observable, Order
from sim.case.model.evidence import Evidence
from sim.case.problems import Problems
from sim.case.reading.tree import Node
from sim.case.unit import plain_number, unit_of

Named = TypeVar("Named", Order, Diagnosis)

_REPORTING: Final = frozenset({Kind.HISTORY, Kind.EXAMINATION, Kind.INVESTIGATION, Kind.CONSULT})


def check_aliases(entries: Mapping[str, tuple[Node, Named]], problems: Problems) -> None:
    """Report names and aliases that would lead to two entries, at the later of the two."""
    owner: dict[str, str] = {}
    for id_, (_, entry) in entries.items():
        for word in (id_, id_.replace("_", " "), entry.name):
            owner.setdefault(_plain(word), id_)
    for id_, (node, entry) in entries.items():
        if owner[_plain(entry.name)] != id_:
            other = owner[_plain(entry.name)]
            problems.error(node.at("name"), "alias", f"'{entry.name}' is the name of '{other}' too")
        for i, alias in enumerate(entry.aliases):
            other = owner.setdefault(_plain(alias), id_)
            if other != id_:
                problems.error(node.at("aliases", i), "alias", f"'{alias}' leads to '{other}' too", "let one keep it")


def _plain(word: str) -> str:
    return " ".join(word.casefold().split())


def check_order(node: Node, order: Order, problems: Problems) -> None:
    """Report what is wrong with one order."""
    if order.kind in _REPORTING and not order.measures and order.normal is None:
        message = f"'{order.id}' has nothing to say when a case is silent about it"
        problems.warning(node, "silent", message, "add 'normal' or 'measures'")
    if order.glance and order.kind is not Kind.EXAMINATION:
        message = f"'{order.id}' is no examination: nothing of it is seen at a glance"
        problems.error(node.key("glance"), "glance", message, "leave 'glance' out")
    _check_doses(node, order, problems)
    if order.lasts == 0:
        problems.error(node.at("lasts"), "no-time", "expected a course longer than 0 min")


def _check_doses(node: Node, order: Order, problems: Problems) -> None:
    unit = order.dose_unit
    for key in ("unit", "range"):
        if key in node.keys and not order.doses:
            problems.error(node.key(key), "no-dose", f"'{key}' is that of the doses, and there are none",
                           "add 'doses', the usual one first")  # fmt: skip
    if order.range is not None and unit is None and order.doses:
        problems.error(node.key("range"), "no-unit", "a range needs a unit, and the doses do not say one",
                       "add 'unit', such as 'unit: mg/kg/day'")  # fmt: skip
    for i, option in enumerate(order.doses):
        place = node.at("doses", i, "label")
        same = next((other for other in order.doses[:i] if other.amount == option.amount), None)
        if any(other.label == option.label for other in order.doses[:i]):
            problems.error(place, "duplicate-id", f"dose '{option.label}' stands here twice")
        elif same is not None:
            message = f"'{option.label}' gives the same amount as '{same.label}', {plain_number(option.amount)}"
            problems.error(place, "duplicate-dose", message, "only the amount acts: keep one of them")
        else:
            _check_dose(place, option, order, problems)


def _check_dose(place: Node, option: DoseOption, order: Order, problems: Problems) -> None:
    said, amount = option.number_said, plain_number(option.amount)
    unit = option.unit_said
    if said is not None and unit is not None and said != option.amount and order.unit in (None, unit):
        message = f"'{option.label}' says {plain_number(said)}, and its amount is {amount}"
        problems.error(place, "dose-amount", message, "let them agree, or say the unit of the amount with 'unit'")
    elif unit is not None and order.unit is not None and not unit_of(unit).counts_as(unit_of(order.unit)):
        problems.error(place, "dose-unit", f"'{option.label}' is not in the order's unit, {order.unit}")
    elif order.range is not None and not order.range[0] <= option.amount <= order.range[1]:
        low, high = order.range
        message = f"a dose of {amount} lies outside the order's own range"
        problems.error(place, "dose-range", message, f"the range is {plain_number(low)}..{plain_number(high)}")


def check_observable(node: Node, observable: Observable, problems: Problems) -> None:
    """Report what is wrong with one observable: bands by age without gaps, ranges the right way round."""
    last = 0
    for i, band in enumerate(observable.bands):
        final = i == len(observable.bands) - 1
        if band.until is None and not final:
            problems.error(node.at("bands", i), "bands", "missing key 'until': only the last band has none")
        elif band.until is not None and final:
            place = node.key("bands", i, "until")
            problems.error(place, "bands", "the last band must have no 'until': it holds for every older patient")
        elif band.until is not None and band.until <= last:
            problems.error(node.at("bands", i, "until"), "bands", "expected a later age than in the band above")
        last = band.until or last
        # A drug's reference range is its target, so a `normal` of 0 (nobody takes it) may lie outside.
        upside_down = band.low is not None and band.high is not None and band.low > band.high
        if upside_down:
            problems.error(node.at("bands", i, "low"), "bands", "expected 'low' not above 'high'")
        if not observable.floor <= band.normal <= observable.ceiling:
            problems.error(node.at("bands", i, "normal"), "bands", "expected 'normal' between 'floor' and 'ceiling'")
        elif band.normal != 0 and not upside_down and not _within(band.low, band.normal, band.high):
            problems.error(node.at("bands", i, "normal"), "bands", "expected 'normal' between 'low' and 'high'")
    if observable.settles == 0:
        problems.error(node.at("settles"), "no-time", "expected a time longer than 0 min")


def _within(low: float | None, value: float, high: float | None) -> bool:
    return (low is None or low <= value) and (high is None or value <= high)


def check_standing(node: Node, order: Order, problems: Problems) -> None:
    """Report a standing order that cannot stand."""
    if order.every is None:
        return
    if order.turnaround >= order.every:
        message = "the values of one turn come after the next turn: expected a turnaround shorter than 'every'"
        problems.error(node.at("turnaround"), "standing", message)
    if not order.measures:
        problems.warning(node.at("every"), "standing", "a standing order without 'measures' charts no value")


def check_reports(node: Node, order: Order, problems: Problems) -> None:
    """Report what is wrong with the reports before an order's final one."""
    if order.reports and order.every is not None:
        problems.error(
            node.key("reports"), "reports", "a standing order charts what it finds: it has one report a turn"
        )
    before = 0
    for i, report in enumerate(order.reports):
        if report.id in (other.id for other in order.reports[:i]):
            problems.error(node.at("reports", i, "id"), "duplicate-id", f"report '{report.id}' stands here twice")
        if not before < report.after < order.turnaround:
            message = "expected a report after the one above it and before the order's turnaround"
            problems.error(node.at("reports", i, "after"), "reports", message)
        before = max(before, report.after)
        for j, name in enumerate(report.measures):
            if name not in order.measures:
                message = f"the final report does not measure '{name}', so an earlier one cannot"
                problems.error(
                    node.at("reports", i, "measures", j), "reports", message, "add it to the order's 'measures'"
                )


def check_wholes(entries: Mapping[str, tuple[Node, Observable]], problems: Problems) -> None:
    """Report wholes that do not add up: parts in another unit, or a whole that is a part of itself."""
    for id_, (node, observable) in entries.items():
        parts = [(i, entries[name][1]) for i, name in enumerate(observable.whole_of) if name in entries]
        for i, part in parts:
            if part.unit != observable.unit:
                message = f"'{part.id}' is in {part.unit}, '{id_}' in {observable.unit}: they cannot be added up"
                problems.error(node.at("whole_of", i), "whole", message)
        within, ahead = set[str](), list(observable.whole_of)
        while ahead:
            name = ahead.pop()
            if name not in within and name in entries:
                within.add(name)
                ahead += entries[name][1].whole_of
        if id_ in within:
            problems.error(node.at("whole_of"), "whole", f"'{id_}' is counted within itself")


def check_evidence(node: Node, evidence: Evidence, problems: Problems) -> None:
    """Report what is wrong with one fact."""
    if evidence.grade in ("P", "G") and not evidence.sources:
        problems.error(node.at("grade"), "no-source", f"grade {evidence.grade} is for published facts: name a source")
