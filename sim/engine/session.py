"""The session: one learner with one patient, running. It is mutable and owns every mutable part of the patient.

It takes moves and appends events; everything else about an attempt can be derived by playing its moves again. The
order of things inside a minute is stated in `docs/processing-model.md`.
"""

from __future__ import annotations

import heapq
from dataclasses import replace

from sim.case.model.catalogue import WEIGHT, Order
from sim.case.model.conditions import Condition
from sim.case.model.scenario import Scenario
from sim.case.moves import AskHint, Finish, Move, PlaceOrder, StateDifferential, StopTherapy, Wait
from sim.engine.bedside import Bedside
from sim.engine.chart import Chart, chart_of
from sim.engine.fate import Fate, stream_key
from sim.engine.growth import weight_within
from sim.engine.knowledge import Knowledge
from sim.engine.log import (
    NOTICED,
    Called,
    CaseEnded,
    CaseOpened,
    Charted,
    CheckpointReached,
    DifferentialStated,
    EffectBegan,
    EffectEnded,
    Event,
    HintGiven,
    Log,
    OrderPlaced,
    OrderRefused,
    Pending,
    ResultReturned,
    Running,
    Snapshot,
    StateEntered,
    TherapyStarted,
    TherapyStopped,
    TimePassed,
)
from sim.engine.pathway import Guide
from sim.engine.patient import NEVER, Patient
from sim.engine.readout import Readout, limits_of
from sim.engine.therapy import Planned, Therapies

_AGE, _THERAPY, _STANDING, _RESULT, _CHECKPOINT, _HORIZON = 1, 2, 3, 4, 5, 6
_TURNS = (StateEntered, EffectBegan, EffectEnded, TherapyStarted, TherapyStopped)


class IllegalMove(Exception):
    """A move that cannot be made; the message says why. The session is as it was."""


