"""When things are empty: a variant or a product whose every account has nothing on hand."""

from __future__ import annotations

import numpy as np

from livesim.engine.orders import Counts, Floats, Numbers
from livesim.engine.part import Part


class Empties:
    """G groups of accounts, each of them empty while all of its members are.

    Parameters
    ----------
    members
        The number of members of each group, shape (G,).
    final_step, final_at
        From which step on nothing more comes, and when its last part came [s], shape (G,).

    Attributes
    ----------
    sold_out_at
        When a group was first empty with nothing to come [s], inf if never, shape (G,).
    """

    def __init__(self, members: Counts, final_step: Numbers, final_at: Floats) -> None:
        self._not_empty = members.copy()
        self._final_step, self._final_at = final_step, final_at
        self._emptied_at = np.zeros(len(members))
        self._since = np.full(len(members), -1)
        self._place = np.zeros(len(members), dtype=np.intp)
        self._spells: list[tuple[Numbers, Numbers, Numbers]] = []
        self.sold_out_at = np.full(len(members), np.inf)

    def emptied(self, groups: Numbers, at: Floats, in_step: Numbers, begun: int) -> None:
        """Note members that have run out of units.

        Parameters
        ----------
        groups, at, in_step
            The group of each, when its last unit went [s], and in which step.
        begun
            The step at whose end they last received anything.
        """
        np.subtract.at(self._not_empty, groups, 1)
        np.maximum.at(self._emptied_at, groups, at)
        np.maximum.at(self._since, groups, in_step)
        self._look(groups[self._not_empty[groups] == 0], begun)

    def received(self, groups: Numbers, filled: Numbers, step: int) -> None:
        """Note groups that have received something, and the groups of members that have units now.

        Parameters
        ----------
        groups
            Those that have received anything.
        filled
            A group for each member that had nothing on hand and has now.
        step
            At whose end that happens.
        """
        over = self._each_once(filled[self._not_empty[filled] == 0])
        if over.size:
            self._spells.append((over, self._since[over], np.full(len(over), step)))
        np.add.at(self._not_empty, filled, 1)
        self._look(groups[self._not_empty[groups] == 0], step)

    def _each_once(self, groups: Numbers) -> Numbers:
        """Return every group but once, by noting the last place of each."""
        places = np.arange(len(groups))
        self._place[groups] = places
        return np.asarray(groups[self._place[groups] == places])

    def _look(self, empty: Numbers, step: int) -> None:
        """Note which of the empty groups are sold out: nothing more comes after a step."""
        final = empty[self._final_step[empty] <= step]
        moment = np.maximum(self._emptied_at[final], self._final_at[final])
        self.sold_out_at[final] = np.minimum(self.sold_out_at[final], moment)

    def spells(self, last: int) -> tuple[Numbers, Numbers, Numbers]:
        """Return when groups were sold out: the group, the step of its beginning, and of its end.

        Parameters
        ----------
        last
            The step after the show, which ends what goes on.
        """
        groups, begun, ended = self._empty(last)
        return groups, np.maximum(begun, self._final_step[groups]), ended

    def time_empty(self, first: Numbers, end: Numbers) -> Counts:
        """Return for how many steps groups were empty between two steps each, shape (G,)."""
        groups, begun, ended = self._empty(int(end.max(initial=0)))
        overlap = np.minimum(ended, end[groups]) - np.maximum(begun, first[groups])
        steps = np.zeros(len(first), dtype=np.int64)
        np.add.at(steps, groups, np.maximum(overlap, 0))
        return steps

    def _empty(self, last: int) -> tuple[Numbers, Numbers, Numbers]:
        """Return all times in which groups were empty; the step after the show ends the last."""
        open_ = np.flatnonzero(self._not_empty == 0)
        parts = [*self._spells, (open_, self._since[open_], np.full(len(open_), last))]
        groups, begun, ended = (np.concatenate(column) for column in zip(*parts, strict=True))
        return groups, begun, ended


class EmptyAccounts:
    """Which variants and products are empty, from what happens to the accounts that are followed.

    Parameters
    ----------
    part
        The accounts.
    who
        account · J + level of each follower, shape (F,).
    """

    def __init__(self, part: Part, who: Numbers) -> None:
        group = part.rows * part.levels
        variant_of = np.arange(len(part.cells)) // part.per_variant
        product_of_variant = part.product_of[:: part.per_variant]
        final_step = np.stack([comes.final_step for comes in part.deliveries])
        final_at = np.stack([comes.final_at for comes in part.deliveries])
        self.variants = Empties(
            np.repeat(np.bincount(variant_of), group),
            final_step[product_of_variant].ravel(),
            final_at[product_of_variant].ravel(),
        )
        members = np.bincount(part.product_of, minlength=len(part.products))
        self.products = Empties(np.repeat(members, group), final_step.ravel(), final_at.ravel())
        self._delivers = any(len(comes.step) for comes in part.deliveries)
        cell, rest = np.divmod(who, group)
        self._groups = [
            (self.variants, variant_of[cell] * group + rest),
            (self.products, part.product_of[cell] * group + rest),
        ]

    def emptied(self, who: Numbers, at: Floats, in_step: Numbers, begun: int) -> None:
        """Note followers that have run out of units, as :meth:`Empties.emptied` has them."""
        for empties, group in self._groups:
            empties.emptied(group[who], at, in_step, begun)

    def received(self, who: Numbers, filled: Numbers, step: int) -> None:
        """Note followers that have received something, and those that had no units before."""
        if not self._delivers:  # what lapses comes after the last delivery, and empties nothing
            who = who[:0]
        for empties, group in self._groups:
            empties.received(group[who], group[filled], step)
