"""Numbers for everything a case names, and where each row of a patient's record lies."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sim.case.model.conditions import Condition
from sim.case.model.scenario import Scenario
from sim.case.model.terms import Believes, Leaf, ShowsValue, Since, leaves, parsed
from sim.engine.chart import Chart
from sim.engine.kernel import layout as at
from sim.engine.kernel.coding import Rows, TooMuch

_PER_REGION = (at.STATE, at.MOVED)
_PER_ORDER = (
    at.IN_EFFECT, at.RUNS, at.ORDERED, at.RESULTED, at.STARTS, at.COURSE, at.TOKEN, at.ACTS_AT, at.ENDS,
    at.FIRST_ORDERED, at.LAST_ORDERED, at.FIRST_RESULTED, at.LAST_RESULTED, at.FIRST_STOPPED, at.LAST_STOPPED,
    at.CODES, at.CODES_AT, at.OUTSIDE, at.INTERRUPTED, at.SITED,
)  # fmt: skip
_PER_CALL = (at.TOLD, at.CALLS, at.LAST_CALL)
_PER_EDGE = (at.FIRINGS, at.ENTRIES, at.READY, at.ASKED, at.RATED_AT)
_PER_WATCHED = (at.VALUE_AT, at.TURNED, at.STALE, at.STALE_QUEUE)
_PER_STEP = (at.STEP_DUE, at.STEP_DONE, at.STEP_HELD, at.STEP_QUEUED, at.QUEUE, at.TODO)
_OF_A_PLAN = (at.STEP_SKIP, at.STEP_DELAY, at.DELAYED)
_ABSENT = frozenset({
    at.FIRST_ORDERED, at.LAST_ORDERED, at.FIRST_RESULTED, at.LAST_RESULTED, at.FIRST_STOPPED, at.LAST_STOPPED,
    at.CODES_AT, at.LAST_CALL, at.CALL_TIMES, at.VALUE_AT, at.FIRST_ENTRY, at.STEP_DUE, at.STEP_DONE, at.STEP_HELD,
    at.INTERRUPTED,
})  # fmt: skip
_NEVER = frozenset({at.READY, at.DUE, at.ENDS, at.STEP_BOUND, at.NURSES})


def leaves_for(count: int) -> int:
    """Return the number of leaves of a tournament of so many: a power of two, and two at least."""
    return 1 << max(count - 1, 1).bit_length()


def number(scenario: Scenario, chart: Chart) -> Rows:
    """Return the numbering of a case; addresses are filled in by `lay_out`. Raises TooMuch."""
    if any(len(names) > at.MOST for names in chart.states):
        raise TooMuch(f"more than {at.MOST} states in a region")
    orders = {order: i for i, order in enumerate(scenario.catalogue.orders)}
    asked = [leaf for condition in _asked(scenario) for leaf in leaves(parsed(condition))]
    seen = {leaf.observable for leaf in asked if isinstance(leaf, ShowsValue)}
    watched = _watched(scenario, chart, seen | scenario.catalogue.charted)
    if any(scenario.catalogue.observables[name].whole_of for name in watched):
        raise TooMuch("a whole that is never less than its parts")
    named = dict.fromkeys(leaf.diagnosis for leaf in asked if isinstance(leaf, Believes))
    codes = {code: i for i, code in enumerate(dict.fromkeys(e.reveals for e in chart.edges if e.reveals is not None))}
    return Rows(
        regions=chart.numbering,
        orders=orders,
        codes=codes,
        findings={order: _codes(scenario, order) for order in orders},
        watched=watched,
        diagnoses={name: i for i, name in enumerate(named)},
        calls=_calls(asked, codes),
        levels={level.therapy: i for i, level in enumerate(scenario.disease.levels)},
        measured_by={
            i: frozenset(orders[o.id] for o in scenario.catalogue.orders.values() if name in o.measures)
            for name, i in watched.items()
        },
    )


def _watched(scenario: Scenario, chart: Chart, seen: set[str]) -> dict[str, int]:
    """The observables that are read, and those they follow from: modelled ones last, each after those it reads."""
    edge = list(seen)
    while edge:
        model = chart.models.get(edge.pop())
        more = set(() if model is None else model.reads) - seen
        seen |= more
        edge += more
    plain = [o for o in scenario.catalogue.observables if o in seen and o not in chart.models]
    return {name: i for i, name in enumerate([*plain, *(o for o in chart.models if o in seen)])}


def _asked(scenario: Scenario) -> Iterator[Condition]:
    """Every condition on what is known."""
    yield from (step.when for step in scenario.case.pathway if step.when is not None)
    yield from (need.when for order in scenario.catalogue.orders.values() for need in order.needs)


def _codes(scenario: Scenario, order: str) -> dict[str, int]:
    findings = scenario.case.results.get(order) or scenario.disease.results.get(order) or ()
    codes = dict.fromkeys(finding.code for finding in findings if finding.code is not None)
    if len(codes) > at.MOST:
        raise TooMuch(f"more than {at.MOST} coded findings of {order!r}")
    return {code: i for i, code in enumerate(codes)}


def _calls(asked: list[Leaf], codes: dict[str, int]) -> dict[str, int]:
    """Where the times of each call begin: as many are kept as some condition counts, and one more than none."""
    most = dict.fromkeys(codes, 0)
    for occurrence in (leaf.occurrence for leaf in asked if isinstance(leaf, Since)):
        if occurrence.kind == "told" and occurrence.of in most:
            most[occurrence.of] = max(most[occurrence.of], occurrence.place + 1)  # none for the latest
    places, here = {}, 0
    for code, count in most.items():
        places[code] = here
        here += count
    places[""] = here
    return places


def lay_out(rows: Rows, chart: Chart, steps: int, width: int) -> tuple[list[int], list[float]]:
    """Fill in the addresses of all rows; return the record of a patient not met yet."""
    s: list[int] = [0] * at.SCALARS

    def add(sizes: Iterable[tuple[int, int]]) -> int:
        for slot, size in sizes:
            rows.row[slot] = len(s)
            s.extend([at.ABSENT if slot in _ABSENT else at.NEVER if slot in _NEVER else 0] * size)
        return len(s)

    orders, edges = len(rows.orders), len(chart.edges)
    add((slot, len(rows.regions)) for slot in _PER_REGION)
    add([*((slot, len(rows.codes)) for slot in _PER_CALL), (at.CALL_TIMES, rows.calls[""])])
    add([*((slot, edges) for slot in _PER_EDGE), (at.DUE, 2 * leaves_for(edges))])
    add((slot, len(rows.watched)) for slot in _PER_WATCHED)
    add([(at.POOL_SINCE, len(chart.pools)), (at.NURSES, at.NURSE * at.MOST_NURSES)])
    add([(at.FIRST_ENTRY, sum(len(names) for names in chart.states)), (at.SLOTS, at.SLOT * at.SLOT_ROOM)])
    rows.row[at.S_ALWAYS] = add([(at.FREE_SLOTS, at.SLOT_ROOM)])
    s[rows.row[at.FREE_SLOTS] :] = range(at.SLOT_ROOM)
    rows.row[at.S_STEPS_END] = add([*((slot, steps) for slot in _PER_STEP), (at.STEP_BOUND, 2 * leaves_for(steps))])
    rows.row[at.ORDER_ROWS] = add((slot, steps) for slot in _OF_A_PLAN)
    add((slot, orders) for slot in (*_PER_ORDER, at.TOUCHED, at.TOUCHED_LIST))
    rows.row[at.TAPE] = add([(at.HANDS, 2 * at.HAND_ROOM), (at.OFFERS, at.OFFER_ROOM)])
    s[at.FREE_SIZE], s[at.LEAST_FREE] = at.SLOT_ROOM, at.SLOT_ROOM
    s[at.CHECKPOINT], s[at.SPENT_AT], s[at.OUTCOME] = -1, -1, -1
    return s, _fractions(rows, edges, width, len(chart.pools))


def _fractions(rows: Rows, edges: int, width: int, pools: int) -> list[float]:
    nan, watched = float("nan"), len(rows.watched)
    x: list[float] = [0.0] * at.TARES
    for slot, size, value in (
        (at.RATE, edges, 0.0), (at.RESIDUAL, edges, -1.0), (at.VALUE, watched, nan),
        (at.BELIEF, len(rows.diagnoses), nan), (at.BODY, watched * at.BODY_WIDTH, 0.0), (at.DRY, 3, 0.0),
        (at.POOL, pools * at.POOL_WIDTH, 0.0), (at.TRUE_VALUE, watched, 0.0), (at.SHOWN, watched, 0.0),
        (at.LIMITS, 2 * watched, 0.0),
        (at.X_ALWAYS, 0, 0.0), (at.HEAP_KEY, at.HEAP_ROOM, 0.0), (at.HEAP_WHAT, at.HEAP_ROOM, 0.0),
        (at.AMOUNT, len(rows.orders), 0.0), (at.SLOT_VALUES, (at.SLOT_ROOM + 1) * width, 0.0),
    ):  # fmt: skip
        rows.row[slot] = len(x)
        x += [value] * size
    return x
