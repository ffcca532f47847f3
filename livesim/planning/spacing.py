"""At how many units, and at which, an item's stock curve is looked at."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from livesim.arrays import Floats
from livesim.experiment.first_look import FirstLook
from livesim.planning.curves import StockCurve
from livesim.planning.items import Item

#: Levels that are each a simulation.
SIMULATED_LEVELS = 12
#: The curve goes on to so many times the highest demand of the first look.
_BEYOND = 2.0
#: Of items for which levels are too few, so many below what is owned are looked at.
_BELOW = 2
#: Where each level is followed by itself, which costs most below what is owned, so many of these.
_FEW_BELOW = 6


def levels_for(item: Item, demand: Floats, sales: Floats, count: int) -> NDArray[np.int64]:
    """Choose the levels of an item's curve: dense where its demand is, and what is owned.

    Levels differ from what is owned by whole packs, as purchases do. Where all of these up to twice
    the highest demand are no more than ``count``, they are all there; otherwise half of them lie at
    quantiles of the demand and of what is paid for, which is all that is needed where orders lapse,
    and the others in the widest gaps between these above the median of what is needed.

    Parameters
    ----------
    item
        Whose levels.
    demand, sales
        Units wanted, and those paid for with stock for all, in a few replications.
    count
        About how many levels.

    Returns
    -------
    ndarray
        Ascending, the first 0.

    Examples
    --------
    >>> item = Item(name="serum", product="serum", order="serum", owned=50, unit_cost=80.0, pack=10)
    >>> levels_for(item, np.array([12.0, 30.0, 41.0]), np.array([11.0, 27.0, 36.0]), 40).tolist()
    [0, 10, 20, 30, 40, 50, 60, 70, 80, 90]
    """
    most = max(_BEYOND * demand.max(), demand.max() + item.worth_having)
    # Beyond the last level curves go on as straight lines, which rounding bends where it is near.
    most = max(most, item.owned + item.owned // 1_000)
    top = item.owned + item.pack * max(1, int(np.ceil((most - item.owned) / item.pack)))
    every: Sequence[int] | NDArray[np.int64] = range(top % item.pack, top + 1, item.pack)
    if len(every) > count:
        tail = np.geomspace(max(demand.max(), 1), top, 5)[1:]
        # Demand is what is served; where orders lapse, fewer units than that are needed.
        half = count // 4
        wanted = np.quantile(demand, np.linspace(0, 1, half))
        needed = np.quantile(sales, (np.arange(half) + 0.5) / half)
        steps = np.rint((np.concatenate([wanted, needed, tail]) - item.owned) / item.pack)
        every = item.owned + item.pack * steps.astype(np.int64)
    # At a price break the profit jumps: it is looked at on both sides, and where it goes on.
    breaks = [item.owned + n + more for n, _ in item.breaks for more in (-1, 0, item.pack)]
    levels = np.unique(np.concatenate([[0, item.owned, top], breaks, every]))
    levels = levels[levels >= 0].astype(np.int64)
    return _with_gaps_halved(levels, item.pack, count, above=float(np.median(sales)))


def levels_of(item: Item, look: FirstLook, count: int) -> NDArray[np.int64]:
    """Choose about so many levels of an item's curve from a first look at the show."""
    wanted, paid = (one[:, item.variants].sum(axis=1) for one in (look.demand, look.sales))
    return levels_for(item, wanted, paid, count)


def closer(curve: StockCurve, low: int, high: int, count: int) -> NDArray[np.int64]:
    """Return a curve's levels with so many more within a span, by whole packs from those owned."""
    item = curve.item
    steps = np.rint((np.linspace(low, high, count + 2) - item.owned) / item.pack)
    between = np.clip(item.owned + item.pack * steps.astype(np.int64), low, high)
    return np.unique(np.concatenate([curve.levels, between]))


def spread_between_packs(item: Item, levels: NDArray[np.int64], count: int) -> NDArray[np.int64]:
    """Spend the levels that whole packs leave on what a planner might have between two packs."""
    return _with_gaps_halved(levels, 1, count, above=item.owned)


def _with_gaps_halved(
    levels: NDArray[np.int64], pack: int, count: int, above: float
) -> NDArray[np.int64]:
    """Halve the gaps above some units that are widest for their level, until levels are enough.

    The upper tail of a few shows is sparse, or has all its quantiles in the same pack; straight
    lines over it made services of 95 % look more than a percentage point lower.
    """
    while len(levels) < count:
        packs = np.diff(levels) // pack
        open_ = (packs > 1) & (levels[1:] > above)
        widest = int(np.where(open_, np.diff(levels) / levels[1:], 0.0).argmax())
        if not open_[widest]:
            break
        middle = levels[widest + 1] - pack * (packs[widest] // 2)
        levels = np.insert(levels, widest + 1, middle)
    return levels


def to_be_had(item: Item, levels: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the levels that a decision can choose, no units at all, and the next below those.

    Fewer than are owned cannot be chosen; what these would come to says what a few orders more do.
    """
    first = max(0, int(np.searchsorted(levels, item.owned)) - _BELOW)
    return np.union1d(levels[:1], levels[first:])


def few_below(item: Item, levels: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the levels with only some of those below what is owned, which cannot be chosen."""
    owned = int(np.searchsorted(levels, item.owned))
    below = np.rint(np.linspace(0, owned, _FEW_BELOW + 1)).astype(int)[:-1]
    return np.asarray(levels[np.union1d(below, np.arange(owned, len(levels)))])


def some_of(levels: NDArray[np.int64], item: Item) -> NDArray[np.int64]:
    """Return the levels at which an item is simulated for what one show does not tell of all."""
    spread = np.rint(np.linspace(0, len(levels) - 1, SIMULATED_LEVELS)).astype(int)
    return np.asarray(levels[np.union1d(spread, np.searchsorted(levels, item.owned))])
