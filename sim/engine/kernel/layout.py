"""Where everything lies in the kernel's arrays. Numbers only: compiled code and the program's author both read it.

A program is two arrays: `p` (whole numbers of 32 bits: a header, then tables) and `f` (fractions). A patient is two
more: `s` (whole numbers) and `x` (fractions). What needs 64 bits is in a fraction's place: streams in `f`, the
seed and the agenda in `x`. The header of `p` says where each table of `p` and each row of `s` and `x` begins.
Addresses inside tables are absolute, so compiled code never adds more than an index.
"""

from __future__ import annotations

from typing import Final

NEVER: Final = 1 << 30
"""A minute that no case reaches, and the greatest whole number of a program: they have 32 bits."""
ABSENT: Final = -(1 << 30)
"""The minute of what has not happened."""
HAPPENED: Final = -(1 << 29)
"""Every minute above this is one in which something happened (an age may make it negative)."""
PLANNED_BITS: Final = 32
MINUTE_SHIFT: Final = 35
NO_KEY: Final = (1 << 63) - 1
FARTHEST: Final = 1 << 27
"""No planned minute may lie beyond this: a key of the agenda is minute, stage and number in one word."""

# --- the header of p: counts and sizes -----------------------------------------------------------------------

(
    N_REGIONS, N_ORDERS, N_EDGES, N_STEPS, N_WATCHED, N_DIAGNOSES, LEAVES, SLOT_WIDTH, WEIGHT_AT, S_ALWAYS, X_ALWAYS,
    AGE_FACT, STATED_FACT, STEP_LEAVES, S_STEPS_END, ORDER_ROWS,
) = range(16)  # fmt: skip

# --- the header of p: tables in p ----------------------------------------------------------------------------

(
    EDGES, TIMED_FROM, WAIT_FROM, READ_FROM, MIX_FROM, STREAMS, BASES, OUTCOMES, AGE_MARKS, ORDERS, LEVELS, WATCHED,
    WATCH_FROM, WATCH_ALWAYS, STEP_FROM, STEPS, ASKED_FROM, STOPPING_FROM, ENDINGS, SEQUELAE, GIVEN, CHECKPOINTS,
    GROWTH, LASTING, MEDIANS, CALL_FROM, PERSON, POOLS, POOL_FROM, N_POOLS,
) = range(16, 46)  # fmt: skip

# --- the header of p: rows in s ------------------------------------------------------------------------------

(
    STATE, IN_EFFECT, RUNS, ORDERED, RESULTED, TOLD, CALLS, CALL_TIMES, LAST_CALL, FIRINGS, ENTRIES, READY, ASKED, DUE,
    RATED_AT, STARTS, COURSE, TOKEN, ACTS_AT, ENDS, FIRST_ORDERED, LAST_ORDERED, FIRST_RESULTED,
    LAST_RESULTED, FIRST_STOPPED, LAST_STOPPED, CODES, CODES_AT, VALUE_AT, MOVED, FIRST_ENTRY, STEP_DUE, STEP_DONE,
    STEP_SKIP, STEP_DELAY, STEP_HELD, STEP_BOUND, STEP_QUEUED, QUEUE, TODO, DELAYED, TURNED, STALE, STALE_QUEUE,
    SLOTS, FREE_SLOTS, OFFERS, TAPE, TOUCHED, TOUCHED_LIST, POOL_SINCE,
) = range(48, 99)  # fmt: skip

OUTSIDE: Final = 46
"""Of each order: the places of its values that are beyond their limits, as a mask."""
LIMITS: Final = 47
"""Of each watched observable, in x: from where downwards and from where upwards a standing order calls."""

# --- the header of p: rows in x ------------------------------------------------------------------------------

RATE, RESIDUAL, AMOUNT, VALUE, BELIEF, BODY, DRY, SLOT_VALUES, HEAP_KEY, HEAP_WHAT, POOL, TRUE_VALUE, SHOWN = range(
    100, 113
)

NURSES, HANDS, INTERRUPTED, SITED, ACCESSES, HANGING, N_NURSES, USUAL = range(113, 121)
"""Rows in s: the nurses and what each has in hand, then what waits; of each order: until when it would go on since it
was interrupted, and how often it started as an access. Tables in p: the accesses, what hangs on one, and where the
usual amount of each order is; how many nurses there are."""

