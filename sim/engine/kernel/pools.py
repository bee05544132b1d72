"""Amounts, compiled: `sim.engine.pool` on arrays. The arithmetic is the engine's own functions, compiled."""

from __future__ import annotations

from sim.case.growth import STANDING
from sim.engine import formulas, pool
from sim.engine.kernel import chance, tournament
from sim.engine.kernel import layout as at
from sim.engine.kernel.compiling import compiled, merged, word_at
from sim.engine.kernel.facts import Parts, Whole, holds

amount = merged(pool.amount)
crosses_after = merged(pool.crossing_by(amount))
_henderson_hasselbalch = compiled(formulas.henderson_hasselbalch)
_henderson_hasselbalch_kpa = compiled(formulas.henderson_hasselbalch_kpa)
_base_excess = compiled(formulas.base_excess)
_osmolality = compiled(formulas.osmolality)
_anion_gap = compiled(formulas.anion_gap)
_corrected_sodium = compiled(formulas.corrected_sodium)
_mean_pressure = compiled(formulas.mean_pressure)
_share = compiled(formulas.share)
_effective_osmolality = compiled(formulas.effective_osmolality)
_anion_gap_corrected = compiled(formulas.anion_gap_corrected)
_winters_pco2_mmhg = compiled(formulas.winters_pco2_mmhg)
_winters_pco2_kpa = compiled(formulas.winters_pco2_kpa)
_body_mass_index = compiled(formulas.body_mass_index)
_lms_z = compiled(formulas.z_by(compiled(formulas.at_sd)))
_weight_from_water = compiled(formulas.weight_from_water)


@merged
def points(p: Whole, f: Parts, table: int, value: float) -> float:
    """Return the value of a table of points: how many, where the pairs stand in `f`."""
    count, pairs = p[table], p[table + 1]
    x0, y0 = f[pairs], f[pairs + 1]
    if value <= x0:
        return y0
    for i in range(1, count):
        x1, y1 = f[pairs + 2 * i], f[pairs + 2 * i + 1]
        if value < x1:
            return y0 + (y1 - y0) * (value - x0) / (x1 - x0)
        x0, y0 = x1, y1
    return y0


@merged
def now(p: Whole, s: Whole, x: Parts, number: int) -> float:
    """Return the amount of a pool now."""
    own = p[at.POOL] + number * at.POOL_WIDTH
    return amount(x[own + at.A_X], x[own + at.A_U], x[own + at.A_K], s[at.NOW] - s[p[at.POOL_SINCE] + number])


@merged
def _flow(p: Whole, f: Parts, s: Whole, x: Parts, flow: int) -> float:
    if not holds(p, f, s, x, p[flow + at.FL_GUARD]):
        return 0.0
    order, rate = p[flow + at.FL_ORDER], f[p[flow + at.FL_NUMBERS]]
    if order < 0:
        return rate
    acts, table = s[p[at.IN_EFFECT] + order] != 0, p[flow + at.FL_POINTS]
    if table >= 0:
        if acts:
            return points(p, f, table, x[p[at.AMOUNT] + order])
        first = p[table + 1]
        return f[first + 1] if f[first] == 0.0 else 0.0
    if not acts:
        return 0.0
    per = f[p[flow + at.FL_NUMBERS] + 1]
    return rate if per == 0.0 else rate * (x[p[at.AMOUNT] + order] / per)


@merged
def reflow(p: Whole, f: Parts, s: Whole, x: Parts, number: int) -> bool:
    """Work out u and k from the facts as they are; return whether they changed."""
    spec = p[at.POOLS] + number * at.POOL_SPEC
    u = k = 0.0
    for flow in range(p[spec + at.PL_FLOWS], p[spec + at.PL_FLOWS_END], at.FLOW):
        value = _flow(p, f, s, x, flow)
        if p[flow + at.FL_LOSS]:
            k += value
        else:
            u += value
    own = p[at.POOL] + number * at.POOL_WIDTH
    if u == x[own + at.A_U] and k == x[own + at.A_K]:
        return False
    x[own + at.A_X] = now(p, s, x, number)
    x[own + at.A_U], x[own + at.A_K] = u, k
    s[p[at.POOL_SINCE] + number] = s[at.NOW]
    return True


@compiled
def forecast(p: Whole, f: Parts, s: Whole, x: Parts, number: int) -> None:
    """Schedule the crossing of a pool into the band it will be in when it leaves the present one."""
    spec, own = p[at.POOLS] + number * at.POOL_SPEC, p[at.POOL] + number * at.POOL_WIDTH
    bands, count = p[spec + at.PL_BANDS], p[spec + at.PL_N_BANDS]
    x[own + at.A_X] = now(p, s, x, number)
    s[p[at.POOL_SINCE] + number] = s[at.NOW]
    u, k, start = x[own + at.A_U], x[own + at.A_K], x[own + at.A_X]
    ends = p[bands + s[p[at.STATE] + p[spec + at.PL_REGION]] * at.BAND + at.BA_NUMBERS]
    wait = crosses_after(start, u, k, f[ends + 2], f[ends + 3])
    into = -1 if wait < 0 else band_at(p, f, bands, count, amount(start, u, k, wait))
    for i in range(count):
        edge = p[bands + i * at.BAND + at.BA_EDGE]
        if edge >= 0:
            tournament.enter(s, p[at.DUE], p[at.LEAVES], edge, s[at.NOW] + wait if i == into else at.NEVER)


@merged
def band_at(p: Whole, f: Parts, bands: int, count: int, value: float) -> int:
    """Return the band that an amount lies in."""
    for i in range(count):
        numbers = p[bands + i * at.BAND + at.BA_NUMBERS]
        if f[numbers] <= value and value < f[numbers + 1]:
            return i
    return 0


