"""Survival curves and intervals: hand-worked numbers, limits, and pictures that any terminal can show."""

from __future__ import annotations

import math
import xml.etree.ElementTree as ET
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import CensoredData, binomtest, ecdf

from sim.case.quantities import DAY
from sim.cohorts.plots import ticks, to_svg, to_text
from sim.cohorts.survival import kaplan_meier, mean, median, quantile, rate, share, standard_error

LEUKAEMIA = [(6, True)] * 3 + [(6, False), (7, True), (9, False), (10, True), (10, False), (11, False), (13, True),
             (16, True), (17, False), (19, False), (20, False), (22, True), (23, True), (25, False), (32, False),
             (32, False), (34, False), (35, False)]  # fmt: skip
"""Weeks in remission of the 21 children on 6-mercaptopurine (Freireich 1963): the textbook example."""


def test_the_textbook_curve_comes_out() -> None:
    curve = kaplan_meier(LEUKAEMIA)
    assert curve.minutes == (6, 7, 10, 13, 16, 22, 23)
    alive = [round(curve.at(week).alive, 4) for week in (5, 6, 7, 10, 13, 16, 22, 23, 35)]
    assert alive == [1.0, 0.8571, 0.8067, 0.7529, 0.6902, 0.6275, 0.5378, 0.4482, 0.4482]
    assert [curve.at(week).at_risk for week in (6, 7, 10, 13, 16, 22, 23)] == [21, 17, 15, 12, 11, 7, 6]


def test_greenwood_s_interval_is_the_published_one() -> None:
    at_ten = kaplan_meier(LEUKAEMIA).at(10)
    assert at_ten.low == pytest.approx(0.503, abs=0.001)
    assert at_ten.high == pytest.approx(0.889, abs=0.001)


def test_who_is_lost_in_the_minute_of_a_death_was_at_risk_in_it() -> None:
    assert kaplan_meier([(5, True), (5, False)]).at(5).alive == 0.5


def test_while_nobody_has_died_and_when_everybody_has_the_interval_is_exact() -> None:
    none, all_ = kaplan_meier([(9, False)] * 20), kaplan_meier([(k, True) for k in range(1, 21)])
    assert (none.at(9).alive, none.at(9).low, none.at(9).high) == (1.0, pytest.approx(share(20, 20).low), 1.0)
    assert (all_.at(20).alive, all_.at(20).low, all_.at(20).high) == (0.0, 0.0, pytest.approx(share(0, 20).high))


def test_a_curve_of_nobody_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one life"):
        kaplan_meier([])


