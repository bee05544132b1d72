"""The bibliography, and the facts that rest on it."""

from __future__ import annotations

from typing import Literal

from sim.case.model.parts import EvidenceId, Line, Part, Text


class Source(Part):
    """An entry of the bibliography."""

    id: EvidenceId
    citation: Text
    read: Line
    """How much of it was read: whole, abstract, opening."""


class Evidence(Part):
    """A numbered fact with its source and grade."""

    id: EvidenceId
    statement: Text
    grade: Literal["P", "G", "S", "A"]
    """P published about this disease, G about children or a related disease, S a seed document only, A assumed."""
    sources: tuple[EvidenceId, ...] = ()
