"""A case as a simulation table, the form in which clinicians review one. It gives everything away."""

from __future__ import annotations

from collections.abc import Iterator

from sim.authoring.draw import label_of
from sim.case.composing.compose import compose
from sim.case.composing.expanded import lines
from sim.case.composing.shelf import Shelf
from sim.case.library import path_of
from sim.case.model.case import Case, PatientSpec
from sim.case.model.disease import Disease, Region, State
from sim.case.model.effects import Effect
from sim.case.model.pathway import Step
from sim.case.model.pools import NEEDS, WEIGHED, Flow, Modelled, Reading
from sim.case.model.scenario import Scenario
from sim.case.model.terms import parsed
from sim.case.quantities import duration
from sim.words.fold import fold


def table(scenario: Scenario) -> Iterator[str]:
    """Yield the case line by line: the patient, the regions with their states, the pathway, pitfalls and endings."""
    case, disease = scenario.case, scenario.disease
    yield "SPOILERS: this gives the diagnosis and everything else away."
    yield ""
    yield from _heading(f"{case.title} ({case.id}, version {case.version})")
    yield from _entry("Diagnosis", scenario.catalogue.diagnoses[case.diagnosis].name)
    yield from _entry("For", f"{case.level}; difficulty {case.difficulty} of 5; about {case.minutes} min")
    yield from _entry("Author", f"{case.author}; {case.reviewed}")
    yield from _entry("Patient", _patient(case.patient))
    yield from _entry("Setting", case.setting)
    yield from _entry("Opening", case.opening)
    yield from _entry("Lasts", duration(case.horizon))
    yield from _entry("Monitor", ", ".join(case.monitor))
    for objective in case.objectives:
        yield from _entry("Objective", objective)
    yield ""
    yield from _heading(f"The disease: {disease.name}")
    for id, region in disease.regions.items():
        yield from _region(id, region, case)
    yield from _pools(disease)
    yield from _about(disease)
    yield from _pathway(case)
    yield from _judged(case)


def _patient(spec: PatientSpec) -> str:
    young, old = spec.age
    age = duration(young) if young == old else f"{duration(young)} to {duration(old)}"
    weights = [f"{spec.weight.low:g} to {spec.weight.high:g} kg"]
    if spec.birth_weight is not None:
        weights.append(f"{spec.birth_weight.low:g} to {spec.birth_weight.high:g} kg at birth")
    return f"{', '.join(spec.names)}; {spec.sex}; {age} old; {', '.join(weights)}"


def _heading(text: str) -> Iterator[str]:
    yield text
    yield "=" * len(text)


def _entry(name: str, text: str, indent: str = "") -> Iterator[str]:
    yield from fold(f"{name}: {text}", 110, first=indent, rest=" " * (len(indent) + 4))


def _region(id: str, region: Region, case: Case) -> Iterator[str]:
    yield ""
    mix = case.start.get(id, region.initial)
    yield f"{region.name} ({id}); begins {', '.join(f'{state} {share:.0%}' for state, share in mix.items())}"
    for name, state in region.states.items():
        yield from _entry(name, _state(state), "  ")
    for transition in region.transitions:
        way = f"{'/'.join(transition.source)} -> {transition.target}, {label_of(transition)}"
        if transition.chance is not None:
            way += f", {transition.chance:.0%} of times"
        if transition.when is not None:
            way += f", while {parsed(transition.when)}"
        yield from _entry(transition.id, way + _source(transition.evidence), "  - ")
        for modifier in transition.modifiers:
            yield from _entry(f"x{modifier.x:g}", str(parsed(modifier.when)) + _source(modifier.evidence), "      ")
        if transition.call:
            yield from _entry("call", transition.call, "      ")


def _state(state: State) -> str:
    moved = [f"{name} {_effect(effect)}" for name, effect in state.observables.items()]
    if state.growth is not None:
        moved.append(f"growth x{state.growth.share:g}, loses {state.growth.loss:g} g/kg/d")
    if state.outcome:
        moved.append("ends the case")
    return state.name + (f" ({', '.join(moved)})" if moved else "")


def _effect(effect: Effect) -> str:
    before = f" ({effect.priority})" if effect.priority else ""
    if effect.set is not None:
        return f"{effect.set:g}{before}"
    return (f"x{effect.scale:g}" if effect.scale is not None else f"{effect.shift:+g}") + before


def _about(disease: Disease) -> Iterator[str]:
    if disease.about:
        yield ""
        yield from _heading("About the disease, told at the end of the debrief")
    for section in disease.about:
        yield from _entry(section.title, section.text + _source(section.evidence), "  ")
        if section.literature is not None:
            yield from _entry("The literature", section.literature, "    ")


