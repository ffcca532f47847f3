"""A calibration as an answer: what past shows say of the next one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from concurrent.futures import BrokenExecutor, Executor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Final

import numpy as np
from numpy.typing import NDArray

from livesim.arrays import Floats
from livesim.errors import UsageError
from livesim.history import History
from livesim.resolve.centring import OF_ERRORS, signs_of_errors
from livesim.resolve.learned import Learned, PastFactors
from livesim.resolve.resolving import calibrate_file
from livesim.results.answer import Answer, Origin
from livesim.results.document import Document
from livesim.results.folders import FolderKind
from livesim.results.frames import frame, frame_of
from livesim.results.manifest import Manifest
from livesim.results.provenance import provenance
from livesim.scenario.scenario import Scenario
from livesim.scenario.sources import Source

if TYPE_CHECKING:
    from livesim.results.frames import DataFrame

QUANTILES: Final = (0.1, 0.5, 0.9)
"""Quantiles of the next show's factors that are told."""


@dataclass(frozen=True, eq=False, repr=False)
class Calibration(Answer):
    """What past shows say of the next one.

    Parameters
    ----------
    learned
        What follows from them.
    versions
        What it was computed with.
    """

    kind: ClassVar = FolderKind(
        name="calibration",
        command="livesim calibrate SCENARIO --out FOLDER",
        again="calibrate again",
        manifest=Manifest,
    )

    learned: Learned
    versions: Mapping[str, str] = field(repr=False)

    @property
    def scenario(self) -> Scenario:
        """The show as past shows say it is: with joint draws of its turnout and its appeals."""
        return self.learned.scenario

    @property
    def shows(self) -> tuple[PastFactors, ...]:
        """How far off each past show was, and how much it counts."""
        return self.learned.shows

    @property
    def origin(self) -> Origin:
        """What it was made from; the replications are the joint draws in the scenario."""
        learned = self.learned
        notes = (*learned.notes, *learned.read)
        return Origin.of(self.scenario, 1, len(learned.draws["show.appeal"]), self.versions, notes)

    def inputs(self, replications: int, seed: int = 1) -> DataFrame:
        """Return joint draws of what is calibrated, to simulate `scenario` at.

        They are around the medians of the calibrated scenario. In the planner's own, whose numbers
        are what to expect, they would mean less; so `livesim.simulate` refuses them there.

        Parameters
        ----------
        replications
            How many, R.
        seed
            For the draws.

        Returns
        -------
        DataFrame
            A row a replication, a column a path. Its ``attrs`` say whose errors these are, as do
            those of rows and columns cut out of it, also in a plain dict. A bare array says nothing
            of that, and would be taken in any scenario: put it into `scenario` alone.

        Examples
        --------
        >>> import livesim
        >>> from livesim.history.table import SHOWS, tidy
        >>> row = {"show": "gala", "length": 10_800, "viewers": 4_000, "product": "serum"}
        >>> past = livesim.History(tidy([{**row, "units": 80}], SHOWS))
        >>> found = calibrate("scenarios/brand_room.yaml", past)
        >>> result = livesim.simulate(found.scenario, inputs=found.inputs(20))
        >>> len(result.shows)
        20
        >>> livesim.simulate("scenarios/brand_room.yaml", inputs=found.inputs(20))
        Traceback (most recent call last):
        livesim.errors.UsageError: inputs: these rows are draws of another scenario's errors \
(show.turnout_factor, show.appeal, products.serum.appeal and 2 more), and would mean something \
else in this one: simulate the scenario that they are of, as in \
livesim.simulate(calibration.scenario, inputs=calibration.inputs(300))
        """
        table = frame(self.learned.inputs(replications, seed))
        table.attrs[OF_ERRORS] = signs_of_errors(self.scenario)
        return table

    @property
    def next_show(self) -> dict[str, Floats]:
        """Draws of the next show's factors: viewers, orders per viewer, each product's in all."""
        draws = self.learned.many
        appeal = draws["show.appeal"]
        products = {
            name: appeal * draws[f"products.{name}.appeal"] for name in self.scenario.products
        }
        return {"viewers": draws["show.turnout_factor"], "orders per viewer": appeal, **products}

    def tables(self) -> dict[str, DataFrame]:
        """Return ``factors`` of the next show, and ``shows``: how far off, and how much it counts.

        Factors are of what the scenario tells [1].
        """
        body = self._body()
        return {
            "factors": frame_of(
                [
                    {"factor": name, **quantiles, **body["sold_in"].get(name, {})}
                    for name, quantiles in body["factors"].items()
                ]
            ),
            "shows": frame_of(
                [
                    {
                        "show": show["name"],
                        **{side: show[side] for side in ("turnout", "appeal")},
                        **{f"counts_{side}": n for side, n in show["counts"].items()},
                        **{f"share_{side}": n for side, n in show["shares"].items()},
                    }
                    for show in body["shows"]
                ]
            ),
        }

    def _arrays(self) -> Iterator[tuple[str, NDArray[Any]]]:
        yield from self.learned.draws.items()

    def _body(self) -> Document:
        """Return the figures of its document.

        ``shows`` (each with its factors [1], how much it counts beside a usual one, and its share
        of what follows), ``factors`` of the next show (mean and
        quantiles), ``sold_in``.
        """
        sides = ("turnout", "appeal")
        return {
            "shows": [
                {
                    "name": show.name,
                    "turnout": show.turnout,
                    "appeal": show.appeal,
                    "counts": dict(zip(sides, map(float, show.counted), strict=True)),
                    "shares": dict(zip(sides, map(float, show.shares), strict=True)),
                }
                for show in self.shows
            ],
            "factors": {
                name: {
                    "mean": float(values.mean()),
                    **{f"p{100 * q:.0f}": float(np.quantile(values, q)) for q in QUANTILES},
                }
                for name, values in self.next_show.items()
            },
            "sold_in": {
                name: {"shows": times, "sold_out": out}
                for name, (times, out) in self.learned.sold_in.items()
            },
        }


