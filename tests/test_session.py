"""A session: what a move does, what it costs, what it must not change."""

import pytest

import tinycase
from sim.case.model.case import Checkpoint, Ending, Sequela
from sim.case.model.catalogue import Need
from sim.case.model.conditions import Condition, Elapsed
from sim.case.model.disease import Finding
from sim.case.model.pathway import Step
from sim.case.model.scenario import Scenario
from sim.case.moves import AskHint, Finish, Move, PlaceOrder, StateDifferential, StopTherapy, Wait
from sim.engine.log import (
    Called,
    CaseEnded,
    CaseOpened,
    CheckpointReached,
    DifferentialStated,
    EffectBegan,
    EffectEnded,
    HintGiven,
    OrderPlaced,
    OrderRefused,
    ResultReturned,
    StateEntered,
    TherapyStarted,
    TherapyStopped,
    TimePassed,
)
from sim.engine.session import IllegalMove, Session
from smalldisease import go, library_of, of_type, region

HOUR, DAY = 60, 1440


@pytest.fixture
def scenario() -> Scenario:
    """A patient to whom nothing happens."""
    return library_of(gut=region("well ill"))


def cased(scenario: Scenario, **changes: object) -> Scenario:
    """The library with its case changed."""
    return scenario.model_copy(update={"case": scenario.case.model_copy(update=changes)})


def played(scenario: Scenario, *moves: Move, seed: int = 1) -> Session:
    session = Session(scenario, seed)
    for move in moves:
        session.apply(move)
    return session


def test_the_log_opens_with_the_meeting_and_the_hidden_state(scenario: Scenario) -> None:
    first, *rest = Session(scenario, 5).log
    assert first == CaseOpened(0, 5, "Toy", tinycase.AGE, 3.0)
    assert [(e.region, e.hidden) for e in rest] == [("gut", True), ("life", True)]


def test_name_age_and_weight_belong_to_the_seed(scenario: Scenario) -> None:
    spec = scenario.case.patient.model_copy(update={"names": ("A", "B", "C"), "age": (DAY, 9 * DAY)})
    many = [Session(cased(scenario, patient=spec), seed).log[0] for seed in range(40)]
    assert {event.name for event in many} == {"A", "B", "C"}
    assert len({event.age for event in many}) > 30
    assert many[7] == Session(cased(scenario, patient=spec), 7).log[0]


def test_an_order_takes_its_time_and_its_result_comes_after_its_turnaround(scenario: Scenario) -> None:
    session = played(scenario, PlaceOrder("story"), PlaceOrder("scan"), Wait(3 * HOUR))
    assert [(type(e), e.at) for e in session.log[3:]] == [
        (OrderPlaced, 0), (ResultReturned, 2), (OrderPlaced, 2), (TimePassed, 182),
    ]  # fmt: skip
    sugar = played(scenario, PlaceOrder("sugar"), Wait(HOUR))
    (result,) = of_type(sugar, ResultReturned)
    assert (result.at, result.sampled, result.number) == (10, 0, 1)


def test_an_order_with_nothing_to_say_returns_nothing(scenario: Scenario) -> None:
    assert of_type(played(scenario, PlaceOrder("advice"), Wait(DAY)), ResultReturned) == []


def test_a_therapy_runs_acts_after_its_onset_and_wears_off_after_its_offset(scenario: Scenario) -> None:
    session = played(scenario, PlaceOrder("insulin", "high"), Wait(HOUR), StopTherapy("insulin"), Wait(HOUR))
    kinds = (TherapyStarted, EffectBegan, TherapyStopped, EffectEnded)
    assert [(type(e), e.at) for e in session.log if isinstance(e, kinds)] == [
        (TherapyStarted, 0), (EffectBegan, 10), (TherapyStopped, 60), (EffectEnded, 90),
    ]  # fmt: skip


