"""One simulated boy's true course, and the questions that the rows of the table ask about it."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from sim.case.model.scenario import Scenario

OI_ORGANS = {
    "gut": {"gut": {"severe", "active", "partial"}},
    "endocrine": {"glucose": {"dka", "high", "controlled", "low"}, "thyroid": {"hypothyroid", "replaced"}},
    "skin": {"skin": {"severe", "active"}},
    "blood": {"blood": {"haemolysis", "thrombocytopenia", "bleeding"}},
    "liver": {"liver": {"hepatitis", "pn_cholestasis"}},
    "kidney": {"kidney": {"nephropathy", "toxic", "scarred"}},
    "lung or brain": {"lungs": {"pneumonia", "pjp", "failing"}, "brain": {"injured"}},
}
"""What counts as an involved organ, one point each."""


@dataclass(frozen=True, slots=True)
class Course:
    """States entered (minute, region, state) and orders placed (minute, order), in order; `end` in minutes."""

    states: tuple[tuple[int, str, str], ...]
    orders: tuple[tuple[int, str], ...]
    end: int
    dead: bool

    def first(self, region: str, states: Collection[str], since: int = 0) -> int | None:
        """Return the first minute from `since` on at which a region entered one of the states."""
        return next((at for at, r, s in self.states if r == region and s in states and at >= since), None)

    def ever(self, region: str, states: Collection[str], until: int | None = None) -> bool:
        """Return whether a region entered one of the states, by `until` if that is given."""
        found = self.first(region, states)
        return found is not None and (until is None or found <= until)

    def at(self, minute: int) -> dict[str, str]:
        """Return the state of every region at a minute, what happened in it included."""
        return {region: state for entered, region, state in self.states if entered <= minute}

    def ordered(self, orders: Collection[str]) -> int | None:
        """Return the first minute at which one of the orders was placed."""
        return next((at for at, order in self.orders if order in orders), None)

    def lives_at(self, minute: int) -> bool:
        """Return whether he is alive and followed at a minute."""
        return self.end > minute or (self.end == minute and not self.dead)

    def organs(self, minute: int) -> int:
        """Return how many organs were involved at a minute."""
        now = self.at(minute)
        return sum(any(now.get(r) in states for r, states in what.items()) for what in OI_ORGANS.values())


def course_of(scenario: Scenario, tape: Iterable[tuple[int, str, str]], horizon: int) -> Course:
    """Return the course that a tape of the kernel tells."""
    states: list[tuple[int, str, str]] = []
    orders: list[tuple[int, str]] = []
    ended: int | None = None
    for at, kind, what in tape:
        if kind == "placed":
            orders.append((at, what))
            continue
        region, _, state = what.partition(".")
        states.append((at, region, state))
        if scenario.disease.regions[region].states[state].outcome:
            ended = at
    return Course(tuple(states), tuple(orders), horizon if ended is None else ended, ended is not None)
