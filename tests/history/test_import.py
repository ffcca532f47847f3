"""Every export in one table: what becomes of each column, and what of what is not known."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import exports
import pandas as pd
import pytest

from livesim.history import History
from livesim.history.readers.formats import FORMATS

EVENING = pd.Timestamp("2026-07-01 20:00")
#: By form: its ending, how it is made, and what its first row says.
FORMS: dict[str, tuple[str, Any, dict[str, Any]]] = {
    "tiktok-until-2026-04": (
        ".xlsx",
        exports.tiktok_until_april,
        {"start": pd.Timestamp("2026-03-01 20:00"), "length": 7200, "viewers": 8000}
        | {"views": 10000, "watch_time": 450_000, "peak": 900, "units": 60, "orders": 50}
        | {"revenue": 1500.5, "currency": "VND", "clicks": 800},
    ),
    "tiktok-2026-05": (
        ".xlsx",
        exports.tiktok_since_may,
        {"show": "7301234567890123456", "start": EVENING, "length": 9040, "views": 20000}
        | {"watch_time": 660_000, "units": 120, "orders": 100, "clicks": 800},
    ),
    "tiktok-api-shows": (
        ".json",
        exports.tiktok_api_shows,
        {"show": "730001", "start": pd.Timestamp("2026-07-01 13:00"), "length": 7200}
        | {"host": "ana", "viewers": 8000, "watch_time": 650_000, "peak": 400, "units": 70}
        | {"orders": 50, "placed": 60, "revenue": 1500.5, "currency": "USD", "clicks": 700},
    ),
    "tiktok-api-products": (
        ".json",
        exports.tiktok_api_products,
        {"show": "730001", "product": "serum", "units": 30, "orders": 25, "revenue": 600},
    ),
    "douyin-session": (
        ".json",
        exports.douyin_session,
        {"show": "7399", "start": EVENING, "length": 7200, "viewers": 7500, "views": 10000}
        | {"orders": 80, "revenue": 5000, "currency": "CNY"},
    ),
    "douyin-shows": (
        ".csv",
        exports.douyin_shows,
        {"start": EVENING, "length": 7200, "viewers": 12000, "views": 15000, "peak": 800}
        | {"watch_time": 720_000, "revenue": 5000, "clicks": 900},
    ),
    "douyin-talks": (
        ".csv",
        exports.douyin_talks,
        {"show": "7399", "host": "李", "start": EVENING, "length": 7200, "product": "精华"}
        | {"units": 50, "refunded": 4, "slot_at": 600, "slot_time": 300},
    ),
    "chanmama": (
        ".csv",
        exports.chanmama,
        {"start": EVENING, "length": 49560, "views": 1_030_000, "peak": 12000, "units": 34000}
        | {"watch_time": 148_680_000, "revenue": 105_000_000},
    ),
    "taobao": (
        ".csv",
        exports.taobao,
        {"start": EVENING, "length": 7200, "viewers": 8000, "views": 12000}
        | {"watch_time": 360_000, "revenue": 9999},
    ),
    "shopee-shows": (
        ".csv",
        exports.shopee_shows,
        {"show": "s1", "start": EVENING, "length": 7200, "views": 9000, "peak": 300}
        | {"placed": 90, "clicks": 450, "watch_time": 540_000},
    ),
    "shopee-products": (
        ".csv",
        exports.shopee_products,
        {"show": "s1", "product": "serum", "price": 1_099_000, "currency": "IDR", "units": 40},
    ),
    "whatnot-orders": (
        ".csv",
        exports.whatnot,
        {"show": "L1", "product": "card pack", "units": 3, "orders": 3, "revenue": 30}
        | {"price": 10, "currency": "USD"},
    ),
    "youtube": (
        ".csv",
        exports.youtube,
        {"start": pd.Timestamp("2026-07-01"), "host": "ana", "views": 900, "orders": 5},
    ),
    "sheet": (
        ".xlsx",
        exports.own_sheet,
        {"start": EVENING, "length": 7200, "host": "ana", "viewers": 3000, "product": "serum"}
        | {"price": 25, "units": 80, "stock": 80, "sold_out_at": 3900},
    ),
}
MINUTES = {"tiktok-api-minutes", "douyin-minutes", "minutes", "livesim-minutes", "livesim-shows"}


@pytest.mark.parametrize("form", FORMS)
def test_each_export_is_recognised_and_read(form: str, tmp_path: Path) -> None:
    ending, write, expected = FORMS[form]
    history = History.read(write(tmp_path / f"export{ending}"))
    first = history.shows.iloc[0].dropna().to_dict()
    assert expected.items() <= first.items()
    assert any(one.title in history.notes[0] for one in FORMATS if one.name == form)


def test_figures_of_taobao_s_api(tmp_path: Path) -> None:
    show = {"liveId": "5", "startTime": "2026-07-01 20:00:00", "payAmt": "9999.5"}
    show |= {"payBuyerCnt": 70, "payItemQty": 120, "payOrderCnt": 90}
    first = History.read(exports.document(tmp_path / "a.json", {"data": [show]})).shows.iloc[0]
    told = {"show": "5", "start": EVENING, "units": 120, "orders": 90, "revenue": 9999.5}
    assert told.items() <= first.dropna().to_dict().items()
    assert first["currency"] == "CNY"


def test_minutes_of_a_sheet_of_one_s_own(tmp_path: Path) -> None:
    head = ("Show", "Minute", "Online", "Entered", "Sold", "Revenue (CNY)")
    rows = [head, ("a", 0, 100, 100, 3, "1,200.50"), ("a", 1, 120, 40, 4, "900.00")]
    minutes = History.read(exports.table(tmp_path / "a.csv", rows)).minutes
    assert minutes["at"].tolist() == [0, 60]
    assert minutes[["concurrent", "came", "units"]].to_numpy().tolist() == [
        [100, 100, 3],
        [120, 40, 4],
    ]
    assert minutes["revenue"].tolist() == [1200.5, 900]


def test_no_format_goes_without_an_export() -> None:
    assert {one.name for one in FORMATS} == FORMS.keys() | MINUTES


def test_what_an_export_lacks_stays_missing_and_is_said(tmp_path: Path) -> None:
    history = History.read(exports.tiktok_since_may(tmp_path / "a.xlsx"))
    assert history.shows[["viewers", "peak"]].isna().all(axis=None)
    assert any("no viewers and no peak" in note for note in history.notes)
    assert any("stays missing" in note and "viewers" in note for note in history.notes)


def test_ctr_of_tiktok_is_no_click_per_view(tmp_path: Path) -> None:
    """LIVE CTR, 4 % of 20,000 views, are the 800 clicks; 8.9 % of impressions are not."""
    history = History.read(exports.tiktok_since_may(tmp_path / "a.xlsx"))
    assert history.shows["clicks"].item() == 800
    assert any("clicks is LIVE CTR times views" in note for note in history.notes)
    assert any("columns that are not read" in note and "CTR" in note for note in history.notes)


def test_minutes_count_from_the_start_that_another_file_gives(tmp_path: Path) -> None:
    history = History.read(
        [
            exports.tiktok_api_shows(tmp_path / "shows.json"),
            exports.tiktok_api_minutes(tmp_path / "minutes.json"),
            exports.tiktok_api_products(tmp_path / "products.json"),
        ]
    )
    assert history.minutes is not None
    assert history.minutes["at"].tolist() == [0, 60, 120]
    assert history.minutes["orders"].tolist() == [0, 1, 2]
    assert set(history.minutes["show"]) == {"730001"}
    assert history.shows["product"].isna().sum() == 1
    assert history.shows.dropna(subset="product")["views"].tolist() == [
        10000,
        10000,
    ]  # of the show, in each row


def test_minutes_without_a_year_find_their_show(tmp_path: Path) -> None:
    history = History.read(
        [
            exports.douyin_session(tmp_path / "session.json"),
            exports.douyin_minutes(tmp_path / "minutes.json"),
        ]
    )
    assert history.minutes is not None
    assert set(history.minutes["show"]) == {"7399"}
    assert history.minutes[["at", "came", "left", "concurrent"]].to_numpy().tolist() == [
        [60 * m, 50 + m, 5 + m, 100 + m] for m in range(3)
    ]


def test_minutes_alone_count_from_the_first_and_it_is_said(tmp_path: Path) -> None:
    history = History.read(exports.douyin_minutes(tmp_path / "room7.json"))
    assert history.minutes is not None and history.minutes["at"].tolist() == [0, 60, 120]
    assert set(history.minutes["show"]) == {"room7"}
    assert any("count from the first one" in note for note in history.notes)


def test_an_order_that_two_exports_hold_counts_once(tmp_path: Path) -> None:
    paths = [exports.whatnot(tmp_path / name) for name in ("a.csv", "b.csv")]
    history = History.read([*paths, _show_of_orders(tmp_path)], time_zone="UTC")
    assert history.shows["units"].sum() == 3
    assert history.minutes is not None
    assert history.minutes[["at", "units"]].to_numpy().tolist() == [[1800, 2], [1920, 1]]


def _show_of_orders(folder: Path) -> Path:
    """Write a planner's own sheet of the show that Whatnot's orders are of."""
    rows = [("show", "start", "length", "viewers"), ("L1", "2026-07-01 19:30", "2h", 800)]
    return exports.table(folder / "own.csv", rows)


def test_a_first_order_is_no_start_of_a_show(tmp_path: Path) -> None:
    """Minutes from it would tell when something was sold out half an hour too early."""
    orders = exports.whatnot(tmp_path / "orders.csv")
    alone = History.read(orders)
    assert alone.minutes is None
    assert alone.shows[["start", "length"]].isna().all(axis=None)
    assert any("when L1 began is not known" in note for note in alone.notes)
    # the remedy that is named can be done: first the sheet, then the clock on which it is
    own = _show_of_orders(tmp_path)
    assert History.read([orders, own]).minutes is None
    told = History.read([orders, own], time_zone="UTC")
    assert told.minutes is not None and told.minutes["at"].tolist() == [1800, 1920]
    assert not any("when L1 began" in note for note in told.notes)


def test_shows_on_two_clocks_are_asked_about(tmp_path: Path) -> None:
    rows = [("start", "host", "product", "sold"), ("2026-07-01 20:00", "ana", "serum", 30)]
    paths = [
        exports.tiktok_api_shows(tmp_path / "a.json"),
        exports.table(tmp_path / "b.csv", rows),
    ]
    with pytest.raises(Exception, match="--time-zone"):
        History.read(paths)
    history = History.read(paths, time_zone="Asia/Bangkok")
    # 13:00 UTC is 20:00 in Bangkok, by the same host: one show, its rows from both files.
    assert history.shows["start"].tolist() == [EVENING] * 2
    assert set(history.shows["show"]) == {"730001"}
