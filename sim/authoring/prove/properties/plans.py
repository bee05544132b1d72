"""Do the plans beside a case come out as they claim? A good one is exemplary, a bad one has a price and a name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from scoring.assess.assessment import Assessment, assess
from scoring.parameters import BANDS
from sim.attempts.replay import replay_plan
from sim.authoring.prove.bench import Bench, moves_text
from sim.authoring.prove.properties.pathway import TOO_EARLY
from sim.authoring.prove.verdict import PropertyResult, Run, Witness
from sim.case.composing.folders import CASE_FILE, FOLDERS, yaml_files
from sim.case.moves import Move
from sim.case.problems import CaseError
from sim.case.reading.movefile import WrittenPlan, read_plan
from sim.case.search import resolve
from sim.engine.log import CaseEnded
from sim.engine.session import IllegalMove

PROPERTY: Final = "plans_pass"
GOOD, BAD = "good_", "bad_"
POOR: Final = frozenset(BANDS[:2])
"""The bands in which a bad plan may end."""


def plans_beside(case: Path) -> tuple[Path, ...]:
    """Return the plans of a case: `plans/` in its folder, `ID/plans/` beside a file in a folder of many cases."""
    folder = case.parent
    if case.name != CASE_FILE and folder.name in FOLDERS:
        folder = folder / case.stem
    return yaml_files(folder / "plans")


def prove(bench: Bench) -> list[PropertyResult]:
    """Return every plan `good_*.yaml` that is not exemplary in a patient tried, and every `bad_PITFALL.yaml` that does
    not end unsafe or developing with that pitfall. What follows a `-` in a bad plan's name tells plans apart. A patient
    who dies before a plan can show is excused: from the band of a good one as under the pathway, from the pitfall of a
    bad one if some other patient falls into it.
    """
    case = bench.scenario.case.id
    failures = [
        PropertyResult(case, PROPERTY, witness) for path in bench.plans if (witness := _tried(bench, path)) is not None
    ]
    note = f"{len(bench.plans)} plans in {bench.n} patients" if bench.plans else "there are no plans beside the case"
    return failures or [PropertyResult(case, PROPERTY, note=note)]


def _tried(bench: Bench, path: Path) -> Witness | None:
    element, scenario = f"plan:{path.stem}", bench.scenario
    pitfall = path.stem.removeprefix(BAD).split("-")[0]
    if not path.stem.startswith((GOOD, BAD)):
        return Witness(element, "A plan is called good_NAME.yaml or bad_PITFALL.yaml.")
    if path.stem.startswith(BAD) and pitfall not in {each.id for each in scenario.case.pitfalls}:
        return Witness(element, f"The plan is called after the pitfall '{pitfall}', which the case does not have.")
    try:
        plan = read_plan(path, scenario.catalogue, resolve)
    except CaseError as error:
        return Witness(
            element, f"The plan cannot be read: {error.problems[0].message} (line {error.problems[0].line})."
        )
    bench.report_progress(f"the plan {path.stem}")
    wanted = pitfall if path.stem.startswith(BAD) else None
    return next((Witness(element, what, Run(seed, moves_text(_spoken(plan.moves))))
                 for seed, what in _troubles(bench, plan, wanted)), None)  # fmt: skip


def _spoken(moves: Iterable[Move]) -> Iterator[Move]:
    """The moves that a witness can write down."""
    for move in moves:
        try:
            moves_text((move,))
        except ValueError:
            continue
        yield move


def _troubles(bench: Bench, plan: WrittenPlan, pitfall: str | None) -> Iterator[tuple[int, str]]:
    """Each patient in whom a plan does not come out as it claims, and how."""
    fell = False
    for seed in bench.seeds:
        try:
            log = replay_plan(bench.scenario, seed, plan).log
        except (IllegalMove, ValueError) as error:
            yield seed, f"Patient {seed} cannot be treated so: {error}."
            continue
        found, end = assess(bench.scenario, log), log[-1]
        fallen = {item.id for item in found.pitfalls}
        fell = fell or pitfall in fallen
        died = isinstance(end, CaseEnded) and end.why == "outcome"
        if pitfall is None and found.band != BANDS[-1] and not {cap.rule for cap in found.caps} & TOO_EARLY:
            yield seed, f"The plan is only {found.band} in patient {seed}: {_why(found, fallen)}."
        elif pitfall is not None and (found.band not in POOR or (pitfall not in fallen and not died)):
            named = ", ".join(sorted(fallen)) or "no pitfall"
            yield seed, f"The bad plan is {found.band} in patient {seed}, with {named}."
    if pitfall is not None and not fell:
        yield bench.seeds[0], f"No patient tried falls into the pitfall '{pitfall}' by this plan."


def _why(found: Assessment, fallen: set[str]) -> str:
    lost = [f"{i.step} ({i.verdict})" for i in found.pathway if i.verdict not in ("in_time", "not_needed")]
    return found.gate.rstrip(".") if found.gate else ", ".join([*sorted(fallen), *lost])
