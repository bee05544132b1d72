"""Small memoryless cases solved exactly: the referee for what is sampled. Needs scipy (the extra `solve`).

Where every transition that can happen is a hazard whose guard and modifiers read states and therapies that run from
the start, an untouched patient is a continuous-time Markov chain over configurations (one state of each region).
Exposure kept while a hazard pauses does not matter: an exponential draw remembers nothing. So the sparse generator
gives occupation by its exponential and absorption by a linear solve.

*Rounding.* The engine fires in the first whole minute at which exposure is used up. Coupled by the same draws, it and
the chain agree after a minute unless two transitions fall into that minute. With L the greatest total rate of any
configuration that is at most L x L a minute, so no probability differs by more than `rounding` = L x L x minutes.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sim.case.model.conditions import Condition
from sim.case.model.disease import Transition
from sim.case.model.scenario import Scenario
from sim.case.model.terms import AGE
from sim.engine.chart import Chart, Edge, chart_of
from sim.engine.conditions import Compiler

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Vector = npt.NDArray[np.float64]

MOST = 5000
"""More configurations than this are not solved."""

Configuration = tuple[int, ...]
"""The state of each region, by the chart's numbering."""


class NotMemoryless(ValueError):
    """The case cannot be solved exactly; the message names what remembers, or how many configurations there are."""


@dataclass(slots=True)
class _Facts:
    """A configuration as compiled conditions see it: nothing is known or told, and nothing ordered but what is given
    and what was done before."""

    states: list[int]
    running: dict[str, float]
    in_effect: dict[str, int]
    age: int
    ordered: set[str] = field(default_factory=set)
    resulted: set[str] = field(default_factory=set)
    told: set[str] = field(default_factory=set)
    doses: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Exact:
    """A case solved: its configurations that can be reached, where it opens, and how it moves between them."""

    scenario: Scenario
    chart: Chart
    configurations: tuple[Configuration, ...]
    opening: Vector
    """Probability of each configuration at minute 0."""
    generator: Any
    """Sparse (CSR) rates a minute from row to column; each row adds up to 0. Outcomes have none: they end the case."""
    fastest: float
    """The greatest total rate a minute out of any configuration."""
    facts: _Facts

    def probabilities(self, minutes: int) -> Vector:
        """Return the probability of each configuration at a minute. Raises ValueError before 0 or past the horizon."""
        from scipy.sparse.linalg import expm_multiply

        if not 0 <= minutes <= self.scenario.case.horizon:
            raise ValueError(f"expected a minute from 0 to the horizon {self.scenario.case.horizon}, found {minutes}")
        found: Vector = expm_multiply(self.generator.T * float(minutes), self.opening)
        return found

    def occupation(self, minutes: int) -> dict[str, dict[str, float]]:
        """Return, for each region, the probability of each of its states at a minute."""
        return self._by_state(self.probabilities(minutes))

    def rounding(self, minutes: int) -> float:
        """Return the most by which whole minutes can move any probability up to then (see the module)."""
        return min(1.0, self.fastest * self.fastest * minutes)

    def absorption(self) -> dict[str, float]:
        """Return the probability that each outcome ends the case sooner or later, were there no horizon."""
        absorbed, found = self._absorbed(), dict[str, float]()
        for place, chance in absorbed.items():
            name = self._outcome(self.configurations[place])
            assert name is not None
            found[name] = found.get(name, 0.0) + chance
        return found

    def utility(self, minutes: int | None = None) -> float:
        """Return the expected utility of a case that ends at a minute (the horizon's, unless given) at the latest.

        Raises NotMemoryless where the endings ask for a call or for an age that is passed on the way.
        """
        utilities = self.utilities()
        return float(self.probabilities(self.scenario.case.horizon if minutes is None else minutes) @ utilities)

    def final_utility(self) -> float:
        """Return the expected utility were there no horizon. Raises ValueError where a life may never end."""
        absorbed, utilities = self._absorbed(), self.utilities()
        if abs(sum(absorbed.values()) - 1) > 1e-9:
            raise ValueError("some lives never come to an outcome")
        return float(sum(chance * utilities[place] for place, chance in absorbed.items()))

    def _by_state(self, chances: Vector) -> dict[str, dict[str, float]]:
        found = {region: dict.fromkeys(names, 0.0) for region, names in _named(self.chart)}
        for configuration, chance in zip(self.configurations, chances, strict=True):
            for (region, names), state in zip(_named(self.chart), configuration, strict=True):
                found[region][names[state]] += float(chance)
        return found

    def _outcome(self, configuration: Configuration) -> str | None:
        for (region, names), ends, state in zip(_named(self.chart), self.chart.outcomes, configuration, strict=True):
            if state in ends:
                return f"{region}.{names[state]}"
        return None

    def _absorbed(self) -> dict[int, float]:
        """Return each final configuration's probability in the long run: entries from those that can reach one."""
        import numpy as np
        from scipy.sparse.linalg import spsolve

        final = np.array([self._outcome(c) is not None for c in self.configurations])
        absorbed = {int(i): float(self.opening[i]) for i in np.flatnonzero(final)}
        passing = np.flatnonzero(_reaching(self.generator, final) & ~final)
        if len(passing):
            within = self.generator[passing][:, passing]
            spent = np.atleast_1d(spsolve(-within.T.tocsc(), self.opening[passing]))  # expected minutes in each
            arriving = self.generator[passing].T @ spent
            for place in absorbed:
                absorbed[place] += float(arriving[place])
        return absorbed

    def utilities(self) -> Vector:
        """Return the utility of a case that ends in each configuration. Raises NotMemoryless as `utility` does."""
        import numpy as np

        case = self.scenario.case
        compiler = Compiler(self.chart.numbering, self.scenario.disease.levels)
        conditions = [ending.when for ending in case.endings] + [sequela.when for sequela in case.sequelae]
        _refuse("an ending", conditions, compiler, self.chart, self.scenario)
        endings = [(compiler.guard(ending.when)[0], ending.utility) for ending in case.endings]
        losses = [(compiler.guard(sequela.when)[0], sequela.minus) for sequela in case.sequelae]
        utilities = np.zeros(len(self.configurations))
        for place, configuration in enumerate(self.configurations):
            self.facts.states[:] = configuration
            whole = next(utility for guard, utility in endings if guard is None or guard(self.facts))
            lost = sum(minus for guard, minus in losses if guard is None or guard(self.facts))
            utilities[place] = round(max(0.0, whole - lost), 6)
        return utilities


