"""The cohorts behind the table: who is played and how. Each is played once, when a row first asks for it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from sim.authoring.calibrate.course import Course, course_of
from sim.case.model.parts import Mix
from sim.case.model.scenario import Scenario
from sim.engine.kernel import NOTHING, Plan, Program, compile_program, tape
from sim.engine.log import ResultReturned, StateEntered, TherapyStarted, TherapyStopped
from sim.engine.policy import following, play
from sim.engine.session import Session

DAY: Final = 1440
MONTH: Final = 43830
YEAR: Final = 525960

TRANSPLANT: Final = frozenset(
    ("donor_search", "hsct_meeting", "conditioning_reduced_toxicity", "conditioning_ric", "conditioning_myeloablative",
     "hsct", "dli", "second_transplant")
)  # fmt: skip
STEROIDS: Final = frozenset(("methylprednisolone", "prednisolone"))
SPARING: Final = frozenset(
    ("sirolimus", "tacrolimus", "ciclosporin", "azathioprine", "mercaptopurine", "mycophenolate", "methotrexate",
     "rituximab", "infliximab", "adalimumab", "vedolizumab", "abatacept", "ruxolitinib", "dupilumab")
)  # fmt: skip
DRUGS: Final = STEROIDS | SPARING

SKIN_CARE: Final = frozenset(("emollient", "topical_steroid", "topical_tacrolimus", "wet_wraps"))
LATER: Final = 7 * MONTH
"""By how much later than in the case the transplant of boys as published is decided."""

FIRST_SIGNS: Final[Mapping[str, tuple[int, dict[str, str]]]] = {
    "diarrhoea": (68, {"circulation": "dry", "glucose": "normal", "gut": "severe", "skin": "clear",
                       "nutrition": "wasted"}),
    "diabetes": (25, {"circulation": "shock", "glucose": "dka", "gut": "quiet", "skin": "clear",
                      "nutrition": "nourished"}),
    "skin": (7, {"circulation": "replete", "glucose": "normal", "gut": "quiet", "skin": "active",
                 "nutrition": "nourished"}),
}  # fmt: skip
"""First sign to the boys in a hundred who begin with it, as published, and how they open."""

MANY_ORGANS: Final = {"thyroid": "hypothyroid", "blood": "haemolysis", "kidney": "nephropathy", "liver": "hepatitis"}
TRANSPLANTED_OF_92: Final = 58
"""In the largest cohort 58 boys were transplanted and 34 kept on drugs."""


def steps_with(scenario: Scenario, orders: Collection[str], *, stopping: bool = False) -> frozenset[str]:
    """Return the ids of the pathway's steps that start (or stop) any of the orders."""
    return frozenset(s.id for s in scenario.case.pathway if s.stop == stopping and set(s.do) & set(orders))


def opening(scenario: Scenario, start: Mapping[str, str]) -> Scenario:
    """Return the scenario with boys who open the case in other states."""
    mixes: dict[str, Mix] = dict(scenario.case.start) | {region: {state: 1.0} for region, state in start.items()}
    return scenario.model_copy(update={"case": scenario.case.model_copy(update={"start": mixes})})


@dataclass(frozen=True)
class Line:
    """Days with a central line, and the infections that came through it."""

    days: float
    infections: int


