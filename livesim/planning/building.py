"""How stock curves come about: from one pass of the show, or from a simulation at each level.

Where nothing reacts to the stock, one pass of the crowd serves all levels and the curves are exact.
Where slots or viewers react, each item is simulated at chosen levels while the others have what is
owned, and the curve runs on straight lines between them; but what can be replayed is replayed, as
:data:`~livesim.planning.curves.Known` says. Where that would be too many simulations, curves are
replayed as if nobody reacted, and corrected by joint stocks that are simulated (`around`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from itertools import islice
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from livesim.errors import Interrupted, UsageError
from livesim.experiment.blocks import Block, blocks, in_whole_blocks
from livesim.experiment.custom import NONE, Custom
from livesim.experiment.levels import (
    UNLIMITED,
    BlockAt,
    FirstLook,
    Levels,
    Reaction,
    Stocked,
    first_look,
    known_alone,
    nothing_reacts,
    of_stock,
    simulated_apart,
)
from livesim.experiment.packing import Memory, Packed, Place
from livesim.experiment.runner import HERE, Progress, Runner
from livesim.experiment.study import check_replications
from livesim.planning.around import best_simulated, best_together, products_sharing
from livesim.planning.curves import (
    OF_ALL,
    SERVED,
    TIMES,
    Curves,
    Known,
    Simulated,
    StockCurve,
    Together,
    Units,
    alike,
    elsewhere,
    joined_alike,
    whole_profit,
    with_plenty,
)
from livesim.planning.items import Item, by_variant, items_of, savings
from livesim.planning.looking import RECORDINGS, Found, Look, Told, blocks_kept, looked_at
from livesim.randomness import checked_seed
from livesim.scenario.quantities import Floats
from livesim.scenario.scenario import Scenario

#: Levels of a curve where one pass serves them, of a rough one, and levels that are each a
#: simulation.
LEVELS = 40
_ROUGH_LEVELS = 12
SIMULATED_LEVELS = 12
#: Levels of all curves together, where they are replayed as if nobody reacted: memory stays small.
#: Of items for which these are too few, so many levels below what is owned are looked at.
_AS_IF_LEVELS = 4_000
_BELOW = 2
#: Where each level is followed by itself, which costs most below what is owned, so many of these.
_FEW_BELOW = 6
#: So many items whose stocks act on each other are looked at one by one.
_ONE_BY_ONE = 10
#: What is known of an item alone is seen in so many replications, one Latin-hypercube batch.
_FEW = 50
#: Units that go well together are searched on so many.
_SEARCHED = 100
_ELSEWHERE = tuple(map(elsewhere, OF_ALL))
#: The figures of a curve that every decision asks for.
_EARNED = ("profit", elsewhere("profit"))
#: The curve goes on to so many times the highest demand of the first look.
_BEYOND = 2.0


def build_curves(
    scenario: Scenario,
    *,
    replications: int = 2000,
    seed: int = 1,
    runner: Runner,
    custom: Custom = NONE,
) -> Curves:
    """Simulate the stock curves of a show.

    Parameters
    ----------
    scenario
        The show.
    replications
        Number of simulated shows R: whole batches of 50.
    seed
        The study's seed, 0 or greater; the same as in :func:`livesim.simulate` gives the same
        shows.
    runner
        Who does the work.
    custom
        Code of a user's own that takes part in the show.

    Returns
    -------
    Curves
        The same bits for any number of workers.

    Raises
    ------
    UsageError
        If the replications are not whole batches.
    Interrupted
        If it was interrupted; it holds curves of the replications that were done.

    Examples
    --------
    >>> import livesim
    >>> scenario = livesim.load("scenarios/brand_room.yaml", {"show.length": "20min"})
    >>> curves = build_curves(scenario, replications=50, runner=Runner(workers=1))
    >>> curves.reaction, [curve.item.name for curve in curves.curves]
    ('nothing', ['serum', 'lip_tint', 'mask'])
    """
    check_replications(replications)
    replications, seed = int(replications), checked_seed(seed)
    looks = _first_looks(scenario, seed, replications, runner, custom)
    return _curves_of(scenario, replications, seed, looks, LEVELS, runner, custom)


def rough_curves(scenario: Scenario, replications: int, seed: int) -> Curves | None:
    """Simulate the stock curves of any few replications of a show, of the first block.

    None where something reacts to the stock, since each level would take a simulation of its own.
    """
    if not nothing_reacts(scenario, seed):
        return None
    block = Block(0, replications)
    look = first_look(scenario, seed, block)
    if look.reaction != "nothing":
        return None
    return _curves_of(scenario, replications, seed, {block: look}, _ROUGH_LEVELS, HERE, NONE)


def _curves_of(
    scenario: Scenario,
    replications: int,
    seed: int,
    looks: Mapping[Block, FirstLook],
    count: int,
    runner: Runner,
    custom: Custom,
) -> Curves:
    """Simulate the stock curves of a show at about so many levels, which first looks tell."""
    items = items_of(scenario)
    block = blocks(replications)[0]
    look = looks[block]
    levels, known = _looked_at(scenario, items, seed, look, count, custom)
    around, together = _around(scenario, items, levels, known, seed, block, look, runner, custom)
    if around:
        levels = [np.union1d(mine, [one]) for mine, one in zip(levels, around, strict=True)]
    arranged = _Arrangement(scenario, items, levels, known, around)
    recordings = {of: one.recording for of, one in looks.items() if one.recording}
    study = scenario, seed, arranged.looks, arranged.tell, replications
    kept = blocks_kept(look.reaction, look.recording)
    scratch = runner.scratch()
    done = looked_at(
        *study,
        recordings=recordings,
        runner=runner,
        custom=custom,
        kept=kept,
        put_away=_away_to(scratch),
    )
    curves = arranged.joined(seed, look.reaction, done.found, scratch, runner)
    curves = _corrected(curves, together, scratch)
    recordings = {**recordings, **curves.recordings}
    curves = replace(curves, recordings=recordings, custom=custom)
    if done.interrupted:
        raise Interrupted(replace(curves, requested=replications))
    return curves


def _first_looks(
    scenario: Scenario, seed: int, replications: int, runner: Runner, custom: Custom
) -> dict[Block, FirstLook]:
    """Look at the first block with stock for all, and at whose recordings are kept beside it.

    The curves are of these, so nothing is simulated twice; where a recording does not hold at
    every stock, one block says what to look at.
    """
    count = RECORDINGS if nothing_reacts(scenario, seed, custom) else 1
    every = blocks(replications)
    look = partial(first_look, scenario, seed, custom=custom)
    told = replace(runner, progress=_as_a_part(runner.progress, len(every)))
    first = every[:count]
    return dict(zip(first, told.run(look, first).whole(), strict=True))


def _as_a_part(progress: Progress | None, of: int) -> Progress | None:
    """Return who is told of tasks that are only the beginning of so many."""
    if progress is None:
        return None

    def told(what: str, done: int, tasks: int) -> None:
        if done < of:
            progress(what, done, of)

    return told


def extended(curves: Curves, replications: int, *, runner: Runner) -> Curves:
    """Return curves with further replications at the same levels.

    Those that are there stay, but for a last block that is short: in a larger one its chance is
    another one.

    Parameters
    ----------
    curves
        What is there.
    replications
        Number of simulated shows in all: whole batches of 50, more than there are.
    runner
        Who does the work.

    Returns
    -------
    Curves
        Those that :func:`build_curves` gives of so many replications at these levels.

    Raises
    ------
    UsageError
        If the replications are not whole batches, or no more than there are.
    Interrupted
        If it was interrupted; it holds the curves as far as they are extended.
    """
    check_replications(replications)
    if replications <= curves.replications:
        raise UsageError(
            f"the curves have {curves.replications:,} replications already: extend them to more "
            f"than {replications:,}"
        )
    kept, arranged = in_whole_blocks(curves.replications), _Arrangement.of(curves)
    scratch = runner.scratch()
    try:
        done = looked_at(
            curves.scenario,
            curves.seed,
            arranged.looks,
            arranged.tell,
            replications - kept,
            recordings={},
            after=kept,
            runner=runner,
            what="Adding",
            custom=curves.custom,
            kept=blocks_kept(curves.reaction, next(iter(curves.recordings.values()), None)),
            put_away=_away_to(scratch),
        )
    except KeyboardInterrupt:
        raise Interrupted(replace(curves, requested=replications)) from None
    more = arranged.joined(curves.seed, curves.reaction, done.found, scratch, runner)
    more = _corrected(more, curves.together, scratch)
    longer = Curves.joined([curves.head(kept), more], scratch)
    if done.interrupted:
        raise Interrupted(replace(longer, requested=replications))
    return longer


def refined(curves: Curves, spans: Mapping[int, tuple[int, int]], *, runner: Runner) -> Curves:
    """Return curves with further levels in between, for the same replications.

    Parameters
    ----------
    curves
        What is there.
    spans
        By item, from where to where its levels are to lie closer [units].
    runner
        Who does the work.

    Returns
    -------
    Curves
        The same shows; what is there stays, bit for bit.

    Raises
    ------
    Interrupted
        If it was interrupted; it holds the curves as they were.
    """
    count = (SIMULATED_LEVELS if curves.reaction == "viewers" else LEVELS) // 2
    levels = [
        _closer(curve, *spans[number], count) if number in spans else curve.levels
        for number, curve in enumerate(curves.curves)
    ]
    arranged, scratch = _Arrangement.of(curves, levels), runner.scratch()
    try:
        found = _again(
            curves, arranged.looks, arranged.tell, runner, "Looking closer", _away_to(scratch)
        )
    except KeyboardInterrupt:
        raise Interrupted(replace(curves, requested=curves.replications)) from None
    closer = arranged.joined(curves.seed, curves.reaction, found, scratch, runner)
    recordings = {**curves.recordings, **closer.recordings}
    closer = _corrected(closer, curves.together, scratch)
    return replace(closer, recordings=recordings, custom=curves.custom)


def _closer(curve: StockCurve, low: int, high: int, count: int) -> NDArray[np.int64]:
    """Return a curve's levels with so many more within a span, by whole packs from those owned."""
    item = curve.item
    steps = np.rint((np.linspace(low, high, count + 2) - item.owned) / item.pack)
    between = np.clip(item.owned + item.pack * steps.astype(np.int64), low, high)
    return np.unique(np.concatenate([curve.levels, between]))


