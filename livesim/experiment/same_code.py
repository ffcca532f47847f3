"""Whether another process works with the same code of one's own as this one.

Work travels as a pickle, in which a function or a class is only the name of its module. What the
other side has under that name may be another file, or one that has changed since it was imported.
"""

from __future__ import annotations

import hashlib
import pickle
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from inspect import getmodule
from io import BytesIO
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any, NamedTuple

import numpy as np

from livesim.errors import UsageError
from livesim.experiment.content import Content, given, names_in, read_by, source_of
from livesim.experiment.own_code import (
    check_imports,
    data_of,
    functions_of,
    is_own,
    own_imports,
    text_of,
)
from livesim.scenario.scenario import Scenario

#: What is loaded here, and is what it is elsewhere.
_alike: set[tuple[str, Known]] = set()
#: By name the digest of the file that a module had when it was first compared, and loaded.
_first: dict[str, str] = {}


class OtherCodeError(UsageError):
    """A process has other code of one's own than the one that sends it work."""


class Known(NamedTuple):
    """What is known of a module.

    Attributes
    ----------
    file : str
        Digest of its text.
    loaded : str or None
        Digest of the functions and data that it has in memory; None where it is not loaded.
    """

    file: str
    loaded: str | None


def own_code(work: object) -> dict[str, Known]:
    """Return by name what is known of every module of one's own that work needs.

    Parameters
    ----------
    work
        Anything with functions in it. What a script or a notebook holds itself travels whole and
        is no part of it; the modules that it uses are.

    Raises
    ------
    UsageError
        If code imports by a name that is known only when it runs, so that nobody can tell.

    Examples
    --------
    >>> own_code(len)
    {}
    """
    found = _Modules()
    found.look(work if isinstance(work, tuple) else [work])
    _check_imports(found)
    return {name: _known(name) for name in sorted(found.names)}


