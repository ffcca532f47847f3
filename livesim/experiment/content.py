"""What a piece of work is made of, as one digest: the same only for the same work.

A block of a study is a function of what it is given. Two pieces of work with one digest therefore
come to the same bits, and one of them need not be done again. The digest holds the code, too: that
of livesim, and for a function of somebody's own the whole file it stands in, what it closes over,
and what of its file and of other files of theirs it calls or reads.
"""

from __future__ import annotations

import dataclasses
import dis
import hashlib
import inspect
import sysconfig
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from enum import Enum
from functools import cache, partial
from pathlib import Path
from types import BuiltinFunctionType, CodeType, FunctionType, MethodType, ModuleType
from typing import Any

import numpy as np

from livesim.errors import UsageError
from livesim.results.provenance import provenance
from livesim.scenario.fields import Part
from livesim.scenario.scenario import Scenario

#: What of the versions decides the bits.
_DECIDING = ("python", "numpy", "scipy", "processor")
#: Where Python and installed libraries are.
_LIBRARIES = {sysconfig.get_path(name) for name in ("stdlib", "purelib", "platlib")}


def content_digest(*parts: Any) -> str:
    """Return the digest of some values, by what they hold.

    Parameters
    ----------
    *parts
        Numbers, texts, arrays, scenarios, frozen data, functions, and collections of them.

    Raises
    ------
    UsageError
        If something is of another kind, or a function whose code cannot be read.

    Examples
    --------
    >>> content_digest(1, "a") == content_digest(1, "a"), content_digest(1) == content_digest(1.0)
    (True, False)
    """
    digest = hashlib.blake2b(digest_size=20)
    for part in parts:
        for piece in _pieces(part):
            digest.update(piece)
    return digest.hexdigest()


@cache
def code_digest() -> str:
    """Return the digest of all that decides a block's bits beside its work: code and versions."""
    root = Path(__file__).parents[1]
    files = sorted(root.rglob("*.py"))
    versions = {name: provenance().get(name, "") for name in _DECIDING}
    return content_digest(versions, [(str(f.relative_to(root)), f.read_bytes()) for f in files])


def _pieces(value: Any) -> Iterator[bytes]:
    """Yield a value as bytes: its kind, its size, and what it holds."""
    match value:
        case None | bool() | int() | float() | str() | date():
            yield _told(value, repr(value).encode())
        case bytes():
            yield _told(value, value)
        case np.ndarray() | np.generic():
            whole = np.ascontiguousarray(value)
            yield _told(value, f"{whole.dtype.str} {whole.shape}".encode() + whole.tobytes())
        case Scenario():
            yield _told(value, value.digest.encode())
        case Part():
            yield from _held(value, [part for item in value for part in item])
        case partial():
            yield from _held(value, [value.func, value.args, value.keywords])
        case Mapping():
            yield from _held(value, [part for item in value.items() for part in item])
        case Enum() | Path() | range() | slice():
            yield _told(value, repr(value).encode())
        case ModuleType():
            yield from _held(value, [value.__name__, _source(value) if _is_own(value) else ""])
        case MethodType():
            yield from _held(value, [value.__self__, value.__func__])
        case CodeType():
            yield from _held(value, [value.co_code, value.co_names, value.co_consts])
        case FunctionType() | BuiltinFunctionType() | type():
            yield from _held(value, _code(value))
        case Sequence():
            yield from _held(value, list(value))
        case _ if dataclasses.is_dataclass(value):
            names = [field.name for field in dataclasses.fields(value)]
            parts = [part for n in names for part in (n, getattr(value, n))]
            yield from _held(value, [type(value), *parts])  # which may be called, too
        case _:
            raise UsageError(
                f"results cannot be kept: {type(value).__qualname__} is nothing whose content can "
                "be told; give numbers, arrays, frozen dataclasses or functions, or keep nothing"
            )


def _told(value: object, content: bytes) -> bytes:
    kind = type(value).__qualname__.encode()
    return b"%d:%s%d:%s" % (len(kind), kind, len(content), content)


def _held(value: object, parts: list[Any]) -> Iterator[bytes]:
    yield _told(value, str(len(parts)).encode())
    for part in parts:
        yield from _pieces(part)


def _code(function: Any) -> list[Any]:
    """Return what a function is: one of a library by its name, another by its files and closures.

    Of what it reads from a module, the value now counts.
    """
    reached, held = [function], list[Any]()
    for one in reached:
        held += [one.__module__, one.__qualname__]
        if not _is_own(inspect.getmodule(one)):
            continue  # in the digest of livesim's code, or of the versions
        held += [_source(one), *(getattr(one, name, None) for name in ("__code__", "__defaults__"))]
        held += [cell.cell_contents for cell in getattr(one, "__closure__", None) or ()]
        for name, value in _read(one):
            if not isinstance(value, FunctionType):
                held += [name, value]
            elif value not in reached:
                reached.append(value)
    return held


def _is_own(module: ModuleType | None) -> bool:
    """Say whether a module is somebody's own: no part of livesim, Python or a library."""
    if module is None or module.__name__ == "__main__":
        return True
    file = getattr(module, "__file__", None)
    if file is None or module.__name__.partition(".")[0] == "livesim":
        return False
    return not any(Path(file).is_relative_to(place) for place in _LIBRARIES)


def _read(function: Any) -> Iterator[tuple[str, Any]]:
    """Yield by name what a function reads from its module."""
    codes = [code] if (code := getattr(function, "__code__", None)) else []
    for one in codes:
        codes += [const for const in one.co_consts if isinstance(const, CodeType)]
        for step in dis.get_instructions(one):
            if step.opname in ("LOAD_GLOBAL", "LOAD_NAME") and step.argval in function.__globals__:
                yield step.argval, function.__globals__[step.argval]


def _source(function: Any) -> str:
    """Return the file that code stands in, or its own text where that is no file."""
    try:
        file = inspect.getsourcefile(function)
        if file is not None and Path(file).is_file():
            return Path(file).read_text(encoding="utf-8")
        if file == "<string>":  # since Python 3.13 the text of `python -c`, whosever code it is
            raise OSError("it stands in no file")
        return inspect.getsource(function)
    except (OSError, TypeError) as error:
        raise UsageError(
            f"results cannot be kept: the code of {function.__name__} cannot be read, so a "
            "change of it would not be seen; write it in a file"
        ) from error
