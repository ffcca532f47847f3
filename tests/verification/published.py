"""What is published about live shows, as intervals, beside what the reference scenarios give.

Two kinds are kept apart. A *consistency* figure went into the scenario, so that agreeing shows only
that it holds what it was built from. A figure that *could have failed* went into nothing: the
scenario foretells it. Each comes with a change of the scenario under which it does fail.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

import numpy as np

import livesim
from livesim.results import Result
from livesim.results.intervals import chance_interval, quantile_interval

SCENARIOS = Path(__file__).parents[2] / "scenarios"
REPLICATIONS = 500
SEED = 11

#: A figure of a result, and the ends of its 95 % interval.
Found = tuple[float, float, float]
Kind = Literal["consistency", "could have failed"]


@dataclass(frozen=True)
class Published:
    """A published figure as an interval, and what a reference scenario says to it.

    ``fails`` are changes of the scenario under which the figure leaves the interval.
    """

    scenario: str
    figure: str
    low: float
    high: float
    source: str
    kind: Kind
    found: Callable[[Result], Found]
    fails: Mapping[str, Any]

    def holds(self, result: Result) -> bool:
        """Say whether all of the figure's own interval lies in the published one."""
        _, low, high = self.found(result)
        return self.low <= low and high <= self.high


def _median(figure: Callable[[Result], np.ndarray]) -> Callable[[Result], Found]:
    def found(result: Result) -> Found:
        values = figure(result)
        return float(np.median(values)), *quantile_interval(values, 0.5)

    return found


def _chance(happened: Callable[[Result], np.ndarray]) -> Callable[[Result], Found]:
    def found(result: Result) -> Found:
        return chance_interval(int(happened(result).sum()), len(happened(result)))

    return found


def _spread(figure: Callable[[Result], np.ndarray]) -> Callable[[Result], Found]:
    """The widest and the narrowest spread that the quantiles' own intervals allow are its ends."""

    def found(result: Result) -> Found:
        values = figure(result)
        (p10_low, p10_high), (p90_low, p90_high) = (
            quantile_interval(values, q) for q in (0.1, 0.9)
        )
        p10, p90 = np.quantile(values, [0.1, 0.9])
        return float(p90 / p10), p90_low / p10_high, p90_high / p10_low

    return found


def _room(name: str) -> Callable[[Result], np.ndarray]:
    return lambda result: result.rooms[name].to_numpy(dtype=float)


def _product(name: str, column: str) -> Callable[[Result], np.ndarray]:
    def figure(result: Result) -> np.ndarray:
        table = result.products
        return table.loc[table["product"] == name, column].to_numpy(dtype=float)

    return figure


def _peak_share(result: Result) -> np.ndarray:
    return _room("peak_concurrent")(result) / _room("unique_viewers")(result)


def _waiting_share(result: Result) -> np.ndarray:
    arrivals = result.timeline["arrivals"].to_numpy()
    return arrivals[:, 0] / arrivals[:, -1]


def _perfume(column: str) -> Callable[[Result], np.ndarray]:
    return _product("kkw_perfume", column)


def _time_to_sell_out(result: Result) -> np.ndarray:
    taken = _perfume("sold_out_at")(result) - _perfume("link_at")(result)
    return np.where(np.isnan(taken), np.inf, taken)


def _wanted_by_viewers(result: Result) -> np.ndarray:
    return _perfume("demand")(result) / _room("unique_viewers")(result)


def _wanted_by_stock(result: Result) -> np.ndarray:
    return _perfume("demand")(result) / result.scenario.products["kkw_perfume"].owned


def _far_below_the_median(result: Result) -> np.ndarray:
    wanted = _product("serum", "potential_demand")(result)
    return wanted < np.median(wanted) / 4


VIYA, ROOM = "viya_kim_perfume", "brand_room"
_PERFUME = "products.kkw_perfume"

