"""Sweep a value through a show: what each value of it comes to, with common random numbers.

A sweep is a comparison of many shows: one for each value, or for each combination of values where
several are swept. Nothing is simulated or paired in another way than there. On top of it stand a
table with one row a point, and where a difference changes its sign: how well must the famous guest
fit before he is worth more than the small one?
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial
from itertools import product as combinations
from math import prod
from typing import TYPE_CHECKING, Any, Final, TypeAlias, cast

from livesim.errors import Interrupted, Mistake, ScenarioError, UsageError, must_be
from livesim.experiment.comparing import compare_with
from livesim.experiment.custom import NONE, Custom
from livesim.experiment.runner import Progress, Runner
from livesim.experiment.study import resolution_of
from livesim.experiment.swept import BASELINE, Point, Sweep, told
from livesim.resolve import Resolution, Resolver
from livesim.scenario.including import with_includes
from livesim.scenario.scenario import Scenario
from livesim.scenario.sources import Source, changed_paths, opened

if TYPE_CHECKING:
    from livesim.experiment.custom import Behaviour, ShowProcess

Over: TypeAlias = Mapping[str, Sequence[Any]] | Sequence[Mapping[str, Any]]
"""Values by path, of which every combination is tried; or points, each path → value."""
_Tried: TypeAlias = Mapping[str, tuple[Any, ...]]

#: A sweep with more points would take days and tell no more.
MOST_POINTS: Final = 10_000

#: So many points are resolved together, as much of what a file tells is worked out once for them.
_TOGETHER: Final = 25


def sweep(
    scenario: Scenario | Resolution | Source,
    over: Over,
    *,
    baseline: Scenario | Resolution | Source | None = None,
    changes: Mapping[str, Any] | None = None,
    alternative: str | None = None,
    replications: int = 1000,
    seed: int = 1,
    workers: int | None = None,
    processes: Sequence[ShowProcess] = (),
    behaviour: Behaviour | None = None,
    executor: Executor | None = None,
    progress: Progress | None = None,
) -> Sweep:
    """Simulate a show at every combination of values, or at given points.

    All share their random numbers.

    Parameters
    ----------
    scenario : Scenario, Resolution or Source
        The show, or its file. Of a file, what tells of past shows (``viewers``) can be swept, too.
    over : mapping of str to sequence, or sequence of mappings
        Path → values in the notation of a file: ``{"people.kim.fit.kim_fans": [-0.5, 0, 0.5]}``,
        then every combination is simulated. Or a list of points, each path → value, as
        `livesim.experiment.designs.design` spreads them evenly.
    baseline : Scenario, Resolution or Source, optional
        What all are compared with; the first point if not given, which of a design is no better
        than another: give the show itself.
    changes : mapping of str to value, optional
        Further changes that hold at every point.
    alternative : str, optional
        Which of the alternatives that the scenario's file describes, where it does.
    processes, behaviour
        Code of your own that takes part in all of the shows, as for `livesim.simulate`.
    replications, seed, workers, executor, progress
        As in `livesim.compare`, for each of the shows.

    Returns
    -------
    Sweep
        The same bits for any number of workers.

    Raises
    ------
    ScenarioError
        If a file has mistakes, or a path or value does not fit.
    UsageError
        If nothing is swept, a value stands twice, there is one value and no baseline, an
        alternative is picked of what is no file, or as `livesim.compare`.
    Interrupted
        If it was interrupted after at least one block of every show.

    Examples
    --------
    >>> import livesim
    >>> short = {"show.length": "20min"}
    >>> found = livesim.sweep(
    ...     "scenarios/brand_room.yaml", {"products.serum.owned": [20, 40, 80]}, changes=short,
    ...     replications=100, workers=1)
    >>> found.table()["serum.sold_out"].is_monotonic_decreasing
    True
    """
    custom = Custom.of(processes, behaviour)
    grid = Grid.of(scenario, over, baseline, changes or {}, alternative, workers)
    return grid.swept(Runner(workers, executor, progress), replications, seed, custom)


class PointsError(ScenarioError):
    """Points of a sweep that cannot be shows.

    Parameters
    ----------
    mistakes
        At least one mistake.
    points
        The number of the first point that has it, a mistake each; counted from 0.
    """

    def __init__(self, mistakes: Sequence[Mistake], points: Sequence[int]) -> None:
        super().__init__(mistakes)
        self.points = tuple(points)


@dataclass(frozen=True)
class Grid:
    """What a sweep simulates: every combination of values, and what they are compared with.

    Parameters
    ----------
    over, points
        As of a :class:`Sweep`.
    shows
        Of the points by name, with everything explicit, behind the baseline if there is one.
    """

    over: Mapping[str, tuple[Any, ...]]
    points: tuple[Point, ...]
    shows: Mapping[str, Resolution]

    @classmethod
    def of(
        cls,
        scenario: Scenario | Resolution | Source,
        over: Over,
        baseline: Scenario | Resolution | Source | None,
        changes: Mapping[str, Any],
        alternative: str | None,
        workers: int | None,
    ) -> Grid:
        """Resolve the shows of a sweep; all as for :func:`sweep`."""
        tried, points = _combinations(over) if isinstance(over, Mapping) else _listed(over)
        at = _resolver(scenario, alternative)
        if baseline is None and len(points) == 1:
            raise UsageError(
                f"{points[0].name} is a single value: give two or more, as in "
                "deal.guest_fee=0,5k,10k, or a show as the baseline (--against SCENARIO)"
            )
        fixed = changed_paths(changes)
        every = [{**fixed, **point.values} for point in points]
        together = [every[n : n + _TOGETHER] for n in range(0, len(every), _TOGETHER)]
        done = Runner(workers).run(partial(_resolved, at), together, "Resolving").whole()
        found = [one for some in done for one in some]
        # What is wrong at every point is said once.
        wrong: dict[str, tuple[Mistake, int]] = {}
        for number, one in enumerate(found):
            for mistake in one.mistakes if isinstance(one, ScenarioError) else ():
                wrong.setdefault(str(mistake), (mistake, number))
        if wrong:
            raise PointsError(*zip(*wrong.values(), strict=True))
        shows = {} if baseline is None else {BASELINE: resolution_of(baseline)}
        for point, show in zip(points, found, strict=True):
            shows[point.name] = cast("Resolution", show)
        return cls(tried, points, shows)

    def swept(self, runner: Runner, replications: int, seed: int, custom: Custom = NONE) -> Sweep:
        """Simulate all of them; all else as :func:`sweep`."""
        own = dict.fromkeys(self.shows, custom)
        try:
            found = compare_with(runner, self.shows, replications, seed, own)
            return Sweep(self.over, self.points, found)
        except Interrupted as stop:
            raise Interrupted(Sweep(self.over, self.points, stop.answer)) from None


def _combinations(over: Mapping[str, Sequence[Any]]) -> tuple[_Tried, tuple[Point, ...]]:
    """Return the values by path, and every combination of them."""
    tried = {path: _values(path, values) for path, values in changed_paths(over, "over").items()}
    if not tried or not all(tried.values()):
        raise UsageError("a sweep needs a path and its values, such as deal.guest_fee=0,5k,10k")
    check_points(prod(map(len, tried.values())))
    return tried, _points([dict(zip(tried, v, strict=True)) for v in combinations(*tried.values())])


def _listed(over: Sequence[Mapping[str, Any]]) -> tuple[_Tried, tuple[Point, ...]]:
    """Return the values by path, one a point, and the points."""
    must_be(over, (list, tuple), "over: path → values, or a list of points, is needed")
    check_points(len(over))
    rows = [changed_paths(row, "over") for row in over]
    if not rows or not all(rows) or any(row.keys() != rows[0].keys() for row in rows):
        raise UsageError("a sweep over points needs some, each with a value of the same paths")
    points = _points([{path: row[path] for path in rows[0]} for row in rows])
    return {path: tuple(row[path] for row in rows) for path in rows[0]}, points


def _values(path: str, values: object) -> tuple[Any, ...]:
    must_be(values, (list, range, tuple), f"{path}: a list of values to try is needed")
    several = cast("Sequence[Any]", values)
    check_points(len(several))
    return tuple(several)


def check_points(points: int) -> None:
    """Raise a UsageError if a sweep had too many points: each is a show of its own."""
    if points > MOST_POINTS:
        raise UsageError(
            f"{points:,} points are too many for a sweep: take {MOST_POINTS:,} at most"
        )


def _points(rows: Sequence[Mapping[str, Any]]) -> tuple[Point, ...]:
    points = [Point("; ".join(f"{path}={told(row[path])}" for path in row), row) for row in rows]
    twice, times = Counter(point.name for point in points).most_common(1)[0]
    if times > 1:
        raise UsageError(f"{twice} stands twice in the sweep: write each value once")
    return tuple(points)


def _resolver(
    scenario: Scenario | Resolution | Source, alternative: str | None
) -> Callable[[Mapping[str, Any]], Resolution]:
    """Return what resolves the show with changes."""
    if not isinstance(scenario, Scenario | Resolution):
        return Resolver(with_includes(opened(scenario), alternative)).at
    if alternative is not None:
        raise UsageError(
            f"alternative={alternative!r} is picked of a file, and here is a scenario: give the "
            "file, or livesim.load(…, alternative=…) and no alternative here"
        )
    show = scenario.scenario if isinstance(scenario, Resolution) else scenario
    return partial(_changed, show)


def _changed(show: Scenario, changes: Mapping[str, Any]) -> Resolution:
    return resolution_of(show.with_changes(changes))


def _resolved(
    at: Callable[[Mapping[str, Any]], Resolution], points: Sequence[Mapping[str, Any]]
) -> list[Resolution | ScenarioError]:
    """Resolve the shows of some points, one after the other."""
    found: list[Resolution | ScenarioError] = []
    for point in points:
        try:
            found.append(at(point))
        except ScenarioError as error:
            found.append(error)
    return found
