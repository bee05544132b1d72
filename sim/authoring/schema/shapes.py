"""What an author may write where a model holds something else: durations, shares, one id for a list of one.

The models read these with validators, which pydantic cannot look into. Here each reader has its shape; one that has
none is an error, so that a new short form cannot be forgotten.
"""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterable, Mapping
from functools import cache, partial
from itertools import pairwise
from textwrap import dedent
from typing import Any, Final

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, models_json_schema
from pydantic_core import core_schema

from sim.case.model.parts import READERS, Part

Json = dict[str, Any]

_DURATION: Final = r"\d{1,7}(\.\d{1,4})? ?(min|h|d|wk|mo|y)( \d{1,7}(\.\d{1,4})? ?(min|h|d|wk|mo|y))*"
_SHARE: Final = r"\d{1,3}(\.\d{1,6})? ?%"
_NUMBER: Final = r"[+-]?\d{1,12}(\.\d{1,9})?(e[+-]?\d{1,2})?"
_PER_TIME: Final = r"[+-]?\d{1,9}(\.\d{1,9})?(e-?\d{1,2})? ?/ ?(min|h|d|wk)"


def text(pattern: str, example: str) -> Json:
    """Return the shape of a text of this form, with an example for who hovers over it or writes something else."""
    return {"type": "string", "pattern": f"^({pattern})$", "description": f"For example: {example}",
            "patternErrorMessage": f"Expected a text such as: {example}"}  # fmt: skip


def _points(y: Json) -> Json:
    return {"type": "object", "propertyNames": {"pattern": f"^({_NUMBER})$"}, "additionalProperties": y}


DURATION: Final = text(_DURATION, "30 min, 6 h, 4 d, 3 wk, 6 mo, 2 y, 1 d 6 h")
ID: Final[Json] = {"type": "string", "pattern": "^[a-z][a-z0-9_]{0,47}$"}

_INSTEAD: Final[Mapping[str, Json]] = {
    "minutes_of": DURATION,
    "range_of": text(rf"{_DURATION}( ?\.\. ?{_DURATION})?", "12 d, 18 d..28 d"),
    "share_of": text(_SHARE, "15%"),
    "share_by_of": text(rf"{_SHARE}( ?\.\. ?{_SHARE})?( at {_DURATION})?", "80%..95% at 28 d"),
    "risk_of": text(rf"{_SHARE} by {_DURATION}", "15% by 100 d"),
    "per_minute_of": text(_PER_TIME, "-0.15 /h, 3 /d"),
    "span_of": {"anyOf": [{"type": "number"}, text(rf"{_NUMBER}( ?\.\. ?{_NUMBER})?", "-4..-2")]},
    "stretch_of": text(rf"(below|above) +{_NUMBER}|{_NUMBER} ?\.\. ?{_NUMBER}", "below -5, -5..-3, above 3"),
    "points_of plain_number": _points({"type": "number"}),
    "points_of per_minute_of": _points(text(_PER_TIME, "-0.15 /h")),
    "range_of_doses": text(r"[\d.]+ ?\.\. ?[\d.]+", "0.01..1"),
    "_as_range": text(r"[\d.]+ ?\.\. ?[\d.]+", "0.01..1"),
    "_as_past": {"anyOf": [DURATION, {"type": "array", "items": DURATION, "minItems": 1, "maxItems": 2}]},
    "_as_count": text(r"\d{1,7} of \d{1,7}", "13 of 30"),
}
"""Reader to the shape of what it reads, in place of what the model holds."""

_OR: Final[Mapping[str, Json]] = {
    "as_text": {"type": "number"},
    "_as_mix": ID,
    "_as_findings": {"type": "string", "minLength": 1},
    "_as_band": text(rf"(below|above) +{_NUMBER}|{_NUMBER} ?\.\. ?{_NUMBER}", "below -5, -5..-3, above 3"),
    "_as_limits": text(rf"off|(below|above) +{_NUMBER}|{_NUMBER} ?\.\. ?{_NUMBER}", "4..15, below 4"),
    "_as_option": text(r"\d{1,6}(\.\d{1,6})? ?\D.*", "0.05 U/kg/h"),
    "_number_sets": {"type": "number"},
    "_as_moment": {"type": "string"},
    "_as_criterion": ID,
    "_as_deal": ID,
}
"""Reader to the short form that it reads beside the long one."""

