"""The table: every row measured, judged and written down, as Markdown and as data."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from sim.authoring.calibrate.arms import Arms
from sim.authoring.calibrate.measures import MINUTES, measured
from sim.case.model.calibration import AcceptanceBand, Calibration, Row, Section
from sim.case.model.scenario import Scenario
from sim.cohorts.survival import ConfidenceInterval, share
from sim.engine.version import ENGINE
from sim.words.fold import fold

Source = Literal["printed", "counts", "assumed"]
SOURCES: Final[dict[Source, str]] = {
    "printed": "as printed",
    "counts": "exact, from the published share and n",
    "assumed": "assumed",
}
UNEXPLAINED: Final = "Not explained: the disease graph has to change."


@dataclass(frozen=True, slots=True)
class Bounds:
    """The ends of a band, shares as fractions, and where they come from."""

    low: float
    high: float
    source: Source


@dataclass(frozen=True, slots=True)
class Figure:
    """A row with its simulated figure, None where no simulated patient came into question."""

    row: Row
    simulated: ConfidenceInterval | None

    @property
    def bounds(self) -> Bounds:
        """What the figure may be."""
        return bounds_of(self.row.band, self.row.measure.unit)

    @property
    def inside(self) -> bool:
        """Whether the simulated figure lies in the band."""
        return self.simulated is not None and self.bounds.low <= self.simulated.value <= self.bounds.high


def bounds_of(band: AcceptanceBand, unit: str) -> Bounds:
    """Return the ends of a band; of published counts the widest exact intervals."""
    if band.counts is not None:
        found = [share(count, n) for count, n in band.counts]
        return Bounds(min(each.low for each in found), max(each.high for each in found), "counts")
    span = band.printed or band.assumed
    assert span is not None
    whole = 100 if unit == "%" else 1
    return Bounds(span.low / whole, span.high / whole, "assumed" if band.printed is None else "printed")


def figures(arms: Arms) -> tuple[Figure, ...]:
    """Return every row of a calibration, measured."""
    return tuple(Figure(row, measured(arms, row.measure)) for row in arms.calibration.rows)


def unexplained(found: Iterable[Figure]) -> tuple[Figure, ...]:
    """Return the rows that lie outside their band without a reason given."""
    return tuple(each for each in found if not each.inside and each.row.miss is None)


def outside(found: Iterable[Figure]) -> tuple[str, ...]:
    """Return a line for each row that lies outside its band."""
    return tuple(
        f"outside: {each.row.id}: {simulated_text(each)}, band {each.bounds.low:g} to {each.bounds.high:g}"
        for each in found
        if not each.inside
    )


def to_plain(calibration: Calibration, scenario: Scenario, n: int, found: Sequence[Figure]) -> dict[str, object]:
    """Return the table as JSON-ready data; shares are fractions."""
    return {
        "calibration": calibration.id,
        "case": calibration.case,
        "digest": scenario.digest,
        "engine": ENGINE,
        "n": n,
        "inside": sum(each.inside for each in found),
        "rows": [_plain_row(each) for each in found],
    }


def _plain_row(each: Figure) -> dict[str, object]:
    row, bounds, simulated = each.row, each.bounds, each.simulated
    return {
        "id": row.id,
        "what": row.what,
        "evidence": row.evidence,
        "published": row.published,
        "unit": row.measure.unit,
        "band": {"low": bounds.low, "high": bounds.high, "source": bounds.source},
        "simulated": None
        if simulated is None
        else {"value": simulated.value, "low": simulated.low, "high": simulated.high},
        "inside": each.inside,
        "who": row.who,
        "note": row.note,
        "miss": row.miss,
    }


def document(calibration: Calibration, scenario: Scenario, n: int, found: Sequence[Figure]) -> str:
    """Return the table as Markdown: the text of `docs/calibration.md`. `scenario` is what was played."""
    by_row = {each.row.id: each for each in found}
    inside = sum(each.inside for each in found)
    intro = f"{_WRITTEN} Cohorts of {n} patients; {inside} of {len(found)} rows inside their band."
    on = {"id": calibration.id, "case": scenario.case.id, "digest": scenario.digest[:12], "engine": ENGINE}
    lines = ["# Calibration", "", *fold(intro.format(**on), 120), "", _TEACHING]
    lines += ["", calibration.about, "", _READING, "", calibration.patients, ""]
    for section in calibration.sections:
        lines += [f"## {section.title}", "", *_table(section, by_row), ""]
    lines += ["## Outside, and why", "", *_outside(found), "", "## What the model cannot speak to", ""]
    return "\n".join([*lines, calibration.limits, ""])


def _table(section: Section, by_row: dict[str, Figure]) -> list[str]:
    lines = [
        "| Row | What | Published | Band | Simulated (95%) | Verdict | Who |",
        "|---|---|---|---|---|---|---|",
    ]
    notes: list[str] = []
    for each in (by_row[row.id] for row in section.rows):
        row, bounds = each.row, each.bounds
        evidence = ", ".join(f"`{id}`" for id in row.evidence)
        band = f"{_span(bounds.low, bounds.high, row.measure.unit)}, {SOURCES[bounds.source]}"
        verdict = "inside" if each.inside else "**outside**"
        lines.append(
            f"| `{row.id}` | {row.what} ({evidence}) | {row.published} | {band} "
            f"| {simulated_text(each)} | {verdict} | {row.who} |"
        )
        if row.note is not None:
            notes += fold(f"- `{row.id}`: {row.note}", 120, rest="  ")
    return [*lines, "", *notes]


def simulated_text(found: Figure) -> str:
    """Return the simulated figure with its interval as the table prints it."""
    simulated, unit = found.simulated, found.row.measure.unit
    if simulated is None:
        return "nobody"
    return f"{_number(simulated.value, unit)} ({_span(simulated.low, simulated.high, unit)})"


def _span(low: float, high: float, unit: str) -> str:
    return f"{_number(low, unit).removesuffix('%')}-{_number(high, unit)}"


def _number(value: float, unit: str) -> str:
    if unit == "%":
        return f"{100 * value:.1f}%"
    return f"{value:.1f}" if unit in MINUTES or unit == "h" else f"{value:.2f}"


def _outside(found: Iterable[Figure]) -> list[str]:
    missed = [each for each in found if not each.inside]
    if not missed:
        return ["Nothing is."]
    return [
        line for each in missed for line in fold(f"- `{each.row.id}`: {each.row.miss or UNEXPLAINED}", 120, rest="  ")
    ]


_WRITTEN: Final = (
    "What the model does against what was published. Written by `make calibration` (`scurfy calibrate {id}`) from "
    "`scenarios/calibration/{id}.yaml`: do not edit it by hand. Measured on the case `{case}` with digest `{digest}`, "
    "by engine {engine}: `scurfy doctor` names the engine and `scurfy replay --json` the digest of what you have."
)

_TEACHING: Final = """\
For teaching only. Where a model for a game meets a figure, that shows no more than that: most single rates behind it
are assumptions, chosen so that the whole comes out near the few figures that exist."""

_READING: Final = """\
How to read it. *Published* is what the source says; the evidence ids are those of `scenarios/evidence`. The *band* is
what a simulated figure may be: an interval as printed, or the exact 95% interval of the published share and its n
(across sources the widest), or, where neither was readable, a band that we *assumed*. *Simulated* carries its own 95%
interval, which says only how far chance reaches at this size.
The verdict compares the simulated figure with the band."""
