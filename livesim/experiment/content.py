"""What a piece of work is made of, as one digest: the same only for the same work.

A block of a study is a function of what it is given. Two pieces of work with one digest therefore
come to the same bits, and one of them need not be done again. The digest holds the code, too: that
of livesim, and for a function of somebody's own the whole file it stands in, all files of theirs
that this imports, and what it closes over or reads from its module; and of objects of their own
classes all attributes, whatever of them a copy would have. A function that imports by a name which
is known only when it runs is refused. What a function reads from elsewhere while it is called, such
as a file, an environment variable or the clock, or compiles there of a text, is not seen.
"""

from __future__ import annotations

import copyreg
import dataclasses
import dis
import hashlib
import inspect
import sys
import threading
from collections import defaultdict, deque
from collections.abc import Iterator, Mapping, Sequence, Set
from datetime import date
from enum import Enum, Flag
from functools import cache, cached_property, partial
from pathlib import Path
from types import (
    BuiltinFunctionType,
    CodeType,
    FunctionType,
    MemberDescriptorType,
    MethodType,
    ModuleType,
)
from typing import Any

import numpy as np

from livesim.errors import UsageError
from livesim.experiment.own_code import (
    check_imports,
    data_of,
    functions_of,
    is_found,
    is_own,
    made_for,
    own_imports,
    text_of,
    version_of,
)
from livesim.results.provenance import provenance
from livesim.scenario.fields import Part
from livesim.scenario.scenario import Scenario

#: What of the versions decides the bits.
_DECIDING = ("python", "numpy", "scipy", "processor")
#: With these code reaches data whose names nobody sees in it.
_BY_ANY_NAME = {
    *("getattr", "attrgetter", "vars", "globals", "locals", "__dict__", "dir", "getmembers"),
    *("eval", "exec"),
}
#: What keeps others out for a while.
_LOCKS = type(threading.Lock()), type(threading.RLock())


def content_digest(*parts: Any) -> str:
    """Return the digest of some values, by what they hold.

    Parameters
    ----------
    *parts
        Numbers, texts, arrays, scenarios, functions, collections of them, and whatever tells how it
        is copied, as what can be pickled does.

    Raises
    ------
    UsageError
        If something is of another kind, or a function whose code cannot be read.

    Examples
    --------
    >>> content_digest(1, "a") == content_digest(1, "a"), content_digest(1) == content_digest(1.0)
    (True, False)
    """
    return Content().digest(*parts)


@cache
def code_digest() -> str:
    """Return the digest of all that decides a block's bits beside its work: code and versions."""
    root = Path(__file__).parents[1]
    files = sorted(root.rglob("*.py"))
    versions = {name: provenance().get(name, "") for name in _DECIDING}
    return content_digest(versions, [(str(f.relative_to(root)), f.read_bytes()) for f in files])


