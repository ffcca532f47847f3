"""What a back-test says first: whether its bands can be trusted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from livesim.report.backtest_tables import _against, _trust


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


def test_a_score_is_better_or_worse_than_another() -> None:
    assert (_against(0.114, 0.1), _against(0.05, 0.1)) == ("14 % worse", "50 % better")
