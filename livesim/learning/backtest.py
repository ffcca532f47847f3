"""A back-test as an answer: how well past shows could have been foretold."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from livesim.errors import Interrupted, UsageError
from livesim.experiment.runner import Progress, Runner
from livesim.history import History
from livesim.history.rolling_origin import Scored, scored
from livesim.history.whole import PastShow, WholeShows
from livesim.learning.forecasting import METHODS, Stake, foretold, money_lost
from livesim.resolve.learned import Learned
from livesim.resolve.resolving import calibrate_file
from livesim.results.answer import Answer, Origin
from livesim.results.document import Document
from livesim.results.folders import FolderKind
from livesim.results.frames import frame
from livesim.results.manifest import Manifest
from livesim.results.provenance import provenance
from livesim.scenario.scenario import Scenario
from livesim.scenario.sources import Source

if TYPE_CHECKING:
    from livesim.results.frames import DataFrame


@dataclass(frozen=True, eq=False, repr=False)
class Backtest(Answer):
    """How well past shows could have been foretold.

    Parameters
    ----------
    shows
        The past shows by host.
    scored
        The forecasts by measure.
    notes
        What was left out and why.
    versions
        What it was computed with.
    scenario
        The show whose past shows they are, as the planner tells it; None for whole shows of any.
    stakes, unknown
        What forecasts of its products were worth, and of how many that is not known.
    requested
        How many shows were to be forecast, where it was interrupted; None where it was not.
    """

    kind: ClassVar = FolderKind(
        name="backtest",
        command="livesim backtest --history FILE --out FOLDER",
        again="run the back-test again",
        manifest=Manifest,
    )

    shows: Mapping[str, Sequence[PastShow]]
    scored: Mapping[str, Scored]
    notes: tuple[str, ...]
    versions: Mapping[str, str] = field(repr=False)
    scenario: Scenario | None = None
    stakes: tuple[Stake, ...] = ()
    unknown: int = 0
    requested: int | None = None

    @property
    def most(self) -> float:
        """What the best stocks in hindsight would have earned, where that is known [currency]."""
        return sum(stake.most for stake in self.stakes)

    @property
    def origin(self) -> Origin:
        """What it was made from; the replications are the past shows that were forecast."""
        shows = {} if self.scenario is None else {self.scenario.title: self.scenario}
        return Origin(
            shows,
            0,
            len(self._forecast),
            self.versions,
            self.notes,
            self.requested,
            called="past shows",
        )

    @property
    def _forecast(self) -> set[str]:
        """The shows that were forecast."""
        return {show for one in self.scored.values() for show in one.shows}

    def tables(self) -> dict[str, DataFrame]:
        """Return ``forecasts``: of each show and measure where it lay, and each method's score.

        ``pit`` is the chance that the forecast gave to at most what came [1]; a score is the CRPS
        of the logarithm.
        """
        rows: dict[str, list[Any]] = {"measure": [], "host": [], "show": [], "pit": []}
        methods = dict.fromkeys(method for one in self.scored.values() for method in one.crps)
        for measure, one in self.scored.items():
            rows["measure"] += [measure] * len(one.shows)
            rows["host"] += one.hosts
            rows["show"] += one.shows
            rows["pit"] += one.pit.tolist()
            for method in methods:  # one that is not of this measure has no score
                crps = one.crps.get(method, np.full(len(one.shows), np.nan))
                rows.setdefault(f"crps.{method}", []).extend(crps.tolist())
        return {"forecasts": frame({name: np.array(column) for name, column in rows.items()})}

    def _arrays(self) -> Iterator[tuple[str, NDArray[Any]]]:
        for measure, one in self.scored.items():
            yield f"{measure} pit", one.pit
            yield from ((f"{measure} {method}", crps) for method, crps in one.crps.items())

    def _body(self) -> Document:
        """Return the figures of its document.

        ``shows`` (those that can be compared), ``forecasts`` (shows that were forecast),
        ``coverage`` of the bands [1], ``crps`` and ``pinball`` by method, ``pit`` (number of
        forecasts in each tenth), ``money`` (the most that stocks could have earned, and what was
        lost against that by method) [currency], and ``by_host``; None where nothing was forecast.
        """
        every = self.scored
        return {
            "shows": sum(map(len, self.shows.values())),
            "forecasts": len(self._forecast),
            "coverage": {name: one.coverage() for name, one in every.items()},
            "crps": {name: one.means() for name, one in every.items()},
            "pinball": {name: one.mean_pinball() for name, one in every.items()},
            "pit": {name: one.tenths() for name, one in every.items()},
            "money": {
                "forecasts": len(self.stakes),
                "unknown": self.unknown,
                "most": self.most,
                "lost": dict(money_lost(self.stakes)),
            },
            "by_host": {
                host: {
                    "shows": len(shows),
                    "coverage": {name: one.coverage(host) for name, one in every.items()},
                }
                for host, shows in self.shows.items()
            },
        }


def backtest(
    shows: History | Scenario | Source,
    history: History | None = None,
    changes: Mapping[str, Any] | None = None,
    *,
    alternative: str | None = None,
    progress: Progress | None = None,
) -> Backtest:
    """Forecast each past show from those before it, and score that against what came.

    Parameters
    ----------
    shows
        Past shows: whole ones are forecast, each from the same host's earlier ones, given its start
        and length. Or a scenario, or its file: then its products are.
    history
        Past shows of the scenario; those that its file names, if None. At least six, or there is
        nothing to forecast.
    changes, alternative
        Of a file, as `livesim.load` takes them.
    progress
        As in `livesim.simulate`, of a scenario's shows.

    Raises
    ------
    ScenarioError
        With every mistake in the file.
    UsageError
        If there are no past shows.
    Interrupted
        If it was interrupted after at least one of a scenario's shows.

    Examples
    --------
    >>> from livesim.history.table import SHOWS, tidy
    >>> rows = [
    ...     {"show": str(n), "length": 7_200, "views": 1_000 + n, "units": 50 + n}
    ...     for n in range(8)
    ... ]
    >>> len(backtest(History(tidy(rows, SHOWS))).scored["units"].shows)
    3
    """
    if not isinstance(shows, History):
        source: Source = shows.to_data() if isinstance(shows, Scenario) else shows
        runner = Runner(workers=1, progress=progress)
        return _of_scenario(source, history, changes, alternative, runner)
    if history is not None:
        raise UsageError("whole shows are forecast from themselves: give one history")
    whole = WholeShows.of(shows)
    hosts = whole.by_host()
    return Backtest(hosts, scored(hosts), whole.notes, provenance())


def _of_scenario(
    source: Source,
    history: History | None,
    changes: Mapping[str, Any] | None,
    alternative: str | None,
    runner: Runner,
) -> Backtest:
    """Forecast the products of a scenario in its past shows."""
    learned = calibrate_file(source, history, changes, alternative=alternative)
    found = foretold(learned.told, learned.history, learned.untold, runner)
    by_measure = {
        "units": Scored.of(found.units, METHODS),
        "viewers": Scored.of(found.viewers, METHODS[:4]),
    }
    backtest = Backtest(
        shows={"": WholeShows.of(learned.history).shows},
        scored=by_measure,
        notes=(*learned.read, *_left_out(learned)),
        versions=provenance(),
        scenario=learned.told,
        stakes=found.stakes,
        unknown=found.unknown,
        requested=found.requested,
    )
    if found.requested is not None:
        raise Interrupted(backtest)
    return backtest


def _left_out(learned: Learned) -> Iterator[str]:
    """Yield what of a history says nothing of the scenario's products."""
    others = {str(name) for name in learned.history.shows["product"].dropna()}
    others -= learned.told.products.keys()
    if others:
        yield f"not among the scenario's products, and left out: {', '.join(sorted(others))}"