@dataclass(frozen=True)
class Alike:
    """Work that another process does only with the same code of one's own.

    Processes import at different moments: each looks by itself, before it begins, and afterwards at
    what only the work has imported.

    Parameters
    ----------
    work
        What to do.
    own
        What `own_code` found where it is sent.

    Examples
    --------
    >>> Alike(max, ())(3, 4)
    4
    """

    work: Callable[..., Any]
    own: tuple[tuple[str, Known], ...]

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Do the work, or raise an `OtherCodeError`."""
        _check_own_code(self.own)
        found = self.work(*args, **kwargs)
        _check_own_code(self.own)
        return found


def _check_own_code(own: tuple[tuple[str, Known], ...]) -> None:
    if others := differing_once(own):
        raise OtherCodeError(f"other code of your own in {', '.join(others)}")


def differing_once(elsewhere: tuple[tuple[str, Known], ...]) -> list[str]:
    """Return as `differing`, once all is loaded here that is loaded elsewhere.

    Modules that cannot be loaded are among them: of those that are not there, these themselves,
    whatever imports them. What is loaded and is the same is not looked at again: it stays.
    """
    new = {name: there for name, there in elsewhere if (name, there) not in _alike}
    missing = dict[str, None]()
    for name, there in new.items():
        if there.loaded is not None:
            try:
                import_module(name)
            except ModuleNotFoundError as error:
                missing[error.name or name] = None
            except Exception:  # whatever its text does
                missing[name] = None
    others = [*missing] or differing(new)
    if not others:
        _alike.update(one for one in new.items() if one[0] in sys.modules)
    return others


def differing(elsewhere: Mapping[str, Known]) -> list[str]:
    """Return the modules that are here, and are others than elsewhere.

    Those are among them whose file has changed here since it was loaded, whatever they hold.

    Parameters
    ----------
    elsewhere
        What `own_code` found there.
    """
    return [name for name, there in elsewhere.items() if _differs(name, there)]


def _differs(name: str, there: Known) -> bool:
    here = _known(name)
    if not here.file:
        return False  # what is needed and is not there fails by itself
    first = here.file if here.loaded is None else _first.setdefault(name, here.file)
    both_loaded = None not in (here.loaded, there.loaded)
    return {first, here.file} != {there.file} or (both_loaded and here.loaded != there.loaded)


class _Modules(pickle.Pickler):
    """Goes through all that a pickle holds, and notes modules in place of what they have.

    Attributes
    ----------
    names : set of str
        Of the modules.
    functions : list of FunctionType
        That it came by.
    """

    def __init__(self, before: _Modules | None = None) -> None:
        super().__init__(BytesIO())
        self.names: set[str] = before.names if before else set()
        self.functions: list[FunctionType] = before.functions if before else []
        self._seen: dict[int, object] = before._seen if before else {}

    def look(self, values: Iterable[object]) -> None:
        """Go through each of some values, as far as it can be pickled."""
        for value in values:
            with suppress(Exception):  # what cannot travel is told where it is sent
                _Modules(self).dump(value)

    def reducer_override(self, value: Any) -> Any:
        if isinstance(value, Scenario) or (
            isinstance(value, np.ndarray) and not value.dtype.hasobject
        ):
            return str, ()  # it holds no code, and may be large
        if isinstance(value, ModuleType):
            module: ModuleType | None = value
        elif isinstance(value, FunctionType | type):
            module = getmodule(value)
        else:  # such as a function that a library has made another thing of
            self._note(sys.modules.get(str(getattr(value, "__module__", ""))))
            return NotImplemented
        if not is_own(module):
            return (str, ()) if isinstance(value, ModuleType) else NotImplemented
        if id(value) not in self._seen:
            self._seen[id(value)] = value
            self._note(module)
            if not isinstance(value, ModuleType):
                self.functions += _functions(value)
            if module is None or module.__name__ == "__main__":
                self.look(_used(value))
        return str, ()

    def _note(self, module: ModuleType | None) -> None:
        if module is None or module.__name__ in {*self.names, "__main__"} or not is_own(module):
            return
        text = text_of(getattr(module, "__file__", None))
        new = {module.__name__, *own_imports(text, module.__package__, module)} - self.names
        self.names |= new
        for one in filter(None, map(sys.modules.get, new)):
            self.look(value for _, value in data_of(one))


def _used(value: FunctionType | type | ModuleType) -> Iterator[object]:
    """Yield what a function, or what a class has of them, reads, is given and closes over."""
    if isinstance(value, type):
        yield from value.__bases__
        yield from vars(value).values()
    for function in _functions(value):
        yield from given(function)
        yield from (one for _, one in read_by(function))


def _functions(value: FunctionType | type | ModuleType) -> list[FunctionType]:
    return [value] if isinstance(value, FunctionType) else [*functions_of(value)]


def _check_imports(found: _Modules) -> None:
    """Raise a UsageError if some code imports what nobody can know beforehand."""
    modules = [module for name in found.names if (module := sys.modules.get(name)) is not None]
    used = {name for one in (*modules, *found.functions) for name in names_in(one)}
    functions = dict.fromkeys(found.functions)
    functions |= {f: None for one in modules for f in functions_of(one) if f.__name__ in used}
    for function in functions:
        text = ""
        with suppress(UsageError):
            text = source_of(function)
        check_imports(function, text)


def _known(name: str) -> Known:
    spec = None
    with suppress(ImportError, ValueError, AttributeError):
        spec = find_spec(name)
    if spec is None:
        return Known("", None)
    text = text_of(spec.origin).encode("latin-1", "replace") if spec.has_location else b""
    digest = hashlib.blake2b(text, digest_size=20).hexdigest()
    return Known(digest, _loaded(sys.modules.get(name)))


class _Anywhere(Content):
    """Content that is the same on every machine: where one has its files is no part of it."""

    def pieces(self, value: Any) -> Iterator[bytes]:
        if isinstance(value, str | Path) and Path(value).is_absolute():
            return iter([b"a place"])
        return super().pieces(value)

    def counts(self, name: str, used: Set[str]) -> bool:
        """Count all data: a module is compared alone, whoever reads it."""
        return True


def _loaded(module: ModuleType | None) -> str | None:
    if module is None:
        return None
    content = _Anywhere()
    return content.digest(*content.loaded(module, frozenset()))
