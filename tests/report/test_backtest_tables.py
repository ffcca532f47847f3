"""What a back-test says first: whether its bands can be trusted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from livesim.history.rolling_origin import Scored
from livesim.learning.backtest import Backtest
from livesim.report.backtest_tables import _against, _trust, page


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
    said = _trust("units", Shows(number, inside))  # type: ignore[arg-type]
    assert (
        f"of {number} forecasts of past shows, {inside} held in the band" in said
        and verdict in said
    )


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
    assert "of 4 forecasts of past shows, 2.9 held in the band" in parts.answer[0]
    assert coverage.rows[0][3] == "73 %" and "count in part" in coverage.note
    assert not any("count in part" in one.note for one in whole.tables)
    assert [row[0] for row in scores.rows] == ["livesim", "forecast × 1.3"]


def test_a_score_is_better_or_worse_than_another() -> None:
    assert (_against(0.114, 0.1), _against(0.05, 0.1)) == ("14 % worse", "50 % better")
