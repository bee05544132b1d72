"""A differential in words: what was thought likely, and what moved it."""

from __future__ import annotations

from collections.abc import Iterable

from sim.case.model.scenario import Scenario
from sim.words.format import listed


def stated(scenario: Scenario, probabilities: Iterable[tuple[str, float]]) -> str:
    """Return a differential of (id of a diagnosis, share from 0 to 1) as text, likeliest first."""
    return shares((scenario.catalogue.diagnoses[id].name, share) for id, share in probabilities)


def shares(named: Iterable[tuple[str, float]], most: int | None = None) -> str:
    """Return the `most` likeliest (None: all) of (name, share from 0 to 1) as text, likeliest first."""
    likely = sorted((pair for pair in named if pair[1] > 0), key=lambda pair: -pair[1])
    return ", ".join(f"{name} {share:.0%}" for name, share in likely[:most]) or "nothing likely"


def changed(changes: Iterable[tuple[str, float]], most: int | None = None) -> str:
    """Return what moved in a differential: `you moved AA by +70 points`; `changes` are (name, change from -1 to 1).

    The `most` first are named (None: all), the rest is counted.
    """
    return f"you moved {listed((f'{name} by {100 * change:+.0f} points' for name, change in changes), ', ', most)}"


def moved(changes: Iterable[tuple[str, float]], came: Iterable[str], most: int | None = None) -> str:
    """Return what moved in a differential, and the results and calls that had come before it; `most` as for changes."""
    after = listed(came, "; ", most)
    return f"{changed(changes, most)}{f' after {after}' if after else ' though nothing new had come'}"
