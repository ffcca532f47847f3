"""What a plan is for: most profit, a service level, a fill rate, or profit with a cap on its risk.

An objective is plain data; how it is reached stands in :mod:`~livesim.planning.deciding`. On the
command line it is written in words: ``profit``, ``service=90%@20min``, ``fill=95%``, ``loss=10%``,
``worst=-50k``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True)
class MostProfit:
    """Most expected profit of the whole show."""


@dataclass(frozen=True)
class Service:
    """The fewest units with which each item is not sold out too early, sure enough.

    Parameters
    ----------
    sure
        Least chance that it is not sold out by then, in (0, 1) [1].
    by
        Time after the product's first link [s]; None: the end of the show.
    """

    sure: float
    by: float | None = None


@dataclass(frozen=True)
class FillRate:
    """The fewest units with which a share of each item's demand is served.

    Parameters
    ----------
    share
        Expected units served over expected units wanted, in (0, 1) [1].
    """

    share: float


@dataclass(frozen=True)
class LossCap:
    """Most expected profit with at most this chance that the show makes a loss.

    Parameters
    ----------
    chance
        In [0, 1) [1].
    """

    chance: float


@dataclass(frozen=True)
class WorstCap:
    """Most expected profit of which the worst 10 % of shows still make a mean of so much.

    Parameters
    ----------
    least
        Mean profit of the worst 10 % of shows (the conditional value at risk) [currency].
    """

    least: float


Objective: TypeAlias = MostProfit | Service | FillRate | LossCap | WorstCap

MOST_PROFIT = MostProfit()
