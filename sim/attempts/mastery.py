"""How far a learner has come with a case: attempts, the best band, and the steps of its pathway still missed.

Pure: it is told what is stored, and reads nothing itself. What-ifs do not count: whoever branches off an attempt
knows the fate already, and may be trying out what goes wrong.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from scoring.parameters import BANDS

if TYPE_CHECKING:
    from sim.attempts.store import StoredAttempt
    from sim.case.model.pathway import Step

WEIGHTS: Final = ("must", "should")
"""What counts as missed, the weightiest first; what could be done as well is left to the learner."""

_NUMBERED = re.compile(r"(.+)_\d+")


@dataclass(frozen=True, slots=True)
class Record:
    """What was played of a case, what-ifs left out."""

    attempts: int
    best: str | None
    """The highest band, if any attempt was finished."""
    finished: tuple[StoredAttempt, ...]
    """The finished attempts, the one finished last first."""


def record_of(attempts: Iterable[StoredAttempt]) -> Record:
    """Return the record of the attempts at one case, given in any order."""
    own = [attempt for attempt in attempts if attempt.parent is None]
    finished = sorted((a for a in own if a.finished is not None), key=lambda a: a.finished or "", reverse=True)
    bands = [a.band for a in finished if a.band in BANDS]
    return Record(len(own), max(bands, key=BANDS.index) if bands else None, tuple(finished))


def still_missed(pathway: Sequence[Step], assessments: Iterable[str]) -> tuple[Step, ...]:
    """Return the musts, then the shoulds, that the latest assessment to judge them found missed, in file order.

    `assessments` are stored ones, as JSON, the latest first; one that cannot be read is passed over. A step that falls
    due again and again counts once, as its first: one time missed is missed.
    """
    steps = {step.id: step for step in pathway}
    verdicts: dict[str, bool] = {}
    for text in assessments:
        verdicts = _missed_in(text, steps) | verdicts
    return tuple(s for weight in WEIGHTS for s in pathway if s.weight == weight and verdicts.get(s.id, False))


def counted(missed: Sequence[Step]) -> str:
    """Return how many are missed in words: `1 must, 3 shoulds`, or `nothing`."""
    counts = [(sum(step.weight == weight for step in missed), weight) for weight in WEIGHTS]
    return ", ".join(f"{n} {weight}{'s' * (n != 1)}" for n, weight in counts if n) or "nothing"


def _missed_in(assessment: str, steps: dict[str, Step]) -> dict[str, bool]:
    """Step to whether it was missed, for the steps that were judged: those that were called for."""
    found: dict[str, bool] = {}
    try:
        for item in json.loads(assessment)["assessment"]["pathway"]:
            if item["verdict"] != "not_needed":
                step = _first_of(item["step"], steps)
                found[step] = found.get(step, False) or item["verdict"] == "missed"
    except (ValueError, KeyError, TypeError, RecursionError):
        return {}
    return found


def _first_of(id: str, steps: dict[str, Step]) -> str:
    numbered = _NUMBERED.fullmatch(id)
    return numbered[1] if numbered is not None and numbered[1] in steps else id
