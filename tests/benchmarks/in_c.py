"""A C program that lives the lives of one untreated case: the same draws, the same events, written out for that case.

Every guard and rate is a C expression of its own and every table a constant, so the compiler sees all of the case;
the kernel reads both from its program. Only what an untouched patient can meet is written: no orders, no therapies.
"""

from __future__ import annotations

import ctypes
import subprocess
import tempfile
from array import array
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from shutil import which

from sim.case.model.conditions import Condition
from sim.case.model.disease import Transition
from sim.case.model.scenario import Scenario
from sim.engine.chart import Chart, compile_chart
from sim.engine.fate import stream_key

Lives = Callable[[Sequence[int]], tuple["array[int]", "array[int]"]]
"""Seeds in, end minutes and endings out."""

C = r"""
#include <math.h>
#include <stdint.h>
#include <string.h>
typedef int64_t I; typedef uint64_t U;
#define NEVER (1LL << 62)
static I now, age, st[REGIONS], due[PADDED], ready[EDGES], since[EDGES];
static int fired[EDGES], entries[EDGES], asked[EDGES], told[CODES + 1], over;
static double residual[EDGES], rate[EDGES];
static U seed;

static inline double uniform(U stream, U k) {
    U a = k, b = 0, c = 0, d = 0, k0 = seed, k1 = stream;
    for (int i = 0; i < 10; i++) {
        unsigned __int128 l = (unsigned __int128)0xD2E7470EE14C6C93ULL * a;
        unsigned __int128 r = (unsigned __int128)0xCA5A826395121157ULL * c;
        a = (U)(r >> 64) ^ b ^ k0; b = (U)r; c = (U)(l >> 64) ^ d ^ k1; d = (U)l;
        k0 += 0x9E3779B97F4A7C15ULL; k1 += 0xBB67AE8584CAA73BULL;
    }
    return ((double)(I)(a >> 12) + 0.5) * 0x1p-52;
}
static inline double exponential(U stream, U k) {
    double grid = floor(-log(uniform(stream, k)) * 0x1p40);
    return (grid < 1 ? 1 : grid) / 0x1p40;
}
ASKING
POOLING
static inline int ends_case(int region, I state) { return (OUT[region] >> state) & 1; }

static void set_rate(int e, double to) {
    double before = rate[e];
    if (to == before) return;
    if (before > 0) {
        residual[e] -= before * (double)(now - since[e]);
        if (residual[e] < 0) residual[e] = 0;
    }
    rate[e] = to; since[e] = now;
    if (to > 0) {
        if (residual[e] < 0) residual[e] = exponential(STREAM[e], fired[e]);
        double wait = ceil(residual[e] / to);
        due[e] = wait >= 4e18 ? NEVER : now + (wait < 1 ? 1 : (I)wait);
    } else due[e] = NEVER;
}
static void refresh(int e) {
    if (STAY[e]) due[e] = holds(e) ? (ready[e] > now ? ready[e] : now) : NEVER;
    else set_rate(e, holds(e) ? speed(e) : 0);
}
static void activate(int e) {
    if (STAY[e]) {
        I length = LOW[e];
        if (LOW[e] < HIGH[e]) length += (I)(uniform(STREAM[e], entries[e]) * (double)(HIGH[e] - LOW[e] + 1));
        entries[e]++;
        ready[e] = now + length;
    }
    refresh(e);
}
static void changed(int fact) {
    for (int i = READ_FROM[fact]; i < READ_FROM[fact + 1]; i++)
        if ((SOURCES[READ[i]] >> st[REGION[READ[i]]]) & 1) refresh(READ[i]);
    for (int i = PREAD_FROM[fact]; i < PREAD_FROM[fact + 1]; i++) if (reflow(PREAD[i])) forecast(PREAD[i]);
}
static int queue[1024], head, tail;
static void fire(int e) {
    int region = REGION[e], here = BASE[region] + st[region], there = BASE[region] + TARGET[e];
    for (int i = TIMED_FROM[here]; i < TIMED_FROM[here + 1]; i++) {
        if (STAY[TIMED[i]]) due[TIMED[i]] = NEVER; else set_rate(TIMED[i], 0);
    }
    fired[e]++; residual[e] = -1; st[region] = TARGET[e];
    if (ends_case(region, TARGET[e])) { over = 1; return; }
    for (int i = TIMED_FROM[there]; i < TIMED_FROM[there + 1]; i++) activate(TIMED[i]);
    changed(region);
    if (POOL_OF[region] >= 0) forecast(POOL_OF[region]);
    if (REVEALS[e] >= 0 && !told[REVEALS[e]]) { told[REVEALS[e]] = 1; changed(REGIONS + 1 + REVEALS[e]); }
    if (WAIT_FROM[there] < WAIT_FROM[there + 1]) queue[tail++ & 1023] = there;
}
static void work_off(void) {
    while (head < tail && !over) {
        int event = queue[head++ & 1023];
        U moved = 0;
        for (int i = WAIT_FROM[event]; i < WAIT_FROM[event + 1]; i++) {
            int e = WAIT[i], r = REGION[e];
            if (over || ((moved >> r) & 1) || !((SOURCES[e] >> st[r]) & 1) || !holds(e)) continue;
            if (CHANCE[e] >= 0 && !(uniform(STREAM[e], asked[e]++) < CHANCE[e])) continue;
            moved |= 1ULL << r;
            fire(e);
        }
    }
}
static inline I next_due(void) {
    I least = NEVER;
    for (int i = 0; i < PADDED; i++) least = due[i] < least ? due[i] : least;
    return least;
}
static void live(I horizon) {
    now = 0; over = 0; head = tail = 0;
    age = AGE_LOW + (AGE_LOW < AGE_HIGH ? (I)(uniform(AGE_STREAM, 0) * (double)(AGE_HIGH - AGE_LOW + 1)) : 0);
    memset(rate, 0, sizeof rate); memset(fired, 0, sizeof fired); memset(entries, 0, sizeof entries);
    memset(asked, 0, sizeof asked); memset(told, 0, sizeof told);
    for (int i = 0; i < PADDED; i++) due[i] = NEVER;
    for (int i = 0; i < EDGES; i++) residual[i] = -1;
    for (int r = 0; r < REGIONS; r++) {
        int i = MIX_FROM[r];
        double left = MIX_FROM[r + 1] - i > 1 ? uniform(MIX_STREAM[r], 0) : 0;
        while (i < MIX_FROM[r + 1] - 1 && (left -= MIX_SHARE[i]) >= 0) i++;
        st[r] = MIX_STATE[i];
    }
    for (int n = 0; n < POOLS; n++) {
        double drawn = P_LOW[n] == P_HIGH[n] ? P_LOW[n] : P_LOW[n] + uniform(P_STREAM[n], 0) * (P_HIGH[n] - P_LOW[n]);
        px[n] = floor(drawn * 1048576.0 + 0.5) / 1048576.0; pu[n] = pk[n] = 0; pt[n] = 0;
        st[P_REGION[n]] = band_at(n, px[n]);
    }
    for (int n = 0; n < POOLS; n++) { reflow(n); forecast(n); }
    for (int r = 0; r < REGIONS; r++)
        for (int i = TIMED_FROM[BASE[r] + st[r]]; i < TIMED_FROM[BASE[r] + st[r] + 1]; i++) activate(TIMED[i]);
    I born = age; int mark = 0;
    while (mark < MARKS && AGE_MARK[mark] <= born) mark++;
    for (;;) {
        I soonest = next_due(), birthday = mark < MARKS ? AGE_MARK[mark] - born : NEVER;
        if (birthday < soonest) soonest = birthday;
        if (soonest > horizon) { now = horizon; return; }
        now = soonest; age = born + now;
        if (birthday == now) { mark++; changed(REGIONS); }
        I minute;
        while (!over && (minute = next_due()) <= now) {
            int e = 0;
            while (due[e] != minute) e++;
            fire(e);
            work_off();
        }
        if (over || now == horizon) return;
    }
}
static inline int ending(void) { ENDINGS return 0; }
void live_all(const U *seeds, I count, I horizon, I *end, I *how) {
    for (I i = 0; i < count; i++) { seed = seeds[i]; live(horizon); end[i] = now; how[i] = ending(); }
}
"""

