"""Random small cases with something of everything the engine knows, and random ways to play them.

Drawn from a `random.Random`, so that a case is one number: a thousand of them cost seconds.
"""

from __future__ import annotations

from random import Random
from typing import Any

import tinycase
from sim.case.composing.bands import with_bands
from sim.case.model.case import Case
from sim.case.model.catalogue import Catalogue, Report
from sim.case.model.disease import Disease
from sim.case.model.pathway import Step
from sim.case.model.scenario import Scenario
from sim.case.moves import Finish, Move, PlaceOrder, SetLimits, StateDifferential, StopTherapy, Wait
from sim.engine.kernel import Plan
from smalldisease import TOY, go, region, tupled

STATES = ("s0", "s1", "s2")
REGIONS = ("gut", "skin", "blood")
POOLS = ("water", "sugar")
"""Amounts with bands; in a case without amounts, regions that stay as they are."""
DRUGS = ("fluids", "insulin", "poison", "bolus", "line", "cannula")
TESTS = ("sugar", "gene", "look")
OTHERS = ("scan", "advice", "story", "family")
ORDERS = (*DRUGS, *TESTS, *OTHERS)
CALLS = ("worse", "better")
CODES = ("found", "nothing")
MEASURED = ("glucose", "pulse", "weight")
STEPS = tuple(f"step{i}" for i in range(12))

RANGED = {"unit": "mg/kg/h", "range": (0.01, 50.0)}
TYPED = ("0.03", "0,7 mg/kg/h", "3.125", "17", "49.999999 mg/kg/h")

Raw = dict[str, Any]


def some(r: Random, what: tuple[str, ...], most: int = 2) -> list[str]:
    """A few of them."""
    return r.sample(what, r.randint(1, min(most, len(what))))


def minutes(r: Random) -> str:
    """A duration, short ones as likely as long ones."""
    return f"{int(10 ** r.uniform(0, 4.6))} min"


def bound(r: Random) -> Raw:
    """One bound or two, near what is measured."""
    low = r.choice((0.5, 2, 3, 4.5, 5, 5.5, 8))
    return r.choice(({"above": low}, {"below": low}, {"above": low, "below": low + 2}))


def likely(r: Random) -> Raw:
    """Bounds of a probability."""
    return r.choice(({"above": r.choice((0.2, 0.6))}, {"below": 0.6}, {"above": 0.2, "below": 0.8}))


def plain_condition(r: Random) -> Raw:
    """A condition that may stand anywhere."""
    return r.choice((
        lambda: {"running": some(r, DRUGS)},
        lambda: {"ordered": some(r, ORDERS)},
        lambda: {"resulted": some(r, TESTS)},
        lambda: {"told": some(r, CALLS)},
        lambda: {"age": r.choice(({"from": f"{r.randint(20, 60)} d"}, {"below": f"{r.randint(20, 60)} d"}))},
        lambda: {"dose": {"therapy": r.choice(("fluids", "insulin", "poison")), **bound(r)}},
    ))()  # fmt: skip


def nested(r: Random, leaf: Any, depth: int = 2) -> Raw:
    """Conditions in conditions."""
    if depth == 0 or r.random() < 0.45:
        return leaf(r)
    parts = [nested(r, leaf, depth - 1) for _ in range(r.randint(1, 3))]
    return r.choice((
        {"not": parts[0]}, {"any": parts}, {"all": parts}, {"at_least": {"n": r.randint(1, 3), "of": parts}},
        parts[0] | leaf(r),
    ))  # fmt: skip


def true_leaf(r: Random) -> Raw:
    """A condition on the true state."""
    return r.choice((
        plain_condition,
        lambda r: {"in": {name: some(r, STATES) for name in some(r, REGIONS + POOLS)}},
        lambda r: {"in": {name: some(r, STATES) for name in some(r, REGIONS + POOLS)}},
        lambda r: {"effect": some(r, DRUGS)},
        lambda r: {"level": {"therapy": "insulin", **bound(r)}},
    ))(r)  # fmt: skip