_AS_IT_IS: Final = frozenset({"_as_it_is", "_as_unit"})
_ONE_OR_MORE: Final = frozenset({"_as_tuple"})


class _Written(GenerateJsonSchema):
    """Schemas of what is written, where pydantic's own are of what the models hold."""

    def function_before_schema(self, schema: core_schema.BeforeValidatorFunctionSchema) -> Json:
        name = reader_name(schema["function"]["function"])
        if name in _INSTEAD:
            return dict(_INSTEAD[name])
        inner = self.generate_inner(schema["schema"])
        if name in _AS_IT_IS:
            return inner
        if name in _ONE_OR_MORE:
            return {"anyOf": [inner["items"], inner]}
        if name in _OR:
            return {"anyOf": [dict(_OR[name]), inner]}
        raise LookupError(f"no shape says what {name} reads")


def reader_name(function: object) -> str:
    """Return the name of what a validator reads with; of a partial one those of its parts as well."""
    read = READERS.get(function, function)
    if isinstance(read, partial):
        return " ".join((read.func.__name__, *(value.__name__ for value in read.keywords.values())))
    return str(getattr(read, "__name__", read))


def definitions(models: Iterable[type[Part]]) -> dict[str, Json]:
    """Return the schema of each model, and of all they hold, by the name of its class."""
    wanted = [(model, "validation") for model in dict.fromkeys(models)]
    _, whole = models_json_schema(wanted, schema_generator=_Written, ref_template="#/$defs/{model}")  # type: ignore[arg-type]
    found: dict[str, Json] = whole["$defs"]
    for model in _parts():
        if model.__name__ in found:
            _explain(found[model.__name__], model)
    return {name: _plain(schema) for name, schema in found.items()}


def _parts(root: type[BaseModel] = Part) -> Iterable[type[BaseModel]]:
    for child in root.__subclasses__():
        yield child
        yield from _parts(child)


def _explain(schema: Json, model: type[BaseModel]) -> None:
    """Let each key say what the line below it says in the model."""
    said: dict[str, str] = {}
    for kind in reversed(model.__mro__):
        if issubclass(kind, BaseModel) and kind is not BaseModel:
            said |= _said_below(kind)
    for form in (schema, *schema.get("anyOf", ())):
        for name, field in model.model_fields.items():
            key = form.get("properties", {}).get(field.alias or name)
            if key is not None and name in said:
                key["description"] = said[name]


@cache
def _said_below(model: type[BaseModel]) -> dict[str, str]:
    """The text that follows each field in the source of a model; nothing where there is no source."""
    try:
        (made,) = ast.parse(dedent(inspect.getsource(model))).body
    except (OSError, TypeError, SyntaxError):
        return {}
    body = made.body if isinstance(made, ast.ClassDef) else []
    return {
        field.target.id: re.sub(r"\s+", " ", after.value.value).strip()
        for field, after in pairwise(body)
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name)
        and isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant) and isinstance(after.value.value, str)
    }  # fmt: skip


def _plain(schema: Any) -> Any:
    """The same without titles, which only repeat the keys, and in the words of draft 7, which editors know best."""
    if isinstance(schema, list):
        return [_plain(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    made = {key: _plain(value) for key, value in schema.items() if key != "default" and not _is_title(key, value)}
    patterns = made.get("patternProperties", {})
    if len(patterns) == 1:  # any key of this pattern: said so that single keys can be offered beside
        ((pattern, value),) = made.pop("patternProperties").items()
        made |= {"propertyNames": {"pattern": pattern}, "additionalProperties": value}
    if "prefixItems" in made:
        made["items"] = made.pop("prefixItems")
    if "anyOf" in made:
        made |= {"anyOf": [form for form in made["anyOf"] if form != {"type": "null"}]}  # nothing is never written
        closed = made.pop("additionalProperties", None)  # of a model with a short form: its long form is closed
        for form in made["anyOf"] if closed is not None else ():
            form |= {"additionalProperties": closed} if "properties" in form else {}
        least = made.pop("minLength", None)  # one or more: of the list, not of the text alone
        for form in made["anyOf"] if least is not None else ():
            form |= {"minItems": least} if form.get("type") == "array" else {}
        if len(made["anyOf"]) == 1:
            made = made.pop("anyOf")[0] | made
    if isinstance(made.get("description"), str):
        made["description"] = re.sub(r"\s+", " ", made["description"])
    return made


def _is_title(key: str, value: object) -> bool:
    return key == "title" and isinstance(value, str)
