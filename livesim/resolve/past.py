"""Past shows beside what the model expects of this one: how far off each was, factor by factor."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, lru_cache
from math import inf, isnan, log, log1p, nan, sqrt
from typing import Any, Final, Literal

import numpy as np

from livesim.arrays import Floats
from livesim.errors import UsageError
from livesim.history import History
from livesim.history.factors import APPEAL, WHOLE_SHOW, Seen, Slopes
from livesim.model.expectation import Expectation
from livesim.model.saturation import OrdersByFactor, Saturation, expect_by_factor
from livesim.resolve.demand import units_per_order
from livesim.resolve.effects import (
    Effect,
    effects,
    elasticity_spread,
    middles,
    moved,
    prices_differ,
)
from livesim.resolve.inputs import expectation_of, neutral_inputs
from livesim.resolve.words import counted, listed
from livesim.scenario.scenario import Scenario
from livesim.scenario.uncertain import likely

#: Half a unit stands for none sold, which has no logarithm; it could as well be a fifth or two.
_NONE, _NONE_NOISE = 0.5, 1.0

#: Viewers over their peak, stay and length: a log-sd of 0.25 in 731 shows of twelve hosts (one
#: platform, summer 2021).
_PEAK_NOISE = 0.25**2

#: Factors on the odds to order for which orders are worked out: from next to none to 400, which is
#: as far as two errors together go. In between, orders are right to within 1 %.
FACTORS: Final = np.exp([-20.0, -2.0, -0.5, 0.5, 1.25, 2.0, 2.75, 3.5, 4.5, 6.0])

#: Orders so many times as many tell by how much the factor moves with them.
_STEP: Final = 1.02

#: Variance of what is known of these before any past show, with nothing told of the product: by how
#: much an arrival profile counts that asks for such a factor.
_KNOWN: Final = APPEAL.level**2 + float(np.square(APPEAL.product))

#: What a row adds to that is at least this share of it [1].
_LEAST_NEWS: Final = 0.1

#: What lapses and comes back of a stock is at most so many standard deviations above its mean.
_BY_CHANCE: Final = 3.0

#: Length of a minute in the table of them [s].
_MINUTE: Final = 60.0

#: How many arrival profiles stand for all those that are likely, where they are uncertain: the
#: points of a lattice with this generator, of which any two parameters correlate by 0.21 at most.
_PROFILES, _GENERATOR = 28, 4


@dataclass(frozen=True)
class PastProduct:
    """What was seen of a product in a past show.

    Parameters
    ----------
    show, product
        Which.
    units
        What was sold; where all was ordered, the stock, for some orders lapse or come back.
    sold_out_at, sold_out
        When all was ordered [s], and whether it was.
    price, stock, forecast
        As told; nan where not.
    missing
        Units of the stock of which nothing says where they are, though it was sold out.
    """

    show: int
    product: str
    units: float
    sold_out_at: float
    sold_out: bool
    price: float
    stock: float
    forecast: float
    missing: float = 0.0


@dataclass(frozen=True)
class PastWhole:
    """What was sold in a past show of which no product of this one is known.

    Parameters
    ----------
    show
        Which.
    sold
        Units of all its products, or orders where only these are known.
    of
        Which of the two.
    at_least
        Whether something was sold out: then more may have been wanted.
    """

    show: int
    sold: float
    of: Literal["units", "orders"]
    at_least: bool


@dataclass(frozen=True)
class Past:
    """Past shows beside what is expected of this one.

    Parameters
    ----------
    scenario
        The next show.
    profiles
        What is expected of it at equally likely arrival profiles; one where they are certain. Each
        past show had its own, of which only what is likely is known.
    names, hours, viewers
        Of each past show: its name, its length [h] and how many watched.
    rows
        What was sold of the scenario's products in them.
    whole
        What was sold in all, in shows that tell nothing of these products.
    from_peak
        Whose viewers follow from their peak alone, shape (N,).
    notes
        Which shows were left out and why, and whose viewers follow from other figures.
    effects
        What told the shows apart.
    elasticities
        Of each product whose price did: the standard deviation of what is known of its elasticity
        before [1].
    by_factor
        What a viewer is expected to order at several factors on the odds, by arrival profile.
    """

    scenario: Scenario
    profiles: tuple[Expectation, ...]
    names: tuple[str, ...]
    hours: tuple[float, ...]
    viewers: tuple[float, ...]
    rows: tuple[PastProduct, ...]
    whole: tuple[PastWhole, ...]
    from_peak: tuple[bool, ...]
    notes: tuple[str, ...]
    effects: tuple[Effect, ...]
    elasticities: Mapping[str, float]
    by_factor: OrdersByFactor

    @classmethod
    def of(cls, scenario: Scenario, history: History, untold: Collection[str] = ()) -> Past:
        """Return the past shows of a history of which it is known how many watched.

        Parameters
        ----------
        scenario, history
            The next show, and past ones.
        untold
            Of what the planner has no view, elasticities as ``serum.elasticity`` among it.

        Raises
        ------
        UsageError
            If there is none.
        """
        table = history.shows.sort_values("start", kind="stable")
        names: list[str] = []
        hours: list[float] = []
        viewers: list[float] = []
        rows: list[PastProduct] = []
        whole: list[PastWhole] = []
        left: list[str] = []
        peaks: list[bool] = []
        profiles = _profiles(scenario)
        hosts: list[str] = []
        guests: list[frozenset[str]] = []
        starts: list[datetime | None] = []
        for name, of_show in table.groupby("show", sort=False):
            first = of_show.iloc[0]
            watched = _watched(first, history, scenario)
            of_peak = not watched > 0
            if of_peak:
                stretched = float(first["length"]) / scenario.show.length
                watched = float(first["peak"]) * float(np.exp(_over_peak(profiles).mean()))
                watched *= stretched  # in so long a show so many more come, with the same peak
            if not (watched > 0 and first["length"] > 0):
                left.append(str(name))
                continue
            last = _last_sold(history, str(name))
            products = [*_products(scenario, of_show, len(names), last)]
            rows += products
            whole += [] if products else _whole(of_show, len(names))
            names.append(str(name))
            hours.append(float(first["length"]) / 3_600)
            viewers.append(watched)
            peaks.append(of_peak)
            hosts.append(_text(first["host"]))
            guests.append(
                frozenset(filter(None, map(str.strip, _text(first["guests"]).split(","))))
            )
            starts.append(
                first["start"].to_pydatetime() if first["start"] == first["start"] else None
            )
        if not names:
            raise UsageError(
                "no past show says how many watched, and for how long it ran: the history needs "
                "the columns viewers or views (or peak), and length"
            )
        return cls(
            scenario,
            profiles,
            tuple(names),
            tuple(hours),
            tuple(viewers),
            tuple(rows),
            tuple(whole),
            tuple(peaks),
            tuple(_said(left, sum(peaks))),
            effects(scenario, hosts, guests, starts),
            _elasticities(scenario, rows, untold),
            _by_factor(scenario),
        )

    def audience(self) -> Seen:
        """Return how many came over how many are expected, in shows of that length."""
        expected = self._viewers_expected()
        reach = sum(likely(segment.reach) for segment in self.scenario.segments.values())
        share = expected / reach
        hours = self.scenario.show.length / 3_600
        ratios = [
            viewers / expected * hours / length
            for viewers, length in zip(self.viewers, self.hours, strict=True)
        ]
        # who comes is 1 - (1 - share)^factor of the reach: more than all of it cannot come
        values = [log(log1p(-min(ratio * share, 0.999)) / log1p(-share)) for ratio in ratios]
        shows, each = len(values), np.arange(len(values))
        return Seen(
            each,
            np.zeros(shows, dtype=np.intp),
            np.array(values) - middles(self.effects, "turnout", each),
            1.0 / np.array(self.viewers) + self._noise_of_peaks(),
            np.zeros(shows, dtype=bool),
            shows,
            0,
            moved(self.effects, "turnout") if self.effects else None,
        )

    def _noise_of_peaks(self) -> Floats:
        """Return the variance of shows' viewers where only their peak is known, shape (N,)."""
        if not any(self.from_peak):
            return np.zeros(len(self.from_peak))
        noise = _PEAK_NOISE + float(_over_peak(self.profiles).var())
        return np.where(self.from_peak, noise, 0.0)

    def orders(self) -> Seen:
        """Return the units that were wanted over those expected of so many viewers.

        What a whole show sold is held against what all products together are expected to sell.
        """
        told = [*map(self._order, self.rows), *map(self._all_orders, self.whole)]
        value, noise, at_least = (
            (np.array(column) for column in zip(*told, strict=True))
            if told
            else (np.zeros(0), np.zeros(0), np.zeros(0))
        )
        place = {name: number for number, name in enumerate(self.scenario.products)}
        shows = [*(row.show for row in self.rows), *(row.show for row in self.whole)]
        products = [*(place[row.product] for row in self.rows), *(WHOLE_SHOW for _ in self.whole)]
        each = np.array(shows, dtype=np.intp)
        return Seen(
            each,
            np.array(products, dtype=np.intp),
            value - middles(self.effects, "appeal", each),
            noise,
            at_least.astype(bool),
            len(self.names),
            len(place),
            moved(self.effects, "appeal") if self.effects else None,
            self._slopes() if self.elasticities else None,
        )

    def prices(self, product: str) -> list[float]:
        """Return the prices that a product had in past shows, where they are known."""
        return [row.price for row in self.rows if row.product == product and row.price > 0]

    def _slopes(self) -> Slopes:
        """Return what prices were above the reference ones, as what is known of elasticities."""
        place = {name: number for number, name in enumerate(self.elasticities)}
        by = [
            self.elasticities.get(row.product, 0.0) * log(row.price / self._reference(row))
            if row.price > 0
            else 0.0
            for row in self.rows
        ]
        of = [place.get(row.product, 0) for row in self.rows]
        none = [0] * len(self.whole)  # nothing is known of their prices
        return Slopes(np.array([*of, *none], dtype=np.intp), np.array([*by, *none]), len(place))

    def viewers_at(self, show: int, factor: Floats) -> Floats:
        """Return how many watch a past show where the urge to come is so many times the told one.

        Parameters
        ----------
        show
            Which.
        factor
            Turnout's factor [1], shape (R,).
        """
        expected = self._viewers_expected()
        reach = sum(likely(segment.reach) for segment in self.scenario.segments.values())
        stretched = self.hours[show] * 3_600 / self.scenario.show.length
        return np.asarray(-reach * np.expm1(factor * log1p(-expected / reach)) * stretched)

    def units_at(
        self, row: PastProduct, viewers: Floats, factor: Floats, elasticity: Floats | None = None
    ) -> Floats:
        """Return how many units of a product so many viewers pay for, whatever the stock.

        The arrival profiles take turns, the same ones for all products.

        Parameters
        ----------
        row
            The product in the show; its price counts, and nothing that was sold.
        viewers
            How many watch, shape (R,).
        factor
            Appeal's factor on the odds to order [1], shape (R,).
        elasticity
            Of the odds to order [1], shape (R,); the one that is told, if None.
        """
        product = self.scenario.products[row.product]
        told = likely(product.elasticity)
        odds = factor * self._at_price(row, told if elasticity is None else elasticity)
        paid = units_per_order(product) * (1.0 - likely(self.scenario.checkout.unpaid))
        turns = np.resize(np.arange(len(self.profiles)), np.shape(viewers))
        each = self._orders_in_all(row.product).rows(turns).at(odds * np.ones_like(viewers))
        return np.asarray(each * paid * viewers)

    def log_orders(self, product: str, log_odds: Floats) -> Floats:
        """Return the logarithm of a viewer's orders of a product at such odds, shape (R,).

        Who decides may order only once, and who leaves first is less near to that.
        """
        one = np.zeros(len(log_odds), dtype=np.intp)
        return np.log(self._orders_in_all(product).mean().rows(one).at(np.exp(log_odds)))

    def _orders_in_all(self, product: str) -> Saturation:
        """Return the orders of a viewer in a whole show, by arrival profile."""
        if product not in self._in_all:
            self._in_all[product] = self.by_factor.until(product, inf)
        return self._in_all[product]

    @cached_property
    def _in_all(self) -> dict[str, Saturation]:
        """What `_orders_in_all` was asked for."""
        return {}

    def _viewers_expected(self) -> float:
        return sum(self.profiles[0].viewers.values())  # when they come changes nothing in how many

    def _orders_expected(self, product: str) -> Floats:
        """Return the orders expected of a viewer, by arrival profile."""
        orders = np.array([one.orders[product] for one in self.profiles])
        return np.asarray(orders / self._viewers_expected())

    def _at_price(self, row: PastProduct, elasticity: float | Floats) -> float | Floats:
        """Return what a past show's price does to the odds to order [1]."""
        return (row.price / self._reference(row)) ** elasticity if row.price > 0 else 1.0

    def shares(self) -> Floats:
        """Return which share of all units each product is expected to sell [1], shape (P,)."""
        units = np.array(
            [
                self._orders_expected(name).mean() * units_per_order(product)
                for name, product in self.scenario.products.items()
            ]
        )
        total = units.sum()
        return np.asarray(units / total if total > 0 else np.full(len(units), 1.0 / len(units)))

    def _all_orders(self, row: PastWhole) -> tuple[float, float, bool]:
        """Return what `_order` does, of all products together."""
        products = self.scenario.products.items()
        of_each = [self._orders_in_all(name).orders for name, _ in products]
        size = [units_per_order(product) for _, product in products]
        orders, units = np.sum(of_each, axis=0), np.tensordot(size, of_each, axes=1)
        in_all = Saturation(FACTORS, units if row.of == "units" else orders)
        each = self.viewers[row.show] * (1.0 - likely(self.scenario.checkout.unpaid))
        sold = np.full(len(self.profiles), (row.sold or _NONE) / each)
        values = np.log(in_all.factor(sold))
        value, spread = _over(values, _chances(values, _moved(in_all, sold)))
        together = units.sum() / orders.sum() if row.of == "units" else 1.0
        return value, spread + (together / row.sold if row.sold else _NONE_NOISE), row.at_least

    def _reference(self, row: PastProduct) -> float:
        """Return the price at which a product's orders are told [currency/unit]."""
        return likely(self.scenario.products[row.product].reference_price)

    def _order(self, row: PastProduct) -> tuple[float, float, bool]:
        """Return a product's factor in a show as a logarithm, its noise, and if it is a bound."""
        by_then, values, chances = self._profiles_of(row)
        middle, spread = _over(values, chances)
        product = self.scenario.products[row.product]
        noise = _NONE_NOISE if row.units == 0 else units_per_order(product) / row.units
        bound = row.sold_out and not (by_then.min() > 0 and by_then.min() < 1.0)
        return middle, noise + spread, bound

    def share_until(self, row: PastProduct) -> float:
        """Return the share of a product's orders until it was sold out; 0 where that is unknown."""
        by_then, _, chances = self._profiles_of(row)
        return float(np.exp(chances @ np.log(by_then))) if (by_then > 0).all() else 0.0

    def _profiles_of(self, row: PastProduct) -> tuple[Floats, Floats, Floats]:
        """Return what a row says with each arrival profile, all of shape (N,).

        Returns
        -------
        by_then : array
            Share of the orders until the product was sold out [1]; 0 where that is unknown.
        values : array
            The product's factor, as a logarithm.
        chances : array
            How likely the profile is.
        """
        product = self.scenario.products[row.product]
        moment = self._sold_out_at(row) if row.sold_out else inf
        until = self.by_factor.until(row.product, moment)
        known = bool((until.orders > 0).all())
        if not known:
            until = self._orders_in_all(row.product)
        each = self.viewers[row.show] * units_per_order(product)
        if not row.sold_out:  # what was sold is what was paid for
            each *= 1.0 - likely(self.scenario.checkout.unpaid)
        orders = np.full(len(self.profiles), (row.units or _NONE) / each)
        odds = until.factor(orders)
        by_then = until.at(odds) / self._orders_in_all(row.product).at(odds) if known else 0 * odds
        values = np.log(odds / self._at_price(row, likely(product.elasticity)))
        density = self._density(row.product, moment if known else inf, orders)
        return by_then, values, _chances(values, density)

    def _sold_out_at(self, row: PastProduct) -> float:
        """Return when a product was sold out, in a show as long as this one [s]; 0 if unknown."""
        if not row.sold_out_at > 0:
            return 0.0
        return row.sold_out_at / (self.hours[row.show] * 3_600) * self.scenario.show.length

    def _density(self, product: str, moment: float, orders: Floats) -> Floats:
        """Return how likely a row is with each arrival profile, whatever the factor on the odds.

        Units, and the moment of a sell-out [s], have a density: by how much the factor's logarithm
        moves with them.
        """
        near = self.scenario.show.length / 100
        earlier, later = (self.by_factor.until(product, moment + by) for by in (-near, near))
        moved = np.log(earlier.factor(orders) / later.factor(orders))
        if (moved > 0).any():
            return np.asarray(moved)
        return _moved(self._orders_in_all(product), orders)  # there is no moment


