"""The three views of a room, from one fold: who takes part, the projector, and who leads it.

What a view may show is decided here by what it is given: no view but the leader's is given a hidden event, or a vote
before its reveal, and none a name beside a vote.
"""

from __future__ import annotations

from typing import Final

from scoring.review.review import Judged
from sim.attempts.finish import stored_review, take_review
from sim.case.quantities import duration
from sim.rooms.events import Played
from sim.rooms.room import Round
from sim.web import ward
from sim.web.beds import Bed
from sim.web.frame import Place, button, form, hidden, notice, page, section
from sim.web.open_rooms import MOST_CHOICES, OpenRoom
from sim.web.qr import code_of
from sim.web.truth import truth_of
from sim.words.format import clock
from sim.words.markup import Markup, tag

_EXAMPLE: Final = "an order with its dose, stop NAME, or wait 2 h"
_PEN: Final = 0.005
"""Losses below this are no difference worth a word."""


def learner_page(open_: OpenRoom, person: str | None, told: str = "", name: str = "") -> str:
    """Return what somebody who takes part sees; a form to join for whoever is not in yet, with a name to take."""
    where = f"/room/{open_.code}"
    mine = None if person is None else open_.room.name_of(person)
    if mine is None or person is None:
        ask = form(f"{where}/join", tag("label", "Your name", tag("input", name="name", value=name, maxlength=30,
                                                                 required=True, autocomplete="off")),
                   button("Join"))  # fmt: skip
        note = tag("p", "Take the name that is there, or write another. There is no account.", class_="quiet")
        return page("Join", _title(open_, "Join the room"), notice(told), section("Who are you?", ask, note))
    return page(f"Room {open_.code}", _title(open_, mine), notice(told), _ballot(open_, person), _results(open_),
                _over(open_), _patients(open_), count=open_.room.seen, events=f"{where}/events")  # fmt: skip


def screen_page(open_: OpenRoom, address: str) -> str:
    """Return what the projector shows: how to come in, the ballot, the patient."""
    where, now = f"/room/{open_.code}", open_.room.round
    people = len(open_.room.people)
    way_in = section(f"Room {open_.code}", tag("div", code_of(address), class_="code"), tag("p", address),
                     tag("p", f"{people} in the room", class_="quiet"), class_="way-in")  # fmt: skip
    asked = None
    if now is not None:
        choices = tag("ol", [tag("li", choice.label) for choice in now.choices], class_="choices")
        state = "Voting is closed." if now.closed else f"{len(now.votes)} of {people} have voted."
        asked = section(f"What do we do? (bed {open_.letter(now.bed)})", choices, tag("p", state))
    return page(f"Room {open_.code}", _title(open_, "On the screen"), way_in, asked, _results(open_), _over(open_),
                _patients(open_), count=open_.room.events, events=f"{where}/screen/events")  # fmt: skip


def lead_page(open_: OpenRoom, told: str = "", typed: tuple[str, ...] = ()) -> str:
    """Return what whoever leads the room sees: the ballot with its votes, what is hidden, what comes next."""
    root = lead_root(open_)
    places = (Place("Join page", f"/room/{open_.code}"), Place("Projector", f"/room/{open_.code}/screen"))
    over = open_.room.ended
    parts = () if over else (_leading(open_, root, typed), _acting(open_, root))
    return page(f"Leading {open_.code}", _title(open_, f"{len(open_.room.people)} in the room"), notice(told), parts,
                _results(open_, root), _over(open_, root), [_hidden(open_, bed) for bed in open_.beds()],
                _people(open_), _patients(open_), bar=places, count=open_.room.events,
                events=f"{root}/events")  # fmt: skip


def debrief_page(open_: OpenRoom) -> str:
    """Return the room's debrief: each ballot with its votes, what was played, and what that cost, apart from luck."""
    rounds = [_round_told(open_, one) for one in open_.room.rounds]
    beds = [
        tag("li", tag("a", f"The whole debrief of bed {open_.letter(bed.attempt.id)}",
                      href=f"/room/{open_.code}/debrief/{bed.attempt.id}"))
        for bed in open_.beds()
    ]  # fmt: skip
    note = "What a choice cost is what could be expected of it, against the pathway from there on; luck is left out."
    votes = section("The votes", rounds or tag("p", "No ballot was held."), tag("p", note, class_="quiet"))
    patients = section("The patients", tag("ul", beds))
    return page(f"Debrief of room {open_.code}", _title(open_, "Debrief"), votes, patients)


def lead_root(open_: OpenRoom) -> str:
    """Return where the leader's pages are: only who knows the secret knows the address."""
    return f"/room/{open_.code}/lead/{open_.key}"


def _title(open_: OpenRoom, who: str) -> Markup:
    return tag("header", tag("h1", f"Room {open_.code}"), tag("p", who), class_="who")


