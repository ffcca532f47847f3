"""A comparison: shows side by side, and how far each is from the first of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import inf, nan
from typing import TYPE_CHECKING, Any, ClassVar, Literal, TypeAlias

import numpy as np

from livesim.arrays import Array
from livesim.errors import UsageError
from livesim.experiment.pairing import Difference
from livesim.results.answer import Answer, Origin
from livesim.results.document import Document
from livesim.results.folders import FolderKind
from livesim.results.frames import frame, frame_of
from livesim.results.manifest import Manifest
from livesim.results.summary import figure
from livesim.scenario.scenario import Scenario

if TYPE_CHECKING:
    from livesim.results.frames import DataFrame

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
    Measure("unavailable", "1", "chance"),
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


@dataclass(frozen=True, eq=False, repr=False)
class Comparison(Answer):
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
    measured
        What the rows are made from, by name of the show: figures by replication.
    versions
        What they were simulated with.
    requested
        Replications that were asked for, where the work was interrupted.
    titles
        What people read for the names of shows that nobody chose, such as those of their files.

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

    kind: ClassVar = FolderKind(
        name="comparison",
        command="livesim compare SCENARIO SCENARIO --out FOLDER",
        again="compare the scenarios again",
        manifest=Manifest,
    )

    scenarios: Mapping[str, Scenario]
    notes: Mapping[str, tuple[str, ...]]
    seed: int
    replications: int
    rows: tuple[Row, ...]
    measured: Mapping[str, Figures] = field(repr=False)
    versions: Mapping[str, str] = field(repr=False)
    requested: int | None = None
    titles: Mapping[str, str] = field(default_factory=dict)

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
        return frame_of(
            [
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
        )

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
            parts = [self.measured[name][product, measure.name] for name, product in labels]
            columns[measure.name] = np.concatenate(parts)
        return frame(columns)

    @property
    def origin(self) -> Origin:
        """What it was made from."""
        notes = dict.fromkeys(note for notes in self.notes.values() for note in notes)
        return Origin(
            self.scenarios,
            self.seed,
            self.replications,
            self.versions,
            tuple(notes),
            self.requested,
            self.titles,
        )

    def tables(self) -> dict[str, DataFrame]:
        """Return ``differences``, ``shows`` and ``products``."""
        return {name: getattr(self, name) for name in ("differences", "shows", "products")}

    def _arrays(self) -> Iterator[tuple[str, Array]]:
        for name, figures in self.measured.items():
            for (product, measure), array in figures.items():
                yield f"{name}.{product}.{measure}", array

    def _body(self) -> Document:
        """Return ``base``, ``intervals`` (how many can miss), ``show`` and ``products``.

        Each measure has its ``unit``, the ``values`` and the ``differences`` by name of the show.
        """
        products: dict[str, Document] = {}
        for row in self.rows:
            if row.product:
                products.setdefault(row.product, {})[row.measure.name] = self._told(row)
        return {
            "base": self.base,
            "intervals": self.intervals,
            "show": {row.measure.name: self._told(row) for row in self.rows if not row.product},
            "products": products,
        }

    def _told(self, row: Row) -> Document:
        key = row.product, row.measure.name
        return {
            "unit": row.measure.unit,
            "statistic": row.measure.statistic,
            "values": {
                name: figure(self.measured[name][key], row.measure.least) for name in row.values
            },
            "differences": {name: found.as_dict() for name, found in row.differences.items()},
        }


def _columns(difference: Difference | None) -> dict[str, Any]:
    """Return a difference under the names that it has in a table; NaN where there is none."""
    if difference is None:
        nothing = dict.fromkeys(("difference", "low", "high", "narrowing"), nan)
        return nothing | {"significant": None, "same": None}
    told = difference.as_dict()
    return {**told, "narrowing": nan if told["narrowing"] is None else told["narrowing"]}