def _moved(orders: Saturation, sold: Floats) -> Floats:
    """Return by how much the factor's logarithm moves with what was sold, by arrival profile."""
    return np.log(orders.factor(sold * _STEP) / orders.factor(sold / _STEP))


def _chances(values: Floats, density: Floats) -> Floats:
    """Return how likely arrival profiles are that make a row say so, by Bayes' rule."""
    some = density if density.any() else np.ones_like(density)  # none can have sold so much
    chances = some * np.exp(-0.5 * values**2 / _KNOWN)
    return np.asarray(chances / chances.sum())


def _over(values: Floats, chances: Floats) -> tuple[float, float]:
    """Return what a row says over all arrival profiles, and its variance.

    Values and chances are what is then known; what the row says is that over what was known before.
    """
    middle, spread = float(chances @ values), 0.0
    if len(values) > 1:
        spread = float(chances @ (values - middle) ** 2)
        spread /= max(1.0 - spread / _KNOWN, _LEAST_NEWS)
        middle *= 1.0 + spread / _KNOWN
    return middle, spread


@lru_cache(maxsize=1)  # a back-test asks for the same show again and again
def _profiles(scenario: Scenario) -> tuple[Expectation, ...]:
    """Return what is expected at equally likely arrival profiles, each parameter stratified.

    Which strata go together says a lattice (Korobov 1959): nothing is drawn here.
    """
    drawn = _arrivals(scenario)
    number = len(next(iter(drawn.values()), [1]))
    return tuple(
        expectation_of(scenario, {path: values[[row]] for path, values in drawn.items()})
        for row in range(number)
    )


