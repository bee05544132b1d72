"""Calibration: the cohorts are what they say, the table names every row, and a small run agrees with the kept one."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from sim.authoring.calibrate.__main__ import main
from sim.authoring.calibrate.cohorts import DRUGS, FIRST_SIGNS, STEROIDS, TRANSPLANT, Cohorts, steps_with
from sim.authoring.calibrate.course import Course
from sim.authoring.calibrate.row import Row, alive, assumed, dead, from_n, opened, part, printed, transplanted, waits
from sim.authoring.calibrate.rows_survival import burden
from sim.authoring.calibrate.table import PARTS, ROWS, Measured, document, measure, told
from sim.case.library import load
from sim.case.model.scenario import Scenario
from sim.cohorts.survival import Interval

pytestmark = pytest.mark.slow

DAY, YEAR = 1440, 525960
TABLE = Path(__file__).parents[1] / "docs" / "calibration.md"
SMALL = 160
POINTS, PART = 0.10, 0.25
"""How far a small run may stray beyond its own interval: a share by points, anything else by a part of it."""


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return load("ipex_classical")


@pytest.fixture(scope="module")
def cohorts(scenario: Scenario) -> Cohorts:
    return Cohorts(scenario, SMALL)


@pytest.fixture(scope="module")
def measured(cohorts: Cohorts) -> dict[str, Measured]:
    return {each.row.id: each for each in measure(cohorts)}


def kept(row: Row) -> tuple[float, bool]:
    """The figure in the kept table, in the unit of the row's band, and whether it is said to be inside."""
    line = next(line for line in TABLE.read_text(encoding="utf-8").splitlines() if line.startswith(f"| `{row.id}` |"))
    cells = [cell.strip() for cell in line.split("|")]
    figure = re.match(r"-?\d+\.\d+", cells[5])
    assert figure is not None, line
    return float(figure[0]) / (100 if row.unit == "%" else 1), cells[6] == "inside"


# --- the kept table ------------------------------------------------------------------------------------------------


def test_every_row_rests_on_evidence_that_exists(scenario: Scenario) -> None:
    for row in ROWS:
        assert row.evidence and set(row.evidence) <= set(scenario.evidence), row.id


def test_no_two_rows_share_a_name() -> None:
    assert len({row.id for row in ROWS}) == len(ROWS) > 60


def test_a_row_that_rests_on_an_assumption_says_so() -> None:
    for row in ROWS:
        if row.band.source == "assumed":
            assert len(row.note or row.miss) > 5 or row.published, row.id
    text = TABLE.read_text(encoding="utf-8")
    assert text.count(", assumed |") == sum(row.band.source == "assumed" for row in ROWS)


def test_the_kept_table_names_every_row_with_what_was_published() -> None:
    text = TABLE.read_text(encoding="utf-8")
    for row in ROWS:
        assert f"| `{row.id}` | {row.what} (" in text
        assert f"| {row.published} |" in text


def test_every_row_outside_its_band_is_explained() -> None:
    text = TABLE.read_text(encoding="utf-8")
    outside = text[text.index("## Outside, and why") : text.index("## What the model cannot speak to")]
    assert "Not explained" not in outside
    for row in ROWS:
        assert kept(row)[1] != (f"- `{row.id}`: " in outside)


def test_every_section_of_published_outcomes_is_spoken_to() -> None:
    named = {id for row in ROWS for id in row.evidence} | set(re.findall(r"`([a-z0-9-]+)`", TABLE.read_text("utf-8")))
    for id in ("cal-barz-hsct", "cal-barz-is", "cal-fr-all", "cal-fr-hsct", "cal-fr-is", "cal-jamee-hsct", "cal-h-is",
               "cal-jamee-other", "cal-untreated", "cal-oi", "cal-age-death-fr", "cal-cause-split", "cal-siro",
               "cal-disease-free", "cal-steroid-dep", "cal-early-dm", "cal-h-untreated", "cal-h-hsct", "cal-h-check",
               "cal-lr-ige", "cal-lr-eos", "cal-lr-treg", "cal-better", "cal-worse", "cal-forkhead"):  # fmt: skip
        assert id in named, id


# --- a small run ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)
def test_a_small_run_agrees_with_the_kept_table(row: Row, measured: dict[str, Measured]) -> None:
    simulated, (figure, inside) = measured[row.id].simulated, kept(row)
    if simulated is None:
        assert row.boys == "pathway, severe disease"
        return
    slack = POINTS if row.unit == "%" else PART * max(figure, simulated.value)
    assert simulated.low - slack <= figure <= simulated.high + slack
    if inside:
        assert simulated.low - slack <= row.band.high and row.band.low <= simulated.high + slack


def test_the_document_has_every_part(scenario: Scenario, measured: dict[str, Measured]) -> None:
    text = document(scenario, SMALL, list(measured.values()))
    assert all(f"\n## {title}\n" in text for title, _ in PARTS)
    assert f"Cohorts of {SMALL} boys" in text
    assert max(len(line) for line in text.splitlines() if not line.startswith("|")) <= 120


