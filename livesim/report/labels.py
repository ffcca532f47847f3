"""What people call an uncertain quantity, and the key at a path of a file."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Final

from livesim.report.language import heading, say
from livesim.report.naming import of_section, variant
from livesim.resolve.keys import NAME, all_keys

#: The path of a quantity, * for any name → what it is called, with these names in it.
_LABELS: Final = {
    "show.appeal": "demand for all products together",
    "show.arrivals_when_unavailable": "how many come while nothing is on hand",
    "show.turnout_factor": "number of viewers",
    "people.*.pull": "how many viewers {name} draws",
    "people.*.pull_by_segment.*": "how many viewers {name} draws ({other})",
    "people.*.lift": "how much {name} moves viewers to order",
    "people.*.keep": "how much longer viewers stay with {name}",
    "people.*.fit.*": "how well {name} suits {other}",
    "people.*.fit_by_category.*": "how well {name} suits {other}",
    "people.*.late": "how late {name} is",
    "people.*.no_show": "whether {name} comes",
    "segments.*.reach": "how many could come ({name})",
    "segments.*.turnout": "share who come ({name})",
    "segments.*.waiting": "share who wait at the start ({name})",
    "segments.*.arrivals.half_by": "by when half of the viewers come ({name})",
    "segments.*.arrivals.middle": "when most viewers come ({name})",
    "segments.*.arrivals.spread": "over how long viewers come ({name})",
    "segments.*.stay.*.mean": "how long viewers stay ({name}, {other})",
    "segments.*.stay_factor": "how long viewers stay ({name})",
    "segments.*.trust": "how readily they order ({name})",
    "segments.*.word_of_mouth": "word of mouth ({name})",
    "segments.*.recommendation": "how many viewers the platform brings ({name})",
    "products.*.appeal": "demand for {name} alone",
    "products.*.conversion": "{name} demand",
    "products.*.returns": "{name} returns",
    "products.*.returned_before_shipping": "share of {name} returns before shipping",
    "products.*.rush": "how long viewers take to decide on {name}",
    "products.*.elasticity": "what the price does to {name} demand",
    "products.*.herd": "what the sales shown do to {name} demand",
    "products.*.scarcity.multiplier": "what few units shown as left do to {name} demand",
    "products.*.shelf": "{name} demand after its slots",
    "products.*.backorder.accept": "share of buyers who would wait for {name}",
    "products.*.fake_orders.share": "share of {name} orders that are fake",
    "products.*.fake_orders.returned": "share of fake {name} orders that come back",
    "products.*.webshop.per_day": "how many {name} a webshop sells meanwhile",
    "products.*.coupon.lift": "what a few coupons do to {name} demand",
    "products.*.presale.balance_paid": "share of {name} balances paid",
    "campaign.word_of_mouth": "word of mouth before the show",
    "campaign.tiers.*.seen_by": "how many notice what {name} post",
    "campaign.tiers.*.posts": "how many of {name} post",
    "campaign.tiers.*.posted": "how many of {name} have posted",
    "campaign.tiers.*.following": "how many follow {name} who have posted",
    "campaign.tiers.*.delay": "how soon {name} post",
    "campaign.tiers.*.good": "how many reviews by {name} are good",
    "campaign.tiers.*.pull": "how many come for what {name} post",
    "campaign.tiers.*.trust": "how much {name} are trusted",
    "campaign.tiers.*.aware.*.good": "how many {name} convince ({other})",
    "campaign.tiers.*.aware.*.bad": "how many {name} put off ({other})",
    "checkout.unpaid": "share of orders never paid",
    "checkout.steps.*": "share of buyers who go through {name}",
}


#: The key of a value that livesim takes where nobody wrote one → what it is called.
_DEFAULTS: Final = {
    "products.*.left_over_value": "value of what is left over",
    "products.*.returns": "share of returns",
    "products.*.limit": "most units in an order",
    "products.*.quantity": "units in an order",
    "checkout.unpaid": "orders never paid",
    "deal.commission": "commission",
    "deal.platform_fee": "platform fee",
}

#: What inputs are called together, by the first name of their paths.
_GROUPS: Final = {
    "all": "all that is uncertain but chance",
    "show": "what all products share",
    "products": "what is each product's own",
    "people": "all about the people on stage",
    "segments": "all about who watches",
}

#: Keys whose names are no words for what they are → what they are called.
_CALLED: Final = {
    "show.start": "start of the show",
    "show.length": "length of the show",
    "people.NAME": "{name} in the show",
    "people.NAME.no_show": "{name} does not come",
    "people.NAME.late": "how late {name} is",
    "people.NAME.fit.NAME": "fit of {name} for {other}",
    "people.NAME.fit_by_category.NAME": "fit of {name} for {other}",
    "segments.NAME": "{name} among the viewers",
    "segments.NAME.comes_for": "whom {name} come for",
    "products.NAME": "{name} in the show",
    "products.NAME.owned": "{name} owned",
    "products.NAME.variants.NAME.owned": "{name} {other} owned",
    "products.NAME.left_over_value": "value of {name} left over",
    "products.NAME.limit": "most {name} in an order",
    "checkout.unpaid": "orders never paid",
    "rundown.NAME": "{name} in the rundown",
    "rundown.NAME.on_stage": "on stage in {name}",
    "rundown.NAME.sells": "what {name} sells",
    "rundown.NAME.waits_for": "whom {name} waits for",
    "supply.pack": "units in a pack",
}


def default_label(key: str) -> str:
    """Return what people call a value that nobody wrote.

    Examples
    --------
    >>> default_label("deal.commission"), default_label("products.serum.returns")
    ('commission', 'share of returns of serum')
    """
    section, name, *_ = key.split(".")
    if section != "products":
        return say(_DEFAULTS[key])
    what = say(_DEFAULTS[key.replace(f".{name}.", ".*.")])
    return (
        what if name == "*" else say("{what} of {name}", what=what, name=of_section(section, name))
    )


def label(path: str) -> str:
    """Return what people call the quantity at a path.

    Examples
    --------
    >>> label("products.serum.conversion"), label("segments.everyone.reach")
    ('serum demand', 'how many could come (everyone)')
    """
    names = path.split(".")
    for pattern, text in _LABELS.items():
        wanted = pattern.split(".")
        if len(wanted) == len(names) and all(
            one in ("*", name) for one, name in zip(wanted, names, strict=True)
        ):
            found = [name for one, name in zip(wanted, names, strict=True) if one == "*"]
            found[:1] = [of_section(names[0], name) for name in found[:1]]
            return say(text, **dict(zip(("name", "other"), found, strict=False)))
    return path


def group_label(name: str) -> str:
    """Return what people call uncertain quantities that are known together.

    Examples
    --------
    >>> group_label("show"), group_label("products.serum"), group_label("show.turnout_factor")
    ('what all products share', 'all about serum', 'number of viewers')
    """
    section, _, key = name.partition(".")
    if section == "products" and key and "." not in key:
        return say("all about {name}", name=of_section(section, key))
    if name in _GROUPS:
        return say(_GROUPS[name])
    return label(name) if key else say("all about {name}", name=name)


def with_ends(path: str) -> str:
    """Return what people call a quantity, with what low and high mean where that is not plain.

    Examples
    --------
    >>> with_ends("people.kim.no_show"), with_ends("products.serum.conversion")
    ('whether kim comes (if low: comes; if high: does not)', 'serum demand')
    """
    ends = say(" (if low: comes; if high: does not)") if path.endswith(".no_show") else ""
    return f"{label(path)}{ends}"


def key_label(path: str) -> str:
    """Return the key at a path in words, with what the planner has called what it is about.

    Examples
    --------
    >>> key_label("deal.guest_fee"), key_label("products.serum.unit_cost")
    ('guest fee', 'unit cost of serum')
    >>> key_label("people.kim.fit.fans"), key_label("products.serum.owned")
    ('fit of kim for fans', 'serum owned')
    """
    at, names = _told_apart(path)
    (section, *inside), called = at, [of_section(at[0], name) for name in names[:1]] + names[1:]
    if section == "products" and at[2:4] == ("variants", NAME):
        called[1] = variant(*names[:2])
    if (key := ".".join(at)) in _CALLED:
        return say(_CALLED[key], **dict(zip(("name", "other"), called, strict=False)))
    keys = [key for key in inside if key != NAME] or [section]
    holders = {key for key, after in pairwise(inside) if after == NAME}
    words = [key for key in keys if key not in holders] or keys[-1:]
    what = heading(" ".join(words).replace("_", " "))
    if not names:
        return what
    if len(at) > 1 and at[1] != NAME:  # a part of a value, such as a percentile
        return say(", ").join([what, *names])
    return say("{what} of {name}", what=what, name=say(", ").join(called))


def key_unit(path: str) -> str:
    """Return the unit of the key at a path; empty where it has none or nobody knows the key.

    Examples
    --------
    >>> key_unit("products.serum.price"), key_unit("show.length"), key_unit("about")
    ('currency/unit', 's', '')
    """
    at, _ = _told_apart(path)
    units = {key.path: re.search(r"\[([^]]+)\]", key.meaning) for key in all_keys()}
    found = units.get(at) or units.get(at[:-1])  # of a map of numbers, its own
    return found[1] if found else ""


def _told_apart(path: str) -> tuple[tuple[str, ...], list[str]]:
    """Return a path with `NAME` in the place of names of the planner's own, and these."""
    known = {key.path for key in all_keys()}
    at: tuple[str, ...] = ()
    names = []
    for part in path.split("."):
        is_key = (*at, part) in known
        at = (*at, part if is_key else NAME)
        names += [] if is_key else [part]
    return at, names
