"""What play never sees of a case, and which ordinary answers it gives where nobody wrote one.

Learners do what no pathway foresees. So lives are played at random, and with the orders that were used least so far,
and everything that happened in them is noted: states, transitions, texts, endings. What none of them sees is either
rare, or unreachable, or waits for something that nobody thinks of.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from sim.authoring.ordinary import Contradiction, Ordinary
from sim.case.model.scenario import Scenario
from sim.case.moves import Move, PlaceOrder, StopTherapy, Wait
from sim.engine.chart import chart_of
from sim.engine.fate import Fate, stream_key
from sim.engine.log import CaseEnded, Charted, ResultReturned, StateEntered
from sim.engine.policy import RANDOM_MOVES, Policy, at_random, following
from sim.engine.session import Session
from sim.words.fold import fold

WIDTH: Final = 80
PATHWAY_SHARE: Final = 10
"""One life in so many is played along the pathway besides, to tell what only good care sees."""
ORDERS: Final = 0.6
"""Of the moves of a life so many are orders,"""
STOPS: Final = 0.05
"""so many stop something that runs, and the others let time pass,"""
LONGEST_WAIT: Final = 3.6
"""from a minute to ten to the power of so many minutes."""
_QUOTED: Final = re.compile(r"\\\{\w+\\\}")


@dataclass(frozen=True, slots=True)
class Text:
    """A text that a result may say: its order, its place among the findings of that order, and its words."""

    order: str
    number: int
    words: str


@dataclass(slots=True)
class Seen:
    """What happened in some lives."""

    states: set[str] = field(default_factory=set)
    transitions: set[str] = field(default_factory=set)
    texts: set[Text] = field(default_factory=set)
    endings: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Unseen:
    """What was never seen in play, each with whether the pathway sees it, and the ordinary answers that were given."""

    lives: int
    states: tuple[tuple[str, bool], ...]
    transitions: tuple[tuple[str, bool], ...]
    texts: tuple[tuple[Text, bool], ...]
    endings: tuple[tuple[str, bool], ...]
    whole: tuple[int, int, int, int]
    """How many states, transitions, texts and endings there are."""
    contradictions: tuple[Contradiction, ...]
    defaults: tuple[tuple[str, str], ...]
    """Orders that a learner plausibly places and that always gave the ordinary answer, with its words."""


def cover(scenario: Scenario, n: int, told: Callable[[int], None] = lambda count: None) -> Unseen:
    """Play n lives at random and n with what was used least; return what none of them saw.

    A tenth of n is played along the pathway besides, to tell what only good care sees.

    The lives are those of the seeds from 1 on, so the same n gives the same answer. `told` hears how many are over.
    """
    watch = _Watch(scenario)
    used: Counter[str] = Counter()
    for seed in range(1, n + 1):
        watch.play(seed, at_random)
        watch.play(seed, least_used(used))
        told(2)
    seen, watch.seen = watch.seen, Seen()
    for seed in range(1, pathway_lives(n) + 1):
        watch.play(seed, following())
        told(1)
    return watch.unseen(2 * n, seen, watch.seen)


def pathway_lives(n: int) -> int:
    """Return how many lives are played along the pathway besides n others of each kind."""
    return max(1, n // PATHWAY_SHARE)


def least_used(used: Counter[str]) -> Policy:
    """Return a policy that places what was placed least in all the lives that count in `used`.

    In every second life it follows the pathway first, as long as fate says: many a state is come to by good care alone.
    """

    def play(session: Session) -> Iterator[Move]:
        fate, stream = Fate(session.seed), stream_key("policy:least_used")
        yield from _good_care(session, fate.uniform(stream_key("policy:least_used:leave")))
        orders = tuple(session.scenario.catalogue.orders)
        for k in range(RANDOM_MOVES):
            if session.ended:
                return
            what, which = fate.uniform(stream, 2 * k), fate.uniform(stream, 2 * k + 1)
            if what < ORDERS:
                least = min(used[order] for order in orders)
                fresh = [order for order in orders if used[order] == least]
                chosen = fresh[int(which * len(fresh))]
                used[chosen] += 1
                yield PlaceOrder(chosen)
            elif what < ORDERS + STOPS and session.running:
                running = session.running
                yield StopTherapy(running[int(which * len(running))].therapy)
            else:
                yield Wait(max(1, int(10 ** (which * LONGEST_WAIT))), "time")
        if not session.ended:
            yield Wait(None, "time")

    return play


def _good_care(session: Session, share: float) -> Iterator[Move]:
    """The pathway's moves up to a minute: none for the first half of shares, then from the first to the horizon, evenly
    on a scale of logarithms."""
    leaves = int(session.horizon ** (2 * share - 1)) if share > 0.5 else 0
    for move in following()(session):
        left = leaves - session.now
        if left <= 0:
            return
        too_long = isinstance(move, Wait) and (move.minutes is None or move.minutes > left)
        yield replace(move, minutes=left) if isinstance(move, Wait) and too_long else move


class _Watch:
    """Plays lives of one case and notes what happens in them."""

    def __init__(self, scenario: Scenario) -> None:
        self._scenario, self._chart = scenario, chart_of(scenario)
        self.seen = Seen()
        self._texts = {order: tuple(_patterns(order, scenario)) for order in scenario.catalogue.orders}
        self._ordinary = Ordinary(scenario)

    def play(self, seed: int, policy: Policy) -> None:
        """Play one life, and take note of it."""
        session = Session(self._scenario, seed, chart=self._chart)
        for move in policy(session):
            session.apply(move)
        states: dict[str, list[tuple[int, str]]] = {}
        for event in session.log:
            match event:
                case StateEntered():
                    states.setdefault(event.region, []).append((event.at, event.state))
                    self.seen.states.add(f"{event.region}.{event.state}")
                    if event.transition is not None:
                        self.seen.transitions.add(event.transition)
                case CaseEnded():
                    self.seen.endings.add(event.ending)
                case ResultReturned() if not isinstance(event, Charted):
                    said = {text for text, pattern in self._texts[event.order] if pattern.search(event.text)}
                    self.seen.texts |= said
                    if not event.report:
                        self._ordinary.note(session, event, _states_at(states, event.sampled), ordinary=not said)

    def unseen(self, lives: int, seen: Seen, pathway: Seen) -> Unseen:
        """Return what the first lives never saw, and what the ordinary answers were."""
        disease, case = self._scenario.disease, self._scenario.case
        states = [f"{name}.{state}" for name, region in disease.regions.items() for state in region.states]
        ways = [f"{name}.{one.id}" for name, region in disease.regions.items() for one in region.transitions]
        texts = [text for found in self._texts.values() for text, _ in found]
        endings = [ending.id for ending in case.endings]
        return Unseen(
            lives,
            tuple((one, one in pathway.states) for one in states if one not in seen.states),
            tuple((one, one in pathway.transitions) for one in ways if one not in seen.transitions),
            tuple((one, one in pathway.texts) for one in texts if one not in seen.texts),
            tuple((one, one in pathway.endings) for one in endings if one not in seen.endings),
            (len(states), len(ways), len(texts), len(endings)),
            self._ordinary.contradictions,
            self._ordinary.always,
        )


def _patterns(order: str, scenario: Scenario) -> Iterator[tuple[Text, re.Pattern[str]]]:
    """The texts that a result of an order may say in this case, each with what finds it in the result."""
    findings = scenario.case.results.get(order) or scenario.disease.results.get(order) or ()
    for number, finding in enumerate(findings, 1):
        words = re.escape(finding.text)
        yield Text(order, number, finding.text), re.compile(_QUOTED.sub(".*", words))


def _states_at(entered: Mapping[str, list[tuple[int, str]]], minute: int) -> dict[str, str]:
    """The state of each region at the end of a minute, from when it entered which."""
    return {
        region: next((state for at, state in reversed(moves) if at <= minute), moves[0][1])
        for region, moves in entered.items()
    }


# --- told -----------------------------------------------------------------------------------------------------------


def lines(scenario: Scenario, found: Unseen, *, words: bool = False) -> Iterator[str]:
    """Yield what was never seen for a terminal of 80 columns; with `words` the ordinary answers are written out."""
    orders = scenario.catalogue.orders
    states, ways, texts, endings = found.whole
    yield from fold(f"{scenario.case.title} ({scenario.case.id}): {found.lives} lives at random and by what was used "
                    "least. * means that the pathway sees it.", WIDTH)  # fmt: skip
    for title, never, whole in (
        ("Endings", found.endings, endings),
        ("States and bands", found.states, states),
        ("Transitions", found.transitions, ways),
    ):
        yield from _never(title, [f"{name}{'*' * seen}" for name, seen in never], whole)
    yield ""
    yield f"Texts of results never said: {len(found.texts)} of {texts}"
    for text, seen in found.texts:
        yield from fold(
            f"{text.order} {text.number}{'*' * seen}: {_short(text.words)}", WIDTH, first="  ", rest=" " * 6
        )
    yield ""
    yield from fold("Ordinary answers that something of that minute speaks against. Where it is wrong, write a finding "
                    f"with the state as its `when`: {len(found.contradictions) or 'none found'}", WIDTH)  # fmt: skip
    before = ""
    for wrong in sorted(found.contradictions, key=lambda one: one.order):
        if wrong.order != before:
            yield from fold(f"{wrong.order}: {_short(wrong.words)}", WIDTH, first="  ", rest=" " * 6)
        before = wrong.order
        where = f"{wrong.often} of {wrong.of}, first in patient {wrong.seed} at minute {wrong.at}"
        yield from fold(f"{wrong.against} ({where})", WIDTH, first="    - ", rest=" " * 8)
    yield ""
    yield from fold(f"Always answered as for any healthy child: {len(found.defaults)} of what a learner may well ask "
                    "here. Is each true of this patient?", WIDTH)  # fmt: skip
    if words:
        for order, answer in found.defaults:
            yield from fold(f"{order} ({orders[order].name}): {answer}", WIDTH, first="  ", rest=" " * 6)
    else:
        yield from fold(", ".join(order for order, _ in found.defaults) or "none", WIDTH, first="  ", rest="  ")
        yield "  --words writes the answers out."


def _never(title: str, never: list[str], whole: int) -> Iterator[str]:
    yield ""
    yield f"{title} never seen: {len(never)} of {whole}"
    if never:
        yield from fold(", ".join(never), WIDTH, first="  ", rest="  ")


def _short(words: str, most: int = 100) -> str:
    text = " ".join(words.split())
    return f'"{text if len(text) <= most else text[: most - 3] + "..."}"'


def plain(found: Unseen) -> dict[str, object]:
    """Return the same as JSON-ready data."""
    texts = [
        {"order": one.order, "number": one.number, "words": one.words, "pathway": seen} for one, seen in found.texts
    ]
    return {
        "lives": found.lives,
        "never": {
            "endings": [{"ending": name, "pathway": seen} for name, seen in found.endings],
            "states": [{"state": name, "pathway": seen} for name, seen in found.states],
            "transitions": [{"transition": name, "pathway": seen} for name, seen in found.transitions],
            "texts": texts,
        },
        "of": dict(zip(("states", "transitions", "texts", "endings"), found.whole, strict=True)),
        "contradictions": [
            {"order": one.order, "words": one.words, "against": one.against, "seed": one.seed, "at": one.at,
             "answers": one.often, "of": one.of}
            for one in found.contradictions
        ],
        "ordinary": [{"order": order, "words": words} for order, words in found.defaults],
    }  # fmt: skip
