"""The show of a plan on the night: with the units that it has bought, and what it expected."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from livesim.experiment.custom import refuse_custom
from livesim.model.splitting import split
from livesim.planning.items import Item, items_of
from livesim.planning.kept import CURVES
from livesim.planning.recommendation import Plan
from livesim.results.saved import read_scenario
from livesim.scenario.quantities import Floats
from livesim.scenario.scenario import Scenario

_UNKNOWN = "a show on the air is expected as its scenario says; plan without them"


@dataclass(frozen=True)
class Ready:
    """A show that is about to begin.

    Parameters
    ----------
    scenario
        The show, with what the plan recommends to buy among the units owned.
    viewers
        Unique viewers as planned, shape (R,).
    demand
        Units wanted of each product as planned, shape (R,).
    """

    scenario: Scenario
    viewers: Floats
    demand: Mapping[str, Floats]


def ready(plan: Plan | str | Path) -> Ready:
    """Return the show of a plan, with its purchase.

    Parameters
    ----------
    plan
        The plan, or the folder to which it was saved.

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
        return _ready(curves.scenario, purchases, curves.viewers, demand)
    kind, place = Plan.kind, Path(plan)
    manifest = kind.read(place)
    refuse_custom(manifest.notes, _UNKNOWN)
    scenario = read_scenario(kind, place, manifest.scenario, manifest.digest)
    items = items_of(scenario)
    told = json.loads((place / f"{kind.name}.json").read_text("utf-8"))["products"]
    with kind.making_sense_of(place / CURVES), np.load(place / CURVES, allow_pickle=False) as kept:
        viewers = kept["viewers"]
        demand = {item.name: kept[f"{item.name}/demand"][:, -1] for item in items}
    return _ready(scenario, [_purchase(told, item) for item in items], viewers, demand)


def _purchase(told: Mapping[str, Any], item: Item) -> int:
    product, _, variant = item.name.partition(".")
    one = told[product]["variants"][variant] if variant else told[product]
    return int(one["purchase"])


def _ready(
    scenario: Scenario, purchases: Sequence[int], viewers: Floats, demand: Mapping[str, Floats]
) -> Ready:
    items = items_of(scenario)
    together: dict[str, Floats] = {}
    for item in items:
        of = np.asarray(demand[item.name], dtype=float)
        together[item.product] = together.get(item.product, 0.0) + of
    owned = _owned(scenario, items, purchases)
    return Ready(scenario.with_changes(owned) if owned else scenario, viewers, together)


def _owned(scenario: Scenario, items: Sequence[Item], purchases: Sequence[int]) -> dict[str, int]:
    """Return what is owned with the purchases, by path."""
    changes: dict[str, int] = {}
    for item, bought in zip(items, purchases, strict=True):
        product = scenario.products[item.product]
        names = [*product.variants]
        first = min(
            number for one in items if one.product == item.product for number in one.variants
        )
        parts = split(np.array([bought]), item.shares)[:, 0].tolist()
        for number, part in zip(item.variants, parts, strict=True):
            path, before = f"products.{item.product}.owned", product.owned
            if names:
                variant = names[number - first]
                own = product.variants[variant].owned
                if own is not None:
                    path, before = f"products.{item.product}.variants.{variant}.owned", own
            if part:
                changes[path] = changes.get(path, before) + part
    return changes
