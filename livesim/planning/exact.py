"""How exactly a stock curve is known: what of it is replayed, and what takes simulations.

What nothing reacts to is replayed: one pass of the show serves all levels. Where a product's slot
goes on at its sell-out, all levels live through the same show until then, so the sell-out itself
can be replayed, and all that the product sells if nothing of it is sold afterwards; what the stock
does to other items has to be simulated, level by level.
"""

from __future__ import annotations

from typing import Final, Literal, TypeAlias

from livesim.engine.block import slots_react, viewers_react
from livesim.scenario.scenario import Scenario

#: What reacts to the stock: nothing; slots that go on at sell-out; viewers who see what is left.
Reaction: TypeAlias = Literal["nothing", "slots", "viewers"]
#: What of a product's curves is replayed instead of simulated at a few levels: everything; all its
#: own figures, but not what it does to other items; whether and when it is sold out; nothing.
Replayed: TypeAlias = Literal["everything", "own figures", "sell-out", "nothing"]
#: The figures that say whether and when an item is sold out.
TIMES: Final = ("sold_out_at", "sold_out_after")


def reaction(scenario: Scenario) -> Reaction:
    """Say what reacts to the stock in a show.

    Examples
    --------
    >>> import livesim
    >>> reaction(livesim.load("scenarios/brand_room.yaml"))
    'nothing'
    """
    if viewers_react(scenario):
        return "viewers"
    return "slots" if slots_react(scenario) else "nothing"


def replayed(scenario: Scenario, product: str) -> Replayed:
    """Say what of a product's stock curves is replayed, and so exact at every level.

    Parameters
    ----------
    scenario
        The show.
    product
        The product's name.

    Returns
    -------
    str
        ``everything`` where nobody reacts to its stock. Where a slot goes on at its sell-out:
        ``own figures`` if that slot is its last, it is not sold from the shelf, and nobody waits at
        the checkout, so that none of it is sold afterwards; else ``sell-out``, since units that
        lapse can be sold again later, in a show that is then another one at each level.
        ``nothing`` where viewers react.

    Examples
    --------
    >>> import livesim
    >>> scenario = livesim.load("scenarios/viya_kim_perfume.yaml")
    >>> replayed(scenario, "kkw_perfume")
    'everything'
    >>> changes = {f"rundown.{slot}.at_sell_out": "next" for slot in scenario.rundown}
    >>> replayed(scenario.with_changes(changes), "kkw_perfume")
    'own figures'
    """
    if viewers_react(scenario):
        return "nothing"
    slots = [slot for slot in scenario.rundown.values() if product in slot.sells]
    following = [number for number, slot in enumerate(slots) if slot.at_sell_out == "next"]
    if not following:
        return "everything"
    on_shelf = scenario.products[product].shelf != 0
    for_good = following[0] == len(slots) - 1 and not on_shelf
    return "own figures" if for_good and scenario.checkout.capacity is None else "sell-out"