def test_a_therapy_stopped_before_its_onset_never_acts(scenario: Scenario) -> None:
    session = played(scenario, PlaceOrder("insulin"), Wait(5), StopTherapy("insulin"), Wait(HOUR))
    assert of_type(session, EffectBegan) == []


def test_a_new_dose_leaves_no_gap_in_the_effect_and_does_not_start_the_onset_again(scenario: Scenario) -> None:
    session = played(scenario, PlaceOrder("insulin"), Wait(5), PlaceOrder("insulin", "high"), Wait(HOUR))
    assert [e.at for e in of_type(session, EffectBegan)] == [10]
    assert [(e.at, e.by) for e in of_type(session, TherapyStopped)] == [(5, "dose")]
    assert [item.dose for item in session.running] == ["high"]


def test_restarting_while_the_effect_lingers_keeps_it(scenario: Scenario) -> None:
    moves = (PlaceOrder("insulin"), Wait(HOUR), StopTherapy("insulin"), Wait(10), PlaceOrder("insulin"), Wait(HOUR))
    session = played(scenario, *moves)
    assert of_type(session, EffectEnded) == []
    assert len(of_type(session, EffectBegan)) == 1


def test_a_course_ends_by_itself_and_repeating_it_starts_it_again(scenario: Scenario) -> None:
    session = played(scenario, PlaceOrder("bolus"), Wait(20), PlaceOrder("bolus"), Wait(HOUR))
    assert [(e.at, e.by) for e in of_type(session, TherapyStopped)] == [(20, "dose"), (50, "course")]


def test_what_was_running_at_the_opening_is_in_effect(scenario: Scenario) -> None:
    session = Session(cased(scenario, given={"insulin": "low"}), 1)
    assert [e.at for e in of_type(session, EffectBegan)] == [0]


def test_the_ward_refuses_what_it_cannot_do_and_says_why(scenario: Scenario) -> None:
    need = Need(when=Condition(running=("line",)), say="There is no line to give it through.")
    orders = scenario.catalogue.orders
    orders = orders | {"fluids": orders["fluids"].model_copy(update={"needs": (need,)})}
    scenario = scenario.model_copy(update={"catalogue": scenario.catalogue.model_copy(update={"orders": orders})})
    session = Session(scenario, 1)
    assert session.apply(PlaceOrder("fluids")) == (OrderRefused(0, "fluids", "There is no line to give it through."),)
    assert session.now == 0
    session.apply(PlaceOrder("line"))
    assert session.refusal("fluids") is None
    session.apply(PlaceOrder("fluids"))
    assert len(of_type(session, OrderPlaced)) == 2


@pytest.mark.parametrize(
    "move",
    [
        PlaceOrder("nonsense"), PlaceOrder("fluids", "a bucket"), StopTherapy("insulin"), StopTherapy("nonsense"),
        StateDifferential((("aa", 0.7), ("bb", 0.7))), StateDifferential((("zz", 0.1),)),
        StateDifferential((("aa", -0.1),)), StateDifferential((("aa", 0.1), ("aa", 0.1))), Wait(0), Wait(5, "result"),
    ],
)  # fmt: skip
def test_an_impossible_move_changes_nothing(scenario: Scenario, move: Move) -> None:
    session, twin = played(scenario, PlaceOrder("story")), played(scenario, PlaceOrder("story"))
    with pytest.raises(IllegalMove):
        session.apply(move)
    assert session.log == twin.log
    assert session.snapshot() == twin.snapshot()
    rest = (PlaceOrder("insulin"), PlaceOrder("sugar"), Wait(DAY))
    for later in rest:
        assert session.apply(later) == twin.apply(later)


