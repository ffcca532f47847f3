"""Compare shows with common random numbers: what one is worth more than another.

All are simulated with one seed. Random streams and Latin hypercubes are addressed by name, so what
two shows share keeps its random numbers in both, and their difference is known much better than
either. The first show is the base that the others are compared with.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from livesim.arrays import Array
from livesim.engine.outcome import after_link
from livesim.errors import Interrupted, UsageError, must_be
from livesim.experiment.blocks import Block
from livesim.experiment.comparison import (
    OF_PRODUCT,
    OF_SHOW,
    SHOW,
    WITHIN,
    Comparison,
    Figures,
    Key,
    Measure,
    Row,
)
from livesim.experiment.content import content_digest
from livesim.experiment.custom import NONE, Custom, by_show
from livesim.experiment.executors import Interrupts
from livesim.experiment.pairing import (
    chance_difference,
    mean_difference,
    median,
    median_difference,
    resampled_medians,
)
from livesim.experiment.runner import Progress, Runner
from livesim.experiment.simulating import totals_alike
from livesim.experiment.study import check_replications, explicit
from livesim.randomness import checked_seed
from livesim.resolve import Resolution
from livesim.resolve.inputs import inputs_of
from livesim.results.provenance import provenance
from livesim.scenario.scenario import Scenario
from livesim.scenario.sources import Source

if TYPE_CHECKING:
    from livesim.engine.tables import Totals
    from livesim.experiment.custom import Behaviour, ShowProcess

#: So many shows of one crowd are simulated by one process, so that there is work for many.
_MOST_ALIKE = 10


def compare(
    scenarios: Mapping[str, Scenario | Resolution | Source],
    *,
    replications: int = 1000,
    seed: int = 1,
    workers: int | None = None,
    processes: Sequence[ShowProcess] | Mapping[str, Sequence[ShowProcess]] = (),
    behaviour: Behaviour | Mapping[str, Behaviour] | None = None,
    executor: Executor | None = None,
    progress: Progress | None = None,
) -> Comparison:
    """Simulate shows with common random numbers and say how far they are apart.

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
    processes, behaviour : optional
        Code of your own that takes part in the shows, as for `livesim.simulate`: in all of them,
        or by the name of the show.
    executor : concurrent.futures.Executor, optional
        Where to work, instead of on this machine; it stays open.
    progress : callable, optional
        Called as ``progress(what, done, tasks)`` when work begins and whenever a block is done.

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
        negative, there is no worker, or a process or behaviour is not what it must be.
    Interrupted
        If it was interrupted after at least one block of every show.

    Notes
    -----
    Each interval is a 95 % interval of its own, not one of all at once: of many, 1 in 20 misses by
    chance. What differs by the same in every replication cannot be missed, and does not count
    (`Comparison.intervals`). Where slots go on at sell-out, shows have the draws of what is
    uncertain in common, and where units or viewers differ, chance is each show's own: differences
    are known less well, without bias. Products are compared where both shows have one of the name;
    money only in one currency.

    Examples
    --------
    >>> import livesim
    >>> room = livesim.load("scenarios/brand_room.yaml", {"show.length": "20min"})
    >>> cheaper = room.with_changes({"products.serum.price": 249})
    >>> found = livesim.compare({"as it is": room, "cheaper": cheaper}, replications=250, workers=1)
    >>> difference = found.row("demand", "serum").differences["cheaper"]
    >>> difference.low > 0, difference.significant
    (True, True)

    What is a flash sale worth that comes by a process?

    >>> def flash(show):
    ...     yield show.until(10 * 60)
    ...     show.set_price("serum", 99)
    >>> both = {"usual": room, "flash": room}
    >>> found = livesim.compare(both, processes={"flash": [flash]}, replications=50, workers=1)
    >>> found.row("demand", "serum").differences["flash"].value > 0
    True
    """
    _check(scenarios, replications)
    custom = by_show(scenarios, processes, behaviour)
    return compare_with(Runner(workers, executor, progress), scenarios, replications, seed, custom)


def compare_with(
    runner: Runner,
    scenarios: Mapping[str, Scenario | Resolution | Source],
    replications: int,
    seed: int,
    custom: Mapping[str, Custom],
    titles: Mapping[str, str] | None = None,
) -> Comparison:
    """Simulate shows with common random numbers and a runner; all else as :func:`compare`.

    People read ``titles`` for the names of shows that nobody chose.
    """
    _check(scenarios, replications)
    replications, seed = int(replications), checked_seed(seed)
    resolved = {name: explicit(scenario) for name, scenario in scenarios.items()}
    shows = {name: scenario for name, (scenario, _) in resolved.items()}
    groups = _alike(shows, custom)
    parts = [([shows[name] for name in group], custom[group[0]]) for group in groups]
    done = runner.replicate(partial(_measured, seed), lambda _: parts, replications)
    with Interrupts(raising=done.interrupted) as interrupts:  # all that was simulated is kept
        by_show = {
            name: _joined([block[number][place] for block in done.found])
            for number, group in enumerate(groups)
            for place, name in enumerate(group)
        }
        figures = {name: by_show[name] for name in shows}
        rows = _rows(shows, figures, seed)
    stopped = done.interrupted or interrupts.noted
    found = Comparison(
        scenarios=shows,
        notes={
            name: notes + _prices_apart(shows, name) + custom[name].notes
            for name, (_, notes) in resolved.items()
        },
        seed=seed,
        replications=len(figures[next(iter(shows))][SHOW, "profit"]),
        rows=rows,
        measured=figures,
        versions=provenance(),
        requested=replications if stopped else None,
        titles=titles or {},
    )
    if stopped:
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
    must_be(scenarios, Mapping, "shows to compare are name → scenario, the base first")
    if len(scenarios) < 2:
        raise UsageError(
            f"a comparison needs two shows or more, not {len(scenarios)}: add another scenario, or "
            "a variant of it"
        )
    check_replications(replications)


def _alike(shows: Mapping[str, Scenario], custom: Mapping[str, Custom]) -> list[list[str]]:
    """Return the names of the shows, those together whose crowds are likely the same.

    Whether they are is seen once they are drawn. Code of a user's own may read all of a show, which
    therefore is alone.
    """
    groups: dict[str, list[list[str]]] = {}
    for name, show in shows.items():
        plain = custom[name] == NONE
        crowd = content_digest(inputs_of(show).of_crowd, show.uncertain()) if plain else name
        those = groups.setdefault(crowd, [[]])
        if len(those[-1]) == _MOST_ALIKE:
            those.append([])
        those[-1].append(name)
    return [group for those in groups.values() for group in those]


def _measured(seed: int, task: tuple[tuple[Sequence[Scenario], Custom], Block]) -> list[Figures]:
    """Simulate a block of each of some shows and keep what is compared."""
    (scenarios, custom), (number, size) = task
    found = totals_alike(scenarios, seed, number, replications=size, custom=custom)
    return [_figures(*one) for one in zip(scenarios, found, strict=True)]


def _figures(scenario: Scenario, totals: Totals) -> Figures:
    shows, products = totals.shows, totals.products
    after = after_link(products["sold_out_at"], products["link_at"])
    by_product = {
        "demand": products["demand"],
        "sales": products["sales"],
        "lost": products["lost"],
        "unavailable": np.isfinite(products["unavailable_at"]),
        "sold_out": np.isfinite(products["sold_out_at"]),
        **{measure: after <= seconds for measure, seconds in WITHIN.items()},
        "since_link": after,
    }
    return {
        (SHOW, "profit"): shows["profit"],
        (SHOW, "sales"): products["sales"].sum(axis=1),
        (SHOW, "gmv"): shows["gmv"],
        (SHOW, "unique_viewers"): shows["unique_viewers"],
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
    return median(figure) if measure.statistic == "median" else float(figure.mean())


def _medians(figures: Mapping[str, Figures], seed: int) -> dict[str, Figures]:
    """Return the resampled medians of all times, from the same samples in every show."""
    names = {measure.name for measure in OF_PRODUCT if measure.statistic == "median"}
    keys = [(show, key) for show, found in figures.items() for key in found if key[1] in names]
    medians = resampled_medians(np.stack([figures[show][key] for show, key in keys]), seed)
    by_show: dict[str, dict[Key, Array]] = {show: {} for show in figures}
    for (show, key), resampled in zip(keys, medians, strict=True):
        by_show[show][key] = resampled
    return dict(by_show)
