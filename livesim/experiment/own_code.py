"""Which modules somebody's own code is made of, and what is known of them.

Own is what is no part of livesim, of Python or of an installed library. Libraries are known by
their versions, one's own modules by their files: those that a text of code imports, wherever in it,
and those that these import in turn.
"""

from __future__ import annotations

import ast
import sysconfig
from collections.abc import Iterator
from contextlib import suppress
from enum import EnumType
from functools import cache, cached_property, lru_cache
from importlib.machinery import ModuleSpec
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec, resolve_name
from pathlib import Path
from textwrap import dedent
from types import (
    ClassMethodDescriptorType,
    FunctionType,
    GetSetDescriptorType,
    MemberDescriptorType,
    MethodDescriptorType,
    ModuleType,
    WrapperDescriptorType,
)

#: Where Python and installed libraries are.
_LIBRARIES = {sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")}
#: What Python itself has in classes.
_Descriptors = (
    ClassMethodDescriptorType
    | GetSetDescriptorType
    | MemberDescriptorType
    | MethodDescriptorType
    | WrapperDescriptorType
)
#: Of so many texts of code it is known what they import.
_TEXTS = 1_000


def is_own(module: ModuleType | None) -> bool:
    """Say whether a module is somebody's own: no part of livesim, Python or a library."""
    if module is None or module.__name__ == "__main__":
        return True
    return _is_own(module.__name__, getattr(module, "__file__", None))


def version_of(module: ModuleType) -> str:
    """Return the version of the library that a module belongs to, nothing if it has none."""
    return _version(module.__name__.partition(".")[0])


def text_of(file: str | None) -> str:
    """Return what is in a module's file, whatever it is; nothing where there is no file."""
    return Path(file).read_bytes().decode("latin-1") if file else ""


def functions_of(parent: ModuleType | type) -> Iterator[FunctionType]:
    """Yield the functions that a module or a class has in its text, and those of its classes."""
    name = parent.__module__ if isinstance(parent, type) else parent.__name__
    for value in vars(parent).values():
        if isinstance(value, type) and value.__module__ == name:
            yield from functions_of(value)
        for one in _functions_in(value):
            if not _is_made(one) and _is_in_text(one, name):
                yield one


def made_for(kind: type) -> Iterator[FunctionType]:
    """Yield the functions of a class that stand in no text, as those of data classes."""
    for value in vars(kind).values():
        yield from filter(_is_made, _functions_in(value))


def data_of(parent: ModuleType | type) -> Iterator[tuple[str, object]]:
    """Yield by name what a module has, and its classes have, beside functions and modules."""
    name = parent.__module__ if isinstance(parent, type) else parent.__name__
    for key, value in vars(parent).items():
        if isinstance(value, type):
            if value.__module__ == name:
                yield from data_of(value)
        elif not (
            _is_pythons(key, parent)
            or isinstance(value, ModuleType | _Descriptors)
            or _is_known(_function_in(value), name)
        ):
            yield key, value


def _is_made(function: FunctionType) -> bool:
    return function.__code__.co_filename == "<string>"


def _functions_in(value: object) -> list[FunctionType]:
    """Return the functions that something in a class or module is made of."""
    parts = [_function_in(value)]
    if isinstance(value, property):
        parts += [value.fset, value.fdel]
    return [part for part in parts if isinstance(part, FunctionType)]


def _is_pythons(name: str, parent: ModuleType | type) -> bool:
    """Say whether Python gives a name its value; to an enumeration, some as they are needed."""
    if isinstance(parent, EnumType) and name.startswith("_") and name.endswith("_"):
        return name != "_member_map_"
    return name.startswith("__") and name.endswith("__")


def _function_in(value: object) -> object:
    """Return the function that a method of whatever kind is made of; anything else as it is."""
    match value:
        case property():
            return value.fget
        case cached_property():
            return value.func
    return getattr(value, "__func__", value)


def _is_in_text(function: FunctionType, module: str) -> bool:
    """Say whether a function stands in somebody's own text, or was made from it (data classes)."""
    return _is_own(module, function.__code__.co_filename)


def _is_known(value: object, module: str) -> bool:
    """Say whether a value is a function that is known by its text or by its library's version.

    What a library has made around another one is not, as `functools.singledispatch` does.
    """
    if not isinstance(value, FunctionType):
        return False
    return _is_in_text(value, module) or not hasattr(value, "__wrapped__")


def own_imports(text: str, package: str | None) -> dict[str, ModuleSpec]:
    """Return by name the own modules that code imports, and those that these import in turn.

    Parameters
    ----------
    text
        The code.
    package
        The package that it is part of, if it is of one.
    """
    found = dict[str, ModuleSpec]()
    texts = [(text, package or "")]
    for one, within in texts:
        for name in _names(one, within):
            if name not in found and (spec := _own_spec(name)) is not None:
                found[name] = spec
                texts.append((text_of(spec.origin), spec.parent or ""))
    return found


@lru_cache(_TEXTS)
def _names(text: str, package: str) -> tuple[str, ...]:
    """Return the names of modules that code may import, each after those that it is part of."""
    names = list[str]()
    with suppress(SyntaxError, ValueError):  # what cannot be imported imports nothing
        for node in ast.walk(ast.parse(dedent(text))):
            if isinstance(node, ast.Import):
                names += [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                with suppress(ImportError):  # from beyond its package, which fails, too
                    base = resolve_name("." * node.level + (node.module or ""), package)
                    names += [f"{base}.{alias.name}" for alias in node.names]
    return tuple(dict.fromkeys(part for name in names for part in _with_parents(name)))


def _with_parents(name: str) -> Iterator[str]:
    parts = name.split(".")
    yield from (".".join(parts[:end]) for end in range(1, len(parts) + 1))


def _own_spec(name: str) -> ModuleSpec | None:
    """Return where a module of somebody's own is; None where it is none, or of a library."""
    top = name.partition(".")[0]
    if top != name and _own_spec(top) is None:
        return None  # to look for what is in a package imports it
    with suppress(ImportError, ValueError, AttributeError):
        spec = find_spec(name)
        if spec is not None and _is_own(name, spec.origin if spec.has_location else None):
            return spec
    return None


def _is_own(name: str, file: str | None) -> bool:
    if file is None or name.partition(".")[0] == "livesim":
        return False
    return not any(Path(file).is_relative_to(place) for place in _LIBRARIES)


@cache
def _version(library: str) -> str:
    try:
        return version(library)
    except PackageNotFoundError:
        return ""
