"""A show on the air as a page of text: prices that somebody types, and figures with their names."""

from __future__ import annotations

import re

import livesim
from livesim.report.live_tables import page
from livesim.report.pages import plain
from livesim.report.wording import amount


def test_money_is_as_somebody_types_it_and_figures_say_what_they_are() -> None:
    prices = {"products.mask.price": 24.9, "products.serum.unit_cost": 7.35}
    room = livesim.load("brand_room", {"show.length": "20min", **prices})
    seen = {"at": "10min", "viewers": 400, "left": {"serum": 8, "lip_tint": 29, "mask": 20}}
    found = livesim.replan(room, seen, shows=50, top_ups={"serum": (31, "2min")})
    said = " ".join(plain(page(found)).split())
    options = [row[0] for table in page(found).tables for row in table.rows]
    assert "sell mask at CNY 27.40 from now on" in options
    assert " 227.85 " in said  # what 31 more cost
    mean, p10, p90 = (amount(of) for of in (found.profit.mean, found.profit.p10, found.profit.p90))
    assert f"Profit as planned: CNY {mean} on average (P10 to P90: {p10} to {p90})." in said
    assert re.search(r"Viewers of the whole show, P10 to P90: [\d,]+ to [\d,]+\.", said)
