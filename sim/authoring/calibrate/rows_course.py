"""How the disease begins and spreads: first signs, onset, order of organs, frequency of each manifestation."""

from __future__ import annotations

from collections.abc import Callable

from sim.authoring.calibrate.cohorts import DAY, MONTH, YEAR, Cohorts
from sim.authoring.calibrate.course import Course
from sim.authoring.calibrate.row import Band, Row, assumed, from_n, part, waits
from sim.cohorts.survival import Interval, share

WEEK = 7 * DAY
YEARS_SEEN = 4 * YEAR

GUT = ("severe", "active", "partial")
SKIN = ("severe", "active")
SUGAR = ("dka", "high", "controlled", "low")
BLOOD = ("haemolysis", "thrombocytopenia", "bleeding")
KIDNEY = ("nephropathy",)
LATER = (("thyroid", ("hypothyroid",)), ("blood", BLOOD), ("liver", ("hepatitis",)), ("kidney", KIDNEY))


def _seen(region: str, *states: str) -> Callable[[Cohorts], Interval | None]:
    return lambda c: part(c.presenting, lambda x: x.ever(region, states, YEARS_SEEN))


def _onset(region: str, *states: str) -> Callable[[Cohorts], Interval | None]:
    return lambda c: waits(c.presenting, lambda x: x.first(region, states), MONTH)


def _sign(sign: str) -> Callable[[Cohorts], Interval | None]:
    return lambda c: part(c.pathway, lambda x: x.ever("first_sign", (sign,)))


def _gut_after_diabetes(course: Course) -> int | None:
    return course.first("gut", ("severe", "active"))


def _flag(observable: str) -> Callable[[Cohorts], Interval | None]:
    def measure(cohorts: Cohorts) -> Interval | None:
        flags = [flags[observable] for flags in cohorts.first_values if observable in flags]
        return share(flags.count("H"), len(flags)) if flags else None

    return measure


def _widened(course: Course) -> bool:
    return any(course.ever(region, states) for region, states in LATER)


def _frequency(id: str, what: str, evidence: str, published: str, band: Band, region: str, *states: str,
               note: str = "", miss: str = "") -> Row:  # fmt: skip
    return Row(id, what, (evidence,), published, band, "%", "presenting", _seen(region, *states), note, miss)


CLASSICAL = "A boy opens the case with it by construction where it was his first sign."

