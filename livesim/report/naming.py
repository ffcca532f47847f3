"""The one place where a key becomes what people read: its label, where the scenario has one.

`naming` says which scenarios are told of; the views of an answer do so. Outside of it, and where
there is no label, a key is read as it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from types import MappingProxyType
from typing import Any, Final

from livesim.report.language import Called
from livesim.scenario.labels import labels
from livesim.scenario.scenario import Scenario

#: The section of names of shows, which is none of a scenario's.
_SHOWS: Final = "shows"
_LABELS: Final[ContextVar[Mapping[str, str]]] = ContextVar("labels", default=MappingProxyType({}))


@contextmanager
def naming(
    scenarios: Iterable[Scenario], shows: Mapping[str, str] = MappingProxyType({})
) -> Iterator[None]:
    """Give what is said inside the labels of scenarios; what several call differently, has none.

    Parameters
    ----------
    scenarios
        What is told of.
    shows
        What is read for the names of shows, where it is something else.

    Examples
    --------
    >>> import livesim
    >>> change = {"products.serum.label": "Hydrating serum"}
    >>> room = livesim.load("scenarios/brand_room.yaml", change)
    >>> with naming([room]):
    ...     product("serum"), product("mask")
    ('Hydrating serum', 'mask')
    """
    every = list(scenarios)
    apart, found = set(called_differently(every)), dict[str, str]()
    for scenario in every:
        found |= {path: text for path, text in labels(scenario).items() if path not in apart}
    found |= {f"{_SHOWS}.{name}": text for name, text in shows.items()}
    token = _LABELS.set(found)
    try:
        yield
    finally:
        _LABELS.reset(token)


def called_differently(scenarios: Iterable[Scenario]) -> list[str]:
    """Return the paths of what has several labels in scenarios."""
    found: dict[str, set[str]] = {}
    for scenario in scenarios:
        for path, text in labels(scenario).items():
            found.setdefault(path, set()).add(text)
    return [path for path, texts in found.items() if len(texts) > 1]


def product(key: str) -> str:
    """Return what a product is called."""
    return Called(_LABELS.get().get(f"products.{key}", key))


def item(key: str) -> str:
    """Return what a product, or one of its variants, is called: alike beside those with labels."""
    of, _, own = key.partition(".")
    called = product(of), variant(of, own)
    beside = any(path.startswith(f"products.{of}.variants.") for path in _LABELS.get())
    return Called(key if called == (of, own) and not beside else " ".join(called).rstrip())


def person(key: str) -> str:
    """Return what somebody is called."""
    return Called(_LABELS.get().get(f"people.{key}", key))


def show(name: str) -> str:
    """Return what a show is called that stands beside others."""
    return Called(_LABELS.get().get(f"{_SHOWS}.{name}", name))


def slot(key: str) -> str:
    """Return what a slot is called: one without a label as the product whose name it has.

    A rotation's slots have a product's name and a number: ``serum_2`` is the second of ``serum``.
    """
    found = _LABELS.get()
    of, _, number = key.rpartition("_")
    second = found.get(f"products.{of}") if number.isdecimal() else None
    own = found.get(f"rundown.{key}") or found.get(f"products.{key}")
    return Called(own or (f"{second} {number}" if second else key.replace("_", " ")))


def of_section(section: str, key: str) -> str:
    """Return what the key of a path's section is called, such as that of ``products``."""
    return Called(_LABELS.get().get(f"{section}.{key}", key))


def variant(of: str, key: str) -> str:
    """Return what a variant of a product is called."""
    return Called(_LABELS.get().get(f"products.{of}.variants.{key}", key))


def columns(table: Any) -> Any:
    """Return a tidy table (pandas) in which products, items, variants, slots have their names."""
    found: dict[str, Any] = {
        key: table[key].map(one, na_action="ignore")
        for key, one in _COLUMNS.items()
        if key in table
    }
    if "product" in table and "variant" in table:
        found["variant"] = list(map(variant, table["product"], table["variant"]))
    return table.assign(**found)


#: Columns of tidy tables whose cells are keys.
_COLUMNS: Final = {"product": product, "item": item, "slot": slot}
