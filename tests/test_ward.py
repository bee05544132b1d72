"""The ward is played with keys, against the real session, on a terminal of either size."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import Any

import pytest
from textual import events
from textual.binding import Binding
from textual.screen import Screen
from textual.widgets import Input, OptionList, Static, TextArea

from sim.case.model.case import Coach
from sim.case.model.conditions import Condition
from sim.case.model.scenario import Scenario
from sim.case.moves import PlaceOrder, Wait
from sim.case.quantities import duration
from sim.engine.log import Called, DifferentialStated, HintGiven, LimitsSet, OrderPlaced, Snapshot, TherapyStarted
from sim.tui import commands
from sim.tui.app import ScurfyApp
from sim.tui.screens.briefing import Briefing
from sim.tui.screens.debrief import ON_DECISIONS, Debrief
from sim.tui.screens.dialog import Choose, Confirm, WaitDialog
from sim.tui.screens.differential import DifferentialDialog
from sim.tui.screens.help import HelpScreen
from sim.tui.screens.library import LibraryScreen
from sim.tui.screens.orders import OrderPalette
from sim.tui.screens.ward import Ward
from sim.tui.text import flag, fold, plain, shorten
from sim.tui.widgets.bedside import BasketPane, Monitor, RunningPane
from sim.tui.widgets.braille import Canvas, sparkline
from sim.tui.widgets.chart import Trends
from sim.tui.widgets.feed import JustNow
from sim.tui.widgets.findings import Findings
from sim.tui.widgets.lines import Lines, Row
from sim.tui.widgets.sheet import FlowSheet
from sim.words.events import speaks_for_itself
from sim.words.format import clock
from sim.words.records import Reading, columns
from terminal import NARROW, WIDE, painted, press, settle, ward

pytestmark = pytest.mark.slow

SCREENS: list[type[Screen[Any]]] = [
    LibraryScreen, Briefing, Ward, Debrief, OrderPalette, WaitDialog, Choose, Confirm, DifferentialDialog, HelpScreen,
]  # fmt: skip
SIZES = pytest.mark.parametrize("size", [WIDE, NARROW], ids=["120x40", "80x24"])


def now(screen: Ward) -> Snapshot:
    return screen.attempt.snapshot()


def said(app: ScurfyApp) -> str:
    return "\n".join(note.message for note in app._notifications)


# --- keys ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("screen", SCREENS, ids=lambda s: s.__name__)
def test_every_key_has_an_action_that_exists(screen: type[Screen[Any]]) -> None:
    for binding in screen.BINDINGS:
        assert isinstance(binding, Binding)
        name = binding.action.partition("(")[0]
        assert hasattr(screen, f"action_{name}"), f"{screen.__name__}: {binding.key} -> {binding.action}"


@pytest.mark.parametrize("screen", [LibraryScreen, Briefing, Ward, Debrief], ids=lambda s: s.__name__)
def test_every_screen_fits_its_keys_into_eighty_columns_and_explains_all_of_them(screen: Any) -> None:
    shown = [c for c in screen.OFFERS if c.footer]
    assert len(shown) <= 6
    for bar in (shown, [*shown, commands.Hint], ON_DECISIONS):
        assert sum(len(c.key_shown()) + len(c.label) + 3 for c in bar) <= 80
    assert all(c.help() and c.label for c in screen.OFFERS)
    assert commands.Help in screen.OFFERS


def test_no_two_commands_of_a_screen_share_a_key() -> None:
    for screen in (LibraryScreen, Briefing, Ward, Debrief):
        keys = [key for command in screen.OFFERS for key in command.key.split(",")]
        assert len(keys) == len(set(keys))


async def test_the_end_is_told_with_the_last_call_and_no_notice_over_it(tiny: Scenario) -> None:
    async with ward(tiny) as (pilot, screen):
        screen.act(Wait(None))
        await settle(pilot)
        assert isinstance(pilot.app.screen, Confirm)
        assert "His heart has stopped" in painted(pilot.app)
        assert not list(pilot.app._notifications)


@SIZES
async def test_each_key_on_the_footer_opens_what_it_names(tiny: Scenario, size: tuple[int, int]) -> None:
    opens = {"o": OrderPalette, "slash": OrderPalette, "h": OrderPalette, "e": OrderPalette, "w": WaitDialog,
             "question_mark": HelpScreen, "t": Choose, "d": DifferentialDialog, "f": Confirm, "s": Choose}  # fmt: skip
    async with ward(tiny, size) as (pilot, screen):
        for key, expected in opens.items():
            await press(pilot, key)
            assert isinstance(pilot.app.screen, expected), key
            await press(pilot, "escape")
            assert pilot.app.screen is screen, key
        assert now(screen).now == 0
        await press(pilot, "t", "enter")
        assert now(screen).now > 0


async def test_the_palette_and_the_help_know_every_command_of_the_ward(tiny: Scenario) -> None:
    async with ward(tiny) as (pilot, screen):
        app = pilot.app
        offered = {command.title for command in app.get_system_commands(screen)}
        assert {c.label for c in Ward.OFFERS} <= offered
        assert {"Look: dark", "Look: light", "Look: contrast"} <= offered
        await press(pilot, "question_mark")
        text = app.screen.query_one("#help-text", Lines).text
        assert all(c.label in text for c in Ward.OFFERS)


async def test_the_command_palette_finds_orders_too(tiny: Scenario) -> None:
    async with ward(tiny) as (pilot, screen):
        await press(pilot, "ctrl+p", *"contacts")
        await pilot.pause(0.5)
        assert "Contacts" in painted(pilot.app)
        await press(pilot, "enter")
        await settle(pilot)
        assert [e.order for e in now(screen).visible if isinstance(e, OrderPlaced)] == ["hx_contacts"]


async def test_a_command_of_the_palette_does_what_its_key_does(tiny: Scenario) -> None:
    async with ward(tiny) as (pilot, screen):
        command = next(c for c in pilot.app.get_system_commands(screen) if c.title == "Wait")
        result = command.callback()
        if inspect.isawaitable(result):
            await result
        await pilot.pause()
        assert isinstance(pilot.app.screen, WaitDialog)


async def test_a_click_on_the_footer_presses_the_key(tiny: Scenario) -> None:
    async with ward(tiny) as (pilot, _):
        await pilot.click("KeyBar", offset=(3, 0))
        await pilot.pause()
        assert isinstance(pilot.app.screen, OrderPalette)


# --- orders --------------------------------------------------------------------------------------------------


@SIZES
async def test_an_order_is_typed_collected_and_placed(tiny: Scenario, size: tuple[int, int]) -> None:
    async with ward(tiny, size) as (pilot, screen):
        await press(pilot, "o", *"crp", "enter", *"cannula", "enter")
        palette = pilot.app.screen
        assert isinstance(palette, OrderPalette)
        assert now(screen).now == 0, "nothing is ordered before it is confirmed"
        await press(pilot, "enter")
        assert now(screen).now == 0, "Enter on an empty line places nothing"
        await press(pilot, "ctrl+s")
        placed = [e.order for e in now(screen).visible if isinstance(e, OrderPlaced)]
        assert placed == ["crp", "peripheral_access"]
        assert [p.order for p in now(screen).pending] == ["crp"]
        assert "C-reactive protein" in painted(pilot.app)


@pytest.mark.parametrize(
    ("typed", "first"),
    [("u&e", "electrolytes"), ("LP", "lumbar_puncture"), ("acetaminophen", "paracetamol"), ("gent", "gentamicin")],
)
async def test_a_few_letters_or_an_alias_put_the_order_first(tiny: Scenario, typed: str, first: str) -> None:
    async with ward(tiny) as (pilot, _):
        await press(pilot, "o")
        pilot.app.screen.query_one("#query", Input).value = typed
        await pilot.pause()
        matches = pilot.app.screen.query_one("#matches", OptionList)
        assert matches.highlighted == 0
        assert matches.get_option_at_index(0).id == first


async def test_an_order_with_several_doses_asks_which(tiny: Scenario) -> None:
    async with ward(tiny) as (pilot, screen):
        await press(pilot, "o", *"bolus", "enter")
        assert "Dose of Isotonic fluid bolus" in painted(pilot.app)
        await press(pilot, "down", "enter", "ctrl+s")
        started = [e for e in now(screen).visible if isinstance(e, TherapyStarted) and e.therapy == "bolus"]
        assert [e.dose for e in started] == ["20 mL/kg"]


async def test_a_dose_is_typed_where_the_list_has_none_like_it(tiny: Scenario) -> None:
    async with ward(tiny) as (pilot, screen):
        await press(pilot, "o", *"bolus", "enter", *"15", "enter")
        assert screen.app.screen.query_one(BasketPane).basket == (PlaceOrder("bolus", "15 mL/kg"),)


async def test_a_dose_typed_behind_the_name_is_the_one_offered_first(tiny: Scenario) -> None:
    async with ward(tiny) as (pilot, screen):
        await press(pilot, "o", *"bolus", "space", *"15", "enter")
        assert "15 mL/kg" in painted(pilot.app)
        await press(pilot, "enter")
        assert screen.app.screen.query_one(BasketPane).basket == (PlaceOrder("bolus", "15 mL/kg"),)


async def test_a_number_typed_is_that_dose_and_never_one_that_contains_it(tiny: Scenario) -> None:
    async with ward(tiny) as (pilot, screen):
        await press(pilot, "o", *"bolus", "enter", *"2", "enter")
        assert screen.app.screen.query_one(BasketPane).basket == (PlaceOrder("bolus", "2 mL/kg"),)


async def test_a_limit_is_typed_told_and_a_wrong_one_refused_in_place(tiny: Scenario) -> None:
    hourly = tiny.catalogue.orders["crp"].model_copy(update={"every": 60})
    catalogue = tiny.catalogue.model_copy(update={"orders": tiny.catalogue.orders | {"crp": hourly}})
    async with ward(tiny.model_copy(update={"catalogue": catalogue})) as (pilot, screen):
        await press(pilot, "l", *"sugar", "enter")
        assert "standing orders measure CRP" in painted(pilot.app)
        await press(pilot, "escape", "l", *"crp", "space", *"5", "space", *"80", "enter")
        (told,) = [e for e in now(screen).visible if isinstance(e, LimitsSet)]
        assert told.at == 0


async def test_a_dose_out_of_range_is_refused_with_the_range(tiny: Scenario) -> None:
    async with ward(tiny) as (pilot, screen):
        await press(pilot, "o", *"bolus", "enter", *"2000", "enter")
        assert "from 1 to 200 mL/kg" in painted(pilot.app)
        assert screen.app.screen.query_one(BasketPane).basket == ()


async def test_a_dose_ten_times_the_usual_is_asked_about_first(tiny: Scenario) -> None:
    async with ward(tiny) as (pilot, screen):
        await press(pilot, "o", *"bolus", "enter", *"150", "enter")
        assert isinstance(pilot.app.screen, Confirm)
        assert "15 times the usual 10 mL/kg" in painted(pilot.app)
        await press(pilot, "n", "enter", "y")
        assert screen.app.screen.query_one(BasketPane).basket == (PlaceOrder("bolus", "150 mL/kg"),)


async def test_what_lies_in_the_basket_can_be_taken_out_or_left_for_later(tiny: Scenario) -> None:
    async with ward(tiny) as (pilot, screen):
        await press(pilot, "o", *"crp", "enter", *"cannula", "enter", "ctrl+z", "escape")
        assert pilot.app.screen is screen
        assert screen.basket == (PlaceOrder("crp"),)
        assert not now(screen).pending
        await press(pilot, "u")
        assert screen.basket == ()
        await press(pilot, "c")
        assert "The basket is empty." in said(pilot.app)
        await press(pilot, "o", *"crp", "enter", "escape", "c")
        assert [p.order for p in now(screen).pending] == ["crp"]


async def test_enter_acts_on_the_text_as_it_stands_even_before_the_list_follows(tiny: Scenario) -> None:
    async with ward(tiny) as (pilot, screen):
        await press(pilot, "o", *"lumbar")
        palette = pilot.app.screen
        assert isinstance(palette, OrderPalette)
        query = palette.query_one("#query", Input)
        with query.prevent(Input.Changed):
            query.value = "crp"
        await press(pilot, "enter", "escape")
        assert screen.basket == (PlaceOrder("crp"),)


async def test_any_order_is_taken_out_of_the_basket_and_its_dose_is_shown_whole(tiny: Scenario) -> None:
    async with ward(tiny, NARROW) as (pilot, screen):
        screen.basket = (PlaceOrder("crp"), PlaceOrder("bolus", "20 mL/kg"), PlaceOrder("blood_culture"))
        pane = screen.query_one(BasketPane)
        await press(pilot, "7")
        assert "20 mL/kg" in pane.text
        pane.focus()
        await press(pilot, "down", "delete")
        assert screen.basket == (PlaceOrder("crp"), PlaceOrder("blood_culture"))
        await press(pilot, "o", "tab", "tab", "up", "delete", "escape")
        assert len(screen.basket) == 1


async def test_a_result_far_away_is_waited_for_only_when_that_is_confirmed(tiny: Scenario) -> None:
    async with ward(tiny) as (pilot, screen):
        screen.act(PlaceOrder("blood_culture"))
        at = now(screen).now
        assert min(p.due for p in now(screen).pending) - at > 720
        await press(pilot, "n")
        assert isinstance(pilot.app.screen, Confirm)
        await press(pilot, "n")
        assert now(screen).now == at
        await press(pilot, "n", "y")
        assert now(screen).now > at


async def test_history_and_examination_are_browsed_by_heading_without_typing(tiny: Scenario) -> None:
    async with ward(tiny) as (pilot, screen):
        await press(pilot, "h")
        page = painted(pilot.app)
        assert "Background" in page
        assert "C-reactive protein" not in page
        await press(pilot, "down", "enter")
        assert now(screen).now == 2, "a question is answered at once"
        assert "hay" in pilot.app.screen.query_one("#palette-told", Lines).text, "beside what can be asked next"
        await press(pilot, "escape")
        assert "hay" in screen.query_one(JustNow).text
        await press(pilot, "e", "down", "down", "enter", "escape")
        assert [e.order for e in now(screen).visible if isinstance(e, OrderPlaced)] == ["hx_contacts", "ex_weight"]
        assert "kg (Day 1 00:05)" in painted(pilot.app)


async def test_escape_leaves_the_dose_then_the_typing_then_the_palette(tiny: Scenario) -> None:
    async with ward(tiny) as (pilot, screen):
        await press(pilot, "o", *"bolus", "enter", "escape")
        assert "Dose of" not in painted(pilot.app)
        await press(pilot, "x", "escape")
        assert pilot.app.screen.query_one("#query", Input).value == ""
        await press(pilot, "escape")
        assert pilot.app.screen is screen


async def test_what_the_ward_cannot_do_is_said_with_its_reason(tiny: Scenario) -> None:
    async with ward(tiny) as (pilot, screen):
        screen.act(PlaceOrder("gentamicin"))
        await pilot.pause()
        text = " ".join(screen.query_one(JustNow).text.split())
        assert "Not done: Gentamicin. He has no line. The nurse asks for access first." in text


async def test_a_move_that_is_impossible_is_said_and_not_stored(tiny: Scenario) -> None:
    async with ward(tiny) as (pilot, screen):
        screen.act(PlaceOrder("crp", "twice"), PlaceOrder("crp"))
        await pilot.pause()
        assert "no dose" in said(pilot.app)
        app = pilot.app
        assert isinstance(app, ScurfyApp)
        assert [m.move for m in app.store.moves(screen.attempt.id)] == [PlaceOrder("crp")]


async def test_a_running_therapy_is_stopped_from_a_list(tiny: Scenario) -> None:
    async with ward(tiny) as (pilot, screen):
        assert "Paracetamol" in screen.query_one(RunningPane).text
        await press(pilot, "s", "enter")
        assert "Stop Paracetamol" in painted(pilot.app)
        await press(pilot, "n")
        assert pilot.app.screen is screen
        assert len(now(screen).running) == 1, "nothing is stopped before it is confirmed"
        await press(pilot, "s", "enter", "y")
        assert now(screen).running == ()
        assert "Nothing runs." in screen.query_one(RunningPane).text


async def test_a_call_keeps_the_orders_not_placed_yet_in_the_basket(tiny: Scenario) -> None:
    for seed in range(40):
        async with ward(tiny, seed=seed) as (pilot, screen):
            many = tuple(PlaceOrder("lumbar_puncture") for _ in range(12))
            screen.act(*(PlaceOrder("hx_contacts") for _ in range(300)), *many)
            await pilot.pause()
            if any(isinstance(e, Called) for e in now(screen).visible) and now(screen).ended is None:
                assert screen.basket
                assert "You were called" in said(pilot.app)
                return
    pytest.fail("no patient in forty got worse within ten hours")


# --- time ----------------------------------------------------------------------------------------------------


async def test_the_clock_runs_for_what_was_typed_or_chosen(tiny: Scenario) -> None:
    async with ward(tiny) as (pilot, screen):
        await press(pilot, "w", "2", "0", "space", "m", "i", "n", "enter")
        assert now(screen).now == 20
        await press(pilot, "w", "up", "up", "enter")
        assert now(screen).now == 25
        assert "Day 1 00:25" in painted(pilot.app)


@pytest.mark.parametrize("typed", ["20 m", "20m", "20 MIN", "20 minutes"])
async def test_minutes_are_taken_as_people_type_them(tiny: Scenario, typed: str) -> None:
    async with ward(tiny) as (pilot, screen):
        await press(pilot, "w", *("space" if c == " " else c for c in typed), "enter")
        assert now(screen).now == 20


async def test_a_wait_stops_for_a_checkpoint_unless_all_of_it_shall_pass(tiny: Scenario) -> None:
    async with ward(tiny) as (pilot, screen):
        await press(pilot, "w", "2", "space", "h", "enter")
        assert now(screen).now == 60
        assert isinstance(pilot.app.screen, DifferentialDialog)
    async with ward(tiny) as (pilot, screen):
        await press(pilot, "w", "a", "2", "space", "h", "enter")
        assert now(screen).now == 120 or now(screen).ended is not None


async def test_what_is_left_of_a_time_that_was_cut_short_goes_on_with_one_key(tiny: Scenario) -> None:
    async with ward(tiny) as (pilot, screen):
        screen.act(PlaceOrder("crp"))
        begun = now(screen).now
        await press(pilot, "w", *"5h", "enter")
        assert begun < now(screen).now < begun + 300  # the result, or a call, stopped it
        left = begun + 300 - now(screen).now
        await press(pilot, "escape", "w")  # the differential that stopped it is put off
        assert f"the rest: {duration(left)}" in painted(pilot.app)
        await press(pilot, "escape", "w", "r")
        assert now(screen).now > begun + 300 - left


def test_what_the_nurses_are_told_to_give_is_said_at_once(tiny: Scenario) -> None:
    placed = OrderPlaced(0, 1, "bolus", None)
    assert speaks_for_itself(tiny, placed)
    bolus = tiny.catalogue.orders["bolus"].model_copy(update={"nurse": 3})
    orders = {**tiny.catalogue.orders, "bolus": bolus}
    later = tiny.model_copy(update={"catalogue": tiny.catalogue.model_copy(update={"orders": orders})})
    assert not speaks_for_itself(later, placed)


async def test_nonsense_is_no_time(tiny: Scenario) -> None:
    async with ward(tiny) as (pilot, screen):
        await press(pilot, "w", *"7x", "enter")
        assert isinstance(pilot.app.screen, WaitDialog)
        assert "is not a time" in painted(pilot.app)
        assert now(screen).now == 0


async def test_the_next_result_is_waited_for_only_when_one_is_awaited(tiny: Scenario) -> None:
    async with ward(tiny) as (pilot, screen):
        await press(pilot, "n")
        assert "No result is awaited." in said(pilot.app)
        screen.act(PlaceOrder("electrolytes"))
        await press(pilot, "w", "n")
        assert "Na " in screen.query_one(JustNow).text
        assert now(screen).now == 50


async def test_being_called_later_costs_at_most_a_week(tiny: Scenario) -> None:
    async with ward(tiny) as (pilot, screen):
        await press(pilot, "t")
        assert now(screen).now == 0, "a span is chosen first"
        await press(pilot, "down", "down", "enter")
        assert now(screen).now == 60, "the first checkpoint stops it"


# --- the chart -----------------------------------------------------------------------------------------------


@SIZES
async def test_the_pages_of_the_chart_are_turned_by_number(tiny: Scenario, size: tuple[int, int]) -> None:
    async with ward(tiny, size) as (pilot, screen):
        screen.act(PlaceOrder("crp"), PlaceOrder("hx_contacts"), Wait(61, "time"))
        await press(pilot, "escape")
        marks = {"1": "Latest", "2": "hay", "3": "Heart rate", "4": "press d", "5": "Your notes", "6": "You meet",
                 "7": "Running"}  # fmt: skip
        for key, mark in marks.items():
            await press(pilot, key)
            assert mark in painted(pilot.app), key


async def test_on_a_small_terminal_the_vital_signs_are_on_every_page(tiny: Scenario) -> None:
    async with ward(tiny, NARROW) as (pilot, screen):
        pulse = f"HR {screen.now.vitals[0].value:.0f}"
        for key in "1234567":
            await press(pilot, key)
            assert pulse in painted(pilot.app), key
        assert "Paracetamol" in painted(pilot.app), "what runs has the last page to itself"


async def test_the_flow_sheet_has_the_latest_value_with_range_and_flag_and_earlier_ones_in_columns(
    tiny: Scenario,
) -> None:
    async with ward(tiny) as (pilot, screen):
        screen.act(PlaceOrder("ex_perfusion"), Wait(20, "time"), PlaceOrder("ex_perfusion"))
        await pilot.pause()
        sheet = screen.query_one(FlowSheet)
        head, *lines = sheet.text.splitlines()
        line = next(x for x in lines if x.startswith("HR"))
        earlier, latest = screen.records.results["heart_rate"]
        assert f"{latest.value:.0f}" in line
        assert line.rstrip().rstrip("HL!").endswith(f"{earlier.value:.0f}")
        assert head.rstrip().endswith(f"00:{earlier.at:02}")
        assert "110-170" in line
        sign, _ = flag(latest.value, 110, 170, tiny.catalogue.observables["heart_rate"])
        assert sign in line


async def test_the_flow_sheet_says_how_old_a_value_is_and_when_the_next_is_due(tiny: Scenario) -> None:
    async with ward(tiny) as (pilot, screen):
        screen.act(PlaceOrder("crp"), PlaceOrder("ex_perfusion"), Wait(12, "time"))
        await pilot.pause()
        text = screen.query_one(FlowSheet).text
        assert f"due {clock(screen.now.pending[0].due).removeprefix('Day 1 ')}" in text
        assert f"{screen.now.now - screen.records.results['heart_rate'][-1].at} min" in text


def test_no_value_is_in_two_columns_and_none_hides_another() -> None:
    def at(*minutes: int) -> list[Reading]:
        return [Reading(minute, 1.0, None, None) for minute in minutes]

    series = {"a": at(0, 60, 63, 200), "b": at(1, 62, 199)}
    found = columns(series, 240, 9)
    assert [sorted(values) for _, values in found] == [["a", "b"], ["a", "b"], ["a"], ["a", "b"]]
    shown = [reading for _, values in found for reading in values.values()]
    assert len(shown) == 7
    assert [minute for minute, _ in columns(series, 240, 2)] == [200, 63]


async def test_a_line_of_the_flow_sheet_opens_its_trend(tiny: Scenario) -> None:
    async with ward(tiny) as (pilot, screen):
        screen.act(PlaceOrder("ex_weight"), Wait(5, "time"))
        await press(pilot, "1", "enter")
        assert screen.query_one(Trends).text.startswith("Weight")
        assert "●" in screen.query_one(Trends).text, "what was measured is a dot"


async def test_a_click_on_a_vital_sign_draws_it(tiny: Scenario) -> None:
    async with ward(tiny) as (pilot, screen):
        screen.act(Wait(30, "time"))
        await pilot.pause()
        await pilot.click(Monitor, offset=(4, 2))
        await settle(pilot)
        assert screen.query_one(Trends).text.startswith("Systolic")


async def test_what_just_happened_is_newest_first_unread_marked_and_read_in_full_by_enter(tiny: Scenario) -> None:
    async with ward(tiny) as (pilot, screen):
        screen.act(PlaceOrder("hx_contacts"))
        screen.act(PlaceOrder("ex_perfusion"))
        await pilot.pause()
        feed = screen.query_one(JustNow)
        first, *rest = feed.text.splitlines()
        assert first.startswith("*")
        assert sum(line.startswith("*") for line in rest) == 0
        assert any("hay" not in line and "Contacts" in line for line in rest), "what was read is one line"
        feed.focus()
        await press(pilot, "down", "enter")
        assert "hay" in painted(pilot.app)
        await press(pilot, "escape")
        assert pilot.app.screen is screen


async def test_a_therapy_that_runs_is_stopped_on_its_line(tiny: Scenario) -> None:
    async with ward(tiny) as (pilot, screen):
        await press(pilot, "7", "s", "y")
        assert now(screen).running == ()


async def test_this_one_now_leaves_the_rest_in_the_basket(tiny: Scenario) -> None:
    async with ward(tiny) as (pilot, screen):
        await press(pilot, "o", *"electrolytes", "enter", *"crp", "ctrl+o")
        assert [p.order for p in now(screen).pending] == ["crp"]
        assert screen.basket == (PlaceOrder("electrolytes"),)


async def test_the_basket_says_whose_minutes_it_takes_and_its_orders_can_change_places(tiny: Scenario) -> None:
    async with ward(tiny) as (pilot, screen):
        await press(pilot, "o", *"electrolytes", "enter", *"crp", "enter")
        orders = tiny.catalogue.orders
        own = orders["electrolytes"].takes + orders["crp"].takes
        assert f"Basket (2), {own} min of yours" in painted(pilot.app)
        pilot.app.screen.query_one(BasketPane).focus()
        await press(pilot, "alt+down", "escape")
        assert [placed.order for placed in screen.basket] == ["crp", "electrolytes"]


async def test_what_was_typed_is_explained_where_another_name_matched(tiny: Scenario) -> None:
    async with ward(tiny) as (pilot, _):
        await press(pilot, "o", *"acetaminophen")
        assert "Paracetamol = acetaminophen" in painted(pilot.app)


async def test_the_list_of_orders_is_narrowed_to_a_kind(tiny: Scenario) -> None:
    async with ward(tiny) as (pilot, _):
        await press(pilot, "o", "left")
        page = painted(pilot.app)
        assert "[people]" in page
        assert "C-reactive protein" not in page


async def test_new_findings_mark_their_page_until_they_are_read(tiny: Scenario) -> None:
    async with ward(tiny) as (pilot, screen):
        screen.act(PlaceOrder("hx_contacts"))
        await pilot.pause()
        assert "2 Findings*" in painted(pilot.app)
        await press(pilot, "2")
        assert "2 Findings*" not in painted(pilot.app)
        assert "hay" in screen.query_one(Findings).text


async def test_no_key_typed_ahead_does_anything_but_what_its_own_window_would(tiny: Scenario) -> None:
    """Keys come in one burst, as fast as a terminal can send them, right behind the one that opens a window."""
    for opens, window in (("o", OrderPalette), ("h", OrderPalette), ("e", OrderPalette), ("w", WaitDialog)):
        async with ward(tiny) as (pilot, screen):
            for key in (opens, *"iventsdfq"):
                pilot.app.post_message(events.Key(key, key))
            await settle(pilot)
            assert isinstance(pilot.app.screen, window)
            assert pilot.app.screen.query_one(Input).value in ("iventsdfq", "ventsdfq")
            assert now(screen).now == 0
            assert len(now(screen).visible) == len(screen.attempt.snapshot().visible)


async def test_a_trend_is_drawn_for_each_monitored_value(tiny: Scenario) -> None:
    async with ward(tiny) as (pilot, screen):
        screen.act(Wait(50, "time"))
        await press(pilot, "3")
        trends = screen.query_one(Trends)
        assert "Heart rate" in trends.text
        assert any(0x2800 < ord(c) <= 0x28FF for c in trends.text)
        await press(pilot, "right")
        assert "Systolic" in trends.text
        await press(pilot, "left", "left")
        assert "Temperature" in trends.text
        await press(pilot, "enter", "down", "enter")
        assert "Systolic" in trends.text
        await press(pilot, "z")
        assert "last day" in trends.text


async def test_notes_are_kept_with_the_attempt(tiny: Scenario, home: Any) -> None:
    async with ward(tiny) as (pilot, screen):
        await press(pilot, "5", "5", "h", "a", "y", "space", "1")
        assert screen.query_one("#pad", TextArea).text == "hay 1"
        assert screen.page == 4, "a digit in the notes turns no page"
        await press(pilot, "escape", "1")
        assert screen.page == 0
        assert list((home / "notes").glob("*.txt"))


async def test_the_sentence_and_the_problem_list_are_kept_and_read_again_in_the_debrief(tiny: Scenario) -> None:
    case = tiny.case.model_copy(update={"representation": "A hot infant who slept in the hay."})
    async with ward(tiny.model_copy(update={"case": case})) as (pilot, screen):
        await press(pilot, "4", "4", *"hot", "tab", *"fever", "enter", *"hay", "escape")
        assert screen.page == 3, "a letter in the text opens no window"
        await press(pilot, "f", "y", "enter")
        await settle(pilot)
        assert isinstance(pilot.app.screen, Debrief)
        diagnosis = next(i for i, name in enumerate(pilot.app.screen.query_one("#pages").pages) if name == "Diagnosis")
        await press(pilot, str(diagnosis + 1))
        page = painted(pilot.app)
        assert "A hot infant who slept in the hay." in page
        for text in ("You in one sentence", "hot", "Your problem list", "- fever", "- hay"):
            assert text in page


# --- thinking ------------------------------------------------------------------------------------------------


async def test_a_checkpoint_asks_once_and_can_be_answered_later(tiny: Scenario) -> None:
    async with ward(tiny) as (pilot, screen):
        await press(pilot, "t", "enter")
        assert isinstance(pilot.app.screen, DifferentialDialog)
        await press(pilot, "escape")
        assert now(screen).checkpoint == 0
        screen.act(PlaceOrder("hx_contacts"))
        await pilot.pause()
        assert pilot.app.screen is screen
        await press(pilot, "4")
        assert "A differential is due" in painted(pilot.app)
        await press(pilot, "d", *typed("meadow fever 60, milk allergy 5"), "enter")
        assert now(screen).differential == (("meadow_fever", 0.6), ("milk_allergy", 0.05))
        assert now(screen).checkpoint is None
        assert "Meadow fever" in painted(pilot.app)


async def test_keys_that_a_differential_opened_under_neither_act_in_it_nor_on_the_ward(tiny: Scenario) -> None:
    async with ward(tiny) as (pilot, screen):
        app = pilot.app
        assert isinstance(app, ScurfyApp)
        await press(pilot, "d", "9")
        assert app.screen.query_one(Input).value == "9", "one that was asked for takes keys at once"
        await press(pilot, "escape")
        app.grace = 600
        await press(pilot, "t", "enter", "9", "enter", "escape", "o")
        assert isinstance(app.screen, DifferentialDialog)
        assert app.screen.query_one(Input).value == ""
        assert now(screen).checkpoint == 0
        stale = events.Key("2", "2")
        for key, line in (("9", "9"), ("backspace", "")):
            app.post_message(later(key, 601))
            await pilot.pause()
            assert app.screen.query_one(Input).value == line, "what comes after the first moments is meant"
        app.post_message(later("escape", 601))
        await pilot.pause()
        app.post_message(stale)
        await pilot.pause()
        assert app.screen is screen
        assert screen.page == 0


def typed(text: str) -> list[str]:
    """The keys of a line that somebody types."""
    return [{" ": "space", ",": "comma"}.get(letter, letter) for letter in text]


def later(key: str, seconds: float) -> events.Key:
    """A key typed so many seconds from now."""
    typed = events.Key(key, key if len(key) == 1 else None)
    typed.time += seconds
    return typed


async def test_probabilities_never_add_up_to_more_than_everything(tiny: Scenario) -> None:
    async with ward(tiny) as (pilot, screen):
        await press(pilot, "d", *typed("meadow fever 90 milk allergy 50"), "enter")
        assert isinstance(pilot.app.screen, DifferentialDialog)
        assert "more than 100%" in painted(pilot.app)
        assert not [e for e in now(screen).visible if isinstance(e, DifferentialStated)]


async def test_the_differential_is_typed_and_nothing_of_the_case_is_offered(tiny: Scenario) -> None:
    async with ward(tiny) as (pilot, screen):
        await press(pilot, "d")
        shown = painted(pilot.app)
        assert not any(diagnosis.name in shown for diagnosis in tiny.catalogue.diagnoses.values())
        await press(pilot, *typed("dragon pox 20"), "enter")
        assert "No one diagnosis is called 'dragon pox'" in painted(pilot.app)
        await press(pilot, "escape")
        assert now(screen).differential == ()


async def test_hints_are_given_in_tutor_mode_only(tiny: Scenario) -> None:
    async with ward(tiny, mode="exam") as (pilot, screen):
        assert "i Hint" not in painted(pilot.app)
        await press(pilot, "i")
        assert "tutor mode" in said(pilot.app)
        assert not any(isinstance(e, HintGiven) for e in now(screen).visible)
    async with ward(tiny, mode="tutor") as (pilot, screen):
        assert "i Hint" in painted(pilot.app), "the bottom line names the key where it works"
        await press(pilot, "i")
        told = " ".join(screen.query_one(JustNow).text.split())
        assert "Look at the perfusion. Shock is seen in the feet first." in told


# --- safety --------------------------------------------------------------------------------------------------

HOSTILE = ("[@click=app.boom]here[/]", "[/]", "20 mg [per kg] twice", "[link=https://example.org]x", "[[", "$x [b")


def _hostile(case: Scenario) -> Scenario:
    text = " ".join(HOSTILE)
    orders = {
        id: order.model_copy(update={"name": f"{order.name} {HOSTILE[0]}", "normal": text, "group": HOSTILE[1]})
        for id, order in case.catalogue.orders.items()
    }
    diagnoses = {
        id: d.model_copy(update={"name": f"{d.name} {HOSTILE[2]}"}) for id, d in case.catalogue.diagnoses.items()
    }
    catalogue = case.catalogue.model_copy(update={"orders": orders, "diagnoses": diagnoses})
    told = case.case.model_copy(update={"title": HOSTILE[2], "opening": text, "setting": HOSTILE[0], "blurb": text})
    return case.model_copy(update={"catalogue": catalogue, "case": told})


@SIZES
async def test_brackets_in_a_case_are_shown_and_never_obeyed(tiny: Scenario, size: tuple[int, int]) -> None:
    async with ward(_hostile(tiny), size) as (pilot, screen):
        page = ""
        keys = ("o", "down", "enter", "escape", "s", "escape", "t", "escape", *"1234567", "d", "escape",
                "question_mark", "escape", "f", "y", "enter")  # fmt: skip
        for key in keys:
            await press(pilot, key)
            page += painted(pilot.app)
        for text in ("20 mg [per kg] twice", "[@click=app.boom]"):
            assert text in page
        assert screen.attempt.snapshot().ended is not None


async def test_control_characters_never_reach_the_terminal(home: Path) -> None:
    evil = "a\x1b]2;PWNED\x07b\u202ec"
    assert "\x1b" not in plain(evil).plain
    assert "\u202e" not in plain(evil).plain

    class One(Lines):
        def rows(self, width: int) -> list[Row]:  # noqa: ARG002 (one line, whatever its width)
            return [((evil, ""),)]

    async with ScurfyApp(home).run_test() as pilot:
        pane = One()
        await pilot.app.screen.mount(pane)
        await pilot.pause()
        assert "\x1b" not in painted(pilot.app)


@SIZES
async def test_the_ward_shows_nothing_of_the_true_state(tiny: Scenario, size: tuple[int, int]) -> None:
    async with ward(tiny, size) as (pilot, _):
        await press(pilot, "t", "enter", "escape")
        page = painted(pilot.app)
        for key in "1234567":
            await press(pilot, key)
            page += painted(pilot.app)
        for region in tiny.disease.regions.values():
            for state in region.states.values():
                assert state.name not in page


async def test_the_ward_opens_on_the_briefing_and_says_that_nobody_reviewed_it(tiny: Scenario) -> None:
    async with ward(tiny) as (pilot, screen):
        for key in ("1", "5"):
            await press(pilot, key)
            assert screen.attempt.opening().split()[0] in painted(pilot.app)
            assert "Not yet reviewed by a clinician." in painted(pilot.app)


async def test_a_window_that_is_made_narrow_has_no_frame_round_the_page(tiny: Scenario) -> None:
    async with ward(tiny) as (pilot, _):
        assert "╭" in painted(pilot.app)
        await pilot.resize_terminal(*NARROW)
        await settle(pilot)
        assert "╭" not in painted(pilot.app)
        await pilot.resize_terminal(*WIDE)
        await settle(pilot)
        assert "╭" in painted(pilot.app)


async def test_on_a_small_terminal_a_full_basket_marks_the_page_it_is_on(tiny: Scenario) -> None:
    async with ward(tiny, NARROW) as (pilot, _):
        await press(pilot, "o", *"crp", "enter", "escape")
        assert "7 Running*" in painted(pilot.app)
        await press(pilot, "u")
        assert "7 Running*" not in painted(pilot.app)


async def test_the_way_out_of_the_order_window_is_in_sight_on_a_small_terminal(tiny: Scenario) -> None:
    async with ward(tiny, NARROW) as (pilot, _):
        await press(pilot, "o", *"crp", "enter")
        assert "Esc goes back" in painted(pilot.app)
        await press(pilot, *"electrolytes", "enter")
        assert "Esc goes back" in painted(pilot.app)


async def test_teaching_only_is_always_on_the_ward(tiny: Scenario) -> None:
    for size in (WIDE, NARROW):
        async with ward(tiny, size) as (pilot, _):
            assert "Teaching only, not for patient care" in painted(pilot.app)


# --- small parts ---------------------------------------------------------------------------------------------


def test_a_sparkline_rises_with_its_values() -> None:
    rising = sparkline((1.0, 2.0, 3.0, 4.0), 4)
    assert len(rising) == 4
    assert rising == sparkline((10, 20, 30, 40), 4), "scaled to its own range"
    assert rising != sparkline((4, 3, 2, 1), 4)
    assert sparkline((1,), 4) == ""


def test_a_dot_outside_the_field_is_ignored() -> None:
    canvas = Canvas(2, 1)
    canvas.dot(-1, 0)
    canvas.dot(4, 9)
    assert canvas.rows() == ["  "]


def test_text_is_folded_by_cells_and_cut_with_an_ellipsis() -> None:
    assert fold("one two three", 7) == ["one two", "three"]
    assert fold("abcdefghij", 4, indent=1) == ["abcd", " efg", " hij"]
    assert shorten("abcdefghij", 5) == "abcd…"
    assert shorten("字字字", 5) == "字字…"


def test_flags_say_with_a_sign_what_they_say_in_colour(tiny: Scenario) -> None:
    pulse = tiny.catalogue.observables["heart_rate"]
    assert flag(210, 110, 170, pulse) == ("▲H!", "critical")
    assert flag(180, 110, 170, pulse) == ("▲H", "high")
    assert flag(100, 110, 170, pulse) == ("▼L", "low")
    assert flag(120, 110, 170, pulse) == ("", "")


async def test_only_the_rows_that_changed_are_repainted(tiny: Scenario) -> None:
    async with ward(tiny) as (pilot, screen):
        monitor = screen.query_one(Monitor)
        layouts: list[bool] = []
        original = Screen._refresh_layout

        def counted(self: Screen[Any], *args: Any, **kwargs: Any) -> None:
            layouts.append(True)
            original(self, *args, **kwargs)

        Screen._refresh_layout = counted  # type: ignore[method-assign]
        try:
            await press(pilot, "3")
            layouts.clear()
            screen.act(Wait(5, "time"))
            await pilot.pause()
        finally:
            Screen._refresh_layout = original  # type: ignore[method-assign]
        assert not layouts, "a wait moves no widget"
        assert "HR" in monitor.text


async def test_static_text_never_parses_markup(tiny: Scenario) -> None:
    async with ward(tiny) as (pilot, _):
        for key in ("o", "w", "d", "question_mark"):
            await press(pilot, key)
            for static in pilot.app.screen.query(Static):
                assert not isinstance(static.content, str) or not static._render_markup, static.id
            await press(pilot, "escape")


async def test_a_coach_says_what_to_try_next_by_the_key_of_the_screen_until_it_is_done(tiny: Scenario) -> None:
    told = (
        Coach(say="Ask who was ill: {ask}.", until=Condition.model_validate({"ordered": "hx_contacts"})),
        Coach(say="Now weigh him: {examine}.", until=Condition.model_validate({"ordered": "ex_weight"})),
    )
    case = tiny.case.model_copy(update={"coach": told})
    async with ward(tiny.model_copy(update={"case": case})) as (pilot, screen):
        assert "Ask who was ill: h." in painted(pilot.app)
        screen.act(PlaceOrder("hx_contacts"))
        await pilot.pause()
        assert "Now weigh him: e." in painted(pilot.app)
        screen.act(PlaceOrder("ex_weight"))
        await pilot.pause()
        assert "weigh him" not in painted(pilot.app)
