"""Pools as regions: the bands of a pool are the states of a region behind those of the disease."""

from __future__ import annotations

from sim.case.model.disease import Crossing, Disease, Region, State
from sim.case.model.pools import Pool, crossing_id


def region_of(pool: Pool) -> Region:
    """Return the region whose states are the bands of a pool, with a crossing into each."""
    states = {
        name: State(
            name=band.name or f"{pool.name}: {name.replace('_', ' ')}",
            observables=band.observables, growth=band.growth, outcome=band.outcome,
        )
        for name, band in pool.bands.items()
    }  # fmt: skip
    return Region.model_construct(
        name=pool.name,
        initial=pool.shares(),
        states=states,
        transitions=tuple(_crossing(pool, name) for name in pool.bands) if len(pool.bands) > 1 else (),
        evidence=pool.evidence,
        assumed=pool.assumed,
    )


def _crossing(pool: Pool, target: str) -> Crossing:
    band = pool.bands[target]
    return Crossing.model_validate(
        {
            "id": crossing_id(target), "from": _beside(pool, target), "to": target, "into": band.range,
            "call": band.call, "reveals": band.reveals, "evidence": pool.evidence, "assumed": pool.assumed,
        }
    )  # fmt: skip


def _beside(pool: Pool, target: str) -> tuple[str, ...]:
    ordered = sorted(pool.bands, key=lambda name: pool.bands[name].range)
    place = ordered.index(target)
    return tuple(name for name in (ordered[place - 1 : place] + ordered[place + 1 : place + 2]))


def with_bands(disease: Disease) -> Disease:
    """Return the disease with a region for each of its pools; itself if it has none or has them already."""
    missing = {name: region_of(pool) for name, pool in disease.pools.items() if name not in disease.regions}
    return disease.model_copy(update={"regions": disease.regions | missing}) if missing else disease
