"""Do the values of one moment agree with one another, as chemistry and counting demand?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

from sim.authoring.prove.bench import Bench, Played
from sim.authoring.prove.verdict import PropertyResult, Witness
from sim.case.model.pools import NEEDS
from sim.case.moves import Wait
from sim.engine.fate import Fate, stream_key
from sim.engine.formulas import FORMULAS
from sim.engine.policy import Policy, at_random, following, nothing
from sim.engine.session import Session

PROPERTY: Final = "values_agree"

MMHG: Final = 7.50062
"""Of one kPa: formulas take tensions in mmHg, and a catalogue may have them in kPa."""

MOMENTS: Final = 1000
"""So many moments are looked at, spread over the patients and over three ways of treating them."""

_POLICIES: Final[tuple[Policy, ...]] = (following(), nothing, at_random)


class _Identity(NamedTuple):
    """What an observable must be, from others by a formula, within a tolerance in its unit."""

    observable: str
    formula: str
    within: float


_IDENTITIES: Final = (
    _Identity("ph", "henderson_hasselbalch", 0.03),
    _Identity("base_excess", "base_excess", 2.0),
    _Identity("osmolality", "osmolality", 5.0),
    _Identity("anion_gap", "anion_gap", 2.0),
    _Identity("corrected_sodium", "corrected_sodium", 2.0),
    _Identity("mean_pressure", "mean_pressure", 3.0),
)
"""The tolerances are those of a blood gas analyser and of a laboratory's own bounds for one sample, rounded up."""

_COUNT: Final = 0.01
"""A whole may be so much of itself smaller than its parts before that is no rounding."""


def prove(bench: Bench) -> list[PropertyResult]:
    """Return each identity that the true values of some moment break, at the moment at which they do so most.

    An identity is asked for where the catalogue has its observables and the disease moves one of them: Henderson and
    Hasselbalch's, base excess, osmolality, anion gap, sodium for glucose, mean pressure; and a whole is at least the
    sum of what is counted within it.
    """
    asked = [identity for identity in _IDENTITIES if _concerns(bench, (identity.observable, *NEEDS[identity.formula]))]
    known = bench.scenario.catalogue.observables
    wholes = [name for name, spec in known.items() if spec.whole_of and _concerns(bench, (name, *spec.whole_of))]
    if not asked and not wholes:
        return [PropertyResult(bench.scenario.case.id, PROPERTY, note="the disease moves no values that must agree")]
    worst: dict[str, tuple[float, str, Session]] = {}
    for session in _moments(bench):
        for name, off, what in (*_gaps(session, asked), *_shortfalls(session, wholes)):
            if off > worst.get(name, (1.0,))[0]:
                worst[name] = off, f"Minute {session.now} of patient {session.seed}: {what}.", session
    failures = [
        PropertyResult(bench.scenario.case.id, PROPERTY,
                       Witness(f"observable:{name}", what, Played(session.seed, session.log).run()))
        for name, (_, what, session) in worst.items()
    ]  # fmt: skip
    names = ", ".join([*(identity.formula for identity in asked), *wholes])
    return failures or [PropertyResult(bench.scenario.case.id, PROPERTY, note=f"{MOMENTS} moments: {names}")]


def _concerns(bench: Bench, names: tuple[str, ...]) -> bool:
    """Whether the catalogue has all of these observables, and the disease moves any of them."""
    disease = bench.scenario.disease
    moved = {*disease.observables}
    moved |= {name for region in disease.regions.values() for state in region.states.values()
              for name in state.observables}  # fmt: skip
    moved |= {name for effect in disease.effects for name in effect.observables}
    return set(names) <= bench.scenario.catalogue.observables.keys() and not moved.isdisjoint(names)


def _moments(bench: Bench) -> Iterator[Session]:
    """Patients at minutes that fate draws, each until the case is over."""
    lives = len(_POLICIES) * bench.n
    each = -(-MOMENTS // lives)
    for seed in bench.seeds:
        for policy in _POLICIES:
            fate = Fate(seed)
            minutes = sorted(fate.whole(stream_key("proof:moment"), 0, bench.scenario.case.horizon, k)
                             for k in range(each))  # fmt: skip
            yield from _looked_at(Session(bench.scenario, seed, chart=bench.chart), policy, minutes)


def _looked_at(session: Session, policy: Policy, minutes: list[int]) -> Iterator[Session]:
    for move in policy(session):
        if isinstance(move, Wait):
            while minutes and minutes[0] <= session.now:
                minutes.pop(0)
                yield session
        session.apply(move)
        if not minutes or session.ended:
            break
    for _ in minutes:
        yield session
        break


def _gaps(session: Session, asked: list[_Identity]) -> Iterator[tuple[str, float, str]]:
    """How far each identity is off, in tolerances."""
    for name, formula, within in asked:
        needs = NEEDS[formula]
        values = [_as_the_formula_takes_it(session, need) for need in needs]
        value, due = session.true_value(name), FORMULAS[formula](*values)
        said = ", ".join(f"{need} {x:.3g}" for need, x in zip(needs, values, strict=True))
        yield name, abs(value - due) / within, f"{name} is {value:.3g}, and {said} make {due:.3g}"


def _as_the_formula_takes_it(session: Session, name: str) -> float:
    value, unit = session.true_value(name), session.scenario.catalogue.observables[name].unit
    return value * MMHG if unit == "kPa" else value


def _shortfalls(session: Session, wholes: list[str]) -> Iterator[tuple[str, float, str]]:
    known = session.scenario.catalogue.observables
    for name in wholes:
        value, parts = session.true_value(name), sum(session.true_value(part) for part in known[name].whole_of)
        off = (parts - value) / max(value * _COUNT, 1e-9)
        yield name, off, f"{name} is {value:.3g}, and what is counted within it {parts:.3g}"
