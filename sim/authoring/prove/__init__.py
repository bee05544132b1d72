"""Proofs: what a case promises, tried by playing. `check` reads a case; `prove` plays it.

`prove(scenario)` returns `PropertyResult`s, one for each property that holds and one for each way in which one does
not, with a witness: a run anybody can replay, or the element of the case at fault.
"""

from sim.authoring.prove.prove import PROPERTIES, prove, prove_shared
from sim.authoring.prove.several import prove_all
from sim.authoring.prove.verdict import PropertyResult, Run, Witness, to_plain

__all__ = ["PROPERTIES", "PropertyResult", "Run", "Witness", "prove", "prove_all", "prove_shared", "to_plain"]
