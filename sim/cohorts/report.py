"""What a cohort adds up to: survival, endings, utility and milestones with 95% intervals, as data and as text."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

from sim.case.model.scenario import Scenario
from sim.case.quantities import DAY
from sim.cohorts.arm import Arm, Life
from sim.cohorts.plots import to_text as curve_text
from sim.cohorts.survival import ConfidenceInterval, Curve, kaplan_meier, quantile, share, standard_error
from sim.words.fold import fold

FEW = 0.01
"""A milestone that fewer reach is left out of the text."""


def curve_of(lives: Sequence[Life]) -> Curve:
    """Return the survival curve of a cohort from the opening."""
    return kaplan_meier((life.at, life.dead) for life in lives)


def report(chosen: Arm, lives: Sequence[Life], *, each: bool = False) -> dict[str, object]:
    """Return a cohort as JSON-ready data: shares are fractions, times days; `each` adds every patient."""
    utility = [life.utility for life in lives]
    ends = Counter(life.outcome for life in lives)
    order = [ending.id for ending in chosen.scenario.case.endings if ending.id in ends]
    intervals = {name: share(ends[name], len(lives)) for name in order}
    data: dict[str, object] = {
        "n": len(lives),
        "survival": survival(curve_of(lives), chosen.horizon),
        "outcomes": {name: intervals[name].value for name in order},
        "outcomes_95": {name: [intervals[name].low, intervals[name].high] for name in order},
        "utility": {"mean": math.fsum(utility) / len(lives), "se": standard_error(utility)},
        "milestones": milestones(chosen, lives),
    }
    if each:
        data["each"] = [
            {"seed": life.seed, "at": life.at, "outcome": life.outcome, "utility": life.utility} for life in lives
        ]
    return data


def survival(curve: Curve, until: int) -> list[dict[str, float]]:
    """Return the share alive at the end of every day on which it changed, of the opening and of the last day."""
    days = sorted({0, *(-(-minute // DAY) for minute in curve.minutes), -(-until // DAY)})
    points = [(day, curve.at(min(day * DAY, until))) for day in days]
    return [{"at_days": day, "alive": p.alive, "low": p.low, "high": p.high} for day, p in points]


def milestones(chosen: Arm, lives: Sequence[Life]) -> list[dict[str, object]]:
    """Return each milestone, the earliest first: the share that reached it with its interval, quartiles in days.

    A patient who opens the case in a state counts neither for nor against it.
    """
    found = []
    for name in chosen.milestones:
        minutes = [minute for life in lives if (minute := life.met.get(name, -1)) != 0]
        days = [minute / DAY for minute in minutes if minute > 0]
        if days:
            reached = share(len(days), len(minutes))
            quartiles = [quantile(days, part) for part in (0.25, 0.5, 0.75)]
            found.append((quartiles[1], {"state": name, "share": reached.value, "low": reached.low,
                                         "high": reached.high, "days": quartiles}))  # fmt: skip
    return [what for _, what in sorted(found, key=lambda pair: pair[0])]


def to_text(chosen: Arm, lives: Sequence[Life], how: str) -> str:
    """Return a cohort as text for a terminal of 80 columns. `how` says how its patients were played."""
    case, n = chosen.scenario.case, len(lives)
    ends = Counter(life.outcome for life in lives)
    error = standard_error([life.utility for life in lives])
    utility = f"{math.fsum(life.utility for life in lives) / n:.3f}"
    last = curve_of(lives)
    alive = last.at(last.end)
    lines = [
        *fold(f"{case.title}: {n} patients, {how}, seeds {lives[0].seed} to {lives[-1].seed}", 80),
        "",
        curve_text(last),
        "",
        f"alive at the end  {_percent(ConfidenceInterval(alive.alive, alive.low, alive.high))}",
        f"mean utility      {utility}" + (f", standard error {error:.3f}" if error is not None else ""),
        "",
        "Endings",
        *(f"  {_percent(share(ends[e.id], n))}  {e.title}"[:80] for e in case.endings if ends[e.id]),
        *_milestone_lines(chosen.scenario, milestones(chosen, lives)),
        "",
        *fold("In this model, which is for teaching only; intervals of 95% say how far chance alone reaches.", 80),
    ]
    return "\n".join(lines) + "\n"


def _milestone_lines(scenario: Scenario, found: Sequence[dict[str, object]]) -> list[str]:
    lines = ["", "Milestones: who, and on which day (median, middle half)"]
    for what in found:
        reached, quartiles = what["share"], what["days"]
        assert isinstance(reached, float) and isinstance(quartiles, list)
        if reached >= FEW:
            region, _, state = str(what["state"]).partition(".")
            early, middle, late = (f"{day:.1f}" if quartiles[2] < 10 else f"{day:.0f}" for day in quartiles)
            name = scenario.disease.regions[region].states[state].name
            lines.append(f"  {100 * reached:5.1f}%  {middle:>5} ({early}-{late})".ljust(30) + name[:50])
    return lines if len(lines) > 2 else []


def _percent(part: ConfidenceInterval) -> str:
    return f"{100 * part.value:5.1f}% ({100 * part.low:.1f}-{100 * part.high:.1f})"
