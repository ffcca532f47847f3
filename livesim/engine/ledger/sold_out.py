"""When things are empty: a variant or a product whose every account has nothing on hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from livesim.arrays import Counts, Floats, Numbers
from livesim.engine.ledger.part import Part
from livesim.engine.ledger.runs import spread

#: At the end of this step has units again what is empty for good.
FOR_GOOD = int(np.iinfo(np.intp).max)


class Spells(NamedTuple):
    """N times in which something was empty.

    Parameters
    ----------
    who
        What was, shape (N,).
    at
        When its last unit went [s], shape (N,).
    begun, ended
        In which step that was, and at the end of which it had units again, shape (N,).
    """

    who: Numbers
    at: Floats
    begun: Numbers
    ended: Numbers

    @staticmethod
    def joined(parts: Sequence[Spells]) -> Spells:
        """Put spells one after the other."""
        none = np.zeros(0, dtype=np.intp)
        whole = zip(Spells(none, np.zeros(0), none, none), *parts, strict=True)
        return Spells(*map(np.concatenate, whole))

    @staticmethod
    def of_events(
        members: Counts,
        emptied: tuple[Numbers, Floats, Numbers],
        filled: tuple[Numbers, Numbers],
    ) -> Spells:
        """Return when groups were empty: while all of their members were.

        Parameters
        ----------
        members
            The number of members of each group, shape (G,).
        emptied
            Of members that have run out of units the group, when the last unit went [s], and in
            which step, each of shape (E,).
        filled
            Of members that had nothing on hand and have now the group, and at the end of which
            step, each of shape (F,).

        Examples
        --------
        The second of two members runs out after 25 s, and has units again at the end of step 4.

        >>> members, filled = np.array([2]), (np.array([0]), np.array([4]))
        >>> emptied = np.array([0, 0]), np.array([12.0, 25.0]), np.array([2, 3])
        >>> [of.tolist() for of in Spells.of_events(members, emptied, filled)]
        [[0], [25.0], [3], [4]]
        """
        group, at, in_step = emptied
        of = np.concatenate([group, filled[0]])
        moment = np.concatenate([2 * in_step, 2 * filled[1] + 1])
        order = np.argsort(of * (int(moment.max(initial=0)) + 1) + moment, kind="stable")
        of, moment = of[order], moment[order]
        at = np.concatenate([at, np.zeros(len(filled[0]))])[order]
        change = np.where(moment % 2, 1, -1)
        upto = np.cumsum(change)
        group_begins = np.diff(of, prepend=-1) != 0
        first = np.maximum.accumulate(np.where(group_begins, np.arange(len(of)), 0))
        left = members[of] + upto - (upto - change)[first]
        begins = np.flatnonzero(left == 0)
        # Of those that ran out in the same step, the last one.
        same = np.flatnonzero(group_begins | (np.diff(moment, prepend=-1) != 0))
        last = np.maximum.reduceat(at, same) if len(at) else at
        after = np.append(of, -1)[begins + 1] == of[begins]
        ended = np.where(after, np.append(moment, 0)[begins + 1] // 2, FOR_GOOD)
        at = last[np.searchsorted(same, begins, side="right") - 1]
        return Spells(of[begins], at, moment[begins] // 2, ended)

    def of_each(self, what: Numbers, who: Numbers) -> Spells:
        """Return the spells of others, each of which is like one of these, shape (Q,)."""
        by_who = np.argsort(self.who, kind="stable")
        size = np.bincount(self.who, minlength=int(who.max(initial=-1)) + 1)
        of, spell = spread(size[who], (np.cumsum(size) - size)[who])
        spell = by_who[spell]
        return Spells(what[of], self.at[spell], self.begun[spell], self.ended[spell])

    def together(self, group: Numbers, members: Counts) -> Spells:
        """Return when groups were empty to which these belong, shape (N,).

        Parameters
        ----------
        group
            The group of what each spell is of, shape (N,).
        members
            The number of members of each group, shape (G,).
        """
        alone = members[group] == 1
        single = Spells(group, *self[1:])._some(np.flatnonzero(alone))
        rest = Spells(group, *self[1:])._some(np.flatnonzero(~alone))
        filled = np.flatnonzero(rest.ended < FOR_GOOD)
        filled_at = rest.who[filled], rest.ended[filled]
        return Spells.joined([single, Spells.of_events(members, rest[:3], filled_at)])

    def _some(self, some: Numbers) -> Spells:
        return Spells(self.who[some], self.at[some], self.begun[some], self.ended[some])


@dataclass(frozen=True)
class Empties:
    """When G groups of accounts were empty, each of them while all of its members were.

    Parameters
    ----------
    size
        The number G of groups.
    final_step, final_at
        From which step on nothing more comes, and when its last part came [s], shape (G,).
    empty
        When they were.
    """

    size: int
    final_step: Numbers
    final_at: Floats
    empty: Spells

    @cached_property
    def sold_out_at(self) -> Floats:
        """When a group was first empty with nothing to come [s], inf if never, shape (G,).

        The last part may come while it is empty, and bring nothing that is not waited for.
        """
        groups, at, _, ended = self.empty
        final = np.flatnonzero(ended > self.final_step[groups])
        groups, at = groups[final], at[final]
        first = np.full(self.size, np.inf)
        np.minimum.at(first, groups, np.maximum(at, self.final_at[groups]))
        return first

    def spells(self, last: int) -> tuple[Numbers, Numbers, Numbers]:
        """Return when groups were sold out: the group, the step of its beginning, and of its end.

        Parameters
        ----------
        last
            The step after the show, which ends what goes on.
        """
        groups, _, begun, ended = self.empty
        return groups, np.maximum(begun, self.final_step[groups]), np.minimum(ended, last)

    def first_empty(self, since: Floats, first: Numbers, end_at: Floats) -> Floats:
        """Return when groups were first empty between two moments [s], inf if never, shape (G,).

        Parameters
        ----------
        since, end_at
            From when, and until when [s], it counts what each spell is of, shape (N,).
        first
            The step at whose end that begins, shape (N,).
        """
        groups, at, _, ended = self.empty
        at = np.maximum(at, since)
        inside = np.flatnonzero((ended > first) & (at < end_at))
        found = np.full(self.size, np.inf)
        np.minimum.at(found, groups[inside], at[inside])
        return found

    def time_empty(self, times: Floats, first: Numbers, end: Numbers) -> Floats:
        """Return how long groups were empty between two steps each [s], shape (G,).

        Parameters
        ----------
        times
            The end of each step [s].
        first, end
            With whose end it begins and is over for what each spell is of, shape (N,).
        """
        groups, _, begun, ended = self.empty
        begun, ended = np.maximum(begun, first), np.minimum(ended, end)
        empty = np.maximum(times[ended] - times[np.minimum(begun, ended)], 0.0)
        return np.bincount(groups, empty, minlength=self.size).astype(float)


def empties_of(part: Part, empty: Spells) -> tuple[Empties, Empties]:
    """Return when the variants and products of a part were empty, from when its accounts were.

    Parameters
    ----------
    part
        The accounts.
    empty
        When they were; who is account · J + level.
    """
    shows, alone = part.replications * part.levels, len(part.cells) == len(part.deliveries)
    cell, show = np.divmod(empty.who, shows)
    variant_of = np.arange(len(part.cells)) // part.per_variant
    product_of_variant = part.product_of[:: part.per_variant]
    final_step = np.stack([comes.final_step for comes in part.deliveries]).reshape(-1, shows)
    final_at = np.stack([comes.final_at for comes in part.deliveries]).reshape(-1, shows)
    found = []
    for of, product in (
        (variant_of, product_of_variant),
        (part.product_of, np.arange(len(part.deliveries))),
    )[: 1 if alone else 2]:
        members = np.repeat(np.bincount(of, minlength=len(product)), shows)
        spells = empty.together(of[cell] * shows + show, members)
        step, at = final_step[product].ravel(), final_at[product].ravel()
        found.append(Empties(len(members), step, at, spells))
    return found[0], found[-1]  # a product's only variant is empty when it is
