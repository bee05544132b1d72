"""What must be true of a disease beyond its shape and its references. Each rule is one small function."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from sim.case.composing.trees import where
from sim.case.model.disease import Disease, Region
from sim.case.problems import Problems, did_you_mean
from sim.case.reading.tree import Node

Starts = Mapping[str, Mapping[str, float]]
"""Region to the states that some patient opens in, with their shares."""


def check_disease(root: Node, disease: Disease, problems: Problems) -> None:
    """Report what is wrong with a disease."""
    for rule in _RULES:
        rule(root, disease, problems)


def warn_of_no_way_in(root: Node, disease: Disease, starts: Starts, problems: Problems) -> None:
    """Warn of states that no transition leads to and nobody opens in; the graph, where it is asked, knows more."""
    for region_id, region in disease.regions.items():
        known = set(starts.get(region_id, ())) | {transition.target for transition in region.transitions}
        if not known <= set(region.states):
            continue  # A misspelt state is reported already.
        for state_id in region.states:
            if state_id not in known:
                place = root.key("regions", region_id, "states", state_id)
                problems.warning(place, "no-way-in", f"nothing leads to the state '{region_id}.{state_id}'",
                                 "add a transition to it, or let a patient start in it")  # fmt: skip


def _states_exist(root: Node, disease: Disease, problems: Problems) -> None:
    for region_id, region in disease.regions.items():
        base = ("regions", region_id)
        for state in region.initial:
            place = root.at(*base, "initial")
            _state(place.keys.get(state, place), region_id, region, state, problems)
        for i, transition in enumerate(region.transitions):
            for j, state in enumerate(transition.source):
                _state(root.at(*base, "transitions", i, "from", j), region_id, region, state, problems)
            _state(root.at(*base, "transitions", i, "to"), region_id, region, transition.target, problems)


def _state(place: Node, region_id: str, region: Region, state: str, problems: Problems) -> None:
    if state not in region.states:
        hint = did_you_mean(state, region.states) or f"its states are {', '.join(sorted(region.states))}"
        problems.error(place, "unknown-state", f"region '{region_id}' has no state '{state}'", hint)


def _starts_exist(root: Node, disease: Disease, problems: Problems) -> None:
    for name, start in disease.starts.items():
        for region_id, mix in start.items():
            place = root.at("starts", name)
            if region_id not in disease.regions:
                hint = did_you_mean(region_id, disease.regions) or f"its regions are {', '.join(disease.regions)}"
                problems.error(place.key(region_id), "unknown-region", f"unknown region '{region_id}'", hint)
            elif abs(sum(mix.values()) - 1) > 1e-6:
                problems.error(place.at(region_id), "shares", "expected shares that add up to 100%")
            for state in mix if region_id in disease.regions else ():
                _state(place.at(region_id).key(state), region_id, disease.regions[region_id], state, problems)


def _signs_are_meant(root: Node, disease: Disease, problems: Problems) -> None:
    """A number with a plus sign would set what its author surely meant to shift."""
    places = [
        root.at("regions", id_, "states", name) for id_, region in disease.regions.items() for name in region.states
    ]
    places += [root.at("effects", i) for i in range(len(disease.effects))]
    for place in places:
        effects = place.at("observables").children
        for name, node in effects.items() if isinstance(effects, dict) else ():
            if isinstance(node.data, (int, float)) and node.source_line[node.col - 1 :].startswith("+"):
                message = f"a number alone sets '{name}': expected it without '+', or as a shift"
                problems.error(node, "sign", message, f"write {{shift: {node.data}}}")


def _transition_ids_are_unique(root: Node, disease: Disease, problems: Problems) -> None:
    for region_id, region in disease.regions.items():
        seen: dict[str, Node] = {}
        for i, transition in enumerate(region.transitions):
            place = root.at("regions", region_id, "transitions", i, "id")
            if transition.id in seen:
                message = f"transition id '{transition.id}' is used in {where(seen[transition.id], place)} already"
                problems.error(place, "duplicate-id", message)
            seen.setdefault(transition.id, place)


def _outcomes_are_final(root: Node, disease: Disease, problems: Problems) -> None:
    for region_id, region in disease.regions.items():
        for i, transition in enumerate(region.transitions):
            for j, source in enumerate(transition.source):
                if source in region.states and region.states[source].outcome:
                    place = root.at("regions", region_id, "transitions", i, "from", j)
                    message = f"the case ends on entering '{source}', so nothing leaves it"
                    problems.error(place, "dead-transition", message)


def _life_can_end(root: Node, disease: Disease, problems: Problems) -> None:
    life = disease.regions.get("life")
    if life is None:
        problems.error(root.key("regions"), "no-life", "missing the region 'life'", "it says how the case can end")
    elif not any(state.outcome for state in life.states.values()):
        place = root.key("regions", "life")
        problems.error(place, "no-outcome", "no state of the region 'life' has 'outcome: true'")


def _enter_looks_elsewhere(root: Node, disease: Disease, problems: Problems) -> None:
    for region_id, region in disease.regions.items():
        for i, transition in enumerate(region.transitions):
            if transition.on is not None and region_id in (transition.on.enter or {}):
                place = root.key("regions", region_id, "transitions", i, "on", "enter", region_id)
                problems.error(place, "own-region", "'enter' must name another region than its own")


def _levels_are_unique(root: Node, disease: Disease, problems: Problems) -> None:
    seen: dict[str, Node] = {}
    for i, level in enumerate(disease.levels):
        place = root.at("levels", i, "therapy")
        if level.therapy in seen:
            message = f"the level of '{level.therapy}' is given in {where(seen[level.therapy], place)} already"
            problems.error(place, "duplicate-id", message)
        seen.setdefault(level.therapy, place)


def _sections_are_unique(root: Node, disease: Disease, problems: Problems) -> None:
    seen: dict[str, Node] = {}
    for i, section in enumerate(disease.about):
        place = root.at("about", i, "id")
        if section.id in seen:
            message = f"the section '{section.id}' is in {where(seen[section.id], place)} already"
            problems.error(place, "duplicate-id", message)
        seen.setdefault(section.id, place)


_RULES: Final[tuple[Callable[[Node, Disease, Problems], None], ...]] = (
    _states_exist,
    _starts_exist,
    _signs_are_meant,
    _transition_ids_are_unique,
    _outcomes_are_final,
    _life_can_end,
    _enter_looks_elsewhere,
    _levels_are_unique,
    _sections_are_unique,
)
