"""A tree becomes a model, or one clear line per mistake: pydantic finds what is wrong, we say it in our own words."""

from __future__ import annotations

import re
import types
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from typing import Annotated, Any, Final, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError

from sim.case.problems import MOST, Problems, did_you_mean, nearest
from sim.case.quantities import EXPECTED_DURATION
from sim.case.reading.tree import REFUSED, Loc, Node
from sim.case.unit import EXPECTED_UNIT, usual_spelling

Model = TypeVar("Model", bound=BaseModel)


def build(
    model: type[Model],
    node: Node,
    problems: Problems,
    *,
    also: Iterable[str] = (),
    meant: Callable[[str], str] | None = None,
) -> Model | None:
    """Return the node's value as the model, or None after adding one problem for every mistake.

    `also` are keys that may stand at the top besides the model's own; `meant` says in a hint what a text that is no
    id may mean, or returns an empty text.
    """
    try:
        return model.model_validate(node.data, by_alias=True, by_name=False)
    except ValidationError as error:
        if problems.is_full(node.file):
            return None
        top = frozenset(also)
        found = [_Mistake(model, node, details, top) for details in error.errors(include_url=False)[: MOST + 1]]
    misspelt = {mistake.meant for mistake in found if mistake.meant is not None}
    told: set[tuple[int, int]] = set()
    for mistake in found:
        if mistake.refused or (mistake.kind == "missing" and (mistake.loc[:-1], str(mistake.loc[-1])) in misspelt):
            continue
        if mistake.kind == "too_short" and any(other.loc[:-1] == mistake.loc for other in found):
            continue  # pydantic does not count the entries that have mistakes of their own
        if mistake.kind not in ("missing", "extra_forbidden"):
            if (mistake.place.line, mistake.place.col) in told:
                continue
            told.add((mistake.place.line, mistake.place.col))
        if mistake.kind == "string_too_short" and mistake.loc[0] == "given":
            mistake.hint = "write its dose, or list what has none by its name: given: [ ]"
        hint = meant(str(mistake.place.data)) if meant is not None and mistake.names_another else ""
        problems.error(mistake.place, mistake.code, mistake.message, hint or mistake.hint)
    return None


_NAMES_ITSELF: Final = frozenset({"id", "code", "reveals", "from", "to", "initial", "disease"})
"""Keys whose text names the thing itself or something of its own file, never an entry of the catalogue."""


class _Mistake:
    """One of pydantic's errors, with its place in the file and its words."""

    def __init__(self, model: type[BaseModel], root: Node, details: Mapping[str, Any], also: frozenset[str]) -> None:
        self.kind: str = details["type"]
        self.loc: Loc = details["loc"]
        on_key = bool(self.loc) and self.loc[-1] == "[key]"
        way = self.loc[:-1] if on_key else self.loc
        unknown = self.kind == "extra_forbidden"
        self.place = root.key(*way) if on_key or unknown else root.at(*way)
        self.refused = self.place.data is REFUSED or details["input"] is REFUSED
        self.meant: tuple[Loc, str] | None = None
        key = next((part for part in reversed(way) if isinstance(part, str)), "")
        self.names_another = self.kind == "string_pattern_mismatch" and not on_key and key not in _NAMES_ITSELF
        if unknown:
            keys = _keys_at(model, self.loc[:-1]) | (also if len(self.loc) == 1 else frozenset())
            name = str(self.loc[-1])
            close = nearest(name, keys)
            self.meant = (self.loc[:-1], close) if close else None
            self.code, self.message = "unknown-key", f"unknown key '{name}'"
            self.hint = f"did you mean '{close}'?" if close else f"the keys here are {_listed(sorted(keys))}"
        elif self.kind == "missing":
            self.code, self.message, self.hint = "missing-key", f"missing key '{self.loc[-1]}'", ""
        else:
            self.code = "wrong-value"
            self.message, self.hint = _words(self.kind, details["input"], details.get("ctx", {}), details["msg"])
            if self.kind == "value_error":
                self.place = _named_key(self.place, self.message)


