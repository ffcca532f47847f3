"""The report says what is so, and would say it if it were not."""

from __future__ import annotations

import math

import pytest
import report
from checks import SEED
from closed_forms import CLOSED_FORMS, COHORT, share_of_orders
from refresh import ALLOWED, Sensitivity, text, too_noisy, worked_out

import livesim.engine.lockstep


def test_a_closed_form_holds_and_tells_what_it_would_see() -> None:
    line = report._line(CLOSED_FORMS["who may leave"], COHORT, SEED)
    assert "cohort  holds: 2 comparisons" in line
    assert "sees a difference of 0.0002" in line


def test_a_closed_form_that_does_not_hold_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    rates = livesim.engine.lockstep.rates

    def nobody_leaves(*args: object) -> object:
        found = rates(*args)
        return type(found)(**{**vars(found), "leave": 0 * found.leave})

    monkeypatch.setattr(livesim.engine.lockstep, "rates", nobody_leaves)
    assert "FAILS" in report._line(CLOSED_FORMS["who may leave"], COHORT, SEED)


@pytest.mark.parametrize(
    ("difference", "half_width", "large", "noisy"),
    [
        (0.012, 0.001, False, False),
        (0.013, 0.001, True, False),
        (-0.02, 0.001, True, False),
        (0.0, 0.021, False, True),
        (math.nan, math.nan, False, False),
    ],
)
def test_a_sensitivity_is_judged_beyond_simulation_error(
    difference: float, half_width: float, large: bool, noisy: bool
) -> None:
    assert ALLOWED["demand"] == 0.01
    found = Sensitivity("room", "serum", "demand", 0.5, 80.0, difference, half_width)
    assert (found.too_large, too_noisy([found])) == (large, noisy)
    assert ("%" in text(found)) != math.isnan(difference)


def test_the_worked_out_show_nears_its_limit_by_half_a_refresh() -> None:
    """A quarter of the refresh leaves a quarter of the distance."""
    limit = 0.2 * (1 - (1 - 2**-6) / (6 * math.log(2)))
    distance = [limit - share_of_orders(refresh, 120, 20, 0.2) for refresh in (1.0, 0.25)]
    assert distance[0] == pytest.approx(4 * distance[1], rel=0.02)
    assert distance[0] == pytest.approx(0.2 * (1 - 2**-6) / 240, rel=0.02)
    assert f"{limit:.4%}" in "\n".join(worked_out())


def test_the_report_says_what_the_comparison_of_engines_would_see() -> None:
    lines = list(report.two_engines())
    assert all(name in lines[0] for name in report.SHOWS)
    assert lines[-1].startswith("  a chance of 5 % that is off by 0.0")
