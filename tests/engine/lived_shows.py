"""Shows that were lived through, with all that is known of them afterwards; a crowd by script."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from livesim.engine.crowd.crowd import Attempts, Looks
from livesim.engine.ledger.ledger import Ledger, ledger
from livesim.engine.lockstep import Lockstep
from livesim.engine.outcome import Outcome
from livesim.engine.recording import Recording
from livesim.engine.show.stage import Stage
from livesim.engine.streams import Streams
from livesim.engine.tables import outcome_of
from livesim.model.inputs import Inputs
from livesim.model.rates import Rates
from livesim.model.splitting import split


def levels_of(inputs: Inputs, levels: Sequence[int]) -> np.ndarray:
    """Return the units of each variant, shape (V, L): of every product the levels, or the owned."""
    if not levels:
        return inputs.owned[:, None]
    of = [inputs.variant_share[inputs.product_of == p] for p in range(len(inputs.products))]
    return np.concatenate([split(np.array(levels), shares.tolist()) for shares in of])


@dataclass(frozen=True)
class Lived:
    """A show that viewers have lived through at the first of its stock levels.

    Parameters
    ----------
    loop, recording, streams
        How it went, what was written down of it, and its luck.
    levels
        Owned units of each variant at each level, shape (V, L).
    timeline_step
        Time between two moments of its timeline [s].
    """

    loop: Lockstep
    recording: Recording
    streams: Streams
    levels: np.ndarray
    timeline_step: float | None

    @property
    def inputs(self) -> Inputs:
        """The show's numbers."""
        return self.recording.inputs

    @property
    def crowd(self) -> Any:
        """The audience."""
        return self.loop.crowd

    @property
    def stage(self) -> Stage:
        """Who was on stage, and which links were up."""
        return self.loop.state.stage

    @cached_property
    def ledger(self) -> Ledger:
        """What the recording comes to at all levels."""
        return ledger(self.recording, self.levels)

    def figure(self, name: str, variant: int = 0) -> list[float]:
        """Return a figure of a variant in each replication, at the level that was lived through."""
        return self.ledger.figures[name][:, variant, 0].tolist()

    @cached_property
    def outcome(self) -> Outcome:
        """The tables of the show."""
        demand = self.ledger.figures["demand"][:, :, 0]
        return outcome_of(self.recording, self.streams, {}, demand, self.timeline_step)


class ScriptedCrowd:
    """A crowd of which a fixed number tries to order each variant that can be ordered.

    It writes down the order hazards that it was given, shape (S, R, V) at each refresh.
    """

    attempts = 1

    def __init__(self, inputs: Inputs, streams: Streams) -> None:
        shape = (len(inputs.segments), inputs.replications)
        self.watching, self.viewers = np.full(shape, 1000), np.full(shape, 1000)
        self.concurrent = self.watching.sum(axis=0)
        self.order: list[np.ndarray] = []
        self.new_slots: list[tuple[int, np.ndarray]] = []

    def start_slot(self, rows: np.ndarray) -> None:
        self.new_slots.append((len(self.order), rows.copy()))

    def act(self, refresh: int, until: int, rates: Sequence[Rates]) -> tuple[Attempts, Looks]:
        assert refresh == len(self.order)
        self.order.append(np.stack([segment.order for segment in rates]))
        tried = np.where(rates[0].order > 0, self.attempts, 0).astype(np.int64)
        return Attempts.of(tried, refresh + 1), Looks.of(self, refresh + 1)

    def come_and_go(self, refresh: int, until: int, rates: Sequence[Rates]) -> Looks:
        for number in range(refresh, until):
            self.act(number, number + 1, rates)
        return Looks.of(self, until)
