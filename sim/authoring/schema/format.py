"""The schema of each kind of file: the models, and what is written in a file that is gone once it is put together.

Phases as headings, `must: ORDER`, `use` with its parameters, `include`, what is only added to a region: the rooms
`sim.case.composing` and `sim.case.reading` read these, and here they are allowed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from sim.authoring.schema.ids import Known, offer
from sim.authoring.schema.shapes import DURATION, ID, Json, definitions
from sim.case.composing.parameters import KINDS as PARAMETERS
from sim.case.composing.shorthand import SEVERITIES, WEIGHTS
from sim.case.model.calibration import Calibration
from sim.case.model.case import Case
from sim.case.model.catalogue import Diagnosis, Observable, Order
from sim.case.model.composition import Adjustment, History, PoolAdjustment, Protocol
from sim.case.model.coverage import Coverage
from sim.case.model.disease import Disease
from sim.case.model.evidence import Evidence, Source
from sim.case.model.parts import Part

DRAFT: Final = "http://json-schema.org/draft-07/schema#"
_MODELS: Final[tuple[type[Part], ...]] = (
    Case, Disease, Protocol, History, Adjustment, PoolAdjustment, Calibration, Coverage, Order, Observable, Diagnosis,
    Evidence, Source,
)  # fmt: skip
_LISTS: Final = {
    "orders": "Order", "observables": "Observable", "diagnoses": "Diagnosis", "evidence": "Evidence",
    "sources": "Source",
}  # fmt: skip
_FROM_PROTOCOLS: Final = frozenset(
    {"pathway", "pitfalls", "values", "endings", "sequelae", "questions", "objectives", "teaching", "checkpoints"}
)
"""What a case need not say where a protocol brings it; `check` knows whether one does."""
_CHANGED: Final = ("Step", "Pitfall", "Ending", "Question")
"""What a case may change of a protocol."""
_CHANGED_IN_REGION: Final = ("State", "Transition", "Flow", "Band")
_TEXT: Final[Json] = {"type": "string", "minLength": 1}
_IDS: Final[Json] = {"anyOf": [ID, {"type": "array", "items": ID}]}


def _ref(name: str) -> Json:
    return {"$ref": f"#/$defs/{name}"}


def _array(items: Json) -> Json:
    return {"type": "array", "items": items}


def _object(properties: Json, required: Iterable[str] = (), **more: Any) -> Json:
    needed = {"required": list(required)} if required else {}
    return {"type": "object", "properties": properties, "additionalProperties": False} | needed | more


def schema_of(kind: str, known: Known) -> Json:
    """Return the schema of a kind of file (a key of `KINDS`), which offers the ids that are known."""
    found = definitions(_MODELS)
    offer(found, known)
    found |= _short_forms(found)
    top = KINDS[kind](found, known)
    if kind == "protocol":
        top, found = _with_parameters(top), {name: _with_parameters(schema) for name, schema in found.items()}
    whole = {"$schema": DRAFT, "title": f"Scurfy: {_TITLES[kind]}"} | top
    return whole | {"$defs": {name: found[name] for name in sorted(_reached(top, found))}}


def to_text(schema: Json) -> str:
    """Return a schema as the text of its file: the same bytes everywhere, a line for each definition."""

    def said(value: object) -> str:
        return json.dumps(value, ensure_ascii=True, separators=(",", ":"))

    head = [f'"{key}":{said(value)}' for key, value in schema.items() if key != "$defs"]
    defined = ",\n".join(f"{said(name)}:{said(one)}" for name, one in schema["$defs"].items())
    return "{" + ",\n".join([*head, f'"$defs":{{\n{defined}}}']) + "}\n"


# --- short forms ----------------------------------------------------------------------------------------------------


def _short_forms(found: Mapping[str, Json]) -> dict[str, Json]:
    """Definitions of what a case and a protocol may write beside the models' own forms."""
    step, pitfall = found["Step"], found["Pitfall"]
    orders = step["properties"]["do"]
    weights = {weight: orders | {"description": f"A {weight}: the order that does it. In place of weight and do."}
               for weight in WEIGHTS}  # fmt: skip
    severities = {severity: {"anyOf": [ID, {"type": "boolean"}] if severity == "critical" else [ID],
                             "description": f"A {severity} mistake, by its id. In place of severity and id."}
                  for severity in SEVERITIES}  # fmt: skip
    did = orders | {"description": "Placing any of these at any time is the mistake. In place of pattern."}
    reasons = ("because",)
    written_step = _object(step["properties"] | weights, ("within", *reasons), description=step.get("description", ""))
    written_pitfall = _object(pitfall["properties"] | severities | {"did": did}, reasons,
                              description=pitfall.get("description", ""))  # fmt: skip
    named: Json = ID | {"description": "A step of a protocol, by its id: here is its place."}
    steps = _array({"anyOf": [_ref("WrittenStep"), named, _array(named)]})
    return {
        "WrittenStep": written_step,
        "WrittenPitfall": written_pitfall,
        "Pathway": {"anyOf": [{"type": "object", "additionalProperties": steps,
                               "description": "Phases as headings over their steps."}, steps]},
        "Changed": _changed(found, _CHANGED, severities | weights | {"did": did}),
        "ChangedInRegion": _changed(found, _CHANGED_IN_REGION, {}),
    }  # fmt: skip


