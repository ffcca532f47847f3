"""What each order attempt would ask for and do, drawn before anyone knows whether it is served.

An attempt asks for a number of units, will pay or not, and would accept to wait or not. Because
this is drawn for every attempt, served or not, it does not depend on the stock: the same attempts
can be replayed at any stock level.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaincinv

from livesim.errors import UsageError
from livesim.scenario.quantities import Floats

Counts = NDArray[np.int64]


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
    fakes
        Whether there are fake orders; they do what real ones do.

    Attributes
    ----------
    units, pays, accepts
        What the attempts of each of the F kinds do, shape (F,).
    fake
        Whether they are fake, shape (F,); the kinds of real ones come first.
    """

    def __init__(
        self,
        quantity: Mapping[int, float],
        unpaid: Floats,
        accept: Floats,
        rng: np.random.Generator,
        fakes: bool = False,
    ) -> None:
        self._rng = rng
        alike = [
            (units, pays, accepts)
            for units, pays, accepts in product(quantity, (False, True), (True, False))
            if (pays or unpaid.any()) and (not accepts or accept.any())
        ]
        self.fake = np.repeat([False, True] if fakes else [False], len(alike))
        kinds = alike * (1 + fakes)
        self.units = np.array([units for units, _, _ in kinds], dtype=np.int64)
        self.pays = np.array([pays for _, pays, _ in kinds])
        self.accepts = np.array([accepts for _, _, accepts in kinds])
        self.units_paid = self.units * self.pays
        self.units_faked = self.units_paid * self.fake
        shares = [
            quantity[units] * (1 - unpaid if pays else unpaid) * (accept if accepts else 1 - accept)
            for units, pays, accepts in alike
        ]
        self._alike = len(alike)
        self._shares = np.stack(shares, axis=1) / np.sum(shares, axis=0)[:, None]

    def draw(self, attempts: Counts, fakes: Counts | int = 0) -> Counts:
        """Draw how many of the attempts are of each kind.

        Parameters
        ----------
        attempts
            Attempts in each replication, shape (R,).
        fakes
            How many of them are fake, shape (R,).

        Returns
        -------
        ndarray
            Shape (R, F); the kinds of a replication add up to its attempts.
        """
        kinds = np.zeros((len(attempts), len(self.units)), dtype=np.int64)
        self._draw_into(kinds[:, : self._alike], attempts - fakes)
        self._draw_into(kinds[:, self._alike :], fakes)
        return kinds

    def _draw_into(self, kinds: Counts, orders: Counts | int) -> None:
        """Draw the kinds of real orders, or of fake ones, which are alike."""
        some = np.flatnonzero(orders)
        if some.size:
            kinds[some] = self._rng.multinomial(np.asarray(orders)[some], self._shares[some])


#: A part of a line with no more attempts than these is put in order one by one: cheaper than to
#: halve it again (measured).
_FEW = 256


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
    """What was given to those at the front of a line.

    Parameters
    ----------
    through
        Attempts of each kind up to the last one served, shape (F,).
    orders, units, paying, faked
        Orders served, the units they took, how many of these will be paid, and of those how many
        by fake orders.
    """

    through: Counts
    orders: int
    units: int
    paying: int
    faked: int

    @property
    def end(self) -> int:
        """Place in the line behind the last one served."""
        return int(self.through.sum())


class Line:
    """The attempts of one replication and refresh, first come first, in a random order.

    The line is halved, and the half in which the stock runs out is halved again, until so few are
    left that they are put in order one by one: the work grows with the logarithm of the line. Who
    stands where comes from a generator of its own for each part of the line, and so does not depend
    on the stock.

    Parameters
    ----------
    counts
        Attempts of each kind, shape (F,).
    fates
        The kinds.
    stream
        Returns the generator of each part of the line, by its number.
    """

    def __init__(
        self, counts: Counts, fates: Fates, stream: Callable[[int], np.random.Generator]
    ) -> None:
        self._counts = counts
        check_countable(int(counts.sum()))
        self._fates = fates
        self._stream = stream
        self._front_halves: dict[int, Counts] = {}
        self._orders: dict[int, NDArray[np.intp]] = {}

    def take(self, units: int, among: NDArray[np.bool_], after: Counts | None = None) -> Taken:
        """Give units to those in line until they are gone; the last one takes what is left.

        Parameters
        ----------
        units
            How many units there are, at least 1.
        among
            The kinds who take, shape (F,); the others are passed over.
        after
            Attempts at the front that had their turn, shape (F,), as in :attr:`Taken.through`.

        Returns
        -------
        Taken
            What was given.
        """
        asks = np.where(among, self._fates.units, 0)
        before = np.zeros_like(self._counts) if after is None else after
        ahead, last = self._until(asks, units + int(asks @ before))
        through = ahead + last
        taken = through - before
        missing = max(0, int(asks @ taken) - units)
        faking = self._fates.pays & self._fates.fake
        return Taken(
            through,
            orders=int(taken[asks > 0].sum()),
            units=int(asks @ taken) - missing,
            paying=int(asks * self._fates.pays @ taken) - missing * int(self._fates.pays @ last),
            faked=int(asks * faking @ taken) - missing * int(faking @ last),
        )

    def moment(self, place: int) -> float:
        """Return when the ``place``-th in line came, as a part of the interval in [0, 1].

        Everybody comes at a uniformly random moment, so it is an order statistic of uniforms: beta
        distributed. One uniform number serves every place, so a later place is a later moment.
        """
        length = int(self._counts.sum())
        return float(betaincinv(place, length - place + 1, self._stream(0).random()))

    def in_order(self) -> list[int]:
        """Return the number of the kind of each one in line, first come first.

        It asks the same generators as :meth:`take`, and so tells of the same line.
        """
        return self._in_order(self._counts, 1)

    def _in_order(self, part: Counts, number: int) -> list[int]:
        if part.sum() <= _FEW:
            return [int(kind) for kind in self._order(part, number)]
        front = self._front_half(part, number)
        return [
            *self._in_order(front, 2 * number),
            *self._in_order(part - front, 2 * number + 1),
        ]

    def _until(self, asks: Counts, units: int) -> tuple[Counts, Counts]:
        """Return who stands ahead of the one with whom the units are gone, and that one."""
        ahead, part, number = np.zeros_like(self._counts), self._counts, 1
        if asks @ part < units:
            return part, ahead  # they are never gone
        while part.sum() > _FEW:
            front = self._front_half(part, number)
            if asks @ (ahead + front) >= units:
                part, number = front, 2 * number
            else:
                ahead, part, number = ahead + front, part - front, 2 * number + 1
        order = self._order(part, number)
        place = int(np.searchsorted(asks[order].cumsum(), units - int(asks @ ahead)))
        kinds = len(asks)
        return (
            ahead + np.bincount(order[:place], minlength=kinds),
            np.bincount(order[place : place + 1], minlength=kinds),
        )

    def _order(self, part: Counts, number: int) -> NDArray[np.intp]:
        """Draw the order of a part of the line: the number of the kind of each."""
        if number not in self._orders:
            kinds = np.repeat(np.arange(len(part)), part)
            self._orders[number] = self._stream(number).permutation(kinds)
        return self._orders[number]

    def _front_half(self, part: Counts, number: int) -> Counts:
        """Draw who stands in the front half of a part of the line."""
        if number not in self._front_halves:
            self._front_halves[number] = self._stream(number).multivariate_hypergeometric(
                part, int(part.sum()) // 2, method="marginals"
            )
        return self._front_halves[number]
