"""The registry: every check of the program's law, and every mutant that a check must catch.

A *check* compares the program with something that knows better: a closed form, the other engine, an
identity. It is a function of a seed that raises AssertionError, and it keeps nothing between two
calls, so that it judges the program as it is at that moment. A *mutant* breaks one thing, names the
check that must catch it, and so shows that the check can fail. Checks register where they are
written, in modules that are no test files; ``test_checks.py`` runs them all with the program as it
is, and ``mutants.py`` with each mutant.

Alarms: at fresh seeds the whole suite raises a false alarm at most once in 10,000 times
(:data:`FALSE_ALARM`). Each of its checks, at most 100, may spend :data:`ALARM` of that, shared out
over all that it compares (Bonferroni); :func:`assert_likely` does so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import pytest

#: The seed where no other is asked for.
SEED = 20
FALSE_ALARM = 1e-4
MOST_CHECKS = 100
ALARM = FALSE_ALARM / MOST_CHECKS

#: Breaks the program until the patch is undone.
Break: TypeAlias = Callable[[pytest.MonkeyPatch], None]
#: Compares so many blocks: yields what was compared, and its p-value.
Comparison: TypeAlias = Callable[[int], Iterable[tuple[str, float]]]


@dataclass(frozen=True)
class Check:
    """A check: its name, what it does with a seed, and whether it is too slow for every day."""

    name: str
    run: Callable[[int], None]
    thorough: bool


@dataclass(frozen=True)
class Mutant:
    """A broken program: what is broken, how, and the check that must catch it."""

    name: str
    breaks: Break
    caught_by: str


CHECKS: dict[str, Check] = {}
MUTANTS: dict[str, Mutant] = {}


def check(
    name: str, *, thorough: bool = False
) -> Callable[[Callable[[int], None]], Callable[[int], None]]:
    """Register a function of a seed as a check."""

    def register(run: Callable[[int], None]) -> Callable[[int], None]:
        assert name not in CHECKS, f"two checks are called {name!r}"
        CHECKS[name] = Check(name, run, thorough)
        return run

    return register


def mutant(name: str, breaks: Break, *, caught_by: str) -> None:
    """Register a way to break the program, and the check that must catch it."""
    assert name not in MUTANTS, f"two mutants are called {name!r}"
    MUTANTS[name] = Mutant(name, breaks, caught_by)


def assert_likely(p_values: Iterable[tuple[str, float]], alarm: float = ALARM) -> None:
    """Fail if any p-value is too small for as many as there are."""
    found = dict(p_values)
    worst = min(found, key=found.__getitem__)
    assert found[worst] > alarm / len(found), (
        f"{worst}: p = {found[worst]:.2g}, the least of {len(found)}"
    )


def assert_no_difference(compare: Comparison, looks: Sequence[int]) -> None:
    """Compare ever more blocks, and fail at the first look at which a p-value is too small.

    Every look may spend an equal part of the check's alarm. What is plainly broken shows at once.
    """
    for blocks in looks:
        assert_likely(compare(blocks), ALARM / len(looks))