def _changed(found: Mapping[str, Json], models: Iterable[str], more: Json) -> Json:
    """Fields that take the place of a thing's own, whatever thing it is, and those it is to be without."""
    made: dict[str, Any] = {"without": _IDS}
    for name in models:
        for form in (found[name], *found[name].get("anyOf", ())):
            for key, value in form.get("properties", {}).items():
                made[key] = value if key not in made or made[key] == value else {"anyOf": [made[key], value]}
    return _object(made | more)


def _reasoned(top: Json) -> Json:
    """What a case and a protocol have in common."""
    said = {"pathway": _ref("Pathway"), "pitfalls": _array(_ref("WrittenPitfall"))}
    assumed = _TEXT | {"description": "The reason for every step, pitfall, value and question that names no evidence."}
    whole: Json = top["properties"] | said | {"assumed": assumed}
    return whole


# --- kinds of files -------------------------------------------------------------------------------------------------


def _case(found: Mapping[str, Json], known: Known) -> Json:
    top = found["Case"]
    properties = _reasoned(top)
    start = properties["start"]
    of: Json = {"anyOf": [{"enum": list(known.starts)}, ID]} if known.starts else ID
    start = start | {"properties": start.get("properties", {}) | {"of": of}}
    given = properties["given"]
    properties |= {
        "start": {"anyOf": [of, start]},
        "given": {"anyOf": [given, _array({"anyOf": [_any_id(known, "therapies"), given | {"maxProperties": 1}]})]},
        "use": _asked({name: _options(parameters) for name, parameters in known.protocols.items()}, _options(None))
        | {"description": "Protocols: fragments that many cases share, each with what is to be different."},
        "history": _asked(dict.fromkeys(known.histories, _object({})), _object({}))
        | {"description": "Sets of ordinary answers; yours, and what the disease finds, win."},
        "adjust": {
            "type": "object",
            "description": "Numbers of the disease that are others here: region, or region.transition.",
            "properties": {name: _ref("Adjustment") for name in known.transitions},
            "additionalProperties": {"anyOf": [_ref("Adjustment"), _ref("PoolAdjustment")]},
        },
    }
    return _object(properties, [key for key in top["required"] if key not in _FROM_PROTOCOLS])


def _any_id(known: Known, name: str) -> Json:
    return _ref(f"ids_{name}") if known.lists.get(name) else ID


def _options(parameters: tuple[str, ...] | None) -> Json:
    """What a case may say of a protocol that it uses; of one that is not known whatever it likes."""
    said: Json = {
        "without": _IDS | {"description": "Ids of what is left out."},
        "change": {"type": "object", "additionalProperties": _ref("Changed"), "description": "Id to what differs."},
        "prefix": {"type": "string", "description": "Put before every id, where a protocol is used twice."},
    }
    if parameters is None:
        return {"type": "object", "properties": said}
    return _object(said | {name: {"description": "A parameter of this protocol."} for name in parameters})


def _asked(options: Mapping[str, Json], others: Json) -> Json:
    """One part or a list of them, each by its id or by its id and what is to be different."""
    named: Json = {"anyOf": [{"enum": list(options)}, ID]} if options else ID
    wanted: Json = {"type": "object", "properties": dict(options), "additionalProperties": others,
                    "minProperties": 1, "maxProperties": 1}  # fmt: skip
    return {"anyOf": [named, _array({"anyOf": [named, wanted]})]}


def _regions(top: Json, found: Mapping[str, Json]) -> Json:
    """A disease's fields where a region may be added to: none of its keys is needed then."""
    added = {}
    for name, model in (("regions", "Region"), ("pools", "Pool")):
        more = {"change": {"type": "object", "additionalProperties": _ref("ChangedInRegion")}, "without": _IDS}
        described = {"description": found[model].get("description", "")}
        added[name] = top["properties"][name] | {
            "additionalProperties": _object(found[model]["properties"] | more, **described)
        }
    whole: Json = top["properties"] | added
    return whole


