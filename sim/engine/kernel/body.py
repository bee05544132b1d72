"""What can be measured of a patient, compiled: `sim.engine.readout` for the observables that some condition reads.

The engine carries a value through every epoch. Here an observable is carried on only when its own set-point turns:
the distance to the set-point decays by the product of what it would have decayed by in each epoch, so the two agree
but for the last bits of a fraction, and what is reported is rounded.
"""

from __future__ import annotations

import math

from sim.engine.kernel import chance, pools
from sim.engine.kernel import layout as at
from sim.engine.kernel.compiling import compiled, inlined, word_at
from sim.engine.kernel.facts import Parts, Whole, holds, level


@compiled
def mark(p: Whole, s: Whole, watched: int) -> None:
    """Note that the set-point of a watched observable may have turned."""
    if s[at.SEEN] and s[p[at.STALE] + watched] == 0:
        s[p[at.STALE] + watched] = 1
        s[p[at.STALE_QUEUE] + s[at.STALE_SIZE]] = watched
        s[at.STALE_SIZE] += 1


@compiled
def turn(p: Whole, f: Parts, s: Whole, x: Parts) -> None:
    """Begin a new epoch at this minute, if something has changed since the last."""
    if s[at.DIRTY] == 0 or s[at.SEEN] == 0:
        return
    s[at.DIRTY] = 0
    for i in range(p[p[at.WATCH_ALWAYS]], p[p[at.WATCH_ALWAYS] + 1]):
        mark(p, s, p[i])
    for i in range(s[at.STALE_SIZE]):
        watched = s[p[at.STALE_QUEUE] + i]
        s[p[at.STALE] + watched] = 0
        _turn_one(p, f, s, x, watched)
    s[at.STALE_SIZE] = 0


@inlined
def settle(p: Whole, f: Parts, s: Whole, x: Parts) -> None:
    """At the opening: every watched observable is at its set-point."""
    s[at.STALE_SIZE] = 0
    for watched in range(p[at.N_WATCHED]):
        s[p[at.STALE] + watched], s[p[at.TURNED] + watched] = 0, s[at.NOW]
        body = p[at.BODY] + watched * at.BODY_WIDTH
        if p[p[at.WATCHED] + watched * at.WATCH + at.W_IS_WEIGHT]:
            _grow_at(p, f, s, x)
        base, scale, shift = _set_point(p, f, s, x, watched)
        x[body + at.B_SET], x[body + at.B_SCALE], x[body + at.B_SHIFT] = base, scale, shift
        x[body + at.B_VALUE] = 0.0
        if p[p[at.WATCHED] + watched * at.WATCH + at.W_MODEL] < 0:
            x[body + at.B_VALUE] = _target(p, f, s, x, watched, s[at.NOW])


@inlined
def _turn_one(p: Whole, f: Parts, s: Whole, x: Parts, watched: int) -> None:
    base, scale, shift = _set_point(p, f, s, x, watched)
    body = p[at.BODY] + watched * at.BODY_WIDTH
    weighs = p[p[at.WATCHED] + watched * at.WATCH + at.W_IS_WEIGHT] != 0
    same = x[body + at.B_SET] == base or (math.isnan(base) and math.isnan(x[body + at.B_SET]))
    if same and x[body + at.B_SCALE] == scale and x[body + at.B_SHIFT] == shift and not weighs:
        return
    if p[p[at.WATCHED] + watched * at.WATCH + at.W_MODEL] >= 0:
        before = true_value(p, f, s, x, watched)
        if weighs:
            _grow_on(p, f, s, x)
        s[p[at.TURNED] + watched] = s[at.NOW]
        x[body + at.B_SET], x[body + at.B_SCALE], x[body + at.B_SHIFT] = base, scale, shift
        x[body + at.B_VALUE] = before - _modelled_target(p, f, s, x, watched)
        return
    x[body + at.B_VALUE] = true_value(p, f, s, x, watched)
    if weighs:
        _grow_on(p, f, s, x)
    s[p[at.TURNED] + watched] = s[at.NOW]
    x[body + at.B_SET], x[body + at.B_SCALE], x[body + at.B_SHIFT] = base, scale, shift


@compiled
def _set_point(p: Whole, f: Parts, s: Whole, x: Parts, watched: int) -> tuple[float, float, float]:
    """Return what replaces the healthy value (not a number: nothing does), the scale and the shift."""
    spec = p[at.WATCHED] + watched * at.WATCH
    value, scale, shift = math.nan, 1.0, 0.0
    rank = _rank(p, f, s, x, spec) if p[spec + at.W_RANK] else 0
    for i in range(p[spec + at.W_STATES], p[spec + at.W_STATES_END], 2):
        effect = p[p[i + 1] + s[p[at.STATE] + p[i]]]
        if effect >= 0 and p[effect + 2] >= rank:
            value, scale, shift = _moved(p, f, effect, value, scale, shift)
    for i in range(p[spec + at.W_EFFECTS], p[spec + at.W_EFFECTS_END], 2):
        if p[p[i + 1] + 2] >= rank and holds(p, f, s, x, p[i]):
            value, scale, shift = _moved(p, f, p[i + 1], value, scale, shift)
    for i in range(p[spec + at.W_LEVELS], p[spec + at.W_LEVELS_END]):
        order = p[p[at.LEVELS] + p[i] * at.LEVEL + at.L_ORDER]
        if order >= 0 and s[p[at.RUNS] + order] != 0 and rank == 0:
            value = level(p, f, s, x, p[i])
    return value, scale, shift


