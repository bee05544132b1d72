"""The ids that a file may use."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import partial

from sim.case.model.calibration import Calibration
from sim.case.model.case import Case
from sim.case.model.catalogue import Catalogue
from sim.case.model.disease import Disease


@dataclass(frozen=True, slots=True)
class Names:
    """Every id that may be used. None where it is not known here, and then not checked."""

    orders: frozenset[str]
    therapies: frozenset[str]
    """Orders that start something that runs on."""
    dosed: frozenset[str]
    """Orders with doses to choose from."""
    reports: Mapping[str, frozenset[str]]
    """Order to its reports before the final one."""
    observables: frozenset[str]
    diagnoses: frozenset[str]
    evidence: frozenset[str]
    sources: frozenset[str]
    states: Mapping[str, frozenset[str]] | None = None
    """Region to its states."""
    transitions: frozenset[str] | None = None
    """`region.transition`."""
    pools: frozenset[str] | None = None
    told: frozenset[str] | None = None
    levels: frozenset[str] | None = None
    """Therapies that have a drug level."""
    findings: Mapping[str, frozenset[str]] | None = None
    """Order to the codes its results may carry."""
    called: Callable[[str, str], str | None] = lambda _kind, _word: None
    """Given 'order' or 'diagnosis' and a word, what that is called here, if anybody can tell."""
    groups: frozenset[str] | None = None
    """Groups of orders of a calibration; like the next four None outside one."""
    plans: frozenset[str] | None = None
    arms: frozenset[str] | None = None
    """Arms and cohorts."""
    moments: frozenset[str] | None = None
    criteria: frozenset[str] | None = None


def names_of(
    catalogue: Catalogue,
    evidence: Iterable[str],
    sources: Iterable[str],
    disease: Disease | None = None,
    case: Case | None = None,
    calibration: Calibration | None = None,
) -> Names:
    """Return the ids that a file about this disease, case and calibration may use."""
    orders = catalogue.orders.values()
    names = Names(
        orders=frozenset(catalogue.orders),
        therapies=frozenset(order.id for order in orders if order.starts_therapy),
        dosed=frozenset(order.id for order in orders if order.doses),
        reports={order.id: frozenset(report.id for report in order.reports) for order in orders},
        observables=frozenset(catalogue.observables),
        diagnoses=frozenset(catalogue.diagnoses),
        evidence=frozenset(evidence),
        sources=frozenset(sources),
        called=partial(_called, catalogue),
    )
    if calibration is not None:
        names = replace(
            names,
            groups=frozenset(calibration.orders),
            plans=frozenset(calibration.plans),
            arms=frozenset(calibration.arms) | frozenset(calibration.cohorts),
            moments=frozenset(calibration.moments),
            criteria=frozenset(calibration.criteria),
        )
    if disease is None:
        return names
    regions = disease.regions.items()
    results = disease.results | (case.results if case is not None else {})
    return replace(
        names,
        states={region: frozenset(spec.states) for region, spec in regions},
        transitions=frozenset(f"{region}.{t.id}" for region, spec in regions for t in spec.transitions),
        pools=frozenset(disease.pools),
        told=frozenset(t.reveals for _, spec in regions for t in spec.transitions if t.reveals),
        levels=frozenset(level.therapy for level in disease.levels),
        findings={order: frozenset(f.code for f in said if f.code) for order, said in results.items()},
    )


def _called(catalogue: Catalogue, kind: str, word: str) -> str | None:
    from sim.case.search import find_diagnosis, resolve  # only where something is wrong: it costs time to import

    return (resolve if kind == "order" else find_diagnosis)(catalogue, word)
