"""Updating by past shows: what past shows say of a scenario's turnout and of its products' appeal.

Each past show is compared with what the model expects of this one, as it was: so many viewers in so
long a show, and of each product so many units for these viewers, at that price, by the moment at
which it was sold out. A past show is taken to have run like this one, stretched to its length.
What the scenario says itself of viewers and orders is the planner's own view: one more observation,
as noisy as the scenario takes forecasts to be, or as the planner's past ones were (`View`).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from math import exp, inf, log
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from livesim.arrays import Floats
from livesim.history import History
from livesim.history.factors import (
    APPEAL,
    TURNOUT,
    Factors,
    Seen,
    Spreads,
    Together,
    factors,
)
from livesim.resolve.centring import centre_of_orders, centre_of_viewers, expected, leaving_rates
from livesim.resolve.demand import KEYS, WHOLE
from livesim.resolve.derivation import Path, Reason
from livesim.resolve.effects import NORMAL_P90, Effect, Side, prices_differ, spread_of
from livesim.resolve.past import Past
from livesim.resolve.words import counted, duration, interval, listed, multiple, share
from livesim.scenario.scenario import Scenario
from livesim.scenario.uncertain import Draws, likely

#: A show that counts less is named.
_ODD: Final = 0.3
#: A product's row so many standard deviations off is named; these are told by the median, for a
#: normal law, and taken to be at least so large, beside what chance gives to small numbers.
_FAR: Final = 4.0
_NORMAL_SD: Final = 1.4826
_LEAST_OFF: Final = 0.25
#: A price so many times the usual one is asked about.
_FAR_OFF: Final = 4.0
#: A mean that is so many times what one show sold is told beside it: an assumption.
_ABOVE: Final = 1.2
#: Returns that are so far from what past shows had are asked about [1]: an assumption.
_FAR_BACK: Final = 0.1
#: More than this share of a product sold after it was sold out is asked about [1]: so much may come
#: back on sale, as orders are not paid (an assumption).
_SOLD_LATER: Final = 0.1
#: So many such rows are named, those that are furthest off.
_NAMED: Final = 5
#: How notes end that belong in a short answer.
_NEW: Final = "so as uncertain as new products are"
_GUESS: Final = "so how much more was wanted is a guess"
_OTHERS: Final = "what is learned is taken to hold of this one, too"
#: Joint draws that a calibrated scenario has, each the middle one of so many like it.
_DRAWS: Final = 500
_LIKE_IT: Final = 40
#: What a scenario does not tell itself is not known to within a factor of 12: an assumption.
_UNTOLD: Final = 2.5
#: A product of which nothing is told, or that was never sold: 1.2, as `APPEAL` says.
_NEW_PRODUCT: Final = 1.2
#: Of an effect shows are taken to add at least this share to what is known [1].
_NEWS: Final = 0.05
#: How noisy a view is by default counts as so many forecasts whose outcome is known: an assumption.
_DEFAULT: Final = 3


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
    shares
        By which share of a change of it the next show's turnout and appeal move [1].
    """

    name: str
    turnout: float
    appeal: float
    counted: tuple[float, float]
    shares: tuple[float, float]


@dataclass(frozen=True)
class View:
    """How noisy the planner's own view is: standard deviations, as logarithms.

    Parameters
    ----------
    turnout, appeal, products
        Of viewers, of orders per viewer, and of each product's factor on these.
    forecasts
        Of how many past forecasts the record is known.
    """

    turnout: float
    appeal: float
    products: tuple[float, ...]
    forecasts: int = 0

    @classmethod
    def of(cls, scenario: Scenario, history: History, untold: Collection[str] = ()) -> View:
        """Return it: as a scenario takes its forecasts, and as past ones were, to be wrong.

        Parameters
        ----------
        scenario
            The show.
        history
            Past shows; a column ``forecast`` is the planner's own record.
        untold
            What the planner does not tell: ``viewers``, and products by name.
        """
        show = scenario.show
        biggest = scenario.segments[_biggest(scenario)]
        shared = [show.turnout_factor] if biggest.takes_turnout_factor else []
        turnout = spread_of(*shared, biggest.turnout, biggest.reach)
        appeal = spread_of(show.appeal)
        missed, sold = _record(history), {*history.shows["product"]}
        usual = turnout**2 + appeal**2
        if len(missed) and usual:
            known = (_DEFAULT * usual + float(missed @ missed)) / (_DEFAULT + len(missed))
            turnout, appeal = (part * (known / usual) ** 0.5 for part in (turnout, appeal))
        return cls(
            max(turnout, _LEAST) if "viewers" not in untold else _UNTOLD,
            max(appeal, _LEAST),
            tuple(
                _NEW_PRODUCT
                if name in untold or name not in sold
                else max(spread_of(product.appeal, product.conversion), _LEAST)
                for name, product in scenario.products.items()
            ),
            len(missed),
        )


