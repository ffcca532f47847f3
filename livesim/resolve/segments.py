"""The audience segments of a scenario as arrays: who comes when, stays how long, and suits whom."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from livesim.arrays import Floats
from livesim.model.arrivals import (
    arrival_hazards,
    flat,
    front_loaded,
    front_rate,
    s_curve,
    through_points,
    with_waiting,
)
from livesim.model.campaign import OPINIONS, aware_path, joint_hazards, joint_trust
from livesim.model.inputs import SegmentInputs
from livesim.resolve.centring import viewers_centre
from livesim.resolve.drawn import Drawn
from livesim.scenario.parts import Arrivals
from livesim.scenario.planned import announced_entry
from livesim.scenario.quantities import DURATION
from livesim.scenario.scenario import Scenario
from livesim.scenario.uncertain import Quantity

#: Returns the values of a quantity by its path.
Read: TypeAlias = Callable[[str, Quantity], Floats]

#: Hazards to come are made of so many refreshes at a time, which stay in the processor's cache.
_AT_ONCE = 200


def segment_of(scenario: Scenario, name: str, read: Drawn) -> SegmentInputs:
    """Return the numbers of one audience segment.

    Parameters
    ----------
    scenario
        The show.
    name
        What the segment is called.
    read
        The drawn values.

    Examples
    --------
    >>> import livesim
    >>> scenario = livesim.load("scenarios/brand_room.yaml")
    >>> segment_of(scenario, "everyone", Drawn({}, 2)).reach.shape
    (2,)
    """
    segment = scenario.segments[name]
    path = f"segments.{name}"
    people = scenario.people.items()
    pulls = {
        f"people.{p}.pull_by_segment.{name}"
        if name in v.pull_by_segment
        else f"people.{p}.pull": v.pull_by_segment.get(name, v.pull)
        for p, v in people
    }
    fit = read.table({f"people.{p}.fit.{name}": v.fit.get(name, 0.0) for p, v in people})
    stays = {f"{path}.stay.{k}.mean": phase.mean for k, phase in segment.stay.items()}
    factor = np.ones(read.replications)
    if segment.takes_turnout_factor:
        factor = read("show.turnout_factor", scenario.show.turnout_factor)
        factor = factor / viewers_centre(scenario, name)
    hazards = _hazards(scenario, name, read)
    hazards, trust = _after_campaign(scenario, name, hazards, factor, read)
    number, _, own = _room_of(scenario, name)
    return SegmentInputs(
        name=name,
        room=number,
        phases=tuple(segment.stay),
        room_people=np.isin(list(scenario.people), own),
        reach=reach_of(scenario, name, read),
        hazards=hazards,
        turnout_factor=factor,
        phase_share=np.array([phase.share for phase in segment.stay.values()]),
        mean_stay=read.table(stays) * read(f"{path}.stay_factor", segment.stay_factor)[:, None],
        fit=fit,
        lift_fit=_lift_fit(scenario, fit, read),
        log_pull=np.log(read.table(pulls)),
        log_trust=np.log(read(f"{path}.trust", segment.trust)) + np.log(trust),
        word_of_mouth=read(f"{path}.word_of_mouth", segment.word_of_mouth),
        recommendation=read(f"{path}.recommendation", segment.recommendation),
        window=max(1, round(segment.recommendation_window / scenario.show.refresh)),
    )


def reach_of(scenario: Scenario, segment: str, read: Drawn) -> NDArray[np.int64]:
    """Return how many of a segment could come, all like rooms together, shape (R,)."""
    _, count, _ = _room_of(scenario, segment)
    reach = read(f"segments.{segment}.reach", scenario.segments[segment].reach)
    return np.rint(reach * count).astype(np.int64)


def _room_of(scenario: Scenario, segment: str) -> tuple[int, int, tuple[str, ...]]:
    """Return the number of a segment's room, how many are like it, and who is on stage there."""
    for number, room in enumerate((scenario.rooms or {}).values()):
        if segment in room.segments:
            return number, room.count, room.people
    return 0, 1, ()