def since(r: Random) -> Raw:
    """A condition on time gone by."""
    moment = r.choice((
        {"ordered": r.choice(ORDERS)}, {"resulted": r.choice(TESTS)}, {"stopped": r.choice(DRUGS)},
        {"told": r.choice(CALLS)}, {"told": r.choice(CALLS), "nth": r.randint(1, 3)},
    ))  # fmt: skip
    first = {"first": True} if "nth" not in moment and r.random() < 0.3 else {}
    return moment | first | r.choice(({"at_least": minutes(r)}, {"below": minutes(r)}))


def known_leaf(r: Random) -> Raw:
    """A condition on what a learner may know."""
    return r.choice((
        plain_condition,
        lambda r: {"since": since(r)},
        lambda r: {"since": since(r)},
        lambda r: {"shows": {"observable": r.choice(MEASURED), **bound(r)}},
        lambda r: {"shows": {"observable": "glucose", **bound(r)}},
        lambda r: {"shows": {"order": "gene", "finding": some(r, CODES)}},
        lambda r: {"elapsed": r.choice(({"from": minutes(r)}, {"below": minutes(r)}))},
        lambda r: {"believes": {"diagnosis": r.choice(("aa", "bb")), **likely(r)}},
    ))(r)  # fmt: skip


def transition(r: Random, name: str, home: str) -> Raw:
    """A transition of any kind."""
    source, target = r.sample(STATES, 2)
    there = r.choice([other for other in REGIONS if other != home])
    low = r.randint(0, 500)
    way: Raw = r.choice((
        lambda: {"median": minutes(r)},
        lambda: {"median": minutes(r)},
        lambda: {"risk": f"{r.choice((10, 60))}% by {minutes(r)}"},
        lambda: {"after": minutes(r)},
        lambda: {"after": f"{low} min..{low + r.randint(1, 900)} min"},
        lambda: {"on": {r.choice(("start", "stop", "effect")): some(r, DRUGS)}},
        lambda: {"on": {"result": some(r, TESTS)}},
        lambda: {"on": {"enter": {there: some(r, STATES)}}},
    ))()  # fmt: skip
    if r.random() < 0.6:
        way["when"] = nested(r, true_leaf)
    if ("median" in way or "risk" in way) and r.random() < 0.6:
        way["modifiers"] = [
            {"x": r.choice((0, 0.1, 3, 7.5)), "when": nested(r, true_leaf), **TOY} for _ in range(r.randint(1, 2))
        ]
    if "on" in way and r.random() < 0.5:
        way["chance"] = f"{r.choice((10, 50, 90))}%"
    if r.random() < 0.4:
        way |= {"call": "Look!", **({"reveals": r.choice(CALLS)} if r.random() < 0.7 else {})}
    return go(name, source, target, **way)


def moved(r: Random) -> Raw:
    """Effects on what is measured."""
    kinds = ({"set": r.choice((2.0, 5, 9))}, {"scale": r.choice((0.5, 1.3))}, {"shift": r.choice((-1.0, 2.0))})
    return {name: r.choice(kinds) | priority(r) for name in some(r, MEASURED)} if r.random() < 0.7 else {}


def priority(r: Random) -> Raw:
    """A priority, sometimes."""
    return {"priority": r.choice(("high", "emergency"))} if r.random() < 0.3 else {}


def disease(r: Random) -> Disease:
    """Three regions and a life, therapies that move what is measured, a drug level, coded findings."""
    regions: Raw = {}
    for name in REGIONS:
        edges = [transition(r, f"t{i}", name) for i in range(r.randint(1, 5))]
        body: Raw = {state: {"observables": moved(r)} for state in STATES}
        if r.random() < 0.5:
            body["s1"]["growth"] = {"share": 0.4, "loss": r.choice((0, 12.5))}
        regions[name] = region(" ".join(STATES), *edges, initial={"s0": "50%", "s1": "30%", "s2": "20%"}, **body)
    dies = go("dies", "alive", "dead", median=f"{r.choice((2, 20, 200))} d", when={"in": {"gut": "s2"}})
    regions["life"] = region("alive dead", dies, outcomes="dead")
    effect = {"therapy": ["insulin", "poison"], "when": nested(r, true_leaf), "observables": moved(r), **TOY}
    factor = {"x": 1.5, "when": {"in": {"gut": "s1"}}, **TOY}
    level = {"therapy": "insulin", "observable": "glucose", "per_amount": 2.5, "factors": [factor], **TOY}
    said = [{"when": nested(r, true_leaf), "code": CODES[0], "text": "Found."}, {"code": CODES[1], "text": "Nothing."}]
    early = [said[0] | {"report": "first"}, *(finding | {"report": "second"} for finding in said)]
    raw = {"id": "toy", "name": "Toy", "summary": "Toy.", "regions": regions, "effects": [effect], "levels": [level],
           "results": {"gene": [*said, *early], "sugar": said[:1], "family": said[:1]}}  # fmt: skip
    if r.random() < 0.6:
        raw |= {"pools": {name: pool(r, name) for name in POOLS}, "observables": models(r)}
    else:
        regions |= {name: region(" ".join(STATES)) for name in POOLS}
    return with_bands(Disease.model_validate(tupled(raw)))