@lru_cache(maxsize=1)
def _by_factor(scenario: Scenario) -> OrdersByFactor:
    """Return what a viewer orders at several factors on the odds, at these arrival profiles."""
    drawn = _arrivals(scenario)
    number = len(next(iter(drawn.values()), [1]))
    return expect_by_factor(neutral_inputs(scenario, drawn, number), FACTORS)


def _arrivals(scenario: Scenario) -> dict[str, Floats]:
    """Return drawn parameters of equally likely arrival profiles; none where they are certain."""
    laws = {
        path: law
        for path, law in scenario.uncertain().items()
        if ".arrivals." in path or path.endswith(".waiting")
    }
    drawn, point = {}, np.arange(1, _PROFILES + 1)
    for number, (path, law) in enumerate(laws.items()):
        strata = point * pow(_GENERATOR, number, _PROFILES + 1) % (_PROFILES + 1)
        drawn[path] = law.quantile((strata - 0.5) / _PROFILES)
    return drawn


def _watched(show: Any, history: History, scenario: Scenario) -> float:
    """Return how many watched a show; nan if neither the show nor its minutes say it."""
    minutes = history.minutes
    came = views = nan
    if minutes is not None:
        mine = minutes[(minutes["show"] == show["show"]) & minutes["product"].isna()]
        came, views = (float(mine[column].sum(min_count=1)) for column in ("came", "views"))
    each = scenario.show.views_per_viewer
    told = (float(show["viewers"]), float(show["views"]) / each, came, views / each)
    return next((one for one in told if one > 0), nan)


