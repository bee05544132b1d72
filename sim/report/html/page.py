"""The debrief as one HTML file: no script, no network, nothing beside it. It opens from disk and prints."""

from __future__ import annotations

from importlib.resources import files

from sim import __version__
from sim.report.content import Report
from sim.report.html.about import about
from sim.report.html.curve import decisions, expected
from sim.report.html.differential import differential
from sim.report.html.events import events
from sim.report.html.evidence import assumptions, evidence, reasons
from sim.report.html.gantt import pathway, therapies
from sim.report.html.gathering import gathering
from sim.report.html.links import Sources, link
from sim.report.html.path import course
from sim.report.html.pitfalls import extras, pitfalls
from sim.report.html.shapes import shapes
from sim.report.html.teacher import teacher
from sim.report.html.verdict import verdict
from sim.words.format import TEACHING_ONLY
from sim.words.markup import Markup, raw, tag, text

POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
"""What the page may load: nothing, but for its own style."""


def to_html(report: Report, above: Markup | None = None) -> str:
    """Return the report as an HTML document that stands alone. The same report gives the same bytes.

    `above` is what a face says before it: where one may go from there.
    """
    parts = _parts(report)
    title = f"Debrief: {report.debrief.title}"
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", http_equiv="Content-Security-Policy", content=POLICY),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="color-scheme", content="light dark"),
        tag("meta", name="referrer", content="no-referrer"),
        tag("title", title),
        tag("style", raw(palette() + _sheet("page.css"))),
    )
    contents = tag("ol", [tag("li", link(id, name)) for id, name, _ in parts])
    body = tag(
        "body",
        tag("a", "Skip to the verdict", href="#verdict", class_="skip"),
        shapes(),
        above,
        tag("header", tag("p", TEACHING_ONLY, " ", report.debrief.reviewed, class_="warning"), tag("h1", title),
            tag("p", f"Case {report.case}, seed {report.seed}. Scurfy {__version__}.", class_="quiet")),
        tag("nav", contents, aria_label="Contents"),
        tag("main", [_section(id, name, content) for id, name, content in parts]),
        tag("footer", tag("p", TEACHING_ONLY, " What could be expected, losses and luck hold in this model, "
                          "not at the bedside.")),
    )  # fmt: skip
    return f"<!doctype html>\n{tag('html', head, body, lang='en')}\n"


def palette() -> str:
    """Return the colours that every page shares, as a style sheet."""
    return _sheet("palette.css")


def _sheet(name: str) -> str:
    return (files("sim.report") / name).read_text(encoding="utf-8")


def _parts(report: Report) -> tuple[tuple[str, str, Markup], ...]:
    """The sections in order: an anchor, a title and what is in it."""
    sources = Sources(report.debrief)
    taught = tag("ul", [tag("li", told) for told in report.debrief.teaching])
    return (
        ("verdict", "Verdict", verdict(report)),
        ("pathway", "What you did, against the pathway", pathway(report, sources)),
        ("therapies", "Therapies that ran", therapies(report)),
        ("expected", "What could be expected, in this model", expected(report)),
        ("decisions", "Decisions", decisions(report)),
        ("pitfalls", "Pitfalls", pitfalls(report, sources)),
        ("outside", "Orders outside the pathway", extras(report, sources)),
        ("differential", "The differential over time", differential(report)),
        ("gathering", "What was asked, what mattered", gathering(report)),
        ("course", "What was truly going on", course(report)),
        ("teaching", "To take with you", taught),
        ("teacher", "For the teacher: what to ask", teacher(report, sources)),
        *((("about", "About this disease", about(report, sources)),) if report.debrief.about else ()),
        ("reasons", "Reasons", reasons(report, sources)),
        ("evidence", "Evidence", evidence(report)),
        ("assumed", "Assumed", assumptions(report)),
        ("events", "What happened, event by event", events(report)),
    )


def _section(id: str, name: str, content: Markup) -> Markup:
    return tag("section", tag("h2", name, id=f"{id}-title"), text(content), id=id, aria_labelledby=f"{id}-title")
