"""What a result tells of rooms, where the scenario has any."""

from pathlib import Path

import pytest

import livesim
from livesim.errors import UsageError
from livesim.report.pages import plain
from livesim.report.result_tables import page
from livesim.results import Result, load
from livesim.results.answer import write as save

ROOMS = {
    "big": {"segments": ["everyone"], "people": [], "count": 1, "spread": 0, "fee": 700},
    "small": {"segments": ["friends"], "people": [], "count": 4, "spread": 1, "fee": 50},
}


@pytest.fixture(scope="module")
def rooms(brand_room: livesim.Scenario) -> Result:
    data = brand_room.to_data()
    data["segments"]["friends"] = {**data["segments"]["everyone"], "reach": 500}
    return livesim.simulate(
        livesim.Scenario.from_data({**data, "rooms": ROOMS}), replications=50, workers=1
    )


@pytest.fixture(scope="module")
def brand_room() -> livesim.Scenario:
    return livesim.load("scenarios/brand_room.yaml", {"show.length": "20min"})


def test_a_table_has_a_row_for_each_room(rooms: Result) -> None:
    table = rooms.rooms
    assert list(table.columns) == ["replication", "room", "unique_viewers", "attempts", "orders"]
    assert table.room[:4].tolist() == ["big", "small", "big", "small"]
    by_show = table.groupby("replication")[["unique_viewers", "orders"]].sum()
    assert (by_show == rooms.shows.set_index("replication")[["unique_viewers", "orders"]]).all(
        axis=None
    )


def test_the_document_tells_of_rooms_where_there_are_any(
    rooms: Result, brand_room: livesim.Scenario
) -> None:
    document = rooms.document()["rooms"]
    assert list(document) == ["big", "small"]
    assert document["small"]["orders"]["mean"] == rooms.outcome.rooms["orders"][:, 1].mean()
    alone = livesim.simulate(brand_room, replications=50, workers=1)
    assert "rooms" not in alone.document()
    with pytest.raises(UsageError, match="has no rooms"):
        _ = alone.rooms


def test_the_page_has_a_table_of_rooms(rooms: Result) -> None:
    (line,) = (line for line in plain(page(rooms)).splitlines() if line.startswith("small"))
    attempts = sorted(rooms.outcome.rooms["attempts"][:, 1])
    assert line.split()[1] == "4"
    assert str(attempts[24]) in line.split()


def test_a_folder_keeps_rooms_bit_for_bit(rooms: Result, tmp_path: Path) -> None:
    again = load(save(rooms, tmp_path / "rooms"))
    assert again.fingerprint == rooms.fingerprint
    assert again.rooms.equals(rooms.rooms)
    (tmp_path / "rooms" / "rooms.parquet").unlink()
    with pytest.raises(livesim.errors.ResultsError, match=r"rooms\.parquet is missing"):
        load(tmp_path / "rooms")


def test_rooms_are_paid_for_each(rooms: Result) -> None:
    shows, products = rooms.shows, rooms.products
    assert (shows.room_fees == 700 + 4 * 50).all()
    earned = products.groupby("replication").profit.sum()
    assert (earned - shows.profit).to_numpy() == pytest.approx(900)
