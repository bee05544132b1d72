"""What is there to play, what was played of it, and the briefing before a case."""

from __future__ import annotations

from collections.abc import Iterable

from sim.attempts.listing import Listed, Listing
from sim.attempts.store import StoredAttempt
from sim.case.model.case import Case
from sim.web.frame import button, form, notice, page, section
from sim.words.format import review_note
from sim.words.markup import Markup, tag
from sim.words.modes import Mode


def library_page(listing: Listing, due: int, told: str = "") -> str:
    """Return the library; `due` is how many questions are to be answered again."""
    asked = None
    if due:
        words = f"{due} question{'s' * (due > 1)} from the cases you finished"
        asked = tag("p", tag("a", words, href="/recall"), " can be answered again.", class_="notice good")
    cases = [tag("li", _case(case, listing)) for case in listing.cases]
    return page("Cases", tag("header", tag("h1", "Scurfy"), tag("p", "A bedside case game."), class_="who"),
                notice(told or listing.problem), asked, section("Cases", tag("ol", cases, class_="cases")))  # fmt: skip


def briefing_page(listed: Listed, case: Case, told: str = "") -> str:
    """Return what is to be known and chosen before a case."""
    modes = [
        tag("label", tag("input", type="radio", name="mode", value=mode, checked=mode == Mode.PRACTICE),
            tag("span", f"{mode.capitalize()}: {mode.description}"), class_="choice")
        for mode in Mode
    ]  # fmt: skip
    seed = tag("label", "Which patient? The same number gives the same one.",
               tag("input", name="seed", inputmode="numeric", pattern="[0-9]*", maxlength=9, placeholder="any",
                   autocomplete="off"))  # fmt: skip
    begin = form(f"/case/{listed.id}", tag("fieldset", tag("legend", "How do you want to play?"), modes), seed,
                 button("Meet the patient"))  # fmt: skip
    return page(case.title, tag("header", tag("h1", case.title), class_="who"), notice(told),
                tag("p", case.setting), tag("p", _facts(listed), class_="quiet"),
                tag("p", review_note(case.reviewed), class_="quiet"), begin,
                tag("p", tag("a", "Back to the cases", href="/")))  # fmt: skip


def _facts(case: Listed) -> str:
    return f"{case.level}; difficulty {case.difficulty} of 5; about {case.minutes} min"


def _case(case: Listed, listing: Listing) -> Markup:
    if case.problem:
        return tag("article", tag("h3", case.title), tag("p", case.problem, class_="quiet"))
    mine = [attempt for attempt in listing.attempts if attempt.case_id == case.id]
    best = f" Best so far: {case.best}." if case.best else ""
    return tag(
        "article",
        tag("h3", tag("a", case.title, href=f"/case/{case.id}")),
        tag("p", case.blurb),
        tag("p", f"{_facts(case)}. {review_note(case.reviewed)}{best}", class_="quiet"),
        tag("ul", _attempts(mine), class_="attempts") if mine else None,
    )


def _attempts(attempts: Iterable[StoredAttempt]) -> list[Markup]:
    items = []
    for attempt in attempts:
        begun = attempt.started[:16].replace("T", " ")
        open_ = attempt.finished is None
        words = f"Go on, begun {begun}" if open_ else f"Debrief of {begun}: {attempt.band}"
        items.append(tag("li", tag("a", words, href=f"/attempt/{attempt.id}" + ("" if open_ else "/debrief"))))
    return items
