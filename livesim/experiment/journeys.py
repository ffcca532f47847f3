"""What single viewers go through: for a closer look, for teaching, and for those who want raw data.

A study counts viewers who are alike; here each of a few shows is told viewer by viewer, by the
agent engine.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from livesim.engine.journeys import journal
from livesim.engine.streams import Streams
from livesim.engine.viewer_notes import follow
from livesim.errors import UsageError, checked_count
from livesim.experiment.random_inputs import drawn_block
from livesim.experiment.study import explicit
from livesim.randomness import BLOCK, checked_seed
from livesim.resolve import Resolution
from livesim.resolve.inputs import inputs_of
from livesim.results.frames import frame
from livesim.scenario.scenario import Scenario
from livesim.scenario.sources import Source

if TYPE_CHECKING:
    from livesim.results.frames import DataFrame


def journeys(
    scenario: Scenario | Resolution | Source, *, replications: int = 1, seed: int = 1
) -> DataFrame:
    """Return what every single viewer of a few simulated shows went through.

    Parameters
    ----------
    scenario : Scenario, Resolution or Source
        The show, or the file that says what it is.
    replications : int
        Number of simulated shows R, from 1 to 250.
    seed : int
        The seed, 0 or greater.

    Returns
    -------
    pandas.DataFrame
        One row an event, by replication, viewer and time.

        - ``replication`` and ``viewer``: numbers from 0; a viewer's is their own within the show.
        - ``segment`` and ``phase`` of stay: who they are.
        - ``time`` since the show's start [s].
        - ``event``: comes, orders, drops out (of the checkout's steps, before there is an order),
          is served, is turned away, accepts to wait, pays a deposit (in a presale), pays, lapses,
          loses interest, leaves, show ends. Fake orders are nobody's journey.
        - ``slot`` and ``on_stage`` (names joined by +): what the screen showed in that interval,
          also to those who are served while they wait; empty between two slots, and for what is
          done away from the screen.
        - ``product``, ``variant`` and ``units``: of orders and what becomes of them, else empty and
          0. Who gets fewer units than they ask for is served and turned away.

    Raises
    ------
    ScenarioError
        If the scenario's file has mistakes, or drawn conversions add up to more than 1.
    UsageError
        If the replications are not from 1 to 250, the seed is negative, or there are more viewers
        than can be followed.

    Notes
    -----
    These are shows of the same law as those of :func:`livesim.simulate`, but not the same shows:
    row k of a study is another one. Their units, fake orders aside, add up to their own stock
    account: orders to demand, served and waiting to claimed, turned away to lost, paid to sales.

    Viewers look at the screen once a refresh, and who comes looks first at the next one. Within an
    interval, moments are those of each viewer's own clocks; who pays is noted in the sweep that
    ends the reservation, which can be after the show. Where rooms share the stock, which room's
    order comes first in an interval is the account's chance, and no matter of these moments.

    Examples
    --------
    >>> import livesim
    >>> table = livesim.journeys("scenarios/brand_room.yaml", seed=2)
    >>> bool((table.event == "comes").sum() == table.viewer.nunique())
    True
    """
    replications = checked_count(replications, "replications")
    if not 1 <= replications <= BLOCK:
        raise UsageError(
            f"journeys can be told of 1 to {BLOCK} shows, not of {replications}: take fewer, or "
            "other seeds for more"
        )
    seed, (show, _) = checked_seed(seed), explicit(scenario)
    drawn = drawn_block(show, seed, 0, replications)
    streams = Streams(seed, 0)
    recording, notes = follow(inputs_of(show, drawn, replications), streams)
    return frame(dict(journal(recording, notes, streams)))
