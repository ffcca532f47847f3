"""What nobody knows yet: percentiles that are percentiles, and draws that stay inside."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

import livesim
from livesim.errors import ScenarioError
from livesim.experiment.random_inputs import drawn_block
from livesim.randomness import latin_hypercube
from livesim.scenario.quantities import (
    AMOUNT,
    COUNT,
    DURATION,
    ELASTICITY,
    FACTOR,
    FIT,
    LIFT,
    MONEY,
    POSITIVE_DURATION,
    PRICE,
    RATE,
    SHARE,
    Kind,
    QuantityError,
)
from livesim.scenario.reading_uncertain import read_quantity
from livesim.scenario.uncertain import (
    EDGE,
    Distribution,
    Median,
    Percentiles,
    StudentT,
    likely,
    mapped,
    normal_quantile,
    write_quantity,
)
from livesim.scenario.writing import write_yaml

#: For each kind, percentiles as lopsided as people write them.
PERCENTILES = {
    DURATION: ("8s", "20s", "4min"),
    POSITIVE_DURATION: ("1s", "5min", "301s"),
    COUNT: ("11M", "12.5M", "13M"),
    SHARE: ("0.3%", "1.2%", "99%"),
    MONEY: (1, 5, "1M"),
    PRICE: (0.5, 299, 300),
    FACTOR: (0.2, 1, 1.1),
    LIFT: (1.01, 1.5, 2),
    FIT: (-0.9, 0.3, 0.99),
    AMOUNT: (0.001, 20, "1.5k"),
    ELASTICITY: (-3, -2, -0.8),
}
KINDS = pytest.mark.parametrize("kind", PERCENTILES, ids=lambda kind: kind.name)
same_cases = settings(derandomize=True, deadline=None, max_examples=50)

A_MILLION = (np.arange(10**6) + 0.5) / 10**6
MILLION_AND_EDGES = np.concatenate([[EDGE], A_MILLION, [1 - EDGE]])


def percentiles(kind: Kind) -> Distribution:
    p10, middle, p90 = PERCENTILES[kind]
    found = read_quantity({"p10": p10, "likely": middle, "p90": p90}, kind)
    assert isinstance(found, Distribution)
    return found


@pytest.mark.slow
@KINDS
def test_percentiles_are_percentiles_and_no_draw_leaves_the_range(kind: Kind) -> None:
    """Of a million draws a tenth lies below p10, half below likely, a tenth above p90."""
    p10, middle, p90 = (kind.read(value) for value in PERCENTILES[kind])
    distribution = percentiles(kind)
    draws = distribution.quantile(MILLION_AND_EDGES)
    assert np.isfinite(draws).all()
    assert (np.diff(draws) >= 0).all(), "a later uniform number gives no smaller value"
    assert kind.allows(float(draws[0])) and kind.allows(float(draws[-1]))
    below = [np.searchsorted(draws, value) for value in (p10, middle, p90)]
    assert below == pytest.approx([100_000, 500_000, 900_000], abs=2)
    assert distribution.percentiles == (p10, middle, p90)
    assert distribution.median == middle == likely(distribution)


def test_percentiles_may_coincide() -> None:
    """A value that is likely and p90 at once is never exceeded, but for rounding."""
    capped = read_quantity({"p10": "1s", "likely": "5min", "p90": "5min"}, DURATION)
    assert capped.quantile(np.array([0.1, 0.5, 0.99])) == pytest.approx([1, 300, 300])


def test_positive_quantities_are_lognormal_and_shares_logit_normal() -> None:
    u = np.array([0.02, 0.3, 0.77])
    z = stats.norm.ppf(u)
    sigma = math.log(2) / stats.norm.ppf(0.9)
    even = read_quantity({"p10": 400, "likely": 800, "p90": 1600}, COUNT)
    np.testing.assert_allclose(even.quantile(u), 800 * np.exp(sigma * z), rtol=1e-12)
    odds = read_quantity({"p10": "20%", "likely": "50%", "p90": "80%"}, SHARE)
    sigma = math.log(4) / stats.norm.ppf(0.9)
    np.testing.assert_allclose(odds.quantile(u), 1 / (1 + np.exp(-sigma * z)), rtol=1e-12)


def test_each_half_has_its_own_width() -> None:
    """Below the middle by p10 alone, above it by p90 alone, and without a gap between."""
    narrow = read_quantity({"p10": 50, "likely": 100, "p90": 101}, AMOUNT)
    wide = read_quantity({"p10": 50, "likely": 100, "p90": 900}, AMOUNT)
    below, above = np.array([0.01, 0.2, 0.499]), np.array([0.501, 0.8])
    np.testing.assert_array_equal(narrow.quantile(below), wide.quantile(below))
    assert (narrow.quantile(above) < wide.quantile(above)).all()
    assert np.ptp(wide.quantile(np.array([0.5 - 1e-9, 0.5 + 1e-9]))) < 1e-6


NAMED: list[tuple[Kind, dict[str, Any], Any]] = [
    (COUNT, {"lognormal": {"median": "2k", "sigma": 0.7}}, stats.lognorm(0.7, scale=2000)),
    (MONEY, {"normal": {"mean": 100, "sd": 5}}, stats.norm(100, 5)),
    (SHARE, {"normal": {"mean": "50%", "sd": "5%"}}, stats.norm(0.5, 0.05)),
    (DURATION, {"normal": {"mean": "5min", "sd": "20s"}}, stats.norm(300, 20)),
    (SHARE, {"uniform": ["10%", "30%"]}, stats.uniform(0.1, 0.2)),
    (ELASTICITY, {"uniform": [-3, -1]}, stats.uniform(-3, 2)),
    (SHARE, {"beta": {"a": 2, "b": 38}}, stats.beta(2, 38)),
]


@pytest.mark.parametrize(("kind", "written", "law"), NAMED)
def test_named_distributions_are_what_they_are_called(
    kind: Kind, written: dict[str, Any], law: Any
) -> None:
    u = np.array([1e-6, 0.05, 0.1, 0.5, 0.9, 0.99, 1 - 1e-6])
    found = read_quantity(written, kind)
    np.testing.assert_allclose(found.quantile(u), law.ppf(u), rtol=1e-9)
    assert likely(found) == pytest.approx(law.median())
    edges = found.quantile(np.array([EDGE, 1 - EDGE]))
    assert all(kind.allows(float(value)) for value in edges)


def test_a_choice_has_its_chances_exactly() -> None:
    late = read_quantity({"choice": {"10min": "5%", "0s": "80%", "3min": "15%"}}, DURATION)
    values, counts = np.unique(late.quantile(A_MILLION), return_counts=True)
    assert values.tolist() == [0, 180, 600]
    assert counts.tolist() == [800_000, 150_000, 50_000]
    assert late.median == 0
    np.testing.assert_array_equal(late.quantile(np.array([0.79, 0.81, 0.96])), [0, 180, 600])
    even = read_quantity({"choice": [1, 2, 4, 8]}, FACTOR)
    assert np.unique(even.quantile(A_MILLION), return_counts=True)[1].tolist() == [250_000] * 4


def test_a_choice_reaches_its_last_value_where_the_chances_miss_1_by_rounding() -> None:
    tenths = read_quantity({"choice": {str(value): 0.1 for value in range(10)}}, AMOUNT)
    assert np.cumsum([0.1] * 10)[-1] < 1
    assert tenths.quantile(np.array([EDGE, 0.5 - 1e-9, 1 - EDGE])).tolist() == [0, 4, 9]


@KINDS
def test_what_is_written_reads_as_the_same_distribution(kind: Kind) -> None:
    distribution = percentiles(kind)
    assert read_quantity(write_quantity(distribution, kind), kind) == distribution


@pytest.mark.parametrize(("kind", "written", "law"), NAMED)
def test_named_distributions_are_written_as_they_are_read(
    kind: Kind, written: dict[str, Any], law: Any
) -> None:
    found = read_quantity(written, kind)
    assert read_quantity(write_quantity(found, kind), kind) == found


@pytest.mark.parametrize("kind", [DURATION, COUNT, SHARE, MONEY, FIT], ids=lambda kind: kind.name)
def test_any_choice_reads_back(kind: Kind) -> None:
    low, high = max(kind.low, -1e9), min(kind.high, 1e9)
    values = st.integers(int(low), int(high)) if kind.whole else st.floats(low, high)
    values = values.map(lambda value: round(float(value), 9))

    @same_cases
    @given(st.lists(values, min_size=1, max_size=5, unique=True))
    def reads_back(values: list[float]) -> None:
        written = {"choice": [kind.write(value) for value in values]}
        found = read_quantity(written, kind)
        again = read_quantity(write_quantity(found, kind), kind)
        some = A_MILLION[::997]
        np.testing.assert_array_equal(again.quantile(some), found.quantile(some))

    reads_back()


@pytest.mark.parametrize(
    ("kind", "written"),
    [
        (FACTOR, {"normal": {"mean": 1, "sd": 0.3}}),  # 8 standard deviations reach below 0
        (SHARE, {"lognormal": {"median": "10%", "sigma": 0.5}}),
        (SHARE, {"normal": {"mean": "1%", "sd": "0.5%"}}),
        (LIFT, {"lognormal": {"median": 1.5, "sigma": 0.1}}),
        (FIT, {"normal": {"mean": 0.5, "sd": 0.2}}),
        (ELASTICITY, {"lognormal": {"median": 2, "sigma": 1}}),
        (COUNT, {"lognormal": {"median": "13M", "sigma": 10}}),
        (FACTOR, {"lognormal": {"median": 1, "sigma": 200}}),
    ],
)
def test_a_distribution_that_could_leave_the_range_is_refused(
    kind: Kind, written: dict[str, Any]
) -> None:
    with pytest.raises(QuantityError, match="range"):
        read_quantity(written, kind)


@pytest.mark.parametrize(
    "written",
    [
        {"p10": 3, "likely": 2, "p90": 4},
        {"p10": 1, "likely": 5, "p90": 4},
        {"p10": 1, "p90": 4},
        {"p10": 1, "likely": 2, "p90": 4, "p99": 9},
        {"p10": 0, "likely": 2, "p90": 4},
        {"p10": 1, "likely": "two", "p90": 4},
        {"p10": 1, "likely": 2, "p90": math.inf},
        {},
        {"gamma": {"a": 1}},
        {"lognormal": {"median": 1, "sigma": 1}, "normal": {"mean": 1, "sd": 1}},
        {"lognormal": {"median": 1, "sigma": 0}},
        {"lognormal": {"median": 1, "sigma": -1}},
        {"lognormal": {"median": 1, "sigma": math.nan}},
        {"lognormal": {"median": 1, "sigma": "0.5"}},
        {"lognormal": {"median": 1, "sigma": True}},
        {"lognormal": {"median": 0, "sigma": 1}},
        {"lognormal": {"mean": 1, "sd": 1}},
        {"lognormal": 1},
        {"normal": {"mean": 100, "sd": 0}},
        {"uniform": [2, 1]},
        {"uniform": [1, 1]},
        {"uniform": [1]},
        {"uniform": "12"},
        {"uniform": {"low": 1, "high": 2}},
        {"beta": {"a": 1, "b": 1}},
        {"choice": {}},
        {"choice": []},
        {"choice": {"1": 0.5, "2": 0.4}},
        {"choice": {"1": 0.5, "1.0": 0.5}},
        {"choice": [1, 1]},
        {"choice": {"one": 1}},
        {"choice": {"1": -0.5, "2": 1.5}},
        {"choice": "12"},
    ],
)
def test_what_says_nothing_clear_is_refused_with_a_remedy(written: dict[str, Any]) -> None:
    with pytest.raises(QuantityError) as error:
        read_quantity(written, AMOUNT)
    assert error.value.what and error.value.remedy


@pytest.mark.parametrize(
    ("written", "path"),
    [
        ({"p10": "x", "likely": 2, "p90": 4}, ("p10",)),
        ({"lognormal": {"median": "x", "sigma": 1}}, ("lognormal", "median")),
        ({"normal": {"mean": 1, "sd": "x"}}, ("normal", "sd")),
    ],
)
def test_a_mistake_says_in_which_part_it_stands(
    written: dict[str, Any], path: tuple[str, ...]
) -> None:
    with pytest.raises(QuantityError) as error:
        read_quantity(written, AMOUNT)
    assert error.value.path == path


@pytest.mark.parametrize(
    ("kind", "mean"), [(LIFT, 2), (ELASTICITY, -2)], ids=["lift", "elasticity"]
)
def test_a_narrow_normal_fits_into_any_range(kind: Kind, mean: float) -> None:
    found = read_quantity({"normal": {"mean": mean, "sd": 0.1}}, kind)
    assert likely(found) == mean


def test_a_plain_number_is_known() -> None:
    assert read_quantity("13M", COUNT) == 13e6 and likely(13e6) == 13e6
    distribution = percentiles(COUNT)
    assert read_quantity(distribution, COUNT) is distribution


def test_an_increasing_function_carries_percentiles_along() -> None:
    viewers = percentiles(COUNT)
    reach = mapped(viewers, lambda v: v / 0.2, COUNT)
    assert isinstance(reach, Percentiles)
    assert reach.percentiles == pytest.approx((55e6, 62.5e6, 65e6))
    u = latin_hypercube(1, "viewers", 0)
    np.testing.assert_allclose(reach.quantile(u), viewers.quantile(u) / 0.2, rtol=1e-9)
    choice = read_quantity({"choice": {"1": 0.3, "2": 0.7}}, AMOUNT)
    doubled = mapped(choice, lambda v: 2 * v, AMOUNT)
    assert doubled.quantile(np.array([0.29, 0.31])).tolist() == [2, 4]
    assert mapped(3.0, lambda v: 2 * v, AMOUNT) == 6


def test_normal_quantiles_are_those_of_the_textbook() -> None:
    """Against SciPy, to the edge of what is drawn and in any shape."""
    u = np.array([[EDGE, 1e-12, 0.1], [0.5, 0.9, 1 - EDGE]])
    np.testing.assert_allclose(normal_quantile(u), stats.norm.ppf(u), rtol=1e-9, atol=1e-15)


def test_no_uniform_number_that_is_drawn_lies_beyond_the_edge() -> None:
    """The range is checked at the edges, so every draw must lie between them."""
    from livesim.randomness import _CELLS, BATCH

    first, last = 0.5 / (BATCH * _CELLS), 1 - 0.5 / (BATCH * _CELLS)
    assert first >= EDGE and last <= 1 - EDGE


@pytest.mark.parametrize(
    ("kind", "written", "low", "high"),
    [
        (COUNT, {"low": 4, "high": 9}, 4, 9),
        (COUNT, "4\u20139", 4, 9),
        (COUNT, "4 - 9", 4, 9),
        (COUNT, "10k\u201340k", 10_000, 40_000),
        (SHARE, "3%-5%", 0.03, 0.05),
        (AMOUNT, "1.5\u20142e1", 1.5, 20),
        (POSITIVE_DURATION, "90s-5min", 90, 300),
    ],
)
def test_from_low_to_high_is_from_p10_to_p90(
    kind: Kind, written: object, low: float, high: float
) -> None:
    found = read_quantity(written, kind)
    assert isinstance(found, Percentiles)
    assert (found.p10, found.p90) == (low, high)
    middle = kind.scale.forward(np.array([low, found.likely, high]))
    assert middle[1] - middle[0] == pytest.approx(middle[2] - middle[1])
    again = read_quantity(found.write(kind), kind)
    assert isinstance(again, Percentiles) and (again.p10, again.p90) == (low, high)


def test_the_middle_of_whole_numbers_is_whole() -> None:
    found = read_quantity("4\u201310", COUNT)
    assert likely(found) == 6
    assert read_quantity(write_quantity(found, COUNT), COUNT) == found


@pytest.mark.parametrize(
    ("written", "what"),
    [
        ("10\u201315k", "10 has no k"),
        ("9\u20134", "must rise"),
        ("4\u20134", "must rise"),
        ({"low": 4}, "exactly low, high"),
        ({"low": 4, "high": 9, "likely": 5}, "exactly"),
        ("4\u20139\u201312", "not a number"),
        ("1,000\u20132,000", "comma"),
        ("1.000\u20132.000", "thousands"),
    ],
)
def test_a_range_that_is_not_clear_is_refused(written: object, what: str) -> None:
    with pytest.raises(QuantityError, match=what) as error:
        read_quantity(written, AMOUNT)
    assert error.value.remedy


def test_a_choice_reads_its_values_from_their_text() -> None:
    with pytest.raises(QuantityError, match="thousands"):
        read_quantity({"choice": {"30.000": 0.5, "40": 0.5}}, AMOUNT)
    with pytest.raises(QuantityError):
        read_quantity({"choice": {"1_": 0.5, "true": 0.5}}, AMOUNT)


def test_student_t_is_truncated_and_redistributed() -> None:
    """Its distribution function is scipy's between the cuts, scaled up; nothing lies on a cut."""
    values = read_quantity({"student_t": {"median": 3, "scale": 0.5, "df": 2, "within": 8}}, FACTOR)
    assert isinstance(values, Distribution)
    u = np.array([1e-9, 0.1, 0.3, 0.5, 0.9, 1 - 1e-9])
    logs = np.log(values.quantile(u) / 3) / 0.5
    cut = np.log(8) / 0.5
    below, above = stats.t.cdf([-cut, cut], 2)
    assert (stats.t.cdf(logs, 2) - below) / (above - below) == pytest.approx(u, abs=1e-9)
    assert np.all(np.diff(logs) > 0)
    assert read_quantity(write_quantity(values, FACTOR), FACTOR) == values