def test_waiting_stops_at_the_next_result_or_at_whatever_happens_or_not_at_all() -> None:
    ill = region("well ill", go("falls", "well", "ill", after="5 min", call="He is pale."))
    assert played(library_of(gut=ill), PlaceOrder("sugar"), Wait(HOUR, "call")).now == 5
    assert played(library_of(gut=ill), PlaceOrder("sugar"), Wait(HOUR, "result")).now == 10
    assert played(library_of(gut=ill), PlaceOrder("sugar"), Wait(HOUR)).now == 60
    assert [e.text for e in of_type(played(library_of(gut=ill), Wait(HOUR)), Called)] == ["He is pale."]


def test_waiting_without_a_limit_ends_with_the_case(scenario: Scenario) -> None:
    session = played(scenario, Wait(None))
    *_, passed, ended = session.log
    assert (passed, ended) == (TimePassed(100 * DAY, 0, "time"), CaseEnded(100 * DAY, "horizon", "home", 1.0, False))
    with pytest.raises(IllegalMove, match="ended"):
        session.apply(Wait(1))


def test_handing_over_plays_the_rest_with_what_runs(scenario: Scenario) -> None:
    session = played(scenario, PlaceOrder("fluids"), Finish())
    assert session.log[-1] == CaseEnded(100 * DAY, "horizon", "home", 1.0, True)
    assert [item.therapy for item in session.running] == ["fluids"]


def test_the_horizon_can_be_moved_for_a_longer_look(scenario: Scenario) -> None:
    session = Session(scenario, 1, horizon=3 * DAY)
    session.apply(Wait(None))
    assert session.now == 3 * DAY


def test_a_checkpoint_asks_once_and_is_answered_by_a_differential(scenario: Scenario) -> None:
    scenario = cased(scenario, checkpoints=(Checkpoint(at="1 h", expert={}, because="Time."),))
    session = played(scenario, Wait(DAY, "call"))
    assert (session.now, session.checkpoint) == (60, 0)
    assert of_type(session, CheckpointReached) == [CheckpointReached(60, 0)]
    session.apply(StateDifferential((("aa", 0.75), ("bb", 0.25))))
    assert session.checkpoint is None
    assert of_type(session, DifferentialStated) == [DifferentialStated(60, (("aa", 0.75), ("bb", 0.25)))]
    assert session.snapshot().differential == (("aa", 0.75), ("bb", 0.25))


def test_the_first_ending_that_holds_counts_less_its_sequelae() -> None:
    scenario = cased(
        library_of(gut=region("ill")),
        endings=(
            Ending(
                id="never", title="Never", text="-", utility=0.1,
                when=Condition(in_={"gut": ("ill",)}, ordered=("poison",)),
            ),
            Ending(id="ill", title="Ill", text="-", when=Condition(in_={"gut": ("ill",)}), utility=0.6),
            Ending(id="home", title="Home", text="-", utility=1.0),
        ),
        sequelae=(
            Sequela(when=Condition(in_={"gut": ("ill",)}), minus=0.15, text="Ill."),
            Sequela(when=Condition(ordered=("poison",)), minus=0.9, text="Poisoned."),
        ),
    )  # fmt: skip
    assert played(scenario, Finish()).log[-1] == CaseEnded(100 * DAY, "horizon", "ill", 0.45, True)
    assert played(scenario, PlaceOrder("poison"), Finish()).log[-1].utility == 0.0


def test_findings_that_hold_are_all_said_and_the_plain_one_only_alone() -> None:
    scenario = library_of(gut=region("ill"), skin=region("red"))
    red = Finding(when=Condition(in_={"skin": ("red",)}), code="red", text="{name} is red.")
    ill = Finding(when=Condition(in_={"gut": ("ill",)}), code="ill", text="He is ill.")
    plain = Finding(code="plain", text="Nothing to see.")
    never = Finding(when=Condition(ordered=("poison",)), text="Poison.")

    def said(*findings: Finding) -> tuple[str, tuple[str, ...]]:
        (result,) = of_type(played(cased(scenario, results={"look": findings}), PlaceOrder("look")), ResultReturned)
        return result.text, result.codes

    assert said(red, never, plain, ill) == ("Toy is red.\nHe is ill.", ("red", "ill"))
    assert said(never, plain) == ("Nothing to see.", ("plain",))
    silent = played(cased(scenario, results={"look": (never,)}), PlaceOrder("look"))
    assert of_type(silent, ResultReturned) == []


