"""Whether another process works with the same code of one's own as this one.

Work travels as a pickle, in which a function or a class is only the name of its module. What the
other side has under that name may be another file, or one that has changed since it was imported.
"""

from __future__ import annotations

import hashlib
import pickle
import sys
from collections.abc import Iterator, Mapping
from contextlib import suppress
from importlib.util import find_spec
from inspect import getmodule
from io import BytesIO
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any, NamedTuple

import numpy as np

from livesim.experiment.content import Content
from livesim.experiment.own_code import functions_of, is_own, own_imports, text_of
from livesim.scenario.scenario import Scenario

#: By name the digest of the file that a module had when it was first compared, and loaded.
_first: dict[str, str] = {}


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

    Examples
    --------
    >>> own_code(len)
    {}
    """
    found = _Modules()
    with suppress(Exception):  # what cannot be pickled cannot travel, which is told there
        found.dump(work)
    return {name: _known(name) for name in sorted(found.names)}


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
    """Goes through all that a pickle holds, and notes modules in place of what they have."""

    def __init__(self) -> None:
        super().__init__(BytesIO())
        self.names: set[str] = set()
        self._seen: set[int] = set()

    def reducer_override(self, value: Any) -> Any:
        if isinstance(value, Scenario) or (
            isinstance(value, np.ndarray) and not value.dtype.hasobject
        ):
            return str, ()  # it holds no code, and may be large
        if not isinstance(value, FunctionType | type | ModuleType):
            return NotImplemented
        module = value if isinstance(value, ModuleType) else getmodule(value)
        if not is_own(module) and not isinstance(value, ModuleType):
            return NotImplemented
        if not is_own(module) or id(value) in self._seen:
            return str, ()
        self._seen.add(id(value))
        if module is None or module.__name__ == "__main__":
            return tuple, (list(_used(value)),)
        text = text_of(getattr(module, "__file__", None))
        self.names |= {module.__name__, *own_imports(text, module.__package__)}
        return str, ()


def _used(value: FunctionType | type | ModuleType) -> Iterator[object]:
    """Yield what a function, or what a class has of them, reads and closes over."""
    for function in [value] if isinstance(value, FunctionType) else functions_of(value):
        yield from (cell.cell_contents for cell in function.__closure__ or ())
        codes = [function.__code__]
        for code in codes:
            codes += [const for const in code.co_consts if isinstance(const, CodeType)]
            read = (function.__globals__.get(name) for name in code.co_names)
            yield from (one for one in read if isinstance(one, FunctionType | type | ModuleType))


def _known(name: str) -> Known:
    spec = None
    with suppress(ImportError, ValueError, AttributeError):
        spec = find_spec(name)
    if spec is None:
        return Known("", None)
    text = text_of(spec.origin) if spec.has_location else ""
    return Known(_digest(text), _loaded(sys.modules.get(name)))


class _Anywhere(Content):
    """Content that is the same on every machine: where one has its files is no part of it."""

    def pieces(self, value: Any) -> Iterator[bytes]:
        if isinstance(value, str | Path) and Path(value).is_absolute():
            return iter([b"a place"])
        return super().pieces(value)


def _loaded(module: ModuleType | None) -> str | None:
    if module is None:
        return None
    content = _Anywhere()
    return content.digest(*content.loaded(module, frozenset()))


def _digest(text: str) -> str:
    return hashlib.blake2b(text.encode("latin-1", "replace"), digest_size=20).hexdigest()
