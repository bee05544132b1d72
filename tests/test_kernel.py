"""The cohort kernel lives the lives that sessions live, to the minute, and starts from any moment of one."""

from __future__ import annotations

import math
import pickle
import subprocess
import sys
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import randomcase
import tinycase
from sim.case.heads import case_heads
from sim.case.library import load
from sim.case.model.pathway import Step
from sim.case.model.scenario import Scenario
from sim.case.moves import AskHint, Finish, Move, PlaceOrder, StateDifferential, StopTherapy, Wait
from sim.engine.fate import Fate, philox
from sim.engine.kernel import (
    NOT_MET,
    NOTHING,
    PATHWAY,
    Outcomes,
    Plan,
    Program,
    State,
    compile_program,
    plan_of,
    run,
    state_of,
    tape,
    trajectory,
)
from sim.engine.kernel.plan import moves_of
from sim.engine.kernel.program import written_by
from sim.engine.kernel.sessions import played
from sim.engine.log import CaseEnded
from sim.engine.patient import CaseFault
from sim.engine.policy import following, policy
from sim.engine.session import IllegalMove, Session
from smalldisease import course, go, library_of, region

pytestmark = pytest.mark.slow

HOUR, DAY = 60, 1440
numbers = st.integers(0, 2**32 - 1)
seeds = st.integers(0, 2**64 - 1)


def outcome_of(session: Session) -> tuple[int, str, float]:
    ended = session.log[-1]
    assert isinstance(ended, CaseEnded)
    return ended.at, ended.ending, ended.utility


def outcomes_in(outcomes: Outcomes) -> list[tuple[int, str, float]]:
    names = (outcomes.endings[place] for place in outcomes.ending)
    return list(zip(outcomes.end, names, outcomes.utility, strict=True))


def agree(program: Program, seed: int, plan: Plan, start: State | None = None, fresh: bool = True) -> None:
    """The kernel and a session enter the same states and place the same orders in the same minutes."""
    begin = None if start is None else (start.seed, start.moves)
    try:
        session = played(program.scenario, program.chart, seed, plan, None, begin, fresh)
    except CaseFault:
        with pytest.raises(CaseFault):
            tape(program, seed, plan, start=start, fresh=fresh)
        return
    assert tape(program, seed, plan, start=start, fresh=fresh) == written_by(session)
    assert outcomes_in(run(program, [seed], plan, start=start, fresh=fresh)) == [outcome_of(session)]


def compiled(scenario: Scenario) -> Program:
    program = compile_program(scenario)
    if not program.compiled:
        pytest.importorskip("numba")
        pytest.fail("the kernel cannot play this case")
    return program


# --- the same lives ----------------------------------------------------------------------------------------------


@settings(max_examples=150, deadline=None)
@given(numbers, seeds)
def test_kernel_and_session_agree_to_the_minute_on_random_cases(number: int, seed: int) -> None:
    chance = Random(number)
    scenario = randomcase.scenario(chance)
    agree(compiled(scenario), seed, randomcase.plan(chance, scenario))


@settings(max_examples=60, deadline=None)
@given(numbers, seeds, seeds)
def test_they_agree_on_every_other_future_from_any_moment(number: int, seed: int, other: int) -> None:
    chance = Random(number)
    scenario = randomcase.scenario(chance)
    start = state_in_the_middle(scenario, seed, chance)
    if start is not None:
        plan = randomcase.plan(chance, scenario)
        agree(compiled(scenario), other, plan, start)
        agree(compiled(scenario), other, plan, start, fresh=False)


def state_in_the_middle(scenario: Scenario, seed: int, chance: Random) -> State | None:
    session = Session(scenario, seed)
    for move in randomcase.moves(chance):
        try:
            session.apply(move)
        except (IllegalMove, CaseFault):
            continue
        if session.ended:
            return None
    return state_of(session)


@pytest.mark.parametrize("case", [head.id for head in case_heads()])
def test_they_agree_on_every_shipped_case(case: str) -> None:
    scenario = load(case)
    program = compiled(scenario)
    steps = [step.id for step in scenario.case.pathway]
    chance = Random(case)
    late = Plan(skip=frozenset(chance.sample(steps, 3)), delay=dict.fromkeys(chance.sample(steps, 4), 600))
    for seed in range(1, 9):
        agree(program, seed, PATHWAY)
    for seed in range(9, 13):
        agree(program, seed, late)
        agree(program, seed, NOTHING)
    agree(program, 13, plan_of("everything", scenario))


