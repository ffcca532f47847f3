"""Whether a show's stock curves agree with what was observed of it."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from livesim.checking.testing import NOT_OBSERVED, Judgement, Sample, Wanted, judge
from livesim.errors import UsageError
from livesim.planning.curves import Curves
from livesim.planning.observed import Likeness, likenesses
from livesim.resolve.words import share

_WORST_FIRST: Final = ("broken", "undecided", "holds")


def agreement(curves: Curves, tail: float) -> Judgement:
    """Say whether what was observed is likely enough not to contradict the model.

    Of several products, and of the two sides on which one that was not sold out can be wrong, the
    worst verdict counts; the tail is shared out over them.

    Parameters
    ----------
    curves
        The show's stock curves.
    tail
        Chance to miss on one side [1].

    Raises
    ------
    UsageError
        If nothing was observed.
    """
    told = likenesses(curves)
    if not told:
        raise UsageError(NOT_OBSERVED)
    judged = [_likely(one, tail / len(told)) for one in told]
    return min(judged, key=lambda judgement: _WORST_FIRST.index(judgement.verdict))


def _likely(one: Likeness, tail: float) -> Judgement:
    """Judge a mean of chances, and say what would contradict."""
    found = judge(Sample(one.chances, "mean", "share", 0, 1), Wanted(low=one.least), tail)
    return replace(found, note=f"less than {share(one.least)} would contradict it")
