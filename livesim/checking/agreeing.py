"""Whether a show agrees with what was observed of one like it: ``agrees_with: observed``."""

from __future__ import annotations

from typing import Final

from livesim.checking.testing import Judgement, Sample, Wanted, judge
from livesim.errors import Interrupted, UsageError
from livesim.experiment.runner import Runner
from livesim.planning.building import build_curves, extended
from livesim.planning.curves import Curves
from livesim.planning.observed import likenesses
from livesim.scenario.scenario import Scenario

AGREES: Final = "agrees_with"
_WORST_FIRST: Final = ("broken", "undecided", "holds")


def looked_at(
    scenario: Scenario, before: Curves | None, replications: int, seed: int, runner: Runner
) -> Curves:
    """Return the stock curves of a show from so many replications.

    Parameters
    ----------
    scenario
        The show.
    before
        Its curves from fewer replications, if there are any.
    replications, seed, runner
        How many in all, the study's seed, and who does the work.

    Raises
    ------
    KeyboardInterrupt
        If it was interrupted.
    """
    try:
        if before is not None:
            return extended(before, replications, runner=runner)
        return build_curves(scenario, replications=replications, seed=seed, runner=runner)
    except Interrupted:
        raise KeyboardInterrupt from None


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
        raise UsageError("nothing was observed: write `observed` into a product")
    judged = [
        judge(Sample(one.chances, "mean", "share"), Wanted(low=one.least), tail / len(told))
        for one in told
    ]
    return min(judged, key=lambda judgement: _WORST_FIRST.index(judgement.verdict))
