"""An incubator: talent stays and luck changes, limits, the winner's curse, and published shares."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import livesim
from livesim.errors import UsageError
from livesim.experiment.blocks import Block
from livesim.experiment.simulating import simulate_block
from livesim.planning.incubating import _Trial, incubate
from livesim.planning.incubation import FIGURES, Design, Incubation
from livesim.planning.selection import Measured
from livesim.planning.talent import Pool, talent_of
from livesim.scenario.scenario import Scenario

NEWCOMER = "people.newcomer"
#: Nobody differs: what is left between candidates is luck.
ALIKE = {f"{NEWCOMER}.pull": 1, f"{NEWCOMER}.lift": 1.5, f"{NEWCOMER}.fit.everyone": 0.6}
NO_LUCK = {"show.appeal": 1, "show.turnout_factor": 1, f"{NEWCOMER}.no_show": "0%"}


@pytest.fixture(scope="module")
def show() -> Scenario:
    """The reference show looked at once a minute: quick, and the same law but for the refresh."""
    return livesim.load("incubator", {"show.refresh": "60s"})


def tried(show: Scenario, **options: Any) -> Incubation:
    usual = {"tried": [5], "lengths": [1200], "shows": [1], "candidates": 250, "later_shows": 4}
    return incubate(show, **{**usual, "workers": 1, **options})


@pytest.fixture(scope="module")
def found(show: Scenario) -> Incubation:
    return tried(
        show, tried=[5, 20], lengths=[300, 3600], shows=[1, 3], candidates=500, later_shows=8
    )


def at(found: Incubation, *design: Any) -> Any:
    return next(evaluation for evaluation in found.designs if evaluation.design == Design(*design))


def ends(figure: Measured) -> tuple[float, float]:
    interval = figure.interval()
    assert interval is not None
    return interval


def test_talent_stays_and_luck_changes(show: Scenario) -> None:
    talent = talent_of(show, "newcomer", seed=1, block=Block(0, 250))
    first = simulate_block(show, 1, 0)
    again = simulate_block(show, 1, 77, given=talent)
    for path in talent:
        assert np.array_equal(first.inputs[path], again.inputs[path])
    for path in ("show.appeal", "show.turnout_factor", f"{NEWCOMER}.no_show"):
        assert path not in talent
        assert not np.array_equal(first.inputs[path], again.inputs[path])


@pytest.mark.slow
def test_a_trial_is_the_first_minutes_of_a_show(show: Scenario) -> None:
    pool = tried(show, lengths=[600, 3600]).pool
    whole = simulate_block(show, 1, 0)
    assert np.array_equal(pool.orders[:, 0, -1], whole.timeline["orders"][:, -1])
    assert np.array_equal(pool.viewers[:, 0, -1], whole.shows["unique_viewers"])
    assert (pool.orders[:, 0, 0] <= pool.orders[:, 0, -1]).all()


@pytest.mark.slow
def test_more_candidates_and_more_trials_change_nothing_that_there_was(show: Scenario) -> None:
    few, more = tried(show), tried(show, candidates=300, shows=[1, 2])
    assert np.array_equal(few.pool.profit, more.pool.profit[:250])
    assert np.array_equal(few.pool.orders[:, :2], more.pool.orders[:250, :2])


@pytest.mark.slow
def test_all_candidates_meet_the_same_luck_later(show: Scenario) -> None:
    """Who are alike are worth the same, but for the chance of single viewers."""
    pool = tried(show.with_changes(ALIKE)).pool
    shows = pool.gmv.mean(axis=0)
    assert shows.std() > 0.3 * shows.mean()
    own = pool.gmv.std(axis=0) / shows
    assert (own[shows > 1000] < 0.3).all()


@pytest.mark.slow
def test_training_raises_what_the_promoted_are_worth(show: Scenario) -> None:
    untrained = show.with_changes({"incubator.training.lift": 1})
    more = show.with_changes({"incubator.training.lift": 2})
    low, high = (tried(one).pool for one in (untrained, more))
    assert np.array_equal(low.orders, high.orders)  # trials come before it
    assert high.gmv.sum() > 1.1 * low.gmv.sum()
    fixed = {f"{NEWCOMER}.lift": 1.5}
    low, high = (tried(one.with_changes(fixed)).pool for one in (untrained, more))
    assert high.gmv.sum() > 1.1 * low.gmv.sum()


@pytest.mark.slow
def test_candidates_without_talent_are_picked_by_luck(show: Scenario) -> None:
    alike = tried(show.with_changes({**ALIKE, "incubator.tried": 5}), tried=[2], candidates=500)
    for evaluation in alike.designs:
        expected = 1 / evaluation.design.tried
        low, high = ends(evaluation.picked)
        assert low < expected < high < low + 0.25
        low, high = ends(evaluation.missed)
        assert low < 0 < high


@pytest.mark.parametrize("later", [2, 3, 4, 5, 7])
def test_where_the_trial_knows_the_best_nothing_is_missed(show: Scenario, later: int) -> None:
    """Of an odd number of later shows one half is larger, and the luck of its shows was missed."""
    rng = np.random.default_rng(later)
    talent, luck = rng.lognormal(sigma=1.8, size=100), rng.lognormal(sigma=0.7, size=later)
    seen, profit = (talent[:, None, None] * 1e6).astype(int), talent[:, None] * luck
    pool = Pool({}, (600.0,), seen, np.full_like(seen, 1e9), profit, profit)
    assert show.incubator is not None
    trial = _Trial(pool, show.incubator, 600.0, 1, rng.random((4, 100)), None)
    figures = dict(zip(FIGURES, trial.figures(np.arange(100), [5]), strict=True))
    assert figures["picked"] == pytest.approx(1)
    assert figures["missed"] == pytest.approx(0, abs=1e-9 * figures["worth"])


@pytest.mark.slow
def test_without_luck_the_best_is_picked(show: Scenario) -> None:
    """Whole shows, large audiences, nothing shared that is uncertain: a trial tells everything."""
    large = {
        "segments.everyone.reach": "500M",
        "products.dress.owned": "500M",
        "incubator.tried": 5,
        "incubator.training.lift": 1,
    }
    assert tried(show.with_changes({**large, **NO_LUCK})).asked.picked.value > 0.97
    assert tried(show.with_changes(large)).asked.picked.value < 0.9


@pytest.mark.slow
def test_more_trial_shows_pick_better_and_longer_ones_hardly(found: Incubation) -> None:
    """The luck of an evening is shared by all its minutes: a second evening tells more."""
    short, long, thrice = at(found, 20, 300, 1), at(found, 20, 3600, 1), at(found, 20, 300, 3)
    assert 0.45 <= short.picked.value <= 0.8
    better = thrice.picked.minus(long.picked)
    assert better.value > 0
    assert abs(long.picked.value - short.picked.value) < 0.05
    assert thrice.missed.value < short.missed.value


@pytest.mark.slow
def test_more_candidates_earn_more_and_the_best_is_picked_less(found: Incubation) -> None:
    few, many = at(found, 5, 300, 1), at(found, 20, 300, 1)
    assert many.worth.minus(few.worth).value > 0
    assert many.picked.value < few.picked.value
    assert many.cost.value > few.cost.value


@pytest.mark.slow
def test_the_winner_s_curse_is_kept_out(show: Scenario) -> None:
    """Nobody has talent: the winner's own trial promises more than another trial keeps."""
    found = tried(show.with_changes(ALIKE), candidates=500)
    alike = found.asked
    assert alike.score.value > 1.5 * alike.score_again.value
    pool = found.pool
    # what the promoted are worth is what anybody is worth, within its error
    share = show.incubator.share_of_profit if show.incubator else 0
    low, high = ends(alike.worth)
    assert low < share * pool.profit.mean() < high


