"""A teaching session: what its log leads to, and who may see, vote and lead."""

from __future__ import annotations

import csv
import html
import io
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.attempts.cases import CASES
from sim.case.moves import PlaceOrder, StopTherapy, Wait
from sim.engine.log import StateEntered, to_plain
from sim.engine.session import Session
from sim.rooms.events import (
    Asked,
    Choice,
    Closed,
    Ended,
    Joined,
    Laid,
    Played,
    Revealed,
    RoomEvent,
    Voted,
    from_data,
    to_data,
)
from sim.rooms.gradebook import gradebook
from sim.rooms.log import RoomLog
from sim.rooms.room import folded
from sim.web.ballot import choice_typed
from sim.web.beds import Beds
from sim.web.open_rooms import OpenRoom, Unfit
from sim.web.rooms import MISSES
from sim.web.server import application, close
from sim.words.events import event_text
from test_web import Browser

pytestmark = pytest.mark.slow

CHOICES = (
    Choice("a gas", PlaceOrder("blood_gas")),
    Choice("a bolus", PlaceOrder("bolus_isotonic", "10 mL/kg over 20 min")),
    Choice("an hour", Wait(60, "call")),
)
BEFORE: tuple[RoomEvent, ...] = (Laid("bed"), Joined("p1", "Kim"), Joined("p2", "Ada"), Asked("bed", CHOICES))

# --- the fold ---------------------------------------------------------------------------------------------------


def test_the_last_vote_before_the_ballot_is_closed_counts_and_each_person_once() -> None:
    room = folded((*BEFORE, Voted(1, "p1", 0), Voted(1, "p2", 1), Voted(1, "p1", 1), Closed(1), Voted(1, "p2", 2)))
    assert room.rounds[0].tally == (0, 2, 0)
    assert room.rounds[0].ranked == (1,)


@pytest.mark.parametrize("late", [Voted(1, "stranger", 0), Voted(2, "p1", 0), Voted(1, "p1", 9), Voted(0, "p1", 0)])
def test_a_vote_that_does_not_fit_counts_nowhere(late: Voted) -> None:
    assert folded((*BEFORE, late)).rounds[0].votes == ()


def test_a_ballot_is_revealed_only_when_it_is_closed_and_a_second_waits_for_that() -> None:
    room = folded((*BEFORE, Revealed(1), Asked("bed", CHOICES)))
    assert not room.rounds[0].revealed
    assert len(room.rounds) == 1
    room = folded((*BEFORE, Closed(1), Revealed(1), Asked("bed", CHOICES)))
    assert [one.number for one in room.rounds] == [1, 2]


def test_a_name_that_somebody_has_gets_a_number() -> None:
    room = folded((Joined("p1", "Kim"), Joined("p2", "Kim 2")))
    assert room.free_name("kim") == "kim 3"
    assert room.free_name("Ada") == "Ada"


EVENTS = st.one_of(
    st.builds(Joined, st.sampled_from(["p1", "p2", "p3"]), st.sampled_from(["Kim", "Ada", "=1+1"])),
    st.builds(Asked, st.just("bed"), st.just(CHOICES)),
    st.builds(Voted, st.integers(0, 3), st.sampled_from(["p1", "p2", "p3"]), st.integers(-1, 3)),
    st.builds(Closed, st.integers(0, 3)),
    st.builds(Revealed, st.integers(0, 3)),
    st.builds(Played, st.integers(0, 3), st.just("bed"), st.integers(0, 2), st.integers(1, 9)),
    st.builds(Laid, st.just("bed")),
    st.just(Ended()),
)


@given(st.lists(EVENTS, max_size=40), st.data())
def test_delivering_a_vote_again_changes_nothing_but_how_many_events_there_are(
    events: list[RoomEvent], data: st.DataObject
) -> None:
    places = [i for i, event in enumerate(events) if isinstance(event, (Voted, Joined))]
    if places:
        i = data.draw(st.sampled_from(places))
        once, twice = folded(events), folded([*events[: i + 1], events[i], *events[i + 1 :]])
        assert (once.people, once.beds, once.ended) == (twice.people, twice.beds, twice.ended)
        assert [one.tally for one in once.rounds] == [one.tally for one in twice.rounds]


@given(st.lists(EVENTS, max_size=40))
def test_no_round_counts_more_votes_than_there_are_people_and_learners_see_no_vote_in_the_number(
    events: list[RoomEvent],
) -> None:
    room = folded(events)
    assert all(sum(one.tally) <= len(room.people) for one in room.rounds)
    without = folded([event for event in events if not isinstance(event, Voted)])
    assert room.seen == without.seen


