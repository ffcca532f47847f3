"""Compare shows: what one is worth more than another, on the same luck.

All are simulated with one seed. Random streams and Latin hypercubes are addressed by name, so what
two shows share keeps its luck in both, and their difference is known much better than either. The
first show is the base that the others are compared with.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field
from functools import partial
from math import inf, nan
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from livesim.errors import Interrupted, UsageError
from livesim.experiment.pairing import (
    Difference,
    chance_difference,
    mean_difference,
    median_difference,
    resampled_medians,
)
from livesim.experiment.runner import Block, Progress, Runner
from livesim.experiment.simulating import simulate_block
from livesim.experiment.study import check_replications, explicit
from livesim.randomness import checked_seed
from livesim.resolve import Resolution
from livesim.results.columns import since_link
from livesim.results.intervals import quantile
from livesim.results.provenance import provenance
from livesim.results.result import frame
from livesim.scenario.scenario import Scenario
from livesim.scenario.sources import Source

if TYPE_CHECKING:
    from livesim.results.result import DataFrame

Array = NDArray[Any]
Key: TypeAlias = tuple[str, str]
"""A product, or "" for the show, and the name of a measure."""

Figures: TypeAlias = Mapping[Key, Array]
"""What was measured in one show, each by replication, shape (R,)."""

SHOW = ""
"""Where a product would be named: the show as a whole."""

WITHIN = {"gone_in_1min": 60.0, "gone_in_5min": 300.0, "gone_in_20min": 1200.0}
"""Chances to be sold out so soon after the first link, and how soon [s]."""


@dataclass(frozen=True)
class Measure:
    """What shows are compared by.

    Parameters
    ----------
    name
        As in tables and documents.
    unit
        ``currency``, ``units``, ``viewers``, ``1`` for a chance, or ``s``.
    statistic
        What is taken of the replications: their mean, the chance, or the median.
    least
        Less than this it cannot be, in its unit.
    """

    name: str
    unit: Literal["currency", "units", "viewers", "1", "s"]
    statistic: Literal["mean", "chance", "median"] = "mean"
    least: float = 0.0


OF_SHOW = (
    Measure("profit", "currency", least=-inf),
    Measure("sales", "units"),
    Measure("gmv", "currency"),
    Measure("unique_viewers", "viewers"),
)
OF_PRODUCT = (
    Measure("demand", "units"),
    Measure("sales", "units"),
    Measure("lost", "units"),
    Measure("sold_out", "1", "chance"),
    *(Measure(name, "1", "chance") for name in WITHIN),
    Measure("since_link", "s", "median"),
)


@dataclass(frozen=True)
class Row:
    """One measure of every show in which there is it.

    Parameters
    ----------
    product
        Name of the product; empty for the show as a whole.
    measure
        What is measured.
    values
        By name of the show: the mean, chance, or median; inf for a median that is never. Shows
        that do not have the product are left out.
    differences
        Against the base, by name of the show; left out where there is nothing to subtract.
    """

    product: str
    measure: Measure
    values: Mapping[str, float]
    differences: Mapping[str, Difference]


@dataclass(frozen=True)
class Comparison:
    """Shows side by side, paired replication by replication.

    Parameters
    ----------
    scenarios
        The shows by name; the first is the base.
    notes
        What was assumed where their files said nothing, by name.
    seed, replications
        Of all of them.
    rows
        What they are compared by: the show as a whole, then each product.
    figures
        What the rows are made from, by name of the show: figures by replication.
    versions
        What they were simulated with.

    Examples
    --------
    >>> import livesim
    >>> room = livesim.load("scenarios/brand_room.yaml", {"show.length": "20min"})
    >>> fee = room.with_changes({"deal.guest_fee": 1000})
    >>> found = livesim.compare({"as it is": room, "with a fee": fee}, replications=100, workers=1)
    >>> profit = found.row("profit").differences["with a fee"]
    >>> print(f"{profit.value:.2f} ± {profit.half_width:.2f}")
    -1000.00 ± 0.00
    >>> found.row("demand", "serum").differences["with a fee"].same
    True
    """

    scenarios: Mapping[str, Scenario]
    notes: Mapping[str, tuple[str, ...]]
    seed: int
    replications: int
    rows: tuple[Row, ...]
    figures: Mapping[str, Figures] = field(repr=False)
    versions: Mapping[str, str] = field(repr=False)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the shows, the base first."""
        return tuple(self.scenarios)

    @property
    def base(self) -> str:
        """Name of the show that the others are compared with."""
        return self.names[0]

    @property
    def intervals(self) -> int:
        """Intervals that can miss: not of figures that differ equally in every replication."""
        return sum(
            not difference.same and difference.low < difference.high
            for row in self.rows
            for difference in row.differences.values()
        )

    def row(self, measure: str, product: str = SHOW) -> Row:
        """Return one measure of all shows.

        Raises
        ------
        UsageError
            If there is no such measure or product.
        """
        for row in self.rows:
            if (row.product, row.measure.name) == (product, measure):
                return row
        known = ", ".join(row.measure.name for row in self.rows if row.product == product)
        raise UsageError(
            f"nothing called {measure} is compared of {product or 'the show'}; known: "
            f"{known or 'no such product'}"
        )

    @property
    def differences(self) -> DataFrame:
        """Every measure: one row a product × measure × show, the base's own included."""
        rows = [
            {
                "product": row.product,
                "measure": row.measure.name,
                "unit": row.measure.unit,
                "scenario": name,
                "value": value,
                **_columns(row.differences.get(name)),
            }
            for row in self.rows
            for name, value in row.values.items()
        ]
        columns = {column: [row[column] for row in rows] for column in rows[0]}
        return frame({name: np.array(values) for name, values in columns.items()})

    @property
    def shows(self) -> DataFrame:
        """What the whole show came to: one row a show × replication."""
        return self._replicated([(name, SHOW) for name in self.names], OF_SHOW).drop(
            columns="product"
        )

    @property
    def products(self) -> DataFrame:
        """What each product came to: one row a show × product × replication."""
        labels = [(name, p) for name, scenario in self.scenarios.items() for p in scenario.products]
        return self._replicated(labels, OF_PRODUCT)

    def _replicated(self, labels: Sequence[Key], measures: Sequence[Measure]) -> DataFrame:
        rows = self.replications
        columns = {
            "scenario": np.repeat([name for name, _ in labels], rows),
            "product": np.repeat([product for _, product in labels], rows),
            "replication": np.tile(np.arange(rows), len(labels)),
        }
        for measure in measures:
            parts = [self.figures[name][product, measure.name] for name, product in labels]
            columns[measure.name] = np.concatenate(parts)
        return frame(columns)


