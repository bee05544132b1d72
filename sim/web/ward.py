"""The ward: who it is and what time, the child as seen, the monitor, what just happened, the sheet, what runs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from sim.case.model.catalogue import Kind, Observable
from sim.case.quantities import duration
from sim.engine.log import Measurement, TimePassed, Vital
from sim.web.beds import Bed
from sim.web.drawn import spark, trend
from sim.web.frame import Place, button, form, hidden, notice, page, section
from sim.web.happenings import answered, happening, listed
from sim.words.coach import coached
from sim.words.dose import dose_for
from sim.words.duration import CALL_SPANS
from sim.words.events import value_text
from sim.words.format import age, ago, clock, number, reference, review_note, signed, time_near
from sim.words.format import flag as letters
from sim.words.markup import Content, Markup, tag
from sim.words.modes import Mode
from sim.words.orders import act_said, named, nursing_time, report_said, results_due, stoppable
from sim.words.patient import person
from sim.words.records import Reading, Report, column_time, columns
from sim.words.vitals import direction, scale

COACHED_BY: Final[Mapping[str, str]] = {
    "ask": "Ask", "examine": "Examine", "order": "Test or Treat", "place": "its button", "close": "Patient",
    "next": "Next result", "wait": "a wait button", "call": "a wait button", "differential": "Think",
    "trends": "a value's name", "notes": "Think", "hand_over": "Hand over", "help": "Patient",
}  # fmt: skip
"""What each act that a coach may name is called on these pages."""
_COLUMNS: Final = 4
_WAITS: Final = ("15 min", "1 h", *CALL_SPANS[:2])
_POINTS: Final = 60
LATEST: Final = 6
"""How many reports the ward shows; the record has all."""


def base(bed: Bed) -> str:
    """Return where the pages of an attempt begin."""
    return f"/attempt/{bed.attempt.id}"


def bar(bed: Bed, here: str) -> tuple[Place, ...]:
    """Return where one can go from a page of the ward."""
    root = base(bed)
    places = (
        ("Patient", root, "p"),
        ("Ask", f"{root}/orders/ask", "h"),
        ("Examine", f"{root}/orders/examine", "e"),
        ("Test", f"{root}/orders/test", "t"),
        ("Treat", f"{root}/orders/treat", "o"),
        ("People", f"{root}/orders/people", "c"),
        ("Think", f"{root}/think", "d"),
    )
    return tuple(Place(name, href, key, here=name == here) for name, href, key in places)


def ward(bed: Bed, told: str = "") -> str:
    """Return the ward as it is now; `told` is to be known above all."""
    s = bed.snapshot
    columns_ = (
        (just_now(bed), _seen(bed)),
        (_monitor(bed), _acts(bed), _running(bed), _awaited(bed)),
        (_sheet(bed), _kept(bed)),
    )
    content = (
        head(bed),
        notice(told),
        _over(bed) if s.ended is not None else _asked(bed),
        tag("div", [tag("div", parts, class_="column") for parts in columns_], class_="ward"),
    )
    return page(f"{s.name}, {clock(s.now)}", *content, bar=bar(bed, "Patient"), count=bed.turn,
                events=f"{base(bed)}/events")  # fmt: skip


def head(bed: Bed) -> Markup:
    """Return who it is, since when the last weight is known, and what time it is."""
    s, weight = bed.snapshot, bed.records.weight
    weighed = ""
    if weight is not None:
        when = "on arrival" if weight.at == 0 else clock(weight.at)
        weighed = f", {number(weight.value, 2)} kg ({when})"
    who = tag("h1", s.name, tag("span", f" {person(s.sex, s.age)}, {age(s.age)}{weighed}"))
    return tag("header", who, tag("p", tag("time", clock(s.now)), f" {bed.attempt.mode}"), class_="who")


def just_now(bed: Bed, id: str | None = "now") -> Markup:
    """Return what the last act brought; before the first act, the briefing."""
    if not bed.attempt.count:
        case = bed.attempt.scenario.case
        words = (tag("p", bed.attempt.opening()), tag("p", case.setting, class_="quiet"),
                 tag("p", review_note(case.reviewed), class_="quiet"))  # fmt: skip
        return section(case.title, *words, id=id)
    back = _undoing(bed) if id is not None else None
    return section("Just now", listed(fresh(bed), "Nothing new has happened."), back, id=id)


def _undoing(bed: Bed) -> Markup | None:
    """Return what takes the last act back, while that is harmless."""
    move = bed.attempt.undoable
    if move is None:
        return None
    label = f"Take back: {act_said(move, bed.attempt.scenario)}"
    return form(f"{base(bed)}/undo", button(label, class_="small", data_key="u"), seen=bed.turn)


def fresh(bed: Bed) -> list[Markup]:
    """Return what the last act brought; that time passed, the clock says."""
    events = [event for event in bed.happened if not isinstance(event, TimePassed)]
    return happening(bed.attempt.scenario, [e for e in events if not answered(e, events)], bed.snapshot.now)


def patient(bed: Bed) -> tuple[Content, ...]:
    """Return what is to be seen of a patient whom others treat: nothing acts, and nothing leads elsewhere."""
    told = (just_now(bed, None), _seen(bed), _monitor(bed, False))
    return (*told, _sheet(bed, False), _running(bed, False), _awaited(bed))


def _over(bed: Bed) -> Markup:
    return section(
        "The case is over",
        tag("p", "Next: what was going on, and what you did about it."),
        tag("p", tag("a", "Read the debrief", href=f"{base(bed)}/debrief", class_="button")),
    )


def _asked(bed: Bed) -> Markup | None:
    if bed.snapshot.checkpoint is None:
        return None
    link = tag("a", "State your differential", href=f"{base(bed)}/think")
    return tag("p", "What do you think it is? Time to commit yourself. ", link, class_="notice", role="alert")


def _seen(bed: Bed) -> Markup | None:
    s = bed.snapshot
    coach = tag("p", coached(s.coach, COACHED_BY), class_="notice good") if s.coach else None
    return section("At the bedside", tag("p", s.glance) if s.glance else None, coach) if s.glance or s.coach else None


def _acts(bed: Bed) -> Markup | None:
    """Return the ways to let time pass, and what else is no order."""
    s, root, count = bed.snapshot, base(bed), bed.turn
    if s.ended is not None:
        return None
    due = results_due(bed.attempt.scenario, s)
    soon = None
    if due:
        minutes = min(due) - s.now
        label = f"Next result (in {duration(minutes)})" if minutes else "Next result (now)"
        soon = form(f"{root}/next", button(label, data_key="n"), seen=count)
    waits = [form(f"{root}/wait", hidden("span", span), button(span, class_="small"), seen=count) for span in _WAITS]
    typed = form(
        f"{root}/wait",
        tag("label", "Another time", tag("input", name="span", placeholder="2 d", required=True, maxlength=40,
                                         autocomplete="off")),
        button("Wait"), seen=count, class_="line",
    )  # fmt: skip
    hint = form(f"{root}/hint", button("Ask for a hint"), seen=count) if bed.attempt.mode == Mode.TUTOR else None
    away = tag("a", "Hand over", href=f"{root}/hand-over")
    return section("Time", soon, tag("p", "Wait until something happens, at most:", class_="quiet"),
                   tag("div", waits, class_="row"), typed, tag("p", hint, away))  # fmt: skip


def _monitor(bed: Bed, drawn: bool = True) -> Markup:
    rows = [_vital(bed, vital, drawn) for vital in bed.snapshot.vitals]
    table = tag("table", tag("tbody", rows), class_="monitor")
    return section("Monitor, last day", tag("div", table, class_="wide", tabindex="0"))


def _named(bed: Bed, spec: Observable, drawn: bool) -> Markup:
    """Return an observable's short name, which leads to its drawing where there is one."""
    where = f"{base(bed)}/trend/{spec.id}"
    return tag("a", spec.short, title=spec.name, href=where) if drawn else tag("span", spec.short, title=spec.name)


