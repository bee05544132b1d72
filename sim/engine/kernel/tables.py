"""A case as flat arrays: every table that compiled code reads, written once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sim.case.growth import lms
from sim.case.model.catalogue import WEIGHT, Observable, Order, Report
from sim.case.model.effects import Effect
from sim.case.model.pathway import Step
from sim.case.model.scenario import Scenario
from sim.case.model.terms import Fact
from sim.engine import growth
from sim.engine.access import accesses
from sim.engine.chart import Chart, Edge
from sim.engine.fate import stream_key
from sim.engine.kernel import layout as at
from sim.engine.kernel.coding import Coded, Coder, Rows, TooMuch
from sim.engine.kernel.numbering import lay_out, leaves_for, number
from sim.engine.past import before_opening
from sim.engine.pool import FlowChart, Term
from sim.engine.readout import limits_of

_FORMULAS = {
    "total": at.TOTAL, "henderson_hasselbalch": at.HENDERSON_HASSELBALCH, "base_excess": at.BASE_EXCESS,
    "corrected_sodium": at.CORRECTED_SODIUM, "mean_pressure": at.MEAN_PRESSURE, "share": at.SHARE,
    "osmolality": at.OSMOLALITY, "henderson_hasselbalch_kpa": at.HH_KPA, "anion_gap": at.ANION_GAP,
    "body_mass_index": at.BODY_MASS_INDEX,
    "weight_for_age_z": at.Z_FOR_AGE, "length_for_age_z": at.Z_FOR_AGE, "head_for_age_z": at.Z_FOR_AGE,
    "effective_osmolality": at.EFFECTIVE_OSMOLALITY, "anion_gap_corrected": at.ANION_GAP_CORRECTED,
    "winters_pco2_mmhg": at.WINTERS_MMHG, "winters_pco2_kpa": at.WINTERS_KPA,
    "bmi_for_age_z": at.Z_OF_BMI, "weight_for_length_z": at.Z_FOR_LENGTH,
}  # fmt: skip
_WAYS = {None: 0, "iv": 1, "central": 2}
"""Ways of giving: an access serves those up to its own."""
_EVENTS = {"start": at.BY_START, "stop": at.BY_STOP, "effect": at.BY_EFFECT, "result": at.BY_RESULT}


@dataclass(frozen=True)
class Tables:
    """A case compiled: the program `p`, `f` and the record `s`, `x` of a patient not met yet."""

    rows: Rows
    p: npt.NDArray[np.int32]
    f: npt.NDArray[np.float64]
    s: npt.NDArray[np.int32]
    x: npt.NDArray[np.float64]
    amounts: Mapping[str, Mapping[str | None, int]]
    """Order to dose label (None: the usual one) to where its amount is in `f`."""


def write_tables(scenario: Scenario, chart: Chart) -> Tables:
    """Return the arrays of a case.

    Raises TooMuch beyond the kernel's limits, ValueError where a condition asks for what it may not.
    """
    return _Writer(scenario, chart).write()


class _Writer:
    """Writes tables behind the code; conditions are coded before the first table begins."""

    def __init__(self, scenario: Scenario, chart: Chart) -> None:
        self.scenario, self.chart = scenario, chart
        self.rows = number(scenario, chart)
        orders = scenario.catalogue.orders
        self.measures = {o.id: [m for m in o.measures if m in self.rows.watched] for o in orders.values()}
        self.width = max((len(names) for names in self.measures.values()), default=0)
        self.s, self.x = lay_out(self.rows, chart, len(scenario.case.pathway), self.width)
        self._write_past()
        for name, watched in self.rows.watched.items():
            place = self.rows.row[at.LIMITS] + 2 * watched
            self.x[place : place + 2] = limits_of(scenario, name)
        self.f: list[float] = [1.0]
        self.streams: dict[int, int] = {}
        """Place in `f` to the 64 bits that are there."""
        self.coder = Coder(self.rows, self.f)
        self.header = [0] * at.HEADER
        self.words: list[int] = []
        self.amounts = {o.id: self._amounts(o) for o in orders.values()}

    def write(self) -> Tables:
        self._code()
        self._sizes()
        self._write_edges()
        self._write_orders()
        self._write_body()
        self._write_pools()
        self._write_steps()
        self._write_case()
        for slot, address in self.rows.row.items():
            self.header[slot] = address
        words = self.header + self.coder.code + self.words
        if any(abs(word) > at.NEVER for word in words):
            raise TooMuch("a number beyond the kernel's")
        p, s = np.array(words, dtype=np.int32), np.array(self.s, dtype=np.int32)
        f, x = np.array(self.f), np.array(self.x)
        f.view(np.uint64)[list(self.streams)] = list(self.streams.values())
        return Tables(self.rows, p, f, s, x, self.amounts)

    def _write_past(self) -> None:
        """What was done before the opening, and what runs at it, counts as ordered before anything else happens."""
        row, orders, case = self.rows.row, self.rows.orders, self.scenario.case
        for name in (*case.past, *case.given):
            self.s[row[at.ORDERED] + orders[name]] = 1
        for done in before_opening(self.scenario):
            slots = [(at.FIRST_ORDERED, done.ordered), (at.LAST_ORDERED, done.ordered)]
            if done.stopped is not None:
                slots += [(at.FIRST_STOPPED, done.stopped), (at.LAST_STOPPED, done.stopped)]
            for slot, minute in slots:
                self.s[row[slot] + orders[done.order]] = minute

    # --- small parts ------------------------------------------------------------------------------------------

    def _here(self) -> int:
        return at.HEADER + len(self.coder.code) + len(self.words)

    def _add(self, words: Iterable[int]) -> int:
        here = self._here()
        self.words += words
        return here

    def _lists(self, rows: Sequence[Sequence[int]]) -> int:
        """Write rows one after another behind the addresses at which each begins; return where those are."""
        start, pointers = self._here() + len(rows) + 1, []
        for row in rows:
            pointers.append(start)
            start += len(row)
        return self._add([*pointers, start, *(word for row in rows for word in row)])

    def _span(self, words: Sequence[int]) -> tuple[int, int]:
        here = self._add(words)
        return here, here + len(words)

    def _fraction(self, *values: float) -> int:
        self.f += values
        return len(self.f) - len(values)

    def _stream(self, *keys: int) -> int:
        here = self._fraction(*[0.0] * len(keys))
        self.streams.update(enumerate(keys, here))
        return here

    def _amounts(self, order: Order) -> dict[str | None, int]:
        if not order.doses:
            return {None: 0}
        places: dict[str | None, int] = {}
        for option in order.doses:
            places.setdefault(option.label, self._fraction(option.amount))
        return places | {None: places[order.doses[0].label]}

    def _amount(self, order: str, dose: str | None, otherwise: int) -> int:
        """Return where the amount of a dose stands, or `otherwise` where the order knows no such dose."""
        option = self.scenario.catalogue.orders[order].dose_meant(dose)
        if option is None:
            return otherwise
        place = self.amounts[order].get(option.label)
        return self._fraction(option.amount) if place is None else place

    # --- conditions, all of them, before any table -------------------------------------------------------------

    def _code(self) -> None:
        scenario, make = self.scenario, self.coder.make
        self.factors: list[list[Coded]] = []
        facts: dict[int, frozenset[int]] = {}
        for i, level in enumerate(scenario.disease.levels):
            self.factors.append([make(factor.when, known=False) for factor in level.factors])
            order = self.rows.orders.get(level.therapy)
            running = frozenset() if order is None else frozenset({self.coder.fact(at.FACT_RUNNING, order)})
            facts[i] = running.union(*(factor.facts for factor in self.factors[-1]))
        self.coder.level_facts = facts
        transitions = [t for region in scenario.disease.regions.values() for t in region.transitions]
        self.guards = [make(t.when, known=False).entry for t in transitions]
        self.modifiers = [[(m.x, make(m.when, known=False).entry) for m in t.modifiers] for t in transitions]
        flows = [
            [make(flow.when, known=False).entry for flow in pool.flows] for pool in scenario.disease.pools.values()
        ]
        lagging = self.chart.pools[len(flows) :]
        self.flow_guards = [*flows, *([at.TRUE] * len(pool.flows) for pool in lagging)]
        self.effects = [self._code_effect(effect.therapy, effect.when) for effect in scenario.disease.effects]
        self.whens = [make(step.when, known=True) for step in scenario.case.pathway]
        self.needs = {
            o.id: [make(need.when, known=True).entry for need in o.needs] for o in scenario.catalogue.orders.values()
        }
        self.findings = {
            (order.id, report): self._code_findings(order.id, report)
            for order in scenario.catalogue.orders.values()
            for report in (None, *(early.id for early in order.reports))
        }
        self.endings = [make(ending.when, known=False).entry for ending in scenario.case.endings]
        self.sequelae = [make(sequela.when, known=False).entry for sequela in scenario.case.sequelae]

    def _code_effect(self, therapies: Sequence[str], when: object) -> Coded:
        numbers = [self.rows.orders[name] for name in therapies if name in self.rows.orders]
        flags = [self.rows.row[at.IN_EFFECT] + n for n in numbers]
        coded = self.coder.make(when, known=False, flags=flags)  # type: ignore[arg-type]
        if not numbers:
            return Coded(at.FALSE, frozenset(), ())
        facts = coded.facts | {self.coder.fact(at.FACT_EFFECT, n) for n in numbers}
        return Coded(coded.entry, facts, ())

    def _code_findings(self, order: str, report: str | None) -> list[int]:
        findings = self.scenario.case.results.get(order) or self.scenario.disease.results.get(order) or ()
        words: list[int] = []
        for finding in (finding for finding in findings if finding.report == report):
            entry = at.DEFAULT if finding.when is None else self.coder.make(finding.when, known=False).entry
            code = 0 if finding.code is None else 1 << self.rows.findings[order][finding.code]
            words += [entry, code]
        return words

    # --- tables -------------------------------------------------------------------------------------------------

    def _sizes(self) -> None:
        rows, h = self.rows, self.header
        h[at.N_REGIONS], h[at.N_ORDERS], h[at.N_EDGES] = len(rows.regions), len(rows.orders), len(self.chart.edges)
        h[at.N_STEPS], h[at.N_WATCHED] = len(self.scenario.case.pathway), len(rows.watched)
        h[at.N_DIAGNOSES], h[at.LEAVES] = len(rows.diagnoses), leaves_for(len(self.chart.edges))
        h[at.STEP_LEAVES] = leaves_for(len(self.scenario.case.pathway))
        h[at.SLOT_WIDTH], h[at.WEIGHT_AT] = self.width, rows.watched.get(WEIGHT, -1)
        h[at.AGE_FACT], h[at.STATED_FACT] = self.coder.fact_age, self.coder.fact_stated
        self.facts = self.coder.fact_stated + 1
        sizes = [len(names) for names in self.chart.states]
        self.bases = [sum(sizes[:i]) for i in range(len(sizes))]
        self.states = sum(sizes)

    def _write_edges(self) -> None:
        h, chart = self.header, self.chart
        spans = [self._span([w for x, e in pairs for w in (self._fraction(x), *self.coder.peeled(e))])
                 for pairs in self.modifiers]  # fmt: skip
        table: list[int] = []
        for edge, guard, span in zip(chart.edges, self.guards, spans, strict=True):
            table += self._edge(edge, guard, span)
        h[at.EDGES] = self._add(table)
        h[at.TIMED_FROM] = self._lists([numbers for region in chart.timed for numbers in region])
        events: list[list[int]] = [[] for _ in range(at.BY_ENTRY * len(self.rows.orders) + self.states)]
        for event, numbers in chart.waiting.items():
            place = self._event(event)
            if place is not None:
                events[place] = list(numbers)
        h[at.WAIT_FROM] = self._lists(events)
        readers: list[list[int]] = [[] for _ in range(self.facts)]
        for fact, numbers in chart.readers.items():
            place = self.coder.number_of(fact)
            if place is not None:
                readers[place] = list(numbers)
        h[at.READ_FROM] = self._lists(readers)
        h[at.STREAMS] = self._stream(*chart.streams)
        h[at.BASES] = self._add(self.bases)
        h[at.OUTCOMES] = self._add([j in outcomes for names, outcomes in zip(chart.states, chart.outcomes, strict=True)
                                    for j in range(len(names))])  # fmt: skip
        h[at.MIX_FROM] = self._lists([[w for state, share in mix for w in (state, self._fraction(share))]
                                      for mix in chart.mixes])  # fmt: skip
        h[at.AGE_MARKS] = self._lists([chart.age_marks])

    def _edge(self, edge: Edge, guard: int, modifiers: tuple[int, int]) -> list[int]:
        kind = at.STAY if edge.stay is not None else at.HAZARD if edge.timed else at.EVENT
        low, high = edge.stay or (0, 0)
        codes = self.rows.codes
        return [
            edge.region, sum(1 << source for source in edge.sources), edge.target, kind, low, high,
            self._stream(edge.stream), *self.coder.peeled(guard), *modifiers, int(edge.call is not None),
            -1 if edge.reveals is None else codes[edge.reveals], self._fraction(edge.rate),
            -1 if edge.chance is None else self._fraction(edge.chance), edge.pool,
        ]  # fmt: skip

    def _event(self, event: Fact) -> int | None:
        what, name = event
        if what == "enter":
            region, _, state = name.partition(".")
            index, names = self.rows.regions[region]
            return at.BY_ENTRY * len(self.rows.orders) + self.bases[index] + names[state]
        order = self.rows.orders.get(name)
        return None if order is None else _EVENTS[what] * len(self.rows.orders) + order

    def _write_orders(self) -> None:
        table: list[int] = []
        for order in self.scenario.catalogue.orders.values():
            table += self._order(order)
        self.header[at.ORDERS] = self._add(table)
        lasting = [i for name, i in self.rows.orders.items() if self.scenario.catalogue.orders[name].lasts is not None]
        self.header[at.LASTING] = self._lists([lasting])
        orders = self.scenario.catalogue.orders
        self.header[at.ACCESSES] = self._lists([[self.rows.orders[o.id] for o in accesses(self.scenario.catalogue)]])
        self.header[at.HANGING] = self._lists([[i for name, i in self.rows.orders.items() if orders[name].via]])
        self.header[at.USUAL] = self._add(self.amounts[name][None] for name in self.rows.orders)
        self.header[at.N_NURSES] = self.scenario.case.nurses
        specs: list[int] = []
        for level, coded in zip(self.scenario.disease.levels, self.factors, strict=True):
            pairs = [(factor.x, c.entry) for factor, c in zip(level.factors, coded, strict=True)]
            span = self._span([w for x, entry in pairs for w in (self._fraction(x), entry)])
            specs += [self.rows.orders.get(level.therapy, -1), self._fraction(level.per_amount), *span]
        self.header[at.LEVELS] = self._add(specs)

    def _order(self, order: Order) -> list[int]:
        measures = [self.rows.watched[name] for name in self.measures[order.id]]
        reports = [word for report in order.reports for word in self._report(order, report)]
        return [
            order.takes, order.turnaround, int(order.starts_therapy), *order.onset,
            self._stream(stream_key(f"onset:{order.id}")), order.offset, -1 if order.lasts is None else order.lasts,
            *self._span(self.needs[order.id]), *self._span(self.findings[order.id, None]), *self._span(measures),
            int(bool(order.measures) or order.normal is not None), order.every or 0,
            order.nurse, int(order.has_result), _WAYS[order.via], _WAYS[order.access], *(order.fails or (0, 0)),
            self._stream(stream_key(f"access:{order.id}")), *self._span(reports),
        ]  # fmt: skip

    def _report(self, order: Order, report: Report) -> list[int]:
        measures = [self.rows.watched[name] for name in report.measures if name in self.rows.watched]
        return [*self._span(self.findings[order.id, report.id]), *self._span(measures), 1, report.after]

    def _shown_first(self, name: str) -> list[int]:
        """Of a formula: what it reads, and what that reads if it is a formula too, in their order; itself last."""
        model = self.chart.models.get(name)
        if model is None or model.formula is None:
            return []
        found = {self.rows.watched[name]}
        for other in model.of:
            found |= {self.rows.watched[other], *self._shown_first(other)}
        return sorted(found)

    def _formula(self, name: str, places: Sequence[int]) -> int:
        sex = self.scenario.case.patient.sex
        tables = [self._points(curve) for table in growth.Z_SCORES.get(name, ()) for curve in lms(table, sex)]
        return self._add([_FORMULAS[name], len(places), *places, *tables])

    # --- what is watched of the body ------------------------------------------------------------------------------

    def _write_body(self) -> None:
        readers: list[list[int]] = [[] for _ in range(self.facts)]
        always: list[int] = []
        table: list[int] = []
        for name, watched in self.rows.watched.items():
            spec, facts = self._watch(self.scenario.catalogue.observables[name])
            table += spec
            for fact in sorted(facts):
                readers[fact].append(watched)
            if self.coder.fact_age in facts:
                always.append(watched)
        self.header[at.WATCHED] = self._add(table)
        self.header[at.WATCH_FROM], self.header[at.WATCH_ALWAYS] = self._lists(readers), self._lists([always])
        states = [state for region in self.scenario.disease.regions.values() for state in region.states.values()]
        grows = [-1 if s.growth is None else self._fraction(s.growth.share, s.growth.loss) for s in states]
        self.header[at.GROWTH] = self._add(grows)
        self.header[at.MEDIANS] = self._medians("weight")

    def _medians(self, measure: growth.Measure) -> int:
        return self._points(lms(growth.FOR_AGE[measure], self.scenario.case.patient.sex).m)

    def _watch(self, observable: Observable) -> tuple[list[int], set[int]]:
        bands = [w for b in observable.bands for w in
                 (at.NEVER if b.until is None else b.until, self._fraction(b.normal))]  # fmt: skip
        numbers = self._fraction(
            float(max(observable.settles, 1)), observable.noise, observable.floor, observable.ceiling
        )
        self._stream(stream_key(f"noise:{observable.id}"))  # at NOISE_STREAM behind them
        facts: set[int] = set()
        states: list[int] = []
        ranks = [0]
        for name, (region, names) in self.rows.regions.items():
            spec = self.scenario.disease.regions[name].states
            moved = [spec[state].observables.get(observable.id) for state in names]
            grows = observable.id == WEIGHT and any(spec[state].growth is not None for state in names)
            if grows or any(effect is not None for effect in moved):
                facts.add(region)
                states += [region, self._add([self._effect(effect) for effect in moved])]
            ranks += [effect.rank for effect in moved if effect is not None and effect.set is not None]
        effects: list[int] = []
        for effect, coded in zip(self.scenario.disease.effects, self.effects, strict=True):
            if observable.id in effect.observables:
                moves = effect.observables[observable.id]
                effects += [coded.entry, self._effect(moves)]
                ranks += [moves.rank] if moves.set is not None else []
                facts |= coded.facts
        levels = [i for i, level in enumerate(self.scenario.disease.levels) if level.observable == observable.id]
        facts = facts.union(*(self.coder.level_facts[i] for i in levels))
        return [
            *self._span(bands), numbers, observable.decimals, *self._span(states), *self._span(effects),
            *self._span(levels), int(observable.id == WEIGHT), self._model(observable.id), max(ranks),
            *self._span(self._shown_first(observable.id)),
        ], facts  # fmt: skip

    def _model(self, observable: str) -> int:
        model = self.chart.models.get(observable)
        if model is None:
            return at.NO_MODEL
        watched = self.rows.watched
        if model.water:
            return self._add([at.WEIGHED, len(model.water), *model.water])
        if model.formula is not None:
            return self._formula(model.formula, [watched[name] for name in model.of])
        words = [word for term in model.terms for word in self._term(term)]
        through = -1 if model.through is None else self._points(model.through)
        return self._add([at.SUM, len(model.terms), through, *words])

    def _term(self, term: Term) -> tuple[int, int, int]:
        points = -1 if term.points is None else self._points(term.points)
        if term.pool >= 0:
            return at.T_POOL, term.pool, points
        if term.observable is not None:
            return at.T_OBSERVABLE, self.rows.watched[term.observable], points
        if term.healthy:
            return at.T_HEALTHY, 0, points
        if term.median is not None:
            return at.T_MEDIAN, self._medians(term.median), points
        return at.T_PLUS, self._fraction(term.plus), points

    def _points(self, table: Sequence[tuple[float, float]]) -> int:
        return self._add([len(table), self._fraction(*(number for pair in table for number in pair))])

    # --- pools ------------------------------------------------------------------------------------------------------

    def _write_pools(self) -> None:
        table: list[int] = []
        for pool, guards in zip(self.chart.pools, self.flow_guards, strict=True):
            flows = self._span([word for flow, guard in zip(pool.flows, guards, strict=True)
                                for word in self._flow(flow, guard)])  # fmt: skip
            bands = self._add([w for b in pool.bands for w in (self._fraction(*b.range, *b.leaves), b.edge)])
            initial, stream = self._fraction(*pool.initial), self._stream(pool.stream)
            table += [pool.region, *flows, bands, len(pool.bands), initial, stream]
        readers: list[list[int]] = [[] for _ in range(self.facts)]
        for fact, numbers in self.chart.pool_readers.items():
            place = self.coder.number_of(fact)
            if place is not None:
                readers[place] = list(numbers)
        self.header[at.POOLS], self.header[at.POOL_FROM] = self._add(table), self._lists(readers)
        self.header[at.N_POOLS] = len(self.chart.pools)

    def _flow(self, flow: FlowChart, guard: int) -> list[int]:
        order = -1 if flow.therapy is None else self.rows.orders[flow.therapy]
        numbers = self._fraction(flow.rate, flow.per or 0.0)
        return [guard, int(flow.is_loss), order, numbers, -1 if flow.table is None else self._points(flow.table)]

    def _effect(self, effect: Effect | None) -> int:
        if effect is None:
            return -1
        for kind, amount in ((at.SETS, effect.set), (at.SCALES, effect.scale), (at.SHIFTS, effect.shift)):
            if amount is not None:
                return self._add([kind, self._fraction(amount), effect.rank])
        return -1

    # --- the pathway and the frame ----------------------------------------------------------------------------------

    def _write_steps(self) -> None:
        steps = self.scenario.case.pathway
        places = {step.id: i for i, step in enumerate(steps)}
        readers: list[list[int]] = [[] for _ in range(self.facts)]
        doing: dict[bool, list[list[int]]] = {stops: [[] for _ in self.rows.orders] for stops in (False, True)}
        table: list[int] = []
        for i, (step, coded) in enumerate(zip(steps, self.whens, strict=True)):
            table += self._step(step, coded, [places[other] for other in step.after if other in places])
            for fact in sorted(coded.facts):
                readers[fact].append(i)
            for order in dict.fromkeys(step.do):
                doing[step.stop][self.rows.orders[order]].append(i)
        self.header[at.STEPS], self.header[at.STEP_FROM] = self._add(table), self._lists(readers)
        self.header[at.ASKED_FROM], self.header[at.STOPPING_FROM] = self._lists(doing[False]), self._lists(doing[True])

    def _step(self, step: Step, coded: Coded, after: list[int]) -> list[int]:
        amounts = [self._amount(order, step.dose, self.amounts[order][None]) for order in step.do]
        do = [w for order, place in zip(step.do, amounts, strict=True) for w in (self.rows.orders[order], place)]
        clocks = [word for clock in coded.clocks for word in clock]
        return [coded.entry, step.not_before, int(step.stop), *self._span(do), *self._span(after), *self._span(clocks),
                int(self.coder.fact_age in coded.facts)]  # fmt: skip

    def _write_case(self) -> None:
        h, case, orders = self.header, self.scenario.case, self.rows.orders
        h[at.ENDINGS] = self._lists([[w for entry, ending in zip(self.endings, case.endings, strict=True)
                                      for w in (entry, self._fraction(ending.utility))]])  # fmt: skip
        h[at.SEQUELAE] = self._lists([[w for entry, sequela in zip(self.sequelae, case.sequelae, strict=True)
                                       for w in (entry, self._fraction(sequela.minus))]])  # fmt: skip
        h[at.GIVEN] = self._lists([[w for name, dose in case.given.items()
                                    for w in (orders[name], self._amount(name, dose, 0))]])  # fmt: skip
        h[at.CHECKPOINTS] = self._lists([[w for c in case.checkpoints for w in (c.at, self.beliefs(c.expert))]])
        calls = self.rows.calls
        h[at.CALL_FROM] = self._add([*(calls[code] for code in self.rows.codes), calls[""]])
        person = case.patient
        streams = self._stream(stream_key("patient:age"), stream_key("patient:weight"))
        self._fraction(person.weight.low, person.weight.high)
        h[at.PERSON] = self._add([*person.age, streams])

    def beliefs(self, shares: Mapping[str, float]) -> int:
        """Write a differential's shares of the diagnoses that some condition reads; return where they are."""
        return self._fraction(*(shares.get(name, 0.0) for name in self.rows.diagnoses))
