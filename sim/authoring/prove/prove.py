"""All properties of a case, tried one after another, or shared among processes."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import Final

from sim.authoring.prove.bench import Bench
from sim.authoring.prove.properties import (
    doses,
    findings,
    holding,
    identities,
    names,
    pathway,
    pitfalls,
    plans,
    reach,
    shape,
    shortcuts,
    sources,
    survival,
    words,
)
from sim.authoring.prove.verdict import PropertyResult, ReportProgress
from sim.case.model.scenario import Scenario
from sim.cohorts.local import cores, shared

SMALL: Final = 8
"""How many patients a proof plays if nothing else is asked for: enough for what goes wrong in most."""
FEWEST: Final = 4
"""The least number of patients a proof makes sense with."""

_Proof = Callable[[Bench], list[PropertyResult]]

_PROOFS: Final[tuple[tuple[tuple[str, ...], _Proof], ...]] = (
    ((sources.PROPERTY,), sources.prove),
    ((names.PROPERTY,), names.prove),
    ((holding.PROPERTY,), holding.prove),
    ((doses.PROPERTY,), doses.prove),
    ((shape.PROPERTY,), shape.prove),
    ((words.PROPERTY,), words.prove),
    ((identities.PROPERTY,), identities.prove),
    ((pathway.TOP,), pathway.prove_top),
    ((plans.PROPERTY,), plans.prove),
    ((pathway.UNTREATED,), pathway.prove_untreated),
    ((survival.PROPERTY,), survival.prove),
    ((shortcuts.PROPERTY,), shortcuts.prove),
    ((findings.DIAGNOSIS,), findings.prove_diagnosis),
    ((findings.STEPS,), findings.prove_steps),
    ((reach.STATES, reach.TRANSITIONS), reach.prove),
    ((pitfalls.PROPERTY,), pitfalls.prove),
    ((pathway.STEPS,), pathway.prove_steps),
)

PROPERTIES: Final = tuple(name for names, _ in _PROOFS for name in names)
"""Every property, in the order in which it is tried: the quickest first."""

_QUICK: Final = tuple(proof for _, proof in _PROOFS if proof not in (pitfalls.prove, reach.prove, pathway.prove_steps))
"""What is tried in one go where processes share: none of them takes long."""


def prove(
    scenario: Scenario,
    n: int = SMALL,
    report_progress: ReportProgress = lambda line: None,
    workers: int | None = 1,
    *,
    plans: Iterable[Path] = (),
    named_only: bool = False,
) -> tuple[PropertyResult, ...]:
    """Return what holds of a case and what does not; `n` is how many patients are played.

    The same case and `n` give the same results, however many `workers` share them (None: one for each core, if
    joblib is installed). `report_progress` is called with what is being tried. Raises ValueError for fewer than 4
    patients, as a standard error of fewer means little, and UserError where workers cannot share. `plans` are the files
    of the case's plans. With `named_only` the case answers only for the states and transitions that it names: the rest
    of a disease that cases share is proved once, over all of them, by `prove_shared`.
    """
    if n < FEWEST:
        raise ValueError(f"expected at least {FEWEST} patients, found {n}")
    count, make = cores(workers), partial(Bench, scenario, n, plans=tuple(plans), named_only=named_only)
    if count == 1:
        bench = make(report_progress=report_progress)
        return tuple(result for _, proof in _PROOFS for result in proof(bench))
    return _sorted(scenario, _shared(make, report_progress, count))


def prove_shared(
    scenarios: Iterable[Scenario], n: int = SMALL, report_progress: ReportProgress = lambda line: None
) -> tuple[PropertyResult, ...]:
    """Return which states and transitions of a disease no patient of any of its cases reaches; `case` is the disease's
    id. Cases that share a disease may each leave parts of it out, and together should not.
    """
    return tuple(reach.prove_shared([Bench(scenario, n, report_progress) for scenario in scenarios]))


def _shared(make: Callable[[], Bench], report_progress: ReportProgress, workers: int) -> list[PropertyResult]:
    """Return the results of all parts, in the order in which they come."""
    shards = [(partial(pitfalls.prove, shard=shard, shards=workers),) for shard in range(workers)]
    parts: list[tuple[_Proof, ...]] = [*shards, (reach.prove,), (pathway.prove_steps,), _QUICK]
    found: list[PropertyResult] = []
    report_progress(f"{len(parts)} parts, on {workers} cores")
    for number, part in enumerate(shared(partial(_tried, make), parts, workers, ordered=False), 1):
        report_progress(f"{number} of {len(parts)} parts tried, on {workers} cores")
        found += part
    return found


def _tried(make: Callable[[], Bench], proofs: Iterable[_Proof]) -> list[PropertyResult]:
    """Return the results of one part, in a process of its own: what one of its proofs played serves the others."""
    bench = make()
    return [result for proof in proofs for result in proof(bench)]


def _sorted(scenario: Scenario, found: Iterable[PropertyResult]) -> tuple[PropertyResult, ...]:
    """Return results in the order of one process; that a shard of pitfalls holds is said once, and if all do."""
    order = [f"pitfall:{pitfall.id}" for pitfall in scenario.case.pitfalls]
    unique = tuple(dict.fromkeys(found))
    failing = {result.name for result in unique if not result.holds}

    def place(result: PropertyResult) -> tuple[int, int]:
        element = "" if result.witness is None else result.witness.element
        return PROPERTIES.index(result.name), order.index(element) if element in order else 0

    kept = (result for result in unique if not (result.holds and result.name in failing))
    return tuple(sorted(kept, key=place))
