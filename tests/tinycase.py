"""A tiny library and tiny logs, built by hand: what the tests of knowledge and scoring play with."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from sim.case.model.case import Case, Checkpoint, Ending, PatientSpec, Span
from sim.case.model.catalogue import Catalogue, Diagnosis, DoseOption, Kind, Observable, Order, Reference
from sim.case.model.conditions import Condition
from sim.case.model.disease import Disease, DrugLevel, Modifier, Region, State, Transition
from sim.case.model.evidence import Evidence, Source
from sim.case.model.pathway import Step
from sim.case.model.pitfalls import OrderValue, Pattern, Pitfall
from sim.case.model.scenario import Scenario
from sim.engine.log import (
    CaseEnded,
    CaseOpened,
    Event,
    Log,
    Measurement,
    OrderPlaced,
    ResultReturned,
    TherapyStarted,
    TherapyStopped,
)

HOUR, DAY = 60, 1440
AGE = 21 * DAY
TOY: dict[str, Any] = {"assumed": "a toy for tests"}


def _order(id: str, kind: Kind, **more: Any) -> Order:
    return Order(id=id, name=id.capitalize(), kind=kind, group="Toys", takes=more.pop("takes", "0 min"), **more)


def catalogue() -> Catalogue:
    """Every kind of order, two observables, three diagnoses."""
    doses = (DoseOption(label="low", amount=0.5), DoseOption(label="high", amount=2.0))
    orders = (
        _order("story", Kind.HISTORY, takes="2 min", normal="Nothing new."),
        _order("family", Kind.HISTORY, takes="3 min"),
        _order("look", Kind.EXAMINATION, takes="2 min"),
        _order("sugar", Kind.INVESTIGATION, turnaround="10 min", blood=0.5, measures=("glucose",)),
        _order("gene", Kind.INVESTIGATION, turnaround="3 d", cost=5, blood=3),
        _order("scan", Kind.INVESTIGATION, turnaround="2 h", cost=4),
        _order("fluids", Kind.THERAPY, doses=doses),
        _order("insulin", Kind.THERAPY, doses=doses, onset="10 min", offset="30 min"),
        _order("poison", Kind.THERAPY),
        _order("bolus", Kind.THERAPY, lasts="30 min"),
        _order("line", Kind.PROCEDURE, lasts="90 d"),
        _order("advice", Kind.CONSULT),
        _order("ward", Kind.DISPOSITION),
    )
    band = Reference(normal=5, low=3, high=7)
    observables = (
        Observable(id="glucose", name="Glucose", short="Glu", unit="mmol/L", kind="laboratory", decimals=1,
                   bands=(band,), settles="1 h", noise=0.0, **TOY),
        Observable(id="pulse", name="Pulse", short="HR", unit="/min", kind="vital", decimals=0,
                   bands=(band,), settles="1 min", noise=0.0, **TOY),
    )  # fmt: skip
    diagnoses = tuple(Diagnosis(id=d, name=d.upper()) for d in ("aa", "bb", "cc"))
    return Catalogue(
        orders={o.id: o for o in orders},
        observables={o.id: o for o in observables},
        diagnoses={d.id: d for d in diagnoses},
    )


def disease() -> Disease:
    """Two regions: sugar runs high and harms the brain, and life can end."""
    sugar = Region(
        name="Sugar",
        initial="high",
        states={"high": State(name="Sugar too high"), "fine": State(name="Sugar as it should be")},
        transitions=(
            Transition(id="harmed", source="fine", target="high", median="4 d", **TOY),
            Transition(id="treated", source="high", target="fine", median="4 h", **TOY),
        ),
        **TOY,
    )
    life = Region(
        name="Life",
        initial="alive",
        states={"alive": State(name="Alive"), "died": State(name="Died", outcome=True)},
        transitions=(Transition(id="dies", source="alive", target="died", median="20 d", **TOY),),
        **TOY,
    )
    absorbed = Modifier(x=1.5, when=Condition(in_={"sugar": "fine"}), **TOY)
    level = DrugLevel(therapy="insulin", observable="glucose", per_amount=2.0, factors=(absorbed,), **TOY)
    return Disease(
        id="toy", name="Toy disease", summary="It teaches nothing.", regions={"sugar": sugar, "life": life},
        levels=(level,),
    )  # fmt: skip


def step(id: str, do: str | tuple[str, ...], **more: Any) -> Step:
    """A must step with a window of one hour, unless told otherwise."""
    given: dict[str, Any] = {"weight": "must", "within": "1 h", "phase": "First hour", "title": f"Do {id}"}
    return Step(id=id, do=do, because=f"{id} matters.", **(TOY | given | more))


def pitfall(id: str, severity: str, pattern: Pattern, consequence: tuple[str, ...] = ("sugar.harmed",)) -> Pitfall:
    return Pitfall(
        id=id, title=f"Pitfall {id}", severity=severity, pattern=pattern, because=f"{id} hurts.",
        consequence=consequence, **TOY,
    )  # fmt: skip


def value(order: str | tuple[str, ...], worth: str, when: Condition | None = None, **more: Any) -> OrderValue:
    return OrderValue(order=order, value=worth, when=when, because=f"{worth} here.", **(TOY | more))


def checkpoint(at: str, **expert: str) -> Checkpoint:
    return Checkpoint(at=at, expert=expert, because="By now the sugar is known.")


def scenario(
    pathway: Iterable[Step] = (),
    pitfalls: Iterable[Pitfall] = (),
    values: Iterable[OrderValue] = (),
    checkpoints: Iterable[Checkpoint] = (),
    **more: Any,
) -> Scenario:
    """One case of the toy disease."""
    weight = Span(low=3, high=3)
    patient = PatientSpec(names=("Toy",), sex="male", age="3 wk", birth_weight=weight, weight=weight, **TOY)
    given: dict[str, Any] = {
        "endings": (Ending(id="home", title="Home", text="He went home.", utility=1.0),),
        "horizon": "10 d",
        "evidence": {},
        "sources": {},
    } | more
    evidence: dict[str, Evidence] = given.pop("evidence")
    sources: dict[str, Source] = given.pop("sources")
    case = Case(
        id="toy_case", title="A toy", blurb="A toy.", level="Students", difficulty=1, minutes=5, author="Nobody",
        reviewed="not yet reviewed by a clinician", version="1", disease="toy", diagnosis="aa", patient=patient,
        opening="{name} is here.", setting="A ward", monitor="pulse", differential=("aa", "bb"),
        checkpoints=tuple(checkpoints), pathway=tuple(pathway), pitfalls=tuple(pitfalls), values=tuple(values),
        objectives=("Play.",), teaching=("Toys teach little.",), **given,
    )  # fmt: skip
    return Scenario(
        case=case, disease=disease(), catalogue=catalogue(), evidence=evidence, sources=sources, digest="0" * 64
    )


def opened() -> CaseOpened:
    return CaseOpened(0, seed=1, name="Toy", age=AGE, weight=3.0)


def placed(at: int, order: str, number: int = 1, dose: str | None = None) -> OrderPlaced:
    return OrderPlaced(at, number, order, dose)


def started(at: int, therapy: str, dose: str | None = None) -> TherapyStarted:
    return TherapyStarted(at, 1, therapy, dose)


def stopped(at: int, therapy: str, by: str = "learner") -> TherapyStopped:
    return TherapyStopped(at, therapy, by)


def result(at: int, order: str, *codes: str, sampled: int | None = None, number: int = 1, **values: float) -> Event:
    measured = tuple(Measurement(k, v, 3, 7) for k, v in values.items())
    return ResultReturned(at, number, order, at if sampled is None else sampled, measured, "As said.", codes)


def ended(at: int, why: str = "horizon", ending: str = "home", utility: float = 1.0) -> CaseEnded:
    return CaseEnded(at, why, ending, utility, handed_over=False)


def log(*events: Event, end: int | None = 10 * DAY) -> Log:
    """The opening, the events, and the end (None: none yet)."""
    return (opened(), *events) + (() if end is None else (ended(end),))


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
