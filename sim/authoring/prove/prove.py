"""All properties of a case, tried one after another, or shared among processes."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import Final

from sim.authoring.prove.bench import Bench
from sim.authoring.prove.properties import findings as findable
from sim.authoring.prove.properties import names as naming
from sim.authoring.prove.properties import pathway as road
from sim.authoring.prove.properties import pitfalls as traps
from sim.authoring.prove.properties import reach, shape, shortcuts, sources
from sim.authoring.prove.verdict import Finding, Tell
from sim.case.model.scenario import Scenario
from sim.cohorts.local import cores, shared

SMALL: Final = 8
"""How many patients a proof plays if nothing else is asked for: enough for what goes wrong in most."""
FEWEST: Final = 4
"""The least number of patients a proof makes sense with."""

_Proof = Callable[[Bench], list[Finding]]

_PROOFS: Final[tuple[tuple[tuple[str, ...], _Proof], ...]] = (
    ((sources.PROPERTY,), sources.prove),
    ((naming.PROPERTY,), naming.prove),
    ((shape.PROPERTY,), shape.prove),
    ((road.TOP,), road.prove_top),
    ((road.UNTREATED,), road.prove_untreated),
    ((shortcuts.PROPERTY,), shortcuts.prove),
    ((findable.DIAGNOSIS,), findable.prove_diagnosis),
    ((findable.STEPS,), findable.prove_steps),
    ((reach.STATES, reach.TRANSITIONS), reach.prove),
    ((traps.PROPERTY,), traps.prove),
    ((road.STEPS,), road.prove_steps),
)

PROPERTIES: Final = tuple(name for names, _ in _PROOFS for name in names)
"""Every property, in the order in which it is tried: the quickest first."""

_QUICK: Final = tuple(proof for _, proof in _PROOFS if proof not in (traps.prove, reach.prove, road.prove_steps))
"""What is tried in one go where processes share: none of them takes long."""


def prove(
    scenario: Scenario, n: int = SMALL, tell: Tell = lambda line: None, workers: int | None = 1
) -> tuple[Finding, ...]:
    """Return what holds of a case and what does not; `n` is how many patients are played.

    The same case and `n` give the same findings, however many `workers` share them (None: one for each core, if
    joblib is installed). `tell` is called with what is being tried. Raises ValueError for fewer than 4 patients, as a
    standard error of fewer means little, and UserError where workers cannot share.
    """
    if n < FEWEST:
        raise ValueError(f"expected at least {FEWEST} patients, found {n}")
    count = cores(workers)
    if count == 1:
        bench = Bench(scenario, n, tell)
        return tuple(finding for _, proof in _PROOFS for finding in proof(bench))
    return _sorted(scenario, _shared(scenario, n, tell, count))


def _shared(scenario: Scenario, n: int, tell: Tell, workers: int) -> list[Finding]:
    """Return the findings of all parts, in the order in which they come."""
    hands = [(partial(traps.prove, hand=hand, hands=workers),) for hand in range(workers)]
    parts: list[tuple[_Proof, ...]] = [*hands, (reach.prove,), (road.prove_steps,), _QUICK]
    found: list[Finding] = []
    tell(f"{len(parts)} parts, on {workers} cores")
    for number, part in enumerate(shared(partial(_tried, scenario, n), parts, workers, ordered=False), 1):
        tell(f"{number} of {len(parts)} parts tried, on {workers} cores")
        found += part
    return found


def _tried(scenario: Scenario, n: int, proofs: Iterable[_Proof]) -> list[Finding]:
    """Return the findings of one part, in a process of its own: what one of its proofs played serves the others."""
    bench = Bench(scenario, n)
    return [finding for proof in proofs for finding in proof(bench)]


def _sorted(scenario: Scenario, found: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return findings in the order of one process; that a hand of pitfalls holds is said once, and if all do."""
    pitfalls = [f"pitfall:{pitfall.id}" for pitfall in scenario.case.pitfalls]
    unique = tuple(dict.fromkeys(found))
    failing = {finding.name for finding in unique if not finding.holds}

    def place(finding: Finding) -> tuple[int, int]:
        element = "" if finding.witness is None else finding.witness.element
        return PROPERTIES.index(finding.name), pitfalls.index(element) if element in pitfalls else 0

    told = (finding for finding in unique if not (finding.holds and finding.name in failing))
    return tuple(sorted(told, key=place))
