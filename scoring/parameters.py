"""Every threshold and weight of scoring, each with its reason. No other module of `scoring` names a number.

One more decides credit and is written with the case: `sim.case.composing.unfold.WINDOWS`, after how many of its windows
a step that a call made due has lapsed.

All of them are the authors' judgement: no study fixes them. Experts who rate the same act disagree widely, so
there are four bands and no percentage, and every threshold is set where crossing it means something a teacher
would say aloud.
"""

from __future__ import annotations

from typing import Final

from sim.case import quantities

BANDS: Final = ("unsafe", "developing", "sound", "exemplary")
"""The four bands, lowest first."""

STEP_WEIGHTS: Final = {"must": 3, "should": 2, "could": 1}
"""What a step weighs. Three musts never add up to less than the shoulds around them, and no could outweighs one."""

FULL_CREDIT: Final = 1.0
"""Credit of a step done inside its window."""

LATE_CREDIT: Final = 0.5
"""Credit of a step done after its window but within twice its length: the patient still had most of the good."""

OUT_OF_ORDER_CREDIT: Final = 0.25
"""Credit of a step done in its time but against the order: the act was known, its reason was not."""

NO_CREDIT: Final = 0.0
"""Credit of a step that fell due and was missed."""

LATE_FACTOR: Final = quantities.LATE_FACTOR
"""How many windows long a step may still be done late: the format says it, since hints and calls rest on it too."""

EXEMPLARY_SHARE: Final = 0.85
"""Share of the pathway's credit from which a clean attempt is exemplary: room for some coulds, not for a must."""

SOUND_SHARE: Final = 0.6
"""Share of the pathway's credit from which an attempt is sound: more done well than not, with room to differ."""

JUDGED_SHARE: Final = 0.5
"""Share of what fell due (by weight) that must have been done or missed before a case can be called sound.

A case that ends while most windows are still open shows too little: otherwise two lucky orders before an early
death would pass. Doing at once what is due reaches it however early the case ends."""

HANDOVER_SHARE: Final = 0.5
"""Share of the critical steps of a patient that must have fallen due before who hands over can be called sound.

It is asked of all that fell due in this patient, the team's part included: less than half of what endangers him, seen,
is no proof of safety. Nor is anybody judged who hands over before the first differential was asked for: so far the case
has only begun. Both leave developing, since handing over is no mistake in itself."""

EFFICIENCY_FLOOR: Final = 0.4
"""Efficiency below which an attempt is developing at most: less than two fifths of the effort bore on the patient.

Ordering everything lies far below it; a broad but reasoned work-up well above."""

CHEAP_WEIGHT: Final = 0.2
"""What a neutral order of the lowest cost tier counts in efficiency, against 1 for the tier itself.

One question too many, or one more bedside glucose, must not weigh like a scan: fear of asking teaches badly."""

BLOOD_VOLUME: Final = 80.0
"""A young child's blood volume, mL/kg, against which blood drawn is shown. It moves no band."""

BLOOD_VOLUME_OF_ADULTS: Final = 70.0
"""The same of an adult, mL/kg."""

BLOOD_STRETCH: Final = 28 * 1440
"""The stretch, in minutes, over which blood drawn is summed at its worst: about the time to make it again."""

STEADY: Final = 0.05
"""A change of the Brier score smaller than this is called steady: finer than probabilities are stated."""

MOVED: Final = 0.1
"""A stated probability that changed by this much or more is reported as moved."""

BRIER_WORST: Final = 2.0
"""The multi-class Brier score of full confidence in a wrong diagnosis (0 is full confidence in the right one)."""

DECIMALS: Final = 3
"""Decimals of every number in the assessment's plain form: finer is noise, and rounding keeps the bytes stable."""

POINT: Final = 0.01
"""One point of the review of decisions: utility runs from 0 to 1, a decision's loss is told in hundredths of that."""

INACCURACY: Final = 1 * POINT
"""Loss from which a decision is called an inaccuracy. Less than a point, however sure, is as good as the pathway:
what a case assumes moves more than that."""

MISTAKE: Final = 3 * POINT
"""Loss from which a decision is a mistake: about what a lasting harm costs to one child in ten."""

BLUNDER: Final = 10 * POINT
"""Loss from which a decision is a blunder: as much as if one child in ten who would have done well had died."""

DOUBT: Final = 2.0
"""A loss or a gain smaller than so many standard errors is not told from none."""

REVIEW_FATES: Final = 2000
"""The most fates a decision is judged over, where compiled code plays them: v(start) is then known to a point or so."""

REVIEW_FATES_SLOW: Final = 40
"""The same where sessions play them: minutes, not hours, for a long attempt, with errors seven times as large."""

FIRST_FATES: Final = 300
"""Fates that every decision is given. A difference seen in none of them is settled as under a point (see SETTLED)."""

UNSEEN: Final = 2
"""So many fates more are taken to have differed, by all that a life can be worth, when an error is worked out.

With none seen in n, two errors are then 2.8 / n, near the 3 / n that holds 19 times in 20 (the rule of three)."""

SETTLED: Final = 0.5 * POINT
"""A decision gets more fates until the standard error of its loss is this small: a point is then two errors."""

SETTLED_SHARE: Final = 0.15
"""Or until it is so small a share of the loss: nearly seven errors from nothing, a blunder needs no half points."""

REVIEW_DECIMALS: Final = 6
"""Decimals of the review's numbers: those of a utility, so that loss and luck still add up to it."""

CHANGE_FATES: Final = 150
"""Fates that a change is tried over: enough to tell a mistake's loss from none."""

CHANGES_TRIED: Final = 3
"""How many steps to add, and orders to leave out, are tried at a mistake for a change that keeps the value."""

BELIEF_SHIFT: Final = 0.2
"""A change of one stated probability from which it is worth talking about: twice what is reported as moved."""

ANALYSIS_PROMPTS: Final = 6
"""The most moments a teacher is given to analyse: with an opening and an end, an hour's talk holds no more."""

PROMPT_WEIGHTS: Final = {
    "critical_pitfall": 90, "critical_harm": 88, "critical_missed": 85, "blunder": 80, "major_pitfall": 60,
    "must_missed": 55, "mistake": 50, "critical_late": 48, "harm": 45, "late": 40, "belief_shift": 35, "better": 30,
    "minor_pitfall": 28, "out_of_order": 25, "no_differential": 20, "should_missed": 15, "well_done": 10,
}  # fmt: skip
"""Which moments a teacher is given when there are more: what endangers first, then what is learnt from most."""

OWN_WINDOW: Final = 1 << 20
"""How much more an order counts for a step in its window than for a later one: more than all others together."""

SEARCH_BRANCHES: Final = 200
"""Branches that the search for the best consistent set of steps tries before a sweep takes over."""

SWEEP_WIDTHS: Final = (50, 400, 3200, 25600)
"""How many sets the sweep keeps at most, one attempt after the other, until one keeps all that could be best."""

SMALLEST_REST: Final = 0.005
"""What is left for all other diagnoses is named from this share on: less is rounded to nothing."""

PARTS_NAMED: Final = 4
"""So many orders or steps of one decision are named; the rest are counted."""

CAUSES_NAMED: Final = 3
"""So many of what made a step due are named; the rest are counted."""

LONGEST_QUOTE: Final = 90
"""Characters of a call that are quoted."""

CALLS_NAMED: Final = 4
"""So many calls are named to a teacher as turning points; the rest are counted."""
