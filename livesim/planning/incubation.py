"""An incubator's answer: what each way to try candidates comes to, and which is best."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from math import inf
from typing import TYPE_CHECKING, ClassVar, Final

import numpy as np

from livesim.arrays import Array
from livesim.planning.selection import Measured, least_candidates_to_compare, share_of_first
from livesim.planning.talent import Pool
from livesim.results.answer import Answer, Origin
from livesim.results.document import Document
from livesim.results.folders import FolderKind
from livesim.results.frames import frame, frame_of
from livesim.results.intervals import Chance, Estimate
from livesim.results.manifest import Manifest
from livesim.scenario.incubator import Incubator
from livesim.scenario.scenario import Scenario

if TYPE_CHECKING:
    from livesim.results.frames import DataFrame

FIGURES = (
    *("picked", "promoted", "worth", "missed", "cost", "net"),
    *("score", "score_again"),
)
"""An evaluation's figures, each with its 95 % interval if the candidates are enough for one."""

_POSSIBLE: Final = {"picked": (0.0, 1.0), "missed": (0.0,), "cost": (0.0,)}
"""The least and the most that a figure can be, where there is such."""


@dataclass(frozen=True)
class Design:
    """One design to try candidates.

    Parameters
    ----------
    tried
        Candidates in a group n.
    length
        Length of a trial show [s].
    shows
        Trial shows of each candidate.
    """

    tried: int
    length: float
    shows: int


@dataclass(frozen=True)
class Evaluation:
    """What one design to try candidates comes to, on average over all groups.

    Parameters
    ----------
    design
        Which.
    picked
        Chance that the best of the group is promoted [1]: correct selection.
    promoted
        How many are promoted.
    worth
        What the promoted earn the incubator in a show, together [currency/show].
    missed
        What the truly best would earn more: the expected opportunity cost [currency/show]. Half of
        the later shows say who is best and the others what that is worth, so it is a little low
        (98 for a true 131 from two later shows, 126 for 132 from twelve).
    cost
        Of screening, trials and training [currency].
    net
        What the promoted earn in their first shows, less the cost [currency].
    score, score_again
        What the promoted reached in the trial, and what they reach in another one: the first is
        higher, by the winner's curse. Few are promoted: intervals of ``score_again`` hold 88 to
        94 % where the candidates are fewer than 25 groups, and 92 to 96 % from there on (measured).
    """

    design: Design
    picked: Measured
    promoted: Measured
    worth: Measured
    missed: Measured
    cost: Measured
    net: Measured
    score: Measured
    score_again: Measured

    def more_than(self, other: Evaluation, candidates: int) -> Measured:
        """Return how much more its net is than that of another design.

        Two trials of as many candidates differ in a few groups, whose best one of them misses: a
        pool tells too little of these to say to which side the difference is skewed.

        Parameters
        ----------
        other
            What the other one comes to, of the same pool.
        candidates
            How many candidates that pool has; few are enough for figures, but not for differences.
        """
        more = self.net.minus(other.net)
        tried, others = self.design.tried, other.design.tried
        if candidates < least_candidates_to_compare(max(tried, others)):
            return Measured(more.value)
        return replace(more, either_way=tried == others)

    @property
    def pays_back_after(self) -> float:
        """Shows after which the cost is earned on average; inf if it never is."""
        return self.cost.value / self.worth.value if self.worth.value > 0 else inf


@dataclass(frozen=True)
class Outlook:
    """How one design turns out from group to group, and not only on average.

    Parameters
    ----------
    paid_back
        Chance that the first shows earn the cost [1], and its 95 % interval, for other candidates
        and other later shows.
    p10, p50, p90
        Of what they earn less the cost [currency], of these candidates.
    """

    paid_back: Chance
    p10: float
    p50: float
    p90: float

    def as_dict(self) -> Document:
        """Return the outlook under the names that it has in JSON."""
        net = Estimate(None, None, self.p10, self.p50, self.p90)
        return {"paid_back": asdict(self.paid_back), "net": net.as_dict()}


