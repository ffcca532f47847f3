"""What the orders of accounts draw while units last, whatever the stock level is.

The *draw* of an account up to a batch is what its batches have asked for, less what has lapsed and
come back before the batch is served. With stock that outlasts them all, what is on hand is what
has come less the draw: units run out with the first batch whose draw reaches what has come.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np

from livesim.arrays import Counts, Numbers
from livesim.engine.clock import NEVER
from livesim.engine.ledger.book import UNITS, Book


class Draw:
    """The draw of A accounts, and their H lapses: batches that are swept together.

    Parameters
    ----------
    book
        Their orders.
    steps
        The number of steps; what is swept later does not come back.

    Attributes
    ----------
    asked
        The step in which each account's first orders are served; later than all if it has none,
        shape (A,).
    units
        Units that all batches before each ask for, shape (N + 1,).
    together
        The batch behind the last one that is swept with each, shape (N,).
    first, last, swept, served
        Of each lapse the first batch, the one behind the last, the step at whose end its units come
        back, and the first batch that is served after that, shape (H,), and one more.
    lapse_from, lapse_before
        The first lapse with batches that are not before each batch, and the one behind the last
        with any that are, shape (N + 1,).
    """

    def __init__(self, book: Book, steps: int) -> None:
        self._book, self.units = book, np.ascontiguousarray(book.upto[:, UNITS])
        self._steps, batches = steps, len(book.account)
        self._ends = np.searchsorted(book.account, np.arange(book.accounts), side="right")
        begins = np.flatnonzero(np.diff(book.account, prepend=-1))
        self.asked = np.full(book.accounts, NEVER)
        self.asked[book.account[begins]] = book.orders.step[begins]
        new = (np.diff(book.account, prepend=-1) != 0) | (np.diff(book.swept, prepend=-1) != 0)
        first = np.flatnonzero(new)
        last = np.append(first[1:], batches)[: len(first)]
        self.together = np.repeat(last, last - first)
        some = (book.lapsing[last] > book.lapsing[first]) & (book.swept[first] <= steps)
        first, last = first[some], last[some]
        account, swept = book.account[first], book.swept[first]
        self._keys = account.astype(np.int64) * (steps + 1) + swept
        self.lapse_from = np.cumsum(np.bincount(last, minlength=batches + 1))
        self.lapse_before = np.cumsum(np.bincount(first + 1, minlength=batches + 1))
        served = book.after(account, swept)
        self.first, self.last, self.swept, self.served = (
            np.append(of, 0) for of in (first, last, swept, served)
        )

    @cached_property
    def _upto(self) -> Counts:
        """The draw up to each batch and with it, shape (N,)."""
        book, batch = self._book, np.arange(len(self._book.account))
        start = np.append(0, self._ends)[book.account]
        back = book.lapsing[book.swept_after(book.account, book.orders.step - 1)]
        return np.asarray(self.units[batch + 1] - self.units[start] - back + book.lapsing[start])

    @cached_property
    def _width(self) -> int:
        return int(self._upto.max(initial=0)) + 2

    @cached_property
    def _most(self) -> Counts:
        """The most that each batch and all before it have drawn, behind that of other accounts."""
        keys = self._book.account.astype(np.int64) * self._width + self._upto
        return np.asarray(np.maximum.accumulate(keys))

    @cached_property
    def _of_account(self) -> Counts:
        """The most that each account ever draws, 0 if it has no orders, shape (A,)."""
        most = np.zeros(self._book.accounts, dtype=np.int64)
        np.maximum.at(most, self._book.account, self._upto)
        return most

    def key(self, account: Numbers, units: Counts) -> Counts:
        """Return what stands for an account from which so many units can be drawn."""
        return np.asarray(account * self._width + np.minimum(units, self._width - 1))

    def reaching(self, account: Numbers, units: Counts) -> Numbers:
        """Return the first batches with which accounts draw so many units; N if they never do."""
        found, units = np.full(len(units), len(self._most)), np.maximum(units, 1)
        some = np.flatnonzero(units <= self._of_account[account])
        account, units = account[some], units[some]
        if len(units) < self._of_account.sum():
            found[some] = np.searchsorted(self._most, self.key(account, units), side="left")
        else:  # so many look that it pays to write down the batch of each unit
            found[some] = self._of_unit[self._first_unit[account] + units]
        return found

    @cached_property
    def _first_unit(self) -> Counts:
        """Units that all accounts before each ever draw at most, shape (A,)."""
        return np.asarray(np.cumsum(self._of_account) - self._of_account)

    @cached_property
    def _of_unit(self) -> Numbers:
        """The batch with which each unit is first drawn, behind one that is none."""
        account = self._book.account
        most = self._most - account * self._width
        before = np.append(0, most)[:-1] * (np.diff(account, prepend=-1) == 0)
        return np.append(0, np.repeat(np.arange(len(most)), most - before))

    def before(self, batch: Numbers) -> Counts:
        """Return what is drawn before batches."""
        return np.asarray(self._upto[batch] - (self.units[batch + 1] - self.units[batch]))

    def lapses_after(self, account: Numbers, step: Numbers) -> tuple[Numbers, Numbers]:
        """Return the first lapses of accounts from ends of steps on, and behind their last."""
        key = account * (self._steps + 1)
        first = np.searchsorted(self._keys, key + np.minimum(step, self._steps + 1), side="left")
        return first, np.searchsorted(self._keys, key + self._steps, side="right")

    def lapse_at(self, account: Numbers, step: Numbers) -> Numbers:
        """Return the lapses of accounts at the ends of steps."""
        return np.asarray(np.searchsorted(self._keys, account * (self._steps + 1) + step))

    def portions(self, account: Numbers, most: int) -> list[int]:
        """Return where to divide accounts, so that each part has at most so many lapses."""
        first, last = self.lapses_after(account, np.zeros_like(account))
        upto = np.cumsum(last - first + 1)
        ends = np.searchsorted(upto, np.arange(most, int(upto.max(initial=0)), most))
        return [0, *ends.tolist(), len(account)] if len(account) else []