@settings(max_examples=30, deadline=None)
@given(numbers, seeds, st.integers(0, 40))
def test_the_same_fate_continued_is_the_same_life(number: int, seed: int, count: int) -> None:
    scenario = randomcase.scenario(Random(number))
    program = compiled(scenario)
    session = Session(scenario, seed)
    try:
        for _, move in zip(range(count), following()(session), strict=False):
            session.apply(move)
        whole = trajectory(program, seed)
    except CaseFault:
        return
    if not session.ended:
        assert trajectory(program, seed, start=state_of(session), fresh=False) == whole


def test_a_classical_case_played_to_any_moment_continues_as_it_would_have() -> None:
    scenario = load("drying_out")
    program = compiled(scenario)
    session = Session(scenario, 4)
    for _, move in zip(range(90), following()(session), strict=False):
        session.apply(move)
    start = state_of(session)
    assert trajectory(program, 4, start=start, fresh=False) == trajectory(program, 4)
    for seed in (11, 12):
        agree(program, seed, PATHWAY, start)


# --- chance, bit for bit -----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def drawn() -> Any:
    """Every draw of the compiled generator at once, as a function of seed, stream and k."""
    numba = pytest.importorskip("numba")
    from sim.engine.kernel import chance

    def draw(seed: int, stream: int, k: int) -> Any:
        return (
            chance.words(seed, stream, k), chance.uniform(seed, stream, k), chance.exponential(seed, stream, k),
            chance.normal(seed, stream, k), chance.whole(seed, stream, 5, 977, k),
        )  # fmt: skip

    return numba.njit(draw)


@settings(max_examples=200, deadline=None)
@given(seed=seeds, stream=seeds, k=st.integers(0, 2**40))
def test_compiled_chance_draws_what_fate_draws(drawn: Any, seed: int, stream: int, k: int) -> None:
    fate = Fate(seed)
    words, *rest = drawn(seed - (seed >> 63 << 64), stream - (stream >> 63 << 64), k)
    assert words == philox((seed, stream), k)[:2]
    assert rest == [
        fate.uniform(stream, k), fate.exponential(stream, k), fate.normal(stream, k), fate.whole(stream, 5, 977, k),
    ]  # fmt: skip


@pytest.fixture(scope="module")
def rounded() -> Any:
    numba = pytest.importorskip("numba")
    from sim.engine.kernel import chance

    return numba.njit(lambda value, decimals: chance.rounded(value, decimals))


@settings(max_examples=300, deadline=None)
@given(value=st.floats(-1e6, 1e6), decimals=st.integers(0, 6), half=st.integers(-(10**6), 10**6))
def test_compiled_rounding_is_pythons(rounded: Any, value: float, decimals: int, half: int) -> None:
    near = (half + 0.5) / 10**decimals
    for number in (value, near, math.nextafter(near, 0), math.nextafter(near, 1e9)):
        assert rounded(number, decimals) == round(number, decimals)


# --- plans -------------------------------------------------------------------------------------------------------


def test_a_delayed_step_comes_so_much_later_and_a_skipped_one_never() -> None:
    scenario = with_steps(tinycase.step("look", "look"), tinycase.step("fill", "fluids", after="look"))
    assert placed(scenario, Plan()) == [(0, "look"), (2, "fluids")]
    assert placed(scenario, Plan(delay={"fill": 3 * HOUR})) == [(0, "look"), (2 + 3 * HOUR, "fluids")]
    assert placed(scenario, Plan(delay={"look": HOUR})) == [(HOUR, "look"), (HOUR + 2, "fluids")]
    assert placed(scenario, Plan(skip=frozenset({"look"}))) == [(0, "fluids")]


def test_first_moves_come_before_the_pathway_and_may_do_its_steps() -> None:
    scenario = with_steps(tinycase.step("look", "look"), tinycase.step("fill", "fluids"))
    program = compile_program(scenario)
    first = (PlaceOrder("fluids", "high"), Wait(DAY), StopTherapy("insulin"))
    assert placed(scenario, Plan(moves=first)) == [(0, "fluids"), (DAY, "look")]
    assert run(program, [1], first_moves=first, milestones=["order:look"]).met["order:look"][0] == DAY


def with_steps(*steps: Step) -> Scenario:
    scenario = library_of(gut=region("ill well", go("heals", "ill", "well", on={"start": "fluids"})))
    return scenario.model_copy(update={"case": scenario.case.model_copy(update={"pathway": steps})})


def placed(scenario: Scenario, plan: Plan) -> list[tuple[int, str]]:
    return [(at, what) for at, kind, what in tape(compiled(scenario), 1, plan) if kind == "placed"]


