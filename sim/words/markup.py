"""HTML and SVG as text that was escaped once: whatever is not Markup is data and cannot become markup."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import Final

from sim.words.format import clean

_VOID: Final = frozenset({"br", "meta", "link", "hr", "col", "wbr"})
_DRAWN: Final = frozenset({"circle", "line", "path", "polygon", "polyline", "rect", "use"})
"""SVG elements that hold nothing: they may close themselves."""

Attribute = str | int | float | bool | None
Content = str | int | Iterable["Content"] | None
"""Text, Markup, or any nesting of them; None is nothing."""


class Markup(str):
    """Text that is HTML already. Only `tag`, `text` and `raw` make it."""

    __slots__ = ()


def raw(trusted: str) -> Markup:
    """Return text of our own as Markup, unescaped. Never for anything from a case or a learner."""
    return Markup(trusted)


def text(content: Content) -> Markup:
    """Return content as Markup: what is not Markup is escaped, without characters that nobody should be sent."""
    match content:
        case None:
            return Markup("")
        case Markup():
            return content
        case str():
            return Markup(escape(clean(content)))
        case int():
            return Markup(str(content))
    return Markup("".join(map(text, content)))


def tag(name: str, /, *content: Content, **attributes: Attribute) -> Markup:
    """Return an element. Attribute names end in `_` where Python reserves them; other underscores become hyphens.

    None and False leave an attribute out, True gives it no value, numbers lose their useless decimals.
    """
    head = name + "".join(_attribute(key, value) for key, value in attributes.items())
    if name in _VOID:
        return Markup(f"<{head}>")
    if name in _DRAWN and not content:
        return Markup(f"<{head}/>")
    return Markup(f"<{head}>{text(content)}</{name}>")


def document(*parts: Markup, **attributes: Attribute) -> str:
    """Return an SVG document, a line for each part."""
    head = tag("svg", xmlns="http://www.w3.org/2000/svg", **attributes).removesuffix("</svg>")
    return "\n".join([head, *parts, "</svg>"]) + "\n"


def _attribute(key: str, value: Attribute) -> str:
    name = key.rstrip("_").replace("_", "-")
    if value is None or value is False:
        return ""
    if value is True:
        return f" {name}"
    shown = f"{value:.2f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)
    return f' {name}="{escape(clean(shown))}"'


def percent(part: float) -> str:
    """Return a share of the width as SVG takes it, to a hundredth of a percent."""
    return f"{100 * part:.2f}".rstrip("0").rstrip(".") + "%"
