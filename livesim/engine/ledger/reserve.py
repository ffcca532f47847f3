"""When reserves are called: as soon as fewer units are left than a rule says, or at a moment.

Units left are those on hand, and owned ones that come before the show's end. They are looked at
whenever orders have been served, when the product's link first goes up, and where orders can wait
for units also when some come in: those who wait take them. A rule of a moment looks once, then:
what was sold is what has come and is not on hand. Of several reserves each is called by its own
rule. What one brings is on hand for the rules of the others, so they are found in the order of
their calls, those of one moment in the order of the file.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from livesim.arrays import Counts, Floats, Numbers
from livesim.engine.clock import NEVER, Clock
from livesim.engine.ledger.book import PAYING, UNITS, upto
from livesim.engine.ledger.draw import Draw
from livesim.engine.ledger.part import Part
from livesim.engine.ledger.taken import Taken
from livesim.engine.ledger.walk import first_empty, follow
from livesim.model.inputs import SupplyInputs


@dataclass(frozen=True)
class Rules:
    """By which rules the N reserves of a product are called, in J ways to sell it.

    Parameters
    ----------
    below
        One is called once fewer units than this are left, shape (N, J); 0: never.
    moment, sold
        It is called, too, at the end of a step if more units than so many are sold by then, shape
        (N, J); one more than all steps: never.
    lead_time
        Time from the call until it is there [s], shape (N, J).
    """

    below: Counts
    moment: Numbers
    sold: Counts
    lead_time: Floats

    def __len__(self) -> int:
        """Return the number N of reserves."""
        return len(self.below)

    @staticmethod
    def of(supplies: Sequence[SupplyInputs], clock: Clock) -> Rules:
        """Return the rules of a product that is sold in some ways; who has fewer, calls none."""
        shape = max(len(supply.reserves) for supply in supplies), len(supplies)
        below, sold = (np.zeros(shape, dtype=np.int64) for _ in range(2))
        moment, lead_time = np.full(shape, clock.steps + 1), np.zeros(shape)
        for way, supply in enumerate(supplies):
            for number, reserve in enumerate(supply.reserves):
                place = number, way
                lead_time[place] = reserve.lead_time
                if np.isinf(reserve.due):  # it is not on its way
                    below[place] = reserve.below
                    if reserve.when is not None:
                        moment[place], sold[place] = clock.by(reserve.when[0]), reserve.when[1]
        return Rules(below, moment, sold, lead_time)

    def take(self, ways: Numbers) -> Rules:
        """Return the same of some ways, which may come again."""
        return Rules(
            self.below[:, ways], self.moment[:, ways], self.sold[:, ways], self.lead_time[:, ways]
        )


def next_called(part: Part, rules: Rules, called: Numbers, level: Numbers) -> Numbers:
    """Return the steps at whose end reserves are called, with the next call of each show.

    Parameters
    ----------
    part
        The accounts of one product, with the reserves that are called so far, at levels at which
        different units are left.
    rules
        When they are called in each of J ways.
    called
        The calls so far, shape (N, R, J); one more than all steps where there is none.
    level
        Which of the part's levels each of the ways has, shape (J,).
    """
    first = _while_units_last(part, rules, level)
    if first is None:
        first = _in_any_case(part, rules, level)
    first[called <= part.recording.clock.steps] = part.recording.clock.steps + 1
    which = np.arange(len(rules))[:, None, None] == first.argmin(axis=0)  # at once: the first
    return np.where(which, np.minimum(first, called), called)


def _while_units_last(part: Part, rules: Rules, level: Numbers) -> Numbers | None:
    """Return the first calls by each rule, (N, R, J), if none comes after units have run out.

    Until then what is left is what there is, less what the orders draw, which is the same at all
    levels. None is returned where that does not tell: with several cells, or room to wait, or units
    that come and are not owned, or rules of a moment, or if a show has run out before its call or
    is not told until then.
    """
    comes, book, steps = part.deliveries[0], part.book, part.recording.clock.steps
    alone = len(part.cells) == 1 and not part.backorder_room.any()
    if not alone or (comes.together[:, 0] != comes.owned).any() or (rules.moment <= steps).any():
        return None
    empty = first_empty(part, Draw(book, steps))
    served_in = np.append(book.orders.step, 0)[empty.batch]
    empty_in = np.where(empty.there, np.where(empty.come > 0, served_in, 0), NEVER)
    to_come, empty_in = comes.owned[-1][:, level], empty_in.reshape(part.until.shape)[:, level]
    units = comes.at_start[0][:, level] + to_come
    step, row = _looks(part, [])
    drawn, back = _drawn(part, step, row)
    rows, width = np.arange(part.replications)[:, None], int(drawn.max(initial=0)) + 2
    most, ends = np.maximum.accumulate(row * width + drawn), np.searchsorted(row, rows, "right")
    found = np.full((len(rules), *units.shape), steps + 1)
    for first, below in zip(found, rules.below, strict=True):
        enough = np.clip(units - below + 1, 0, width - 1)
        place = np.searchsorted(most, rows * width + enough)
        place = np.where((below > 0) & (place < ends), place, len(step))
        first[:] = np.append(step, steps + 1)[place]
        row, way = np.nonzero((first >= empty_in) & (units >= below) & (below > 0))
        # With the last unit, too, unless enough of what others did not pay for comes back then.
        left = np.append(back, 0)[place[row, way]] + to_come[row, way]
        if ((first > empty_in)[row, way] | (left >= below[way])).any():
            return None
    # What orders draw after a show has parted is not that show's.
    return None if ((found > part.until[:, level]) & (found <= steps)).any() else found


def _drawn(part: Part, step: Numbers, row: Numbers) -> tuple[Counts, Counts]:
    """Return what orders of one cell draw by the end of steps, and what comes back then, (Q,)."""
    book, start = part.book, part.start[row]
    served = book.after(row, step)
    swept, before = (np.minimum(book.swept_after(row, at), served) for at in (step, step - 1))
    asked, back = book.upto[:, UNITS], book.lapsing
    drawn = asked[served] - asked[start] - (back[swept] - back[start])
    return drawn, back[swept] - back[before]


def _in_any_case(part: Part, rules: Rules, level: Numbers) -> Numbers:
    """Return the first calls by each rule, shape (N, R, J), of accounts that are followed."""
    looks = _Looks(part, rules)
    rule = zip(rules.below, rules.moment, rules.sold, strict=True)
    return np.stack(
        [
            np.minimum(looks.first_below(below, level), looks.at(moment, sold, level))
            for below, moment, sold in rule
        ]
    )


class _Looks:
    """What is seen of one product's stock whenever units left may have fallen, at J levels.

    Parameters
    ----------
    part
        The accounts of one product.
    rules
        By which its reserves are called.
    """

    def __init__(self, part: Part, rules: Rules) -> None:
        step, row = _looks(part, np.unique(rules.moment))
        left, at = _left(part, step, row), np.isin(step, rules.moment)
        self._never, self._size = part.recording.clock.steps + 1, len(step)
        self._step = np.append(step, self._never)
        self._rows = np.arange(part.replications)
        self._ends = np.searchsorted(row, self._rows, side="right")
        self._keys = np.append(row[at] * self._never + step[at], -1)
        comes, then = part.deliveries[0], (step[at], row[at])
        sold = comes.come_by(*then).sum(axis=0) + comes.owned_after(*then) - left[at]
        self._sold = np.append(sold, np.zeros_like(sold, shape=(1, part.levels)), axis=0)
        most = min(int(rules.below.max(initial=0)), int(left.max(initial=0)) + 1)
        show = np.arange(part.levels)[:, None] * part.replications + row
        #: The most that have been missing of ``most`` in each show, behind that of other shows.
        keys = show * (most + 1) + most - np.minimum(left.T, most)
        self._most, self._missing = most, np.maximum.accumulate(keys.ravel())

    def first_below(self, below: Counts, level: Numbers) -> Numbers:
        """Return the first steps with fewer units left at some levels, shape (R, levels)."""
        show = level[:, None] * len(self._rows) + self._rows
        missing = self._most - np.minimum(below, self._most)[:, None] + 1
        place = np.searchsorted(self._missing, show * (self._most + 1) + missing)
        place -= level[:, None] * self._size
        return self._step[np.where(place < self._ends, place, self._size).T]

    def at(self, moment: Numbers, many: Counts, level: Numbers) -> Numbers:
        """Return moments by which more units are sold at some levels, else never, (R, levels)."""
        found = np.full((len(self._rows), len(level)), self._never)
        some = np.flatnonzero(moment < self._never)
        key = self._rows[:, None] * self._never + moment[some]
        place = np.searchsorted(self._keys[:-1], key)
        holds = (self._keys[place] == key) & (self._sold[place, level[some]] > many[some])
        found[:, some] = np.where(holds, moment[some], self._never)
        return found


def _looks(part: Part, moments: Sequence[int] | Numbers) -> tuple[Numbers, Numbers]:
    """Return the steps and replications at which units left may have fallen, and the moments."""
    recording, orders = part.recording, part.book.orders
    refreshes = recording.inputs.refreshes
    linked = recording.clock.by(part.link_at[:, 0])
    everyone = np.arange(part.replications)
    rows = [orders.row, everyone, *(everyone for _ in moments)]
    steps = [orders.step, linked, *(np.full_like(linked, one) for one in moments)]
    if part.backorder_room.any():
        comes = part.deliveries[0].step
        steps.append(comes.ravel())
        rows.append(np.broadcast_to(np.arange(part.replications)[:, None], comes.shape).ravel())
    row, step = np.concatenate(rows), np.concatenate(steps)
    key = np.unique((row * (refreshes + 1) + step)[step <= refreshes])
    row, step = np.divmod(key, refreshes + 1)
    since = step >= linked[row]
    return step[since], row[since]


def _left(part: Part, step: Numbers, row: Numbers) -> Counts:
    """Return the units left of a product at the end of steps, shape (Q, J)."""
    book, comes, taken = part.book, part.deliveries[0], Taken(part.book, part.levels)
    follow(part, taken.note)
    claimed = taken.column(UNITS)
    units, lapsing = upto(claimed), upto(claimed - taken.column(PAYING))
    left = comes.owned_after(step, row)
    for cell in range(len(part.cells)):
        on_hand = comes.come_by(step, row, slice(cell, cell + 1))[0]
        account = cell * part.replications + row
        start = part.start[account]
        served = book.after(account, step)
        swept = book.swept_after(account, step)
        on_hand -= units[served] - units[start]
        on_hand += lapsing[np.minimum(swept, served)] - lapsing[start]
        left += np.maximum(on_hand, 0)
    return left
