"""Every check with the program as it is, and every mutant with the check that must catch it."""

from __future__ import annotations

import pytest
from checks import MOST_CHECKS, SEED
from mutants import caught
from suite import CHECKS, MUTANTS


def by_cost(checked: dict[str, str]) -> list[object]:
    """Return names with the marks of the check that each needs."""
    usual = [pytest.mark.verification, pytest.mark.slow]
    thorough = [pytest.mark.verification, pytest.mark.thorough]
    return [
        pytest.param(name, marks=thorough if CHECKS[check].thorough else usual)
        for name, check in checked.items()
    ]


@pytest.mark.parametrize("name", by_cost({name: name for name in CHECKS}))
def test_the_program_passes(name: str, seed: int) -> None:
    CHECKS[name].run(seed)


@pytest.mark.parametrize("name", by_cost({m.name: m.caught_by for m in MUTANTS.values()}))
def test_a_mutant_is_caught(name: str) -> None:
    assert caught(MUTANTS[name], SEED) is not None


@pytest.mark.verification
def test_every_check_has_a_mutant_that_it_catches() -> None:
    assert set(CHECKS) == {mutant.caught_by for mutant in MUTANTS.values()}


@pytest.mark.verification
def test_there_are_no_more_checks_than_share_the_alarm() -> None:
    assert len(CHECKS) <= MOST_CHECKS
