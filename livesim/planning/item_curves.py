"""What each item comes to at the stock levels of a look: a curve, or one simulated choice."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from livesim.arrays import Floats
from livesim.experiment.levels import Levels, of_stock
from livesim.experiment.packing import Packed
from livesim.planning.curves import (
    OF_ALL,
    TIMES,
    Curves,
    Simulated,
    StockCurve,
    Units,
    elsewhere,
    whole_profit,
)
from livesim.planning.items import Item, savings, units_of
from livesim.scenario.scenario import Scenario


def curve_of(scenario: Scenario, items: tuple[Item, ...], number: int, found: Levels) -> StockCurve:
    """Return one item's curve from what was simulated at its levels."""
    item = items[number]
    mine = list(item.variants)
    levels, kept = np.unique(found.units[mine].sum(axis=0), return_index=True)
    figures = {name: figure[:, kept] for name, figure in _added(found, mine)}
    product = list(scenario.products).index(item.product)
    whole = len([other for other in items if other.product == item.product]) == 1
    if whole:
        times = found.sold_out_at[:, product], found.unavailable_after(product)
    else:
        variant = mine[0]
        after = found.variant_unavailable_after(variant)
        times = found.figures["sold_out_at"][:, variant], after
    figures["profit"] = figures["profit"] + item.saving(levels)
    every = (*times, found.link_at[:, product])
    figures |= {name: time[:, kept] for name, time in zip(TIMES, every, strict=True)}
    return StockCurve(item, levels, figures)


def _added(found: Levels, mine: Sequence[int]) -> Iterator[tuple[str, Floats]]:
    """Yield the figures that add up over variants; what orders want, by whose units they take."""
    shared = not np.array_equal(found.takes, np.eye(len(found.takes)))
    own = {name: figure[:, mine] for name, figure in found.figures.items()}
    for name in found.figures:
        if shared and name in ("demand", "claimed", "sales", "lost"):
            figure = of_stock(found.figures, name)
            yield name, np.einsum("rul,uv->rvl", figure, found.takes[:, mine]).sum(axis=1)
        elif name not in ("sold_out_at", "unavailable_at"):
            yield name, of_stock(own, name).sum(axis=1)


def alone(curve: StockCurve) -> StockCurve:
    """Return the curve of an item whose stock nobody else's sales depend on."""
    nothing = np.zeros_like(curve.figures["profit"])
    others = {elsewhere(name): nothing for name in OF_ALL if name in curve.figures}
    return in_floats(replace(curve, figures={**curve.figures, **others}))


def with_others(curve: StockCurve, found: Levels, other: int) -> StockCurve:
    """Add by how much the others' figures differ from what they are at units of this item."""
    mine = list(curve.item.variants)
    _, kept = np.unique(found.units[mine].sum(axis=0), return_index=True)
    there, figures = [int(np.searchsorted(curve.levels, other))], {**curve.figures}
    for name in (name for name in OF_ALL if name in found.figures):
        others = np.delete(found.figures[name], mine, axis=1)[:, :, kept].sum(axis=1)
        figures[elsewhere(name)] = others - others[:, there]
    return replace(curve, figures=figures)


def on_lines(curve: StockCurve, figure: str, levels: NDArray[np.int64]) -> Floats:
    """Return a figure at further levels, on straight lines between those that there are."""
    if len(curve.levels) == 1:  # nobody else is in the show, to whom it could do something
        return np.repeat(curve.figures[figure], len(levels), axis=1)
    return np.stack([curve.at(figure, units) for units in levels.tolist()], axis=1)


def in_floats(curve: StockCurve) -> StockCurve:
    """Return a curve all of whose figures are of one type, as those on lines are."""
    return replace(curve, figures={n: figure.astype(float) for n, figure in curve.figures.items()})


def bundles_of(
    items: tuple[Item, ...], around: Units, found: Sequence[Levels]
) -> dict[str, Floats]:
    """Return the figures of bundles, which are no items, where the items have these units."""
    bought = [variant for item in items for variant in item.variants]
    if not around or len(bought) == len(found[0].units):
        return {}
    units = units_of(items, around)[:, None]
    at = (
        (one, int(level))
        for one in found
        for level in np.flatnonzero((one.units == units).all(axis=0))
    )
    return {
        name: np.delete(of.figures[name][:, :, level], bought, axis=1).sum(axis=1)
        for of, level in islice(at, 1)
        for name in OF_ALL
        if name in of.figures
    }


def profits_of(
    scenario: Scenario, items: tuple[Item, ...], looks: Sequence[Levels]
) -> list[Floats]:
    """Return the profit of the whole show at each level, (R,)."""
    (found,) = looks
    units = np.stack([found.units[list(item.variants)].sum(axis=0) for item in items])
    profits = whole_profit(scenario, found.figures) + savings(items, units)
    return list(np.ascontiguousarray(profits.T))


def as_simulated(
    scenario: Scenario, items: tuple[Item, ...], looks: Sequence[Levels]
) -> list[Simulated]:
    """Return what the show and its items come to at each level."""
    (found,) = looks
    simulated = []
    profits = profits_of(scenario, items, looks)
    for profit, alone in zip(profits, found.split([1] * len(profits)), strict=True):
        each = [curve_of(scenario, items, number, alone).figures for number in range(len(items))]
        figures = {name: np.concatenate([one[name] for one in each], axis=1) for name in each[0]}
        simulated.append(Simulated(profit, Packed(figures)))
    return simulated


def outcomes(curves: Curves, choice: Simulated, units: Units) -> tuple[StockCurve, ...]:
    """Return what each item came to in a simulated choice.

    Parameters
    ----------
    curves
        Which show.
    choice
        What was simulated.
    units
        The units of each item in it.

    Returns
    -------
    tuple of StockCurve
        Level, with the figures of the choice at any number of units.
    """
    figures = [Packed({}) for _ in units]
    for name, of in choice.items.items():  # of all items one figure after the other is unpacked
        figures = [
            one.having(Packed({name: np.repeat(of[:, [n]], 2, axis=1)}))
            for n, one in enumerate(figures)
        ]
    return tuple(
        StockCurve(item, np.array([have, have + 1]), of_item)
        for item, have, of_item in zip(curves.items, units, figures, strict=True)
    )