def _vital(bed: Bed, vital: Vital, drawn: bool) -> Markup:
    spec = bed.attempt.scenario.catalogue.observables[vital.observable]
    said = value_text(bed.attempt.scenario, Measurement(vital.observable, vital.value, vital.low, vital.high))
    sign, role = signed(said.flag)
    return tag(
        "tr",
        tag("th", _named(bed, spec, drawn), scope="row"),
        tag("td", f"{said.amount} {sign}".rstrip(), class_=f"number {role}".rstrip()),
        tag("td", said.normal, class_="quiet range"),
        tag("td", spark(vital.trend, scale(vital))),
        tag("td", direction(vital, spec), class_="quiet"),
    )


def _sheet(bed: Bed, drawn: bool = True) -> Markup:
    results, now = bed.records.results, bed.snapshot.now
    known = [o for o in bed.attempt.scenario.catalogue.observables_for_reading if o.id in results]
    if not known:
        return section("Flow sheet", tag("p", "No value yet: what is measured is charted here.", class_="quiet"))
    earlier = columns({o.id: results[o.id][:-1] for o in known}, now, _COLUMNS)
    head = tag(
        "tr",
        [
            tag("th", name, scope="col")
            for name in ("", "Latest", "Ago", "Range", *(column_time(at, now) for at, _ in earlier))
        ],
    )
    rows = []
    for spec in known:
        latest = results[spec.id][-1]
        cells = [tag("td", _cell(bed, spec.id, values.get(spec.id)), class_="number") for _, values in earlier]
        low_high = reference(latest.low, latest.high, spec.decimals)
        rows.append(
            tag("tr", tag("th", _named(bed, spec, drawn), tag("span", f" {spec.unit}", class_="quiet"), scope="row"),
                tag("td", _cell(bed, spec.id, latest), class_="number"), tag("td", ago(latest.at, now)),
                tag("td", low_high, class_="quiet"), cells)
        )  # fmt: skip
    return section(
        "Flow sheet", tag("div", tag("table", tag("thead", head), tag("tbody", rows)), class_="wide", tabindex="0")
    )