# --- what everybody sees -----------------------------------------------------------------------------------------


def _patients(open_: OpenRoom) -> Markup:
    beds = open_.beds()
    parts = [
        tag("div", section(f"Bed {open_.letter(bed.attempt.id)}", ward.head(bed)) if beds[1:] else ward.head(bed),
            ward.patient(bed), class_="column")
        for bed in beds
    ]  # fmt: skip
    return tag("div", parts, class_="beds" if beds[1:] else "beds one")


def _results(open_: OpenRoom, root: str = "") -> Markup | None:
    """Return how the latest ballot that was revealed was voted; with a way to play it, for whoever leads."""
    shown = [one for one in open_.room.rounds if one.revealed]
    if not shown or open_.room.round is not None:
        return None
    one = shown[-1]
    playing = _play_form(open_, one, root) if root and not open_.room.ended else None
    return section(f"How we voted (bed {open_.letter(one.bed)})", _tally(open_, one), playing)


def _tally(open_: OpenRoom, one: Round) -> Markup:
    most = max(max(one.tally), 1)
    played = {done.choice: open_.letter(done.bed) for done in one.played}
    rows = [
        tag("tr", tag("th", choice.label, scope="row"), tag("td", count, class_="number"),
            tag("td", tag("meter", value=count, min=0, max=most, aria_label=f"{count} votes")),
            tag("td", f"played in bed {played[place]}" if place in played else ""))
        for place, (choice, count) in enumerate(zip(one.choices, one.tally, strict=True))
    ]  # fmt: skip
    return tag("table", tag("tbody", rows), class_="tally")


def _over(open_: OpenRoom, root: str = "") -> Markup | None:
    if not open_.room.ended:
        return None
    book = tag("p", tag("a", "The gradebook, as CSV", href=f"{root}/gradebook.csv")) if root else None
    return section("The session is over", tag("p", tag("a", "The debrief of the room",
                   href=f"/room/{open_.code}/debrief", class_="button")), book)  # fmt: skip


def _ballot(open_: OpenRoom, person: str) -> Markup | None:
    """Return the ballot that is open, with a button for each choice and what one voted so far."""
    now = open_.room.round
    if now is None:
        return None
    mine = dict(now.votes).get(person)
    title = f"What do we do? (bed {open_.letter(now.bed)})"
    if now.closed:
        given = "You did not vote." if mine is None else f"You voted: {now.choices[mine].label}."
        return section(title, tag("p", f"Voting is closed. {given}"))
    votes = [
        tag("button", choice.label, type="submit", name="choice", value=place, class_="vote",
            aria_pressed="true" if mine == place else "false")
        for place, choice in enumerate(now.choices)
    ]  # fmt: skip
    ask = form(f"/room/{open_.code}/vote", hidden("round", str(now.number)), tag("div", votes, class_="votes"))
    changes = "You may change it until it is closed." if mine is not None else "Nobody sees it before it is revealed."
    return section(title, ask, tag("p", changes, class_="quiet"), id="now")


# --- what only the leader sees -----------------------------------------------------------------------------------


def _leading(open_: OpenRoom, root: str, typed: tuple[str, ...]) -> Markup:
    """Return the ballot's controls: what comes next is always one button away."""
    now = open_.room.round
    if now is None:
        return _asking(open_, root, typed)
    votes = dict(now.votes)
    waiting = [name for person, name in open_.room.people if person not in votes]
    state = f"{len(votes)} of {len(open_.room.people)} have voted."
    lacking = tag("p", f"Not yet: {', '.join(waiting)}.", class_="quiet") if waiting and not now.closed else None
    act, label = ("reveal", "Reveal how it was voted") if now.closed else ("close", "Close the ballot")
    return section(f"The ballot about bed {open_.letter(now.bed)}", tag("p", state), lacking, _tally(open_, now),
                   form(f"{root}/{act}", button(label)))  # fmt: skip


def _asking(open_: OpenRoom, root: str, typed: tuple[str, ...]) -> Markup:
    lines = (*typed, *("",) * (MOST_CHOICES - len(typed)))
    fields = [
        tag("label", f"Choice {n}", tag("input", name="choice", value=line, maxlength=80, autocomplete="off",
                                        placeholder=_EXAMPLE if n == 1 else None))
        for n, line in enumerate(lines, 1)
    ]  # fmt: skip
    return section("Ask the room", form(f"{root}/ask", _bed_field(open_), tag("div", fields, class_="pairs"),
                                        button("Open the ballot")))  # fmt: skip


