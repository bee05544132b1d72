"""The shipped case under its pathway in C: the kernel's own loop, said in C and compiled by the machine's compiler.

This is the same loop, not another program: every compiled function of `sim.engine.kernel` becomes one C function that
works on the same arrays, so what is compared is what numba's compiler and the C compiler make of it, and nothing of
Python stands between two lives. Sizes and offsets are constants, as they are for numba.
"""

from __future__ import annotations

import ast
import ctypes
import inspect
import subprocess
import tempfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from shutil import which
from types import ModuleType
from typing import Any

TOP = r"""
#include <math.h>
#include <stdint.h>
#include <string.h>
typedef int64_t I; typedef uint64_t U; typedef int32_t H; typedef double D;
typedef struct { U v0, v1; } UU; typedef struct { D v0, v1, v2; } DDD;
static inline I mini(I a, I b) { return b < a ? b : a; }
static inline I maxi(I a, I b) { return b > a ? b : a; }
static inline D mind(D a, D b) { return b < a ? b : a; }
static inline D maxd(D a, D b) { return b > a ? b : a; }
static inline I word_at(const D *row, I i) { I word; memcpy(&word, row + i, 8); return word; }
static inline void put_word(D *row, I i, I word) { memcpy(row + i, &word, 8); }
static inline U high_half(U a, U b) { return (U)(((unsigned __int128)a * b) >> 64); }
"""

BOTTOM = r"""
void live_all(const H *restrict p, const D *restrict f, H *s0, D *x0, H *s, D *x, I words, I fractions,
              const I *moves, I count, I until, const U *seeds, I lives, I *whole, D *parts) {
    if (s0[FOLLOWS] && !s0[OPENED] && !s0[PRIMED]) { steps_prepare(p, f, s0, x0); s0[PRIMED] = 1; }
    memcpy(s, s0, words * sizeof *s);
    memcpy(x, x0, fractions * sizeof *x);
    for (I i = 0; i < lives; i++) {
        if (i) lives_begin_again(p, s, x, s0, x0);
        if (!s[OPENED] || s[RENEWS]) put_word(x, SEED, (I)seeds[i]);
        lives_live(p, f, s, x, moves, count, until);
        whole[4 * i] = s[STATUS]; whole[4 * i + 1] = s[NOW];
        whole[4 * i + 2] = s[ENDING]; whole[4 * i + 3] = s[OUTCOME];
        parts[i] = x[UTILITY];
    }
}
"""

OPTIONS = ["-O3", "-march=native", "-fno-math-errno", "-ffp-contract=off", "-shared", "-fPIC"]
_ROWS = {
    "p": "const H *restrict", "f": "const D *restrict", "s": "H *", "x": "D *", "s0": "const H *", "x0": "const D *",
    "moves": "const I *",
}  # fmt: skip
_KINDS = {
    "int": "I", "bool": "I", "float": "D", "np.uint64": "U", "None": "void", "tuple[np.uint64, np.uint64]": "UU",
    "tuple[float, float, float]": "DDD",
}  # fmt: skip
_INSIDE = {"UU": "U", "DDD": "D"}
_SIGNS = {
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.FloorDiv: "/", ast.LShift: "<<", ast.RShift: ">>",
    ast.BitAnd: "&", ast.BitOr: "|", ast.BitXor: "^", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=",
    ast.Eq: "==", ast.NotEq: "!=", ast.And: "&&", ast.Or: "||", ast.Not: "!", ast.USub: "-", ast.Invert: "~",
}  # fmt: skip
_CALLS = {
    "math.floor": ("(I)floor", "I"), "math.ceil": ("(I)ceil", "I"), "math.log": ("log", "D"), "math.exp": ("exp", "D"),
    "math.cos": ("cos", "D"), "math.sqrt": ("sqrt", "D"), "math.pow": ("pow", "D"), "math.isnan": ("isnan", "I"),
    "math.isinf": ("isinf", "I"), "math.expm1": ("expm1", "D"), "math.log10": ("log10", "D"), "abs": ("fabs", "D"),
    "np.rint": ("rint", "D"), "np.uint64": ("(U)", "U"), "np.int64": ("(I)", "I"), "np.float64": ("(D)", "D"),
    "int": ("(I)", "I"), "float": ("(D)", "D"), "word_at": ("word_at", "I"), "put_word": ("put_word", "void"),
    "high_half": ("high_half", "U"),
}  # fmt: skip


