"""What nobody knows yet, drawn once a replication and shared by everything in it.

Here `resolve`, which knows what is uncertain, and `engine`, which simulates the campaign before the
show, come together.
"""

from __future__ import annotations

from collections.abc import Mapping

from livesim.engine.campaign import heard_by_day, simulate_campaign
from livesim.engine.streams import Streams
from livesim.randomness import BLOCK, latin_hypercube
from livesim.resolve.campaign import campaign_kinds, campaign_of
from livesim.resolve.drawn import AWAY, drawn_at, no_show_path
from livesim.scenario.quantities import Floats, Kind
from livesim.scenario.scenario import Scenario


def drawn_kinds(scenario: Scenario) -> dict[str, Kind]:
    """Return the kind of everything that is drawn once a replication, by path.

    Examples
    --------
    >>> import livesim
    >>> kinds = drawn_kinds(livesim.load("scenarios/brand_room.yaml"))
    >>> {path: kind.name for path, kind in kinds.items()}
    {'show.appeal': 'a factor', 'show.turnout_factor': 'a factor'}
    """
    away = {no_show_path(name): AWAY for name, who in scenario.people.items() if who.no_show > 0}
    return scenario.uncertain_kinds() | away | campaign_kinds(scenario)


def drawn_block(
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
    >>> drawn = drawn_block(livesim.load("scenarios/brand_room.yaml"), seed=1, block=0)
    >>> {path: values.shape for path, values in drawn.items()}
    {'show.appeal': (250,), 'show.turnout_factor': (250,)}
    """
    known = given or {}
    drawn = _drawn_alone(scenario, seed, block, replications, known)
    if not known.keys() >= campaign_kinds(scenario).keys():
        campaign = campaign_of(scenario, drawn, replications)
        if campaign is not None:
            # Its luck is drawn like a quantity: that of a short block is the whole one's beginning.
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
    >>> days, heard = heard_in_block(livesim.load("scenarios/seeding_koc.yaml"), seed=1, block=0)
    >>> {shares.shape == (250, len(days)) for shares in heard.values()}
    {True}
    """
    drawn = _drawn_alone(scenario, seed, block, replications, given or {})
    campaign = campaign_of(scenario, drawn, replications)
    if campaign is None:
        raise ValueError("the show has no campaign")
    return heard_by_day(campaign, Streams(seed, block))


def _drawn_alone(
    scenario: Scenario, seed: int, block: int, replications: int, known: Mapping[str, Floats]
) -> dict[str, Floats]:
    """Draw everything but what the campaign comes to, and put in what is known of it."""
    drawn = drawn_at(scenario, lambda path: latin_hypercube(seed, path, block)[:replications])
    return drawn | {path: values for path, values in known.items() if path in drawn}