def test_names_of_policies_are_plans() -> None:
    scenario = with_steps()
    assert plan_of("pathway", scenario) == PATHWAY
    assert plan_of("none", scenario) == NOTHING
    assert [at for at, _ in placed(scenario, plan_of("repeat:scan", scenario))][:3] == [0, DAY, 2 * DAY]
    assert [order for _, order in placed(scenario, plan_of("everything", scenario))] == list(scenario.catalogue.orders)
    for unknown in ("random", "best", "repeat:nonsense"):
        with pytest.raises(ValueError, match="plan"):
            plan_of(unknown, scenario)


@pytest.mark.parametrize(
    "plan",
    [
        Plan(skip=frozenset({"nothing"})),
        Plan(delay={"fill": -1}),
        Plan(moves=(PlaceOrder("nothing"),)),
        Plan(moves=(PlaceOrder("fluids", "bucket"),)),
        Plan(moves=(StopTherapy("nothing"),)),
        Plan(moves=(Wait(0),)),
        Plan(moves=(StateDifferential((("aa", 0.7), ("bb", 0.7))),)),
        Plan(moves=(StateDifferential((("zz", 0.7),)),)),
    ],
)
def test_a_plan_names_only_what_the_case_has(plan: Plan) -> None:
    program = compile_program(with_steps(tinycase.step("fill", "fluids")))
    with pytest.raises(ValueError, match=r"step|order|dose|differential|waiting"):
        run(program, [1], plan)


# --- cohorts -----------------------------------------------------------------------------------------------------


def deadly() -> Scenario:
    life = region("alive dead", go("dies", "alive", "dead", median="10 d"), outcomes="dead")
    return library_of(gut=region("ill well", go("heals", "ill", "well", median="5 d")), life=life)


def test_outcomes_say_when_and_how_each_seed_ended_and_what_it_met() -> None:
    scenario = deadly()
    wanted = ("life.dead", "gut.well", "order:scan", "result:scan")
    outcomes = run(compiled(scenario), range(40), Plan(moves=(PlaceOrder("scan"),)), milestones=wanted)
    assert len(outcomes) == 40
    for seed in outcomes.seeds:
        session = Session(scenario, seed)
        session.apply(PlaceOrder("scan"))
        if not session.ended:
            session.apply(Finish())
        assert outcomes_in(outcomes)[seed] == outcome_of(session)
        dead = outcomes.outcome[seed] >= 0
        assert dead == (outcomes.met["life.dead"][seed] != NOT_MET)
        assert not dead or outcomes.outcomes[outcomes.outcome[seed]] == "life.dead"
        healed = [at for at, state in course(session, "gut") if state == "well"]
        assert outcomes.met["gut.well"][seed] == (healed[0] if healed else NOT_MET)
        assert (outcomes.met["order:scan"][seed], outcomes.met["result:scan"][seed]) in {(0, 120), (0, NOT_MET)}


def test_sessions_give_the_same_numbers_without_compiled_code() -> None:
    scenario = deadly()
    wanted = ("gut.well", "result:sugar")
    plan = Plan(moves=(PlaceOrder("sugar"),))
    fast = run(compiled(scenario), range(30), plan, milestones=wanted)
    slow = run(compile_program(scenario, by_sessions=True), range(30), plan, milestones=wanted)
    assert fast == slow


