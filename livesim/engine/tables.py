"""The tables of a block: what a recording comes to at the stock that viewers have lived through."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from livesim.arrays import Counts, Floats
from livesim.engine.ledger.keeping import Kept, keep
from livesim.engine.ledger.ledger import Ledger, ledger
from livesim.engine.ledger.part import Part
from livesim.engine.ledger.stock_over_time import StockOverTime
from livesim.engine.outcome import Columns, Outcome
from livesim.engine.portions import IN_CACHE
from livesim.engine.recording import Audience, Recording
from livesim.engine.settlement import settled
from livesim.engine.streams import Streams
from livesim.model.money import show_money


def outcome_of(
    recording: Recording,
    streams: Streams,
    drawn: Mapping[str, Floats],
    potential: Counts,
    timeline_step: float | None = None,
    would_come: Counts | None = None,
) -> Outcome:
    """Gather the tables of a block.

    Parameters
    ----------
    recording
        What happened.
    streams
        The block's streams.
    drawn
        The drawn quantities by path.
    potential
        Units that the same shows want with unlimited stock, shape (R, V).
    timeline_step
        Time between two moments of the timeline [s]; None for about a hundred in the show.
    would_come
        Unique viewers with unlimited stock, shape (R,); None where nobody stays away from a
        stock-out.
    """
    inputs, curves = recording.inputs, StockOverTime(recording, timeline_step)
    came_to = totals_of(recording, streams, potential, curves.watch)
    viewers = recording.audience.viewers_by_segment
    watching = recording.audience.watching_by_segment
    return Outcome(
        inputs=dict(drawn),
        shows={
            **_audience(recording, curves.orders, came_to.variants["orders"].sum(axis=1)),
            **came_to.shows,
            **({} if would_come is None else {"viewers_lost": would_come - viewers.sum(axis=0)}),
        },
        rooms=_rooms(recording, curves.orders_by_room) if inputs.has_rooms else {},
        segments={
            "reach": np.stack([segment.reach for segment in inputs.segments], axis=1),
            "unique_viewers": viewers.T,
            "watching_at_end": watching.T,
            "left": (viewers - watching).T,
        },
        products=came_to.products,
        variants=came_to.variants,
        timeline=curves.timeline(),
    )


@dataclass(frozen=True)
class Totals:
    """What was sold in R shows to how many, and what it earned.

    Parameters
    ----------
    shows
        Unique viewers, and what the show earned and cost [currency], shape (R,).
    products, variants
        By product, shape (R, P), and by variant, shape (R, V).
    """

    shows: Columns
    products: Columns
    variants: Columns


def totals_of(
    recording: Recording,
    streams: Streams,
    potential: Counts | None = None,
    watch: Callable[[Part], Kept] = keep,
) -> Totals:
    """Return what a recording comes to at the end, which costs less than all tables of a block.

    Parameters
    ----------
    recording, streams, potential
        As for :func:`outcome_of`; without a potential there is no column of it.
    watch
        As for :func:`~livesim.engine.ledger.ledger.ledger`.
    """
    inputs = recording.inputs
    found = ledger(recording, recording.lived[:, None], watch=watch)
    figures = settled(inputs, streams, found)
    variants: dict[str, NDArray[Any]] = {name: of[:, :, 0] for name, of in figures.items()}
    if inputs.steps:
        variants["dropped"] = recording.dropped
    if potential is not None:
        variants["potential_demand"] = potential
    products = _products(recording, found, variants)
    by_product = [
        {name: column[:, number] for name, column in products.items()}
        for number in range(len(inputs.products))
    ]
    shows = {
        "unique_viewers": recording.audience.viewers_by_segment.sum(axis=0),
        **show_money(inputs.deal, by_product, products["sales"].sum(axis=1)),
    }
    return Totals(shows, products, variants)


def _products(recording: Recording, found: Ledger, variants: Columns) -> dict[str, NDArray[Any]]:
    """Add up each product's variants, and take its slot fee."""
    inputs = recording.inputs
    first = np.searchsorted(inputs.product_of, np.arange(len(inputs.products)))
    left_out = ("on_hand", "waiting", "paid_value", "sold_out_at", "unavailable_at")
    one_each = len(first) == len(inputs.variants)  # most columns are those of the variants
    total = {
        name: column if one_each else np.add.reduceat(column, first, axis=1)
        for name, column in variants.items()
        if name not in left_out
    }
    slot_fee = np.array([terms.slot_fee for terms in inputs.terms])
    slot_fees = np.tile(slot_fee, (recording.replications, 1))
    return total | {
        "sold_out_at": found.sold_out_at[:, :, 0],
        "unavailable_at": found.unavailable_at[:, :, 0],
        "unavailable": np.where(np.isfinite(recording.link_at), 1.0 - found.on_sale[:, :, 0], 0.0),
        "link_at": recording.link_at,
        "slot_fee": slot_fees,
        "profit": total["profit"] - slot_fees,
    }


def _audience(recording: Recording, orders: Counts, all_orders: Counts) -> dict[str, NDArray[Any]]:
    """Return what the audience of the whole show came to."""
    audience, inputs = recording.audience, recording.inputs
    viewers = audience.viewers_by_segment.sum(axis=0)
    seconds = _viewer_seconds(audience)
    return {
        "page_views": viewers * inputs.views_per_viewer,
        "unique_viewers": viewers,
        "peak_concurrent": audience.watching.max(axis=0).astype(np.int64),
        "peak_at": audience.looks[audience.watching.argmax(axis=0)],
        "mean_watch_time": seconds / np.maximum(viewers, 1),
        "orders": all_orders,
        "peak_orders_per_second": orders[recording.begun + 1 :].max(axis=0) / inputs.refresh,
    }


def _viewer_seconds(audience: Audience) -> Floats:
    """Return how long all viewers together have watched [s], shape (R,): by trapezoids.

    So few looks at a time are added to those before that little memory is taken.
    """
    looks, watching = audience.looks, audience.watching
    seconds, few = np.zeros(watching.shape[1]), max(1, IN_CACHE // watching.shape[1])
    for start in range(0, len(looks) - 1, few):
        some = slice(start, start + few + 1)
        counts = watching[some].astype(np.int64)  # two of them add up
        apart = np.diff(looks[some])[:, None] * (counts[1:] + counts[:-1]) / 2.0
        seconds = np.concatenate([seconds[None], apart]).sum(axis=0)
    return seconds


def _rooms(recording: Recording, orders: Counts) -> Columns:
    """Return what the audience of each room came to, shape (R, rooms)."""
    inputs, viewers = recording.inputs, recording.audience.viewers_by_segment
    room_of = np.array([segment.room for segment in inputs.segments])
    came = [viewers[room_of == number].sum(axis=0) for number in range(len(inputs.rooms))]
    return {
        "unique_viewers": np.stack(came, axis=1),
        "attempts": recording.attempts,
        "orders": orders,
    }