def test_student_t_needs_a_cut_beyond_its_median() -> None:
    with pytest.raises(QuantityError, match="within must be more than 1"):
        read_quantity({"student_t": {"median": 1, "scale": 1, "df": 3, "within": 1}}, FACTOR)


def test_a_multiple_of_a_student_t_is_one() -> None:
    views = StudentT(2_000, 0.3, 4.4)
    assert mapped(views, lambda value: round(value * 5), COUNT) == StudentT(10_000, 0.3, 4.4)


def test_a_middle_alone_is_a_median() -> None:
    for key in ("p50", "likely"):
        middle = read_quantity({key: "2k"}, COUNT)
        assert middle == Median(2_000)
        assert likely(middle) == 2_000
        assert mapped(middle, lambda value: 2 * value, COUNT) == Median(4_000)
        assert write_quantity(middle, COUNT) == {"p50": 2_000}
    named = read_quantity({"p10": 1, "p50": 2, "p90": 3}, AMOUNT)
    assert named == read_quantity({"p10": 1, "likely": 2, "p90": 3}, AMOUNT)


def test_draws_that_belong_together_stay_so() -> None:
    room = livesim.load(
        "scenarios/brand_room.yaml",
        {"show.appeal": {"draws": "1 2 3 4"}, "show.turnout_factor": {"draws": "4 3 2 1"}},
    )
    drawn = drawn_block(room, seed=1, block=0)
    appeal, turnout = drawn["show.appeal"], drawn["show.turnout_factor"]
    assert (appeal + turnout == 5).all()
    assert np.unique(appeal, return_counts=True)[1].tolist() == pytest.approx([62.5] * 4, abs=2)
    assert livesim.load(write_yaml(room.to_data())) == room


