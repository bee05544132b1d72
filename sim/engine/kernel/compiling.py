"""Compiling with numba: one decorator, and where its output is kept between runs."""

from __future__ import annotations

import hashlib
import operator
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import numba
from llvmlite import ir  # type: ignore[import-untyped, import-not-found, unused-ignore]
from numba.core.typing import signature
from numba.core.typing.templates import AbstractTemplate, infer_global
from numba.extending import intrinsic, lower_builtin, models, register_model
from numba.misc.appdirs import AppDirs

from sim.engine import formulas, patient, pool

Function = TypeVar("Function", bound=Callable[..., object])


def compiled(function: Function) -> Function:
    """Return the function compiled to machine code on its first call."""
    made: Function = _made(function)
    return made


def merged(function: Function) -> Function:
    """Return the function compiled, its machine code a part of every place that calls it.

    For what is small and called all the time: a call of its own hands over a status and its answer through memory.
    With conditions, rates and dues merged, untreated lives take two thirds of the time.
    """
    made: Function = _made(function, forceinline=True)
    return made


def _made(function: Function, **how: bool) -> Any:
    return numba.njit(nogil=True, error_model="numpy", no_cpython_wrapper=True, no_cfunc_wrapper=True, **how)(function)


def inlined(function: Function) -> Function:
    """Return the function as a part of the one place that calls it: compiling it apart would cost more."""
    made: Function = numba.njit(inline="always")(function)
    return made


class Row(numba.types.Type):  # type: ignore[misc]
    """Where an array's numbers are, for `[]` without length, stride or check.

    An array is seven words to pass on and this is one: with arrays the kernel took three times as long. Whole numbers
    stand in 32 bits and are 64 wide in hand. What is `fixed` never changes, so it need not be read again after a
    write elsewhere.
    """

    def __init__(self, dtype: Any, fixed: bool) -> None:
        """Take what is in the array."""
        super().__init__(name=f"Row({dtype}, {fixed})")
        self.fixed = fixed
        self.whole = isinstance(dtype, numba.types.Integer)
        self.bits = dtype.bitwidth
        self.read = numba.int64 if self.whole else dtype


@register_model(Row)
class _Model(models.PrimitiveModel):  # type: ignore[misc]
    def __init__(self, manager: Any, row: Row) -> None:
        kind = ir.IntType(row.bits) if row.whole else ir.DoubleType()
        super().__init__(manager, row, kind.as_pointer())


@infer_global(operator.getitem)
class _Read(AbstractTemplate):  # type: ignore[misc]
    def generic(self, args: Any, kws: Any) -> Any:  # noqa: ARG002 - numba calls it so
        return signature(args[0].read, args[0], numba.intp) if isinstance(args[0], Row) else None


@infer_global(operator.setitem)
class _Write(AbstractTemplate):  # type: ignore[misc]
    def generic(self, args: Any, kws: Any) -> Any:  # noqa: ARG002 - numba calls it so
        return signature(numba.void, args[0], numba.intp, args[0].read) if isinstance(args[0], Row) else None


def _load(builder: Any, place: Any, fixed: bool) -> Any:
    value = builder.load(place)
    if fixed:
        value.set_metadata("invariant.load", builder.module.add_metadata([]))
    return value


@lower_builtin(operator.getitem, Row, numba.types.Integer)  # type: ignore[untyped-decorator, unused-ignore]
def _read(context: Any, builder: Any, how: Any, arguments: Any) -> Any:
    value = _load(builder, builder.gep(arguments[0], [arguments[1]]), how.args[0].fixed)
    narrow = how.args[0].whole and how.args[0].bits < numba.int64.bitwidth
    return builder.sext(value, ir.IntType(numba.int64.bitwidth)) if narrow else value