def _after_campaign(
    scenario: Scenario, segment: str, hazards: Floats, factor: Floats, read: Drawn
) -> tuple[Floats, Floats]:
    """Return a segment's hazards to come and its factor on the odds to order after a campaign."""
    groups: list[tuple[Floats, Floats, Floats]] = []
    for name, tier in scenario.campaign.tiers.items() if scenario.campaign else ():
        if segment in tier.reaches:
            good, bad = (read(aware_path(name, segment, opinion), 0.0) for opinion in OPINIONS)
            pull = read(f"campaign.tiers.{name}.pull", tier.pull)
            trust = read(f"campaign.tiers.{name}.trust", tier.trust)
            groups += [(good, pull, trust), (bad, np.ones_like(pull), 1.0 / trust)]
    if not groups:
        return hazards, np.ones(read.replications)
    shares, pulls, trusts = (np.stack(column, axis=1) for column in zip(*groups, strict=True))
    in_all = hazards.sum(axis=0) * factor
    return (
        joint_hazards(shares, pulls, hazards, factor),
        joint_trust(shares, pulls, trusts, in_all),
    )


def _lift_fit(scenario: Scenario, fit: Floats, read: Drawn) -> Floats:
    """Return the fit for lift by product: the mean of segment's and category's (assumption)."""
    by_product = np.repeat(fit[:, :, None], len(scenario.products), axis=2)
    for column, (name, person) in enumerate(scenario.people.items()):
        for number, product in enumerate(scenario.products.values()):
            if product.category in person.fit_by_category:
                path = f"people.{name}.fit_by_category.{product.category}"
                category = read(path, person.fit_by_category[product.category])
                by_product[:, column, number] = (fit[:, column] + category) / 2.0
    return by_product


def _hazards(scenario: Scenario, name: str, drawn: Drawn) -> Floats:
    """Return a segment's hazards to come in each interval, shape (T + 1, R).

    Made of a few refreshes at a time: all at once would take several times their memory. What is
    the same in all replications is worked out, and kept, once.
    """

    def read(path: str, quantity: Quantity) -> Floats:
        values = drawn(path, quantity)
        return values[:1] if (values == values[0]).all() else values

    turnout = read(f"segments.{name}.turnout", scenario.segments[name].turnout)
    profile, moments = _profile(scenario, name, read), scenario.refreshes + 1
    hazards = np.empty((moments, 0))
    for start in range(0, moments, _AT_ONCE):
        refreshes = np.arange(max(start - 1, 0), min(start + _AT_ONCE, moments))
        some = arrival_hazards(turnout, profile(refreshes))
        if not start:
            hazards = np.empty((moments, some.shape[1]))
        hazards[start : start + _AT_ONCE] = some[min(start, 1) :]
    return np.broadcast_to(hazards, (moments, drawn.replications))


def _profile(scenario: Scenario, name: str, read: Read) -> Callable[[NDArray[np.int64]], Floats]:
    """Return what gives a segment's arrival profile G at some refreshes, shape (n, R)."""
    segment, refresh = scenario.segments[name], scenario.show.refresh
    entry = 0.0
    if segment.comes_for is not None:
        announced = announced_entry(scenario, segment.comes_for)
        entry = math.inf if announced is None else announced
    length = max(scenario.show.length - entry, refresh)
    waiting = read(f"segments.{name}.waiting", segment.waiting)
    curve = _curve(segment.arrivals, f"segments.{name}.arrivals", length, read)

    def at(refreshes: NDArray[np.int64]) -> Floats:
        times = refreshes[:, None] * refresh
        return with_waiting(curve(np.maximum(times - entry, 0.0)), waiting, started=times >= entry)

    return at


def _curve(arrivals: Arrivals, path: str, length: float, read: Read) -> Callable[[Floats], Floats]:
    """Return what gives the share that has come so many seconds after a segment's start."""

    def shape(field: str) -> Floats:
        return read(f"{path}.{field}", getattr(arrivals, field))

    def part(since: Floats) -> Floats:
        return np.minimum(since / length, 1.0)

    if arrivals.shape == "front_loaded":
        rate = front_rate(shape("half_by"))
        return lambda since: front_loaded(part(since), rate)
    if arrivals.shape == "s_curve":
        middle, spread = shape("middle"), shape("spread")
        return lambda since: s_curve(part(since), middle, spread)
    if arrivals.points is not None:
        points = {DURATION.read(time): share for time, share in arrivals.points.items()}
        return lambda since: through_points(since, points)
    return lambda since: flat(part(since))
