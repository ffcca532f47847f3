"""Small shows at random, of every mechanism at once: for what must hold whatever the show is like.

The shows are drawn by Hypothesis, so a show that breaks a rule is made smaller before it is shown.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

from hypothesis import strategies as st

from livesim.resolve import resolve
from livesim.scenario.document import parse_document
from livesim.scenario.scenario import Scenario
from livesim.scenario.writing import write_yaml

Part: TypeAlias = dict[str, Any]

_SHARES = st.sampled_from([0.0, 0.1, 0.4, 0.9, 1.0])
_STAY = {"short": {"share": 0.6, "mean": "15s"}, "long": {"share": 0.4, "mean": "2min"}}
_CLOCK = {"start": "2026-11-29 20:00", "length": "3min", "currency": "CNY", "refresh": "5s"}


def _uncertain(median: float) -> st.SearchStrategy[object]:
    return st.sampled_from([median, {"lognormal": {"median": median, "sigma": 0.5}}])


def _people() -> st.SearchStrategy[Part]:
    guest = st.fixed_dictionaries(
        {
            "role": st.just("guest"),
            "pull": st.sampled_from([0.5, 1, 3]),
            "lift": st.sampled_from([1, 2]),
            "keep": st.sampled_from([1, 2]),
            "fit": st.fixed_dictionaries({"regulars": st.sampled_from([-1, 0, 0.5])}),
            "late": st.sampled_from(["0s", "20s"]),
            "no_show": st.sampled_from([0.0, 0.3]),
        }
    )
    return st.fixed_dictionaries({"host": st.just({"role": "host"}), "kim": guest})


def _segments() -> st.SearchStrategy[Part]:
    segment = {"turnout": _SHARES, "waiting": _SHARES, "stay": st.just(_STAY)}
    regulars = segment | {
        "reach": st.sampled_from([0, 1, 60]),
        "word_of_mouth": st.sampled_from([0.0, 0.02]),
        "recommendation": st.sampled_from([0.0, 1.0]),
        "recommendation_window": st.just("20s"),
    }
    fans = segment | {"reach": st.just(30), "comes_for": st.just("kim")}
    return st.fixed_dictionaries(
        {"regulars": st.fixed_dictionaries(regulars), "fans": st.fixed_dictionaries(fans)}
    )


def _serum(reserve: bool) -> st.SearchStrategy[Part]:
    waves = {"first": {"share": 0.7, "after": "0s"}, "later": {"share": 0.3, "after": "30s"}}
    sizes = {"small": {"share": 0.6}, "large": {"share": 0.4}}
    van = {"units": 12, "below": 6, "lead_time": "20s"}
    courier = {"units": 5, "when": {"at": "50s", "sold": "> 9"}, "lead_time": "5s", "call_cost": 9}
    called = st.sampled_from([{"van": van}, {"courier": courier, "van": van}])
    return st.fixed_dictionaries(
        {
            "price": st.just(100),
            "unit_cost": st.just(40),
            "conversion": st.sampled_from([0.1, 0.6]),
            "rush": st.just("20s"),
            "owned": st.integers(0, 40),
            "returns": st.just(0.2),
            "limit": st.integers(1, 3),
            "quantity": st.sampled_from([{"1": 1.0}, {"1": 0.5, "2": 0.3, "5": 0.2}]),
            "waves": st.sampled_from([{}, waves]),
            "variants": st.sampled_from([{}, sizes]),
            "herd": st.sampled_from([0.0, 1.0]),
        },
        optional={
            "backorder": st.just({"accept": 0.5, "units": 6}),
            "scarcity": st.just({"below": 8, "multiplier": 2}),
            "fake_orders": st.just({"share": 0.4, "returned": 0.9}),
            "presale": st.just({"deposit": 0.2, "balance_paid": 0.7}),
            **({"reserve": called} if reserve else {}),
        },
    )


def _slots(at_sell_out: str) -> Part:
    slots = {
        "serum": {"length": "60s", "on_stage": ["host", "kim"], "sells": ["serum"], "link": "5s"},
        "mask": {"length": "42s", "on_stage": ["host"], "sells": ["mask"], "price": {"mask": 40}},
        "again": {"start": "110s", "length": "60s", "on_stage": ["kim"], "sells": ["serum"]},
    }
    return {name: {**slot, "at_sell_out": at_sell_out} for name, slot in slots.items()}


def _resolved(sections: Mapping[str, Any]) -> Scenario:
    mask = {"price": 50, "unit_cost": 20, "conversion": 0.3, "owned": 8, "returns": 0.0}
    data = {
        **sections,
        "title": "A show at random",
        "show": _CLOCK | sections["show"],
        "products": {"serum": sections["serum"], "mask": mask | {"shelf": 0.3}},
    }
    del data["serum"]
    return resolve(parse_document(write_yaml(data))).scenario


def shows() -> st.SearchStrategy[Scenario]:
    """Return the strategy of shows in which anything may react to anything."""
    screen = {"claimed": st.booleans(), "on_hand": st.booleans()}
    return _shows(screen, _serum(reserve=True), st.sampled_from(["stay", "next"]))


def calm_shows() -> st.SearchStrategy[Scenario]:
    """Return the strategy of shows in which nothing reacts to the stock."""
    screen = {"claimed": st.just(False), "on_hand": st.just(False)}
    return _shows(screen, _serum(reserve=False), st.just("stay"))


def _shows(
    screen: Mapping[str, st.SearchStrategy[bool]],
    serum: st.SearchStrategy[Part],
    sell_out: st.SearchStrategy[str],
) -> st.SearchStrategy[Scenario]:
    checkout = st.fixed_dictionaries(
        {
            "unpaid": st.sampled_from([0.0, 0.4]),
            "payment_timeout": st.sampled_from(["0s", "25s", "60s"]),
        },
        optional={
            "capacity": st.sampled_from([0.3, 2.0]),
            "steps": st.just({"open_shop": 0.7, "pay_page": 0.9}),
        },
    )
    sections = {
        "show": st.fixed_dictionaries(
            {"appeal": _uncertain(1.0), "turnout_factor": _uncertain(1.0)}
        ),
        "people": _people(),
        "segments": _segments(),
        "serum": serum,
        "screen": st.fixed_dictionaries(dict(screen)),
        "checkout": checkout,
        "rundown": sell_out.map(_slots),
    }
    return st.fixed_dictionaries(sections).map(_resolved)


def busy_show() -> Scenario:
    """Return a show of the same kind in which so much goes on that any change is felt."""
    segment = {"turnout": 0.9, "waiting": 0.4, "stay": _STAY}
    guest = {"role": "guest", "pull": 3, "lift": 2, "keep": 2, "fit": {"regulars": 1}}
    serum = {"price": 100, "unit_cost": 40, "conversion": 0.4, "rush": "20s", "owned": 500}
    return _resolved(
        {
            "show": {"appeal": 1, "turnout_factor": 1},
            "people": {"host": {"role": "host"}, "kim": guest},
            "segments": {
                "regulars": segment | {"reach": 400},
                "fans": segment | {"reach": 30, "comes_for": "kim"},
            },
            "serum": serum | {"returns": 0.0},
            "screen": {"claimed": False, "on_hand": False},
            "checkout": {"unpaid": 0.0},
            "rundown": _slots("stay"),
        }
    )
