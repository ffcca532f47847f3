"""What to expect of a rundown on a neutral stage: a small deterministic calculation.

The usual host, no guest's effect, no feedback, reference prices, the rundown as planned, every
uncertain quantity at its likely value, and both shared forecast errors left out. Then expectations
follow from one another refresh by refresh, exactly. This is how what people know (viewers, orders
per 1,000) is turned into what the model needs, and how the result is checked in the other
direction.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from livesim.arrays import Floats
from livesim.model.arrivals import arrival_chance
from livesim.model.inputs import Inputs, SegmentInputs
from livesim.model.rates import decision_rate, shelf_attention

#: So many ways to stay through a rundown are kept; each takes some 35 bytes a refresh.
_KEPT: Final = 64


@dataclass(frozen=True)
class Expectation:
    """The expected audience and orders of a show on a neutral stage.

    Parameters
    ----------
    viewers
        Unique viewers of the whole show, by segment.
    watch_time
        Their mean stay, as cut off by the show's end [s], by segment.
    times
        Moments of the refreshes [s], shape (T + 1,).
    watching
        Concurrent viewers at these moments, shape (T + 1, S).
    decisions
        By product: decisions about it, in its slots and on the shelf; attempts are the conversion
        times as many.
    undecided
        Seconds for which viewers are undecided in each refresh, all together, shape (T,).
    begins, about
        Refreshes at which what is on offer changes, shape (N,), and from then on the rate at which
        the undecided decide about each product [1/s], in their order, shape (N, P).
    placed
        By product: orders placed for each attempt [1]; some are lost on the checkout's steps, and
        fake ones join the others.
    orders
        By product: expected orders that are placed, at the scenario's conversion.
    """

    viewers: dict[str, float]
    watch_time: dict[str, float]
    times: Floats
    watching: Floats
    decisions: dict[str, float]
    undecided: Floats
    begins: NDArray[np.intp]
    about: Floats
    placed: dict[str, float]
    orders: dict[str, float]

    def decided(self, product: str) -> Floats:
        """Return the share of all decisions about a product that are made by each moment [1]."""
        about = self.about[:, [*self.decisions].index(product)]
        stretch = np.searchsorted(self.begins, np.arange(len(self.undecided)), side="right") - 1
        decided = np.concatenate([[0.0], np.cumsum(self.undecided * about[stretch])])
        return decided / decided[-1] if decided[-1] else decided

    def decided_by(self, product: str, moment: float) -> float:
        """Return the share of all decisions about a product that are made by a moment [s]."""
        return float(np.interp(moment, self.times, self.decided(product)))

    def most_orders(self, product: str) -> float:
        """Return the orders placed if every decision about a product were an attempt."""
        return self.decisions[product] * self.placed[product]

    @property
    def peak(self) -> float:
        """Most concurrent viewers, all segments together."""
        return float(self.watching.sum(axis=1).max())


def expect(inputs: Inputs) -> Expectation:
    """Return the expected audience and orders of a show on a neutral stage.

    Parameters
    ----------
    inputs
        The show in one replication, with every uncertain quantity at its likely value.

    Examples
    --------
    >>> import livesim
    >>> from livesim.resolve.inputs import inputs_of
    >>> expected = expect(inputs_of(livesim.load("scenarios/brand_room.yaml")))
    >>> round(expected.viewers["everyone"])
    2000
    """
    plan = plan_of(inputs)
    with np.errstate(under="ignore"):  # who has left a long show for hours is nobody
        audiences = [_follow(inputs, segment, plan) for segment in inputs.segments]
    watching = np.stack([audience.watching for audience in audiences], axis=1)
    undecided = np.sum([audience.undecided for audience in audiences], axis=0)
    decisions = np.add.reduceat(undecided, plan.begins) @ plan.about
    names = [segment.name for segment in inputs.segments]
    viewers = [audience.viewers for audience in audiences]
    seconds = np.asarray(np.trapezoid(watching, dx=inputs.refresh, axis=0))
    placed = inputs.through[0] / (1.0 - inputs.fake_share[0])
    orders = placed * inputs.conversion[0] * decisions
    return Expectation(
        viewers=dict(zip(names, viewers, strict=True)),
        watch_time={
            name: float(watched_for / count) if count else 0.0
            for name, watched_for, count in zip(names, seconds, viewers, strict=True)
        },
        times=np.arange(inputs.refreshes + 1, dtype=float) * inputs.refresh,
        watching=watching,
        decisions=dict(zip(inputs.products, decisions.tolist(), strict=True)),
        undecided=undecided,
        begins=plan.begins,
        about=plan.about,
        placed=dict(zip(inputs.products, placed.tolist(), strict=True)),
        orders=dict(zip(inputs.products, orders.tolist(), strict=True)),
    )


def concurrent(arriving: Floats, stay_shares: Floats, stay_means: Floats, refresh: float) -> Floats:
    """Return the expected concurrent viewers at each refresh from the newcomers at each.

    Parameters
    ----------
    arriving
        Expected newcomers at each refresh, shape (T + 1,).
    stay_shares, stay_means
        Share [1] and mean stay [s] of each phase, shape (K,).
    refresh
        Length of a refresh [s].

    Examples
    --------
    >>> shares, means = np.array([1.0]), np.array([1 / np.log(2)])
    >>> concurrent(np.array([8.0, 0.0, 0.0]), shares, means, refresh=1.0).round(6).tolist()
    [8.0, 4.0, 2.0]
    """
    watching = np.zeros(len(arriving))
    for share, stay in zip(stay_shares, stay_means, strict=True):
        watching += share * still_there(arriving, math.exp(-refresh / stay))
    return watching


def still_there(arriving: Floats, keep: float) -> Floats:
    """Return how many are there at each refresh, of whom a share ``keep`` stays to the next one.

    Newcomers have shape (…, T), and so has what is returned.
    """
    if keep < 1e-18:
        return arriving
    # In blocks within which the powers of keep stay far from the smallest number there is.
    length = arriving.shape[-1]
    block = min(length, max(1, int(230.0 / -math.log(keep)) if keep < 1 else length))
    powers, there = keep ** np.arange(block), np.zeros_like(arriving)
    before = np.zeros((*arriving.shape[:-1], 1))
    for start in range(0, length, block):
        new = arriving[..., start : start + block]
        fading = powers[: new.shape[-1]]
        there[..., start : start + block] = fading * (
            np.cumsum(new / fading, axis=-1) + before * keep
        )
        before = there[..., start + new.shape[-1] - 1, None]
    return there


def arriving(segment: SegmentInputs) -> Floats:
    """Return the expected newcomers of a segment at each refresh, shape (T + 1,)."""
    come = arrival_chance(segment.hazards[:, 0], np.ones(1))
    still = np.concatenate([[1.0], np.cumprod(1.0 - come[:-1])])
    return np.asarray(float(segment.reach[0]) * come * still)


def mean_watch(arriving: Floats, stay_shares: Floats, stay_means: Floats, refresh: float) -> float:
    """Return the mean time watched by those who come, as cut off by the show's end [s].

    Parameters
    ----------
    arriving
        Expected newcomers at each refresh, shape (T + 1,).
    stay_shares, stay_means
        Share [1] and mean stay [s] of each phase, shape (K,); infinite for who stays to the end.
    refresh
        Length of a refresh [s].

    Examples
    --------
    >>> one = np.array([1.0])
    >>> mean_watch(np.array([8.0, 0.0, 0.0]), one, np.array([np.inf]), refresh=10.0)
    20.0
    """
    everybody, watched = float(arriving.sum()), 0.0
    for share, stay in zip(stay_shares, stay_means, strict=True):
        keep = math.exp(-refresh / stay)
        left = np.arange(len(arriving))
        if keep == 1:  # nobody leaves
            seen, at_end = float(arriving[::-1] @ (left + 1.0)), everybody
        else:
            # Who came long ago has left by the end; the powers stay far from the smallest number.
            left = left[: int(600.0 / -math.log(keep)) + 1 if keep else 1]
            at_end = float(arriving[::-1][: len(left)] @ keep**left)
            seen = (everybody - keep * at_end) / (1.0 - keep)
        # The trapezoid rule over the moments of being seen: half of the first and the last.
        watched += float(share) * (seen - 0.5 * at_end - 0.5 * float(arriving[0]))
    return watched * refresh / everybody


@dataclass(frozen=True)
class Plan:
    """What is planned: at each of T refreshes, and in each of N stretches between two changes.

    ``pace`` is the rate at which the undecided become decided [1/s] at each refresh. In a stretch,
    which begins at the refresh ``begins``, they decide ``about`` each product at a rate [1/s] of
    shape (N, P), and ``ordering`` is the part of the pace of those who order. Who orders nothing
    from the shelf stays undecided.
    """

    starts_slot: NDArray[np.bool_]
    begins: NDArray[np.intp]
    pace: Floats
    about: Floats
    ordering: Floats


@dataclass(frozen=True)
class _Audience:
    """One segment's expected audience."""

    viewers: float
    watching: Floats
    undecided: Floats