def _pools(disease: Disease) -> Iterator[str]:
    if disease.pools:
        yield ""
        yield from _heading("Amounts")
    for name, pool in disease.pools.items():
        low, high = pool.initial
        opens = f"{low:g}" if low == high else f"{low:g} to {high:g}"
        yield from _entry(name, f"{pool.name}, {pool.unit}; opens at {opens}" + _source(pool.evidence), "  ")
        for flow in pool.flows:
            yield from _entry("flow", flow_text(flow) + _source(flow.evidence), "    - ")
    for name, model in disease.observables.items():
        yield from _entry(name, _model(model), "  ")


def flow_text(flow: Flow) -> str:
    """Return what a flow does, in words: how much an hour, by which therapy, while what."""
    what = "a share of what is there" if flow.is_loss else "amount"
    if flow.rates is not None:
        rates = ", ".join(f"{60 * y:g}/h at {x:g}" for x, y in flow.rates)
        said = f"{what} by the dose of {flow.therapy}: {rates}"
    else:
        rate = flow.loss if flow.loss is not None else flow.rate or 0.0
        by = f" for each {flow.per:g} of {flow.therapy}" if flow.per is not None else ""
        during = f" during {flow.therapy}" if flow.therapy is not None and not by else ""
        said = f"{what} {60 * rate:g}/h{by}{during}"
    return said + (f", while {parsed(flow.when)}" if flow.when is not None else "")


def _model(model: Modelled) -> str:
    if model.formula == WEIGHED:
        return f"weight from water: the dry weight and {' and '.join(model.pools)}"
    if model.formula is not None:
        return f"{model.formula.replace('_', ' ')} of {', '.join(model.of or NEEDS[model.formula])}"
    through = "".join(f" ({x:g}: {y:g})" for x, y in model.through or ())
    return (
        "sum of "
        + "; ".join(_reading(reading) for reading in model.sum)
        + (f"; read through{through}" if through else "")
    )


def _reading(reading: Reading) -> str:
    if reading.plus is not None:
        return f"{reading.plus:g}"
    if reading.healthy:
        return "healthy"
    if reading.median is not None:
        return f"the median {reading.median} for sex and age"
    name = reading.pool or reading.observable or f"dose of {reading.dose}, {duration(reading.lag or 0)} behind"
    return name + "".join(f" ({x:g}: {y:g})" for x, y in reading.points or ())


def _pathway(case: Case) -> Iterator[str]:
    yield ""
    yield from _heading("The pathway")
    phase = ""
    for step in case.pathway:
        if step.phase != phase:
            phase = step.phase
            yield phase
        yield from _entry(step.id, _step(step), "  - ")
        yield from _entry("because", step.because + _source(step.evidence), "      ")


def _step(step: Step) -> str:
    do = f"{'stop ' if step.stop else ''}{' or '.join((*step.do, *map(' and '.join, step.or_all)))}"
    parts = [step.title, f"{step.weight}{', critical' if step.critical else ''}", do, f"within {duration(step.within)}"]
    if step.not_before:
        parts.append(f"not before {duration(step.not_before)}")
    if step.after:
        parts.append(f"after {', '.join(step.after)}")
    if step.when is not None:
        parts.append(f"when {parsed(step.when)}")
    return "; ".join(parts)


def _judged(case: Case) -> Iterator[str]:
    yield ""
    yield from _heading("Pitfalls")
    for pitfall in case.pitfalls:
        text = f"{pitfall.title} ({pitfall.severity}); costs through {', '.join(pitfall.consequence) or 'nothing'}"
        yield from _entry(pitfall.id, text, "  - ")
        yield from _entry("because", pitfall.because + _source(pitfall.evidence), "      ")
    yield ""
    yield from _heading("Endings")
    for ending in case.endings:
        when = f"; when {parsed(ending.when)}" if ending.when is not None else ""
        yield from _entry(ending.id, f"{ending.title}; utility {ending.utility:g}{when}", "  - ")
    for sequela in case.sequelae:
        yield from _entry(f"-{sequela.minus:g}", f"{sequela.text}; when {parsed(sequela.when)}", "  ")


def _source(evidence: tuple[str, ...]) -> str:
    return f" [{', '.join(evidence)}]" if evidence else ""


def expansion(case: str) -> Iterator[str]:
    """Yield what a case is made of, its disease and then the case, each part with the file and line it comes from.

    Raises CaseError if it cannot be put together.
    """
    path = path_of(case)
    shelf = Shelf.around(path, None)
    whole = compose(shelf, path)
    shelf.problems.raise_errors()
    yield "# SPOILERS: this gives the diagnosis and everything else away."
    for document in (whole.disease_file, whole.case_file):
        if document is not None and document.root is not None:
            yield f"# --- {document.file} ---"
            yield from lines(document.root)
