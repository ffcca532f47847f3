"""A back-test as an answer: how well past shows could have been foretold."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from livesim.history import History
from livesim.history.backtest import Scored, scored
from livesim.history.whole import Measure, PastShow, WholeShows
from livesim.results.answer import Answer, Origin
from livesim.results.document import Document
from livesim.results.folders import FolderKind
from livesim.results.frames import frame
from livesim.results.manifest import Manifest
from livesim.results.provenance import provenance

if TYPE_CHECKING:
    from livesim.results.frames import DataFrame


@dataclass(frozen=True, repr=False)
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
    """

    kind: ClassVar = FolderKind(
        name="backtest",
        command="livesim backtest --history FILE --out FOLDER",
        again="run the back-test again",
        manifest=Manifest,
    )

    shows: Mapping[str, Sequence[PastShow]]
    scored: Mapping[Measure, Scored]
    notes: tuple[str, ...]
    versions: Mapping[str, str] = field(repr=False)

    @property
    def origin(self) -> Origin:
        """What it was made from: past shows, of no scenario; nothing is simulated."""
        return Origin({}, 0, 0, self.versions, self.notes)

    def tables(self) -> dict[str, DataFrame]:
        """Return ``forecasts``: of each show and measure where it lay, and each method's score.

        ``pit`` is the chance that the forecast gave to at most what came [1]; a score is the CRPS
        of the logarithm.
        """
        rows: dict[str, list[Any]] = {"measure": [], "host": [], "show": [], "pit": []}
        for measure, one in self.scored.items():
            rows["measure"] += [measure] * len(one.shows)
            rows["host"] += one.hosts
            rows["show"] += one.shows
            rows["pit"] += one.pit.tolist()
            for method, crps in one.crps.items():
                rows.setdefault(f"crps.{method}", []).extend(crps.tolist())
        return {"forecasts": frame({name: np.array(column) for name, column in rows.items()})}

    def _arrays(self) -> Iterator[tuple[str, NDArray[Any]]]:
        for measure, one in self.scored.items():
            yield f"{measure} pit", one.pit
            yield from ((f"{measure} {method}", crps) for method, crps in one.crps.items())

    def _body(self) -> Document:
        """Return the figures of its document.

        ``shows`` (those that can be compared), ``forecasts`` (shows that were forecast),
        ``coverage`` of the bands [1], ``crps`` by method, ``pit`` (number of forecasts in each
        tenth) and ``by_host``; None where nothing was forecast.
        """
        every = self.scored
        return {
            "shows": sum(map(len, self.shows.values())),
            "forecasts": len({show for one in every.values() for show in one.shows}),
            "coverage": {name: one.coverage() for name, one in every.items()},
            "crps": {name: one.means() for name, one in every.items()},
            "pit": {name: one.tenths() for name, one in every.items()},
            "by_host": {
                host: {
                    "shows": len(shows),
                    "coverage": {name: one.coverage(host) for name, one in every.items()},
                }
                for host, shows in self.shows.items()
            },
        }


def backtest(history: History) -> Backtest:
    """Forecast each past show from the same host's earlier ones, given its start and length.

    Parameters
    ----------
    history
        Past shows; at least six of a host, or there is nothing to forecast.

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
    whole = WholeShows.of(history)
    hosts = whole.by_host()
    return Backtest(hosts, scored(hosts), whole.notes, provenance())
