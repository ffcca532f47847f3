"""When variants and products that share stock are empty, and sold out.

A bundle is sold out as soon as one of its components is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from livesim.arrays import Floats, Numbers
from livesim.engine.ledger.shared.takes import Takes, Truths
from livesim.engine.ledger.sold_out import Empties, Spells


class SharedEmpties:
    """What happens to variants and products that share stock: when they are empty, and sold out.

    Parameters
    ----------
    takes
        What orders take.
    product_of
        The product of each variant, from 0 on, shape (U,).
    shows
        The number F of shows.
    """

    def __init__(self, takes: Takes, product_of: Numbers, shows: int) -> None:
        line, account, _ = takes.conditions
        hard = line < takes.variants
        self._takes, self._shows = takes, shows
        self._line, self._hard = line[hard], np.flatnonzero(hard)
        self._product_of, self._of = product_of, product_of[account[hard]]
        #: Of what changed whose conditions, which held or hold, which do not, and when.
        self._emptied: list[tuple[Numbers, Truths, Truths, Floats, Numbers]] = []
        self._filled: list[tuple[Numbers, Truths, Truths, Numbers]] = []

    def begin(self, holds: Truths) -> None:
        """Note what is empty from the start, from which conditions hold, shape (F, C)."""
        who, step = np.arange(self._shows), np.zeros(self._shows, dtype=np.intp)
        self.emptied(who, np.ones_like(holds), holds.copy(), step.astype(float), step)
        self.filled(who[:0], holds[:0], holds[:0], step[:0])

    def emptied(self, who: Numbers, before: Truths, now: Truths, at: Floats, step: Numbers) -> None:
        """Note conditions that hold no more, from a moment [s] and step on, shape (Q,)."""
        self._emptied.append((who, before, now, at, step))

    def filled(self, who: Numbers, before: Truths, now: Truths, step: Numbers) -> None:
        """Note conditions that hold again at the ends of steps, shape (Q,)."""
        self._filled.append((who, now, before, step))

    def _changed(self, noted: Sequence[tuple[NDArray[Any], ...]]) -> tuple[Any, Any]:
        """Return what was noted of each condition, and of each variant, that has changed."""
        who, more, less, *when = map(np.concatenate, zip(*noted, strict=True))
        closed = self._takes.open(more) & ~self._takes.open(less)
        found = []
        for changed in ((more & ~less)[:, self._hard], closed[:, : self._takes.variants]):
            of, number = np.nonzero(changed)
            found.append((number * self._shows + who[of], *(one[of] for one in when)))
        return found[0], found[1]

    def known(
        self, final_step: Numbers, final_at: Floats, like: Numbers
    ) -> tuple[Empties, Empties]:
        """Return when variants and products were empty, and when sold out.

        Parameters
        ----------
        final_step, final_at
            As in :class:`~livesim.engine.ledger.sold_out.Empties`, of n shows by product, shape
            (products, n).
        like
            Which of the F shows is like each of these, shape (n,).
        """
        sizes = len(self._hard), len(self._product_of)
        changed = self._changed(self._emptied), self._changed(self._filled)
        conditions, variants = (
            Spells.of_events(np.ones(size * self._shows, dtype=np.int64), emptied, filled).of_each(
                *_each(size, self._shows, like)
            )
            for size, emptied, filled in zip(sizes, *changed, strict=True)
        )

        def empties(product: Numbers, spells: Spells) -> Empties:
            step, at = final_step[product].ravel(), final_at[product].ravel()
            return Empties(len(step), step, at, spells)

        soft = np.diag(self._takes.needs[: self._takes.variants]) == 0
        bundle, shows = np.where(soft[self._line], self._line, -1), len(like)
        of_conditions = empties(self._of, conditions)
        found = []
        for group, of, whose in (
            (np.arange(len(self._product_of)), self._product_of, bundle),
            (
                self._product_of,
                np.arange(len(final_step)),
                np.where(bundle >= 0, self._product_of[bundle], -1),
            ),
        ):
            variant, show = np.divmod(variants.who, shows)
            members = np.repeat(np.bincount(group, minlength=len(of)), shows)
            own = empties(of, variants.together(group[variant] * shows + show, members))
            theirs = np.where(whose[:, None] >= 0, whose[:, None] * shows + np.arange(shows), -1)
            found.append(
                _WithConditions(
                    own.size, own.final_step, own.final_at, own.empty, of_conditions, theirs.ravel()
                )
            )
        return found[0], found[1]


def _each(size: int, shows: int, like: Numbers) -> tuple[Numbers, Numbers]:
    """Return so many groups of each of n shows, and those of the F shows that these are like."""
    first = np.arange(size)[:, None]
    every = first * len(like) + np.arange(len(like))
    return every.ravel(), (first * shows + like).ravel()


@dataclass(frozen=True)
class _WithConditions(Empties):
    """Empties of which bundles are sold out as soon as one of their conditions is.

    Parameters
    ----------
    conditions
        When conditions do not hold.
    whose
        The group of each condition's group, −1 where it is no bundle's.
    """

    conditions: Empties
    whose: Numbers

    @cached_property
    def _is_bundle(self) -> Truths:
        bundles = np.zeros(self.size, dtype=bool)
        bundles[self.whose[self.whose >= 0]] = True
        return bundles

    @property
    def sold_out_at(self) -> Floats:
        """When a group was first empty with nothing to come [s], inf if never, shape (G,)."""
        first, theirs = super().sold_out_at, self.whose >= 0
        first[self._is_bundle] = np.inf
        np.minimum.at(first, self.whose[theirs], self.conditions.sold_out_at[theirs])
        return first

    def spells(self, last: int) -> tuple[Numbers, Numbers, Numbers]:
        """Return when groups were sold out, as in Empties; a bundle's spells may overlap."""
        groups, begun, ended = super().spells(last)
        own = ~self._is_bundle[groups]
        number, since, until = self.conditions.spells(last)
        theirs = self.whose[number] >= 0
        return (
            np.concatenate([groups[own], self.whose[number[theirs]]]),
            np.concatenate([begun[own], since[theirs]]),
            np.concatenate([ended[own], until[theirs]]),
        )
