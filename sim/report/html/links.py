"""How the parts of the page point to one another: step to event, event to reason, reason to source."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from scoring.debrief.model import Debrief
from sim.words.format import moment
from sim.words.markup import Markup, tag, text


def points(utility: float) -> str:
    """Return a utility or a difference of utilities as points, hundredths of it."""
    return f"{100 * utility + 0.0:.1f}".replace("-0.0", "0.0")


def link(target: str, *content: str | Markup) -> Markup:
    """Return a link to an anchor of the page."""
    return tag("a", *content, href=f"#{target}")


def event_link(at: int, event: int | None) -> Markup:
    """Return a moment in words, linked to the event that proves it."""
    return text(moment(at)) if event is None else link(f"event-{event}", moment(at))


def event_links(times: Sequence[int], events: Sequence[int], most: int = 6) -> Markup:
    """Return several moments, linked; of many the rest are counted."""
    parts = [event_link(at, event) for at, event in zip(times, events, strict=True)][:most]
    more = len(times) - len(parts)
    return text([joined(parts), f" and {more} more" if more > 0 else ""])


def joined(parts: Iterable[Markup], between: str = ", ") -> Markup:
    """Return parts with something between them."""
    found: list[Markup] = []
    for part in parts:
        found += [text(between), part] if found else [part]
    return text(found)


class Sources:
    """Where evidence and assumptions stand on the page."""

    def __init__(self, debrief: Debrief) -> None:
        self._known = {reference.id for reference in debrief.references}
        self._assumed = {assumption.reason: number for number, assumption in enumerate(debrief.assumptions, 1)}

    def cited(self, evidence: Sequence[str], assumed: str | None = None) -> Markup:
        """Return the marks that lead to the evidence, or to what was assumed; nothing where neither is told."""
        marks = [link(f"evidence-{id}", f"[{id}]") if id in self._known else text(f"[{id}]") for id in evidence]
        if assumed is not None:
            number = self._assumed.get(assumed)
            marks.append(text("[assumed]") if number is None else link(f"assumed-{number}", "[assumed]"))
        return text([[" ", mark] for mark in marks])
