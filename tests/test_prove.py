"""`prove` plays a case to see whether it does what it claims. Each planted fault is found, and its witness replays."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random

import pytest
from pydantic import ValidationError

import randomcase
import tinycase
from scoring.assess.assessment import assess
from sim.attempts.replay import replay_moves
from sim.authoring.prove import PROPERTIES, PropertyResult, prove, to_plain
from sim.authoring.prove.acceleration import accelerated, path_to
from sim.authoring.prove.backward_graph import BackwardGraph
from sim.authoring.prove.bench import Bench, moves_of, moves_text
from sim.authoring.prove.properties import pitfalls as traps
from sim.authoring.prove.properties import reach
from sim.authoring.prove.statistics import mean_of
from sim.case.library import load
from sim.case.model.conditions import Condition, Elapsed
from sim.case.model.disease import State, Transition
from sim.case.model.pitfalls import Absent, During, Pattern, Pitfall
from sim.case.model.scenario import Scenario
from sim.case.reading.movefile import read_moves
from sim.case.search import resolve
from sim.cli import main
from sim.engine.kernel import compile_program, run
from sim.engine.log import StateEntered
from sim.engine.policy import at_random, everything, following, nothing
from sim.engine.session import Session
from smalldisease import go, library_of, region

pytestmark = pytest.mark.slow

DATA = Path(__file__).parent / "data"
PLANTED = DATA / "planted"
FAULTS = {
    "unreachable_state": ("states_reachable", "fluid.exhausted"),
    "step_that_harms": ("no_step_harms", "step:puncture"),
    "pitfall_without_consequence": ("pitfalls_cost", "pitfall:blind"),
    "untreated_recovers": ("untreated_worsens", "policy:none"),
    "nothing_confirms": ("diagnosis_can_be_confirmed", "diagnosis:meadow_fever"),
    "nobody_can_type": ("orders_can_be_typed", "order:blood_culture"),
}

by_fault = pytest.mark.parametrize("fault", FAULTS)


def planted(fault: str) -> Scenario:
    return load(PLANTED / fault / "cases" / "tiny_case.yaml", root=PLANTED / fault)


@pytest.fixture(scope="module")
def found() -> dict[str, tuple[PropertyResult, ...]]:
    return {fault: prove(planted(fault)) for fault in FAULTS}


def failures(findings: tuple[PropertyResult, ...]) -> list[PropertyResult]:
    return [finding for finding in findings if not finding.holds]


def replayed(scenario: Scenario, finding: PropertyResult, folder: Path) -> Session:
    witness = finding.witness
    assert witness is not None
    assert witness.run is not None
    path = folder / "moves.yaml"
    path.write_text(witness.run.moves, encoding="utf-8")
    return replay_moves(scenario, witness.run.seed, read_moves(path, scenario.catalogue, resolve))


# --- findings ---------------------------------------------------------------------------------------------------


def test_the_case_of_the_tests_does_what_it_claims(tiny: Scenario) -> None:
    findings = prove(tiny)
    assert failures(findings) == []
    assert {finding.name for finding in findings} == set(PROPERTIES)


@by_fault
def test_a_planted_fault_fails_its_own_property_at_its_own_place(
    fault: str, found: dict[str, tuple[PropertyResult, ...]]
) -> None:
    name, element = FAULTS[fault]
    wrong = failures(found[fault])
    assert (name, element) in [(f.name, f.witness.element) for f in wrong if f.witness]
    related = {"states_reachable", "transitions_can_fire"} if name == "states_reachable" else {name}
    assert {finding.name for finding in wrong} <= related


@by_fault
def test_every_witness_replays(fault: str, found: dict[str, tuple[PropertyResult, ...]], tmp_path: Path) -> None:
    for finding in failures(found[fault]):
        assert replayed(planted(fault), finding, tmp_path).ended


def test_the_witness_of_a_harmful_step_comes_out_better_than_the_pathway(
    found: dict[str, tuple[PropertyResult, ...]], tmp_path: Path
) -> None:
    scenario, (finding,) = planted("step_that_harms"), failures(found["step_that_harms"])
    without = replayed(scenario, finding, tmp_path)
    usual = Bench(scenario, 4).pathway(without.seed)
    assert without.snapshot().ended.utility > usual.utility  # type: ignore[union-attr]


def test_the_witness_of_a_free_pitfall_falls_into_it(
    found: dict[str, tuple[PropertyResult, ...]], tmp_path: Path
) -> None:
    scenario, (finding,) = planted("pitfall_without_consequence"), failures(found["pitfall_without_consequence"])
    assert "blind" in [item.id for item in assess(scenario, replayed(scenario, finding, tmp_path).log).pitfalls]


def test_the_witness_of_an_untreated_recovery_recovers(
    found: dict[str, tuple[PropertyResult, ...]], tmp_path: Path
) -> None:
    scenario, (finding,) = planted("untreated_recovers"), failures(found["untreated_recovers"])
    session = replayed(scenario, finding, tmp_path)
    assert session.snapshot().ended.utility == 1.0  # type: ignore[union-attr]
    assert session.knowledge.placed == set(scenario.case.given)


def test_the_same_case_gives_the_same_findings() -> None:
    scenario = planted("nobody_can_type")
    assert prove(scenario, 4) == prove(scenario, 4)


def test_fewer_patients_than_an_error_needs_are_refused(tiny: Scenario) -> None:
    with pytest.raises(ValueError, match="at least 4 patients, found 3"):
        prove(tiny, 3)


# --- the command ------------------------------------------------------------------------------------------------


def test_the_command_prints_the_design_s_keys_and_fails_with_a_witness_on_disk(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    case = PLANTED / "nothing_confirms" / "cases" / "tiny_case.yaml"
    code = main(["prove", str(case), "--n", "4", "--json", "--witness", str(tmp_path / "w")])
    rows = json.loads(capfd.readouterr().out)
    assert code == 1
    assert all(list(row) == ["case", "property", "holds", "witness"] for row in rows)
    assert [row["property"] for row in rows if not row["holds"]] == ["diagnosis_can_be_confirmed"]
    (path,) = (tmp_path / "w").iterdir()
    assert main(["replay", str(case), "--moves", str(path), "--seed", "1", "--json"]) == 0


@by_fault
def test_a_planted_fault_is_found_by_the_command_and_its_witness_replayed_by_the_other(
    fault: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    case = str(PLANTED / fault / "cases" / "tiny_case.yaml")
    assert main(["prove", case, "--json", "--witness", str(tmp_path)]) == 1
    wrong = [row for row in json.loads(capfd.readouterr().out) if not row["holds"]]
    assert FAULTS[fault] in [(row["property"], row["witness"]["element"]) for row in wrong]
    written = sorted(path for path in tmp_path.iterdir() if path.is_file())
    assert [path.read_text(encoding="utf-8").split("\n", 2)[2] for path in written] == [
        row["witness"]["moves"] for row in wrong
    ]
    for path, row in zip(written, wrong, strict=True):
        seed = row["witness"]["seed"]
        assert main(["replay", case, "--moves", str(path), "--seed", str(seed), "--json"]) == 0
        played = json.loads(capfd.readouterr().out)
        assert (played["seed"], played["ended"]["why"] in ("outcome", "horizon")) == (seed, True)


def test_the_command_says_in_words_what_holds_and_how_to_replay_what_does_not(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    case = PLANTED / "untreated_recovers" / "cases" / "tiny_case.yaml"
    assert main(["prove", str(case), "--n", "4", "--witness", str(tmp_path)]) == 1
    told = capfd.readouterr().out
    assert "FAILS  untreated_worsens: policy:none" in told
    assert f"scurfy replay {case} --moves {tmp_path}" in told
    assert "holds  states_reachable" in told


def test_a_case_that_holds_exits_well(capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["prove", str(DATA / "tiny" / "cases" / "tiny_case.yaml"), "--n", "4"]) == 0
    assert "FAILS" not in capfd.readouterr().out


# --- guards that never open -------------------------------------------------------------------------------------


IMPOSSIBLE = {
    "a therapy in effect that nobody ordered": {"effect": ("gentamicin",), "not": {"ordered": ("gentamicin",)}},
    "two states of one region": {"all": ({"in": {"fluid": "dry"}}, {"in": {"fluid": "overloaded"}})},
    "an age he is long past": {"age": {"below": "50 d"}},
    "an age he does not reach before the case ends": {"age": {"from": "100 d"}},
    "a dose nobody offers": {"dose": {"therapy": "gentamicin", "above": 1000}},
    "a level of what does not run": {
        "level": {"therapy": "gentamicin", "above": 1},
        "not": {"ordered": ("gentamicin",)},
    },
}
POSSIBLE = {
    "the last days of the oldest": {"age": {"from": "84 d"}},
    "a bad turn of a bad turn": {"in": {"infection": "resistant"}, "effect": ("gentamicin",)},
    "cured and dry again": {"in": {"infection": "cleared"}, "not": {"running": ("gentamicin",)}},
}


def guarded(scenario: Scenario, guard: dict[str, object]) -> Scenario:
    """The tests' case with one more state of fluid, whose only way in waits for `guard`."""
    disease = scenario.disease
    fluid = disease.regions["fluid"]
    way = Transition.model_validate(
        {"id": "opens", "from": "dry", "to": "odd", "median": "6 h", "when": guard, "assumed": "a toy"}
    )
    more = fluid.model_copy(
        update={"states": {**fluid.states, "odd": State(name="Odd")}, "transitions": (*fluid.transitions, way)}
    )
    return scenario.model_copy(
        update={"disease": disease.model_copy(update={"regions": {**disease.regions, "fluid": more}})}
    )


