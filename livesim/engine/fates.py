"""What each order attempt would ask for and do, drawn before anyone knows whether it is served.

An attempt asks for a number of units, will pay or not, and would accept to wait or not. Because
this is drawn for every attempt, served or not, it does not depend on the stock: the same attempts
can be replayed at any stock level.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaincinv

from livesim.errors import UsageError
from livesim.scenario.quantities import Floats

Counts = NDArray[np.int64]

#: Attempts that are put in line first; then as many again as stand there already.
_CHUNK = 512


def capped(quantity: Mapping[str, float], limit: int) -> dict[int, float]:
    """Return the share of orders that ask for each number of units, with a limit per order.

    Parameters
    ----------
    quantity
        Units that an order would ask for without a limit → share of orders.
    limit
        Most units in one order.

    Examples
    --------
    >>> capped({"1": 0.7, "2": 0.2, "3": 0.1}, limit=2)
    {1: 0.7, 2: 0.30000000000000004}
    """
    shares: dict[int, float] = {}
    for text, share in sorted(quantity.items(), key=lambda item: int(item[0])):
        units = min(int(text), limit)
        shares[units] = shares.get(units, 0.0) + share
    return {units: share for units, share in shares.items() if share > 0}


class Fates:
    """The kinds of attempt: every combination of units asked for, paying, and accepting to wait.

    Parameters
    ----------
    quantity
        Units → share of orders.
    unpaid, accept
        Chance never to pay, and chance to accept the wait [1], shape (R,).
    rng
        The stream of these draws.

    Attributes
    ----------
    units, pays, accepts
        What the attempts of each of the F kinds do, shape (F,).
    """

    def __init__(
        self,
        quantity: Mapping[int, float],
        unpaid: Floats,
        accept: Floats,
        rng: np.random.Generator,
    ) -> None:
        self._shares = _in_turn(list(quantity.values()))
        self._unpaid = unpaid if unpaid.any() else None
        self._accept = accept if accept.any() else None
        self._rng = rng
        pays = (True,) if self._unpaid is None else (False, True)
        accepts = (False,) if self._accept is None else (True, False)
        kinds = list(product(quantity, pays, accepts))
        self.units = np.array([units for units, _, _ in kinds], dtype=np.int64)
        self.pays = np.array([pays for _, pays, _ in kinds])
        self.accepts = np.array([accepts for _, _, accepts in kinds])

    def draw(self, attempts: Counts) -> Counts:
        """Draw how many of the attempts are of each kind.

        Parameters
        ----------
        attempts
            Attempts in each replication, shape (R,).

        Returns
        -------
        ndarray
            Shape (R, F); the kinds of a replication add up to its attempts.
        """
        columns = list(self._by_quantity(attempts))
        if self._unpaid is not None:
            columns = [part for column in columns for part in self._split(column, self._unpaid)]
        if self._accept is not None:
            columns = [part for column in columns for part in self._split(column, self._accept)]
        return np.stack(columns, axis=1)

    def _by_quantity(self, attempts: Counts) -> Iterator[Counts]:
        for share in self._shares[:-1]:
            taken = self._rng.binomial(attempts, share)
            attempts = attempts - taken
            yield taken
        yield attempts

    def _split(self, counts: Counts, share: Floats) -> tuple[Counts, Counts]:
        yes = self._rng.binomial(counts, share)
        return yes, counts - yes


def _in_turn(shares: list[float]) -> list[float]:
    """Return each share as a part of itself and the ones after it."""
    return [share / sum(shares[number:]) for number, share in enumerate(shares)]


def check_countable(attempts: int) -> None:
    """Refuse more attempts at once than NumPy can draw from without replacement: 10⁹.

    Raises
    ------
    UsageError
        If there are more.
    """
    if attempts >= 10**9:
        raise UsageError(
            f"{attempts:,} orders want to be served at the same moment, and at most 999,999,999 "
            "can be put in line: check the reach and the conversion, or shorten show.refresh"
        )


@dataclass(frozen=True)
class Taken:
    """What was given to a stretch of a line.

    Parameters
    ----------
    end
        Place in the line behind the last one served.
    orders, units, paying
        Orders served, the units they took, and how many of these will be paid.
    """

    end: int
    orders: int
    units: int
    paying: int


class Line:
    """The attempts of one replication and refresh, first come first, in a random order.

    The line is drawn only as far as it is looked at, from a generator of its own, so that who
    stands where does not depend on how much stock there is.

    Parameters
    ----------
    counts
        Attempts of each kind, shape (F,).
    fates
        The kinds.
    rng
        The line's own generator.
    """

    def __init__(self, counts: Counts, fates: Fates, rng: np.random.Generator) -> None:
        self._length = int(counts.sum())
        check_countable(self._length)
        self._rest = counts.copy()
        self._fates = fates
        self._rng = rng
        self._uniform = rng.random()
        self._kinds = np.zeros(0, dtype=np.intp)

    def take(self, units: int, among: NDArray[np.bool_], start: int = 0) -> Taken:
        """Give units to those in line until they are gone; the last one takes what is left.

        Parameters
        ----------
        units
            How many units there are, at least 1.
        among
            The kinds who take, shape (F,); the others are passed over.
        start
            Place in the line to start from.

        Returns
        -------
        Taken
            What was given.
        """
        asks = np.where(among, self._fates.units, 0)
        while asks[self._kinds[start:]].sum() < units and self._rest.any():
            self._extend()
        kinds = self._kinds[start:]
        reached = np.cumsum(asks[kinds])
        end = min(int(np.searchsorted(reached, units)) + 1, len(kinds))
        given = asks[kinds[:end]]
        if end:
            given[-1] -= max(0, int(reached[end - 1]) - units)
        return Taken(
            end=start + end,
            orders=int(np.count_nonzero(given)),
            units=int(given.sum()),
            paying=int(given[self._fates.pays[kinds[:end]]].sum()),
        )

    def moment(self, place: int) -> float:
        """Return when the ``place``-th in line came, as a part of the interval in [0, 1].

        Everybody comes at a uniformly random moment, so it is an order statistic of uniforms: beta
        distributed. One uniform number serves every place, so a later place is a later moment.
        """
        return float(betaincinv(place, self._length - place + 1, self._uniform))

    def _extend(self) -> None:
        size = int(min(max(_CHUNK, len(self._kinds)), self._rest.sum()))
        chunk = self._rng.multivariate_hypergeometric(self._rest, size, method="marginals")
        self._rest -= chunk
        kinds = np.repeat(np.arange(len(chunk)), chunk)
        self._kinds = np.concatenate([self._kinds, self._rng.permutation(kinds)])