def _named_key(node: Node, message: str) -> Node:
    """Return the last key of the mapping that the message names, or the mapping."""
    said = set(re.findall(r"\w+", message))
    return next((node.keys[key] for key in reversed(node.keys) if key in said), node)


def _listed(words: Iterable[str]) -> str:
    return ", ".join(f"'{word}'" for word in words) or "none"


def _found(value: object) -> str:
    if isinstance(value, bool):
        return f"found {str(value).lower()}"
    if isinstance(value, (int, float)):
        return f"found the number {value}"
    if isinstance(value, str):
        return f"found the text '{value if len(value) <= 60 else value[:59] + '…'}'"
    return "found a list" if isinstance(value, tuple) else "found keys and values"


_EXPECTED: Final = {
    "string_type": "text",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "bool_type": "true or false",
    "tuple_type": "a list",
    "dict_type": "keys and values ('key: value')",
    "model_type": "keys and values ('key: value')",
    "model_attributes_type": "keys and values ('key: value')",
}
_BOUNDS: Final = {
    "greater_than_equal": ("ge", "a number of at least"),
    "greater_than": ("gt", "a number above"),
    "less_than_equal": ("le", "a number of at most"),
    "less_than": ("lt", "a number below"),
}
_PATTERNS: Final = {
    "^[a-z][a-z0-9_]{0,47}$": "an id (small letters, digits and '_', beginning with a letter)",
    "^[a-z0-9][a-z0-9.-]{0,47}$": "an evidence id (small letters, digits, '.' and '-')",
    r"^[a-z0-9_]+\.[a-z0-9_]+$": "'region.transition'",
}


def _words(kind: str, value: object, ctx: Mapping[str, Any], said: str) -> tuple[str, str]:
    """Return (message, hint) for one kind of pydantic error."""
    if kind in _EXPECTED:
        return f"expected {_EXPECTED[kind]}, {_found(value)}", _type_hint(kind, value)
    if kind in _BOUNDS:
        name, words = _BOUNDS[kind]
        return f"expected {words} {ctx[name]:g}, {_found(value)}", ""
    say: Callable[[object, Mapping[str, Any]], tuple[str, str]] | None = _SAY.get(kind)
    return say(value, ctx) if say is not None else (f"expected something else: {said[:1].lower()}{said[1:]}", "")


def _type_hint(kind: str, value: object) -> str:
    if kind == "string_type" and isinstance(value, (bool, int, float)):
        return "put quotes around it"
    if kind == "bool_type" and isinstance(value, str):
        yes = value.lower() in ("yes", "on", "true", "y")
        return f"write {'true' if yes else 'false'}" if yes or value.lower() in ("no", "off", "false", "n") else ""
    if kind == "tuple_type" and not isinstance(value, dict):
        return "write it as a list, even of one: [ ]"
    if isinstance(value, str) and _EXPECTED[kind].endswith("number"):
        return _number_hint(value)
    return ""


def _number_hint(text: str) -> str:
    if re.fullmatch(r"[-+]?\d+,\d+", text):
        return f"write a decimal point: {text.replace(',', '.')}"
    if re.fullmatch(r"[-+]?\.\d+", text):
        return f"write the zero: {text.replace('.', '0.')}"
    if re.fullmatch(r"[-+]?0\d+(\.\d+)?", text):
        return "write it without the leading zero"
    if re.fullmatch(r"[-+]?[\d._]+(e[-+]?\d+)?", text, re.IGNORECASE):
        return "write it out in digits"
    if re.match(r"[-+]?\d", text):
        return "write the number alone, without quotes or a unit"
    return ""


_LATIN: Final = frozenset("àáâãäåæçèéêëìíîïñòóôõöøùúûüýÿßœšžłđ")


