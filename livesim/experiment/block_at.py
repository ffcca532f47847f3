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
from numpy.typing import NDArray

from livesim.arrays import Counts
from livesim.engine.ledger.dividing import Wanted
from livesim.engine.ledger.ledger import Ledger, ledger, ledger_of_all
from livesim.engine.ledger.validity import stock_decided
from livesim.engine.noting import Notes, record_noting
from livesim.engine.parting import Parted, parted
from livesim.engine.reactions import at_own_pace, coupons_alone_move
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
        self._while_coupons_last: Recording | None = None
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
        if self._told is None and (while_coupons_last := self._lasting(wanted)) is not None:
            return self._told_while_they_last(while_coupons_last, wanted)
        if self._told is None:
            self._told = self._recorded(wanted, lived)
            if self._told[0].holds:  # then nothing but ledgers is made of it
                self.recording = self._told[0].for_ledgers()
                self._told = self.recording, self._told[1]
        recording, notes = self._told
        sizes = [_size(one) for one in wanted]
        whole = ledger_of_all(recording, self._wanted(wanted))
        kept = whole.split(sizes)
        apart = [] if notes is None else self._parted(recording, notes, wanted, kept)
        found = self._levels(recording, whole).split(sizes)
        for (n, level), one in apart:
            found[n].link_at[one.rows, :, level] = one.recording.link_at
            found[n].viewers[one.rows, level] = _viewers(one.recording)
            found[n].slot_starts[one.rows, :, level] = one.recording.slots.started_at
        for n, level in _unknown(recording, kept, wanted):
            found[n].put(level, self._alone(wanted[n], wanted[n].units[:, level]))
        return found

    def first(self, replications: int) -> BlockAt:
        """Return a block of only the first of these replications, whose recording is known."""
        assert self.recording is not None
        rows, few = np.arange(replications), copy(self)
        few._replications, few._streams = replications, replace(self._streams, size=replications)
        few._drawn = {path: values[:replications] for path, values in self._drawn.items()}
        recording = self.recording
        few.recording = recording.of_rows(
            rows, recording.inputs.of_rows(rows), recording.lived, recording.plan
        )
        few._told = few.recording, None
        return few

    def unmoved(self) -> BlockAt:
        """Return the same shows as if nobody reacted to the stock: no slot, viewer or process.

        Where nobody has in the show that all is told from, it is that very show.
        """
        other, told = copy(self), self._told
        other._unmoved, other._custom, other._told, other.recording = True, NONE, None, None
        other._while_coupons_last = None
        if told is not None and self._custom == NONE and not stock_decided(told[0]):
            inputs = _as_if_unmoved(told[0].inputs)
            other._told = replace(told[0], inputs=inputs).for_ledgers(), None
        return other

    def _recorded(
        self, wanted: Sequence[Stocked], lived: Counts | None
    ) -> tuple[Recording, Notes | None]:
        """Simulate the show that all is told from, with notes where others can part from it."""
        inputs = self._inputs(wanted[0].changes)
        if self._custom != NONE or not at_own_pace(inputs):
            lived = wanted[0].units[:, 0] if lived is None else lived
            return self._lived(wanted[0].changes, inputs, lived), None
        if lived is None:
            lived = np.max([one.units.max(axis=1) for one in wanted], axis=0)
        if len(wanted) == 1 and (wanted[0].units == lived[:, None]).all():  # no show parts
            return self._lived(wanted[0].changes, inputs, lived), None
        fewest = np.min([one.units.min(axis=1) for one in wanted], axis=0)
        return record_noting(inputs, self._streams, lived, fewest)

    def _lasting(self, wanted: Sequence[Stocked]) -> Recording | None:
        """Return the show whose coupons never run out, where viewers react to nothing else.

        It is the one of every stock with which they last in all replications, so that it pays if
        several are asked for.
        """
        inputs = self._inputs(wanted[0].changes)
        several = sum(map(_size, wanted)) > 1
        if not several or self._custom != NONE or not coupons_alone_move(inputs):
            return None
        if self._while_coupons_last is None:
            for_all = tuple(replace(one, first=UNLIMITED) for one in inputs.coupons)
            endless, owned = replace(inputs, coupons=for_all), wanted[0].units[:, 0]
            recording = self._lived(wanted[0].changes, endless, owned)
            self._while_coupons_last = replace(recording, inputs=inputs, reacts=False)
        return self._while_coupons_last

    def _told_while_they_last(
        self, recording: Recording, wanted: Sequence[Stocked]
    ) -> list[Levels]:
        """Return what shows come to: simulated are those in which some coupons run out."""
        whole = ledger_of_all(recording, self._wanted(wanted))
        sizes = [_size(one) for one in wanted]
        run_out = np.split(_run_out(recording.inputs, whole), np.cumsum(sizes)[:-1])
        found = self._levels(recording, whole).split(sizes)
        for one, stocked, levels in zip(found, wanted, run_out, strict=True):
            for level in np.flatnonzero(levels).tolist():
                one.put(level, self._alone(stocked, stocked.units[:, level]))
        return found

    def _parted(
        self,
        recording: Recording,
        notes: Notes,
        wanted: Sequence[Stocked],
        kept: Sequence[Ledger],
    ) -> list[tuple[tuple[int, int], Parted]]:
        """Let shows go on that part from the recording, put them in their place, and return them.

        With the number of the way to sell and of the level.
        """
        ways, plans = _unknown(recording, kept, wanted), [one.plan for one in self._wanted(wanted)]
        if not ways or recording.reacts:
            return []
        alone = [Wanted(wanted[n].units[:, [level]], plans[n]) for n, level in ways]
        until = [recording.clock.by(kept[n].exact_until[:, level]) for n, level in ways]
        apart = [
            (ways[number], one)
            for number, one in parted(recording, notes, self._streams, alone, until)
        ]
        for (n, level), one in apart:
            kept[n].put(one.rows, level, one.ledger)
        return apart

    def _wanted(self, stocked: Sequence[Stocked]) -> list[Wanted]:
        return [Wanted(one.units, supplies_of(self._changed(one.changes))) for one in stocked]

    def _alone(self, stocked: Stocked, units: Counts) -> Levels:
        """Simulate the show at one level."""
        recording = self._lived(stocked.changes, self._inputs(stocked.changes), units)
        return self._levels(recording, ledger(recording, units[:, None]))

    def _lived(self, changes: Mapping[str, Any], inputs: Inputs, units: Counts) -> Recording:
        return recorded_with(self._changed(changes), inputs, self._streams, units, self._custom)

    def _inputs(self, changes: Mapping[str, Any]) -> Inputs:
        inputs = inputs_of(self._changed(changes), self._drawn, self._replications)
        return _as_if_unmoved(inputs) if self._unmoved else inputs

    def _changed(self, changes: Mapping[str, Any]) -> Scenario:
        return self._scenario.with_changes(changes) if changes else self._scenario

    def _levels(self, recording: Recording, kept: Ledger) -> Levels:
        size = kept.levels.shape[1]
        costs = [*COSTS, GOODWILL] if any(t.goodwill for t in recording.inputs.terms) else COSTS
        shipped = () if recording.inputs.deal.warehouse is None else SHIPPED
        names = (*FIGURES, *shipped, *costs, *WEBSHOP, MISSING)
        figures = settled(recording.inputs, self._streams, kept, names)
        figures = {name: figures[name] for name in names if name in figures}
        viewers = np.repeat(_viewers(recording)[:, None], size, axis=1)
        if self._scenario.show.arrivals_when_unavailable is not None:
            figures[VIEWERS] = np.zeros_like(figures["profit"])
            figures[VIEWERS][:, 0] = viewers
        return Levels(
            units=kept.levels,
            figures=figures,
            sold_out_at=kept.sold_out_at,
            unavailable_at=kept.unavailable_at,
            on_sale=kept.on_sale,
            link_at=np.repeat(recording.link_at[:, :, None], size, axis=2),
            viewers=viewers,
            slot_starts=np.repeat(recording.slots.started_at[:, :, None], size, axis=2),
            drawn=self._drawn,
            exact=np.isinf(kept.exact_until),
            final=kept.final,
            product_of=recording.inputs.product_of,
            takes=recording.inputs.takes,
        )