def _acting(open_: OpenRoom, root: str) -> Markup:
    act = form(f"{root}/act", _bed_field(open_), tag("label", "Do now, without a vote",
               tag("input", name="typed", maxlength=80, required=True, autocomplete="off", placeholder="wait 1 h")),
               button("Do it"), class_="line")  # fmt: skip
    back = tag("details", tag("summary", "Go back to a moment, in another bed"), _going_back(open_, root))
    end = tag("details", tag("summary", "End the session"),
              tag("p", "The team goes on along the pathway in every bed, and the debrief is open to everybody."),
              form(f"{root}/end", button("End it", class_="danger")))  # fmt: skip
    return section("At the bedside", act, back, end)


def _going_back(open_: OpenRoom, root: str) -> Markup:
    """Return every moment before a move, of every bed, as a way to play on from there with the same fate."""
    moments = [
        tag("option", f"Bed {open_.letter(laid.bed)}, {clock(at)}, move {moves + 1}", value=f"{laid.bed} {moves}")
        for laid in open_.room.beds for moves, at in open_.moments(laid.bed)
    ]  # fmt: skip
    if not moments:
        return tag("p", "Nothing was played yet.", class_="quiet")
    return form(f"{root}/back", tag("label", "Which moment?", tag("select", moments, name="moment")),
                button("Play on from there"), class_="line")  # fmt: skip


def _bed_field(open_: OpenRoom) -> Markup:
    beds = open_.room.beds
    if not beds[1:]:
        return hidden("bed", beds[0].bed)
    options = [tag("option", f"Bed {open_.letter(laid.bed)}", value=laid.bed) for laid in beds]
    return tag("label", "Which bed?", tag("select", options, name="bed"))


def _play_form(open_: OpenRoom, one: Round, root: str) -> list[Markup]:
    """Return a way to play each choice, the winner first, and to play the first two side by side."""
    ranked = one.ranked or tuple(range(len(one.choices)))
    plays = [
        form(f"{root}/play", hidden("round", str(one.number)), hidden("choice", str(place)), hidden("bed", one.bed),
             button(f"Play: {one.choices[place].label}", class_="small"))
        for place in ranked
    ]  # fmt: skip
    parts = [tag("div", plays, class_="row")] if not one.played else []
    if len(ranked) > 1 and not one.played:
        first, second = ranked[:2]
        words = f"Fork: {one.choices[first].label} here, {one.choices[second].label} in a second bed with the same fate"
        parts.append(form(f"{root}/fork", hidden("round", str(one.number)), hidden("bed", one.bed),
                          hidden("first", str(first)), hidden("second", str(second)), button(words)))  # fmt: skip
    return parts


def _hidden(open_: OpenRoom, bed: Bed) -> Markup:
    """Return what is truly going on in a bed, what comes if nothing is done, and what the pathway would do."""
    truth = truth_of(bed)
    coming = [tag("li", f"in {duration(at - bed.snapshot.now)}: {words}") for at, words in truth.coming]
    return section(
        f"For your eyes: bed {open_.letter(bed.attempt.id)}",
        tag("p", tag("strong", "Next on the pathway: "), truth.next_step or "Nothing is due now."),
        tag("p", tag("strong", "If nothing is done: ")), tag("ul", coming or tag("li", "nothing for two days")),
        tag("details", tag("summary", f"What is truly going on ({len(truth.states)})"),
            tag("ul", [tag("li", words) for words in truth.states])),
    )  # fmt: skip


def _people(open_: OpenRoom) -> Markup:
    names = [tag("li", name) for _, name in open_.room.people]
    return section(f"In the room ({len(names)})", tag("ul", names, class_="people"))


# --- what it cost ------------------------------------------------------------------------------------------------


def _round_told(open_: OpenRoom, one: Round) -> Markup:
    title = tag("h3", f"{one.number}. Bed {open_.letter(one.bed)}")
    costs = [tag("p", _cost(open_, one, done)) for done in one.played]
    return tag("div", title, _tally(open_, one), costs or tag("p", "Nothing of it was played.", class_="quiet"))


def _cost(open_: OpenRoom, one: Round, done: Played) -> str:
    bed = open_.bed(done.bed)
    said = f"“{one.choices[done.choice].label}” in bed {open_.letter(done.bed)}"
    judged = _judged(bed, done.number)
    if judged is None:
        return f"{said}: what it cost is not worked out yet."
    then = f" ({clock(judged.decision.at)})"
    if judged.loss < _PEN:
        return f"{said}{then}: it cost nothing that could be expected."
    return f"{said}{then}: it cost {judged.loss:.3f} of what could be expected, give or take {judged.se:.3f}."


def _judged(bed: Bed, number: int) -> Judged | None:
    """Return what the decision was worth that a move was part of; None while it is not worked out."""
    review = stored_review(bed.attempt)
    job = bed.attempt.review
    if review is None and job is not None and job.state.record is not None:
        review = take_review(bed.attempt, job.state.record)
    if review is None:
        return None
    of = (one for one in review.decisions if one.decision.taken < number)
    return max(of, key=lambda one: one.decision.taken, default=None)
