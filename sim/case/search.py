"""Finding an order, a diagnosis or a fact from what people type: the one door to rapidfuzz.

Best first: the whole name, alias or id; the beginning of one; its words in any order, each perhaps only begun; words
from all that is said of an order; and only when none of that finds anything, spelling that comes close. Among equals
the entry with more aliases comes first, because common things have more names.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from itertools import accumulate
from typing import Final, NamedTuple
from weakref import finalize

from sim.case.model.catalogue import Catalogue, Diagnosis, Kind, Order
from sim.case.model.evidence import Evidence, Source
from sim.case.spelling import words_of
from sim.case.unit import dose_typed

CLOSE: Final = 80.0
"""How alike (0 to 100) a misspelt word must be to count at all."""
CERTAIN: Final = 88.0
"""How alike it must be to be taken without asking."""
AHEAD: Final = 5.0
"""And by how much it must beat the next best."""
PARTLY: Final = 8.0
"""What it costs to be alike in some words instead of in the whole name."""

_FEW: Final = 3
"""Text shorter than this is only ever resolved when it is a whole name, alias or id."""

_KINDS: Final = {kind: i for i, kind in enumerate((Kind.INVESTIGATION, Kind.THERAPY, Kind.PROCEDURE))}


class _Tier(IntEnum):
    """How well something fits what was typed, best first."""

    WHOLE = 0
    BEGINNING = 1
    WORDS = 2
    SCATTERED = 3
    SPELLING = 4


Rank = tuple[float, ...]
"""Orders matches of one tier; smaller is better."""


class _Match(NamedTuple):
    """One entry found: its place in the index and the reason. Smaller is better, as a tuple."""

    tier: _Tier
    rank: Rank
    entry: int


@dataclass(frozen=True, slots=True)
class _Term:
    """One folded name, alias or id of an entry."""

    entry: int
    words: tuple[str, ...]
    key: str
    """The words without spaces, so that `ig e` and `IgE` are the same."""

    ends: tuple[int, ...]
    """Where each word ends in the key."""

    def lacks(self, typed: int) -> float:
        """Return what is missing after so many letters of the key: 0 nothing of the current word, 1 no further word,
        2 both."""
        end = self.ends[bisect_left(self.ends, typed)]
        return 0.0 if end == typed else 1.0 if end == len(self.key) else 2.0


class _Index:
    """Entries by everything they are called. `extra` holds words that describe without naming."""

    def __init__(self, names: Sequence[Iterable[str]], extra: Sequence[str]) -> None:
        self._terms: list[_Term] = []
        self._whole: dict[str, int] = {}
        for entry, called in enumerate(names):
            for name in called:
                self._add(entry, words_of(name))
        self._terms.sort(key=lambda term: term.key)
        self._keys = [term.key for term in self._terms]
        self._of_entry: list[set[str]] = [set(words_of(text)) for text in extra]
        self._of_word: dict[str, list[int]] = defaultdict(list)
        for i, term in enumerate(self._terms):
            self._of_entry[term.entry].update(term.words)
            for word in set(term.words):
                self._of_word[word].append(i)
        self._entries_of_word: dict[str, set[int]] = defaultdict(set)
        for entry, words in enumerate(self._of_entry):
            for word in words:
                self._entries_of_word[word].add(entry)
        self._vocabulary = sorted(self._entries_of_word)

    def _add(self, entry: int, words: tuple[str, ...]) -> None:
        key = "".join(words)
        if key and self._whole.get(key) != entry:
            self._whole.setdefault(key, entry)
            self._terms.append(_Term(entry, words, key, tuple(accumulate(map(len, words)))))

    def whole(self, text: str) -> int | None:
        """Return the entry that is called exactly this, or None."""
        return self._whole.get("".join(words_of(text)))

    def matches(self, text: str) -> list[_Match]:
        """Return the best match of every entry that fits, in no order; spelling only when nothing else does.

        The text must hold at least one word.
        """
        typed = words_of(text)
        best: dict[int, _Match] = {}
        for match in (*self._beginnings("".join(typed)), *self._words(typed), *self._scattered(typed)):
            held = best.get(match.entry)
            if held is None or match < held:
                best[match.entry] = match
        return list(best.values()) or self._spelling(typed)

    def _beginnings(self, key: str) -> Iterable[_Match]:
        for i in range(bisect_left(self._keys, key), len(self._keys)):
            term = self._terms[i]
            if not term.key.startswith(key):
                return
            tier = _Tier.WHOLE if term.key == key else _Tier.BEGINNING
            yield _Match(tier, (term.lacks(len(key)),), term.entry)

    def _begun(self, word: str) -> list[str]:
        """Return the words of the vocabulary that begin like this."""
        start = bisect_left(self._vocabulary, word)
        return self._vocabulary[start : bisect_left(self._vocabulary, word + "\U0010ffff", start)]

    def _words(self, typed: tuple[str, ...]) -> Iterable[_Match]:
        left: dict[int, float] = {}
        for n, word in enumerate(typed):
            here: dict[int, float] = {}
            for full in self._begun(word):
                for i in self._of_word.get(full, ()):
                    here[i] = min(here.get(i, 99.0), float(len(full) - len(word)))
            left = here if n == 0 else {i: left[i] + here[i] for i in left.keys() & here.keys()}
        for i, letters in left.items():
            term = self._terms[i]
            more = len(term.words) - len(typed)
            if more >= 0:
                yield _Match(_Tier.WORDS, (letters, float(more)), term.entry)

    def _scattered(self, typed: tuple[str, ...]) -> Iterable[_Match]:
        found: set[int] | None = None
        for word in typed:
            here = {entry for full in self._begun(word) for entry in self._entries_of_word[full]}
            found = here if found is None else found & here
        return [_Match(_Tier.SCATTERED, (0.0,), entry) for entry in found or ()]

    def _spelling(self, typed: tuple[str, ...]) -> list[_Match]:
        from rapidfuzz import fuzz, process

        score: dict[int, float] = {}
        key = "".join(typed)
        for _, alike, i in process.extract(key, self._keys, scorer=fuzz.ratio, score_cutoff=CLOSE, limit=50):
            entry = self._terms[i].entry
            score[entry] = max(score.get(entry, 0.0), alike)
        found: dict[int, float] = {}
        for n, word in enumerate(typed):
            here = self._alike(word)
            found = here if n == 0 else {e: found[e] + here[e] for e in found.keys() & here.keys()}
        for entry, total in found.items():
            score[entry] = max(score.get(entry, 0.0), total / len(typed) - PARTLY)
        return [_Match(_Tier.SPELLING, (-alike,), entry) for entry, alike in score.items()]

    def _alike(self, word: str) -> dict[int, float]:
        """Return how alike the likest word of each entry is to this one, for those alike enough."""
        from rapidfuzz import fuzz, process

        alike = dict.fromkeys(self._begun(word), 100.0)
        for full, score, _ in process.extract(word, self._vocabulary, scorer=fuzz.ratio, score_cutoff=CLOSE, limit=20):
            alike.setdefault(full, score)
        found: dict[int, float] = {}
        for full, score in alike.items():
            for entry in self._entries_of_word[full]:
                found[entry] = max(found.get(entry, 0.0), score)
        return found

    def resolve(self, text: str) -> int | None:
        """Return the entry that is meant beyond reasonable doubt, or None. A number is meant as it stands: what is
        called by no such number is not meant, so that no dose is taken for a slip of the hand."""
        exact = self.whole(text)
        if exact is not None or sum(map(len, words_of(text))) < _FEW:
            return exact
        numbers = {word for word in words_of(text) if any(map(str.isdigit, word))}
        ranked = [match for match in sorted(self.matches(text)) if numbers <= self._of_entry[match.entry]]
        if not ranked:
            return None
        first, *others = ranked
        if first.tier is _Tier.SPELLING:
            ahead = not others or others[0].rank[0] - first.rank[0] >= AHEAD
            return first.entry if -first.rank[0] >= CERTAIN and ahead else None
        if first.tier is _Tier.BEGINNING:  # what only lacks its last letters goes before what lacks words too
            others = [match for match in others if match.rank[0] <= first.rank[0]]
        return first.entry if not others or others[0].tier is not first.tier else None


def resolve_with_dose(catalogue: Catalogue, query: str) -> tuple[Order, str] | None:
    """Return the order and the dose of a line such as `insulin infusion 0.07 U/kg/h`; None for any other."""
    words = query.split()
    for place in range(len(words) - 1, 0, -1):
        meant, dose = resolve(catalogue, " ".join(words[:place])), " ".join(words[place:])
        if meant is not None and catalogue.orders[meant].doses and dose_typed(dose):
            return catalogue.orders[meant], dose
    return None


class SearchIndex:
    """Everything in one catalogue by name, alias and id, ready to be searched while somebody types."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._orders = tuple(sorted(catalogue.orders.values(), key=_usefulness))
        self._diagnoses: tuple[Diagnosis, ...] = tuple(catalogue.diagnoses.values())
        self._order_index = _Index(
            [_called(order) for order in self._orders], [f"{order.group} {order.kind.value}" for order in self._orders]
        )
        self._diagnosis_index = _Index([_called(each) for each in self._diagnoses], [""] * len(self._diagnoses))

    def search(self, query: str, limit: int = 12, kinds: Collection[Kind] | None = None) -> tuple[Order, ...]:
        """Return at most `limit` orders (of these kinds only), best first; for an empty query the commonest ones."""
        if not words_of(query):
            ranked: Iterable[int] = range(len(self._orders)) if not query.strip() else ()
        else:
            ranked = (match.entry for match in sorted(self._order_index.matches(query)))
        orders = (self._orders[entry] for entry in ranked)
        return tuple([order for order in orders if kinds is None or order.kind in kinds][:limit])

    def resolve(self, text: str) -> str | None:
        """Return the id of the one order that is meant, or None."""
        entry = self._order_index.resolve(text)
        return None if entry is None else self._orders[entry].id

    def find_diagnosis(self, text: str) -> str | None:
        """Return the id of the one diagnosis that is meant, or None."""
        vague = self._diagnosis_index.whole(text) is None and bool(self._among(text))
        entry = None if vague else self._diagnosis_index.resolve(text)
        return None if entry is None else self._diagnoses[entry].id

    def near_diagnoses(self, text: str, limit: int = 4) -> tuple[Diagnosis, ...]:
        """Return the diagnoses that a text is said of among others, or else those that fit it best."""
        if not words_of(text):
            return ()
        ranked = sorted(self._diagnosis_index.matches(text))
        return (self._among(text) or tuple(self._diagnoses[match.entry] for match in ranked))[:limit]

    def _among(self, text: str) -> tuple[Diagnosis, ...]:
        said = "".join(words_of(text))
        return tuple(d for d in self._diagnoses if said in {"".join(words_of(word)) for word in d.among})


