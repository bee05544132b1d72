"""The digest of a case: a fingerprint of everything that can change a patient's life or its scoring, and of no prose.

A stored attempt belongs to one digest. So what is only read is left out: correcting a sentence ends nobody's attempt.
Left out too are the head of the case, the reasons given for numbers, the questions asked afterwards, and defaults, so
that a field added to the format later leaves the digest of old cases alone. What stays is every code, id, number, time,
share and condition, and the labels of doses, which moves are matched with.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Final

from sim.case.model.case import Case
from sim.case.model.catalogue import Catalogue
from sim.case.model.disease import Disease
from sim.case.model.parts import Part

_REASONS: Final = frozenset({"evidence", "assumed"})
"""Why a number is what it is: said of many things, and of no weight for any life."""

PROSE: Final[Mapping[str, frozenset[str]]] = {
    "Case": frozenset(
        {
            "title",
            "blurb",
            "level",
            "difficulty",
            "minutes",
            "author",
            "reviewed",
            "version",
            "opening",
            "setting",
            "objectives",
            "teaching",
            "questions",
            "representation",
            "coach",
            "expect",
        }
    ),
    "PatientSpec": frozenset({"names"}),
    "Checkpoint": frozenset({"because"}),
    "Ending": frozenset({"title", "text"}),
    "Sequela": frozenset({"text"}),
    "Step": frozenset({"title", "because", "phase"}),
    "Pitfall": frozenset({"title", "because"}),
    "OrderValue": frozenset({"because"}),
    "Disease": frozenset({"name", "summary", "starts", "about"}),
    "AboutSection": frozenset({"title", "text", "literature"}),
    "Region": frozenset({"name"}),
    "Pool": frozenset({"name"}),
    "Band": frozenset({"name"}),
    "Question": frozenset({"ask", "answer"}),
    "Coach": frozenset({"say"}),
    "State": frozenset({"name"}),
    "Finding": frozenset({"text"}),
    "Catalogue": frozenset({"orders_listed", "observables_listed"}),
    "Order": frozenset({"name", "aliases", "group", "teaching", "normal_for", "glance", "grown"}),
    "GrownOrder": frozenset({"name", "normal", "teaching"}),
    "Need": frozenset({"say"}),
    "Observable": frozenset({"name", "short", "grown"}),
    "GrownObservable": frozenset({"name"}),
    "Diagnosis": frozenset({"name", "aliases", "among"}),
}
"""Model to the fields of it that are prose. A disease's named starts are written out in the case that uses one."""

SAID: Final[Mapping[str, frozenset[str]]] = {
    "Transition": frozenset({"call"}),
    "Crossing": frozenset({"call"}),
    "Band": frozenset({"call"}),
    "Order": frozenset({"normal"}),
    "Report": frozenset({"normal"}),
}
"""Model to the fields that count for being there, whatever they say: a call stops the clock, an answer is an answer."""


def digest_of(case: Case, disease: Disease, catalogue: Catalogue) -> str:
    """Return the SHA-256 over a case, its disease and the catalogue without their prose, as hexadecimal."""
    plain = [_plain(part) for part in (case, disease, catalogue)]
    text = json.dumps(plain, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def _plain(value: object) -> object:
    if isinstance(value, Part):
        return _fields(value)
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, (tuple, list)):
        return [_plain(item) for item in value]
    return value


def _fields(part: Part) -> dict[str, object]:
    name = type(part).__name__
    left_out, said = PROSE.get(name, frozenset()) | _REASONS, SAID.get(name, frozenset())
    found: dict[str, object] = {}
    for field, spec in type(part).model_fields.items():
        value = getattr(part, field)
        if field not in left_out and (spec.is_required() or value != spec.default):
            found[spec.alias or field] = True if field in said else _plain(value)
    return found
