"""All properties of a case, tried one after another."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from sim.case.model import Library
from sim.proof import findable, naming, reach, road, shape, shortcuts, sources, traps
from sim.proof.playing import Bench
from sim.proof.verdict import Finding, Tell

SMALL: Final = 8
"""How many patients a proof plays if nothing else is asked for: enough for what goes wrong in most."""

_PROOFS: Final[tuple[tuple[tuple[str, ...], Callable[[Bench], list[Finding]]], ...]] = (
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


def prove(library: Library, n: int = SMALL, tell: Tell = lambda line: None) -> tuple[Finding, ...]:
    """Return what holds of a case and what does not; `n` is how many patients are played.

    The same case and `n` give the same findings. `tell` is told what is being tried. Raises ValueError for fewer
    than 4 patients, for of fewer no difference has a standard error worth the name.
    """
    if n < FEWEST:
        raise ValueError(f"expected at least {FEWEST} patients, found {n}")
    bench = Bench(library, n, tell)
    return tuple(finding for _, proof in _PROOFS for finding in proof(bench))


FEWEST: Final = 4
"""The least number of patients a proof makes sense with."""