def _size(stocked: Stocked) -> int:
    return int(stocked.units.shape[1])


def _run_out(inputs: Inputs, whole: Ledger) -> NDArray[np.bool_]:
    """Say at which levels coupons that viewers react to run out in any replication, (L,)."""
    used = whole.figures["coupons"]
    gone = [
        (used[:, inputs.product_of == one.product].sum(axis=1) >= one.first).any(axis=0)
        for one in inputs.coupons
        if inputs.log_coupon[:, one.product].any()
    ]
    return np.asarray(np.any(gone, axis=0))


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


def _unknown(
    recording: Recording, kept: Sequence[Ledger], wanted: Sequence[Stocked]
) -> list[tuple[int, int]]:
    """Return the ways to sell, and their levels, of which not all is known that is asked for."""
    unknown = []
    for number, (one, asked) in enumerate(zip(kept, wanted, strict=True)):
        missing = np.isfinite(one.exact_until).any(axis=0)
        if asked.of is not None:
            mine = recording.inputs.product_of[np.array(asked.of, dtype=np.intp)]
            missing = ~one.final[:, mine].all(axis=(0, 1))
        unknown += [(number, level) for level in np.flatnonzero(missing).tolist()]
    return unknown


def _viewers(recording: Recording) -> Counts:
    """Return the unique viewers, shape (R,)."""
    return np.asarray(recording.audience.viewers_by_segment.sum(axis=0))


def recorded_with(
    scenario: Scenario, inputs: Inputs, streams: Streams, units: Counts, custom: Custom
) -> Recording:
    """Let a block live through a show, with code of a user's own."""
    return record_orders(inputs, streams, units, custom=replace(custom, scenario=scenario))
