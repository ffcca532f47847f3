"""What a piece of work is made of, as one digest: the same only for the same work.

A block of a study is a function of what it is given. Two pieces of work with one digest therefore
come to the same bits, and one of them need not be done again. The digest holds the code, too: that
of livesim, and for a function of somebody's own the whole file it stands in, all files of theirs
that this imports, and what it closes over or reads from its module.
"""

from __future__ import annotations

import dataclasses
import dis
import hashlib
import inspect
import sys
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from enum import Enum
from functools import cache, partial
from pathlib import Path
from types import BuiltinFunctionType, CodeType, FunctionType, MethodType, ModuleType
from typing import Any

import numpy as np

from livesim.errors import UsageError
from livesim.experiment.own_code import functions_of, is_own, own_imports, text_of, version_of
from livesim.results.provenance import provenance
from livesim.scenario.fields import Part
from livesim.scenario.scenario import Scenario

#: What of the versions decides the bits.
_DECIDING = ("python", "numpy", "scipy", "processor")


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
    try:
        for part in parts:
            for piece in _pieces(part):
                digest.update(piece)
    except RecursionError:
        raise UsageError(
            "results cannot be kept: something in code of your own holds itself, such as a table "
            "of functions that read this table; give it as an argument, or keep nothing"
        ) from None
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
            if is_own(value):
                text = text_of(value.__file__)
                known = [text, *_loaded(value), *_modules(text, value.__package__)]
            else:
                known = [version_of(value)]
            yield from _held(value, [value.__name__, *known])
        case MethodType():
            yield from _held(value, [value.__self__, value.__func__])
        case CodeType():
            yield from _held(value, [value.co_code, value.co_names, value.co_consts])
        case FunctionType() | BuiltinFunctionType() | type():
            yield from _held(value, _code(value))
        case Sequence():
            yield from _held(value, list(value))
        case set() | frozenset():
            yield from _held(value, sorted(value, key=repr))  # whose order differs by process
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
    """Return what a function or class is: one of a library by its version, another by its files.

    Beside its files count the values that it closes over, has as defaults, and reads from a module.
    """
    reached, held = [function], list[Any]()
    for one in reached:
        held += [one.__module__, one.__qualname__]
        module = inspect.getmodule(one)
        if module is not None and not is_own(module):
            held.append(version_of(module))
            continue
        text = _source(one)
        held += [text, *_modules(text, getattr(module, "__package__", None))]
        held += [getattr(one, f"__{name}__", None) for name in ("code", "defaults", "kwdefaults")]
        held += [cell.cell_contents for cell in getattr(one, "__closure__", None) or ()]
        parts = list[Any]([*one.__bases__, *functions_of(one)] if isinstance(one, type) else ())
        for name, value in [*_read(one), *((part.__name__, part) for part in parts)]:
            if not isinstance(value, FunctionType | type):
                held += [name, value]
            elif value not in reached:
                reached.append(value)
    return held


def _modules(text: str, package: str | None) -> list[Any]:
    """Return what the own modules are that code imports: their files, and as they are loaded now.

    Who changes a file after it was imported still works with what it was before.
    """
    held = list[Any]()
    for name, spec in own_imports(text, package).items():
        held += [name, text_of(spec.origin), *_loaded(sys.modules.get(name))]
    return held


def _loaded(module: ModuleType | None) -> list[Any]:
    """Return the code and the plain values that a module has now."""
    if module is None:
        return []
    named = [(name, value) for name, value in vars(module).items() if not name.startswith("__")]
    plain = [[name, value] for name, value in named if _is_data(value)]
    return [plain, [function.__code__ for function in functions_of(module)]]


def _is_data(value: object) -> bool:
    """Say whether a value is plain data, or holds nothing else."""
    match value:
        case None | bool() | int() | float() | str() | bytes() | date():
            return True
        case np.ndarray():
            return not value.dtype.hasobject
        case Mapping():
            return all(map(_is_data, [*value, *value.values()]))
        case Sequence() | set() | frozenset():
            return all(map(_is_data, value))
    return False


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
