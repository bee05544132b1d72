"""Thinking: the differential in the learner's own words, the patient in one sentence, the problems, free notes."""

from __future__ import annotations

from typing import Final

from sim.attempts.notes import About, read_notes
from sim.attempts.store import Store
from sim.web.beds import Bed
from sim.web.frame import button, form, notice, page, section
from sim.web.ward import bar, base, head
from sim.words.differential import shares
from sim.words.format import clock
from sim.words.markup import Markup, tag

ABOUT: Final[tuple[About, ...]] = ("sentence", "problems", "notes")
"""What a learner writes for themselves."""
LINES: Final = 6
"""How many diagnoses a differential has room for."""


def think_page(bed: Bed, store: Store, told: str = "", typed: tuple[tuple[str, str], ...] = ()) -> str:
    """Return the page; `typed` is a differential that could not be read, to be mended."""
    names = bed.attempt.scenario.catalogue.diagnoses
    given = typed or tuple((names[id].name, f"{100 * share:g}") for id, share in bed.snapshot.differential)
    given += (("", ""),) * max(0, LINES - len(given))
    rows = [
        tag("div",
            tag("label", f"Diagnosis {n}", tag("input", name="name", value=name, maxlength=80,
                                               autocomplete="off")),
            tag("label", "Per cent", tag("input", name="share", value=share, inputmode="decimal", maxlength=6,
                                         autocomplete="off")), class_="pair")
        for n, (name, share) in enumerate(given, 1)
    ]  # fmt: skip
    state = None if bed.snapshot.ended is not None else button("State it")
    differential = section("What is it?", tag("p", "By name and in per cent; what is left of 100 is something else.",
                                              class_="quiet"),
                           form(f"{base(bed)}/differential", rows, state, seen=bed.turn),
                           _before(bed))  # fmt: skip
    return page("Think", head(bed), notice(told), differential, _kept(bed, store), bar=bar(bed, "Think"),
                count=bed.turn, events=f"{base(bed)}/events")  # fmt: skip


def _before(bed: Bed) -> Markup | None:
    names = bed.attempt.scenario.catalogue.diagnoses
    items = [
        tag("li", tag("time", clock(one.at)), tag("span", shares((names[id].name, p) for id, p in one.probabilities)))
        for one in reversed(bed.records.stated)
    ]
    return tag("ol", items, class_="happened") if items else None


def _kept(bed: Bed, store: Store) -> Markup:
    """Return what the learner writes for themselves; nothing of it is scored."""
    texts: dict[str, str] = {about: read_notes(store.folder, bed.attempt.id, about) for about in ABOUT}
    fields = (
        ("sentence", "The patient in one sentence", 2),
        ("problems", "Problems, one a line", 4),
        ("notes", "Notes", 4),
    )
    areas = [
        tag("label", label, tag("textarea", texts[name], name=name, rows=rows, maxlength=8000))
        for name, label, rows in fields
    ]
    note = tag("p", "Kept beside the attempt, never scored; the debrief sets them beside an expert's.", class_="quiet")
    return section("For yourself", note, form(f"{base(bed)}/notes", areas, button("Keep")))