def _cell(bed: Bed, observable: str, reading: Reading | None) -> Markup | None:
    if reading is None:
        return None
    spec = bed.attempt.scenario.catalogue.observables[observable]
    sign, role = signed(letters(reading.value, reading.low, reading.high, spec))
    return tag("span", f"{number(reading.value, spec.decimals)} {sign}".rstrip(), class_=role or None)


def _running(bed: Bed, acts: bool = True) -> Markup:
    s, scenario = bed.snapshot, bed.attempt.scenario
    orders = scenario.catalogue.orders
    kg = None if bed.records.weight is None else bed.records.weight.value
    lines: list[tuple[str, str, str]] = []
    for work in s.nursing:
        lines.append((work.order, f"Nurse: {named(orders[work.order].name, work.dose)}",
                      nursing_time(work, s.now, lambda minute: time_near(minute, s.now))))  # fmt: skip
    lines += [(held.therapy, named(orders[held.therapy].name, held.dose), "no access") for held in s.interrupted]
    for run in sorted(s.running, key=lambda run: -run.since):
        word, at = ("to", run.ends) if run.ends is not None else ("since", run.since)
        name = named(orders[run.therapy].name, dose_for(orders[run.therapy], run.dose, kg))
        lines.append((run.therapy, name, f"{word} {time_near(at, s.now)}"))
    may_stop = {order.id for order in stoppable(scenario, s)} if acts and s.ended is None else set()
    items = [
        tag("li", tag("span", name), tag("span", when, class_="quiet"),
            form(f"{base(bed)}/stop", hidden("therapy", id), button(("Stop", tag("span", f" {name}", class_="unseen")),
                 class_="small"), seen=bed.turn) if id in may_stop else None)
        for id, name, when in lines
    ]  # fmt: skip
    return section(
        "Running", tag("ul", items, class_="running") if items else tag("p", "Nothing runs.", class_="quiet")
    )


def _awaited(bed: Bed) -> Markup:
    s, orders = bed.snapshot, bed.attempt.scenario.catalogue.orders
    items = []
    for wait in sorted(s.pending, key=lambda wait: wait.due):
        name = ", ".join(filter(None, (orders[wait.order].name, report_said(orders[wait.order], wait.report))))
        items.append(tag("li", tag("span", name), tag("span", f"due {time_near(wait.due, s.now)}", class_="quiet")))
    nothing = tag("p", "No result is awaited.", class_="quiet")
    return section("Awaited", tag("ul", items, class_="running") if items else nothing)


def _kept(bed: Bed) -> Markup:
    """Return the latest of what was found in words; the record has all of it."""
    found = _reports(bed, bed.records.reports_of(*Kind)[:LATEST])
    link = tag("p", tag("a", "The whole record", href=f"{base(bed)}/record"))
    return section("Found", tag("ol", found, class_="happened") if found else None, link)


