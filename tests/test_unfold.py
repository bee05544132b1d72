"""A step written once falls due again and again."""

import pytest

import tinycase
from sim.case.composing.unfold import unfold
from sim.case.model.conditions import AtLeast, Condition, Elapsed, Since
from sim.case.model.pathway import Step


def unfolded(*steps: Step) -> tuple[Step, ...]:
    return unfold(tinycase.scenario(steps).case).pathway


def test_a_single_step_stays_as_it_is() -> None:
    step = tinycase.step("fill", "fluids")
    assert unfolded(step) == (step,)


def test_each_call_has_its_own_step() -> None:
    first, second, third = unfolded(tinycase.step("fill", "fluids", each="septic", times=3))
    assert [first.id, second.id, third.id] == ["fill", "fill_2", "fill_3"]
    assert [first.title, second.title] == ["Do fill", "Do fill (second time)"]
    assert second.when == Condition(since=Since(told="septic", nth=2, below="121 min"))
    assert (second.times, second.each) == (1, None)


def test_a_time_since_the_call_is_measured_from_the_call_in_question() -> None:
    when = Condition(running=("fluids",), since=Since(told="septic", at_least="3 d", below="9 d"))
    _, second = unfolded(tinycase.step("stop", "fluids", stop=True, when=when, each="septic", times=2))
    assert second.when == Condition(running=("fluids",), since=Since(told="septic", at_least="3 d", below="9 d", nth=2))


def test_another_condition_is_added_to_the_call() -> None:
    (only,) = unfolded(tinycase.step("fill", "fluids", each="septic", when=Condition(ordered=("look",))))
    call = Condition(since=Since(told="septic", nth=1, below="121 min"))
    assert only.when == Condition(all_=(call, Condition(ordered=("look",))))


def test_a_call_is_answered_within_twice_the_window_unless_the_step_says_how_long() -> None:
    later = Condition(since=Since(told="septic", at_least="30 min"), not_=Condition(since=Since(told="septic")))
    (only,) = unfolded(tinycase.step("look", "look", each="septic", within="1 h", when=later))
    assert only.when == Condition(
        since=Since(told="septic", nth=1, at_least="30 min", below="151 min"),
        not_=Condition(since=Since(told="septic", nth=1)),
    )
    (stop,) = unfolded(tinycase.step("stop", "fluids", each="septic", stop=True))
    assert stop.when == Condition(since=Since(told="septic", nth=1))


def test_every_moves_all_times_however_deep() -> None:
    when = Condition(
        elapsed=Elapsed(since="4 wk", below="8 wk"),
        since=Since(ordered="look", at_least="2 wk", below="3 wk"),
        not_=Condition(any_=(Condition(since=Since(resulted="sugar", at_least="1 wk")),)),
        at_least=AtLeast(n=1, of=(Condition(elapsed=Elapsed(since="1 wk")), Condition(ordered=("look",)))),
    )
    *_, third = unfolded(tinycase.step("test", "sugar", when=when, every="4 wk", times=3))
    assert third.when == Condition(
        elapsed=Elapsed(since="12 wk", below="16 wk"),
        since=Since(ordered="look", at_least="10 wk", below="11 wk"),
        not_=Condition(any_=(Condition(since=Since(resulted="sugar", at_least="9 wk")),)),
        at_least=AtLeast(n=1, of=(Condition(elapsed=Elapsed(since="9 wk")), Condition(ordered=("look",)))),
    )


def test_order_holds_among_steps_of_the_same_time() -> None:
    steps = unfolded(
        tinycase.step("ask", "story"),
        tinycase.step("look", "look", each="septic", times=2),
        tinycase.step("fill", "fluids", each="septic", times=2, after=("ask", "look")),
    )
    assert [step.after for step in steps if step.id.startswith("fill")] == [("ask", "look"), ("ask", "look_2")]


def test_the_eleventh_time_is_counted_too() -> None:
    assert unfolded(tinycase.step("fill", "fluids", each="septic", times=12))[10].title == "Do fill (11th time)"


@pytest.mark.parametrize(
    "more",
    [
        {"times": 2}, {"every": "1 d", "times": 2}, {"every": "1 d", "when": Condition(ordered=("look",))},
        {"each": "septic", "every": "1 d", "times": 2, "when": Condition(ordered=("look",))},
    ],
)  # fmt: skip
def test_a_repetition_that_makes_no_sense_is_refused(more) -> None:
    with pytest.raises(ValueError, match=r"each|every"):
        tinycase.step("fill", "fluids", **more)


def test_only_the_call_in_question_is_numbered_and_only_its_time_ends() -> None:
    when = Condition(
        all_=(
            Condition(since=Since(told="septic", at_least="5 min")),
            Condition(since=Since(told="septic", at_least="5 min", below="9 min")),
            Condition(since=Since(told="septic", first=True)),
            Condition(since=Since(told="septic", nth=3)),
            Condition(since=Since(told="bleeding")),
            Condition(ordered=("look",)),
        ),
        at_least=AtLeast(n=1, of=(Condition(since=Since(told="septic")),)),
    )
    _, second = unfolded(tinycase.step("fill", "fluids", each="septic", within="1 h", when=when, times=2))
    assert second.when == Condition(
        all_=(
            Condition(since=Since(told="septic", nth=2, at_least="5 min", below="126 min")),
            Condition(since=Since(told="septic", nth=2, at_least="5 min", below="9 min")),
            Condition(since=Since(told="septic", first=True)),
            Condition(since=Since(told="septic", nth=3)),
            Condition(since=Since(told="bleeding")),
            Condition(ordered=("look",)),
        ),
        at_least=AtLeast(n=1, of=(Condition(since=Since(told="septic", nth=2, below="121 min")),)),
    )
    (stop,) = unfolded(tinycase.step("stop", "fluids", each="septic", stop=True, when=when.all_[0]))
    assert stop.when == Condition(since=Since(told="septic", nth=1, at_least="5 min"))


def test_a_condition_on_another_call_is_added_to_the_call() -> None:
    other = Condition(since=Since(told="bleeding"))
    (only,) = unfolded(tinycase.step("fill", "fluids", each="septic", within="1 h", when=other))
    assert only.when == Condition(all_=(Condition(since=Since(told="septic", nth=1, below="121 min")), other))
