"""What nobody knows yet, drawn once a replication and shared by everything in it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from livesim.engine.campaign import simulate_campaign
from livesim.engine.streams import Streams
from livesim.randomness import latin_hypercube
from livesim.resolve.drawn import no_show_path
from livesim.scenario.quantities import Floats
from livesim.scenario.scenario import Scenario


def draw(scenario: Scenario, seed: int, block: int) -> dict[str, Floats]:
    """Draw every uncertain quantity of a block of replications.

    Parameters
    ----------
    scenario
        The show.
    seed, block
        The study's seed and which block of it.

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
    drawn = drawn_at(scenario, lambda path: latin_hypercube(seed, path, block))
    return drawn | simulate_campaign(scenario, drawn, Streams(seed, block))


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
