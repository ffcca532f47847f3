"""Calibration: what past shows say of a scenario's turnout and of its products' appeal.

Each past show is compared with what the model expects of this one, as it was: so many viewers in so
long a show, and of each product so many units for these viewers, at that price, by the moment at
which it was sold out. A past show is taken to have run like this one, stretched to its length.
What the scenario says itself of viewers and orders is the planner's own view: one more observation,
as noisy as such views are (`Spreads.level`, `Spreads.new_product`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from math import exp, inf, log, log1p
from typing import Any, Final

import numpy as np

from livesim.errors import UsageError
from livesim.history import History
from livesim.history.factors import APPEAL, TURNOUT, Factors, Seen, factors
from livesim.model.expectation import Expectation, expect
from livesim.resolve.demand import KEYS, WHOLE, units_per_order
from livesim.resolve.derivation import Path, Reason
from livesim.resolve.inputs import inputs_of
from livesim.resolve.words import counted, listed
from livesim.scenario.quantities import Floats
from livesim.scenario.scenario import Scenario
from livesim.scenario.uncertain import Distribution, likely

#: A show that counts less is named.
_ODD: Final = 0.3
#: Draws that the spreads of a calibrated scenario are read from.
_DRAWS: Final = 20_000
_NORMAL_P90: Final = 1.2815515655446004
#: Half a unit stands for none sold, which has no logarithm; it could as well be a fifth or two.
_NONE, _NONE_NOISE = 0.5, 1.0


@dataclass(frozen=True)
class PastProduct:
    """What was seen of a product in a past show."""

    show: int
    product: str
    units: float
    sold_out_at: float
    sold_out: bool
    price: float


@dataclass(frozen=True)
class PastFactors:
    """How far off a past show was from what is expected of it by now.

    Parameters
    ----------
    name
        The show.
    turnout, appeal
        Its own factor on viewers and on orders per viewer [1], against the level of its time.
    counted
        How much it counted for turnout and for appeal [1]: about 1, near 0 if far off.
    """

    name: str
    turnout: float
    appeal: float
    counted: tuple[float, float]


@dataclass(frozen=True)
class Calibration:
    """A scenario as past shows say it is.

    Parameters
    ----------
    scenario
        The show with the medians and the spreads that follow.
    shows
        Each past show, in order.
    sold_in
        Of each product: in how many past shows it was sold, and in how many of them sold out.
    notes
        What was left out, what stands out, and what these shows cannot tell.
    read
        What was said when the past shows were read.
    """

    scenario: Scenario
    shows: tuple[PastFactors, ...]
    sold_in: Mapping[str, tuple[int, int]]
    notes: tuple[str, ...]
    read: tuple[str, ...]
    turnout: Factors = field(repr=False)
    appeal: Factors = field(repr=False)

    @property
    def summary(self) -> str:
        """What follows from the past shows, in a sentence."""
        show = self.scenario.show
        assert isinstance(show.turnout_factor, Distribution)
        assert isinstance(show.appeal, Distribution)
        few = [show for show in self.shows if min(show.counted) < _ODD]
        counts = "each counts alike" if not few else f"{len(few)} of them count little"
        return (
            f"From {counted(len(self.shows), 'past show')}, of which {counts}: "
            f"{show.turnout_factor.median:.2g} times the viewers that are told, and "
            f"{show.appeal.median:.2g} times the orders per viewer."
        )

    @property
    def reasons(self) -> dict[Path, Reason]:
        """Why the values that follow are what they are."""
        shows = Reason("history", counted(len(self.shows), "show"))
        found: dict[Path, Reason] = {("show", key): shows for key in ("turnout_factor", "appeal")}
        for name, (times, out) in self.sold_in.items():
            text = f"{counted(times, 'show')}, sold out in {out}" if times else "a new product"
            found["products", name, "appeal"] = Reason("history", text)
        for name in self.scenario.segments:
            found["segments", name, "takes_turnout_factor"] = shows
        return found

    def inputs(self, replications: int, seed: int = 1) -> dict[str, Floats]:
        """Return joint draws of what is calibrated, to simulate at.

        Parameters
        ----------
        replications
            How many, R.
        seed
            For the draws.

        Returns
        -------
        dict
            Path → values of shape (R,), as ``simulate(…, inputs=…)`` takes them.
        """
        random = np.random.default_rng(seed)
        turnout, _ = self.turnout.draw(replications, random)
        appeal, products = self.appeal.draw(replications, random)
        names = [f"products.{name}.appeal" for name in self.scenario.products]
        return {
            "show.turnout_factor": np.exp(turnout),
            "show.appeal": np.exp(appeal),
            **dict(zip(names, np.exp(products).T, strict=True)),
        }


def calibrate(scenario: Scenario, history: History) -> Calibration:
    """Learn a scenario's turnout and appeal from past shows.

    Parameters
    ----------
    scenario
        The show, with the planner's own view of its viewers and orders.
    history
        Past shows, with rows for products that are named as in the scenario.

    Raises
    ------
    UsageError
        If no past show says how many watched.

    Examples
    --------
    >>> import livesim
    >>> from livesim.history.table import SHOWS, tidy
    >>> room = livesim.load("scenarios/brand_room.yaml")
    >>> rows = [
    ...     {"show": str(n), "length": 10_800, "viewers": 4_000, "product": "serum", "units": 80}
    ...     for n in range(6)
    ... ]
    >>> found = calibrate(room, History(tidy(rows, SHOWS)))
    >>> found.scenario.show.turnout_factor.median > 1.8  # 4,000 viewers came, not 2,000
    True
    """
    past = _Past.of(scenario, history)
    turnout = factors(past.audience(), TURNOUT)
    appeal = factors(past.orders(), APPEAL)
    shows = tuple(
        PastFactors(name, exp(turnout.own[n]), exp(appeal.own[n]), (both[0], both[1]))
        for n, (name, both) in enumerate(
            zip(past.names, zip(turnout.counted, appeal.counted, strict=True), strict=True)
        )
    )
    sold_in = {
        name: (len(rows), sum(row.sold_out for row in rows))
        for name in scenario.products
        for rows in [[row for row in past.rows if row.product == name]]
    }
    notes = (*past.left_out, *_odd(shows), *_untold(scenario, sold_in, len(shows)))
    found = Calibration(scenario, shows, sold_in, notes, history.notes, turnout, appeal)
    calibrated = scenario.with_changes(_calibrated(scenario, found.inputs(_DRAWS)))
    return replace(found, scenario=calibrated)


def with_told(written: Mapping[str, Any], history: History) -> dict[str, Any]:
    """Return what a file says, with past shows' medians where it says nothing.

    Of viewers, and of orders per 1,000 of them by product, if nothing of the kind is written. What
    follows hardly depends on them: they are where the planner's own view would stand.

    Parameters
    ----------
    written
        What the file says.
    history
        Past shows.
    """
    rows = history.shows.assign(viewers=history.shows["viewers"].fillna(history.shows["views"]))
    rows = rows[rows["viewers"] > 0]
    told = dict(written)
    if len(rows) and "segments" not in told and not {"viewers", "concurrent"} & told.keys():
        told["viewers"] = round(float(rows.groupby("show")["viewers"].first().median()))
    products = told.get("products")
    if not isinstance(products, Mapping) or any(key in told for key in WHOLE):
        return told
    sold = rows[rows["units"] > 0]
    sold = sold.assign(per_1000=1_000 * sold["units"] / sold["viewers"])
    usual = sold.groupby("product")["per_1000"].median()
    told["products"] = {
        name: {**product, "orders_per_1000": float(f"{usual[name]:.3g}")}
        if isinstance(product, Mapping) and name in usual.index and not KEYS & product.keys()
        else product
        for name, product in products.items()
    }
    return told


def _calibrated(scenario: Scenario, draws: Mapping[str, Floats]) -> dict[str, Any]:
    """Return what changes in a scenario: medians and spreads of the draws, each for itself."""
    changes: dict[str, Any] = {path: _spread(values) for path, values in draws.items()}
    for name, product in scenario.products.items():
        changes[f"products.{name}.conversion"] = {"p50": likely(product.conversion)}
    for name, segment in scenario.segments.items():
        changes[f"segments.{name}.turnout"] = {"p50": likely(segment.turnout)}
        changes[f"segments.{name}.reach"] = likely(segment.reach)
        changes[f"segments.{name}.takes_turnout_factor"] = True
    return changes


def _spread(values: Floats) -> dict[str, Any]:
    low, median, high = np.quantile(values, [0.1, 0.5, 0.9])
    sigma = log(high / low) / (2.0 * _NORMAL_P90)
    return {"lognormal": {"median": float(f"{median:.4g}"), "sigma": float(f"{sigma:.3g}")}}


def _odd(shows: tuple[PastFactors, ...]) -> Iterator[str]:
    """Name the shows that are far off from the others."""
    for show in shows:
        told = (("viewers", show.turnout), ("orders per viewer", show.appeal))
        for (what, factor), counted_for in zip(told, show.counted, strict=True):
            if counted_for < _ODD:
                yield (
                    f"{show.name}: {what} are {factor:.2g} times what the other shows let expect; "
                    f"it counts {counted_for:.0%} of a usual show: is there a mistake in it?"
                )


def _untold(
    scenario: Scenario, sold_in: Mapping[str, tuple[int, int]], shows: int
) -> Iterator[str]:
    """Say what these shows cannot tell."""
    new = [name for name, (times, _) in sold_in.items() if not times]
    if new:
        yield f"{listed(new)}: never sold before, so as uncertain as new products are"
    bounds = [name for name, (times, out) in sold_in.items() if times and times == out]
    if bounds:
        yield f"{listed(bounds)}: sold out in every show, so how much more was wanted is a guess"
    if len(scenario.people) > 1 or any(p.elasticity != 0 for p in scenario.products.values()):
        yield (
            f"{counted(shows, 'past show')} say nothing of guests and prices apart from the shows' "
            "own errors: pull, lift, keep, fit and elasticity stay as they are"
        )


@dataclass(frozen=True)
class _Past:
    """Past shows beside what is expected of this one."""

    scenario: Scenario
    expected: Expectation
    names: tuple[str, ...]
    hours: tuple[float, ...]
    viewers: tuple[float, ...]
    rows: tuple[PastProduct, ...]
    left_out: tuple[str, ...]

    @classmethod
    def of(cls, scenario: Scenario, history: History) -> _Past:
        table = history.shows.sort_values("start", kind="stable")
        names: list[str] = []
        hours: list[float] = []
        viewers: list[float] = []
        rows: list[PastProduct] = []
        left: list[str] = []
        for name, of_show in table.groupby("show", sort=False):
            first = of_show.iloc[0]
            watched = float(first["viewers"])
            if not watched > 0:
                watched = float(first["views"]) / scenario.show.views_per_viewer
            if not (watched > 0 and first["length"] > 0):
                left.append(str(name))
                continue
            rows += _products(scenario, of_show, len(names))
            names.append(str(name))
            hours.append(float(first["length"]) / 3_600)
            viewers.append(watched)
        if not names:
            raise UsageError(
                "no past show says how many watched, and for how long it ran: the history needs "
                "the columns viewers or views, and length"
            )
        why = "left out, for nothing says how many watched for how long"
        return cls(
            scenario,
            expect(inputs_of(scenario)),
            tuple(names),
            tuple(hours),
            tuple(viewers),
            tuple(rows),
            (f"{why}: {listed(left)}",) if left else (),
        )

    def audience(self) -> Seen:
        """Return how many came over how many are expected, in shows of that length."""
        expected = sum(self.expected.viewers.values())
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
            np.array(values),
            1.0 / np.array(self.viewers),
            np.zeros(shows, dtype=bool),
            shows,
            0,
        )

    def orders(self) -> Seen:
        """Return the units that were wanted over those expected of so many viewers."""
        told = [self._order(row) for row in self.rows]
        value, noise, at_least = (
            (np.array(column) for column in zip(*told, strict=True))
            if told
            else (np.zeros(0), np.zeros(0), np.zeros(0))
        )
        place = {name: number for number, name in enumerate(self.scenario.products)}
        return Seen(
            np.array([row.show for row in self.rows], dtype=np.intp),
            np.array([place[row.product] for row in self.rows], dtype=np.intp),
            value,
            noise,
            at_least.astype(bool),
            len(self.names),
            len(place),
        )

    def _order(self, row: PastProduct) -> tuple[float, float, bool]:
        """Return a product's factor in a show as a logarithm, its noise, and if it is a bound."""
        product = self.scenario.products[row.product]
        by_then = self._share_until(row) if row.sold_out else 1.0
        expected = self.expected.orders[row.product] * units_per_order(product)
        expected *= self.viewers[row.show] / sum(self.expected.viewers.values())
        if not row.sold_out:  # what was sold is what was paid for
            expected *= 1.0 - likely(self.scenario.checkout.unpaid)
        units = row.units or _NONE
        ratio = units / (expected * (by_then or 1.0))
        conversion = min(likely(product.conversion), 0.999)
        odds = ratio * (1.0 - conversion) / max(1.0 - conversion * ratio, 0.01)
        value = log(odds)
        if row.price > 0:
            reference = likely(product.reference_price)
            value -= likely(product.elasticity) * log(row.price / reference)
        noise = _NONE_NOISE if row.units == 0 else units_per_order(product) / units
        return value, noise, row.sold_out and not 0.0 < by_then < 1.0

    def _share_until(self, row: PastProduct) -> float:
        """Return the share of a product's orders until it was sold out; 0 where that is unknown."""
        if not row.sold_out_at > 0:
            return 0.0
        moment = row.sold_out_at / (self.hours[row.show] * 3_600) * self.scenario.show.length
        return self.expected.decided_by(row.product, moment)


def _products(scenario: Scenario, rows: Any, show: int) -> Iterator[PastProduct]:
    """Yield the scenario's products that a show sold, variants added up."""
    for name, sold in rows[rows["product"].isin([*scenario.products])].groupby("product"):
        units = float(sold["units"].sum(min_count=1))
        stock = float(sold["stock"].sum(min_count=1, skipna=False))
        out = sold["sold_out_at"].notna() | (sold["units"] >= sold["stock"])
        if units != units:
            continue
        yield PastProduct(
            show=show,
            product=str(name),
            units=stock if out.all() and stock > units else units,
            sold_out_at=float(sold["sold_out_at"].iloc[0]) if len(sold) == 1 else inf,
            sold_out=bool(out.any()),
            price=float(sold["price"].mean()),
        )
