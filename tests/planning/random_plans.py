"""Small shows at random with much of what a purchase can depend on."""

from __future__ import annotations

from typing import Any

from livesim.randomness import generator
from livesim.scenario.writing import write_yaml

#: What a product may have, each with the chance of it.
EXTRAS: dict[str, tuple[float, Any]] = {
    "left_over_value": (0.35, 2),
    "goodwill": (0.25, 3),
    "returns": (0.3, "5%"),
    "webshop": (0.25, {"per_day": 600, "price": 20}),
    "variants": (
        0.25,
        {"red": {"share": "60%", "owned": 20}, "blue": {"share": "40%", "owned": 0}},
    ),
    "unit_cost": (0.25, {"1": 5, "100": 4}),
    "reserve": (0.3, {"units": 20, "below": 10, "lead_time": "3min"}),
    "backorder": (0.2, {"accept": "40%", "units": 20}),
    "waves": (
        0.25,
        {"first": {"share": "60%", "after": "0s"}, "later": {"share": "40%", "after": "4min"}},
    ),
}
#: What is not modelled beside variants, in bundles, and where rooms have allotments.
NOT_BESIDE = {
    "variants": {"unit_cost", "reserve"},
    "bundle": {"reserve", "backorder", "waves", "variants"},
    "rooms": {"reserve", "backorder"},
}


def some_rich_show(seed: int) -> str:
    """Return a random show with bundles, breaks, reserves, webshops, variants or rooms."""
    rng = generator(seed, "some rich show")

    def pick(*values: Any) -> Any:
        return values[rng.integers(len(values))]

    names = ["cup", "pot", "jug"][: rng.integers(1, 4)]
    bundle, rooms = len(names) > 1 and rng.random() < 0.4, rng.random() < 0.25
    without = {*NOT_BESIDE["bundle"]} if bundle else set()
    without |= NOT_BESIDE["rooms"] if rooms else set()
    products: dict[str, dict[str, Any]] = {}
    for name in names:
        of = {key: extra for key, (chance, extra) in EXTRAS.items() if rng.random() < chance}
        left_out = without | (NOT_BESIDE["variants"] if "variants" in of else set())
        of = {key: extra for key, extra in of.items() if key not in left_out}
        own = {} if "variants" in of else {"owned": pick(0, 30, 200)}
        told = {"price": pick(20, 40, 90), "forecast": pick(20, 60), "shelf": pick("0%", "5%")}
        products[name] = {**told, **own, "unit_cost": 5, **of}
    if bundle:
        products["kit"] = {"price": pick(35, 70), "contains": {"cup": 1, "pot": 1}, "forecast": 20}
    goes_on = "stay" if rooms else "next"
    rundown = {
        f"slot_{n}": {
            "length": "6min",
            "sells": [[*products][n % len(products)] if n < 4 else pick(*products)],
            "at_sell_out": pick(goes_on, "stay", "stay"),
        }
        for n in range(6)
    }
    shares = [{"allotment": "60%"}, {"allotment": "40%"}] if rooms and not bundle else [{}, {}]
    audience: dict[str, Any] = {"viewers": pick(3_000, 20_000)}
    if rooms:
        each = zip(("one", "two"), ("many", "few"), shares, strict=True)
        audience = {
            "segments": {"many": {"viewers": 3_000}, "few": {"viewers": 2_000}},
            "rooms": {room: {"segments": [of], **share} for room, of, share in each},
        }
    costs = {"commission": "20%", "platform_fee": "5%", "shipping": 3}
    terms = {"pack": pick(1, 10), "minimum_order": pick(0, 0, 40), "budget": pick(2_000, 10**6)}
    return write_yaml(
        {
            "like": pick("marathon", "brand_room", "drop"),
            "title": f"Rich show {seed}",
            "show": {
                **{"start": "2026-11-29 20:00", "length": "40min"},
                **{"refresh": "1min", "currency": "USD"},
            },
            **audience,
            "deal": pick({}, costs),
            "supply": terms,
            "products": products,
            "rundown": rundown,
        }
    )
