"""Numbers as people read them.

Three digits are what a forecast can carry at most; the exact figures are in the tables of a result.
"""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import partial
from math import floor, isfinite, log10
from typing import Final

from livesim.report.language import Called, known, say, spoken
from livesim.report.naming import product, slot
from livesim.resolve import words
from livesim.resolve.terms import fixed_costs
from livesim.results.intervals import Estimate
from livesim.scenario.currencies import decimals
from livesim.scenario.scenario import Scenario
from livesim.scenario.uncertain import likely

_NOTHING: Final = 1e-9
"""A share that is less is one of floating-point rounding."""
_LONG: Final = 1e7
"""From this on an amount in full is too long for a column of a table."""
_NO_BREAK: Final = "\N{NO-BREAK SPACE}"
_BEFORE_A_UNIT: Final = re.compile(
    r"(?<=\d) (?=%|(?:h|min|s|pp|k|M|bn|kg|g|mg|l|cl|ml|m|cm|mm|km|oz|lb|W|GB|TB)\b)"
    r"|(?<=\b[A-Z]{3}) (?=-?\d)|(?<=±) (?=\d)"
    r"|(?<=[\w%]) (?=[–→] [-<>\d])|(?<=[\d%]) (?=[\u3400-\u9fff])|(?<=:) (?=\S+[”;])"
    r"|(?<=\w) (?=±$)"
)
"""The blank between a value and its unit, currency or dash, before the value of a change, and
before the sign that ends the name of an error."""
_PIECE: Final = re.compile(r"[^\s._=:;,-]*[\s._=:;,-]|[^\s._=:;,-]+")
"""What stands in one line of a word that is too wide: as much as ends with a mark."""
ROOM: Final = 36
"""Columns that names have in a sentence that is to be one line."""


def counted(number: float, one: str, many: str | None = None) -> str:
    """Return a count with what is counted, in the singular where the count reads 1.

    Examples
    --------
    >>> counted(1, "order"), counted(3_000, "order")
    ('1 order', '3,000 orders')
    """
    shown, _, noun = words.counted(number, one, many).partition(" ")
    return say(f"{{number}} {noun}", number=spoken().number(shown))


def duration(seconds: float) -> str:
    """Return a time [s] in the two units that matter.

    Examples
    --------
    >>> duration(250)
    '4 min 10 s'
    """
    parts = words.duration(seconds).split(" ")
    pairs = zip(parts[::2], parts[1::2], strict=True)
    return " ".join(say(f"{{number}} {unit}", number=number) for number, unit in pairs)


def listed(names: Iterable[str]) -> str:
    """Return names as a list in a sentence.

    Examples
    --------
    >>> listed(["a", "b", "c"])
    'a, b and c'
    """
    *most, last = names
    return say("{most} and {last}", most=say(", ").join(most), last=last) if most else last


def amount(number: float | None) -> str:
    """Return a count or an amount of money, rounded to three digits and at most one decimal.

    Parameters
    ----------
    number : float or None
        The amount, in any unit.

    Returns
    -------
    str
        A dash where there is none.

    Examples
    --------
    >>> [amount(x) for x in (7, 0.42, 0, -0.02, 87.7, 1234, 15_240, 999_600, -2_500_000)]
    ['7', '0.4', '0', '0', '88', '1,230', '15,200', '1 M', '-2.5 M']
    """
    if number is None:
        return "-"
    rounded, now = _rounded(number), spoken()
    for least, divisor, name in now.sizes:
        if abs(rounded) >= least:
            return now.number(f"{rounded / divisor:,.4g}") + name
    return _in_full(rounded)