def test_draws_are_several_and_as_many_of_each() -> None:
    with pytest.raises(QuantityError, match="two values or more"):
        read_quantity({"draws": "1"}, FACTOR)
    with pytest.raises(ScenarioError, match="turnout_factor has 3 draws, and show"):
        livesim.load(
            "scenarios/brand_room.yaml",
            {"show.appeal": {"draws": "1 2"}, "show.turnout_factor": {"draws": "1 2 3"}},
        )


@pytest.mark.parametrize(
    ("value", "remedy"),
    [
        ({"min": 1, "max": 4}, "write 1–4, its 10th to its 90th percentile"),
        ({"from": "2k", "to": "9k"}, "write 2k–9k, its 10th to its 90th percentile"),
        ({"p10": 1, "p90": 4}, "write 1–4, or {low: 1, high: 4}"),
        ({"p90": 1, "p10": 4}, "write 1–4, or {low: 1, high: 4}"),
        ([1, 4], "write 1–4"),
        (["10", "4"], "write 4–10"),
        ("1 bis 4", "write 1–4"),
        ("1 à 4", "write 1–4"),
        ("4..1", "write 1–4"),
    ],
)
def test_another_spelling_of_a_range_is_answered_with_its_own_numbers(
    value: Any, remedy: str
) -> None:
    with pytest.raises(QuantityError) as refused:
        read_quantity(value, COUNT)
    assert refused.value.remedy == remedy
    text = remedy.removeprefix("write ").partition(",")[0]
    low, _, high = (read_quantity(text, COUNT)).percentiles
    assert low < high


