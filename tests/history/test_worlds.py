"""Worlds that livesim itself simulates: what calibrating says of them is held against the truth."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

import livesim
from livesim.history.table import SHOWS, tidy
from livesim.resolve.past import Past, PastProduct
from livesim.resolve.updating import calibrate

#: Past shows of a world; one more is the next.
PAST = 8
ORDERS = {"serum": 15, "mask": 24, "toner": 18, "balm": 12, "oil": 20}
"""Of 1,000 viewers, by product."""
STOCK = 14
"""Units for each of them, and times as many for the worlds in which naive units per viewer are a
quarter too low, and something is sold out in six shows of eight: five products and twice the stock,
chosen by these two figures alone, in 150 worlds of another seed."""


def room(products: int, times: int) -> livesim.Scenario:
    """Return a small show; worlds differ in what is learned, and shows in who comes when, too."""
    return livesim.load(
        {
            "title": "A small show",
            "show": {
                **{"start": "2026-11-29 20:00", "length": "30min", "refresh": "15s"},
                **{"currency": "CNY", "known_from": "history"},
            },
            "viewers": {"p50": 20_000},
            "checkout": {"unpaid": "0%"},
            "products": {
                name: {"price": 30, "unit_cost": 10, "owned": STOCK * times * orders}
                | {"orders_per_1000": {"p50": orders}}
                for name, orders in [*ORDERS.items()][:products]
            },
        }
    )


@dataclass(frozen=True)
class Judged:
    """Of each world: how far off level, demand and naive level are; where the next demand lay.

    Beside that in which part of the products' rows, and of each world's shows, something sold out.
    """

    level: np.ndarray
    demand: np.ndarray
    naive: np.ndarray
    pit: np.ndarray
    sold_out: float
    shows_sold_out: np.ndarray


def judged(
    worlds: int, seed: int, products: int = 2, times: int = 1, *, whole: bool = False
) -> Judged:
    """Simulate worlds side by side, a show a replication, and calibrate on each of them.

    With so many products and times the stock; perhaps on what whole shows wanted, not on products.
    """
    rng, show = np.random.default_rng(seed), room(products, times)
    rows = worlds * (PAST + 1)
    world, number = np.divmod(np.arange(rows), PAST + 1)
    level = {"show.turnout_factor": 0.27 * rng.standard_t(4, worlds)}
    level["show.appeal"] = 0.4 * rng.standard_t(4, worlds)
    level |= {f"products.{name}.appeal": 0.4 * rng.normal(size=worlds) for name in show.products}
    own = {"show.turnout_factor": 0.27, "show.appeal": 0.32}
    inputs = {  # shows' own errors have heavy tails
        path: np.exp(
            of[world]
            + (own[path] * rng.standard_t(4, rows) if path in own else 0.35 * rng.normal(size=rows))
        )
        for path, of in level.items()
    }
    result = livesim.simulate(show, inputs=inputs, seed=seed, workers=1)
    viewers = result.shows["unique_viewers"].to_numpy()
    table = result.products.assign(
        world=world[result.products["replication"]], number=number[result.products["replication"]]
    )
    off, demand, naive, pit = [], [], [], []
    for one, of_world in table.groupby("world"):
        past = of_world[of_world["number"] < PAST]
        found = calibrate(show, in_all(past, viewers) if whole else history(past, viewers))
        draws = found.inputs(2_000, seed=int(one))
        wanted = sum(forecast(show, found, draws, name) for name in show.products)
        came = of_world.loc[of_world["number"] == PAST, "demand"].sum()
        pit.append(float((wanted < came).mean()))
        demand.append(np.log(np.median(wanted) / max(came, 0.5)))
        for name in show.products:
            path = f"products.{name}.appeal"
            truth = level["show.appeal"][one] + level[path][one]
            told = np.log(draws["show.appeal"] * draws[path])
            off.append(float(np.median(told)) - truth)
        seen = of_world[of_world["number"] < PAST]
        per_viewer = (seen["sales"] / viewers[seen["replication"]]).sum()
        true = (seen["demand"] / viewers[seen["replication"]]).sum()
        naive.append(np.log(per_viewer / true))
    past = table[table["number"] < PAST]
    gone = past["sales"] >= past["put_on_sale"]
    shows = gone.groupby([past["world"], past["number"]]).any().groupby("world").mean()
    return Judged(*map(np.array, (off, demand, naive, pit)), float(gone.mean()), shows.to_numpy())


def forecast(show, found, draws, name):
    """Return draws of the next show's units of a product, with nothing sold out."""
    past = Past.of(show, found.history)
    none = float("nan")  # of its row only the product and the price count, which is the usual one
    row = PastProduct(0, name, 0.0, none, False, none, none, none)
    viewers = past.viewers_at(0, draws["show.turnout_factor"])
    factor = draws["show.appeal"] * draws[f"products.{name}.appeal"]
    return np.random.default_rng(1).poisson(past.units_at(row, viewers, factor))