@compiled
def _rank(p: Whole, f: Parts, s: Whole, x: Parts, spec: int) -> int:
    """Return the highest priority with which anything sets a watched observable now."""
    rank = 0
    for i in range(p[spec + at.W_STATES], p[spec + at.W_STATES_END], 2):
        effect = p[p[i + 1] + s[p[at.STATE] + p[i]]]
        if effect >= 0 and p[effect] == at.SETS:
            rank = max(rank, p[effect + 2])
    for i in range(p[spec + at.W_EFFECTS], p[spec + at.W_EFFECTS_END], 2):
        if p[p[i + 1]] == at.SETS and p[p[i + 1] + 2] > rank and holds(p, f, s, x, p[i]):
            rank = p[p[i + 1] + 2]
    return rank


@compiled
def _moved(
    p: Whole, f: Parts, effect: int, value: float, scale: float, shift: float
) -> tuple[float, float, float]:  # fmt: skip
    kind, amount = p[effect], f[p[effect + 1]]
    if kind == at.SETS:
        return amount, scale, shift
    if kind == at.SCALES:
        return value, scale * amount, shift
    return value, scale, shift + amount


@compiled
def true_value(p: Whole, f: Parts, s: Whole, x: Parts, watched: int) -> float:
    """Return the true value of a watched observable now."""
    if p[p[at.WATCHED] + watched * at.WATCH + at.W_MODEL] < 0:
        return _own_value(p, f, s, x, watched)
    for other in range(watched + 1):
        modelled = p[p[at.WATCHED] + other * at.WATCH + at.W_MODEL] >= 0
        value = _modelled_value(p, f, s, x, other) if modelled else _own_value(p, f, s, x, other)
        x[p[at.TRUE_VALUE] + other] = value
    return x[p[at.TRUE_VALUE] + watched]


@compiled
def _modelled_value(p: Whole, f: Parts, s: Whole, x: Parts, watched: int) -> float:
    """Its target, and what is left of its distance to it since its set-point turned."""
    aim, distance = _modelled_target(p, f, s, x, watched), x[p[at.BODY] + watched * at.BODY_WIDTH + at.B_VALUE]
    gone = s[at.NOW] - s[p[at.TURNED] + watched]
    if distance == 0.0 or gone <= 0:
        return aim + distance
    settles = f[p[p[at.WATCHED] + watched * at.WATCH + at.W_NUMBERS] + at.SETTLES]
    return aim + distance * math.exp(-gone / settles)


@compiled
def _modelled_target(p: Whole, f: Parts, s: Whole, x: Parts, watched: int) -> float:
    """The set-point of a modelled observable now; those it reads have their true values in TRUE_VALUE."""
    body = p[at.BODY] + watched * at.BODY_WIDTH
    value = x[body + at.B_SET]
    if math.isnan(value):
        spec = p[p[at.WATCHED] + watched * at.WATCH + at.W_MODEL]
        if p[spec] == at.SUM:
            value = _sum(p, f, s, x, watched, spec)
        elif p[spec] == at.WEIGHED:
            value = pools.weighed(p, s, x, spec, _dry(p, f, s, x, s[at.NOW]))
        else:
            value = pools.formula(p, f, s, x, spec, p[at.TRUE_VALUE])
    return value * x[body + at.B_SCALE] + x[body + at.B_SHIFT]


@compiled
def _sum(p: Whole, f: Parts, s: Whole, x: Parts, watched: int, spec: int) -> float:
    value = 0.0
    for i in range(spec + 3, spec + 3 + at.TERM * p[spec + 1], at.TERM):
        kind, which = p[i + at.T_KIND], p[i + at.T_WHICH]
        part = f[which] if kind == at.T_PLUS else 0.0
        if kind == at.T_POOL:
            part = pools.now(p, s, x, which)
        elif kind == at.T_OBSERVABLE:
            part = x[p[at.TRUE_VALUE] + which]
        elif kind == at.T_HEALTHY:
            part = _healthy(p, f, p[at.WATCHED] + watched * at.WATCH, s[at.BIRTH] + s[at.NOW])
        elif kind == at.T_MEDIAN:
            part = pools.points(p, f, which, (s[at.BIRTH] + s[at.NOW]) / 1440)
        value += part if p[i + at.T_POINTS] < 0 else pools.points(p, f, p[i + at.T_POINTS], part)
    return value if p[spec + 2] < 0 else pools.points(p, f, p[spec + 2], value)