def flow(r: Random) -> Raw:
    """A flow of any kind."""
    sign = r.choice((-1, 1))
    found: Raw = r.choice((
        lambda: {"rate": f"{sign * r.randint(1, 40) / 10} /h"},
        lambda: {"loss": f"{r.choice((-1, 1, 2, 5)) / 100} /h"},
        lambda: {"rate": f"{sign * r.randint(1, 9)} /h", "therapy": r.choice(DRUGS), "per": r.choice((1, 2.5))},
        lambda: {"by_dose": {r.choice((0, 0.5)): "1 /h", 2: "4 /h", 9: f"{sign * 6} /h"}, "therapy": r.choice(DRUGS)},
        lambda: {"loss_by_dose": {0: "0.01 /h", 3: "0.2 /h"}, "therapy": r.choice(DRUGS)},
    ))()  # fmt: skip
    if r.random() < 0.5:
        found["when"] = nested(r, true_leaf)
    return found


def pool(r: Random, name: str) -> Raw:
    """An amount with bands, one of them with hysteresis."""
    bands: Raw = {"s0": "below -5", "s1": {"range": "-5..5", "until_above": 7}, "s2": "above 5"}
    if r.random() < 0.5:
        bands["s2"] = {"range": "above 5", "call": "Look!", "reveals": r.choice(CALLS)}
    if r.random() < 0.5:
        bands["s1"] |= {"observables": moved(r)}
    initial = r.choice((-6, 0, "-8..8"))
    return {"name": name, "unit": "mmol/kg", "initial": initial, "bands": bands, **TOY,
            "flows": [flow(r) for _ in range(r.randint(1, 4))]}  # fmt: skip


def models(r: Random) -> Raw:
    """Observables that follow from pools, a lagging dose and one another."""
    glucose = [{"pool": "water", "points": {-10: 2.0, 0: 5.0, 10: 9.5}}, {"plus": 0.25}]
    if r.random() < 0.5:
        glucose.append({"dose": "insulin", "lag": r.choice(("30 min", "6 h")), "points": {0: 0, 1: -0.7, 9: -1.5}})
    pulse = [{"pool": "sugar"}, {"observable": "glucose", "points": {3: 10, 8: 30}}]
    bent: Raw = {"through": {-5: 1, 4: 3, 30: 24}} if r.random() < 0.3 else {}
    made: Raw = {"glucose": {"sum": glucose, **bent}, "pulse": {"sum": pulse}} if r.random() < 0.7 else {}
    if "pulse" not in made and r.random() < 0.5:
        made["pulse"] = r.choice((
            {"formula": "total", "of": ["glucose", "weight"]},
            {"formula": "weight_for_age_z"},
            {"formula": "weight_for_length_z", "of": ["weight", "glucose"]},
            {"sum": [{"median": "length", "points": {50: 1, 60: 9}}, {"observable": "weight"}]},
        ))  # fmt: skip
    return made | ({"weight": {"formula": "weight_from_water", "pools": [*POOLS]}} if r.random() < 0.5 else {})