@pytest.mark.slow
def test_costs_add_up(show: Scenario) -> None:
    incubator = show.incubator
    assert incubator is not None
    found = tried(show, tried=[20], shows=[2])
    evaluation = at(found, 20, 1200, 2)
    viewers = found.pool.viewers[:, :2, 0].sum(axis=1).mean()
    expected = 20 / 0.1 * 20 + 20 * 2 * 500 + 20 * viewers * 0.2 + 150_000
    assert evaluation.cost.value == pytest.approx(expected)
    assert evaluation.net.value == pytest.approx(
        20 * evaluation.worth.value - evaluation.cost.value
    )
    assert evaluation.pays_back_after == pytest.approx(
        evaluation.cost.value / evaluation.worth.value
    )


@pytest.mark.slow
def test_a_threshold_promotes_fewer(show: Scenario) -> None:
    changes = {"incubator.promotes": 5, "incubator.tried": 5}
    everybody = tried(show.with_changes(changes)).asked
    assert everybody.promoted.value == pytest.approx(5)
    assert everybody.picked.value == pytest.approx(1)
    strict = tried(show.with_changes({**changes, "incubator.at_least": 60}))
    share = (strict.pool.score("orders", 1200, 1) >= 60).mean()
    assert strict.asked.promoted.value == pytest.approx(5 * share)
    assert strict.asked.picked.value < 1
    assert strict.outlooks[0].p10 <= strict.outlooks[0].p50
    nobody = tried(show.with_changes({**changes, "incubator.at_least": 1e9})).asked
    assert (nobody.promoted.value, nobody.worth.value, nobody.pays_back_after) == (0, 0, np.inf)


