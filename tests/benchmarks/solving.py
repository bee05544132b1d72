"""An exact answer: our sparse generator against quantecon's Markov decision process with one action."""

from __future__ import annotations

from typing import Any

import numpy as np

from benchmarks import chronic
from benchmarks.peers import here, version
from benchmarks.stopwatch import Section, race
from sim.case.model.case import Ending
from sim.case.model.conditions import Condition
from sim.case.model.scenario import Scenario
from sim.engine import exact

DAYS = 365
STEP = 60
"""Minutes of one step of quantecon's chain."""
NEARLY_ONE = 1 - 1e-9
"""quantecon's decision processes want a discount below 1."""


def scenario() -> Scenario:
    """The chronic case with endings worth something."""
    made = chronic.scenario()
    endings = (
        Ending(id="died", title="Died", text="He died.", utility=0.0, when=Condition(in_={"life": ("dead",)})),
        Ending(id="poor", title="Ill", text="He is ill.", utility=0.4, when=Condition(in_={"gut": ("s4", "s5")})),
        Ending(id="well", title="Well", text="He is well.", utility=1.0),
    )
    return made.model_copy(update={"case": made.case.model_copy(update={"endings": endings})})


class InQuantecon:
    """The same chain as quantecon's decision process, in steps of an hour and as its jumps."""

    def __init__(self, solved: exact.Exact, worth: Any) -> None:
        from quantecon.markov import DiscreteDP
        from scipy import sparse

        self.worth, size = worth, len(worth)
        only, zero = np.zeros(size, dtype=int), np.zeros(size)
        by_hour = (sparse.identity(size, format="csr") + solved.generator * STEP).tocsr()
        rates = -solved.generator.diagonal()
        still = rates == 0
        jumps = (solved.generator + sparse.diags(rates)).multiply(1 / np.where(still, 1, rates)[:, None]).tocsr()
        died = worth == 0.0
        reward = np.where(still, 0.0, np.asarray(jumps[:, np.flatnonzero(died & still)].sum(axis=1)).ravel())
        stay = sparse.diags(still.astype(float))
        states = np.arange(size)
        self.hourly = DiscreteDP(zero, by_hour, 1.0, states, only)
        self.jumps = DiscreteDP(reward, (jumps + stay).tocsr(), NEARLY_ONE, states, only)
        self.policy = only

    def utility(self) -> float:
        """Expected utility after DAYS, from the first configuration."""
        from quantecon.markov import backward_induction

        values, _ = backward_induction(self.hourly, DAYS * 1440 // STEP, self.worth)
        return float(values[0][0])

    def death(self) -> float:
        """Probability of death in the long run."""
        return float(self.jumps.evaluate_policy(self.policy)[0])


def section() -> Section:
    """Check that both agree, race them, and say what came out."""
    case = scenario()
    solved = exact.solve(case)
    size, rates = len(solved.configurations), solved.generator.nnz
    made = Section(
        "3. Exact solving",
        f"The chronic case left alone: {size:,} configurations, {rates:,} rates. Expected utility after {DAYS} days "
        "(ours: the generator's exponential; quantecon: backward induction over steps of an hour, the usual way to "
        "put it there) and the probability of death in the long run (both: one sparse linear solve).",
        ("question and way", "CPU time, median [range]", "answer"),
    )
    ours, dead = solved.utility(DAYS * 1440), solved.absorption()["life.dead"]
    work = {
        "building the chain: ours": lambda: len([exact.solve(case)]),
        "utility: ours": lambda: len([solved.utility(DAYS * 1440)]),
        "death: ours": lambda: len([solved.absorption()]),
    }
    answers = {"utility: ours": ours, "death: ours": dead}
    if here("quantecon"):
        peer = InQuantecon(solved, solved.utilities())
        name = f"quantecon {version('quantecon')}"
        answers |= {f"utility: {name}": peer.utility(), f"death: {name}": peer.death()}
        assert abs(peer.utility() - ours) < 1e-3, (peer.utility(), ours)
        assert abs(peer.death() - dead) < 1e-3, (peer.death(), dead)
        work |= {f"utility: {name}": lambda: len([peer.utility()]), f"death: {name}": lambda: len([peer.death()])}
    else:
        made.notes.append("quantecon: not installed, not measured.")
    taken = race(work, rounds=3)
    made.rows = [(way, t.each(), f"{answers[way]:.6f}" if way in answers else "") for way, t in taken.items()]
    for question in ("utility", "death"):
        peers = [t.median for way, t in taken.items() if way.startswith(f"{question}: quantecon")]
        made.notes += [f"{question.capitalize()}: ours is {peer / taken[f'{question}: ours'].median:.2g} times as fast."
                       for peer in peers]  # fmt: skip
    return made