@pytest.mark.parametrize(
    "value",
    [[1], [1, 1], [1, 2, 4], ["a", 4], [1, [4]], {"min": 1}, {"min": "a", "max": 4}, {"p10": 1}],
)
def test_what_makes_no_range_is_answered_with_the_ways_to_write_one(value: Any) -> None:
    with pytest.raises(QuantityError) as refused:
        read_quantity(value, COUNT)
    assert "–4" not in refused.value.remedy


@pytest.mark.parametrize("text", ["6~10", "6\uff5e10", "6 to 10", "6 至 10", "6..10"])
def test_a_range_with_another_dash_is_told_how_to_be_written(text: str) -> None:
    with pytest.raises(QuantityError) as refused:
        read_quantity(text, COUNT)
    assert refused.value.remedy == "write 6–10"


@pytest.mark.parametrize(
    ("text", "remedy"),
    [
        ("10 to 15k", "10k–15k"),  # as 10–15,000 it would be another range
        ("10~15k", "10k–15k"),
        ("between 10 and 15k", "10k–15k"),
        ("From 10k to 15k", "10k–15k"),
        ("von 10 bis 15", "10–15"),
        ("1.2-1.5万", "1.2万–1.5万"),
        ("1万至2万", "1万–2万"),
    ],
)
def test_a_range_in_words_is_told_how_to_be_written(text: str, remedy: str) -> None:
    """What is told can be read, and is what was meant."""
    with pytest.raises(QuantityError) as refused:
        read_quantity(text, COUNT)
    assert refused.value.remedy == f"write {remedy}"
    assert isinstance(read_quantity(remedy, COUNT), Percentiles)


