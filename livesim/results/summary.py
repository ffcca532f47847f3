"""The figures of a result in its document: what ``livesim run --json`` prints.

A figure over replications is a mean with its 95 % half-width and three quantiles; a chance comes
with its interval. The tables that people read, baselines and comparisons start from the same
document.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict
from functools import partial
from math import inf
from typing import Any

import numpy as np

from livesim.arrays import Array
from livesim.engine.outcome import Outcome, after_link
from livesim.engine.settlement import WEBSHOP
from livesim.resolve.inputs import inputs_of
from livesim.results.campaign import campaign_measures
from livesim.results.columns import ROOMS
from livesim.results.document import Document
from livesim.results.intervals import Chance, estimate
from livesim.scenario.planned import on_hand_from, sold_until
from livesim.scenario.scenario import Scenario

_PRODUCT_FIGURES = (
    *("put_on_sale", "demand", "potential_demand", "sales", "lost", "left_over"),
    *("sold_out_at", "unavailable_at", "profit"),
)
#: Only where the show has what they count: what the checkout's steps lose, fake orders, units that
#: bundles and gifts take of other products, gifts and coupons that orders came with, and what a
#: webshop sells meanwhile, and could not.
_PLACING_FIGURES = ("dropped", "fake", "given", "gifts", "coupons", *WEBSHOP)
#: What can lie below 0; all else cannot.
_SIGNED = ("profit",)
#: Shares, of the time on offer and of a segment.
_SHARES = ("unavailable_share", "aware", "good")
_AUDIENCE_FIGURES = ("page_views", "unique_viewers", "peak_concurrent", "mean_watch_time", "orders")


def summary(outcome: Outcome, scenario: Scenario) -> Document:
    """Return the figures of a result's document.

    Parameters
    ----------
    outcome : Outcome
        What happened.
    scenario : Scenario
        The scenario that was simulated.

    Returns
    -------
    dict
        ``show`` (its audience and money), ``products`` by name, and ``rooms`` where the
        scenario has any. Units sold and wanted [units], times [s], money in the scenario's
        currency, chances in [0, 1]. Quantiles of a time are over all replications, None where it
        never happened in that share of them. A product's ``dropped`` [orders] and ``fake`` [units
        paid for] stand only where the checkout has steps, and where there are fake orders;
        ``given`` [units that bundles and gifts took] and ``gifts`` [units that came with its
        orders] where there are bundles or gifts; ``coupons`` [orders that had one], ``webshop`` and
        ``webshop_lost`` [units that a webshop sold meanwhile, and could not], and ``campaign`` only
        where there is one.

    Examples
    --------
    >>> import livesim
    >>> room = livesim.load("scenarios/brand_room.yaml", {"show.length": "20min"})
    >>> result = livesim.simulate(room, replications=50)
    >>> summary(result.outcome, room)["products"]["serum"]["stock"]
    50
    """
    show, *others = measures(outcome, scenario).items()
    campaign = {"campaign": campaign_measures(outcome, scenario)} if scenario.campaign else {}
    return _summarised([show, *campaign.items(), *others])


def measures(outcome: Outcome, scenario: Scenario) -> Document:
    """Return the figures of a result's document by replication, under the same names.

    Parameters
    ----------
    outcome : Outcome
        What happened.
    scenario : Scenario
        The scenario that was simulated.

    Returns
    -------
    dict
        As :func:`summary` without ``campaign``; at the end of a path stands an array of shape (R,):
        numbers, or for a chance whether it happened. A product's ``stock`` is one number. Each is
        worked out when it is asked for.
    """
    found: Document = {
        "show": _show(outcome, scenario),
        "products": {
            name: _product(outcome, scenario, name, index)
            for index, name in enumerate(scenario.products)
        },
    }
    rooms = {name: _each(outcome.rooms, index) for index, name in enumerate(scenario.rooms or {})}
    return {**found, ROOMS: rooms} if rooms else found


def no_measures(scenario: Scenario) -> Document:
    """Return the figures that :func:`measures` has of a show, before there is any: zeros, (1,).

    Examples
    --------
    >>> import livesim
    >>> show = no_measures(livesim.load("scenarios/brand_room.yaml"))["show"]
    >>> show["profit"], show["loss"]
    (array([0.]), array([False]))
    """
    inputs = inputs_of(scenario)
    shared = bool(inputs.sharing)
    beside = inputs.webshops.any()
    placed = (inputs.steps, inputs.fakes.any(), shared, shared, inputs.coupons, beside, beside)
    there = dict(zip(_PLACING_FIGURES, placed, strict=True))
    of_product = (*_PRODUCT_FIGURES, *(name for name in _PLACING_FIGURES if there[name]))

    def numbers(*names: str) -> dict[str, Array]:
        return dict.fromkeys(names, np.zeros(1))

    def chances(*names: str) -> dict[str, Array]:
        return dict.fromkeys(names, np.zeros(1, dtype=bool))

    product = numbers(*of_product, "since_link", "unavailable_after", "unavailable_share")
    product |= chances("unavailable", "sold_out")
    found: Document = {
        "show": {**numbers(*_show_figures(scenario)), **chances("loss")},
        "products": dict.fromkeys(scenario.products, product),
    }
    rooms = dict.fromkeys(scenario.rooms or {}, numbers("unique_viewers", "attempts", "orders"))
    return {**found, ROOMS: rooms} if rooms else found


def _summarised(measured: Iterable[tuple[str, Any]]) -> Document:
    """Return estimates for figures by replication, and chances for what happened or not."""
    told: Document = {}
    for name, found in measured:
        if isinstance(found, Mapping):
            told[name] = _summarised(found.items())
        elif isinstance(found, np.ndarray):
            told[name] = figure(found, *_possible(name))
        else:
            told[name] = found
    return told


def _possible(name: str) -> tuple[float, float]:
    """Return the least and the most that a figure can be, in its unit."""
    return -inf if name in _SIGNED else 0.0, 1.0 if name in _SHARES else inf


def figure(values: Array, least: float = -inf, most: float = inf) -> dict[str, Any]:
    """Return the mean and three quantiles of a figure by replication, or a chance, with intervals.

    Parameters
    ----------
    values : numpy.ndarray of shape (R,)
        inf where it never happened; of a chance, whether it happened.
    least, most : float
        Less, and more, it cannot be, in its unit.

    Returns
    -------
    dict
        Under the names of the JSON document.

    Examples
    --------
    >>> list(figure(np.array([4.0, 4.0])).items())[:4]
    [('mean', 4.0), ('p10', 4.0), ('p50', 4.0), ('p90', 4.0)]
    >>> figure(np.array([True, False]))["chance"]
    0.5
    """
    if values.dtype == bool:
        return asdict(Chance.of(int(values.sum()), values.size))
    return estimate(values, least, most).as_dict()


def stock(scenario: Scenario, product: str) -> int:
    """Return the units of a product that are paid for and there while it can be sold.

    Parameters
    ----------
    scenario : Scenario
        The scenario.
    product : str
        Name of the product.

    Returns
    -------
    int
        Owned units that did not go out as samples, and those that arrive in time [units]: what
        comes once the product is off offer, as planned, is only left over.
    """
    part = scenario.products[product]
    on_hand = part.owned - scenario.withheld(product)
    if not part.arriving:
        return on_hand
    until = sold_until(scenario)[product]
    return on_hand + sum(
        lot.units
        for lot in part.arriving.values()
        if on_hand_from(scenario, scenario.seconds_until(lot.on)) < until
    )


def _show_figures(scenario: Scenario) -> tuple[str, ...]:
    presale = any(product.presale for product in scenario.products.values())
    late = () if scenario.deal.warehouse is None else ("late_orders", "cancelled_late", "late_cost")
    kept = ("deposits_kept",) if presale else ()
    away = () if scenario.show.arrivals_when_unavailable is None else ("viewers_lost",)
    return (*_AUDIENCE_FIGURES, *away, "gmv", "nmv", *kept, *late, *_costs(scenario), "profit")


def _costs(scenario: Scenario) -> tuple[str, ...]:
    """Return what calling reserves and stock-outs cost, where they cost anything."""
    products = scenario.products.values()
    reserves = [reserve for product in products for reserve in product.all_reserves.values()]
    costs = {
        "reserve_cost": any(one.call_cost or one.extra_unit_cost for one in reserves),
        "goodwill": any(product.goodwill for product in products),
        "ads_wasted": any(product.ads_per_hour is not None for product in products),
    }
    return tuple(name for name, there in costs.items() if there)


class _Figures(Mapping[str, Any]):
    """Figures by name, each worked out when it is asked for: all at once may be too much."""

    def __init__(self, known: Mapping[str, Callable[[], Any]]) -> None:
        self._known = known

    def __getitem__(self, name: str) -> Any:
        return self._known[name]()

    def __iter__(self) -> Iterator[str]:
        return iter(self._known)

    def __len__(self) -> int:
        return len(self._known)


def _each(columns: Mapping[str, Array], index: int) -> _Figures:
    """Return the figures of one product, room or the like, from columns of shape (R, …)."""
    return _Figures({name: partial(_one, columns, name, index) for name in columns})


def _one(columns: Mapping[str, Array], name: str, index: int) -> Array:
    return np.ascontiguousarray(columns[name][:, index])  # without the others


def _show(outcome: Outcome, scenario: Scenario) -> _Figures:
    """Return the figures of the show as a whole."""
    shows: Mapping[str, Array] = outcome.shows
    figures = {name: partial(shows.__getitem__, name) for name in _show_figures(scenario)}
    known: dict[str, Callable[[], Array]] = {**figures, "loss": lambda: shows["profit"] < 0}
    if "goodwill" in known:
        known["goodwill"] = lambda: outcome.products["goodwill"].sum(axis=1)
    return _Figures(known)


def _product(outcome: Outcome, scenario: Scenario, name: str, index: int) -> _Figures:
    figures = _each(outcome.products, index)
    there = (*_PRODUCT_FIGURES, *(one for one in _PLACING_FIGURES if one in figures))
    return _Figures(
        {
            "stock": lambda: stock(scenario, name),
            **{one: partial(figures.__getitem__, one) for one in there},
            "since_link": lambda: after_link(figures["sold_out_at"], figures["link_at"]),
            "unavailable_after": lambda: after_link(figures["unavailable_at"], figures["link_at"]),
            "unavailable_share": lambda: figures["unavailable"],
            "unavailable": lambda: np.isfinite(figures["unavailable_at"]),
            "sold_out": lambda: np.isfinite(figures["sold_out_at"]),
        }
    )
