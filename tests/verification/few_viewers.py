"""Viewers who are drawn one by one: as many in each interval as closed forms say.

Each count is a sum of three binomials: of those who had not come, who were undecided, and who had
decided at first. Their chances follow from interval to interval.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
from breaking import patched
from checks import assert_likely, check, mutant
from numpy.typing import NDArray
from scipy.stats import norm

from livesim.engine.crowd import few_viewers
from livesim.engine.crowd.few_viewers import Arrivals, Stays
from livesim.model.rates import Chances

Floats = NDArray[np.float64]

ONE_BY_ONE = "closed form: few viewers, one by one"
ROWS, INTERVALS = 40_000, 12
NOT_COME, UNDECIDED, DECIDED = (np.tile(one, (ROWS, 1)) for one in ([30, 9], [3, 1], [0, 4]))
ACT, DECIDE, LEAVE = ([0.3, 0.02], [0.5, 0.9], [0.1, 1.0])


def chances_to_come() -> Floats:
    """Return those of each interval, none in two of them, and of none, shape (n + 1,)."""
    hazards = np.resize([0.05, 0.01, 0.0, 0.0, 0.02, 0.1], INTERVALS)
    return -np.diff(np.exp(-np.cumsum(hazards)), prepend=1.0, append=0.0)


def drawn(seed: int) -> Stays:
    """Return who is there, comes and decides, shape (n, R, K) each."""
    come, *streams = [np.random.default_rng([seed, number]) for number in range(4)]
    act, decide, leave = (np.tile(each, (ROWS, 1)) for each in (ACT, DECIDE, LEAVE))
    nothing = np.zeros((ROWS, 0))
    chances = Chances(act, decide, leave, nothing.astype(int), nothing)
    arrivals = few_viewers.coming(come, NOT_COME, np.tile(chances_to_come(), (ROWS, 1)))
    watching = UNDECIDED, DECIDED
    return few_viewers.stays(tuple(streams), chances, watching, arrivals, INTERVALS)


def chances_to_be_counted() -> Iterator[dict[str, list[Floats]]]:
    """Yield them by interval, of those who were not there, undecided and decided, (K,) each."""
    act, decide, leave = map(np.array, (ACT, DECIDE, LEAVE))
    undecided = [np.zeros(2), np.ones(2), np.zeros(2)]
    decided = [np.zeros(2), np.zeros(2), np.ones(2)]
    for come in chances_to_come()[:-1]:
        newcomers = [np.full(2, come), np.zeros(2), np.zeros(2)]
        deciding = [one * act * decide for one in undecided]
        decided = [one * (1 - leave) + more for one, more in zip(decided, deciding, strict=True)]
        undecided = [one * (1 - act) + new for one, new in zip(undecided, newcomers, strict=True)]
        yield {
            "newcomers": newcomers,
            "undecided": undecided,
            "decided": decided,
            "deciding": deciding,
        }


def compared(seed: int) -> Iterator[tuple[str, float]]:
    """Yield how likely it is that means and variances are as far from closed forms as they are."""
    found = drawn(seed)._asdict()
    for interval, chances in enumerate(chances_to_be_counted()):
        for name, each in chances.items():
            counts, mean, variance = found[name][interval], np.zeros(2), np.zeros(2)
            for number, chance in zip((NOT_COME, UNDECIDED, DECIDED), each, strict=True):
                mean += number[0] * chance
                variance += number[0] * chance * (1 - chance)
            # Of counts with few expected the fourth moment is near 3 σ⁴ + σ².
            spread = np.sqrt((2 * variance**2 + variance) / ROWS)
            for phase in range(2):
                what, of = f"{name} {interval} of phase {phase}", counts[:, phase]
                off = of.mean() - mean[phase], of.var() - variance[phase]
                errors = np.sqrt(variance[phase] / ROWS), spread[phase]
                for figure, by, error in zip(("mean", "variance"), off, errors, strict=True):
                    certain = float(abs(by) < 1e-9)
                    p_value = 2 * norm.sf(abs(by) / error) if error > 0 else certain
                    yield f"{figure} of {what}", float(p_value)


@check(ONE_BY_ONE)
def one_by_one(seed: int) -> None:
    """192 figures of 40,000 rows: waits that are too long by 3 % are seen."""
    assert_likely(compared(seed))


Change = Callable[[Callable[..., Any]], Callable[..., Any]]


def with_chances(change: Callable[[Chances], Chances]) -> Change:
    """Let viewers act by other chances."""
    return lambda stays: lambda streams, chances, *rest: stays(streams, change(chances), *rest)


def too_long(waits: Callable[..., Floats]) -> Callable[..., Floats]:
    """Let waits be 3 % too long where they are not certain."""
    return lambda rng, chance, most: waits(rng, np.where(chance < 1, 0.97 * chance, 1.0), most)


def an_interval_late(coming: Callable[..., Arrivals]) -> Callable[..., Arrivals]:
    def broken(*args: object) -> Arrivals:
        found = coming(*args)
        return found._replace(interval=np.minimum(found.interval + 1, INTERVALS - 1))

    return broken


def in_twos(coming: Callable[..., Arrivals]) -> Callable[..., Arrivals]:
    return lambda rng, many, chances: coming(rng, many // 2 * 2, chances)


def decide_more(chances: Chances) -> Chances:
    return replace(chances, decide=1.05 * chances.decide)


def never_leave(chances: Chances) -> Chances:
    return replace(chances, leave=0.0 * chances.leave)


for _what, _name, _change in (
    ("few viewers wait 3 % too long", "_waits", too_long),
    ("few viewers decide too often", "stays", with_chances(decide_more)),
    ("few viewers stay once decided", "stays", with_chances(never_leave)),
    ("few viewers come an interval late", "coming", an_interval_late),
    ("few viewers come in twos", "coming", in_twos),
):
    mutant(_what, patched(few_viewers, _name, _change), caught_by=ONE_BY_ONE)