def _over_peak(profiles: Sequence[Expectation]) -> Floats:
    """Return the logarithm of viewers over their peak, by arrival profile."""
    return np.array(
        [log(sum(one.viewers.values()) / one.peak) if one.peak > 0 else nan for one in profiles]
    )


def _said(left: Sequence[str], peaks: int) -> Iterator[str]:
    """Say which shows are left out, and of how many the viewers follow from their peak."""
    if left:
        yield f"left out, for nothing says how many watched for how long: {listed(left)}"
    if peaks:
        yield (
            f"viewers of {counted(peaks, 'past show')} follow from their peak, as those of this "
            "show are expected to, and count less"
        )


def _elasticities(
    scenario: Scenario, rows: Sequence[PastProduct], untold: Collection[str]
) -> dict[str, float]:
    """Return how uncertain elasticities are before, of products whose prices told shows apart."""
    found = {
        name: elasticity_spread(product.elasticity, untold=f"{name}.elasticity" in untold)
        for name, product in scenario.products.items()
        if prices_differ([row.price for row in rows if row.product == name])
    }
    return {name: spread for name, spread in found.items() if spread}


def _text(cell: Any) -> str:
    return str(cell) if cell == cell and cell is not None else ""


def _last_sold(history: History, show: str) -> dict[str, float]:
    """Return when each product was sold last, by the minutes, from the start of the show [s]."""
    minutes = history.minutes
    if minutes is None:
        return {}
    sold = minutes[(minutes["show"] == show) & (minutes["units"] > 0)]
    return {
        str(name): float(at) + _MINUTE for name, at in sold.groupby("product")["at"].max().items()
    }


