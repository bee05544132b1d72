"""Therapies through time: what runs, at which dose, from when it acts and until when."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

from sim.case.model.catalogue import Catalogue, Order
from sim.engine.fate import Fate, stream_key
from sim.engine.log import EffectBegan, EffectEnded, Event, Running, TherapyStarted, TherapyStopped
from sim.engine.patient import Patient


@dataclass(frozen=True, slots=True)
class Planned:
    """A moment planned for a therapy: its course ends, it fails (an access), its effect wears off, or it begins to
    act."""

    therapy: str
    stage: Literal["ends", "fails", "wears_off", "acts", "samples"]
    token: int


@dataclass(frozen=True, slots=True)
class Course:
    """One therapy that runs, or whose effect has not worn off yet."""

    running: Running
    number: int
    """Order number it was started by."""
    token: int
    """Changes whenever something planned for it is overtaken."""
    acts_at: int
    """Minute of its onset; past once it acts."""
    runs: bool = True


class Therapies:
    """Everything that runs in one session. What is planned goes to `plan(minute, planned)` and returns to `reach`."""

    __slots__ = (
        "_catalogue", "_courses", "_emit", "_fate", "_patient", "_plan", "_sited", "_starts", "_token", "interrupted",
    )  # fmt: skip

    def __init__(
        self, catalogue: Catalogue, fate: Fate, patient: Patient,
        emit: Callable[[Event], None], plan: Callable[[int, Planned], None],
    ) -> None:  # fmt: skip
        self._catalogue, self._fate, self._patient, self._emit, self._plan = catalogue, fate, patient, emit, plan
        self._courses: dict[str, Course] = {}
        self._starts: dict[str, int] = {}
        self._sited: dict[str, int] = {}
        self.interrupted: dict[str, Course] = {}
        """What stopped with its access and goes on with the next, by therapy."""
        self._token = 0

    def running(self) -> tuple[Running, ...]:
        """Return what runs now, in the order it was started."""
        return tuple(course.running for course in self._courses.values() if course.runs)

    def take_fate(self, fate: Fate) -> None:
        """Draw from another fate from now on."""
        self._fate = fate

    def start(self, now: int, number: int, order: Order, dose: str | None, *, acting: bool = False) -> None:
        """Start a therapy, or replace its dose without a gap. `acting`: it has been in effect for long already."""
        self.interrupted.pop(order.id, None)
        ends = now + order.lasts if order.lasts is not None else None
        self._run(now, Course(Running(order.id, dose, now, ends), number, 0, 0), order, acting=acting)

    def _run(self, now: int, course: Course, order: Order, *, acting: bool = False, resumed: bool = False) -> None:
        """Let a course run from now on, in place of what ran."""
        therapy, before = order.id, self._courses.pop(order.id, None)
        replaced = before.running if before is not None and before.runs else None
        if replaced is not None:
            self._emit(TherapyStopped(now, therapy, "dose"))
        dose, ends = course.running.dose, course.running.ends
        self._token += 1
        acts_at = before.acts_at if before is not None else now + self._onset(order, acting)
        self._courses[therapy] = replace(course, token=self._token, acts_at=acts_at)
        self._emit(TherapyStarted(now, course.number, therapy, dose, replaced, resumed))
        self._patient.running[therapy] = self._patient.doses[therapy] = order.amount_of(dose)
        self._patient.changed(("running", therapy))
        if ends is not None:
            self._plan(ends, Planned(therapy, "ends", self._token))
        if order.fails is not None:
            self._plan(now + self._failing(order), Planned(therapy, "fails", self._token))
        if order.every is not None:
            self._plan(now + order.every, Planned(therapy, "samples", self._token))
        if therapy not in self._patient.in_effect:
            if acts_at > now:
                self._plan(acts_at, Planned(therapy, "acts", self._token))
            else:
                self._act(now, therapy)

    def _onset(self, order: Order, acting: bool) -> int:
        if acting:
            return 0
        low, high = order.onset
        k = self._starts.get(order.id, 0)
        self._starts[order.id] = k + 1
        return self._fate.whole(stream_key(f"onset:{order.id}"), low, high, k) if low < high else low

    def _failing(self, order: Order) -> int:
        """Draw after how many minutes an access fails."""
        low, high = order.fails or (0, 0)
        k = self._sited.get(order.id, 0)
        self._sited[order.id] = k + 1
        return self._fate.whole(stream_key(f"access:{order.id}"), low, high, k)

    def interrupt(self, now: int, therapy: str) -> None:
        """Stop a running therapy for want of an access; it may `resume`."""
        self.interrupted[therapy] = self._courses[therapy]
        self.stop(now, therapy, "access")

    def resume(self, now: int, order: Order) -> bool:
        """Let an interrupted therapy go on until its course ends; return whether any of it is left."""
        course = self.interrupted.pop(order.id)
        ends = course.running.ends
        if ends is not None and ends <= now:
            return False
        self._run(now, replace(course, running=replace(course.running, since=now)), order, resumed=True)
        return True

    def stop(self, now: int, therapy: str, by: str) -> None:
        """Stop a running therapy; its effect ends after the offset."""
        course = self._courses.pop(therapy)
        self._token += 1
        self._emit(TherapyStopped(now, therapy, by))
        del self._patient.running[therapy]
        self._patient.changed(("running", therapy))
        if therapy in self._patient.in_effect:
            self._courses[therapy] = replace(course, token=self._token, runs=False)
            offset = self._catalogue.orders[therapy].offset
            if offset:
                self._plan(now + offset, Planned(therapy, "wears_off", self._token))
            else:
                self._wear_off(now, therapy)

    def stands(self, now: int, planned: Planned) -> int | None:
        """Plan the next turn of a standing order and return the number of the order it was placed by; None if it
        ended."""
        course = self._courses.get(planned.therapy)
        if course is None or not course.runs or course.token != planned.token:
            return None
        self._plan(now + (self._catalogue.orders[planned.therapy].every or 1), planned)
        return course.number

    def reach(self, now: int, planned: Planned) -> bool:
        """Carry out what was planned, unless something overtook it; return whether the therapy stopped by it."""
        therapy = planned.therapy
        course = self._courses.get(therapy)
        if course is None or course.token != planned.token:
            return False
        if planned.stage == "acts":
            self._act(now, therapy)
        elif planned.stage == "wears_off":
            self._wear_off(now, therapy)
        else:
            self.stop(now, therapy, "course" if planned.stage == "ends" else "failure")
            self._patient.offer(("stop", therapy))
            return True
        return False

    def _act(self, now: int, therapy: str) -> None:
        self._patient.in_effect[therapy] = now
        self._emit(EffectBegan(now, therapy))
        self._patient.changed(("effect", therapy))
        self._patient.offer(("effect", therapy))

    def _wear_off(self, now: int, therapy: str) -> None:
        self._courses.pop(therapy, None)
        del self._patient.in_effect[therapy]
        self._emit(EffectEnded(now, therapy))
        self._patient.changed(("effect", therapy))
