"""One limit as a learner types it: `glucose 6 15`, `base excess -10 -`, `glucose off`."""

from __future__ import annotations

from sim.case.limits import limits_typed
from sim.case.model.catalogue import Catalogue
from sim.case.moves import SetLimits

EXAMPLE = "glucose 6 15, glucose 6 -, glucose off"


def limit_typed(catalogue: Catalogue, text: str) -> SetLimits:
    """Return the move that a typed limit means: a value that some standing order measures, then its bounds.

    Raises ValueError, saying what is expected, for anything else.
    """
    words = text.split()
    for place in range(len(words) - 1, 0, -1):
        name = _measured(catalogue, " ".join(words[:place]))
        if name is not None:
            below, above = limits_typed(" ".join(words[place:]))
            return SetLimits(((name, below, above),))
    known = ", ".join(sorted(catalogue.observables[name].short for name in catalogue.charted))
    raise ValueError(f"expected a value and its limits, for example {EXAMPLE}; standing orders measure {known}")


def _measured(catalogue: Catalogue, text: str) -> str | None:
    wanted = text.casefold()
    for name in catalogue.charted:
        spec = catalogue.observables[name]
        if wanted in (name, name.replace("_", " "), spec.name.casefold(), spec.short.casefold()):
            return name
    return None