def modules() -> tuple[ModuleType, ...]:
    """The kernel's modules whose functions are compiled."""
    from sim.engine import formulas, pool
    from sim.engine.kernel import agenda, body, chance, course, facts, lives, nursing, pools, steps, tournament, ward

    return formulas, pool, chance, agenda, tournament, facts, pools, body, course, nursing, ward, steps, lives


def program() -> str:
    """Return the C source of the kernel's loop."""
    from sim.engine.kernel import layout

    made = [_Function(module, node) for module in modules() for node in _functions(module)]
    named = {function.name: function for function in made}
    scalars = ("FOLLOWS", "OPENED", "PRIMED", "RENEWS", "SEED", "STATUS", "NOW", "ENDING", "OUTCOME", "UTILITY")
    constants = [f"#define {name} {getattr(layout, name)}" for name in scalars]
    bodies = [function.written(named) for function in made]
    return "\n".join([TOP, *constants, *(f"{function.head};" for function in made), *bodies, BOTTOM])


def _functions(module: ModuleType) -> Iterator[ast.FunctionDef]:
    """The functions of a module that work on numbers and rows; those of a maker, for what it makes."""
    for node in ast.walk(ast.parse(inspect.getsource(module))):
        if isinstance(node, ast.FunctionDef) and node.name != "live_all" and _takes_numbers(node):
            yield node


def _takes_numbers(node: ast.FunctionDef) -> bool:
    kinds = [ast.unparse(argument.annotation) for argument in node.args.args if argument.annotation is not None]
    made = "None" if node.returns is None else ast.unparse(node.returns)
    plain = len(kinds) == len(node.args.args) and node.args.vararg is None
    return (
        plain
        and made in _KINDS
        and all(kind in _KINDS or argument.arg in _ROWS for kind, argument in zip(kinds, node.args.args, strict=True))
    )


def _short(module: ModuleType) -> str:
    return module.__name__.rpartition(".")[2]


