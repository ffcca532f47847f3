"""What people call an uncertain quantity."""

from __future__ import annotations

from typing import Final

from livesim.report.naming import of_section

#: The path of a quantity, * for any name → what it is called, with these names in it.
_LABELS: Final = {
    "show.appeal": "demand of all products (shared forecast error)",
    "show.turnout_factor": "number of viewers",
    "people.*.pull": "how many viewers {} draws",
    "people.*.pull_by_segment.*": "how many viewers {} draws ({})",
    "people.*.lift": "how much {} moves viewers to order",
    "people.*.keep": "how much longer viewers stay with {}",
    "people.*.fit.*": "how well {} suits {}",
    "people.*.fit_by_category.*": "how well {} suits {}",
    "people.*.late": "how late {} is",
    "people.*.no_show": "whether {} comes",
    "segments.*.reach": "how many could come ({})",
    "segments.*.turnout": "share who come ({})",
    "segments.*.waiting": "share who wait at the start ({})",
    "segments.*.arrivals.half_by": "by when half of the viewers come ({})",
    "segments.*.arrivals.middle": "when most viewers come ({})",
    "segments.*.arrivals.spread": "over how long viewers come ({})",
    "segments.*.stay.*.mean": "how long viewers stay ({}, {})",
    "segments.*.stay_factor": "how long viewers stay ({})",
    "segments.*.trust": "how readily they order ({})",
    "segments.*.word_of_mouth": "word of mouth ({})",
    "segments.*.recommendation": "how many viewers the platform brings ({})",
    "products.*.appeal": "{} demand (its own forecast error)",
    "products.*.conversion": "{} demand",
    "products.*.returns": "{} returns",
    "products.*.returned_before_shipping": "share of {} returns before shipping",
    "products.*.rush": "how long viewers take to decide on {}",
    "products.*.elasticity": "what the price does to {} demand",
    "products.*.herd": "what the sales shown do to {} demand",
    "products.*.scarcity.multiplier": "what few units shown as left do to {} demand",
    "products.*.shelf": "{} demand after its slots",
    "products.*.backorder.accept": "share of buyers who would wait for {}",
    "products.*.fake_orders.share": "share of {} orders that are fake",
    "products.*.fake_orders.returned": "share of fake {} orders that come back",
    "products.*.presale.balance_paid": "share of {} balances paid",
    "campaign.word_of_mouth": "word of mouth before the show",
    "campaign.tiers.*.seen_by": "how many notice what {} post",
    "campaign.tiers.*.posts": "how many of {} post",
    "campaign.tiers.*.delay": "how soon {} post",
    "campaign.tiers.*.good": "how many reviews by {} are good",
    "campaign.tiers.*.pull": "how many come for what {} post",
    "campaign.tiers.*.trust": "how much {} are trusted",
    "campaign.tiers.*.aware.*.good": "how many {} convince ({})",
    "campaign.tiers.*.aware.*.bad": "how many {} put off ({})",
    "checkout.unpaid": "share of orders never paid",
    "checkout.steps.*": "share of buyers who go through {}",
}


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
            return text.format(*found)
    return path


def with_ends(path: str) -> str:
    """Return what people call a quantity, with what low and high mean where that is not plain.

    Examples
    --------
    >>> with_ends("people.kim.no_show"), with_ends("products.serum.conversion")
    ('whether kim comes (if low: comes; if high: does not)', 'serum demand')
    """
    ends = " (if low: comes; if high: does not)" if path.endswith(".no_show") else ""
    return f"{label(path)}{ends}"