def _called(entry: Order | Diagnosis) -> tuple[str, ...]:
    return (entry.id, entry.name, *entry.aliases, *([short_name(entry)] if isinstance(entry, Diagnosis) else []))


def short_name(diagnosis: Diagnosis) -> str:
    """Return the name of a diagnosis without what its brackets add."""
    return diagnosis.name.split(" (")[0]


def _usefulness(order: Order) -> tuple[int, int, int, str]:
    return (-len(order.aliases), _KINDS.get(order.kind, len(_KINDS)), order.cost, order.name)


_INDEXES: Final[dict[int, SearchIndex]] = {}
"""The index of every catalogue that was searched, by its identity: its contents are too many to hash."""


def index_of(catalogue: Catalogue) -> SearchIndex:
    """Return the index of a catalogue, built at the first call and kept for as long as the catalogue lives."""
    key = id(catalogue)
    found = _INDEXES.get(key)
    if found is None:
        found = _INDEXES.setdefault(key, SearchIndex(catalogue))
        finalize(catalogue, _INDEXES.pop, key, None).atexit = False
    return found


def search(
    catalogue: Catalogue, query: str, limit: int = 12, kinds: Collection[Kind] | None = None
) -> tuple[Order, ...]:
    """Return at most `limit` orders that fit what was typed (of these kinds only), best first."""
    return index_of(catalogue).search(query, limit, kinds)


