"""Small exports in every form that dashboards write, made by code."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

Rows = Sequence[Sequence[object]]

TIKTOK_UNTIL_APRIL = (
    *("Livestream", "Start time", "Duration", "Gross revenue", "Direct GMV", "Items sold"),
    *("Customers", "Avg. price", "Orders paid for", "Views", "Viewers", "Peak viewers"),
    *("New followers", "Avg. view duration", "Likes", "Product impressions", "Product clicks"),
    *("CTR", "CTOR (SKU orders)"),
)
TIKTOK_SINCE_MAY = (
    *("Room ID", "Room Title", "Start Time", "End Time", "Duration", "Attributed GMV"),
    *("Attributed items sold", "Attributed orders", "Attributed SKU orders", "Views"),
    *("LIVE impressions", "Avg. viewing duration per view", "Tap through rate", "LIVE CTR"),
    *("Product Impressions", "CTR", "CTOR", "Likes"),
)


def workbook(path: Path, sheets: Mapping[str, Rows], merged: Sequence[str] = ()) -> Path:
    """Write a workbook of sheets; merge areas in the first of them."""
    import openpyxl

    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
    for area in merged:
        book.worksheets[0].merge_cells(area)
    book.save(path)
    return path


def table(path: Path, rows: Rows, delimiter: str = ",", encoding: str = "utf-8-sig") -> Path:
    """Write a table of text."""
    stream = io.StringIO()
    csv.writer(stream, delimiter=delimiter).writerows(rows)
    path.write_bytes(stream.getvalue().encode(encoding))
    return path


def document(path: Path, value: Any) -> Path:
    """Write JSON."""
    path.write_text(json.dumps(value, ensure_ascii=False), encoding="utf-8")
    return path


def tiktok_until_april(path: Path) -> Path:
    row = (
        *("Summer drop", "2026-03-01 20:00:00", "2h 0min", "1,500.50₫", "1,200.00₫", "60"),
        *("40", "25.00₫", "50", "10,000", "8,000", "900", "12", "45", "300", "4000", "800"),
        *("20%", "6.25%"),
    )
    empty = ("Quiet", "2026-03-02 20:00:00", "35min", "0.00₫", "0.00₫", "0", "0", "0.00₫", "0")
    return workbook(
        path,
        {
            "performance_detail": [
                ("2026-03-01 ~ 2026-03-31",),
                (),
                TIKTOK_UNTIL_APRIL,
                row,
                (*empty, "12", "10", "2", "0", "30", "0", "0", "0", "0%", "0%"),
            ]
        },
    )


def tiktok_since_may(path: Path) -> Path:
    row = (
        *("7301234567890123456", "Drop", "2026-07-01 20:00:00", "2026-07-01 22:30:40"),
        *("2h 30min", "0.00₫", "120", "100", "110", "20000", "90000", "33", "22.2%", "4%"),
        *("9000", "8.9%", "13%", "55"),
    )
    return workbook(
        path,
        {"performance_detail": [("2026-07-01 ~ 2026-09-17",), (), TIKTOK_SINCE_MAY, row]},
    )


def tiktok_api_shows(path: Path) -> Path:
    return document(
        path,
        {
            "code": 0,
            "data": {
                "next_page_token": "abc",
                "live_stream_sessions": [
                    {
                        "id": "730001",
                        "title": "Drop",
                        "username": "ana",
                        "start_time": 1782910800,
                        "end_time": 1782918000,
                        "sales_performance": {
                            "gmv": {"amount": "1500.50", "currency": "USD"},
                            "24h_live_gmv": {"amount": "1700", "currency": "USD"},
                            "created_sku_orders": 60,
                            "sku_orders": 50,
                            "unit_sold": 70,
                            "avg_price": {"amount": "21", "currency": "USD"},
                        },
                        "interaction_performance": {
                            **{"acu": 90, "pcu": 400, "viewers": 8000, "views": 10000},
                            **{"avg_viewing_duration": 65, "product_impressions": 9000},
                            **{"product_clicks": 700, "click_through_rate": "7.00"},
                        },
                    }
                ],
            },
        },
    )


def tiktok_api_minutes(path: Path) -> Path:
    minute = {"viewers": 300, "product_clicks": 12, "product_impressions": 80, "comments": 3}
    return document(
        path,
        {
            "data": {
                "live_id": "730001",
                "performance": {
                    "intervals": [
                        {
                            "timestamp": 1782910800 + 60 * index,
                            "gmv": {"amount": f"{10 * index}", "currency": "USD"},
                            "sku_orders": index,
                            **minute,
                        }
                        for index in range(3)
                    ]
                },
            }
        },
    )


def tiktok_api_products(path: Path) -> Path:
    return document(
        path,
        {
            "data": {
                "live_id": "730001",
                "products": [
                    {
                        "id": f"17{index}",
                        "name": name,
                        "unit_sold": 30 + index,
                        "sku_orders": 25,
                        "gmv": {"amount": "600", "currency": "USD"},
                        "product_clicks": 200,
                    }
                    for index, name in enumerate(("serum", "toner"))
                ],
            }
        },
    )


def douyin_minutes(path: Path) -> Path:
    def trend(first: int) -> list[dict[str, object]]:
        return [{"x": f"07-01 20:0{m}", "y": first + m} for m in range(3)]

    return document(
        path,
        {
            "room_minute_indicator": {
                "OnlineUCntTrend": trend(100),
                "EnterUCntTrend": trend(50),
                "LeaveUCntTrend": trend(5),
                "WatchCntTrend": trend(60),
                "pay_order_cnt_minute_trend": trend(1),
                "pay_order_gmv_minute_trend": trend(99),
                "gpm": trend(7),
            }
        },
    )


def douyin_session(path: Path) -> Path:
    return document(
        path,
        {
            "data": {
                **{"room_id": "7399", "start_time": 1782907200, "end_time": 1782914400},
                **{"PayGmv": 5000, "GPM": 500, "ServerWatchCntTd": 10000},
                **{"LiveServerWatchUcnt": 7500, "PayOrderCnt": 80},
            }
        },
    )


def douyin_shows(path: Path) -> Path:
    head = (
        *("开播时间", "直播时长(分钟)", "曝光人数", "累计观看人数", "曝光进入率"),
        *("直播间成交金额", "订单人数", "人均观看时长", "最高在线人数", "平均在线人数"),
        *("商品点击次数", "千次观看GMV", "直播间观看次数"),
    )
    row = (
        "2026/7/1 20:00",
        120,
        "5万",
        "1.2万",
        "24%",
        "¥5,000",
        70,
        60,
        800,
        100,
        900,
        333,
        15000,
    )
    return table(path, [head, row], encoding="gb18030")


def douyin_talks(path: Path) -> Path:
    head = (
        *("直播场次ID", "主播", "开播时间", "直播时长（秒）", "货号", "商品ID", "商品名称"),
        *("商品点击人数", "成交件数", "发货前退款", "发货后退款", "讲解开始时间戳"),
        *("讲解结束时间戳", "讲解时长（秒）", "平均在线人数"),
    )
    start = 1782907200  # 2026-07-01 20:00 in China
    show = ("7399", "李", "2026-07-01 20:00:00", 7200)
    talks = [
        ("A1", 1, "精华", 90, 30, 2, 1, start + 600, start + 780, 180, 300),
        ("A1", 1, "精华", 60, 20, 1, 0, start + 3600, start + 3720, 120, 250),
        ("B1", 2, "面霜", 50, 10, 0, 0, start + 1200, start + 1260, 60, 280),
    ]
    rows = [(*show, *talk) for talk in talks]
    return table(path, [head, *rows])


def chanmama(path: Path) -> Path:
    head = (
        *("开播时间", "人气峰值", "商品数", "销量（件）", "销售额", "直播时长", "观看人次"),
        *("平均在线人数", "客单价", "UV价值", "转化率", "平均停留时长"),
    )
    row = ("2026-07-01 20:00", "1.2万", 60, "3.4万", "1.05亿", "13小时46分", "103万", "3000")
    return table(path, [head, (*row, "99.5", "1.1", "3.3%", "1分35秒")])


def taobao(path: Path) -> Path:
    head = (
        *("开播时间", "场次标题", "开播时长(分钟)", "直播间浏览人数", "直播间浏览次数"),
        *("人均停留时长(秒)", "种草成交金额(元)"),
    )
    return table(path, [head, ("2026-07-01 20:00:00", "夏", 120, 8000, 12000, 45, "9,999.00")])


def shopee_shows(path: Path) -> Path:
    head = (
        *("session_id", "start_time", "duration", "gmv", "orders", "ctr", "co", "ccu"),
        *("engage_ccu_1m", "peak_ccu", "views", "avg_viewing_duration"),
    )
    row = ("s1", "2026-07-01 20:00:00", "02:00:00", 1000, 90, "5%", "10%", 90, 50, 300, 9000, 60)
    return table(path, [head, row], delimiter="\t")


def shopee_products(path: Path) -> Path:
    head = (
        "session_id",
        "item_id",
        "item_name",
        "item_clicks",
        "atc",
        "sold_items",
        "current_price",
    )
    return table(path, [head, ("s1", 11, "serum", 300, 60, 40, "Rp 1.099.000")])


def whatnot(path: Path) -> Path:
    head = (
        *("order_placed_at_utc", "order_id", "listing_title", "quantity_sold", "sku"),
        *("cost_of_goods", "livestream_id", "livestream_title", "transaction_currency"),
        *("transaction_amount", "original_item_price"),
    )
    card = ("card pack", 1, "CP", 2, "L1", "Cards", "USD", 10, 10)
    times = [("20:00:05", "o1"), ("20:00:41", "o2"), ("20:02:07", "o3")]
    rows = [(f"2026-07-01 {time}", order, *card) for time, order in times]
    return table(path, [head, *rows, rows[0]])


def youtube(path: Path) -> Path:
    head = (
        "date",
        "channel",
        "live_count",
        "gross_sales",
        "net_sales",
        "orders",
        "views",
        "clicks",
    )
    rows = [("2026-07-01", "ana", 1, 100, 90, 5, 900, 40), ("2026-07-02", "ana", 2, 9, 9, 5, 9, 4)]
    return table(path, [head, *rows])


def own_sheet(path: Path) -> Path:
    head = ("Date", "Start", "Length (min)", "Host", "Viewers", "Product", "Price", "Sold")
    return workbook(
        path,
        {
            "Shows": [
                ("My shows 2026",),
                (),
                (*head, "Stock", "Sold out at"),
                ("2026-07-01", "20:00", 120, "ana", 3000, "serum", 25, 80, 80, "21:05"),
                ("2026-07-01", "20:00", 120, "ana", 3000, "toner", 15, 30, 60, None),
                ("2026-07-08", "20:00", 90, "ana", 2500, "serum", 25, 60, 60, "35min"),
                ("Total", None, None, None, None, None, None, 170),
            ],
            "Notes": [("bring more serum",)],
        },
    )
