"""Paired comparison with common random numbers: the mean difference of two treatments, and its standard error."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

ERRORS: Final = 2.0
"""How many standard errors a difference must exceed."""


@dataclass(frozen=True, slots=True)
class Difference:
    """The mean of paired differences, and its standard error."""

    mean: float
    error: float
    n: int

    @property
    def is_rise(self) -> bool:
        """Whether the mean is above zero beyond its error."""
        return self.n > 1 and self.mean > ERRORS * self.error and self.mean > 0

    @property
    def errors(self) -> float:
        """How many standard errors the mean is above zero; below zero, less than none."""
        if not self.error:
            return 0.0 if not self.mean else math.copysign(math.inf, self.mean) if self.n > 1 else 0.0
        return self.mean / self.error

    def __str__(self) -> str:
        return f"{self.mean:+.4f} (standard error {self.error:.4f}, {self.n} patients)"


def paired(here: Sequence[float], there: Sequence[float]) -> Difference:
    """Return how much more `here` is than `there`, patient by patient."""
    return mean_of([a - b for a, b in zip(here, there, strict=True)])


def mean_of(values: Sequence[float]) -> Difference:
    """Return the mean of values and its standard error."""
    n = len(values)
    if not n:
        return Difference(0.0, 0.0, 0)
    mean = math.fsum(values) / n
    spread = math.fsum((value - mean) ** 2 for value in values) / (n - 1) if n > 1 else 0.0
    return Difference(mean, math.sqrt(spread / n), n)
