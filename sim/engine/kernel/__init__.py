"""The cohort kernel: one case, thousands of patients, the same lives that a session plays.

`compile_program(scenario)` makes a `Program`; `run` plays seeds under a `Plan` and returns `Outcomes`; `trajectory`
returns one true course; `state_of(session)` lets cohorts start in the middle of a life. With numba installed the
work is done by compiled code, without it by sessions: the numbers are the same.
"""

from sim.engine.kernel.outcomes import NOT_MET, Outcomes
from sim.engine.kernel.plan import NOTHING, PATHWAY, Plan, plan_of
from sim.engine.kernel.program import (
    Program,
    State,
    compile_program,
    run,
    state_of,
    tape,
    trajectory,
)

__all__ = [
    "NOTHING", "NOT_MET", "PATHWAY", "Outcomes", "Plan", "Program", "State", "compile_program", "plan_of", "run",
    "state_of", "tape", "trajectory",
]  # fmt: skip
