"""What a sweep has found: a show at each of many values, and where a difference changes sign."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from math import inf, prod
from typing import TYPE_CHECKING, Any, ClassVar, Final

import numpy as np

from livesim.arrays import Array
from livesim.errors import UsageError
from livesim.experiment.comparison import SHOW, Comparison, Measure, Row
from livesim.experiment.pairing import Difference, chance_difference, mean_difference
from livesim.results.answer import Answer, Origin
from livesim.results.document import Document
from livesim.results.folders import FolderKind
from livesim.results.frames import frame
from livesim.results.intervals import chance_interval, mean_interval, quantile_interval
from livesim.results.manifest import Manifest
from livesim.scenario.paths import split_path
from livesim.scenario.quantities import AMOUNT, DURATION, SHARE, Kind, QuantityError
from livesim.scenario.scenario import Scenario
from livesim.scenario.sheets import kind_at

if TYPE_CHECKING:
    from livesim.results.frames import DataFrame

BASELINE: Final = "baseline"
"""What the points are compared with, where it is none of them."""


@dataclass(frozen=True)
class Point:
    """One of the shows of a sweep.

    Parameters
    ----------
    name
        As the show is called in the comparison: ``PATH=VALUE``, several joined by semicolons.
    values
        Path → value, as it was given.
    """

    name: str
    values: Mapping[str, Any]


@dataclass(frozen=True)
class Crossing:
    """Where a difference changes its sign.

    Parameters
    ----------
    at
        The value at which it is 0: a point of the sweep, the middle of several that are all 0, or
        else on a straight line between two points.
    low, high
        The values between which 0 is in the 95 % interval of the difference, on straight lines as
        well, so without the error of these; None where the sweep ends before 0 is out of it.
    rising
        Whether the difference is positive above the crossing.
    """

    at: float
    low: float | None
    high: float | None
    rising: bool


class SweepManifest(Manifest):
    """What a sweep's manifest says for its command to be told again."""

    over: dict[str, list[Any]]
    grid: bool = True