@given(EVENTS)
def test_an_event_comes_back_from_the_disk_as_it_was(event: RoomEvent) -> None:
    assert from_data(to_data(event)) == event


def test_what_is_no_event_is_refused() -> None:
    for data in ({}, {"kind": "voted"}, {"kind": "asked", "bed": "b", "choices": [{}]}, {"kind": "left"}):
        with pytest.raises(ValueError, match="expected"):
            from_data(data)


def test_the_log_keeps_what_happened_in_order_and_the_leaders_secret(tmp_path: Path) -> None:
    with RoomLog(tmp_path / "room.sqlite3") as log:
        log.keep_key("secret")
        for number, event in enumerate(BEFORE, 1):
            log.append(number, event)
    with RoomLog(tmp_path / "room.sqlite3") as log:
        assert (log.key(), log.events()) == ("secret", BEFORE)


def test_the_gradebook_has_a_line_for_each_person_and_no_formula() -> None:
    room = folded((Laid("bed"), Joined("p1", "=SUM(A1)"), Joined("p2", "Ada"), Asked("bed", CHOICES), Voted(1, "p1", 1),
                   Closed(1), Revealed(1), Played(1, "bed", 1, 1)))  # fmt: skip
    rows = list(csv.reader(io.StringIO(gradebook(room))))
    assert rows[1:] == [["'=SUM(A1)", "1", "1", "1"], ["Ada", "1", "0", "0"]]


# --- what is typed for the room ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "move"),
    [
        ("blood gas", PlaceOrder("blood_gas")),
        ("isotonic bolus 20", PlaceOrder("bolus_isotonic", "20 mL/kg over 20 min")),
        ("stop insulin infusion", StopTherapy("insulin_infusion")),
        ("wait 2h", Wait(120, "call")),
    ],
)
def test_a_choice_is_typed_as_one_would_say_it(typed: str, move: object) -> None:
    assert choice_typed(CASES.load("drying_out"), typed).move == move


@pytest.mark.parametrize(("typed", "told"), [("magic", "no order that is known"), ("wait long", "Wait how long"),
                                             ("isotonic bolus 900", "can be given")])  # fmt: skip
def test_what_is_no_choice_is_said(typed: str, told: str) -> None:
    with pytest.raises(Unfit, match=told):
        choice_typed(CASES.load("drying_out"), typed)


# --- in browsers ------------------------------------------------------------------------------------------------


@pytest.fixture
def room(app: Any) -> OpenRoom:
    made: OpenRoom = app.state.rooms.made("drying_out", 7)
    return made


def joined(app: Any, room: OpenRoom, name: str) -> Browser:
    browser = Browser(app)
    browser.send(f"/room/{room.code}/join", name=name)
    return browser


def lead(room: OpenRoom) -> str:
    return f"/room/{room.code}/lead/{room.key}"


def ask(app: Any, room: OpenRoom, *choices: str) -> Browser:
    leader = Browser(app)
    leader.send(f"{lead(room)}/ask", bed=room.room.beds[0].bed, choice=list(choices))
    assert leader.page.status_code == 200, leader.text
    return leader


def test_a_room_from_the_first_name_to_the_gradebook(app: Any, room: OpenRoom) -> None:
    kim, ada, two = joined(app, room, "Kim"), joined(app, room, "Ada"), joined(app, room, "Kim")
    assert "Kim 2" in two.text
    leader = ask(app, room, "blood gas", "isotonic bolus 20")
    for browser, choice in ((kim, "1"), (ada, "0"), (two, "1")):
        browser.send(f"/room/{room.code}/vote", round="1", choice=choice)
    leader.send(f"{lead(room)}/close")
    leader.send(f"{lead(room)}/reveal")
    assert "How we voted" in ada.go(f"/room/{room.code}").text
    leader.send(f"{lead(room)}/play", round="1", choice="1", bed=room.room.beds[0].bed)
    assert "Isotonic fluid bolus" in ada.go(f"/room/{room.code}").text
    leader.send(f"{lead(room)}/act", typed="wait 30 min", bed=room.room.beds[0].bed)
    assert leader.page.status_code == 200
    leader.send(f"{lead(room)}/end")
    assert "What you did, against the pathway" in ada.go(f"/room/{room.code}/debrief/{room.room.beds[0].bed}").text
    told = html.unescape(ada.go(f"/room/{room.code}/debrief").text)
    assert "played in bed A" in told
    book = leader.go(f"{lead(room)}/gradebook.csv")
    assert book.headers["content-type"].startswith("text/csv")
    assert list(csv.reader(io.StringIO(book.content.decode("utf-8-sig"))))[1] == ["Kim", "1", "1", "1"]


