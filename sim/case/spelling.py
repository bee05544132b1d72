"""How words are compared when a person types them: case, punctuation, plurals, British and American spelling.

`words_of` folds text to words that are equal when a doctor would call them the same. What it returns is for
comparing only, never for showing.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Final

_MARKS = re.compile(r"['\u2019`]")
_JOINTS = re.compile(r"[^a-z0-9]+")
_XRAY = re.compile(r"\bx[ -]ray")

_FOLDS: Final[tuple[tuple[re.Pattern[str], str], ...]] = tuple(
    (re.compile(pattern), to)
    for pattern, to in (
        (r"[ao]e", "e"),  # haem/hem, oedema/edema, anaemia/anemia
        (r"sulph", "sulf"),
        (r"ciclo", "cyclo"),  # ciclosporin, aciclovir
        (r"cyclosporine$", "cyclosporin"),
        (r"(?<=[a-z]{2})([iy])s(e|ed|er|ers|ing|ation|ations)$", r"\1z\2"),  # hydrolysed, moisturiser
        (r"our$", "or"),  # tumour
        (r"([a-z]{2})tre$", r"\1ter"),  # centre, titre
        (r"ll(ing|ed|er)$", r"l\1"),  # counselling, tunnelled
        (r"ies$", "y"),
        (r"(?<=[a-z]{3})(?<![suio])s$", ""),
    )
)

_SHORT: Final = {
    "abdo": "abdominal",
    "abdomen": "abdominal",
    "abx": "antibiotic",
    "bld": "blood",
    "cx": "culture",
    "hx": "history",
    "sono": "ultrasound",
    "subcut": "subcutaneous",
    "us": "ultrasound",
    "uss": "ultrasound",
    "vit": "vitamin",
    "xr": "xray",
}
"""Ward shorthand inside a longer phrase."""

_IGNORED: Final = frozenset(
    ("and", "any", "are", "check", "for", "give", "how", "is", "measure", "of", "send", "start", "the", "with")
)
"""Words that say nothing about which order is meant."""


def words_of(text: str) -> tuple[str, ...]:
    """Return the folded words of a text, in order; none for text without letters or digits."""
    plain = unicodedata.normalize("NFKD", text.casefold()).encode("ascii", "ignore").decode("ascii")
    plain = _XRAY.sub("xray", _MARKS.sub("", plain))
    parts = [part for part in _JOINTS.split(plain) if part]
    kept = [part for part in parts if part not in _IGNORED] or parts
    return tuple(_folded(part) for part in kept)


@lru_cache(maxsize=4096)
def _folded(word: str) -> str:
    word = _SHORT.get(word, word)
    for pattern, to in _FOLDS:
        word = pattern.sub(to, word)
    return word