class Content:
    """Goes through what values hold; what it has met before it tells by a number.

    So code may hold itself, as a table of functions does that read this table.
    """

    def __init__(self) -> None:
        self._met: dict[int, tuple[int, object]] = {}  # with the object, so that none takes its id
        self._loaded: set[tuple[str, frozenset[str]]] = set()
        self._own: dict[type, bool] = {}

    def digest(self, *parts: object) -> str:
        """Return the digest of some values; raises as `content_digest`."""
        digest = hashlib.blake2b(digest_size=20)
        try:
            for part in parts:
                for piece in self.pieces(part):
                    digest.update(piece)
        except RecursionError:
            raise UsageError(
                "results cannot be kept: something in code of your own holds itself, such as a "
                "list that it is part of; give it as an argument, or keep nothing"
            ) from None
        return digest.hexdigest()

    def loaded(self, module: ModuleType, used: Set[str]) -> list[Any]:
        """Return the code and the data that a module of one's own has now.

        Parameters
        ----------
        module
            Which.
        used
            Names that code has; data of other names is left out.

        Raises
        ------
        UsageError
            If the content of something that is used cannot be told.
        """
        held = self._data(module, used)
        text = text_of(getattr(module, "__file__", None))
        for function in functions_of(module):
            if function.__name__ in used:
                _checked(function, text)
            held += [function.__code__, *given(function)]
        return held

    def counts(self, name: str, used: Set[str]) -> bool:
        """Say whether data of a module counts: what code names, and all that classes have."""
        return name in used or "." in name or not used.isdisjoint(_BY_ANY_NAME)

    def pieces(self, value: Any) -> Iterator[bytes]:
        """Yield a value as bytes: its kind, its size, and what it holds."""
        if not self._is_of_own_class(value):
            yield from self._of_kind(value)
        elif id(value) in self._met:
            yield _told(value, str(self._met[id(value)][0]).encode())
        else:  # a text or a list of a class of one's own may have attributes, too
            self._met[id(value)] = len(self._met), value
            yield from self._held(value, [type(value), _attributes(value)])
            yield from self._of_kind(value)

    def _is_of_own_class(self, value: object) -> bool:
        kind = type(value)
        if isinstance(value, type | FunctionType | ModuleType):
            return False
        if kind not in self._own:
            self._own[kind] = is_own(sys.modules.get(kind.__module__))
        return self._own[kind]

    def _of_kind(self, value: Any) -> Iterator[bytes]:
        match value:
            case None | bool() | int() | float() | str() | date():
                yield _told(value, repr(value).encode())
            case _Read():
                try:
                    yield from self.pieces(value.value)
                except _UntoldError as error:
                    raise _placed(error, value.where) from error
            case _ if isinstance(value, _LOCKS):
                yield _told(value, b"")  # it decides when something is done, not what
            case bytes():
                yield _told(value, value)
            case np.ndarray() | np.generic() if _is_plain(value):
                whole = np.ascontiguousarray(value)
                kind = whole.dtype.descr if whole.dtype.fields else whole.dtype.str
                yield _told(value, f"{kind} {whole.shape}".encode() + whole.tobytes())
            case Scenario():
                yield _told(value, value.digest.encode())
            case Part():
                yield from self._held(value, [part for item in value for part in item])
            case partial():
                yield from self._held(value, [*value.__reduce__()[2]])
            case Mapping():
                items = [part for item in value.items() for part in item]
                yield from self._held(value, [*_beside_items(value), *items])
            case Enum() | Path() | range() | slice():
                yield _told(value, repr(value).encode())
            case MethodType():
                yield from self._held(value, [value.__self__, value.__func__])
            case BuiltinFunctionType() if not isinstance(value.__self__, ModuleType | None):
                yield from self._held(value, [value.__self__, value.__name__])
            case CodeType():
                yield from self._held(value, [value.co_code, value.co_names, value.co_consts])
            case Sequence():
                yield from self._held(value, [*_beside_items(value), *value])
            case set() | frozenset():  # whose order differs by process
                yield _told(value, b"".join(sorted(type(self)().digest(o).encode() for o in value)))
            case _ if dataclasses.is_dataclass(value) and not isinstance(value, type):
                names = [field.name for field in dataclasses.fields(value)]
                parts = [part for n in names for part in (n, getattr(value, n))]
                yield from self._held(value, [type(value), *parts])  # which may be called, too
            case _ if self._is_of_own_class(value):  # what a class of a library keeps inside
                yield from self._held(value, _copied(value))
            case _ if id(value) in self._met:
                yield _told(value, str(self._met[id(value)][0]).encode())
            case _:
                self._met[id(value)] = len(self._met), value
                yield from self._held(value, self._parts(value))

    def _data(self, parent: ModuleType | type, used: Set[str]) -> list[Any]:
        held = list[Any]()
        for name, value in data_of(parent):
            if isinstance(parent, ModuleType) and not self.counts(name, used):
                continue
            before = self._met.copy(), self._loaded.copy()
            try:
                held += [name, self.digest(value)]
            except UsageError as error:
                if name.rpartition(".")[2] in used:
                    raise _placed(error, f"{parent.__name__}.{name}") from error
                self._met, self._loaded = before  # what is left out has told nothing
        return held

    def _held(self, value: object, parts: list[Any]) -> Iterator[bytes]:
        yield _told(value, str(len(parts)).encode())
        for part in parts:
            yield from self.pieces(part)

    def _parts(self, value: Any) -> list[Any]:
        match value:
            case ModuleType():
                return [value.__name__, *self._of_module(value)]
            case FunctionType() | BuiltinFunctionType() | type():
                return self._code(value)
        return _copied(value)

    def _of_module(self, module: ModuleType) -> list[Any]:
        if not is_own(module):
            return [version_of(module)]
        text = text_of(getattr(module, "__file__", None))
        functions = [*functions_of(module)]  # any of them may be called
        names = {*names_in(module), *(one.__name__ for one in functions), *_BY_ANY_NAME}
        return [
            text,
            *self.loaded(module, names),
            *self._modules({text: module.__package__}, names, [module]),
        ]

    def _code(self, function: Any) -> list[Any]:
        """Return what a function or class is: of a library by its version, another by its files.

        Beside its files count the values that it has as defaults, closes over, and reads.
        """
        reached, held, texts, names = [function], list[Any](), dict[str, str | None](), set[str]()
        for one in reached:
            held += [one.__module__, one.__qualname__]
            module = inspect.getmodule(one)
            if module is not None and not is_own(module):
                held.append(version_of(module))
                continue
            text = source_of(one)
            texts.setdefault(text, getattr(module, "__package__", None))
            names |= {*names_in(one)}
            for part in functions_of(one) if isinstance(one, type) else [one]:
                _checked(part, text)
            held += [text, getattr(one, "__code__", None), *given(one)]
            parts = list[Any]([*one.__bases__, *functions_of(one)] if isinstance(one, type) else ())
            for name, value in [*read_by(one), *((part.__name__, part) for part in parts)]:
                if _is_imported(value):
                    texts.setdefault(f"import {value.__name__}", None)
                elif not isinstance(value, FunctionType | type):
                    held += [name, _Read(value, f"{name} in {_file_of(one)}")]
                elif value not in reached:
                    reached.append(value)
        for one in reached:
            if isinstance(one, type) and is_own(inspect.getmodule(one)):
                held += self._data(one, names)
                for made in made_for(one):
                    held += [made.__name__, made.__code__, *given(made)]
        return held + self._modules(texts, names, [one for one in reached if isinstance(one, type)])

    def _modules(
        self,
        texts: Mapping[str, str | None],
        names: set[str],
        holders: Sequence[ModuleType | type],
    ) -> list[Any]:
        """Return what the own modules are that code imports: their files, and as they are loaded.

        Who changes a file after it was imported still works with what it was before.
        """
        specs = own_imports("", None, *holders)
        for text, package in texts.items():
            specs |= own_imports(text, package)
        there = {name: sys.modules.get(name) for name in specs}
        used = frozenset(names).union(
            *(names_in(module) for module in there.values() if module is not None)
        )
        held = list[Any]()
        for name, module in there.items():
            held += [name, text_of(specs[name].origin)]
            known = name, frozenset(n for n in vars(module or object) if self.counts(n, used))
            if module is not None and known not in self._loaded:
                self._loaded.add(known)
                held += self.loaded(module, used)
        return held


