"""What nobody knows yet, drawn once a replication and shared by everything in it.

Here `resolve`, which knows what is uncertain, and `engine`, which simulates the campaign before the
show, come together.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from livesim.arrays import Floats
from livesim.engine.campaign import heard_by_day, simulate_campaign
from livesim.engine.streams import Streams
from livesim.randomness import BLOCK, latin_hypercube
from livesim.resolve.campaign import campaign_kinds, campaign_of
from livesim.resolve.drawn import AWAY, drawn_at, no_show_path
from livesim.scenario.quantities import Kind
from livesim.scenario.scenario import Scenario
from livesim.scenario.uncertain import Distribution, likely

#: Changes the uniform numbers at which a quantity is drawn.
Uniforms: TypeAlias = Callable[[Floats], Floats]


def drawn_kinds(scenario: Scenario) -> dict[str, Kind]:
    """Return the kind of everything that is drawn once a replication, by path.

    Examples
    --------
    >>> import livesim
    >>> kinds = drawn_kinds(livesim.load("scenarios/brand_room.yaml"))
    >>> [kinds[path].name for path in ("show.appeal", "products.serum.appeal")]
    ['a factor', 'a factor']
    """
    away = {no_show_path(name): AWAY for name, who in scenario.people.items() if who.no_show > 0}
    return scenario.uncertain_kinds() | away | campaign_kinds(scenario)


def drawn_block(
    scenario: Scenario,
    seed: int,
    block: int,
    replications: int = BLOCK,
    given: Mapping[str, Floats] | None = None,
    awaited: Mapping[str, tuple[float, NDArray[np.bool_]]] | None = None,
) -> dict[str, Floats]:
    """Draw every uncertain quantity of a block of replications.

    Parameters
    ----------
    scenario
        The show.
    seed, block
        The study's seed and which block of it.
    replications
        The number R of replications, the first of the block.
    given
        Path → values, each of shape (R,), of what is known and not drawn. A campaign takes place
        with what is given of it, unless all that it came to is given, too. What is drawn together
        with something given is drawn given that.
    awaited
        People of whom nobody knows yet when they come: how late they are already [s], and in which
        replications, shape (R,). There it is drawn how late they are if so late at least, and they
        stay away with the chance that is left.

    Returns
    -------
    dict
        Path → drawn values, each of shape (R,). Each path has a stream of its own, addressed by its
        name, so a further uncertain quantity changes no other draw. Whether a person comes is
        drawn, too: 1 where they do not. So is what a campaign before the show came to.

    Examples
    --------
    >>> import livesim
    >>> drawn = drawn_block(livesim.load("scenarios/brand_room.yaml"), seed=1, block=0)
    >>> drawn["show.appeal"].shape, drawn["products.serum.appeal"].shape
    ((250,), (250,))
    """
    known = given or {}
    drawn = _drawn_alone(scenario, seed, block, replications, known, awaited or {})
    if not known.keys() >= campaign_kinds(scenario).keys():
        campaign = campaign_of(scenario, drawn, replications)
        if campaign is not None:
            # Drawn like a quantity: that of a short block is the whole one's beginning.
            drawn |= simulate_campaign(campaign, Streams(seed, block))
    return drawn | dict(known)


def heard_in_block(
    scenario: Scenario,
    seed: int,
    block: int,
    replications: int = BLOCK,
    given: Mapping[str, Floats] | None = None,
) -> tuple[Floats, dict[str, Floats]]:
    """Simulate the campaign of a block again, and note at the end of each day who has heard.

    Parameters
    ----------
    scenario
        The show, which has a campaign.
    seed, block, replications, given
        As for :func:`drawn_block`.

    Returns
    -------
    days, heard
        As :func:`~livesim.engine.campaign.heard_by_day` returns them.

    Raises
    ------
    ValueError
        If there is no campaign.

    Examples
    --------
    >>> import livesim
    >>> show = livesim.load("scenarios/seeding_koc.yaml")
    >>> days, heard = heard_in_block(show, seed=1, block=0, replications=5)
    >>> {shares.shape == (5, len(days)) for shares in heard.values()}
    {True}
    """
    drawn = _drawn_alone(scenario, seed, block, replications, given or {}, {})
    campaign = campaign_of(scenario, drawn, replications)
    if campaign is None:
        raise ValueError("the show has no campaign")
    return heard_by_day(campaign, Streams(seed, block))


def _drawn_alone(
    scenario: Scenario,
    seed: int,
    block: int,
    replications: int,
    known: Mapping[str, Floats],
    awaited: Mapping[str, tuple[float, NDArray[np.bool_]]],
) -> dict[str, Floats]:
    """Draw everything but what the campaign comes to, and put in what is known of it."""
    later = {
        path: (change, rows)
        for name, (late, rows) in awaited.items()
        for path, change in _later(scenario, name, late)
    }

    def uniforms(path: str) -> Floats:
        u = latin_hypercube(seed, path, block)[:replications]
        if path not in later:
            return u
        change, rows = later[path]
        return np.where(rows, change(u), u)

    drawn = drawn_at(scenario, uniforms, known)
    return drawn | {path: values for path, values in known.items() if path in drawn}


def _later(scenario: Scenario, name: str, late: float) -> Iterator[tuple[str, Uniforms]]:
    """Yield how to draw what is not known of a person who is so late already [s], by path.

    How late they are has the upper part of its law, above the share F of it that is over. By Bayes
    the no-show p becomes p / (p + (1 − p)(1 − F)).
    """
    path, away = f"people.{name}.late", scenario.people[name].no_show
    law, over = scenario.uncertain().get(path), share_come(scenario, name, late)
    if law is not None and over < 1:
        yield path, lambda u: over + (1.0 - over) * u
    if away > 0:
        still = away + (1.0 - away) * (1.0 - over)
        yield no_show_path(name), lambda u: u * still


def share_come(scenario: Scenario, name: str, late: float) -> float:
    """Return the share [1] of shows to which a person who comes at all has come by then.

    Parameters
    ----------
    scenario, name
        The show and the person.
    late
        How late it is for them [s].
    """
    law = scenario.uncertain().get(f"people.{name}.late")
    if law is None:
        return float(likely(scenario.people[name].late) <= late)
    return share_up_to(law, late)


def share_up_to(law: Distribution, value: float) -> float:
    """Return the share [1] of a law up to a value, by bisection of its quantiles.

    Examples
    --------
    >>> from livesim.scenario.uncertain import Uniform
    >>> round(share_up_to(Uniform(0.0, 600.0), 150.0), 9)
    0.25
    """
    low, high = 0.0, 1.0
    for _ in range(50):
        middle = (low + high) / 2
        below = float(law.quantile(np.array([middle]))[0]) <= value
        low, high = (middle, high) if below else (low, middle)
    return high
