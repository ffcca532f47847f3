"""A block of replications at many stock levels at once: the rows of a stock curve.

Where nothing reacts to the stock, viewers try to order the same at every level, so one pass of the
crowd serves them all: the account is kept on a trailing axis of levels, and each level's figures
are those of a simulation at that stock, bit for bit. Where something reacts, the crowd has to be
simulated at each level. But where slots go on at sell-out, all levels live through the same show
until one goes on because of them, so that much can still be replayed from one pass.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from livesim.engine.block import Lockstep, reacts_to_stock
from livesim.engine.crowd import CohortCrowd
from livesim.engine.draws import draw
from livesim.engine.fates import Counts
from livesim.engine.settlement import settled
from livesim.engine.streams import Streams
from livesim.model.inputs import Inputs, inputs_of
from livesim.randomness import BLOCK
from livesim.scenario.quantities import Floats
from livesim.scenario.scenario import Scenario

#: What is kept of each level, by replication and variant.
FIGURES = (
    *("sold_out_at", "demand", "claimed", "sales", "lost", "left_over", "bought", "cancelled"),
    *("returned", "backordered", "gmv", "nmv", "profit"),
)

#: Most levels in one pass of the crowd, and most stocks where every single room has its own: at
#: 100 numbers for a stock and level (states, and payments of the sweeps to come) half a gigabyte.
_LEVELS = 1_000
_STOCKS = 600_000


@dataclass(frozen=True)
class Levels:
    """What R replications came to at L stock levels, for V variants of P products.

    Parameters
    ----------
    units
        Owned units of each variant at each level, shape (V, L).
    figures
        The :data:`FIGURES` by name, shape (R, V, L), as
        :func:`~livesim.engine.settlement.settled` gives them; slot fees are left out.
    sold_out_at
        When all variants of a product were first sold out together [s], inf if never, shape
        (R, P, L).
    link_at
        When a product's link first went up [s], shape (R, P, L).
    viewers
        Unique viewers, shape (R, L).
    drawn
        Every uncertain quantity by its path, shape (R,).
    """

    units: Counts
    figures: Mapping[str, NDArray[np.float64]]
    sold_out_at: Floats
    link_at: Floats
    viewers: Counts
    drawn: Mapping[str, Floats]

    def without_first(self) -> Levels:
        """Return all levels but the first."""
        return replace(
            self,
            units=self.units[:, 1:],
            figures={name: figure[:, :, 1:] for name, figure in self.figures.items()},
            sold_out_at=self.sold_out_at[:, :, 1:],
            link_at=self.link_at[:, :, 1:],
            viewers=self.viewers[:, 1:],
        )

    @staticmethod
    def side_by_side(parts: list[Levels]) -> Levels:
        """Join the same replications at further levels."""
        return Levels(
            units=np.concatenate([part.units for part in parts], axis=-1),
            figures={
                name: np.concatenate([part.figures[name] for part in parts], axis=-1)
                for name in parts[0].figures
            },
            sold_out_at=np.concatenate([part.sold_out_at for part in parts], axis=-1),
            link_at=np.concatenate([part.link_at for part in parts], axis=-1),
            viewers=np.concatenate([part.viewers for part in parts], axis=-1),
            drawn=parts[0].drawn,
        )

    def head(self, replications: int) -> Levels:
        """Return the first replications."""
        return replace(
            self,
            figures={name: figure[:replications] for name, figure in self.figures.items()},
            sold_out_at=self.sold_out_at[:replications],
            link_at=self.link_at[:replications],
            viewers=self.viewers[:replications],
            drawn={path: values[:replications] for path, values in self.drawn.items()},
        )

    @staticmethod
    def joined(parts: list[Levels]) -> Levels:
        """Put blocks of replications at the same levels one after the other."""
        return Levels(
            units=parts[0].units,
            figures={
                name: np.concatenate([part.figures[name] for part in parts])
                for name in parts[0].figures
            },
            sold_out_at=np.concatenate([part.sold_out_at for part in parts]),
            link_at=np.concatenate([part.link_at for part in parts]),
            viewers=np.concatenate([part.viewers for part in parts]),
            drawn={
                path: np.concatenate([part.drawn[path] for part in parts])
                for path in parts[0].drawn
            },
        )


def levels_block(
    scenario: Scenario, levels: Counts, seed: int, block: int, *, replications: int = BLOCK
) -> Levels:
    """Simulate one block of replications at many stock levels.

    Parameters
    ----------
    scenario
        The show; what it says is owned is replaced by the levels.
    levels
        Owned units of each variant at each level, shape (V, L).
    seed, block, replications
        As in :func:`~livesim.engine.block.simulate_block`: the same luck.

    Returns
    -------
    Levels
        Of these replications.

    Examples
    --------
    >>> import livesim
    >>> scenario = livesim.load("scenarios/brand_room.yaml", {"show.length": "20min"})
    >>> found = levels_block(scenario, np.array([[20, 50], [0, 30], [10, 20]]), seed=1, block=0)
    >>> found.figures["sales"].shape
    (250, 3, 2)
    """
    drawn = draw(scenario, seed, block, replications)
    inputs = inputs_of(scenario, drawn, replications)
    streams = Streams(seed, block, replications)
    at_once = 1 if reacts_to_stock(scenario) else _levels_at_once(scenario, inputs)
    return Levels.side_by_side(
        [
            _pass(scenario, inputs, drawn, streams, levels[:, first : first + at_once])
            for first in range(0, levels.shape[1], at_once)
        ]
    )


def _levels_at_once(scenario: Scenario, inputs: Inputs) -> int:
    """Return how many levels a pass may have: with allotments, as memory allows."""
    if not scenario.split:
        return _LEVELS
    stocks = inputs.replications * sum(room.count for room in inputs.rooms)
    return max(1, min(_LEVELS, _STOCKS // stocks))


def replayed_block(
    scenario: Scenario,
    seen: Counts,
    levels: Counts,
    seed: int,
    block: int,
    *,
    replications: int = BLOCK,
) -> Levels:
    """Replay one block of replications, in which viewers live through one show, at many levels.

    Where slots go on at sell-out, attempts count at a level until a slot would have gone on there.
    Up to then everything is as in a simulation at that level; what happens afterwards is not known.

    Parameters
    ----------
    scenario
        The show, in which viewers do not react to what the screen shows of the stock.
    seen
        Owned units of each variant in the show that viewers live through, shape (V,). What differs
        between the levels must be unlimited in it wherever a slot could go on because of it.
    levels, seed, block, replications
        As for :func:`levels_block`.

    Returns
    -------
    Levels
        At the levels.

    Notes
    -----
    A replication that is simulated by itself gives the same bits up to that moment. Within a block,
    replications draw from common streams, so the luck of one depends on when another's slot went
    on: then a replayed level has the law of a simulated one and another luck.

    Examples
    --------
    >>> import livesim
    >>> scenario = livesim.load("scenarios/brand_room.yaml", {"show.length": "20min"})
    >>> seen, levels = np.array([10**15, 20, 10]), np.array([[20, 50], [20, 20], [10, 10]])
    >>> found = replayed_block(scenario, seen, levels, seed=1, block=0)
    >>> found.figures["sales"].shape
    (250, 3, 2)
    """
    drawn = draw(scenario, seed, block, replications)
    inputs = inputs_of(scenario, drawn, replications)
    at_once = _levels_at_once(scenario, inputs)
    return Levels.side_by_side(
        [
            _pass(
                scenario,
                inputs,
                drawn,
                Streams(seed, block, replications),
                np.column_stack([seen, levels[:, first : first + at_once]]),
            ).without_first()
            for first in range(0, levels.shape[1], at_once)
        ]
    )


def _pass(
    scenario: Scenario,
    inputs: Inputs,
    drawn: Mapping[str, Floats],
    streams: Streams,
    levels: Counts,
) -> Levels:
    """Run the crowd once and the account at each level."""
    lockstep = Lockstep(scenario, inputs, streams, levels, CohortCrowd(inputs, streams))
    lockstep.run()
    account = lockstep.house.account
    variants = settled(scenario, inputs, streams, account)
    size = levels.shape[1]
    return Levels(
        units=levels,
        figures={
            name: np.stack([figures[name] for figures in variants], axis=1) for name in FIGURES
        },
        sold_out_at=np.stack([product.sold_out_at for product in account.products], axis=1),
        link_at=np.repeat(lockstep.house.stage.link_at[:, :, None], size, axis=2),
        viewers=np.repeat(lockstep.crowd.viewers.sum(axis=0)[:, None], size, axis=1),
        drawn=drawn,
    )
