"""The modes of an attempt: how much help a learner gets."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class Mode(StrEnum):
    """How much help a learner gets."""

    TUTOR = "tutor"
    PRACTICE = "practice"
    EXAM = "exam"

    @property
    def description(self) -> str:
        """What a learner has to expect of it, in a few words."""
        return _DESCRIPTIONS[self]


_DESCRIPTIONS: Final[Mapping[Mode, str]] = {
    Mode.TUTOR: "ask for a hint whenever you like",
    Mode.PRACTICE: "no hints; the debrief at the end",
    Mode.EXAM: "no hints, nothing about the score until the end",
}
NO_HINTS: Final = f"Hints are for {Mode.TUTOR} mode."
"""Said to who asks for a hint in another mode."""
