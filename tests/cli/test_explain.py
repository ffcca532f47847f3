"""The explain command: its page, its document and its folder, and what it refuses."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import livesim
from livesim.cli import main
from livesim.explaining import explaining
from livesim.report.pages import WIDTH


def explained(show: Path, *options: object) -> Result:
    quick = ("-n", 100, "--workers", 1)
    return CliRunner().invoke(main, ["explain", *map(str, (show, *quick, *options))])


def test_the_page_says_what_makes_it_vary_and_where_it_fails(show: Path) -> None:
    found = explained(show, "--full")
    assert found.exit_code == 0, found.output
    assert max(map(len, found.stdout.splitlines())) <= WIDTH
    assert "why profit varies" in found.stdout
    for row in ("number of viewers", "demand for serum alone", "chance", "not told apart"):
        assert row in found.stdout
    assert "Where it fails (profit" in found.stdout
    assert "20 of them twice" in " ".join(found.stdout.split())


def test_its_document_and_its_file(show: Path, tmp_path: Path) -> None:
    found = explained(show, "--of", "orders", "--json", "--out", tmp_path / "why.csv")
    assert found.exit_code == 0, found.output
    document = json.loads(found.stdout)
    assert (document["kind"], document["of"]) == ("explanation", "orders")
    rows = (tmp_path / "why.csv").read_text().splitlines()
    assert len(rows) == 1 + len(document["inputs"])


def test_what_took_place_is_explained_as_it_is(show: Path, tmp_path: Path) -> None:
    kept = tmp_path / "run"
    livesim.simulate(show, replications=100, workers=1).save(kept, figures=False)
    from_folder, from_file = (json.loads(explained(one, "--json").stdout) for one in (kept, show))
    assert from_folder["fingerprint"] == from_file["fingerprint"]
    assert from_folder["inputs"] == from_file["inputs"]
    changed = explained(kept, "--set", "deal.slot_fee=5")
    assert changed.exit_code == 2
    assert "give the scenario's file" in changed.output


def test_an_unknown_figure_is_a_mistake(show: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: object, **__: object) -> None:
        raise AssertionError("it is looked for before anything is simulated")

    monkeypatch.setattr(explaining, "simulate", never)
    monkeypatch.setattr(explaining, "plan", never)
    refused = explained(show, "--of", "serum.sold")
    assert refused.exit_code == 2
    assert "there is no figure serum.sold; nearest: serum.sold_out" in refused.output
    refused = explained(show, "--of", "plan.serum.neded")
    assert "there is no figure serum.neded; nearest: serum.needed" in refused.output
    refused = explained(show, "--fails", "zero")
    assert "write as in '< 0'" in refused.output