def in_one_unit(numbers: Iterable[float | None]) -> Callable[[float | None], str]:
    """Return what writes amounts that stand below each other: in one unit, with equal decimals.

    It is the largest unit in which the largest has three digits, and none fewer than two. Where
    there is no such unit, amounts are written in full, each rounded to three digits, and of those
    too long for that each in a unit of its own.

    Parameters
    ----------
    numbers : iterable of float or None
        All amounts of a column, in any unit.

    Returns
    -------
    callable
        Writes one of them, as :func:`amount` does one alone.

    Examples
    --------
    >>> profits = [1_413_000, -709_200, 0, None]
    >>> [*map(in_one_unit(profits), profits)]
    ['1.41 M', '-0.71 M', '0', '-']
    >>> for apart in [25_413_000, 164_000], [2_540_000, 4_100], [2_540_000_000, 4_100]:
    ...     print(*map(in_one_unit(apart), apart))
    25.41 M 0.16 M
    2,540,000 4,100
    2.54 bn 4,100
    """
    exact = [one for one in numbers if one and isfinite(one)]
    sizes = [abs(_rounded(one)) for one in exact]
    largest = max(sizes, default=0.0)
    for least, divisor, name in spoken().sizes:
        if largest >= least:
            places = max(0, 2 - floor(log10(largest / divisor)))
            fits = [p for p in (places, 2) if min(sizes) / divisor >= 10 * 10.0**-p]
            if fits and (fits[0] == places or largest >= _LONG):
                places = fits[0]
                used = max(_decimals(one / divisor) for one in exact)
                return partial(_written, divisor, min(used, places), name)
    return amount if largest >= _LONG else partial(_written, 1.0, 0, "")


def _decimals(number: float) -> int:
    """Return how many decimals a number has, but for errors of adding up."""
    return len(f"{number:.9f}".partition(".")[2].rstrip("0"))


def _written(divisor: float, places: int, name: str, number: float | None) -> str:
    """Return an amount in a unit; without one, rounded to three digits."""
    if number is None:
        return "-"
    if not name:
        return _in_full(_rounded(number))
    if not number:
        return "0"
    told = f"{number / divisor:,.{places}f}"
    if not told.strip("-0."):  # an error that is smaller than the last digit
        told = f"<{10.0**-places:.{places}f}"
    return spoken().number(told) + name


def _in_full(rounded: float) -> str:
    """Return an amount that is rounded to three digits, in no unit."""
    told = f"{rounded:,.0f}" if rounded == int(rounded) else f"{rounded:.1f}"
    return spoken().number(told)


def large(number: float) -> str:
    """Return a number as :func:`units` does, from a million on in words, to six digits.

    Examples
    --------
    >>> [large(x) for x in (15_240, 1_250_000, -2e9)]
    ['15,240', '1.25 M', '-2 bn']
    """
    now = spoken()
    for least, divisor, name in now.sizes:
        if abs(number) >= max(least, 1e6):
            return now.number(f"{number / divisor:,.6g}") + name
    return units(int(number))


def on_axis(number: float, most: float) -> str:
    """Return a number of an axis, all of which are written in the unit of the largest.

    Parameters
    ----------
    number : float
        The number, in any unit.
    most : float
        How far the axis goes from 0.

    Examples
    --------
    >>> [on_axis(x, 1_500_000) for x in (0, 500_000, 1_500_000)], on_axis(0.25, 1)
    (['0', '0.5 M', '1.5 M'], '0.25')
    """
    now = spoken()
    sizes = ((divisor, name) for least, divisor, name in now.sizes if most >= least)
    divisor, name = next(sizes, (1.0, ""))
    return now.number(f"{number / divisor:,.6g}") + name if number else "0"


def exactly(number: float, decimals: int) -> str:
    """Return an amount of money that is known exactly, as what a purchase costs.

    Parameters
    ----------
    number : float
        The amount, in any currency.
    decimals : int
        How many it has, as :func:`decimals_of` what stands beside it.

    Examples
    --------
    >>> exactly(2464.0, 2), exactly(6_679_800, 0)
    ('2,464.00', '6,679,800')
    """
    return spoken().number(f"{number:,.{decimals}f}")