WRITTEN_OUT = """
static inline int holds(int e) { switch (e) { GUARDS default: return 1; } }
static inline double speed(int e) { double r; switch (e) { RATES default: return 0; } return r; }
"""
"""Each condition as an expression of its own, for the compiler to see through."""

POOLING = """
static double px[POOLS + 1], pu[POOLS + 1], pk[POOLS + 1];
static I pt[POOLS + 1];
static inline double amount(double x, double u, double k, I t) {
    if (t <= 0) return x;
    double v;
    if (fabs(k) < 1e-9) v = x + u * (double)t;
    else { double e = -k * (double)t; v = x + expm1(e < 60.0 ? e : 60.0) * (x - u / k); }
    v = v < -1e9 ? -1e9 : v > 1e9 ? 1e9 : v;
    return floor(v * 1048576.0 + 0.5) / 1048576.0;
}
static I crosses(double x, double u, double k, double low, double high) {
    if (x < low || x >= high) return 0;
    double slope = u - k * x, wait;
    if (slope == 0) return -1;
    double bound = slope > 0 ? high : low;
    if (isinf(bound)) return -1;
    bound = (ceil(bound * 1048576.0) - 0.5) / 1048576.0;
    if (fabs(k) < 1e-9) { if (u == 0) return -1; wait = (bound - x) / u; }
    else {
        double rest = u / k;
        if (bound == rest || (x - rest) / (bound - rest) <= 0) return -1;
        wait = log((x - rest) / (bound - rest)) / k;
    }
    if (!(wait >= 0 && wait < 134217728.0)) return -1;
    I first = (I)ceil(wait) - 1;
    if (first < 1) first = 1;
    for (I t = first; t < first + 3; t++) { double a = amount(x, u, k, t); if (a < low || a >= high) return t; }
    return -1;
}
static inline int band_at(int n, double x) {
    for (int i = B_FROM[n]; i < B_FROM[n + 1]; i++) if (B_LOW[i] <= x && x < B_HIGH[i]) return i - B_FROM[n];
    return 0;
}
static int reflow(int n) {
    double u = 0, k = 0;
    switch (n) { FLOWS }
    if (u == pu[n] && k == pk[n]) return 0;
    px[n] = amount(px[n], pu[n], pk[n], now - pt[n]); pt[n] = now; pu[n] = u; pk[n] = k;
    return 1;
}
static void forecast(int n) {
    for (int i = B_FROM[n]; i < B_FROM[n + 1]; i++) if (B_EDGE[i] >= 0) due[B_EDGE[i]] = NEVER;
    px[n] = amount(px[n], pu[n], pk[n], now - pt[n]); pt[n] = now;
    int here = B_FROM[n] + (int)st[P_REGION[n]];
    I wait = crosses(px[n], pu[n], pk[n], B_DOWN[here], B_UP[here]);
    if (wait < 0) return;
    int edge = B_EDGE[B_FROM[n] + band_at(n, amount(px[n], pu[n], pk[n], wait))];
    if (edge >= 0) due[edge] = now + wait;
}
"""
"""Amounts of a case: `sim.engine.pool` again, for a patient whom nobody gives anything."""

