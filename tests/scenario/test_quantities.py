"""How people write numbers: what each text means, what is refused, and that writing is reading."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from livesim.scenario.core_schema import core_scalar
from livesim.scenario.quantities import (
    AMOUNT,
    COUNT,
    DURATION,
    ELASTICITY,
    FACTOR,
    FIT,
    LIFT,
    MONEY,
    MORE_THAN,
    POSITIVE_COUNT,
    POSITIVE_DURATION,
    PRICE,
    RATE,
    SHARE,
    WORTH,
    Kind,
    QuantityError,
)

EVERY_KIND = (
    *(DURATION, POSITIVE_DURATION, COUNT, POSITIVE_COUNT, SHARE, MONEY, PRICE, FACTOR, LIFT, FIT),
    *(AMOUNT, RATE, ELASTICITY),
)
same_cases = settings(derandomize=True, deadline=None, max_examples=100)


def numbers(kind: Kind) -> st.SearchStrategy[float]:
    """Draw numbers that a kind allows; durations to a billionth of a second."""
    low, high = max(kind.low, -1e12), min(kind.high, 1e12)
    if kind.whole:
        return st.integers(int(low), int(high)).map(float)
    drawn = st.floats(low, high, exclude_min=kind.above)
    drawn = drawn if kind.unit != "s" else drawn.map(lambda seconds: round(seconds, 9))
    return drawn.filter(kind.allows)


KINDS = pytest.mark.parametrize("kind", EVERY_KIND, ids=lambda kind: kind.name)


@pytest.mark.parametrize(
    ("kind", "written", "number"),
    [
        (DURATION, "90s", 90),
        (DURATION, "5min", 300),
        (DURATION, "5m", 300),
        (DURATION, "1h30m", 5400),
        (DURATION, "1h 30min 5s", 5405),
        (DURATION, "1.5h", 5400),
        (DURATION, "0.1s", 0.1),
        (DURATION, "2d", 172_800),
        (DURATION, "0.03min", 1.8),  # 0.03 · 60 in floating point is less
        (DURATION, 0, 0),
        (DURATION, "0", 0),
        (COUNT, 15_000, 15_000),
        (COUNT, "15_000", 15_000),
        (COUNT, "25k", 25_000),
        (COUNT, "13M", 13_000_000),
        (COUNT, "1.1M", 1_100_000),
        (COUNT, "1bn", 1_000_000_000),
        (COUNT, 1e6, 1_000_000),
        (SHARE, "45%", 0.45),
        (SHARE, "0.3%", 0.003),
        (SHARE, " 45 % ", 0.45),
        (SHARE, 0.45, 0.45),
        (SHARE, "0.45", 0.45),
        (MONEY, "1.5M", 1_500_000),
        (MONEY, 299.9, 299.9),
        (AMOUNT, "1.5k", 1_500),
        (FACTOR, "1.5", 1.5),
        (FIT, -1, -1),
        (ELASTICITY, "-2.6", -2.6),
        (ELASTICITY, 0, 0),
    ],
)
def test_what_a_text_means(kind: Kind, written: object, number: float) -> None:
    assert kind.read(written) == number


@pytest.mark.parametrize(
    ("kind", "written"),
    [
        (DURATION, 90),  # of what?
        (DURATION, 1.5),
        (DURATION, "90"),
        (DURATION, "20:00"),
        (DURATION, "1h30"),
        (DURATION, "30s5min"),
        (DURATION, "1.2.3s"),
        (DURATION, "-5s"),
        (DURATION, "1,5h"),
        (DURATION, ""),
        (DURATION, "soon"),
        (DURATION, "5 M"),
        (COUNT, "15,000"),  # fifteen thousand, or fifteen
        (COUNT, "1,5k"),
        (COUNT, "25m"),  # thousand thousands, or milli
        (COUNT, "15 000"),
        (COUNT, "15'000"),
        (COUNT, "0x10"),  # a number to a program, hardly to a planner
        (COUNT, "0x٣"),
        *[(COUNT, core_scalar(text)) for text in ("0x10", "0o17", "010", "+08")],
        *[(PRICE, text) for text in ("010k", "1e-3k", "2e3 M", "8.000k", "8.000 M")],
        (COUNT, "1_"),
        (COUNT, "45%"),
        (SHARE, "45"),
        (SHARE, 45),
        (SHARE, "1,5%"),
        (SHARE, "45%%"),
        (SHARE, "1k%"),
        (MONEY, "€299"),
        (MONEY, "299 CNY"),
        (MONEY, "1.500,00"),
        (FACTOR, "50%"),  # half, or half as much again
        (FACTOR, "+50%"),
        (FACTOR, "x2"),
        (LIFT, "50%"),
        (FIT, "80%"),
        (ELASTICITY, "-2%"),
    ],
)
def test_what_could_mean_two_things_or_nothing_is_refused(kind: Kind, written: object) -> None:
    with pytest.raises(QuantityError) as error:
        kind.read(written)
    says, meant = error.value.remedy.removeprefix("write "), kind.ways.split(" or ")[0]
    assert meant in says or [kind.read(way) for way in says.split(", or ")], "says how to write it"


@pytest.mark.parametrize(
    ("written", "remedy"),
    [
        ("3 weeks", "write 21d"),
        ("2w", "write 14d"),
        ("3 days", "write 3d"),
        (3, "write 90s, 5min or 1h30m; 3d for days"),
    ],
)
def test_who_means_weeks_or_days_is_told_how_to_write_days(written: object, remedy: str) -> None:
    with pytest.raises(QuantityError) as error:
        DURATION.read(written)
    assert error.value.remedy == remedy


def test_a_comma_is_refused_because_it_has_two_meanings() -> None:
    with pytest.raises(QuantityError, match="could separate thousands or decimals") as error:
        COUNT.read("15,000")
    assert error.value.remedy == "write 15_000, or 15"
    with pytest.raises(QuantityError, match="could separate thousands or decimals") as error:
        COUNT.read("10,5")  # which is no count either way
    assert "1_000 for a thousand" in error.value.remedy


@pytest.mark.parametrize(
    ("kind", "written", "remedy"),
    [
        (COUNT, "10 000", "10_000"),
        (COUNT, "10\u202f000", "10_000"),
        (COUNT, "1'000", "1_000"),
        (COUNT, "\uff11\uff10\uff0c\uff10\uff10\uff10", "10_000, or 10"),
        (COUNT, "1,000,000", "1_000_000"),
        (COUNT, "1.000.000", "1_000_000"),
        (COUNT, "10k units", "10k"),
        (COUNT, "3万件", "3万"),
        (COUNT, "5 million", "5M"),
        (PRICE, "¥1,299", "1_299, or 1.2990"),
        (PRICE, "1.299,00 €", "1_299.00"),
        (PRICE, "CNY 299", "299"),
        (PRICE, "Rp45.000", "45_000, or 45"),
        (PRICE, "45rb", "45k"),
        (SHARE, "4,5 %", "4.5 %"),
        (SHARE, "45\uff05", "45%"),
        (DURATION, "5 minutes", "5min"),
        (DURATION, "90秒", "90s"),
        (COUNT, "2 dozen", "24"),
        (COUNT, "=2*12", "24"),
        (COUNT, "2 × 12", "24"),
        (COUNT, "50+50", "100"),
        (COUNT, "100+", "100"),
        (COUNT, "> 100", "100"),
        (COUNT, "at least 100", "100"),
        (COUNT, "100 or so", "100"),
        (COUNT, "100 ± 20", "100"),
        (COUNT, "100?", "100"),
        (COUNT, "\u200b100", "100"),
        (RATE, "1/2", "0.5"),
        (RATE, "½", "0.5"),
        (RATE, "1½", "1.5"),
        (RATE, "1.2万", "12000"),
        (SHARE, "~20", "20%"),
        (SHARE, "15 per cent", "15%"),
        (SHARE, "5‰", "0.5%"),
        (DURATION, "1:30", "1h30m, or 1m30s"),
        (DURATION, "0:02:48", "2m48s"),
        (DURATION, "100", "100s, or 100min"),
    ],
)
def test_a_number_in_other_signs_and_words_is_told_how_to_be_written(
    kind: Kind, written: str, remedy: str
) -> None:
    """Nothing is guessed: it is refused, and each way that is told can be read as it stands."""
    with pytest.raises(QuantityError) as error:
        kind.read(written)
    assert error.value.remedy == f"write {remedy}"
    assert all(np.isfinite(kind.read(way)) for way in remedy.split(", or "))


@pytest.mark.parametrize(
    ("kind", "written", "remedy"),
    [
        (COUNT, "1/2", "1, or 2, or how many 1/2 of them are"),
        (COUNT, "½", f"how many that are: {COUNT.ways}"),
        (COUNT, "half", f"how many that are: {COUNT.ways}"),
        (COUNT, "10, 20", "10, or 20"),
        (COUNT, "10, 200", "10, or 200, or 10_200"),
        (COUNT, "10 20", "10, or 20"),
        (COUNT, "10/20/30", "10, or 20, or 30"),
        (COUNT, [10, 20], "10, or 20"),
        (COUNT, "10, twenty", COUNT.ways),
        (PRICE, "1/2", "0.5"),
        (PRICE, "1 1/2", "1.5"),
        (PRICE, "9.90 / 12.90", "9.90, or 12.90"),
        (PRICE, ["9", "12"], "9, or 12"),
        (SHARE, "1/2", "50%"),
        (SHARE, "½", "50%"),
        (SHARE, "half", "50%"),
        (SHARE, "two thirds", "66.7%"),
        (SHARE, "1 1/2", "1.5%"),
        (SHARE, "10, 20", "10%, or 20%"),
        (SHARE, "10 or 20 %", "10%, or 20%"),
        (DURATION, "1/2", "0.5h, or 0.5min"),
        (DURATION, "1/2 h", "0.5h"),
        (DURATION, "1 1/2 hours", "1.5h"),
        (DURATION, "10, 20", f"one of them, with its unit: {DURATION.ways}"),
        (DURATION, [10, 20], f"one of them, with its unit: {DURATION.ways}"),
        (DURATION, "10, 20 min", "10min, or 20min"),
        (DURATION, "10s/1min", "10s, or 1min"),
    ],
)
def test_a_part_of_a_whole_and_several_numbers_are_told_how_to_be_written(
    kind: Kind, written: object, remedy: str
) -> None:
    with pytest.raises(QuantityError) as error:
        kind.read(written)
    assert error.value.remedy == f"write {remedy}"


@pytest.mark.parametrize(
    "written", ["¥100", "1:2", "1 1/2", "10 00", "1 0000", "5 apples", "-5 units"]
)
def test_what_may_mean_anything_is_told_only_how_a_count_is_written(written: str) -> None:
    with pytest.raises(QuantityError) as error:
        COUNT.read(written)
    assert error.value.remedy == f"write {COUNT.ways}"


@pytest.mark.parametrize(
    ("written", "what"),
    [
        ("$100", "an amount of money, not a count"),
        ("100 EUR", "an amount of money, not a count"),
        ("1:30", "a time, not a count"),
        ("1/2", "several numbers, not a count"),
        ("10, 20", "several numbers, not a count"),
        ("½", "not a count"),
        ("5 apples", "not a count"),
    ],
)
def test_what_is_no_count_is_told_what_it_is_where_that_is_clear(written: str, what: str) -> None:
    with pytest.raises(QuantityError) as error:
        COUNT.read(written)
    assert error.value.what == f"{written!r} is {what}"


def test_a_point_before_three_digits_is_refused_in_a_text_too() -> None:
    with pytest.raises(QuantityError):
        COUNT.read("15.000")


@KINDS
@pytest.mark.parametrize(
    "value", [True, False, None, [], {}, float("nan"), math.inf, -math.inf, "nan", "inf", "1e999"]
)
def test_what_is_no_number_is_refused(kind: Kind, value: object) -> None:
    with pytest.raises(QuantityError):
        kind.read(value)


def test_an_integer_beyond_all_floats_is_refused() -> None:
    with pytest.raises(QuantityError):
        COUNT.read(10**400)


@pytest.mark.parametrize(
    ("kind", "inside", "outside"),
    [
        (POSITIVE_DURATION, ["1s"], ["0s", 0]),
        (COUNT, [0, 10**15], [-1, 10**16]),
        (POSITIVE_COUNT, [1], [0]),
        (SHARE, ["0%", "100%", 0, 1.0], ["-1%", "100.001%", 1.001]),
        (MONEY, [0], [-1, "-0.01"]),
        (PRICE, [0.01], [0, -1]),
        (FACTOR, [0.001], [0, -1]),
        (LIFT, [1, 7], [0.99, 0, -2]),
        (FIT, [-1, 1, 0], [-1.01, 1.01]),
        (ELASTICITY, [-9, 0], [0.1, 2]),
    ],
)
def test_ranges_and_their_ends(kind: Kind, inside: list[object], outside: list[object]) -> None:
    for value in inside:
        kind.read(value)
    for value in outside:
        with pytest.raises(QuantityError, match="out of range"):
            kind.read(value)


def test_a_part_of_a_whole_is_refused() -> None:
    for value in ("1.5", "0.5k1", 2000.5, "1.2345k"):
        with pytest.raises(QuantityError):
            COUNT.read(value)


@KINDS
def test_what_is_written_reads_as_the_same_number(kind: Kind) -> None:
    @same_cases
    @given(numbers(kind))
    def reads_back(number: float) -> None:
        assert kind.read(kind.write(number)) == number

    reads_back()


@pytest.mark.slow
@KINDS
def test_text_is_either_understood_within_its_range_or_refused(kind: Kind) -> None:
    """Nothing else happens: no other exception, and no number that the field does not allow."""
    pieces = st.sampled_from([*"0123456789.,_+-eE% ", "s", "m", "min", "h", "d", "k", "M", "bn"])

    @same_cases
    @given(st.one_of(st.lists(pieces, max_size=8).map("".join), st.text(max_size=6)))
    def reads(text: str) -> None:
        try:
            number = kind.read(text)
        except QuantityError:
            return
        assert math.isfinite(number) and kind.allows(number)

    reads()


@KINDS
def test_a_scale_goes_forth_and_back_and_rises(kind: Kind) -> None:
    """Its back is defined for every number and never leaves the range, so nothing is clipped."""

    @same_cases
    @given(st.floats(-30, 30))
    def back(x: float) -> None:
        number = float(kind.scale.back(np.float64(x)))
        assert kind.low <= number <= kind.high or kind.whole
        assert number <= float(kind.scale.back(np.float64(x + 0.1)))
        if abs(x) < 8:
            assert float(kind.scale.forward(np.float64(number))) == pytest.approx(x, abs=1e-6)

    back()


@pytest.mark.parametrize(
    ("number", "written"),
    [(5400, "1h30m"), (300, "5min"), (90, "1m30s"), (45, "45s"), (0, "0s"), (0.5, "0.5s")],
)
def test_durations_are_written_as_people_do(number: float, written: str) -> None:
    assert DURATION.write(number) == written


def test_shares_and_counts_are_written_as_people_do() -> None:
    assert SHARE.write(0.123) == "12.3%" and COUNT.write(13e6) == 13_000_000
    assert SHARE.write(1 / 3) == 1 / 3, "not as a percentage that is another number"


SIZED = pytest.mark.parametrize(
    "kind", [COUNT, POSITIVE_COUNT, MONEY, PRICE, AMOUNT, MORE_THAN, WORTH]
)


@SIZED
@pytest.mark.parametrize("text", ["30.000", "1.299", "-50.000", "999.000", "60.125"])
def test_a_point_before_three_digits_could_separate_thousands(kind: Kind, text: str) -> None:
    for written in (text, core_scalar(text)):
        with pytest.raises(QuantityError, match="thousands or decimals") as error:
            kind.read(written)
        assert f"write {text.replace('.', '_')}, or " in error.value.remedy


def test_a_bound_has_no_thousands_point_behind_its_sign() -> None:
    with pytest.raises(QuantityError, match="thousands or decimals"):
        MORE_THAN.read("> 2.000")
    assert MORE_THAN.read("> 2_000") == MORE_THAN.read("2_000") == 2_000


def test_what_a_left_over_is_worth_is_an_amount_or_kept() -> None:
    assert WORTH.write(WORTH.read("kept")) == "kept" and WORTH.read("2.5k") == 2_500
    with pytest.raises(QuantityError, match="is not an amount of money"):
        WORTH.read("keeps")


@pytest.mark.parametrize(("kind", "word"), [(WORTH, "kept"), (MORE_THAN, "best")])
def test_no_number_is_taken_for_the_word_that_stands_for_one(kind: Kind, word: str) -> None:
    stands_for = kind.read(word)
    assert kind.write(stands_for) == word
    for written in (stands_for, int(stands_for), "1e15", "1_000_000_000_000_000"):
        with pytest.raises(QuantityError, match="out of range"):
            kind.read(written)


def test_a_rate_has_no_thousands() -> None:
    """Of 1,000 viewers, 1.139 orders are the mean of many shows; a thousand are out of question."""
    assert RATE.read(core_scalar("1.139")) == RATE.read("1.139") == 1.139


def test_the_remedy_for_a_thousands_point_can_be_followed() -> None:
    for text, remedy in (
        ("30.000", "write 30_000, or 30"),
        ("1.200", "write 1_200, or 1.2"),
        ("1.299", "write 1_299, or 1.2990"),
    ):
        with pytest.raises(QuantityError) as error:
            MONEY.read(core_scalar(text))
        assert error.value.remedy == remedy
    assert MONEY.read(core_scalar("1.2990")) == MONEY.read("1.2990") == 1.299
    assert MONEY.read(core_scalar("0.125")) == 0.125


@SIZED
def test_a_number_that_was_never_a_text_has_no_thousands_point(kind: Kind) -> None:
    assert kind.read(30.0) == 30
    assert kind.whole or kind.read(kind.write(1.299)) == kind.read(1.299) == 1.299


def test_a_share_of_one_without_a_sign_is_asked_about() -> None:
    for written in (1, "1"):
        with pytest.raises(QuantityError, match="1 % or 100 %") as error:
            SHARE.read(written)
        assert error.value.remedy == "write 1% or 100%"
    assert SHARE.read("100%") == SHARE.read(core_scalar("1.0")) == 1


@pytest.mark.parametrize("kind", [COUNT, MONEY, SHARE, FACTOR, AMOUNT])
def test_numbers_of_numpy_are_numbers(kind: Kind) -> None:
    zero = 0 if kind is not FACTOR else 2
    for number in (np.int64(zero), np.float32(zero), np.uint8(zero), np.array(zero)):
        found = kind.read(number)
        assert found == zero and type(found) is float
    with pytest.raises(QuantityError):
        kind.read(np.bool_(True))


@pytest.mark.parametrize("text", ["no", "-"])
def test_who_writes_that_there_is_none_hears_of_0(text: str) -> None:
    with pytest.raises(QuantityError) as refused:
        COUNT.read(text)
    assert "write 0, or leave it out" in refused.value.remedy


@pytest.mark.parametrize("text", ["about 30", "~30", "ca. 30"])
def test_who_writes_about_hears_of_the_number(text: str) -> None:
    with pytest.raises(QuantityError) as refused:
        COUNT.read(text)
    assert refused.value.remedy == "write 30"


def test_who_writes_none_where_there_is_at_least_one_is_told_of_one() -> None:
    with pytest.raises(QuantityError) as wrong:
        POSITIVE_COUNT.read("0")
    assert wrong.value.remedy.startswith("write 1, ")


def test_a_negative_count_is_told_how_to_be_written() -> None:
    with pytest.raises(QuantityError) as refused:
        COUNT.read(-80)
    assert refused.value.remedy == "write 80 if the minus is a slip, or 0 where there is none"