@dataclass(frozen=True, eq=False, repr=False)
class Sweep(Answer):
    """What a show comes to at each of many values.

    Parameters
    ----------
    over
        Path → the values that were tried; of a list of points, the value of each.
    points
        Every combination of the values, the last path's changing fastest.
    comparison
        The shows of the points side by side; its base is the baseline, or the first point.

    Examples
    --------
    >>> import livesim
    >>> room = livesim.load("scenarios/brand_room.yaml", {"show.length": "20min"})
    >>> fees = {"deal.guest_fee": [0, 500, 1000]}
    >>> found = livesim.sweep(room, fees, replications=100, workers=1)
    >>> found.table()["profit.difference"].round(2).tolist()
    [0.0, -500.0, -1000.0]
    """

    kind: ClassVar = FolderKind(
        name="sweep",
        command="livesim sweep SCENARIO --over PATH=VALUE,VALUE --out FOLDER",
        again="sweep the scenario again",
        manifest=SweepManifest,
    )

    over: Mapping[str, tuple[Any, ...]]
    points: tuple[Point, ...]
    comparison: Comparison

    @property
    def scenario(self) -> Scenario:
        """The show of the first point."""
        return self.comparison.scenarios[self.points[0].name]

    @property
    def is_grid(self) -> bool:
        """Whether every combination of the values is a point."""
        return len(self.points) == prod(map(len, self.over.values()))

    @property
    def axis(self) -> tuple[float, ...]:
        """The values of the only path as numbers: durations in seconds, shares as parts of 1.

        Raises
        ------
        UsageError
            If several paths are swept, or a value is no number.
        """
        if len(self.over) != 1:
            raise UsageError(f"{len(self.over)} paths are swept: an axis is of one")
        (path, values), *_ = self.over.items()
        return tuple(number(path, value) for value in values)

    @property
    def unit(self) -> str:
        """The unit of the axis: ``s`` of times, else empty."""
        return next(unit(path, values[0]) for path, values in self.over.items())

    @property
    def whole(self) -> bool:
        """Whether the axis counts what comes in whole units."""
        kinds = [kind_at(split_path(path)) for path in self.over]
        return all(kind is not None and kind.whole for kind in kinds)

    def differences(self, measure: str = "profit", product: str = SHOW) -> tuple[Difference, ...]:
        """Return how far each point is from the base; the base itself not at all.

        Raises
        ------
        UsageError
            If there is no such measure, or the base has no such product or another currency.
        """
        row = self.comparison.row(measure, product)
        base = self.comparison.base
        itself = {base: Difference(0.0, 0.0, 0.0, same=True)} if base in row.values else {}
        known = {**row.differences, **itself}
        missing = [point.name for point in self.points if point.name not in known]
        if missing:
            raise UsageError(f"{measure} of {missing[0]} cannot be compared with that of {base}")
        return tuple(known[point.name] for point in self.points)

    def against(
        self, other: Sweep, measure: str = "profit", product: str = SHOW
    ) -> tuple[Difference, ...]:
        """Return this sweep's figures minus those of another, value by value.

        Parameters
        ----------
        other
            A sweep over as many values, with the same seed and replications.
        measure, product
            What is compared: a mean or a chance.

        Raises
        ------
        UsageError
            If the two cannot be paired.
        """
        mine, theirs = self.comparison, other.comparison
        if (mine.seed, mine.replications) != (theirs.seed, theirs.replications):
            raise UsageError("two sweeps are paired only with one seed and equal replications")
        if len(self.points) != len(other.points):
            raise UsageError("two sweeps are paired only over equally many values")
        statistic = mine.row(measure, product).measure.statistic
        if statistic == "median":
            raise UsageError(f"{measure} is a median: compare means or chances")
        apart = chance_difference if statistic == "chance" else mean_difference
        key = (product, measure)
        return tuple(
            apart(theirs.measured[b.name][key], mine.measured[a.name][key])
            for a, b in zip(self.points, other.points, strict=True)
        )

    def crossings(self, measure: str = "profit", product: str = SHOW) -> tuple[Crossing, ...]:
        """Return where the points come to as much as the base, by rising values.

        Raises
        ------
        UsageError
            As `axis`, `differences` and `crossings`.
        """
        return self._crossings(self.differences(measure, product))

    def break_even(self) -> tuple[Crossing, ...]:
        """Return where the mean profit is 0, by rising values.

        Raises
        ------
        UsageError
            As `axis` and `crossings`.
        """
        profit, measured = self.comparison.row("profit"), self.comparison.measured
        from_nothing = [
            Difference(
                profit.values[point.name],
                *interval(profit.measure, measured[point.name][SHOW, "profit"]),
                same=False,
            )
            for point in self.points
        ]
        return self._crossings(from_nothing)

    def _crossings(self, apart: Sequence[Difference]) -> tuple[Crossing, ...]:
        points = sorted(zip(self.axis, apart, strict=True), key=lambda point: point[0])
        values, rising = zip(*points, strict=True)
        return crossings(values, rising)

    @property
    def origin(self) -> Origin:
        """What it was made from."""
        return self.comparison.origin

    def tables(self) -> dict[str, DataFrame]:
        """Return ``points``, and the ``shows`` and ``products`` of the comparison."""
        return {**self.comparison.tables(), "points": self.table()}

    def _arrays(self) -> Iterator[tuple[str, Array]]:
        return self.comparison._arrays()

    def _kept(self) -> Document:
        over = {path: list(values) for path, values in self.over.items()}
        return {"over": over, "grid": self.is_grid}

    def _body(self) -> Document:
        """Return what a comparison has, ``over``, ``grid``, ``points``, and ``crossings``.

        ``grid`` says whether every combination of the values is a point. Each of ``points`` is the
        name of a show with its ``values``. ``crossings`` with the base's profit are empty where
        several paths are swept.
        """
        return {
            **self.comparison._body(),
            **self._kept(),
            "points": [asdict(point) for point in self.points],
            "crossings": [asdict(crossing) for crossing in self._profit_crossings()],
        }

    def _profit_crossings(self) -> tuple[Crossing, ...]:
        try:
            return self.crossings("profit", SHOW)
        except UsageError:  # an axis of two paths, or of no numbers: no crossing has a meaning
            return ()

    def table(self) -> DataFrame:
        """Return one row a point: its values, then every figure with its 95 % intervals.

        A figure ``profit`` has ``profit.low`` and ``profit.high``, and against the base
        ``profit.difference``, ``profit.difference.low`` and ``profit.difference.high``; a product's
        figures have its name before them, as in ``serum.demand``.
        """
        columns: dict[str, Array] = {
            path: _as_given([point.values[path] for point in self.points]) for path in self.over
        }
        for row in self.comparison.rows:
            told = [dict(self._told(row, point.name)) for point in self.points]
            columns |= {name: np.array([one[name] for one in told]) for name in told[0]}
        return frame(columns)

    def _told(self, row: Row, show: str) -> Iterator[tuple[str, float]]:
        name = f"{row.product}.{row.measure.name}" if row.product else row.measure.name
        figures = self.comparison.measured[show][row.product, row.measure.name]
        low, high = interval(row.measure, figures)
        yield name, row.values[show]
        yield f"{name}.low", low
        yield f"{name}.high", high
        nothing = Difference(0.0, 0.0, 0.0, same=True)
        found = nothing if show == self.comparison.base else row.differences.get(show)
        yield f"{name}.difference", np.nan if found is None else found.value
        yield f"{name}.difference.low", np.nan if found is None else found.low
        yield f"{name}.difference.high", np.nan if found is None else found.high