def plan_of(inputs: Inputs) -> Plan:
    """Return what is planned of a show."""
    starts_slot = np.zeros(inputs.refreshes + 1, dtype=bool)  # a slot may start at the very end
    offers: list[tuple[int, int, list[int]]] = []

    def refresh_of(seconds: float) -> int:
        return math.ceil(seconds / inputs.refresh - 1e-9)

    clock = 0.0
    for slot in inputs.slots:
        start = clock if slot.start is None else slot.start
        clock = min(start + slot.length, inputs.length)
        starts_slot[refresh_of(start)] = True
        end = refresh_of(clock)
        offers.append((min(refresh_of(start + slot.link), end), end, list(slot.sells)))
    changes = {0, *(moment for link, end, _ in offers for moment in (link, end))}
    begins = np.array(sorted(changes - {inputs.refreshes}), dtype=np.intp)
    shape = (len(begins), len(inputs.products))
    offered, seen = np.zeros(shape, dtype=bool), np.zeros(shape, dtype=bool)
    for link, end, columns in offers:
        first, last = np.searchsorted(begins, (link, end))
        offered[first:last, columns] = True
        seen[first:, columns] = True
    decide = decision_rate(inputs.rush[:1])
    shown = np.where(offered, decide, 0.0).max(axis=1, initial=0.0)
    turning = shelf_attention(inputs.shelf[:1] * decide, seen & ~offered)
    pace = shown + turning @ inputs.conversion[0]
    about = np.where(offered, shown[:, None], turning)
    lengths = np.diff(begins, append=inputs.refreshes)
    ordering = about @ inputs.conversion[0]
    return Plan(starts_slot, begins, np.repeat(pace, lengths), about, ordering)


