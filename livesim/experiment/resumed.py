"""The states of shows that go on from what is seen, each as it is in its own world.

What nobody sees of a show is as its world lets expect: how viewers are divided among segments and
phases of stay, who of them has decided, and what has been sold of products that nobody has counted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from livesim.arrays import Counts, Floats, Numbers
from livesim.engine.orders.orders import Kinds, Orders
from livesim.engine.orders.webshop import in_one_line
from livesim.engine.state import State, Stock
from livesim.errors import refuse
from livesim.experiment.expected import Expected
from livesim.experiment.sightings import Moment
from livesim.experiment.starting import batches, open_steps, with_nobody_waiting
from livesim.model.inputs import GiftInputs, Inputs
from livesim.model.splitting import split

#: Counts by segment.
Segments: TypeAlias = Mapping[str, Counts]


def variants_called(inputs: Inputs, name: str) -> list[int]:
    """Return the numbers of the variants of a product, or the one called ``serum.small``."""
    product, _, variant = name.partition(".")
    mine = np.flatnonzero(inputs.product_of == inputs.products.index(product)).tolist()
    return [one for one in mine if not variant or inputs.variants[one] == variant]


def taken_of(moment: Moment, name: str, put_on: Counts) -> int:
    """Return the units of a product or variant that orders have taken by a moment.

    Parameters
    ----------
    moment, name
        What was seen, and of what.
    put_on
        Its units put on sale by then, by variant.
    """
    if name in moment.sold:
        return moment.sold[name]
    return int(put_on.sum()) - moment.left[name]


def beside_of(moment: Moment, name: str, put_on: Counts) -> int:
    """Return the units that a webshop has taken: neither left nor sold, where both are counted."""
    if name not in moment.sold or name not in moment.left:
        return 0
    return int(put_on.sum()) - moment.left[name] - moment.sold[name]


def resumed(
    worlds: Expected,
    moment: Moment,
    put_on: Counts,
    reserved: Mapping[str, int],
    called: Mapping[tuple[int, str], Floats],
) -> State:
    """Return the state of a show in each of R worlds, as far as it is seen as that is.

    Parameters
    ----------
    worlds
        The worlds up to the moment.
    moment
        What is seen then.
    put_on
        Units of each variant put on sale by the end of each step, shape (V, steps + 1).
    reserved
        Units in orders whose time to pay is not over; what is not named is as expected.
    called
        When parts that were called come on sale, as a state has them, a row for all.

    Raises
    ------
    UsageError
        With the counts that cannot be together, as fewer gifts are gone than one order takes.

    Notes
    -----
    Orders ask for a unit each, or a bundle, but where a gift comes with an order: there they ask
    for as many as are expected, or for so many that no more gifts are gone than were counted. Those
    that are paid came in the last interval, and open ones evenly over the time in which they can
    be (assumptions). Nobody waits at the checkout.
    """
    inputs, last = worlds.inputs, int(worlds.refreshes[-1])
    used = _used(worlds, moment, put_on)
    taken, orders = _ordered(worlds, moment, used, put_on[:, -1])
    paid, open_ = _paid_and_open(worlds, taken, orders, reserved)
    kinds = Kinds.of({1, *paid.size.tolist(), *open_.size.tolist()}, len(inputs.rooms))
    if inputs.webshops.any():
        kinds = kinds.with_webshop()
    sold = [
        _orders(inputs, kinds, paid, np.full_like(paid.row, last)),
        _of_webshops(inputs, kinds, last, _beside(inputs, moment, put_on, used)),
    ]
    viewers, undecided, decided = _viewers(worlds, moment)
    return replace(
        with_nobody_waiting(worlds.state, _attempts(worlds.state, paid, open_)),
        viewers=viewers,
        undecided=undecided,
        decided=decided,
        called={part: np.repeat(when, inputs.replications) for part, when in called.items()},
        kinds=kinds,
        orders=in_one_line(sold),
        open_orders=_open_orders(inputs, kinds, worlds.state, put_on, open_),
        stock=Stock.of(inputs),
        inputs=dict(worlds.drawn),
    )


def _paid_and_open(
    worlds: Expected, taken: Counts, orders: Counts, reserved: Mapping[str, int]
) -> tuple[_Alike, _Alike]:
    """Return the orders that are paid, and those whose time to pay is not over.

    Parameters
    ----------
    worlds, reserved
        As for `resumed`.
    taken, orders
        Units ordered of each variant, and in how many orders, each of shape (V, R).
    """
    held = np.rint(taken * worlds.open).astype(np.int64)
    held = np.where((orders > 1) | (held == taken), held, 0)  # one order waits as a whole
    for name, units in reserved.items():
        mine = variants_called(worlds.inputs, name)
        held[mine] = split(np.array([units]), _shares(worlds.inputs, mine))
    held = np.minimum(held, taken)
    waiting = -(-held * orders // np.maximum(taken, 1))
    waiting = np.where(taken > held, np.minimum(waiting, np.maximum(orders - 1, 1)), waiting)
    paid = np.where(taken > held, np.maximum(orders - waiting, 1), 0)
    return _in_orders(taken - held, paid), _in_orders(held, waiting)


def _attempts(state: State, *orders: _Alike) -> Counts:
    """Return how many attempts these orders were, as a state has them."""
    attempts = np.zeros_like(state.attempts)
    for alike in orders:
        np.add.at(attempts[:, 0], alike.row, alike.orders)
    return attempts


def _shares(inputs: Inputs, variants: list[int]) -> list[float]:
    share = inputs.variant_share[variants]
    return (share / share.sum()).tolist() if share.any() else [1.0 / len(share)] * len(share)


def _used(worlds: Expected, moment: Moment, put_on: Counts) -> Counts:
    """Return the units of each variant's stock that orders have taken, shape (V, R)."""
    inputs, there = worlds.inputs, put_on[:, -1]
    usual = np.minimum(worlds.used[-1], there[:, None])
    counted = np.zeros(len(there), dtype=bool)
    known = np.zeros_like(usual, dtype=np.int64)
    for name in moment.units:
        mine = variants_called(inputs, name)
        units = taken_of(moment, name, there[mine])
        known[mine] = _filled(units, there[mine], _shares(inputs, mine))[:, None]
        counted[mine] = True
    if moment.orders is not None and not counted.all():
        each = worlds.units_per_order[0]
        left = np.maximum(moment.orders * each - known.sum(axis=0), 0.0)
        whole = np.maximum(usual[~counted].sum(axis=0), 1e-9)
        usual = np.minimum(usual * (left / whole), there[:, None])
    return np.where(counted[:, None], known, np.rint(usual).astype(np.int64))