def test_the_same_size_gives_the_same_boys(scenario: Scenario, cohorts: Cohorts) -> None:
    assert Cohorts(scenario, SMALL).drugs == cohorts.drugs
    assert Cohorts(scenario, SMALL // 2).drugs == cohorts.drugs[: SMALL // 2]


def test_a_row_outside_without_a_reason_fails_the_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def row(**more: str) -> Row:
        return Row("moon", "Boys on the moon", ("cal-oi",), "none", assumed(0.9, 1.0), "%", "pathway",
                   lambda c: part(c.untreated, lambda x: False), **more)  # fmt: skip

    out = tmp_path / "table.md"
    for rows, code in (((row(),), 1), ((row(miss="There is no air."),), 0)):
        monkeypatch.setattr("sim.authoring.calibrate.table.ROWS", rows)
        monkeypatch.setattr("sim.authoring.calibrate.table.PARTS", (("Moon", rows),))
        assert main(["--n", "4", "--out", str(out)]) == code
        assert "outside: moon: 0.0%" in capsys.readouterr().out
    assert "- `moon`: There is no air." in out.read_text(encoding="utf-8")


# --- the cohorts are what they say -----------------------------------------------------------------------------------


def test_nobody_on_drugs_is_transplanted_and_nearly_everybody_gets_one(cohorts: Cohorts) -> None:
    assert not any(course.ordered(TRANSPLANT) for course in cohorts.drugs)
    assert sum(course.ordered(DRUGS) is not None for course in cohorts.drugs) > 0.85 * SMALL


def test_supportive_care_is_neither_drug_nor_transplant_and_untreated_is_nothing(cohorts: Cohorts) -> None:
    assert not any(course.ordered(TRANSPLANT | DRUGS) for course in cohorts.supportive)
    assert not any(course.orders for course in cohorts.untreated)
    assert any(course.ordered(("insulin_infusion",)) for course in cohorts.supportive)


def test_steroids_alone_are_never_tapered_and_a_burst_always_is(cohorts: Cohorts) -> None:
    sparing = DRUGS - STEROIDS
    for course in (*cohorts.steroids, *cohorts.burst):
        assert course.ordered(sparing) is None or course.ordered(("gvhd_prophylaxis",)) is not None
    assert not any(course.ordered(("steroid_taper",)) for course in cohorts.steroids)
    assert any(course.ordered(("steroid_taper",)) for course in cohorts.burst)


def test_boys_present_with_their_first_sign_only_and_in_the_published_shares(cohorts: Cohorts) -> None:
    boys = cohorts.presenting
    for sign, (share, start) in FIRST_SIGNS.items():
        these = [course for course in boys if course.ever("first_sign", (sign,))]
        assert len(these) == max(1, SMALL * share // 100)
        for course in these:
            opening = course.at(0)
            assert all(opening[region] == state for region, state in start.items() if region != "circulation")


def test_boys_with_many_organs_ill_count_more_at_transplant(cohorts: Cohorts) -> None:
    def many(courses: list[Course]) -> float:
        counted = [burden(course) for course in courses if transplanted(course) is not None]
        return sum(state != "low" for state in counted) / len(counted)

    assert many(cohorts.many_organs) > many(cohorts.pathway) + 0.3


def test_steps_are_found_by_what_they_order(scenario: Scenario) -> None:
    steps = {step.id: step for step in scenario.case.pathway}
    for id in steps_with(scenario, {"hsct"}):
        assert "hsct" in steps[id].do and not steps[id].stop
    assert steps_with(scenario, STEROIDS, stopping=True)
    assert all(steps[id].stop for id in steps_with(scenario, STEROIDS, stopping=True))


# --- measures --------------------------------------------------------------------------------------------------------


def boy(end: int, *, died: bool = False, cells: int | None = None) -> Course:
    states = ((0, "gut", "severe"), (50, "gut", "quiet"))
    return Course(states, () if cells is None else ((cells, "hsct"),), end, died)


def test_measures_of_a_few_boys_come_out_by_hand() -> None:
    boys = [boy(100, died=True, cells=20), boy(1000, cells=100), boy(1000)]
    found = part(boys, lambda course: course.dead)
    assert found is not None and found.value == pytest.approx(1 / 3)
    after = alive(boys, transplanted, 80)
    assert after is not None and after.value == 0.5
    gone = dead(boys, opened, 100)
    assert gone is not None and gone.value == pytest.approx(1 / 3) and gone.low < gone.value < gone.high
    quiet = waits(boys, lambda course: course.first("gut", ("quiet",)), 10)
    assert quiet is not None and quiet.value == 5
    assert part([], lambda course: True) is None and alive([boy(9)], transplanted, 5) is None


def test_a_course_is_asked_for_moments() -> None:
    course = boy(100, died=True, cells=20)
    assert course.at(49)["gut"] == "severe" and course.at(50)["gut"] == "quiet"
    assert course.organs(49) == 1 and course.organs(50) == 0
    assert course.lives_at(99) and not course.lives_at(100)
    assert boy(100).lives_at(100) and not boy(100).lives_at(101)
    assert course.ever("gut", ("quiet",)) and not course.ever("gut", ("quiet",), 49)


def test_bands_come_from_print_from_n_or_from_an_assumption() -> None:
    band = from_n((13, 30), (29, 30))
    assert band.low == pytest.approx(0.255, abs=0.001) and band.high > 0.99
    row = Row("x", "X", ("cal-oi",), "x", printed(0.2, 0.4), "%", "pathway", lambda c: None)
    assert Measured(row, Interval(0.4, 0.1, 0.9)).inside
    assert not Measured(row, Interval(0.41, 0.1, 0.9)).inside
    assert not Measured(row, None).inside
    assert told(Measured(row, Interval(0.4, 0.1, 0.9))) == "40.0% (10.0-90.0%)"
