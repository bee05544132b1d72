"""Can every condition of the case hold for its own patients? Read, not played: `check` refuses what is plain."""

from __future__ import annotations

from typing import Final

from sim.authoring.prove.bench import Bench
from sim.authoring.prove.verdict import PropertyResult, Witness
from sim.case.checking.rules_conditions import conditions_of
from sim.case.checking.satisfiability import impossible, world_of
from sim.case.model.terms import parsed

PROPERTY: Final = "conditions_can_hold"


def prove(bench: Bench) -> list[PropertyResult]:
    """Return every condition of the case that none of its patients can meet.

    Of the disease only what nobody can meet counts: its guards for other ages are for other cases, and are counted.
    """
    scenario = bench.scenario
    case, disease = scenario.case, scenario.disease
    own, anyone = world_of(scenario.catalogue, disease, case), world_of(scenario.catalogue, disease)
    failures, count, others = [], 0, 0
    for name, part, world in (("case", case, own), ("disease", disease, anyone)):
        for loc, condition in conditions_of(part):
            count += 1
            found = impossible(parsed(condition), world)
            if found is not None:
                place = ".".join(map(str, (name, *loc)))
                what = f"{parsed(condition)} never holds: {found.why}."
                failures.append(PropertyResult(case.id, PROPERTY, Witness(place, what)))
            elif world is anyone and impossible(parsed(condition), own) is not None:
                others += 1
    note = f"{count} conditions" + (f", {others} of them for patients of other cases" if others else "")
    return failures or [PropertyResult(case.id, PROPERTY, note=note)]
