"""Compiling with numba: one decorator, and where its output is kept between runs."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import numba
from llvmlite import ir  # type: ignore[import-untyped, import-not-found, unused-ignore]
from numba.extending import intrinsic
from numba.misc.appdirs import AppDirs

from sim.engine import patient

Function = TypeVar("Function", bound=Callable[..., object])


def compiled(function: Function) -> Function:
    """Return the function compiled to machine code on its first call."""
    made: Function = numba.njit(nogil=True, error_model="numpy", no_cpython_wrapper=True, no_cfunc_wrapper=True)(
        function
    )
    return made


def inlined(function: Function) -> Function:
    """Return the function as a part of the one place that calls it: compiling it apart would cost more."""
    made: Function = numba.njit(inline="always")(function)
    return made


def _words_of(typing_context: Any, array: Any) -> Any:
    """In compiled code: return where an array's words stand, for `[]` without length, stride or check.

    An array is seven words to pass on and a pointer is one: with arrays the kernel took three times as long.
    """

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return context.make_array(signature.args[0])(context, builder, arguments[0]).data

    return numba.types.CPointer(array.dtype)(array), generate


def _high_half(typing_context: Any, a: Any, b: Any) -> Any:
    """In compiled code: return the upper 64 bits of the product of two words, by the machine's own wide product."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        wide = ir.IntType(128)
        one, two = (builder.zext(argument, wide) for argument in arguments)
        return builder.trunc(builder.lshr(builder.mul(one, two), ir.Constant(wide, 64)), ir.IntType(64))

    return numba.uint64(numba.uint64, numba.uint64), generate


if TYPE_CHECKING:

    def words_of(array: Any) -> Any:
        """In compiled code: return where an array's words stand."""

    def high_half(a: Any, b: Any) -> Any:
        """In compiled code: return the upper 64 bits of a product."""
else:
    words_of, high_half = intrinsic(_words_of), intrinsic(_high_half)


def kept(function: Function) -> Function:
    """Return the function compiled like `compiled`, its machine code kept in the user's cache for the next process.

    numba looks only at the file a function stands in; the kernel calls across files. So the folder is named after
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
    for path in (*sorted(Path(__file__).parent.glob("*.py")), Path(patient.__file__)):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return base / f"scurfy-{digest.hexdigest()[:16]}"