@given(st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_a_share_has_the_exact_interval_that_scipy_gives(counted: tuple[int, int]) -> None:
    count, n = counted
    theirs = binomtest(count, n).proportion_ci(0.95, method="exact")
    ours = share(count, n)
    assert (ours.low, ours.high) == (pytest.approx(theirs.low, abs=1e-9), pytest.approx(theirs.high, abs=1e-9))


@given(st.lists(st.tuples(st.integers(1, 50), st.booleans()), min_size=1, max_size=60))
def test_a_curve_is_the_one_that_scipy_gives(lives: list[tuple[int, bool]]) -> None:
    died = [minute for minute, dead in lives if dead]
    left = [minute for minute, dead in lives if not dead]
    theirs = ecdf(CensoredData(uncensored=died, right=left)).sf
    curve = kaplan_meier(lives)
    for minute in range(curve.end + 1):
        assert curve.at(minute).alive == pytest.approx(theirs.evaluate(minute), abs=1e-12)


def test_greenwood_s_interval_on_the_scale_of_log_log_is_the_one_that_scipy_gives() -> None:
    died = [week for week, dead in LEUKAEMIA if dead]
    left = [week for week, dead in LEUKAEMIA if not dead]
    theirs = ecdf(CensoredData(uncensored=died, right=left)).sf.confidence_interval(0.95, method="log-log")
    curve = kaplan_meier(LEUKAEMIA)
    for week in curve.minutes:
        point = curve.at(week)
        assert point.low == pytest.approx(theirs.low.evaluate(week), abs=1e-9)
        assert point.high == pytest.approx(theirs.high.evaluate(week), abs=1e-9)


@given(st.lists(st.tuples(st.integers(1, 50), st.booleans()), min_size=1, max_size=60))
def test_a_curve_falls_from_one_to_no_less_than_nothing_inside_its_interval(lives: list[tuple[int, bool]]) -> None:
    curve = kaplan_meier(lives)
    points = [curve.at(minute) for minute in range(52)]
    assert all(a.alive >= b.alive for a, b in pairwise(points))
    assert all(0 <= p.low <= p.alive <= p.high <= 1 for p in points)


@given(st.lists(st.integers(1, 50), min_size=1, max_size=60))
def test_without_loss_the_curve_is_the_share_alive(deaths: list[int]) -> None:
    curve = kaplan_meier((minute, True) for minute in deaths)
    for minute in (1, 20, 49):
        assert curve.at(minute).alive == pytest.approx(sum(d > minute for d in deaths) / len(deaths))


@pytest.mark.parametrize(
    ("count", "n", "low", "high"),
    [(0, 10, 0.0, 0.3085), (10, 10, 0.6915, 1.0), (8, 20, 0.1912, 0.6395), (42, 58, 0.5910, 0.8334)],
)
def test_a_share_has_its_exact_interval(count: int, n: int, low: float, high: float) -> None:
    found = share(count, n)
    assert found.low == pytest.approx(low, abs=5e-5)
    assert found.high == pytest.approx(high, abs=5e-5)


@given(st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_the_exact_interval_leaves_a_fortieth_at_each_end(pair: tuple[int, int]) -> None:
    count, n = pair
    found = share(count, n)

    def chance(p: float, at_most: int) -> float:
        return math.fsum(math.comb(n, k) * p**k * (1 - p) ** (n - k) for k in range(at_most + 1))

    if count > 0:
        assert 1 - chance(found.low, count - 1) == pytest.approx(0.025, abs=1e-6)
    if count < n:
        assert chance(found.high, count) == pytest.approx(0.025, abs=1e-6)


def test_an_impossible_share_is_refused() -> None:
    for count, n in ((-1, 5), (6, 5), (0, 0)):
        with pytest.raises(ValueError, match="between 0 and n"):
            share(count, n)


def test_a_rate_has_the_interval_of_a_poisson_count() -> None:
    ten, none = rate(10, 1000), rate(0, 1000)
    assert (ten.low, ten.high) == (pytest.approx(0.0048, abs=1e-4), pytest.approx(0.0184, abs=1e-4))
    assert (none.low, none.high) == (0, pytest.approx(0.0037, abs=2e-4))


def test_a_mean_a_median_and_their_intervals() -> None:
    values = [float(k) for k in range(101)]
    assert quantile(values, 0.25) == 25
    assert quantile([3.0, 1.0], 0.5) == 2
    assert standard_error(values) == pytest.approx(2.915, abs=0.001)
    assert standard_error([1.0]) is None
    assert mean(values).holds(50) and not mean(values).holds(57)
    middle = median(values)
    assert (middle.value, middle.low, middle.high) == (50, 40, 61)


@pytest.mark.parametrize(
    ("end", "unit"), [(30, "days"), (9 * DAY, "days"), (700 * DAY, "months"), (4000 * DAY, "years")]
)
def test_the_axis_has_a_unit_that_fits_and_few_marks(end: int, unit: str) -> None:
    _, name, marks = ticks(end)
    assert name == unit
    assert 1 <= len(marks) <= 9


def test_the_plot_is_ascii_and_fits_a_terminal() -> None:
    text = to_text(kaplan_meier([(40 * DAY, True), (90 * DAY, True), (200 * DAY, False), (300 * DAY, False)]))
    assert text.isascii()
    assert max(len(line) for line in text.splitlines()) <= 80
    assert len(text.splitlines()) <= 24
    first = text.splitlines()[0]
    assert first.startswith(" 100% |#")


def test_a_curve_that_falls_to_nothing_reaches_the_floor_of_the_plot() -> None:
    lines = to_text(kaplan_meier((k * DAY, True) for k in range(1, 9))).splitlines()
    floor = next(line for line in lines if line.startswith("   0% |"))
    assert floor.rstrip().endswith("#")


def test_the_drawing_is_a_document_whose_title_is_text() -> None:
    curve = kaplan_meier([(k * DAY, k % 3 == 0) for k in range(1, 60)])
    root = ET.fromstring(to_svg(curve, "Wet & <b>dry</b>"))  # noqa: S314
    space = {"svg": "http://www.w3.org/2000/svg"}
    assert root.findtext("svg:title", namespaces=space) == "Wet & <b>dry</b>"
    line = root.find("svg:polyline", space)
    assert line is not None and line.get("points", "").startswith("56.0,44.0 ")
    assert not any(element.tag.endswith(("script", "image")) for element in root.iter())