def compare(
    scenarios: Mapping[str, Scenario | Resolution | Source],
    *,
    replications: int = 1000,
    seed: int = 1,
    workers: int | None = None,
    executor: Executor | None = None,
    progress: Progress | None = None,
) -> Comparison:
    """Simulate shows on the same luck and say how far they are apart.

    Parameters
    ----------
    scenarios : mapping of str to Scenario, Resolution or Source
        Two shows or more by name, or their files. The first is the base.
    replications : int
        Number of simulated shows R of each: whole batches of 50.
    seed : int
        The seed of all of them, 0 or greater.
    workers : int, optional
        Number of processes; as many as processors if not given.
    executor : concurrent.futures.Executor, optional
        Where to work, instead of on this machine; it stays open.
    progress : callable, optional
        Called as ``progress(what, done, tasks)`` when a block of a show is done.

    Returns
    -------
    Comparison
        The same bits for any number of workers.

    Raises
    ------
    ScenarioError
        If a file has mistakes, or drawn conversions add up to more than 1.
    UsageError
        If there are fewer than two shows, the replications are not whole batches, the seed is
        negative or there is no worker.
    Interrupted
        If it was interrupted after at least one block of every show.

    Notes
    -----
    Each interval is a 95 % interval of its own, not one of all at once: of many, 1 in 20 misses by
    luck. What differs by the same in every replication cannot be missed, and does not count
    (`Comparison.intervals`). Products are compared where both shows have one of the name; money
    only in one currency.

    Examples
    --------
    >>> import livesim
    >>> room = livesim.load("scenarios/brand_room.yaml", {"show.length": "20min"})
    >>> cheaper = room.with_changes({"products.serum.price": 249})
    >>> found = livesim.compare({"as it is": room, "cheaper": cheaper}, replications=250, workers=1)
    >>> difference = found.row("demand", "serum").differences["cheaper"]
    >>> difference.low > 0, difference.significant
    (True, False)
    """
    return compare_with(Runner(workers, executor, progress), scenarios, replications, seed)


def compare_with(
    runner: Runner,
    scenarios: Mapping[str, Scenario | Resolution | Source],
    replications: int,
    seed: int,
) -> Comparison:
    """Simulate shows on the same luck with a runner; all else as :func:`compare`."""
    _check(scenarios, replications)
    replications, seed = int(replications), checked_seed(seed)
    resolved = {name: explicit(scenario) for name, scenario in scenarios.items()}
    shows = {name: scenario for name, (scenario, _) in resolved.items()}
    done = runner.replicate(partial(_measured, shows, seed), tuple(shows), replications)
    by_show = zip(shows, zip(*done.found, strict=True), strict=True)
    figures = {name: _joined(parts) for name, parts in by_show}
    found = Comparison(
        scenarios=shows,
        notes={name: notes + _prices_apart(shows, name) for name, (_, notes) in resolved.items()},
        seed=seed,
        replications=len(figures[next(iter(shows))][SHOW, "profit"]),
        rows=_rows(shows, figures, seed),
        figures=figures,
        versions=provenance(),
    )
    if done.interrupted:
        raise Interrupted(found)
    return found