@pytest.mark.parametrize("guard", IMPOSSIBLE.values(), ids=IMPOSSIBLE)
def test_a_state_behind_a_guard_that_cannot_open_is_called_unreachable(
    guard: dict[str, object], tiny: Scenario
) -> None:
    failing = failures(tuple(reach.prove(Bench(guarded(tiny, guard), 4))))
    assert {(f.name, f.witness.element) for f in failing if f.witness} == {
        ("states_reachable", "fluid.odd"), ("transitions_can_fire", "fluid.opens"),
    }  # fmt: skip


@pytest.mark.parametrize("guard", POSSIBLE.values(), ids=POSSIBLE)
def test_a_state_behind_a_guard_that_seldom_opens_is_reached(guard: dict[str, object], tiny: Scenario) -> None:
    assert failures(tuple(reach.prove(Bench(guarded(tiny, guard), 4)))) == []


# --- pitfalls ---------------------------------------------------------------------------------------------------


def with_pitfall(scenario: Scenario, pitfall: Pitfall) -> Scenario:
    return scenario.model_copy(update={"case": scenario.case.model_copy(update={"pitfalls": (pitfall,)})})


def test_a_minor_pitfall_that_claims_no_consequence_needs_only_to_come_true(tiny: Scenario) -> None:
    unasked = tinycase.pitfall("unasked", "minor", Pattern(absent=Absent(order=("crp",), by="10 h")), ())
    assert failures(tuple(traps.prove(Bench(with_pitfall(tiny, unasked), 4)))) == []


