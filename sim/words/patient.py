"""Who the patient is, in a word. General sentences say "the patient"; only the case's `sex` tells which word fits."""

from __future__ import annotations

from typing import Final

_GROWN: Final = 18 * 525960
"""The age in minutes from which somebody is a man or a woman."""


def person(sex: str, age: int) -> str:
    """Return 'boy' or 'girl', from 18 years on 'man' or 'woman'. `age` is in minutes since birth."""
    return {"male": ("boy", "man"), "female": ("girl", "woman")}[sex][age >= _GROWN]
