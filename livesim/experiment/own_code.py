"""Which modules somebody's own code is made of, and what is known of them.

Own is what is no part of livesim, of Python or of an installed library. Libraries are known by
their versions, one's own modules by their files: those that a text of code imports, wherever in it,
with a statement or by a name in quotes (``import_module("prices")``), those whose functions and
classes they hold, and those that these import in turn. A function that imports by a name which is
known only when it runs is refused: what it works with could change unseen.
"""

from __future__ import annotations

import ast
import builtins
import importlib
import runpy
import sys
import sysconfig
from collections.abc import Iterator, Mapping
from contextlib import suppress
from enum import EnumType
from functools import cache, cached_property, lru_cache
from importlib.machinery import ModuleSpec
from importlib.metadata import PackageNotFoundError, packages_distributions, version
from importlib.util import find_spec, resolve_name
from pathlib import Path
from textwrap import dedent
from types import (
    ClassMethodDescriptorType,
    CodeType,
    FunctionType,
    GetSetDescriptorType,
    MemberDescriptorType,
    MethodDescriptorType,
    ModuleType,
    WrapperDescriptorType,
)
from typing import NamedTuple

from livesim.errors import UsageError

#: What imports a module by a name, or runs a file.
_IMPORTERS = ("import_module", "__import__")
_LOADERS = (*_IMPORTERS, "exec_module", "run_module", "run_path")
_LOADING = (builtins.__import__, importlib.import_module, runpy.run_module, runpy.run_path)
#: Where Python and installed libraries are …
_LIBRARIES = {sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")}
#: … and what a folder of installed libraries is called, wherever it is.
_INSTALLED = ("site-packages", "dist-packages")
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
    return _is_in_memory(module) or _is_own(module.__name__, getattr(module, "__file__", None))


def is_found(module: ModuleType) -> bool:
    """Say whether an import statement with a module's name gives this module."""
    return sys.modules.get(module.__name__) is module and not _is_in_memory(module)


def version_of(module: ModuleType) -> str:
    """Return the version of the library that a module belongs to, nothing if it has none."""
    return _version(module.__name__.partition(".")[0])


def text_of(file: str | None) -> str:
    """Return what is in a module's file, whatever it is; nothing where there is no file."""
    return Path(file).read_bytes().decode("latin-1") if file else ""


def functions_of(parent: ModuleType | type) -> Iterator[FunctionType]:
    """Yield the functions that a module or a class has in its text, and those of its classes."""
    name = _module_of(parent)
    for value in [*vars(parent).values()]:
        if isinstance(value, type) and value.__module__ == name:
            yield from functions_of(value)
        for one in _functions_in(value):
            if not _is_made(one) and _is_in_text(one, name):
                yield one


def made_for(kind: type) -> Iterator[FunctionType]:
    """Yield the functions of a class that stand in no text, as those of data classes."""
    for value in [*vars(kind).values()]:
        yield from filter(_is_made, _functions_in(value))


def data_of(parent: ModuleType | type) -> Iterator[tuple[str, object]]:
    """Yield by name what a module has, and its classes have, beside functions and modules.

    A module that was made in memory is like data: nobody imports it. Data of a class has the
    class's name before its own, with a dot.
    """
    name = _module_of(parent)
    for key, value in [*vars(parent).items()]:  # some come as they are asked for
        if isinstance(value, type):
            if value.__module__ == name:
                yield from ((f"{key}.{of}", one) for of, one in data_of(value))
        elif not (
            _is_pythons(key, parent)
            or isinstance(value, _Descriptors)
            or (isinstance(value, ModuleType) and not _is_in_memory(value))
            or _is_known(_function_in(value), name)
        ):
            yield key, value


def _module_of(parent: ModuleType | type | None) -> str:
    return parent.__module__ if isinstance(parent, type) else getattr(parent, "__name__", "")


def _is_in_memory(module: ModuleType) -> bool:
    """Say whether a module was made while a program runs, and stands in no file."""
    if module.__name__.startswith("_cython_"):  # in which Cython keeps types of its own
        return False
    return getattr(module, "__file__", None) is None and getattr(module, "__spec__", None) is None


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


def own_imports(
    text: str, package: str | None, *holders: ModuleType | type
) -> dict[str, ModuleSpec]:
    """Return by name the own modules that code imports, and those that these import in turn.

    Those count, too, that a loaded one of them holds, or of which it holds functions and classes,
    however it came by them.

    Parameters
    ----------
    text
        The code.
    package
        The package that it is part of, if it is of one.
    *holders
        Modules and classes which may hold others, too.
    """
    found = dict[str, ModuleSpec]()
    names = [*_names(text, package or ""), *(name for one in holders for name in _held(one))]
    for name in names:
        if name not in found and (spec := _own_spec(name)) is not None:
            found[name] = spec
            names += _names(text_of(spec.origin), spec.parent or "")
            names += _held(sys.modules.get(name))
    return found


def _held(parent: ModuleType | type | None) -> Iterator[str]:
    """Yield the names of modules that a module or class holds, or holds something of."""
    for value in [*vars(parent).values()] if parent is not None else ():
        if isinstance(value, ModuleType):
            yield value.__name__
        elif isinstance(value, FunctionType | type):
            yield str(value.__module__)
            if isinstance(value, type) and value.__module__ == _module_of(parent):
                yield from _held(value)


def check_imports(function: FunctionType, text: str) -> None:
    """Raise a UsageError if a function imports by a name that is known only when it runs.

    Parameters
    ----------
    function
        Which.
    text
        Of its file; of the function alone where it stands in none.
    """
    codes = [function.__code__]
    for code in codes:
        codes += [const for const in code.co_consts if isinstance(const, CodeType)]
    names = {name for code in codes for name in code.co_names}
    used = names.intersection(_LOADERS)
    used |= {name for name in names if any(function.__globals__.get(name) is o for o in _LOADING)}
    if not used:
        return
    lines = {line for code in codes for *_, line in code.co_lines()}
    in_file = Path(function.__code__.co_filename).is_file()
    uses = [use for use in _uses(text) if not in_file or lines.intersection(use.lines)]
    if not uses or not used <= {*_LOADERS} or not all(use.module for use in uses):
        raise UsageError(
            f"{function.__qualname__} ({Path(function.__code__.co_filename).name}, line "
            f"{function.__code__.co_firstlineno}) imports by a name that is known only when it "
            "runs, so that a change of what it imports would not be seen: write an import "
            "statement, or the module's name in quotes"
        )


class _Use(NamedTuple):
    """Where code uses what imports by a name.

    Attributes
    ----------
    lines : range
        Of the text.
    module : str
        What is imported, as it is written; empty where it is known only when it runs.
    """

    lines: range
    module: str


@lru_cache(_TEXTS)
def _uses(text: str) -> tuple[_Use, ...]:
    """Return where code imports by a name, or has at hand what does."""
    with suppress(SyntaxError, ValueError):  # what cannot be imported imports nothing
        nodes = [*ast.walk(ast.parse(dedent(text)))]
        calls: dict[ast.AST, ast.Call] = {n.func: n for n in nodes if isinstance(n, ast.Call)}
        return tuple(
            _Use(range(node.lineno, (node.end_lineno or node.lineno) + 1), _quoted(calls.get(node)))
            for node in nodes
            if isinstance(node, ast.Name | ast.Attribute | ast.alias) and _called(node) in _LOADERS
        )
    return ()


def _called(node: ast.expr | ast.alias) -> str:
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case ast.alias(name=name, asname=str()):  # by which it is not found again
            return name
    return ""


def _quoted(call: ast.Call | None) -> str:
    """Return the name of a module that a call imports; nothing where it is not in quotes."""
    match call:
        case ast.Call(func, [ast.Constant(str(name)), *more], []) if _called(func) in _IMPORTERS:
            match more:
                case []:
                    return name if not name.startswith(".") else ""
                case [ast.Name(id="__package__")]:
                    return name
                case [ast.Constant(str(package))]:
                    with suppress(ImportError):
                        return resolve_name(name, package)
    return ""


@lru_cache(_TEXTS)
def _names(text: str, package: str) -> tuple[str, ...]:
    """Return the names of modules that code imports, each after those that it is part of."""
    names = list[str]()
    with suppress(SyntaxError, ValueError):  # what cannot be imported imports nothing
        for node in ast.walk(ast.parse(dedent(text))):
            if isinstance(node, ast.Import):
                names += [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                with suppress(ImportError):  # from beyond its package, which fails, too
                    base = resolve_name("." * node.level + (node.module or ""), package)
                    names += [f"{base}.{alias.name}" for alias in node.names]
        for use in _uses(text):
            with suppress(ImportError):
                names.append(resolve_name(use.module, package))
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
    return not _is_installed(Path(file), name.partition(".")[0])


@lru_cache(_TEXTS)
def _is_installed(file: Path, top: str) -> bool:
    """Say whether a file is Python's or a library's, also of one in a folder of another name."""
    if not {*_INSTALLED}.isdisjoint(file.parts):
        return True
    if any(file.is_relative_to(place) for place in _LIBRARIES):
        return True
    root = next((p.parent for p in file.parents if p.name == top), file.parent)
    return f"\n{file.relative_to(root).as_posix()}," in _records(root)


@cache
def _records(folder: Path) -> str:
    """Return what pip says that it has put in a folder, a file a line."""
    return "".join("\n" + one.read_text("utf-8") for one in folder.glob("*.dist-info/RECORD"))


@cache
def _version(library: str) -> str:
    """Return a library's version, also of one that is installed by another name than imported."""
    with suppress(PackageNotFoundError):
        return version(library)
    if library in sys.stdlib_module_names:
        return ""
    return " ".join(f"{of} {version(of)}" for of in sorted({*_installers().get(library, ())}))


@cache
def _installers() -> Mapping[str, list[str]]:
    return packages_distributions()