class _Function:
    """One function of the kernel and what C makes of it."""

    def __init__(self, module: ModuleType, node: ast.FunctionDef) -> None:
        self.module, self.node = module, node
        self.name = f"{_short(module)}_{node.name}"
        assert node.returns is not None
        self.kind = _KINDS[ast.unparse(node.returns)]
        self.types: dict[str, str] = {}
        parameters = []
        for argument in node.args.args:
            assert argument.annotation is not None
            kind = _KINDS.get(ast.unparse(argument.annotation)) or _ROWS[argument.arg]
            self.types[argument.arg] = kind
            parameters.append(f"{kind} v_{argument.arg}")
        self.given = set(self.types)
        self.head = f"static inline {self.kind} {self.name}({', '.join(parameters)})"
        self.fresh = 0

    def written(self, named: dict[str, _Function]) -> str:
        """The function in C."""
        self.named = named
        before = None
        while before != self.types:  # a variable that is ever a fraction is one from the start
            before, self.fresh = dict(self.types), 0
            text = list(self.block(self.node.body))
        own = [f"{kind} v_{name};" for name, kind in self.types.items() if name not in self.given]
        return "\n".join([f"{self.head} {{", *own, *text, "}"])

    def block(self, statements: Iterable[ast.stmt]) -> Iterator[str]:
        """Statements in C."""
        for statement in statements:
            yield from self.statement(statement)

    def statement(self, node: ast.stmt) -> Iterator[str]:
        """One statement in C."""
        match node:
            case ast.Expr(value=ast.Constant()) | ast.Pass():
                return
            case ast.Expr(value=value):
                yield f"{self.said(value)[0]};"
            case ast.Return(value=None):
                yield "return;"
            case ast.Return(value=ast.Tuple(elts=elements)):
                yield f"return ({self.kind}){{{', '.join(self.said(e)[0] for e in elements)}}};"
            case ast.Return(value=value) if value is not None:
                yield f"return {self.said(value)[0]};"
            case ast.Break():
                yield "break;"
            case ast.Continue():
                yield "continue;"
            case ast.Assign(targets=targets, value=value):
                for target in targets:
                    yield from self.assigned(target, value)
            case _:
                yield from self.compound(node)

    def compound(self, node: ast.stmt) -> Iterator[str]:
        """A statement with a condition or a loop, or one that adds to a variable."""
        match node:
            case ast.AugAssign(target=target, op=op, value=value):
                text, kind = self.said(value)
                if isinstance(target, ast.Name):
                    self.learn(target.id, kind)
                yield f"{self.said(target)[0]} {_SIGNS[type(op)]}= {text};"
            case ast.If(test=test, body=body, orelse=other):
                yield f"if ({self.said(test)[0]}) {{"
                yield from self.block(body)
                yield "} else {"
                yield from self.block(other)
                yield "}"
            case ast.While(test=test, body=body):
                yield f"while ({self.said(test)[0]}) {{"
                yield from self.block(body)
                yield "}"
            case ast.For():
                yield from self.counted(node)
            case _:
                raise NotImplementedError(ast.unparse(node))

    def counted(self, node: ast.For) -> Iterator[str]:
        """A loop over a range, whose end is worked out once."""
        assert isinstance(node.target, ast.Name)
        assert isinstance(node.iter, ast.Call)
        bounds = [self.said(argument)[0] for argument in node.iter.args]
        low, high, step = (["0", *bounds, "1"] if len(bounds) == 1 else [*bounds, "1"])[:3]
        self.learn(node.target.id, "I")
        self.fresh += 1
        i, end = f"i{self.fresh}", f"end{self.fresh}"
        yield f"for (I {i} = {low}, {end} = {high}; {i} < {end}; {i} += {step}) {{ v_{node.target.id} = {i};"
        yield from self.block(node.body)
        yield "}"

    def assigned(self, target: ast.expr, value: ast.expr) -> Iterator[str]:
        """An assignment; of several at once, all values are worked out first."""
        if not isinstance(target, ast.Tuple):
            text, kind = self.said(value)
            if isinstance(target, ast.Name):
                self.learn(target.id, kind)
            yield f"{self.said(target)[0]} = {text};"
            return
        self.fresh += 1
        if isinstance(value, ast.Tuple):
            values = [self.said(element) for element in value.elts]
            parts = [(f"t{self.fresh}_{i}", kind) for i, (_, kind) in enumerate(values)]
            whole = " ".join(f"{kind} {name} = {text};" for (name, kind), (text, _) in zip(parts, values, strict=True))
        else:
            text, kind = self.said(value)
            whole = f"{kind} t{self.fresh} = {text};"
            parts = [(f"t{self.fresh}.v{i}", _INSIDE[kind]) for i in range(len(target.elts))]
        yield f"{{ {whole}"
        for element, (name, kind) in zip(target.elts, parts, strict=True):
            if isinstance(element, ast.Name):
                self.learn(element.id, kind)
            yield f"{self.said(element)[0]} = {name};"
        yield "}"

    def learn(self, name: str, kind: str) -> None:
        """Note what a variable holds."""
        self.types[name] = _wider(self.types.get(name, kind), kind)

    def said(self, node: ast.expr) -> tuple[str, str]:
        """An expression in C, and what it is."""
        match node:
            case ast.Constant(value=value):
                return _literal(value)
            case ast.Name(id=name) if name in self.types:
                return f"v_{name}", self.types[name]
            case ast.Name(id=name):
                return _literal(getattr(self.module, name))
            case ast.Attribute(value=ast.Name(id=owner), attr=name):
                return _literal(getattr(getattr(self.module, owner), name))
            case ast.Subscript(value=ast.Name(id=row), slice=index):
                kind = "D" if row in ("f", "x", "x0") else "I"
                return f"v_{row}[{self.said(index)[0]}]", kind
            case ast.Subscript(value=value, slice=ast.Constant(value=place)):
                text, kind = self.said(value)
                return f"{text}.v{place}", _INSIDE[kind]
            case ast.Call():
                return self.called(node)
            case _:
                return self.operated(node)

    def operated(self, node: ast.expr) -> tuple[str, str]:
        """An operation on other expressions in C."""
        match node:
            case ast.BinOp(left=ast.Constant(), op=ast.Pow(), right=ast.Constant()):
                return _literal(eval(ast.unparse(node)))  # noqa: S307 - a constant of our own source
            case ast.BinOp(left=left, op=ast.Pow(), right=right):
                return f"pow({self.said(left)[0]}, {self.said(right)[0]})", "D"
            case ast.BinOp(left=left, op=op, right=right):
                (one, first), (two, second) = self.said(left), self.said(right)
                whole = f"({'(D)' if isinstance(op, ast.Div) else ''}{one} {_SIGNS[type(op)]} {two})"
                return whole, "D" if isinstance(op, ast.Div) else _wider(first, second)
            case ast.BoolOp(op=op, values=values):
                return f"({f' {_SIGNS[type(op)]} '.join(self.said(value)[0] for value in values)})", "I"
            case ast.UnaryOp(op=op, operand=operand):
                text, kind = self.said(operand)
                return f"({_SIGNS[type(op)]}{text})", kind
            case ast.Compare(left=left, ops=ops, comparators=others):
                texts = [self.said(each)[0] for each in (left, *others)]
                asked = [f"{texts[i]} {_SIGNS[type(op)]} {texts[i + 1]}" for i, op in enumerate(ops)]
                return f"({' && '.join(asked)})", "I"
            case ast.IfExp(test=test, body=body, orelse=other):
                (one, first), (two, second) = self.said(body), self.said(other)
                return f"({self.said(test)[0]} ? {one} : {two})", _wider(first, second)
            case _:
                raise NotImplementedError(ast.unparse(node))

    def called(self, node: ast.Call) -> tuple[str, str]:
        """A call in C."""
        name, values = ast.unparse(node.func), [self.said(argument) for argument in node.args]
        inside = ", ".join(text for text, _ in values)
        if name in ("min", "max"):
            kind = _wider(values[0][1], values[1][1])
            return f"{name}{kind.lower()}({inside})", kind
        if name in _CALLS:
            says, kind = _CALLS[name]
            return f"{says}({inside})", kind
        owner, _, called = name.rpartition(".")
        found: Any = getattr(getattr(self.module, owner) if owner else self.module, called)
        python = getattr(found, "py_func", found)
        target = self.named[f"{python.__module__.rpartition('.')[2]}_{python.__name__}"]
        return f"{target.name}({inside})", target.kind


