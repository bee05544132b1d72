"""Where the steps of protocols come in the pathway of a case.

The order of a pathway counts: at any moment the policy does first what stands first. Of the steps that protocols bring,
a case names those whose place matters to it, each by its id alone among its own steps. Those that it does not name come
first of all, or, where the case writes its pathway under headings, first under the heading of their phase; among
themselves in the order of `use`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice

from sim.case.composing.trees import child, entries, items
from sim.case.problems import Problems, did_you_mean
from sim.case.reading.tree import REFUSED, Node


def placed(written: Node | None, own: Iterable[Node], brought: Iterable[Node], problems: Problems) -> tuple[Node, ...]:
    """Return the steps of a case and of its protocols in their order.

    `written` is the pathway as the case has it, `own` its entries after the short forms were written out. Reports what
    it names and no protocol brings, and what it names twice.
    """
    mine, theirs = tuple(own), tuple(brought)
    named = {str(word.data) for entry in mine for word in _names(entry)}
    loose = [step for step in theirs if _called(step) not in named]
    steps = {_called(step): step for step in theirs}
    phases = {} if written is None else entries(written)
    found = [step for step in loose if _phase(step) not in phases]
    left, seen = iter(mine), set[str]()
    for phase, (_, under) in phases.items():
        found += [step for step in loose if _phase(step) == phase]
        found += _resolved(islice(left, len(items(under))), steps, seen, problems)
    return (*found, *_resolved(left, steps, seen, problems))


def _called(step: Node) -> str:
    return str(step.at("id").data)


def _phase(step: Node) -> str:
    phase = child(step, "phase")
    return "" if phase is None else str(phase.data)


def _names(entry: Node) -> tuple[Node, ...]:
    """The names in an entry that is none of the case's own steps: one, or a list of them."""
    if entry.data is REFUSED:
        return ()
    if isinstance(entry.data, str):
        return (entry,)
    return tuple(word for word in items(entry) if word.data is not REFUSED)


def _resolved(found: Iterable[Node], steps: dict[str, Node], seen: set[str], problems: Problems) -> Iterator[Node]:
    for entry in found:
        names = _names(entry)
        if not names and not isinstance(entry.children, tuple):
            yield entry
        for word in names:
            name = str(word.data)
            if name in seen:
                problems.error(word, "duplicate-id", f"the step '{name}' is named twice")
            elif name not in steps:
                hint = did_you_mean(name, steps) or "a step of the case's own needs more than its id"
                problems.error(word, "unknown-step", f"no protocol of this case brings a step '{name}'", hint)
            else:
                seen.add(name)
                yield steps[name]