def simulated_choices(
    curves: Curves, choices: Sequence[Units], *, after: int = 0, runner: Runner
) -> dict[tuple[int, ...], Simulated]:
    """Simulate the curves' replications with so many units of each item, all at once.

    Where something reacts to the stock, curves add up the effects of single items; this is what a
    choice of several comes to.

    Parameters
    ----------
    curves
        Which show, seed and replications.
    choices
        Units on hand before the show, an item each.
    after
        Number of replications of the study that are before them, in whole blocks.
    runner
        Who does the work.

    Returns
    -------
    dict
        By choice, what was simulated.

    Raises
    ------
    KeyboardInterrupt
        If it was interrupted.
    """
    if not after and {tuple(one) for one in choices} <= curves.wholes.keys():
        return dict(curves.wholes)
    found = _of_choices(curves, choices, _as_simulated, after, runner)
    return {units: Simulated.joined(blocks) for units, blocks in found.items()}


def simulated_profits(
    curves: Curves, choices: Sequence[Units], *, after: int = 0, runner: Runner
) -> dict[tuple[int, ...], Floats]:
    """Return by choice the profit of the whole show [currency], (R,), of `simulated_choices`."""
    found = _of_choices(curves, choices, _profits, after, runner)
    return {units: np.concatenate(blocks) for units, blocks in found.items()}


