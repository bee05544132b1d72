"""Small memoryless cases solved exactly: closed forms, what is sampled, and what cannot be solved."""

from __future__ import annotations

import math
from itertools import product
from typing import Any

import pytest

from sim.case.model.case import Ending, Sequela
from sim.case.model.conditions import Condition
from sim.case.model.scenario import Scenario
from sim.engine.kernel import NOTHING, compile_program, run
from smalldisease import TOY, go, library_of, region

np = pytest.importorskip("numpy")
pytest.importorskip("scipy")

from sim.engine import exact  # noqa: E402

DAY = 1440
LN2 = math.log(2)
LIVES = 4000


def times(x: float, **when: Any) -> dict[str, Any]:
    return {"x": x, "when": when, **TOY}


def illness_death(death: str = "30 d") -> Scenario:
    """Well, ill, dead: onset at ln 2 / 20 d, death from health at ln 2 / 60 d, from illness faster."""
    life = region(
        "well ill dead",
        go("onset", "well", "ill", median="20 d"),
        go("sudden", "well", "dead", median="60 d"),
        go("late", "ill", "dead", median=death),
        outcomes="dead",
    )
    return library_of(life=life)


def two_regions(**more: Any) -> Scenario:
    """A gut and a skin that hurry each other, and a life that depends on both."""
    gut = region(
        "quiet active",
        go("flares", "quiet", "active", median="18 d", modifiers=[times(3, **{"in": {"skin": "sore"}})]),
        go("settles", "active", "quiet", median="8 d", modifiers=[times(2, effect="fluids")]),
        initial={"quiet": "60%", "active": "40%"},
    )
    skin = region(
        "clear sore",
        go("breaks", "clear", "sore", risk="50% by 24 d", when={"in": {"gut": "active"}}),
        go("heals", "sore", "clear", median="12 d", modifiers=[times(0.5, not_={"in": {"gut": "quiet"}})]),
    )
    life = region(
        "alive dead",
        go("dies", "alive", "dead", median="80 d",
           modifiers=[times(4, all=[{"in": {"gut": "active"}}, {"in": {"skin": "sore"}}])]),
        outcomes="dead",
    )  # fmt: skip
    return library_of(gut=gut, skin=skin, life=life, **more)


def three_regions() -> Scenario:
    """A ring: each region worsens while the one before it is bad, and one way out ends at one region's whim."""
    ring = ["gut", "skin", "blood"]
    regions = {
        name: region(
            "good poor bad",
            go("worse", ["good", "poor"], "bad", median="45 d",
               modifiers=[times(2.5, **{"in": {before: ["poor", "bad"]}}), times(0, running="poison")]),
            go("eases", "bad", "poor", median="15 d"),
            go("recovers", "poor", "good", median="21 d", when={"not": {"in": {before: "bad"}}}),
        )
        for name, before in zip(ring, ring[-1:] + ring[:-1], strict=True)
    }  # fmt: skip
    life = region(
        "alive died lost",
        go("dies", "alive", "died", median="150 d", when={"in": {"blood": "bad"}}),
        go("leaves", "alive", "lost", median="270 d"),
        outcomes="died lost",
    )
    return library_of(**regions, life=life)


def with_an_ending_for_each(solved: exact.Exact, scenario: Scenario, minutes: int) -> Scenario:
    """The case, ended at a minute, with one ending for each configuration: what is sampled is the occupation."""
    chart = solved.chart
    endings = tuple(
        Ending(
            id=f"c{i}", title="An end", text="It ends.", utility=(i % 11) / 11,
            when=Condition(in_={r: (chart.states[k][state],) for k, (r, state) in enumerate(
                zip(chart.regions, configuration, strict=True))}),
        )
        for i, configuration in enumerate(solved.configurations)
    )  # fmt: skip
    last = Ending(id="other", title="Elsewhere", text="It ends.", utility=0)
    case = scenario.case.model_copy(update={"endings": (*endings, last), "horizon": minutes})
    return scenario.model_copy(update={"case": case})


def given(scenario: Scenario, *therapies: str) -> Scenario:
    case = scenario.case.model_copy(update={"given": dict.fromkeys(therapies, "low")})
    return scenario.model_copy(update={"case": case})


