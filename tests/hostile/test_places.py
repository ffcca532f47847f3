"""Whatever a scenario says: nothing is written but where `--out` is."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from livesim.cli import main
from livesim.scenario.writing import write_yaml

AWAY = "../../../away/x /etc/away C:\\away <script>away</script>"
SHOW = {
    "title": AWAY,
    "about": AWAY,
    "sources": [AWAY],
    "show": {"length": "5min", "refresh": "10s", "currency": "CNY"},
    "viewers": 500,
    "people": {"kim": {"role": "host", "label": AWAY}},
    "products": {
        "serum": {
            **{"label": AWAY, "price": 100, "unit_cost": 30, "orders_per_1000": 20},
            "variants": {
                name: {"share": 0.5, "owned": 5, "label": f"{AWAY} {name}"} for name in "ab"
            },
        }
    },
    "rundown": {"all": {"length": "5min", "on_stage": ["kim"], "sells": ["serum"], "label": AWAY}},
    "alternatives": {"now": {}, "later": {"title": f"{AWAY} later"}},
}


@pytest.mark.slow
@pytest.mark.parametrize("command", ["run", "plan", "compare"])
def test_nothing_is_written_but_where_it_is_to_go(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    deep = tmp_path / "a" / "b" / "c" / "d"
    deep.mkdir(parents=True)
    monkeypatch.chdir(deep)
    one = {key: value for key, value in SHOW.items() if key != "alternatives"}
    Path("show.yaml").write_text(write_yaml(SHOW if command == "compare" else one), "utf-8")
    before = set(tmp_path.rglob("*"))
    done = CliRunner().invoke(
        main, [command, "show.yaml", "-n", "50", "--workers", "1", "--out", "o"]
    )
    assert done.exit_code == 0, done.output
    new = set(tmp_path.rglob("*")) - before
    assert new
    assert all(path.is_relative_to(deep / "o") for path in new)
    assert all("away" not in path.name for path in new)