def solve(scenario: Scenario, running: Iterable[str] = ()) -> Exact:
    """Return a case solved for a patient who is left alone, with the therapies given at the opening and `running`.

    They have acted for long when the case opens, at their usual dose. Raises NotMemoryless, naming what is not
    memoryless, where the case cannot be solved so; ValueError for a therapy that there is not; ModuleNotFoundError
    without scipy.
    """
    orders = scenario.catalogue.orders
    given: dict[str, str | None] = dict.fromkeys(running) | dict(scenario.case.given)
    for name in given:
        if name not in orders or not orders[name].starts_therapy:
            raise ValueError(f"there is no therapy {name!r}")
        if orders[name].lasts is not None:
            raise NotMemoryless(f"the therapy {name} ends by itself")
    if scenario.disease.pools:
        raise NotMemoryless(f"{next(iter(scenario.disease.pools))} is a pool: its amount is continuous")
    chart = chart_of(scenario)
    edges = _hazards(scenario, chart, given)
    amounts = {name: scenario.catalogue.orders[name].amount_of(dose) for name, dose in given.items()}
    facts = _Facts(
        [0] * len(chart.regions), amounts, dict.fromkeys(given, 0), scenario.case.patient.age[0],
        ordered=set(given) | set(scenario.case.past),
    )  # fmt: skip
    return _explore(scenario, chart, edges, facts)


def occupation(scenario: Scenario, minutes: int, running: Iterable[str] = ()) -> dict[str, dict[str, float]]:
    """Return, for each region, the probability of each state at a minute. Raises as `solve` does."""
    return solve(scenario, running).occupation(minutes)