def search_evidence(
    facts: Mapping[str, Evidence], sources: Mapping[str, Source], query: str, limit: int | None = None
) -> tuple[Evidence, ...]:
    """Return the facts whose id, statement or source fits what was typed, best first; none for an empty query."""
    if not words_of(query):
        return ()
    entries = tuple(facts.values())
    cited = (" ".join(f"{name} {sources[name].citation}" for name in f.sources if name in sources) for f in entries)
    index = _Index([(f.id,) for f in entries], [f"{f.statement} {c}" for f, c in zip(entries, cited, strict=True)])
    return tuple(entries[match.entry] for match in sorted(index.matches(query)))[:limit]


def resolve(catalogue: Catalogue, text: str) -> str | None:
    """Return the id of the order that an id, a name, an alias or something unmistakably close means, or None."""
    return index_of(catalogue).resolve(text)


def find_diagnosis(catalogue: Catalogue, text: str) -> str | None:
    """Return the id of the diagnosis that an id, a name, an alias or something unmistakably close means, or None."""
    return index_of(catalogue).find_diagnosis(text)


def near_diagnoses(catalogue: Catalogue, text: str) -> tuple[Diagnosis, ...]:
    """Return the few diagnoses that a text that means no single one may mean."""
    return index_of(catalogue).near_diagnoses(text)
