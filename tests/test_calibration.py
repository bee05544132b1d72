"""Calibration: the arms are what they say, the table names every row, and a small run agrees with the kept one."""

from __future__ import annotations

import json
import re
import shutil
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from sim.authoring.calibrate.arms import Arms, chosen, orders_of
from sim.authoring.calibrate.course import Course, Record, Sampled
from sim.authoring.calibrate.measures import measured as measured_in
from sim.authoring.calibrate.measures import meets, minute_of
from sim.authoring.calibrate.table import Figure, document, figures, simulated_text
from sim.case.checking.check import check
from sim.case.library import load_calibration
from sim.case.model.calibration import Calibration, Choice, Criterion, Measure, Moment, Row
from sim.case.model.scenario import Scenario
from sim.cli import main
from sim.cohorts.survival import ConfidenceInterval
from sim.engine.version import ENGINE

ROOT = Path(__file__).parents[1]
FILE = ROOT / "scenarios" / "calibration" / "ipex.yaml"
TABLE = ROOT / "docs" / "calibration.md"
KEPT = re.findall(r"^\| `([^`]+)` \|", TABLE.read_text(encoding="utf-8"), re.MULTILINE)
"""Ids of the rows in the kept table: read from there, so that naming the tests loads no disease."""
pytestmark = pytest.mark.slow

SMALL = 160
POINTS, PART, PRINTED = 0.10, 0.25, 0.005
"""How far a small run may stray beyond its own interval: a share by points, anything else by a part of it."""


@cache
def loaded() -> tuple[Calibration, Scenario]:
    """Rows and scenario of the calibration, read when a test first asks: some seconds."""
    return load_calibration("ipex")


def calibration() -> Calibration:
    return loaded()[0]


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return loaded()[1]


@pytest.fixture(scope="module")
def arms() -> Arms:
    return Arms(calibration(), loaded()[1], SMALL)


@pytest.fixture(scope="module")
def measured(arms: Arms) -> dict[str, Figure]:
    return {each.row.id: each for each in figures(arms)}


def kept(row: Row) -> tuple[float, bool]:
    """The figure in the kept table, in the unit of the row's band, and whether it is said to be inside."""
    line = next(line for line in TABLE.read_text(encoding="utf-8").splitlines() if line.startswith(f"| `{row.id}` |"))
    cells = [cell.strip() for cell in line.split("|")]
    figure = re.match(r"-?\d+\.\d+", cells[5])
    assert figure is not None, line
    return float(figure[0]) / (100 if row.measure.unit == "%" else 1), cells[6] == "inside"


# --- the kept table ------------------------------------------------------------------------------------------------


def test_there_are_more_than_sixty_rows() -> None:
    assert len(calibration().rows) > 60


def test_a_row_that_rests_on_an_assumption_says_so() -> None:
    text = TABLE.read_text(encoding="utf-8")
    assert text.count(", assumed |") == sum(row.band.assumed is not None for row in calibration().rows)


def test_the_kept_table_names_every_row_with_what_was_published() -> None:
    text = TABLE.read_text(encoding="utf-8")
    for row in calibration().rows:
        assert f"| `{row.id}` | {row.what} (" in text
        assert f"| {row.published} |" in text


def test_every_row_outside_its_band_is_explained() -> None:
    text = TABLE.read_text(encoding="utf-8")
    outside = text[text.index("## Outside, and why") : text.index("## What the model cannot speak to")]
    assert "Not explained" not in outside
    for row in calibration().rows:
        assert kept(row)[1] != (f"- `{row.id}`: " in outside)


def test_every_section_of_published_outcomes_is_spoken_to() -> None:
    named = {id for row in calibration().rows for id in row.evidence}
    named |= set(re.findall(r"`([a-z0-9-]+)`", TABLE.read_text("utf-8")))
    for id in ("cal-barz-hsct", "cal-barz-is", "cal-fr-all", "cal-fr-hsct", "cal-fr-is", "cal-jamee-hsct", "cal-h-is",
               "cal-jamee-other", "cal-untreated", "cal-oi", "cal-age-death-fr", "cal-cause-split", "cal-siro",
               "cal-disease-free", "cal-steroid-dep", "cal-early-dm", "cal-h-untreated", "cal-h-hsct", "cal-h-check",
               "cal-lr-ige", "cal-lr-eos", "cal-lr-treg", "cal-better", "cal-worse", "cal-forkhead"):  # fmt: skip
        assert id in named, id