def catalogue(r: Random) -> Catalogue:
    """The toy catalogue with noise, ages, onsets and needs."""
    toys = tinycase.catalogue()
    bands = ({"until": "40000 min", "normal": 4.6}, {"normal": 5.3})
    observables = dict(toys.observables)
    for name, decimals, noise in (("glucose", 1, 0.07), ("pulse", 0, 0.2), ("weight", 2, 0.01)):
        raw = {"id": name, "name": name, "short": name, "unit": "", "kind": "vital", "decimals": decimals,
               "bands": bands, "settles": r.choice(("1 min", "45 min", "2 d")),
               "noise": r.choice((0.0, noise)), "critical_high": r.choice((None, 5.5, 6.5)),
               "critical_low": r.choice((None, 2.5)), **TOY}  # fmt: skip
        observables[name] = type(toys.observables["glucose"]).model_validate(raw)
    changed: Raw = {
        "insulin": {"onset": (0, r.choice((0, 90))), "offset": r.choice((0, 500)), **RANGED},
        "bolus": {"onset": (7, 40)},
        "look": {"measures": ("pulse", "weight"), **standing(r)},
        "family": {"measures": ("pulse",), "every": r.choice((30, 400)), "lasts": 3_000,
                   "turnaround": r.choice((0, 15))},
        "gene": {"measures": ("glucose",), **r.choice(({"turnaround": 0}, {"turnaround": 300},
                 {"turnaround": 4320, "reports": early_reports(r)}))},
        "poison": {"doses": tuple(option.model_copy(update={"amount": 9 * option.amount}) for option in
                                  toys.orders["fluids"].doses), **RANGED},
        "scan": {"needs": needs_of_a_scan(r, toys)},
    }  # fmt: skip
    toy = {**toys.orders, "cannula": toys.orders["line"].model_copy(update={"id": "cannula", "name": "Cannula"})}
    shared = shared_work(r)
    orders = {
        name: order.model_copy(update=changed.get(name, {}) | shared.get(name, {})) for name, order in toy.items()
    }
    return toys.model_copy(update={"orders": orders, "observables": observables})


def early_reports(r: Random) -> tuple[Report, ...]:
    """None, one or two reports before the final one; what is asked of findings is asked of both."""
    firsts = Report(id="first", after=r.choice(("1 min", "5 h")), measures=(), normal="Not yet.")  # type: ignore[arg-type]
    second = Report(id="second", after=r.choice(("6 h", "2 d")), measures=("glucose",), normal="Soon.")  # type: ignore[arg-type]
    return (firsts, second)[: r.randint(0, 2)]


def shared_work(r: Random) -> dict[str, Raw]:
    """What nurses do, what is given into a vein and what provides one: all of it, or nothing."""
    if r.random() < 0.3:
        return {}
    work = {name: {"nurse": r.choice((0, 1, 7, 90)), "takes": r.choice((0, 0, 4))} for name in (*DRUGS, *TESTS)}
    for name in ("fluids", "insulin", "poison", "bolus"):
        work[name]["via"] = r.choice((None, "iv", "iv", "central"))
    work["line"] |= {"access": r.choice((None, "iv", "central", "central")), "fails": r.choice((None, (60, 9_000)))}
    work["cannula"] |= {"access": "iv", "fails": (5, r.choice((5, 600, 9_000))), "lasts": r.choice((600, 9_000))}
    return work


def standing(r: Random) -> Raw:
    """What makes an order a standing one, or nothing."""
    if r.random() < 0.5:
        return {}
    return {"every": r.choice((20, 60, 700)), "lasts": r.choice((None, 600, 5_000)), "turnaround": r.choice((0, 0, 15))}


def needs_of_a_scan(r: Random, toys: Catalogue) -> tuple[Any, ...]:
    """What a scan needs."""
    raw = toys.orders["scan"].model_dump(by_alias=True, exclude_none=True, exclude_defaults=True)
    raw |= {"takes": "0 min", "turnaround": "2 h", "needs": [{"when": nested(r, known_leaf), "say": "Not yet."}]}
    return type(toys.orders["scan"]).model_validate(tupled(raw)).needs


def pathway(r: Random) -> tuple[Step, ...]:
    """Some steps."""
    made: list[Step] = []
    for i, name in enumerate(STEPS[: r.randint(1, len(STEPS))]):
        stop = r.random() < 0.2
        more: Raw = {"stop": stop, "do": some(r, DRUGS if stop else ORDERS)}
        if r.random() < 0.7:
            more["when"] = nested(r, known_leaf)
        if i and r.random() < 0.4:
            more["after"] = some(r, STEPS[:i])
        if r.random() < 0.4:
            more["dose"] = r.choice(("high", "low", "cup", *TYPED))
        if r.random() < 0.3:
            more["not_before"] = minutes(r)
        given = {"weight": "must", "within": "1 h", "phase": "First hour", "title": name, "because": "A toy.", **TOY}
        made.append(Step.model_validate(tupled({"id": name, **given, **more})))
    return tuple(made)