def _reports(bed: Bed, reports: Iterable[Report]) -> list[Markup]:
    orders, now = bed.attempt.scenario.catalogue.orders, bed.snapshot.now
    return [
        tag("li", tag("time", time_near(report.at, now)),
            tag("div", tag("p", tag("strong", f"{orders[report.order].name}: "), report.text)))
        for report in reports
    ]  # fmt: skip


def record_page(bed: Bed) -> str:
    """Return all that was found in words, by what gave it, and all that happened, the newest first."""
    groups = (
        ("Reports", (Kind.INVESTIGATION, Kind.PROCEDURE, Kind.CONSULT, Kind.THERAPY, Kind.DISPOSITION)),
        ("Examination", (Kind.EXAMINATION,)),
        ("History", (Kind.HISTORY,)),
    )
    found = []
    for title, kinds in groups:
        told = _reports(bed, bed.records.reports_of(*kinds))
        if told:
            found.append(section(f"{title} ({len(told)})", tag("ol", told, class_="happened")))
    whole = list(reversed(happening(bed.attempt.scenario, bed.snapshot.visible, bed.snapshot.now)))
    return page("Record", head(bed), found, section("Everything so far", listed(whole, "Nothing yet.")),
                bar=bar(bed, "Patient"), count=bed.turn, events=f"{base(bed)}/events")  # fmt: skip


def trend_page(bed: Bed, observable: str) -> str:
    """Return one observable over the whole case. Raises KeyError for one that is neither monitored nor measured."""
    s, records, scenario = bed.snapshot, bed.records, bed.attempt.scenario
    readings = records.results.get(observable, [])
    line = bed.attempt.trend(observable, max(s.now, 60), _POINTS)
    if not readings and not line:
        raise KeyError(observable)
    spec = scenario.catalogue.observables[observable]
    if not readings:
        vital = next(vital for vital in s.vitals if vital.observable == observable)
        readings = [Reading(s.now, vital.value, vital.low, vital.high)]
    orders = scenario.catalogue.orders
    runs = [(named(orders[run.therapy].name, run.dose), run) for run in records.runs if not orders[run.therapy].access]
    drawing = trend(spec, readings, line, records.calls, runs[-12:], s.now)
    rows = [
        tag(
            "tr", tag("th", clock(reading.at), scope="row"), tag("td", _cell(bed, observable, reading), class_="number")
        )
        for reading in reversed(readings)
    ]
    table = tag("details", tag("summary", f"The values ({len(rows)})"), tag("table", tag("tbody", rows)))
    note = tag("p", "Dots are measured; grey is the reference range; upright lines are calls; bars are what ran.",
               class_="quiet")  # fmt: skip
    title = f"{spec.name} ({spec.unit})" if spec.unit else spec.name
    call = _limits(bed, observable) if observable in scenario.catalogue.charted and s.ended is None else None
    return page(title, head(bed), section(title, tag("div", drawing, class_="wide", tabindex="0"), note, table), call,
                bar=bar(bed, "Patient"), count=bed.turn, events=f"{base(bed)}/events")  # fmt: skip


def _limits(bed: Bed, observable: str) -> Markup:
    sides = [tag("label", label, tag("input", name=side, inputmode="decimal", maxlength=12, autocomplete="off"))
             for side, label in (("below", "At this or below"), ("above", "At this or above"))]  # fmt: skip
    ask = form(f"{base(bed)}/limits", hidden("observable", observable), sides, button("Call me"),
               seen=bed.turn, class_="line")  # fmt: skip
    words = "While a standing order measures it, the nurses call when it leaves these limits. None: the case's own."
    return section("Call me", tag("p", words, class_="quiet"), ask)


def hand_over_page(bed: Bed) -> str:
    """Return the question before a case is handed over."""
    words = "The team goes on along the pathway. What is due now and not done counts as missed."
    ask = section("Hand over?", tag("p", words),
                  form(f"{base(bed)}/finish", button("Yes, hand over"), seen=bed.turn),
                  tag("p", tag("a", "No, go on", href=base(bed))))  # fmt: skip
    return page("Hand over?", head(bed), ask, bar=bar(bed, ""), count=bed.turn)
