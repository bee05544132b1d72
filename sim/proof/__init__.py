"""Proofs: what a case promises, tried by playing. `check` reads a case; `prove` plays it.

`prove(library)` returns `Finding`s, one for each property that holds and one for each way in which one does not,
with a witness: a run anybody can replay, or the element of the case at fault.
"""

from sim.proof.proving import PROPERTIES, prove
from sim.proof.verdict import Finding, Run, Witness, to_plain

__all__ = ["PROPERTIES", "Finding", "Run", "Witness", "prove", "to_plain"]
