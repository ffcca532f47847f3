"""Every heading that public sources have of exports, and what becomes of its column."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import exports
import pytest

from livesim.errors import HistoryError
from livesim.history import History
from livesim.history.readers.formats import FORMATS, PLAIN, Match, match, nearest

#: By export: its headings, parted by ``|``, with what each becomes; those that are not read last.
EXPORTS: dict[str, tuple[Mapping[str, str], str]] = {
    "tiktok-until-2026-04": (
        {
            "start": "Start time",
            "length": "Duration",
            "revenue": "Gross revenue | Direct GMV",
            "units": "Items sold",
            "orders": "Orders paid for",
            "views": "Views",
            "viewers": "Viewers",
            "peak": "Peak viewers",
            "watch_time": "Avg. view duration",
            "clicks": "Product clicks",
        },
        "Livestream | Customers | Avg. price | New followers | Likes | Comments | Shares "
        "| Product impressions | CTR | CTOR (SKU orders)",
    ),
    "tiktok-2026-05": (
        {
            "show": "Room ID",
            "start": "Start Time",
            "end": "End Time",
            "length": "Duration",
            "revenue": "Attributed GMV",
            "units": "Attributed items sold",
            "orders": "Attributed orders | Attributed SKU orders",
            "views": "Views",
            "watch_time": "Avg. viewing duration per view | Avg. viewing duration",
            "clicks": "LIVE CTR | Product clicks",
        },
        "Room Title | Livestream | Customers | AOV | Impressions | LIVE impressions "
        "| Impressions Per Hour | GMV per hour | Show GPM | Watch GPM | Tap through rate "
        "| Product Impressions | CTR | CTOR | CTOR (SKU orders) | SKU order rate | New followers "
        "| Follow rate | Comments | Comment rate | Shares | Share rate | Likes | Like rate "
        "| Ads ROAS | Ads Cost | Ads GMV",
    ),
    "tiktok-api-shows": (
        {
            "show": "id",
            "host": "username",
            "start": "start_time",
            "end": "end_time",
            "revenue": "sales_performance.gmv.amount",
            "currency": "sales_performance.gmv.currency",
            "placed": "sales_performance.created_sku_orders",
            "orders": "sales_performance.sku_orders",
            "units": "sales_performance.unit_sold",
            "watch_time": "interaction_performance.acu "
            "| interaction_performance.avg_viewing_duration",
            "peak": "interaction_performance.pcu",
            "viewers": "interaction_performance.viewers",
            "views": "interaction_performance.views",
            "clicks": "interaction_performance.product_clicks "
            "| interaction_performance.click_through_rate",
        },
        "title | sales_performance.products_added | sales_performance.different_products_sold "
        "| sales_performance.customers | sales_performance.avg_price.amount "
        "| sales_performance.click_to_order_rate | sales_performance.24h_live_gmv.amount "
        "| interaction_performance.comments | interaction_performance.shares "
        "| interaction_performance.likes | interaction_performance.new_followers "
        "| interaction_performance.product_impressions",
    ),
    "douyin-minutes": (
        {
            "moment": "x",
            "concurrent": "OnlineUCntTrend",
            "came": "EnterUCntTrend",
            "left": "LeaveUCntTrend",
            "views": "WatchCntTrend",
            "orders": "pay_order_cnt_minute_trend",
            "revenue": "pay_order_gmv_minute_trend",
        },
        "gpm",
    ),
    "douyin-session": (
        {
            "revenue": "PayGmv",
            "views": "ServerWatchCntTd",
            "viewers": "LiveServerWatchUcnt",
            "orders": "PayOrderCnt",
        },
        "GPM",
    ),
    "douyin-shows": (
        {
            "viewers": "累计观看人数",
            "revenue": "直播间成交金额",
            "watch_time": "人均观看时长 | 平均在线人数",
            "peak": "最高在线人数",
            "clicks": "商品点击次数",
            "views": "直播间观看次数",
        },
        "曝光人数 | 曝光进入率 | 订单人数 | 商品曝光次数 | 商品点击率 | 千次观看GMV",
    ),
    "douyin-talks": (
        {
            "show": "直播场次ID",
            "host": "主播",
            "start": "开播时间",
            "length": "直播时长（秒）",
            "product": "商品名称 | 商品ID | 货号",
            "units": "成交件数",
            "refunded_before": "发货前退款",
            "refunded_after": "发货后退款",
            "slot_start": "讲解开始时间戳",
            "slot_end": "讲解结束时间戳",
            "slot_time": "讲解时长（秒）",
        },
        "商品点击人数 | 平均在线人数",
    ),
    "chanmama": (
        {
            "start": "开播时间",
            "peak": "人气峰值",
            "units": "销量（件）",
            "revenue": "销售额",
            "length": "直播时长",
            "views": "观看人次",
            "watch_time": "平均在线人数 | 平均停留时长",
        },
        "商品数 | 客单价 | UV价值 | 转化率",
    ),
    "taobao": (
        {
            "start": "开播时间",
            "length": "开播时长(分钟)",
            "viewers": "直播间浏览人数",
            "views": "直播间浏览次数",
            "watch_time": "人均停留时长(秒)",
            "revenue": "种草成交金额(元) | payAmt",
            "units": "payItemQty",
            "orders": "payOrderCnt",
        },
        "场次标题 | payBuyerCnt",
    ),
    "shopee-shows": (
        {
            "placed": "orders",
            "clicks": "ctr",
            "peak": "peak_ccu",
            "views": "views",
            "watch_time": "avg_viewing_duration",
        },
        "gmv | co | ccu | engage_ccu_1m",
    ),
    "shopee-products": (
        {"clicks": "item_clicks", "units": "sold_items", "price": "current_price"},
        "atc",
    ),
    "whatnot-orders": (
        {
            "moment": "order_placed_at_utc",
            "order": "order_id",
            "product": "listing_title | sku",
            "units": "quantity_sold",
            "show": "livestream_id | livestream_title",
            "currency": "transaction_currency",
            "revenue": "transaction_amount",
            "price": "original_item_price",
        },
        "cost_of_goods",
    ),
    "youtube": (
        {
            "start": "date",
            "host": "channel",
            "shows": "live_count",
            "revenue": "gross_sales",
            "orders": "orders",
            "views": "views",
            "clicks": "clicks",
        },
        "net_sales | impressions | conversion_rate",
    ),
    "sheet": (
        {
            "host": "host",
            "start": "start",
            "length": "length_s",
            "views": "views",
            "peak": "peak_concurrent",
            "watch_time": "average_concurrent | mean_stay_s",
            "units": "units",
            "revenue": "gmv_cny",
        },
        "kind | products",
    ),
}


@pytest.mark.parametrize("form", EXPORTS)
def test_each_heading_of_an_export_becomes_what_it_says(form: str) -> None:
    read, unread = EXPORTS[form]
    expected = {one.strip(): to for to, several in read.items() for one in several.split("|")}
    headings = [*expected, *(one.strip() for one in unread.split("|"))]
    found = match(headings, paths="api" in form)
    assert found is not None
    assert found.format.name == form
    told = {headings[column]: {one.to for one in of} for column, (of, _) in found.columns.items()}
    assert told == {heading: {to} for heading, to in expected.items()}


@pytest.mark.parametrize(
    ("to", "headings"),
    [
        ("date", "Date | Day | 日期 | Datum | Fecha"),
        ("start", "Start | Start time | 开播时间 | Startzeit | Inicio"),
        ("length", "Length | Duration | Show length | 直播时长 | 时长 | Dauer | Duración"),
        ("host", "Host | Creator | 主播 | 达人 | Moderatorin | Presentadora"),
        ("guests", "Guest | Co-host | 嘉宾 | Gast | Invitados"),
        ("viewers", "Viewers | Unique viewers | 观看人数 | Zuschauer | Espectadores"),
        ("views", "Views | Page views | 观看次数 | 观看人次 | Aufrufe | Visualizaciones"),
        ("peak", "Peak | Peak viewers | Peak concurrent viewers | PCU | 最高在线人数 | Spitze"),
        ("product", "Product | Item | SKU | 商品名称 | Artikel | Producto"),
        ("variant", "Variant | Size | Shade | 规格 | Größe | Talla"),
        ("price", "Price | Unit price | Live price | 单价 | Preis | Precio"),
        ("units", "Units | Sold | Items sold | Qty | 销量 | 成交件数 | Verkauft | Vendidos"),
        ("orders", "Orders | Paid orders | 订单数 | Bestellungen | Pedidos"),
        ("stock", "Stock | On hand | Inventory | 库存 | Bestand | Existencias"),
        ("sold_out_at", "Sold out at | Sold out | Gone at | 售罄时间 | Ausverkauft um | Agotado"),
        ("refunded", "Refunded | Returns | 退货 | Retouren | Devoluciones"),
        ("forecast", "Forecast | Expected units | 预测 | Prognose | Previsión"),
        ("revenue", "Revenue | GMV | GMV (USD) | 销售额 | Umsatz | Ingresos"),
        ("currency", "Currency | 币种 | Währung | Moneda"),
        ("placed", "Placed orders | Orders placed | 下单数 | Aufgegebene Bestellungen"),
        ("clicks", "Clicks | Product clicks | 商品点击次数 | Klicks | Clics"),
    ],
)
def test_a_sheet_may_call_its_columns_as_people_do(to: str, headings: str) -> None:
    for heading in map(str.strip, headings.split("|")):
        found = match(["show", "units", heading], [PLAIN])
        assert found is not None
        assert [one.to for one in found.columns[2][0]] == [to], heading


@pytest.mark.parametrize(
    ("heading", "watched"),
    [
        ("Avg. watch time", 60.0 * 9_000),
        ("Average viewing duration", 60.0 * 9_000),
        ("Mean stay", 60.0 * 9_000),
        ("avg_view_duration", 60.0 * 9_000),
        ("平均停留时长", 60.0 * 9_000),
        ("Verweildauer", 60.0 * 9_000),
        ("Avg. watch time per viewer", 60.0 * 8_000),
        ("人均观看时长", 60.0 * 8_000),
    ],
)
def test_an_average_is_of_a_view_unless_it_says_of_a_viewer(
    heading: str, watched: float, tmp_path: Path
) -> None:
    head = ("date", "viewers", "views", heading)
    row = ("2026-07-01 20:00", 8_000, 9_000, "1min")
    both = History.read(exports.table(tmp_path / "both.csv", [head, row]))
    assert both.shows["watch_time"].tolist() == [watched]
    alone = History.read(
        exports.table(tmp_path / "one.csv", [head[:2] + head[3:], row[:2] + row[3:]])
    )
    known = alone.shows["watch_time"].dropna().tolist()
    assert known == ([] if heading == "平均停留时长" else [60.0 * 8_000])


def test_no_heading_of_a_format_tells_of_two_columns() -> None:
    for one in FORMATS:
        for heading, fields in one.by_heading.items():
            assert len({field.to for field in fields}) == 1, (one.name, heading)


def test_an_average_that_cannot_be_read_is_told_once(tmp_path: Path) -> None:
    rows = [("date", "viewers", "Avg. watch time"), ("2026-07-01", 8_000, "2:40")]
    with pytest.raises(HistoryError) as error:
        History.read(exports.table(tmp_path / "one.csv", rows))
    assert len(error.value.mistakes) == 1


@pytest.mark.parametrize(
    ("heading", "cell", "meant"),
    [
        *(("Viewrs", 300, "viewers"), ("Peakviewers", 90, "peak viewers")),
        *(("Zuschauerzahl", 300, "zuschauer"), ("观众人数", "1.2万", "观众数")),
        *(("Stok", 70, "stock"), ("Unidades vendidas total", 50, "unidades vendidas")),
        *(("Lenght (min)", 90, "length"), ("Soldout at", "35min", "sold out at")),
        # what is there is not asked about, nor a column of numbers that would be a name
        *(("Prodcuts", "serum", ""), ("Guestz", 3, ""), ("Remark", "late", ""), ("Stok", None, "")),
    ],
)
def test_a_heading_near_a_known_one_is_asked_about_and_not_guessed(
    heading: str, cell: object, meant: str, tmp_path: Path
) -> None:
    rows = [("Date", "Product", "Host", heading), ("2026-07-01", "serum", "ana", cell)]
    rows[0] += ("Sold",) if "vendidas" not in heading else ("Peak",)
    history = History.read(exports.table(tmp_path / "a.csv", [rows[0], (*rows[1], 30)]))
    asked = [note for note in history.notes if "did you mean" in note]
    said = f"{tmp_path / 'a.csv'}: the column {heading} is not read: did you mean {meant}?"
    assert asked == ([said] if meant else [])
    assert any(f"not read: {heading}" in note for note in history.notes) is not bool(meant)
    known = {"show", "start", "product", "host", "units", "peak"}
    assert set(history.shows.columns[history.shows.notna().any()]) <= known


def test_what_exports_have_beside_their_figures_is_no_mistake_in_a_heading() -> None:
    for name, (_, unread) in EXPORTS.items():
        form = next(one for one in FORMATS if one.name == name)
        for heading in unread.split(" | "):
            near = nearest(heading, Match(form, {}), ["12"])
            assert not near, (name, heading, near)


def test_a_sheet_that_is_not_recognised_says_which_headings_are_near(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("Dat;Produkt;Solds\n2026-07-01;serum;30\n", "utf-8")
    with pytest.raises(HistoryError, match="it has Dat, Produkt, Solds") as error:
        History.read(path)
    assert "did you mean date by Dat, sold by Solds? a sheet" in str(error.value)
