"""Trials: the recommended show with one product sold in another way, on the same random numbers.

Viewers are recorded once in a block, and every trial is a ledger of it. Products whose stocks do
not act on each other take their trials of the moment side by side; where slots go on at sell-out, a
trial is simulated from where it parts from the recording; where viewers react, at each of its
levels.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import zip_longest
from typing import Any

import numpy as np
from numpy.typing import NDArray

from livesim.arrays import Counts, Floats
from livesim.experiment.levels import Levels, Stocked, of_stock
from livesim.experiment.runner import Runner
from livesim.planning.curves import Curves, fixed_money
from livesim.planning.items import by_variant, savings
from livesim.planning.looking import Look, Shows
from livesim.resolve.inputs import inputs_of

#: What is kept of a trial's product.
FIGURES = ("demand", "sales", "lost", "left_over", "bought", "profit")


@dataclass(frozen=True)
class Trial:
    """A way to sell one product, at one or several numbers of units.

    Parameters
    ----------
    product
        Which product.
    kind
        Of which kind the way is.
    units
        Units on hand before the show of every item of the show, at L levels, shape (items, L).
    levers
        What of the product is otherwise, by its path below the product: ``waves``,
        ``backorder.units``.
    note
        What must be known of it.
    """

    product: str
    kind: str
    units: Counts
    levers: Mapping[str, Any] = field(default_factory=dict)
    note: str = ""

    @property
    def changes(self) -> dict[str, Any]:
        """The levers by their path in the scenario."""
        return {f"products.{self.product}.{path}": value for path, value in self.levers.items()}

    def at(self, level: int) -> Trial:
        """Return the same trial at one of its levels."""
        return replace(self, units=self.units[:, [level]])


@dataclass(frozen=True)
class Seen:
    """What R replications of a trial came to at its L levels.

    Parameters
    ----------
    trial
        The trial.
    profit
        Of the whole show [currency], shape (R, L).
    figures
        The :data:`FIGURES` of the product by name, shape (R, L), its slot fee left out.
    sold_out_after
        When the product was sold out, counted from its first link [s], inf if never, shape (R, L).
    items_unavailable_after
        When each of its items was first on offer with nothing on hand, counted alike,
        shape (R, items, L).
    on_sale
        Share of the time on offer in which units were on hand [1], at the first level, shape (R,).
    """

    trial: Trial
    profit: Floats
    figures: Mapping[str, Floats]
    sold_out_after: Floats
    items_unavailable_after: Floats
    on_sale: Floats


def tried(
    curves: Curves,
    trials: Sequence[Trial],
    replications: int,
    *,
    after: int = 0,
    runner: Runner,
    what: str,
) -> list[Seen]:
    """Simulate trials in some replications of the study, and say what became of each.

    Parameters
    ----------
    curves
        The show, its items, and the study's seed.
    trials
        What to try. The first changes nothing: it is what other products do in all trials.
    replications, after
        Number of replications R, and of others of the study that are before them.
    runner
        Who does the work.
    what
        What is being done, for who looks at the progress.

    Returns
    -------
    list of Seen
        The trials, in their order.

    Raises
    ------
    KeyboardInterrupt
        If it was interrupted.
    """
    passes = _passes(curves, trials)
    together = [[one] for one in passes] if curves.reactions.simulated_apart else [passes]
    looks = [Look([one.stocked for one in some]) for some in together]
    shows = Shows.of(curves, runner)
    done = shows.looked_at(looks, [list] * len(looks), replications, after=after, what=what)
    blocks = [
        _seen(curves, trials, passes, [levels for found in block for levels in found.told])
        for block in runner.each("Going through the ways to sell", done.whole())
    ]
    return [_joined(parts) for parts in zip(*blocks, strict=True)]


def _joined(blocks: Sequence[Seen]) -> Seen:
    """Put blocks of one trial one after the other."""

    def together(name: str) -> Floats:
        return np.concatenate([getattr(block, name) for block in blocks])

    first = blocks[0]
    return Seen(
        first.trial,
        together("profit"),
        {name: np.concatenate([one.figures[name] for one in blocks]) for name in first.figures},
        together("sold_out_after"),
        together("items_unavailable_after"),
        together("on_sale"),
    )


@dataclass(frozen=True)
class _Pass:
    """One pass of the show: at which levels and how sold, and which trials it shows."""

    stocked: Stocked
    trials: tuple[int, ...]


def _meeting(curves: Curves) -> dict[str, tuple[int, ...]]:
    """Return by product the numbers of those of whose orders its stock decides, itself included."""
    products = list(curves.scenario.products)
    if not curves.reactions.one_recording:
        return dict.fromkeys(products, tuple(range(len(products))))
    meeting: dict[str, tuple[int, ...]] = {name: (n,) for n, name in enumerate(products)}
    for group in inputs_of(curves.scenario).sharing:
        meeting |= dict.fromkeys((products[number] for number in group), group)
    return meeting


def _passes(curves: Curves, trials: Sequence[Trial]) -> list[_Pass]:
    """Return the first trial's pass, and the others': side by side if products do not meet."""
    first, meeting = trials[0], _meeting(curves)
    same = [
        number
        for number, trial in enumerate(trials)
        if not trial.levers and np.array_equal(trial.units, first.units)
    ]
    rows: dict[tuple[int, ...], list[int]] = {}
    for number, trial in enumerate(trials):
        if number not in same:
            rows.setdefault(meeting[trial.product], []).append(number)
    passes = [_Pass(Stocked(by_variant(curves.items, first.units)), tuple(same))]
    for numbers in zip_longest(*rows.values()):
        passes.append(_side_by_side(curves, trials, [n for n in numbers if n is not None]))
    return passes


def _side_by_side(curves: Curves, trials: Sequence[Trial], numbers: Sequence[int]) -> _Pass:
    """Return the pass in which each of some products is sold in its own way."""
    levels = max(trials[number].units.shape[1] for number in numbers)
    units = np.repeat(trials[0].units, levels, axis=1)
    changes: dict[str, Any] = {}
    for number in numbers:
        trial = trials[number]
        mine = [n for n, item in enumerate(curves.items) if item.product == trial.product]
        missing = levels - trial.units.shape[1]
        units[mine] = np.pad(trial.units[mine], ((0, 0), (0, missing)), mode="edge")
        changes |= trial.changes
    return _Pass(Stocked(by_variant(curves.items, units), changes), tuple(numbers))


def _seen(
    curves: Curves, trials: Sequence[Trial], passes: Sequence[_Pass], found: Sequence[Levels]
) -> list[Seen]:
    of = {number: n for n, one in enumerate(passes) for number in one.trials}
    first, meeting = found[0], _meeting(curves)
    meets = [np.isin(first.product_of, meeting[trial.product]) for trial in trials]
    return [
        _of_trial(curves, trial, found[of[number]], first, meets[number])
        for number, trial in enumerate(trials)
    ]


def _of_trial(
    curves: Curves, trial: Trial, own: Levels, first: Levels, meets: NDArray[np.bool_]
) -> Seen:
    """Return what a trial came to; variants that it does not meet, (V,), are as in the first."""
    size = trial.units.shape[1]
    items = [item for item in curves.items if item.product == trial.product]
    mine = [variant for item in items for variant in item.variants]
    alone = meets.sum() == len(mine)

    def figure(name: str) -> Floats:
        return np.asarray(of_stock(own.figures, name)[:, mine, :size].sum(axis=1))

    def whole(name: str) -> Floats:
        others = first.figures[name][:, :, :1]
        if not alone:
            others = np.where(meets[:, None], own.figures[name][:, :, :size], others)
        here = own.figures[name][:, mine, :size].sum(axis=1)
        return np.asarray(here + np.delete(others, mine, axis=1).sum(axis=1))

    saved = savings(curves.items, trial.units)
    number = list(curves.scenario.products).index(trial.product)
    after = [own.unavailable_after(number)]
    if len(items) > 1:
        after = [own.variant_unavailable_after(variant) for variant in mine]
    profit = whole("profit")
    return Seen(
        trial,
        profit + saved + fixed_money(curves.scenario, whole, np.zeros_like(profit)),
        {name: figure(name) for name in FIGURES},
        own.sold_out_after(number)[:, :size],
        np.stack(after, axis=1)[..., :size],
        own.on_sale[:, number, 0],
    )