def calibrate(
    scenario: Scenario | Source,
    history: History | None = None,
    changes: Mapping[str, Any] | None = None,
    *,
    alternative: str | None = None,
    executor: Executor | None = None,
) -> Calibration:
    """Learn a scenario's turnout and appeal from past shows.

    Beside a planner who is as wrong as the templates say, one past show moves what is expected by
    0.5 to 0.6 of what it says, three by 0.8 to 0.95, ten by 0.97 or more. Real shows say about the
    same: by which part of its distance from the mean host the next show follows the median of the
    last one, three or ten is 0.55, 0.78 and 0.96 in units a view, and 0.94 to 1 in views an hour
    (least absolute errors; 731 shows of twelve hosts, one platform, summer 2021).

    Parameters
    ----------
    scenario
        The show, with the planner's own view of its viewers and orders, or its file.
    history
        Past shows, with rows for products that are named as in the scenario; those that the file
        names, if None.
    changes, alternative
        Of a file, as `livesim.load` takes them.
    executor
        Where to work, if not in this process; it stays open. All of it is one piece of work.

    Raises
    ------
    ScenarioError
        With every mistake in the file.
    UsageError
        If there are no past shows, none of them says how many watched, or who works is gone.

    Examples
    --------
    >>> import livesim
    >>> from livesim.history.table import SHOWS, tidy
    >>> rows = [
    ...     {"show": str(n), "length": 10_800, "viewers": 4_000, "product": "serum", "units": 80}
    ...     for n in range(6)
    ... ]
    >>> found = calibrate("scenarios/brand_room.yaml", livesim.History(tidy(rows, SHOWS)))
    >>> found.scenario.show.turnout_factor.median > 1.8  # 4,000 viewers came, not 2,000
    True
    """
    source: Source = scenario.to_data() if isinstance(scenario, Scenario) else scenario
    try:
        learned = calibrate_file(
            source, history, changes, alternative=alternative, executor=executor
        )
    except BrokenExecutor as error:
        raise UsageError(str(error)) from error
    return Calibration(learned, provenance())