@dataclasses.dataclass(frozen=True)
class _Read:
    """A value that code reads, and where, for who is told that its content cannot be."""

    value: Any
    where: str


class _UntoldError(UsageError):
    """The content of something cannot be told, and it is not said yet where that is."""


def _placed(error: UsageError, where: str) -> UsageError:
    return UsageError(f"{error} ({where})") if isinstance(error, _UntoldError) else error


def _is_imported(value: object) -> bool:
    """Say whether a value is a module of one's own that others find by its name, too."""
    return isinstance(value, ModuleType) and is_own(value) and is_found(value)


def _file_of(function: Any) -> str:
    code = getattr(function, "__code__", None)
    return Path(code.co_filename).name if code else str(function.__module__)


def _checked(function: Any, text: str) -> None:
    try:
        if isinstance(function, FunctionType):
            check_imports(function, text)
    except UsageError as error:
        raise UsageError(f"results cannot be kept: {error}, or keep nothing") from error


def _is_plain(value: np.ndarray[Any, Any] | np.generic) -> bool:
    """Say whether numbers are all that there is: no mask, no objects."""
    return not value.dtype.hasobject and (
        isinstance(value, np.generic) or type(value) is np.ndarray
    )


def _told(value: object, content: bytes) -> bytes:
    kind = type(value).__qualname__.encode()
    return b"%d:%s%d:%s" % (len(kind), kind, len(content), content)


