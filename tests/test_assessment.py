"""The assessment: gate, profile, band, and what must never pass."""

from __future__ import annotations

import json

import pytest

from scoring.assess.assessment import Assessment, assess, to_plain
from scoring.assess.gate import find_caps
from scoring.assess.order_values import DEFAULT, PENDING
from scoring.parameters import BANDS
from sim.case.model.conditions import Condition, Since
from sim.case.model.pathway import Step
from sim.case.model.pitfalls import OrderValue, Pattern, Pitfall, Repeated
from sim.case.model.scenario import Scenario
from sim.engine.log import CheckpointReached, DifferentialStated, Event, StateEntered
from tinycase import (
    DAY,
    TOY,
    checkpoint,
    ended,
    log,
    opened,
    pitfall,
    placed,
    result,
    scenario,
    started,
    step,
    stopped,
    value,
)

STEPS = [
    step("sugar", "sugar"),
    step("drip", "fluids", after="sugar"),
    step("gene", "gene", weight="should", within="2 d"),
    step("talk", "story", weight="could", within="1 d"),
]
GOOD: list[Event] = [
    placed(0, "sugar"),
    placed(5, "fluids", 2),
    started(5, "fluids"),
    result(10, "sugar", glucose=20),
    placed(60, "story", 3),
    placed(70, "gene", 4),
]
TWICE = Pattern(repeated=Repeated(order="poison", more_than=1))


def judged(*events: Event, steps: list[Step] | None = None, end: int | None = 10 * DAY, **more: object) -> Assessment:
    return assess(scenario(STEPS if steps is None else steps, **more), log(*events, end=end))


def test_the_pathway_done_in_time_and_order_is_exemplary() -> None:
    found = judged(*GOOD)
    assert (found.band, found.gate, found.share, found.caps) == ("exemplary", None, 1.0, ())
    assert (found.thoroughness, found.efficiency) == (1.0, 1.0)


# --- the gate -------------------------------------------------------------------------------------------------


def poisoned(severity: str) -> Pitfall:
    return pitfall("poisoned", severity, TWICE)


@pytest.mark.parametrize(("severity", "band"), [("critical", "unsafe"), ("major", "sound"), ("minor", "exemplary")])
def test_a_pitfall_caps_the_band_by_its_severity(severity: str, band: str) -> None:
    found = judged(*GOOD, placed(80, "poison", 5), placed(81, "poison", 6), pitfalls=[poisoned(severity)])
    assert found.band == band
    assert (found.gate is None) == (severity == "minor")


def test_a_critical_harm_makes_the_attempt_unsafe_and_any_other_harm_keeps_it_from_the_top() -> None:
    for critical, band in ((True, "unsafe"), (False, "sound")):
        found = judged(*GOOD, placed(80, "poison", 5), values=[value("poison", "harmful", critical=critical)])
        assert found.band == band
        assert found.gate is not None
        assert "Poison" in found.gate


def test_only_a_harm_can_be_critical() -> None:
    with pytest.raises(ValueError, match="expected it with 'value: harmful'"):
        value("poison", "wasteful", critical=True)
    assert OrderValue(order="poison", value="harmful", because="It is.", critical=True, **TOY).critical


def test_a_missed_must_keeps_the_band_down_however_much_else_was_done() -> None:
    many = [step(f"s{i}", "scan", weight="should", within="9 d") for i in range(12)]
    scans = [placed(200 * (i + 1), "scan", i + 5) for i in range(12)]
    found = judged(*GOOD[:1], *GOOD[3:], *scans, steps=STEPS + many)
    assert found.share is not None
    assert found.share > 0.85
    assert found.band == "developing"
    assert found.gate == "A must was missed: Do drip."


def test_a_critical_must_is_named_before_any_other_that_was_missed() -> None:
    steps = [step("a", "sugar"), step("b", "gene", critical=True)]
    found = judged(steps=steps)
    assert found.gate == "A critical step was missed: Do b."
    assert [cap.rule for cap in found.caps] == ["critical_must_missed", "must_missed"]


