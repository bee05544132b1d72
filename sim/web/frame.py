"""The frame that every page has: head, the bar of places to go, what is to be known above all."""

from __future__ import annotations

from dataclasses import dataclass

from sim.words.format import TEACHING_ONLY
from sim.words.markup import Content, Markup, tag, text

POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
"""What a page may load and where its forms may go: this server alone."""


LOST = "You are not connected. Nothing was lost: try again in a moment."
"""What a script shows while the server cannot be reached."""


@dataclass(frozen=True, slots=True)
class Place:
    """Somewhere the bar leads to."""

    name: str
    href: str
    key: str = ""
    """The key that leads there, where there is a script and no field has the keys."""
    here: bool = False


def page(title: str, *main: Content, bar: tuple[Place, ...] = (), count: int | None = None, events: str = "") -> str:
    """Return a whole page. `events` is where a script hears of moves beyond the `count` that the page knows of."""
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="color-scheme", content="light dark"),
        tag("title", f"{title} - Scurfy"),
        tag("link", rel="stylesheet", href="/static/scurfy.css"),
        tag("link", rel="icon", href="/static/scurfy.svg"),
        tag("script", src="/static/scurfy.js", defer=True),
    )
    places = [
        tag("a", place.name, _key(place.key), href=place.href, data_key=place.key or None,
            aria_current="page" if place.here else None)
        for place in bar
    ]  # fmt: skip
    body = tag(
        "body",
        tag("a", "Skip to the content", href="#main", class_="skip"),
        tag("p", "", id="told", role="status", class_="unseen"),
        tag(
            "div",
            "You are not connected. Nothing was lost: try again in a moment.",
            id="lost",
            hidden=True,
            role="alert",
        ),
        tag("main", text(main), id="main", tabindex="-1"),
        tag("nav", places, aria_label="Where to go", id="bar") if places else None,
        tag("footer", tag("p", TEACHING_ONLY)),
        data_count=count,
        data_events=events or None,
    )
    return f"<!doctype html>\n{tag('html', head, body, lang='en')}\n"


def _key(key: str) -> Markup | None:
    return tag("kbd", key) if key else None


def form(action: str, *content: Content, seen: int | None = None, class_: str | None = None) -> Markup:
    """Return a form that acts; `seen` says how many moves the page knows of, so that an old page does not act."""
    hidden = None if seen is None else tag("input", type="hidden", name="seen", value=seen)
    return tag("form", hidden, text(content), method="post", action=action, class_=class_)


def hidden(name: str, value: str) -> Markup:
    """Return a field that nobody sees."""
    return tag("input", type="hidden", name=name, value=value)


def button(label: Content, *, class_: str | None = None, **attributes: str) -> Markup:
    """Return a button that sends its form."""
    return tag("button", text(label), type="submit", class_=class_, **attributes)


def notice(words: str, kind: str = "warn") -> Markup | None:
    """Return what is to be known above all; nothing for no words."""
    return tag("p", words, class_=f"notice {kind}", role="alert") if words else None


def section(title: str, *content: Content, id: str | None = None, class_: str | None = None) -> Markup:
    """Return a part of a page under its heading."""
    return tag("section", tag("h2", title), text(content), id=id, class_=class_)