PUBLISHED = (
    Published(
        VIYA, "unique viewers", 12e6, 13e6,
        "12 M (Straits Times) to 13 M (Springwise) viewers", "consistency",
        _median(_room("unique_viewers")), {"segments.viya_followers.reach": "45M"},
    ),
    Published(
        VIYA, "chance that all is gone 5 min after the link", 0.50, 0.98,
        "15,000 bottles gone within 5 minutes; a thing that happens, and not always",
        "could have failed",
        _chance(lambda r: _time_to_sell_out(r) <= 300), {f"{_PERFUME}.conversion": "0.1%"},
    ),
    Published(
        VIYA, "time from the link to the sell-out [s]", 60, 300,
        "within minutes (Week in China, Springwise): 1 to 5 min", "could have failed",
        _median(_time_to_sell_out), {f"{_PERFUME}.rush": "2s"},
    ),
    Published(
        VIYA, "units wanted per unique viewer", 15_000 / 13e6, 0.045,
        "at least what was sold; at most what a whole evening took (Li Jiaqi 2020: 4.5 % orders)",
        "could have failed",
        _median(_wanted_by_viewers), {f"{_PERFUME}.conversion": "40%"},
    ),
    Published(
        VIYA, "units wanted (median) / units there were", 1.5, 47,
        "sold-out sales are a lower bound of demand, so most of it lies well above them",
        "could have failed",
        _median(_wanted_by_stock), {f"{_PERFUME}.conversion": "0.3%"},
    ),
    Published(
        VIYA, "P90 / P10 of the units wanted", 4.7, 47,
        "a flash-sale shop's demand has a log-sd of 1.1 (M&SOM 2016); from 0.6 to 1.5",
        "could have failed",
        _spread(_perfume("demand")), {f"{_PERFUME}.conversion": "1.2%", f"{_PERFUME}.rush": "20s"},
    ),
    Published(
        VIYA, "peak concurrent / unique viewers", 0.023, 0.31,
        "2.3 % (Jackie Chan), 9 % (Chou), 31 % (a finale)", "could have failed",
        _median(_peak_share), {"segments.viya_followers.stay_factor": 20},
    ),
    Published(
        VIYA, "mean stay [s]", 60, 252,
        "at most 2.7 min (Chou) and 4.2 min (Chan), by Little's law", "consistency",
        _median(_room("mean_watch_time")), {"segments.viya_followers.stay_factor": 3},
    ),
    Published(
        VIYA, "share of the viewers who wait at the start", 0.0, 0.05,
        "more than 2 of 68 M waited (Chou)", "consistency",
        _median(_waiting_share), {"segments.viya_followers.waiting": "20%"},
    ),
    Published(
        ROOM, "mean stay [s]", 60, 252,
        "at most 2.7 min (Chou) and 4.2 min (Chan), by Little's law", "consistency",
        _median(_room("mean_watch_time")), {"segments.everyone.stay_factor": 3},
    ),
    Published(
        ROOM, "peak concurrent / unique viewers", 0.023, 0.31,
        "2.3 % (Jackie Chan), 9 % (Chou), 31 % (a finale)", "could have failed",
        _median(_peak_share),
        {"segments.everyone.stay_factor": 0.3, "segments.everyone.waiting": 0},
    ),
    Published(
        ROOM, "chance of under a quarter of the median demand", 0.05, 0.20,
        "10 % of a flash-sale shop's items sold under a quarter of the stock (M&SOM 2016)",
        "consistency",
        _chance(_far_below_the_median), {"show.appeal": 1},
    ),
)  # fmt: skip


@cache
def result_of(scenario: str) -> Result:
    """Simulate a reference scenario, once."""
    path = SCENARIOS / f"{scenario}.yaml"
    return livesim.simulate(path, replications=REPLICATIONS, seed=SEED)


def lines() -> Iterator[str]:
    """Yield the published figures beside the scenarios' as text."""
    for kind in ("could have failed", "consistency"):
        yield f"{kind}:"
        for claim in PUBLISHED:
            if claim.kind == kind:
                result = result_of(claim.scenario)
                value, low, high = claim.found(result)
                yield (
                    f"  {claim.scenario:<17} {claim.figure:<48} {_text(value):>8} "
                    f"[{_text(low)}, {_text(high)}] in [{_text(claim.low)}, {_text(claim.high)}]"
                    f"{'' if claim.holds(result) else '  NOT SO'}"
                )
                yield f"  {'':<17} {claim.source}"


def _text(value: float) -> str:
    return f"{value / 1e6:.3g} M" if value >= 1e5 else f"{value:.3g}"
