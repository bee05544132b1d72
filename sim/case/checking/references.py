"""Ids that must name something, and conditions that may only ask what their place allows.

One table says which field holds which kind of id, one table which conditions a place allows; a walk over the model
does the rest. A test holds both tables against the model, so that a new field cannot be forgotten.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

from sim.case.composing.names import Names
from sim.case.model.case import COACHED, Case
from sim.case.model.conditions import NAMES, Condition, Shows
from sim.case.model.disease import Finding
from sim.case.model.parts import Part
from sim.case.model.pathway import Step
from sim.case.model.pitfalls import During
from sim.case.model.terms import Hidden, Known, Level, Shared, keys
from sim.case.problems import Problems, did_you_mean, nearest
from sim.case.reading.tree import Loc, Node

USES: Final[Mapping[tuple[str, str], str]] = {
    **NAMES,
    ("Step", "each"): "told",
    ("Order", "measures"): "observable",
    ("Report", "measures"): "observable",
    ("Order", "normal_for"): "observable",
    ("Observable", "whole_of"): "observable",
    ("State", "observables"): "observable",
    ("Trigger", "start"): "order",
    ("Trigger", "stop"): "therapy",
    ("Trigger", "effect"): "therapy",
    ("Trigger", "result"): "order",
    ("Trigger", "enter"): "state",
    ("TherapyEffect", "therapy"): "therapy",
    ("TherapyEffect", "observables"): "observable",
    ("DrugLevel", "therapy"): "therapy",
    ("DrugLevel", "observable"): "observable",
    ("Disease", "results"): "order",
    ("Case", "results"): "order",
    ("Case", "diagnosis"): "diagnosis",
    ("Case", "start"): "mix",
    ("Case", "given"): "therapy",
    ("Case", "past"): "order",
    ("Parameter", "order"): "order",
    ("Protocol", "results"): "order",
    ("Protocol", "history"): "order",
    ("History", "answers"): "order",
    ("Case", "monitor"): "observable",
    ("Case", "limits"): "observable",
    ("Case", "differential"): "diagnosis",
    ("Checkpoint", "expert"): "diagnosis",
    ("Step", "do"): "order",
    ("Step", "or_all"): "order",
    ("Absent", "order"): "order",
    ("Before", "order"): "order",
    ("Before", "first"): "order",
    ("Before", "or_all"): "order",
    ("Without", "order"): "order",
    ("Without", "then"): "order",
    ("Longer", "therapy"): "therapy",
    ("During", "order"): "order",
    ("Repeated", "order"): "order",
    ("Total", "order"): "dosed",
    ("Ignored", "unless"): "order",
    ("OrderValue", "order"): "order",
    ("Pitfall", "consequence"): "transition",
    ("Evidence", "sources"): "source",
    ("Flow", "therapy"): "therapy",
    ("Reading", "pool"): "pool",
    ("Reading", "observable"): "observable",
    ("Reading", "dose"): "dosed",
    ("Modelled", "of"): "observable",
    ("Modelled", "pools"): "pool",
    ("Band", "observables"): "observable",
    ("Disease", "observables"): "observable",
    ("Choice", "starting"): "orders",
    ("Choice", "stopping"): "orders",
    ("Choice", "unless"): "orders",
    ("Delay", "starting"): "orders",
    ("ArmSpec", "plan"): "plan",
    ("ArmSpec", "start"): "mix",
    ("ArmSpec", "amounts"): "pool",
    ("Moment", "ordered"): "orders",
    ("Moment", "entered"): "state",
    ("Moment", "moment"): "moment",
    ("Criterion", "in_"): "state",
    ("Criterion", "criterion"): "criterion",
    ("Asked", "of"): "arm",
    ("SurvivalAt", "of"): "arm",
    ("ShareOf", "of"): "arm",
    ("MedianTime", "of"): "arm",
    ("Flagged", "of"): "arm",
    ("Incidence", "of"): "arm",
    ("Flagged", "observable"): "observable",
    ("Incidence", "transitions"): "transition",
    ("Incidence", "on"): "therapy",
    ("Values", "of"): "arm",
    ("Values", "beyond"): "observable",
    ("Values", "lowest"): "observable",
    ("Values", "highest"): "observable",
    ("Values", "when_lowest"): "observable",
    ("Values", "change"): "observable",
    ("Fall", "observable"): "observable",
    ("Calibration", "orders"): "groups",
    ("Calibration", "cohorts"): "cohorts",
}
"""(model, field) to the kind of id it holds. A field called `evidence` always holds evidence ids."""

QUOTING: Final = frozenset({("Transition", "call"), ("Band", "call"), ("Finding", "text"), ("Order", "normal"),
                             ("Report", "normal")})  # fmt: skip
"""(model, field) of the texts that may quote a value of the patient: `{phosphate}`."""

_LISTS: Final = {"order": "orders", "diagnosis": "diagnoses"}
"""Kind of id to the list file that a case may bring for it."""

_LISTED: Final[Mapping[str, str]] = {"groups": "orders", "cohorts": "arm"}
"""Kind of a mapping from new names to lists of ids, to the kind of those ids."""
_NESTING: Final = frozenset({"all", "any", "not", "at_least"})
_BOTH: Final = keys(Shared)
_KNOWN: Final = keys(Known)
_LEVEL: Final = frozenset({Level.key})
_TRUTH: Final = keys(Hidden) - _LEVEL


class Context(NamedTuple):
    """What a condition in some place may ask for."""

    leaves: frozenset[str]
    why: str


_ON_TRUTH = Context(_BOTH | _TRUTH | _LEVEL, "it asks what the learner knows, and this is about the true state")
_ON_LEVEL = Context(_BOTH | _TRUTH, "a drug level cannot depend on a drug level or on what the learner knows")
_ON_KNOWN = Context(_BOTH | _KNOWN, "it asks for the hidden truth, and this is about what a learner can know")
_ON_LOG = Context(_BOTH | _TRUTH | _KNOWN, "a drug level is not part of the log that is scored")

CONTEXTS: Final[Mapping[tuple[str, str], Context]] = {
    ("Transition", "when"): _ON_TRUTH,
    ("Modifier", "when"): _ON_TRUTH,
    ("DrugLevel", "factors"): _ON_LEVEL,
    ("TherapyEffect", "when"): _ON_TRUTH,
    ("Finding", "when"): _ON_TRUTH,
    ("Flow", "when"): _ON_TRUTH,
    ("Ending", "when"): _ON_TRUTH,
    ("Sequela", "when"): _ON_TRUTH,
    ("Step", "when"): _ON_KNOWN,
    ("Need", "when"): _ON_KNOWN,
    ("Coach", "until"): _ON_KNOWN,
    ("Pitfall", "pattern"): _ON_LOG,
    ("OrderValue", "when"): _ON_LOG,
}
"""(model, field) to what conditions below it may ask for; the outermost wins."""


def check_references(root: Node, part: Part, names: Names, problems: Problems) -> None:
    """Report every id in `part` (built from `root`) that names nothing, and every condition out of its place."""
    for loc, found, context in walk(part):
        for name, field in type(found).model_fields.items():
            value, key = getattr(found, name), field.alias or name
            if (type(found).__name__, name) == ("Coach", "say"):
                _coached(root.at(*loc, "say"), value, problems)
            if (type(found).__name__, name) in QUOTING and value:
                _quotes(root.at(*loc, key), value, names, problems)
            if not value:
                continue
            kind = "evidence" if name == "evidence" else USES.get((type(found).__name__, name))
            if isinstance(found, Condition) and context is not None and _out_of_place(key, context):
                allowed = ", ".join(f"'{leaf}'" for leaf in sorted(context.leaves))
                place = root.key(*loc, key)
                problems.error(place, "condition", f"'{key}' cannot be used here: {context.why}", f"use {allowed}")
            elif kind is not None:
                _Check(root, names, problems).field((*loc, key), value, _kind(found, name, kind), found)


def _quotes(place: Node, text: str, names: Names, problems: Problems) -> None:
    """What stands in braces in a text is the patient's name or an observable, whose value of that minute it quotes."""
    for quoted in dict.fromkeys(re.findall(r"\{([^{}]*)\}", text)):
        if quoted != "name" and quoted not in names.observables:
            hint = did_you_mean(quoted, names.observables) or "a text quotes {name} and observables, such as {glucose}"
            problems.error(place, "placeholder", f"nothing is filled in for '{{{quoted}}}'", hint)


