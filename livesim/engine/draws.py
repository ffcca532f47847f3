"""What nobody knows yet, drawn once a replication and shared by everything in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np

from livesim.engine.campaign import campaign_kinds, simulate_campaign
from livesim.engine.streams import Streams
from livesim.model.inputs import no_show_path
from livesim.randomness import BLOCK, latin_hypercube
from livesim.scenario.quantities import COUNT, Floats, Kind
from livesim.scenario.scenario import Scenario

#: Whether somebody stays away: 1 where they do.
_AWAY = replace(COUNT, name="0 or 1", high=1)


def drawn_kinds(scenario: Scenario) -> dict[str, Kind]:
    """Return the kind of everything that is drawn once a replication, by path, as :func:`draw`.

    Examples
    --------
    >>> import livesim
    >>> kinds = drawn_kinds(livesim.load("scenarios/brand_room.yaml"))
    >>> {path: kind.name for path, kind in kinds.items()}
    {'show.appeal': 'a factor', 'show.turnout_factor': 'a factor'}
    """
    away = {no_show_path(name): _AWAY for name, who in scenario.people.items() if who.no_show > 0}
    return scenario.uncertain_kinds() | away | campaign_kinds(scenario)


def draw(
    scenario: Scenario,
    seed: int,
    block: int,
    replications: int = BLOCK,
    given: Mapping[str, Floats] | None = None,
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
        with what is given of it, unless all that it came to is given, too.

    Returns
    -------
    dict
        Path → drawn values, each of shape (R,). Each path has a stream of its own, addressed by its
        name, so a further uncertain quantity changes no other draw. Whether a person comes is
        drawn, too: 1 where they do not. So is what a campaign before the show came to.

    Examples
    --------
    >>> import livesim
    >>> drawn = draw(livesim.load("scenarios/brand_room.yaml"), seed=1, block=0)
    >>> {path: values.shape for path, values in drawn.items()}
    {'show.appeal': (250,), 'show.turnout_factor': (250,)}
    """
    known = given or {}
    drawn = drawn_at(scenario, lambda path: latin_hypercube(seed, path, block)[:replications])
    drawn |= {path: values for path, values in known.items() if path in drawn}
    if not known.keys() >= campaign_kinds(scenario).keys():
        # Its luck is drawn like a quantity: that of a short block is the beginning of the whole's.
        drawn |= simulate_campaign(scenario, drawn, Streams(seed, block), replications)
    return drawn | dict(known)


def drawn_at(scenario: Scenario, uniforms: Callable[[str], Floats]) -> dict[str, Floats]:
    """Return every uncertain quantity at given uniforms.

    Parameters
    ----------
    scenario
        The show.
    uniforms
        Uniforms [1] of a path, each of shape (R,).

    Returns
    -------
    dict
        Path → values of shape (R,), as :func:`draw`.

    Examples
    --------
    >>> import livesim
    >>> middle = drawn_at(livesim.load("scenarios/brand_room.yaml"), lambda _: np.array([0.5]))
    >>> float(middle["show.appeal"][0])
    1.0
    """
    drawn = {
        path: distribution.quantile(uniforms(path))
        for path, distribution in scenario.uncertain().items()
    }
    for name, person in scenario.people.items():
        if person.no_show > 0:
            path = no_show_path(name)
            drawn[path] = np.where(uniforms(path) < person.no_show, 1.0, 0.0)
    return drawn
