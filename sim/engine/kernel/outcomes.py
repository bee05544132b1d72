"""What a cohort comes to, as arrays."""

from __future__ import annotations

from array import array
from dataclasses import dataclass

NOT_MET = -1
"""The minute of a milestone that was never reached."""


@dataclass(frozen=True, slots=True)
class Outcomes:
    """How each seed came out, in the order asked for. Arrays of the standard library; numpy reads them in place."""

    seeds: array[int]
    end: array[int]
    """Minute of the end."""
    ending: array[int]
    """Place in `endings`."""
    utility: array[float]
    outcome: array[int]
    """Place in `outcomes` of the state that ended the case; -1 where the horizon did."""
    endings: tuple[str, ...]
    outcomes: tuple[str, ...]
    """Every state of the case as `region.state`."""
    met: dict[str, array[int]]
    """Milestone to the minute of its first moment, NOT_MET (-1) where it never came."""

    def __len__(self) -> int:
        return len(self.seeds)