def _ordered(
    worlds: Expected, moment: Moment, used: Counts, there: Counts
) -> tuple[Counts, Counts]:
    """Return the units ordered of each variant, which take so many of the stock, and the orders.

    Of a component goes to bundles the share that is expected, and to gifts one with each order.

    Parameters
    ----------
    worlds, moment, used
        The worlds, what is seen, and the units of each variant's stock that are gone, shape (V, R).
    there
        Units of each variant put on sale so far, shape (V,).

    Returns
    -------
    units, orders
        Each of shape (V, R).
    """
    inputs, takes, usual = worlds.inputs, worlds.inputs.takes, worlds.used[-1]
    share = np.divide(used, usual, out=np.zeros_like(usual), where=usual > 0)
    bundles = np.flatnonzero(takes.diagonal() == 0)
    found = used.copy()
    for bundle in bundles:
        fewest = share[np.flatnonzero(takes[bundle])].min(axis=0)
        found[bundle] = np.floor(worlds.taken[-1, bundle] * fewest + 1e-9)
    found -= takes[bundles].T @ found[bundles]
    counted = {one for name in moment.units for one in variants_called(inputs, name)}
    unknown = ~np.isin(np.arange(len(found)), [*counted])
    open_ended = (used >= there[:, None]) | unknown[:, None]
    orders = _with_gifts(worlds, found, open_ended, counted)
    found = np.maximum(found - _given(inputs.gifts, orders), 0)
    hosts = {one for gift in inputs.gifts for one in gift.to}
    others = np.setdiff1d(np.arange(len(found)), [*hosts])
    orders[others] = found[others]
    without = np.where(orders == 0, found, 0)
    _refuse_without_gifts(inputs, moment, without, orders)
    without[[*counted]] = 0  # what nobody counted has sold none where no gift can have come
    found += takes[bundles].T @ without[bundles] - without
    return found, np.maximum(orders, np.minimum(found, 1))