ROWS = (
    Row("first-diarrhoea", "First sign: diarrhoea", ("first-diarrhoea-fr",), "68% (30 boys)", from_n((20, 30)), "%",
        "pathway", _sign("diarrhoea"), note="An input of the model, not a prediction."),
    Row("first-diabetes", "First sign: diabetes", ("first-t1d-fr",), "25% (30 boys)", from_n((8, 30)), "%",
        "pathway", _sign("diabetes"), note="An input of the model."),
    Row("first-skin", "First sign: skin", ("first-skin-fr",), "7% (30 boys)", from_n((2, 30)), "%", "pathway",
        _sign("skin"), note="An input of the model."),
    Row("diabetes-then-gut", "Diabetes alone: enteropathy within 2 years", ("first-diabetes-then-gut", "cal-early-dm"),
        "40% (20 of 50)", from_n((20, 50)), "%", "diabetes only",
        lambda c: part(c.diabetes_only, lambda x: _gut_after_diabetes(x) is not None),
        miss="These boys come from a diabetes laboratory (referral bias, first-diabetes-exeter) and were not all "
             "followed for two years; milder variants are likely among them. The model is of the classical disease: "
             "unrestrained, the gut follows in nearly all."),
    Row("diabetes-then-gut-when", "Diabetes alone: weeks to enteropathy, of those", ("first-diabetes-then-gut",),
        "median 23.5 weeks", assumed(12, 40), "wk", "diabetes only",
        lambda c: waits(c.diabetes_only, _gut_after_diabetes, WEEK), note="No interval was readable."),
    Row("thyroid-when", "Months to hypothyroidism, of those", ("order-markov-suggestion", "order-survivors-widen"),
        "1 to 12 months", assumed(1, 18), "mo", "presenting", _onset("thyroid", "hypothyroid"),
        note="No time-to-event curve was readable; the sequence is assumed and the band a little wider than it."),
    Row("blood-when", "Months to cytopenia, of those", ("order-markov-suggestion",), "2 to 24 months",
        assumed(2, 24), "mo", "presenting", _onset("blood", "haemolysis", "thrombocytopenia"), note="As above."),
    Row("kidney-when", "Months to nephropathy, of those", ("order-markov-suggestion",), "6 to 36 months",
        assumed(6, 36), "mo", "presenting", _onset("kidney", *KIDNEY), note="As above."),
    Row("liver-when", "Months to hepatitis, of those", ("order-markov-suggestion",), "6 to 36 months",
        assumed(6, 36), "mo", "presenting", _onset("liver", "hepatitis"), note="As above."),
    Row("skin-when", "Weeks to eczema where another sign came first, of those", ("order-markov-suggestion",
        "order-triad-sequence"), "weeks", assumed(2, 26), "wk", "presenting",
        lambda c: waits(c.presenting, lambda x: x.first("skin", SKIN), WEEK), note="As above."),
    Row("survivors-widen", "Alive at 4 years on drugs: at least one later organ", ("order-survivors-widen",),
        "survivors of the acute phase add organs", assumed(0.30, 1.0), "%", "drugs, alive at 4 years",
        lambda c: part([x for x in c.drugs if x.lives_at(YEARS_SEEN)], _widened),
        note="Only the direction is published. Thyroid, blood, liver or kidney."),
    _frequency("gut", "Enteropathy", "freq-enteropathy", "100% (30), 97.9% (195), 92.7% (55)",
               from_n((30, 30), (191, 195), (51, 55)), "gut", *GUT, note=CLASSICAL),
    _frequency("skin", "Skin disease", "freq-skin", "85% (30), 62.1% (195), 67.3% (55)",
               from_n((26, 30), (121, 195), (37, 55)), "skin", *SKIN, note=CLASSICAL,
               ),
    _frequency("diabetes", "Type 1 diabetes", "freq-t1d", "50% (30), 60.0% (55), 70% (n not read)",
               from_n((15, 30), (33, 55)), "glucose", *SUGAR, note=CLASSICAL),
    Row("endocrine", "Any endocrine disease", ("freq-endocrine-any",), "53.3% (195)", from_n((104, 195)), "%",
        "presenting", lambda c: part(c.presenting, lambda x: x.ever("glucose", SUGAR, YEARS_SEEN)
                                     or x.ever("thyroid", ("hypothyroid",), YEARS_SEEN)), note=CLASSICAL),
    _frequency("thyroid", "Thyroid disease", "freq-thyroid", "32.7% (55), about 30%", from_n((18, 55)), "thyroid",
               "hypothyroid"),
    _frequency("blood", "Haematological disease", "freq-haem", "28% (30), 38.5% (195), 41.8% (55)",
               from_n((8, 30), (75, 195), (23, 55)), "blood", *BLOOD),
    _frequency("kidney", "Kidney disease", "freq-renal", "25% (30), 16.4% (195), 23.6% (55)",
               from_n((8, 30), (32, 195), (13, 55)), "kidney", "nephropathy", "toxic",
               note="Nephropathy of the disease or of the drugs: the reports do not tell them apart."),
    _frequency("liver", "Hepatitis", "freq-hepatitis", "14% (30)", from_n((4, 30)), "liver", "hepatitis"),
    Row("infection", "Septic shock or pneumonia", ("freq-infection",), "infections 40.0% (195)", from_n((78, 195)), "%",
        "presenting", lambda c: part(c.presenting, lambda x: x.ever("infection", ("septic_shock",), YEARS_SEEN)
                                     or x.ever("lungs", ("pneumonia", "pjp"), YEARS_SEEN)),
        note="The reports do not say what they counted; taken is what nobody would leave out.",
        miss="A fifth of a percentage point above, well within its own interval: boys who starve go back to a line, "
             "and lines infect. Reports of a rare disease also count the infections that somebody wrote down."),
    _frequency("pneumonia", "Pneumonia", "freq-infection", "11% (pooled reports, n of IPEX not read)",
               assumed(0.05, 0.25), "lungs", "pneumonia"),
    Row("failure-to-thrive", "Wasted at some time", ("freq-ftt",), "about 50%", assumed(0.35, 0.75), "%", "presenting",
        _seen("nutrition", "wasted", "starved"), note="n not read. Boys whose first sign is diarrhoea open wasted."),
    Row("ige", "First IgE above the reference range", ("cal-lr-ige",), "87%", assumed(0.80, 1.0), "%", "first results",
        _flag("ige"), note="n of IPEX not read. The model's defect always raises IgE; skin and treatment scale it."),
    Row("eosinophils", "First eosinophils above the reference range", ("cal-lr-eos",), "95%", assumed(0.88, 1.0), "%",
        "first results", _flag("eosinophils"), note="As above."),
    Row("tregs", "Regulatory T cells few", ("cal-lr-treg",), "68% (75% in another series)", assumed(0.60, 0.78), "%",
        "pathway", lambda c: part(c.pathway, lambda x: x.ever("treg_number", ("low",))),
        note="An input of the model."),
)  # fmt: skip