def crossings(values: Sequence[float], differences: Sequence[Difference]) -> tuple[Crossing, ...]:
    """Return where a difference changes its sign, on straight lines between points.

    Parameters
    ----------
    values
        The swept values, rising.
    differences
        The difference at each of them.

    Raises
    ------
    UsageError
        If the values do not rise.

    Examples
    --------
    >>> at = [Difference(v, v - 1, v + 1, same=False) for v in (-3.0, 1.0, 5.0)]
    >>> crossings([0.0, 1.0, 2.0], at)
    (Crossing(at=0.75, low=0.5, high=1.0, rising=True),)
    """
    if any(a >= b for a, b in pairwise(values)):
        raise UsageError("the swept values do not rise: give them in order, each once")
    middle, lows, highs = (
        [getattr(one, end) for one in differences] for end in ("value", "low", "high")
    )
    found = []
    for first, last, rising in _zeros(values, middle):
        before, after = (highs, lows) if rising else (lows, highs)
        starts = [zero for zero, _, up in _zeros(values, before) if up == rising and zero <= first]
        ends = [zero for _, zero, up in _zeros(values, after) if up == rising and zero >= last]
        found.append(
            Crossing((first + last) / 2, max(starts, default=None), min(ends, default=None), rising)
        )
    return tuple(found)


def _zeros(
    values: Sequence[float], heights: Sequence[float]
) -> Iterator[tuple[float, float, bool]]:
    """Yield from where to where a line through points is 0 as it crosses, and whether it rises."""
    points = list(zip(values, heights, strict=True))
    apart = [point for point in points if point[1] != 0]
    for (x, y), (next_x, next_y) in pairwise(apart):
        if (y < 0) != (next_y < 0):
            at_0 = [value for value, _ in points if x < value < next_x]
            zeros = at_0 or [x + (next_x - x) * y / (y - next_y)]
            yield zeros[0], zeros[-1], next_y > 0


def told(value: Any) -> str:
    """Return a value as it is told, without the rounding errors of steps that were added up.

    Examples
    --------
    >>> told(300.0), told(99.1 + 0.1 + 0.1), told("420–1540")
    ('300', '99.3', '420–1540')
    """
    return f"{value:.12g}" if isinstance(value, float) else str(value)


def _as_given(values: Sequence[Any]) -> Array:
    """Return values as a column in which a number among texts stays one."""
    numbers = all(isinstance(value, int | float) for value in values)
    return np.array(values, dtype=None if numbers else object)


def number(path: str, value: object) -> float:
    """Read a swept value as a number, whatever its unit."""
    return float(value) if isinstance(value, int | float) else _kind(path, value).read(value)


def unit(path: str, value: object) -> str:
    """Return the unit of a swept value as a number: that of a time, and none of all others."""
    is_time = not isinstance(value, int | float) and _kind(path, value) is DURATION
    return DURATION.unit if is_time else ""


def _kind(path: str, value: object) -> Kind:
    """Return what a swept text is."""
    for kind in (SHARE, AMOUNT, DURATION):
        try:
            kind.read(value)
        except QuantityError:
            continue
        return kind
    raise UsageError(f"{path} was swept over {value!r}, which is no number to draw on an axis")


def interval(measure: Measure, figures: Array) -> tuple[float, float]:
    """Return the 95 % interval of a figure over the replications."""
    match measure.statistic:
        case "mean":
            mean, half_width = mean_interval(figures)
            error = inf if half_width is None else half_width
            return max(mean - error, measure.least), mean + error
        case "chance":
            return chance_interval(int(figures.sum()), figures.size)[1:]
        case "median":
            low, high = quantile_interval(figures, 0.5)
            return max(low, measure.least), high