def _copied(value: object) -> list[Any]:
    """Return what a copy of a value is made of, as it tells itself."""
    if value is np.random.mtrand._rand:  # whose state says nothing of who may draw from it
        return ["the generator that is everybody's"]
    told = copyreg.dispatch_table.get(type(value))
    try:
        made: Any = value.__reduce_ex__(4) if told is None else told(value)
    except Exception as error:  # whatever says that it cannot be pickled
        raise _UntoldError(
            f"results cannot be kept: {type(value).__qualname__} is nothing whose content can "
            "be told; give numbers, arrays, frozen dataclasses or functions, or keep nothing"
        ) from error
    if isinstance(made, str):  # it is known by its name
        return [getattr(value, "__module__", None), made, getattr(value, "__dict__", None)]
    return [list(part) if isinstance(part, Iterator) else part for part in made]


def _beside_items(value: object) -> list[Any]:
    """Return what a collection of Python's has beside its items."""
    if isinstance(value, defaultdict):
        return [value.default_factory]
    return [value.maxlen] if isinstance(value, deque) else []


def _attributes(value: Any) -> dict[str, Any]:
    """Return all attributes of an object by name, but what it computes from the others."""
    found = {
        name: getattr(value, name)
        for kind in type(value).__mro__
        for name, there in vars(kind).items()
        if isinstance(there, MemberDescriptorType) and hasattr(value, name)
    }
    found |= getattr(value, "__dict__", {})
    computed = {n for n in found if isinstance(getattr(type(value), n, None), cached_property)}
    if isinstance(value, Flag):
        computed.add("_inverted_")
    return {name: one for name, one in found.items() if name not in computed}


def given(function: Any) -> Iterator[Any]:
    """Yield what a function has as defaults and attributes, and closes over."""
    if isinstance(function, FunctionType):
        yield vars(function)
    yield from (getattr(function, f"__{name}__", None) for name in ("defaults", "kwdefaults"))
    yield from (cell.cell_contents for cell in getattr(function, "__closure__", None) or ())


def _codes(function: Any) -> list[CodeType]:
    """Return the code of a function, and of those within it."""
    codes = [code] if (code := getattr(function, "__code__", None)) else []
    for one in codes:
        codes += [const for const in one.co_consts if isinstance(const, CodeType)]
    return codes


def names_in(parent: Any) -> Iterator[str]:
    """Yield the names that a function has, or the functions of a class or module."""
    functions = functions_of(parent) if isinstance(parent, ModuleType | type) else [parent]
    yield from (name for one in functions for code in _codes(one) for name in code.co_names)


def read_by(function: Any) -> Iterator[tuple[str, Any]]:
    """Yield by name what a function reads from its module."""
    for one in _codes(function):
        for step in dis.get_instructions(one):
            if step.opname in ("LOAD_GLOBAL", "LOAD_NAME") and step.argval in function.__globals__:
                yield step.argval, function.__globals__[step.argval]


def source_of(function: Any) -> str:
    """Return the file that code stands in, or its own text where that is no file.

    There is none of a notebook's class, whose parts tell all that it is.
    """
    try:
        if isinstance(function, type) and not hasattr(inspect.getmodule(function), "__file__"):
            return ""
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