def decimals_of(amounts: Iterable[float], currency: str) -> int:
    """Return how many decimals exact amounts have beside each other: none where all are whole.

    Examples
    --------
    >>> decimals_of([2464.0, 232.5], "EUR"), decimals_of([80.0, 22.0], "EUR")
    (2, 0)
    """
    places = decimals(currency)
    rounded = [round(one, places) for one in amounts]
    return 0 if rounded == [round(one) for one in rounded] else places


def spread(figure: Estimate) -> tuple[str, str, str]:
    """Return the 10th, 50th and 90th percentile of a figure in words."""
    return amount(figure.p10), amount(figure.p50), amount(figure.p90)


def not_significant() -> str:
    """Return what stands in the place of a difference that is not significant at 95 %."""
    return say("n.s.")


def mark_explained(rows: Iterable[Sequence[str]]) -> tuple[str, ...]:
    """Return what the mark of a difference that is not significant means, if a row has it."""
    if not any(not_significant() in row for row in rows):
        return ()
    return (say("{not_significant}: not significant at 95 %", not_significant=not_significant()),)


def show_title(scenario: Scenario) -> str:
    """Return what a show is called, when it starts and how long it is."""
    show = scenario.show
    when = [f"{show.start:%Y-%m-%d %H:%M}"] if show.start else []
    return " · ".join([scenario.title, *when, duration(show.length)])


def units(number: int) -> str:
    """Return a number of units that somebody chose, exactly.

    Parameters
    ----------
    number : int
        Units [1].

    Returns
    -------
    str

    Examples
    --------
    >>> units(15_240)
    '15,240'
    """
    return spoken().number(f"{number:,}")


def volume(litres: float) -> str:
    """Return a volume as people read it.

    Examples
    --------
    >>> volume(0.3), volume(8_400)
    ('0.3 l', '8.4 m³')
    """
    return f"{litres / 1000:,.4g} m³" if litres >= 1000 else f"{litres:,.4g} l"


def percent(share: float, decimals: int = 0) -> str:
    """Return a share or chance in percent; only 0 is written as 0, and only 1 as 100.

    Parameters
    ----------
    share : float
        In [0, 1] [1].
    decimals : int
        Decimals shown.

    Returns
    -------
    str

    Examples
    --------
    >>> percent(0.9347), percent(0.0213, decimals=1), percent(0.0), percent(-0.001), percent(1.0)
    ('93 %', '2.1 %', '0 %', '0 %', '100 %')
    >>> percent(0.0005), percent(0.998), percent(0.99996, decimals=1)
    ('<1 %', '>99 %', '>99.9 %')
    """
    if rounds_to_nothing(share, decimals):
        return spoken().number(f"<{10**-decimals:g} %")
    if rounds_to_all(share, decimals):
        return spoken().number(f">{100 - 10**-decimals:g} %")
    return spoken().number(f"{100 * share:z.{decimals}f} %")


def rounds_to_nothing(share: float, decimals: int = 0) -> bool:
    """Say whether a share above 0, other than by floating-point rounding, would be written as 0.

    Examples
    --------
    >>> rounds_to_nothing(0.005), rounds_to_nothing(0.0), rounds_to_nothing(0.02)
    (True, False, False)
    """
    return share > _NOTHING and float(f"{100 * share:.{decimals}f}") == 0


def rounds_to_all(share: float, decimals: int = 0) -> bool:
    """Say whether a share below 1, other than by floating-point rounding, would be written as 100.

    Examples
    --------
    >>> rounds_to_all(0.995), rounds_to_all(1.0), rounds_to_all(0.98)
    (True, False, False)
    """
    return share < 1 - _NOTHING and float(f"{100 * share:.{decimals}f}") == 100


def with_interval(
    value: float, interval: tuple[float, float], write: Callable[[float], str]
) -> str:
    """Return a figure with its error, or with its interval where the sides are not alike.

    Parameters
    ----------
    value : float
        The figure, in any unit.
    interval : tuple of float
        Its interval, without what the figure cannot be.
    write : callable
        What writes such a figure.

    Examples
    --------
    >>> with_interval(0.43, (0.35, 0.51), percent), with_interval(0.01, (0.0, 0.04), percent)
    ('43 % ± 8', '1 % (0 – 4 %)')
    """
    low, high = interval
    below, above = write(value - low), write(high - value)
    if below == above:
        return f"{write(value)} ± {above.removesuffix(' %')}"
    return f"{write(value)} ({write(low).removesuffix(' %')} – {write(high)})"