@pytest.mark.parametrize(
    ("text", "remedy"),
    [
        ("10k±2k", "write 8000–12000"),
        ("100 +/- 20 %", "write 80–120"),
        ("15k-10k", "write 10000–15000: low is the value that one show in ten stays below"),
    ],
)
def test_a_range_around_a_middle_or_one_that_falls_is_told_how_to_be_written(
    text: str, remedy: str
) -> None:
    with pytest.raises(QuantityError) as refused:
        read_quantity(text, COUNT)
    assert refused.value.remedy.startswith(remedy)
    assert isinstance(
        read_quantity(remedy.removeprefix("write ").split(":")[0], COUNT), Percentiles
    )


@pytest.mark.parametrize("text", ["±20", "100±", "100-"])
def test_what_is_no_range_around_a_middle_is_told_how_numbers_are_written(text: str) -> None:
    with pytest.raises(QuantityError) as refused:
        read_quantity(text, COUNT)
    assert refused.value.remedy == f"write {COUNT.ways}"


@pytest.mark.parametrize(
    ("kind", "text", "remedy"),
    [
        (COUNT, "~10-20", "10–20"),
        (COUNT, "1 000–2 000", "1_000–2_000"),
        (COUNT, "1.000-2.000", "1_000–2_000, or 1–2"),
        (COUNT, "2-3 dozen", "24–36"),
        (COUNT, "10–20 orders", "10–20"),
        (RATE, "1-2k", "1000–2000"),
        (RATE, "(10, 20)", "10–20"),
        (SHARE, "3-4", "3%–4%"),
        (SHARE, "1-2", "1%–2%"),
        (SHARE, "10 to 20", "10%–20%"),
        (SHARE, "10% ± 2%", "8%–12%"),
        (DURATION, "3 ± 1 min", "2min–4min"),
        (DURATION, "2-3分钟", "2min–3min"),
        (DURATION, "1:30-2:00", "1h30m–2h, or 1m30s–2m"),
    ],
)
def test_a_range_whose_ends_are_not_understood_is_told_whole(
    kind: Kind, text: str, remedy: str
) -> None:
    """What is told is the range, not one end of it, and can be read."""
    with pytest.raises(QuantityError) as refused:
        read_quantity(text, kind)
    assert refused.value.remedy == f"write {remedy}"
    assert all(isinstance(read_quantity(way, kind), Percentiles) for way in remedy.split(", or "))


