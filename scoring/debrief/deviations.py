"""Where an attempt left the pathway, or did better: each moment with what happened, what was expected, what to ask.

Questions are open and blame nobody: they ask what was seen, weighed or expected, never why something was not done.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from scoring.assess.assessment import Assessment
from scoring.debrief.causes import cause_of, latest_before
from scoring.debrief.decision_text import points_of
from scoring.debrief.model import Debrief, DecisionRow, Extra, Mistake, Opinion, StepRow
from scoring.debrief.sentences import consequences
from scoring.parameters import BELIEF_SHIFT, CAUSES_NAMED, PROMPT_WEIGHTS
from sim.case.model.pathway import Step
from sim.case.model.pitfalls import Pattern
from sim.case.model.scenario import Scenario
from sim.case.quantities import duration
from sim.engine.log import Log, OrderPlaced
from sim.words.differential import moved, shares
from sim.words.format import at_moment, capital, listed


@dataclass(frozen=True, slots=True)
class Deviation:
    """One moment worth talking about."""

    kind: str
    """A key of `scoring.parameters.PROMPT_WEIGHTS`: what decides which moments are talked about."""
    at: int
    event: int | None
    label: str
    """What it is called at the end of the talk."""
    happened: str
    expected: str
    ask: str
    evidence: tuple[str, ...] = ()
    orders: frozenset[str] = frozenset()
    """What was missing, or what was done: by it two accounts of the same thing are known."""

    @property
    def weight(self) -> int:
        """How much it deserves to be talked about."""
        return PROMPT_WEIGHTS[self.kind]


def deviations(scenario: Scenario, log: Log, assessment: Assessment, account: Debrief) -> tuple[Deviation, ...]:
    """Return every moment worth talking about, each once, in the order of time. `account` is that of the log."""
    found = [_of_pitfall(scenario, log, mistake) for mistake in account.mistakes]
    covered = frozenset(order for deviation in found for order in deviation.orders)
    scene = _AttemptView(scenario, log, assessment, account)
    found += scene.not_done(covered)
    found += scene.done_otherwise()
    found += [_of_extra(extra) for extra in account.extras if extra.value == "harmful"]
    found = scene.with_losses(found)
    found += _of_beliefs(account.opinions)
    return tuple(sorted(found, key=lambda deviation: deviation.at))


def well_done(scenario: Scenario, log: Log, assessment: Assessment, account: Debrief) -> Deviation | None:
    """Return the weightiest thing that was done in time, one that answered something rather than routine."""
    scene = _AttemptView(scenario, log, assessment, account)
    rows = [row for row in scene.rows if row.verdict == "in_time" and row.at is not None and row.weight == "must"]
    if not rows:
        return None
    row = min(rows, key=lambda r: (scene.steps[r.step].when is None, not scene.steps[r.step].critical, r.at))
    return Deviation(
        "well_done", row.at or 0, row.event, f'"{row.title}"',
        f'"{row.title}" fell due {scene.since(row)}; it was done {at_moment(row.at or 0)}.', row.because,
        "What put you on to it, and how would you hand that on to somebody on a first night?", row.evidence,
    )  # fmt: skip


class _AttemptView:
    """The attempt, looked at step by step."""

    def __init__(self, scenario: Scenario, log: Log, assessment: Assessment, account: Debrief) -> None:
        self.scenario, self.log, self.assessment, self.account = scenario, log, assessment, account
        self.rows = [row for phase in account.phases for row in phase.rows]
        self.steps: dict[str, Step] = {step.id: step for step in scenario.case.pathway}
        self.due = {item.step: item.due for item in assessment.pathway}

    def since(self, row: StepRow) -> str:
        """When a step fell due, and what had come just then."""
        due = self.due[row.step] or 0
        came = cause_of(self.scenario, self.log, self.steps[row.step], due)
        return f"{at_moment(due)}, with {came}" if came else at_moment(due)

    def not_done(self, covered: frozenset[str]) -> Iterator[Deviation]:
        """Musts and shoulds that were missed, those of one moment together; what a pitfall tells is left to it."""
        groups: dict[tuple[int, str], list[StepRow]] = {}
        for phase in self.account.phases:
            for row in phase.rows:
                missed = row.verdict == "missed" and row.weight != "could"
                if missed and not covered & set(self.steps[row.step].do):
                    groups.setdefault((self.due[row.step] or 0, phase.name), []).append(row)
        for rows in groups.values():
            yield self._missed(sorted(rows, key=lambda row: (not self.steps[row.step].critical, row.weight != "must")))

    def _missed(self, rows: Sequence[StepRow]) -> Deviation:
        first = rows[0]
        due, end = self.due[first.step] or 0, (first.window or (0, 0))[1]
        titles = listed([f'"{row.title}"' for row in rows], "; ", CAUSES_NAMED)
        if len(rows) == 1:
            gone = f"{titles} fell due {self.since(first)}; {duration(end - due)} later it had not been done."
        else:
            gone = f"{capital(at_moment(due))} these fell due: {titles}. None was done in its window."
        kind = "critical_missed" if self.steps[first.step].critical else f"{first.weight}_missed"
        names = self._ordered(due, end)
        instead = (
            f"In that time you ordered {listed(dict.fromkeys(names), ', ', CAUSES_NAMED)}."
            if names
            else "Nothing was ordered in that time."
        )
        return Deviation(
            kind, due, None, f'"{first.title}"', f"{gone} {instead}", f"{first.title}: {first.because}",
            self._ask_for(first, duration(end - due), names), first.evidence,
            frozenset(order for row in rows for order in self.steps[row.step].do),
        )  # fmt: skip

    def _ask_for(self, row: StepRow, length: str, names: Sequence[str]) -> str:
        came = cause_of(self.scenario, self.log, self.steps[row.step], self.due[row.step] or 0)
        if came:
            return f"What did {came} tell you, and which of your orders, if any, answered it?"
        if not names:
            return f"What were you waiting for in those {length}, and what would have told you not to wait longer?"
        if len(set(names)) == 1:
            return f"How did {names[0]} come to be the first thing, and what was to follow it?"
        return f'Of all that stood open in those {length}, what came first for you, and where stood "{row.title}"?'

    def _ordered(self, since: int, until: int) -> list[str]:
        names = self.scenario.catalogue.orders
        placed = (event for event in self.log if isinstance(event, OrderPlaced))
        return [names[event.order].name for event in placed if since <= event.at <= until]

    def done_otherwise(self) -> Iterator[Deviation]:
        """Musts and critical steps that came late or out of order."""
        for row in self.rows:
            if row.at is None or row.weight != "must" or row.verdict not in ("late", "out_of_order"):
                continue
            kind = "critical_late" if self.steps[row.step].critical else row.verdict
            yield self._late(row, kind, row.at) if row.verdict == "late" else self._reversed(row, kind, row.at)

    def _late(self, row: StepRow, kind: str, at: int) -> Deviation:
        end = (row.window or (0, 0))[1]
        before = latest_before(self.scenario, self.log, row.event)
        return Deviation(
            kind, at, row.event, f'"{row.title}"',
            f'"{row.title}" fell due {self.since(row)}; it was done {at_moment(at)}, {duration(at - end)} after its '
            f"window had closed.{f' Just before it came {before}.' if before else ''}",
            row.because,
            f"What had you seen or heard {at_moment(at)} that was not there before, and what made it count?",
            row.evidence, frozenset(self.steps[row.step].do),
        )  # fmt: skip

    def _reversed(self, row: StepRow, kind: str, at: int) -> Deviation:
        return Deviation(
            kind, at, row.event, f'"{row.title}"', f'"{row.title}" was done {at_moment(at)}: {row.note}.', row.because,
            "Which of the two seemed the more pressing at that moment, and what made it so?",
            row.evidence, frozenset(self.steps[row.step].do),
        )  # fmt: skip

    def with_losses(self, found: Sequence[Deviation]) -> list[Deviation]:
        """The deviations with what a decision cost added to the one that explains it; other big losses of their own."""
        result = list(found)
        for row, judged in zip(self.account.decisions, self.assessment.decisions, strict=True):
            if row.size not in ("mistake", "blunder", "better"):
                continue
            left = {order for name in judged.left_out for order in self.steps[name].do}
            place = next((i for i, d in enumerate(result) if row.size != "better" and _explains(d, row, left)), None)
            if place is None:
                result.append(_of_decision(row))
            else:
                cost = f" In this model the decision taken {at_moment(row.at)} ({row.did.rstrip('.')}) {_cost(row)}."
                result[place] = replace(result[place], happened=result[place].happened + cost)
        return result


def _explains(deviation: Deviation, row: DecisionRow, left_out: set[str]) -> bool:
    first, last = row.events
    return bool(deviation.orders & left_out) or (deviation.event is not None and first <= deviation.event < last)


def _of_decision(row: DecisionRow) -> Deviation:
    label = f"the decision taken {at_moment(row.at)}"
    if row.size == "better":
        ask = "What did you see here that the pathway does not look at?"
    elif "went by" in row.did:
        ask = "What did you expect to find at the end of that time, and what would have brought you back sooner?"
    else:
        ask = "Which other ways forward did you weigh at that moment, and what tipped the balance?"
    happened = f"{capital(at_moment(row.at))}: {row.did} In this model that {_cost(row)}."
    return Deviation(row.size, row.at, row.events[0], label, happened, " ".join(row.better), ask)


def _cost(row: DecisionRow) -> str:
    verb, amount = "gained" if row.loss < 0 else "cost", points_of(row).partition(" ")[2]
    return f"{verb} {amount} of 100 points, apart from luck (standard error in brackets)"


# --- pitfalls and harmful orders ----------------------------------------------------------------------------


def _of_pitfall(scenario: Scenario, log: Log, mistake: Mistake) -> Deviation:
    pattern = next(p.pattern for p in scenario.case.pitfalls if p.id == mistake.id)
    names = scenario.catalogue.orders
    event = log[mistake.event]
    placed = event.order if isinstance(event, OrderPlaced) else None
    act = "" if placed is None else f" ({names[placed].name})"
    if pattern.absent is not None:
        act = f"; {names[pattern.absent.order[0]].name} had not been ordered by then"
    followed = [f" {c.sentence(at_moment)}" for c in consequences(mistake.prices) if c.fired is not None]
    return Deviation(
        f"{mistake.severity}_pitfall", mistake.at, mistake.event, f'"{mistake.title}"',
        f"{capital(at_moment(mistake.at))}: {mistake.title}{act}.{''.join(followed[:2])}", mistake.because,
        _ask_about(scenario, pattern, placed), mistake.evidence, frozenset(_orders_in(pattern)),
    )  # fmt: skip


def _ask_about(scenario: Scenario, pattern: Pattern, placed: str | None) -> str:
    """An open question about what a pattern found; `placed` is the order that proved it, if one did."""

    def name(orders: tuple[str, ...]) -> str:
        return scenario.catalogue.orders[placed if placed in orders else orders[0]].name

    if pattern.absent is not None:
        order, by = name(pattern.absent.order), duration(pattern.absent.by)
        return f"Within {by} it could have been {order}: which thoughts of it came up, and what answered them?"
    if pattern.before is not None:
        first, order = name(pattern.before.first), name(pattern.before.order)
        return f"What spoke for {order} first, and what would {first} have told you or taken from you?"
    if pattern.without is not None:
        return f"When you ordered {name(pattern.without.order)}, what did you have in mind to go with it, and when?"
    if pattern.longer is not None:
        return f"How did you decide, while {name(pattern.longer.therapy)} ran, when to look again at what it was for?"
    if pattern.repeated is not None:
        return f"After each {name(pattern.repeated.order)}, what did you look for to decide on the next?"
    if pattern.total is not None:
        return f"As {name(pattern.total.order)} added up, what told you how much was enough?"
    if pattern.ignored is not None:
        return f"What did that result tell you, and what would have made you change {name(pattern.ignored.unless)}?"
    if pattern.during is not None:
        act = "stopped" if pattern.during.stop else "ordered"
        order = name(pattern.during.order)
        return f"When {order} was {act}, what spoke for it and what against, as you saw the patient then?"
    return "Take us back to that moment: what did you see, what did you make of it, and what did you expect next?"


def _orders_in(pattern: Pattern) -> Iterator[str]:
    """The orders a pitfall is about: those that were missing, or done to harm."""
    for part in (pattern.absent, pattern.during, pattern.repeated, pattern.total):
        yield from () if part is None else part.order
    if pattern.before is not None:
        yield from pattern.before.first
    if pattern.without is not None:
        yield from pattern.without.then
    if pattern.longer is not None:
        yield from pattern.longer.therapy
    if pattern.ignored is not None:
        yield from pattern.ignored.unless
    for inner in (*(pattern.all_ or ()), *(pattern.any_ or ())):
        yield from _orders_in(inner)


def _of_extra(extra: Extra) -> Deviation:
    times = listed(dict.fromkeys(map(at_moment, extra.times)), ", ", CAUSES_NAMED)
    return Deviation(
        "critical_harm" if extra.critical else "harm", extra.times[0], extra.events[0], f'"{extra.name}"',
        f"{extra.name} was ordered {times}.", extra.because,
        f"What was {extra.name} meant to do for the patient, and how would you have known that it had?",
        extra.evidence, frozenset((extra.order,)),
    )  # fmt: skip


# --- the differential ---------------------------------------------------------------------------------------


def _of_beliefs(opinions: Sequence[Opinion]) -> Iterator[Deviation]:
    """The greatest shift of a differential, and the first checkpoint that was passed over."""
    shifted = [o for o in opinions if any(abs(change) >= BELIEF_SHIFT for _, change in o.moved)]
    if shifted:
        yield _shift(max(shifted, key=lambda o: max(abs(change) for _, change in o.moved)))
    passed = next((o for o in opinions if o.own is None), None)
    if passed is not None:
        yield Deviation(
            "no_differential", passed.at, None, f"the differential {at_moment(passed.at)}",
            f"No differential was stated when it was asked for {at_moment(passed.at)}.",
            f"The expert's then: {shares(passed.expert, CAUSES_NAMED)}. {passed.because}",
            "Had you had to put three diagnoses on the board at that moment, which, and what fits each of them badly?",
        )  # fmt: skip


def _shift(opinion: Opinion) -> Deviation:
    changes = sorted(opinion.moved, key=lambda pair: -abs(pair[1]))
    ask = "Which of these weighed most with you, and what would the opposite answer have done to your list?"
    if not opinion.came:
        ask = "What had changed in how you put the picture together?"
    return Deviation(
        "belief_shift", opinion.at, opinion.event, f"the change of mind {at_moment(opinion.at)}",
        f"{capital(at_moment(opinion.at))} {moved(changes, opinion.came, CAUSES_NAMED)}.",
        f"The expert's differential then: {shares(opinion.expert, CAUSES_NAMED)}. {opinion.because}", ask,
    )  # fmt: skip
