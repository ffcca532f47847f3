"""The ledger: what the same orders come to at other stock levels, and sold in other ways.

A pure function of the recording: :mod:`~livesim.engine.ledger.dividing` divides it, and
:mod:`~livesim.engine.ledger.keeping` keeps the accounts of each part.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from livesim.arrays import Counts, Floats, Numbers
from livesim.engine.ledger.book import FAKED, ORDERS, PAYING, UNITS, WEBSHOP
from livesim.engine.ledger.coupons import coupons_used
from livesim.engine.ledger.dividing import Wanted, parts_of
from livesim.engine.ledger.keeping import Kept, keep
from livesim.engine.ledger.on_offer import (
    OnOffer,
    on_offer,
    on_sale,
    time_unavailable,
    unavailable_at,
)
from livesim.engine.ledger.part import Part, places
from livesim.engine.ledger.validity import Parting, parted_at
from livesim.engine.orders.orders import in_few_bytes
from livesim.engine.recording import Recording
from livesim.engine.release_plan import ReleasePlan


@dataclass(frozen=True)
class Ledger:
    """What R replications of V variants of P products came to at J stock levels.

    Parameters
    ----------
    levels
        Owned units of each variant at each level, shape (V, J).
    figures
        By name, shape (R, V, J), whole numbers in 4 bytes where all fit: put_on_sale, demand,
        claimed, sales, lost, lapsed, backordered, waiting (units that orders wait for), on_hand,
        to_come (owned, and never put on sale), faked
        [units]; where products share stock, given (units that paid orders of others have taken) and
        gifts (units that came with its own) [units]; where there are gifts, missing_gifts (those of
        its stock that paid orders were promised and did not get) [units]; where a webshop sells
        meanwhile, webshop and webshop_lost (units that it sold, and could not) [units], which are
        in none of the others;
        where first orders have coupons, coupons (orders that had one); orders; gmv, paid_value
        [currency]; sold_out_at, unavailable_at [s]; where it costs anything, reserve_cost
        [currency], and time_unavailable, on offer with nothing on hand [s].
    sold_out_at
        When all variants of a product were first sold out together [s], inf if never, (R, P, J).
    unavailable_at
        When it was first on offer with nothing on hand [s], inf if never, shape (R, P, J): more may
        still have been to come.
    on_sale
        Share of the time on offer in which units of a product are on hand [1], 0 if it never is on
        offer, shape (R, P, J).
    exact_until
        Until when the recording holds at a level [s], inf if to the end, shape (R, J): from then on
        another stock would have made another show, and no further order is counted.
    final
        Whether what a product came to by then is all that it comes to, shape (R, P, J).
    viewers
        Unique viewers, shape (R, J).
    link_at
        When a product's link first went up [s], inf if never, shape (R, P, J).
    slot_starts
        When slots started [s], inf if they did not, shape (R, slots, J).
    """

    levels: Counts
    figures: dict[str, NDArray[Any]]
    sold_out_at: Floats
    unavailable_at: Floats
    on_sale: Floats
    exact_until: Floats
    final: NDArray[np.bool_]
    viewers: Counts
    link_at: Floats
    slot_starts: Floats

    def split(self, sizes: Sequence[int]) -> list[Self]:
        """Split into so many levels at a time, which share their memory with the whole."""
        ends = itertools.accumulate(sizes, initial=0)
        return [self.columns(slice(*pair)) for pair in itertools.pairwise(ends)]

    def columns(self, some: slice) -> Self:
        """Return some of the levels."""
        return replace(self, levels=self.levels[:, some], **self._each(lambda of: of[..., some]))

    def of_rows(self, rows: Numbers) -> Self:
        """Return some replications, shape (N,)."""
        return replace(self, **self._each(lambda of: of[rows]))

    def with_room(self) -> Self:
        """Return one whose levels can differ in all that there is: a recording's are alike."""
        return replace(self, **{name: getattr(self, name).copy() for name in _OF_SHOW})

    def put(self, rows: Numbers | slice, level: int, other: Ledger) -> None:
        """Replace some replications at a level by those of another show, at its only level.

        In which nothing may be of some kinds that cost something here.
        """
        for name, figure in self.figures.items():
            units = other.figures[name][..., 0] if name in other.figures else np.zeros(1, bool)
            figure[rows, ..., level] = units.astype(figure.dtype, casting="safe")
        for name in _NAMES:
            getattr(self, name)[rows, ..., level] = getattr(other, name)[..., 0]

    def _each(self, change: Callable[[NDArray[Any]], NDArray[Any]]) -> dict[str, Any]:
        """Return what a change makes of all that there is by replication and level."""
        figures = {name: change(figure) for name, figure in self.figures.items()}
        return {"figures": figures} | {name: change(getattr(self, name)) for name in _NAMES}