def test_no_vote_is_in_any_byte_for_learners_or_the_screen_before_its_reveal(app: Any, room: OpenRoom) -> None:
    people = [joined(app, room, name) for name in ("Kim", "Ada", "Bo")]
    leader = ask(app, room, "blood gas", "isotonic bolus 20")
    before = [re.sub(r"<form.*?</form>", "", one.go(f"/room/{room.code}").text, flags=re.DOTALL) for one in people]
    people[0].send(f"/room/{room.code}/vote", round="1", choice="1")
    after_ = [re.sub(r"<form.*?</form>", "", one.go(f"/room/{room.code}").text, flags=re.DOTALL) for one in people]
    assert before[1:] == after_[1:]
    screen = Browser(app)
    screen.go(f"/room/{room.code}/screen")
    assert "1 of 3 have voted" in screen.text
    assert "meter" not in screen.page.text
    assert "Not yet: Ada, Bo." in html.unescape(leader.go(lead(room)).text)


def test_what_is_hidden_is_for_the_leader_alone(app: Any, room: OpenRoom) -> None:
    kim, leader = joined(app, room, "Kim"), ask(app, room, "blood gas", "wait 1 h")
    scenario = CASES.load("drying_out")
    opened = Session(scenario, 7).log
    hidden = {event_text(scenario, event).text for event in opened if isinstance(event, StateEntered)}
    screen = Browser(app)
    shown = html.unescape(kim.go(f"/room/{room.code}").text + screen.go(f"/room/{room.code}/screen").text)
    assert [words for words in hidden if words in shown] == []
    assert [words for words in hidden if words not in html.unescape(leader.go(lead(room)).text)] == []
    for where in (f"/room/{room.code}/lead/{'0' * 32}", f"/room/{room.code}/lead/x", f"{lead(room)}0"):
        assert kim.go(where).status_code == 404
    assert kim.send(f"/room/{room.code}/lead/{'0' * 32}/end").status_code == 404
    assert kim.go(f"/room/{room.code}/debrief").status_code == 409


def test_a_split_vote_forks_the_bed_with_the_same_fate(app: Any, room: OpenRoom) -> None:
    leader = ask(app, room, "isotonic bolus 10", "isotonic bolus 20")
    leader.send(f"{lead(room)}/close")
    leader.send(f"{lead(room)}/reveal")
    leader.send(f"{lead(room)}/fork", round="1", bed=room.room.beds[0].bed, first="0", second="1")
    assert leader.page.status_code == 200, leader.text
    first, second = room.beds()
    assert first.attempt.stored.seed == second.attempt.stored.seed
    assert [laid.parent for laid in room.room.beds] == [None, first.attempt.id]
    doses = [[e.dose for e in bed.attempt.log if getattr(e, "dose", None)] for bed in (first, second)]
    assert doses == [["10 mL/kg over 20 min"], ["20 mL/kg over 20 min"]]
    assert "Bed B" in Browser(app).go(f"/room/{room.code}/screen").text


def test_whoever_leads_goes_back_to_a_moment_and_plays_on_from_there(app: Any, room: OpenRoom) -> None:
    bed, leader = room.room.beds[0].bed, Browser(app)
    for typed in ("wait 10 min", "blood gas", "wait 1 h"):
        leader.send(f"{lead(room)}/act", typed=typed, bed=bed)
    leader.send(f"{lead(room)}/back", moment=f"{bed} 1")
    assert leader.page.status_code == 200, leader.text
    first, other = room.beds()
    assert other.attempt.count == 1
    assert other.snapshot.now == 10
    assert first.snapshot.now > other.snapshot.now
    for wrong in (f"{bed} 9", f"{bed} x", "nobody 0", ""):
        assert leader.send(f"{lead(room)}/back", moment=wrong).status_code == 409
    assert len(room.room.beds) == 2