#: Nobody knows a show's level to within 5 %: an assumption, that a plain number be no certainty.
_LEAST: Final = 0.05


def _record(history: History) -> Floats:
    """Return how far the planner's forecasts were off: logarithms of units over forecast, by show.

    A show that was sold out below its forecast says nothing of it.
    """
    rows = history.shows
    rows = rows[(rows["forecast"] > 0) & (rows["units"] > 0)]
    out = (rows["sold_out_at"].notna() | (rows["units"] >= rows["stock"])).groupby(rows["show"])
    sums = rows.groupby("show")[["units", "forecast"]].sum()
    missed = np.log((sums["units"] / sums["forecast"]).to_numpy(dtype=float))
    return np.asarray(missed[(~out.any().to_numpy(dtype=bool)) | (missed > 0)])


@dataclass(frozen=True)
class Middles:
    """Where the planner's own view has its median, as logarithms: below a plain number.

    A plain number is what to expect, and errors are skewed: their median is less than their mean.

    Parameters
    ----------
    turnout, appeal
        Of viewers, and of orders per viewer.
    products
        Of each product's factor on these, shape (P,).
    """

    turnout: float
    appeal: float
    products: Floats

    @classmethod
    def of(
        cls, scenario: Scenario, turnout: Spreads, appeal: Spreads, untold: Collection[str]
    ) -> Middles:
        """Return them, so that what is expected before any past show is what is written.

        Parameters
        ----------
        scenario
            The show.
        turnout, appeal
            What is known of the factors before any past show.
        untold
            Of what there is no view: there 1 is the median past show.
        """
        biggest = scenario.segments[_biggest(scenario)]
        viewers = 0.0
        if "viewers" not in untold and expected(biggest.reach) and expected(biggest.turnout):
            viewers = -log(centre_of_viewers(likely(biggest.turnout), _before(turnout)))
        orders = {
            name: -log(
                _centre(of_product, likely(product.conversion), leaving_rates(scenario, name))
            )
            for (name, product), of_product in zip(
                scenario.products.items(), _each(appeal), strict=True
            )
            if name not in untold and expected(product.conversion)
        }
        common = (
            -log(float(np.mean(_before(replace(appeal, product=0.0, in_show=((0.0, 1),))))))
            if orders
            else 0.0
        )
        of_products = [orders.get(name, 0.0) - common for name in scenario.products]
        return cls(viewers, common, np.array(of_products))


def _each(spreads: Spreads) -> Iterator[Spreads]:
    """Yield what is known of each product."""
    assert isinstance(spreads.product, tuple)
    for product in spreads.product:
        yield replace(spreads, product=product)


@lru_cache(maxsize=1024)  # a back-test asks for the same ones again and again
def _centre(spreads: Spreads, conversion: float, leaving: tuple[tuple[float, float], ...]) -> float:
    """Return what to divide a product's factor by [1]."""
    return centre_of_orders(conversion, leaving, _before(spreads))


@lru_cache(maxsize=16)
def _before(spreads: Spreads) -> Floats:
    """Return draws of a product's factor, the show's in it, before any show was seen."""
    none = np.zeros(0, dtype=np.intp)
    seen = Seen(none, none, np.zeros(0), np.zeros(0), np.zeros(0, dtype=bool), 0, 1)
    show, own, _ = factors(seen, spreads).draw(_DRAWS * _LIKE_IT, np.random.default_rng(1))
    return np.asarray(np.exp(show + own[:, 0]))


def _biggest(scenario: Scenario) -> str:
    """Return the segment of which most are expected."""
    viewers = {
        name: likely(segment.reach) * likely(segment.turnout)
        for name, segment in scenario.segments.items()
    }
    return max(viewers, key=viewers.__getitem__)