def _say_pattern(value: object, ctx: Mapping[str, Any]) -> tuple[str, str]:
    pattern = ctx["pattern"]
    if pattern == r"^[^\n]*$":
        return "expected one line of text, found several", ""
    wanted = _PATTERNS.get(pattern, f"text of the form {pattern}")
    slug = re.sub(r"[^a-z0-9]+", "_", str(value).lower()).strip("_")[:48]
    strange = next((char for char in str(value) if char.isalpha() and not char.isascii()), None)
    if strange is not None and strange.lower() not in _LATIN:
        name = unicodedata.name(strange, "a letter that no keyboard here has").lower()
        return f"expected {wanted}, {_found(value)}", f"'{strange}' is no Latin letter but a {name}: type it again"
    offer = pattern.startswith("^[a-z][") and slug[:1].isalpha() and slug != value
    return f"expected {wanted}, {_found(value)}", f"write '{slug}'" if offer else ""


def _say_choice(value: object, ctx: Mapping[str, Any]) -> tuple[str, str]:
    choices = re.findall(r"'([^']*)'", str(ctx["expected"]))
    return f"expected one of {_listed(choices)}, {_found(value)}", did_you_mean(str(value), choices)


_LONG_UNITS: Final = {"m": "min", "h": "h", "d": "d", "w": "wk", "mo": "mo", "y": "y"}


def _say_value_error(value: object, ctx: Mapping[str, Any]) -> tuple[str, str]:
    message = str(ctx["error"])
    if message.startswith("expected a share") and type(value) in (int, float) and 0 <= float(str(value)) <= 100:
        percent = float(str(value)) * (100 if isinstance(value, float) and value <= 1 else 1)
        return message, f"write {percent:g}%"
    long = re.fullmatch(r"(\d+(?:\.\d+)?) *(mo|[mhdwy])[a-z]*\.?", str(value), re.IGNORECASE)
    if message.startswith(f"{EXPECTED_DURATION}, found") and long is not None:
        written = f"{long[1]} {_LONG_UNITS[long[2].lower()]}"
        return message, f"write {written}" if written != value else "the longest is 100 y"
    if message.startswith(EXPECTED_UNIT) and usual_spelling(str(value)) != value:
        return message, f"write '{usual_spelling(str(value))}'"
    return message, ""


def _say_too_short(_value: object, ctx: Mapping[str, Any]) -> tuple[str, str]:
    return f"expected at least {ctx['min_length']} here, found {ctx['actual_length'] or 'none'}", ""


_SAY: Final[Mapping[str, Callable[[object, Mapping[str, Any]], tuple[str, str]]]] = {
    "string_pattern_mismatch": _say_pattern,
    "literal_error": _say_choice,
    "enum": _say_choice,
    "value_error": _say_value_error,
    "too_short": _say_too_short,
    "string_too_short": lambda _value, _ctx: ("expected some text, found none", ""),
    "string_too_long": lambda value, ctx: (
        f"expected at most {ctx['max_length']} characters, found {len(str(value))}",
        "",
    ),
}


def _keys_at(model: type[BaseModel], loc: Loc) -> frozenset[str]:
    """Return the keys that the model allows at `loc`."""
    kind: object = model
    for part in loc:
        kind = _step(_bare(kind), part)
    kind = _bare(kind)
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return frozenset(field.alias or name for name, field in kind.model_fields.items())
    return frozenset()


def _step(kind: object, part: str | int) -> object:
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        for name, field in kind.model_fields.items():
            if part == (field.alias or name):
                return field.annotation
        return None
    inner = get_args(kind)
    if get_origin(kind) is dict:
        return inner[1]
    return inner[0] if get_origin(kind) is tuple else None


def _bare(kind: object) -> object:
    """Strip `Annotated` and `| None`."""
    while True:
        if get_origin(kind) is Annotated:
            kind = get_args(kind)[0]
        elif get_origin(kind) in (Union, types.UnionType):
            kind = next(arg for arg in get_args(kind) if arg is not type(None))
        else:
            return kind