@lower_builtin(operator.setitem, Row, numba.types.Integer, numba.types.Number)  # type: ignore[untyped-decorator, unused-ignore]
def _write(context: Any, builder: Any, how: Any, arguments: Any) -> Any:
    row, index, value = arguments
    narrow = how.args[0].whole and how.args[0].bits < numba.int64.bitwidth
    builder.store(builder.trunc(value, ir.IntType(how.args[0].bits)) if narrow else value, builder.gep(row, [index]))
    return context.get_dummy_value()


def _pointing(fixed: bool) -> Any:
    def typed(typing_context: Any, array: Any) -> Any:
        def generate(context: Any, builder: Any, how: Any, arguments: Any) -> Any:
            return context.make_array(how.args[0])(context, builder, arguments[0]).data

        return Row(array.dtype, fixed)(array), generate

    return typed


def _word_at(typing_context: Any, row: Any, index: Any) -> Any:
    """In compiled code: return the 64 bits in a fraction's place."""

    def generate(context: Any, builder: Any, how: Any, arguments: Any) -> Any:
        place = builder.gep(arguments[0], [arguments[1]])
        return _load(builder, builder.bitcast(place, ir.IntType(64).as_pointer()), how.args[0].fixed)

    return numba.int64(row, numba.intp), generate


def _put_word(typing_context: Any, row: Any, index: Any, word: Any) -> Any:
    """In compiled code: put 64 bits in a fraction's place."""

    def generate(context: Any, builder: Any, how: Any, arguments: Any) -> Any:
        place = builder.gep(arguments[0], [arguments[1]])
        builder.store(arguments[2], builder.bitcast(place, ir.IntType(64).as_pointer()))
        return context.get_dummy_value()

    return numba.void(row, numba.intp, numba.int64), generate


def _high_half(typing_context: Any, a: Any, b: Any) -> Any:
    """In compiled code: return the upper 64 bits of the product of two words, by the machine's own wide product."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        wide = ir.IntType(128)
        one, two = (builder.zext(argument, wide) for argument in arguments)
        return builder.trunc(builder.lshr(builder.mul(one, two), ir.Constant(wide, 64)), ir.IntType(64))

    return numba.uint64(numba.uint64, numba.uint64), generate


if TYPE_CHECKING:

    def row_of(array: Any) -> Any:
        """In compiled code: return where an array's numbers are (see `Row`)."""

    def fixed_row_of(array: Any) -> Any:
        """In compiled code: the same of an array that nobody writes to."""

    def word_at(row: Any, index: int) -> int:
        """In compiled code: return the 64 bits in a fraction's place."""

    def put_word(row: Any, index: int, word: Any) -> None:
        """In compiled code: put 64 bits in a fraction's place."""

    def high_half(a: Any, b: Any) -> Any:
        """In compiled code: return the upper 64 bits of a product."""
else:
    row_of, fixed_row_of = intrinsic(_pointing(False)), intrinsic(_pointing(True))
    word_at, put_word, high_half = intrinsic(_word_at), intrinsic(_put_word), intrinsic(_high_half)


def kept(function: Function) -> Function:
    """Return the function compiled like `compiled`, its machine code kept in the user's cache for the next process.

    numba looks only at the file that a function is in; the kernel calls across files. So the folder is named after
    a digest of all files that end up in the code. Where nothing can be written, every process compiles for itself.
    """
    before = numba.config.CACHE_DIR
    numba.config.CACHE_DIR = str(_folder(before))
    try:
        made: Function = numba.njit(nogil=True, error_model="numpy", cache=True)(function)
    except (RuntimeError, OSError):
        made = compiled(function)
    finally:
        numba.config.CACHE_DIR = before
    return made


def _folder(chosen: str) -> Path:
    base = Path(chosen or AppDirs(appname="numba", appauthor=False).user_cache_dir)
    digest = hashlib.sha256()
    for path in (
        *sorted(Path(__file__).parent.glob("*.py")),
        *(Path(str(module.__file__)) for module in (patient, pool, formulas)),
    ):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return base / f"scurfy-{digest.hexdigest()[:16]}"
