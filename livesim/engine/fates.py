"""What each order attempt would ask for and do, drawn before anyone knows whether it is served.

An attempt asks for a number of units, will pay or not, and would accept to wait or not. Because
this is drawn for every attempt, served or not, it does not depend on the stock: the same attempts
can be replayed at any stock level.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import compress, product
from operator import add, mul, sub
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaincinv

from livesim.errors import UsageError
from livesim.scenario.quantities import Floats

Counts = NDArray[np.int64]
#: Attempts by kind, as plain integers.
_Kinds: TypeAlias = tuple[int, ...]


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
    units_by_fate
        Units that one of each kind asks for, pays for, and pays for as a fake order, shape (F, 3).
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
        paid = self.units * self.pays
        self.units_by_fate = np.column_stack([self.units, paid, paid * self.fake])
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
        if self._alike < len(self.units):
            self._draw_into(kinds[:, self._alike :], np.broadcast_to(fakes, attempts.shape))
        return kinds

    def _draw_into(self, kinds: Counts, orders: Counts) -> None:
        """Draw the kinds of real orders, or of fake ones, which are alike."""
        some = np.flatnonzero(orders)
        if some.size:
            kinds[some] = self._rng.multinomial(orders[some], self._shares[some])


#: A part of a line with no more attempts than these is put in order one by one: cheaper than to
#: halve it again (measured).
_FEW = 1024


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


class Taken(NamedTuple):
    """What was given to those at the front of a line.

    Parameters
    ----------
    through
        Attempts of each kind up to the last one served, one an entry of the F kinds.
    orders, units, paying, faked
        Orders served, the units they took, how many of these will be paid, and of those how many
        by fake orders.
    """

    through: tuple[int, ...]
    orders: int
    units: int
    paying: int
    faked: int

    @property
    def end(self) -> int:
        """Place in the line behind the last one served."""
        return sum(self.through)


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
        Returns the generator of each part of the line, by its number; it is used at once.
    """

    # A plan looks at a hundred thousand lines a block, nearly all short and of few kinds: plain
    # integers are several times faster than arrays of them (measured).

    def __init__(
        self, counts: Counts, fates: Fates, stream: Callable[[int], np.random.Generator]
    ) -> None:
        self._counts: _Kinds = tuple(counts.tolist())
        self._length = sum(self._counts)
        check_countable(self._length)
        self._fates = fates
        self._stream = stream
        self._front_halves: dict[int, _Kinds] = {}
        self._orders: dict[int, NDArray[np.intp]] = {}

    def take(
        self, units: int, among: NDArray[np.bool_] | None = None, after: _Kinds | None = None
    ) -> Taken:
        """Give units to those in line until they are gone; the last one takes what is left.

        Parameters
        ----------
        units
            How many units there are, at least 1.
        among
            The kinds who take, shape (F,); the others are passed over. None: everyone takes.
        after
            Attempts at the front that had their turn, as in :attr:`Taken.through`.

        Returns
        -------
        Taken
            What was given.
        """
        fates = self._fates
        asks = fates.units if among is None else np.where(among, fates.units, 0)
        asked = asks.tolist()
        gone = _dot(asked, after) if after else 0
        ahead, last = self._until(asks, asked, units + gone)
        through = ahead if last is None else _and_one(ahead, last)
        taken = tuple(map(sub, through, after)) if after else through
        wanted = _dot(asked, taken)
        missing = max(0, wanted - units)

        def units_of(kinds: Sequence[bool]) -> int:
            theirs: int = sum(map(mul, compress(asked, kinds), compress(taken, kinds)))
            return theirs - missing if last is not None and kinds[last] else theirs

        return Taken(
            through,
            orders=sum(compress(taken, asked)),
            units=wanted - missing,
            paying=units_of(fates.pays.tolist()),
            faked=units_of((fates.pays & fates.fake).tolist()),
        )

    def moment(self, place: int) -> float:
        """Return when the ``place``-th in line came, as a part of the interval in [0, 1].

        Everybody comes at a uniformly random moment, so it is an order statistic of uniforms: beta
        distributed. One uniform number serves every place, so a later place is a later moment.
        """
        return float(betaincinv(place, self._length - place + 1, self._stream(0).random()))

    def in_order(self) -> list[int]:
        """Return the number of the kind of each one in line, first come first.

        It asks the same generators as :meth:`take`, and so tells of the same line.
        """
        return self._in_order(self._counts, 1)

    def _in_order(self, part: _Kinds, number: int) -> list[int]:
        if sum(part) <= _FEW:
            return [int(kind) for kind in self._order(part, number)]
        front = self._front_half(part, number)
        back = tuple(map(sub, part, front))
        return [*self._in_order(front, 2 * number), *self._in_order(back, 2 * number + 1)]

    def _until(self, asks: Counts, asked: Sequence[int], units: int) -> tuple[_Kinds, int | None]:
        """Return who stands ahead of the one with whom the units are gone, and that one's kind."""
        part, number = self._counts, 1
        if _dot(asked, part) < units:
            return part, None  # they are never gone
        ahead = (0,) * len(part)
        while sum(part) > _FEW:
            front = self._front_half(part, number)
            with_front = tuple(map(add, ahead, front))
            if _dot(asked, with_front) >= units:
                part, number = front, 2 * number
            else:
                ahead, part, number = with_front, tuple(map(sub, part, front)), 2 * number + 1
        order = self._order(part, number)
        place = int(asks[order].cumsum().searchsorted(units - _dot(asked, ahead)))
        before = np.bincount(order[:place], minlength=len(part)).tolist()
        return tuple(map(add, ahead, before)), int(order[place])

    def _order(self, part: _Kinds, number: int) -> NDArray[np.intp]:
        """Draw the order of a part of the line: the number of the kind of each."""
        if number not in self._orders:
            kinds = np.arange(len(part)).repeat(part)
            self._orders[number] = self._stream(number).permutation(kinds)
        return self._orders[number]

    def _front_half(self, part: _Kinds, number: int) -> _Kinds:
        """Draw who stands in the front half of a part of the line."""
        if number not in self._front_halves:
            front = self._stream(number).multivariate_hypergeometric(
                part, sum(part) // 2, method="marginals"
            )
            self._front_halves[number] = tuple(front.tolist())
        return self._front_halves[number]


def _dot(asked: Sequence[int], attempts: _Kinds) -> int:
    """Return the units that attempts ask for."""
    return sum(map(mul, asked, attempts))


def _and_one(attempts: _Kinds, kind: int) -> _Kinds:
    """Return attempts with one more of a kind."""
    return (*attempts[:kind], attempts[kind] + 1, *attempts[kind + 1 :])
