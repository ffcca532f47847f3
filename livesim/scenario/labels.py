"""What people read in the place of keys: the labels that a scenario gives."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Final, TypeAlias

from livesim.scenario.parts import Person, Product, Slot, Variant, Whole

Labelled: TypeAlias = Person | Product | Slot | Variant

#: The sections whose parts may have a label, and what one of them is called.
SECTIONS: Final = {"people": "people", "products": "products", "rundown": "slots"}


def labels(scenario: Whole) -> dict[str, str]:
    """Return every label by the path of what bears it.

    Examples
    --------
    >>> import livesim
    >>> change = {"products.serum.label": "\u7cbe\u534e\u6db2"}
    >>> labels(livesim.load("scenarios/brand_room.yaml", change))
    {'products.serum': '\u7cbe\u534e\u6db2'}
    """
    parts = chain.from_iterable(group.items() for _, group in groups(scenario))
    return {path: part.label for path, part in parts if part.label is not None}


def groups(scenario: Whole) -> Iterator[tuple[str, Mapping[str, Labelled]]]:
    """Yield what stands beside each other, by path: no two of a group may read alike."""
    for section, noun in SECTIONS.items():
        yield noun, {f"{section}.{name}": one for name, one in getattr(scenario, section).items()}
    for name, product in scenario.products.items():
        at = f"products.{name}.variants"
        yield f"variants of {name}", {f"{at}.{key}": one for key, one in product.variants.items()}
