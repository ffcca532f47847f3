"""The reference scenarios agree with what is published, and could have disagreed."""

from __future__ import annotations

from itertools import groupby

import pytest
from published import (
    PUBLISHED,
    REPLICATIONS,
    SCENARIOS,
    SEED,
    Published,
    lines,
    result_of,
    show,
)

import livesim

#: Never held: what they must show is in tests of their own.
VARIANTS = {"viya_alone", "viya_famous_misfit", "viya_small_fit"}
VARIANTS |= {"same_show_two_platforms", "west_and_east", "incubator"}
VARIANTS |= {"mega_host", "many_small_hosts", "gala_rooms", "gala_rooms_split"}
#: All of whose published figures are input, as the file says.
INPUT = {"singles_day"}
#: Whose interval was widened once the result was known, as the file says.
AFTERWARDS = {"presale_marathon"}
#: What takes minutes to simulate.
DAY_LONG = {"presale_marathon", "singles_day", "singles_day_gala"}


def shows() -> list[object]:
    """Return the shows of which figures are published; a day-long one takes minutes."""
    return [
        pytest.param(name, marks=pytest.mark.thorough if name in DAY_LONG else [])
        for name in sorted({claim.scenario for claim in PUBLISHED})
    ]


@pytest.mark.slow
@pytest.mark.parametrize("name", shows())
def test_a_reference_scenario_lies_in_the_published_intervals(name: str) -> None:
    result = result_of(name, REPLICATIONS)
    claims = [claim for claim in PUBLISHED if claim.scenario == name]
    assert not [(c.figure, c.found(result)) for c in claims if not c.holds(result)]


def other_scenarios() -> list[object]:
    """Return the claims that fail in each changed scenario, of which some take long to simulate."""

    def change(claim: Published) -> str:
        return f"{claim.scenario}: {dict(claim.fails)}"

    groups = groupby(sorted(PUBLISHED, key=change), key=change)
    return [pytest.param(list(claims), id=name) for name, claims in groups]


@pytest.mark.thorough
@pytest.mark.verification
@pytest.mark.parametrize("claims", other_scenarios())
def test_another_scenario_would_not(claims: list[Published]) -> None:
    changed = show(claims[0].scenario).with_changes(claims[0].fails)
    result = livesim.simulate(changed, replications=REPLICATIONS // 2, seed=SEED)
    assert not [(c.figure, c.found(result)) for c in claims if c.holds(result)]


def test_every_reference_scenario_has_a_figure_that_could_have_failed() -> None:
    could_fail = {claim.scenario for claim in PUBLISHED if claim.kind == "could have failed"}
    assert (
        could_fail
        == {path.stem for path in SCENARIOS.glob("*.yaml")} - VARIANTS - INPUT - AFTERWARDS
    )


@pytest.mark.thorough
@pytest.mark.verification
def test_the_report_names_every_figure_and_its_source() -> None:
    text = "\n".join(lines(REPLICATIONS))
    assert all(claim.figure in text and claim.source in text for claim in PUBLISHED)
    assert "NOT SO" not in text


@pytest.mark.slow
def test_the_brand_room_takes_the_orders_of_its_history() -> None:
    """20 serum orders per 1,000 viewers, as the file says: some 10,000 orders, so ±1 % of luck."""
    room = livesim.load(SCENARIOS / "brand_room.yaml")
    plenty = room.with_changes({"products.serum.owned": 100_000, "show.appeal": 1})
    result = livesim.simulate(plenty, replications=250, seed=3)
    serum = result.products.query("product == 'serum'")["orders"].sum()
    assert serum / result.shows["unique_viewers"].sum() * 1000 == pytest.approx(20, rel=0.05)
