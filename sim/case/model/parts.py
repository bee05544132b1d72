"""The roots of every model, and the types of its fields: ids, texts, times, shares."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Annotated, Final, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, ValidationInfo, model_validator

from sim.case.quantities import minutes_of, range_of, risk_of, share_by_of, share_of
from sim.case.unit import plain_number

DUMPED: Final[Mapping[str, bool]] = MappingProxyType({"dumped": True})
"""The context in which a model is validated from its own JSON instead of from what an author wrote."""

Id = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,47}$")]
"""The one shape of every id: snake_case, at most 48 characters."""

EvidenceId = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9.-]{0,47}$")]

Text = Annotated[str, StringConstraints(min_length=1, max_length=4000)]

Line = Annotated[str, StringConstraints(min_length=1, max_length=300, pattern=r"^[^\n]*$")]


def _as_it_is(value: object) -> object:
    if isinstance(value, dict):
        return {key: _as_it_is(item) for key, item in value.items()}
    return tuple(map(_as_it_is, value)) if isinstance(value, list) else value


READERS: Final[dict[object, Callable[[object], object]]] = {}
"""What each validator made by `written` reads with: from this a schema of the format knows the short forms."""


def written(read: Callable[[object], object], dumped: Callable[[object], object] = _as_it_is) -> BeforeValidator:
    """Return the validator that reads what an author wrote.

    In a model's own JSON (see `DUMPED`) the value is there already, and only `dumped` sees it.
    """

    def take(value: object, info: ValidationInfo) -> object:
        return dumped(value) if info.context is DUMPED else read(value)

    READERS[take] = read
    return BeforeValidator(take)


Minutes = Annotated[int, written(minutes_of)]

MinuteRange = Annotated[tuple[int, int], written(range_of)]

Share = Annotated[float, written(share_of)]

ShareBy = Annotated[tuple[float, float, int | None], written(share_by_of)]
"""`80%..95% at 28 d`: the least and the most share, and the minute at which; without one it is None."""

Risk = Annotated[tuple[float, int], written(risk_of)]


def as_text(value: object) -> object:
    """Return a number as the text that says it: a dose may be written without quotes."""
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return plain_number(float(str(value))) if number else value


DoseText = Annotated[Line, BeforeValidator(as_text)]
"""A dose: the label of one that the order lists, or a number, with or without its unit."""


def _as_tuple(value: object) -> object:
    return (value,) if isinstance(value, str) else value


def _as_mix(value: object) -> object:
    return {value: "100%"} if isinstance(value, str) else value


Ids = Annotated[tuple[Id, ...], written(_as_tuple), Field(min_length=1)]
"""One id or a list of ids; a list reads as 'any of'."""

IdList = Annotated[tuple[Id, ...], written(_as_tuple)]
"""One id, a list of ids, or none."""

Bundles = Annotated[tuple[Annotated[tuple[Id, ...], Field(min_length=2)], ...], written(_as_it_is)]
"""Lists of ids; each reads as 'all of these together'."""

Mix = Annotated[dict[Id, Share], written(_as_mix), Field(min_length=1)]
"""States and their shares; one state's name alone means 100% of it."""


EvidenceIds = Annotated[tuple[EvidenceId, ...], written(_as_tuple)]
"""One evidence id, a list of them, or none."""


class Part(BaseModel):
    """The root of every model: frozen, strict, nothing extra."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", populate_by_name=True)


class Sourced(Part):
    """Something that states a number or a rule and therefore says where it comes from."""

    evidence: EvidenceIds = ()
    """Ids in `scenarios/evidence/`."""
    assumed: Text | None = None
    """Why the author assumes it, where no source was found."""

    @model_validator(mode="after")
    def _has_a_source(self) -> Self:
        if not self.evidence and self.assumed is None:
            raise ValueError("expected 'evidence' (a list of evidence ids) or 'assumed' (the reason)")
        return self
