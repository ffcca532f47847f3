"""What nobody knows yet, drawn once a replication and shared by everything in it.

Here `resolve`, which knows what is uncertain, and `engine`, which simulates the campaign before the
show, come together.
"""

from __future__ import annotations

from livesim.engine.campaign import heard_by_day, simulate_campaign
from livesim.engine.streams import Streams
from livesim.randomness import BLOCK, latin_hypercube
from livesim.resolve.campaign import campaign_of
from livesim.resolve.drawn import drawn_at
from livesim.scenario.quantities import Floats
from livesim.scenario.scenario import Scenario


def drawn_block(scenario: Scenario, seed: int, block: int) -> dict[str, Floats]:
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
    >>> drawn = drawn_block(livesim.load("scenarios/brand_room.yaml"), seed=1, block=0)
    >>> {path: values.shape for path, values in drawn.items()}
    {'show.appeal': (250,), 'show.turnout_factor': (250,)}
    """
    drawn = _drawn_alone(scenario, seed, block)
    campaign = campaign_of(scenario, drawn, BLOCK)
    return drawn if campaign is None else drawn | simulate_campaign(campaign, Streams(seed, block))


def heard_in_block(scenario: Scenario, seed: int, block: int) -> tuple[Floats, dict[str, Floats]]:
    """Simulate the campaign of a block again, and note at the end of each day who has heard.

    Parameters
    ----------
    scenario
        The show, which has a campaign.
    seed, block
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
    >>> days, heard = heard_in_block(livesim.load("scenarios/seeding_koc.yaml"), seed=1, block=0)
    >>> {shares.shape == (250, len(days)) for shares in heard.values()}
    {True}
    """
    campaign = campaign_of(scenario, _drawn_alone(scenario, seed, block), BLOCK)
    if campaign is None:
        raise ValueError("the show has no campaign")
    return heard_by_day(campaign, Streams(seed, block))


def _drawn_alone(scenario: Scenario, seed: int, block: int) -> dict[str, Floats]:
    """Draw everything but what the campaign comes to."""
    return drawn_at(scenario, lambda path: latin_hypercube(seed, path, block))