def test_a_snapshot_tells_what_a_learner_may_know_and_nothing_of_the_disease() -> None:
    gut = region("ill secretly_worse", go("worsens", "ill", "secretly_worse", after="1 h"))
    session = played(library_of(gut=gut), Wait(2 * HOUR), PlaceOrder("fluids"), PlaceOrder("sugar"))
    snapshot = session.snapshot()
    assert [(item.order, item.due) for item in snapshot.pending] == [("sugar", 130)]
    assert [item.therapy for item in snapshot.running] == ["fluids"]
    assert [vital.observable for vital in snapshot.vitals] == ["pulse"]
    assert not any(isinstance(event, StateEntered) for event in snapshot.visible)
    assert "secretly" not in repr(snapshot)


def test_a_trend_is_evenly_spaced_and_only_of_what_is_monitored(scenario: Scenario) -> None:
    session = played(scenario, Wait(DAY))
    trend = session.trend("pulse", 600, 6)
    assert [minute for minute, _ in trend] == [840, 960, 1080, 1200, 1320, 1440]
    assert all(value == 5 for _, value in trend)
    with pytest.raises(IllegalMove):
        session.trend("glucose", 600, 6)


def test_a_hint_names_the_next_step_that_is_due_and_costs_no_time(scenario: Scenario) -> None:
    steps = (tinycase.step("ask", "story"), tinycase.step("fill", "fluids", after="ask"))
    session = played(
        cased(scenario, pathway=steps), AskHint(), PlaceOrder("story"), AskHint(), PlaceOrder("fluids"), AskHint()
    )
    assert [event.step for event in of_type(session, HintGiven)] == ["ask", "fill", None]


def hints(scenario: Scenario, steps: tuple[Step, ...], *moves: Move) -> list[str | None]:
    session = played(cased(scenario, pathway=steps), *moves)
    return [event.step for event in of_type(session, HintGiven)]


def test_a_hint_is_about_what_is_due_now_and_not_about_what_has_passed(scenario: Scenario) -> None:
    early = Condition(elapsed=Elapsed(below="2 h"))
    steps = (tinycase.step("fill", "fluids", when=early), tinycase.step("look", "look", within="2 d"))
    assert hints(scenario, steps, AskHint(), Wait(3 * HOUR), AskHint()) == ["fill", "look"]


def test_a_hint_names_the_most_pressing_step_and_what_can_earn_nothing_more_last(scenario: Scenario) -> None:
    steps = (
        tinycase.step("ask", "story", weight="could", within="1 h"),
        tinycase.step("look", "look", weight="should", within="50 min"),
        tinycase.step("fill", "fluids", within="90 min"),
    )
    asked = (AskHint(), PlaceOrder("fluids"), AskHint(), Wait(110), AskHint())
    assert hints(scenario, steps, *asked) == ["fill", "look", "ask"]


def test_a_hint_leaves_out_what_runs_already_unless_it_is_to_be_changed(scenario: Scenario) -> None:
    later, runs = Condition(elapsed=Elapsed(since="1 h")), Condition(running="fluids", elapsed=Elapsed(since="1 h"))
    for when, hint in ((later, None), (runs, "fill")):
        steps = (tinycase.step("fill", "fluids", when=when),)
        assert hints(scenario, steps, PlaceOrder("fluids"), Wait(2 * HOUR), AskHint()) == [hint]


def test_a_session_compiles_its_chart_unless_given_one(scenario: Scenario) -> None:
    from sim.engine.chart import compile_chart

    chart = compile_chart(scenario)
    assert Session(scenario, 3, chart=chart).log == Session(scenario, 3).log
