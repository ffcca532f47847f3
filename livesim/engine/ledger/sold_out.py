"""When things are empty: a variant or a product whose every account has nothing on hand."""

from __future__ import annotations

from functools import cached_property

import numpy as np

from livesim.engine.ledger.part import Part
from livesim.engine.orders.orders import Counts, Floats, Numbers


class Empties:
    """G groups of accounts, each of them empty while all of its members are.

    Parameters
    ----------
    members
        The number of members of each group, shape (G,).
    final_step, final_at
        From which step on nothing more comes, and when its last part came [s], shape (G,).
    """

    def __init__(self, members: Counts, final_step: Numbers, final_at: Floats) -> None:
        self._not_empty = members.copy()
        self._final_step, self._final_at = final_step, final_at
        self._emptied_at = np.zeros(len(members))
        self._since = np.full(len(members), -1)
        self._place = np.zeros(len(members), dtype=np.intp)
        self._over: list[tuple[Numbers, Floats, Numbers, Numbers]] = []

    def emptied(self, groups: Numbers, at: Floats, in_step: Numbers) -> None:
        """Note members that have run out of units.

        Parameters
        ----------
        groups, at, in_step
            The group of each, when its last unit went [s], and in which step.
        """
        np.subtract.at(self._not_empty, groups, 1)
        np.maximum.at(self._emptied_at, groups, at)
        np.maximum.at(self._since, groups, in_step)

    def filled(self, groups: Numbers, step: Numbers) -> None:
        """Note members that had nothing on hand and have now.

        Parameters
        ----------
        groups, step
            The group of each, and at the end of which step that happens: the same for a group.
        """
        over = np.flatnonzero(self._not_empty[groups] == 0)
        if over.size:
            of = groups[over]
            self._place[of] = over
            once = self._place[of] == over  # of a group that is there twice, the last place
            of, ended = of[once], step[over[once]]
            self._over.append((of, self._emptied_at[of], self._since[of], ended))
        np.add.at(self._not_empty, groups, 1)

    @property
    def size(self) -> int:
        """The number G of groups."""
        return len(self._not_empty)

    @property
    def sold_out_at(self) -> Floats:
        """When a group was first empty with nothing to come [s], inf if never, shape (G,).

        The last part may come while it is empty, and bring nothing that is not waited for.
        """
        groups, at, _, ended = self._empty
        final = np.flatnonzero(ended > self._final_step[groups])
        groups, at = groups[final], at[final]
        first = np.full(self.size, np.inf)
        np.minimum.at(first, groups, np.maximum(at, self._final_at[groups]))
        return first

    def spells(self, last: int) -> tuple[Numbers, Numbers, Numbers]:
        """Return when groups were sold out: the group, the step of its beginning, and of its end.

        Parameters
        ----------
        last
            The step after the show, which ends what goes on.
        """
        groups, _, begun, ended = self._empty
        return groups, np.maximum(begun, self._final_step[groups]), np.minimum(ended, last)

    def first_empty(self, link_at: Floats, link_step: Numbers, end_at: Floats) -> Floats:
        """Return when groups were first empty between their link and an end [s], shape (G,).

        Parameters
        ----------
        link_at, end_at
            From when, and until when [s], shape (G,).
        link_step
            The step at whose end the link is up, shape (G,).

        Returns
        -------
        ndarray
            inf if never.
        """
        groups, at, _, ended = self._empty
        at = np.maximum(at, link_at[groups])
        inside = (ended > link_step[groups]) & (at < end_at[groups])
        first = np.full(self.size, np.inf)
        np.minimum.at(first, groups[inside], at[inside])
        return first

    def time_empty(self, times: Floats, first: Numbers, end: Numbers) -> Floats:
        """Return how long groups were empty between two steps each [s], shape (G,).

        Parameters
        ----------
        times
            The end of each step [s].
        first, end
            With whose end it begins and is over, shape (G,).
        """
        groups, _, begun, ended = self._empty
        begun, ended = np.maximum(begun, first[groups]), np.minimum(ended, end[groups])
        empty = np.maximum(times[ended] - times[np.minimum(begun, ended)], 0.0)
        return np.bincount(groups, empty, minlength=self.size).astype(float)

    @cached_property
    def _empty(self) -> tuple[Numbers, Floats, Numbers, Numbers]:
        """All times in which groups were empty: from a moment and step up to a step, or for good.

        They are known once the show is over.
        """
        open_ = np.flatnonzero(self._not_empty == 0)
        for_good = np.full(len(open_), np.iinfo(np.intp).max)
        goes_on = open_, self._emptied_at[open_], self._since[open_], for_good
        groups, at, begun, ended = (
            np.concatenate(column) for column in zip(*self._over, goes_on, strict=True)
        )
        return groups, at, begun, ended


class EmptyAccounts:
    """Which variants and products are empty, from what happens to their accounts.

    Parameters
    ----------
    part
        The accounts; who is empty is account · J + level.
    """

    def __init__(self, part: Part) -> None:
        self._shows = part.replications * part.levels
        variant_of = np.arange(len(part.cells)) // part.per_variant
        product_of_variant = part.product_of[:: part.per_variant]
        final_step = np.stack([comes.final_step for comes in part.deliveries])
        final_at = np.stack([comes.final_at for comes in part.deliveries])
        self.variants = Empties(
            np.repeat(np.bincount(variant_of), self._shows),
            final_step[product_of_variant].ravel(),
            final_at[product_of_variant].ravel(),
        )
        members = np.bincount(part.product_of, minlength=len(part.products))
        self.products = Empties(
            np.repeat(members, self._shows), final_step.ravel(), final_at.ravel()
        )
        self._groups = (self.variants, variant_of), (self.products, part.product_of)

    def emptied(self, who: Numbers, at: Floats, in_step: Numbers) -> None:
        """Note those that have run out of units, as :meth:`Empties.emptied` has them."""
        cell, show = np.divmod(who, self._shows)
        for empties, of in self._groups:
            empties.emptied(of[cell] * self._shows + show, at, in_step)

    def filled(self, who: Numbers, step: Numbers) -> None:
        """Note those that had no units and have now, at the ends of steps."""
        cell, show = np.divmod(who, self._shows)
        for empties, of in self._groups:
            empties.filled(of[cell] * self._shows + show, step)
