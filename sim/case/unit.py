"""The units of doses, and doses as people type them: `U/kg/h`, `0.07 U/kg/h`, `0,07`.

A unit is what is given (`mg`), what it is given for (`/kg`, `/m2`, `/L`), how often (`/h`, `/day`), and words that say
the rest (`over 20 min`, `of target energy`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

WHOLE: Final = ("U", "mU", "IU", "g", "mg", "ug", "ng", "mL", "L", "mmol", "kcal", "kJ", "%")
"""What can be given."""
PER: Final = ("kg", "m2", "L")
TIME: Final = ("min", "h", "day", "week", "month", "y")
EXPECTED_UNIT: Final = "expected a unit such as 'U/kg/h', 'mg/m2/day', 'mL/kg over 20 min' or '% of target energy'"
"""How every message about a unit begins."""

_TYPED: Final = {
    "unit": "U", "units": "U", "ml": "mL", "l": "L", "mcg": "ug", "µg": "ug", "μg": "ug", "u": "U", "mu": "mU",
    "iu": "IU", "hr": "h", "hour": "h", "hours": "h", "minute": "min", "d": "day", "days": "day", "wk": "week",
    "mo": "month", "year": "y", "m²": "m2", "percent": "%", "kj": "kJ",
}  # fmt: skip
_UNIT = re.compile(r"(?P<head>[^\s]+)(?: (?P<rest>[a-z][^\n]*))?")
_DOSE = re.compile(r"(\d{1,6}(?:[.,]\d{1,6})?|[.,]\d{1,6}) ?(.*)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit taken apart; what a part does not say is empty."""

    what: str
    per: str
    time: str
    rest: str

    def __str__(self) -> str:
        """Return the unit as it is written."""
        return f"{self.head} {self.rest}".rstrip()

    @property
    def head(self) -> str:
        """The unit without its words: `mL/kg` of `mL/kg over 20 min`."""
        return "/".join(part for part in (self.what, self.per, self.time) if part)

    def counts_as(self, other: Unit) -> bool:
        """Return whether both count the same for the same: `mg/kg twice a day` and `mg/kg/day` do."""
        return (self.what, self.per) == (other.what, other.per)

    def means(self, typed: str) -> bool:
        """Return whether a unit as somebody typed it is this one, its words said or left out."""
        head, _, rest = " ".join(typed.split()).partition(" ")
        same = usual_spelling(head).casefold() == self.head.casefold()
        return same and (not rest or rest.casefold() == self.rest.casefold())


def unit_of(text: object) -> Unit:
    """Return the unit that a text is. Raises ValueError for anything else."""
    found = _UNIT.fullmatch(text) if isinstance(text, str) else None
    if found is None:
        raise ValueError(f"{EXPECTED_UNIT}, found {text!r}")
    what, *parts = found["head"].split("/")
    per = parts.pop(0) if parts and parts[0] in PER else ""
    time = parts.pop(0) if parts and parts[0] in TIME else ""
    rest = found["rest"] or ""
    if what not in WHOLE or parts or rest.partition(" ")[0] in (*PER, *TIME):
        raise ValueError(f"{EXPECTED_UNIT}, found {text!r}")
    return Unit(what, per, time, rest)


def usual_spelling(head: str) -> str:
    """Return a unit as people type it (`u/kg/hr`, `mcg`) the way the catalogue spells it."""
    return "/".join(_TYPED.get(part.casefold(), part) for part in head.split("/"))


def dose_typed(text: str) -> tuple[float, str] | None:
    """Return the number and the unit (empty where none is said) of a dose as people type it; None if it is none.

    A decimal comma is a decimal point.
    """
    found = _DOSE.fullmatch(" ".join(text.split()))
    return None if found is None else (float(found[1].replace(",", ".")), found[2])


def dose_behind(text: str) -> str:
    """Return the dose at the end of a line such as `bolus 20 mL/kg`, the longest there is; empty for none."""
    words = text.split()
    tails = (" ".join(words[place:]) for place in range(1, len(words)))
    return next((tail for tail in tails if dose_typed(tail) is not None), "")


def plain_number(amount: float) -> str:
    """Return an amount in as few digits as say it, at most six behind the point: `0.07`, `20`."""
    return f"{amount:.6f}".rstrip("0").rstrip(".")


def amount_text(amount: float, unit: str) -> str:
    """Return a dose as the log has it: `0.07 U/kg/h`, `45% of target energy`."""
    return f"{plain_number(amount)}{'' if unit.startswith('%') else ' '}{unit}"


def range_of_doses(text: object) -> tuple[float, float]:
    """Return (least, most) from `0.01..1`. Raises ValueError for anything else."""
    low, dots, high = text.partition("..") if isinstance(text, str) else ("", "", "")
    bounds = [dose_typed(part.strip()) for part in (low, high)]
    numbers = [bound[0] for bound in bounds if bound is not None and not bound[1]]
    if not dots or len(numbers) != 2 or "," in str(text):
        raise ValueError(f"expected a range of doses such as '0.01..1', found {text!r}")
    if not 0 < numbers[0] < numbers[1]:
        raise ValueError(f"expected the smaller dose first, above 0, found {text!r}")
    return numbers[0], numbers[1]
