"""The show of a plan on the night: with the units that it has bought, and what it expected."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from livesim.arrays import Floats
from livesim.experiment.custom import refuse_custom
from livesim.planning.items import Item, items_of, owned_paths
from livesim.planning.kept import CURVES
from livesim.planning.recommendation import Plan
from livesim.results.saved import read_scenario
from livesim.scenario.quantities import COUNT, QuantityError
from livesim.scenario.scenario import Scenario
from livesim.scenario.sources import changed_paths

_UNKNOWN = "a show on the air is expected as its scenario says; plan without them"


@dataclass(frozen=True)
class Ready:
    """A show that is about to begin.

    Parameters
    ----------
    scenario
        The show, with what was bought among the units owned.
    items
        Its items, with the units owned of each before the purchase.
    viewers
        Unique viewers as planned, shape (R,).
    demand
        Units wanted of each product as planned, shape (R,).
    """

    scenario: Scenario
    items: tuple[Item, ...]
    viewers: Floats
    demand: Mapping[str, Floats]


def ready(plan: Plan | str | Path, changes: Mapping[str, Any]) -> Ready:
    """Return the show of a plan, with its purchase.

    Parameters
    ----------
    plan
        The plan, or the folder to which it was saved.
    changes
        Path → value of what is otherwise than planned. Units owned are those after the purchase.

    Raises
    ------
    ResultsError
        If the folder is not a livesim plan, or a part of it is missing or was changed.
    UsageError
        If it was planned with code of somebody's own.
    """
    if isinstance(plan, Plan):
        refuse_custom(plan.notes, _UNKNOWN)
        curves = plan.curves
        purchases = [item.purchase for item in plan.items]
        demand = {one.item.name: one.demand for one in curves.curves}
        return _ready(curves.scenario, purchases, curves.viewers, demand, changes)
    kind, place = Plan.kind, Path(plan)
    manifest = kind.read(place)
    refuse_custom(manifest.notes, _UNKNOWN)
    scenario = read_scenario(kind, place, manifest.scenario, manifest.digest)
    items = items_of(scenario)
    told = json.loads((place / f"{kind.name}.json").read_text("utf-8"))["products"]
    with kind.making_sense_of(place / CURVES), np.load(place / CURVES, allow_pickle=False) as kept:
        viewers = kept["viewers"]
        demand = {item.name: kept[f"{item.name}/demand"][:, -1] for item in items}
    purchases = [_purchase(told, item) for item in items]
    return _ready(scenario, purchases, viewers, demand, changes)


def _purchase(told: Mapping[str, Any], item: Item) -> int:
    product, _, variant = item.name.partition(".")
    one = told[product]["variants"][variant] if variant else told[product]
    return int(one["purchase"])


def _ready(
    scenario: Scenario,
    purchases: Sequence[int],
    viewers: Floats,
    demand: Mapping[str, Floats],
    changes: Mapping[str, Any],
) -> Ready:
    items = items_of(scenario)
    together: dict[str, Floats] = {}
    for item in items:
        of = np.asarray(demand[item.name], dtype=float)
        together[item.product] = together.get(item.product, 0.0) + of
    told = changed_paths(changes)
    units = {item: item.owned + bought for item, bought in zip(items, purchases, strict=True)}
    changed = {**told, **_owned(scenario, units, told)}
    show = scenario.with_changes(changed) if changed else scenario
    owned = {item.name: item.owned for item in items}
    before = (replace(one, owned=owned.get(one.name, one.owned)) for one in items_of(show))
    return Ready(show, tuple(before), viewers, together)


def _owned(
    scenario: Scenario, units: Mapping[Item, int], told: Mapping[str, Any]
) -> dict[str, Any]:
    """Return what is owned after the purchase by path: as told, or else as recommended.

    Who tells the units of a product leaves their split to the scenario; who tells those of a
    variant has that many more or fewer of the product.
    """
    owned: dict[str, Any] = {}
    for name in dict.fromkeys(item.product for item in units):
        whole, *parts = _own_paths(scenario, name)
        mine = {item: level for item, level in units.items() if item.product == name}
        of_variants = any(path in told for path in parts)
        bought = any(level != item.owned for item, level in mine.items())
        if whole not in told and (bought or of_variants):
            owned |= owned_paths(scenario, mine)
        owned |= {path: told[path] for path in parts if path in told}
        if whole not in told and of_variants:
            with suppress(QuantityError):  # what is no count is refused where it is read
                owned[whole] = sum(int(COUNT.read(owned[path])) for path in parts)
    return owned


def _own_paths(scenario: Scenario, name: str) -> list[str]:
    """Return where the units owned of a product stand, and those of its variants."""
    path = f"products.{name}"
    variants = scenario.products[name].variants
    return [f"{path}.owned", *(f"{path}.variants.{one}.owned" for one in variants)]
