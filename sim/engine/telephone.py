"""The laboratory's telephone: a critical value is called through when its result returns, once an excursion."""

from __future__ import annotations

from sim.case.model.catalogue import Catalogue
from sim.engine.log import Measurement, ResultReturned


class Telephone:
    """Which values are critical by the results so far. `note` takes every result in the order in which they return."""

    __slots__ = ("_beyond", "_catalogue")

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._beyond: dict[str, str] = {}

    def note(self, result: ResultReturned) -> tuple[str, ...]:
        """Take a result; return what the laboratory says of each value that is critical now and was not before.

        It quotes the value that the result reports. What is measured at the bedside is noted and not telephoned:
        whoever measured it knows it. At the limit counts as critical.
        """
        telephones = self._catalogue.orders[result.order].by_laboratory
        told = []
        for measured in result.measurements:
            before, side = self._beyond.pop(measured.observable, ""), self._side(measured)
            if side:
                self._beyond[measured.observable] = side
            if side != before and side and telephones:
                told.append(self._said(measured))
        return tuple(told)

    def _side(self, measured: Measurement) -> str:
        """On which side a value is critical; empty where it is not."""
        spec = self._catalogue.observables[measured.observable]
        if spec.critical_low is not None and measured.value <= spec.critical_low:
            return "low"
        return "high" if spec.critical_high is not None and measured.value >= spec.critical_high else ""

    def _said(self, measured: Measurement) -> str:
        spec = self._catalogue.observables[measured.observable]
        return f"The laboratory telephones: {spec.name} {measured.value:.{spec.decimals}f} {spec.unit}".rstrip() + "."
