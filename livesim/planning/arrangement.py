"""At which units the curves of all items are made, in which passes of the show."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from livesim.arrays import Floats
from livesim.experiment.first_look import foreseen
from livesim.experiment.levels import UNLIMITED, Levels, Reactions, Stocked
from livesim.experiment.packing import Memory, Packed, Place
from livesim.experiment.runner import Runner
from livesim.planning.curves import (
    OF_ALL,
    SERVED,
    TIMES,
    Curves,
    Known,
    Simulated,
    StockCurve,
    alike,
    elsewhere,
    joined_alike,
    with_plenty,
)
from livesim.planning.item_curves import (
    alone,
    as_simulated,
    bundles_of,
    curve_of,
    in_floats,
    on_lines,
    with_others,
)
from livesim.planning.items import Item, by_variant, units_of
from livesim.planning.looking import Found, Look
from livesim.planning.spacing import some_of
from livesim.scenario.scenario import Scenario

_ELSEWHERE = tuple(map(elsewhere, OF_ALL))
#: The figures of a curve that every decision asks for.
_EARNED = ("profit", elsewhere("profit"))


class _Pass(NamedTuple):
    """A look, and of which items it makes the curves: of all its levels, or of one of them each.

    Where orders take units of several items, it says where the others have plenty.
    """

    look: Look
    items: tuple[int, ...]
    of: Mapping[int, int] | None = None
    plenty: Mapping[int, int] | None = None


class BlockCurves(NamedTuple):
    """What a pass tells of a block of replications.

    Parameters
    ----------
    curves
        Those of its items, by their number.
    viewers, slot_starts, drawn, bundles
        As those of :class:`~livesim.planning.curves.Curves`.
    whole
        What the show comes to at what is owned, of a pass that tells as if nobody reacted.
    """

    curves: dict[int, StockCurve]
    viewers: Floats
    slot_starts: Floats
    drawn: Mapping[str, Floats]
    bundles: Mapping[str, Floats]
    whole: Simulated | None

    def put_away(self, places: Mapping[int, Place]) -> BlockCurves:
        """Return it with the figures of each item's curve, and of the show, in places."""
        curves = {
            number: replace(curve, figures=Packed.joined([curve.figures], places[number]))
            for number, curve in self.curves.items()
        }
        drawn, bundles = (Packed.joined([of], places[-1]) for of in (self.drawn, self.bundles))
        return self._replace(
            curves=curves, drawn=drawn, bundles=bundles, slot_starts=alike(self.slot_starts)
        )


