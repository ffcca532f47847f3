"""What a block of replications comes to at many stock levels: what planning looks at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from livesim.arrays import Counts, Floats
from livesim.engine.ledger.ledger import Ledger
from livesim.engine.outcome import after_link
from livesim.engine.reactions import Reaction as Reaction
from livesim.engine.reactions import Reactions as Reactions
from livesim.engine.recording import Recording as Recording
from livesim.engine.release_plan import UNLIMITED as UNLIMITED
from livesim.engine.settlement import WEBSHOP

#: What is kept of each level, by replication and variant.
FIGURES = (
    *(
        "sold_out_at",
        "unavailable_at",
        "demand",
        "claimed",
        "sales",
        "lost",
        "left_over",
        "bought",
        "cancelled",
    ),
    *("returned", "backordered", "gmv", "nmv", "profit"),
)
#: What a warehouse ships, where there is one: late orders join all products.
SHIPPED = ("shipped_orders", "shipped_value")
#: What calling reserves, and ads for what is not on hand, cost, where they cost anything.
COSTS = ("reserve_cost", "ads_wasted")
#: What turning people away costs, where it costs anything.
GOODWILL = "goodwill"
#: Unique viewers of the show, told of its first variant, where fewer come to what is not on hand.
VIEWERS = "viewers"
#: Gifts of a stock that orders were promised and did not get, where there are gifts.
MISSING = "missing_gifts"
#: What of a webshop counts in what is wanted of a stock, taken and sold of it, and lost to it.
_BESIDE: Mapping[str, Sequence[str]] = {
    "demand": WEBSHOP,
    "claimed": WEBSHOP[:1],
    "sales": WEBSHOP[:1],
    "lost": WEBSHOP[1:],
}


@dataclass(frozen=True)
class Stocked:
    """A show at some stock levels.

    Parameters
    ----------
    units
        Owned units of each variant at each level, shape (V, L).
    changes
        How it is sold otherwise than the scenario says, by path: waves, reserve, orders beyond the
        stock.
    of
        Variants of which all is asked for; None if all of the show is. The rest is told as far as
        it can be.
    """

    units: Counts
    changes: Mapping[str, Any] = field(default_factory=dict)
    of: Sequence[int] | None = None


@dataclass(frozen=True)
class Levels(Ledger):
    """What R replications came to at L stock levels, for V variants of P products.

    A ledger that is settled: its figures are the :data:`FIGURES`, as
    :func:`~livesim.engine.settlement.settled` gives them; slot fees are left out.

    Parameters
    ----------
    drawn
        Every uncertain quantity by its path, shape (R,).
    product_of
        Product of each variant, shape (V,).
    takes
        Units of each variant's stock that a unit sold takes [units], shape (V, V).
    """

    drawn: Mapping[str, Floats]
    product_of: NDArray[np.intp]
    takes: Counts

    @property
    def units(self) -> Counts:
        """Owned units of each variant at each level, shape (V, L)."""
        return self.levels

    def sold_out_after(self, product: int) -> Floats:
        """Return when a product was sold out, counted from its first link [s], shape (R, L)."""
        return after_link(self.sold_out_at[:, product], self.link_at[:, product])

    def unavailable_after(self, product: int) -> Floats:
        """Return when a product was first unavailable, from its first link on [s], (R, L)."""
        return after_link(self.unavailable_at[:, product], self.link_at[:, product])

    def variant_unavailable_after(self, variant: int) -> Floats:
        """Return when a variant was, from its product's first link on [s], shape (R, L)."""
        link_at = self.link_at[:, self.product_of[variant]]
        return after_link(self.figures["unavailable_at"][:, variant], link_at)

    @staticmethod
    def joined(parts: Sequence[Levels]) -> Levels:
        """Put blocks of replications at the same levels one after the other."""
        alike = ("levels", "product_of", "takes")
        names = [one.name for one in fields(Levels) if one.name not in alike]
        return replace(
            parts[0], **{name: _together([getattr(one, name) for one in parts]) for name in names}
        )


def of_stock(figures: Mapping[str, NDArray[Any]], name: str) -> NDArray[Any]:
    """Return a figure of stocks [units], with what a webshop wants and takes of them meanwhile."""
    return sum(
        (figures[one] for one in _BESIDE.get(name, ()) if one in figures), figures[name].copy()
    )


def _together(parts: Sequence[Any]) -> Any:
    """Put arrays, or all arrays of dicts, one after the other."""
    if isinstance(parts[0], Mapping):
        return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    return np.concatenate(parts)