READ = """
static inline int passes(int i) {
    while (i >= 0) {
        int true;
        switch (ASK[i].what) {
            case 0: true = (ASK[i].mask >> st[ASK[i].which]) & 1; break;
            case 1: true = told[ASK[i].which]; break;
            default: true = age >= ASK[i].since && age < ASK[i].below;
        }
        i = true ? ASK[i].yes : ASK[i].no;
    }
    return i == -1;
}
static inline int holds(int e) { return passes(GUARD[e]); }
static inline double speed(int e) {
    double r = SPEED[e];
    for (int i = TIMES_FROM[e]; i < TIMES_FROM[e + 1]; i++) if (passes(TIMES_WHEN[i])) r *= TIMES[i];
    return r;
}
"""
"""Each condition as questions in a table that lead to one another, for an engine that reads its cases as it runs."""


def compiled(scenario: Scenario, *, reading: bool = False) -> Lives | None:
    """Return the case's lives as compiled by the machine's own C compiler, or None where there is none.

    With `reading`, conditions are read from tables; otherwise each is compiled.
    """
    cc = which("cc")
    if cc is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        source, built = Path(folder, "lives.c"), Path(folder, "lives.so")
        source.write_text(program(scenario, reading), encoding="utf-8")
        options = ["-O3", "-march=native", "-fno-math-errno", "-ffp-contract=off", "-shared", "-fPIC"]
        subprocess.run([cc, *options, str(source), "-o", str(built), "-lm"], check=True)
        live_all = ctypes.CDLL(str(built)).live_all

    def lives(seeds: Sequence[int]) -> tuple[array[int], array[int]]:
        count = len(seeds)
        asked, end, how = array("Q", seeds), array("q", bytes(8 * count)), array("q", bytes(8 * count))
        words = [ctypes.c_void_p(words.buffer_info()[0]) for words in (asked, end, how)]
        live_all(words[0], ctypes.c_int64(count), ctypes.c_int64(scenario.case.horizon), words[1], words[2])
        return end, how

    return lives