def _products(
    scenario: Scenario, rows: Any, show: int, last_sold: Mapping[str, float]
) -> Iterator[PastProduct]:
    """Yield the scenario's products that a show sold, variants added up.

    What was sold out, nobody said when, was so when the last of it was sold.
    """
    names = rows["product"].tolist()
    columns = ("units", "stock", "sold_out_at", "price", "forecast")
    figures = {column: rows[column].to_numpy(dtype=float, na_value=nan) for column in columns}
    for name in sorted({name for name in names if name in scenario.products}):
        mine = [number for number, one in enumerate(names) if one == name]
        units, stock, gone_at, price, forecast = (figures[column][mine] for column in columns)
        sold, there = _told(np.sum, units), float(stock.sum())
        out = ~np.isnan(gone_at) | (units >= stock)
        gone_at = np.where(out & np.isnan(gone_at), last_sold.get(name, nan), gone_at)
        if isnan(sold):
            continue
        ordered, missing = (
            _ordered(scenario, name, sold, there) if out.all() and there > sold else (sold, 0.0)
        )
        yield PastProduct(
            show=show,
            product=name,
            units=ordered,
            sold_out_at=float(gone_at[0]) if len(mine) == 1 else inf,
            sold_out=bool(out.any()),
            price=_told(np.mean, price),
            stock=there,
            forecast=_told(np.sum, forecast),
            missing=missing,
        )