def test_a_pitfall_nobody_can_fall_into_fails_though_it_claims_nothing(tiny: Scenario) -> None:
    never = Condition.model_validate({"in": {"fluid": "dry"}, "not": {"in": {"fluid": "dry"}}})
    nobody = tinycase.pitfall("nobody", "minor", Pattern(during=During(order=("bolus",), when=never)), ())
    (failing,) = failures(tuple(traps.prove(Bench(with_pitfall(tiny, nobody), 4))))
    assert failing.witness is not None
    assert failing.witness.what.startswith("Nobody falls into nobody")


def test_a_pitfall_that_places_no_order_is_tried_like_any_other(tiny: Scenario) -> None:
    stopped = Pattern(during=During(order=("gentamicin",), when=Condition(elapsed=Elapsed(below="2 d")), stop=True))
    early = tinycase.pitfall("early", "major", stopped, ("infection.becomes_resistant",))
    assert failures(tuple(traps.prove(Bench(with_pitfall(tiny, early), 4)))) == []


@pytest.mark.parametrize("severity", ["major", "critical"])
def test_only_a_minor_pitfall_may_name_no_consequence(severity: str) -> None:
    with pytest.raises(ValidationError, match=f"a {severity} pitfall costs the patient something"):
        tinycase.pitfall("free", severity, Pattern(absent=Absent(order=("crp",), by="10 h")), ())