@pytest.mark.slow
def test_the_outlook_agrees_with_the_mean(found: Incubation) -> None:
    outlook = found.outlooks[0]
    assert outlook.p10 < outlook.p50 < found.asked.net.value < outlook.p90  # a long upper tail
    assert outlook.paid_back.low <= outlook.paid_back.chance <= outlook.paid_back.high


@pytest.mark.slow
def test_judged_by_persuasion_alone_pull_is_missed(show: Scenario) -> None:
    by_rate = show.with_changes({"incubator.judged_by": "orders_per_viewer"})
    assert tried(by_rate).asked.picked.value < tried(show).asked.picked.value - 0.2


@pytest.mark.slow
def test_as_large_a_share_for_the_top_as_is_published() -> None:
    """Published: 8 of 173 under contract had 55 % of the sales.

    From the talents alone, a log-sd of about 1.8, it is 0.55; a pool of 500 has the tail that it
    happens to have. Below 0.4 talents would be too alike, above 0.7 one person would be the firm.
    """
    assert 0.4 <= tried_share(livesim.load("incubator", {"show.refresh": "60s"})) <= 0.7
    like = livesim.load("incubator", {"show.refresh": "60s", f"{NEWCOMER}.pull": 1})
    assert tried_share(like) < 0.2


def tried_share(show: Scenario) -> float:
    return tried(show, candidates=500).share_of_top(8 / 173)


@pytest.mark.slow
def test_too_few_candidates_have_figures_without_intervals(show: Scenario) -> None:
    """Of 100 candidates there are ten groups of 10, and two and a half of 40."""
    found = tried(show, tried=[10, 40], candidates=100, later_shows=2)
    few, many = at(found, 10, 1200, 1), at(found, 40, 1200, 1)
    assert few.net.interval() is not None and many.net.interval() is None
    assert few.more_than(many, 100).interval() is None
    assert len(found.as_good) == len(found.designs) - 1
    text = " ".join(str(found).split())
    assert "100 candidates are too few to say how sure figures of 40 or more tried are" in text
    assert "take at least 200." in text and "takes 1,000 candidates." in text
    assert [one["net"]["mean_interval"] is None for one in found.document()["designs"]] == [
        one.design.tried == 40 for one in found.designs
    ]


@pytest.mark.slow
def test_the_tables_have_a_row_each(found: Incubation) -> None:
    evaluations = found.tables()["designs"]
    assert len(evaluations) == len(found.designs)
    assert {"tried", "length", "shows", "net.mean", "net.mean_interval", "pays_back_after"} <= set(
        evaluations
    )
    people = found.tables()["candidates"]
    assert len(people) == 500
    assert people[f"{NEWCOMER}.pull"].corr(people["gmv"], method="spearman") > 0.8


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"tried": [100]}, "80 pass the screening"),
        ({"tried": [60], "candidates": 100}, "take 1 to 50"),
        ({"candidates": 120}, "take 100"),
        ({"candidates": 50}, "take 100"),
        ({"later_shows": 1}, "two later shows or more"),
        ({"shows": [0]}, "one show or more"),
        ({"lengths": [90]}, "multiples of 60 s"),
        ({"lengths": [7200]}, "up to 3600 s"),
    ],
)
def test_mistakes_are_told(show: Scenario, options: dict[str, Any], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        tried(show, **options)


def test_a_show_without_an_incubator_is_told(brand_room: Scenario) -> None:
    with pytest.raises(UsageError, match="new --from incubator"):
        incubate(brand_room)


@pytest.mark.slow
def test_the_same_bits_for_any_number_of_workers(show: Scenario) -> None:
    one, two = (tried(show, candidates=300, workers=workers) for workers in (1, 2))
    assert np.array_equal(one.pool.profit, two.pool.profit)
    assert one.best.net.value == two.best.net.value


@pytest.mark.slow
def test_other_candidates_and_shows_lie_in_the_interval_of_paying_back(show: Scenario) -> None:
    """Of 200 studies at least 93 % have the mean of all in their interval.

    A right interval of 95 % falls below that in 8 % of such tests; these are wider. With groups
    of the same candidates counted as independent it was in one of seven.
    """
    quick = show.with_changes({"show.refresh": "300s"})
    found = [
        tried(quick, tried=[20], candidates=100, later_shows=20, seed=seed) for seed in range(200)
    ]
    chances = [one.outlooks[0].paid_back for one in found]
    truth = np.mean([one.chance for one in chances])
    assert np.mean([one.low <= truth <= one.high for one in chances]) >= 0.93
    picked = [one.asked.picked for one in found]
    truth = np.mean([one.value for one in picked])
    between = [ends(one) for one in picked]
    assert np.mean([low <= truth <= high for low, high in between]) >= 0.93
    assert min(high - low for low, high in between) > 0.06