@compiled
def react(p: Whole, f: Parts, s: Whole, x: Parts, fact: int) -> None:
    """Work out again the flows that read a fact."""
    for i in range(p[p[at.POOL_FROM] + fact], p[p[at.POOL_FROM] + fact + 1]):
        if reflow(p, f, s, x, p[i]) and p[p[at.POOLS] + p[i] * at.POOL_SPEC + at.PL_REGION] >= 0:
            forecast(p, f, s, x, p[i])


@merged
def draw(p: Whole, f: Parts, s: Whole, x: Parts) -> None:
    """Draw what each pool opens with; the band it lies in is the state of its region."""
    for number in range(p[at.N_POOLS]):
        spec, own = p[at.POOLS] + number * at.POOL_SPEC, p[at.POOL] + number * at.POOL_WIDTH
        numbers = p[spec + at.PL_INITIAL]
        low, high = f[numbers], f[numbers + 1]
        if low != high:
            low += chance.uniform(word_at(x, at.SEED), word_at(f, p[spec + at.PL_STREAM]), s[at.ZERO]) * (high - low)
        x[own + at.A_X] = chance.on_grid(low)
        x[own + at.A_U], x[own + at.A_K] = 0.0, 0.0
        s[p[at.POOL_SINCE] + number] = s[at.NOW]
        region = p[spec + at.PL_REGION]
        if region >= 0:
            s[p[at.STATE] + region] = band_at(p, f, p[spec + at.PL_BANDS], p[spec + at.PL_N_BANDS], x[own + at.A_X])


@merged
def begin(p: Whole, f: Parts, s: Whole, x: Parts) -> None:
    """Let every amount begin to move."""
    for number in range(p[at.N_POOLS]):
        reflow(p, f, s, x, number)
        if p[p[at.POOLS] + number * at.POOL_SPEC + at.PL_REGION] >= 0:
            forecast(p, f, s, x, number)


@merged
def settle(p: Whole, x: Parts) -> None:
    """Let what is given at the opening have acted for long: lagging effects stand at what they lead to."""
    for number in range(p[at.N_POOLS]):
        own = p[at.POOL] + number * at.POOL_WIDTH
        if p[p[at.POOLS] + number * at.POOL_SPEC + at.PL_REGION] < 0 and x[own + at.A_K] > 0.0:
            x[own + at.A_X] = x[own + at.A_U] / x[own + at.A_K]


@compiled
def weighed(p: Whole, s: Whole, x: Parts, spec: int, dry: float) -> float:
    """Return the weight of a dry body with its pools of water: how many pools, and which."""
    water = 0.0
    for i in range(p[spec + 1]):
        water += now(p, s, x, p[spec + 2 + i])
    return _weight_from_water(dry, water)


# --- formulas ------------------------------------------------------------------------------------------------------


@compiled
def _z(p: Whole, f: Parts, s: Whole, x: Parts, spec: int, base: int) -> float:
    """Return a z-score: which, how many values, their places behind `base`, and the tables of L, M and S."""
    kind, first, age = p[spec], spec + 2, (s[at.BIRTH] + s[at.NOW]) / 1440
    tables, value = first + p[spec + 1], x[base + p[first]]
    if kind == at.Z_OF_BMI:
        value = _body_mass_index(value, x[base + p[first + 1]])
    elif kind == at.Z_FOR_LENGTH:
        tables = tables + 3 if age >= STANDING else tables
        age = x[base + p[first + 1]]
    power, median, spread = (
        points(p, f, p[tables], age), points(p, f, p[tables + 1], age), points(p, f, p[tables + 2], age),
    )  # fmt: skip
    return _lms_z(value, power, median, spread)


@compiled
def _of_two(kind: int, a: float, b: float) -> float:
    """Return a formula of two values, by its number."""
    if kind == at.HENDERSON_HASSELBALCH:
        return _henderson_hasselbalch(a, b)
    if kind == at.HH_KPA:
        return _henderson_hasselbalch_kpa(a, b)
    if kind == at.BASE_EXCESS:
        return _base_excess(a, b)
    if kind == at.CORRECTED_SODIUM:
        return _corrected_sodium(a, b)
    if kind == at.MEAN_PRESSURE:
        return _mean_pressure(a, b)
    if kind == at.EFFECTIVE_OSMOLALITY:
        return _effective_osmolality(a, b)
    return _body_mass_index(a, b) if kind == at.BODY_MASS_INDEX else _share(a, b)


@compiled
def formula(p: Whole, f: Parts, s: Whole, x: Parts, spec: int, base: int) -> float:
    """Return a formula of values in `x`: which, how many, and their places behind `base`."""
    kind, count, first = p[spec], p[spec + 1], spec + 2
    if kind >= at.Z_FOR_AGE:
        return _z(p, f, s, x, spec, base)
    if kind == at.TOTAL:
        value = 0.0
        for i in range(count):
            value += x[base + p[first + i]]
        return value
    a = x[base + p[first]]
    if count == 1:
        return _winters_pco2_kpa(a) if kind == at.WINTERS_KPA else _winters_pco2_mmhg(a)
    b = x[base + p[first + 1]]
    if count == 2:
        return _of_two(kind, a, b)
    c = x[base + p[first + 2]]
    if kind == at.ANION_GAP_CORRECTED:
        return _anion_gap_corrected(a, b, c, x[base + p[first + 3]])
    return _osmolality(a, b, c) if kind == at.OSMOLALITY else _anion_gap(a, b, c)