def _refuse_without_gifts(inputs: Inputs, moment: Moment, without: Counts, orders: Counts) -> None:
    """Refuse counts of which an order takes more gifts than are gone, in every world."""
    wrong = []
    for name, told in moment.units.items():
        mine = variants_called(inputs, name)
        if np.all(without[mine].any(axis=0) & ~orders[mine].any(axis=0)):
            product = name.partition(".")[0]
            wrong.append(
                moment.mistake(
                    f"{next(iter(told))}.{name}",
                    f"units of {name} are sold, and a gift comes with each order of it, but fewer "
                    "gifts are gone than with one order",
                    "correct one of these counts, or, where orders went without, take the gift "
                    f"out: --set products.{product}.gift=null",
                )
            )
    refuse(wrong, "\n\n")


def _with_gifts(
    worlds: Expected, gone: Counts, open_ended: NDArray[np.bool_], counted: set[int]
) -> Counts:
    """Return how many orders gifts came with, of each variant, 0 of all others, shape (V, R).

    They are as many as are expected, or as take no more gifts than are gone: an order of each
    first, the soonest of what is counted and of which most is gone, then of all in proportion,
    then of each what fits. Where something counted is left without an order, orders of a unit
    each are tried, and then the other way round.

    Parameters
    ----------
    worlds
        The worlds.
    gone
        Units of each variant that are sold or given, shape (V, R).
    open_ended
        Whether more orders can come with it: nothing is left, so they go without, or nobody has
        counted it.
    counted
        The variants that somebody has counted.
    """
    gifts = worlds.inputs.gifts
    hosts = {one for gift in gifts for one in gift.to}

    def dealt(order: list[int], per_unit: Floats) -> Counts:
        def most(sold: Counts) -> Counts:
            expected = np.floor(sold * per_unit + 1e-9).astype(np.int64)
            return np.clip(expected, np.minimum(sold, 1), sold)

        def fits(orders: Counts) -> NDArray[np.bool_]:
            sold = gone - _given(gifts, orders)
            possible = ((sold >= 0) | open_ended) & (orders <= most(np.maximum(sold, 0)))
            return np.asarray(possible.all(axis=0))

        first, share = np.zeros_like(gone), np.zeros(gone.shape)
        each = [variants == host for host in order]
        for mine in each:
            first = np.where(fits(first + mine), first + mine, first)
        rest = np.maximum(most(gone) - first, 0)
        for mine in (np.isin(variants, order), *each):
            for step in 0.5 ** np.arange(32):  # up to the largest share that fits
                more = share + step * mine
                better = (more <= 1).all(axis=0) & fits(first + (rest * more).astype(np.int64))
                share = np.where(better, more, share)
        return np.asarray(first + (rest * share).astype(np.int64))

    variants = np.arange(len(gone))[:, None]
    order = sorted(hosts, key=lambda one: (one not in counted, -int(gone[one].sum())))
    must = [one for one in order if one in counted]
    orders = dealt(order, worlds.orders_per_unit)
    for other in (order, order[::-1]):
        stuck = ((orders == 0) & (gone > _given(gifts, orders)))[must].any(axis=0)
        if stuck.any():
            orders = np.where(stuck, dealt(other, np.ones_like(worlds.orders_per_unit)), orders)
    return orders


def _given(gifts: Sequence[GiftInputs], orders: Counts) -> Counts:
    """Return the units of each variant that come with orders as gifts, shape (V, R)."""
    given = np.zeros_like(orders)
    for gift in gifts:
        given[gift.variant] += np.minimum(orders[[*gift.to]].sum(axis=0), gift.first).astype(int)
    return given


def _beside(inputs: Inputs, moment: Moment, put_on: Counts, used: Counts) -> Counts:
    """Return the units of each variant that a webshop has taken, shape (V, R)."""
    found = np.zeros_like(used)
    for name in moment.units:
        mine = variants_called(inputs, name)
        there = put_on[mine, -1]
        rest = there - used[mine, 0]  # what is counted is alike in all worlds
        found[mine] = _filled(beside_of(moment, name, there), rest, _shares(inputs, mine))[:, None]
    return found


def _filled(units: int, there: Counts, shares: list[float]) -> Counts:
    """Split units by shares, no part larger than what is there; the others take what is over."""
    parts = np.minimum(split(np.array([units]), shares)[:, 0], there)
    for one in np.argsort(-(there - parts)):
        parts[one] += min(units - int(parts.sum()), int(there[one] - parts[one]))
    return parts


