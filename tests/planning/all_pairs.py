"""Tiny shows with much of what a show may have, so that each two such things come together in one.

Most mistakes of combined features are of two of them (Kuhn, Wallace and Gallo 2004, doi
10.1109/TSE.2004.24), and a few shows have all pairs.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from copy import deepcopy
from itertools import combinations
from typing import Any, Final

import livesim
from livesim.errors import ScenarioError
from livesim.scenario.writing import write_yaml

SHOW: Final[Mapping[str, Any]] = {
    "like": "brand_room",
    "title": "Two things at once",
    "show": {"start": "2026-11-29 20:00", "length": "10min", "refresh": "60s", "currency": "CNY"},
    "viewers": 600,
    "products": {
        "cup": {"price": 30, "unit_cost": 10, "owned": 5, "forecast": 12},
        "pot": {"price": 50, "unit_cost": 20, "owned": 4, "forecast": 8},
    },
    "rundown": {
        "cups": {"length": "5min", "sells": ["cup"]},
        "pots": {"length": "5min", "sells": ["pot"]},
    },
}
HALVES: Final = {"s": {"share": "50%", "owned": 2}, "m": {"share": "50%", "owned": 2}}
WAVES: Final = {"one": {"share": "50%", "after": "0s"}, "two": {"share": "50%", "after": "1min"}}
FAR: Final = {"far": {"unit_cost": 15, "minimum_order": 20}, "near": {"unit_cost": 21}}
FEATURES: Final[dict[str, dict[str, Any]]] = {
    "slots that go on": {"rundown.cups.at_sell_out": "next"},
    "webshop": {"products.cup.webshop": {"per_day": 400}},
    "reserve": {
        "products.cup.reserve": {"units": 6, "below": 2, "lead_time": "1min", "call_cost": 20}
    },
    "waves": {"products.pot.waves": WAVES},
    "backorder": {"products.pot.backorder": {"accept": "40%", "units": 5}},
    "lorry": {"products.pot.arriving": {"lorry": {"units": 3, "on": "2026-11-29 20:04"}}},
    "coupon": {"products.cup.coupon": {"off": "10%", "first": 5, "lift": 1.1}},
    "bundle": {
        "products.kit": {"price": 70, "contains": {"cup": 1, "pot": 1}, "forecast": 3},
        "rundown.pots.sells": ["pot", "kit"],
    },
    "gift": {"products.pot.gift": {"cup": 1}},
    "variants": {"products.pot.owned": None, "products.pot.variants": HALVES},
    "packs": {"supply": {"pack": 3, "minimum_order": 6, "budget": 400}},
    "breaks": {"products.cup.supply.price_breaks": {"20": 9}},
    "suppliers": {"products.pot.supply.suppliers": FAR},
    "buy-back": {"products.pot.supply.buy_back": {"price": 14, "up_to": "40%"}},
    "left-overs": {"products.cup.left_over": {"per_week": 3, "price": 15, "weeks": 4}},
    "late guest": {
        "people": {"host": {"role": "host"}, "kim": {"role": "guest", "late": "2min"}},
        "rundown.pots.on_stage": ["host", "kim"],
    },
    "platform": {"show.arrivals_when_unavailable": 0.6},
    "presale": {"products.cup.presale": {"deposit": "20%", "balance_paid": "90%"}},
    "warehouse": {"deal.warehouse": {"per_day": 20, "promised": 1, "cancelled": "10%"}},
}
#: What no show may have: two rules about who gets the same units, units of no size, or one
#: supplier of units that are bought by variant.
REFUSED: Final = {
    *(("reserve", "bundle"), ("reserve", "gift"), ("backorder", "bundle"), ("backorder", "gift")),
    *(("bundle", "variants"), ("variants", "suppliers")),
}
#: What makes a show react to its stock, so that it is simulated in another way: first shows without
#: any, which these would hide, then with slots that go on, then with viewers who react.
REACTS: Final = ("slots that go on", "coupon", "platform")
#: So many things come together in one show at most, so that few shows have all pairs.
TOGETHER: Final = 14


def show_with(features: Sequence[str]) -> str:
    changes = {path: value for one in features for path, value in FEATURES[one].items()}
    data = deepcopy(dict(SHOW))
    for path, value in changes.items():
        *above, last = path.split(".")
        inside = data
        for name in above:
            inside = inside.setdefault(name, {})
        inside[last] = value
        if value is None:
            del inside[last]
    return write_yaml(data)


def may_be(features: Sequence[str]) -> bool:
    try:
        livesim.load(show_with(features))
    except ScenarioError:
        return False
    return True


def shows_of_all_pairs() -> Iterator[tuple[str, ...]]:
    """Yield what shows have, until each two things have come together."""
    every = {pair for pair in combinations(FEATURES, 2) if pair not in REFUSED}
    for reacting in (0, 1, len(REACTS)):
        things = [one for one in FEATURES if one not in REACTS[reacting:]]
        left = {pair for pair in every if {*pair} <= {*things}}
        while left:
            yield (features := _with_most(things, left))
            left -= (had := {*combinations(features, 2)})
            every -= had


def _with_most(things: Sequence[str], left: Set[tuple[str, str]]) -> tuple[str, ...]:
    """Return what a show has that may be, and has a pair that is left, and many others."""
    features = min(left)
    for name in sorted(things, key=lambda one: -sum(one in pair for pair in left)):
        more = tuple(one for one in things if one in (*features, name))
        if len(features) < TOGETHER and len(more) > len(features) and may_be(more):
            features = more
    return features
