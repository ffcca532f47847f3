"""What a back-test says first: whether its bands can be trusted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

import livesim
from livesim.history.rolling_origin import Scored
from livesim.learning.backtest import Backtest
from livesim.learning.forecasting import METHODS, Stake
from livesim.report import views
from livesim.report.backtest_tables import _against, _lower, _trusted, page
from livesim.report.pages import plain


@dataclass(frozen=True)
class Shows:
    """Of which so many lay within the band of 80 %."""

    number: int
    inside: int

    def within(self, band: int) -> np.ndarray:
        assert band == 80
        return np.arange(self.number) < self.inside


@pytest.mark.parametrize(
    ("number", "inside", "verdict"),
    [
        (12, 4, "too few to say whether to trust"),
        (100, 80, "as it should be"),
        (100, 60, "fewer than should be"),
        (100, 96, "more than should be"),
    ],
)
def test_the_first_sentence_says_whether_to_trust_the_bands(
    number: int, inside: int, verdict: str
) -> None:
    (said,) = _trusted([("units", Shows(number, inside))])  # type: ignore[list-item]
    assert f"lay {inside} of {number} forecasts of units: " in said and verdict in said


def test_forecasts_that_count_in_part_are_told_so() -> None:
    """14 of 21 stood beside 68 %, and bars were 4.8 high."""
    score = {"livesim": np.ones(4), "forecast x 1.3": np.ones(4)}
    ends = np.array([0.5, 0.3, 0.3, 1.0])
    parts, whole = (
        page(
            Backtest(
                {"one": ()}, {"units": Scored(("one",) * 4, ("",) * 4, *pit, score, score)}, (), {}
            )
        )
        for pit in ((np.zeros(4), ends), (ends, ends))
    )
    coverage, scores = parts.tables
    assert "lay 2.9 of 4 forecasts of units" in parts.answer[0]
    assert coverage.rows[0][3] == "73 %" and "count in part" in coverage.note
    assert not any("count in part" in one.note for one in whole.tables)
    assert [row[0] for row in scores.rows] == ["livesim", "forecast × 1.3"]


def test_a_score_is_better_or_worse_than_another() -> None:
    assert (_against(0.114, 0.1), _against(0.05, 0.1)) == ("14 % worse", "50 % better")


def test_errors_are_lower_or_higher_than_the_last_five_shows() -> None:
    theirs = {"last five": np.array([0.1])}
    for ours, said in ((0.088, "12 % lower"), (0.2, "100 % higher"), (0.5, "much higher")):
        assert _lower({"livesim": np.array([ours])} | theirs) == said


@pytest.fixture(scope="module")
def in_money() -> Backtest:
    """Return forecasts of which it is known what they were worth."""
    score = dict.fromkeys(METHODS, np.ones(8))
    ends = np.linspace(0.1, 0.9, 8)
    units = Scored(("",) * 8, ("show",) * 8, ends, ends, score, score)
    lost = dict(zip(METHODS, (20.0, 150.0, 10.0, 30.0, 40.0, 50.0), strict=True))
    stakes = tuple(Stake(f"show {n}", "serum", 100.0, lost) for n in range(8))
    show = livesim.load("scenarios/brand_room.yaml")
    notes = ("nothing says, and so stays missing: guests", "show 3: is there a mistake in it?")
    return Backtest({"": ()}, {"units": units}, notes, {}, show, stakes)


def test_the_money_comes_first_and_scores_in_the_details(in_money: Backtest) -> None:
    """Its short form was forty lines that began with a score which wants a glossary."""
    shown = page(in_money)
    assert shown.lead.startswith(
        "Bought as livesim's forecasts say, 8 stocks of past shows would have earned CNY 640, 80 %"
    )
    assert [*shown.tables[0].rows] == [
        ("livesim", "640", "80 %"),
        ("last five", "720", "90 %"),
        ("forecast × 1.3", "560", "70 %"),
        ("template", "-400", "-50 %"),
    ]
    said = plain(views.brief(in_money))
    assert len([line for line in said.splitlines() if line]) <= 15
    assert not any(word in said for word in ("CRPS", "pinball", "EM ", "quantile"))
    assert "is there a mistake in it?" in said and "stays missing" not in said
    whole = plain(views.full(in_money))
    assert all(word in whole for word in ("CRPS", "pinball", "EM ", "stays missing"))
    assert in_money.document()["money"]["most"] == 800.0