def _viewers(worlds: Expected, moment: Moment) -> tuple[Segments, Segments, Segments]:
    """Return the unique, undecided and decided viewers of each segment, as a state has them."""
    state, names = worlds.state, [*worlds.state.viewers]
    came = np.stack([state.viewers[name] for name in names], axis=1) / worlds.times
    parts = [
        np.concatenate([state.undecided[name], state.decided[name]], axis=1) / worlds.times
        for name in names
    ]
    both = np.concatenate(parts, axis=1)
    new = np.concatenate([np.tile(s.phase_share, 2) for s in worlds.inputs.segments])
    both = np.where(both.sum(axis=1, keepdims=True) > 0, both, new)
    watching = _sized(both, moment.watching, came.sum(axis=1), moment.viewers)
    ends = np.cumsum([part.shape[1] for part in parts])[:-1]
    counts = np.split(watching, ends, axis=1)
    here = np.stack([count.sum(axis=1) for count in counts], axis=1)
    unique = _sized(np.maximum(came, here), moment.viewers, came.sum(axis=1), moment.viewers)
    halves = [np.split(count, 2, axis=1) for count in counts]
    return (
        {name: np.maximum(unique[:, n], here[:, n]) for n, name in enumerate(names)},
        {name: half[0] for name, half in zip(names, halves, strict=True)},
        {name: half[1] for name, half in zip(names, halves, strict=True)},
    )


def _sized(parts: Floats, seen: int | None, came: Floats, viewers: int | None) -> Counts:
    """Return whole counts in proportion to parts, of as many as are seen, shape (R, C).

    Where they are not, they are as many as expected, in proportion to the unique viewers seen.
    """
    whole = parts.sum(axis=1)
    if seen is not None:
        wanted = np.full(len(parts), float(seen))
    elif viewers is not None:
        wanted = whole * viewers / np.maximum(came, 1.0)
    else:
        wanted = whole
    exact = parts * (np.rint(wanted) / np.maximum(whole, 1e-12))[:, None]
    counts = np.floor(exact + 1e-9).astype(np.int64)
    missing = np.rint(wanted).astype(np.int64) - counts.sum(axis=1)
    rank = np.argsort(np.argsort(counts - exact, axis=1, kind="stable"), axis=1)
    return np.asarray(counts + (rank < missing[:, None]))


class _Alike(NamedTuple):
    """Orders that are alike: the variant, the world, units in each, and how many, shape (N,)."""

    variant: Numbers
    row: Numbers
    size: Counts
    orders: Counts


def _in_orders(units: Counts, orders: Counts) -> _Alike:
    """Return units in so many orders, whose sizes differ by one at most, each of shape (V, R)."""
    variant, row = np.nonzero(units)
    many = orders[variant, row]
    size, larger = np.divmod(units[variant, row], many)
    counts = np.stack([many - larger, larger])
    there, which = np.nonzero(counts)
    return _Alike(variant[which], row[which], size[which] + there, counts[there, which])


def _orders(inputs: Inputs, kinds: Kinds, alike: _Alike, step: Numbers) -> Orders:
    """Return orders that come in some steps and are paid."""
    variant, row, size, count = alike
    sizes, which = np.unique(size, return_inverse=True)
    numbers = [
        kinds.number(one, pays=True, accepts=False, fake=False, room=0) for one in sizes.tolist()
    ]
    return batches(inputs, np.array(numbers, dtype=np.int16)[which], variant, row, step, count)


def _of_webshops(inputs: Inputs, kinds: Kinds, step: int, units: Counts) -> Orders:
    """Return the orders of webshops, a unit each, by variant and world."""
    variant, row = np.nonzero(units)
    kind = np.full(len(row), len(kinds.units) - 1, dtype=np.int16)
    return batches(inputs, kind, variant, row, np.full_like(row, step), units[variant, row])


def _open_orders(
    inputs: Inputs, kinds: Kinds, state: State, put_on: Counts, held: _Alike
) -> Orders:
    """Return the orders whose time to pay is not over."""
    parts = []
    for variant in np.unique(held.variant).tolist():
        steps = open_steps(inputs, state, put_on, variant)
        mine = np.flatnonzero(held.variant == variant)
        counts = split(held.orders[mine], [1.0 / len(steps)] * len(steps))
        step, of = np.nonzero(counts)
        alike = _Alike(*(column[mine[of]] for column in held))._replace(orders=counts[step, of])
        parts.append(_orders(inputs, kinds, alike, np.array(steps)[step]))
    return Orders.joined(parts)