def in_all(table, viewers) -> livesim.History:
    """Return a world's past shows as a table of shows has them, where there was enough for all."""
    rows = [
        {"show": f"{number}", "start": f"2026-10-{number + 1:02} 20:00", "length": 1_800}
        | {"viewers": viewers[of_show["replication"].iloc[0]], "units": of_show["demand"].sum()}
        for number, of_show in table.groupby("number")
    ]
    return livesim.History(tidy(rows, SHOWS))


def history(table, viewers) -> livesim.History:
    """Return a world's past shows as a planner's sheet has them."""
    rows = [
        {
            "show": f"{row.number}",
            "start": f"2026-10-{row.number + 1:02} 20:00",
            **{"length": 1_800, "viewers": viewers[row.replication], "product": row.product},
            **{"units": row.sales, "stock": row.put_on_sale, "sold_out_at": row.sold_out_at},
        }
        for row in table.itertuples()
    ]
    return livesim.History(tidy(rows, SHOWS))


SCARCE, BOTH = (2, 1, (0.6, 0.8), 0.47, 0.86), (5, 2, (0.3, 0.5), 0.73, 0.84)
"""Worlds by products and stock: which part of their rows is sold out, how naive units per viewer
compare with what was wanted, and how much a band of 80 % may hold. Where most is sold out spreads
stay near what is known before, which is skewed above these worlds': 83 to 84 % are held, and of 800
worlds whose spreads are drawn from what is known before, 80.4 % (standard error 1.4)."""


def by_worlds(off: np.ndarray, worlds: int) -> float:
    """Return the standard error of a median over worlds, whose products' errors belong together."""
    rng, of_world = np.random.default_rng(0), off.reshape(worlds, -1)
    again = [np.median(of_world[rng.integers(0, worlds, worlds)]) for _ in range(200)]
    return float(np.std(again))


def hold(found: Judged, worlds: int, errors: float) -> None:
    """Assert that level and demand are told without bias: within 2 % or so many standard errors."""
    for off in (found.level, found.demand):
        assert abs(np.median(off)) < max(0.02, errors * by_worlds(off, worlds))


@pytest.mark.slow
def test_a_few_worlds_are_calibrated_without_bias() -> None:
    # Of 120 worlds the median's error is 1.8 % of the level, 7 % of demand: 3.3 of them, and a band
    # of 80 % that holds 68 to 92 %, fail by chance once in 300 seeds. Naive levels are 27 % low.
    found = judged(120, 7, *BOTH[:2])
    assert np.exp(np.median(found.naive)) == pytest.approx(BOTH[3], abs=0.1)
    hold(found, 120, 3.3)
    assert 0.68 <= (np.abs(found.pit - 0.5) <= 0.4).mean() <= 0.92


@pytest.mark.thorough
@pytest.mark.parametrize(("products", "times", "sold_out", "naive", "most"), [SCARCE, BOTH])
def test_worlds_of_livesim_are_calibrated_without_bias(
    products: int, times: int, sold_out: tuple[float, float], naive: float, most: float
) -> None:
    # 1,000 worlds: 2.6 standard errors fail by chance once in 100 seeds; a band of 80 % holds 76 to
    # 84 % but for once in 600.
    found = judged(1_000, 5, products, times)
    assert sold_out[0] < found.sold_out < sold_out[1]
    assert found.shows_sold_out.mean() == pytest.approx(6 / 8, abs=0.1)
    assert np.exp(np.median(found.naive)) == pytest.approx(naive, abs=0.05)
    hold(found, 1_000, 2.6)
    assert 0.76 <= (np.abs(found.pit - 0.5) <= 0.4).mean() <= most


@pytest.mark.thorough
def test_what_whole_shows_sold_tells_the_next_one_s_demand() -> None:
    # 400 worlds: a band of 80 % holds 74 to 86 % but for once in 400; what is told alone would hold
    # more than 90 % of them, in bands twice as wide
    found = judged(400, 6, whole=True)
    assert abs(np.median(found.demand)) < max(0.02, 2.6 * by_worlds(found.demand, 400))
    assert 0.74 <= (np.abs(found.pit - 0.5) <= 0.4).mean() <= 0.86
