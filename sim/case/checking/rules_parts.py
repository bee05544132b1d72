"""What must be true of a module, a protocol and a set of answers by itself, before anybody asks for it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from sim.case.checking.references import check_references
from sim.case.checking.rules_disease import check_disease
from sim.case.composing.asking import check_keys
from sim.case.composing.compose import alone, build_disease, meaning
from sim.case.composing.knowing import ASKED, named_under
from sim.case.composing.modules import FIELDS, OWN, joined_alone
from sim.case.composing.pronouns import spoken
from sim.case.composing.protocols import plain_protocol
from sim.case.composing.shelf import Shelf
from sim.case.composing.shorthand import SHORT
from sim.case.composing.trees import child, document_of, word_nodes, words
from sim.case.model.composition import History, Protocol
from sim.case.model.parts import Part
from sim.case.problems import Problem, did_you_mean
from sim.case.reading.document import build
from sim.case.reading.tree import Node


def check_module(shelf: Shelf, path: Path) -> None:
    """Report what is wrong with a module: it is read as a disease that includes nothing else."""
    root = shelf.document(path).root
    if root is None:
        return
    check_keys(shelf, root, FIELDS | OWN | {"knows"})
    quiet = Shelf(shelf.roots)
    whole = spoken(joined_alone(quiet, root, alone(root)), None, quiet)
    disease = build_disease(quiet, document_of(whole))
    if disease is not None:
        check_references(whole, disease, shelf.names(disease), quiet.problems)
        check_disease(whole, disease, quiet.problems)
    shelf.problems.take(_own(quiet.problems.errors, words(root.at("knows"))))


def _own(problems: Iterable[Problem], knows: Iterable[str]) -> list[Problem]:
    """The problems that do not come from the module's being alone: regions and drug levels it knows are elsewhere."""
    names = tuple(knows)
    elsewhere = {f"unknown {kind} '{name}'" for name in names for kind in ("region", "pool")}
    elsewhere |= {f"the disease gives no drug level for '{name}'" for name in names}
    return [
        problem for problem in problems
        if problem.code not in ("no-life", "no-outcome") and problem.message not in elsewhere
    ]  # fmt: skip


def check_protocol(shelf: Shelf, path: Path) -> None:
    """Report what is wrong with a protocol used with the defaults of its parameters; regions are not known here."""
    root = shelf.document(path).root
    if root is not None:
        check_keys(shelf, root, {field.alias or name for name, field in Protocol.model_fields.items()} | SHORT)
        _calls_are_spoken_of(shelf, root)
        _check_part(shelf, plain_protocol(shelf, root), Protocol)


def _calls_are_spoken_of(shelf: Shelf, root: Node) -> None:
    """A call that the protocol lists and never speaks of is misspelt: its steps would not fall away."""
    spoken_of = named_under(root, ASKED)
    for place in word_nodes(child(root, "calls")):
        if isinstance(place.data, str) and place.data not in spoken_of:
            message = f"no step and no condition here speaks of the call '{place.data}'"
            shelf.problems.error(place, "unknown-call", message, did_you_mean(place.data, spoken_of))


def check_history(shelf: Shelf, path: Path) -> None:
    """Report what is wrong with a set of answers."""
    root = shelf.document(path).root
    if root is not None:
        _check_part(shelf, spoken(root, None, shelf), History)


def _check_part(shelf: Shelf, root: Node, kind: type[Part]) -> None:
    part = build(kind, root, shelf.problems, also=SHORT, meant=meaning(shelf))
    if part is not None and shelf.is_readable:
        check_references(root, part, shelf.names(), shelf.problems)