@dataclass(frozen=True)
class Learned:
    """A scenario as past shows say it is.

    Parameters
    ----------
    shows
        Each past show, in order.
    sold_in
        Of each product: in how many past shows it was sold, and in how many of them sold out.
    notes
        What was left out, what stands out, and what these shows cannot tell.
    read
        What was said when the past shows were read.
    view
        How noisy the planner's own view is.
    middles
        Where its medians are.
    turnout, appeal, effects, elasticities
        What follows for the factors, and what told the past shows apart; of elasticities how
        uncertain they were before.
    told, untold, history
        The scenario as the planner tells it, of what there is no view, and the past shows.
    """

    shows: tuple[PastFactors, ...]
    sold_in: Mapping[str, tuple[int, int]]
    notes: tuple[str, ...]
    read: tuple[str, ...]
    view: View
    middles: Middles
    turnout: Factors = field(repr=False)
    appeal: Factors = field(repr=False)
    effects: tuple[Effect, ...] = field(repr=False)
    elasticities: Mapping[str, float] = field(repr=False)
    told: Scenario = field(repr=False)
    history: History = field(repr=False)
    untold: frozenset[str] = frozenset()

    @cached_property
    def scenario(self) -> Scenario:
        """The show with the medians and the spreads that follow."""
        return self.told.with_changes(_calibrated(self))

    @property
    def asked(self) -> tuple[str, ...]:
        """What was asked when the past shows were read."""
        return tuple(note for note in self.read if note.endswith("?"))

    @property
    def summary(self) -> str:
        """What follows from the past shows, in a sentence."""
        of = self.expected
        few = [show for show in self.shows if min(show.counted) < _ODD]
        counts = (
            ""
            if not few
            else f", of which {len(few)} {'counts' if len(few) == 1 else 'count'} little"
        )
        beside = _OF_MEDIAN if "viewers" in self.untold else _OF_TOLD
        orders = (
            _times(of["show.appeal"], "orders per viewer", *self._beside_orders)
            if self.appeal.sold.any() or self.appeal.together
            else "orders as they are told, for no row names a product of this show, or says what "
            "a whole show sold"
        )
        return (
            f"From {counted(len(self.shows), 'past show')}{counts}: "
            f"{_times(of['show.turnout_factor'], 'viewers', *beside)}, and "
            f"{orders}, on average. {self._counted}"
        )

    @property
    def expected(self) -> dict[str, float]:
        """What is to be expected of each factor: the mean of its draws [1], by path."""
        return {path: float(values.mean()) for path, values in self.many.items()}

    @property
    def _beside_orders(self) -> tuple[str, str]:
        """What orders per viewer are held against: what the file tells, or else the median show."""
        untold = {name in self.untold for name, (times, _) in self.sold_in.items() if times}
        if untold == {True}:
            return _OF_MEDIAN
        return _OF_EITHER if True in untold else _OF_TOLD

    @property
    def _counted(self) -> str:
        """How much of what is expected one past show is, in a sentence."""
        known = any(times for times, _ in self.sold_in.values()) or bool(self.appeal.together)
        of_shows = [[show.shares[side] for show in self.shows] for side in range(1 + known)]
        parts = [
            f"{_from_to(shares)} of the {what} that are expected"
            for shares, what in zip(of_shows, ("viewers", "orders"), strict=False)
        ]
        return f"One of them counts for {' and '.join(parts)}."

    @property
    def reasons(self) -> dict[Path, Reason]:
        """Why the values that follow are what they are."""
        shows = Reason("history", counted(len(self.shows), "show"))
        found: dict[Path, Reason] = {("show", key): shows for key in ("turnout_factor", "appeal")}
        for name, (times, out) in self.sold_in.items():
            text = f"{counted(times, 'show')}, sold out in {out}" if times else "in no past show"
            found["products", name, "appeal"] = Reason("history", text)
            if name in self.untold:
                found["products", name, "conversion"] = shows
        for name in self.elasticities:
            found["products", name, "elasticity"] = shows
        for name in self.told.segments:
            found["segments", name, "takes_turnout_factor"] = shows
        for effect in self.effects:
            if effect.guest and effect.learned:
                text = f"{counted(int(effect.had.sum()), 'show')} of {len(self.shows)}"
                for key in ("pull", "lift"):
                    found["people", effect.guest, key] = Reason("history", text)
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
        turnout, *_ = self.turnout.draw(replications, random)
        appeal, products, slopes = self.appeal.draw(replications, random)
        sold, own = self.appeal.sold, self.middles.products
        together = self.appeal.together.middle if self.appeal.together else 0.0
        common = float(own[sold].mean()) if sold.any() else together  # as the draws have it
        products = products + own - common
        names = [f"products.{name}.appeal" for name in self.told.products]
        return {
            "show.turnout_factor": np.exp(turnout + self.middles.turnout),
            "show.appeal": np.exp(appeal + self.middles.appeal + common),
            **dict(zip(names, np.exp(products).T, strict=True)),
            **{
                f"products.{name}.elasticity": _elasticity(self.told, name, spread * slope)
                for (name, spread), slope in zip(self.elasticities.items(), slopes.T, strict=True)
            },
        }

    @cached_property
    def many(self) -> dict[str, Floats]:
        """Joint draws of what is calibrated, as many as tell its mean and quantiles."""
        return self.inputs(_DRAWS * _LIKE_IT)

    @cached_property
    def draws(self) -> dict[str, Floats]:
        """Joint draws of what is calibrated, which stand in the scenario, from few to many orders.

        So many more are sorted by the orders of a whole show, and of those alike one is taken.
        """
        many = self.many
        order = np.argsort(many["show.turnout_factor"] * many["show.appeal"])
        chosen = order[_LIKE_IT // 2 :: _LIKE_IT]
        few = {path: values[chosen] for path, values in many.items()}
        for name, sold in zip(self.told.products, self.appeal.sold, strict=True):
            if not sold:  # so wide that the mean of a few is a matter of luck
                path, told = f"products.{name}.appeal", likely(self.told.products[name].conversion)
                leaving = leaving_rates(self.told, name)
                wanted, found = (
                    centre_of_orders(told, leaving, of["show.appeal"] * of[path])
                    for of in (many, few)
                )
                few[path] = few[path] * (wanted / found)
        return few


def calibrate(scenario: Scenario, history: History, untold: Collection[str] = ()) -> Learned:
    """Learn a scenario's turnout and appeal from past shows.

    Parameters
    ----------
    scenario
        The show, with the planner's own view of its viewers and orders.
    history
        Past shows, with rows for products that are named as in the scenario.
    untold
        Of what the planner has no view: ``viewers``, and products by name.

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
    past, view = Past.of(scenario, history, untold), View.of(scenario, history, untold)
    before = replace(TURNOUT, level=view.turnout)
    orders_before = replace(APPEAL, level=view.appeal, product=view.products)
    middles = Middles.of(scenario, before, orders_before, untold)
    audience, orders = past.audience(), past.orders()
    turnout = factors(replace(audience, value=audience.value - middles.turnout), before)
    if past.whole:
        together = Together.of(past.shares(), middles.products, np.array(view.products))
        orders = replace(orders, together=together)
    of_each = [*middles.products, orders.together.middle if orders.together else 0.0]
    told = middles.appeal + np.array(of_each)[orders.product]  # the last one is of whole shows
    appeal = factors(replace(orders, value=orders.value - told), orders_before)
    shows = _each_show(past.names, turnout, appeal)
    sold_in = {
        name: (len(rows), sum(row.sold_out for row in rows))
        for name in scenario.products
        for rows in [[row for row in past.rows if row.product == name]]
    }
    notes = (
        *past.notes,
        *_odd(shows, audience, replace(orders, value=_log_orders(past, orders))),
        *_odd_rows(past, orders, appeal.figures),
        *_odd_cells(scenario, history),
        *_odd_stocks(past),
        *_odd_moments(scenario, history),
        *_refunded(scenario, history),
        *_named_otherwise(history, sold_in),
        *_forecasts(view),
        *_whole_shows(past),
        *_untold(past, sold_in),
        *_strangers(scenario, history),
        *_apart(past.effects, turnout, appeal),
        *_prices(past, appeal),
        *_restless(appeal),
    )
    found = Learned(
        shows,
        sold_in,
        notes,
        history.notes,
        view,
        middles,
        turnout,
        appeal,
        past.effects,
        past.elasticities,
        scenario,
        history,
        frozenset(untold),
    )
    return replace(found, notes=(*notes, *_above_one_show(found, past)))


def _each_show(names: Sequence[str], turnout: Factors, appeal: Factors) -> tuple[PastFactors, ...]:
    """Return how far off each past show was, and how much it counts."""
    own, counted_for, shares = (
        zip(getattr(turnout, of), getattr(appeal, of), strict=True)
        for of in ("own", "counted", "shares")
    )
    return tuple(
        PastFactors(name, exp(viewers), exp(orders), counts, moves)
        for name, (viewers, orders), counts, moves in zip(
            names, own, counted_for, shares, strict=True
        )
    )


def named_as(written: Mapping[str, Any], history: History) -> History:
    """Return past shows with products named as a file names them.

    ``Lip tint`` is ``lip_tint``: capitals, spaces and hyphens make no other product, and a label is
    a name, too.

    Parameters
    ----------
    written
        What the file says.
    history
        Past shows.
    """
    products = written.get("products")
    if not isinstance(products, Mapping):
        return history
    meant: dict[str, set[str]] = {}
    for name, product in products.items():
        label = product.get("label") if isinstance(product, Mapping) else None
        for word in (name, *([label] if isinstance(label, str) else [])):
            meant.setdefault(_plain_name(word), set()).add(name)
    told = [str(name) for name in history.shows["product"].dropna().unique()]
    others = {name: meant.get(_plain_name(name), set()) for name in told if name not in products}
    named = {other: one for other, (one, *more) in _some(others) if not more}
    if not named:
        return history
    shows = history.shows.assign(product=history.shows["product"].replace(named))
    minutes = history.minutes
    if minutes is not None:
        minutes = minutes.assign(product=minutes["product"].replace(named))
    says = listed([f"{other} is {one}" for other, one in named.items()])
    notes = (*history.notes, f"of products {says}")
    return replace(history, shows=shows, minutes=minutes, notes=notes)


def _some(others: Mapping[str, set[str]]) -> Iterator[tuple[str, list[str]]]:
    """Yield those that may be some product, with which."""
    yield from ((other, sorted(names)) for other, names in others.items() if names)


def _plain_name(name: object) -> str:
    return re.sub(r"[\s_-]+", "_", str(name).strip().casefold())


def with_told(
    written: Mapping[str, Any], history: History
) -> tuple[dict[str, Any], frozenset[str]]:
    """Return what a file says, with past shows' medians where it says nothing; and where it does.

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
    told, untold = dict(written), set()
    if len(rows) and "segments" not in told and not {"viewers", "concurrent"} & told.keys():
        told["viewers"] = round(float(rows.groupby("show")["viewers"].first().median()))
        untold.add("viewers")
    products = told.get("products")
    if not isinstance(products, Mapping) or any(key in told for key in WHOLE):
        return told, frozenset(untold)
    sold = rows[rows["units"] > 0]
    sold = sold.assign(per_1000=1_000 * sold["units"] / sold["viewers"])
    usual = sold.groupby("product")["per_1000"].median()
    new = {
        name: {**product, "orders_per_1000": float(f"{usual[name]:.3g}")}
        for name, product in products.items()
        if isinstance(product, Mapping) and name in usual.index and not KEYS & product.keys()
    }
    told["products"] = {**products, **new}
    return told, frozenset(untold | new.keys())


def _calibrated(found: Learned) -> dict[str, Any]:
    """Return what changes in a scenario: joint draws, around medians that are certain."""
    changes: dict[str, Any] = {
        path: Draws(tuple(float(f"{value:.4g}") for value in values))
        for path, values in found.draws.items()
    }
    for name, product in found.told.products.items():
        changes[f"products.{name}.conversion"] = {"p50": likely(product.conversion)}
    for name, segment in found.told.segments.items():
        changes[f"segments.{name}.turnout"] = {"p50": likely(segment.turnout)}
        changes[f"segments.{name}.reach"] = likely(segment.reach)
        changes[f"segments.{name}.takes_turnout_factor"] = True
    for number, effect in enumerate(found.effects):
        if effect.guest and effect.learned:
            at = f"people.{effect.guest}"
            changes |= _guest(f"{at}.pull", effect, "turnout", found.turnout, number)
            changes |= _guest(f"{at}.lift", effect, "appeal", found.appeal, number)
    return changes


#: What a factor is on, behind a multiple of it and behind "about as many".
_OF_TOLD: Final = " that are told", " as are told"
_OF_MEDIAN: Final = " of the median show", " as in the median show"
_OF_EITHER: Final = (
    " that are told, or of the median show",
    " as are told, or as in the median show",
)


def _times(factor: float, of: str, beside: str, as_many: str) -> str:
    """Return a factor on what is told; nobody says "1 times the orders".

    Examples
    --------
    >>> _times(1.28, "viewers", *_OF_TOLD)
    '1.3 times the viewers that are told'
    >>> _times(1.004, "orders per viewer", *_OF_MEDIAN)
    'about as many orders per viewer as in the median show'
    """
    told = multiple(factor)
    return f"about as many {of}{as_many}" if told == "1" else f"{told} times the {of}{beside}"


def _from_to(shares: Sequence[float]) -> str:
    """Say from which to which share [1]; below 0, a show that pulls the next one away from itself.

    Examples
    --------
    >>> _from_to([0.13, 0.22]), _from_to([-0.04, 0.16]), _from_to([0.61])
    ('13 % to 22 %', 'up to 16 %', '61 %')
    """
    low, high = share(float(min(shares))), share(float(max(shares)))
    if low == high:
        return low
    return f"up to {high}" if min(shares) <= 0 else f"{low} to {high}"


def _elasticity(told: Scenario, product: str, off: Floats) -> Floats:
    """Return elasticities that are off from what is told [1]: no dearer price sells more."""
    return np.minimum(likely(told.products[product].elasticity) + off, 0.0)


def _guest(path: str, effect: Effect, side: Side, of: Factors, number: int) -> dict[str, Any]:
    """Return a guest's effect as past shows tell it; nothing of what is told for certain."""
    spread = effect.spread[side]
    if not spread:
        return {}
    median = exp(effect.middle[side] + spread * float(of.effect[number]))
    sigma = spread * float(of.effect_sd[number])
    return {path: {"lognormal": {"median": float(f"{median:.4g}"), "sigma": float(f"{sigma:.3g}")}}}


def _forecasts(view: View) -> Iterator[str]:
    """Say how the planner's past forecasts make the own view count."""
    if view.forecasts:
        factor = exp((view.turnout**2 + view.appeal**2) ** 0.5)
        yield (
            f"the record of {counted(view.forecasts, 'past forecast')} sets how noisy the "
            f"planner's own view is: usually wrong by a factor of {multiple(factor)}"
        )


def _apart(effects: tuple[Effect, ...], turnout: Factors, appeal: Factors) -> Iterator[str]:
    """Say what was learned of hosts, guests and weekends, and what cannot be told apart."""
    for number, effect in enumerate(effects):
        had, shows = int((effect.had[:-1] > 0).sum()), len(effect.had) - 1
        told = f"{effect.name}, in {had} of {counted(shows, 'past show')}"
        if not effect.learned:
            yield f"{told}: too few to tell it from the shows' own errors, so it stays as told"
            continue
        parts = []
        sides: tuple[tuple[Side, str, Factors], ...] = (
            ("turnout", "viewers", turnout),
            ("appeal", "orders per viewer", appeal),
        )
        for side, what, of in sides:
            spread, before = effect.spread[side], effect.middle[side]
            mean, sd = float(of.effect[number]), float(of.effect_sd[number])
            ends = mean + sd * np.array([0.0, -NORMAL_P90, NORMAL_P90])
            middle, low, high = interval(*map(float, np.exp(before + spread * ends)))
            held = _held(mean, sd)
            parts.append(f"{middle} times the {what} ({low}–{high}{held})")
        yield f"{told}: {' and '.join(parts)}"


def _held(mean: float, sd: float) -> str:
    """Say whether what is known of an effect before holds back what past shows say of it.

    It does where that is not in its 80 % interval, by a normal law, of which a mean is weighed by
    precision. All in standard deviations of what is known before, around its median.
    """
    alone = mean / max(1.0 - sd**2, _NEWS)
    held = abs(mean) > 1.0 and abs(alone - mean) > NORMAL_P90 * sd
    return "; held back by what is known of others" if held else ""


def _odd(shows: tuple[PastFactors, ...], audience: Seen, orders: Seen) -> Iterator[str]:
    """Name the shows that are far off from the others, by what was seen."""
    for number, show in enumerate(shows):
        told = (("viewers", audience, show.turnout), ("orders per viewer", orders, show.appeal))
        for (what, seen, learned), counted_for in zip(told, show.counted, strict=True):
            if counted_for < _ODD:
                factor = _beside_others(seen, number) or learned
                yield (
                    f"{show.name}: {what} are {multiple(factor)} times what the other shows let "
                    f"expect; it counts {counted_for:.0%} of a usual show: is there a mistake in "
                    "it?"
                )


def _beside_others(seen: Seen, show: int) -> float | None:
    """Return how many times the others' median a show's figures are [1], product by product.

    None where no product of it was seen exactly, there and in others.
    """
    off = []
    for row in np.flatnonzero((seen.show == show) & ~seen.at_least):
        same = (seen.product == seen.product[row]) & (seen.show != show) & ~seen.at_least
        if same.any():
            off.append(float(seen.value[row] - np.median(seen.value[same])))
    return exp(sum(off) / len(off)) if off else None


def _log_orders(past: Past, seen: Seen) -> Floats:
    """Return by how much each row's orders were off [1], as logarithms, shape (K,)."""
    off = seen.value.copy()
    for number, name in enumerate(past.scenario.products):
        of = seen.product == number
        off[of] = past.log_orders(name, off[of])
    return off


def _odd_rows(past: Past, seen: Seen, counted: Floats) -> Iterator[str]:
    """Name the products' rows that are far off from the same show's and product's others."""
    exact = np.flatnonzero(~seen.at_least & ~seen.whole)
    product = seen.product[exact]
    off = _log_orders(past, seen)[exact]
    off -= _middles_by(product, off)
    off -= _middles_by(seen.show[exact], off)
    usual = max(_LEAST_OFF, _NORMAL_SD * float(np.median(np.abs(off)))) if len(off) else 0.0
    far = np.flatnonzero(np.abs(off) > _FAR * np.sqrt(usual**2 + seen.noise[exact]))
    for row in far[np.argsort(-np.abs(off[far]), kind="stable")][:_NAMED]:
        one = past.rows[exact[row]]
        yield (
            f"{past.names[one.show]}, {one.product}: its orders per viewer are "
            f"{multiple(exp(off[row]))} times what its other shows and this show's other "
            f"products let expect; it counts {share(float(counted[exact[row]]))} of a usual row: "
            "is there a mistake in the row?"
        )
    if len(far) > _NAMED:
        yield f"{len(far) - _NAMED:,} more rows of single products are as far off as that"


def _odd_cells(scenario: Scenario, history: History) -> Iterator[str]:
    """Name the rows whose price is far off what stands beside it."""
    rows = history.shows[history.shows["product"].isin(list(scenario.products))]
    usual = rows.groupby("product")["price"].transform("median")
    times = rows["price"] / usual
    dear = (times > _FAR_OFF) | (times < 1.0 / _FAR_OFF)
    for row in rows[dear].itertuples():
        yield (
            f"{row.show}, {row.product}: a price of {row.price:,.10g} is far from its usual one: "
            "is there a mistake in the row?"
        )


def _odd_stocks(past: Past) -> Iterator[str]:
    """Name the products that were sold out with fewer sold than lapses and returns explain."""
    unpaid = likely(past.scenario.checkout.unpaid)
    for name in past.scenario.products:
        rows = [row for row in past.rows if row.product == name and row.missing]
        if not rows:
            continue
        shows = [past.names[row.show] for row in rows[:_NAMED]]
        more = [f"{len(rows) - _NAMED:,} more"] if len(rows) > _NAMED else []
        sold = rows[0].units * (1.0 - unpaid)
        yield (
            f"{name}: sold out in {listed([*shows, *more])} with fewer sold than what lapses and "
            f"comes back explains ({shows[0]}: {sold:,.10g} of {rows[0].stock:,.10g}), so what was "
            "sold counts, with what lapses beside it, and not the stock: is that what was on offer?"
        )


def _odd_moments(scenario: Scenario, history: History) -> Iterator[str]:
    """Name the rows sold out before the product was on, or long before the minutes' last sales."""
    rows: Any = history.shows[history.shows["product"].isin(list(scenario.products))]
    for row in rows[rows["sold_out_at"].notna()].itertuples():
        said = f"{row.show}, {row.product}: sold out after {duration(row.sold_out_at)}"
        if row.slot_at > row.sold_out_at:
            yield (
                f"{said}, but first on after {duration(row.slot_at)}: is there a mistake in the "
                "row?"
            )
        later = _sold_after(history, row)
        if later > _SOLD_LATER * row.units:  # a few come back on sale when orders are not paid
            yield (
                f"{said}, and by the minutes {later:,.10g} of {row.units:,.10g} units were sold "
                "later: is there a mistake in the row?"
            )


def _sold_after(history: History, row: Any) -> float:
    """Return the units of a row that minutes tell which begin after it was sold out."""
    minutes = history.minutes
    if minutes is None:
        return 0.0
    of_row = (minutes["show"] == row.show) & (minutes["product"] == row.product)
    return float(minutes[of_row & (minutes["at"] > row.sold_out_at)]["units"].sum())


def _refunded(scenario: Scenario, history: History) -> Iterator[str]:
    """Ask where past shows' units came back far more often, or more seldom, than is told."""
    rows = history.shows[history.shows["refunded"].notna() & (history.shows["units"] > 0)]
    for name, product in scenario.products.items():
        mine = rows[rows["product"] == name]
        units, told = float(mine["units"].sum()), likely(product.returns)
        if not units:
            continue
        back = float(mine["refunded"].sum()) / units
        chance = _FAR * (back * (1.0 - back) / units) ** 0.5
        if abs(back - told) > max(_FAR_BACK, chance):
            yield (
                f"{name}: {share(back)} of what past shows sold was sent back or cancelled, and "
                f"the scenario's returns are {share(told)}, by which it is planned: is that meant?"
            )


def _middles_by(group: NDArray[np.intp], values: Floats) -> Floats:
    """Return the median of each value's group; of two middle ones that which is nearer to 0."""
    found = np.zeros_like(values)
    for one in np.unique(group):
        mine = group == one
        ordered = np.sort(values[mine])
        middle = ordered[(len(ordered) - 1) // 2 : len(ordered) // 2 + 1]
        found[mine] = middle[np.argmin(np.abs(middle))]
    return found


def _above_one_show(found: Learned, past: Past) -> Iterator[str]:
    """Say of a product that one show sold how much more is expected of the next one, and why."""
    for row in past.rows:
        if found.sold_in[row.product] != (1, 0) or not row.units:
            continue
        draws = found.many
        viewers = np.full(len(draws["show.appeal"]), past.viewers[row.show])
        factor = draws["show.appeal"] * draws[f"products.{row.product}.appeal"]
        elasticity = draws.get(f"products.{row.product}.elasticity")
        units = past.units_at(row, viewers, factor, elasticity)
        mean, middle = float(units.mean()), float(np.median(units))
        if mean > _ABOVE * max(row.units, middle):
            yield (
                f"{row.product}: its one past show sold {row.units:,.0f}, and the next one is "
                f"expected to sell {mean:,.0f} to as many viewers on average, {middle:,.0f} in the "
                "middle: one show leaves much open, and the few that sell much raise the average"
            )


def _restless(appeal: Factors) -> Iterator[str]:
    """Say where products vary as much between shows as is tried at most, or even more."""
    widest = float(appeal.in_show.max())
    if appeal.weights[appeal.in_show == widest].sum() > 0.5:
        yield (
            "products sell unlike each other from show to show, by a factor of "
            f"{multiple(exp(widest))} or more beside what their shows have in common: intervals of "
            "single products may be too narrow"
        )


def _whole_shows(past: Past) -> Iterator[str]:
    """Say of which shows only is known what they sold in all, and what that is taken to say."""
    if past.whole:
        kinds = {row.of for row in past.whole}
        yield (
            f"{counted(len(past.whole), 'past show')} told in all, not by product of this show: "
            f"their {listed(sorted(kinds, reverse=True))} are held against what all products of "
            "this show together are expected to sell, and so tell of orders per viewer, and not of "
            "which product sells"
        )
        if len(past.scenario.products) > 1:
            yield (
                "so the middle of a single product lies below its share of the whole: most "
                "products of a show sell less than their mean"
            )


def _untold(past: Past, sold_in: Mapping[str, tuple[int, int]]) -> Iterator[str]:
    """Say what these shows cannot tell."""
    new = [name for name, (times, _) in sold_in.items() if not times]
    if new and past.whole:
        yield f"{listed(new)}: told of in no past show, {_NEW}"
    elif new:
        yield f"{listed(new)}: never sold before, {_NEW}"
    timed = {row.product for row in past.rows if 0 < row.sold_out_at < inf}
    bounds = [
        name for name, (times, out) in sold_in.items() if times == out > 0 and name not in timed
    ]
    if bounds:
        yield f"{listed(bounds)}: sold out in every show, {_GUESS}"


def decides(note: str) -> bool:
    """Say whether a note on past shows belongs in a short answer.

    Examples
    --------
    >>> decides("serum: never sold before, so as uncertain as new products are")
    True
    """
    return note.startswith("From ") or note.endswith((_NEW, _GUESS, _OTHERS))


def _strangers(scenario: Scenario, history: History) -> Iterator[str]:
    """Say of whom past shows are, where none of them is of a host of this one."""
    known = {name: who for name, who in scenario.people.items() if who.role == "host"}
    hosts = [who.label or name for name, who in known.items()]
    ours = {_plain_name(word) for name, who in known.items() for word in (name, who.label or name)}
    theirs = history.shows.groupby("show")["host"].first().dropna().astype(str)
    if (
        hosts
        and "host" not in hosts
        and len(theirs)
        and not ours & {_plain_name(host) for host in theirs}
    ):
        told = listed(sorted(set(theirs)))
        yield (
            f"{counted(len(theirs), 'past show')} told with a host, {told}, none with "
            f"{listed(hosts)}: {_OTHERS}"
        )


def _named_otherwise(history: History, sold_in: Mapping[str, tuple[int, int]]) -> Iterator[str]:
    """Say which products past shows name, where none of them is one of this show."""
    others = sorted({str(name) for name in history.shows["product"].dropna()})
    if others and not any(times for times, _ in sold_in.values()):
        more = [f"{len(others) - _NAMED:,} more"] if len(others) > _NAMED else []
        yield (
            f"past shows name {listed([*others[:_NAMED], *more])}, none of which is a product of "
            "this show: call them alike to learn from them"
        )


def _prices(past: Past, appeal: Factors) -> Iterator[str]:
    """Say what was learned of prices, and of which products they tell nothing."""
    for (name, spread), mean, sd in zip(past.elasticities.items(), *appeal.slopes, strict=True):
        prices = past.prices(name)
        off = np.array([0.0, -NORMAL_P90, NORMAL_P90]) * sd
        found = _elasticity(past.scenario, name, spread * (mean + off))
        middle, low, high = interval(*map(float, found))
        held = _held(float(mean), float(sd))
        yield (
            f"{name}: sold for {min(prices):,g} to {max(prices):,g} in "
            f"{counted(len(prices), 'past show')}: elasticity {middle} "
            f"({low} to {high}{held})"
        )
    sold = {row.product for row in past.rows} - past.elasticities.keys()
    rest = [name for name in past.scenario.products if name in sold]
    told = [name for name in rest if prices_differ(past.prices(name))]
    if told:
        yield f"{listed(told)}: elasticity stays as it is told, whatever prices past shows had"
    same = [name for name in rest if name not in told]
    if same:
        yield (
            f"{listed(same)}: too few past shows had another price than the others to say what a "
            "price does, so elasticity stays as it is"
        )