def _of_choices(
    curves: Curves,
    choices: Sequence[Units],
    tell: Callable[[Scenario, tuple[Item, ...], Sequence[Levels]], Sequence[Told]],
    after: int,
    runner: Runner,
) -> dict[tuple[int, ...], list[Told]]:
    """Return by choice what is told of it in each block."""
    different = list(dict.fromkeys(tuple(one) for one in choices))
    units = by_variant(curves.items, np.array(different).T)
    by_itself = simulated_apart(curves.scenario, curves.reaction, curves.seed, curves.custom)
    apart = np.arange(len(different))[:, None] if by_itself else [slice(None)]
    looks = [Look([Stocked(units[:, some])]) for some in apart]
    told = [partial(tell, curves.scenario, curves.items)] * len(looks)
    blocks = _again(curves, looks, told, runner, "Simulating the choices", after=after)
    each = [[one for found in block for one in found.told] for block in blocks]
    return dict(zip(different, map(list, zip(*each, strict=True)), strict=True))


def _profits(scenario: Scenario, items: tuple[Item, ...], looks: Sequence[Levels]) -> list[Floats]:
    """Return the profit of the whole show at each level, (R,)."""
    (found,) = looks
    units = np.stack([found.units[list(item.variants)].sum(axis=0) for item in items])
    profits = whole_profit(scenario, found.figures) + savings(items, units)
    return list(np.ascontiguousarray(profits.T))


def _as_simulated(
    scenario: Scenario, items: tuple[Item, ...], looks: Sequence[Levels]
) -> list[Simulated]:
    """Return what the show and its items come to at each level."""
    (found,) = looks
    simulated = []
    profits = _profits(scenario, items, looks)
    for profit, alone in zip(profits, found.apart([1] * len(profits)), strict=True):
        each = [_curve(scenario, items, number, alone).figures for number in range(len(items))]
        figures = {name: np.concatenate([one[name] for one in each], axis=1) for name in each[0]}
        simulated.append(Simulated(profit, Packed(figures)))
    return simulated


