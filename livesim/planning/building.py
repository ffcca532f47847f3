"""How stock curves come about: from one pass of the show, or from a simulation at each level.

Where nothing reacts to the stock, one pass of the crowd serves all levels and the curves are exact.
Where slots or viewers react, each item is simulated at chosen levels while the others have what is
owned, and the curve runs on straight lines between them; but what one show tells of all levels is
exact, as :data:`~livesim.planning.curves.Known` says. Where that would be too many simulations,
curves are told as if nobody reacted, and corrected by joint stocks that are simulated (`around`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from livesim.arrays import Floats
from livesim.errors import Interrupted, UsageError
from livesim.experiment.block_at import BlockAt
from livesim.experiment.blocks import Block, blocks, in_whole_blocks
from livesim.experiment.custom import NONE, Custom
from livesim.experiment.executors import Interrupts
from livesim.experiment.first_look import FirstLook, first_look, foreseen, known_alone
from livesim.experiment.levels import Levels, Reactions, Stocked
from livesim.experiment.packing import Memory, Packed, Place
from livesim.experiment.runner import HERE, Runner
from livesim.experiment.study import check_replications
from livesim.planning.around import best_simulated, best_together
from livesim.planning.arrangement import Arrangement, BlockCurves
from livesim.planning.curves import (
    Curves,
    Known,
    Simulated,
    Together,
    Units,
)
from livesim.planning.item_curves import as_simulated, profits_of
from livesim.planning.items import Item, by_variant, items_of
from livesim.planning.looking import RECORDINGS, Look, Shows, Told, blocks_kept
from livesim.planning.spacing import (
    SIMULATED_LEVELS,
    closer,
    few_below,
    levels_of,
    some_of,
    spread_between_packs,
    to_be_had,
)
from livesim.randomness import checked_seed
from livesim.scenario.scenario import Scenario

#: Levels of a curve where one pass serves them, and of a rough one.
LEVELS = 40
_ROUGH_LEVELS = 12
#: Levels of all curves together, where they are told as if nobody reacted: memory stays small.
_AS_IF_LEVELS = 4_000
#: So many items whose stocks act on each other are looked at one by one.
_ONE_BY_ONE = 10
#: What is known of an item alone is seen in so many replications, one Latin-hypercube batch.
_FEW = 50
#: Units that go well together are searched on so many.
_SEARCHED = 100


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
    >>> curves.reactions.any, [curve.item.name for curve in curves.curves]
    (False, ['serum', 'lip_tint', 'mask'])
    """
    check_replications(replications)
    shows = Shows(scenario, checked_seed(seed), runner, custom)
    looks, interrupted = _first_looks(shows, int(replications))
    if interrupted:
        raise Interrupted(replace(_of_looks_alone(shows, looks), requested=int(replications)))
    return _curves_of(shows, int(replications), looks, LEVELS)


def rough_curves(scenario: Scenario, replications: int, seed: int) -> Curves | None:
    """Simulate the stock curves of any few replications of a show, of the first block.

    None where something reacts to the stock, since each level would take a simulation of its own.
    """
    if foreseen(scenario).any:
        return None
    block = Block(0, replications)
    look = first_look(scenario, seed, block)
    if look.reactions.any:
        return None
    return _curves_of(Shows(scenario, seed, HERE), replications, {block: look}, _ROUGH_LEVELS)


def _curves_of(
    shows: Shows, replications: int, looks: Mapping[Block, FirstLook], count: int
) -> Curves:
    """Simulate the stock curves of a show at about so many levels, which first looks tell."""
    items, block = items_of(shows.scenario), blocks(replications)[0]
    look = looks[block]
    levels, known = _looked_at(shows, items, look, count)
    around, together = _around(shows, items, levels, known, block, look)
    if around:
        levels = [np.union1d(mine, [one]) for mine, one in zip(levels, around, strict=True)]
    arranged = Arrangement(shows.scenario, items, levels, known, around)
    recordings = {of: one.recording for of, one in looks.items() if one.recording}
    kept = blocks_kept(look.reactions, look.recording)
    shows, scratch = replace(shows, recordings=recordings, kept=kept), shows.runner.scratch()
    done = shows.looked_at(
        arranged.looks,
        arranged.tell,
        replications,
        put_away=_away_to(scratch),  # held by nobody else: its memory goes back item by item
    )
    with Interrupts(raising=done.interrupted) as interrupts:  # all that was simulated is kept
        curves = arranged.joined(shows.seed, look.reactions, done.found, scratch, shows.runner)
        curves = _corrected(curves, together, scratch)
    recordings = {**recordings, **curves.recordings}
    curves = replace(curves, recordings=recordings, custom=shows.custom)
    if done.interrupted or interrupts.noted:
        raise Interrupted(replace(curves, requested=replications))
    return curves