def test_a_late_must_and_one_out_of_order_keep_the_top_away() -> None:
    late = judged(placed(61, "sugar"), placed(70, "fluids", 2), *GOOD[4:])
    assert late.band == "sound"
    assert late.gate == "A must was late: Do sugar; Do drip."
    disordered = judged(placed(5, "fluids"), placed(9, "sugar", 2), *GOOD[4:])
    assert [cap.rule for cap in disordered.caps] == ["must_out_of_order"]
    assert disordered.band == "sound"


def test_more_than_three_names_are_counted() -> None:
    steps = [step(name, "gene") for name in "abcde"]
    assert judged(steps=steps).gate == "A must was missed: Do a; Do b; Do c and 2 more."


def test_a_share_of_the_pathway_below_the_thresholds_needs_no_gate() -> None:
    coulds = [step(f"c{i}", "scan", weight="could") for i in range(4)]
    sound = judged(*GOOD, steps=STEPS + coulds)
    assert (sound.band, sound.gate) == ("sound", None)
    low = judged(*GOOD, steps=STEPS + coulds * 1 + [step(f"d{i}", "scan", weight="should") for i in range(4)])
    assert (low.band, low.gate) == ("developing", None)


def test_the_outcome_moves_nothing() -> None:
    lib = scenario(STEPS)
    alive = assess(lib, (opened(), *GOOD, ended(DAY, "horizon", "home", 1.0)))
    dead = assess(lib, (opened(), *GOOD, ended(DAY, "outcome", "home", 0.0)))
    assert alive == dead


def test_an_early_end_with_most_windows_open_shows_too_little() -> None:
    steps = [step(name, "scan", within="1 d") for name in "abc"] + [step("talk", "story")]
    found = judged(placed(1, "story"), steps=steps, end=30)
    assert found.share == 1.0
    assert found.band == "developing"
    assert found.gate is not None
    assert "too little was seen" in found.gate
    assert judged(*GOOD[:3], *GOOD[4:], end=71).band == "exemplary"


# --- what must never pass -------------------------------------------------------------------------------------


def below_sound(found: Assessment) -> bool:
    return BANDS.index(found.band) < BANDS.index("sound")


@pytest.mark.parametrize("end", [0, 1, 30, 60, 600, 10 * DAY])
def test_doing_nothing_never_passes(end: int) -> None:
    assert below_sound(judged(end=end))


def test_ordering_everything_never_passes() -> None:
    everything = list(scenario().catalogue.orders)
    orders = [placed(i, order, i + 1) for i, order in enumerate(["sugar", "fluids", *everything])]
    extra = [placed(20 + i, "scan", 50 + i) for i in range(4)]
    found = judged(*orders, *extra)
    assert all(item.verdict == "in_time" for item in found.pathway)
    assert found.efficiency is not None
    assert found.efficiency < 0.4
    assert below_sound(found)
    assert found.gate is not None
    assert "did not bear on this patient" in found.gate


@pytest.mark.parametrize("order", ["sugar", "gene", "fluids", "story"])
def test_repeating_one_good_order_never_passes(order: str) -> None:
    assert below_sound(judged(*(placed(i * DAY, order, i + 1) for i in range(10))))


def test_delaying_a_must_never_raises_the_band() -> None:
    bands = []
    for delay in (0, 30, 60, 90, 120, 150, 5000):
        events = sorted([*GOOD[3:], placed(delay, "sugar"), placed(delay, "fluids", 2)], key=lambda event: event.at)
        bands.append(BANDS.index(judged(*events).band))
    assert bands == sorted(bands, reverse=True)


# --- orders outside the pathway -------------------------------------------------------------------------------


def values_of(*events: Event, values: list[OrderValue] | None = None) -> list[tuple[str, str]]:
    found = judged(*events, steps=[], values=values or [])
    return [(item.order, item.value) for item in found.values]


def test_an_order_nobody_speaks_of_is_neutral() -> None:
    found = judged(placed(5, "scan"), steps=[])
    assert [(v.order, v.at, v.event, v.value, v.because) for v in found.values] == [("scan", 5, 1, "neutral", DEFAULT)]


