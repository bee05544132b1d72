"""Policies that must not pay: nothing, handing over, everything, at random, and one good order every day."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from scoring.assess.assessment import assess
from scoring.parameters import BANDS
from sim.authoring.prove.bench import Bench
from sim.authoring.prove.verdict import PropertyResult, Witness
from sim.engine.policy import Policy, at_random, everything, handing_over, nothing, repeating

PROPERTY: Final = "shortcuts_do_not_pay"
BEST_ALLOWED: Final = "developing"


def prove(bench: Bench) -> list[PropertyResult]:
    """Return every policy without thought that earns more than `developing`, each with one patient."""
    failures: list[PropertyResult] = []
    tried = 0
    for name, policy, seeds in _policies(bench):
        bench.report_progress(f"{name}, {len(seeds)} patients")
        for seed in seeds:
            tried += 1
            played = bench.play(seed, policy)
            band = assess(bench.scenario, played.log).band
            if BANDS.index(band) > BANDS.index(BEST_ALLOWED):
                what = f"The policy {name} is {band} in patient {seed}."
                failures.append(
                    PropertyResult(bench.scenario.case.id, PROPERTY, Witness(f"policy:{name}", what, played.run()))
                )
                break
    return failures or [PropertyResult(bench.scenario.case.id, PROPERTY, note=f"{tried} runs")]


def _policies(bench: Bench) -> Iterator[tuple[str, Policy, range]]:
    few = range(1, 1 + max(1, bench.n // 8))
    yield "none", nothing, bench.seeds
    yield "hand over", handing_over, bench.seeds
    yield "everything", everything, few
    yield "random", at_random, bench.seeds
    for order in dict.fromkeys(order for step in bench.scenario.case.pathway if not step.stop for order in step.do):
        yield f"repeat:{order}", repeating(order), few
