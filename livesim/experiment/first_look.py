"""What a block of a show tells before any is planned: what reacts to the stock, and the demand."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from livesim.arrays import Counts, Floats
from livesim.engine.ledger.ledger import Ledger, ledger
from livesim.engine.reactions import Reactions, reactions_of
from livesim.engine.recorder import record_orders
from livesim.engine.recording import Recording
from livesim.engine.release_plan import UNLIMITED
from livesim.engine.streams import Streams
from livesim.experiment.blocks import Block
from livesim.experiment.custom import NONE, Custom
from livesim.experiment.levels import of_stock
from livesim.experiment.random_inputs import drawn_block
from livesim.model.inputs import Inputs
from livesim.resolve.inputs import inputs_of
from livesim.scenario.scenario import Scenario


class FirstLook(NamedTuple):
    """What some replications with stock for all tell.

    Parameters
    ----------
    reactions
        What reacts to the stock; slots that may go on at sell-out only where one did with nothing.
    demand, sales
        Units wanted, and units paid for, of each variant's stock, those of bundles and gifts
        included, shape (R, V).
    recording
        What the crowd does in them at every stock; None where it depends on the stock.
    """

    reactions: Reactions
    demand: Floats
    sales: Floats
    recording: Recording | None


def first_look(scenario: Scenario, seed: int, block: Block, *, custom: Custom = NONE) -> FirstLook:
    """Look at a block of a study with stock for all."""
    inputs = inputs_of(scenario, drawn_block(scenario, seed, *block), block.replications)
    everything = np.full(len(inputs.variants), UNLIMITED)
    own = replace(custom, scenario=scenario)
    recording = record_orders(inputs, Streams(seed, *block), everything, custom=own)
    found = ledger(recording, np.column_stack([everything, 0 * everything]))
    reactions = reactions_of(inputs, custom)
    if np.isinf(found.exact_until).all():
        reactions = replace(reactions, slots=())
    demand, sales = (_of_stock(inputs, found, name) for name in ("demand", "sales"))
    kept = recording.for_ledgers() if recording.holds else None
    return FirstLook(reactions, demand, sales, kept)


def foreseen(scenario: Scenario, custom: Custom = NONE) -> Reactions:
    """Return what may react to the stock, before any show is simulated."""
    return reactions_of(inputs_of(scenario), custom)


def _of_stock(inputs: Inputs, found: Ledger, name: str) -> Floats:
    """Return a figure of each variant's stock, with bundles', gifts' and webshops', at level 0."""
    own = of_stock(found.figures, name)[:, :, 0]
    if not inputs.sharing:
        return own
    with_gifts = of_stock(found.figures, "sales") + found.figures["given"]
    return np.asarray(np.maximum(own @ inputs.takes, with_gifts[:, :, 0]), dtype=float)


def known_alone(
    scenario: Scenario, seed: int, replications: int, units: Counts, custom: Custom = NONE
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Say what of a show is known at levels from the one that viewers live through as it is.

    Parameters
    ----------
    scenario, seed, replications
        The show, and how many replications to look at.
    units
        Owned units of each variant at some levels, shape (V, L).
    custom
        Code of a user's own that takes part.

    Returns
    -------
    exact
        Whether the show at a level is the same one, shape (L,).
    final
        Whether all that a product comes to at it is known all the same, shape (P, L).
    """
    inputs = inputs_of(scenario, drawn_block(scenario, seed, 0, replications), replications)
    streams = Streams(seed, 0, replications)
    own = replace(custom, scenario=scenario)
    found = ledger(record_orders(inputs, streams, inputs.owned, custom=own), units)
    exact = np.asarray(np.isinf(found.exact_until).all(axis=0))
    return exact, np.asarray(found.final.all(axis=0))