@compiled
def _own_value(p: Whole, f: Parts, s: Whole, x: Parts, watched: int) -> float:
    body = p[at.BODY] + watched * at.BODY_WIDTH
    start, now = s[p[at.TURNED] + watched], s[at.NOW]
    value = x[body + at.B_VALUE]
    if now <= start:
        return value
    aim = _target(p, f, s, x, watched, now)
    gone = _target(p, f, s, x, watched, start)
    if value == gone:
        return aim
    settles = f[p[p[at.WATCHED] + watched * at.WATCH + at.W_NUMBERS] + at.SETTLES]
    return aim + (value - gone) * math.exp((start - now) / settles)


@compiled
def _target(p: Whole, f: Parts, s: Whole, x: Parts, watched: int, minute: int) -> float:
    body = p[at.BODY] + watched * at.BODY_WIDTH
    value = x[body + at.B_SET]
    if math.isnan(value):
        spec = p[at.WATCHED] + watched * at.WATCH
        weighs = p[spec + at.W_IS_WEIGHT] != 0
        value = _dry(p, f, s, x, minute) if weighs else _healthy(p, f, spec, s[at.BIRTH] + minute)
    return value * x[body + at.B_SCALE] + x[body + at.B_SHIFT]


@inlined
def _healthy(p: Whole, f: Parts, spec: int, age: int) -> float:
    end = p[spec + at.W_BANDS_END]
    for i in range(p[spec + at.W_BANDS], end, 2):
        if age < p[i]:
            return f[p[i + 1]]
    return f[p[end - 1]]


@compiled
def _grow_on(p: Whole, f: Parts, s: Whole, x: Parts) -> None:
    """The dry weight as it is now, and how it moves from now on; the weight's TURNED is set after it."""
    x[p[at.DRY]] = _dry(p, f, s, x, s[at.NOW])
    _grow_at(p, f, s, x)


@compiled
def _grow_at(p: Whole, f: Parts, s: Whole, x: Parts) -> None:
    """How the dry weight moves from now on: the product of the states' shares, the sum of their losses."""
    share, loss = 1.0, 0.0
    for region in range(p[at.N_REGIONS]):
        spec = p[p[at.GROWTH] + p[p[at.BASES] + region] + s[p[at.STATE] + region]]
        if spec >= 0:
            share *= f[spec]
            loss += f[spec + 1]
    x[p[at.DRY] + 1], x[p[at.DRY] + 2] = share, loss


@compiled
def _dry(p: Whole, f: Parts, s: Whole, x: Parts, minute: int) -> float:
    start = s[p[at.TURNED] + p[at.WEIGHT_AT]]
    weight, share, loss = x[p[at.DRY]], x[p[at.DRY] + 1], x[p[at.DRY] + 2]
    ratio = _median(p, f, s[at.BIRTH] + minute) / _median(p, f, s[at.BIRTH] + start)
    return weight * math.pow(ratio, share) * math.exp(-loss / 1000 * (minute - start) / 1440)


@compiled
def _median(p: Whole, f: Parts, age: int) -> float:
    """Return the median weight at an age in minutes."""
    return pools.points(p, f, p[at.MEDIANS], age / 1440)


@inlined
def reported(p: Whole, f: Parts, s: Whole, x: Parts, watched: int) -> float:
    """Return what is reported of a watched observable now; a formula reads what is reported of others."""
    spec = p[at.WATCHED] + watched * at.WATCH
    if p[spec + at.W_FORMULA] == p[spec + at.W_FORMULA_END]:
        return _shown(p, f, s, x, watched)
    for i in range(p[spec + at.W_FORMULA], p[spec + at.W_FORMULA_END]):
        x[p[at.SHOWN] + p[i]] = _shown(p, f, s, x, p[i])
    return x[p[at.SHOWN] + watched]


@compiled
def _shown(p: Whole, f: Parts, s: Whole, x: Parts, watched: int) -> float:
    """Noise, limits, rounding; what a formula reads is in SHOWN."""
    spec = p[at.WATCHED] + watched * at.WATCH
    if p[spec + at.W_FORMULA] < p[spec + at.W_FORMULA_END]:
        return _within_limits(p, f, watched, pools.formula(p, f, s, x, p[spec + at.W_MODEL], p[at.SHOWN]))
    numbers = p[spec + at.W_NUMBERS]
    value = true_value(p, f, s, x, watched)
    if f[numbers + at.NOISE] > 0:
        normal = chance.normal(word_at(x, at.SEED), word_at(f, numbers + at.NOISE_STREAM), s[at.NOW])
        value = value * (1 + f[numbers + at.NOISE] * normal)
    return _within_limits(p, f, watched, value)


@compiled
def _within_limits(p: Whole, f: Parts, watched: int, value: float) -> float:
    """Return a value within the limits of an observable, rounded as it is reported."""
    spec = p[at.WATCHED] + watched * at.WATCH
    numbers = p[spec + at.W_NUMBERS]
    value = min(max(value, f[numbers + at.FLOOR]), f[numbers + at.CEILING])
    return chance.rounded(value, p[spec + at.W_DECIMALS]) + 0.0
