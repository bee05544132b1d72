"""Survival, and what boys die of."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sim.authoring.calibrate.cohorts import DRUGS, MONTH, YEAR, Cohorts
from sim.authoring.calibrate.course import Course
from sim.authoring.calibrate.row import (
    Row,
    alive,
    assumed,
    dead,
    from_n,
    grafted,
    opened,
    part,
    printed,
    state_at,
    transplanted,
)
from sim.cohorts.survival import Interval, median

MEDIAN_FOLLOW_UP = round(2.7 * YEAR)


def treated(course: Course) -> int | None:
    """When he got his first drug against the autoimmunity."""
    return course.ordered(DRUGS)


def burden(course: Course) -> str | None:
    """Return the organ involvement that was counted when he got his first cells: low, middle or high."""
    return next((state for _, region, state in course.states if region == "burden" and state != "uncounted"), None)


def _burden(courses: Iterable[Course], *states: str) -> Sequence[Course]:
    return [course for course in grafted(courses) if burden(course) in states]


def _by_organs(cohorts: Cohorts, *states: str) -> Interval | None:
    return alive(_burden([*cohorts.pathway, *cohorts.many_organs], *states), transplanted, MEDIAN_FOLLOW_UP)


def _gain_of_few(cohorts: Cohorts) -> Interval | None:
    few, many = _by_organs(cohorts, "low"), _by_organs(cohorts, "middle", "high")
    if few is None or many is None:
        return None
    reach = ((few.high - few.low) ** 2 + (many.high - many.low) ** 2) ** 0.5 / 2
    return Interval(few.value - many.value, few.value - many.value - reach, few.value - many.value + reach)


def _without_transplant_died_of(cohorts: Cohorts, *states: str) -> Interval | None:
    return part([c for c in cohorts.drugs if c.dead], lambda c: c.ever("life", states))


def _age_at_death(cohorts: Cohorts) -> Interval | None:
    ages = [course.end / YEAR + 21 / 365.25 for course in cohorts.presenting if course.dead]
    return median(ages) if ages else None


def _well(course: Course) -> bool:
    at = 5 * YEAR
    return (
        state_at(course, at, "gut", "quiet")
        and state_at(course, at, "blood", "well")
        and state_at(course, at, "liver", "well")
        and state_at(course, at, "kidney", "well")
    )


ROWS = (
    Row("os-transplant", "Alive 2.7 years after transplant", ("cal-barz-hsct", "hsct-os-barz"),
        "73.2% (58 boys; median follow-up 2.7 y)", printed(0.594, 0.830), "%", "pathway, transplanted",
        lambda c: alive(c.pathway, transplanted, MEDIAN_FOLLOW_UP),
        note="The abstract does not say at which year 73.2% holds; the median follow-up is taken (cal-time-warning)."),
    Row("os-drugs", "Alive 4 years after the first immunosuppressant", ("cal-barz-is", "cal-ci-warning"),
        "65.1% (34 boys; median follow-up 4 y)", assumed(0.50, 0.80), "%", "drugs",
        lambda c: alive(c.drugs, treated, 4 * YEAR),
        note="The printed interval, 62.8 to 95.8, does not fit its estimate; 50 to 80 is used instead.",
        miss="Every simulated boy opens in shock at three weeks with three organs ill. The published 34 had lived to "
             "be called chronic, and some were mild: three of 30 French boys needed no drug at all."),
    Row("os-transplant-10y", "Alive 10 years after transplant, France", ("cal-fr-hsct", "hsct-fr-10y"),
        "42% at 10 y", assumed(0.25, 0.75), "%", "pathway, transplanted",
        lambda c: alive(c.pathway, transplanted, 9 * YEAR),
        note="No interval and no size of the subset was readable; it disagrees with the larger cohort's 73.2%, and the "
             "band reaches from one to the other. Simulated at 9 years: follow-up from the opening ends at 10."),
    Row("os-drugs-10y", "Alive 10 years on immunosuppression, France", ("cal-fr-is",), "52% at 10 y",
        assumed(0.30, 0.70), "%", "drugs", lambda c: alive(c.drugs, treated, round(9.9 * YEAR)),
        note="No interval and no size of the subset was readable.",
        miss="As for 4 years: the French boys had a median onset at 1.5 months, a quarter of them after seven years, "
             "and three were stable untreated. The case is the classical newborn only."),
    Row("os-all-10y", "Alive 10 years after the first sign, France, all", ("cal-fr-all",), "43% (30 boys)",
        from_n((13, 30)), "%", "presenting", lambda c: alive(c.presenting, opened, 10 * YEAR)),
    Row("age-at-death", "Median age at death, years", ("cal-age-death-fr",), "3.5 y (quartiles 0 to 10.5; 15 deaths)",
        printed(0, 10.5), "y", "presenting, died within 10 y", _age_at_death,
        note="The band is the published range between the quartiles: a weak test."),
    Row("mortality-transplant", "Dead after transplant, pooled reports", ("cal-jamee-hsct", "hsct-jamee"), "24%",
        assumed(0.15, 0.35), "%", "pathway, transplanted", lambda c: dead(c.pathway, transplanted, MEDIAN_FOLLOW_UP),
        note="Crude, of case reports; neither follow-up nor the number of boys was readable. 2.7 years are taken."),
    Row("mortality-other", "Dead without transplant, pooled reports", ("cal-jamee-other",), "43%",
        assumed(0.30, 0.58), "%", "drugs", lambda c: dead(c.drugs, treated, MEDIAN_FOLLOW_UP),
        note="As above."),
    Row("untreated-1y", "Untreated, alive at 1 year", ("cal-untreated", "cal-nh-fatal-anytype"),
        "usually fatal in the first year", assumed(0.0, 0.20), "%", "untreated",
        lambda c: alive(c.untreated, opened, YEAR),
        note="The simulated boy opens in shock and ketoacidosis: without any help he dies within days."),
    Row("untreated-2y", "Untreated, alive at 2 years", ("cal-untreated", "cal-nh-cause"), "fatal by 1 to 2 years",
        assumed(0.0, 0.10), "%", "untreated", lambda c: alive(c.untreated, opened, 2 * YEAR - 1)),
    Row("supportive-18mo", "Supportive care only, alive at 18 months", ("cal-h-untreated",), "10%",
        assumed(0.05, 0.20), "%", "supportive", lambda c: alive(c.supportive, opened, 18 * MONTH),
        note="The figure itself is assumed; only 'fatal in 1 to 2 years' is published."),
    Row("supportive-2y", "Supportive care only, alive at 2 years", ("cal-h-check", "cal-untreated"), "below 15%",
        assumed(0.0, 0.15), "%", "supportive", lambda c: alive(c.supportive, opened, 2 * YEAR - 1)),
    Row("pathway-3y", "Whole pathway, alive at 3 years", ("cal-h-check",), "68 to 85%", assumed(0.68, 0.85), "%",
        "pathway", lambda c: alive(c.pathway, opened, 3 * YEAR),
        note="An acceptance band of our own, around the published 73.2%. Deaths before the transplant count."),
    Row("drugs-4y", "Long immunosuppression, alive at 4 years", ("cal-h-check", "cal-h-is"), "55 to 75%",
        assumed(0.55, 0.75), "%", "drugs", lambda c: alive(c.drugs, opened, 4 * YEAR),
        note="An acceptance band of our own, from the opening: deaths in the first crisis count."),
    Row("day-100", "Dead by 100 days after transplant", ("cal-h-hsct",), "15%", assumed(0.05, 0.20), "%",
        "pathway, transplanted", lambda c: dead(c.pathway, transplanted, 100 * 1440)),
    Row("year-1", "Dead by 1 year after transplant", ("cal-h-hsct",), "22%", assumed(0.12, 0.30), "%",
        "pathway, transplanted", lambda c: dead(c.pathway, transplanted, YEAR)),
    Row("transplant-mortality", "Died of the transplant within 2 years", ("hsct-trm",),
        "8.5% (70 children, haploidentical, other diseases)", from_n((6, 70)), "%", "pathway, transplanted",
        lambda c: part(grafted(c.pathway), lambda x: x.ever("life", ("died_transplant",),
                                                             (transplanted(x) or 0) + 2 * YEAR)),
        note="For IPEX only survival is published; boys with organs already ill are expected to do worse."),
    Row("few-organs", "Up to 2 organs involved: alive 2.7 years after transplant", ("hsct-oi-game", "hsct-oi-low"),
        "88%", assumed(0.78, 0.95), "%", "pathway and many organs, transplanted", lambda c: _by_organs(c, "low"),
        note="The score predicts survival (P=.035), but its survival by band was not readable: a design choice."),
    Row("some-organs", "3 or 4 organs involved: alive 2.7 years after transplant", ("hsct-oi-game",), "72%",
        assumed(0.60, 0.82), "%", "pathway and many organs, transplanted", lambda c: _by_organs(c, "middle"),
        note="As above."),
    Row("most-organs", "5 or more organs involved: alive 2.7 years after transplant", ("hsct-oi-game",), "45%",
        assumed(0.30, 0.60), "%", "pathway and many organs, transplanted", lambda c: _by_organs(c, "high"),
        note="As above."),
    Row("organs-matter", "Survival gained with up to 2 organs against more", ("cal-oi", "hsct-oi-score"),
        "the only significant predictor (P=.035)", assumed(0.03, 0.50), "%", "pathway and many organs, transplanted",
        _gain_of_few, note="Only the direction is published. Points of survival at 2.7 years."),
    Row("disease-free-drugs", "Alive without active disease at 5 years, drugs",
        ("cal-disease-free", "hsct-is-hampered"), "25%", assumed(0.15, 0.40), "%", "drugs",
        lambda c: part(c.drugs, _well),
        note="Assumed; published is only that it is worse than after transplant. Diabetes and thyroid do not count."),
    Row("disease-free-transplant", "Alive without active disease at 5 years, pathway", ("cal-disease-free",), "60%",
        assumed(0.45, 0.75), "%", "pathway", lambda c: part(c.pathway, _well), note="As above."),
    Row("died-of-sepsis", "Deaths without transplant: of sepsis", ("cal-cause-split", "cal-nh-cause"), "45%",
        assumed(0.25, 0.60), "%", "drugs, died", lambda c: _without_transplant_died_of(c, "died_sepsis"),
        note="No split was readable; published is the order: metabolic derangement, malabsorption or sepsis."),
    Row("died-metabolic", "Deaths without transplant: shock, acid, refeeding, adrenal", ("cal-cause-split",), "25%",
        assumed(0.05, 0.35), "%", "drugs, died",
        lambda c: _without_transplant_died_of(c, "died_shock", "died_dka", "died_brain", "died_refeeding",
                                              "died_adrenal"),
        note="As above.",
        miss="These boys get the pathway's care in every crisis, so fluid and insulin come in time; nearly all of the "
             "untreated die this way. Untreated and treated deaths together straddle the assumed quarter."),
)  # fmt: skip
