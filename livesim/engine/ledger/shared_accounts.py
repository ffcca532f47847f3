"""Accounts that share stock, followed through a recording at all stock levels of a part.

A show is divided into windows, in which nothing comes on hand. As long as nothing runs short, all
levels sell the same: what is on hand is a difference of sums, and the first window in which
something may run short is looked up. From there on each show goes on by itself, from one window in
which something runs short or is there again to the next: all shows at once, wherever they are.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from livesim.engine.ledger.order_sums import Number
from livesim.engine.ledger.part import Part
from livesim.engine.ledger.runs import spread
from livesim.engine.ledger.serving import Observer
from livesim.engine.ledger.shared_stock import (
    NEVER,
    Draws,
    SharedEmpties,
    SharedStock,
    Sums,
    Window,
    settling,
)
from livesim.engine.orders.orders import Counts, Numbers

#: So many windows are looked ahead at a time.
_AHEAD = 16
#: Most numbers that are kept of what comes to shows, so that memory stays flat.
_AT_ONCE = 8_000_000


def follow_together(part: Part, observer: Observer | None = None) -> SharedStock:
    """Follow all accounts of a part, whose products share stock, to the end of the show.

    Parameters
    ----------
    part
        The accounts; show = replication · J + level.
    observer
        Is told what orders took; who took it is account · J + level.
    """
    recording = part.recording
    draws = Draws.of(recording.inputs, part.variants)
    at_start = _by_show(np.concatenate([comes.at_start for comes in part.deliveries]))
    stock = SharedStock(draws, recording.kinds, at_start, recording.clock.times, observer)
    stock.empties = SharedEmpties(
        draws,
        part.product_of,
        np.stack([comes.final_step.ravel() for comes in part.deliveries]),
        np.stack([comes.final_at.ravel() for comes in part.deliveries]),
    )
    stock.empties.begin(stock.holds)
    everyone = np.arange(len(stock.position))
    sums = Sums(part.book, recording.kinds)
    windows = _Windows(part, draws, sums)
    first = windows.first_short(stock)
    windows.let_pass(stock, first)
    apart = np.flatnonzero(first < windows.size)
    numbers = apart.size * windows.size * stock.position.shape[1]
    for some in np.array_split(apart, 1 + numbers // _AT_ONCE):
        _Shows(stock, sums, windows, some, first[some]).follow()
    stock.settle(sums, everyone, _by_show(_split(part, part.end)))
    return stock


class _Windows:
    """The W windows of a part, in which nothing comes on hand, and what orders take in them.

    Parameters
    ----------
    part, draws, sums
        The accounts, what orders take of them, and the orders.

    Attributes
    ----------
    marks
        The steps with whose ends windows begin, and the last step, shape (W + 1,).
    batches
        The batches of each variant before each mark, shape (R, W + 1, U).
    taken, unpaid
        How often lines have been taken before each mark if nothing runs short, and by orders that
        are not paid, shape (R, W + 1, L); exact in floats, and fast.
    came
        How often their units have come back by each mark, the same.
    gone
        Units of accounts that are not on hand at each mark if nothing runs short, (R, W + 1, K).
    back
        The mark at which units of each window come back to each line, shape (W, L).
    soonest, latest
        The first mark at which any of a window and those after it do, and the last one at which any
        of those before it do, shape (W + 1,).
    last
        The first window of which not all orders count, shape (F,).
    """

    def __init__(self, part: Part, draws: Draws, sums: Sums) -> None:
        self.part, recording, steps = part, part.recording, part.recording.clock.steps
        timeouts = recording.inputs.timeout[list(part.products)]
        settled = np.stack([recording.settled_by(float(timeout)) for timeout in timeouts])
        due = [np.unique(comes.step) for comes in part.deliveries]
        marks = np.unique(np.concatenate([[0, steps], *due, settling(list(settled))]))
        self.marks = marks[marks <= steps]
        batches = part.book.after(np.arange(len(part.start))[:, None], self.marks)
        batches[:, 0] = part.start
        by_cell = batches.reshape(len(part.cells), part.replications, -1)
        self.batches = np.ascontiguousarray(by_cell.transpose(1, 2, 0))
        upto = sums.upto[self.batches] - sums.upto[self.batches[:, :1]]
        self.taken = draws.lines(upto).astype(float)
        self.unpaid = self.taken - draws.paid(upto)
        back = settled[part.product_of][:, self.marks[1:]].T[:, draws.host]
        self.back = np.searchsorted(self.marks, back)
        self.soonest = np.append(self.back.min(axis=1), self.size + 1)
        self.latest = np.append(0, np.minimum(self.back.max(axis=1), self.size))
        come = [np.searchsorted(of, np.arange(self.size + 1), "right") for of in self.back.T]
        self.came = np.take_along_axis(self.unpaid, np.stack(come, axis=1)[None], axis=1)
        self.gone = draws.units(self.taken - self.came)
        most = draws.units(self.taken[:, 1:] - self.came[:, :-1])
        self._most = np.maximum.accumulate(most, axis=1)
        self.until = part.until.ravel()
        self.last = np.searchsorted(self.marks[1:], self.until, side="right")

    @property
    def size(self) -> int:
        """The number W of windows."""
        return len(self.marks) - 1

    def first_short(self, stock: SharedStock) -> Numbers:
        """Return the first window of each show that must be looked at, shape (F,); W if none.

        It is the first in which something may run short of what is there from the start, or of
        which not all orders count.
        """
        most, width = self._most, int(self._most.max(initial=0)) + 1
        start = stock.position - stock.least_held(np.ones_like(stock.holds[:1]))
        first = np.where(stock.holds.all(axis=1), self.last, 0)
        row = np.arange(len(start)) // self.part.levels
        for account in range(start.shape[1]):
            by_row = (most[:, :, account] + np.arange(len(most))[:, None] * width).ravel()
            spare = np.clip(start[:, account], 0, width - 1) + row * width
            found = np.searchsorted(by_row, spare, side="right") - row * self.size
            np.minimum(first, found, out=first)
        return np.asarray(first)

    def deliveries(self) -> Iterator[tuple[Numbers, Numbers, Counts]]:
        """Yield accounts, when a delivery comes to each show, and its units, (F,) and (F, cells).

        When: the mark, W + 1 if not in the show.
        """
        for product, comes in enumerate(self.part.deliveries):
            cells = np.flatnonzero(self.part.product_of == product)
            for number, step in enumerate(comes.step):
                units = _by_show(comes.together[number + 1] - comes.together[number])
                yield cells, np.searchsorted(self.marks, step.ravel()), units

    def let_pass(self, stock: SharedStock, mark: Numbers) -> None:
        """Let all pass up to marks of which all windows before are served whole, shape (F,)."""
        who = np.arange(len(mark))
        row = who // self.part.levels
        units = -self.gone[row, mark]
        for cells, when, part in self.deliveries():
            come = np.flatnonzero(when <= mark)
            units[come[:, None], cells] += part[come]
        stock.receive(who, units, self.marks[mark])
        stock.take_from(who, self.batches[row, 0])


class _Shows:
    """Shows that share stock, each of them at a mark of its own.

    What comes at the mark is on hand; the orders of the window that begins with it are not served.

    Parameters
    ----------
    stock, sums, windows
        What is on hand, the orders, and the windows of all shows.
    who
        Which shows, shape (Q,).
    first
        The windows with which they begin: nothing has run short before, shape (Q,).
    """

    def __init__(
        self, stock: SharedStock, sums: Sums, windows: _Windows, who: Numbers, first: Numbers
    ) -> None:
        self._stock, self._sums, self._windows, self._who = stock, sums, windows, who
        self._row = who // windows.part.levels
        self._at = first
        #: The window from which on all have been served whole, so that sums say what comes back.
        self._since = np.zeros_like(first)
        #: What else is still to come to accounts, by mark.
        self._due = self._delivered()
        self._note_what_comes_back(np.arange(len(who)), first)

    def follow(self) -> None:
        """Follow all to the end of the show."""
        shows, stops = np.arange(len(self._who)), np.ones(len(self._who), dtype=bool)
        while shows.size:
            self._serve(shows[stops])
            shows = shows[self._at[shows] < self._windows.size]
            stops = self._go_on(shows)

    def _delivered(self) -> Counts:
        """Return what is delivered to accounts after where shows stand, shape (Q, marks, K)."""
        windows, accounts = self._windows, self._stock.position.shape[1]
        due = np.zeros((len(self._who), windows.size + 1, accounts), dtype=np.int64)
        for cells, when, units in windows.deliveries():
            mark = when[self._who]
            some = np.flatnonzero((mark > self._at) & (mark <= windows.size))
            due[some[:, None], mark[some, None], cells] += units[self._who[some]]
        return due

    def _open(self, shows: Numbers) -> NDArray[np.bool_]:
        """Return which lines take orders, shape (Q, L)."""
        who = self._who[shows]
        return self._stock.open[who] & (self._at[shows] <= self._windows.last[who])[:, None]

    def _go_on(self, shows: Numbers) -> NDArray[np.bool_]:
        """Let shows go on as long as all stays as it is, at most so far as is looked ahead.

        Returns
        -------
        ndarray
            Whether they stop before a window in which something runs short, a line opens, or not
            all orders count, shape (Q,).
        """
        windows, stock, who = self._windows, self._stock, self._who[shows]
        at, row = self._at[shows, None], self._row[shows, None]
        mark = np.minimum(at + np.arange(_AHEAD + 1), windows.size)
        taken, before = _at(windows.taken, row, mark), windows.unpaid[row, self._since[shows, None]]
        lines = taken - np.maximum(_at(windows.came, row, mark), before)
        open_ = self._open(shows)[:, None].astype(float)
        come = _at(self._due, shows[:, None], mark)
        come[:, 0] = stock.position[who]
        left = np.cumsum(come, axis=1) - stock.draws.in_floats((lines - lines[:, :1]) * open_)
        asked = stock.draws.in_floats(np.diff(taken, axis=1) * open_)
        stops = mark == windows.last[who, None]
        for account, least in enumerate(stock.least_held(stock.holds[who]).T):
            stops[:, :-1] |= asked[..., account] + least[:, None] > left[:, :-1, account]
        stops[:, 1:] |= stock.opens(who, left[:, 1:])
        stops &= mark < windows.size
        there, found = np.arange(len(shows)), stops.any(axis=1)
        first = np.where(found, stops.argmax(axis=1), np.minimum(_AHEAD, windows.size - at[:, 0]))
        units = left[there, first].astype(np.int64) - stock.position[who]
        mark = mark[there, first]
        self._note_what_comes_back(shows[found], mark[found])
        self._stand_at(shows, mark, units)
        return np.asarray(found)

    def _serve(self, shows: Numbers) -> None:
        """Serve the window before which shows stand, as far as its orders count."""
        windows, stock = self._windows, self._stock
        shows = shows[self._at[shows] <= windows.last[self._who[shows]]]
        if not shows.size:
            return
        who, at, row = self._who[shows], self._at[shows], self._row[shows]
        until = np.where(at < windows.last[who], NEVER, windows.until[who])
        first, last = windows.batches[row, at], windows.batches[row, at + 1]
        number = row * windows.size + at
        late = stock.serve(self._sums, who, Window(number, first, last, until))
        for line, needs in enumerate(stock.draws.needs):
            back = windows.back[at, line]
            some = np.flatnonzero((late[:, line] > 0) & (back <= windows.size))
            self._due[shows[some], back[some]] += late[some, line, None] * needs
        self._since[shows] = at + 1
        self._stand_at(shows, at + 1, self._due[shows, at + 1])

    def _note_what_comes_back(self, shows: Numbers, mark: Numbers) -> None:
        """Note what comes back after marks of windows that are served whole before, shape (Q,)."""
        windows, since = self._windows, self._since[shows]
        first = np.maximum(windows.soonest[since], mark + 1)
        size = np.maximum(windows.latest[mark] + 1 - first, 0)
        of, later = spread(size, first)
        row = self._row[shows]
        whole = _at(windows.unpaid, row, since)[of], _at(windows.unpaid, row, mark)[of]
        late = np.clip(_at(windows.came, row[of], later), *whole)
        late -= np.clip(_at(windows.came, row[of], later - 1), *whole)
        units = self._stock.draws.units(late * self._open(shows)[of])
        table, marks = self._due.reshape(-1, units.shape[1]), self._due.shape[1]
        table[shows[of] * marks + later] += units

    def _stand_at(self, shows: Numbers, mark: Numbers, units: Counts) -> None:
        """Let shows stand at marks, with so many more units on hand, shape (Q, K)."""
        windows, who = self._windows, self._who[shows]
        self._stock.receive(who, units, windows.marks[mark])
        self._at[shows] = mark
        counts = np.flatnonzero(mark <= windows.last[who])
        first = windows.batches[self._row[shows[counts]], mark[counts]]
        self._stock.take_from(who[counts], first)


def _at(values: NDArray[Number], first: Numbers, second: Numbers) -> NDArray[Number]:
    """Return ``values[first, second]``: NumPy takes rows of one table three times as fast."""
    table = values.reshape(-1, values.shape[2])
    return np.asarray(table.take(first * values.shape[1] + second, axis=0))


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
