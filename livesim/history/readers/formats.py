"""The exports that are known, one row each: how one is recognised, and what its columns say.

Column names are those of public sources of 2020 to 2026. A new export is another `Format` here, and
nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from typing import Final, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from livesim.errors import UsageError, did_you_mean
from livesim.history.quantities import UNITS, clean
from livesim.history.readers.sheets import ABOVE
from livesim.history.table import MINUTES, SHOWS, Column, names

Kind = Literal[
    "verbatim", "exact", "text", "count", "number", "money", "share", "duration", "moment", "utc",
    "clock", "after",
]  # fmt: skip
Of = Literal["show", "product", "slot", "order", "minute"]

#: What a whole row is about: its totals are sums over shows, a heading said twice, or nothing.
TOTALS: Final = frozenset(
    (
        *("total", "totals", "grand total", "sum", "subtotal", "overall", "all products"),
        *(
            "合计",
            "总计",
            "汇总",
            "小计",
            "全部商品",
            "summe",
            "gesamt",
            "insgesamt",
            "alle produkte",
        ),
        *("total general", "todos los productos"),
    )
)


def _names(headings: str) -> list[str]:
    return [plain(heading) for heading in headings.split("|")]


@dataclass(frozen=True)
class Field:
    """One figure of an export.

    Parameters
    ----------
    to
        The column of the tidy table that it becomes, or a step on the way (``end``).
    kind
        How its cells are read.
    headings
        How it is called in exports, whatever the capitals; parted by ``|``.
    per
        What it is a mean or a share of: the value is multiplied by that column.
    unit
        In which unit a bare duration stands; empty where the heading must say it.
    scale
        What a number is multiplied by.
    """

    to: str
    kind: Kind
    headings: str
    per: str = ""
    unit: str = ""
    scale: float = 1.0

    @property
    def names(self) -> list[str]:
        """Its headings, plain."""
        return _names(self.headings)

    def takes(self, unit: str) -> bool:
        """Say whether its cells may stand in a unit: an amount of money is no number of units."""
        return not unit or unit in _UNITS_OF.get(self.kind, ())

    @property
    def says(self) -> str:
        """What the column becomes, with its denominator."""
        return f"{self.to}, times {self.per}" if self.per else self.to


@dataclass(frozen=True)
class Format:
    """An export, or a form of a sheet.

    Parameters
    ----------
    name
        What it is called in options.
    title
        What it is called in messages.
    of
        What a row is of.
    signs
        What must be among the headings: of each text one, parted by ``|``.
    fields
        Its figures; of several that become the same column, the first that is known counts.
    says
        What its reader should know.
    zone
        The time zone in which instants are put if nothing else is asked for.
    currency
        Of its amounts.
    may_lack
        How many of the signs may be missing.
    """

    name: str
    title: str
    of: Of
    signs: tuple[str, ...]
    fields: tuple[Field, ...]
    says: tuple[str, ...] = ()
    zone: str = ""
    currency: str = ""
    may_lack: int = 0

    @cached_property
    def by_heading(self) -> dict[str, tuple[Field, ...]]:
        """The fields by plain heading: one heading may tell of several."""
        found: dict[str, tuple[Field, ...]] = {}
        for field in self.fields:
            for heading in field.names:
                found[heading] = (*found.get(heading, ()), field)
        return found


def plain(heading: object) -> str:
    """Return a heading without what differs between exports: capitals, widths, underscores.

    Examples
    --------
    >>> plain("Start_Time "), plain("直播时长（秒）"), plain("Avg. price")
    ('start time', '直播时长(秒)', 'avg price')
    """
    text = clean(str(heading)).lower().lstrip("\N{BYTE ORDER MARK}'\"")
    text = re.sub(r"[_\s]+", " ", text.replace("*", " ").replace("-", " ")).strip(" :'\"")
    text = re.sub(r"(?<=[a-z])\.(?=\s|$)", "", text)
    return re.sub(r"\s*([()])\s*", r"\1", text)


_TIME_UNITS = {
    **UNITS,
    **dict.fromkeys(("h:mm", "hh:mm", "h:mm:ss", "hh:mm:ss"), "h:mm"),
    **dict.fromkeys(("mm:ss", "m:ss"), "mm:ss"),
}
_COUNTED = frozenset(_names("件 | 人 | 次 | 人次 | 个 | 单 | pcs | units | people"))
CURRENCIES: Final = frozenset(
    _names(
        "usd | eur | gbp | cny | rmb | jpy | krw | vnd | thb | idr | myr | php | sgd | twd | hkd "
        "| inr | aud | cad | brl | mxn | try | pln | chf | 元"
    )
)

_TIMES = frozenset(_TIME_UNITS.values())
#: Which units a heading may name for its cells; of the other kinds none.
_UNITS_OF: Final[dict[Kind, frozenset[str]]] = {
    "count": _COUNTED,
    "number": _COUNTED,
    "money": CURRENCIES | {"$", "€", "£", "¥"},
    "share": frozenset("%"),
    "duration": _TIMES,
    "after": _TIMES,
    "moment": frozenset(("utc", "h:mm")),
    "utc": frozenset(("utc",)),
    "clock": frozenset(("utc", "h:mm")),
}


def with_unit(heading: str) -> tuple[str, str]:
    """Return a plain heading without its unit, and the unit.

    Examples
    --------
    >>> with_unit("sold out at(h:mm)"), with_unit("length s"), with_unit("peak")
    (('sold out at', 'h:mm'), ('length', 's'), ('peak', ''))
    """
    match = re.fullmatch(r"(.*?)\s*[(\[]([^()\[\]]+)[)\]]", heading)
    match = match or re.fullmatch(r"(.*?)(?:\s+in)?\s+(\S+)", heading)
    unit = match[2].strip() if match else ""
    unit = _TIME_UNITS.get(unit, unit)
    if match and any(unit in units for units in _UNITS_OF.values()):
        return match[1], unit
    return heading, ""


def _averages(of: str = "") -> str:
    """Return how the average stay of a view, of a viewer or of who knows is called."""
    stays = (
        *("watch time", "watch duration", "watching time", "view duration", "view time"),
        *("viewing duration", "viewing time", "stay", "time watched", "session duration"),
    )
    return " | ".join(f"{word} {stay}{of}" for word in ("avg", "average", "mean") for stay in stays)


_ATTRIBUTED = "orders and units are those that TikTok attributes to the show"
_PLACED = (
    "orders are those placed, unpaid and cancelled ones included: paid orders and units are missing"
)
_ESTIMATED = "units and revenue are the research service's estimates"
_ID = "live_id | above.id | above.live_id | room_id | above.room_id | live_room_id"

#: How one dashboard's figures of an average show are called everywhere in China.
_CHINESE_SHOW = (
    Field("show", "text", "直播场次id | 直播间id | 场次id | room_id | roomid | live_id | liveid"),
    Field("start", "moment", "开播时间 | 直播开始时间 | start_time | starttime"),
    Field("end", "moment", "下播时间 | 关播时间 | 直播结束时间 | end_time | endtime"),
    Field("length", "duration", "直播时长 | 开播时长"),
    Field("host", "text", "主播 | 主播昵称 | 达人 | 达人昵称 | 账号"),
)

PLATFORMS: Final = (
    Format(
        "tiktok-until-2026-04",
        "TikTok Shop, LIVE performance until April 2026",
        "show",
        (
            "start time",
            "duration",
            "items sold",
            "orders paid for",
        ),
        (
            Field("start", "moment", "start time"),
            Field("length", "duration", "duration"),
            Field("host", "text", "creator | creator username | username"),
            Field("viewers", "count", "viewers"),
            Field("views", "count", "views"),
            Field("watch_time", "duration", _averages(), per="views", unit="s"),
            Field("peak", "count", "peak viewers"),
            Field("units", "count", "items sold"),
            Field("orders", "count", "orders paid for"),
            Field("revenue", "money", "gross revenue"),
            Field("revenue", "money", "direct gmv"),
            Field("clicks", "count", "product clicks"),
        ),
    ),
    Format(
        "tiktok-2026-05",
        "TikTok Shop, LIVE performance since May 2026",
        "show",
        (
            "start time",
            "attributed gmv",
            "attributed items sold | attributed orders",
        ),
        (
            Field("show", "text", "room id"),
            Field("start", "moment", "start time"),
            Field("end", "moment", "end time"),
            Field("length", "duration", "duration"),
            Field("host", "text", "creator | creator username | username"),
            Field("viewers", "count", "viewers"),
            Field("views", "count", "views"),
            Field("watch_time", "duration", _averages(" per view"), per="views", unit="s"),
            Field("watch_time", "duration", _averages(), per="viewers", unit="s"),
            Field("peak", "count", "peak viewers"),
            Field("units", "count", "attributed items sold"),
            Field("orders", "count", "attributed orders"),
            Field("orders", "count", "attributed sku orders"),
            Field("revenue", "money", "attributed gmv"),
            Field("clicks", "count", "product clicks"),
            Field("clicks", "share", "live ctr", per="views"),
        ),
        says=(
            "since May 2026 the export has no viewers and no peak: they stay missing, for views "
            "count somebody who comes twice as two",
            _ATTRIBUTED,
        ),
    ),
    Format(
        "tiktok-api-shows",
        "TikTok Shop API, shop_lives/performance",
        "show",
        (
            "start_time",
            "pcu | acu | avg_viewing_duration",
            "gmv.amount",
        ),
        (
            Field("show", "text", f"id | {_ID}"),
            Field("start", "moment", "start_time"),
            Field("end", "moment", "end_time"),
            Field("host", "text", "username"),
            Field("viewers", "count", "viewers"),
            Field("views", "count", "views"),
            Field("watch_time", "duration", "avg_viewing_duration", per="views", unit="s"),
            Field("watch_time", "number", "acu", per="length"),
            Field("peak", "count", "pcu"),
            Field("units", "count", "unit_sold | units_sold"),
            Field("orders", "count", "sku_orders"),
            Field("placed", "count", "created_sku_orders"),
            Field("revenue", "money", "gmv.amount"),
            Field("currency", "text", "gmv.currency"),
            Field("clicks", "count", "product_clicks"),
            Field("clicks", "number", "click_through_rate", per="views", scale=0.01),
        ),
    ),
    Format(
        "tiktok-api-minutes",
        "TikTok Shop API, performance_per_minutes",
        "minute",
        (
            "timestamp | time | minute | start_time",
            "gmv.amount",
            "viewers | product_clicks | product_impressions",
        ),
        (
            Field("show", "text", _ID),
            Field("moment", "moment", "timestamp | time | minute | start_time"),
            Field("concurrent", "count", "viewers"),
            Field("views", "count", "views"),
            Field("units", "count", "unit_sold | units_sold"),
            Field("orders", "count", "sku_orders | orders"),
            Field("revenue", "money", "gmv.amount"),
            Field("clicks", "count", "product_clicks | clicks"),
        ),
    ),
    Format(
        "tiktok-api-products",
        "TikTok Shop API, products_performance",
        "product",
        (
            "product_id | product_name | id",
            "gmv.amount",
        ),
        (
            Field("show", "text", _ID),
            Field("start", "moment", "above.start_time"),
            Field("end", "moment", "above.end_time"),
            Field("product", "text", "product_name | name | title"),
            Field("product", "text", "product_id | id"),
            Field("units", "count", "unit_sold | units_sold | items_sold"),
            Field("orders", "count", "sku_orders | orders"),
            Field("placed", "count", "created_sku_orders"),
            Field("revenue", "money", "gmv.amount"),
            Field("currency", "text", "gmv.currency"),
            Field("clicks", "count", "product_clicks"),
        ),
    ),
    Format(
        "douyin-talks",
        "Douyin, a row each time that a product was talked about",
        "slot",
        (
            "讲解开始时间戳 | 讲解时长",
            "商品名称 | 商品id | 货号",
            "成交件数",
        ),
        (
            *_CHINESE_SHOW,
            Field("product", "text", "商品名称"),
            Field("product", "text", "商品id"),
            Field("product", "text", "货号"),
            Field("units", "count", "成交件数"),
            Field("refunded_before", "count", "发货前退款"),
            Field("refunded_after", "count", "发货后退款"),
            Field("slot_start", "moment", "讲解开始时间戳"),
            Field("slot_end", "moment", "讲解结束时间戳"),
            Field("slot_time", "duration", "讲解时长"),
        ),
        zone="Asia/Shanghai",
        currency="CNY",
    ),
    Format(
        "douyin-minutes",
        "Douyin, room_minute_indicator",
        "minute",
        (
            "x | 时间 | 分钟",
            "onlineucnttrend | enterucnttrend | watchcnttrend | pay_order_cnt_minute_trend",
        ),
        (
            Field("show", "text", f"room_id | {_ID}"),
            Field("moment", "moment", "x | 时间 | 分钟"),
            Field("came", "count", "enterucnttrend"),
            Field("left", "count", "leaveucnttrend"),
            Field("concurrent", "count", "onlineucnttrend"),
            Field("views", "count", "watchcnttrend"),
            Field("orders", "count", "pay_order_cnt_minute_trend"),
            Field("revenue", "money", "pay_order_gmv_minute_trend"),
        ),
        zone="Asia/Shanghai",
        currency="CNY",
    ),
    Format(
        "douyin-session",
        "Douyin, a session of the dashboard's JSON",
        "show",
        (
            "paygmv | payordercnt",
            "serverwatchcnttd | liveserverwatchucnt",
        ),
        (
            *_CHINESE_SHOW,
            Field("viewers", "count", "liveserverwatchucnt"),
            Field("views", "count", "serverwatchcnttd"),
            Field("orders", "count", "payordercnt"),
            Field("revenue", "money", "paygmv"),
        ),
        zone="Asia/Shanghai",
        currency="CNY",
    ),
    Format(
        "douyin-shows",
        "Douyin, the dashboard's table of shows",
        "show",
        (
            "累计观看人数 | 直播间观看次数",
            "直播间成交金额 | 订单人数 | 最高在线人数",
        ),
        (
            *_CHINESE_SHOW,
            Field("viewers", "count", "累计观看人数"),
            Field("views", "count", "直播间观看次数 | 累计看播次数"),
            Field("watch_time", "duration", "人均观看时长", per="viewers", unit="s"),
            Field("watch_time", "number", "平均在线人数", per="length"),
            Field("peak", "count", "最高在线人数"),
            Field("units", "count", "成交件数"),
            Field("orders", "count", "成交订单数"),
            Field("revenue", "money", "直播间成交金额"),
            Field("clicks", "count", "商品点击次数"),
        ),
        says=("订单人数 counts buyers, not orders: it is not read as orders",),
        zone="Asia/Shanghai",
        currency="CNY",
    ),
    Format(
        "chanmama",
        "蝉妈妈, a table of shows",
        "show",
        (
            "开播时间",
            "人气峰值",
            "销量 | 销售额",
        ),
        (
            *_CHINESE_SHOW,
            Field("views", "count", "观看人次"),
            Field("watch_time", "number", "平均在线人数", per="length"),
            Field("watch_time", "duration", "平均停留时长", per="views"),
            Field("peak", "count", "人气峰值"),
            Field("units", "count", "销量"),
            Field("revenue", "money", "销售额"),
        ),
        says=(_ESTIMATED, "views are 人次, how often somebody came: viewers stay missing"),
        zone="Asia/Shanghai",
        currency="CNY",
    ),
    Format(
        "taobao",
        "Taobao Live, a table of shows",
        "show",
        (
            "开播时间 | start_time | starttime",
            "直播间浏览人数 | 直播间浏览次数 | payamt | payitemqty",
        ),
        (
            *_CHINESE_SHOW,
            Field("viewers", "count", "直播间浏览人数"),
            Field("views", "count", "直播间浏览次数"),
            Field("watch_time", "duration", "人均停留时长", per="viewers", unit="s"),
            Field("units", "count", "payitemqty"),
            Field("orders", "count", "payordercnt"),
            Field("revenue", "money", "种草成交金额"),
            Field("revenue", "money", "payamt"),
        ),
        zone="Asia/Shanghai",
        currency="CNY",
    ),
    Format(
        "shopee-shows",
        "Shopee Live, a table of shows",
        "show",
        (
            "peak_ccu | engage_ccu_1m | ccu",
            "gmv | orders | views",
        ),
        (
            Field("show", "text", "session_id | id | live_id"),
            Field("start", "moment", "start_time | start"),
            Field("end", "moment", "end_time | end"),
            Field("length", "duration", "duration"),
            Field("viewers", "count", "viewers | unique_viewers"),
            Field("views", "count", "views"),
            Field("watch_time", "duration", "avg_viewing_duration", per="views", unit="s"),
            Field("peak", "count", "peak_ccu"),
            Field("placed", "count", "orders"),
            Field("clicks", "share", "ctr", per="views"),
        ),
        says=(_PLACED, "ctr is clicks per view, and so becomes clicks; gmv is of placed orders"),
    ),
    Format(
        "shopee-products",
        "Shopee Live, a table of products",
        "product",
        (
            "sold_items",
            "item_clicks | current_price | atc",
        ),
        (
            Field("show", "text", f"session_id | above.session_id | {_ID}"),
            Field("start", "moment", "start_time | above.start_time"),
            Field("product", "text", "item_name | product_name | name | title"),
            Field("product", "text", "item_id | id"),
            Field("price", "money", "current_price"),
            Field("units", "count", "sold_items"),
            Field("clicks", "count", "item_clicks"),
        ),
        says=("Shopee does not say whether sold_items holds unpaid and cancelled orders",),
    ),
    Format(
        "whatnot-orders",
        "Whatnot, a row an order",
        "order",
        (
            "order_placed_at_utc | order_placed_at",
            "quantity_sold",
            "listing_title | sku",
        ),
        (
            Field("show", "text", "livestream_id"),
            Field("show", "text", "livestream_title"),
            Field("order", "text", "order_id"),
            Field("moment", "utc", "order_placed_at_utc | order_placed_at"),
            Field("product", "text", "listing_title"),
            Field("product", "text", "sku"),
            Field("price", "money", "original_item_price"),
            Field("units", "count", "quantity_sold"),
            Field("revenue", "money", "transaction_amount"),
            Field("currency", "text", "transaction_currency"),
        ),
        says=(
            "an order list holds neither viewers nor when a show began and ended, which its first "
            "and last orders do not tell",
        ),
    ),
    Format(
        "youtube",
        "YouTube Shopping, a row a day and channel",
        "show",
        (
            "live_count",
            "channel | date",
            "orders | gross_sales",
        ),
        (
            Field("start", "moment", "date"),
            Field("host", "text", "channel"),
            Field("shows", "count", "live_count"),
            Field("views", "count", "views"),
            Field("orders", "count", "orders"),
            Field("revenue", "money", "gross_sales"),
            Field("clicks", "count", "clicks"),
        ),
        says=("a row is a day of a channel: only days of one show can be read as a show",),
    ),
)

_STAYS: Final = (
    "verweildauer | durchschnittliche verweildauer | durchschnittliche wiedergabedauer "
    "| tiempo medio de visualizacion | tiempo medio de visualización | 停留时长"
)

MANY_CLICKS: Final = 0.4
"""Clicks per view that are rarely seen [1], an assumption: TikTok's own CTR, clicks per product
impression, often lies above."""

_PLAIN: Final = (
    Field(
        "show",
        "text",
        "show | show id | live | live id | stream | stream id | session | session id "
        "| room id | 场次 | 直播场次 | sendung | emisión",
    ),
    Field(
        "start",
        "moment",
        "start | start time | started | started at | date and time | 开播时间 | 开始时间 "
        "| datetime | show start | live start | beginn | startzeit | inicio",
    ),
    Field(
        "date",
        "moment",
        "date | day | show date | start date | live date "
        "| 日期 | 直播日期 | datum | tag | fecha | día",
    ),
    Field("clock", "clock", "time | time of day | 时间 | uhrzeit | hora"),
    Field("end", "moment", "end | end time | ended | ended at | 结束时间 | 下播时间 | ende | fin"),
    Field(
        "length",
        "duration",
        "length | duration | show length | show duration | live duration "
        "| livestream duration | run time | 时长 | 直播时长 | 开播时长 | dauer | länge | duración",
    ),
    Field(
        "host",
        "text",
        "host | hosts | presenter | streamer | creator | anchor | 主播 | 主播昵称 | 达人 "
        "| moderator | moderatorin | presentador | presentadora",
    ),
    Field(
        "guests", "text", "guests | guest | co-host | co-hosts | 嘉宾 | gast | gäste | invitados"
    ),
    Field(
        "viewers",
        "count",
        "viewers | unique viewers | total viewers | live viewers | unique visitors "
        "| people | 观看人数 | 累计观看人数 | 观众数 | zuschauer | espectadores",
    ),
    Field(
        "views",
        "count",
        "views | page views | total views | live views | visits | 观看次数 | 观看人次 "
        "| 累计观看次数 | 累计看播次数 | aufrufe | ansichten | visualizaciones | vistas",
    ),
    Field("watch_time", "duration", "watch time | total watch time | watchtime | 总观看时长"),
    Field(
        "watch_time",
        "number",
        "average concurrent | average viewers | acu | average concurrent viewers | 平均在线人数 "
        "| avg concurrent | avg concurrent viewers | avg viewers | mean concurrent",
        per="length",
    ),
    Field(
        "watch_time",
        "duration",
        "watch time per view | stay per view | 平均停留时长 | 平均观看时长 | "
        f"{_averages(' per view')}",
        per="views",
    ),
    Field(
        "watch_time",
        "duration",
        "watch time per viewer | stay per viewer | 人均观看时长 | 人均停留时长 | "
        f"{_averages(' per viewer')} | {_averages(' per user')}",
        per="viewers",
    ),
    # a dashboard's average is a view's; of a sheet that knows viewers alone it can only be theirs
    Field("watch_time", "duration", f"{_averages()} | {_STAYS}", per="views"),
    Field("watch_time", "duration", f"{_averages()} | {_STAYS}", per="viewers"),
    Field(
        "peak",
        "count",
        "peak | peak viewers | peak concurrent | pcu | 最高在线人数 | 峰值 | peak "
        "concurrent viewers | max concurrent | max concurrent viewers | max viewers | max ccu "
        "| peak ccu | peak audience | 人气峰值 | 最高在线 | spitze | máximo de espectadores",
    ),
    Field(
        "product",
        "text",
        "product | product name | product title | item | item name | sku | article "
        "| listing | listing title | 商品 | 商品名称 | 品名 | 产品 | artikel | produkt | producto "
        "| artículo",
    ),
    Field(
        "variant",
        "text",
        "variant | option | size | colour | color | shade | 规格 | 款式 | 颜色 "
        "| 尺码 | variante | größe | farbe | talla",
    ),
    Field(
        "price",
        "money",
        "price | unit price | live price | selling price | sale price | 单价 | 价格 "
        "| 直播价 | preis | stückpreis | verkaufspreis | precio",
    ),
    Field(
        "units",
        "count",
        "units | units sold | sold | items sold | quantity | qty sold | 销量 | 成交件数 "
        "| 件数 | verkauft | vendidos | qty | sales units | sold units | quantity sold | unit sold "
        "| item sold | sold items | pieces sold | pcs sold | 销售件数 | 成交量 | menge | stückzahl "
        "| unidades | unidades vendidas",
    ),
    Field(
        "orders",
        "count",
        "orders | paid orders | orders paid | orders paid for | sku orders | total orders "
        "| number of orders | order count | 订单数 | 成交订单数 | 支付订单数 | bestellungen "
        "| bezahlte bestellungen | pedidos",
    ),
    Field(
        "stock",
        "count",
        "stock | on hand | inventory | units available | 库存 | 备货 | opening stock "
        "| initial stock | starting stock | available units | qty available | 备货量 "
        "| bestand | lagerbestand | vorrat | existencias | inventario",
    ),
    Field(
        "sold_out_at",
        "after",
        "sold out at | sold out | sold out after | gone at | gone after | sold out time "
        "| 售罄时间 | 售罄 | ausverkauft um | ausverkauft | ausverkauft nach | agotado "
        "| agotado a las",
    ),
    Field(
        "refunded",
        "count",
        "refunded | returned | returns | units returned | returned units "
        "| units refunded | 退货 | 退货件数 | 退款件数 | retouren | zurückgeschickt | devoluciones "
        "| devueltos",
    ),
    Field(
        "forecast",
        "number",
        "forecast | forecast units | units forecast | expected units "
        "| planned units | 预测 | 预估销量 | prognose | erwartet | previsión | pronóstico",
    ),
    Field(
        "revenue",
        "money",
        "revenue | gmv | gross revenue | sales value | gross sales | turnover | 销售额 "
        "| 成交金额 | 成交额 | umsatz | ingresos | ventas",
    ),
    Field("currency", "text", "currency | 币种 | währung | moneda"),
    Field(
        "placed",
        "count",
        "placed | placed orders | orders placed | created orders | orders created | 下单数 "
        "| aufgegebene bestellungen | pedidos realizados",
    ),
    Field(
        "clicks",
        "count",
        "clicks | product clicks | item clicks | 商品点击次数 | 点击次数 | klicks | clics",
    ),
    Field("clicks", "share", "live ctr | clicks per view", per="views"),
    Field("slot_at", "after", "slot at | slot start | on at | went on at"),
    Field("slot_time", "duration", "slot time | slot length | time on"),
)


def _headings(*to: str) -> str:
    return " | ".join(field.headings for field in _PLAIN if field.to in to)


PLAIN: Final = Format(
    "sheet",
    "a sheet of your own: a row a show, or a row a show and product",
    "product",
    (
        _headings("show", "start", "date"),
        _headings("units", "views", "viewers", "stock", "orders", "peak"),
    ),
    _PLAIN,
)

MINUTE_SHEET: Final = Format(
    "minutes",
    "a sheet of your own: a row a show and minute",
    "minute",
    (
        "minute | at | moment",
        "concurrent | online | watching | orders | units | sold | came | entered | views",
    ),
    (
        Field("show", "text", "show | show id"),
        Field("moment", "moment", "moment"),
        Field("at", "after", "at"),
        Field("at", "after", "minute", unit="min"),
        Field("product", "text", "product"),
        Field("came", "count", "came | entered"),
        Field("left", "count", "left"),
        Field("concurrent", "count", "concurrent | online | watching"),
        Field("views", "count", "views"),
        Field("units", "count", "units | sold"),
        Field("orders", "count", "orders"),
        Field("revenue", "money", "revenue | gmv"),
        Field("clicks", "count", "clicks"),
    ),
)

#: What livesim writes itself: its own columns, all of them, in its own units.
_OWN_KINDS: Final[dict[str, Kind]] = {
    "text": "verbatim",
    "number": "exact",
    "moment": "moment",
}


#: One in so many of its own columns may be gone, an assumption: a sheet of somebody's has fewer.
_DELETED: Final = 3


def _own(name: str, of: Of, columns: Sequence[Column]) -> Format:
    fields = tuple(Field(one.name, _OWN_KINDS[one.holds], one.name) for one in columns)
    signs = tuple(names(columns))  # somebody may have deleted what was empty
    return Format(
        name, "what livesim import writes", of, signs, fields, may_lack=len(signs) // _DELETED
    )


OWN: Final = (
    _own("livesim-shows", "product", SHOWS),
    _own("livesim-minutes", "minute", MINUTES),
)

FORMATS: Final = (*OWN, *PLATFORMS, MINUTE_SHEET, PLAIN)
"""In the order in which they are preferred."""


@dataclass(frozen=True)
class Match:
    """A format that a row of headings has the signs of.

    Parameters
    ----------
    format
        The format.
    columns
        What it reads: by number of the column, from 0, its fields and the unit in the heading.
    """

    format: Format
    columns: dict[int, tuple[tuple[Field, ...], str]]


def match(
    headings: Sequence[object], formats: Sequence[Format] = FORMATS, paths: bool = False
) -> Match | None:
    """Return the format that a row of headings has, with what it reads; None where it has none.

    Parameters
    ----------
    headings
        The cells of a row.
    formats
        Of several whose signs are all there, the first counts.
    paths
        True where the headings are paths of JSON, which are known by their last names, too.

    Examples
    --------
    >>> found = match(["Date", "Product", "Sold", "Stock", "Remark"])
    >>> found.format.name, [fields[0].to for fields, _ in found.columns.values()]
    ('sheet', ['date', 'product', 'units', 'stock'])
    """
    keys = [_path_keys(str(one)) if paths else _keys(one) for one in headings]
    for one in formats:
        columns = _columns(one, keys)
        there = {key for tried in keys for key, _ in tried}
        missing = sum(not there & set(_names(sign)) for sign in one.signs)
        if columns and missing <= one.may_lack:
            return Match(one, columns)
    return None


def _columns(
    of: Format, keys: Sequence[Sequence[tuple[str, str]]]
) -> dict[int, tuple[tuple[Field, ...], str]]:
    return {column: told for column, tried in enumerate(keys) if (told := _told(of, tried))}


def meant(headings: Sequence[str]) -> dict[str, str]:
    """Return which headings of a sheet that is not recognised are near to known ones, to which.

    Examples
    --------
    >>> meant(["Dat", "Product", "Remark"])
    {'Dat': 'date'}
    """
    known = Match(PLAIN, _columns(PLAIN, [_keys(one) for one in headings]))
    unknown = [one for column, one in enumerate(headings) if column not in known.columns]
    return {one: name for one in unknown if (name := nearest(one, known))}


#: How much of a heading must be as in a known one to ask about it, an assumption: "viewrs" is.
_NEAR: Final = 0.8


def nearest(heading: str, found: Match, cells: Sequence[str] | None = None) -> str:
    """Return the heading that an unknown one may be meant for; empty where there is none.

    Parameters
    ----------
    heading
        The unknown one.
    found
        What is read beside it: nobody is asked about a figure that is there.
    cells
        What stands below it: a name has letters, and a figure digits.

    Examples
    --------
    >>> found = match(["Date", "Product", "Sold", "Viewrs"])
    >>> nearest("Viewrs", found, ["300"]), nearest("Remark", found, ["300"])
    ('viewers', '')
    """
    there = {one.to for fields, _ in found.columns.values() for one in fields}
    letters, digits = (
        cells is None or any(one(sign) for cell in cells for sign in cell)
        for one in (str.isalpha, str.isdigit)
    )
    missing = [
        name
        for one in found.format.fields
        if one.to not in there and (letters if one.kind in ("text", "verbatim") else digits)
        for name in one.names
    ]
    keys = [key for key, _ in reversed(_keys(heading))]
    if found.format.by_heading.keys() & keys:  # a figure whose unit is another one
        return ""
    for key in keys:
        for name in get_close_matches(key, missing, n=1, cutoff=_NEAR):
            return name
    return ""


def _told(of: Format, tried: Sequence[tuple[str, str]]) -> tuple[tuple[Field, ...], str] | None:
    """Return the fields that the first name known tells, with its unit."""
    for key, unit in tried:
        fields = tuple(one for one in of.by_heading.get(key, ()) if one.takes(unit))
        if fields:
            return fields, unit
    return None


def _keys(heading: object) -> list[tuple[str, str]]:
    """Return under which names a heading is looked up, with the unit that each leaves."""
    if heading is None or not str(heading).strip():
        return []
    whole = plain(heading)
    return [(whole, ""), with_unit(whole)]


def _path_keys(path: str) -> list[tuple[str, str]]:
    """Return under which names a path of JSON is looked up: by its last names, too."""
    parts = path.split(".")
    least = len(parts) if path.startswith(ABOVE) else 1
    return [(plain(".".join(parts[-n:])), "") for n in range(len(parts), least - 1, -1)]


def formats_called(name: str | None) -> tuple[Format, ...]:
    """Return the formats that files may have: all, or the one that is asked for.

    Raises
    ------
    UsageError
        If none is called so.
    """
    found = tuple(one for one in FORMATS if name in (None, one.name))
    if not found:
        raise UsageError(
            f"no format is called {name}: {did_you_mean(str(name), [f.name for f in FORMATS])}"
        )
    return found


def zone_called(name: str) -> ZoneInfo:
    """Return a time zone.

    Raises
    ------
    UsageError
        If none is called so.
    """
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise UsageError(f"no time zone is called {name}: write one such as Asia/Bangkok") from None


def described() -> str:
    """Return which exports are known: what each is recognised by, and what its columns become."""
    blocks = []
    for one in FORMATS:
        lines = [f"{one.name}: {one.title}", f"  has: {'; '.join(one.signs)}"]
        if one not in OWN:
            lines += [f"  {field.says} <- {field.headings}" for field in one.fields]
        blocks.append("\n".join([*lines, *(f"  {text}" for text in one.says)]))
    return "\n\n".join(blocks)