def _ordered(scenario: Scenario, name: str, sold: float, there: float) -> tuple[float, float]:
    """Return the units ordered by the end of a stock that was sold out, and the unexplained ones.

    All of the stock was ordered, and what lapsed or came back is not among what was sold. Where
    more is missing than that and chance explain, the stock is not what was on offer: then what was
    sold counts, and those orders that lapse beside it.
    """
    paid = 1.0 - likely(scenario.checkout.unpaid)
    kept = paid * (1.0 - likely(scenario.products[name].returns))
    least = there * kept - _BY_CHANCE * sqrt(there * kept * (1.0 - kept))
    return (there, 0.0) if sold >= least else (sold / paid, there - sold / paid)


def _whole(rows: Any, show: int) -> Iterator[PastWhole]:
    """Yield what a show sold in all, where a row without a product says it."""
    of_all = rows[rows["product"].isna()]
    kinds: tuple[Literal["units", "orders"], ...] = ("units", "orders")
    for of in kinds:
        sold = of_all[of].dropna()
        if len(sold):
            out = rows["sold_out_at"].notna() | (rows["units"] >= rows["stock"])
            yield PastWhole(show, float(sold.iloc[0]), of, bool(out.any()))
            return


def _told(of: Callable[[Floats], Any], values: Floats) -> float:
    """Return what those values that are known come to; nan if none is."""
    known = values[~np.isnan(values)]
    return float(of(known)) if len(known) else nan
