"""For who writes a case and needs a name: the states of a disease, and the evidence there is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from sim.cli.command import app
from sim.cli.exam import need_no_exam, need_no_exam_about
from sim.cli.options import CasesOption, JsonOption
from sim.cli.output import say, write
from sim.words.errors import UserError

if TYPE_CHECKING:
    from pathlib import Path

    from sim.authoring.states import Mixes
    from sim.case.model.disease import Disease

GRADES = "Grades: P published about this disease, G about children or a related disease, S a seed document, A assumed."


@app.command(epilog="Example: scurfy states drying_out circulation water")
def states(
    disease: Annotated[str, typer.Argument(metavar="DISEASE_OR_CASE", help="An id, or the path of a file.")],
    regions: Annotated[list[str] | None, typer.Argument(metavar="REGION...", help="Only these regions.")] = None,
    cases: CasesOption = None,
    json: JsonOption = False,
) -> None:
    """List the regions, states and bands of a disease, and what each transition waits for. It gives the case away."""
    from sim.authoring.states import lines, plain
    from sim.case.problems import did_you_mean
    from sim.report.json import to_json

    found, mixes = _disease(disease, cases)
    only = tuple(regions or ())
    for name in only:
        if name not in found.regions:
            hint = did_you_mean(name, found.regions) or f"its regions are {', '.join(found.regions)}"
            raise UserError(f"there is no region {name!r}", hint, misuse=True)
    if json:
        write(to_json(plain(found, mixes, only)))
        return
    say(f"{found.name} ({found.id})" + (f", as the case {disease} has it" if mixes else ""))
    say("")
    for line in lines(found, mixes, only):
        say(line)


def _disease(wanted: str, cases: Path | None) -> tuple[Disease, Mixes]:
    """The disease of an id or a file, or of a case, with the regions that open otherwise in that case."""
    from sim.attempts.cases import CASES
    from sim.case.library import disease_file, load_disease
    from sim.cli.places import located

    path = disease_file(wanted)
    if path is not None:
        found = load_disease(path)
        need_no_exam_about(found.id)
        return found, {}
    source = located(wanted, cases)
    need_no_exam(source)
    scenario = CASES.load(source)
    return scenario.disease, scenario.case.start


@app.command(epilog="Example: scurfy evidence ketoacidosis insulin")
def evidence(
    words: Annotated[list[str], typer.Argument(metavar="WORD...", help="Words of its id, statement or source.")],
    case: Annotated[
        str | None, typer.Option("--case", metavar="CASE", help="What this case brings as well: an id or a path.")
    ] = None,
    cases: CasesOption = None,
    json: JsonOption = False,
) -> None:
    """Search the evidence for an id to name, the best match first."""
    from sim.attempts.cases import CASES
    from sim.case.library import load_evidence
    from sim.case.search import search_evidence
    from sim.cli.places import located
    from sim.report.json import to_json
    from sim.words.fold import fold

    if case is None:
        facts, sources = load_evidence()
    else:
        scenario = CASES.load(located(case, cases))
        facts, sources = dict(scenario.evidence), dict(scenario.sources)
    query = " ".join(words)
    found = search_evidence(facts, sources, query)
    if json:
        write(to_json([
            {"id": fact.id, "grade": fact.grade, "statement": fact.statement,
             "sources": [{"id": name, "citation": sources[name].citation, "read": sources[name].read}
                         for name in fact.sources if name in sources]}
            for fact in found]))  # fmt: skip
    else:
        for fact in found:
            for line in fold(fact.statement, 80, first=f"{fact.id}  {fact.grade}  ", rest="    "):
                say(line)
            for source in (sources[name] for name in fact.sources if name in sources):
                cited = f"{source.id} (read: {source.read}): {source.citation}"
                for line in fold(cited, 80, first=" " * 6, rest=" " * 8, whole=True):
                    say(line)
        for line in fold(GRADES, 80) if found else ():
            say(line)
    if not found:
        hint = "say instead 'assumed: why', or add the source and the fact to evidence.yaml beside your case"
        raise UserError(f"no evidence is like {query!r}", hint, told=json)