class Cohorts:
    """All cohorts of the table, `n` boys each unless said otherwise."""

    def __init__(self, scenario: Scenario, n: int) -> None:
        """Take the case and the size; nothing is played yet."""
        self.scenario, self.n = scenario, n
        self._without_transplant = steps_with(scenario, TRANSPLANT)

    # --- the classical boy ------------------------------------------------------------------------------------

    @cached_property
    def pathway(self) -> list[Course]:
        """The recommended pathway, ten years."""
        return self._play(self._program, Plan(), 10 * YEAR)

    @cached_property
    def drugs(self) -> list[Course]:
        """The pathway without its transplant: immunosuppression for ten years."""
        return self._play(self._program, Plan(skip=self._without_transplant), 10 * YEAR)

    @cached_property
    def supportive(self) -> list[Course]:
        """The pathway without immunosuppression and transplant, two years."""
        skip = self._without_transplant | steps_with(self.scenario, DRUGS)
        return self._play(self._program, Plan(skip=skip), 2 * YEAR)

    @cached_property
    def untreated(self) -> list[Course]:
        """Nothing at all, two years."""
        return self._play(self._program, NOTHING, 2 * YEAR)

    @cached_property
    def steroids(self) -> list[Course]:
        """The pathway without transplant, its steroid never tapered and no other drug, a year."""
        tapering = steps_with(self.scenario, STEROIDS, stopping=True) | steps_with(self.scenario, {"steroid_taper"})
        skip = self._without_transplant | tapering | self._sparing()
        return self._play(self._program, Plan(skip=skip), YEAR, self.n // 2)

    @cached_property
    def burst(self) -> list[Course]:
        """The pathway without transplant and with its short steroid course as the only drug, a year."""
        return self._play(self._program, Plan(skip=self._without_transplant | self._sparing()), YEAR, self.n // 2)

    @cached_property
    def many_organs(self) -> list[Course]:
        """Boys whose thyroid, blood, kidney and liver are ill as well at the opening, along the pathway, four years."""
        return self._play(compile_program(opening(self.scenario, MANY_ORGANS)), Plan(), 4 * YEAR)

    # --- boys as they first come ------------------------------------------------------------------------------

    @cached_property
    def presenting(self) -> list[Course]:
        """Boys by first sign as published, 58 in 92 transplanted in their first year, the others on drugs; ten years.

        They get no skin care before there is eczema to treat: the case gives it from the first day.
        """
        return [course for sign in FIRST_SIGNS for course in self._first(sign)]

    def _first(self, sign: str) -> list[Course]:
        part, start = FIRST_SIGNS[sign]
        program = compile_program(opening(self.scenario, start | {"first_sign": sign}))
        count = max(1, self.n * part // 100)
        skin_care = steps_with(self.scenario, SKIN_CARE)
        later = dict.fromkeys(steps_with(self.scenario, {"hsct_meeting"}), LATER)
        transplanted = Plan(skip=skin_care, delay=later)
        on_drugs = Plan(skip=self._without_transplant | skin_care)
        plans = [transplanted if seed % 92 < TRANSPLANTED_OF_92 else on_drugs for seed in range(count)]
        return [self._course(program, seed, plan, 10 * YEAR) for seed, plan in enumerate(plans)]

    @cached_property
    def diabetes_only(self) -> list[Course]:
        """Boys with nothing but diabetes, treated for that: no immunosuppression, no transplant; two years."""
        program = compile_program(opening(self.scenario, FIRST_SIGNS["diabetes"][1] | {"first_sign": "diabetes"}))
        skip = self._without_transplant | steps_with(self.scenario, DRUGS)
        return self._play(program, Plan(skip=skip), 2 * YEAR)

    # --- what only a whole log tells --------------------------------------------------------------------------

    @cached_property
    def line(self) -> Line:
        """The central lines of a tenth of the boys on drugs in their first year, counted in their logs."""
        days, infections = 0.0, 0
        for seed in range(max(40, self.n // 10)):
            session = Session(self.scenario, seed, horizon=YEAR, chart=self._program.chart)
            play(session, following(self._without_transplant))
            since: int | None = None
            for event in session.log:
                if isinstance(event, TherapyStarted) and event.therapy == "central_line" and since is None:
                    since = event.at
                elif isinstance(event, TherapyStopped) and event.therapy == "central_line" and since is not None:
                    days, since = days + (event.at - since) / DAY, None
                elif isinstance(event, StateEntered) and event.transition in (
                    "infection.line_infected",
                    "infection.candida_line",
                ):
                    infections += 1
            if since is not None:
                days += (session.now - since) / DAY
        return Line(days, infections)

    @cached_property
    def first_values(self) -> list[dict[str, str]]:
        """Observable to the flag (H, L or nothing) of its first result, of a fifth of the boys on the pathway."""
        return [self._flags(seed) for seed in range(max(20, self.n // 5))]

    def _flags(self, seed: int) -> dict[str, str]:
        session = Session(self.scenario, seed, horizon=3 * DAY, chart=self._program.chart)
        play(session, following())
        flags: dict[str, str] = {}
        for event in session.log:
            if isinstance(event, ResultReturned):
                for measured in event.measurements:
                    flags.setdefault(measured.observable, measured.flag)
        return flags

    # --- playing ----------------------------------------------------------------------------------------------

    @cached_property
    def _program(self) -> Program:
        return compile_program(self.scenario)

    def _sparing(self) -> frozenset[str]:
        """The steps that give another drug than a steroid."""
        return steps_with(self.scenario, SPARING) - steps_with(self.scenario, STEROIDS)

    def _play(self, program: Program, plan: Plan, horizon: int, n: int | None = None) -> list[Course]:
        return [self._course(program, seed, plan, horizon) for seed in range(self.n if n is None else max(1, n))]

    def _course(self, program: Program, seed: int, plan: Plan, horizon: int) -> Course:
        return course_of(self.scenario, tape(program, seed, plan, horizon=horizon), horizon)
