"""What a state or a therapy does to what is measured, and to growth."""

from __future__ import annotations

from typing import Self

from pydantic import Field, model_validator

from sim.case.model.parts import Part


class Effect(Part):
    """How a state or a therapy moves an observable's set-point: `set` replaces the healthy value,
    then every `scale` multiplies, then every `shift` adds. Of several `set`, the later region's wins.
    A number alone is a `set`."""

    set: float | None = None
    scale: float | None = None
    shift: float | None = None

    @model_validator(mode="before")
    @classmethod
    def _number_sets(cls, value: object) -> object:
        return {"set": value} if isinstance(value, (int, float)) and not isinstance(value, bool) else value

    @model_validator(mode="after")
    def _does_one_thing(self) -> Self:
        if sum(x is not None for x in (self.set, self.scale, self.shift)) != 1:
            raise ValueError("expected exactly one of 'set', 'scale', 'shift'")
        return self


class Growth(Part):
    """How the dry weight moves in a state. Of several regions, shares multiply and losses add."""

    share: float = Field(default=1.0, ge=0, le=3)
    """Share of a healthy boy's growth at this age (catch-up growth is above 1)."""
    loss: float = Field(default=0.0, ge=0, le=100)
    """Tissue lost, g per kg per day."""
