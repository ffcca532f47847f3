"""The outcome's arrays as columns of tidy tables, and back.

A tidy table has one row a replication × label (product, segment, …). Notebooks get these columns as
data frames and the folder on disk holds them as Parquet files, so the two cannot disagree. Going
there and back changes no bit.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TypeAlias

import numpy as np

from livesim.arrays import Array
from livesim.engine.outcome import Outcome, after_link
from livesim.engine.timeline import Changed, Timeline, rows_of
from livesim.randomness import BATCH
from livesim.scenario.scenario import Scenario

Columns: TypeAlias = dict[str, Array]
Labels: TypeAlias = dict[str, tuple[str, ...]]

TABLES = ("inputs", "shows", "segments", "products", "variants")
"""The tables of figures by replication; the timeline and the slots are kept apart."""

#: So many numbers are had at once where not all have to be.
_AT_ONCE = 1_000_000

ROOMS = "rooms"
"""The table that only a scenario with rooms has."""

PER_PRODUCT = ("on_hand", "reserved", "paid")
"""Curves of the timeline that each product has; the others belong to the room."""


def tables_of(scenario: Scenario) -> tuple[str, ...]:
    """Return the tables that a result of a scenario has.

    Examples
    --------
    >>> import livesim
    >>> ROOMS in tables_of(livesim.load("scenarios/brand_room.yaml"))
    False
    """
    return (*TABLES, ROOMS) if scenario.rooms else TABLES


def labels(scenario: Scenario, table: str) -> Labels:
    """Return the labels of a table's rows within one replication, by column.

    Parameters
    ----------
    scenario : Scenario
        The scenario that was simulated.
    table : str
        One of `TABLES`.

    Returns
    -------
    dict of str to tuple of str
        Empty where a replication has one row and needs no label.
    """
    sold = [
        (product, variant)
        for product, part in scenario.products.items()
        for variant in part.variants or (product,)
    ]
    known: dict[str, Labels] = {
        ROOMS: {"room": tuple(scenario.rooms or {})},
        "segments": {"segment": tuple(scenario.segments)},
        "products": {"product": tuple(scenario.products)},
        "variants": {"product": tuple(p for p, _ in sold), "variant": tuple(v for _, v in sold)},
    }
    return known.get(table, {})


def in_parts(replications: int, numbers: int) -> Iterator[slice]:
    """Yield replications in parts that are small enough to be had at once.

    Parameters
    ----------
    replications : int
        How many there are [1].
    numbers : int
        How many numbers there are of each [1].

    Examples
    --------
    >>> [*in_parts(600, numbers=3_000)]
    [slice(0, 300, None), slice(300, 600, None)]
    """
    step = max(BATCH, _AT_ONCE // max(1, numbers) // BATCH * BATCH)
    for start in range(0, replications, step):
        yield slice(start, min(start + step, replications))


def columns(outcome: Outcome, scenario: Scenario, table: str) -> Columns:
    """Return one table of figures as columns of equal length.

    Parameters
    ----------
    outcome : Outcome
        What happened.
    scenario : Scenario
        The scenario that was simulated, for the labels.
    table : str
        One of `TABLES`.

    Returns
    -------
    dict of str to numpy.ndarray
        ``replication``, the labels, then the figures; times that never came are inf.
    """
    figures: Mapping[str, Array] = getattr(outcome, table)
    head = _head(len(outcome), labels(scenario, table))
    return {**head, **{name: array.ravel() for name, array in figures.items()}}


def timeline_columns(outcome: Outcome, scenario: Scenario) -> Columns:
    """Return the timeline as columns: one row a replication × moment, curves side by side.

    Parameters
    ----------
    outcome : Outcome
        What happened.
    scenario : Scenario
        The scenario that was simulated, for the names of products.

    Returns
    -------
    dict of str to numpy.ndarray
        ``replication``, ``time`` [s], the room's curves, and curves such as ``on_hand.serum``.
    """
    times = outcome.timeline["times"]
    wide = _head(len(outcome), {"time": times})
    for name, curve in _curves(outcome).items():
        if name in PER_PRODUCT:
            for index, product in enumerate(scenario.products):
                wide[f"{name}.{product}"] = curve[:, :, index].ravel()
        else:
            wide[name] = curve.ravel()
    return wide


def slot_columns(outcome: Outcome, scenario: Scenario) -> Columns:
    """Return when each slot started, as columns: one row a replication × slot.

    Parameters
    ----------
    outcome : Outcome
        What happened.
    scenario : Scenario
        The scenario that was simulated, for the names of slots.

    Returns
    -------
    dict of str to numpy.ndarray
        ``replication``, ``slot`` and ``start`` [s], inf where it never started.
    """
    head = _head(len(outcome), {"slot": tuple(scenario.rundown)})
    return {**head, "start": outcome.timeline["slot_starts"].ravel()}


def share_of_never(table: Mapping[str, Array], column: str, replications: int) -> Array:
    """Return in which share of the replications a moment never came, shape of a row [1]."""
    each = rows_of(table, slice(0, 1))[column].size
    never = sum(
        np.isinf(rows_of(table, rows)[column]).sum(axis=0) for rows in in_parts(replications, each)
    )
    return np.asarray(never / replications)


def since_link(outcome: Outcome) -> Array:
    """Return when each product was sold out, counted from its first link.

    Parameters
    ----------
    outcome : Outcome
        What happened.

    Returns
    -------
    numpy.ndarray of shape (R, P)
        Times [s]; 0 where nothing was left when the link went up, inf where it was never sold out,
        or its link never went up.
    """
    products: Mapping[str, Array] = outcome.products
    return after_link(products["sold_out_at"], products["link_at"])


def outcome_from(
    scenario: Scenario, tables: Mapping[str, Columns], timeline: Columns, slots: Columns
) -> Outcome:
    """Return the outcome whose columns these are.

    Parameters
    ----------
    scenario : Scenario
        The scenario that was simulated.
    tables : mapping of str to columns
        What `columns` gave for each of `tables_of`.
    timeline, slots : columns
        What `timeline_columns` and `slot_columns` gave.

    Returns
    -------
    Outcome
        Equal to the first, bit for bit.
    """
    figures = {table: _figures(tables[table], scenario, table) for table in tables_of(scenario)}
    return Outcome(
        **{ROOMS: {}, **figures},
        timeline=_timeline(timeline, slots, scenario),
    )


def _curves(outcome: Outcome) -> Columns:
    apart = ("times", "slot_starts")
    return {name: curve for name, curve in outcome.timeline.items() if name not in apart}


def _head(replications: int, row_labels: Mapping[str, tuple[str, ...] | Array]) -> Columns:
    width = max((len(names) for names in row_labels.values()), default=1)
    replication = np.repeat(np.arange(replications), width)
    tiled = {name: np.tile(np.asarray(names), replications) for name, names in row_labels.items()}
    return {"replication": replication, **tiled}


def _figures(table: Columns, scenario: Scenario, name: str) -> Columns:
    row_labels = labels(scenario, name)
    one_each = name in ("inputs", "shows")
    shape = (-1,) if one_each else (-1, len(next(iter(row_labels.values()))))
    apart = {"replication", *row_labels}
    return {column: a.reshape(shape) for column, a in table.items() if column not in apart}


def _timeline(wide: Columns, slots: Columns, scenario: Scenario) -> Timeline:
    moments = int((wide["replication"] == wide["replication"][0]).sum())
    curves: Columns = {"times": wide["time"][:moments]}
    for name, column in wide.items():
        if "." not in name and name not in ("replication", "time"):
            curves[name] = column.reshape(-1, moments)
    for name in PER_PRODUCT:
        by_product = [wide[f"{name}.{product}"] for product in scenario.products]
        curves[name] = np.stack([column.reshape(-1, moments) for column in by_product], axis=-1)
    curves["slot_starts"] = slots["start"].reshape(-1, len(scenario.rundown))
    found = Timeline.of(curves)
    changes = dict[str, Changed]()
    for name, one in found.changes.items():
        whole = one.part(slice(0, one.shape[0]))
        changes[name] = replace(whole, by=whole.by.astype(curves[name].dtype))  # as it was
    return Timeline(found.plain, changes)
