"""The ledger: what the same orders come to at other stock levels, and sold in other ways.

A pure function of the recording: :mod:`~livesim.engine.parts` divides it, and
:mod:`~livesim.engine.keeping` keeps the accounts of each part.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from livesim.engine.book import FAKED, ORDERS, PAYING, UNITS
from livesim.engine.keeping import Kept, keep
from livesim.engine.orders import Counts, Floats
from livesim.engine.part import Part
from livesim.engine.parting import parted_at
from livesim.engine.parts import Wanted, parts_of
from livesim.engine.recording import Recording
from livesim.engine.release import ReleasePlan


@dataclass(frozen=True)
class Ledger:
    """What R replications of V variants of P products came to at J stock levels.

    Parameters
    ----------
    levels
        Owned units of each variant at each level, shape (V, J).
    figures
        By name, shape (R, V, J): put_on_sale, demand, claimed, sales, lost, lapsed, backordered,
        waiting (units that orders wait for), on_hand, to_come (owned, and never put on sale), faked
        [units]; orders; gmv, paid_value [currency]; sold_out_at [s].
    sold_out_at
        When all variants of a product were first sold out together [s], inf if never, (R, P, J).
    exact_until
        Until when the recording holds at a level [s], inf if to the end, shape (R, J): from then on
        another stock would have made another show, and no further order is counted.
    """

    levels: Counts
    figures: dict[str, NDArray[Any]]
    sold_out_at: Floats
    exact_until: Floats

    def columns(self, some: slice) -> Ledger:
        """Return some of the levels."""
        return Ledger(
            self.levels[:, some],
            {name: figure[:, :, some] for name, figure in self.figures.items()},
            self.sold_out_at[:, :, some],
            self.exact_until[:, some],
        )


def ledger(
    recording: Recording,
    levels: Counts,
    plan: ReleasePlan | None = None,
    watch: Callable[[Part], Kept] = keep,
) -> Ledger:
    """Return what a recording comes to at stock levels.

    Parameters
    ----------
    recording
        What the crowd did.
    levels
        Owned units of each variant at each level, shape (V, J).
    plan
        How the units are put on sale; by default as in the show.
    watch
        Keeps the accounts of a part, and may look at them.
    """
    one = Wanted(levels, recording.plan if plan is None else plan)
    return ledgers(recording, [one], watch)[0]


def ledgers(
    recording: Recording, wanted: Sequence[Wanted], watch: Callable[[Part], Kept] = keep
) -> list[Ledger]:
    """Return what a recording comes to at stock levels and in several ways to sell.

    All are worked off together, which costs less than one after the other.

    Parameters
    ----------
    recording
        What the crowd did.
    wanted
        The levels and ways.
    watch
        Keeps the accounts of a part, and may look at them.
    """
    levels = np.concatenate([one.levels for one in wanted], axis=1)
    until = parted_at(recording, wanted)
    inputs, (rows, size) = recording.inputs, until.shape
    sold_out_at = np.zeros((rows, len(inputs.products), size))
    figures: dict[str, NDArray[Any]] = {}
    for columns, part in parts_of(recording, wanted, until):
        kept = watch(part)
        at = part.variants[0], part.variants[-1] + 1
        for name, figure in figures_of(part, kept).items():
            whole = figures.setdefault(
                name, np.zeros((rows, len(inputs.variants), size), dtype=figure.dtype)
            )
            whole[:, slice(*at), columns] = figure.transpose(1, 0, 2)
        gone = kept.products.sold_out_at.reshape(len(part.products), *part.until.shape)
        sold_out_at[:, part.products.start : part.products.stop, columns] = gone.transpose(1, 0, 2)
    ended = np.append(recording.clock.times[:-1], np.inf)[until]
    whole = Ledger(levels, figures, sold_out_at, ended)
    ends = np.cumsum([0, *(one.levels.shape[1] for one in wanted)])
    return [whole.columns(slice(start, end)) for start, end in zip(ends, ends[1:], strict=False)]


def figures_of(part: Part, kept: Kept) -> dict[str, NDArray[Any]]:
    """Return what the variants of a part came to, each of shape (variants, R, J)."""
    claimed, paid = kept.taken[..., UNITS], kept.taken[..., PAYING]
    put_on_sale = np.concatenate([comes.put_on_sale for comes in part.deliveries])
    position = put_on_sale - paid
    price = kept.book.price.reshape(len(part.cells), part.rows, 1)
    by_cell: dict[str, NDArray[Any]] = {
        "put_on_sale": put_on_sale,
        "demand": kept.wanted,
        "claimed": claimed,
        "sales": paid,
        "lost": kept.wanted - claimed,
        "lapsed": claimed - paid,
        "backordered": kept.beyond,
        "waiting": np.maximum(-position, 0),
        "on_hand": np.maximum(position, 0),
        "faked": kept.taken[..., FAKED],
        "orders": kept.taken[..., ORDERS],
        "gmv": price * claimed + kept.dearer[..., 0],
        "paid_value": price * paid + kept.dearer[..., 1],
    }
    shape = (-1, part.per_variant, part.rows, part.levels)
    figures = {name: figure.reshape(shape).sum(axis=1) for name, figure in by_cell.items()}
    figures["to_come"] = np.concatenate([comes.owned_never for comes in part.deliveries])
    figures["sold_out_at"] = kept.variants.sold_out_at.reshape(-1, part.rows, part.levels)
    return figures