def test_an_order_is_worth_what_the_true_state_just_before_it_makes_it() -> None:
    rules = [
        value("insulin", "harmful", Condition(in_={"sugar": "fine"})),
        value(("insulin", "fluids"), "useful"),
    ]
    events = [
        StateEntered(0, "sugar", "high", None),
        placed(5, "insulin"),
        StateEntered(9, "sugar", "fine", "sugar.treated"),
        placed(9, "insulin", 2),
        placed(9, "fluids", 3),
    ]
    assert values_of(*events, values=rules) == [("insulin", "useful"), ("insulin", "harmful"), ("fluids", "useful")]


def test_a_second_sample_before_the_first_has_a_result_is_wasteful() -> None:
    found = values_of(placed(0, "sugar"), placed(9, "sugar", 2), result(10, "sugar", number=1),
                      result(19, "sugar", number=2), placed(20, "sugar", 3))  # fmt: skip
    assert found == [("sugar", "neutral"), ("sugar", "wasteful"), ("sugar", "neutral")]
    assert judged(placed(0, "sugar"), placed(9, "sugar", 2), steps=[]).values[1].because == PENDING


def test_a_second_sample_that_harms_is_harmful_and_one_called_useful_is_still_wasteful() -> None:
    twice = [placed(0, "gene"), placed(9, "gene", 2)]
    assert values_of(*twice, values=[value("gene", "useful")]) == [("gene", "useful"), ("gene", "wasteful")]
    assert values_of(*twice, values=[value("gene", "harmful")]) == [("gene", "harmful"), ("gene", "harmful")]


def test_an_order_of_the_pathway_is_not_valued_again() -> None:
    assert judged(*GOOD, values=[value("sugar", "harmful")]).values == ()


# --- gathering ------------------------------------------------------------------------------------------------


def test_thoroughness_is_the_weighted_share_of_what_was_to_be_found_out() -> None:
    assert judged(placed(0, "sugar")).thoroughness == pytest.approx(3 / 6)
    assert judged(placed(70, "sugar")).thoroughness == pytest.approx(3 / 6)
    assert judged(steps=[step("drip", "fluids")]).thoroughness is None


def test_efficiency_weighs_by_cost_and_spares_cheap_questions() -> None:
    def effort(*orders: str, values: list[OrderValue] | None = None) -> float | None:
        placements = [placed(0, "sugar"), *(placed(i + 1, o, i + 2) for i, o in enumerate(orders))]
        return judged(*placements, steps=[step("sugar", "sugar")], values=values or []).efficiency

    assert effort() == 1.0
    assert effort("look") == pytest.approx(1 / 1.2)
    assert effort("scan") == pytest.approx(1 / 4.2)
    assert effort("advice") == pytest.approx(1 / 2)
    assert effort("scan", values=[value("scan", "useful")]) == 1.0
    assert effort("scan", values=[value("scan", "wasteful")]) == pytest.approx(1 / 5)
    assert judged(steps=[]).efficiency is None


def test_stopping_a_therapy_costs_no_effort() -> None:
    lib = scenario([step("halt", "insulin", stop=True)])
    found = assess(lib, log(started(0, "insulin"), stopped(5, "insulin")))
    assert found.pathway[0].verdict == "in_time"
    assert found.efficiency is None


def test_blood_is_counted_per_kilogram_and_at_its_worst_in_four_weeks() -> None:
    found = judged(
        placed(0, "gene"),
        placed(DAY, "sugar", 2),
        result(2 * DAY, "sugar", weight=6.0),
        placed(28 * DAY, "gene", 3),
        steps=[],
        end=40 * DAY,
    ).blood
    assert found.total == pytest.approx(1.0 + 0.5 / 3 + 0.5)
    assert found.worst == pytest.approx(1.0 + 0.5 / 3)
    assert found.share == pytest.approx(found.worst / 80)


# --- the plain form -------------------------------------------------------------------------------------------