def _prices_apart(shows: Mapping[str, Scenario], name: str) -> tuple[str, ...]:
    """Note which products cost something else than in the first show, and sell all the same."""
    first, own = next(iter(shows.values())), shows[name]
    unmoved = [
        product
        for product, here in own.products.items()
        if (there := first.products.get(product))
        and here.price != there.price
        and here.conversion == there.conversion
        and (here.reference_price, there.reference_price) == (here.price, there.price)
    ]
    if not unmoved:
        return ()
    return (
        f"The price of {', '.join(unmoved)} is another one and moves no demand, as each file says "
        "how often it is ordered at its own. Write reference_price in both to compare prices.",
    )


def _check(scenarios: Mapping[str, object], replications: int) -> None:
    if len(scenarios) < 2:
        raise UsageError(
            f"a comparison needs two shows or more, not {len(scenarios)}: add another scenario, or "
            "a variant of it"
        )
    check_replications(replications)


def _measured(scenarios: Mapping[str, Scenario], seed: int, task: tuple[str, Block]) -> Figures:
    """Simulate a block of a show and keep what is compared."""
    name, block = task
    scenario = scenarios[name]
    outcome = simulate_block(scenario, seed, block.number, replications=block.replications)
    shows, products = outcome.shows, outcome.products
    after = since_link(outcome)
    by_product = {
        "demand": products["demand"],
        "sales": products["sales"],
        "lost": products["lost"],
        "sold_out": np.isfinite(products["sold_out_at"]),
        **{measure: after <= seconds for measure, seconds in WITHIN.items()},
        "since_link": after,
    }
    return {
        (SHOW, "profit"): shows["profit"],
        (SHOW, "sales"): products["sales"].sum(axis=1),
        (SHOW, "gmv"): shows["gmv"],
        (SHOW, "unique_viewers"): outcome.shows["unique_viewers"],
        **{
            (product, measure): figures[:, column]
            for column, product in enumerate(scenario.products)
            for measure, figures in by_product.items()
        },
    }


def _joined(blocks: Sequence[Figures]) -> Figures:
    return {key: np.concatenate([block[key] for block in blocks]) for key in blocks[0]}


def _rows(
    scenarios: Mapping[str, Scenario], figures: Mapping[str, Figures], seed: int
) -> tuple[Row, ...]:
    medians = _medians(figures, seed)
    products = dict.fromkeys(name for show in scenarios.values() for name in show.products)
    return tuple(
        _row(scenarios, figures, medians, product, measure)
        for product in (SHOW, *products)
        for measure in (OF_PRODUCT if product else OF_SHOW)
    )


def _row(
    scenarios: Mapping[str, Scenario],
    figures: Mapping[str, Figures],
    medians: Mapping[str, Figures],
    product: str,
    measure: Measure,
) -> Row:
    key = (product, measure.name)
    there = {name: measured[key] for name, measured in figures.items() if key in measured}
    base = next(iter(scenarios))
    differences = {}
    for name in there:
        same_unit = measure.unit != "currency" or (
            scenarios[name].show.currency == scenarios[base].show.currency
        )
        if name == base or base not in there or not same_unit:
            continue
        pair = there[base], there[name]
        match measure.statistic:
            case "mean":
                differences[name] = mean_difference(*pair)
            case "chance":
                differences[name] = chance_difference(*pair)
            case "median":
                differences[name] = median_difference(*pair, medians[base][key], medians[name][key])
    values = {name: _value(measure, figure) for name, figure in there.items()}
    return Row(product, measure, values, differences)


def _value(measure: Measure, figure: Array) -> float:
    if measure.statistic == "median":
        median = quantile(figure, 0.5)
        return inf if median is None else median
    return float(figure.mean())


def _medians(figures: Mapping[str, Figures], seed: int) -> dict[str, Figures]:
    """Return the resampled medians of all times, from the same samples in every show."""
    names = {measure.name for measure in OF_PRODUCT if measure.statistic == "median"}
    keys = [(show, key) for show, found in figures.items() for key in found if key[1] in names]
    medians = resampled_medians(np.stack([figures[show][key] for show, key in keys]), seed)
    by_show: dict[str, dict[Key, Array]] = {show: {} for show in figures}
    for (show, key), resampled in zip(keys, medians, strict=True):
        by_show[show][key] = resampled
    return dict(by_show)


def _columns(difference: Difference | None) -> dict[str, Any]:
    """Return a difference under the names that it has in a table; NaN where there is none."""
    if difference is None:
        nothing = dict.fromkeys(("difference", "low", "high", "narrowing"), nan)
        return nothing | {"significant": None, "same": None}
    narrowing = nan if difference.narrowing is None else difference.narrowing
    return {
        "difference": difference.value,
        "low": difference.low,
        "high": difference.high,
        "narrowing": narrowing,
        "significant": difference.significant,
        "same": difference.same,
    }
