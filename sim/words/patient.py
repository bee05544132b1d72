"""Who the patient is, in a word. General sentences say "the patient"; only the case's `sex` tells which word fits."""

from __future__ import annotations

from sim.case.model.catalogue import GROWN


def person(sex: str, age: int) -> str:
    """Return 'boy' or 'girl', from 18 years on 'man' or 'woman'. `age` is in minutes since birth."""
    return {"male": ("boy", "man"), "female": ("girl", "woman")}[sex][age >= GROWN]