def outcomes(curves: Curves, choice: Simulated, units: Units) -> tuple[StockCurve, ...]:
    """Return what each item came to in a simulated choice.

    Parameters
    ----------
    curves
        Which show.
    choice
        What was simulated.
    units
        The units of each item in it.

    Returns
    -------
    tuple of StockCurve
        Level, with the figures of the choice at any number of units.
    """
    figures = [Packed({}) for _ in units]
    for name, of in choice.items.items():  # of all items one figure after the other is unpacked
        figures = [
            one.having(Packed({name: np.repeat(of[:, [n]], 2, axis=1)}))
            for n, one in enumerate(figures)
        ]
    return tuple(
        StockCurve(item, np.array([have, have + 1]), of_item)
        for item, have, of_item in zip(curves.items, units, figures, strict=True)
    )


def _again(
    curves: Curves,
    looks: Sequence[Look],
    tell: Sequence[Callable[[Sequence[Levels]], Told]],
    runner: Runner,
    what: str,
    put_away: Callable[[Told], Told] | None = None,
    after: int = 0,
) -> Sequence[Sequence[Found[Told]]]:
    """Look at all replications of curves once more, or at as many after some others."""
    study = curves.scenario, curves.seed, looks, tell, curves.replications
    return looked_at(
        *study,
        recordings=curves.recordings,
        after=after,
        runner=runner,
        what=what,
        custom=curves.custom,
        put_away=put_away,
    ).whole()


class _Pass(NamedTuple):
    """A look, and of which items it makes the curves: of all its levels, or of one of them each.

    Where orders take units of several items, it says where the others have plenty.
    """

    look: Look
    items: tuple[int, ...]
    of: Mapping[int, int] | None = None
    plenty: Mapping[int, int] | None = None


class _Told(NamedTuple):
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

    def put_away(self, places: Mapping[int, Place]) -> _Told:
        """Return it with the figures of each item's curve, and of the show, in places."""
        curves = {
            number: replace(curve, figures=Packed.joined([curve.figures], places[number]))
            for number, curve in self.curves.items()
        }
        drawn, bundles = (Packed.joined([of], places[-1]) for of in (self.drawn, self.bundles))
        return self._replace(
            curves=curves, drawn=drawn, bundles=bundles, slot_starts=alike(self.slot_starts)
        )


def _away_to(scratch: Place | None) -> Callable[[_Told], _Told]:
    """Return what puts what is told of a block away: to the disk, or to memory of each item."""
    places = defaultdict[int, Place](Memory if scratch is None else lambda: scratch)
    return partial(_Told.put_away, places=places)