def _coached(place: Node, text: str, problems: Problems) -> None:
    """What stands in braces in a coach's words is an act, for which each face has a key or a command."""
    for act in dict.fromkeys(re.findall(r"\{([^{}]*)\}", text)):
        if act not in COACHED:
            problems.error(
                place, "placeholder", f"no face has a key for '{{{act}}}'", f"there are {', '.join(COACHED)}"
            )


def walk(part: Part, loc: Loc = (), context: Context | None = None) -> Iterator[tuple[Loc, Part, Context | None]]:
    """Yield every part within `part`, itself first, with its way down and what its conditions may ask for."""
    yield loc, part, context
    for name, field in type(part).model_fields.items():
        key = field.alias or name
        if isinstance(part, Condition) and context is not None and _out_of_place(key, context):
            continue
        within = context or CONTEXTS.get((type(part).__name__, name))
        for rest, inner in _inner(getattr(part, name)):
            yield from walk(inner, (*loc, key, *rest), within)


def _inner(value: object) -> Iterator[tuple[Loc, Part]]:
    if isinstance(value, Part):
        yield (), value
    elif isinstance(value, (tuple, dict)):
        for key, item in value.items() if isinstance(value, dict) else enumerate(value):
            for rest, inner in _inner(item):
                yield (key, *rest), inner