def test_an_illness_death_model_has_its_closed_form() -> None:
    a, b, c = LN2 / (20 * DAY), LN2 / (60 * DAY), LN2 / (30 * DAY)
    for minutes in (0, 1, DAY, 17 * DAY, 100 * DAY):
        found = exact.occupation(illness_death(), minutes)["life"]
        well = math.exp(-(a + b) * minutes)
        ill = a / (a + b - c) * (math.exp(-c * minutes) - well)
        assert found == pytest.approx({"well": well, "ill": ill, "dead": 1 - well - ill}, abs=1e-12)


def test_where_illness_changes_nothing_the_dead_are_those_of_one_rate() -> None:
    dead = exact.occupation(illness_death("60 d"), 60 * DAY)["life"]["dead"]
    assert dead == pytest.approx(0.5, abs=1e-12)


def test_competing_ends_share_in_proportion_to_their_rates() -> None:
    life = region(
        "well ill recovered dead",
        go("onset", "well", "ill", median="20 d"),
        go("sudden", "well", "dead", median="60 d"),
        go("late", "ill", "dead", median="30 d"),
        go("cure", "ill", "recovered", median="10 d"),
        outcomes="dead recovered",
    )
    solved = exact.solve(library_of(life=life))
    assert solved.absorption() == pytest.approx({"life.recovered": 0.75 * 0.75, "life.dead": 0.25 + 0.75 * 0.25})


def test_a_life_that_may_never_end_has_no_final_utility() -> None:
    life = region(
        "ill well dead",
        go("cure", "ill", "well", median="10 d"),
        go("dies", "ill", "dead", median="30 d"),
        outcomes="dead",
    )
    solved = exact.solve(library_of(life=life))
    assert solved.absorption() == pytest.approx({"life.dead": 0.25})
    with pytest.raises(ValueError, match="never come to an outcome"):
        solved.final_utility()


def test_utility_counts_endings_and_what_was_lost() -> None:
    scenario = illness_death()
    endings = (
        Ending(id="died", title="Died", text="He died.", utility=0, when=Condition(in_={"life": ("dead",)})),
        Ending(id="home", title="Home", text="He is home.", utility=0.9),
    )
    sequelae = (Sequela(when=Condition(in_={"life": ("ill",)}), minus=0.25, text="He is ill."),)
    case = scenario.case.model_copy(update={"endings": endings, "sequelae": sequelae})
    solved = exact.solve(scenario.model_copy(update={"case": case}))
    at = solved.occupation(30 * DAY)["life"]
    assert solved.utility(30 * DAY) == pytest.approx(0.9 * at["well"] + 0.65 * at["ill"])
    assert solved.utility() == pytest.approx(solved.utility(100 * DAY))
    assert solved.final_utility() == pytest.approx(0)


def test_regions_that_know_nothing_of_each_other_multiply() -> None:
    gut = region("a b", go("there", "a", "b", median="9 d"), go("back", "b", "a", median="5 d"))
    skin = region("c d", go("there", "c", "d", median="3 d"))
    solved = exact.solve(library_of(gut=gut, skin=skin))
    at = solved.occupation(11 * DAY)
    places = solved.chart.numbering
    for configuration, chance in zip(solved.configurations, solved.probabilities(11 * DAY), strict=True):
        parts = [at[name][solved.chart.states[i][configuration[i]]] for name, (i, _) in places.items()]
        assert chance == pytest.approx(math.prod(parts), abs=1e-12)


CASES = {
    "illness and death": (illness_death(), ()),
    "two regions": (two_regions(), ()),
    "two regions, treated": (two_regions(), ("fluids",)),
    "three regions in a ring": (three_regions(), ()),
    "three regions, protected": (three_regions(), ("poison",)),
}


@pytest.mark.parametrize("days", [10, 45])
@pytest.mark.parametrize("name", CASES)
def test_what_is_sampled_agrees_with_what_is_exact(name: str, days: int) -> None:
    scenario, therapies = CASES[name]
    solved = exact.solve(scenario, therapies)
    sampled = with_an_ending_for_each(solved, given(scenario, *therapies), days * DAY)
    outcomes = run(compile_program(sampled), range(LIVES), NOTHING)
    ended = np.frombuffer(outcomes.ending, dtype=np.int64)
    assert "other" not in {outcomes.endings[place] for place in set(ended.tolist())}

    chances, rounding = solved.probabilities(days * DAY), solved.rounding(days * DAY)
    assert chances.sum() == pytest.approx(1, abs=1e-9)
    assert rounding < 0.003  # rates were chosen so that whole minutes cannot be what differs
    for i, regions in enumerate(solved.chart.states):
        for state, _ in enumerate(regions):
            inside = np.array([c[i] == state for c in solved.configurations])
            chance, share = float(chances[inside].sum()), float(inside[ended].mean())
            error = math.sqrt(max(chance * (1 - chance), 0) / LIVES)
            assert abs(share - chance) <= 3 * error + rounding

    utility = np.frombuffer(outcomes.utility)
    worth = float(exact.solve(sampled, therapies).utility())
    assert abs(utility.mean() - worth) <= 3 * utility.std(ddof=1) / math.sqrt(LIVES) + rounding