@pytest.mark.parametrize(
    ("command", "fields", "told"),
    [
        ("ask", {"choice": ["blood gas"]}, "2 to 6 choices"),
        ("ask", {"choice": ["blood gas", "magic"]}, "no order that is known"),
        ("close", {}, "No ballot is open"),
        ("reveal", {}, "Close the ballot first"),
        ("play", {"round": "1", "choice": "0"}, "There is no such ballot"),
        ("play", {"round": "x", "choice": "0"}, "cannot be read"),
        ("act", {"typed": "stop insulin infusion"}, "not running"),
        ("fork", {"round": "1", "first": "0", "second": "1"}, "There is no such ballot"),
    ],
)
def test_a_command_that_does_not_fit_is_told_and_changes_nothing(
    app: Any, room: OpenRoom, command: str, fields: dict[str, Any], told: str
) -> None:
    leader, before = Browser(app), room.room
    leader.send(f"{lead(room)}/{command}", bed=room.room.beds[0].bed, **fields)
    assert leader.page.status_code == 409
    assert told in leader.text
    assert room.room == before


def test_a_stranger_a_late_vote_and_a_vote_twice(app: Any, room: OpenRoom) -> None:
    kim = joined(app, room, "Kim")
    leader = ask(app, room, "blood gas", "wait 1 h")
    assert Browser(app).send(f"/room/{room.code}/vote", round="1", choice="0").status_code == 409
    for _ in range(2):
        kim.send(f"/room/{room.code}/vote", round="1", choice="0")
    assert room.room.rounds[0].tally == (1, 0)
    leader.send(f"{lead(room)}/close")
    assert kim.send(f"/room/{room.code}/vote", round="1", choice="1").status_code == 409
    assert "closed" in kim.text
    assert room.room.rounds[0].tally == (1, 0)


def test_a_name_is_text_and_short(app: Any, room: OpenRoom) -> None:
    joined(app, room, "<img src=x onerror=alert(1)>")
    leader = Browser(app)
    assert "<img" not in leader.go(lead(room)).text
    assert all(len(name) <= 33 for _, name in room.room.people)


def test_a_reload_and_a_late_comer_see_what_everybody_sees(app: Any, room: OpenRoom) -> None:
    kim = joined(app, room, "Kim")
    ask(app, room, "blood gas", "wait 1 h")
    kim.send(f"/room/{room.code}/vote", round="1", choice="0")
    once = kim.go(f"/room/{room.code}").text
    assert once == kim.go(f"/room/{room.code}").text
    assert "What do we do?" in joined(app, room, "Late").text


def test_a_server_that_is_ended_in_mid_ballot_loses_no_vote(app: Any, room: OpenRoom, home: Path) -> None:
    kim = joined(app, room, "Kim")
    ask(app, room, "blood gas", "wait 1 h")
    kim.send(f"/room/{room.code}/vote", round="1", choice="1")
    again = application(home, Beds(None))
    found = again.state.rooms.find(room.code)
    assert found.room == room.room
    assert found.leads(room.key)
    back = Browser(again)
    back.client.cookies = kim.client.cookies
    assert 'aria-pressed="true"' in back.go(f"/room/{room.code}").text
    close(again)


@pytest.mark.parametrize("where", ["", "/events", "/screen", "/screen/events"])
def test_a_room_whose_log_is_damaged_is_said_to_be_that(app: Any, room: OpenRoom, home: Path, where: str) -> None:
    app.state.rooms.close()
    (home / "rooms" / room.code / "room.sqlite3").write_bytes(b"no database at all" * 100)
    page = Browser(app).go(f"/room/{room.code}{where}")
    assert page.status_code == 409
    assert "is damaged" in page.text
    assert str(home) not in page.text


def test_codes_cannot_be_guessed_by_the_thousand(app: Any, room: OpenRoom) -> None:
    stranger = Browser(app)
    answers = [stranger.go(f"/room/{a}{b}CCCC").status_code for a in "BCDFGHJKL" for b in "BCDFGHJKLMNPQR"]
    assert answers[:MISSES] == [404] * MISSES
    assert set(answers[MISSES:]) == {429}
    assert stranger.go("/room/BBCCCC/events").status_code == 429


def test_a_form_of_another_site_leads_nothing(app: Any, room: OpenRoom) -> None:
    answer = Browser(app).client.post(f"{lead(room)}/end", headers={"Origin": "http://elsewhere.example"})
    assert answer.status_code == 403
    assert not room.room.ended


def test_a_bed_lives_the_life_of_its_seed(room: OpenRoom) -> None:
    room.play(Wait(60, "call"), room.room.beds[0].bed)
    apart = Session(CASES.load("drying_out"), 7)
    apart.apply(Wait(60, "call"))
    (bed,) = room.beds()
    assert [to_plain(e) for e in bed.attempt.log] == [to_plain(e) for e in apart.log]
