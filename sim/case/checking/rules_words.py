"""Words of a case that do not fit its patient."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from sim.case.composing.pronouns import ADULT, FEMALE
from sim.case.model.case import Case
from sim.case.model.catalogue import GROWN
from sim.case.model.disease import Disease
from sim.case.problems import Problems
from sim.case.reading.tree import Loc, Node

_OF_A_BOY: Final = "|".join((*FEMALE, "son", "man"))
_OF_A_GIRL: Final = "|".join((*dict.fromkeys(FEMALE.values()), "hers", "daughter", "woman"))
_WORDS: Final = {"male": (_OF_A_BOY, _OF_A_GIRL), "female": (_OF_A_GIRL, _OF_A_BOY)}
"""Sex to the words that fit it and those that do not."""


def check_words(root: Node, case: Case, disease_root: Node, disease: Disease, problems: Problems) -> None:
    """Warn where texts call the patient by words of the other sex and by none of the patient's own.

    One warning, at the first such text: the others are counted. What the family says may be about anybody, so answers
    to questions are passed over.
    """
    right, wrong = (re.compile(rf"\b(?:{words})\b", re.IGNORECASE) for words in _WORDS[case.patient.sex])
    found = [
        (place, words[0]) for place, text in _texts(root, case, disease_root, disease)
        if (words := wrong.findall(text)) and not right.search(text)
    ]  # fmt: skip
    if found:
        more = f", and {len(found) - 1} other texts do" if len(found) > 1 else ""
        called = {"male": "boy", "female": "girl"} if case.patient.age[0] < GROWN else ADULT
        message = f"this says '{found[0][1]}', and the patient is a {called[case.patient.sex]}{more}"
        problems.warning(found[0][0], "words", message, "say it so that it fits, or say 'the patient'")


def _texts(root: Node, case: Case, disease_root: Node, disease: Disease) -> Iterator[tuple[Node, str]]:
    for name in ("title", "blurb", "opening"):
        yield root.at(name), getattr(case, name)
    for loc, text in _parts(case):
        yield root.at(*loc), text
    for region_id, region in disease.regions.items():
        for i, way in enumerate(region.transitions):
            if way.call is not None and region_id not in disease.pools:
                yield disease_root.at("regions", region_id, "transitions", i, "call"), way.call


def _parts(case: Case) -> Iterator[tuple[Loc, str]]:
    for i, step in enumerate(case.pathway):
        yield ("pathway", i, "title"), step.title
        yield ("pathway", i, "because"), step.because
    for i, pitfall in enumerate(case.pitfalls):
        yield ("pitfalls", i, "title"), pitfall.title
        yield ("pitfalls", i, "because"), pitfall.because
    for i, ending in enumerate(case.endings):
        yield ("endings", i, "text"), ending.text
    for i, sequela in enumerate(case.sequelae):
        yield ("sequelae", i, "text"), sequela.text
