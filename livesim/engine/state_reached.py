"""The state that a block of shows has reached, put together from what keeps its parts."""

from __future__ import annotations

from livesim.engine.crowd.cohort import CohortCrowd
from livesim.engine.orders.orders import Orders
from livesim.engine.orders.placing import Placing
from livesim.engine.show.stage import Stage
from livesim.engine.state import State, Stock, names_of
from livesim.model.inputs import Inputs


def state_reached(
    inputs: Inputs,
    crowd: CohortCrowd,
    stage: Stage,
    placing: Placing,
    refresh: int,
    orders: Orders,
) -> State:
    """Put together all that matters from a refresh on.

    Parameters
    ----------
    inputs
        The shows' numbers.
    crowd, stage, placing
        Who watches, what is shown, and who has tried to order.
    refresh
        At which viewers look next.
    orders
        The orders that have come to the stock.
    """
    queue, queue_price = placing.queue
    by_name = {segment.inputs.name: segment for segment in crowd.segments}
    rooms = [room.name for room in inputs.rooms]
    return State(
        at=refresh * inputs.refresh,
        refresh=inputs.refresh,
        names=names_of(inputs),
        viewers={name: segment.viewers for name, segment in by_name.items()},
        undecided={name: segment.undecided for name, segment in by_name.items()},
        decided={name: segment.decided for name, segment in by_name.items()},
        present=stage.present,
        link_at=stage.link_at,
        slot_started_at=stage.slot_started_at,
        slot_linked_at=stage.slot_linked_at,
        slot_ended_at=stage.slot_ended_at,
        called=stage.called,
        kinds=placing.kinds,
        orders=orders,
        open_orders=Orders.none(),
        queue=queue,
        queue_price=queue_price,
        recent=crowd.recent(refresh, len(rooms)),
        attempts=placing.attempts,
        dropped=placing.dropped,
        stock=Stock.of(inputs),
        sizes=dict(zip(rooms, placing.sizes, strict=False)),
    )
