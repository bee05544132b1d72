"""The table: every row measured, judged and written down as Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sim.authoring.calibrate import rows_course, rows_survival, rows_treatment
from sim.authoring.calibrate.cohorts import Cohorts
from sim.authoring.calibrate.row import SOURCES, Row, Unit
from sim.case.model.scenario import Scenario
from sim.cohorts.survival import Interval
from sim.words.fold import fold

PARTS: tuple[tuple[str, tuple[Row, ...]], ...] = (
    ("Survival", rows_survival.ROWS),
    ("How it begins and spreads", rows_course.ROWS),
    ("What treatment does and costs", rows_treatment.ROWS),
)
UNEXPLAINED = "Not explained: the disease graph has to change."
ROWS: tuple[Row, ...] = tuple(row for _, rows in PARTS for row in rows)


@dataclass(frozen=True, slots=True)
class Measured:
    """A row with its simulated figure, None where no simulated boy came into question."""

    row: Row
    simulated: Interval | None

    @property
    def inside(self) -> bool:
        """Whether the simulated figure lies in the band."""
        return self.simulated is not None and self.row.band.low <= self.simulated.value <= self.row.band.high


def measure(cohorts: Cohorts) -> tuple[Measured, ...]:
    """Return every row, measured."""
    return tuple(Measured(row, row.measure(cohorts)) for row in ROWS)


def document(scenario: Scenario, n: int, measured: Sequence[Measured]) -> str:
    """Return the text of `docs/calibration.md`."""
    by_row = {each.row.id: each for each in measured}
    inside = sum(each.inside for each in measured)
    lines = [_HEAD.format(n=n, rows=len(measured), inside=inside, title=scenario.case.id)]
    for title, rows in PARTS:
        lines += [f"## {title}\n", *_table(by_row[row.id] for row in rows), ""]
    lines += ["## Outside, and why\n", *_outside(measured), "", _TAIL]
    return "\n".join(lines)


def _table(measured: Iterable[Measured]) -> list[str]:
    lines = [
        "| Row | What | Published | Band | Simulated (95%) | Verdict | Boys |",
        "|---|---|---|---|---|---|---|",
    ]
    notes: list[str] = []
    for each in measured:
        row = each.row
        evidence = ", ".join(f"`{id}`" for id in row.evidence)
        band = f"{_span(row.band.low, row.band.high, row.unit)}, {SOURCES[row.band.source]}"
        verdict = "inside" if each.inside else "**outside**"
        lines.append(
            f"| `{row.id}` | {row.what} ({evidence}) | {row.published} | {band} "
            f"| {told(each)} | {verdict} | {row.boys} |"
        )
        if row.note:
            notes += fold(f"- `{row.id}`: {row.note}", 120, rest="  ")
    return [*lines, "", *notes]


def told(measured: Measured) -> str:
    """Return the simulated figure with its interval as the table prints it."""
    found, unit = measured.simulated, measured.row.unit
    if found is None:
        return "nobody"
    return f"{_figure(found.value, unit)} ({_span(found.low, found.high, unit)})"


def _span(low: float, high: float, unit: Unit) -> str:
    return f"{_figure(low, unit).removesuffix('%')}-{_figure(high, unit)}"


def _figure(value: float, unit: Unit) -> str:
    if unit == "%":
        return f"{100 * value:.1f}%"
    return f"{value:.2f}" if unit == "per 1,000 d" else f"{value:.1f}"


def _outside(measured: Iterable[Measured]) -> list[str]:
    missed = [each for each in measured if not each.inside]
    if not missed:
        return ["Nothing is."]
    return [
        line for each in missed for line in fold(f"- `{each.row.id}`: {each.row.miss or UNEXPLAINED}", 120, rest="  ")
    ]


_HEAD = """\
# Calibration

What the model does against what was published about boys with IPEX. Written by `make calibration`
(`python -m sim.authoring.calibrate`): do not edit it by hand. Cohorts of {n} boys; {inside} of {rows} rows inside their
band.

For teaching only. Where a model for a game meets a figure, that shows no more than that: most single rates behind it
are assumptions, chosen so that the whole comes out near the few figures that exist.

This is a fit, not a test. Rates of the disease were moved until rows came inside: of the thyroid, the islets, the bone,
the half-matched graft, death after transplant, and what drugs spare of wear, organ failure and sudden sepsis. Who the
*presenting* boys are, when they are transplanted, that their clear skin goes untreated, and what counts as an
infection, were settled after a first look at the table. No row was kept back to test the fit. Assumed bands are the
authors' own, and wide: a row in one (ten years after transplant, 42% published, is the plainest) says less than a row
inside a published interval.

How to read it. *Published* is what the source says; the evidence ids are those of `scenarios/evidence`. The *band* is
what a simulated figure may be: an interval as printed, or the exact 95% interval of the published share and its n
(across sources the widest), or, where neither was readable, a band that we *assumed*. *Simulated* carries its own 95%
interval, which says only how far chance reaches at this size. The verdict compares the simulated figure with the band.

Whose boys. All are patients of `{title}`, three weeks old, under the case's pathway.

- *pathway*: the whole of it. *drugs*: without the transplant. *supportive*: without immunosuppression and transplant.
  *untreated*: nothing is done at all.
- *many organs*: the pathway for boys who open with thyroid, blood, kidney and liver ill as well.
- *presenting*: boys who open with one first sign only, in the published proportions (68% diarrhoea, 25% diabetes, 7%
  skin), 58 in 92 of them transplanted and the others not, as in the largest cohort. The transplant is decided seven
  months later than in the case, since published boys waited (`hsct-interval`), and nobody treats a skin that is
  still clear. What they show within four years is counted.
- *diabetes only*: boys with diabetes and nothing else, treated for that.
- *steroids*: the steroid never tapered and no other drug. *steroid burst*: the pathway's short course, no other drug.
- *lines*: the first year of a tenth of the boys on drugs, counted in their logs. *first results*: the first three days
  of a fifth of the boys on the pathway.
"""

_TAIL = """\
## What the model cannot speak to

- Food allergy (`freq-food-allergy`), arthritis, alopecia, lymphadenopathy and other rare manifestations
  (`freq-rare-list`, `freq-other-immune`), organomegaly (`freq-organomegaly`): no region of the disease carries them.
- Late onset, atypical and mild forms (`onset-late-range`, `atyp-no-is-needed`) and fetal disease (`prenatal-21`): the
  case is a newborn with the classical disease.
- Effects of the variant (`cal-forkhead`, `geno-no-correlation`): sources disagree, and the model lets it change
  organs, not survival.
- Associations of single features with survival (`cal-better`, `cal-worse`, `cal-steroid-assoc`): the commoner features
  of those who live long are not protective (`cal-survivor-bias`), and nothing here is fitted to them.
- The gene's yield among boys who only look like it (`cal-lr-foxp3`): every boy of this case has the disease.
- Growth slowing under steroids (`tx-ster-toxic`): the model slows the growth of everybody on more than six weeks.
"""