def _out_of_place(key: str, context: Context) -> bool:
    return key not in context.leaves and key not in _NESTING


def _kind(part: Part, name: str, kind: str) -> str:
    """A step that stops something, or a pitfall about stopping, names therapies."""
    stops = isinstance(part, (Step, During)) and part.stop and name in ("do", "order")
    return "therapy" if stops else kind


class _Check:
    """Looks up the ids of one field."""

    def __init__(self, root: Node, names: Names, problems: Problems) -> None:
        self._root = root
        self._names = names
        self._problems = problems

    def field(self, loc: Loc, value: object, kind: str, part: Part) -> None:
        """Check one field's ids, of whatever shape the field is."""
        if isinstance(value, dict):
            self._mapping(loc, value, kind, part)
        elif isinstance(value, tuple):
            for position, word in enumerate(value):
                self.field((*loc, position), word, kind, part)
        else:
            self._one(self._root.at(*loc), str(value), kind, part)

    def _mapping(self, loc: Loc, value: Mapping[str, Any], kind: str, part: Part) -> None:
        for key, said in value.items():
            if kind in ("state", "mix"):
                self._states(loc, key, tuple(said))
            elif kind in _LISTED:
                self.field((*loc, key), said, _LISTED[kind], part)
            else:
                self._one(self._root.key(*loc, key), key, kind, part)
                self._reports(loc, key, said)

    def _reports(self, loc: Loc, order: str, said: object) -> None:
        """Check that the findings of an order name reports that it has."""
        known = self._names.reports.get(order)
        if known is None or not isinstance(said, tuple):
            return
        for position, finding in enumerate(said):
            if isinstance(finding, Finding) and finding.report is not None and finding.report not in known:
                place = self._root.at(*loc, order, position, "report")
                hint = did_you_mean(finding.report, known) or "without 'report' the final one says it"
                message = f"'{order}' has no report '{finding.report}' before its final one"
                self._problems.error(place, "unknown-report", message, hint)

    def _states(self, loc: Loc, region: str, states: tuple[str, ...]) -> None:
        known = self._names.states
        if known is None:
            return
        if region not in known:
            hint = did_you_mean(region, known) or f"its regions are {', '.join(sorted(known))}"
            self._problems.error(self._root.key(*loc, region), "unknown-region", f"unknown region '{region}'", hint)
            return
        for position, state in enumerate(states):
            if state not in known[region]:
                place = self._root.at(*loc, region)
                place = place.keys.get(state) or place.at(position)
                hint = did_you_mean(state, known[region]) or f"its states are {', '.join(sorted(known[region]))}"
                self._problems.error(place, "unknown-state", f"region '{region}' has no state '{state}'", hint)

    def _one(self, place: Node, word: str, kind: str, part: Part) -> None:
        if kind in ("therapy", "level", "dosed"):
            self._therapy(place, word, kind, part)
        elif kind == "finding":
            self._finding(place, word, part)
        elif kind == "told":
            self._told(place, word)
        else:
            self._look_up(place, word, kind)

    def _look_up(self, place: Node, word: str, kind: str) -> bool:
        known: frozenset[str] | None = {
            "order": self._names.orders,
            "observable": self._names.observables,
            "diagnosis": self._names.diagnoses,
            "evidence": self._names.evidence,
            "source": self._names.sources,
            "transition": self._names.transitions,
            "pool": self._names.pools,
            "orders": self._names.orders | (self._names.groups or frozenset()),
            "plan": self._names.plans,
            "arm": self._names.arms,
            "moment": self._names.moments,
            "criterion": self._names.criteria,
        }[kind]
        if known is None or word in known:
            return True
        called = {"evidence": "evidence id", "orders": "order or group of orders"}.get(kind, kind)
        code = f"unknown-{'order' if kind == 'orders' else kind}"
        self._problems.error(place, code, f"unknown {called} '{word}'", self._way_on(word, kind, known))
        return False

    def _way_on(self, word: str, kind: str, known: frozenset[str]) -> str:
        """What helps with an unknown id: what else it is called, the nearest word, or where to add it."""
        near = did_you_mean(word, known)
        if kind in _LISTS:
            called = self._names.called(kind, word)
            if called is not None and called != nearest(word, known):
                return f"'{word}' is called '{called}' here"
            return near or f"scurfy orders searches; {_LISTS[kind]}.yaml beside a case adds to the catalogue"
        if kind == "evidence":
            more = "add it to evidence.yaml beside the case, or write 'assumed: why' instead"
            return f"{near} If not, {more}" if near else more
        return near

    def _therapy(self, place: Node, word: str, kind: str, part: Part) -> None:
        if not self._look_up(place, word, "order"):
            return
        if word not in self._names.therapies:
            hint = "only therapies, and procedures with 'lasts', run on"
            if isinstance(part, Case):
                hint = f"what was done before the opening stands under 'past', with how long ago: {word}: 210 d"
            self._problems.error(place, "not-a-therapy", f"'{word}' is not a therapy: it never runs", hint)
        elif kind == "dosed" and word not in self._names.dosed:
            self._problems.error(place, "no-dose", f"'{word}' has no doses to compare")
        elif kind == "level" and self._names.levels is not None and word not in self._names.levels:
            hint = "add it under 'levels' in the disease"
            self._problems.error(place, "no-level", f"the disease gives no drug level for '{word}'", hint)

    def _told(self, place: Node, word: str) -> None:
        known = self._names.told
        if known is not None and word not in known:
            listed = f"its calls reveal {', '.join(sorted(known))}; " if known else ""
            hint = did_you_mean(word, known) or f"{listed}add 'reveals' to a transition that has a 'call'"
            self._problems.error(place, "unknown-told", f"no call reveals '{word}'", hint)

    def _finding(self, place: Node, word: str, part: Part) -> None:
        assert isinstance(part, Shows), "nothing else names a finding"
        known, order = self._names.findings, part.order
        if known is None or order not in self._names.orders:
            return
        codes = known.get(order, frozenset())
        if word in codes:
            return
        hint = did_you_mean(word, codes) or (f"its codes are {', '.join(sorted(codes))}" if codes else "")
        message = f"no result of '{order}' has the code '{word}'"
        self._problems.error(place, "unknown-finding", message, hint)