def test_ends_that_are_sampled_agree_with_the_linear_solve() -> None:
    scenario = three_regions()
    long = scenario.model_copy(update={"case": scenario.case.model_copy(update={"horizon": 4000 * DAY})})
    expected = exact.solve(long).absorption()
    outcomes = run(compile_program(long), range(LIVES), NOTHING)
    for name, chance in expected.items():
        share = sum(outcomes.outcomes[place] == name for place in outcomes.outcome) / LIVES
        assert abs(share - chance) <= 3 * math.sqrt(chance * (1 - chance) / LIVES)


def test_a_therapy_given_by_the_case_counts_like_one_that_runs() -> None:
    asked = exact.occupation(two_regions(), 20 * DAY, running=["fluids"])
    assert exact.occupation(given(two_regions(), "fluids"), 20 * DAY) == asked
    assert exact.occupation(two_regions(), 20 * DAY)["gut"]["quiet"] < asked["gut"]["quiet"]


def test_every_configuration_that_can_be_reached_is_there() -> None:
    solved = exact.solve(three_regions())
    reached = {c for c in product(range(3), repeat=4) if c[3] != 1 or c[2] == 2}  # he dies while the blood is bad
    assert set(solved.configurations) == reached


ALIVE = go("dies", "alive", "dead", median="20 d")


@pytest.mark.parametrize(
    ("how", "message"),
    [
        ({"after": "2 d"}, "gut.moves is a stay: it remembers when its state was entered"),
        ({"on": {"enter": {"life": "dead"}}}, "gut.moves waits for an event that may happen by itself"),
        ({"median": "2 d", "when": {"age": {"from": "30 d"}}}, "gut.moves asks for an age that is passed on the way"),
        ({"median": "2 d", "modifiers": [times(2, told="worse")]}, r"gut.moves remembers a call \(worse\)"),
    ],
)
def test_what_is_not_memoryless_is_named(how: dict[str, Any], message: str) -> None:
    life = region("alive dead", ALIVE | {"call": "He is worse.", "reveals": "worse"}, outcomes="dead")
    scenario = library_of(gut=region("a b", go("moves", "a", "b", **how)), life=life)
    with pytest.raises(exact.NotMemoryless, match=message):
        exact.occupation(scenario, DAY)


def test_what_cannot_happen_to_a_patient_left_alone_is_no_obstacle() -> None:
    gut = region(
        "a b",
        go("treated", "a", "b", on={"start": "fluids"}),
        go("young", "a", "b", median="2 d", when={"age": {"below": "1 d"}}),
    )
    assert exact.occupation(library_of(gut=gut), 5 * DAY)["gut"] == {"a": 1.0, "b": 0.0}


def test_a_course_that_ends_by_itself_is_not_fixed() -> None:
    with pytest.raises(exact.NotMemoryless, match="the therapy bolus ends by itself"):
        exact.occupation(two_regions(), DAY, running=["bolus"])


def test_only_therapies_run() -> None:
    with pytest.raises(ValueError, match="there is no therapy 'sugar'"):
        exact.occupation(two_regions(), DAY, running=["sugar"])


def test_no_minute_lies_beyond_the_horizon() -> None:
    with pytest.raises(ValueError, match="expected a minute from 0 to the horizon 144000"):
        exact.occupation(two_regions(), 101 * DAY)


def test_too_many_configurations_are_refused() -> None:
    names = ["gut", "skin", "blood", "bone", "lungs", "liver", "brain", "kidney"]
    regions = {n: region("a b c d", initial=dict.fromkeys("abcd", "25%")) for n in names}
    with pytest.raises(exact.NotMemoryless, match="more than 5000 configurations"):
        exact.solve(library_of(**regions))


@pytest.mark.slow
def test_the_shipped_case_is_refused_with_a_reason() -> None:
    from sim.case.library import load

    with pytest.raises(exact.NotMemoryless, match=r"peripheral_access ends by itself|its amount is continuous"):
        exact.solve(load("drying_out"))