def within(
    value: float,
    low: float | None,
    high: float | None,
    axis: Sequence[float],
    least: float = 0.0,
) -> str:
    """Return a figure with the digits that its interval justifies.

    The rule is that of the Particle Data Group (Review of Particle Physics, introduction): the last
    digit shown is worth between 1/35.5 and 1/3.55 of the half-width; and at most three digits.

    Parameters
    ----------
    value : float
        The figure, in any unit.
    low, high : float or None
        The ends of its interval; None where it has none on the axis.
    axis : sequence of float
        Values that were looked at; the lowest and highest stand in for missing ends.
    least : float
        What the last digit is worth at least: 1 of what is counted.

    Returns
    -------
    str

    Examples
    --------
    >>> within(0.0758, -0.388, 0.477, [-1, 1]), within(12_345, 12_210, None, [0, 12_500])
    ('0.1', '12,300')
    >>> within(71.23, 69.8, 72.7, [50, 300], least=1)
    '71'
    """
    ends = (min(axis) if low is None else low, max(axis) if high is None else high)
    largest = max(map(abs, (value, *ends))) or 1.0
    last_digit = max((ends[1] - ends[0]) / 2 / 3.55, largest / 100, least)
    place = floor(log10(last_digit))
    rounded = round(value, -place) + 0.0  # + 0.0 makes 0 of -0
    return spoken().number(f"{rounded:,.{max(0, -place)}f}")


def costs_nothing(scenarios: Collection[Scenario]) -> Iterator[str]:
    """Say of which products shows differ in what is owned, where that keeps what it cost."""
    if names := _unlike_at_no_cost(scenarios):
        yield say(
            "What is owned of {names} and not sold keeps its cost here, so that more of it costs "
            "nothing: livesim plan says what to buy, and left_over_value compares stocks.",
            names=listed(names),
        )


def at_no_cost(scenarios: Collection[Scenario]) -> str:
    """Return what a sentence that prefers one show adds, where more stock costs nothing in it."""
    if not _unlike_at_no_cost(scenarios):
        return ""
    return say(", where stock that is not sold keeps its cost: more of it costs nothing here")


def _unlike_at_no_cost(scenarios: Collection[Scenario]) -> list[str]:
    """Return of which products shows differ in what is owned, where that keeps what it cost."""
    owned: dict[str, set[int]] = {}
    for scenario in scenarios:
        for name, one in scenario.products.items():
            if one.keeps_its_cost or one.on_consignment:
                owned.setdefault(name, set()).add(one.owned)
    return [product(name) for name, several in owned.items() if len(several) > 1]


#: Costs of a show as a whole, as a sentence names them.
_FIXED_COSTS: Final = {
    "slot_fees": "slot fees",
    "guest_fee": "guest fee",
    "campaign_cost": "campaign",
    "room_fees": "fees of rooms",
}


def told_fixed_costs(scenario: Scenario) -> Iterator[str]:
    """Say what the show costs whatever it sells, if anything.

    Examples
    --------
    >>> import livesim
    >>> fees = {"deal.slot_fee": 900, "deal.guest_fee": 8000}
    >>> [*told_fixed_costs(livesim.load("scenarios/brand_room.yaml", fees))]
    ['fixed costs: CNY 10,700 (slot fees 2,700 and guest fee 8,000)']
    """
    if costs := fixed_costs(scenario):
        yield say("fixed costs: {currency} {sum} ({what})", **_summed(costs, scenario))


