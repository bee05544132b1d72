"""A case with all it needs, cross-checked."""

from __future__ import annotations

from sim.case.model.case import Case
from sim.case.model.catalogue import Catalogue
from sim.case.model.disease import Disease
from sim.case.model.evidence import Evidence, Source
from sim.case.model.parts import EvidenceId, Part


class Scenario(Part):
    """Everything one case needs, cross-checked: what `sim.case.library.load` returns."""

    case: Case
    disease: Disease
    catalogue: Catalogue
    evidence: dict[EvidenceId, Evidence]
    sources: dict[EvidenceId, Source]
    digest: str
    """SHA-256 over everything that can change a patient's life or its scoring, as hexadecimal."""
