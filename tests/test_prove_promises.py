"""What `prove` asks of a case besides its pathway: doses, identities, words, plans, survival, what is shared."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from sim.authoring.prove import prove_shared
from sim.authoring.prove.bench import Bench
from sim.authoring.prove.properties import doses, holding, identities, plans, reach, survival, words
from sim.authoring.prove.verdict import PropertyResult
from sim.case.checking.openings import shares_its_disease
from sim.case.library import load
from sim.case.model.conditions import Condition
from sim.case.model.scenario import Scenario
from sim.case.quantities import share_by_of
from sim.cli import main

DATA = Path(__file__).parent / "data"
TINY, COMPOSED = DATA / "tiny", DATA / "composed"
CASE, DISEASE, ORDERS = "cases/tiny_case.yaml", "diseases/meadow_fever.yaml", "catalogue/orders_tiny.yaml"


def tiny(folder: Path, *edits: tuple[str, str, str]) -> Scenario:
    """The tiny case with a few words changed."""
    root = Path(shutil.copytree(TINY, folder / "tiny"))
    for file, old, new in edits:
        text = (root / file).read_text(encoding="utf-8")
        assert old in text
        (root / file).write_text(text.replace(old, new, 1), encoding="utf-8")
    return load(root / CASE, root=root)


def elements(results: list[PropertyResult]) -> list[str]:
    return [result.witness.element for result in results if result.witness is not None]


def test_a_condition_that_no_patient_of_the_case_meets_fails_and_one_for_other_cases_is_counted(tmp_path: Path) -> None:
    scenario = tiny(tmp_path, (DISEASE, "age: {below: 70 d}", "age: {from: 10 y}"))
    (held,) = holding.prove(Bench(scenario, 4))
    assert held.holds
    assert "1 of them for patients of other cases" in held.note
    never = scenario.case.pathway[0].model_copy(update={"when": Condition(elapsed={"from": "9 d"})})
    case = scenario.case.model_copy(update={"pathway": (never,)})
    results = holding.prove(Bench(scenario.model_copy(update={"case": case}), 4))
    assert elements(results) == ["case.pathway.0.when"]


def test_two_doses_that_do_the_same_are_named(tmp_path: Path) -> None:
    assert not elements(doses.prove(Bench(tiny(tmp_path), 4)))
    alike = tiny(tmp_path / "alike", (DISEASE, "when: {dose: {therapy: bolus, above: 15}}", "when: {running: bolus}"))
    (result,) = doses.prove(Bench(alike, 4))
    assert result.witness is not None
    assert result.witness.element == "order:bolus"
    assert result.witness.what.startswith("bolus does the same at 10 mL/kg and at 20 mL/kg")


def test_doses_act_by_levels_flows_and_lagging_effects() -> None:
    pools = load(DATA / "pools" / "cases" / "four_amounts.yaml", root=DATA / "pools")
    assert not elements(doses.prove(Bench(pools, 4)))


@pytest.mark.slow
def test_a_gas_that_breaks_henderson_and_hasselbalch_is_shown_with_its_minute(tmp_path: Path) -> None:
    scenario = load(COMPOSED / "cases" / "thirsty_girl.yaml")
    assert not elements(identities.prove(Bench(scenario, 4)))
    gone = {name: model for name, model in scenario.disease.observables.items() if name != "ph"}
    disease = scenario.disease.model_copy(update={"observables": gone})
    results = identities.prove(Bench(scenario.model_copy(update={"disease": disease}), 4))
    assert "observable:ph" in elements(results)
    assert all(result.witness is None or result.witness.run is not None for result in results)


def test_a_case_without_values_that_must_agree_says_so(tmp_path: Path) -> None:
    (result,) = identities.prove(Bench(tiny(tmp_path), 4))
    assert (result.holds, result.note) == (True, "the disease moves no values that must agree")


@pytest.mark.parametrize(
    ("edit", "element"),
    [
        ((DISEASE, "The nurse says he looks worse", "Temperature 36.1, and he looks worse"), "call:infection.worsens"),
        ((DISEASE, "Cool feet and a", "Heart rate 90. Cool feet and a"), "order:ex_perfusion"),
        (
            (
                ORDERS,
                "    measures: weight\n",
                "    measures: weight\n    normal: He feels cool.\n    normal_for: [crp]\n",
            ),
            "order:ex_weight",
        ),
    ],
)
def test_words_that_the_values_contradict_are_named(tmp_path: Path, edit: tuple[str, str, str], element: str) -> None:
    assert element in elements(words.prove(Bench(tiny(tmp_path, edit), 6)))


@pytest.mark.parametrize(
    "edit",
    [
        (DISEASE, "The nurse says he looks worse", "CRP 42, and he looks worse"),
        (DISEASE, "The nurse says he looks worse", "Heart rate unrecordable for 10 min, temperature for 3 h"),
    ],
)  # fmt: skip
def test_words_that_fit_are_left_alone(tmp_path: Path, edit: tuple[str, str, str]) -> None:
    assert elements(words.prove(Bench(tiny(tmp_path, edit), 6))) == []


# --- plans -----------------------------------------------------------------------------------------------------

GOOD = """\
- order: ex_perfusion
- order: peripheral_access
- order: {id: bolus, dose: 10 mL/kg}
- order: blood_culture
- order: gentamicin
- wait: 2 d
- wait: 2 d 6 h
- stop: gentamicin
- finish: true
"""
BAD = "- order: ex_perfusion\n- wait: 8 h\n- finish: true\n"


def planned(folder: Path, **texts: str) -> Bench:
    scenario = tiny(folder)
    (folder / "plans").mkdir()
    for name, text in texts.items():
        (folder / "plans" / f"{name}.yaml").write_text(text, encoding="utf-8")
    return Bench(scenario, 4, plans=tuple(sorted((folder / "plans").iterdir())))


def test_plans_that_come_out_as_they_claim_pass(tmp_path: Path) -> None:
    (result,) = plans.prove(planned(tmp_path, bad_no_antibiotic=BAD))
    assert (result.holds, result.note) == (True, "1 plans in 4 patients")


@pytest.mark.parametrize(
    ("name", "text", "what"),
    [
        ("good_way", BAD, "The plan is only "),
        ("bad_drowned", BAD, "The bad plan is unsafe in patient 2, with no_antibiotic"),
        ("bad_wombat", BAD, "called after the pitfall 'wombat', which the case does not have"),
        ("middling", BAD, "A plan is called good_NAME.yaml or bad_PITFALL.yaml"),
        ("good_letter", "- ordr: bolus\n", "The plan cannot be read: unknown move 'ordr' (line 1)"),
        ("good_stop", "- stop: gentamicin\n", "cannot be treated so: move 1 cannot be made"),
    ],
)
def test_a_plan_that_does_not_is_named_with_the_reason(tmp_path: Path, name: str, text: str, what: str) -> None:
    (result,) = plans.prove(planned(tmp_path, **{name: text}))
    assert result.witness is not None
    assert result.witness.element == f"plan:{name}"
    assert what in result.witness.what


def test_plans_lie_in_the_folder_of_their_case(tmp_path: Path) -> None:
    for folder in (tmp_path / "boy" / "plans", tmp_path / "cases" / "girl" / "plans"):
        folder.mkdir(parents=True)
        (folder / "good_one.yaml").write_text(GOOD, encoding="utf-8")
    assert [path.parent for path in plans.plans_beside(tmp_path / "boy" / "case.yaml")] == [tmp_path / "boy" / "plans"]
    (path,) = plans.plans_beside(tmp_path / "cases" / "girl.yaml")
    assert path.parent == tmp_path / "cases" / "girl" / "plans"


# --- survival --------------------------------------------------------------------------------------------------


def expecting(folder: Path, text: str) -> list[PropertyResult]:
    scenario = tiny(folder, (CASE, "horizon: 5 d\n", f"horizon: 5 d\nexpect: {text}\n"))
    return survival.prove(Bench(scenario, 4))


def test_survival_and_endings_are_told_whether_or_not_the_case_expects_something(tmp_path: Path) -> None:
    (result,) = survival.prove(Bench(tiny(tmp_path), 4))
    assert result.note.startswith("pathway: ")
    assert "; none: " in result.note
    assert "home " in result.note


def test_what_a_case_expects_of_survival_and_endings_is_held_against_it(tmp_path: Path) -> None:
    assert not elements(expecting(tmp_path / "a", "{pathway: {alive: 70%..99% at 2 d, endings: {home: 60%..100%}}}"))
    assert elements(expecting(tmp_path / "b", "{pathway: {alive: 1%..5%}, none: {alive: 80%..95% at 3 d}}")) == [
        "policy:pathway",
        "policy:none",
    ]
    (result,) = expecting(tmp_path / "c", "{none: {endings: {home: 50%..60%}}}")
    assert result.witness is not None
    assert "end as home, and 50% to 60% are expected" in result.witness.what


def test_shares_by_a_time_are_read_as_they_are_written() -> None:
    assert share_by_of("80%..95% at 28 d") == (0.8, 0.95, 28 * 1440)
    assert share_by_of("5%") == (0.05, 0.05, None)
    for wrong in ("95%..80%", "80..95%", "80%..95% at once", 0.8):
        with pytest.raises(ValueError, match="expected"):
            share_by_of(wrong)


def test_expecting_something_changes_no_digest(tmp_path: Path) -> None:
    plain = tiny(tmp_path / "a")
    expects = tiny(tmp_path / "b", (CASE, "horizon: 5 d\n", "horizon: 5 d\nexpect: {none: {alive: 0%..5%}}\n"))
    assert plain.digest == expects.digest


# --- shared parts ----------------------------------------------------------------------------------------------


def test_a_case_answers_for_what_it_names_and_a_shared_disease_for_the_rest(tmp_path: Path) -> None:
    unreachable = (DISEASE, "      cleared:\n", "      lost: {name: Lost}\n      cleared:\n")
    scenario = tiny(tmp_path, unreachable)
    assert elements(reach.prove(Bench(scenario, 4))) == ["infection.lost"]
    results = reach.prove(Bench(scenario, 4, named_only=True))
    assert not elements(results)
    assert "the case answers for the " in results[0].note
    named = {(kind, f"{region}.{name}") for kind, region, name in reach.named(scenario)}
    assert {("state", "fluid.overloaded"), ("transition", "life.shock"), ("state", "infection.mild")} <= named
    assert elements(list(prove_shared([scenario, scenario], 4))) == ["infection.lost"]


def test_a_state_that_one_of_two_cases_reaches_is_reached(tmp_path: Path) -> None:
    unreachable = (DISEASE, "      cleared:\n", "      lost: {name: Lost}\n      cleared:\n")
    one = tiny(tmp_path / "a", unreachable)
    start = one.case.start | {"infection": {"lost": 1.0}}
    other = one.model_copy(update={"case": one.case.model_copy(update={"start": start})})
    results = prove_shared([one, other], 4)
    assert not elements(list(results))
    assert {result.case for result in results} == {"meadow_fever"}


def test_a_disease_is_shared_by_modules_or_by_another_case(tmp_path: Path) -> None:
    root = Path(shutil.copytree(TINY, tmp_path / "tiny"))
    assert not shares_its_disease(root / CASE, root)
    text = (root / CASE).read_text(encoding="utf-8").replace("id: tiny_case", "id: second_case")
    (root / "cases" / "second_case.yaml").write_text(text, encoding="utf-8")
    assert shares_its_disease(root / CASE, root)
    assert shares_its_disease(COMPOSED / "cases" / "thirsty_girl.yaml")


@pytest.mark.slow
def test_the_case_made_of_parts_keeps_all_it_promises(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SCURFY_HOME", str(tmp_path))
    code = main(["prove", str(COMPOSED / "cases" / "thirsty_girl.yaml"), "--n", "4", "--workers", "1"])
    told = capsys.readouterr().out
    assert code == 0, told
    assert "FAILS" not in told
