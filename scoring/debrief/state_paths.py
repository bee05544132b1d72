"""The way a patient took through the state graph, region by region: what a debrief draws."""

from __future__ import annotations

from dataclasses import dataclass

from scoring.assess.timeline import end_of
from sim.case.model.scenario import Scenario
from sim.engine.log import Log, StateEntered


@dataclass(frozen=True, slots=True)
class Stay:
    """A stretch in one state, in minutes; `event` is the index in the log of entering it."""

    state: str
    name: str
    at: int
    until: int
    event: int


@dataclass(frozen=True, slots=True)
class Spot:
    """A state of a region and where to draw it: columns run from where patients begin."""

    state: str
    name: str
    column: int
    row: int
    outcome: bool


@dataclass(frozen=True, slots=True)
class Path:
    """The way through one region, and all the states there were."""

    region: str
    name: str
    stays: tuple[Stay, ...]
    spots: tuple[Spot, ...]

    @property
    def moved(self) -> bool:
        """Whether the region ever left the state it began in."""
        return len(self.stays) > 1


def paths(scenario: Scenario, log: Log) -> tuple[Path, ...]:
    """Return the way through every region that the log tells of, in the order of the disease."""
    regions = scenario.disease.regions
    entered: dict[str, list[tuple[int, StateEntered]]] = {region: [] for region in regions}
    for index, event in enumerate(log):
        if isinstance(event, StateEntered):
            entered[event.region].append((index, event))
    return tuple(
        Path(region, regions[region].name, _stays(scenario, entries, end_of(log)), _spots(scenario, region))
        for region, entries in entered.items()
        if entries
    )


def _stays(scenario: Scenario, entries: list[tuple[int, StateEntered]], end: int) -> tuple[Stay, ...]:
    leaving = [event.at for _, event in entries[1:]] + [end]
    return tuple(
        Stay(event.state, scenario.disease.regions[event.region].states[event.state].name, event.at, until, index)
        for (index, event), until in zip(entries, leaving, strict=True)
    )


def _spots(scenario: Scenario, region: str) -> tuple[Spot, ...]:
    from sim.engine.graph import layers

    states = scenario.disease.regions[region].states
    return tuple(
        Spot(state, states[state].name, column, row, states[state].outcome)
        for column, layer in enumerate(layers(scenario.disease, region))
        for row, state in enumerate(layer)
    )