def _looked_at(
    scenario: Scenario,
    items: tuple[Item, ...],
    seed: int,
    look: FirstLook,
    count: int,
    custom: Custom,
) -> tuple[list[NDArray[np.int64]], list[Known]]:
    """Return of each item its levels, and what is known of it."""
    reaction, sharing = look.reaction, products_sharing(scenario)
    if _act_on_each_other(scenario, items, reaction, sharing):
        count = max(SIMULATED_LEVELS, min(count, _AS_IF_LEVELS // len(items)))
        levels = [_levels_of(item, look, count) for item in items]
        if count * len(items) > _AS_IF_LEVELS:
            levels = [_to_be_had(item, mine) for item, mine in zip(items, levels, strict=True)]
        return levels, ["as if"] * len(items)
    count = SIMULATED_LEVELS if reaction == "viewers" else count
    levels = [_levels_of(item, look, count) for item in items]
    if reaction == "viewers":
        return levels, ["nothing"] * len(items)
    # Where a level costs little.
    levels = [
        _spread_between_packs(item, mine, count) for item, mine in zip(items, levels, strict=True)
    ]
    if reaction in ("nothing", "orders"):
        levels = [
            _few_below(item, mine) if item.product in sharing else mine
            for item, mine in zip(items, levels, strict=True)
        ]
        return levels, [
            "own figures" if item.product in sharing else "everything" for item in items
        ]
    arranged = _Arrangement(scenario, items, levels, ())
    units = [arranged.side_by_side([number]) for number in range(len(items))]
    exact, final = known_alone(scenario, seed, _FEW, np.concatenate(units, axis=1), custom)
    ends = np.cumsum([one.shape[1] for one in units])[:-1]
    products = list(scenario.products)
    known = [
        "nothing"
        if item.product in sharing
        else _known_of(same, over[products.index(item.product)])
        for item, same, over in zip(
            items, np.split(exact, ends), np.split(final, ends, axis=1), strict=True
        )
    ]
    return levels, known


def _levels_of(item: Item, look: FirstLook, count: int) -> NDArray[np.int64]:
    wanted, paid = (one[:, item.variants].sum(axis=1) for one in (look.demand, look.sales))
    return levels_for(item, wanted, paid, count)


def _to_be_had(item: Item, levels: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the levels that a decision can choose, no units at all, and the next below those.

    Fewer than are owned cannot be chosen; what these would come to says what a few orders more do.
    """
    first = max(0, int(np.searchsorted(levels, item.owned)) - _BELOW)
    return np.union1d(levels[:1], levels[first:])


def _few_below(item: Item, levels: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the levels with only some of those below what is owned, which cannot be chosen."""
    owned = int(np.searchsorted(levels, item.owned))
    below = np.rint(np.linspace(0, owned, _FEW_BELOW + 1)).astype(int)[:-1]
    return np.asarray(levels[np.union1d(below, np.arange(owned, len(levels)))])


def _act_on_each_other(
    scenario: Scenario, items: tuple[Item, ...], reaction: Reaction, sharing: set[str]
) -> bool:
    """Say whether what items' stocks do to each other takes too much to look at it one by one.

    That is so for many items, and where orders share stock in a show that reacts to it: there, no
    level is told from another one.
    """
    if reaction in ("nothing", "orders"):
        return False
    waited_for = _waited_for(scenario)
    acting = [item for item in items if reaction == "viewers" or item.product in waited_for]
    return bool(sharing) or len(acting) > _ONE_BY_ONE


def _known_of(exact: NDArray[np.bool_], final: NDArray[np.bool_]) -> Known:
    """Say what is known of an item whose levels make the same show, or end its sales there."""
    if exact.all():
        return "everything"
    return "own figures" if final.all() else "sell-out"


@dataclass(frozen=True)
class _Arrangement:
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
    def of(cls, curves: Curves, levels: Sequence[NDArray[np.int64]] = ()) -> _Arrangement:
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

        The others come one after the other, while the rest have what is owned: an item is replayed
        as far as that is exact, in a show that never runs out of it, and simulated at some of its
        levels. So do items of a slot that goes on, even if none of their levels makes it go on
        alone: two that run out together would.
        """
        if "as if" in self.known:
            return self._as_if()
        free = [number for number, kind in enumerate(self.known) if kind == "everything"]
        waited_for = _waited_for(self.scenario)
        alone = [number for number in free if self.items[number].product in waited_for]
        if len(free) == len(self.items) and not alone:
            return [_Pass(Look([Stocked(self.side_by_side(free))]), tuple(free))]
        if not waited_for and "nothing" not in self.known:
            return [self._from_one_show(free)]
        passes = [self._one_by_one(n) for n in range(len(self.items)) if n not in free]
        as_others = _units_of(self.items, self.others)
        for number in alone:
            units = np.column_stack([as_others, self.side_by_side([number])])
            passes.append(_Pass(Look([Stocked(units)]), (number,)))
        rest = [number for number in free if number not in alone]
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
        """Return the pass of an item that is simulated, and of which not all is replayed."""
        kind, item, units = self.known[number], self.items[number], self.side_by_side([number])
        if kind == "nothing":
            return _Pass(Look([Stocked(units)]), (number,))
        own = kind == "own figures"
        some = _some(self.levels[number], item, only_owned=own and len(self.items) == 1)
        looks = (
            Stocked(units, of=item.variants if own else ()),
            Stocked(self.side_by_side([number], {number: some})),
        )
        never_out = _units_of(self.items, self.others)
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
        sharing = products_sharing(self.scenario)
        apart = [number for number, item in enumerate(self.items) if item.product not in sharing]
        told = self._from_one_show(apart)
        owned = _units_of(self.items, [item.owned for item in self.items])
        return [told._replace(look=Look([Stocked(owned[:, None])], unmoved=told.look.wanted))]

    @property
    def tell(self) -> list[Callable[[Sequence[Levels]], _Told]]:
        """What to keep of each pass."""
        bare = replace(self)  # without what is cached: it is sent to processes
        return [partial(bare.told_of, one) for one in self.passes]

    def told_of(self, one: _Pass, looks: Sequence[Levels]) -> _Told:
        """Return what a pass has told of a block."""
        found, some = looks[-1], self.items[one.items[0]]
        owned = int(np.argmax(found.units[list(some.variants)].sum(axis=0) == some.owned))
        return _Told(
            curves={number: self._curve_of(number, one, looks) for number in one.items},
            viewers=found.viewers[:, owned].astype(float),
            slot_starts=found.slot_starts[:, :, owned].copy(),
            drawn=found.drawn,
            bundles=_bundles(self.items, self.around, looks),
            whole=_as_simulated(self.scenario, self.items, looks[-1:])[0]
            if one.look.unmoved
            else None,
        )

    def joined(
        self,
        seed: int,
        reaction: Reaction,
        blocks: Sequence[Sequence[Found[_Told]]],
        scratch: Place | None,
        runner: Runner,
    ) -> Curves:
        """Return the curves of all items from what the passes of every block have told.

        Their figures are put away to the disk, if there is a place. A block's part of a curve is
        let go of once all of the curve is there.
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
            figures = Packed.joined([part.figures for part in parts], scratch)
            curves.append(replace(parts[0], figures=figures))
        owned = tuple(item.owned for item in self.items)
        wholes = [one.whole for block in told for one in block if one.whole]
        return Curves(
            scenario=self.scenario,
            seed=seed,
            reaction=reaction,
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
            curve = _curve(self.scenario, self.items, number, looks[one.plenty[number]])
        return {with_plenty(name): curve.figures[name] for name in SERVED}

    def _whole_curve_of(self, number: int, one: _Pass, looks: Sequence[Levels]) -> StockCurve:
        """Return one item's curve: what is replayed of it, and the rest as it was simulated."""
        known = self.known[number]
        of = one.of
        mine = looks if of is None else [looks[of[number]]]
        curves = [
            replace(_curve(self.scenario, self.items, number, at), known=known) for at in mine
        ]
        beside = of is not None and list(of.values()).count(of[number]) > 1
        if known == "everything" or (known == "as if" and beside):
            return _alone(curves[0])
        simulated = _with_others(curves[-1], mine[-1], self.others[number])
        if known == "nothing" or len(mine) == 1:
            return simulated
        exact = curves[0]
        figures = {
            name: _on_lines(simulated, name, exact.levels)
            for name in simulated.figures
            if name in _ELSEWHERE or (known == "sell-out" and name not in TIMES)
        }
        return _in_floats(replace(exact, figures={**exact.figures, **figures}))


def _corrected(curves: Curves, together: Together | None, scratch: Place | None) -> Curves:
    """Return curves with what simulated joint stocks tell of each item."""
    if together is None:
        return curves
    stocks = []
    for curve, each in zip(curves.curves, together.per_lost, strict=True):
        parts = (
            {"elsewhere": part["elsewhere"] + each * part["lost"]} for _, part in curve.in_parts()
        )
        changed = Packed.made(parts, scratch, whole=["elsewhere"])
        before = curve.figures if isinstance(curve.figures, Packed) else Packed(curve.figures)
        figures = before.having(changed)
        stocks.append(replace(curve, figures=figures))
    return replace(curves, curves=tuple(stocks), together=together)


def _around(
    scenario: Scenario,
    items: tuple[Item, ...],
    levels: list[NDArray[np.int64]],
    known: Sequence[Known],
    seed: int,
    block: Block,
    look: FirstLook,
    runner: Runner,
    custom: Custom,
) -> tuple[tuple[int, ...], Together | None]:
    """Return the units of each item that the others have, and what joint stocks tell.

    None are, and nothing, where no stock acts on another one. The shows that are searched on are
    let go of at the end.
    """
    few, middle = min(_SEARCHED, block.replications), _middle(items, look)
    if "as if" in known:
        search = partial(_on_few, scenario, items, levels, seed, few, custom)
        return replace(runner, progress=None).run(search, [middle]).whole()[0]
    if not products_sharing(scenario):
        return (), None
    shows = BlockAt(scenario, seed, 0, few, custom=custom)
    if look.recording is not None:
        shows = BlockAt(scenario, seed, *block, look.recording, custom).first(few)
    return _go_well_together(scenario, items, levels, shows, middle), None


def _on_few(
    scenario: Scenario,
    items: tuple[Item, ...],
    levels: list[NDArray[np.int64]],
    seed: int,
    few: int,
    custom: Custom,
    start: Units,
) -> tuple[tuple[int, ...], Together]:
    """Search joint stocks on a few shows."""
    shows = BlockAt(scenario, seed, 0, few, custom=custom)
    return best_simulated(scenario, items, levels, shows, start)


def _go_well_together(
    scenario: Scenario,
    items: tuple[Item, ...],
    levels: list[NDArray[np.int64]],
    block: BlockAt,
    start: Units,
) -> tuple[int, ...]:
    """Return units of each item around which curves are made, from a search on a few shows."""
    spread = [
        np.union1d(_some(mine, item, only_owned=False), [one])
        for mine, item, one in zip(levels, items, start, strict=True)
    ]
    return best_together(scenario, items, spread, block, start)


def _middle(items: tuple[Item, ...], look: FirstLook) -> Units:
    """Return what is paid for of each item in the middle show, in whole packs."""
    middles = [float(np.median(look.sales[:, item.variants].sum(axis=1))) for item in items]
    return [
        item.owned + item.pack * max(0, int(np.ceil((middle - item.owned) / item.pack)))
        for item, middle in zip(items, middles, strict=True)
    ]


def _waited_for(scenario: Scenario) -> set[str]:
    """Return the products at whose sell-out a slot goes on."""
    slots = scenario.rundown.values()
    return {product for slot in slots if slot.at_sell_out == "next" for product in slot.sells}


def _units_of(items: tuple[Item, ...], units: Units) -> NDArray[np.int64]:
    """Return the units of all variants with so many of each item, shape (V,)."""
    return by_variant(items, [np.array([one]) for one in units])[:, 0]


def _some(levels: NDArray[np.int64], item: Item, *, only_owned: bool) -> NDArray[np.int64]:
    """Return the levels at which an item is simulated for what is not replayed at all of them.

    That is nothing where its own figures are, and nobody else is in the show.
    """
    owned = int(np.searchsorted(levels, item.owned))
    if only_owned:
        return levels[[owned]]
    spread = np.rint(np.linspace(0, len(levels) - 1, SIMULATED_LEVELS)).astype(int)
    return levels[np.union1d(spread, owned)]


def levels_for(item: Item, demand: Floats, sales: Floats, count: int) -> NDArray[np.int64]:
    """Choose the levels of an item's curve: dense where its demand is, and what is owned.

    Levels differ from what is owned by whole packs, as purchases do. Where all of these up to twice
    the highest demand are no more than ``count``, they are all there; otherwise half of them lie at
    quantiles of the demand and of what is paid for, which is all that is needed where orders lapse,
    and the others in the widest gaps between these above the median of what is needed.

    Parameters
    ----------
    item
        Whose levels.
    demand, sales
        Units wanted, and those paid for with stock for all, in a few replications.
    count
        About how many levels.

    Returns
    -------
    ndarray
        Ascending, the first 0.

    Examples
    --------
    >>> item = Item("serum", "serum", (0,), (1.0,), 50, 0, 80.0, 10, "serum", 0)
    >>> levels_for(item, np.array([12.0, 30.0, 41.0]), np.array([11.0, 27.0, 36.0]), 40).tolist()
    [0, 10, 20, 30, 40, 50, 60, 70, 80, 90]
    """
    most = max(_BEYOND * demand.max(), demand.max() + item.worth_having)
    # Beyond the last level curves go on as straight lines, which rounding bends where it is near.
    most = max(most, item.owned + item.owned // 1_000)
    top = item.owned + item.pack * max(1, int(np.ceil((most - item.owned) / item.pack)))
    every: Sequence[int] | NDArray[np.int64] = range(top % item.pack, top + 1, item.pack)
    if len(every) > count:
        tail = np.geomspace(max(demand.max(), 1), top, 5)[1:]
        # Demand is what is served; where orders lapse, fewer units than that are needed.
        half = count // 4
        wanted = np.quantile(demand, np.linspace(0, 1, half))
        needed = np.quantile(sales, (np.arange(half) + 0.5) / half)
        steps = np.rint((np.concatenate([wanted, needed, tail]) - item.owned) / item.pack)
        every = item.owned + item.pack * steps.astype(np.int64)
    # At a price break the profit jumps: it is looked at on both sides, and where it goes on.
    breaks = [item.owned + n + more for n, _ in item.breaks for more in (-1, 0, item.pack)]
    levels = np.unique(np.concatenate([[0, item.owned, top], breaks, every]))
    levels = levels[levels >= 0].astype(np.int64)
    return _with_gaps_halved(levels, item.pack, count, above=float(np.median(sales)))


def _with_gaps_halved(
    levels: NDArray[np.int64], pack: int, count: int, above: float
) -> NDArray[np.int64]:
    """Halve the gaps above some units that are widest for their level, until levels are enough.

    The upper tail of a few shows is sparse, or has all its quantiles in the same pack; straight
    lines over it made services of 95 % look more than a percentage point lower.
    """
    while len(levels) < count:
        packs = np.diff(levels) // pack
        open_ = (packs > 1) & (levels[1:] > above)
        widest = int(np.where(open_, np.diff(levels) / levels[1:], 0.0).argmax())
        if not open_[widest]:
            break
        middle = levels[widest + 1] - pack * (packs[widest] // 2)
        levels = np.insert(levels, widest + 1, middle)
    return levels


def _spread_between_packs(item: Item, levels: NDArray[np.int64], count: int) -> NDArray[np.int64]:
    """Spend the levels that whole packs leave on what a planner might have between two packs."""
    return _with_gaps_halved(levels, 1, count, above=item.owned)


def _bundles(items: tuple[Item, ...], around: Units, found: Sequence[Levels]) -> dict[str, Floats]:
    """Return the figures of bundles, which are no items, where the items have these units."""
    bought = [variant for item in items for variant in item.variants]
    if not around or len(bought) == len(found[0].units):
        return {}
    units = _units_of(items, around)[:, None]
    at = (
        (one, int(level))
        for one in found
        for level in np.flatnonzero((one.units == units).all(axis=0))
    )
    return {
        name: np.delete(of.figures[name][:, :, level], bought, axis=1).sum(axis=1)
        for of, level in islice(at, 1)
        for name in OF_ALL
        if name in of.figures
    }


def _on_lines(curve: StockCurve, figure: str, levels: NDArray[np.int64]) -> Floats:
    """Return a figure at further levels, on straight lines between those that there are."""
    if len(curve.levels) == 1:  # nobody else is in the show, to whom it could do something
        return np.repeat(curve.figures[figure], len(levels), axis=1)
    return np.stack([curve.at(figure, units) for units in levels.tolist()], axis=1)


def _in_floats(curve: StockCurve) -> StockCurve:
    """Return a curve all of whose figures are of one type, as those on lines are."""
    return replace(curve, figures={n: figure.astype(float) for n, figure in curve.figures.items()})


def _curve(scenario: Scenario, items: tuple[Item, ...], number: int, found: Levels) -> StockCurve:
    """Return one item's curve from what was simulated at its levels."""
    item = items[number]
    mine = list(item.variants)
    levels, kept = np.unique(found.units[mine].sum(axis=0), return_index=True)
    figures = {name: figure[:, kept] for name, figure in _added(found, mine)}
    product = list(scenario.products).index(item.product)
    whole = len([other for other in items if other.product == item.product]) == 1
    if whole:
        times = found.sold_out_at[:, product], found.unavailable_after(product)
    else:
        variant = mine[0]
        after = found.variant_unavailable_after(variant)
        times = found.figures["sold_out_at"][:, variant], after
    figures["profit"] = figures["profit"] + item.saving(levels)
    every = (*times, found.link_at[:, product])
    figures |= {name: time[:, kept] for name, time in zip(TIMES, every, strict=True)}
    return StockCurve(item, levels, figures)


def _alone(curve: StockCurve) -> StockCurve:
    """Return the curve of an item whose stock nobody else's sales depend on."""
    nothing = np.zeros_like(curve.figures["profit"])
    others = {elsewhere(name): nothing for name in OF_ALL if name in curve.figures}
    return _in_floats(replace(curve, figures={**curve.figures, **others}))


def _with_others(curve: StockCurve, found: Levels, other: int) -> StockCurve:
    """Add by how much the others' figures differ from what they are at units of this item."""
    mine = list(curve.item.variants)
    _, kept = np.unique(found.units[mine].sum(axis=0), return_index=True)
    there, figures = [int(np.searchsorted(curve.levels, other))], {**curve.figures}
    for name in (name for name in OF_ALL if name in found.figures):
        others = np.delete(found.figures[name], mine, axis=1)[:, :, kept].sum(axis=1)
        figures[elsewhere(name)] = others - others[:, there]
    return replace(curve, figures=figures)


def _added(found: Levels, mine: Sequence[int]) -> Iterator[tuple[str, Floats]]:
    """Yield the figures that add up over variants; what orders want, by whose units they take."""
    shared = not np.array_equal(found.takes, np.eye(len(found.takes)))
    own = {name: figure[:, mine] for name, figure in found.figures.items()}
    for name in found.figures:
        if shared and name in ("demand", "claimed", "sales", "lost"):
            figure = of_stock(found.figures, name)
            yield name, np.einsum("rul,uv->rvl", figure, found.takes[:, mine]).sum(axis=1)
        elif name not in ("sold_out_at", "unavailable_at"):
            yield name, of_stock(own, name).sum(axis=1)