def test_a_range_in_which_no_end_means_anything_is_told_how_both_are_written() -> None:
    with pytest.raises(QuantityError) as refused:
        read_quantity("3-4min", COUNT)
    assert refused.value.remedy == f"write both ends as {COUNT.ways}"


@pytest.mark.parametrize(
    ("kind", "written", "remedy"),
    [
        (COUNT, "10, 20", "10, or 20; 10–20 for what lies between"),
        (COUNT, "1/2", "1, or 2; 1–2 for what lies between"),
        (COUNT, "20 or 10", "20, or 10; 10–20 for what lies between"),
        (SHARE, "10; 20", "10%, or 20%; 10%–20% for what lies between"),
        (SHARE, [10, 20], "10%, or 20%; 10%–20% for what lies between"),
        (DURATION, "10, 20 min", "10min, or 20min; 10min–20min for what lies between"),
        (AMOUNT, "10, 20, 30", "10, or 20, or 30"),
        (RATE, "1/2", "0.5"),
    ],
)
def test_two_numbers_are_told_as_either_and_as_a_range(
    kind: Kind, written: object, remedy: str
) -> None:
    with pytest.raises(QuantityError) as error:
        read_quantity(written, kind)
    assert error.value.remedy == f"write {remedy}"


@pytest.mark.parametrize("text", ["TBD", "?", "n/a", "#N/A", "-", ""])
def test_who_does_not_know_a_number_is_told_of_ranges(text: str) -> None:
    with pytest.raises(QuantityError) as refused:
        read_quantity(text, SHARE)
    assert refused.value.remedy == (
        f"write {SHARE.ways}; if nobody knows it, a range in which it lies in 8 shows of 10, "
        "as low–high"
    )


def test_no_remedy_has_a_unit_that_the_quantity_cannot_have() -> None:
    for text in ("10-15 thousand", "10-15%"):
        with pytest.raises(QuantityError) as refused:
            read_quantity(text, COUNT)
        assert "%" not in refused.value.remedy and "thousand" not in refused.value.remedy


def test_ten_thousands_are_a_size() -> None:
    assert (COUNT.read("1.2万"), COUNT.read("3 億")) == (12_000, 300_000_000)


def test_what_is_written_alike_is_read_once_and_nothing_else_is_taken_for_it() -> None:
    law = {"lognormal": {"median": 1, "sigma": 1.2}}
    assert read_quantity(law, FACTOR) is read_quantity({**law}, FACTOR)
    whole = read_quantity({"likely": 1.0}, SHARE)
    assert isinstance(whole, Median) and float(whole) == 1.0
    with pytest.raises(QuantityError, match="1 could be 1 % or 100 %"):
        read_quantity({"likely": 1}, SHARE)
