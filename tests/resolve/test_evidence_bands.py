"""What the templates make of a show lies where most real shows lie.

The bands are the 10th and 90th percentiles of 731 shows of 12 hosts on one platform in the summer
of 2021 (units are a market-research service's estimates), computed for livesim.
"""

import pytest

from livesim.model.expectation import Expectation, expect
from livesim.resolve import resolve
from livesim.resolve.inputs import inputs_of
from livesim.resolve.templates import TEMPLATES
from livesim.scenario.document import parse_document

STAY = (94, 434)  # mean of a view [s]
PEAK_OVER_AVERAGE = (1.36, 2.59)  # of concurrent viewers
LENGTHS = ("2h", "4h", "10h")


def show(like: str, length: str, products: int = 3, conversion: str = "1.2%") -> Expectation:
    one = f"{{price: 100, unit_cost: 30, conversion: {conversion}}}"
    names = [f"p{number}" for number in range(products)]
    lines = [
        f"like: {like}",
        "title: A show of the template's",
        f"show: {{length: {length}, currency: CNY, refresh: 10s}}",
        "people: {host: {role: host}}",
        "viewers: 20k",
        "products:",
        *(f"  {name}: {one}" for name in names),
    ]
    return expect(inputs_of(resolve(parse_document("\n".join(lines))).scenario))


@pytest.mark.parametrize("like", TEMPLATES)
@pytest.mark.parametrize("length", LENGTHS)
def test_the_audience_is_an_ordinary_one(like: str, length: str) -> None:
    expected = show(like, length)
    watching = expected.watching[:, 0]
    assert STAY[0] < expected.watch_time["everyone"] < STAY[1]
    assert PEAK_OVER_AVERAGE[0] < watching.max() / watching.mean() < PEAK_OVER_AVERAGE[1]
    assert watching.argmax() > 30, "nobody peaks in the first minutes"
