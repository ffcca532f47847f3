"""Accounts that share stock, followed through a recording at all stock levels of a part."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from livesim.engine.ledger.order_sums import UNITS, Number
from livesim.engine.ledger.part import Part
from livesim.engine.ledger.serving import Observer
from livesim.engine.ledger.shared_stock import (
    Draws,
    SharedEmpties,
    SharedStock,
    Sums,
    Window,
    settling,
)
from livesim.engine.orders.orders import Counts, Numbers


def follow_together(part: Part, observer: Observer | None = None) -> SharedStock:
    """Follow all accounts of a part, whose products share stock, to the end of the show.

    Parameters
    ----------
    part
        The accounts; show = replication · J + level.
    observer
        Is told what orders took; who took it is account · J + level.
    """
    draws, clock = Draws.of(part.recording.inputs, part.variants), part.recording.clock
    at_start = _by_show(np.concatenate([comes.at_start for comes in part.deliveries]))
    stock = SharedStock(draws, part.recording.kinds, at_start, part.levels, clock.times, observer)
    stock.empties = SharedEmpties(
        draws,
        part.product_of,
        np.stack([comes.final_step.ravel() for comes in part.deliveries]),
        np.stack([comes.final_at.ravel() for comes in part.deliveries]),
    )
    stock.empties.begin(stock.holds)
    due = _deliver(part, stock)
    settled = [
        part.recording.settled_by(float(part.recording.inputs.timeout[product]))
        for product in part.products
    ]
    marks = np.unique(np.concatenate([[0, clock.steps], due, settling(settled)]))
    sums = Sums(part.book, part.recording.kinds)
    until = None if (part.until >= clock.steps).all() else part.until.ravel()
    last = _after(part, 0)
    for begun, ended in pairwise(marks[marks <= clock.steps].tolist()):
        stock.receive(begun)
        first, last = last, _after(part, ended)
        if (first < last).any():
            back = np.array([settled[product][ended] for product in part.product_of])
            stock.serve(sums, Window(begun, ended, first, last, back), until)
    stock.receive(clock.steps)
    stock.settle(sums, np.arange(len(stock.position)), _by_show(_split(part, part.end)))
    return stock


def wanted_of(part: Part) -> Counts:
    """Return the units wanted of each cell, shape (cells, R, J)."""
    wanted = part.book.upto[part.end, UNITS] - part.book.upto[part.start, None, UNITS]
    return _split(part, wanted)


def by_cell(part: Part, values: NDArray[Number]) -> NDArray[Number]:
    """Return what is known of shows as a ledger has it, (F, U, …) → (U, R, J, …)."""
    apart = values.reshape(part.replications, part.levels, *values.shape[1:])
    return np.asarray(np.moveaxis(apart, 2, 0))


def _by_show(values: Counts) -> Counts:
    """Return values of cells by show, (cells, R, J) → (F, cells)."""
    return np.ascontiguousarray(values.reshape(len(values), -1).T)


def _split(part: Part, of_accounts: Counts) -> Counts:
    """Return what is known of accounts by cell, (A, J) → (cells, R, J)."""
    return of_accounts.reshape(len(part.cells), part.replications, part.levels)


def _after(part: Part, step: int) -> Numbers:
    """Return the first batch of each account that is served after a step, shape (R, cells)."""
    accounts = np.arange(len(part.start))
    batch = part.start if step == 0 else part.book.after(accounts, step)
    return batch.reshape(len(part.cells), -1).T


def _deliver(part: Part, stock: SharedStock) -> Numbers:
    """Let deliveries come on hand, and return the steps at whose ends they do."""
    steps = [np.zeros(0, dtype=np.intp)]
    for product, comes in enumerate(part.deliveries):
        mine = np.flatnonzero(part.product_of == product)
        for number, step in enumerate(comes.step):
            parts = comes.together[number + 1] - comes.together[number]
            in_time = step.ravel() < len(part.recording.clock.times)
            for one in np.unique(step.ravel()[in_time]).tolist():
                now = np.flatnonzero(step.ravel() == one)
                units = np.zeros((len(now), stock.position.shape[1]), dtype=np.int64)
                units[:, mine] = _by_show(parts)[now]
                stock.put_on(one, now, units)
                steps.append(np.array([one]))
    return np.concatenate(steps)