# --- a small run ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("id", KEPT)
def test_a_small_run_agrees_with_the_kept_table(id: str, measured: dict[str, Figure]) -> None:
    found = measured[id]
    row, (figure, inside) = found.row, kept(found.row)
    if found.simulated is None:
        assert row.who == "pathway, severe disease"
        return
    simulated = found.simulated
    slack = POINTS if row.measure.unit == "%" else PART * max(abs(figure), abs(simulated.value)) + PRINTED
    assert simulated.low - slack <= figure <= simulated.high + slack
    if inside:
        assert simulated.low - slack <= found.bounds.high and found.bounds.low <= simulated.high + slack


def test_the_document_has_every_part(measured: dict[str, Figure]) -> None:
    text = document(calibration(), loaded()[1], SMALL, list(measured.values()))
    assert all(f"\n## {section.title}\n" in text for section in calibration().sections)
    assert f"Cohorts of {SMALL} patients" in " ".join(text.split())
    assert f"`{loaded()[1].case.id}` with digest `{loaded()[1].digest[:12]}`, by engine {ENGINE}" in " ".join(
        text.split()
    )
    assert max(len(line) for line in text.splitlines() if not line.startswith("|")) <= 120


def test_the_same_size_gives_the_same_patients(arms: Arms) -> None:
    assert Arms(calibration(), loaded()[1], SMALL).courses("drugs") == arms.courses("drugs")
    assert Arms(calibration(), loaded()[1], SMALL // 2).courses("drugs") == arms.courses("drugs")[: SMALL // 2]


# --- the arms are what they say --------------------------------------------------------------------------------------


def orders(*names: str) -> frozenset[str]:
    return orders_of(calibration(), names)


def test_nobody_on_drugs_is_transplanted_and_nearly_everybody_gets_one(arms: Arms) -> None:
    assert not any(course.ordered(orders("transplant")) for course in arms.courses("drugs"))
    given = [course for course in arms.courses("drugs") if course.ordered(orders("immunosuppression")) is not None]
    assert len(given) > 0.85 * SMALL


def test_supportive_care_is_neither_drug_nor_transplant_and_untreated_is_nothing(arms: Arms) -> None:
    refused = orders("transplant", "immunosuppression")
    assert not any(course.ordered(refused) for course in arms.courses("supportive"))
    assert not any(course.orders for course in arms.courses("untreated"))
    assert any(course.ordered(("insulin_infusion",)) for course in arms.courses("supportive"))


def test_steroids_alone_are_never_tapered_and_a_burst_always_is(arms: Arms) -> None:
    for course in arms.courses("steroids", "burst"):
        assert course.ordered(orders("sparing")) is None or course.ordered(("gvhd_prophylaxis",)) is not None
    assert not any(course.ordered(("steroid_taper",)) for course in arms.courses("steroids"))
    assert any(course.ordered(("steroid_taper",)) for course in arms.courses("burst"))


def test_patients_present_with_their_first_sign_only_and_in_the_published_shares(arms: Arms) -> None:
    for sign, share in (("diarrhoea", 68), ("diabetes", 25), ("skin", 7)):
        these = arms.courses(f"first_{sign}")
        assert len(these) == max(1, SMALL * share // 100)
        start = calibration().arms[f"first_{sign}"].start
        for course in these:
            opening = course.at(0)
            assert opening["first_sign"] == sign
            assert all(opening[region] in mix for region, mix in start.items() if region != "circulation")


def test_patients_are_dealt_to_plans_in_rounds_by_seed(arms: Arms) -> None:
    spec = calibration().arms["first_diarrhoea"]
    assert list(spec.plan.values()) == [58, 34]
    skipped = [bool(plan.skip & chosen(calibration(), loaded()[1], Choice(starting=("transplant",))))
               for _, plan in arms.patients("first_diarrhoea")]  # fmt: skip
    assert skipped == [seed % 92 >= 58 for seed in range(arms.size("first_diarrhoea"))]


def test_patients_with_many_organs_ill_count_more_at_transplant(arms: Arms) -> None:
    few, grafted = calibration().criteria["few_organs"], calibration().criteria["transplanted"]

    def many(arm: str) -> float:
        counted = [not meets(calibration(), c, few) for c in arms.courses(arm) if meets(calibration(), c, grafted)]
        return sum(counted) / len(counted)

    assert many("many_organs") > many("pathway") + 0.3


def test_steps_are_found_by_what_they_order(scenario: Scenario) -> None:
    steps = {step.id: step for step in scenario.case.pathway}
    for id in chosen(calibration(), scenario, Choice(starting=("hsct",))):
        assert "hsct" in steps[id].do and not steps[id].stop
    stopping = chosen(calibration(), scenario, Choice(stopping=("steroid_drugs",)))
    assert stopping and all(steps[id].stop for id in stopping)


# --- measures --------------------------------------------------------------------------------------------------------


class Played(Arms):
    """Arms whose patients are given."""

    def __init__(self, *played: Course, records: tuple[Record, ...] = (), samples: tuple[Sampled, ...] = ()) -> None:
        super().__init__(calibration(), loaded()[1], 1)
        self._courses = {"drugs": list(played)}
        self._records = {"drugs": list(records)}
        self._samples = {"drugs": list(samples)}


def patient(end: int, *, died: bool = False, cells: int | None = None) -> Course:
    states = ((0, "gut", "severe"), (50, "gut", "quiet"))
    return Course(states, () if cells is None else ((cells, "hsct"),), end, died)


def measure(**keys: Any) -> Measure:
    """A measure of the arm `drugs`, times in minutes."""
    return Measure.model_validate({kind: {"of": "drugs", **asked} for kind, asked in keys.items()})


def figure(arms: Arms, **keys: Any) -> ConfidenceInterval | None:
    return measured_in(arms, measure(**keys))


def test_measures_of_a_few_patients_come_out_by_hand() -> None:
    arms = Played(patient(100_000, died=True, cells=20), patient(900_000, cells=100), patient(900_000))
    found = figure(arms, share={"holds": {"comes": {"died": True}}})
    assert found is not None and found.value == pytest.approx(1 / 3)
    after = figure(arms, survival={"since": "transplant", "after": "80 d"})
    assert after is not None and after.value == 0.5
    gone = figure(arms, deaths={"after": "80 d"})
    assert gone is not None and gone.value == pytest.approx(1 / 3) and gone.low < gone.value < gone.high
    quiet = figure(arms, median={"to": {"entered": {"gut": "quiet"}}, "unit": "d"})
    assert quiet is not None and quiet.value == 50 / 1440
    aged = figure(arms, median={"to": {"died": True}, "unit": "d", "plus": "1 d"})
    assert aged is not None and aged.value == 100_000 / 1440 + 1


def test_where_nobody_can_be_asked_there_is_no_figure() -> None:
    arms = Played(patient(9))
    assert figure(arms, share={"among": ("transplanted",), "holds": "suppressed"}) is None
    assert figure(arms, survival={"since": "transplant", "after": "5 min"}) is None
    assert figure(arms, median={"to": "transplant", "unit": "d"}) is None
    assert figure(arms, flagged={"observable": "ige", "flag": "H"}) is None
    assert figure(arms, incidence={"transitions": ("infection.line_infected",), "on": "central_line"}) is None


def test_flags_and_days_on_a_therapy_are_counted_in_the_logs() -> None:
    line = ((0, "central_line", True), (1440, "central_line", False), (2880, "central_line", True))
    arms = Played(
        records=(
            Record({"ige": "H"}, ("infection.line_infected", "gut.flare"), line, 4320),
            Record({"ige": ""}, (), (), 99),
        )
    )
    found = figure(arms, flagged={"observable": "ige", "flag": "H"})
    assert found is not None and found.value == 0.5
    fired = figure(arms, incidence={"transitions": ("infection.line_infected",), "on": "central_line"})
    assert fired is not None and fired.value == pytest.approx(1 / 0.002)


def read(*glucose: float, died: bool = False, **others: tuple[float, ...]) -> Sampled:
    """A patient whose glucose and other values are read every half hour."""
    end = 30 * (len(glucose) - 1)
    return Sampled(patient(end, died=died, cells=30), 30, {"glucose": glucose, **others})


def test_values_are_read_on_a_grid_from_a_moment_until_death() -> None:
    someone = read(30, 20, 15, 12, 9, died=True)
    assert someone.of("glucose", 0, 1000) == (30, 20, 15, 12, 9)
    assert someone.of("glucose", 31, 45) == (15,)
    assert someone.of("glucose", 60, 30) == (15, 12)


def test_what_true_values_say_comes_out_by_hand() -> None:
    arms = Played(samples=(read(30, 20, 15, 12, 9), read(24, 23, 22, 21, 20), read(10, 9, 8, 7, 6)))

    def said(**keys: Any) -> float:
        found = figure(arms, values={"within": "2 h", **keys})
        assert found is not None
        return found.value

    fall = {"observable": "glucose", "to": 12}
    assert said(fall=fall, say="mean") == (12 + 2) / 2  # 18 in 1.5 h, 4 in 2 h; who starts at 12 is not asked
    assert said(fall=fall, say="sd") == pytest.approx(50**0.5)
    assert said(fall=fall, share={"above": 1.5, "below": 5}) == 0.5
    assert said(lowest="glucose") == 9
    assert said(highest="glucose") == 24
    assert said(when_lowest="glucose", since="transplant") == 1.5
    assert said(change="glucose") == -4
    assert said(lowest="glucose", share={"below": 9}) == pytest.approx(2 / 3)
    assert said(beyond={"glucose": {"below": 12}}, share={"below": 2}) == pytest.approx(2 / 3)


def test_bounds_are_waited_for_together_and_who_never_comes_waits_for_ever() -> None:
    ph = {"ph": (7.2, 7.3, 7.4)}
    arms = Played(samples=(read(20, 16, 10, **ph), read(20, 19, 18, **ph), read(20, 19, 18, **ph)))
    over = {"ph": {"above": 7.3}, "glucose": {"below": 14}}
    assert figure(arms, values={"within": "1 h", "beyond": over}) is None
    within = figure(arms, values={"within": "1 h", "beyond": over, "share": {"below": 1}})
    assert within is not None and within.value == pytest.approx(1 / 3)


@pytest.mark.parametrize(
    "keys",
    [
        {"lowest": "glucose", "highest": "glucose"},
        {},
        {"lowest": "glucose", "share": {}},
        {"lowest": "glucose", "say": "mean", "share": {"below": 3}},
    ],
)
def test_values_say_one_thing_of_one_figure(keys: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="expected"):
        measure(values={"within": "1 h", **keys})


def test_a_patient_is_given_the_moves_of_a_plan_and_is_read_as_often_as_the_arm_says() -> None:
    arms = Arms(calibration(), loaded()[1], 20)
    for arm, given in (("dose_005", True), ("dose_0", False)):
        for someone in arms.samples(arm):
            assert (someone.course.ordered(("insulin_infusion",)) is not None) == given
            assert len(someone.values["glucose"]) == someone.course.end // 15 + 1
            assert "blood_gas" not in {order for _, order in someone.course.orders}
    assert arms.courses("dose_005") == [someone.course for someone in arms.samples("dose_005")]


def test_a_difference_is_the_first_less_the_second() -> None:
    arms = Played(patient(100, died=True), patient(900))
    share = {"share": {"of": "drugs", "holds": {"comes": {"died": True}}}}
    none = {"share": {"of": "drugs", "holds": {"comes": {"ordered": "hsct"}}}}
    found = measured_in(arms, Measure.model_validate({"difference": (share, none)}))
    assert found is not None and found.value == 0.5 and found.low < 0.5 < found.high


def test_a_course_is_asked_for_moments() -> None:
    course = patient(100, died=True, cells=20)
    assert course.at(49)["gut"] == "severe" and course.at(50)["gut"] == "quiet"
    assert course.lives_at(99) and not course.lives_at(100)
    assert patient(100).lives_at(100) and not patient(100).lives_at(101)


def test_moments_follow_one_another_and_none_comes_before_what_it_waits_for() -> None:
    def minute(course: Course, **keys: Any) -> int | None:
        return minute_of(calibration(), course, Moment.model_validate(keys))

    course = patient(100, cells=20)
    assert minute(course) == 0 and minute(course, plus="5 min") == 5
    assert minute(course, moment="transplant", plus="5 min") == 25
    assert minute(course, entered={"gut": "quiet"}, since="transplant") == 50
    assert minute(patient(100), entered={"gut": "quiet"}, since="transplant") is None
    assert minute(patient(100, cells=60), entered={"gut": "quiet"}, since="transplant") is None


def test_criteria_are_met_or_not() -> None:
    def met(course: Course, **keys: Any) -> bool:
        return meets(calibration(), course, Criterion.model_validate(keys))

    course, quiet = patient(100, cells=20), {"entered": {"gut": "quiet"}}
    assert met(course, comes=quiet, within="50 min") and not met(course, comes=quiet, within="49 min")
    late = {**quiet, "since": "transplant"}
    assert met(course, comes=late, within="30 min") and not met(course, comes=late, within="29 min")
    assert met(course, **{"in": {"gut": "quiet"}}, at="50 min")
    assert not met(course, **{"in": {"gut": "severe"}}, at="50 min")
    assert met(course, lives="transplant") and not met(patient(100), lives="transplant")
    assert met(course, **{"not": "suppressed"}) and met(course, all=("transplanted",))
    assert met(course, any=("suppressed", "transplanted")) and not met(course, all=("suppressed", "transplanted"))


def row_with(band: dict[str, object]) -> Row:
    return Row.model_validate(
        {"id": "x", "what": "X", "evidence": ("cal-oi",), "published": "x", "band": band, "who": "drugs",
         "measure": {"share": {"of": "drugs", "holds": {"comes": {"died": True}}}}}
    )  # fmt: skip


def test_bands_come_from_print_from_counts_or_from_an_assumption() -> None:
    bounds = Figure(row_with({"counts": ("13 of 30", "29 of 30")}), None).bounds
    assert bounds.low == pytest.approx(0.255, abs=0.001) and bounds.high > 0.99
    row = row_with({"printed": {"low": 20, "high": 40}})
    assert Figure(row, ConfidenceInterval(0.4, 0.1, 0.9)).inside
    assert not Figure(row, ConfidenceInterval(0.41, 0.1, 0.9)).inside
    assert not Figure(row, None).inside
    assert simulated_text(Figure(row, ConfidenceInterval(0.4, 0.1, 0.9))) == "40.0% (10.0-90.0%)"


# --- the file and the command ----------------------------------------------------------------------------------------


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """A calibration of somebody's own, of the case that ships."""
    (tmp_path / "calibration").mkdir()
    return Path(shutil.copy(FILE, tmp_path / "calibration" / "ipex.yaml"))


def broken(own: Path, changes: dict[str, tuple[str, str]]) -> tuple[set[tuple[int, str]], set[tuple[int, str]]]:
    """Make each change ({old: (new, message)}); return (line, message) of what is found wrong, and of what is."""
    lines, made = own.read_text(encoding="utf-8").splitlines(), set()
    for old, (new, message) in changes.items():
        number = next(number for number, line in enumerate(lines) if old in line)
        lines[number] = lines[number].replace(old, new, 1)
        made.add((number + 1, message))
    own.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return {(problem.line, problem.message) for problem in check([own])}, made


def test_every_id_that_names_nothing_is_told_with_its_line(own: Path) -> None:
    found, made = broken(own, {
        "{ordered: hsct}": ("{ordered: hsc}", "unknown order or group of orders 'hsc'"),
        "holds: suppressed": ("holds: supressed", "unknown criterion 'supressed'"),
        "since: transplant, after: 9 y": ("since: graft, after: 9 y", "unknown moment 'graft'"),
        "of: untouched,": ("of: untuched,", "unknown arm 'untuched'"),
        "pathway: {plan: whole": ("pathway: {plan: hole", "unknown plan 'hole'"),
        "start: {thyroid: hypothyroid": ("start: {thyroid: slow", "region 'thyroid' has no state 'slow'"),
        "infection.line_infected, ": ("infection.line, ", "unknown transition 'infection.line'"),
        "observable: ige": ("observable: igg5", "unknown observable 'igg5'"),
        "evidence: [cal-lr-treg]": ("evidence: [cal-lr]", "unknown evidence id 'cal-lr'"),
        "on: central_line": ("on: hsct_meeting", "'hsct_meeting' is not a therapy: it never runs"),
        "skip: {starting: skin_care}": ("skip: {starting: dupilumab}", "no step of the pathway starts 'dupilumab'"),
        "taper: {ordered: steroid_taper}": ("taper: {moment: taper}", "'taper' is not known here yet"),
        "- id: tregs": ("- id: ige", "the id 'ige' is used by a row above already"),
        "change: weight": ("change: wait", "unknown observable 'wait'"),
        "{stop: insulin_infusion}": ("{stop: moonbeam}", "unknown order 'moonbeam'"),
    })  # fmt: skip
    assert found == made


def test_what_is_no_calibration_is_told_with_its_line(own: Path) -> None:
    found, made = broken(own, {
        "[13 of 30]": ("[31 of 30]", "expected a count such as '13 of 30', found '31 of 30'"),
        "policy: none": ("policy: 'x and y'", "expected one of 'pathway', 'none', found the text 'x and y'"),
        "{lives: 4 y}": ("{lives: 4 y, code: print}", "unknown key 'code'"),
    })  # fmt: skip
    assert found == made


def test_moves_may_stand_in_a_file_nearby(own: Path) -> None:
    (own.parent / "night.yaml").write_text("- order: oxygen\n- order: moonbeam\n", encoding="utf-8")
    text = own.read_text(encoding="utf-8")
    here = "  nothing: {policy: none, moves: %s}"
    own.write_text(text.replace("  nothing: {policy: none}", here % "night.yaml"), encoding="utf-8")
    (found,) = check([own])
    assert (Path(found.file).name, found.line, found.message) == ("night.yaml", 2, "unknown order 'moonbeam'")
    for elsewhere in ("../../night.yaml", "night.txt"):
        own.write_text(text.replace("  nothing: {policy: none}", here % elsewhere), encoding="utf-8")
        (found,) = check([own])
        assert found.message.startswith("expected a list of moves, or the path of a .yaml file")


def test_values_are_asked_only_of_arms_that_are_read(own: Path) -> None:
    found, made = broken(own, {
        "  dose_1: {plan: insulin_1, horizon: 50 h, sampled: 15 min,":
            ("  dose_1: {plan: insulin_1, horizon: 50 h,", ""),
    })  # fmt: skip
    assert made and {message for _, message in found} == {
        "expected arms with the same 'sampled': how often their values are read"
    }


def test_a_calibration_of_no_case_is_told(own: Path) -> None:
    found, made = broken(own, {"case: drying_out": ("case: drying_uot", "unknown case 'drying_uot'")})
    assert found == made


MOON = """
sections:
  - title: Moon
    rows:
      - id: moon
        what: Patients on the moon
        evidence: [cal-oi]
        published: none
        band: {{assumed: {{low: 90, high: 100}}}}
        who: pathway
        measure: {{share: {{of: untreated, holds: {{comes: {{ordered: hsct}}}}}}}}{miss}
limits: None.
"""


def test_a_row_outside_without_a_reason_fails_the_command(
    own: Path, tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    text, out = own.read_text(encoding="utf-8"), tmp_path / "table.md"
    head = text[: text.index("\nsections:")]
    for miss, code in (("", 1), ("\n        miss: There is no air.", 0)):
        own.write_text(head + MOON.format(miss=miss), encoding="utf-8")
        assert main(["calibrate", str(own), "--n", "4", "--out", str(out)]) == code
        assert b"outside: moon: 0.0%" in capsysbinary.readouterr().out
    assert "- `moon`: There is no air." in out.read_text(encoding="utf-8")
    assert main(["calibrate", str(own), "--n", "4", "--json"]) == 0
    told = json.loads(capsysbinary.readouterr().out)
    assert told["rows"][0]["simulated"]["value"] == 0 and not told["rows"][0]["inside"]


def test_a_calibration_that_is_not_there_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["calibrate", "ipx"]) != 0
    assert "there is no calibration 'ipx'" in capsys.readouterr().err


def test_the_calibration_that_ships_is_sound() -> None:
    assert check([FILE]) == ()
    assert isinstance(calibration(), Calibration)
