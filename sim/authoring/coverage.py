"""Where a learner meets each claim, as a table in Markdown."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from sim.case.model.coverage import Claim, Coverage, Place

_KINDS: Final = {
    "step": "step",
    "result": "result of",
    "question": "question",
    "about": "about the disease:",
    "teaching": "teaching:",
}
"""Kind of place to how the table calls it."""
_HEAD: Final = ("| Claim | What it says | Told with doubt | Where a learner meets it |", "|---|---|---|---|")


def document(coverage: Coverage) -> str:
    """Return the table of a coverage whose places were checked. The same coverage gives the same bytes."""
    return "\n".join(_lines(coverage)) + "\n"


def _lines(coverage: Coverage) -> Iterator[str]:
    doubted = sum(claim.doubt for claim in coverage.claims)
    yield "# Coverage"
    yield ""
    yield f"{coverage.name}, and where a learner who plays `{coverage.case}` meets each."
    yield "Every place named here is in the case, and every phrase was found in it: `scurfy check` fails otherwise."
    yield "A doubted claim is told with what the literature says."
    yield f"Made by `scurfy coverage {coverage.id} --out docs/coverage.md`; do not edit it by hand."
    yield ""
    count = len(coverage.claims)
    yield f"**{count} of {count} claims are carried, {doubted} of them with a doubt.**"
    for short, text in coverage.texts.items():
        claims = [claim for claim in coverage.claims if claim.id.startswith(f"{short}-")]
        yield from ("", f"## {short}: {text}", "", f"{len(claims)} claims.", "", *_HEAD)
        yield from map(_row, claims)


def _row(claim: Claim) -> str:
    where = "; ".join(map(_place, claim.where))
    return f"| {claim.id} | {_cell(claim.claim)} | {'yes' if claim.doubt else ''} | {_cell(where)} |"


def _place(place: Place) -> str:
    name = f'"{place.name}"' if place.kind == "teaching" else f"`{place.name}`"
    return f"{_KINDS[place.kind]} {name}" + (f' ("{place.says}")' if place.says is not None else "")


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
