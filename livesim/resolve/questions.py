"""What a planner may have misread: figures of a dashboard that mean something else there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from livesim.history.readers.formats import MANY_CLICKS
from livesim.resolve.demand import units_per_order
from livesim.resolve.words import count, counted, exact_share
from livesim.scenario.draft import Draft
from livesim.scenario.parts import Observed
from livesim.scenario.uncertain import likely

#: Viewers who stay until decided and order, of which as many are rarely seen [1], an assumption:
#: not even so many click.
MANY_ORDERS: Final = MANY_CLICKS
#: By what factor a show and what ctr and ctor make of its viewers may differ, an assumption: hosts'
#: units per view differ from show to show by less, in nineteen shows of twenty.
FAR: Final = 5.0


def questions_of(draft: Draft) -> Iterator[str]:
    """Yield what to ask about the clicks and conversions that a file tells of, one line each.

    Examples
    --------
    >>> from livesim.resolve import resolve_file
    >>> resolve_file("scenarios/brand_room.yaml").questions
    ()
    """
    for name, product in draft.products.items():
        conversion = 0.0 if product.conversion is None else likely(product.conversion)
        if conversion > MANY_ORDERS:
            yield (
                f"products.{name}.conversion: do {exact_share(conversion)} of the viewers who stay "
                "until decided order it? In measured shows it is some 1.2 %. If a dashboard says "
                "so, it is of something else: write orders_per_1000, or ctr and ctor."
            )
        if product.ctr is None or product.ctor is None:
            continue
        ctr, ctor = likely(product.ctr), likely(product.ctor)
        if ctr > MANY_CLICKS:
            yield (
                f"products.{name}.ctr: are {exact_share(ctr)} clicks per view? TikTok's CTR is "
                "clicks per product impression; clicks per view are its LIVE CTR."
            )
        units = ctr * ctor * draft.show.views_per_viewer * units_per_order(product)
        yield from _beside_orders(name, units, product.observed)


def _beside_orders(name: str, per_viewer: float, observed: Observed | None) -> Iterator[str]:
    """Ask where clicks make far more or fewer units than a show that was observed."""
    if observed is None or observed.viewers is None or observed.sold == 0:
        return
    made = per_viewer * observed.viewers
    too_few = made * FAR < observed.sold
    if too_few or (made > FAR * observed.sold and not observed.sold_out):
        yield (
            f"products.{name}.ctr: with ctor it makes {counted(made, 'unit')} of "
            f"{count(observed.viewers)} viewers, and the show that was observed sold "
            f"{count(observed.sold)}: is it clicks per view, and ctor orders per click?"
        )
