"""The ledger: what the same orders come to at other stock levels, and sold in other ways.

A pure function of the recording: :mod:`~livesim.engine.ledger.parts` divides it, and
:mod:`~livesim.engine.ledger.all_levels` keeps the accounts of each part.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from livesim.engine.ledger.all_levels import Kept, keep
from livesim.engine.ledger.order_sums import FAKED, ORDERS, PAYING, UNITS
from livesim.engine.ledger.part import Part
from livesim.engine.ledger.parts import Wanted, parts_of
from livesim.engine.ledger.release import ReleasePlan
from livesim.engine.ledger.sold_out import Empties
from livesim.engine.ledger.validity import parted_at
from livesim.engine.orders.orders import Counts, Floats, Numbers
from livesim.engine.recording import Recording


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
        [units]; orders; gmv, paid_value [currency]; sold_out_at, unavailable_at [s].
    sold_out_at
        When all variants of a product were first sold out together [s], inf if never, (R, P, J).
    unavailable_at
        When it was first on offer with nothing on hand [s], inf if never, shape (R, P, J): more may
        still have been to come.
    on_sale
        Share of the time for which a product is planned to be on offer, from its first link on, in
        which units are on hand [1], shape (R, P, J).
    exact_until
        Until when the recording holds at a level [s], inf if to the end, shape (R, J): from then on
        another stock would have made another show, and no further order is counted.
    final
        Whether what a product came to by then is all that it comes to, shape (R, P, J).
    """

    levels: Counts
    figures: dict[str, NDArray[Any]]
    sold_out_at: Floats
    unavailable_at: Floats
    on_sale: Floats
    exact_until: Floats
    final: NDArray[np.bool_]

    def columns(self, some: slice) -> Ledger:
        """Return some of the levels."""
        return Ledger(
            self.levels[:, some],
            {name: figure[:, :, some] for name, figure in self.figures.items()},
            self.sold_out_at[:, :, some],
            self.unavailable_at[:, :, some],
            self.on_sale[:, :, some],
            self.exact_until[:, some],
            self.final[:, :, some],
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
    parting = parted_at(recording, wanted)
    inputs, (replications, size) = recording.inputs, parting.until.shape
    sold_out_at = np.zeros((replications, len(inputs.products), size))
    unavailable_at, on_sale = np.zeros_like(sold_out_at), np.zeros_like(sold_out_at)
    figures: dict[str, NDArray[Any]] = {}
    for part in parts_of(recording, wanted, parting.until):
        kept = watch(part)
        variants = slice(part.variants[0], part.variants[-1] + 1)
        rows, products = (slice(some.start, some.stop) for some in (part.rows, part.products))
        for name, figure in figures_of(part, kept).items():
            whole = figures.setdefault(
                name, np.zeros((replications, len(inputs.variants), size), dtype=figure.dtype)
            )
            whole[rows, variants] = figure.transpose(1, 0, 2)
        shape = len(part.products), *part.until.shape
        gone = kept.products.sold_out_at.reshape(shape)
        sold_out_at[rows, products] = gone.transpose(1, 0, 2)
        lacking = _unavailable_at(part, kept.products, part.products).reshape(shape)
        unavailable_at[rows, products] = lacking.transpose(1, 0, 2)
        on_sale[rows, products] = _on_sale(part, kept).reshape(shape).transpose(1, 0, 2)
    ended = np.append(recording.clock.times[:-1], np.inf)[parting.until]
    kept_all = Ledger(levels, figures, sold_out_at, unavailable_at, on_sale, ended, parting.final)
    ends = np.cumsum([0, *(one.levels.shape[1] for one in wanted)])
    return [kept_all.columns(slice(start, end)) for start, end in pairwise(ends)]


def _offered(part: Part, products: Sequence[int]) -> tuple[Floats, Numbers, Numbers]:
    """Return when each group's link is first up [s], the step at whose end, and the offer's last.

    A product is on offer from its first link to the planned end of its last slot.
    """
    recording, some = part.recording, list(products)
    link_at = recording.link_at[part.rows.start : part.rows.stop, some].T
    ends = recording.clock.by(link_at + recording.inputs.on_offer[some][:, None])
    end = np.minimum(ends, recording.inputs.refreshes)
    first = np.minimum(recording.clock.by(link_at), end)
    link_at, first, end = (np.repeat(one.ravel(), part.levels) for one in (link_at, first, end))
    return link_at, first, end


def _unavailable_at(part: Part, empties: Empties, products: Sequence[int]) -> Floats:
    """Return when groups were first on offer with nothing on hand [s], inf if never.

    Parameters
    ----------
    part
        The accounts.
    empties
        When their variants or products were empty.
    products
        The product of each variant or product.
    """
    link_at, first, end = _offered(part, products)
    return empties.first_empty(link_at, first, part.recording.clock.times[end])


def _on_sale(part: Part, kept: Kept) -> Floats:
    """Return the share of the planned time on offer in which units are on hand, by group."""
    _, first, end = _offered(part, part.products)
    empty = kept.products.time_empty(first, end)
    return np.asarray(np.where(end > first, 1.0 - empty / np.maximum(end - first, 1), 0.0))


def figures_of(part: Part, kept: Kept) -> dict[str, NDArray[Any]]:
    """Return what the variants of a part came to, each of shape (variants, R, J)."""
    claimed, paid = kept.taken[..., UNITS], kept.taken[..., PAYING]
    put_on_sale = np.concatenate([comes.put_on_sale for comes in part.deliveries])
    position = put_on_sale - paid
    price = kept.book.price.reshape(len(part.cells), part.replications, 1)
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
    shape = (-1, part.per_variant, part.replications, part.levels)
    figures = {name: figure.reshape(shape).sum(axis=1) for name, figure in by_cell.items()}
    figures["to_come"] = np.concatenate([comes.owned_never for comes in part.deliveries])
    of_variant = part.recording.inputs.product_of[part.variants].tolist()
    times = {
        "sold_out_at": kept.variants.sold_out_at,
        "unavailable_at": _unavailable_at(part, kept.variants, of_variant),
    }
    figures |= {
        name: time.reshape(-1, part.replications, part.levels) for name, time in times.items()
    }
    return figures