#: What of a show is the same at all levels at which a recording holds.
_OF_SHOW = ("viewers", "link_at", "slot_starts")
#: What is known of products and of shows by replication and level.
_NAMES = (
    *("sold_out_at", "unavailable_at", "on_sale", "exact_until", "final"),
    *_OF_SHOW,
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
    return ledger_of_all(recording, [one], watch)


def ledger_of_all(
    recording: Recording, wanted: Sequence[Wanted], watch: Callable[[Part], Kept] = keep
) -> Ledger:
    """Return what a recording comes to at stock levels and in several ways to sell.

    All are worked off together, which costs less than one after the other.

    Parameters
    ----------
    recording
        What the crowd did.
    wanted
        The levels and ways, which stand one after the other in the ledger.
    watch
        Keeps the accounts of a part, and may look at them.
    """
    return _kept(recording, wanted, parted_at(recording, wanted), watch)


def ledger_of_each(recording: Recording, wanted: Sequence[Wanted], level_of: Numbers) -> Ledger:
    """Return what a recording comes to in which each replication has had its own stock to sell.

    Parameters
    ----------
    recording
        What the crowd did.
    wanted
        The stocks, a level each.
    level_of
        Which of them each replication has had, shape (R,).
    """
    shape = recording.replications, len(recording.inputs.products), 1
    until = np.full((recording.replications, len(wanted)), recording.clock.steps)
    return _kept(recording, wanted, Parting(until, np.ones(shape, dtype=bool)), keep, level_of)


def _kept(
    recording: Recording,
    wanted: Sequence[Wanted],
    parting: Parting,
    watch: Callable[[Part], Kept],
    level_of: Numbers | None = None,
) -> Ledger:
    """Keep the accounts of all parts, and put together what they come to."""
    levels = np.concatenate([one.levels for one in wanted], axis=1)
    until = parting.until
    if level_of is not None:
        levels, until = levels[:, :1], until[:, :1]
    inputs, (replications, size) = recording.inputs, until.shape
    # Variants and products lie apart in memory: a part's are written, and settled, one by one.
    products = np.zeros((3, len(inputs.products), replications, size))
    figures: dict[str, NDArray[Any]] = {}
    for part, level in parts_of(recording, wanted, parting.until, level_of):
        kept, times = watch(part), on_offer(part)
        rows, of_part = slice(part.rows.start, part.rows.stop), figures_of(part, kept, times)
        of_products = _of_products(part, kept, times, of_part["unavailable_at"])
        for all_of, one in zip(products, of_products, strict=True):
            all_of[places(part.products), rows] = _at(one.reshape(-1, *part.until.shape), level)
        for name in list(of_part):
            figure = of_part.pop(name)  # which takes no memory while the next is written
            few = in_few_bytes(figure) if figure.dtype.kind == "i" else figure
            if name not in figures:
                figures[name] = np.zeros((len(inputs.variants), replications, size), few.dtype)
            wide = np.promote_types(figures[name].dtype, few.dtype)
            figures[name] = figures[name].astype(wide, copy=False)
            if few.any():  # what is 0 is there, and takes no memory
                figures[name][places(part.variants), rows] = _at(few, level)
    ended = np.append(recording.clock.times[:-1], np.inf)[until]
    by_row = {name: figure.transpose(1, 0, 2) for name, figure in figures.items()}
    sold_out, lacking, share = products.transpose(0, 2, 1, 3)
    viewers = recording.audience.viewers_by_segment.sum(axis=0)
    alike = (
        np.broadcast_to(of[..., None], (*of.shape, size))
        for of in (viewers, recording.link_at, recording.slots.started_at)
    )
    return Ledger(levels, by_row, sold_out, lacking, share, ended, parting.final, *alike)


def _at(values: NDArray[Any], level: Numbers | slice) -> NDArray[Any]:
    """Return values at all levels, shape (N, R, levels), from those that differ, (N, R, J)."""
    return values if isinstance(level, slice) else values.take(level, axis=2)


def _of_products(
    part: Part, kept: Kept, times: Sequence[OnOffer], of_variants: Floats
) -> tuple[Floats, Floats, Floats]:
    """Return when products were sold out, when unavailable, and how long on sale, shape (G,).

    They are unavailable when their variants are where these are one each.
    """
    clock, empties, lacking = part.recording.clock, kept.products, of_variants
    if empties is not kept.variants:
        lacking = unavailable_at(times, clock, empties, np.arange(len(part.products)))
    return empties.sold_out_at, lacking, on_sale(times, clock, empties)


def figures_of(part: Part, kept: Kept, times: Sequence[OnOffer]) -> dict[str, NDArray[Any]]:
    """Return what the variants of a part came to, each of shape (variants, R, J).

    Parameters
    ----------
    part, kept
        The accounts, and what they came to.
    times
        When the products were on offer.
    """
    each, by_cell = range(0, len(part.cells), part.per_variant), _of_cells(part, kept)
    figures = {
        name: np.add.reduceat(figure, each) if part.per_variant > 1 else figure
        for name, figure in by_cell.items()
    }
    figures["to_come"] = np.concatenate([comes.owned_never for comes in part.deliveries])
    clock, products = part.recording.clock, part.product_of[:: part.per_variant]
    lacking = unavailable_at(times, clock, kept.variants, products)
    for name, time in (("sold_out_at", kept.variants.sold_out_at), ("unavailable_at", lacking)):
        figures[name] = time.reshape(-1, part.replications, part.levels)
    inputs = part.recording.inputs
    if inputs.reserves_cost:
        figures["reserve_cost"] = np.concatenate([comes.reserve_cost for comes in part.deliveries])
    if any(terms.ads is not None for terms in inputs.terms):
        empty = time_unavailable(times, clock, kept.variants, products)
        figures["time_unavailable"] = empty.reshape(-1, part.replications, part.levels)
    return figures


def _of_cells(part: Part, kept: Kept) -> dict[str, NDArray[Any]]:
    """Return units, orders and value of the cells of a part, each of shape (cells, R, J)."""
    of, taken = kept.of_cells, in_few_bytes(kept.followed.taken)
    claimed, paid = of(taken[:, UNITS]), of(taken[:, PAYING])
    wanted, column = part.wanted(UNITS), part.book.columns + WEBSHOP
    beside: dict[str, NDArray[Any]] = {}
    put_on_sale = np.concatenate([comes.put_on_sale for comes in part.deliveries])
    used = paid if kept.used is None else of(kept.used)
    if part.book.webshops:
        sold, asked = of(taken[:, column]), part.wanted(column)
        beside = {"webshop": sold, "webshop_lost": asked - sold}
        claimed, paid, wanted = claimed - sold, paid - sold, wanted - asked
    position = put_on_sale - used
    on_hand = np.maximum(position, 0)
    price = part.book.price.reshape(len(part.cells), part.replications, 1)
    by_cell: dict[str, NDArray[Any]] = {
        "put_on_sale": put_on_sale,
        "demand": wanted,
        "claimed": claimed,
        "sales": paid,
        "lost": wanted - claimed,
        "lapsed": claimed - paid,
        "backordered": of(kept.followed.beyond),
        "waiting": on_hand - position,
        "on_hand": on_hand,
        "faked": of(taken[:, FAKED]),
        "orders": of(taken[:, ORDERS]),
        "gmv": price * claimed + of(kept.followed.dearer[:, 0]),
        "paid_value": price * paid + of(kept.followed.dearer[:, 1]),
        **beside,
    }
    if (coupons := coupons_used(part)) is not None:
        by_cell["coupons"] = coupons.orders
        by_cell["gmv"] = by_cell["gmv"] - coupons.off[..., 0]
        by_cell["paid_value"] = by_cell["paid_value"] - coupons.off[..., 1]
    if kept.used is not None and kept.gifts is not None:
        own = paid + beside.get("webshop", 0)
        by_cell |= {"given": np.maximum(used - own, 0), "gifts": of(kept.gifts)}
        if kept.missing_gifts is not None:
            by_cell["missing_gifts"] = of(kept.missing_gifts)
    return by_cell
