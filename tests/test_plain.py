"""The game as lines of text: what is typed becomes moves, what comes out is plain, and leaving keeps the attempt."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from functools import cache, partial

import pytest

from sim.attempts.session import PersistentSession, begin, resume
from sim.attempts.store import Store
from sim.case.library import load_catalogue
from sim.case.model.catalogue import Catalogue
from sim.case.model.scenario import Scenario
from sim.case.moves import AskHint, Finish, Move, PlaceOrder, SetLimits, StateDifferential, StopTherapy, Wait
from sim.case.search import find_diagnosis
from sim.plain import lines
from sim.plain.play import PROMPT, play_plain
from sim.words.differential_parser import Unread, stated


def start(store: Store, scenario: Scenario, mode: str = "practice") -> PersistentSession:
    return begin(store, scenario, source="tiny_case", seed=3, mode=mode)


def play(attempt: PersistentSession, *typed: str) -> list[str]:
    """Type these lines; return what came out after each, the briefing first."""
    target = io.StringIO()
    play_plain(attempt, io.StringIO("".join(f"{line}\n" for line in typed)), target)
    return target.getvalue().split(PROMPT)


def made(store: Store, attempt: PersistentSession) -> list[Move]:
    return [stored.move for stored in store.moves(attempt.id)]


@pytest.fixture
def game(store: Store, tiny: Scenario) -> PersistentSession:
    return start(store, tiny)


def test_the_briefing_introduces_the_patient_and_the_warning(game: PersistentSession) -> None:
    briefing = play(game)[0]
    met = game.session.snapshot()
    assert "Teaching only, not for patient care." in briefing
    assert f"{met.name} is 2 mo" in briefing.replace("\n", " ")
    assert "{" not in briefing


def test_the_patient_is_seen_before_the_monitor(game: PersistentSession) -> None:
    seen = replace(game.snapshot(), glance="Pale and quiet.")
    first, second, *_ = lines.vitals(game.scenario, seen)
    assert (first, second) == ("Pale and quiet.", "Vital signs at Day 1 00:00:")


def test_an_order_is_typed_chosen_and_placed(store: Store, game: PersistentSession) -> None:
    _, candidates, answer, *_ = play(game, "crp", "1")
    assert "1. C-reactive protein (investigation, takes 5 min, result after 1 h)" in candidates
    assert made(store, game) == [PlaceOrder("crp")]
    assert "Ordered: C-reactive protein" in answer
    assert "1 result to come" in answer


def test_a_dose_is_asked_for_where_there_are_several(store: Store, game: PersistentSession) -> None:
    *_, doses, answer, _ = play(game, "bolus", "1", "2")
    assert "1. 10 mL/kg" in doses
    assert "Started: Isotonic fluid bolus, 20 mL/kg" in answer
    assert made(store, game) == [PlaceOrder("bolus", "20 mL/kg")]


@pytest.mark.parametrize(
    "typed",
    ["bolus 15", "order saline bolus 15 mL/kg", "do bolus 15 mL/kg"],
)
def test_a_dose_typed_behind_the_name_is_placed_at_once(store: Store, game: PersistentSession, typed: str) -> None:
    assert "Started: Isotonic fluid bolus, 15 mL/kg" in play(game, typed)[1]
    assert made(store, game) == [PlaceOrder("bolus", "15 mL/kg")]


def test_another_dose_is_typed_where_the_doses_are_listed(store: Store, game: PersistentSession) -> None:
    *_, doses, answer, _ = play(game, "bolus", "1", "15 mL/kg")
    assert "Or type another from 1 to 200 mL/kg, with its unit." in doses
    assert "Started: Isotonic fluid bolus, 15 mL/kg" in answer


def test_a_dose_out_of_range_is_refused_with_the_range(store: Store, game: PersistentSession) -> None:
    assert "can be given from 1 to 200 mL/kg, not at 300 mL/kg" in play(game, "bolus 300")[1]
    assert made(store, game) == []


def test_a_dose_ten_times_the_usual_is_given_once_confirmed(store: Store, game: PersistentSession) -> None:
    _, asked, *_ = play(game, "bolus 150", "vitals")
    assert "15 times the usual 10 mL/kg" in asked
    assert made(store, game) == []
    play(game, "bolus 150", "y")
    assert made(store, game) == [PlaceOrder("bolus", "150 mL/kg")]


def test_what_runs_is_told_with_what_it_is_for_this_weight(game: PersistentSession) -> None:
    assert "Isotonic fluid bolus, 20 mL/kg (94 mL)" in play(game, "bolus 20", "running")[2]


def test_do_places_an_exact_name_at_its_usual_dose_at_once(store: Store, game: PersistentSession) -> None:
    play(game, "do Fluid Bolus", "do U&E")
    assert made(store, game) == [PlaceOrder("bolus"), PlaceOrder("electrolytes")]


def test_do_with_a_vague_name_asks_which(store: Store, game: PersistentSession) -> None:
    assert "Order which?" in play(game, "do c")[1]
    assert made(store, game) == []


def test_a_choice_is_forgotten_once_something_else_is_typed(store: Store, game: PersistentSession) -> None:
    assert "nothing to choose from" in play(game, "crp", "vitals", "1")[3]
    assert made(store, game) == []


def test_a_number_that_is_not_listed_keeps_the_list(store: Store, game: PersistentSession) -> None:
    play(game, "crp", "9", "99999999999999999999999", "0", "1")
    assert made(store, game) == [PlaceOrder("crp")]


@pytest.mark.parametrize("odd", ["²", "①", "٣"])
def test_digits_of_other_scripts_are_no_choice(store: Store, game: PersistentSession, odd: str) -> None:
    play(game, "crp", odd)
    assert made(store, game) == []


def test_what_the_ward_refuses_is_said(game: PersistentSession) -> None:
    assert "Not done: Gentamicin. He has no line." in play(game, "gentamicin", "1", "1")[3]


def test_history_and_examination_are_browsed_by_kind(game: PersistentSession) -> None:
    _, history, examination, *_ = play(game, "history", "exam growth")
    assert "Contacts with animals" in history
    assert "Perfusion" not in history
    assert "Weigh the child" in examination
    assert "Perfusion" not in examination


@pytest.mark.parametrize(
    ("typed", "move"),
    [
        ("wait 6 h", Wait(360, "call")),
        ("WAIT 30 min", Wait(30, "call")),
        ("wait 1h", Wait(60, "call")),
        ("wait 20 m", Wait(20, "call")),
        ("wait 20 minutes", Wait(20, "call")),
        ("wait 2 wks", Wait(20160, "call")),
        ("wait 2 hours", Wait(120, "call")),
        ("wait 1d 6h", Wait(1800, "call")),
        ("call 1 d", Wait(1440, "call")),
        ("dd meadow_fever 60 viral illness 20%", StateDifferential((("meadow_fever", 0.6), ("viral_illness", 0.2)))),
        ("dd Milk allergy: 5, meadow_fever=12.5", StateDifferential((("milk_allergy", 0.05), ("meadow_fever", 0.125)))),
        ("stop paracetamol", StopTherapy("paracetamol")),
    ],
)
def test_a_command_becomes_a_move(store: Store, game: PersistentSession, typed: str, move: Move) -> None:
    play(game, typed)
    assert made(store, game) == [move]


def test_next_waits_for_a_result(store: Store, game: PersistentSession) -> None:
    *_, called, _, answer, _ = play(game, "do crp", "next", "dd meadow_fever 50", "next")
    assert made(store, game)[-1] == Wait(None, "call")
    assert "What do you think it is?" in called  # the checkpoint comes first, and is not passed over
    assert "Result: C-reactive protein (sampled Day 1 00:05)" in answer


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("wait", "Wait how long?"),
        ("wait for godot", "Wait how long?"),
        ("next", "That cannot be done: no result is on its way."),
        ("stop", "Stop which?"),
        ("dd", "Say what you think it is, by name"),
        ("dd dragon pox 60", "No one diagnosis is called 'dragon pox'"),
        ("dd meadow_fever 80 viral_illness 60", "That cannot be done: the probabilities add up to more than 100%."),
        ("dd meadow_fever", "Give each diagnosis a percentage"),
        ("dd meadow_fever 60 viral_illness", "Give each diagnosis a percentage"),
        ("dd meadow_fever 200", "Give each diagnosis a percentage between 0 and 100."),
        ("dd meadow_fever -5", "Give each diagnosis a percentage between 0 and 100."),
        ("dd meadow_fever 5 meadow_fever 6", "Name each diagnosis once."),
        ("dd b12 lack 5", "No one diagnosis is called 'b12 lack'"),
        ("xyzzyplugh", "No order is like 'xyzzyplugh'."),
        ("order", "No order is like ''."),
        ("hint", "Hints are for tutor mode."),
        ("results", "No results yet."),
        ("help", "wait 6 h"),
        ("?", "wait 6 h"),
        ("call", "at most how long?"),
        ("examine growth", "Weigh the child"),
        ("wait 1 hx", "Wait how long?"),
        ("running", "Paracetamol, 15 mg/kg (70 mg), since Day 1 00:00, ends Day 1 06:00"),
        ("vitals", "Heart rate: "),
        ("timeline", "You meet "),
    ],
)
def test_a_line_that_is_no_move_is_answered_and_nothing_is_stored(
    store: Store, game: PersistentSession, typed: str, said: str
) -> None:
    assert said in play(game, typed)[1]
    assert made(store, game) == []


def test_results_tell_what_came_and_what_is_to_come(game: PersistentSession) -> None:
    *_, results, one, _ = play(game, "do ex_perfusion", "do crp", "results", "results perfusion")
    assert "Result: Perfusion" in results
    assert "to come: C-reactive protein, sampled Day 1 00:06, due Day 1 01:06" in results
    assert "Result: Perfusion" in one


def test_the_tutor_hints_and_only_the_tutor_offers_it(store: Store, tiny: Scenario) -> None:
    game = start(store, tiny, "tutor")
    _, help_, hint, *_ = play(game, "help", "hint")
    assert "ask the tutor" in help_
    assert "Hint: Look at the perfusion. Shock is seen in the feet first." in hint
    assert made(store, game) == [AskHint()]
    assert "ask the tutor" not in play(start(store, tiny, "exam"), "help")[1]


def test_the_end_of_the_input_keeps_the_attempt(store: Store, game: PersistentSession, tiny: Scenario) -> None:
    *_, last = play(game, "do crp")
    assert f"Kept. To go on: scurfy resume {game.id} --plain" in last
    again = resume(store, tiny, store.attempt(game.id))
    assert "You go on after 1 moves" in play(again, "quit")[0]


def test_handing_over_is_asked_twice(store: Store, game: PersistentSession) -> None:
    play(game, "finish", "no")
    assert made(store, game) == []


def test_the_debrief_follows_the_end_and_is_kept(store: Store, game: PersistentSession) -> None:
    *_, last = play(game, "finish", "yes", "do crp")
    assert made(store, game) == [Finish()]
    assert "Debrief: A hot infant from the farm" in last
    kept = store.debrief(game.id)
    assert kept is not None
    assert json.loads(kept[0])["assessment"]["band"] == store.attempt(game.id).band
    assert "Debrief" in kept[1]


def test_before_the_end_nothing_tells_the_score_or_the_diagnosis_apart_from_the_list(
    store: Store, tiny: Scenario
) -> None:
    said = "".join(play(start(store, tiny, "exam"), "do ex_perfusion", "wait 2 h", "wait 6 h", "timeline", "results"))
    for word in ("band", "exemplary", "unsafe", "pathway", "pitfall", "severe", "dehydrated"):
        assert word not in said.lower(), word


def test_only_printable_ascii_comes_out(game: PersistentSession) -> None:
    said = "".join(play(game, "fièvre \x1b]2;owned\x07 \u202egnp.exe", "vitals", "help", "timeline", "dd é 5"))
    assert said.isascii()
    assert all(c.isprintable() or c == "\n" for c in said)


def test_a_very_long_line_is_cut_before_it_is_looked_at(store: Store, game: PersistentSession) -> None:
    assert len(play(game, "a" * 100_000)[1]) < 1000
    assert made(store, game) == []


def test_a_call_asks_for_how_long_at_most(store: Store, game: PersistentSession) -> None:
    play(game, "call", "2")
    assert made(store, game) == [Wait(1440, "call")]


def test_a_result_far_away_is_waited_for_only_when_that_is_confirmed(store: Store, game: PersistentSession) -> None:
    *_, asked, _, _ = play(game, "do peripheral_access", "do blood_culture", "next", "no")
    assert "The next result is due in" in asked
    assert Wait(None, "call") not in made(store, game)


def test_a_second_differential_says_that_it_replaces_the_first(game: PersistentSession) -> None:
    *_, second, _ = play(game, "dd meadow_fever 60", "dd viral_illness 20")
    assert "This replaces all you stated before: Meadow fever 60%." in second


@pytest.mark.parametrize("refused", ["dd meadow_fever 40 viral_illness 200", "dd meadow_fever 80 viral_illness 60"])
def test_a_differential_that_is_refused_replaces_nothing(game: PersistentSession, refused: str) -> None:
    *_, second, _ = play(game, "dd meadow_fever 60", refused)
    assert "replaces" not in second
    assert game.session.snapshot().differential == (("meadow_fever", 0.6),)


@cache
def shipped() -> Catalogue:
    """The catalogue that ships, read once."""
    return load_catalogue()


@pytest.mark.parametrize(
    ("typed", "move"),
    [
        ("cd25_deficiency 5", (("cd25_deficiency", 0.05),)),
        ("il2ra 5, CD25_deficiency", None),
        ("cd25 5 il-10 receptor deficiency 10 %", (("cd25_deficiency", 0.05), ("veo_ibd", 0.1))),
        ("type 1 diabetes 30 ipex 20", (("type1_diabetes", 0.3), ("ipex", 0.2))),
        ("autoimmune polyendocrine syndrome type 1: 7%", (("apeced", 0.07),)),
        ("ipex 33,5, cd25 5", (("ipex", 0.335), ("cd25_deficiency", 0.05))),
        ("STAT5B deficiency=12.5; T1D 3", (("stat5b_deficiency", 0.125), ("type1_diabetes", 0.03))),
    ],
)
def test_the_name_of_a_diagnosis_may_hold_digits(typed: str, move: tuple[tuple[str, float], ...] | None) -> None:
    find = partial(find_diagnosis, shipped())
    if move is None:
        with pytest.raises(Unread, match="Give each diagnosis"):
            stated(typed, find)
    else:
        assert stated(typed, find) == move


def test_a_line_of_numbers_is_answered_soon() -> None:
    tried: list[str] = []
    with pytest.raises(Unread):
        stated("a 1 " * 125, lambda text: tried.append(text))
    assert len(tried) < 2000


def test_what_fits_best_is_number_one(store: Store, tiny: Scenario) -> None:
    heavy = tiny.catalogue.orders["ex_perfusion"].model_copy(update={"aliases": ("skin weight sign",), "group": "A"})
    orders = {**tiny.catalogue.orders, "ex_perfusion": heavy}
    scenario = tiny.model_copy(update={"catalogue": tiny.catalogue.model_copy(update={"orders": orders})})
    game = start(store, scenario)
    play(game, "exam weigh", "1")
    assert made(store, game) == [PlaceOrder("ex_weight")]


def test_limits_are_set_by_a_line_and_a_wrong_one_says_what_is_expected(store: Store, tiny: Scenario) -> None:
    orders = tiny.catalogue.orders
    perfusion = orders["ex_perfusion"].model_copy(update={"every": 60, "lasts": 600})
    catalogue = tiny.catalogue.model_copy(update={"orders": orders | {"ex_perfusion": perfusion}})
    game = start(store, tiny.model_copy(update={"catalogue": catalogue}))
    _, good, off, wrong, unknown, _ = play(
        game, "limit HR 80 180", "limit heart rate off", "limit HR six", "limit CRP 1 2"
    )
    assert "Call me: Heart rate at 80 /min or below, or at 180 /min or above." in " ".join(good.split())
    assert "Call me: Heart rate at the limits of the ward." in off
    assert "Expected limits such as '6..15'" in wrong
    assert "standing orders measure HR" in unknown.replace("\n", " ")
    assert made(store, game) == [SetLimits((("heart_rate", 80.0, 180.0),)), SetLimits((("heart_rate", None, None),))]


def test_handing_over_tells_what_was_handed_over_and_leaves_the_rest_to_the_debrief(game: PersistentSession) -> None:
    *_, told = play(game, "finish", "1")
    assert "You hand over. The team goes on along the recommended pathway." in told
    assert told.count("Ordered:") == 0
