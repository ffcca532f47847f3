"""Accounts that share stock, followed through a recording at all stock levels of a part.

A show is divided into windows, in which nothing comes on hand. As long as nothing runs short, all
levels sell the same: what is on hand is a difference of sums, and the first window in which
something may run short is looked up. From there on each show goes on by itself, from one window in
which something runs short or is there again to the next: all shows at once, wherever they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from livesim.arrays import Counts, Numbers
from livesim.engine.clock import NEVER
from livesim.engine.ledger.book import Number
from livesim.engine.ledger.part import Part
from livesim.engine.ledger.runs import spread
from livesim.engine.ledger.serving import Observer
from livesim.engine.ledger.shared.empties import SharedEmpties
from livesim.engine.ledger.shared.queue import Sums, Window
from livesim.engine.ledger.shared.stock import SharedStock
from livesim.engine.ledger.shared.takes import Takes
from livesim.engine.portions import IN_MEMORY

#: So many windows are looked ahead at a time.
_WINDOWS_AHEAD = 16


@dataclass(frozen=True)
class Together:
    """What accounts that share stock came to, in the shows that differ.

    Parameters
    ----------
    stock
        Their accounts, in F shows.
    empties
        When they were empty.
    like
        Which of these shows is like each of the part's, shape (R · J,).
    """

    stock: SharedStock
    empties: SharedEmpties
    like: Numbers


def follow_together(part: Part, observer: Observer | None = None) -> Together:
    """Follow all accounts of a part, whose products share stock, to the end of the show.

    Parameters
    ----------
    part
        The accounts; show = replication · J + level.
    observer
        Is told what orders took; who took it is account · J + level.
    """
    recording = part.recording
    takes, sums = Takes.of(recording.inputs, part.variants), Sums(part.book, recording.kinds)
    windows = _Windows(part, takes, sums)
    starts = _Starts.of(part, windows.marks)
    like = np.arange(len(starts.row))
    if observer is None:
        one, like = starts.alike(windows.needed)
        starts = starts.take(one)
    empties = SharedEmpties(takes, part.product_of, len(starts.row))
    times = recording.clock.times
    stock = SharedStock(takes, recording.kinds, starts.units, times, observer, empties)
    first = windows.first_short(stock, starts)
    windows.let_pass(stock, starts, first)
    apart = np.flatnonzero(first < windows.size)
    numbers = apart.size * windows.size * stock.position.shape[1]
    for some in np.array_split(apart, 1 + numbers // IN_MEMORY):
        _Shows(stock, sums, windows, starts, some, first[some]).follow()
    stock.tally(sums, np.arange(len(starts.row)), starts.end)
    return Together(stock, empties, like)


@dataclass(frozen=True)
class _Starts:
    """How F shows begin, and what comes to them.

    Parameters
    ----------
    row
        The replication of each, shape (F,).
    units
        Units on hand at the start of each variant, shape (F, U).
    until, end
        The step after which orders count no more, shape (F,), and the batch of each variant behind
        the last one that does, shape (F, U).
    deliveries
        Variants, the mark at which a delivery comes to each show, shape (F,), W + 1 if not in the
        show, and its units, shape (F, variants).
    """

    row: Numbers
    units: Counts
    until: Numbers
    end: Numbers
    deliveries: Sequence[tuple[Numbers, Numbers, Counts]]

    @staticmethod
    def of(part: Part, marks: Numbers) -> _Starts:
        """Return how all shows of a part begin, show = replication · J + level."""
        deliveries = []
        for product, comes in enumerate(part.deliveries):
            cells = np.flatnonzero(part.product_of == product)
            for step, units in zip(comes.step, np.diff(comes.together, axis=0), strict=True):
                mark = np.searchsorted(marks, step.ravel())
                deliveries.append((cells, mark, _by_show(units, len(cells))))
        return _Starts(
            np.arange(part.replications * part.levels) // part.levels,
            _by_show(
                np.concatenate([comes.at_start for comes in part.deliveries]), len(part.cells)
            ),
            part.until.ravel(),
            _by_show(part.end, len(part.cells)),
            deliveries,
        )

    def take(self, some: Numbers) -> _Starts:
        """Return the same of some shows."""
        mine = [(cells, mark[some], units[some]) for cells, mark, units in self.deliveries]
        return _Starts(self.row[some], self.units[some], self.until[some], self.end[some], mine)

    def alike(self, most: Counts) -> tuple[Numbers, Numbers]:
        """Return one of each of those with which the same goes on, and which each is like.

        It does in shows of a replication that begin with as many units, or with more than needed.

        Parameters
        ----------
        most
            Units of each variant that no show of a replication can need more of, shape (R, U).
        """
        most = most[self.row]
        columns = [self.until, *np.minimum(self.units, most).T]
        for cells, mark, units in self.deliveries:
            columns += [mark, *np.minimum(units, most[:, cells]).T]
        key = one = self.row
        for column in columns:
            key = key * (int(column.max(initial=0)) + 1) + column
            _, one, key = np.unique(key, return_index=True, return_inverse=True)
        return one, key


class _Windows:
    """The W windows of a part, in which nothing comes on hand, and what orders take in them.

    Parameters
    ----------
    part, takes, sums
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
    needed
        Units of each variant of which no show needs more, shape (R, U).
    """

    def __init__(self, part: Part, takes: Takes, sums: Sums) -> None:
        recording, steps = part.recording, part.recording.clock.steps
        timeouts = recording.inputs.timeout[list(part.products)]
        swept = np.stack([recording.clock.swept(float(timeout)) for timeout in timeouts])
        due = [np.unique(comes.step) for comes in part.deliveries]
        marks = np.unique(np.concatenate([[0, steps], *due, _sweeps(list(swept))]))
        self.marks = marks[marks <= steps]
        batches = part.book.after(np.arange(len(part.start))[:, None], self.marks)
        batches[:, 0] = part.start
        by_cell = batches.reshape(len(part.cells), part.replications, -1)
        self.batches = np.ascontiguousarray(by_cell.transpose(1, 2, 0))
        upto = sums.upto[self.batches] - sums.upto[self.batches[:, :1]]
        self.taken = takes.lines(upto).astype(float)
        self.unpaid = self.taken - takes.paid(upto)
        back = swept[part.product_of][:, self.marks[1:]].T[:, takes.host]
        self.back = np.searchsorted(self.marks, back)
        self.soonest = np.append(self.back.min(axis=1), self.size + 1)
        self.latest = np.append(0, np.minimum(self.back.max(axis=1), self.size))
        come = [np.searchsorted(of, np.arange(self.size + 1), "right") for of in self.back.T]
        self.came = np.take_along_axis(self.unpaid, np.stack(come, axis=1)[None], axis=1)
        self.gone = takes.units(self.taken - self.came)
        most = takes.units(self.taken[:, 1:] - self.came[:, :-1])
        self._most = np.maximum.accumulate(most, axis=1)
        self.needed = (self._most[:, -1] + takes.needs.max(axis=0))[:, : takes.variants]

    @property
    def size(self) -> int:
        """The number W of windows."""
        return len(self.marks) - 1

    def last(self, until: Numbers) -> Numbers:
        """Return the first windows of which not all orders count, if they do until some steps."""
        return np.asarray(np.searchsorted(self.marks[1:], until, side="right"))

    def first_short(self, stock: SharedStock, starts: _Starts) -> Numbers:
        """Return the first window of each show that must be looked at, shape (F,); W if none.

        It is the first in which something may run short of what is there from the start, or of
        which not all orders count.
        """
        most, width = self._most, int(self._most.max(initial=0)) + 1
        spare = stock.position - stock.least_held(np.ones_like(stock.holds[:1]))
        first = np.where(stock.holds.all(axis=1), self.last(starts.until), 0)
        for account in range(spare.shape[1]):
            by_row = (most[:, :, account] + np.arange(len(most))[:, None] * width).ravel()
            key = np.clip(spare[:, account], 0, width - 1) + starts.row * width
            found = np.searchsorted(by_row, key, side="right") - starts.row * self.size
            np.minimum(first, found, out=first)
        return np.asarray(first)

    def let_pass(self, stock: SharedStock, starts: _Starts, mark: Numbers) -> None:
        """Let all pass up to marks of which all windows before are served whole, shape (F,)."""
        units = -self.gone[starts.row, mark]
        for cells, when, part in starts.deliveries:
            come = np.flatnonzero(when <= mark)
            units[come[:, None], cells] += part[come]
        everyone = np.arange(len(mark))
        stock.receive(everyone, units, self.marks[mark])
        stock.take_from(everyone, self.batches[starts.row, 0])


class _Shows:
    """Shows that share stock, each of them at a mark of its own.

    What comes at the mark is on hand; the orders of the window that begins with it are not served.

    Parameters
    ----------
    stock, sums, windows, starts
        What is on hand, the orders, their windows, and how all shows begin.
    who
        Which shows, shape (Q,).
    first
        The windows with which they begin: nothing has run short before, shape (Q,).
    """

    def __init__(
        self,
        stock: SharedStock,
        sums: Sums,
        windows: _Windows,
        starts: _Starts,
        who: Numbers,
        first: Numbers,
    ) -> None:
        self._stock, self._sums, self._windows, self._who = stock, sums, windows, who
        mine = starts.take(who)
        self._row, self._until, self._at = mine.row, mine.until, first
        self._last = windows.last(mine.until)
        #: The window from which on all have been served whole, so that sums say what comes back.
        self._since = np.zeros_like(first)
        #: What else is still to come to accounts, by mark, and the last mark with any of it.
        self._due, self._due_until = self._delivered(mine)
        self._note_what_comes_back(np.arange(len(who)), first)

    def follow(self) -> None:
        """Follow all to the end of the show."""
        shows, stops = np.arange(len(self._who)), np.ones(len(self._who), dtype=bool)
        while shows.size:
            self._serve(shows[stops])
            shows = self._going_on(shows[self._at[shows] < self._windows.size])
            stops = self._go_on(shows)

    def _delivered(self, starts: _Starts) -> tuple[Counts, Numbers]:
        """Return what is delivered after where shows stand, (Q, marks, K), and until when."""
        windows, accounts = self._windows, self._stock.position.shape[1]
        due = np.zeros((len(self._who), windows.size + 1, accounts), dtype=np.int64)
        until = np.zeros(len(self._who), dtype=np.intp)
        for cells, mark, units in starts.deliveries:
            some = np.flatnonzero((mark > self._at) & (mark <= windows.size))
            due[some[:, None], mark[some, None], cells] += units[some]
            until[some] = np.maximum(until[some], mark[some])
        return due, until

    def _open(self, shows: Numbers) -> NDArray[np.bool_]:
        """Return which lines take orders, shape (Q, L)."""
        who = self._who[shows]
        return self._stock.open[who] & (self._at[shows] <= self._last[shows])[:, None]

    def _going_on(self, shows: Numbers) -> Numbers:
        """Let shows end in which nothing runs short any more, nor opens; return the others."""
        windows, stock = self._windows, self._stock
        over = (self._due_until[shows] <= self._at[shows]) & (self._last[shows] >= windows.size)
        over &= ~stock.may_open(self._who[shows])
        some = np.flatnonzero(over)
        ends = shows[some]
        who, at, row, open_ = self._who[ends], self._at[ends], self._row[ends], self._open(ends)
        rest = windows.taken[row, -1] - _at(windows.taken, row, at)
        spare = stock.position[who] - stock.least[who]
        over[some] = (stock.takes.units(rest * open_) <= spare).all(axis=1)
        if not over.any():
            return shows
        before = windows.unpaid[row, self._since[ends]]
        came = np.maximum(windows.came[row, -1], before)
        came -= np.maximum(_at(windows.came, row, at), before)
        units = stock.takes.units((came - rest) * open_)[over[some]]
        self._stand_at(shows[over], np.full(len(units), windows.size), units)
        return shows[~over]

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
        mark = np.minimum(at + np.arange(_WINDOWS_AHEAD + 1), windows.size)
        taken, before = _at(windows.taken, row, mark), windows.unpaid[row, self._since[shows, None]]
        lines = taken - np.maximum(_at(windows.came, row, mark), before)
        open_ = self._open(shows)[:, None].astype(float)
        come = _at(self._due, shows[:, None], mark)
        come[:, 0] = stock.position[who]
        left = np.cumsum(come, axis=1) - stock.takes.in_floats((lines - lines[:, :1]) * open_)
        asked = stock.takes.in_floats(np.diff(taken, axis=1) * open_)
        stops = mark == self._last[shows, None]
        for account, least in enumerate(stock.least[who].T):
            stops[:, :-1] |= asked[..., account] + least[:, None] > left[:, :-1, account]
        stops[:, 1:] |= stock.opens(who, left[:, 1:])
        stops &= mark < windows.size
        there, found = np.arange(len(shows)), stops.any(axis=1)
        first = np.where(
            found, stops.argmax(axis=1), np.minimum(_WINDOWS_AHEAD, windows.size - at[:, 0])
        )
        units = left[there, first].astype(np.int64) - stock.position[who]
        mark = mark[there, first]
        self._note_what_comes_back(shows[found], mark[found])
        self._stand_at(shows, mark, units)
        return np.asarray(found)

    def _serve(self, shows: Numbers) -> None:
        """Serve the window before which shows stand, as far as its orders count."""
        windows, stock = self._windows, self._stock
        shows = shows[self._at[shows] <= self._last[shows]]
        if not shows.size:
            return
        who, at, row = self._who[shows], self._at[shows], self._row[shows]
        until = np.where(at < self._last[shows], NEVER, self._until[shows])
        first, last = windows.batches[row, at], windows.batches[row, at + 1]
        number = row * windows.size + at
        late = stock.serve(self._sums, who, Window(number, first, last, until))
        for line, needs in enumerate(stock.takes.needs):
            back = windows.back[at, line]
            some = np.flatnonzero((late[:, line] > 0) & (back <= windows.size))
            if not some.size:
                continue
            self._due[shows[some], back[some]] += late[some, line, None] * needs
            self._due_until[shows[some]] = np.maximum(self._due_until[shows[some]], back[some])
        self._since[shows] = at + 1
        self._stand_at(shows, at + 1, self._due[shows, at + 1])

    def _note_what_comes_back(self, shows: Numbers, mark: Numbers) -> None:
        """Note what comes back after marks of windows that are served whole before, shape (Q,)."""
        windows, since = self._windows, self._since[shows]
        first = np.maximum(windows.soonest[since], mark + 1)
        until = windows.latest[mark]
        some = np.flatnonzero(first <= until)
        if not some.size:
            return
        shows, since, mark, first, until = (of[some] for of in (shows, since, mark, first, until))
        self._due_until[shows] = np.maximum(self._due_until[shows], until)
        # What has come by each mark, and by the one before the first.
        of, by = spread(until - first + 2, first - 1)
        row = self._row[shows]
        whole = _at(windows.unpaid, row, since)[of], _at(windows.unpaid, row, mark)[of]
        came = np.clip(_at(windows.came, row[of], by), *whole)
        late = np.diff(came, axis=0, prepend=0.0) * (by >= first[of])[:, None]
        units = self._stock.takes.units(late * self._open(shows)[of])
        table, marks = self._due.reshape(-1, units.shape[1]), self._due.shape[1]
        table[shows[of] * marks + by] += units

    def _stand_at(self, shows: Numbers, mark: Numbers, units: Counts) -> None:
        """Let shows stand at marks, with so many more units on hand, shape (Q, K)."""
        windows, who = self._windows, self._who[shows]
        self._stock.receive(who, units, windows.marks[mark])
        self._at[shows] = mark
        some = np.flatnonzero(self._stock.opened(who) & (mark <= self._last[shows]))
        first = windows.batches[self._row[shows[some]], mark[some]]
        self._stock.take_from(who[some], first)


def _at(values: NDArray[Number], first: Numbers, second: Numbers) -> NDArray[Number]:
    """Return ``values[first, second]``: NumPy takes rows of one table three times as fast."""
    table = values.reshape(-1, values.shape[2])
    return np.asarray(table.take(first * values.shape[1] + second, axis=0))


def _by_show(values: Counts, cells: int) -> Counts:
    """Return values of cells, or of accounts, by show, (cells, R, J) → (R · J, cells)."""
    return np.ascontiguousarray(values.reshape(cells, -1).T)


def _sweeps(steps: Sequence[Numbers]) -> Numbers:
    """Return at which steps' ends something swept comes on hand, or the sweep does.

    Parameters
    ----------
    steps
        The step at whose end what is ordered in each step is swept, for each time to pay.
    """
    marks = [np.concatenate([one[1:], np.flatnonzero(np.diff(one[1:])) + 1]) for one in steps]
    return np.unique(np.concatenate(marks))
