"""How patients of the same fates fare in two versions of a case: what an edit does, apart from luck.

Both versions play the same seeds, which draw what the edit does not touch alike (common random numbers). So a
difference shows in far fewer patients than two cohorts of strangers would need, and each patient who fares otherwise
can be named and looked at by `scurfy trace`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from scoring.assess.assessment import assess
from scoring.parameters import BANDS
from sim.attempts.replay import replay_plan
from sim.case.model.scenario import Scenario
from sim.case.problems import CaseError
from sim.case.reading.movefile import read_plan
from sim.case.search import resolve
from sim.cohorts.arm import Life, arm
from sim.cohorts.cohort import follow
from sim.cohorts.survival import ConfidenceInterval, mean
from sim.engine.session import IllegalMove
from sim.words.fold import fold

WIDTH: Final = 80
_NAME: Final = 33
"""Columns of what a line is about."""
POLICIES: Final = {"pathway": "Under the pathway", "none": "Untreated"}
NAMED: Final = 5
"""So many patients of a change are named, and so many changes told."""

Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Fared:
    """How patients of a version of a case fared."""

    titles: Mapping[str, str]
    """Ending to its title, in the case's order."""
    lives: Mapping[str, tuple[Life, ...]]
    """Policy to the lives under it, by seed."""
    plans: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    """Plan to how many patients came to which band; a plan that cannot be played says why in its only entry."""


def fared(
    scenario: Scenario, seeds: Sequence[int], *, plans: Iterable[Path] = (), plan_seeds: Sequence[int] = (),
    told: Progress = lambda count: None,
) -> Fared:  # fmt: skip
    """Play the patients of some seeds under the pathway and untreated, and those of `plan_seeds` by each plan."""
    lives = {policy: follow(arm(scenario, policy, milestones=()), seeds, progress=told) for policy in POLICIES}
    verdicts = {}
    for path in plans if plan_seeds else ():
        verdicts[path.stem] = _verdicts(scenario, path, plan_seeds)
        told(len(plan_seeds))
    return Fared({ending.id: ending.title for ending in scenario.case.endings}, lives, verdicts)


def _verdicts(scenario: Scenario, path: Path, seeds: Sequence[int]) -> dict[str, int]:
    """The bands that the patients of some seeds come to by a plan."""
    try:
        plan = read_plan(path, scenario.catalogue, resolve)
        logs = (replay_plan(scenario, seed, plan).log for seed in seeds)
        return dict(Counter(assess(scenario, log).band for log in logs))
    except (CaseError, IllegalMove, ValueError):
        return {"cannot be played here": len(seeds)}


@dataclass(frozen=True, slots=True)
class Change:
    """Patients who end otherwise in the same way."""

    before: str
    now: str
    """Titles of endings."""
    seeds: tuple[int, ...]


def changes(before: Fared, now: Fared, policy: str) -> tuple[Change, ...]:
    """Return how patients end otherwise under a policy, the commonest change first."""
    found: dict[tuple[str, str], list[int]] = {}
    for old, new in zip(before.lives[policy], now.lives[policy], strict=True):
        if old.outcome != new.outcome:
            pair = before.titles.get(old.outcome, old.outcome), now.titles.get(new.outcome, new.outcome)
            found.setdefault(pair, []).append(new.seed)
    pairs = sorted(found.items(), key=lambda item: -len(item[1]))
    return tuple(Change(*pair, tuple(seeds)) for pair, seeds in pairs)


# --- told -----------------------------------------------------------------------------------------------------------


def lines(before: Fared, now: Fared) -> Iterator[str]:
    """Yield two versions beside each other for a terminal of 80 columns."""
    for policy, title in POLICIES.items():
        yield f"{title:<{_NAME}}{'before':>9}{'now':>9}   difference (95%)"
        yield from _shares(before, now, policy)
        yield from _changes(before, now, policy)
        yield ""
    if now.plans:
        yield from _plans(before, now)


def alone(now: Fared) -> Iterator[str]:
    """Yield one version with nothing to set beside it: who is alive and how patients end."""
    for policy, title in POLICIES.items():
        lives = now.lives[policy]
        yield f"{title:<{_NAME}}{'now':>9}"
        yield f"{_label('alive at the end')}{100 * _alive(now, policy):>8.1f}%"
        yield f"{_label('mean utility')}{_utility(now, policy):>9.3f}"
        counts = Counter(life.outcome for life in lives)
        yield from (f"{_label(now.titles[e])}{100 * counts[e] / len(lives):>8.1f}%" for e in now.titles if counts[e])
        yield ""