def _first_looks(shows: Shows, replications: int) -> tuple[dict[Block, FirstLook], bool]:
    """Look at the first block with stock for all, and at whose recordings are kept beside it.

    The curves are of these, so nothing is simulated twice; where a recording does not hold at
    every stock, one block says what to look at. Returns also whether it was interrupted.
    """
    study, custom, runner = (shows.scenario, shows.seed), shows.custom, shows.runner
    count = RECORDINGS if foreseen(shows.scenario, custom).one_recording else 1
    look = partial(first_look, *study, custom=custom)
    first = blocks(replications)[:count]
    done = runner.run(look, first, "Looking at the first shows")
    return dict(zip(first, done.found, strict=False)), done.interrupted


def _of_looks_alone(shows: Shows, looks: Mapping[Block, FirstLook]) -> Curves:
    """Return the curves of the blocks that were looked at before an interrupt.

    Where they do not tell them, none are: each level would be simulated. A second interrupt ends.
    """
    if any(look.recording is None for look in looks.values()):
        raise KeyboardInterrupt
    replications = sum(block.replications for block in looks)
    try:
        return _curves_of(replace(shows, runner=HERE), replications, looks, LEVELS)
    except Interrupted:
        raise KeyboardInterrupt from None


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
    kept, arranged = in_whole_blocks(curves.replications), Arrangement.of(curves)
    keep = blocks_kept(curves.reactions, next(iter(curves.recordings.values()), None))
    shows = replace(Shows.of(curves, runner), recordings={}, kept=keep)
    scratch = runner.scratch()
    try:
        done = shows.looked_at(
            arranged.looks,
            arranged.tell,
            replications - kept,
            after=kept,
            what="Adding",
            put_away=_away_to(scratch),
        )
    except KeyboardInterrupt:
        raise Interrupted(replace(curves, requested=replications)) from None
    with Interrupts(raising=done.interrupted) as interrupts:
        more = arranged.joined(curves.seed, curves.reactions, done.found, scratch, runner)
        more = _corrected(more, curves.together, scratch)
        longer = Curves.joined([curves.head(kept), more], scratch)
    if done.interrupted or interrupts.noted:
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
        If it was interrupted; it holds the curves as they were, or closer where all was there.
    """
    count = SIMULATED_LEVELS // 2 if curves.reactions.viewers else LEVELS
    levels = [
        closer(curve, *spans[number], count) if number in spans else curve.levels
        for number, curve in enumerate(curves.curves)
    ]
    arranged, scratch = Arrangement.of(curves, levels), runner.scratch()
    try:
        done = Shows.of(curves, runner).looked_at(
            arranged.looks,
            arranged.tell,
            curves.replications,
            what="Looking closer",
            put_away=_away_to(scratch),
        )
        found = done.whole()
    except KeyboardInterrupt:
        raise Interrupted(replace(curves, requested=curves.replications)) from None
    with Interrupts(raising=False) as interrupts:
        more = arranged.joined(curves.seed, curves.reactions, found, scratch, runner)
        recordings = {**curves.recordings, **more.recordings}
        more = _corrected(more, curves.together, scratch)
    more = replace(more, recordings=recordings, custom=curves.custom)
    if interrupts.noted:
        raise Interrupted(replace(more, requested=curves.replications))
    return more


def simulated_choices(
    curves: Curves,
    choices: Sequence[Units],
    *,
    after: int = 0,
    replications: int | None = None,
    runner: Runner,
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
    replications
        How many; None for as many as the curves are from.
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
    count = curves.replications if replications is None else replications
    known = {tuple(one) for one in choices} <= curves.wholes.keys()
    if known and (after, count) == (0, curves.replications):
        return dict(curves.wholes)
    found = _of_choices(curves, choices, as_simulated, after, count, runner)
    return {units: Simulated.joined(blocks) for units, blocks in found.items()}


def simulated_profits(
    curves: Curves,
    choices: Sequence[Units],
    *,
    after: int = 0,
    replications: int | None = None,
    runner: Runner,
) -> dict[tuple[int, ...], Floats]:
    """Return by choice the profit of the whole show [currency], (R,), of `simulated_choices`."""
    count = curves.replications if replications is None else replications
    found = _of_choices(curves, choices, profits_of, after, count, runner)
    return {units: np.concatenate(blocks) for units, blocks in found.items()}


def _of_choices(
    curves: Curves,
    choices: Sequence[Units],
    tell: Callable[[Scenario, tuple[Item, ...], Sequence[Levels]], Sequence[Told]],
    after: int,
    replications: int,
    runner: Runner,
) -> dict[tuple[int, ...], list[Told]]:
    """Return by choice what is told of it in each block."""
    different = list(dict.fromkeys(tuple(one) for one in choices))
    units = by_variant(curves.items, np.array(different).T)
    apart = _apart(curves, different)
    looks = [Look([Stocked(units[:, some])]) for some in apart]
    told = [partial(tell, curves.scenario, curves.items)] * len(looks)
    done = Shows.of(curves, runner).looked_at(
        looks, told, replications, after=after, what="Simulating the choices"
    )
    each = [[one for found in block for one in found.told] for block in done.whole()]
    in_turn = [different[n] for numbers in apart for n in numbers]
    return dict(zip(in_turn, map(list, zip(*each, strict=True)), strict=True))


def _apart(curves: Curves, choices: Sequence[tuple[int, ...]]) -> list[list[int]]:
    """Return the numbers of the choices that are told from one show, for each such show.

    Where shows part at a sell-out, what is drawn then depends on what stands beside it. So what is
    owned stands alone: it is what a run of the show comes to.
    """
    numbers = list(range(len(choices)))
    if curves.reactions.simulated_apart:
        return [[n] for n in numbers]
    if not curves.reactions.slots:
        return [numbers]
    alone = [[n] for n in numbers if choices[n] == curves.owned]
    rest = [n for n in numbers if choices[n] != curves.owned]
    return [*alone, *([rest] if rest else [])]


def _away_to(scratch: Place | None) -> Callable[[BlockCurves], BlockCurves]:
    """Return what puts what is told of a block away: to the disk, or to memory of each item."""
    places = defaultdict[int, Place](Memory if scratch is None else lambda: scratch)
    return partial(BlockCurves.put_away, places=places)


def _looked_at(
    shows: Shows, items: tuple[Item, ...], look: FirstLook, count: int
) -> tuple[list[NDArray[np.int64]], list[Known]]:
    """Return of each item its levels, and what is known of it."""
    scenario, reactions = shows.scenario, look.reactions
    if _act_on_each_other(items, reactions):
        count = max(SIMULATED_LEVELS, min(count, _AS_IF_LEVELS // len(items)))
        levels = [levels_of(item, look, count) for item in items]
        if count * len(items) > _AS_IF_LEVELS:
            levels = [to_be_had(item, mine) for item, mine in zip(items, levels, strict=True)]
        return levels, ["as if"] * len(items)
    count = SIMULATED_LEVELS if reactions.viewers else count
    levels = [levels_of(item, look, count) for item in items]
    if reactions.viewers:
        return levels, ["nothing"] * len(items)
    # Where a level costs little.
    levels = [
        spread_between_packs(item, mine, count) for item, mine in zip(items, levels, strict=True)
    ]
    if reactions.one_recording:
        levels = [
            few_below(item, mine) if item.product in reactions.orders else mine
            for item, mine in zip(items, levels, strict=True)
        ]
        return levels, [
            "own figures" if item.product in reactions.orders else "everything" for item in items
        ]
    arranged = Arrangement(scenario, items, levels, ())
    units = [arranged.side_by_side([number]) for number in range(len(items))]
    every = np.concatenate(units, axis=1)
    exact, final = known_alone(scenario, shows.seed, _FEW, every, shows.custom)
    ends = np.cumsum([one.shape[1] for one in units])[:-1]
    products, seen = list(scenario.products), (np.split(exact, ends), np.split(final, ends, axis=1))
    return levels, [
        _known_of(same, over[products.index(item.product)])
        for item, same, over in zip(items, *seen, strict=True)
    ]


def _act_on_each_other(items: tuple[Item, ...], reactions: Reactions) -> bool:
    """Say whether what items' stocks do to each other takes too much to look at it one by one.

    That is so for many items, and where orders share stock in a show that reacts to it: there, no
    level is told from another one.
    """
    if reactions.one_recording:
        return False
    acting = [item for item in items if reactions.viewers or item.product in reactions.slots]
    return bool(reactions.orders) or len(acting) > _ONE_BY_ONE


def _known_of(exact: NDArray[np.bool_], final: NDArray[np.bool_]) -> Known:
    """Say what is known of an item whose levels make the same show, or end its sales there."""
    if exact.all():
        return "everything"
    return "own figures" if final.all() else "sell-out"


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
    shows: Shows,
    items: tuple[Item, ...],
    levels: list[NDArray[np.int64]],
    known: Sequence[Known],
    block: Block,
    look: FirstLook,
) -> tuple[tuple[int, ...], Together | None]:
    """Return the units of each item that the others have, and what joint stocks tell.

    None are, and nothing, where no stock acts on another one. The shows that are searched on are
    let go of at the end.
    """
    few, middle = min(_SEARCHED, block.replications), _middle(items, look)
    scenario, seed, custom = shows.scenario, shows.seed, shows.custom
    if "as if" in known:
        search = partial(_on_few, scenario, items, levels, seed, few, custom)
        return replace(shows.runner, progress=None).run(search, [middle]).whole()[0]
    if not look.reactions.orders:
        return (), None
    recording = look.recording and look.recording.first(few)
    at = BlockAt(scenario, seed, block.number, few, recording, custom)
    spread = [
        np.union1d(some_of(mine, item), [one])
        for mine, item, one in zip(levels, items, middle, strict=True)
    ]
    return best_together(scenario, items, spread, at, middle), None


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


def _middle(items: tuple[Item, ...], look: FirstLook) -> Units:
    """Return what is paid for of each item in the middle show, in whole packs."""
    middles = [float(np.median(look.sales[:, item.variants].sum(axis=1))) for item in items]
    return [
        item.owned + item.pack * max(0, int(np.ceil((middle - item.owned) / item.pack)))
        for item, middle in zip(items, middles, strict=True)
    ]
