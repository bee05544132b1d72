"""A session that is over as JSON: what `scurfy replay --json` prints.

The same case, seed and moves give the same bytes on every machine: numbers are rounded, keys keep one order, and
nothing in it depends on the clock or on the folder.
"""

from __future__ import annotations

import json
from typing import Final

from scoring.assess.assessment import Assessment
from scoring.assess.assessment import to_plain as assessment_to_plain
from sim.engine import log
from sim.engine.session import Session
from sim.engine.version import ENGINE

DECIMALS: Final = 6
"""Of every number in a report: enough for any of them, and past where platforms agree."""


def report(session: Session, assessment: Assessment) -> dict[str, object]:
    """Return a session that is over, with its assessment and its log, as JSON-ready data."""
    ended = session.snapshot().ended
    assert ended is not None, "only a case that is over can be reported"
    return {
        "case": session.scenario.case.id,
        "digest": session.scenario.digest,
        "engine": ENGINE,
        "seed": session.seed,
        "ended": {"at": ended.at, "why": ended.why, "outcome": ended.ending, "utility": ended.utility},
        "assessment": assessment_to_plain(assessment),
        "log": [log.to_plain(event) for event in session.log],
    }


def to_json(data: object) -> str:
    """Return data as JSON text that is the same everywhere, with a newline at its end."""
    return json.dumps(_rounded(data), ensure_ascii=True, allow_nan=False, indent=1) + "\n"


def _rounded(data: object) -> object:
    match data:
        case float():
            return round(data, DECIMALS) + 0.0  # adding 0.0 turns a negative zero into a plain one
        case dict():
            return {key: _rounded(value) for key, value in data.items()}
        case list() | tuple():
            return [_rounded(value) for value in data]
    return data