def with_fixed_costs(said: str, scenario: Scenario) -> str:
    """Return what is said of costs, and what of them is there whatever the show sells.

    Examples
    --------
    >>> import livesim
    >>> room = livesim.load("scenarios/brand_room.yaml", {"deal.slot_fee": 900})
    >>> with_fixed_costs("CNY 500 of costs are for stock you own", room)
    'CNY 500 of costs are for stock you own, CNY 2,700 fixed (slot fees)'
    """
    costs = fixed_costs(scenario)
    if not costs:
        return said
    return say("{said}, {currency} {sum} fixed ({what})", said=said, **_summed(costs, scenario))


def _summed(costs: Mapping[str, float], scenario: Scenario) -> dict[str, str]:
    """Return the sum of fixed costs and the name of each, as sentences have them."""
    names = {name: say(_FIXED_COSTS[name]) for name in costs}
    if scenario.deal.guaranteed_volume and "slot_fees" in costs:
        names["slot_fees"] = say("slot fees before refunds")
    currency = scenario.show.currency
    places = decimals_of(costs.values(), currency)
    each = [f"{names[name]} {exactly(cost, places)}" for name, cost in costs.items()]
    return {
        "currency": currency,
        "sum": exactly(sum(costs.values()), places),
        "what": listed(each) if len(costs) > 1 else names[next(iter(costs))],
    }


def with_kept_cost(said: str, scenario: Scenario) -> str:
    """Return a text, and of what is owned what keeps its cost if it is not sold, unlike a purchase.

    Parameters
    ----------
    said
        What is said before.
    scenario
        The show.

    Examples
    --------
    >>> import livesim
    >>> room = livesim.load("scenarios/brand_room.yaml")
    >>> kept = room.with_changes({"products.serum.left_over_value": "kept"})
    >>> with_kept_cost("a loss in 7 %", kept)
    'a loss in 7 %; what of serum is owned and not sold keeps its cost, what a plan buys does not'
    """
    owned = {
        name: one
        for name, one in scenario.products.items()
        if (one.owned or one.arriving) and not one.on_consignment
    }
    kept = [product(name) for name, one in owned.items() if one.keeps_its_cost]
    if not kept:
        return said
    if len(kept) == len(owned):
        said = say("{said}; what is owned and not sold keeps its cost", said=said)
    else:
        said = say(
            "{said}; what of {names} is owned and not sold keeps its cost",
            said=said,
            names=some(kept),
        )
    return say("{said}, what a plan buys does not", said=said)


def fewer_come(scenario: Scenario) -> Iterator[str]:
    """Say how many come while nothing is on hand, where the platform brings fewer then."""
    arrivals = scenario.show.arrivals_when_unavailable
    if arrivals is not None:
        yield say(
            "While nothing on offer is on hand, {share} of the usual viewers come: an assumption "
            "of the file (show.arrivals_when_unavailable).",
            share=words.share(likely(arrivals)),
        )


def in_rundown(scenario: Scenario, products: Mapping[str, float]) -> dict[str, float]:
    """Return what is told of the products that slots sell, in the order of the rundown."""
    sold = dict.fromkeys(name for slot in scenario.rundown.values() for name in slot.sells)
    return {name: products[name] for name in sold if name in products}


def off_the_end(
    slots: Mapping[str, float], products: Mapping[str, float], room: float = ROOM
) -> Iterator[str]:
    r"""Say which slots and products come too late in which share of shows, as after a late guest.

    Parameters
    ----------
    slots, products
        Name → the share of shows in which a slot never starts, and a product is never on offer [1].
    room
        As for :func:`some`.

    Examples
    --------
    >>> slots = {"talk": 0.0, "mask": 0.2, "end": 0.25}
    >>> print(*off_the_end(slots, {"mask": 0.2, "serum": 0.0}), sep="\n")
    Slots that some shows do not get to: end (25 %) and mask (20 %).
    Never on offer in some shows: mask (20 %).
    """
    if late := in_part(slots, slot, room):
        yield say("Slots that some shows do not get to: {late}.", late=late)
    if lost := in_part(products, product, room):
        yield say("Never on offer in some shows: {lost}.", lost=lost)


