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
from sim.case.moves import AskHint, Finish, Move, PlaceOrder, SetLimits, StateDifferential, StopTherapy, Wait
from sim.engine.access import Access, missing_said
from sim.engine.bedside import Bedside
from sim.engine.chart import Chart, chart_of
from sim.engine.fate import Fate, stream_key
from sim.engine.follower import Follower
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
    HandedOver,
    HintGiven,
    InHand,
    LimitsSet,
    Log,
    Measurement,
    OrderPlaced,
    OrderRefused,
    OrderWithdrawn,
    Pending,
    ResultReturned,
    Running,
    Snapshot,
    StateEntered,
    TherapyStarted,
    TherapyStopped,
    TimePassed,
)
from sim.engine.nursing import Duty, Nursing, Work
from sim.engine.past import before_opening
from sim.engine.pathway import Guide
from sim.engine.patient import NEVER, Patient
from sim.engine.readout import Readout, limits_of, set_limits
from sim.engine.telephone import Telephone
from sim.engine.therapy import Planned, Therapies

_AGE, _THERAPY, _NURSING, _STANDING, _RESULT, _CHECKPOINT, _HORIZON = 1, 2, 3, 4, 5, 6, 7
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
        self._pending: dict[tuple[int, str], Pending] = {}
        self._outside: dict[str, frozenset[str]] = {}
        """Standing order to the observables whose latest value is beyond its limits."""
        self._limits: dict[str, tuple[float, float]] = {}
        """Observable to the limits that the learner set for it."""
        self._telephone = Telephone(scenario.catalogue)
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
    def in_hand(self) -> tuple[InHand, ...]:
        """What the nurses have in hand, in the order in which they begin it, and when they will have finished."""
        return self._nursing.in_hand()

    @property
    def interrupted(self) -> tuple[Running, ...]:
        """What stopped with its access and goes on with the next, in the order in which it was interrupted."""
        return tuple(course.running for course in self._therapies.interrupted.values())

    @property
    def awaits_result(self) -> bool:
        """Whether a result is on its way, or something that leads to one is in the nurses' hands."""
        return bool(self._pending) or any(work.order.has_result for work in self._nursing)

    def stoppable(self, order: str) -> bool:
        """Return whether an order can be stopped: it runs, is interrupted, or is in the nurses' hands."""
        runs = order in self._patient.running or order in self._therapies.interrupted
        return runs or any(work.order.id == order for work in self._nursing)

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
        found = self._order(order)
        reason = self._unmet(found)
        if reason is None and self._lacks_access(found):
            return missing_said(found, (a for a in self._access.serving(found) if self._unmet(a) is None))
        return reason

    @property
    def access_wanted(self) -> str | None:
        """The access to order so that something interrupted goes on; None where nothing is, or none can be ordered."""
        waiting = (o.id for o in self._access.hanging if o.id in self._therapies.interrupted)
        return next((access for order in waiting if (access := self.access_for(order)) is not None), None)

    def _unmet(self, order: Order) -> str | None:
        return next((need.say for need in order.needs if not self._holds(need.when)), None)

    def _lacks_access(self, order: Order) -> bool:
        return self._access.lacks(order, (work.order for work in self._nursing))

    def access_for(self, order: str) -> str | None:
        """Return the access to order first, where an order is refused for want of one alone; else None."""
        found = self._order(order)
        if self._unmet(found) is not None or not self._lacks_access(found):
            return None
        return next((a.id for a in self._access.serving(found) if self.refusal(a.id) is None), None)

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
            nursing=self.in_hand,
            interrupted=self.interrupted,
            differential=self._differential,
            checkpoint=self._checkpoint,
            ended=self._ended,
            glance=self._bedside.glance(self._now),
            coach=next((word.say for word in self.scenario.case.coach if not self._holds(word.until)), ""),
            visible=tuple(event for event in self._events if not event.hidden),
        )

    def true_value(self, observable: str, at: int | None = None) -> float:
        """Return the true value of an observable, now or at a minute before, in its unit: for proofs of the model."""
        self._turn()
        return self._readout.value(self.scenario.catalogue.observables[observable], self._now if at is None else at)

    def stretches(self, pool: str) -> tuple[tuple[int, float, float, float], ...]:
        """Return every stretch of an amount so far as (minute, amount, u, k), oldest first: for those who prove a case.

        Within a stretch dx/dt = u - k x. Raises ValueError for a pool that the disease does not have.
        """
        number = next((i for i, found in enumerate(self._chart.pools) if found.id == pool), None)
        if number is None:
            raise ValueError(f"there is no pool {pool!r}")
        return tuple(self._patient.pools.history[number])

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
        self._make(move)
        return self.events_since(count)

    def _make(self, move: Move, by: str = "learner") -> None:
        match move:
            case PlaceOrder():
                self._place(move)
            case StopTherapy():
                self._stop(move.therapy, by)
            case StateDifferential():
                self._state_differential(move.probabilities, by)
            case Wait():
                self._wait(move, by)
            case SetLimits():
                self._set_limits(move.limits)
            case AskHint():
                self._hint()
            case Finish():
                self._hand_over()

    def _hand_over(self) -> None:
        """Let the team go on along the pathway, to the end of the case."""
        self._finished = True
        self._emit(HandedOver(self._now))
        team = Follower(self)
        while not self.ended:
            self._make(team.next_move(), by="team")

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
            if order.nurse:
                self._nursing.take(self._now, Work(number, order, dose))
            else:
                self._carry_out(number, order, dose)
            self._settle()

    def _nurse(self, duty: Duty) -> None:
        """A nurse has finished something: it is carried out, unless there is no access for it any more."""
        work = self._nursing.finish(self._now, duty)
        if work is None:
            return
        if self._access.lacks(work.order):
            self._emit(OrderWithdrawn(self._now, work.order.id, (work.number,), "access"))
            self._access.missing(self._now, work.order)
        else:
            self._carry_out(work.number, work.order, work.dose)

    def _carry_out(self, number: int, order: Order, dose: str | None) -> None:
        self._turn()
        results = self._bedside.reports(self._now, number, order)
        if order.starts_therapy:
            self._therapies.start(self._now, number, order, dose)
        self._patient.offer(("start", order.id))
        self._access.began(self._now, order)
        for result in results if not self._patient.ended else ():
            if result.at > self._now:
                self._pending[number, result.report] = Pending(number, order.id, self._now, result.at, result.report)
                self._plan(result.at, _RESULT, result)
            else:
                self._report(result)

    def _stop(self, therapy: str, by: str) -> None:
        if not self.stoppable(therapy):
            raise IllegalMove(f"{self._order(therapy).name} is not running")
        runs = therapy in self._patient.running
        withdrawn = self._nursing.withdraw(self._now, therapy)
        interrupted = self._therapies.interrupted.pop(therapy, None)
        if interrupted is not None:
            withdrawn = (interrupted.number, *withdrawn)
        if withdrawn:
            self._emit(OrderWithdrawn(self._now, therapy, withdrawn, "stop" if runs else by))
        if runs:
            self._therapies.stop(self._now, therapy, by)
            self._patient.offer(("stop", therapy))
            self._access.ended(self._now, therapy)
        self._settle()

    def _state_differential(self, probabilities: tuple[tuple[str, float], ...], by: str) -> None:
        names = [name for name, _ in probabilities]
        strangers = set(names) - set(self.scenario.catalogue.diagnoses)
        if strangers:
            raise IllegalMove(f"no diagnosis is called {', '.join(sorted(strangers))}")
        if len(set(names)) < len(names) or not all(0 <= share <= 1 for _, share in probabilities):
            raise IllegalMove("each diagnosis takes one probability from 0 to 1")
        if sum(share for _, share in probabilities) > 1 + 1e-9:
            raise IllegalMove("the probabilities add up to more than 100%")
        self._differential, self._checkpoint = probabilities, None
        self._emit(DifferentialStated(self._now, probabilities, by))

    def _set_limits(self, limits: tuple[tuple[str, float | None, float | None], ...]) -> None:
        if not limits or len({name for name, _, _ in limits}) < len(limits):
            raise IllegalMove("limits are set for one value or more, each once")
        for name, below, above in limits:
            if name not in self.scenario.catalogue.charted:
                raise IllegalMove(f"no standing order measures {name!r}")
            if below is not None and above is not None and below >= above:
                raise IllegalMove(f"the lower limit must be under the upper, found {below:g} and {above:g}")
        for name, below, above in limits:
            self._emit(LimitsSet(self._now, name, below, above))
            self._limits[name] = set_limits(self.scenario, name, below, above)

    def _hint(self) -> None:
        self._guide = self._guide or Guide(self.scenario)
        self._guide.take(self._events)
        self._emit(HintGiven(self._now, self._guide.next_step(self._now)))

    def _wait(self, move: Wait, by: str) -> None:
        if move.minutes is not None and move.minutes < 1:
            raise IllegalMove("waiting takes at least one minute")
        if move.until == "result" and not self.awaits_result:
            raise IllegalMove("no result is on its way")
        target = NEVER if move.minutes is None else self._now + move.minutes
        stops = {"result": (ResultReturned,), "call": NOTICED}.get(move.until, ())
        self._pass(target, stops, move.until if by == "learner" else "finish")

    def _pass(self, target: int, stops: tuple[type, ...], asked: str) -> None:
        since = self._now
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
        self._access = Access(self.scenario.catalogue, self._patient, self._therapies, self._emit)
        self._nursing = Nursing(self.scenario.case.nurses, lambda minute, duty: self._plan(minute, _NURSING, duty))
        self._readout = Readout(self._chart, spec.sex, self._age, dry, self._patient.pools)
        self._bedside = Bedside(self._chart, self._fate, self._patient, self._readout, name=self._name, age=self._age)
        self._patient.ordered.update(self.scenario.case.past, self.scenario.case.given)
        self._patient.open()
        for past in before_opening(self.scenario):
            self._emit(past)
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
            if self._therapies.reach(self._now, what):
                self._access.ended(self._now, what.therapy, failed=what.stage == "fails")
        elif stage == _NURSING:
            assert isinstance(what, Duty)
            self._nurse(what)
        elif stage == _STANDING:
            assert isinstance(what, Planned)
            self._carry_out_again(what)
        elif stage == _AGE:
            pass  # the clock has only to stop here: the patient looks at his age whenever it moves
        elif isinstance(what, Charted):
            self._write_down(what)
        elif stage == _RESULT:
            assert isinstance(what, ResultReturned)
            del self._pending[what.number, what.report]
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
        due = self._now + order.turnaround
        found = Charted(due, number, order.id, result.sampled, result.measurements, said, result.codes)
        if order.turnaround:
            self._plan(due, _RESULT, found)
        else:
            self._write_down(found)

    def _write_down(self, found: Charted) -> None:
        """Put what a standing order found on the chart, and call about values that left their limits."""
        self._known(found)
        before, beyond = self._outside.get(found.order, frozenset()), self._beyond(found)
        for measured in found.measurements:
            if measured.observable in beyond - before and not self._patient.ended:
                self._emit(Called(self._now, self._bedside.alarm(measured), None))
        self._outside[found.order] = beyond

    def _beyond(self, result: ResultReturned) -> frozenset[str]:
        """The observables of a result whose values are at or beyond their limits."""
        return frozenset(m.observable for m in result.measurements if self._is_beyond(m))

    def _is_beyond(self, measured: Measurement) -> bool:
        name = measured.observable
        low, high = self._limits.get(name) or limits_of(self.scenario, name)
        return not low < measured.value < high

    def _report(self, result: ResultReturned) -> None:
        self._known(result)
        if self._order(result.order).every is not None:
            self._outside[result.order] = self._beyond(result)  # the learner sees these values: nobody calls about them

    def _known(self, known: ResultReturned) -> None:
        self._emit(known)
        critical = self._telephone.note(known)
        if not known.report:
            self._patient.resulted.add(known.order)
        self._patient.changed(("resulted", known.order))
        if not known.report:
            self._patient.offer(("result", known.order))
        if not self._patient.ended and not isinstance(known, Charted):  # of those the nurses call by their limits
            for text in critical:
                self._emit(Called(self._now, text, None))

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