HEADER: Final = 121

# --- the first words of s ------------------------------------------------------------------------------------

(
    NOW, BIRTH, SEEN, HORIZON, OPENED, ENDED, OVER, STATUS, NOTICED, REPORTED, CHECKPOINT, PENDING, PLANNED,
    HEAP_SIZE, DIRTY, LAST_TOKEN, OFFER_HEAD, OFFER_TAIL, STAMP, SPENT, SPENT_AT, ENDING, OUTCOME, FOLLOWS,
    TODO_SIZE, QUEUE_SIZE, N_DELAYED, STALE_SIZE, FREE_SIZE, TAPE_SIZE, TAPE_ROOM, MINUS_BIRTH,
    ZERO, RENEWS, PRIMED, TOUCHED_SIZE, WAITING, N_INTERRUPTED, LEAST_FREE,
) = range(39)  # fmt: skip
SCALARS: Final = 40

UTILITY, SEED, TARES = 0, 1, 4
"""The first words of x: the utility; the seed, as 64 bits; where the rows begin."""

SLOT: Final = 4
"""A report on its way in s: the order, when it was sampled, what it says, and which it is: `FINAL`, `CHARTED` (by a
standing order), or where the report before the final one stands in p."""
FINAL, CHARTED = 0, 1

# --- capacities of one patient's work area -------------------------------------------------------------------

HEAP_ROOM: Final = 256
SLOT_ROOM: Final = 96
HAND_ROOM: Final = 512
MOST_NURSES: Final = 4
OFFER_ROOM: Final = 2048
"""A power of two, and more than the firings a minute may hold."""

# --- widths and columns of tables ----------------------------------------------------------------------------

(
    E_REGION, E_SOURCES, E_TARGET, E_KIND, E_LOW, E_HIGH, E_STREAM, E_GUARD, E_WORD, E_MASK, E_MODIFIERS,
    E_MODIFIERS_END, E_CALL, E_REVEALS, E_RATE, E_CHANCE, E_POOL,
) = range(17)  # fmt: skip
EDGE: Final = 17
HAZARD, STAY, EVENT = 0, 1, 2

(
    O_TAKES, O_TURNAROUND, O_THERAPY, O_ONSET, O_ONSET_END, O_ONSET_STREAM, O_OFFSET, O_LASTS, O_NEEDS, O_NEEDS_END,
    O_FINDINGS, O_FINDINGS_END, O_MEASURES, O_MEASURES_END, O_SPEAKS, O_EVERY, O_NURSE,
    O_HAS_RESULT, O_VIA, O_ACCESS, O_FAILS, O_FAILS_END, O_FAILS_STREAM, O_REPORTS, O_REPORTS_END,
) = range(25)  # fmt: skip
ORDER: Final = 25

R_FINDINGS, R_FINDINGS_END, R_MEASURES, R_MEASURES_END, R_SPEAKS, R_AFTER = range(6)
REPORT: Final = 6
"""What a report says. That of the final one stands in the order, from O_FINDINGS on, without R_AFTER."""

NU_ORDER, NU_AMOUNT, NU_ENDS, NU_TOKEN = range(4)
NURSE: Final = 4
"""A nurse: the order she has in hand (NEVER: none), where its amount is, when she has finished."""

X_FACTOR, X_ENTRY, X_WORD, X_MASK = range(4)
MODIFIER: Final = 4
"""The last three, like E_GUARD and the two after it, are a condition as `facts.fits` asks it."""

F_ENTRY, F_CODE = 0, 1
FINDING: Final = 2
DEFAULT: Final = -9
"""In place of a finding's condition: said only where no other finding holds."""

L_ORDER, L_PER_AMOUNT, L_FACTORS, L_FACTORS_END = range(4)
LEVEL: Final = 4

(
    W_BANDS, W_BANDS_END, W_NUMBERS, W_DECIMALS, W_STATES, W_STATES_END, W_EFFECTS, W_EFFECTS_END, W_LEVELS,
    W_LEVELS_END, W_IS_WEIGHT, W_MODEL, W_RANK, W_FORMULA, W_FORMULA_END,
) = range(15)  # fmt: skip
WATCH: Final = 15
SETTLES, NOISE, FLOOR, CEILING, NOISE_STREAM = range(5)
"""What is at W_NUMBERS in f."""
SETS, SCALES, SHIFTS = 0, 1, 2