def _disease(found: Mapping[str, Json], known: Known) -> Json:
    included = _object({"without": _IDS})
    include = _asked(dict.fromkeys(known.modules, included), included)
    include |= {"description": "Modules: regions with all that belongs to them."}
    return _object(_regions(found["Disease"], found) | {"include": include}, ("id", "name", "summary"))


def _module(found: Mapping[str, Json], known: Known) -> Json:
    knows = _IDS | {"description": "Regions of other modules that it speaks of without asking for them."}
    return _object(_regions(found["Disease"], found) | {"knows": knows}, ("id",))


def _protocol(found: Mapping[str, Json], known: Known) -> Json:
    top = found["Protocol"]
    properties = _reasoned(top)
    declared = properties["parameters"]
    properties["parameters"] = declared | {
        "additionalProperties": {"anyOf": [{"enum": list(PARAMETERS)}, declared["additionalProperties"]]}
    }
    return _object(properties, ("id",))


def _list(found: Mapping[str, Json], known: Known) -> Json:
    return _object({key: _array(_ref(model)) for key, model in _LISTS.items()}, minProperties=1)


def _moves(found: Mapping[str, Json], known: Known) -> Json:
    """What a learner does, one move an item; orders go by their names and aliases too."""
    name = {"anyOf": [_any_id(known, "orders"), _TEXT]}
    order: Json = {"anyOf": [name, _object({"id": name, "dose": {"type": ["string", "number"]}}, ("id",))]}
    share = {"anyOf": [{"type": "number", "minimum": 0, "maximum": 1}, {"type": "string", "pattern": "%$"}]}
    words: Json = {"enum": ["next", "call"]}
    wait: Json = {"anyOf": [DURATION, words]}
    steps: Json = {"type": "object", "additionalProperties": DURATION}
    moves: Mapping[str, Json] = {
        "order": order,
        "stop": name,
        "wait": wait,
        "differential": {"type": "object", "additionalProperties": share},
        "limits": {"type": "object", "additionalProperties": _TEXT},
        "hint": {"const": True},
        "finish": {"const": True},
    }
    then = _object({"then": {"const": "pathway"}, "delay": steps, "skip": _array(ID)}, ("then",))
    return {"type": "array", "items": {"anyOf": [*(_object({key: one}, (key,)) for key, one in moves.items()), then]}}


def _model(name: str) -> Callable[[Mapping[str, Json], Known], Json]:
    return lambda found, known: found[name]


KINDS: Final[Mapping[str, Callable[[Mapping[str, Json], Known], Json]]] = {
    "case": _case,
    "disease": _disease,
    "module": _module,
    "protocol": _protocol,
    "history": _model("History"),
    "list": _list,
    "moves": _moves,
    "calibration": _model("Calibration"),
    "coverage": _model("Coverage"),
}
"""Kind of file to what makes its schema."""
_TITLES: Final = {
    "case": "a case",
    "disease": "a disease",
    "module": "a module",
    "protocol": "a protocol",
    "history": "ordinary answers",
    "list": "orders, observables, diagnoses, evidence or sources",
    "moves": "moves, or a plan",
    "calibration": "a calibration",
    "coverage": "a coverage",
}


# --- the whole ------------------------------------------------------------------------------------------------------

_PARAMETER: Final[Json] = {"type": "string", "pattern": "^\\$[a-z][a-z0-9_]{0,47}$"}
_SCALARS: Final = frozenset({"string", "number", "integer", "boolean"})


def _with_parameters(schema: Any, *, value: bool = False) -> Any:
    """Allow `$name` in place of every value that is no list and no mapping."""
    if isinstance(schema, list):
        return [_with_parameters(item, value=value) for item in schema]
    if not isinstance(schema, dict):
        return schema
    if schema.get("type") in _SCALARS or "enum" in schema or "const" in schema:
        return {"anyOf": [schema, _PARAMETER]}
    made = dict(schema)
    for key in ("anyOf", "items", "additionalProperties"):
        if key in made:
            made[key] = _with_parameters(made[key])
    if "properties" in made:
        made["properties"] = {key: _with_parameters(one) for key, one in made["properties"].items()}
    return made


def _reached(schema: Any, found: Mapping[str, Json]) -> set[str]:
    """The definitions that a schema refers to, and those that these refer to."""
    seen: set[str] = set()
    left: list[Any] = [schema]
    while left:
        one = left.pop()
        if isinstance(one, list):
            left += one
        elif isinstance(one, dict):
            name = re.sub(r"^#/\$defs/", "", str(one.get("$ref", "")))
            if name in found and name not in seen:
                seen.add(name)
                left.append(found[name])
            left += one.values()
    return seen