def program(scenario: Scenario, reading: bool) -> str:
    """Return the C source for an untreated case."""
    if scenario.case.given:
        raise ValueError("expected a case that opens without therapies")
    chart = compile_chart(scenario)
    codes = {code: i for i, code in enumerate(sorted({e.reveals for e in chart.edges if e.reveals is not None}))}
    write = _Writer(scenario, chart, codes)
    tables = write.tables()
    if reading:
        asking, more = READ, _Questions(codes, chart).tables(write.transitions)
    else:
        asking, more = WRITTEN_OUT.replace("GUARDS", write.guards()).replace("RATES", write.rates()), []
    pooling = POOLING.replace("FLOWS", write.flows())
    text = C.replace("ASKING", asking).replace("POOLING", pooling).replace("ENDINGS", write.endings())
    return "\n".join(["#include <math.h>", "#include <stdint.h>", *tables, *more, text])


class _Writer:
    """Writes one case's constants and expressions."""

    def __init__(self, scenario: Scenario, chart: Chart, codes: dict[str, int]) -> None:
        self.scenario, self.chart, self.codes = scenario, chart, codes
        self.numbering = chart.numbering
        by_name = {f"{region}.{t.id}": t for region, made in scenario.disease.regions.items() for t in made.transitions}
        self.transitions: list[Transition] = [by_name[edge.id] for edge in chart.edges]
        self.base = [sum(len(names) for names in chart.states[:i]) for i in range(len(chart.regions))]

    def tables(self) -> list[str]:
        """Every constant."""
        chart, edges, spec = self.chart, self.chart.edges, self.scenario.case.patient
        sizes = {"REGIONS": len(chart.regions), "EDGES": len(edges), "PADDED": -(-len(edges) // 8) * 8,
                 "CODES": len(self.codes), "AGE_LOW": spec.age[0], "AGE_HIGH": spec.age[1],
                 "AGE_STREAM": f"{stream_key('patient:age')}ULL", "MARKS": len(chart.age_marks)}  # fmt: skip
        timed = [numbers for states in chart.timed for numbers in states]
        names = [f"{r}.{s}" for r, states in zip(chart.regions, chart.states, strict=True) for s in states]
        facts = [("in", r) for r in chart.regions] + [("age", "")] + [("told", code) for code in self.codes]
        return [
            *(f"#define {name} {value}" for name, value in sizes.items()),
            _table("double", "CHANCE", [-1.0 if e.chance is None else e.chance for e in edges]),
            _table("uint64_t", "STREAM", [f"{e.stream}ULL" for e in edges]),
            _table("uint64_t", "SOURCES", [sum(1 << s for s in e.sources) for e in edges]),
            _table("int", "REGION", [e.region for e in edges]),
            _table("int", "TARGET", [e.target for e in edges]),
            _table("int", "STAY", [int(e.stay is not None) for e in edges]),
            _table("int64_t", "LOW", [e.stay[0] if e.stay else 0 for e in edges]),
            _table("int64_t", "HIGH", [e.stay[1] if e.stay else 0 for e in edges]),
            _table("int", "REVEALS", [-1 if e.reveals is None else self.codes[e.reveals] for e in edges]),
            _table("int", "BASE", self.base),
            _table("uint64_t", "OUT", [sum(1 << s for s in states) for states in chart.outcomes]),
            _table("int64_t", "AGE_MARK", chart.age_marks),
            _table("uint64_t", "MIX_STREAM", [f"{stream}ULL" for stream in chart.streams]),
            _table("int", "MIX_STATE", [state for mix in chart.mixes for state, _ in mix]),
            _table("double", "MIX_SHARE", [share for mix in chart.mixes for _, share in mix]),
            _starts("MIX_FROM", chart.mixes),
            *_lists("TIMED", timed),
            *_lists("WAIT", [chart.waiting.get(("enter", name), ()) for name in names]),
            *_lists("READ", [chart.readers.get(fact, ()) for fact in facts]),
            *_lists(
                "PREAD", [[n for n in chart.pool_readers.get(fact, ()) if chart.pools[n].region >= 0] for fact in facts]
            ),
            *self._pools(),
        ]

    def _pools(self) -> list[str]:
        """The amounts that have bands; the lagging effects of doses stay at nothing in a patient nobody treats."""
        pools = [pool for pool in self.chart.pools if pool.region >= 0]
        owners = {pool.region: n for n, pool in enumerate(pools)}
        bands = [band for pool in pools for band in pool.bands]
        return [
            f"#define POOLS {len(pools)}",
            _table("int", "POOL_OF", [owners.get(r, -1) for r in range(len(self.chart.regions))]),
            _table("int", "P_REGION", [pool.region for pool in pools]),
            _table("double", "P_LOW", [pool.initial[0] for pool in pools]),
            _table("double", "P_HIGH", [pool.initial[1] for pool in pools]),
            _table("uint64_t", "P_STREAM", [f"{pool.stream}ULL" for pool in pools]),
            _starts("B_FROM", [pool.bands for pool in pools]),
            _table("double", "B_LOW", [_bound(band.range[0]) for band in bands]),
            _table("double", "B_HIGH", [_bound(band.range[1]) for band in bands]),
            _table("double", "B_DOWN", [_bound(band.leaves[0]) for band in bands]),
            _table("double", "B_UP", [_bound(band.leaves[1]) for band in bands]),
            _table("int", "B_EDGE", [band.edge for band in bands]),
        ]

    def flows(self) -> str:
        """One case of a switch for every pool: what it gains and loses untreated."""
        made = []
        for n, pool in enumerate(self.scenario.disease.pools.values()):
            said = []
            for flow in pool.flows:
                rate = flow.loss if flow.loss is not None else flow.rate
                if flow.therapy is not None:
                    rate = flow.rates[0][1] if flow.rates is not None and flow.rates[0][0] == 0 else 0.0
                said.append(f"if ({self.said(flow.when)}) {'k' if flow.is_loss else 'u'} += {float(rate or 0).hex()};")
            made.append(f"case {n}: {' '.join(said)} break;")
        return " ".join(made)

    def guards(self) -> str:
        """One case of a switch for every guard."""
        return " ".join(f"case {i}: return {self.said(t.when)};" for i, t in enumerate(self.transitions)
                        if t.when is not None)  # fmt: skip

    def rates(self) -> str:
        """One case of a switch for every hazard."""
        made = []
        for i, (edge, t) in enumerate(zip(self.chart.edges, self.transitions, strict=True)):
            if edge.rate > 0:
                times = " ".join(f"if ({self.said(m.when)}) r *= {m.x.hex()};" for m in t.modifiers)
                made.append(f"case {i}: r = {edge.rate.hex()}; {times} break;")
        return " ".join(made)

    def endings(self) -> str:
        """One question for every ending, in order."""
        return " ".join(f"if ({self.said(ending.when)}) return {i};"
                        for i, ending in enumerate(self.scenario.case.endings))  # fmt: skip

    def said(self, c: Condition | None) -> str:
        """A condition as a C expression."""
        if c is None:
            return "1"
        parts = [self._in(region, states) for region, states in (c.in_ or {}).items()]
        if c.told is not None:
            parts.append(_any(f"told[{self.codes[code]}]" for code in c.told if code in self.codes))
        if c.age is not None:
            parts.append(f"(age >= {c.age.since}" + (f" && age < {c.age.below})" if c.age.below is not None else ")"))
        if any(x is not None for x in (c.effect, c.running, c.ordered, c.resulted, c.dose)):
            parts.append("0")
        if c.level is not None:
            parts.append(str(int((c.level.above is None or c.level.above < 0)
                                 and (c.level.below is None or c.level.below > 0))))  # fmt: skip
        for inner, join in ((c.all_, " && "), (c.any_, " || ")):
            if inner is not None:
                parts.append("(" + join.join(self.said(x) for x in inner) + ")")
        if c.at_least is not None:
            parts.append("((" + " + ".join(f"!!{self.said(x)}" for x in c.at_least.of) + f") >= {c.at_least.n})")
        if c.not_ is not None:
            parts.append(f"!{self.said(c.not_)}")
        return "(" + " && ".join(parts) + ")"

    def _in(self, region: str, states: Sequence[str]) -> str:
        number, names = self.numbering[region]
        return f"(({sum(1 << names[state] for state in states)}ULL >> st[{number}]) & 1)"


class _Questions:
    """Writes conditions as questions: each leads to another, or to -1 (it holds) or -2 (it does not)."""

    def __init__(self, codes: dict[str, int], chart: Chart) -> None:
        self.codes, self.chart, self.asked = codes, chart, list[str]()

    def tables(self, transitions: Sequence[Transition]) -> list[str]:
        """All questions, and where each guard and each modifier begins."""
        guards = [self.entry(t.when, -1, -2) for t in transitions]
        whens = [[self.entry(m.when, -1, -2) for m in t.modifiers] for t in transitions]
        kind = "struct { int what, which, yes, no; uint64_t mask; int64_t since, below; }"
        return [
            f"static const {kind} ASK[] = {{{', '.join(self.asked)}}};",
            _table("int", "GUARD", guards),
            _table("double", "SPEED", [edge.rate for edge in self.chart.edges]),
            _table("double", "TIMES", [m.x for t in transitions for m in t.modifiers]),
            _table("int", "TIMES_WHEN", [entry for entries in whens for entry in entries]),
            _starts("TIMES_FROM", whens),
        ]

    def entry(self, c: Condition | None, yes: int, no: int) -> int:
        """Write a condition that goes on to `yes` or `no`; return where it begins."""
        if c is None:
            return yes
        if any(x is not None for x in (c.effect, c.running, c.ordered, c.resulted, c.dose)):
            return no
        if c.level is not None and not ((c.level.above is None or c.level.above < 0)
                                        and (c.level.below is None or c.level.below > 0)):  # fmt: skip
            return no
        if c.not_ is not None:
            yes = self.entry(c.not_, no, yes)
        if c.at_least is not None:
            yes = self._count(c.at_least.of, c.at_least.n, yes, no)
        if c.any_ is not None:
            yes = self._count(c.any_, 1, yes, no)
        if c.all_ is not None:
            yes = self._count(c.all_, len(c.all_), yes, no)
        if c.age is not None:
            yes = self._ask(2, 0, yes, no, 0, c.age.since, 1 << 60 if c.age.below is None else c.age.below)
        if c.told is not None:
            found = no
            for code in c.told:
                found = self._ask(1, self.codes[code], yes, found) if code in self.codes else found
            yes = found
        for region, states in (c.in_ or {}).items():
            number, names = self.chart.numbering[region]
            yes = self._ask(0, number, yes, no, sum(1 << names[state] for state in states))
        return yes

    def _count(self, of: Sequence[Condition], needed: int, yes: int, no: int) -> int:
        if needed <= 0:
            return yes
        if needed > len(of):
            return no
        return self.entry(of[0], self._count(of[1:], needed - 1, yes, no), self._count(of[1:], needed, yes, no))

    def _ask(self, what: int, which: int, yes: int, no: int, mask: int = 0, since: int = 0, below: int = 0) -> int:
        self.asked.append(f"{{{what}, {which}, {yes}, {no}, {mask}ULL, {since}, {below}}}")
        return len(self.asked) - 1


def _bound(bound: float) -> str:
    return "INFINITY" if bound == float("inf") else "-INFINITY" if bound == float("-inf") else bound.hex()


def _any(parts: Iterable[str]) -> str:
    return "(" + (" || ".join(parts) or "0") + ")"


def _table(kind: str, name: str, values: Iterable[object]) -> str:
    words = [value.hex() if isinstance(value, float) else str(value) for value in values]
    return f"static const {kind} {name}[] = {{{', '.join(words) or '0'}}};"


def _starts(name: str, lists: Sequence[Sequence[object]]) -> str:
    starts = [0]
    for items in lists:
        starts.append(starts[-1] + len(items))
    return _table("int", name, starts)


def _lists(name: str, lists: Sequence[Sequence[int]]) -> list[str]:
    return [_table("int", name, [x for items in lists for x in items]), _starts(f"{name}_FROM", lists)]
