"""Rollouts with common random numbers and control variates: the mean worth of decisions, differences, standard errors.

Every decision of an attempt is judged over the same fresh fates, the first so many of one list. So not only v and q
of a decision but also q and the next v differ by little more than what lies between them, and a loss or a stroke of
luck is known far better than either expectation.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from math import fsum, sqrt

from scoring.parameters import FIRST_FATES, SETTLED, SETTLED_SHARE, UNSEEN
from scoring.review.decisions import Decision
from sim.engine.fate import philox, stream_key
from sim.engine.kernel import Program, run

STREAM = "review"
"""Fresh fates are numbered in this stream of the patient's own seed; nothing of the played life is drawn from it."""

_MASK = (1 << 64) - 1


def fresh_fates(seed: int, count: int) -> tuple[int, ...]:
    """Return so many fates for the review of an attempt at the patient of `seed`."""
    key = (seed & _MASK, stream_key(STREAM))
    return tuple(philox(key, k)[0] for k in range(count))


@dataclass(frozen=True, slots=True)
class Sample:
    """Utilities of one decision, fate by fate: `v` where the pathway takes over before it, `q` after it.

    `q` is None where there is nothing to play: the decision is still open, or it is what the pathway would do. It may
    be shorter than `v`, and then belongs to the first fates.
    """

    decision: Decision
    v: array[float]
    q: array[float] | None


def sampled(program: Program, decision: Decision, fates: Sequence[int]) -> Sample:
    """Return a decision played over its fates: the first few, and more, up to all, until its loss is known.

    The first decision's v is played over all of them: it says where the whole attempt began.
    """
    size = min(FIRST_FATES, len(fates))
    v = values(program, decision, fates if decision.number == 0 else fates[:size])
    if decision.follows or not decision.closed:
        return Sample(decision, v, None)
    q = values(program, decision, fates[:size], played=True)
    while len(q) < len(fates) and not _settled(v, q):
        more = fates[len(q) : 2 * len(q)]
        v += values(program, decision, [] if len(v) > len(q) else more)
        q += values(program, decision, more, played=True)
    return Sample(decision, v, q)


def values(program: Program, decision: Decision, fates: Sequence[int], *, played: bool = False) -> array[float]:
    """Return the utility of each fate if the pathway takes over before a decision, or after it is `played`."""
    return run(program, fates, start=decision.start, first_moves=decision.moves if played else ()).utility


def _settled(v: Sequence[float], q: Sequence[float]) -> bool:
    mean, error = difference(v, q)
    return error <= max(SETTLED, SETTLED_SHARE * abs(mean))


def difference(these: Sequence[float], those: Sequence[float]) -> tuple[float, float]:
    """Return the mean of these less those over the fates both have, and its standard error.

    A difference that few fates make may be missed by all of them. So the error is taken as if a little more had been
    seen (UNSEEN): where none differs it is not nothing.
    """
    pairs = [a - b for a, b in zip(these, those, strict=False)]
    mean = fsum(pairs) / len(pairs)
    return mean, sqrt(_squared(deviations(pairs)) + UNSEEN / len(pairs) ** 2)


def deviations(values: Sequence[float]) -> list[float]:
    """Return what each value adds to its mean, about that mean: the squares add up to the mean's squared error."""
    count = len(values)
    mean, root = fsum(values) / count, sqrt(count * max(count - 1, 1))
    return [(value - mean) / root for value in values]


def _squared(parts: Sequence[float]) -> float:
    return fsum(part * part for part in parts)


class Estimate:
    """A number from the fates: its value, and what each fate adds to its error. Fates it does not use add nothing."""

    def __init__(self, value: float, parts: Sequence[float], missed: float = 0.0) -> None:
        """Take the value, the part of each fate (see `deviations`), and the squared error that no fate shows."""
        self.value, self.parts, self._missed = value, parts, missed

    @property
    def error(self) -> float:
        """The standard error."""
        return sqrt(_squared(self.parts) + self._missed)

    def less(self, other: Estimate) -> Estimate:
        """Return the difference; what the same fate adds to both counts once."""
        count = max(len(self.parts), len(other.parts))
        pairs = zip(_filled(self.parts, count), _filled(other.parts, count), strict=True)
        return Estimate(self.value - other.value, [a - b for a, b in pairs], self._missed + other._missed)


def _filled(parts: Sequence[float], count: int) -> list[float]:
    return [*parts, *[0.0] * (count - len(parts))]


def exactly(value: float) -> Estimate:
    """Return a number that is known."""
    return Estimate(value, ())


def loss_of(sample: Sample) -> Estimate:
    """Return v less q: nothing, for certain, where the decision is what the pathway would do."""
    if sample.q is None:
        return exactly(0.0)
    pairs = [a - b for a, b in zip(sample.v, sample.q, strict=False)]
    return Estimate(fsum(pairs) / len(pairs), deviations(pairs), UNSEEN / len(pairs) ** 2)


def level_of(sample: Sample, first: Sample) -> Estimate:
    """Return v, by the fates that every decision has, set right by how those differ from all fates at the start.

    What the few say too high of the start they say too high here too, as far as the two go together (a control
    variate, by regression).
    """
    count = min(FIRST_FATES, len(first.v))
    few, start = sample.v[:count], first.v[:count]
    here, there, everywhere = fsum(few) / count, fsum(start) / count, fsum(first.v) / len(first.v)
    spread = fsum((x - there) ** 2 for x in start)
    slope = fsum((x - there) * (y - here) for x, y in zip(start, few, strict=True)) / spread if spread else 0.0
    parts = [y - slope * x for x, y in zip(deviations(start), deviations(few), strict=True)]
    whole = [slope * x for x in deviations(first.v)]
    value = here - slope * (there - everywhere)
    return Estimate(value, [a + b for a, b in zip(_filled(parts, len(whole)), whole, strict=True)])
