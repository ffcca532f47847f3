"""What it would be worth to know inputs before the units are bought, one by one and in groups.

To know an input is to decide among the replications in which it was about so, as
:mod:`livesim.planning.drivers` does. To know several is to know what they say together of the
purchase: how much more units would earn is fitted on their ranks, and its first principal component
is one number that stands for all of them (a regression in place of nested simulation: Strong,
Oakley and Brennan, Medical Decision Making 34, 2014). So the value of a group is one that can be
had, and at most a little below the whole.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from livesim.arrays import Floats
from livesim.explaining.explanation import Information
from livesim.explaining.sobol import fitted
from livesim.planning.curves import Curves, Units
from livesim.planning.drivers import gain_of_knowing, value_of
from livesim.planning.objectives import Objective
from livesim.planning.terms import Terms

#: More and fewer units, by which it is seen what a show's inputs say of the purchase.
_MORE, _FEWER = 1.3, 0.7


def information(curves: Curves, objective: Objective) -> tuple[Information, ...]:
    """Say what knowing inputs is worth, the most valuable first.

    Parameters
    ----------
    curves
        The stock curves.
    objective
        What the plan is for; a cap on risk is left aside, as none could hold once demand is known.
    """
    sought = objective.once_known()
    usual = sought.choose(curves, Terms.of(curves))
    urge = _urge(curves, usual)
    found = [
        Information(name, paths, value_of(_gain(curves, sought, usual, paths, urge)))
        for name, paths in _groups(curves.drawn)
    ]
    return tuple(sorted(found, key=lambda one: one.value.mean or 0.0, reverse=True))


def _groups(drawn: Mapping[str, Floats]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield every input that varies, those of a product or a part together, and all.

    Examples
    --------
    >>> drawn = dict.fromkeys(("show.appeal", "products.a.appeal", "products.b.appeal"), [1.0, 2.0])
    >>> [name for name, _ in _groups(drawn)]
    ['show.appeal', 'products.a.appeal', 'products.b.appeal', 'products', 'all']
    """
    paths = tuple(path for path, values in drawn.items() if np.ptp(values) > 0)
    yield from ((path, (path,)) for path in paths)
    groups: dict[str, list[str]] = {}
    for path in paths:
        first, *rest = path.split(".")
        groups.setdefault(first, []).append(path)
        if first == "products":
            groups.setdefault(f"{first}.{rest[0]}", []).append(path)
    sets = {name: tuple(one) for name, one in groups.items() if 1 < len(one) < len(paths)}
    yield from sets.items()
    if len(paths) > 1:
        yield "all", paths


def _urge(curves: Curves, usual: Units) -> Floats:
    """Return by how much more units of each item earn than fewer, shape (R, items)."""
    columns = []
    for curve, units in zip(curves.curves, usual, strict=True):
        typical = max(float(units), float(np.median(curve.demand)), 1.0)
        columns.append(curve.earned_at(typical * _MORE) - curve.earned_at(typical * _FEWER))
    return np.column_stack(columns)


def _gain(
    curves: Curves, objective: Objective, usual: Units, paths: Sequence[str], urge: Floats
) -> Floats:
    """Return by how much deciding with inputs known beats the usual units, shape (R,)."""
    if len(paths) == 1:
        return gain_of_knowing(curves, objective, usual, curves.drawn[paths[0]])
    said = fitted([curves.drawn[path] for path in paths], urge)
    apart = said - said.mean(axis=0)
    directions = np.linalg.svd(apart, full_matrices=False)[2]
    return gain_of_knowing(curves, objective, usual, np.asarray(apart @ directions[0]))