def test_the_plain_form_has_the_parts_of_the_contract_and_nothing_else() -> None:
    lib = scenario(STEPS, [poisoned("minor")], checkpoints=[checkpoint("1 h", aa="50%"), checkpoint("2 h", aa="90%")])
    played = log(
        *GOOD[:5],
        CheckpointReached(60, 0),
        DifferentialStated(60, (("aa", 1 / 3),)),
        GOOD[5],
        CheckpointReached(120, 1),
        placed(130, "poison", 5),
        placed(131, "poison", 6),
    )
    plain = to_plain(assess(lib, played))
    assert list(plain) == [
        "band", "gate", "pathway", "pitfalls", "thoroughness", "efficiency", "diagnosis", "decisions",
    ]  # fmt: skip
    assert plain["pathway"][0] == {"step": "sugar", "weight": "must", "verdict": "in_time", "at": 0, "event": 1}
    assert plain["pitfalls"] == [{"id": "poisoned", "at": 131, "event": 11}]
    assert plain["decisions"] == []
    assert plain["diagnosis"] == {
        "final": 0.889,
        "trend": None,
        "missing": [1],
        "statements": [{"at": 60, "event": 7, "brier": 0.889}],
        "checkpoints": [
            {"number": 0, "at": 60, "event": 7, "brier": 0.889, "expert": 0.5},
            {"number": 1, "at": 120, "event": None, "brier": None, "expert": 0.02},
        ],
    }
    assert json.dumps(plain) == json.dumps(to_plain(assess(lib, played)))


def test_every_event_index_points_to_the_order_it_names() -> None:
    played = log(*GOOD)
    for item in to_plain(assess(scenario(STEPS), played))["pathway"]:
        assert played[item["event"]].at == item["at"]


def test_an_unfinished_or_empty_log_is_judged_as_far_as_it_goes() -> None:
    assert judged(*GOOD[:3], end=None).band == "exemplary"
    nothing = assess(scenario(STEPS), ())
    assert (nothing.band, nothing.share) == ("developing", None)


def test_caps_come_severest_first() -> None:
    lib: Scenario = scenario(STEPS, [poisoned("critical")])
    found = assess(lib, log(placed(0, "poison"), placed(1, "poison", 2)))
    assert [cap.band for cap in found.caps] == sorted((cap.band for cap in found.caps), key=BANDS.index)
    assert find_caps(lib, (), (), (), None) == ()


def test_the_worked_example_of_the_documentation_comes_out_as_told() -> None:
    steps = [
        step("sugar", "sugar", within="10 min"),
        step("fluid", "fluids", within="30 min", after="sugar"),
        step("insulin", "insulin", after="fluid", when=Condition(since=Since(ordered="fluids", at_least="1 h"))),
        step("family", "family", weight="should", within="1 d"),
        step("gene", "gene", weight="should", within="2 d", after="family"),
    ]

    def played(gene: int, family: int, insulin: int) -> Assessment:
        acts = [(gene, "gene"), (family, "family"), (insulin, "insulin"), (200, "scan"), (200, "sugar")]
        later = [placed(at, order, 3 + number) for number, (at, order) in enumerate(sorted(acts))]
        first = [placed(0, "sugar"), placed(5, "fluids", 2), started(5, "fluids"), result(10, "sugar")]
        stated = [CheckpointReached(300, 0), DifferentialStated(300, (("aa", 0.5), ("bb", 0.3)))]
        return judged(*first, *later, *stated, steps=steps, checkpoints=[checkpoint("5 h", aa="60%")])

    found = played(gene=20, family=70, insulin=140)
    assert [item.verdict for item in found.pathway] == ["in_time", "in_time", "late", "in_time", "out_of_order"]
    assert found.pathway[2].due == 65
    assert found.share == pytest.approx(10 / 13)
    assert (found.band, found.gate) == ("sound", "A must was late: Do insulin.")
    assert found.thoroughness == 1.0
    assert found.efficiency == pytest.approx(9 / 12.4)
    assert found.diagnosis.final == pytest.approx(0.38)
    better = played(gene=71, family=70, insulin=125)
    assert (better.band, better.efficiency) == ("exemplary", found.efficiency)