# --- what it stands on ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["tiny", *sorted(f"planted/{fault}" for fault in FAULTS)])
def test_processes_that_share_a_proof_find_what_one_finds(name: str) -> None:
    pytest.importorskip("joblib")
    scenario = load(DATA / name / "cases" / "tiny_case.yaml", root=DATA / name)
    assert prove(scenario, 4, workers=2) == prove(scenario, 4)


@pytest.mark.parametrize("policy", [following(), nothing, everything, at_random])
def test_a_recorded_run_read_from_its_file_gives_the_same_log(tiny: Scenario, tmp_path: Path, policy) -> None:
    for seed in range(1, 6):
        played = Bench(tiny, 4).play(seed, policy)
        path = tmp_path / "moves.yaml"
        path.write_text(moves_text(moves_of(played.log)), encoding="utf-8")
        again = replay_moves(tiny, seed, read_moves(path, tiny.catalogue, resolve)).log
        lived, told = ([e for e in log if type(e).__name__ != "TimePassed"] for log in (played.log, again))
        assert [(e.at, type(e)) for e in lived] == [(e.at, type(e)) for e in told]
        assert [e for e in lived if isinstance(e, StateEntered)] == [e for e in told if isinstance(e, StateEntered)]


def test_a_hurried_disease_keeps_what_is_possible_and_what_is_not() -> None:
    scenario = library_of(
        gut=region("ill better well", go("mends", "ill", "better", median="20 y"),
                   go("heals", "better", "well", median="20 y"), go("lapses", "better", "ill", median="1 h")),
    )  # fmt: skip
    graph = BackwardGraph(scenario)
    goal = next(edge for edge in graph.edges("gut") if edge.id == "heals")
    edges, begins = path_to(graph, ("gut", goal), 0)
    assert set(edges) == {("gut", "mends"), ("gut", "heals")}
    assert begins == {"gut": "ill"}
    quick = {
        edge.id: edge.median for edge in accelerated(scenario, edges, begins, 600).disease.regions["gut"].transitions
    }
    assert quick["mends"] <= 4800
    assert quick["lapses"] > 20 * 525960


def test_a_difference_is_one_only_beyond_two_standard_errors() -> None:
    assert mean_of([1.0, 1.0, 1.0, 1.0]).is_rise
    assert not mean_of([1.0, -1.0, 1.0, -1.0]).is_rise
    assert not mean_of([3.0, 0.0, 0.0, 0.0]).is_rise
    assert not mean_of([-1.0, -2.0, -1.0, -2.0]).is_rise
    assert not mean_of([]).is_rise


def test_a_finding_that_holds_has_no_witness_in_json() -> None:
    assert to_plain(PropertyResult("a_case", "no_dead_end", note="tried")) == {
        "case": "a_case", "property": "no_dead_end", "holds": True, "witness": None,
    }  # fmt: skip


@pytest.mark.parametrize("number", range(12))
def test_steps_done_and_transitions_fired_are_counted_alike_by_the_kernel_and_by_sessions(number: int) -> None:
    scenario = randomcase.scenario(Random(number))
    plan = randomcase.plan(Random(number), scenario)
    names = [f"step:{step.id}" for step in scenario.case.pathway]
    names += [f"fired:{name}.{e.id}" for name, part in scenario.disease.regions.items() for e in part.transitions]
    quick, slow = (
        run(compile_program(scenario, by_sessions=by_sessions), range(1, 7), plan, milestones=names).met
        for by_sessions in (False, True)
    )
    assert quick == slow
