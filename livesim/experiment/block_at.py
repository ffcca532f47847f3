"""A block of replications at many stock levels, and sold in several ways.

The crowd is recorded once, and each level and way is a ledger of it. Where the recording does not
hold, since something in the show reacts to the stock, the show is simulated at that level.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import replace
from typing import Any

import numpy as np

from livesim.arrays import Counts
from livesim.engine.ledger.dividing import Wanted
from livesim.engine.ledger.ledger import Ledger, ledger
from livesim.engine.ledger.validity import stock_decided
from livesim.engine.noting import Notes, record_noting
from livesim.engine.parting import ledger_to_the_end, unknown_at
from livesim.engine.reactions import reactions_of
from livesim.engine.recorder import record_orders
from livesim.engine.recording import Recording
from livesim.engine.release_plan import UNLIMITED
from livesim.engine.settlement import WEBSHOP, settled
from livesim.engine.streams import Streams
from livesim.experiment.custom import NONE, Custom
from livesim.experiment.levels import (
    COSTS,
    FIGURES,
    GOODWILL,
    MISSING,
    SHIPPED,
    VIEWERS,
    Levels,
    Stocked,
)
from livesim.experiment.random_inputs import drawn_block
from livesim.model.inputs import Inputs
from livesim.randomness import BLOCK
from livesim.resolve.inputs import inputs_of
from livesim.resolve.offer import supplies_of
from livesim.scenario.scenario import Scenario


class BlockAt:
    """One block of replications of a show, at any stock levels.

    Parameters
    ----------
    scenario
        The show.
    seed, block
        The study's seed and which block of it, as in
        :func:`~livesim.experiment.simulating.simulate_block`: the same random numbers.
    replications
        The number R of replications.
    recording
        What the crowd does in it at every stock, if that is known already.
    custom
        Code of a user's own that takes part.

    Attributes
    ----------
    recording
        The same once something has been simulated; None where it depends on the stock.

    Examples
    --------
    >>> import livesim
    >>> scenario = livesim.load("scenarios/brand_room.yaml", {"show.length": "20min"})
    >>> block = BlockAt(scenario, seed=1, block=0)
    >>> (found,) = block.simulated([Stocked(np.array([[20, 50], [0, 30], [10, 20]]))])
    >>> found.figures["sales"].shape
    (250, 3, 2)
    """

    def __init__(
        self,
        scenario: Scenario,
        seed: int,
        block: int,
        replications: int = BLOCK,
        recording: Recording | None = None,
        custom: Custom = NONE,
    ) -> None:
        self._scenario, self._replications, self._custom = scenario, replications, custom
        self._unmoved = False
        self.recording = recording
        self._told: tuple[Recording, Notes | None] | None = None
        if recording is not None:
            self._told = recording, None
        self._streams = Streams(seed, block, replications)
        self._drawn = drawn_block(scenario, seed, block, replications)

    def simulated(self, wanted: Sequence[Stocked], lived: Counts | None = None) -> list[Levels]:
        """Return what the show comes to at levels and in ways to sell, each as if simulated there.

        Parameters
        ----------
        wanted
            The levels and ways. What is asked for and cannot be told from the show that viewers
            live through is simulated.
        lived
            Owned units of each variant in that show, sold as the first says, shape (V,). By default
            the most units; where shows cannot part, those at the first level of the first. What
            is asked for later is told from the same show, at no fewer units than the first.
        """
        if self._told is None:
            self._told = self._recorded(wanted, lived)
            if self._told[0].holds:  # then nothing but ledgers is made of it
                self.recording = self._told[0].for_ledgers()
                self._told = self.recording, self._told[1]
        recording, notes = self._told
        ways = self._wanted(wanted)
        kept = ledger_to_the_end(recording, notes, self._streams, ways)
        found, sizes = self._levels(recording, kept), [one.size for one in ways]
        way = np.repeat(np.arange(len(ways)), sizes)
        for level in unknown_at(recording, kept, ways).tolist():
            found.put(slice(None), level, self._alone(wanted[way[level]], found.units[:, level]))
        return found.split(sizes)

    def unmoved(self) -> BlockAt:
        """Return the same shows as if nobody reacted to the stock: no slot, viewer or process.

        Where nobody has in the show that all is told from, it is that very show.
        """
        other, told = copy(self), self._told
        other._unmoved, other._custom, other._told, other.recording = True, NONE, None, None
        if told is not None and self._custom == NONE and not stock_decided(told[0]):
            inputs = _as_if_unmoved(told[0].inputs)
            same = replace(told[0], inputs=inputs, reactions=reactions_of(inputs))
            other._told = same.for_ledgers(), None
        return other

    def _recorded(
        self, wanted: Sequence[Stocked], lived: Counts | None
    ) -> tuple[Recording, Notes | None]:
        """Simulate the show that all is told from, with notes where others can part from it."""
        changes, levels = wanted[0].changes, np.concatenate([one.units for one in wanted], axis=1)
        inputs, several = self._inputs(changes), levels.shape[1] > 1
        reactions = reactions_of(inputs, self._custom)
        if not reactions.own_pace:
            lived = levels[:, 0] if lived is None else lived
            if several and reactions.coupons_alone:
                return self._while_coupons_last(changes, inputs, lived), None
            return self._lived(changes, inputs, lived), None
        if lived is None:
            lived = levels.max(axis=1)
        if len(wanted) == 1 and (levels == lived[:, None]).all():  # no show parts
            return self._lived(changes, inputs, lived), None
        return record_noting(inputs, self._streams, lived, levels.min(axis=1))

    def _while_coupons_last(
        self, changes: Mapping[str, Any], inputs: Inputs, units: Counts
    ) -> Recording:
        """Simulate a show whose coupons never run out: with others it is this until they do."""
        for_all = tuple(replace(one, first=UNLIMITED) for one in inputs.coupons)
        recording = self._lived(changes, replace(inputs, coupons=for_all), units)
        return replace(recording, inputs=inputs, while_coupons_last=True)

    def _wanted(self, stocked: Sequence[Stocked]) -> list[Wanted]:
        return [
            Wanted(one.units, supplies_of(self._changed(one.changes)), one.of) for one in stocked
        ]

    def _alone(self, stocked: Stocked, units: Counts) -> Levels:
        """Simulate the show at one level."""
        recording = self._lived(stocked.changes, self._inputs(stocked.changes), units)
        return self._levels(recording, ledger(recording, units[:, None]))

    def _lived(self, changes: Mapping[str, Any], inputs: Inputs, units: Counts) -> Recording:
        custom = replace(self._custom, scenario=self._changed(changes))
        return record_orders(inputs, self._streams, units, custom=custom)

    def _inputs(self, changes: Mapping[str, Any]) -> Inputs:
        inputs = inputs_of(self._changed(changes), self._drawn, self._replications)
        return _as_if_unmoved(inputs) if self._unmoved else inputs

    def _changed(self, changes: Mapping[str, Any]) -> Scenario:
        return self._scenario.with_changes(changes) if changes else self._scenario

    def _levels(self, recording: Recording, kept: Ledger) -> Levels:
        costs = [*COSTS, GOODWILL] if any(t.goodwill for t in recording.inputs.terms) else COSTS
        shipped = () if recording.inputs.deal.warehouse is None else SHIPPED
        names = (*FIGURES, *shipped, *costs, *WEBSHOP, MISSING)
        figures = settled(recording.inputs, self._streams, kept, names)
        figures = {name: figures[name] for name in names if name in figures}
        if self._scenario.show.arrivals_when_unavailable is not None:
            figures[VIEWERS] = np.zeros_like(figures["profit"])
            figures[VIEWERS][:, 0] = kept.viewers
        inputs, of_ledger = recording.inputs, vars(kept) | {"figures": figures}
        return Levels(
            **of_ledger, drawn=self._drawn, product_of=inputs.product_of, takes=inputs.takes
        )


def _as_if_unmoved(inputs: Inputs) -> Inputs:
    """Return the numbers of a show in which nobody reacts to the stock."""
    return replace(
        inputs,
        slots=tuple(replace(slot, goes_on=False) for slot in inputs.slots),
        shows_on_hand=False,
        shows_claimed=False,
        unavailable_arrivals=np.ones_like(inputs.unavailable_arrivals),
        log_coupon=np.zeros_like(inputs.log_coupon),
    )
