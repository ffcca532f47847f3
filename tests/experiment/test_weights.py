"""What the first minutes tell of a show: worlds that fit, and shows that go on in them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.special import gammaln

import livesim
from livesim.errors import UsageError
from livesim.experiment.sightings import moments
from livesim.experiment.weights import Weighed, weighed
from livesim.scenario.scenario import Scenario

#: One product on offer from the start on; two quantities that nobody knows, both lognormal.
SMALL = {
    "title": "A small show",
    "show": {
        "currency": "CNY",
        "length": "20min",
        "refresh": "10s",
        "appeal": {"lognormal": {"median": 1, "sigma": 0.8}},
        "turnout_factor": {"lognormal": {"median": 1, "sigma": 0.5}},
    },
    "viewers": 1_000,
    "segments": {
        "everyone": {
            "arrivals": {"shape": "s_curve", "middle": "40%", "spread": "16%"},
            "waiting": "5%",
        }
    },
    "products": {
        "serum": {
            "price": 100,
            "unit_cost": 20,
            "owned": 1_000,
            "orders_per_1000": 60,
            "appeal": 1,
            "limit": 1,
            "shelf": 0,
        }
    },
    "checkout": {"unpaid": "0%"},
    "like": "brand_room",
}


@pytest.fixture(scope="module")
def small() -> Scenario:
    return livesim.load(SMALL)


@pytest.fixture(scope="module")
def found(small: Scenario) -> Weighed:
    return weighed(small, {"at": "5min", "viewers": 300, "sold": {"serum": 18}}, shows=200)


def logs(found: Weighed, path: str) -> np.ndarray[Any, Any]:
    return np.log(found.worlds[path])


def test_what_is_counted_goes_on_in_every_show(found: Weighed) -> None:
    assert {int(of) for of in found.state.viewers["everyone"]} == {300}
    both = found.state.orders, found.state.open_orders
    orders = sum(np.bincount(one.row, one.size, minlength=200) for one in both)
    assert set(orders.tolist()) == {18}


def test_the_worlds_are_those_of_an_exact_posterior(small: Scenario, found: Weighed) -> None:
    # a grid over both quantities, with the binomial law of a show without feedback: viewers among
    # the reach, orders among the viewers; what is expected is linear enough in what is small here,
    # and itself off by a tenth
    from livesim.engine.streams import Streams
    from livesim.experiment.expected import expected

    a, t = (of.ravel() for of in np.meshgrid(np.linspace(-3, 3, 41), np.linspace(-2, 2, 41)))
    worlds = {"show.appeal": np.exp(a[::41][:0]), "show.turnout_factor": np.exp(t[:0])}
    axis = np.linspace(-1.5, 1.5, 61)
    ones = np.ones_like(axis)
    seen = {}
    for path in worlds:
        other = next(name for name in worlds if name != path)
        one = expected(
            small,
            {path: np.exp(axis), other: ones},
            len(axis),
            [30],
            absent=None,
            streams=Streams(1, 9, len(axis)),
        )
        seen[path] = one.viewers[-1] / one.reach, one.taken[-1, 0] / one.viewers[-1], one.reach[0]
    come, _, reach = seen["show.turnout_factor"]
    _, order, _ = seen["show.appeal"]

    def spread(log_likely: np.ndarray[Any, Any], sigma: float) -> tuple[float, float]:
        weight = np.exp(log_likely - log_likely.max() - 0.5 * (axis / sigma) ** 2)
        mean = float(weight @ axis / weight.sum())
        return mean, float(np.sqrt(weight @ (axis - mean) ** 2 / weight.sum()))

    def binomial(k: float, n: float, p: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        ways = gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1)
        return np.asarray(ways + k * np.log(p) + (n - k) * np.log1p(-p)) / (1 + 0.1**2 * k)

    for path, likely, sigma in (
        ("show.turnout_factor", binomial(300, reach, come), 0.5),
        ("show.appeal", binomial(18, 300, order), 0.8),
    ):
        mean, sd = spread(likely, sigma)
        of = logs(found, path)
        # 200 resampled of some 150 independent worlds: 4 standard errors, false alarm about 1e-4
        assert abs(of.mean() - mean) < 4 * sd / np.sqrt(100), path
        assert 0.75 < of.std() / sd < 1.3, path


def test_worlds_weighed_in_long_steps_are_weighed_again_by_every_refresh(
    small: Scenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    # in steps of 20 s, newcomers stay half a step longer, and half as many would be as many who
    # watch: without the second look 0.25 off, of which 4 standard errors are 0.2
    short = small.with_changes({"show.refresh": "5s"})
    stays = {"segments.everyone.stay": {"all": {"share": "100%", "mean": "30s"}}}
    short = short.with_changes(stays)
    seen = {"at": "5min", "watching": 60}
    far = weighed(short, seen, shows=100)
    monkeypatch.setattr("livesim.experiment.weights._STEP", 5.0)
    fine = weighed(short, seen, shows=100)
    apart = logs(far, "show.turnout_factor").mean() - logs(fine, "show.turnout_factor").mean()
    assert abs(apart) < 0.15


def test_many_worlds_count_whatever_the_seed() -> None:
    """Some eleven quantities, and far more viewers than planned: by one law, 10 were worth it."""
    room = livesim.load("scenarios/brand_room.yaml")
    seen = {"at": "20min", "viewers": 900, "sold": {"serum": 30}}
    found = [weighed(room, seen, seed=seed) for seed in range(1, 5)]
    assert min(one.effective for one in found) > 60
    # medians of 100 worlds with a log-sd of 0.41 differ by 0.05: four lie 0.3 apart once in 5,000
    middles = [np.median(logs(one, "show.turnout_factor")) for one in found]
    assert np.ptp(middles) < 0.3


def test_before_a_link_only_turnout_is_learned() -> None:
    slots = {"talk": {"length": "10min"}, "serum": {"length": "10min", "sells": ["serum"]}}
    late = livesim.load({**SMALL, "rundown": slots})
    found = weighed(late, {"at": "5min", "viewers": 900}, shows=200)
    assert 0.08 < logs(found, "show.turnout_factor").std() < 0.15  # expectations are off by 0.1
    assert 0.65 < logs(found, "show.appeal").std() < 0.95  # as before: 0.8


def test_sold_out_is_a_lower_bound(small: Scenario) -> None:
    few = small.with_changes({"products.serum.owned": 18})
    out = weighed(few, {"at": "5min", "viewers": 300, "left": {"serum": 0}}, shows=200)
    exact = weighed(small, {"at": "5min", "viewers": 300, "sold": {"serum": 18}}, shows=200)
    assert logs(out, "show.appeal").mean() > logs(exact, "show.appeal").mean() + 0.2


def test_moments_on_the_way_tell_when_it_was_gone(small: Scenario) -> None:
    few = small.with_changes({"products.serum.owned": 18})
    soon = [
        {"at": "2min", "viewers": 150, "sold": {"serum": 18}},
        {"at": "5min", "viewers": 300, "sold": {"serum": 18}},
    ]
    early, late = weighed(few, soon, shows=100), weighed(few, soon[1], shows=100)
    assert logs(early, "show.appeal").mean() > logs(late, "show.appeal").mean() + 0.2


@pytest.mark.parametrize(
    ("seen", "said"),
    [
        ({"at": "5min", "left": {"serums": 3}}, "nothing is called serums"),
        ({"at": "5min", "left": {"serum": 2_000}}, "2,000 are left, but 1,000 were on sale"),
        ({"at": "2h", "viewers": 3}, "2 h is not within the show"),
        ({"at": "61s", "viewers": 3}, "take 60 s or 70 s"),
        ({"at": "5min", "viewers": 3, "watching": 4}, "only 3 have come"),
        ({"at": "5min", "viewers": "many"}, "viewers"),
        ({"at": "5min", "viewer": 3}, "Did you mean viewers"),
        ({"viewers": 3}, "when it was counted is not said"),
        ({"at": "5min"}, "nothing was counted"),
        ([{"at": "2min", "viewers": 9}, {"at": "5min", "viewers": 3}], "3 after 9"),
        ([{"at": "5min", "viewers": 3}, {"at": "2min", "viewers": 9}], "does not come after"),
        (
            [{"at": "2min", "sold": {"serum": 9}}, {"at": "5min", "sold": {"serum": 3}}],
            "always paid",
        ),
        ([], "no moment"),
        (5, "a moment as a mapping"),
    ],
)
def test_what_cannot_be_seen_is_refused(small: Scenario, seen: Any, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        weighed(small, seen)


def test_all_that_is_wrong_is_said_at_once(small: Scenario) -> None:
    wrong = {
        "at": "2h",
        "viewers": 3,
        "watching": 4,
        "left": {"mask": 1},
        "file": "m.csv",
        "line": 7,
    }
    with pytest.raises(UsageError) as error:
        moments(small, wrong)
    assert str(error.value).count("m.csv:7") == 3


def test_what_cannot_come_about_is_said(small: Scenario) -> None:
    with pytest.raises(UsageError, match=r"seen \(viewers\): this cannot come about"):
        weighed(small, {"at": "5min", "viewers": 10**9})
    # of units, whose and how many: perhaps others were bought than the plan says
    some = small.with_changes({"products.serum.owned": 9_000})
    said = r"seen \(left serum, 8,900 sold\): .*--set products.NAME.owned=UNITS"
    with pytest.raises(UsageError, match=said):
        weighed(some, {"at": "5min", "viewers": 100, "left": {"serum": 100}})