def _follow(inputs: Inputs, segment: SegmentInputs, plan: Plan) -> _Audience:
    """Follow the expected counts of one segment: not come, undecided, decided, by phase."""
    come = arrival_chance(segment.hazards[:, 0], np.ones(1))
    still = np.cumprod(np.concatenate([[1.0], 1.0 - come]))
    newcomers, reach = (still[:-1] * come).tobytes(), float(segment.reach[0])
    pace, starts = plan.pace.tobytes(), plan.starts_slot.tobytes()
    watching, undecided = np.zeros(inputs.refreshes + 1), np.zeros(inputs.refreshes)
    for share, stay in zip(segment.phase_share, segment.mean_stay[0], strict=True):
        there, seconds = _follow_phase(newcomers, float(stay), inputs.refresh, pace, starts)
        watching += reach * share * there
        undecided += reach * share * seconds
    return _Audience(reach * float(1.0 - still[-1]), watching, undecided)


@lru_cache(maxsize=_KEPT)
def _follow_phase(
    newcomers: bytes, stay: float, refresh: float, pace: bytes, starts: bytes
) -> tuple[Floats, Floats]:
    """Return who watches at each refresh, and how long they are undecided in it [s], of like stays.

    In shares of the reach. One number after the other, in Python's own floats: NumPy takes ten
    times as long for each. Shows that differ in their reach, their errors or their money come to
    the same, so what was worked out is kept.
    """
    planned = np.frombuffer(pace)
    total = 1.0 / stay + planned
    acting = -np.expm1(-total * refresh)
    seconds = np.divide(acting, total, out=np.full_like(total, refresh), where=total > 0)
    staying, slots = math.exp(-refresh / stay), np.frombuffer(starts, dtype=bool).tolist()
    undecided = decided = 0.0
    watching, undecided_for = [], []
    coming = np.frombuffer(newcomers).tolist()
    steps = (coming, slots, acting.tolist(), (planned * seconds).tolist(), seconds.tolist())
    for new, start, act, decide, for_so_long in zip(*steps, strict=False):
        undecided += new
        watching.append(undecided + decided)
        if start:
            undecided, decided = undecided + decided, 0.0
        undecided_for.append(undecided * for_so_long)
        decided = decided * staying + undecided * decide
        undecided -= undecided * act
    return np.array([*watching, undecided + decided + coming[-1]]), np.array(undecided_for)
