"""A disease as a list of names: what an author may write after `in:`, and what each state waits for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import inf
from typing import Final

from sim.authoring.draw import label_of
from sim.authoring.show import flow_text
from sim.case.model.disease import Crossing, Disease, Region, Transition
from sim.case.model.pools import Band, Pool
from sim.case.model.terms import parsed
from sim.words.fold import fold

WIDTH: Final = 80

Mixes = Mapping[str, Mapping[str, float]]
"""Region to the states it begins in, with their shares."""


def lines(disease: Disease, mixes: Mixes, only: Sequence[str] = ()) -> Iterator[str]:
    """Yield regions and pools for a terminal of 80 columns; `only` these, if any are named.

    `mixes` are the regions that begin otherwise than the disease says, as in a case. Regions that are not named are
    left out, and so are the named starts then.
    """
    for name, region in disease.regions.items():
        if only and name not in only:
            continue
        pool = disease.pools.get(name)
        yield from _region(name, region, mixes) if pool is None else _pool(name, pool)
        yield ""
    if disease.starts and not only:
        yield "Named starts (start: NAME in a case)"
        for start, begins in disease.starts.items():
            parts = (f"{region} {_mix(mix)}" for region, mix in begins.items())
            yield from fold(f"{start}: {', '.join(parts)}", WIDTH, first="  ", rest=" " * 6)
        yield ""


def waits_for(one: Transition) -> str:
    """Return what makes a transition fire, in words that need no picture: `when water enters deficit or shock`."""
    if one.on is None or one.on.enter is None:
        return label_of(one)
    ((region, states),) = one.on.enter.items()
    return f"when {region} enters {' or '.join(states)}"


def _region(name: str, region: Region, mixes: Mixes) -> Iterator[str]:
    yield from fold(f"{name}: {region.name}; begins {_mix(mixes.get(name, region.initial))}", WIDTH, rest="  ")
    for state, said in region.states.items():
        ends = "; ends the case" if said.outcome else ""
        yield from fold(f"{state}: {said.name}{ends}", WIDTH, first="  ", rest=" " * 6)
    for transition in region.transitions:
        yield from fold(_transition(transition), WIDTH, first="    ", rest=" " * 8)


def _mix(mix: Mapping[str, float]) -> str:
    return ", ".join(state if share == 1 else f"{state} {100 * share:.4g}%" for state, share in mix.items())


def _transition(one: Transition) -> str:
    parts = [f"{one.id}: {' or '.join(one.source)} -> {one.target}, {waits_for(one)}"]
    if one.chance is not None:
        parts.append(f"{100 * one.chance:.4g}% of times")
    if one.when is not None:
        parts.append(f"while {parsed(one.when)}")
    parts += [f"x{modifier.x:g} while {parsed(modifier.when)}" for modifier in one.modifiers]
    if one.reveals is not None:
        parts.append(f"its call reveals {one.reveals}")
    elif one.call is not None:
        parts.append("calls")
    return "; ".join(parts)


def _pool(name: str, pool: Pool) -> Iterator[str]:
    low, high = pool.initial
    opens = f"{low:g}" if low == high else f"{low:g}..{high:g}"
    yield from fold(f"{name}: {pool.name}, an amount in {pool.unit}; opens at {opens}", WIDTH, rest="  ")
    for band, said in pool.bands.items():
        yield from fold(_band(band, said, pool.unit), WIDTH, first="  ", rest=" " * 6)
    for flow in pool.flows:
        yield from fold(flow_text(flow), WIDTH, first="    ", rest=" " * 8)


def _band(name: str, band: Band, unit: str) -> str:
    low, high = band.range
    where = f"below {high:g}" if low == -inf else f"from {low:g}" if high == inf else f"{low:g}..{high:g}"
    until = [f"until below {band.until_below:g}"] if band.until_below is not None else []
    until += [f"until above {band.until_above:g}"] if band.until_above is not None else []
    parts = [f"{name}: {where} {unit}", *until]
    parts += [f"its call reveals {band.reveals}"] if band.reveals is not None else ["calls"] if band.call else []
    return "; ".join(parts + ["ends the case"] * band.outcome)


def plain(disease: Disease, mixes: Mixes, only: Sequence[str] = ()) -> dict[str, object]:
    """Return the same as JSON-ready data: regions with their states and transitions, pools with their bands."""
    named = {name: region for name, region in disease.regions.items() if not only or name in only}
    return {
        "disease": disease.id,
        "regions": {
            name: {
                "name": region.name,
                "begins": dict(mixes.get(name, region.initial)),
                "states": {
                    state: {"name": said.name, "outcome": said.outcome} for state, said in region.states.items()
                },
                "transitions": [_plain_transition(one) for one in region.transitions if not isinstance(one, Crossing)],
            }
            for name, region in named.items() if name not in disease.pools
        },
        "pools": {
            name: {
                "name": pool.name, "unit": pool.unit, "opens": list(pool.initial),
                "bands": {band: _plain_band(said) for band, said in pool.bands.items()},
                "flows": [flow_text(flow) for flow in pool.flows],
            }
            for name, pool in disease.pools.items() if name in named
        },
        "starts": {
            start: {region: dict(mix) for region, mix in found.items()} for start, found in disease.starts.items()
        },
    }  # fmt: skip


def _plain_transition(one: Transition) -> dict[str, object]:
    return {
        "id": one.id, "from": list(one.source), "to": one.target, "waits_for": waits_for(one), "chance": one.chance,
        "while": None if one.when is None else str(parsed(one.when)),
        "modifiers": [{"x": modifier.x, "while": str(parsed(modifier.when))} for modifier in one.modifiers],
        "reveals": one.reveals,
    }  # fmt: skip


def _plain_band(band: Band) -> dict[str, object]:
    low, high = band.range
    return {
        "from": None if low == -inf else low, "below": None if high == inf else high,
        "until_below": band.until_below, "until_above": band.until_above, "reveals": band.reveals,
    }  # fmt: skip