class Session:
    """One learner with one patient.

    `Session(scenario, seed)` opens the case; `apply(move)` plays a move and returns the new events, hidden ones
    included; `log` is everything so far; `snapshot()` is what the learner may know; `ended` whether it is over.
    Applying the same moves to the same scenario and seed gives the same log, always.
    """

    def __init__(
        self, scenario: Scenario, seed: int, *, horizon: int | None = None, chart: Chart | None = None
    ) -> None:
        """Open the case for the patient of `seed`.

        `horizon` (minutes) takes the place of the case's own; `chart` saves finding one that is at hand. Sessions of
        one scenario share its chart.
        """
        self.scenario, self.seed = scenario, seed
        self._chart = chart or chart_of(scenario)
        self._horizon = horizon if horizon is not None else scenario.case.horizon
        self._now = 0
        self._events: list[Event] = []
        self._knowledge = Knowledge(scenario)
        self._agenda: list[tuple[int, int, int, object]] = []
        self._planned = 0
        self._orders = 0
        self._pending: dict[int, Pending] = {}
        self._outside: dict[str, frozenset[str]] = {}
        """Standing order to the observables whose latest value is beyond its limits."""
        self._checkpoint: int | None = None
        self._differential: tuple[tuple[str, float], ...] = ()
        self._finished = False
        self._dirty = False
        self._ended: CaseEnded | None = None
        self._guide: Guide | None = None
        self._fate = Fate(seed)
        self._open()

    # --- what others may read -----------------------------------------------------------------------------

    @property
    def chart(self) -> Chart:
        """The compiled disease, shared with every session of the same scenario."""
        return self._chart

    @property
    def now(self) -> int:
        """Minutes since the case opened."""
        return self._now

    @property
    def log(self) -> Log:
        """Every event so far, hidden ones included."""
        return tuple(self._events)

    @property
    def ended(self) -> bool:
        """Whether the case is over."""
        return self._ended is not None

    @property
    def running(self) -> tuple[Running, ...]:
        """What runs now, in the order it was started."""
        return self._therapies.running()

    @property
    def awaits_result(self) -> bool:
        """Whether a result is on its way."""
        return bool(self._pending)

    @property
    def horizon(self) -> int:
        """The minute in which the case ends if nothing ends it before."""
        return self._horizon

    @property
    def checkpoint(self) -> int | None:
        """The number of a checkpoint that was reached and not answered yet."""
        return self._checkpoint

    @property
    def knowledge(self) -> Knowledge:
        """What the log makes known so far; for reading only."""
        return self._knowledge

    def events_since(self, count: int) -> Log:
        """Return the events after the first `count`."""
        return tuple(self._events[count:])

    def refusal(self, order: str) -> str | None:
        """Return why the ward could not carry out an order now, or None. Raises IllegalMove for an unknown one."""
        for need in self._order(order).needs:
            if not self._holds(need.when):
                return need.say
        return None

    def snapshot(self) -> Snapshot:
        """Return what the learner may know now."""
        self._turn()
        return Snapshot(
            now=self._now,
            name=self._name,
            sex=self.scenario.case.patient.sex,
            age=self._age + self._now,
            vitals=tuple(self._bedside.vital(name, self._now) for name in self.scenario.case.monitor),
            running=self.running,
            pending=tuple(self._pending.values()),
            differential=self._differential,
            checkpoint=self._checkpoint,
            ended=self._ended,
            visible=tuple(event for event in self._events if not event.hidden),
        )

    def true_value(self, observable: str, at: int | None = None) -> float:
        """Return the true value of an observable now or at a minute before, in its unit: for proofs only."""
        self._turn()
        return self._readout.value(self.scenario.catalogue.observables[observable], self._now if at is None else at)

    @property
    def age(self) -> int:
        """The patient's age at the opening, minutes."""
        return self._age

    def trend(self, observable: str, span: int, points: int) -> tuple[tuple[int, float], ...]:
        """Return (minute, value) of a monitored observable over the last `span` minutes, evenly spaced, oldest first.

        Raises IllegalMove for one the ward does not monitor.
        """
        if observable not in self.scenario.case.monitor:
            raise IllegalMove(f"{observable!r} is not monitored")
        self._turn()
        return self._bedside.trend(observable, self._now, span, points)

    def take_fate(self, seed: int) -> None:
        """From now on let chance be that of another seed: another future of the same patient.

        Every hazard draws anew, which is exact because a hazard remembers nothing. What was drawn for stays, for
        onsets and for results on their way is kept: those are under way.
        """
        self._fate = Fate(seed)
        self._patient.take_fate(self._fate)
        self._therapies.take_fate(self._fate)
        self._bedside.take_fate(self._fate)

    # --- moves --------------------------------------------------------------------------------------------

    def apply(self, move: Move) -> Log:
        """Play one move and return the new events.

        Raises IllegalMove for what cannot be done (an unknown order or dose, a therapy that does not run,
        impossible probabilities, waiting for no result, any move after the end); the session is then unchanged.
        """
        if self.ended:
            raise IllegalMove("the case has ended")
        count = len(self._events)
        match move:
            case PlaceOrder():
                self._place(move)
            case StopTherapy():
                self._stop(move.therapy)
            case StateDifferential():
                self._state_differential(move.probabilities)
            case Wait():
                self._wait(move)
            case AskHint():
                self._hint()
            case Finish():
                self._finished = True
                self._pass(NEVER, "finish")
        return self.events_since(count)

    def _place(self, move: PlaceOrder) -> None:
        order = self._order(move.order)
        try:
            option = order.find_dose(move.dose)
        except ValueError as refused:
            raise IllegalMove(str(refused)) from None
        dose = None if option is None else option.label
        reason = self.refusal(order.id)
        if reason is not None:
            self._emit(OrderRefused(self._now, order.id, reason))
            return
        self._orders += 1
        number = self._orders
        self._emit(OrderPlaced(self._now, number, order.id, dose))
        self._patient.ordered.add(order.id)
        self._patient.changed(("ordered", order.id))
        if order.takes:
            self._advance(self._now + order.takes, ())
        if not self.ended:
            self._carry_out(number, order, dose)
            self._settle()

    def _carry_out(self, number: int, order: Order, dose: str | None) -> None:
        self._turn()
        result = self._bedside.sample(self._now, number, order)
        if order.every is not None and result is not None:
            self._outside[order.id] = self._beyond(result)  # the learner sees these values: nobody calls about them
        if order.starts_therapy:
            self._therapies.start(self._now, number, order, dose)
        self._patient.offer(("start", order.id))
        if self._patient.ended or result is None:
            return
        if order.turnaround:
            due = self._now + order.turnaround
            self._pending[number] = Pending(number, order.id, self._now, due)
            self._plan(due, _RESULT, result)
        else:
            self._report(result)

    def _stop(self, therapy: str) -> None:
        if therapy not in self._patient.running:
            raise IllegalMove(f"{self._order(therapy).name} is not running")
        self._therapies.stop(self._now, therapy, "learner")
        self._patient.offer(("stop", therapy))
        self._settle()

    def _state_differential(self, probabilities: tuple[tuple[str, float], ...]) -> None:
        names = [name for name, _ in probabilities]
        strangers = set(names) - set(self.scenario.case.differential)
        if strangers:
            raise IllegalMove(f"not offered in this case's differential: {', '.join(sorted(strangers))}")
        if len(set(names)) < len(names) or not all(0 <= share <= 1 for _, share in probabilities):
            raise IllegalMove("each diagnosis takes one probability from 0 to 1")
        if sum(share for _, share in probabilities) > 1 + 1e-9:
            raise IllegalMove("the probabilities add up to more than 100%")
        self._differential, self._checkpoint = probabilities, None
        self._emit(DifferentialStated(self._now, probabilities))

    def _hint(self) -> None:
        self._guide = self._guide or Guide(self.scenario)
        self._guide.take(self._events)
        self._emit(HintGiven(self._now, self._guide.next_step(self._now)))

    def _wait(self, move: Wait) -> None:
        if move.minutes is not None and move.minutes < 1:
            raise IllegalMove("waiting takes at least one minute")
        if move.until == "result" and not self._pending:
            raise IllegalMove("no result is on its way")
        self._pass(NEVER if move.minutes is None else self._now + move.minutes, move.until)

    def _pass(self, target: int, asked: str) -> None:
        since = self._now
        stops = {"result": (ResultReturned,), "call": NOTICED}.get(asked, ())
        self._advance(min(target, self._horizon), stops)
        ending = self._events.pop() if self._ended is not None else None  # the end is the last word
        self._emit(TimePassed(self._now, since, asked))
        if ending is not None:
            self._events.append(ending)

    # --- time ---------------------------------------------------------------------------------------------

    def _open(self) -> None:
        spec = self.scenario.case.patient
        self._name = spec.names[int(self._fate.uniform(stream_key("patient:name")) * len(spec.names))]
        self._age = self._fate.whole(stream_key("patient:age"), *spec.age)
        dry = weight_within(spec.weight, self.seed)
        self._patient = Patient(self._chart, self._fate, self._age, self._emit)
        self._therapies = Therapies(self.scenario.catalogue, self._fate, self._patient, self._emit, self._plan_therapy)
        self._readout = Readout(self._chart, spec.sex, self._age, dry, self._patient.pools)
        self._bedside = Bedside(self._chart, self._fate, self._patient, self._readout, name=self._name, age=self._age)
        self._patient.open()
        for therapy, dose in self.scenario.case.given.items():
            order = self._order(therapy)
            option = order.dose_meant(dose)
            self._therapies.start(0, 0, order, dose if option is None else option.label, acting=True)
        self._patient.settle_pools()
        self._turn()
        self._events = [self._filled_in(event) for event in self._events]
        scales = self.scenario.catalogue.observables.get(WEIGHT)
        weight = round(self._readout.value(scales, 0), 2) if scales is not None else round(dry, 2)
        opened = CaseOpened(0, self.seed, self._name, self._age, weight)
        self._events.insert(0, opened)
        self._knowledge.take(opened)
        for number, checkpoint in enumerate(self.scenario.case.checkpoints):
            self._plan(checkpoint.at, _CHECKPOINT, number)
        for mark in self._chart.age_marks:
            if mark > self._age:
                self._plan(mark - self._age, _AGE, None)
        self._plan(self._horizon, _HORIZON, None)
        self._settle()

    def _advance(self, target: int, stops: tuple[type, ...]) -> None:
        """Move the clock to `target`, or to the end of the minute in which an event of a type in `stops` happens."""
        while not self.ended:
            due = min(self._agenda[0][0], self._patient.next_due())
            if due > target:
                self._reach(target)
                return
            self._reach(due)
            count = len(self._events)
            self._minute()
            if stops and any(type(event) in stops for event in self._events[count:]):
                return

    def _reach(self, minute: int) -> None:
        self._turn()
        self._now = minute
        self._patient.reach(minute, self._age)

    def _settle(self) -> None:
        """Finish the present minute after a move: what became due in it happens now."""
        if self._patient.ended or min(self._agenda[0][0], self._patient.next_due()) <= self._now:
            self._minute()

    def _minute(self) -> None:
        """Work off everything due in this minute, stage by stage, until nothing is."""
        while not self.ended and (
            self._patient.ended or min(self._agenda[0][0], self._patient.next_due()) <= self._now
        ):
            if self._patient.ended:
                self._end("outcome")
            elif self._agenda[0][0] <= self._now and (
                self._agenda[0][1] <= _THERAPY or self._patient.next_due() > self._now
            ):
                self._keep(heapq.heappop(self._agenda))
            else:
                self._patient.run_due()

    def _keep(self, entry: tuple[int, int, int, object]) -> None:
        _, stage, _, what = entry
        if stage == _THERAPY:
            assert isinstance(what, Planned)
            self._therapies.reach(self._now, what)
        elif stage == _STANDING:
            assert isinstance(what, Planned)
            self._carry_out_again(what)
        elif stage == _AGE:
            pass  # the clock has only to stop here: the patient looks at his age whenever it moves
        elif stage == _RESULT:
            assert isinstance(what, ResultReturned)
            del self._pending[what.number]
            self._report(what)
        elif stage == _CHECKPOINT:
            assert isinstance(what, int)
            self._checkpoint = what
            self._emit(CheckpointReached(self._now, what))
        else:
            self._end("horizon")

    def _end(self, why: str) -> None:
        ending = next(e for e in self.scenario.case.endings if self._bedside.holds(e.when))
        lost = sum(sequela.minus for sequela in self.scenario.case.sequelae if self._bedside.holds(sequela.when))
        utility = round(max(0.0, ending.utility - lost), 6)
        self._ended = CaseEnded(self._now, why, ending.id, utility, self._finished)
        self._emit(self._ended)

    def _carry_out_again(self, planned: Planned) -> None:
        """The nurses carry out a standing order once more; they call when a value leaves its limits."""
        number = self._therapies.stands(self._now, planned)
        if number is None:
            return
        self._turn()
        order = self._order(planned.therapy)
        result = self._bedside.sample(self._now, number, order)
        if result is None:
            return
        known = None if order.normal is None else self._bedside.spoken(order.normal, self._now)
        said = "" if result.text == known else result.text  # what it is was said when it was ordered
        charted = Charted(result.at, number, order.id, result.sampled, result.measurements, said, result.codes)
        self._known(charted)
        before, beyond = self._outside.get(order.id, frozenset()), self._beyond(charted)
        for measured in charted.measurements:
            if measured.observable in beyond - before and not self._patient.ended:
                self._emit(Called(self._now, self._bedside.alarm(measured), None))
        self._outside[order.id] = beyond

    def _beyond(self, result: ResultReturned) -> frozenset[str]:
        """The observables of a result whose values are at or beyond their limits."""
        limits = {measured: limits_of(self.scenario, measured.observable) for measured in result.measurements}
        return frozenset(m.observable for m, (low, high) in limits.items() if m.value <= low or m.value >= high)

    def _report(self, result: ResultReturned) -> None:
        self._known(ResultReturned(self._now, result.number, result.order, result.sampled, result.measurements,
                                   result.text, result.codes))  # fmt: skip

    def _known(self, known: ResultReturned) -> None:
        self._emit(known)
        self._patient.resulted.add(known.order)
        self._patient.changed(("resulted", known.order))
        self._patient.offer(("result", known.order))

    # --- small parts --------------------------------------------------------------------------------------

    def _emit(self, event: Event) -> None:
        event = self._filled_in(event)
        self._events.append(event)
        self._knowledge.take(event)
        if isinstance(event, _TURNS):
            self._dirty = True

    def _filled_in(self, event: Event) -> Event:
        """A call with the values that it quotes. What is called while the case opens waits for the body to be read."""
        if not isinstance(event, Called) or "{" not in event.text or not self._readout.begun:
            return event
        return replace(event, text=self._bedside.spoken(event.text, event.at))

    def _turn(self) -> None:
        if self._dirty:
            self._readout.turn(self._now, self._patient)
            self._dirty = False

    def _plan(self, minute: int, stage: int, what: object) -> None:
        self._planned += 1
        heapq.heappush(self._agenda, (minute, stage, self._planned, what))

    def _plan_therapy(self, minute: int, planned: Planned) -> None:
        self._plan(minute, _STANDING if planned.stage == "samples" else _THERAPY, planned)

    def _order(self, order: str) -> Order:
        found = self.scenario.catalogue.orders.get(order)
        if found is None:
            raise IllegalMove(f"there is no order {order!r}")
        return found

    def _holds(self, condition: Condition | None) -> bool:
        return condition is None or self._knowledge.holds(condition, self._now)