def in_part(shares: Mapping[str, float], called: Callable[[str], str], room: float = ROOM) -> str:
    """Name those with a share above 0, the largest first; nothing where there are none.

    Those below 1 % are named only where there are no others.
    """
    there = [name for name in shares if shares[name] > 0]
    large_ones = [name for name in there if not rounds_to_nothing(shares[name])]
    those = sorted(large_ones or there, key=lambda name: -shares[name])
    told = {called(name): percent(shares[name], int(shares[name] < 0.1)) for name in those}
    return some((say("{what} ({value})", what=n, value=share) for n, share in told.items()), room)


def some(names: Iterable[str], room: float = ROOM) -> str:
    """Return as many names as a line has room for, and how many more there are.

    Parameters
    ----------
    names
        The names, the first in any case.
    room
        Columns that they may take.

    Examples
    --------
    >>> some(["serum", "mask", "lip tint"]), some(["serum", "mask", "lip tint"], 22)
    ('serum, mask and lip tint', 'serum, mask and 1 more')
    """
    told = list(names)
    for shown in range(len(told), 0, -1):
        more = [say("{number} more", number=len(told) - shown)] if len(told) > shown else []
        if columns(text := listed([*told[:shown], *more])) <= room:
            break
    return text if told else ""


def columns(text: str) -> int:
    """Return how many columns a text takes: two for a Chinese character or an emoji.

    Parameters
    ----------
    text : str
        One line.

    Examples
    --------
    >>> columns("lipstick"), columns("口红")
    (8, 4)
    """
    from rich.cells import cell_len

    return cell_len(text)


def glued(text: str) -> str:
    r"""Return a text, no value on another line than its unit, its dash or its currency.

    Examples
    --------
    >>> glued("CNY 6.68 M in 2 h, 95 % of shows ± 3").split(" ")
    ['CNY\xa06.68\xa0M', 'in', '2\xa0h,', '95\xa0%', 'of', 'shows', '±\xa03']
    >>> glued("with “no guest; guest fee: 0”").split(" ")
    ['with', '“no', 'guest;', 'guest', 'fee:\xa00”']
    >>> glued("the good range, 6 – 7, and 5 % → 8 %").split(" ")
    ['the', 'good', 'range,', '6\xa0–', '7,', 'and', '5\xa0%\xa0→', '8\xa0%']
    """
    return _BEFORE_A_UNIT.sub(_NO_BREAK, text)


def wrapped(text: str, width: int, indent: str = "") -> list[str]:
    """Return the lines of a text, broken at blanks, and within words that are wider than a line.

    Parameters
    ----------
    text : str
        What to wrap.
    width : int
        Most columns of a line.
    indent : str
        What goes before every line but the first.

    Examples
    --------
    >>> wrapped("A show of many words", 10)
    ['A show of', 'many words']
    >>> wrapped("双十一预售专场", 10)
    ['双十一预售', '专场']
    """
    lines: list[str] = []
    for word in re.split(r"[ \n\t]+", text):
        if lines and columns(lines[-1]) + 1 + columns(word) <= width:
            lines[-1] += f" {word}"
        elif word:
            room = width - columns(indent)
            parts = _chopped(word, room)
            lines += [f"{indent}{part}" if lines or n else part for n, part in enumerate(parts)]
    return lines


#: What a line of Chinese can end behind: a character with its marks, or a word of letters.
_PIECES: Final = re.compile(
    r"([ \n\t]*)([{0}]*(?:[{2}]|[^ \n\t{0}{1}{2}]+(?:(?<=\xa0)[{2}])?)[{1}]*|[{0}{1}]+)".format(
        "（《「『“",  # noqa: RUF001
        "，。；：、！？）》」』”",  # noqa: RUF001
        "\u3005-\u30ff\u3400-\u9fff",
    )
)