B_VALUE, B_SET, B_SCALE, B_SHIFT = range(4)
BODY_WIDTH: Final = 4
"""A watched observable in x: its value when its set-point last turned, and that set-point."""

(
    P_WHEN, P_NOT_BEFORE, P_STOP, P_DO, P_DO_END, P_AFTER, P_AFTER_END, P_CLOCKS, P_CLOCKS_END,
    P_AGES,
) = range(10)  # fmt: skip
STEP: Final = 10

# --- pools and what follows from them ------------------------------------------------------------------------

PL_REGION, PL_FLOWS, PL_FLOWS_END, PL_BANDS, PL_N_BANDS, PL_INITIAL, PL_STREAM = range(7)
POOL_SPEC: Final = 7
FL_GUARD, FL_LOSS, FL_ORDER, FL_NUMBERS, FL_POINTS = range(5)
FLOW: Final = 5
BA_NUMBERS, BA_EDGE = range(2)
BAND: Final = 2
"""What stands at BA_NUMBERS in f: the range, then where the band is left."""
A_X, A_U, A_K = range(3)
POOL_WIDTH: Final = 3
"""A pool in x: its amount at POOL_SINCE, its flow and its loss since then."""
NO_MODEL, SUM, WEIGHED = -1, -2, -3
"""In place of a formula's number."""
TOTAL, HENDERSON_HASSELBALCH, BASE_EXCESS, CORRECTED_SODIUM, MEAN_PRESSURE, SHARE, OSMOLALITY, ANION_GAP, HH_KPA = (
    range(9)
)
EFFECTIVE_OSMOLALITY, ANION_GAP_CORRECTED, WINTERS_MMHG, WINTERS_KPA = range(16, 20)
BODY_MASS_INDEX, Z_FOR_AGE, Z_OF_BMI, Z_FOR_LENGTH = range(20, 24)
"""Behind the places of a z-score stand its tables of points: L, M and S; by length, those lying and then standing."""
T_POOL, T_OBSERVABLE, T_PLUS, T_HEALTHY, T_MEDIAN = range(5)
T_KIND, T_WHICH, T_POINTS = range(3)
TERM: Final = 3

# --- conditions ----------------------------------------------------------------------------------------------

TRUE, FALSE = -1, -2
OP, A, B, C, YES, NO = range(6)
INSTRUCTION: Final = 6
IN, AGE, ELAPSED, AT_LEVEL, DOSE, MASK, BETWEEN, SINCE = range(8)
FLAG: Final = 1 << 1
"""The states, to IN, of a word that is 1 if something is so and 0 if not."""
MOST: Final = 30
"""As many states has a region at most, and as many coded findings an order."""

# --- the agenda ----------------------------------------------------------------------------------------------

ON_AGE, ON_THERAPY, ON_NURSE, ON_STANDING, ON_RESULT, ON_CHECKPOINT, ON_HORIZON = 1, 2, 3, 4, 5, 6, 7
ENDS_COURSE, WEARS_OFF, ACTS, FAILS = 0, 1, 2, 3
THERAPY_SHIFT: Final = 40
STAGE_SHIFT: Final = 36
GONE, RUNNING, WEARING = 0, 1, 2

# --- events offered to transitions, in blocks of one number per order, then one per state ----------------------

BY_START, BY_STOP, BY_EFFECT, BY_RESULT, BY_ENTRY = range(5)

# --- facts: states first, then blocks of one number per order, then calls ---------------------------------------

(
    FACT_EFFECT, FACT_RUNNING, FACT_ORDERED, FACT_RESULTED, FACT_TOLD,
) = range(5)  # fmt: skip

# --- moves ---------------------------------------------------------------------------------------------------

PLACE, STOP, STATE_BELIEFS, WAIT, FINISH, SET_LIMITS = range(6)
MOVE: Final = 3
FOR_TIME, FOR_RESULT, FOR_CALL = range(3)

# --- how a life came out -------------------------------------------------------------------------------------

FINE, FAULT, NO_ROOM, NO_ENDING = range(4)
"""Anything but FINE is played again by a session, which says what is wrong or has the room."""

TAPE_WIDTH: Final = 3
ENTERED, PLACED = 0, 1