def _hazards(scenario: Scenario, chart: Chart, given: Collection[str]) -> list[Edge]:
    """Return the transitions that can happen. Raises NotMemoryless where one of them is not a hazard."""
    by_name = {f"{region}.{t.id}": t for region, made in scenario.disease.regions.items() for t in made.transitions}
    hazards = []
    for edge in chart.edges:
        transition = by_name[edge.id]
        if transition.after is not None:
            raise NotMemoryless(f"{edge.id} is a stay: it remembers when its state was entered")
        if transition.on is not None:
            if transition.on.enter is not None or set(given) & set(transition.on.effect or ()):
                raise NotMemoryless(f"{edge.id} waits for an event that may happen by itself")
            continue  # nobody makes a move
        compiler = Compiler(chart.numbering, scenario.disease.levels)
        _refuse(edge.id, _conditions(transition), compiler, chart, scenario)
        hazards.append(edge)
    return hazards


def _conditions(transition: Transition) -> list[Condition | None]:
    return [transition.when, *(modifier.when for modifier in transition.modifiers)]


def _refuse(
    name: str, conditions: Iterable[Condition | None], compiler: Compiler, chart: Chart, scenario: Scenario
) -> None:
    """Raise NotMemoryless where a condition reads something that changes apart from the states."""
    reads = frozenset[tuple[str, str]]().union(*(compiler.guard(condition)[1] for condition in conditions))
    youngest, oldest = scenario.case.patient.age
    last = oldest + scenario.case.horizon
    if AGE in reads and any(youngest < mark <= last for mark in compiler.age_marks):
        raise NotMemoryless(f"{name} asks for an age that is passed on the way")
    calls = sorted(code for what, code in reads if what == "told" and any(e.reveals == code for e in chart.edges))
    if calls:
        raise NotMemoryless(f"{name} remembers a call ({calls[0]})")


def _explore(scenario: Scenario, chart: Chart, edges: list[Edge], facts: _Facts) -> Exact:
    """Return the chain over every configuration that can be reached from an opening."""
    import numpy as np
    from scipy.sparse import coo_array

    opening = _openings(chart)
    places = {configuration: place for place, configuration in enumerate(opening)}
    rows: list[int] = []
    columns: list[int] = []
    rates: list[float] = []
    queue, fastest = list(places), 0.0
    for configuration in queue:  # it grows while it is read
        facts.states[:] = configuration
        leaving = list(_leaving(chart, edges, facts))
        fastest = max(fastest, sum(rate for _, rate in leaving))
        for edge, rate in leaving:
            after = (*configuration[: edge.region], edge.target, *configuration[edge.region + 1 :])
            if after not in places:
                places[after] = len(places)
                queue.append(after)
                _not_more(len(places))
            here = places[configuration]
            rows += (here, here)
            columns += (places[after], here)
            rates += (rate, -rate)
    size = len(places)
    shares = np.zeros(size)
    shares[: len(opening)] = list(opening.values())
    generator = coo_array((rates, (rows, columns)), shape=(size, size), dtype=float).tocsr()
    return Exact(scenario, chart, tuple(queue), shares, generator, fastest, facts)


def _leaving(chart: Chart, edges: list[Edge], facts: _Facts) -> Iterable[tuple[Edge, float]]:
    """Yield what leads out of a configuration, with its rate a minute; nothing does once the case has ended."""
    if any(state in ends for state, ends in zip(facts.states, chart.outcomes, strict=True)):
        return
    for edge in edges:
        if facts.states[edge.region] in edge.sources and (edge.guard is None or edge.guard(facts)):
            rate = edge.rate
            for x, guard in edge.modifiers:
                rate *= x if guard is None or guard(facts) else 1.0
            if rate > 0:
                yield edge, rate


def _openings(chart: Chart) -> dict[Configuration, float]:
    found: dict[Configuration, float] = {(): 1.0}
    for mix, ends in zip(chart.mixes, chart.outcomes, strict=True):
        if any(state in ends for state, share in mix if share > 0):
            raise NotMemoryless("the case may open in an outcome")
        found = {(*c, state): p * share for c, p in found.items() for state, share in mix if share > 0}
        _not_more(len(found))
    return found


def _not_more(count: int) -> None:
    if count > MOST:
        raise NotMemoryless(f"there are more than {MOST} configurations")


def _reaching(generator: Any, final: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Return which configurations can come to a final one."""
    found, before = final.copy(), 0
    links = generator > 0
    while found.sum() > before:
        before = int(found.sum())
        found |= links @ found > 0
    return found


def _named(chart: Chart) -> Iterable[tuple[str, tuple[str, ...]]]:
    return zip(chart.regions, chart.states, strict=True)
