"""Files as large as they may be, wrong all over: few words, after little work."""

from __future__ import annotations

import time

import pytest

from livesim.errors import ScenarioError
from livesim.resolve import resolve
from livesim.scenario.document import MAX_MISTAKES, parse_document

HEAD = "title: x\nshow: {length: 1h, currency: CNY}\nviewers: 2k\n"
SERUM = "products: {serum: {price: 299, unit_cost: 80, owned: 50, orders_per_1000: 1}}\n"

WRONG = {
    "unknown products": HEAD
    + "products:\n"
    + "".join(f"  s{n}: {{prise: 1, unit_kost: 1, oned: 1}}\n" for n in range(2_000)),
    "unknown keys": HEAD + SERUM + "".join(f"k{n}: 1\n" for n in range(10_000)),
    "unknown names": HEAD
    + SERUM
    + "rundown:\n"
    + "".join(f"  s{n}: {{length: 1s, sells: [x{n}]}}\n" for n in range(3_000)),
    "the same name": HEAD
    + SERUM
    + f"rundown: {{a: {{length: 1h, sells: [{'serum, ' * 15_000}]}}}}\n",
}


@pytest.mark.slow
@pytest.mark.parametrize("name", WRONG)
def test_a_large_file_wrong_all_over_gets_few_words_soon(name: str) -> None:
    document = parse_document(WRONG[name])
    begun = time.thread_time()
    with pytest.raises(ScenarioError) as refused:
        resolve(document)
    assert len(refused.value.mistakes) == MAX_MISTAKES + 1
    assert "more mistakes" in refused.value.mistakes[-1].what
    # Several times what it takes on an idle machine, and a tenth of what it took.
    assert time.thread_time() - begun < 5.0