def scenario(r: Random) -> Scenario:
    """A case."""
    toys = tinycase.scenario()
    raw = {
        "patient": {"names": ("Toy",), "sex": r.choice(("male", "female")), "age": "20 d..40 d", **TOY,
                    "weight": {"low": 2.4, "high": 4.1}, "birth_weight": {"low": 2.4, "high": 4.1}},
        "given": r.choice(({}, {"insulin": "low"}, {"fluids": "high", "line": "none"}, {"insulin": "0.8"},
                           {"insulin": "low", "cannula": None})),
        "past": r.choice(({}, {"fluids": ["90 d", "2 h"], "scan": "3 h"}, {"insulin": "50 d", "story": "1 min"},
                          {"line": "100 d", "insulin": ["9 d", "1 min"], "bolus": "10 min"})),
        "endings": [
            {"id": "died", "title": "Died", "text": "Died.", "utility": 0.0, "when": {"in": {"life": "dead"}}},
            {"id": "well", "title": "Well", "text": "Well.", "utility": 0.87, "when": nested(r, true_leaf)},
            {"id": "ill", "title": "Ill", "text": "Ill.", "utility": 0.31},
        ],
        "sequelae": [{"when": nested(r, true_leaf), "minus": 0.17, "text": "Lost."} for _ in range(2)],
        "checkpoints": [{"at": minutes(r), "expert": {"aa": "55%", "bb": "25%"}, "because": "Toy."} for _ in range(2)],
        "nurses": r.randint(1, 3),
        "limits": r.choice(({}, {"glucose": {"above": 6}}, {"pulse": {"below": 4.5, "above": 8}})),
        "horizon": r.choice(("3 d", "100 d")),
    }  # fmt: skip
    kept = toys.case.model_dump(by_alias=True, exclude_none=True, include={
        "id", "title", "blurb", "level", "difficulty", "minutes", "author", "reviewed", "version", "disease",
        "diagnosis", "opening", "setting", "monitor", "differential", "objectives", "teaching",
    })  # fmt: skip
    empty: Raw = {"pathway": (), "pitfalls": ()}
    case = Case.model_validate(tupled(kept | raw | empty)).model_copy(update={"pathway": pathway(r)})
    return toys.model_copy(update={"case": case, "disease": disease(r), "catalogue": catalogue(r)})


def move(r: Random) -> Move:
    """A move that may or may not be possible when it comes."""
    return r.choice((
        lambda: PlaceOrder(r.choice(ORDERS)),
        lambda: PlaceOrder(r.choice(("fluids", "insulin", "poison")), r.choice(("low", "high"))),
        lambda: PlaceOrder(r.choice(("insulin", "poison")), r.choice(TYPED)),
        lambda: StopTherapy(r.choice((*DRUGS, "look"))),
        lambda: Wait(r.choice((None, r.randint(1, 5_000))), r.choice(("result", "call"))),
        lambda: Wait(r.randint(1, 2_000)),
        lambda: StateDifferential((("aa", 0.7), ("bb", 0.1))),
        lambda: SetLimits((("pulse", *r.choice(((4.5, 6), (None, 5), (3, None), (None, None)))),)),
        lambda: Finish() if r.random() < 0.2 else Wait(1),
    ))()  # fmt: skip


def moves(r: Random) -> tuple[Move, ...]:
    """Some moves."""
    return tuple(move(r) for _ in range(r.randint(0, 12)))


def plan(r: Random, of: Scenario) -> Plan:
    """A way of playing: the pathway, changed or not, or some moves."""
    first = moves(r) if r.random() < 0.5 else ()
    if r.random() < 0.25:
        return Plan(follows=False, moves=first)
    names = tuple(step.id for step in of.case.pathway)
    skip = frozenset(some(r, names)) if r.random() < 0.3 else frozenset()
    delay = {name: r.choice((0, 7, r.randint(1, 5_000))) for name in some(r, names)} if r.random() < 0.5 else {}
    return Plan(moves=first, skip=skip, delay=delay)