def _shares(before: Fared, now: Fared, policy: str) -> Iterator[str]:
    old, new = before.lives[policy], now.lives[policy]
    yield _share("alive at the end", [not life.dead for life in old], [not life.dead for life in new])
    yield _number("mean utility", [life.utility for life in old], [life.utility for life in new])
    for ending, title in {**before.titles, **now.titles}.items():
        was, is_now = ([life.outcome == ending for life in lives] for lives in (old, new))
        if any(was) or any(is_now):
            yield _share(title, was, is_now)


def _share(name: str, before: Sequence[bool], now: Sequence[bool]) -> str:
    old, new = (100 * sum(found) / len(found) for found in (before, now))
    return f"{_label(name)}{old:>8.1f}%{new:>8.1f}%{_difference(before, now, 100, 1)}"


def _number(name: str, before: Sequence[float], now: Sequence[float]) -> str:
    old, new = (sum(found) / len(found) for found in (before, now))
    return f"{_label(name)}{old:>9.3f}{new:>9.3f}{_difference(before, now, 1, 3)}"


def _label(name: str) -> str:
    room = _NAME - 3
    return f"  {name if len(name) <= room else name[: room - 3] + '...':<{_NAME - 2}}"


def _difference(before: Sequence[float], now: Sequence[float], unit: int, decimals: int) -> str:
    """The mean of what changed for each patient, with its interval; nothing where no patient changed."""
    found = difference(before, now)
    if found is None:
        return ""
    middle, low, high = (f"{unit * value:+.{decimals}f}" for value in (found.value, found.low, found.high))
    return f"   {middle} ({low} to {high})"


def difference(before: Sequence[float], now: Sequence[float]) -> ConfidenceInterval | None:
    """Return the mean change of a patient with its interval; None where nobody changed."""
    changed = [float(new) - float(old) for old, new in zip(before, now, strict=True)]
    return mean(changed) if any(changed) else None


def _changes(before: Fared, now: Fared, policy: str) -> Iterator[str]:
    found = changes(before, now, policy)
    count, all_of = sum(len(change.seeds) for change in found), len(now.lives[policy])
    yield f"  {count or 'none'} of {all_of} patients {'ends' if count == 1 else 'end'} otherwise" + ":" * bool(found)
    for change in found[:NAMED]:
        named = ", ".join(map(str, change.seeds[:NAMED])) + ", ..." * (len(change.seeds) > NAMED)
        said = f"{len(change.seeds)}: {change.before} -> {change.now} (patients {named})"
        yield from fold(said, WIDTH, first="    ", rest=" " * 8)
    if len(found) > NAMED:
        yield f"    and {len(found) - NAMED} other changes"


def _plans(before: Fared, now: Fared) -> Iterator[str]:
    yield f"{'Plans':<{_NAME}}before -> now"
    for plan in now.plans:
        old, new = _bands(before.plans.get(plan, {})), _bands(now.plans[plan])
        said = new if old == new else f"{old} -> {new}"
        yield from fold(said, WIDTH, first=_label(plan), rest=" " * _NAME)


def _bands(found: Mapping[str, int]) -> str:
    """Bands with their counts, the best first."""
    order = {band: place for place, band in enumerate(reversed(BANDS))}
    bands = sorted(found, key=lambda band: order.get(band, len(order)))
    return ", ".join(f"{found[band]} {band}" for band in bands) or "not there"


def plain(before: Fared, now: Fared) -> dict[str, object]:
    """Return the same as JSON-ready data."""
    told: dict[str, object] = {
        policy: {
            "patients": len(now.lives[policy]),
            "alive": [_alive(version, policy) for version in (before, now)],
            "utility": [_utility(version, policy) for version in (before, now)],
            "endings": [dict(Counter(life.outcome for life in version.lives[policy])) for version in (before, now)],
            "otherwise": [
                {"seed": new.seed, "before": old.outcome, "now": new.outcome}
                for old, new in zip(before.lives[policy], now.lives[policy], strict=True) if old.outcome != new.outcome
            ],
        }
        for policy in POLICIES
    }  # fmt: skip
    plans = {plan: [dict(version.plans.get(plan, {})) for version in (before, now)] for plan in now.plans}
    return told | {"plans": plans}


def _alive(version: Fared, policy: str) -> float:
    lives = version.lives[policy]
    return sum(not life.dead for life in lives) / len(lives)


def _utility(version: Fared, policy: str) -> float:
    lives = version.lives[policy]
    return sum(life.utility for life in lives) / len(lives)
