"""What a library is to teach, claim by claim, and where in a case a learner meets each claim."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator

from sim.case.model.parts import Id, Line, Part, Text

TextId = Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z0-9]{0,7}$")]
"""The short name of a text that claims come from."""
ClaimId = Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z0-9]{0,7}-[0-9]{2,3}$")]
"""The text's short name and the claim's number in it."""


class Place(Part):
    """A text that a learner can read: exactly one of `step`, `result`, `question`, `about`, `teaching`."""

    step: Id | None = None
    """A step of the pathway: its title and its reason."""
    result: Id | None = None
    """An order: all that its result may say in this case."""
    question: Id | None = None
    """A question asked afterwards, with its answer."""
    about: Id | None = None
    """A section of what is told about the disease."""
    teaching: Text | None = None
    """Words of one of the case's teaching sentences."""
    says: Text | None = None
    """Words that the text holds, whatever their case."""

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        if len(self.model_fields_set - {"says"}) != 1:
            raise ValueError("expected exactly one of 'step', 'result', 'question', 'about', 'teaching'")
        return self

    @property
    def kind(self) -> str:
        """Which of the five it is."""
        return next(iter(self.model_fields_set - {"says"}))

    @property
    def name(self) -> str:
        """The id, or the words of a teaching sentence."""
        return str(getattr(self, self.kind))


class Claim(Part):
    """Something a text says, in our own words, and where a learner meets it."""

    id: ClaimId
    claim: Line
    doubt: bool = False
    """Whether the literature bears it out only in part or not at all: then it is told with the doubt."""
    where: tuple[Place, ...] = Field(min_length=1)


class Coverage(Part):
    """The claims of some texts, and the case that carries them."""

    id: Id
    name: Line
    case: Id
    texts: dict[TextId, Line]
    claims: tuple[Claim, ...] = Field(min_length=1)
