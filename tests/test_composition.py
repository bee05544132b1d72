"""Cases made of parts: modules, protocols, histories; each mistake is named where its author wrote it."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from sim.attempts.cases import Cases
from sim.authoring.show import expansion
from sim.case.checking.check import check
from sim.case.composing.folders import package_root
from sim.case.library import load
from sim.case.model.scenario import Scenario

pytestmark = pytest.mark.slow

COMPOSED = Path(__file__).parent / "data" / "composed"
CASE, DISEASE = "cases/thirsty_girl.yaml", "diseases/young_diabetes.yaml"
MODULES, PROTOCOLS = "modules/", "protocols/"


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The composed scenarios folder with so much of the catalogue as its files name: what is quick to read."""
    folder = Path(shutil.copytree(COMPOSED, tmp_path_factory.mktemp("small") / "composed"))
    (folder / "catalogue").mkdir()
    named = set(re.findall(r"\w+", "".join(path.read_text(encoding="utf-8") for path in COMPOSED.rglob("*.yaml"))))
    for path in (package_root() / "catalogue").glob("*.yaml"):
        head, *entries = re.split(r"^(?= *- id: )", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
        if path.stem.startswith("orders"):
            entries = [entry for entry in entries if entry.split()[2] in named]
        text = head + "".join(map(_unsourced, entries))
        if entries or path.stem == "diagnoses":
            (folder / "catalogue" / path.name).write_text(text, encoding="utf-8")
    return folder


def _unsourced(entry: str) -> str:
    """A catalogue entry that names no evidence, so that none has to be read."""
    reason = (
        "" if re.search("^ {2,4}assumed:", entry.partition("  grown:")[0], re.MULTILINE) else r"\1assumed: test data"
    )
    return re.sub(r"^( *)evidence: \[[^\]]*\]", reason, entry, flags=re.MULTILINE)


@pytest.fixture
def composed(small: Path, tmp_path: Path) -> Path:
    """A copy of it, to change."""
    return Path(shutil.copytree(small, tmp_path / "composed"))


@pytest.fixture(scope="session")
def scenario() -> Scenario:
    """The composed case with the catalogue that ships."""
    return load(COMPOSED / CASE)


def change(path: Path, old: str, new: str) -> int:
    """Change the text of a file; return the line at which the new text begins."""
    text = path.read_text(encoding="utf-8")
    assert old in text
    at = text.index(old)
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    same = next((i for i, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), min(len(old), len(new)))
    return text.count("\n", 0, at) + 1 + new[:same].count("\n")


def test_the_composed_folder_is_sound() -> None:
    assert check([COMPOSED]) == ()


def test_a_disease_of_four_modules_and_a_case_of_three_protocols_take_at_most_150_lines() -> None:
    texts = [(COMPOSED / name).read_text(encoding="utf-8") for name in (CASE, DISEASE)]
    assert sum(text.count("\n") for text in texts) <= 150
    assert "include: [living, circulation, glucose, brain]" in texts[1]
    assert texts[0].count("  - ketoacidosis:") + texts[0].count("  - calls:") + texts[0].count("  - fever:") == 3


# --- what comes together -----------------------------------------------------------------------------------


def test_regions_come_in_the_order_of_the_modules_and_the_own_ones_after_them(scenario: Scenario) -> None:
    disease = scenario.disease
    assert list(disease.regions) == [
        "life", "circulation", "glucose", "brain", "response", "volume", "insulin", "potassium_given", "sulfonylurea",
    ]  # fmt: skip
    assert set(disease.regions["life"].states) == {"alive", "died_shock", "died_brain"}


def test_a_disease_adds_changes_and_leaves_out(scenario: Scenario) -> None:
    glucose = scenario.disease.regions["glucose"]
    ways = {transition.id: transition for transition in glucose.transitions}
    assert glucose.initial == {"dka": 0.8, "high": 0.2}
    assert "tablet" in glucose.states
    assert "tablet_works" in ways
    assert ways["sugar_given"].chance == 0.95
    assert "low_corrects" not in ways
    assert glucose.states["high"].observables["glucose"].set == 17
    assert glucose.states["high"].observables["ketones"].set == 0.9


def test_a_condition_on_a_known_region_that_the_disease_lacks_never_holds(scenario: Scenario) -> None:
    circulation = scenario.disease.regions["circulation"]
    ways = {transition.id: transition for transition in circulation.transitions}
    assert "diarrhoea_dries" not in ways
    assert len(ways["dries_out"].modifiers) == 1
    when = ways["dries_out"].when
    assert when is not None
    assert "gut" not in when.model_dump_json()


def test_a_left_out_state_takes_its_ways_with_it(composed: Path) -> None:
    change(composed / DISEASE, "without: [low_corrects]", "without: [low]")
    change(composed / DISEASE, "      sugar_given: {chance: 95%}\n", "")
    change(composed / CASE, "[low_again]", "[low_again]")
    change(composed / (PROTOCOLS + "ketoacidosis.yaml"), ", glucose.overshoots]", "]")
    change(composed / (PROTOCOLS + "calls.yaml"), "    - {id: low_again", "    # - {id: low_again")
    change(composed / CASE, "{without: [low_again]}", "{}")
    glucose = load(composed / CASE).disease.regions["glucose"]
    assert "low" not in glucose.states
    assert not {"overshoots", "sugar_given", "low_corrects"} & {way.id for way in glucose.transitions}


def test_a_protocol_comes_with_its_parameters_changes_and_prefix(scenario: Scenario) -> None:
    case = scenario.case
    steps = {step.id: step for step in case.pathway}
    assert steps["give_bolus"].within == 30
    assert steps["insulin"].do == ("insulin_infusion",)
    assert steps["insulin"].dose == "0.1 U/kg/h"
    assert steps["gas"].within == 20
    assert "low_again" not in steps
    assert steps["sepsis_antibiotic"].after == ("sepsis_culture",)
    assert steps["sepsis_antibiotic"].within == 120


@pytest.mark.parametrize(
    ("sex", "said", "answered"),
    [
        ("female", "Her nappy lies to her, so she is weighed herself, like every girl; {name} too.", '"She was well."'),
        ("male", "His nappy lies to him, so he is weighed himself, like every boy; {name} too.", '"He was well."'),
    ],
)
def test_a_disease_a_protocol_and_a_history_speak_of_the_patient_of_the_case(
    composed: Path, sex: str, said: str, answered: str
) -> None:
    text = "{His} nappy lies to {him}, so {he} is weighed {himself}, like every {boy}; {name} too."
    change(composed / CASE, "sex: female", f"sex: {sex}")
    change(composed / (PROTOCOLS + "ketoacidosis.yaml"), "The wet nappy lies.", f'"{text}"')
    change(composed / "histories/well_child.yaml", "At term, and well.", "{He} was well.")
    change(composed / DISEASE, "ndm_panel:\n", 'hx_urine: "{He} drinks."\n  ndm_panel:\n')
    scenario = load(composed / CASE)
    case = scenario.case
    assert next(step.because for step in case.pathway if step.id == "perfusion") == said
    assert case.results["hx_birth"][0].text == answered
    assert scenario.disease.results["hx_urine"][0].text == ("He drinks." if sex == "male" else "She drinks.")


def test_the_steps_of_protocols_come_before_those_of_the_case_in_the_order_of_use(scenario: Scenario) -> None:
    ids = [step.id for step in scenario.case.pathway]
    assert ids[:6] == ["perfusion", "gas", "give_bolus", "deficit", "insulin", "potassium"]
    assert ids[-4:] == ["sepsis_culture", "sepsis_antibiotic", "panel", "tablet"]


def test_a_case_places_the_steps_that_it_names(composed: Path) -> None:
    change(composed / CASE, "    - id: tablet\n", "    - [insulin, perfusion]\n    - id: tablet\n")
    change(composed / CASE, "  First weeks:\n", "  First hour: [sepsis_culture]\n  First weeks:\n    - potassium\n")
    case = load(composed / CASE).case
    calls = ["acid_again", "acid_again_2", "dry_again", "dry_again_2"]
    assert [step.id for step in case.pathway] == [
        *("deficit", *calls),  # what is named nowhere and has no heading
        *("gas", "give_bolus", "sepsis_antibiotic", "sepsis_culture"),  # under "First hour" first what is not named
        *("potassium", "panel", "insulin", "perfusion", "tablet"),
    ]
    assert {step.id: step.phase for step in case.pathway}["potassium"] == "First day"  # its own, wherever it comes


def test_a_pathway_without_headings_places_steps_too(composed: Path) -> None:
    text = (composed / CASE).read_text(encoding="utf-8")
    head, _, rest = text.partition("  First weeks:\n")
    own, _, tail = rest.partition("pitfalls:\n")
    own = own.replace("    - ", "  - ").replace("\n      ", "\n    ")
    own = own.replace("must: ndm_panel", "phase: Later, must: ndm_panel").replace(
        "tablet\n", "tablet\n    phase: Later\n", 1
    )
    (composed / CASE).write_text(f"{head}{own}  - gas\npitfalls:\n{tail}", encoding="utf-8")
    ids = [step.id for step in load(composed / CASE).case.pathway]
    assert (ids[0], ids[-3:]) == ("perfusion", ["panel", "tablet", "gas"])


def test_what_answers_a_call_that_a_disease_never_makes_falls_away(composed: Path) -> None:
    steps = (
        "    - {id: sick, must: blood_culture, each: septic, times: 2, within: 1 h, because: Called.}\n"
        "    - {id: later, could: ketones, after: [sick, dry_again], when: {not: {told: septic}}, within: 1 h, because: No.}\n"
        "    - {id: either, could: ketones, when: {told: [septic, dehydrated]}, within: 1 h, because: One is left.}\n"
        "    - {id: since, could: ketones, when: {since: {told: septic}}, within: 1 h, because: Never.}\n"
    )
    change(composed / (PROTOCOLS + "calls.yaml"), "  When called:\n", f"  When called:\n{steps}")
    change(
        composed / (PROTOCOLS + "calls.yaml"),
        "assumed: test data\n",
        "assumed: test data\ncalls: [septic, dehydrated]\n",
    )
    found = {step.id: step for step in load(composed / CASE).case.pathway}
    assert not {"sick", "sick_2", "since"} & set(found)
    assert {"dry_again", "low_again"} & set(found) == {"dry_again"}
    assert (found["later"].when, found["later"].after) == (None, ("dry_again",))
    assert found["either"].when is not None
    assert found["either"].when.told == ("dehydrated",)


def test_the_own_parts_of_a_case_follow_those_of_its_protocols(scenario: Scenario) -> None:
    case = scenario.case
    assert [ending.id for ending in case.endings] == ["died", "tablet", "insulin"]
    assert case.pathway[-1].id == "tablet"


def test_short_forms_are_written_out(scenario: Scenario) -> None:
    case = scenario.case
    steps = {step.id: step for step in case.pathway}
    assert (steps["panel"].weight, steps["panel"].do, steps["panel"].phase) == ("must", ("ndm_panel",), "First weeks")
    assert steps["panel"].title
    assert steps["panel"].assumed == "usual practice"
    steroid = next(pitfall for pitfall in case.pitfalls if pitfall.id == "steroid")
    assert (steroid.severity, steroid.title) == ("minor", "Steroid")
    assert steroid.pattern.during is not None
    usual = scenario.catalogue.orders["vitamin_d_supplement"].doses[0].label
    assert case.given == {"paracetamol": None, "vitamin_d_supplement": usual}


def test_an_answer_is_looked_for_in_the_case_then_in_a_protocol_then_among_the_ordinary_ones(
    scenario: Scenario,
) -> None:
    results = scenario.case.results
    assert results["hx_presenting"][0].text.startswith('"She drinks two litres')
    assert results["hx_stool"][0].text == '"Once a day, formed."'


def test_an_ordinary_answer_is_said_only_where_nothing_that_the_disease_finds_holds(composed: Path) -> None:
    finding = '  hx_stool:\n    - {when: {in: {glucose: dka}}, text: "None."}\n'
    change(composed / DISEASE, "  ndm_panel:\n", f"{finding}  ndm_panel:\n")
    first, last = load(composed / CASE).case.results["hx_stool"]
    assert first.when is not None
    assert (last.when, last.text) == (None, '"Once a day, formed."')


def test_a_named_start_is_written_out_and_changed(scenario: Scenario) -> None:
    start = scenario.case.start
    assert start == {"circulation": {"shock": 1.0}, "glucose": {"dka": 1.0}, "response": {"good": 1.0}}


def test_a_case_adjusts_a_number_of_its_disease_for_itself_alone(scenario: Scenario) -> None:
    ways = {way.id: way for way in scenario.disease.regions["circulation"].transitions}
    assert ways["slides"].median == 40 * 60
    assert ways["slides"].assumed == "she drinks"


# --- mistakes ----------------------------------------------------------------------------------------------

# ruff: noqa: E501 (a row of the table is one mistake)
MISTAKES = [
    # file, what is written, what is written instead, what is said
    (DISEASE, "[living, circulation,", "[living, circulaton,", "unknown module 'circulaton'"),
    (DISEASE, "[living, circulation, glucose, brain]", "[living, glucose, brain, circulation, {a: 1}]", "expected the id of a module"),
    (DISEASE, "include:", "inclde:", "unknown key 'inclde'"),
    (DISEASE, "tablet: {name: Controlled", "dka: {name: Controlled", "'dka' is in "),
    (DISEASE, "sugar_given: {chance: 95%}", "sugar_givn: {chance: 95%}", "there is no 'sugar_givn' to change"),
    (DISEASE, "chance: 95%", "chance: 0.95", "expected a share such as '15%'"),
    (DISEASE, "without: [low_corrects]", "without: [low_correct]", "there is no 'low_correct' to leave out"),
    (DISEASE, "to: tablet\n", "to: tablt\n", "region 'glucose' has no state 'tablt'"),
    (DISEASE, "{good: 90%, none: 10%}", "{good: 90%, none: 20%}", "expected initial shares that add up to 100%"),
    (DISEASE, "in: {response: good}}\n        assumed", "in: {respons: good}}\n        assumed", "unknown region 'respons'"),
    (DISEASE, "ndm_panel:", "ndm_panl:", "unknown order 'ndm_panl'"),
    (DISEASE, "{id: tablet_stopped,", "{id: controls,", "transition id 'controls' is used in "),
    (DISEASE, "{glucose: 17}", "{glucos: 17}", "unknown observable 'glucos'"),
    (DISEASE, "{glucose: 17}", "{glucose: +17}", "a number alone sets 'glucose': expected it without '+', or as a shift"),
    (MODULES + "circulation.yaml", "knows: [glucose, gut]", "knows: [glucose]", None),
    (MODULES + "circulation.yaml", "to: dry, on: {start", "to: dri, on: {start", "region 'circulation' has no state 'dri'"),
    (MODULES + "circulation.yaml", "  life:\n", "  lif:\n", "'lif' is added to here, and nothing that the disease includes begins it"),
    (MODULES + "circulation.yaml", "results:\n", "result:\n", "unknown key 'result'"),
    (MODULES + "circulation.yaml", "id: circulation\n", "id: circulaton\n", "the file is called 'circulation', so its id must be 'circulation' too"),
    (MODULES + "circulation.yaml", "chance: 80%", "chance: 80", "expected a share such as '15%'"),
    (MODULES + "brain.yaml", "knows: [glucose]", "include: [glucose]", "unknown key 'include': a module cannot include another"),
    (MODULES + "glucose.yaml", "{circulation: shock, glucose", "{circulation: shok, glucose", "region 'circulation' has no state 'shok'"),
    (MODULES + "glucose.yaml", "{potassium: {shift: 0.9}}", "{potasium: {shift: 0.9}}", "unknown observable 'potasium'"),
    (MODULES + "brain.yaml", "died_brain: {name", "died_shock: {name", "'died_shock' is in "),
    (MODULES + "living.yaml", "initial: alive", "initial: alife", "region 'life' has no state 'alife'"),
    (CASE, "  - ketoacidosis:", "  - ketoacidoses:", "unknown protocol 'ketoacidoses'"),
    (CASE, "bolus_by: 30 min", "bolus_by: 30", "expected a duration"),
    (CASE, "bolus_by: 30 min", "bolus_bye: 30 min", "unknown key 'bolus_bye': the protocol has no such parameter"),
    (CASE, "antibiotic: antibiotics_broad, ", "", "missing key 'antibiotic': the protocol needs this order"),
    (CASE, "antibiotic: antibiotics_broad", "antibiotic: antibiotics_brod", "unknown order 'antibiotics_brod' for 'antibiotic'"),
    (CASE, "drip_dose: 0.1 U/kg/h", "drip_dose: 70 U/kg/h", "insulin_infusion has no dose '70 U/kg/h'"),
    (CASE, "change: {gas: {", "change: {gs: {", "there is no 'gs' to change"),
    (CASE, "within: 20 min", "within: soon", "expected a duration"),
    (CASE, "without: [low_again]", "without: [low_agin]", "there is no 'low_agin' to leave out"),
    (CASE, "history: well_child", "history: well_chld", "unknown history 'well_chld'"),
    (CASE, "of: shocked", "of: shoked", "the disease has no start 'shoked'"),
    (CASE, "response: good}", "response: god}", "region 'response' has no state 'god'"),
    (CASE, "circulation.slides:", "circulation.slide:", "region 'circulation' has no transition 'slide'"),
    (CASE, "circulation.slides:", "circulatio.slides:", "unknown region 'circulatio'"),
    (CASE, "median: 40 h, assumed: she drinks", "median: 40 h", "expected 'evidence'"),
    (CASE, "median: 40 h", "initial: dry", "expected 'region' for an 'initial' mix, found 'circulation.slides'"),
    (CASE, "given: [paracetamol,", "given: [paracetamoll,", "unknown order 'paracetamoll'"),
    (CASE, "must: glibenclamide", "must: glibenclamid", "unknown order 'glibenclamid'"),
    (CASE, "{id: panel, must", "{id: culture, shoud", "unknown key 'shoud'"),
    (CASE, "{id: panel,", "{id: gas,", "id 'gas' is used in "),
    (CASE, "    - id: tablet\n", "    - deficitt\n    - id: tablet\n", "no protocol of this case brings a step 'deficitt'"),
    (CASE, "    - id: tablet\n", "    - [gas, perfusion, gas]\n    - id: tablet\n", "the step 'gas' is named twice"),
    (PROTOCOLS + "ketoacidosis.yaml", "The wet nappy lies.", '"{hiss} nappy lies."', "nothing is filled in for '{hiss}'"),
    ("histories/well_child.yaml", "At term, and well.", "{age} well.", "nothing is filled in for '{age}'"),
    (CASE, "finding: katp", "finding: kap", "no result of 'ndm_panel' has the code 'kap'"),
    (CASE, "- {minor: steroid", "- {minr: steroid", "unknown key 'minr'"),
    (CASE, "did: [prednisolone]", "did: [prednisolon]", "unknown order 'prednisolon'"),
    (PROTOCOLS + "ketoacidosis.yaml", "within: $bolus_by", "within: $bolus_bye", "the protocol has no parameter 'bolus_bye'"),
    (PROTOCOLS + "ketoacidosis.yaml", "high: {number: 14}", "high: {numbr: 14}", "unknown key 'numbr'"),
    (PROTOCOLS + "ketoacidosis.yaml", "after: perfusion", "after: perfusin", "unknown step 'perfusin'"),
    (PROTOCOLS + "ketoacidosis.yaml", "life.shock_kills", "life.shock_kils", "unknown transition 'life.shock_kils'"),
    (PROTOCOLS + "ketoacidosis.yaml", "{in: {life: alive}}", "{in: {live: alive}}", "unknown region 'live'"),
    (PROTOCOLS + "ketoacidosis.yaml", "about: [give_bolus,", "about: [give_bols,", "no step and no pitfall is called 'give_bols'"),
    (PROTOCOLS + "ketoacidosis.yaml", "endings:\n", "ending:\n", "unknown key 'ending'"),
    (PROTOCOLS + "calls.yaml", "each: dehydrated", "each: dehydratd", "no call reveals 'dehydratd'"),
    (PROTOCOLS + "fever.yaml", "antibiotic: order\n", "antibiotic: ordr\n", "expected one of number, duration, dose, order, text, found 'ordr'"),
    ("histories/well_child.yaml", "hx_birth:", "hx_brth:", "unknown order 'hx_brth'"),
]  # fmt: skip


@pytest.mark.parametrize(("file", "old", "new", "message"), MISTAKES)
def test_a_mistake_is_named_where_its_author_wrote_it(
    composed: Path, file: str, old: str, new: str, message: str | None
) -> None:
    line = change(composed / file, old, new)
    found = check([composed / CASE])
    if message is None:
        assert {Path(problem.file).name for problem in found} == {Path(file).name}
        assert all("unknown region 'gut'" in problem.message and problem.hint for problem in found)
        return
    first = next((problem for problem in found if problem.message.startswith(message)), None)
    assert first is not None, [(problem.file, problem.line, problem.message) for problem in found]
    assert Path(first.file) == composed / file
    assert abs(first.line - line) <= (1 if "missing" in message or "expected 'ev" in message else 0)


def test_there_are_enough_kinds_of_mistakes() -> None:
    assert len({(file, message) for file, _, _, message in MISTAKES}) >= 50


def test_a_mistake_in_a_part_says_who_asks_for_it(composed: Path) -> None:
    change(composed / (PROTOCOLS + "calls.yaml"), "each: dehydrated", "each: dehydratd")
    (problem,) = check([composed / CASE])
    assert problem.hint.endswith(f"asked for in {composed / CASE} line 18")


def test_a_part_is_sound_by_itself_or_says_what_is_wrong(composed: Path) -> None:
    change(composed / (MODULES + "brain.yaml"), "to: swelling\n", "to: sweling\n")
    change(composed / (PROTOCOLS + "fever.yaml"), "should: blood_culture", "should: blod_culture")
    change(composed / "histories/well_child.yaml", "hx_birth:", "hx_brth:")
    change(composed / (PROTOCOLS + "calls.yaml"), "assumed: test data\n", "assumed: test data\ncalls: [dehydratd]\n")
    found = check([composed / "modules", composed / "protocols", composed / "histories"])
    assert [problem.message for problem in found] == [
        "unknown order 'hx_brth'",
        "region 'brain' has no state 'sweling'",
        "no step and no condition here speaks of the call 'dehydratd'",
        "unknown order 'blod_culture'",
    ]


def test_two_protocols_with_one_id_are_told_apart_by_a_prefix(composed: Path) -> None:
    change(composed / CASE, "  - calls:", "  - fever: {antibiotic: antibiotics_broad, prefix: sepsis_}\n  - calls:")
    found = check([composed / CASE])
    assert [problem.message.partition(" is used")[0] for problem in found] == [
        "id 'sepsis_culture'",
        "id 'sepsis_antibiotic'",
    ]


def test_what_a_case_is_made_of_is_shown_with_the_origin_of_each_part() -> None:
    shown = list(expansion(str(COMPOSED / CASE)))
    text = "\n".join(shown)
    assert "SPOILERS" in shown[0]
    for part in ("modules/brain.yaml:", "protocols/fever.yaml:", "histories/well_child.yaml:", f"{CASE}:"):
        assert part in text
    assert "use:" not in shown
    slid = next(i for i, line in enumerate(shown) if line.strip() == "id: slides")
    median = next(line for line in shown[slid:] if line.strip().startswith("median:"))
    assert median.strip().startswith('median: "40 h"  # ')
    assert median.endswith(f"{CASE}:23")


def test_a_kept_case_is_read_again_when_one_of_its_parts_says_something_else(composed: Path, tmp_path: Path) -> None:
    cases = Cases(lambda: tmp_path / "cache")
    first = cases.load(composed / CASE)
    assert cases.load(composed / CASE) is first
    assert Cases(lambda: tmp_path / "cache").load(composed / CASE) == first
    for part in (f"{MODULES}brain.yaml", f"{PROTOCOLS}fever.yaml", "histories/well_child.yaml", DISEASE):
        change(composed / part, "id: ", "# a remark\nid: ")
        assert cases.load(composed / CASE) is not first
        first = cases.load(composed / CASE)
    change(composed / (PROTOCOLS + "fever.yaml"), "antibiotic_by: {duration: 2 h}", "antibiotic_by: {duration: 3 h}")
    for again in (cases, Cases(lambda: tmp_path / "cache")):
        steps = {step.id: step for step in again.load(composed / CASE).case.pathway}
        assert steps["sepsis_antibiotic"].within == 180


def test_a_kept_case_does_not_care_for_parts_it_does_not_use(composed: Path, tmp_path: Path) -> None:
    cases = Cases(lambda: tmp_path / "cache")
    first = cases.load(composed / CASE)
    shutil.copy(composed / (MODULES + "brain.yaml"), composed / "modules" / "spare.yaml")
    assert cases.load(composed / CASE) is first