def test_it_runs_where_numba_is_missing_and_imports_nothing_heavy_before_it_runs() -> None:
    script = (
        "import sys; sys.modules['numba'] = None; sys.path.insert(0, 'tests')\n"
        "import sim, scoring, sim.engine.kernel as kernel, tinycase\n"
        "assert not {'numpy', 'numba', 'llvmlite'} - {'numba'} & set(sys.modules)\n"
        "program = kernel.compile_program(tinycase.scenario())\n"
        "print(program.compiled, list(kernel.run(program, range(9)).end))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    expected = list(run(compiled(tinycase.scenario()), range(9)).end)
    assert done.stdout.split(maxsplit=1) == ["False", f"{expected}\n"]


def test_a_seed_counts_modulo_two_to_the_64th() -> None:
    program = compiled(deadly())
    assert run(program, [-1]) == run(program, [2**64 - 1])


def test_an_empty_cohort_is_empty() -> None:
    assert list(run(compiled(deadly()), []).end) == []


def test_a_program_travels_to_another_process() -> None:
    program = compiled(deadly())
    there = pickle.loads(pickle.dumps(program))  # noqa: S301 - our own
    assert run(there, [1, 2, 3]) == run(program, [1, 2, 3])


def test_an_unknown_milestone_is_refused() -> None:
    program = compile_program(deadly())
    for name in ("gut.nowhere", "order:nothing", "first:scan"):
        with pytest.raises(ValueError, match="milestone"):
            run(program, [1], milestones=[name])


def test_what_compiled_code_has_no_room_for_is_played_by_sessions() -> None:
    scenario = deadly()
    many = Plan(follows=False, moves=(PlaceOrder("gene"),) * 150)
    agree(compiled(scenario), 1, many)
    wide = region(
        " ".join(f"s{i}" for i in range(70)), go("goes", "s0", "s1", median="1 d", when={"in": {"gut": "s0"}})
    )
    program = compile_program(library_of(gut=wide))
    assert not program.compiled
    assert len(trajectory(program, 1)) >= 2
    scenario = with_steps(tinycase.step("a", "gene", when={"shows": {"observable": "glucose", "above": 3}}))
    observables = scenario.catalogue.observables
    whole = observables | {"glucose": observables["glucose"].model_copy(update={"whole_of": ("pulse",)})}
    changed = scenario.catalogue.model_copy(update={"observables": whole})
    assert compile_program(scenario).compiled
    assert not compile_program(scenario.model_copy(update={"catalogue": changed})).compiled


def test_a_zero_time_loop_is_the_cases_fault_here_too() -> None:
    scenario = library_of(gut=region("a b", go("there", "a", "b", after="0 min"), go("back", "b", "a", after="0 min")))
    with pytest.raises(CaseFault):
        run(compiled(scenario), [1])


# --- other futures -----------------------------------------------------------------------------------------------


def test_other_futures_share_the_past_and_differ_from_then_on() -> None:
    scenario = deadly()
    seed = next(s for s in range(50) if not Session(scenario, s).ended and survives(scenario, s, 2 * DAY))
    session = Session(scenario, seed)
    session.apply(Wait(2 * DAY))
    start, program = state_of(session), compiled(scenario)
    past = [entry for entry in trajectory(program, seed) if entry[0] <= 2 * DAY]
    futures = [trajectory(program, other, NOTHING, start=start) for other in range(20)]
    assert all(future[: len(past)] == past for future in futures)
    assert len({tuple(future) for future in futures}) > 10


def survives(scenario: Scenario, seed: int, minutes: int) -> bool:
    session = Session(scenario, seed)
    session.apply(Wait(minutes))
    return not session.ended


def test_hazards_that_remember_nothing_give_fresh_futures_their_own_law() -> None:
    """Of patients alive after ten days as many must survive ten more as of all survive the first ten: one half."""
    scenario = deadly()
    session = Session(scenario, next(s for s in range(50) if survives(scenario, s, 10 * DAY)))
    session.apply(Wait(10 * DAY))
    alive = run(compiled(scenario), range(2000), NOTHING, start=state_of(session), horizon=20 * DAY).outcome.count(-1)
    assert abs(alive / 2000 - 0.5) < 4 * math.sqrt(0.25 / 2000)


def test_a_start_beyond_the_end_is_refused() -> None:
    program, start = compiled(deadly()), State(1, (Finish(),))
    for chosen in (program, compile_program(program.scenario, by_sessions=True)):
        with pytest.raises(ValueError, match="ended"):
            run(chosen, [1], start=start)


@pytest.mark.parametrize("seeds", [range(3, 40), range(40, 3, -3), range(-5, 5), range(2**64 - 3, 2**64 + 3), range(0)])
def test_seeds_are_the_same_patients_however_they_are_given(seeds: range) -> None:
    program = compile_program(randomcase.scenario(Random(3)))
    one, other = run(program, seeds, NOTHING), run(program, list(seeds), NOTHING)
    assert one == other
    assert list(one.seeds) == [seed % 2**64 for seed in seeds]


def test_the_moves_of_a_log_lead_to_its_present_moment() -> None:
    session = Session(with_steps(), 3)
    made: list[Move] = [PlaceOrder("fluids", "high"), PlaceOrder("sugar"), Wait(DAY), AskHint(), StopTherapy("fluids"),
                        StateDifferential((("aa", 0.5),)), Wait(None, "time")]  # fmt: skip
    for move in made[:-1]:
        session.apply(move)
    moves = moves_of(session.log)
    assert Wait(10) in moves  # cut where the sugar came back
    again = Session(with_steps(), 3)
    for move in moves:
        again.apply(move)
    assert again.now == session.now
    assert again.running == session.running
    assert [move for move in moves if not isinstance(move, Wait)] == [
        move for move in made if not isinstance(move, Wait | AskHint)
    ]


def test_the_random_policy_is_no_plan_but_its_moves_are() -> None:
    scenario = deadly()
    session = Session(scenario, 7)
    for move in policy("random", str)(session):
        session.apply(move)
    assert trajectory(compiled(scenario), 7, Plan(follows=False, moves=moves_of(session.log))) == [
        (at, *what.split(".")) for at, kind, what in written_by(session) if kind == "entered"
    ]