def justified(text: str, width: int, indent: str = "") -> list[str]:
    r"""Return the lines of a paragraph, which :func:`wrapped` breaks at blanks only.

    Chinese goes over lines between any two characters, but for its marks.

    Parameters
    ----------
    text, width, indent
        As for :func:`wrapped`.

    Examples
    --------
    >>> justified("A show of many words", 10)
    ['A show of', 'many words']
    >>> justified("双十一 Ji-woo 预售专场。", 14)
    ['双十一 Ji-woo', '预售专场。']
    >>> justified("其余按建议可在其中协商。", 22), justified("预测中的 4\xa0次", 11)
    (['其余按建议可在其中协', '商。'], ['预测中的', '4\xa0次'])
    """
    lines: list[str] = [""]
    for blank, piece in _PIECES.findall(text):
        longer = lines[-1] + " " * bool(blank and lines[-1]) + piece
        if columns(longer) <= width:
            lines[-1] = longer
        elif columns(piece) + columns(indent) <= width:
            lines.append(indent + piece)
        else:
            lines += [f"{indent}{part}" for part in _chopped(piece, width - columns(indent))]
    return [line for line in lines if line]


def balanced(text: str, lines: Sequence[str]) -> list[str]:
    """Return a text in as many lines as it has, as long as each other: none has a letter alone.

    Examples
    --------
    >>> balanced("所有商品的整体需求", ["所有商品的整体需", "求"])
    ['所有商品的', '整体需求']
    """
    text = glued(text)
    pieces = (piece for _, piece in _PIECES.findall(text))
    least, most = (max(map(columns, parts), default=1) for parts in (pieces, lines))
    while least < most:
        middle = (least + most) // 2
        if len(wrapped(text, middle)) > len(lines):
            least = middle + 1
        else:
            most = middle
    return [line.replace(_NO_BREAK, " ") for line in wrapped(text, most)]


def folded(name: str, width: int) -> str:
    """Return a name in lines of a width, words that are wider broken after their own marks.

    Parameters
    ----------
    name : str
        A name, a path or a sentence.
    width : int
        Most columns of a line.

    Returns
    -------
    str

    Examples
    --------
    >>> print(folded("products.serum.owned=80", 10))
    products.
    serum.
    owned=80
    >>> print(folded("fit of Kim Ji-woo for fans", 12))
    fit of Kim
    Ji-woo for
    fans
    """
    lines = [""]
    for word in re.findall(r"[^ \n\t]*[ \n\t]|[^ \n\t]+", glued(name)):
        wide = columns(word.rstrip()) > width
        for piece in re.findall(_PIECE, word) if wide else [word]:
            if columns(lines[-1]) + columns(piece.rstrip()) > width:
                lines.append("")
            lines[-1:] = _chopped(lines[-1] + piece, width)
    told = (line.strip().replace(_NO_BREAK, " ") for line in lines)
    text = "\n".join(filter(None, told))
    return Called(text) if isinstance(name, Called) else text


def sweep_label(name: str) -> str:
    """Return a measure's name as it stands in a sweep's tables and figures.

    Parameters
    ----------
    name : str
        A measure.

    Returns
    -------
    str

    Examples
    --------
    >>> sweep_label("sales"), sweep_label("unique_viewers")
    ('units sold', 'unique viewers')
    """
    names = {"sales": "units sold", "sold_out": "sold out", "gmv": "GMV"}
    return known(names.get(name, name.replace("_", " ")))


def _chopped(text: str, width: int) -> list[str]:
    """Return a text in parts of at most a width.

    None ends with a bracket that opens, and none begins with a mark that closes.
    """
    from rich.cells import chop_cells

    parts = [""]
    for blank, piece in _PIECES.findall(text):
        if columns(parts[-1] + blank + piece) <= width:
            parts[-1] += blank + piece
        elif columns(piece) <= width:
            parts.append(piece)
        else:
            parts += chop_cells(piece, width)
    parts[-1] += text[len(text.rstrip()) :]
    return [part for part in parts if part]


def _rounded(number: float) -> float:
    if abs(number) < 10:
        return round(number, 1) + 0.0  # no minus before a zero
    return round(number, 2 - max(2, floor(log10(abs(number)))))