@dataclass(frozen=True)
class Arrangement:
    """At which units curves are made, in which passes of the show, and what becomes of these.

    Parameters
    ----------
    scenario, items
        The show, and what is to be decided of it.
    levels, known
        An item each: the levels of its curve, and what is known of it.
    around
        Units of each item that the others have; empty for those that are owned.
    """

    scenario: Scenario
    items: tuple[Item, ...]
    levels: Sequence[NDArray[np.int64]]
    known: Sequence[Known]
    around: tuple[int, ...] = ()

    @classmethod
    def of(cls, curves: Curves, levels: Sequence[NDArray[np.int64]] = ()) -> Arrangement:
        """Return that of curves, at their levels unless others are given."""
        levels = levels or [curve.levels for curve in curves.curves]
        known = [curve.known for curve in curves.curves]
        return cls(curves.scenario, curves.items, levels, known, curves.around)

    @cached_property
    def others(self) -> tuple[int, ...]:
        """The units of each item that the others have."""
        return self.around or tuple(item.owned for item in self.items)

    @property
    def looks(self) -> list[Look]:
        """What is to be seen of the show, a pass each."""
        return [one.look for one in self.passes]

    @cached_property
    def passes(self) -> list[_Pass]:
        """The items' levels in passes: side by side where nobody reacts to them.

        The others come one after the other, while the rest have what is owned: an item is told
        as far as that is exact, from a show that never runs out of it, and simulated at some of its
        levels. So do items of a slot that goes on, even if none of their levels makes it go on
        alone: two that run out together would.
        """
        if "as if" in self.known:
            return self._as_if()
        free = [number for number, kind in enumerate(self.known) if kind == "everything"]
        waited = foreseen(self.scenario).slots
        moving = [number for number in free if self.items[number].product in waited]
        if len(free) == len(self.items) and not moving:
            return [_Pass(Look([Stocked(self.side_by_side(free))]), tuple(free))]
        if not waited and "nothing" not in self.known:
            return [self._from_one_show(free)]
        passes = [self._one_by_one(n) for n in range(len(self.items)) if n not in free]
        as_others = units_of(self.items, self.others)
        for number in moving:
            units = np.column_stack([as_others, self.side_by_side([number])])
            passes.append(_Pass(Look([Stocked(units)]), (number,)))
        rest = [number for number in free if number not in moving]
        if rest:
            look = Stocked(self.side_by_side(rest), of=())
            passes.append(_Pass(Look([look], as_others), tuple(rest)))
        return passes

    def side_by_side(
        self, numbers: Sequence[int], instead: Mapping[int, NDArray[np.int64]] | None = None
    ) -> NDArray[np.int64]:
        """Return the units of all variants at the levels of some items, or at others, (V, L)."""
        levels = {number: self.levels[number] for number in numbers} | dict(instead or {})
        most = max(map(len, levels.values()))
        columns = [
            np.pad(levels[number], (0, most - len(levels[number])), mode="edge")
            if number in levels
            else np.full(most, other)
            for number, other in enumerate(self.others)
        ]
        return by_variant(self.items, columns)

    def _one_by_one(self, number: int) -> _Pass:
        """Return the pass of an item that is simulated, and of which one show does not tell all."""
        kind, item, units = self.known[number], self.items[number], self.side_by_side([number])
        if kind == "nothing":
            return _Pass(Look([Stocked(units)]), (number,))
        own = kind == "own figures"
        levels = self.levels[number]
        # Nothing is left to simulate where one show tells its own figures and nobody else sells.
        only = own and len(self.items) == 1
        some = levels[levels == item.owned] if only else some_of(levels, item)
        looks = (
            Stocked(units, of=item.variants if own else ()),
            Stocked(self.side_by_side([number], {number: some})),
        )
        never_out = units_of(self.items, self.others)
        never_out[list(item.variants)] = UNLIMITED
        return _Pass(Look(looks, never_out), (number,))

    def _from_one_show(self, free: Sequence[int]) -> _Pass:
        """Return the pass of items of which some share stock, at levels of one show.

        The free ones come side by side, the others one after the other.
        """
        sharing = [number for number in range(len(self.items)) if number not in free]
        most = tuple(int(mine[-1]) for mine in self.levels)
        with_most = replace(self, around=most)
        looks = [Stocked(with_most.side_by_side([number])) for number in sharing]
        plenty = {number: place for place, number in enumerate(sharing)}
        of = dict.fromkeys(free, len(looks))
        if free:
            looks.append(Stocked(self.side_by_side(free), of=()))
        of |= {number: place for place, number in enumerate(sharing, len(looks))}
        looks += [Stocked(self.side_by_side([number])) for number in sharing]
        return _Pass(Look(looks), (*sharing, *free), of, plenty)

    def _as_if(self) -> list[_Pass]:
        """Return the pass that tells of all levels as if nobody reacted, and of what is owned."""
        sharing = foreseen(self.scenario).orders
        apart = [number for number, item in enumerate(self.items) if item.product not in sharing]
        told = self._from_one_show(apart)
        owned = units_of(self.items, [item.owned for item in self.items])
        return [told._replace(look=Look([Stocked(owned[:, None])], unmoved=told.look.wanted))]

    @property
    def tell(self) -> list[Callable[[Sequence[Levels]], BlockCurves]]:
        """What to keep of each pass."""
        bare = replace(self)  # without what is cached: it is sent to processes
        return [partial(bare.told_of, one) for one in self.passes]

    def told_of(self, one: _Pass, looks: Sequence[Levels]) -> BlockCurves:
        """Return what a pass has told of a block."""
        found, some = looks[-1], self.items[one.items[0]]
        owned = int(np.argmax(found.units[list(some.variants)].sum(axis=0) == some.owned))
        return BlockCurves(
            curves={number: self._curve_of(number, one, looks) for number in one.items},
            viewers=found.viewers[:, owned].astype(float),
            slot_starts=found.slot_starts[:, :, owned].copy(),
            drawn=found.drawn,
            bundles=bundles_of(self.items, self.around, looks),
            whole=as_simulated(self.scenario, self.items, looks[-1:])[0]
            if one.look.unmoved
            else None,
        )

    def joined(
        self,
        seed: int,
        reactions: Reactions,
        blocks: Sequence[Sequence[Found[BlockCurves]]],
        scratch: Place | None,
        runner: Runner,
    ) -> Curves:
        """Return the curves of all items from what the passes of every block have told.

        Their figures are put away to the disk, if there is a place, else to memory of their own. A
        block's part of a curve is let go of once all of the curve is there.
        """
        whole = next(n for n, one in enumerate(self.passes) if one.look.wanted[-1].of is None)
        place = [
            next(n for n, one in enumerate(self.passes) if number in one.items)
            for number in range(len(self.items))
        ]
        told = [[one.told for one in found] for found in blocks]
        curves = []
        for number, n in runner.each("Putting the curves together", [*enumerate(place)]):
            parts = [block[n].curves.pop(number) for block in told]
            away = Memory() if scratch is None else scratch
            figures = Packed.joined([part.figures for part in parts], away)
            curves.append(replace(parts[0], figures=figures))
        owned = tuple(item.owned for item in self.items)
        wholes = [one.whole for block in told for one in block if one.whole]
        return Curves(
            scenario=self.scenario,
            seed=seed,
            reactions=reactions,
            curves=tuple(curves),
            viewers=np.concatenate([block[whole].viewers for block in told]),
            slot_starts=joined_alike([block[whole].slot_starts for block in told]),
            drawn=Packed.joined([block[whole].drawn for block in told], scratch),
            recordings={
                one.block: one.recording for found in blocks for one in found if one.recording
            },
            around=self.around,
            bundles=Packed.joined([block[-1].bundles for block in told], scratch),
            wholes={owned: Simulated.joined(wholes)} if wholes else {},
        )

    def _curve_of(self, number: int, one: _Pass, looks: Sequence[Levels]) -> StockCurve:
        """Return one item's curve in little space."""
        curve = self._whole_curve_of(number, one, looks)
        figures = {**curve.figures, **self._served(curve, number, one, looks)}
        whole = [name for name in _EARNED if figures[name].any()]  # 0 everywhere takes no space
        return replace(curve, figures=Packed(figures, whole=whole))

    def _served(
        self, curve: StockCurve, number: int, one: _Pass, looks: Sequence[Levels]
    ) -> dict[str, Floats]:
        """Return how an item is served with plenty of the others; nothing where none share."""
        if not one.plenty:
            return {}
        if number in one.plenty:
            curve = curve_of(self.scenario, self.items, number, looks[one.plenty[number]])
        return {with_plenty(name): curve.figures[name] for name in SERVED}

    def _whole_curve_of(self, number: int, one: _Pass, looks: Sequence[Levels]) -> StockCurve:
        """Return one item's curve: what one show tells of it, and the rest as it was simulated."""
        known = self.known[number]
        of = one.of
        mine = looks if of is None else [looks[of[number]]]
        curves = [
            replace(curve_of(self.scenario, self.items, number, at), known=known) for at in mine
        ]
        beside = of is not None and list(of.values()).count(of[number]) > 1
        if known == "everything" or (known == "as if" and beside):
            return alone(curves[0])
        simulated = with_others(curves[-1], mine[-1], self.others[number])
        if known == "nothing" or len(mine) == 1:
            return simulated
        exact = curves[0]
        figures = {
            name: on_lines(simulated, name, exact.levels)
            for name in simulated.figures
            if name in _ELSEWHERE or (known == "sell-out" and name not in TIMES)
        }
        return in_floats(replace(exact, figures={**exact.figures, **figures}))
