"""Handing over: the team goes on along the pathway, and from then on nothing is booked to the learner."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import randomcase
from scoring.assess.assessment import Assessment, assess
from scoring.assess.handover import own_part
from scoring.debrief.build import debrief
from scoring.review.decisions import decisions_of
from sim.case.model.case import Ending
from sim.case.model.conditions import Condition
from sim.case.model.pitfalls import During, Pattern
from sim.case.model.scenario import Scenario
from sim.case.moves import Finish, Move, PlaceOrder, StateDifferential, Wait
from sim.engine.kernel import compile_program, run, tape
from sim.engine.kernel.plan import Plan, moves_of
from sim.engine.kernel.program import written_by
from sim.engine.log import (
    CaseEnded,
    DifferentialStated,
    HandedOver,
    OrderPlaced,
    TherapyStopped,
    TimePassed,
)
from sim.engine.patient import CaseFault
from sim.engine.policy import following, play
from sim.engine.session import IllegalMove, Session
from smalldisease import go, library_of, region
from tinycase import checkpoint, pitfall, step

HOUR, DAY = 60, 1440
STEPS = (
    step("drip", "fluids", within="1 h", critical=True),
    step("look", "look", within="4 h"),
    step("drug", "insulin", when=Condition(elapsed={"from": "1 d"}), within="2 h", critical=True),
    step("off", "fluids", stop=True, when=Condition(running=("fluids",), elapsed={"from": "2 d"}), within="2 h"),
)


def case(**fields: object) -> Scenario:
    """A boy who dies within days without insulin, and a pathway that gives it on the second day."""
    ill = region("ill well", go("helped", "ill", "well", on={"start": "insulin"}))
    scenario = library_of(gut=ill)
    well = Condition(in_={"gut": ("well",)})
    endings = (
        Ending(id="well", title="Well", text="-", when=well, utility=1.0),
        Ending(id="ill", title="Ill", text="-", utility=0.2),
    )
    changes = {"pathway": STEPS, "endings": endings, **fields}
    return scenario.model_copy(update={"case": scenario.case.model_copy(update=changes)})


def handed(scenario: Scenario, *moves: Move) -> Session:
    session = Session(scenario, 1)
    for move in (*moves, Finish()):
        session.apply(move)
    return session


def judged(scenario: Scenario, *moves: Move) -> Assessment:
    return assess(scenario, handed(scenario, *moves).log)


def verdicts(found: Assessment) -> list[str]:
    return [item.verdict for item in found.pathway]


# --- the team --------------------------------------------------------------------------------------------------


def test_the_team_does_what_the_pathway_asks_and_the_outcome_is_what_that_gives() -> None:
    session = handed(case(), PlaceOrder("look"))
    ended = session.log[-1]
    assert isinstance(ended, CaseEnded)
    assert (ended.ending, ended.handed_over) == ("well", True)
    team = session.log[session.log.index(HandedOver(2)) :]
    assert [(e.at, e.order) for e in team if isinstance(e, OrderPlaced)] == [(2, "fluids"), (DAY, "insulin")]
    assert [(e.at, e.by) for e in team if isinstance(e, TherapyStopped)] == [(2 * DAY, "team")]
    assert {e.asked for e in team if isinstance(e, TimePassed)} == {"finish"}


def test_the_team_answers_what_is_asked_of_it_in_its_own_name() -> None:
    scenario = case(checkpoints=(checkpoint("3 h", aa="80%"), checkpoint("3 d", aa="90%")))
    session = handed(scenario, Wait(4 * HOUR), StateDifferential((("bb", 0.5),)))
    said = [(e.at, e.by) for e in session.log if isinstance(e, DifferentialStated)]
    assert said == [(4 * HOUR, "learner"), (3 * DAY, "team")]
    report = assess(scenario, session.log).diagnosis
    assert [statement.at for statement in report.statements] == [4 * HOUR]
    assert [item.number for item in report.checkpoints] == [0]


def test_the_team_sees_what_the_learner_did() -> None:
    session = handed(case(), PlaceOrder("fluids"), Wait(HOUR))
    assert [e.order for e in session.log if isinstance(e, OrderPlaced)] == ["fluids", "look", "insulin"]


def test_nothing_can_be_done_after_it() -> None:
    with pytest.raises(IllegalMove, match="ended"):
        handed(case()).apply(Wait(1))


def test_the_moves_of_a_log_end_where_it_was_handed_over() -> None:
    session = handed(case(), PlaceOrder("fluids"), Wait(HOUR))
    assert moves_of(session.log) == (PlaceOrder("fluids", "low"), Wait(HOUR), Finish())


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(0, 2**64 - 1))
def test_it_is_the_life_that_the_pathway_would_have_led_from_there(number: int, seed: int) -> None:
    chance = Random(number)
    scenario = randomcase.scenario(chance)
    moves = tuple(move for move in randomcase.moves(chance) if not isinstance(move, Finish))
    one, other = Session(scenario, seed), Session(scenario, seed)
    try:
        play(one, following(first=moves))
        play(other, following(first=(*moves, Finish())))
    except CaseFault:
        return
    assert written_by(one) == written_by(other)
    assert one.snapshot().ended.utility == other.snapshot().ended.utility  # type: ignore[union-attr]


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(0, 2**64 - 1), st.booleans())
def test_the_kernel_hands_over_to_the_minute(number: int, seed: int, follows: bool) -> None:
    pytest.importorskip("numba")
    chance = Random(number)
    scenario = randomcase.scenario(chance)
    program = compile_program(scenario)
    plan = Plan(follows=follows, moves=(*randomcase.moves(chance), Finish()))
    session = Session(scenario, seed)
    try:
        play(session, plan.policy())
    except CaseFault:
        return
    assert program.compiled
    assert tape(program, seed, plan) == written_by(session)
    steps = [f"step:{step.id}" for step in scenario.case.pathway]
    ways = (program, compile_program(scenario, by_sessions=True))
    found, by_hand = (run(one, [seed], plan, milestones=steps) for one in ways)
    assert (found.met, found.utility, found.end) == (by_hand.met, by_hand.utility, by_hand.end)


# --- what is booked ----------------------------------------------------------------------------------------------


def test_what_was_due_counts_as_missed_and_nothing_after_it_counts() -> None:
    found = judged(case(), PlaceOrder("look"))
    assert verdicts(found) == ["missed", "in_time", "not_needed", "not_needed"]
    assert found.gate == "A critical step was missed: Do drip."


def test_what_could_not_be_done_yet_is_not_missed() -> None:
    later = step("later", "advice", not_before="2 h", within="6 h")
    assert verdicts(judged(case(pathway=(later,)), Wait(HOUR))) == ["not_needed"]
    assert verdicts(judged(case(pathway=(later,)), Wait(2 * HOUR))) == ["missed"]


def test_the_team_falls_into_no_pitfall_of_the_learner() -> None:
    pattern = Pattern(during=During(order="insulin", when=Condition(elapsed={"from": "0 min"})))
    scenario = case(pitfalls=(pitfall("gave", "critical", pattern, ("gut.helped",)),))
    found = judged(scenario, PlaceOrder("fluids"), PlaceOrder("look"), Wait(2 * DAY))
    assert found.pitfalls == ()
    assert judged(scenario, PlaceOrder("insulin")).pitfalls[0].id == "gave"


def test_who_hands_over_before_half_of_the_critical_steps_fell_due_is_not_called_sound() -> None:
    more = step("more", "line", when=Condition(elapsed={"from": "2 d"}), critical=True)
    good = PlaceOrder("fluids"), PlaceOrder("look")
    early = judged(case(pathway=(*STEPS[:3], more)), *good)
    assert (early.band, verdicts(early)[:2]) == ("developing", ["in_time", "in_time"])
    assert early.gate == (
        "You handed over at 2 min, too early to be judged: 1 of 3 critical steps of this patient had fallen due."
    )
    assert judged(case(pathway=STEPS[:3]), *good).band == "exemplary"


def test_who_hands_over_before_the_first_checkpoint_is_not_called_sound() -> None:
    scenario = case(pathway=STEPS[:2], checkpoints=(checkpoint("3 h", aa="80%"),))
    good = PlaceOrder("fluids"), PlaceOrder("look")
    early = judged(scenario, *good)
    assert (early.band, early.caps[0].rule) == ("developing", "handed_over_early")
    assert judged(scenario, *good, Wait(3 * HOUR)).band == "exemplary"


def test_it_costs_nothing_by_itself_and_what_came_before_it_does() -> None:
    decisions, _ = decisions_of(case(), 1, [Wait(DAY), Finish()])
    assert [decision.follows for decision in decisions] == [False, True]


def test_the_debrief_says_that_the_team_went_on() -> None:
    session = handed(case(), PlaceOrder("look"))
    told = debrief(session.scenario, session.log, assess(session.scenario, session.log))
    assert told.ended == (
        "The case ran to its end: 3 mo 8 d of the patient's life. You had handed over at 2 min: from then on the team "
        "went on along the pathway. How it ended is what that gave, and nothing of it is booked to you."
    )
    rows = [row for phase in told.phases for row in phase.rows]
    assert rows[2].note == "it never fell due"
    assert not told.extras
    assert own_part(session.log)[-1] == HandedOver(2)
