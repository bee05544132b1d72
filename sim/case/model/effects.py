"""What a state or a therapy does to what is measured, and to growth."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal, Self

from pydantic import Field, model_validator

from sim.case.model.parts import Part

Priority = Literal["high", "emergency"]
RANKS: Final[Mapping[Priority | None, int]] = {None: 0, "high": 1, "emergency": 2}
"""The priorities from the least on; an effect that names none has the least."""


class Effect(Part):
    """How a state or a therapy moves an observable's set-point: `set` replaces the healthy value,
    then every `scale` multiplies, then every `shift` adds. Of several `set`, that of the highest priority wins,
    and of equals the later region's. What has a lower priority than the `set` that wins does not act at all.
    A number alone is a `set`."""

    set: float | None = None
    scale: float | None = None
    shift: float | None = None
    priority: Priority | None = None
    """`emergency` (a collapse, an arrest) goes before `high`, and `high` before what names none."""

    @model_validator(mode="before")
    @classmethod
    def _number_sets(cls, value: object) -> object:
        return {"set": value} if isinstance(value, (int, float)) and not isinstance(value, bool) else value

    @model_validator(mode="after")
    def _does_one_thing(self) -> Self:
        if sum(x is not None for x in (self.set, self.scale, self.shift)) != 1:
            raise ValueError("expected exactly one of 'set', 'scale', 'shift'")
        return self

    @property
    def rank(self) -> int:
        """The priority as a number: more goes first."""
        return RANKS[self.priority]


class Growth(Part):
    """How the dry weight moves in a state. Of several regions, shares multiply and losses add."""

    share: float = Field(default=1.0, ge=0, le=3)
    """Share of a healthy boy's growth at this age (catch-up growth is above 1)."""
    loss: float = Field(default=0.0, ge=0, le=100)
    """Tissue lost, g per kg per day."""
