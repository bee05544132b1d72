"""For who looks for a case or an order, and who writes one: what there is, and what is wrong with it."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sim.cli.command import app
from sim.cli.exam import need_no_exam
from sim.cli.options import CaseArgument, CasesOption, JsonOption
from sim.cli.output import say, write
from sim.words.errors import UserError

if TYPE_CHECKING:
    from sim.attempts.mastery import Record
    from sim.case.heads import CaseHead
    from sim.case.model.catalogue import Order
    from sim.case.model.pathway import Step


class Format(StrEnum):
    """How problems are told."""

    TEXT = "text"
    JSON = "json"


class Picture(StrEnum):
    """How a graph is drawn."""

    SVG = "svg"
    DOT = "dot"
    MERMAID = "mermaid"


@app.command(epilog="Example: scurfy cases --missed")
def cases(
    missed: Annotated[bool, typer.Option("--missed", help="Name the steps you still miss: this tells a case.")] = False,
    cases: CasesOption = None,
    json: JsonOption = False,
) -> None:
    """List the cases that ship with Scurfy and your own, easiest first, and how far you have come with each."""
    from sim.attempts.cases import CASES
    from sim.attempts.mastery import counted
    from sim.cli.places import homes
    from sim.report.json import to_json
    from sim.words.format import review_note

    heads = _mastery(CASES.heads(homes=homes(cases)))
    if json:
        write(to_json([{"id": h.id, "title": h.title, "blurb": h.blurb, "level": h.level, "difficulty": h.difficulty,
                         "minutes": h.minutes, "reviewed": h.reviewed, "attempts": record.attempts, "best": record.best,
                         "still_missed": None if steps is None else [
                             {"step": s.id, "title": s.title, "weight": s.weight} for s in steps]}
                        for h, record, steps in heads]))  # fmt: skip
        return
    for head, record, steps in heads:
        say(f"{head.id}  {head.title}")
        say(f"    {head.problem or f'{head.level}; difficulty {head.difficulty} of 5; about {head.minutes} min'}")
        if not head.problem:
            say(f"    {review_note(head.reviewed)}")
        best = "" if record.best is None else f"; best: {record.best}"
        left = "" if steps is None else f"; still missed: {counted(steps)}"
        say(f"    {record.attempts or 'not'} played{best}{left}")
        for step in steps or () if missed else ():
            say(f"        {step.weight:<6}  {step.title}")


@app.command(epilog="Example: scurfy orders cbc")
def orders(
    query: Annotated[list[str] | None, typer.Argument(help="What people type; without it, all orders.")] = None,
    json: JsonOption = False,
) -> None:
    """Search the catalogue of orders as the game does, the best match first."""
    from sim.case.library import load_catalogue
    from sim.case.search import search
    from sim.report.json import to_json

    catalogue, words = load_catalogue(), " ".join(query or ())
    found = search(catalogue, words) if words else tuple(catalogue.orders.values())
    if json:
        write(to_json([_order_data(order) for order in found]))
    else:
        for order in found:
            also = f" ({', '.join(order.aliases)})" if order.aliases else ""
            say(f"{order.id}  {order.kind.value}  {order.name}{also}")
    if not found:
        raise UserError(f"no order is like {words!r}", told=json)


def _order_data(order: Order) -> dict[str, object]:
    return {
        "id": order.id, "name": order.name, "kind": order.kind.value, "aliases": order.aliases,
        "unit": order.dose_unit, "range": order.range,
        "doses": [{"label": option.label, "amount": option.amount} for option in order.doses],
    }  # fmt: skip


@app.command(epilog="Example: scurfy check my_case.yaml")
def check(
    paths: Annotated[list[Path], typer.Argument(metavar="PATH...", help="Case files, or folders of them.")],
    format: Annotated[Format, typer.Option(help="text for people, json for programs.")] = Format.TEXT,
) -> None:
    """Find every mistake in case, disease, catalogue and evidence files."""
    from sim.authoring.cost import costly_cases
    from sim.case.checking.check import check as find_problems
    from sim.case.problems import render, to_plain
    from sim.engine.graph import problems as graph_questions
    from sim.report.json import to_json

    missing = next((path for path in paths if not path.exists()), None)
    if missing is not None:
        raise UserError(f"there is no file or folder {missing}", misuse=True)
    found = find_problems(paths, graph=graph_questions)
    errors = sum(problem.severity == "error" for problem in found)
    if not errors:
        found += costly_cases(paths)
    if format is Format.JSON:
        write(to_json([to_plain(problem) for problem in found]))
    else:
        for problem in found:
            say(render(problem))
        say(f"{errors} errors, {len(found) - errors} warnings" if found else "No problems found.")
    if errors:
        raise typer.Exit(1)


@app.command(epilog="Example: scurfy show drying_out")
def show(
    case: CaseArgument,
    cases: CasesOption = None,
    expanded: Annotated[
        bool, typer.Option("--expanded", help="What it is made of, each part with the file and line it comes from.")
    ] = False,
) -> None:
    """Print a case as a simulation table. It gives everything away: for teachers and authors."""
    from sim.attempts.cases import CASES
    from sim.authoring.show import expansion, table
    from sim.cli.places import located

    found = located(case, cases)
    need_no_exam(found)
    for line in expansion(found) if expanded else table(CASES.load(found)):
        say(line)


@app.command(epilog="Example: scurfy graph drying_out --format svg > graph.svg")
def graph(
    case: CaseArgument,
    format: Annotated[Picture, typer.Option(help="What to draw it as.")] = Picture.SVG,
    cases: CasesOption = None,
) -> None:
    """Draw the state graph of a case's disease. It gives everything away: for teachers and authors."""
    from sim.attempts.cases import CASES
    from sim.authoring.draw import to_dot, to_mermaid, to_svg
    from sim.cli.places import located

    draw = {Picture.SVG: to_svg, Picture.DOT: to_dot, Picture.MERMAID: to_mermaid}[format]
    found = located(case, cases)
    need_no_exam(found)
    write(draw(CASES.load(found).disease))


def _mastery(heads: Sequence[CaseHead]) -> list[tuple[CaseHead, Record, tuple[Step, ...] | None]]:
    """Each case with what was played of it, and the steps still missed; None before an attempt is finished."""
    from sim.attempts.mastery import record_of
    from sim.attempts.store import StoreError, data_folder, open_store

    try:
        with open_store(data_folder()) as store:
            played = store.attempts()
            records = [record_of(attempt for attempt in played if attempt.case_id == head.id) for head in heads]
            told = [[store.debrief(attempt.id) for attempt in record.finished] for record in records]
    except StoreError as trouble:  # the cases are there all the same
        sys.stderr.write(f"scurfy: what was played cannot be read: {trouble}\n")
        return [(head, record_of(()), None) for head in heads]
    return [
        (head, record, _missed(head, [each[0] for each in stored if each is not None]))
        for head, record, stored in zip(heads, records, told, strict=True)
    ]


def _missed(head: CaseHead, assessments: list[str]) -> tuple[Step, ...] | None:
    from sim.attempts.cases import CASES
    from sim.attempts.mastery import still_missed
    from sim.case.problems import CaseError

    try:
        return still_missed(CASES.load(head.path).case.pathway, assessments) if assessments else None
    except CaseError:
        return None  # the list says that it cannot be read
