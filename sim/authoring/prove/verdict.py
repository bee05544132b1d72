"""What a proof comes to: for each property whether it holds, and if it does not, a witness."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

ReportProgress = Callable[[str], None]
"""Takes a line about what is being tried, for a progress display."""


@dataclass(frozen=True, slots=True)
class Run:
    """A run that anybody can replay: the patient's seed, and the text of a moves file."""

    seed: int
    moves: str


@dataclass(frozen=True, slots=True)
class Witness:
    """Why a property does not hold. `element` names what is at fault: `region.state`, `step:ID`, `order:ID` ..."""

    element: str
    what: str
    """A sentence."""
    run: Run | None = None


@dataclass(frozen=True, slots=True)
class PropertyResult:
    """A property of one case: it holds, or here is a witness that it does not."""

    case: str
    name: str
    """Of the property."""
    witness: Witness | None = None
    note: str = ""
    """What was tried, or counted; for people."""

    @property
    def holds(self) -> bool:
        """Whether nothing was found against it."""
        return self.witness is None


def to_plain(result: PropertyResult) -> dict[str, object]:
    """Return a result as JSON-ready data; a witness's `moves` are the text of a moves file, or null."""
    witness = result.witness
    return {
        "case": result.case,
        "property": result.name,
        "holds": result.holds,
        "witness": None if witness is None else {
            "element": witness.element,
            "what": witness.what,
            "seed": None if witness.run is None else witness.run.seed,
            "moves": None if witness.run is None else witness.run.moves,
        },
    }  # fmt: skip
