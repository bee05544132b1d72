"""A case whose lives are long and busy: four regions of six states that worsen each other for five years."""

from __future__ import annotations

from sim.case.model.scenario import Scenario
from smalldisease import TOY, go, library_of, region

REGIONS = ("gut", "skin", "blood", "lungs")
STATES = 6
BAD = ["s3", "s4", "s5"]


def scenario(horizon: int = 5 * 525960) -> Scenario:
    """The case. From each state a region gets worse, better, or well at once; bad neighbours hurry what is worse."""
    regions = {}
    for r, name in enumerate(REGIONS):
        hurried = [{"x": 1.5, "when": {"in": {other: BAD}}, **TOY} for other in REGIONS if other != name]
        moves = [go(f"worse{i}", f"s{i}", f"s{i + 1}", median=f"{20 + 3 * i + r} d", modifiers=hurried)
                 for i in range(STATES - 1)]  # fmt: skip
        moves += [go(f"better{i}", f"s{i}", f"s{i - 1}", median=f"{12 + 2 * i + r} d") for i in range(1, STATES)]
        moves += [go(f"well{i}", f"s{i}", "s0", median=f"{90 + r} d") for i in range(2, STATES)]
        regions[name] = region(" ".join(f"s{i}" for i in range(STATES)), *moves)
    worst = {"x": 4.0, "when": {"at_least": {"n": 2, "of": [{"in": {name: ["s5"]}} for name in REGIONS]}}, **TOY}
    dies = go("dies", "alive", "dead", median="30 y", modifiers=[worst])
    cured = go("cured", "alive", "cured", median="60 y")
    made = library_of(**regions, life=region("alive dead cured", dies, cured, outcomes="dead cured"))
    return made.model_copy(update={"case": made.case.model_copy(update={"horizon": horizon})})
