"""The rest of a show that is on the air, as planned and in other ways, on the same random numbers.

Viewers are recorded once. Another delivery is another ledger of that recording; only where viewers
or slots react to the stock, or where the show itself changes, is the rest simulated again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from livesim.arrays import Counts, Floats
from livesim.engine.ledger.dividing import Wanted
from livesim.engine.ledger.ledger import Ledger, ledger
from livesim.engine.noting import Notes, record_noting
from livesim.engine.parting import ledger_to_the_end
from livesim.engine.reactions import reactions_of
from livesim.engine.recorder import record
from livesim.engine.settlement import settled
from livesim.engine.streams import Streams
from livesim.experiment.levels import SHIPPED
from livesim.experiment.simulating import opened
from livesim.experiment.weights import Weighed
from livesim.model.inputs import Inputs, ReceiptInputs
from livesim.model.money import show_money


@dataclass(frozen=True)
class Delivery:
    """Units of a product that come at a moment of the show.

    Parameters
    ----------
    product
        Its name.
    units, at
        How many, and when since the show's start [s].
    part
        Its reserve that is called, by its path below the product, which then is not called by its
        rule any more; None: units that are ordered besides.
    """

    product: str
    units: int
    at: float
    part: str | None = None


@dataclass(frozen=True)
class Way:
    """How the show can go on.

    Parameters
    ----------
    changes
        Path → value of what is otherwise from now on: a price, the rundown.
    delivery
        What comes besides.
    """

    changes: Mapping[str, Any] = field(default_factory=dict)
    delivery: Delivery | None = None


@dataclass(frozen=True)
class Rest:
    """What N shows come to in the end, P products.

    Parameters
    ----------
    viewers
        Unique viewers, shape (N,).
    profit
        Of the whole show [currency], shape (N,).
    products
        By name, shape (N, P): demand, claimed, sales, lost and left_over [units], and ``gone_at``,
        when nothing was on hand that was on offer, or all was sold out [s], inf if never.
    """

    viewers: Floats
    profit: Floats
    products: Mapping[str, Floats]


#: What the show's profit is reckoned from, and what is kept of a product.
_MONEY = ("gmv", "nmv", "deposits_kept", *SHIPPED)
_FIGURES = ("demand", "claimed", "sales", "lost", "left_over")


class OnAir:
    """Shows that are on the air, recorded from now on.

    Parameters
    ----------
    found
        The shows.
    seed
        For the draws.
    owned
        Units of each variant that keep their cost where they are not sold, as they were owned
        before the purchase, shape (V,); all that the show owns, where none is given.

    Examples
    --------
    >>> import livesim
    >>> from livesim.experiment.weights import weighed
    >>> room = livesim.load("scenarios/brand_room.yaml", {"show.length": "20min"})
    >>> shows = weighed(room, {"at": "15min", "viewers": 300, "left": {"serum": 4}}, shows=50)
    >>> more = Way(delivery=Delivery("serum", 10, 960.0))
    >>> as_planned, topped_up = OnAir(shows, seed=1).rest([Way(), more])
    >>> bool((topped_up.products["sales"] >= as_planned.products["sales"]).all())
    True
    """

    def __init__(self, found: Weighed, seed: int, owned: Counts | None = None) -> None:
        self._found, self._seed = found, seed
        inputs, self._streams = self._opened(Way())
        given, start = (inputs, self._streams, inputs.owned), found.state
        self._notes: Notes | None = None
        if reactions_of(inputs).own_pace:
            self._recording, self._notes = record_noting(*given, inputs.owned, start)
        else:
            self._recording = record(*given, start=start)
        self._owned = inputs.owned if owned is None else owned

    def rest(self, ways: Sequence[Way]) -> list[Rest]:
        """Return what the shows come to in some ways."""
        recording, same = self._recording, [way for way in ways if not way.changes]
        have = recording.inputs.owned[:, None]
        wanted = [Wanted(have, _supplies(recording.inputs, way)) for way in same]
        found = ledger_to_the_end(recording, self._notes, self._streams, wanted) if same else None
        each = iter(found.split([1] * len(same)) if found else [])
        return [self._again(way) if way.changes else self._told(next(each), way) for way in ways]

    def _told(self, kept: Ledger, way: Way) -> Rest:
        """Return what is told of a way that changes no show, or is simulated where it does."""
        if np.isfinite(kept.exact_until).any():
            return self._again(way)
        return _rest(self._recording.inputs, self._owned, self._streams, kept)

    def _again(self, way: Way) -> Rest:
        """Simulate how the shows go on in a way."""
        inputs, streams = self._opened(way)
        recording = record(inputs, streams, inputs.owned, start=self._found.state)
        return _rest(inputs, self._owned, streams, ledger(recording, inputs.owned[:, None]))

    def _opened(self, way: Way) -> tuple[Inputs, Streams]:
        found = self._found
        scenario = found.scenario.with_changes(way.changes) if way.changes else found.scenario
        _, inputs, streams, _ = opened(
            scenario, self._seed, 0, len(found.state), found.worlds, found.state
        )
        return replace(inputs, supplies=_supplies(inputs, way)), streams


def _supplies(inputs: Inputs, way: Way) -> tuple[Any, ...]:
    """Return how each product comes on sale, with what is delivered besides."""
    if way.delivery is None:
        return tuple(inputs.supplies)
    one, supplies = way.delivery, list(inputs.supplies)
    number = inputs.products.index(one.product)
    supply = supplies[number]
    if one.part is None:
        receipts = (*supply.receipts, ReceiptInputs("on the air", one.units, one.at))
        supplies[number] = replace(supply, receipts=receipts)
    else:
        called = tuple(
            replace(reserve, units=one.units, due=one.at) if reserve.part == one.part else reserve
            for reserve in supply.reserves
        )
        supplies[number] = replace(supply, reserves=called)
    return tuple(supplies)


def _rest(inputs: Inputs, owned: Counts, streams: Streams, kept: Ledger) -> Rest:
    figures = settled(replace(inputs, owned=owned), streams, kept)
    first = np.searchsorted(inputs.product_of, np.arange(len(inputs.products)))

    def by_product(name: str) -> NDArray[Any]:
        return np.asarray(np.add.reduceat(figures[name][:, :, 0], first, axis=1))

    fees = np.array([terms.slot_fee for terms in inputs.terms])
    money = [
        {
            **{name: by_product(name)[:, number] for name in _MONEY if name in figures},
            "slot_fee": np.full(inputs.replications, fees[number]),
            "profit": by_product("profit")[:, number] - fees[number],
        }
        for number in range(len(inputs.products))
    ]
    sales = by_product("sales").sum(axis=1)
    return Rest(
        viewers=kept.viewers[:, 0].astype(float),
        profit=show_money(inputs.deal, money, sales)["profit"],
        products={
            **{name: by_product(name).astype(float) for name in _FIGURES},
            "gone_at": np.minimum(kept.sold_out_at, kept.unavailable_at)[:, :, 0],
        },
    )
