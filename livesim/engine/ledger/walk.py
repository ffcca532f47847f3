"""All accounts of a part, followed through the show at all stock levels.

Until its units run out, an account sells the same at every level: what is on hand is what has come
less its *draw*, which the orders alone decide. So the order with which units first run out is
looked up. Only from there on accounts are followed, all at once, each from one moment at which
something comes on hand to its next; levels with which the same goes on are followed as one.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from livesim.arrays import Counts, Floats, Numbers
from livesim.engine.clock import NEVER
from livesim.engine.ledger.draw import Draw
from livesim.engine.ledger.part import Part
from livesim.engine.ledger.runs import spread
from livesim.engine.ledger.serving import Accounts, Emptied, Observer, Taking
from livesim.engine.ledger.sold_out import FOR_GOOD, Spells
from livesim.engine.portions import IN_MEMORY

#: Most lapses of those who are followed at a time: each takes two numbers.
_MOST_LAPSES = IN_MEMORY // 2


@dataclass(frozen=True)
class Followed:
    """What the orders of a part took, account by account at all levels.

    Parameters
    ----------
    taken
        What orders got in N cases that differ, by the book's columns, shape (N, columns).
    dearer
        Value taken, and paid, above what it is at the account's first price, shape (N, 2).
    beyond
        Units sold beyond the stock, shape (N,).
    like
        Which of these cases each account at each level is, shape (A, J).
    """

    taken: Counts
    dearer: Floats
    beyond: Counts
    like: Numbers


def follow(part: Part, observer: Observer | None = None) -> tuple[Followed, Spells]:
    """Follow the accounts to the end of the show: what their orders took, and when they were empty.

    Who was empty is account · J + level.

    Parameters
    ----------
    part
        The accounts.
    observer
        Is told what orders took; who took it is account · J + level.
    """
    book, draw = part.book, Draw(part.book, part.recording.clock.steps)
    first = first_empty(part, draw)
    columns, end = book.columns, part.different_ends
    # The first cases are those of accounts that never run out, which are the same at many levels.
    taken = [part.whole(book.upto[:, :columns], end).reshape(-1, columns)]
    dearer = [part.whole(book.dearer[:, :2], end).reshape(-1, 2)]
    beyond, cases = [np.zeros(end.size, dtype=np.int64)], end.size
    like = np.array(np.broadcast_to(np.arange(cases).reshape(end.shape), part.end.shape))
    if observer is not None:
        who = np.flatnonzero(~first.there)
        place, level = np.divmod(who, part.levels)
        observer(Taking.whole(who, part.start[place], part.end[place, level], columns))
    who = np.flatnonzero(first.there)
    one, of = _alike(part, draw, first, who, apart=observer is not None)
    found = [_opening(part, first.opened)]
    for begin, last in pairwise(draw.portions(who[one] // part.levels, _MOST_LAPSES)):
        followers = Followers(part, draw, first, who[one[begin:last]], observer)
        followers.follow()
        mine = np.flatnonzero((of >= begin) & (of < last))
        triples, number = who[mine], of[mine] - begin
        like.reshape(-1)[triples] = cases + number
        cases += len(followers.beyond)
        taken.append(followers.taken)
        dearer.append(followers.dearer)
        beyond.append(followers.beyond)
        found.append(followers.empty.of_each(triples, number))
    followed = Followed(np.concatenate(taken), np.concatenate(dearer), np.concatenate(beyond), like)
    return followed, Spells.joined(found)


@dataclass(frozen=True)
class FirstEmpty:
    """When accounts are first empty, account by account at each level, each of shape (A · J,).

    Parameters
    ----------
    there
        Whether they ever are.
    batch
        The batch with which the units run out.
    come
        Units that have come by then; where there are none at the start, none.
    delivered
        The number of deliveries that have come by then.
    opened
        The step at whose end the first units came, where nobody had asked before; else 0.
    """

    there: NDArray[np.bool_]
    batch: Numbers
    come: Counts
    delivered: Numbers
    opened: Numbers


def first_empty(part: Part, draw: Draw) -> FirstEmpty:
    """Look up when accounts are first empty.

    A delivery that comes before is there as if from the start: the draw never reached what was
    there before it, or nobody had asked.
    """
    start = np.concatenate([comes.at_start.reshape(-1) for comes in part.deliveries])
    account = np.repeat(np.arange(len(part.start)), part.levels)
    come, delivered, opened = start.copy(), np.zeros_like(start), np.zeros_like(start)
    batch, some = np.full_like(start, len(part.book.orders)), np.flatnonzero(start)
    batch[some] = draw.reaching(account[some], start[some])
    # In a step's orders are no units that come at its end; who never runs out needs none.
    runs_out, (_, *shows) = np.append(part.book.orders.step, 0), part.shape
    for product, comes in enumerate(part.deliveries):
        accounts = part.accounts_of(product)
        mine = slice(accounts.start * part.levels, accounts.stop * part.levels)
        of_product = (of[mine].reshape(-1, *shows) for of in (start, come, opened, delivered))
        first, has_come, opened_in, number = of_product
        asked = draw.asked[accounts].reshape(-1, shows[0], 1)
        for step, together in zip(comes.step, comes.together[1:], strict=True):
            empty_at = runs_out[batch[mine]].reshape(-1, *shows)
            in_time = step < np.where(has_come > 0, empty_at, asked)
            if not in_time.any():
                break
            units = first + together
            np.copyto(opened_in, step, where=in_time & (has_come <= 0) & (units > 0))
            np.copyto(has_come, units, where=in_time)
            number += in_time
            who = mine.start + np.flatnonzero(in_time)
            batch[who] = draw.reaching(account[who], come[who])
    ended = batch.reshape(part.end.shape) < part.end
    return FirstEmpty(ended.reshape(-1) | (come <= 0), batch, come, delivered, opened)


def _alike(
    part: Part, draw: Draw, first: FirstEmpty, who: Numbers, *, apart: bool
) -> tuple[Numbers, Numbers]:
    """Return one of each of those with which the same goes on, by account, and which each is like.

    It does where as many units have come to an account, and no more are to come.
    """
    account, level = np.divmod(who, part.levels)
    row, come = account % part.replications, first.come[who]
    alike = (part.backorder_room.reshape(-1)[who] == 0) & (not apart)
    alike &= part.until[row, level] >= part.recording.clock.steps
    alike &= _next_delivery(part, who, first.delivered[who]) == NEVER
    key = draw.key(account, come) * (part.levels + 1) + np.where(alike, 0, level + 1)
    _, one, of = np.unique(key, return_index=True, return_inverse=True)
    return one, of


def _next_delivery(part: Part, who: Numbers, number: Numbers) -> Numbers:
    """Return when the deliveries come that have these numbers, shape (W,).

    Parameters
    ----------
    part
        The accounts.
    who, number
        Whose deliveries, account · J + level, by account, and which of them, shape (W,).
    """
    step, shows = np.empty_like(who), part.until.size
    for product, comes_at in enumerate(part.delivered_at):
        accounts = part.accounts_of(product)
        mine = slice(*np.searchsorted(who // part.levels, [accounts.start, accounts.stop]))
        step[mine] = comes_at.take(number[mine] * shows + who[mine] % shows)
    return step


def _opening(part: Part, opened: Numbers) -> Spells:
    """Return when accounts were empty before the first units came, as far as it matters.

    It does if a product's link is up, or nothing else comes.
    """
    who = []
    linked = part.recording.clock.by(part.link_at)
    for product, comes in enumerate(part.deliveries):
        mine, shows = part.accounts_of(product), part.until.shape
        first = mine.start * part.levels
        in_step = opened[first : mine.stop * part.levels].reshape(-1, *shows)
        over = np.minimum(comes.final_step, linked[:, product, None])
        who.append(first + np.flatnonzero(in_step > over))
    every = np.concatenate(who)
    nothing = np.zeros_like(every)
    return Spells(every, np.zeros(len(every)), nothing, opened[every])


class Followers(Accounts):
    """W accounts at a level each, from where they are first empty to the end of the show.

    Parameters
    ----------
    part, draw
        The accounts, and what their orders draw.
    first
        When they are first empty.
    who
        Which of them, account · J + level, by account, shape (W,).
    observer
        Is told what orders took.
    """

    def __init__(
        self, part: Part, draw: Draw, first: FirstEmpty, who: Numbers, observer: Observer | None
    ) -> None:
        book, clock = part.book, part.recording.clock
        come, batch = first.come[who], first.batch[who]
        account, level = np.divmod(who, part.levels)
        start, nothing = part.start[account], np.flatnonzero(come <= 0)
        batch[nothing] = start[nothing]
        units = come.copy()
        some = np.flatnonzero(come > 0)
        units[some] -= draw.before(batch[some])
        told = None if observer is None else lambda one: observer(replace(one, who=who[one.who]))
        backorder_room = np.array(np.broadcast_to(part.backorder_room, part.shape)).reshape(-1)[who]
        super().__init__(units, backorder_room, book.columns, clock.times, told)
        self._some_wait = bool(backorder_room.any())
        self._part, self._book, self._draw = part, book, draw
        self._account, self._level, self._end = account, level, part.end[account, level]
        self._triple = who
        self._since, self._next = start.copy(), batch
        self._number = first.delivered[who]
        self._delivered_at = _next_delivery(part, who, self._number)
        step = np.append(book.orders.step, NEVER)[batch]
        step[nothing] = 0
        self._lapse, self._last_lapse = draw.lapses_after(account, step)
        sizes = self._last_lapse - self._lapse
        self._place = np.cumsum(sizes) - sizes - self._lapse
        self._back = np.zeros(int(sizes.sum()), dtype=np.int64)
        self._expected = np.zeros(len(who), dtype=np.int64)
        self._let_all_lapse(np.arange(len(who)), start, batch)
        self._emptied = [Emptied(nothing, np.zeros(len(nothing)), np.zeros_like(nothing))]
        self._filled: list[tuple[Numbers, Numbers]] = []
        self._spell = np.full(len(who), -1)
        self._spell[nothing] = np.arange(len(nothing))
        self._spells = len(nothing)

    def follow(self) -> None:
        """Follow all to the end of the show."""
        on = np.arange(len(self.position))
        while on.size:
            on = self._go_on(on)
        lasting = np.flatnonzero(self.position > 0)
        self.take_whole(self._book, lasting, self._since[lasting], self._end[lasting])

    @property
    def empty(self) -> Spells:
        """When they had nothing on hand."""
        who, at, begun = (np.concatenate(column) for column in zip(*self._emptied, strict=True))
        spells = Spells(who, at, begun, np.full(len(who), FOR_GOOD))
        for spell, step in self._filled:
            spells.ended[spell] = step
        return spells

    def _go_on(self, on: Numbers) -> Numbers:
        """Let some go on to when something comes to them; return who is not at the end yet."""
        lapse = self._lapse[on]
        back_at = np.where(lapse < self._last_lapse[on], self._draw.swept[lapse], NEVER)
        delivered_at = self._delivered_at[on]
        now = np.minimum(back_at, delivered_at)
        until, end = self._draw.served[lapse], self._end[on]
        other = np.flatnonzero(back_at > delivered_at)
        if other.size:
            until[other] = self._book.after(self._account[on[other]], now[other])
        until = np.where(now < NEVER, np.minimum(until, end), end)
        if self._some_wait:  # and are served only as far as all is swept together
            waiting = np.flatnonzero((self.backorder_room[on] > 0) & (self._next[on] < until))
            together = self._draw.together[self._next[on[waiting]]]
            cut = waiting[together < until[waiting]]
            until[cut] = self._draw.together[self._next[on[cut]]]
            now[cut] = -1
        self._serve_until(on, until)
        self._receive(on, now, now == back_at, now == delivered_at)
        on = on[now < NEVER]
        expects = (self.position[on] > 0) | (self._expected[on] > 0)
        expects |= self._delivered_at[on] < NEVER
        return on[expects | (self.backorder_room[on] > 0) if self._some_wait else expects]

    def _serve_until(self, who: Numbers, until: Numbers) -> None:
        """Serve batches up to others."""
        book, first, have = self._book, self._next[who], self.position[who]
        wanted = self._draw.units[until] - self._draw.units[first]
        served = (have > 0) | (self.backorder_room[who] > 0) if self._some_wait else have > 0
        some = np.flatnonzero((wanted > 0) & served)
        self._next[who] = until
        if not some.size:
            return
        who, first, until, have, wanted = (of[some] for of in (who, first, until, have, wanted))
        batch = until.copy()
        short = np.flatnonzero(wanted >= have)
        few = short[have[short] > 0]
        batch[few] = book.reaching(self._draw.units[first[few]] + have[few])
        none = short[have[short] <= 0]
        batch[none] = first[none]
        self.position[who] -= self._draw.units[batch] - self._draw.units[first]
        self._let_all_lapse(who, first, batch)
        if short.size:
            mine = who[short]
            emptied = self.run_out(book, mine, batch[short], until[short], self._since[mine])
            self._spell[emptied.who] = self._spells + np.arange(len(emptied.who))
            self._spells += len(emptied.who)
            self._emptied.append(emptied)

    def _receive(
        self, on: Numbers, step: Numbers, back: NDArray[np.bool_], comes: NDArray[np.bool_]
    ) -> None:
        """Take in what comes back, and what is delivered, at the ends of steps."""
        before = self.position[on]
        units = np.zeros_like(before)
        some = np.flatnonzero(back & (step < NEVER))
        who = on[some]
        units[some] = self._back[self._place[who] + self._lapse[who]]
        self._expected[who] -= units[some]
        self._lapse[who] += 1
        some = np.flatnonzero(comes & (step < NEVER))
        if some.size:
            units[some] += self._delivered(on[some])
        self.position[on] = before + units
        filled = np.flatnonzero((before <= 0) & (before + units > 0))
        who = on[filled]
        self._since[who] = self._next[who]
        self._filled.append((self._spell[who], step[filled]))

    def _delivered(self, who: Numbers) -> Counts:
        """Return what the next deliveries bring, and look ahead to those after them."""
        units = np.zeros(len(who), dtype=np.int64)
        row, number = self._account[who] % self._part.replications, self._number[who]
        for product, comes in enumerate(self._part.deliveries):
            accounts = self._part.accounts_of(product)
            mine = slice(*np.searchsorted(self._account[who], [accounts.start, accounts.stop]))
            cell = (self._account[who[mine]] - accounts.start) // self._part.replications
            place = cell, row[mine], self._level[who[mine]]
            units[mine] = (
                comes.together[number[mine] + 1, *place] - comes.together[number[mine], *place]
            )
        self._number[who] += 1
        self._delivered_at[who] = _next_delivery(self._part, self._triple[who], self._number[who])
        return units

    def _let_all_lapse(self, who: Numbers, first: Numbers, last: Numbers) -> None:
        """Let units of batches that took all they asked for come back when they are swept."""
        some = np.flatnonzero(self._book.lapsing[last] > self._book.lapsing[first])
        who, first, last = who[some], first[some], last[some]
        draw = self._draw
        lapse = np.maximum(draw.lapse_from[first], self._lapse[who])
        of, lapse = spread(np.maximum(draw.lapse_before[last] - lapse, 0), lapse)
        begin, end = (
            np.maximum(draw.first[lapse], first[of]),
            np.minimum(draw.last[lapse], last[of]),
        )
        units = self._book.lapsing[end] - self._book.lapsing[begin]
        self._back[self._place[who[of]] + lapse] += units
        np.add.at(self._expected, who[of], units)

    def put_on_later(self, who: Numbers, units: Counts, step: Numbers) -> None:
        """Put units on hand at the ends of the steps in which they come, if they do."""
        some = np.flatnonzero((units > 0) & (step <= self._part.recording.clock.steps))
        who, units = who[some], units[some]
        lapse = self._draw.lapse_at(self._account[who], step[some])
        self._back[self._place[who] + lapse] += units
        self._expected[who] += units