def _literal(value: Any) -> tuple[str, str]:
    if isinstance(value, float):
        return ("NAN", "D") if value != value else (value.hex(), "D")
    if isinstance(value, (bool, int)):
        return (f"{int(value)}LL", "I")
    return f"{int(value)}ULL", "U"


def _wider(one: str, other: str) -> str:
    return next((kind for kind in ("D", "U") if kind in (one, other)), one)


class Cohort:
    """The lives of a cohort under a plan, from the kernel's own tables, by C."""

    def __init__(self, scenario: Any, plan: Any, seeds: range, live_all: Callable[..., None]) -> None:
        """Write the tables and the record of a patient not met yet."""
        import numpy as np

        from sim.engine.chart import compile_chart
        from sim.engine.kernel.runner import Runner

        runner = Runner(scenario, compile_chart(scenario))
        s0, x0 = runner.record(plan, runner.horizon)
        fractions = [float(value) for value in runner.tables.f]
        moves = runner.encoded(plan.moves, fractions)
        self._live_all, self.count = live_all, len(seeds)
        self.whole, self.utility = np.zeros(4 * self.count, dtype=np.int64), np.zeros(self.count)
        self._kept = (runner.tables.p, np.array(fractions), s0, x0, np.zeros(len(s0), dtype=np.int32),
                      np.zeros(len(x0)), moves, np.array(seeds, dtype=np.uint64))  # fmt: skip
        p, f, s0, x0, s, x, moves, asked = (ctypes.c_void_p(array.ctypes.data) for array in self._kept)
        number = ctypes.c_int64
        self._arguments = (p, f, s0, x0, s, x, number(len(self._kept[2])), number(len(self._kept[3])), moves,
                           number(len(self._kept[6])), number(0), asked, number(self.count),
                           ctypes.c_void_p(self.whole.ctypes.data),
                           ctypes.c_void_p(self.utility.ctypes.data))  # fmt: skip

    def live(self) -> int:
        """Live all lives; return how many. `whole` and `utility` say how they came out."""
        self._live_all(*self._arguments)
        return self.count

    def results(self) -> tuple[list[int], list[int], list[int], list[float]]:
        """Return status, end minute, ending and utility of every seed."""
        table = self.whole.reshape(-1, 4)
        return table[:, 0].tolist(), table[:, 1].tolist(), table[:, 2].tolist(), self.utility.tolist()


def compiled() -> Callable[..., None] | None:
    """Return the loop as compiled by the machine's own C compiler, or None where there is none."""
    cc = which("cc")
    if cc is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        source, built = Path(folder, "kernel.c"), Path(folder, "kernel.so")
        source.write_text(program(), encoding="utf-8")
        subprocess.run([cc, *OPTIONS, str(source), "-o", str(built), "-lm"], check=True)
        live_all: Callable[..., None] = ctypes.CDLL(str(built)).live_all
    return live_all
