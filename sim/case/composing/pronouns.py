"""Whose it is: the `{he}`, `{him}` and `{his}` of a part that many cases use, said of the patient of one.

A disease, a protocol and a set of answers do not know whose they are. What they leave open is filled in when a case
uses them, so a girl is a she. `{He}` begins a sentence; `{name}` and the observables are left for the session, which
fills them in.
"""

from __future__ import annotations

import re
from typing import Final

from sim.case.composing.shelf import Shelf
from sim.case.composing.trees import child, copied, scalar
from sim.case.model.catalogue import GROWN
from sim.case.problems import did_you_mean
from sim.case.quantities import range_of
from sim.case.reading.tree import Node

FEMALE: Final = {"he": "she", "him": "her", "his": "her", "himself": "herself", "boy": "girl"}
"""What a part may leave open, to what is said of a girl; of a boy the word itself is said."""
MALE: Final = {word: word for word in FEMALE}
ADULT: Final = {"male": "man", "female": "woman"}
"""Sex to what a `{boy}` is who has grown up."""
_LATER: Final = frozenset({"name"})
"""What the session fills in."""
_OPEN: Final = re.compile(r"\{([^{}]*)\}")


def spoken(part: Node, case: Node | None, shelf: Shelf) -> Node:
    """Return a part with every pronoun as the case's patient needs it, without a case as of a boy.

    Reports what stands in braces and is neither one of these words nor what the session fills in.
    """
    patient = None if case is None else child(case, "patient")
    sex, age = (None if patient is None else child(patient, key) for key in ("sex", "age"))
    later = shelf.observables
    words = words_for("female" if sex is not None and sex.data == "female" else "male", _is_grown(age))

    def change(node: Node) -> Node | None:
        if not isinstance(node.data, str) or "{" not in node.data:
            return None
        for word in dict.fromkeys(_OPEN.findall(node.data)):
            if word.lower() not in words and word not in _LATER and word not in later:
                hint = did_you_mean(word, words) or _words(words)
                shelf.problems.error(node, "placeholder", f"nothing is filled in for '{{{word}}}'", hint)
        return scalar(node, _OPEN.sub(lambda found: _said(found[1], words) or found[0], node.data))

    return copied(part, None, change) if _leaves_open(part) else part


def words_for(sex: str, grown: bool) -> dict[str, str]:
    """Return what is said of a patient for each word that a part may leave open."""
    words = FEMALE if sex == "female" else MALE
    return words | {"boy": ADULT[sex]} if grown else words


def _is_grown(age: Node | None) -> bool:
    """Whether an age is an adult's; one that cannot be read is reported where the case is built."""
    try:
        return age is not None and range_of(age.data)[0] >= GROWN
    except ValueError:
        return False


def _leaves_open(part: Node) -> bool:
    todo = [part]
    while todo:
        node = todo.pop()
        todo += node.children.values() if isinstance(node.children, dict) else node.children or ()
        if isinstance(node.data, str) and "{" in node.data:
            return True
    return False


def _said(word: str, words: dict[str, str]) -> str | None:
    found = words.get(word.lower())
    return found.capitalize() if found is not None and word[:1].isupper() else found


def _words(words: dict[str, str]) -> str:
    known = ", ".join(f"{{{word}}}" for word in words)
    return f"the words here are {{name}}, {known} and the observables, such as {{heart_rate}}"
