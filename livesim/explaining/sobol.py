"""Sobol indices from replications that are there: which input makes how much of a figure vary.

The figure is fitted by polynomials of the inputs' ranks that are orthonormal in the sample: those
of one input alone, and products of those of two. Ranks are even, so that what a figure does at the
ends of an input, such as rising without bound, is beyond their powers: the square and the cube of
an input's normal score (van der Waerden) stand beside them. Then the share of an input in the
variance is the sum of its squared coefficients (polynomial chaos: Sudret, Reliability Engineering &
System Safety 93, 2008). A squared coefficient that is estimated is too large by its own error's
variance, which is taken off, so that what decides nothing has a share of 0 on average. What three
inputs do together, and edges sharper than the polynomials, are told apart for nobody: a total may
be larger by them.

How much is left to chance is not a matter of the fit: some replications take place once more with
the same inputs, and half the mean squared difference is the variance that no input explains.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, product
from typing import Final

import numpy as np
from scipy.special import ndtri

from livesim.arrays import Floats

#: Powers of an input's rank; six tell a threshold from a line.
_POWERS: Final = 6
#: Powers of its normal score, which follow the ends.
_ENDS: Final = (2, 3)
#: All of an input alone.
_ALONE: Final = _POWERS + len(_ENDS)
#: Powers of each of two inputs in a product, as far as there are replications for them.
_JOINT_POWERS: Final = (3, 2, 1)
#: So many replications are needed for each coefficient …
_FOR_EACH: Final = 10
FOR_EACH_INPUT: Final = 3
"""… and so many at least for each input, of which then only the line is fitted [1]."""
#: Groups of replications that are left out one after the other to see how sure a share is …
_GROUPS: Final = 20
#: … and the half-width of a 95 % interval in standard errors (Student's t, 19 degrees of freedom).
_HALF_WIDTH: Final = 2.093
#: Columns whose norm is less than this beside the others say nothing of their own.
_DEPENDENT: Final = 1e-6


@dataclass(frozen=True)
class Part:
    """A part of a figure's variance.

    Parameters
    ----------
    value
        Its share of the variance [1]; by chance it may lie a little below 0.
    low, high
        The 95 % interval.
    """

    value: float
    low: float
    high: float

    @classmethod
    def of(cls, value: float, error: float) -> Part:
        """Return a part with its interval from its standard error."""
        half = _HALF_WIDTH * error
        return cls(value, max(value - half, min(value, 0.0)), min(value + half, max(value, 1.0)))

    def as_dict(self) -> dict[str, float]:
        """Return it as it stands in a document."""
        return {"share": self.value, "low": self.low, "high": self.high}


@dataclass(frozen=True)
class Share:
    """What an uncertain input does to a figure.

    Parameters
    ----------
    path
        The input.
    first
        What it does alone: by so much the variance falls on average once it is known (first-order
        index).
    total
        What it does alone and together with others: so much is left on average while it alone is
        not known (total index). None where replications are too few to tell pairs apart.
    rises
        Rank correlation of the figure with it: whether the figure rises with it [-1 to 1].
    """

    path: str
    first: Part
    total: Part | None
    rises: float

    @property
    def known(self) -> Part:
        """Its total share, or what it does alone where no more is told."""
        return self.total or self.first


@dataclass(frozen=True)
class Shares:
    """Who has which share in the variance of a figure.

    Parameters
    ----------
    inputs
        Every input, the one with the largest share first that is known of it.
    alone, together
        All that inputs do alone, and all that pairs of them do beyond: None where replications are
        too few to tell pairs apart.
    """

    inputs: tuple[Share, ...]
    alone: Part
    together: Part | None


def shares(inputs: Mapping[str, Floats], figure: Floats) -> Shares:
    """Share out the variance of a figure over its inputs.

    Parameters
    ----------
    inputs
        By path, independent of each other, each of shape (R,); what is the same in all
        replications has no share and is left out.
    figure
        What varies, shape (R,); for a chance 1 where it happened and 0 elsewhere.

    Returns
    -------
    Shares
        Of no input where the figure does not vary.

    Examples
    --------
    >>> random = np.random.default_rng(1)
    >>> one, two, three = random.random((3, 2000))
    >>> found = shares({"one": one, "two": two, "three": three}, 3 * one + two)
    >>> [(share.path, round(share.first.value, 1)) for share in found.inputs]
    [('one', 0.9), ('two', 0.1), ('three', 0.0)]
    """
    varying = {path: values for path, values in inputs.items() if np.ptp(values) > 0}
    if not varying or not np.ptp(figure) > 0:
        nothing = Part(0.0, 0.0, 0.0)
        return Shares((), nothing, nothing)
    names, columns, owners = _columns([*varying], [*varying.values()])
    of_owner = {owner: np.array([o == owner for o in owners]) for owner in dict.fromkeys(owners)}

    def sums(squares: Floats) -> Floats:
        """Return each input's first share, each one's total, all alone, and all pairs."""
        by_owner = {owner: squares[mask].sum() for owner, mask in of_owner.items()}
        first = [by_owner[(name,)] for name in names]
        total = [sum(v for owner, v in by_owner.items() if name in owner) for name in names]
        alone = sum(first)
        pairs = sum(v for owner, v in by_owner.items() if len(owner) > 1)
        return np.array([*first, *total, alone, pairs])

    values, errors = _jackknifed(columns, figure, sums)
    parts = [Part.of(float(v), float(e)) for v, e in zip(values, errors, strict=True)]
    size = len(names)
    told = size == 1 or any(len(owner) > 1 for owner in of_owner)
    ranks = _ranks(figure)
    found = [
        Share(
            name,
            parts[n],
            parts[size + n] if told else None,
            float(np.corrcoef(_ranks(varying[name]), ranks)[0, 1]),
        )
        for n, name in enumerate(names)
    ]
    found.sort(key=lambda share: share.known.value, reverse=True)
    return Shares(tuple(found), parts[-2], parts[-1] if told else None)


def enough_for_pairs(inputs: int) -> int:
    """Return from how many replications on pairs of inputs are told apart [1].

    Examples
    --------
    >>> enough_for_pairs(12)
    1620
    """
    return _FOR_EACH * (_ALONE * inputs + inputs * (inputs - 1) // 2)


def making_half(figure: Floats) -> int:
    """Return how few replications make half of a figure's variance [1].

    Where they are few, other replications would share it out in another way.

    Examples
    --------
    >>> making_half(np.array([0.0, 0.0, 0.0, 0.0, 9.0]))
    1
    >>> making_half(np.array([-1.0, 1.0, -1.0, 1.0]))
    2
    """
    largest = np.cumsum(np.sort((figure - figure.mean()) ** 2)[::-1])
    return 1 + int(np.searchsorted(largest, largest[-1] / 2))


def chance_share(figure: Floats, first: Floats, second: Floats) -> Part:
    """Return which share of a figure's variance no input explains.

    Parameters
    ----------
    figure
        In all replications, shape (R,).
    first, second
        In some of them, and once more with the same inputs, each of shape (N,).

    Examples
    --------
    >>> random = np.random.default_rng(1)
    >>> known, once, again = random.normal(size=(3, 4000))
    >>> round(chance_share(known + once, known + once, known + again).value, 1)  # half of each
    0.5
    """
    variance = float(np.var(figure))
    if variance == 0.0:
        return Part(0.0, 0.0, 0.0)
    halves = (first - second) ** 2 / 2 / variance
    return Part.of(float(halves.mean()), float(halves.std(ddof=1) / len(halves) ** 0.5))


def fitted(inputs: Sequence[Floats], figures: Floats) -> Floats:
    """Return what inputs say of figures: these as fitted by polynomials of one input and of two.

    Parameters
    ----------
    inputs
        Each of shape (R,).
    figures
        Shape (R, figures).
    """
    names = [str(number) for number in range(len(inputs))]
    columns = _columns(names, inputs)[1]
    design = np.column_stack([np.ones(len(columns)), columns])
    return np.asarray(design @ np.linalg.lstsq(design, figures, rcond=None)[0])


def _columns(
    names: Sequence[str], values: Sequence[Floats]
) -> tuple[list[str], Floats, list[tuple[str, ...]]]:
    """Return polynomials of one input and of two, shape (R, columns), and whose each column is."""
    most = len(values[0]) // _FOR_EACH
    highest = min(max(most // len(names), 1), _ALONE)
    alone = {name: _polynomials(one, highest) for name, one in zip(names, values, strict=True)}
    columns = [column for one in alone.values() for column in one.T]
    owners: list[tuple[str, ...]] = [(name,) for name, one in alone.items() for _ in one.T]
    pairs = [*combinations(alone, 2)]
    powers = next((p for p in _JOINT_POWERS if len(owners) + p * p * len(pairs) <= most), 0)
    for a, b in pairs if powers else ():
        for left, right in product(alone[a].T[:powers], alone[b].T[:powers]):
            columns.append(left * right)
            owners.append((a, b))
    return [*alone], np.column_stack(columns), owners


def _polynomials(values: Floats, highest: int) -> Floats:
    """Return polynomials of values' ranks and normal scores, orthonormal in the sample.

    Of shape (R, at most highest).
    """
    size = len(values)
    rank = _ranks(values) / size
    inside = np.polynomial.legendre.legvander(rank * 2.0 - 1.0, min(highest, _POWERS))
    ends = ndtri(rank)[:, None] ** np.array(_ENDS[: max(highest - _POWERS, 0)], dtype=float)
    basis, sizes = np.linalg.qr(np.hstack([inside, ends]))
    own = np.abs(np.diag(sizes)) > _DEPENDENT * size**0.5
    return np.asarray(basis[:, own][:, 1:] * size**0.5)


def _ranks(values: Floats) -> Floats:
    """Return middle ranks from 0 to R, those of equal values being equal."""
    ordered = np.sort(values)
    left, right = (np.searchsorted(ordered, values, side) for side in ("left", "right"))
    return np.asarray((left + right) / 2.0)


def _jackknifed(
    columns: Floats, figure: Floats, sums: Callable[[Floats], Floats]
) -> tuple[Floats, Floats]:
    """Return sums of squared coefficients and their standard errors (delete-a-group jackknife)."""
    design = np.column_stack([np.ones(len(figure)), columns])
    groups = np.arange(len(figure)) * _GROUPS // len(figure)
    rows = np.column_stack([design, figure])
    moments = np.array([part.T @ part for part in (rows[groups == g] for g in range(_GROUPS))])
    whole = moments.sum(axis=0)
    values = sums(_squares(whole))
    left_out = np.array([sums(_squares(whole - one)) for one in moments])
    apart = left_out - left_out.mean(axis=0)
    return values, np.sqrt((apart**2).sum(axis=0) * (_GROUPS - 1) / _GROUPS)


def _squares(moments: Floats) -> Floats:
    """Return squared coefficients less their error's variance, in shares of the variance.

    From sums over replications of products of all columns: ones first, the figure last.
    """
    crossed, with_figure = moments[:-1, :-1], moments[:-1, -1]
    size, total, squared = moments[0, 0], moments[0, -1], moments[-1, -1]
    inverse = np.linalg.pinv(crossed, hermitian=True)
    coefficients = inverse @ with_figure
    left = max(squared - float(coefficients @ with_figure), 0.0) / max(size - len(coefficients), 1)
    variance = squared / size - (total / size) ** 2
    return np.asarray((coefficients**2 - left * np.diag(inverse))[1:] / variance)