@dataclass(frozen=True, eq=False, repr=False)
class Incubation(Answer):
    """An incubator's evaluations.

    Parameters
    ----------
    scenario, incubator, notes
        The candidate's show with everything explicit, what is done with many, what was assumed.
    seed
        Of all shows.
    pool
        The candidates and their shows.
    designs
        Every design that was looked at.
    asked, best
        The scenario's own design, and the one with the highest net.
    as_good
        Ways whose net cannot be told from the best one's.
    outlooks
        Of the scenario's own design, and of the best.
    alike
        How well two halves of the later shows agree on what candidates are worth: their
        correlation, stepped up to all shows [1].
    versions
        What it was simulated with.
    requested
        Candidates that were asked for, where the work was interrupted; None where it was not.

    Examples
    --------
    >>> import livesim
    >>> found = livesim.incubate(
    ...     "scenarios/incubator.yaml", tried=[5, 20], lengths=[1200], shows=[1],
    ...     candidates=250, later_shows=4, workers=1)
    >>> few, many = found.designs
    >>> few.picked.value > many.picked.value, many.worth.value > few.worth.value
    (True, True)
    """

    kind: ClassVar = FolderKind(
        name="incubation",
        command="livesim incubate SCENARIO --out FOLDER",
        again="run the incubator again",
        manifest=Manifest,
    )

    scenario: Scenario
    incubator: Incubator
    notes: tuple[str, ...]
    seed: int
    pool: Pool
    designs: tuple[Evaluation, ...]
    asked: Evaluation
    best: Evaluation
    as_good: tuple[Evaluation, ...]
    outlooks: tuple[Outlook, Outlook]
    alike: float
    versions: Mapping[str, str] = field(repr=False)
    requested: int | None = None

    def share_of_top(self, share: float) -> float:
        """Return what part of all candidates' sales the best sellers have.

        Parameters
        ----------
        share
            How many best sellers, as a part of all candidates [1].
        """
        return share_of_first(self.pool.gmv.mean(axis=1), share)

    @property
    def origin(self) -> Origin:
        """What it was made from; the replications are the simulated candidates."""
        return Origin.of(
            self.scenario,
            self.seed,
            self.pool.candidates,
            self.versions,
            self.notes,
            self.requested,
            "candidates",
        )

    def tables(self) -> dict[str, DataFrame]:
        """Return ``designs``, with their figures, and ``candidates``: talent, trial and worth.

        Of a candidate there is each uncertain quantity of the person by its path, ``trial_orders``
        in a trial of the scenario's length, and ``profit`` and ``gmv`` of a later show [currency].
        """
        pool = self.pool
        return {
            "designs": frame_of([_told(evaluation) for evaluation in self.designs]),
            "candidates": frame(
                {
                    "candidate": np.arange(pool.candidates),
                    **pool.talent,
                    "trial_orders": pool.score("orders", self.asked.design.length, 1),
                    "profit": pool.profit.mean(axis=1),
                    "gmv": pool.gmv.mean(axis=1),
                }
            ),
        }

    def _arrays(self) -> Iterator[tuple[str, Array]]:
        yield from self.pool.talent.items()
        yield from (("profit", self.pool.profit), ("gmv", self.pool.gmv))

    def _body(self) -> Document:
        """Return the figures of its document.

        ``asked`` (the scenario's own design) and ``best``, each with its ``outlook``; ``as_good``;
        all ``designs``; ``alike``; ``top_share`` (of the sales, of the best 5 % of candidates). A
        cost that is never paid back is None.
        """
        asked, best = self.outlooks
        return {
            "later_shows": self.pool.profit.shape[1],
            "alike": self.alike,
            "top_share": self.share_of_top(0.05),
            "asked": {**_told(self.asked), "outlook": asked.as_dict()},
            "best": {**_told(self.best), "outlook": best.as_dict()},
            "as_good": [asdict(evaluation.design) for evaluation in self.as_good],
            "designs": [_told(evaluation) for evaluation in self.designs],
        }


def _told(evaluation: Evaluation) -> Document:
    figures = {
        name: getattr(evaluation, name).as_dict(*_POSSIBLE.get(name, ())) for name in FIGURES
    }
    return {
        **asdict(evaluation.design),
        **figures,
        "pays_back_after": evaluation.pays_back_after,
    }
