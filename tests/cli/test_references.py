"""Reference scenarios on the command line: listed, run by name, and copied to start from."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from livesim.cli import main
from livesim.resolve import references
from livesim.resolve.reference import fragments

Call = Callable[..., Result]


@pytest.fixture
def call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Call:
    """Run a command in an empty folder, where no file of a checkout is near."""
    monkeypatch.chdir(tmp_path)
    return lambda *args: CliRunner().invoke(main, [str(arg) for arg in args])


@pytest.mark.slow
def test_list_tells_each_with_its_title_length_products_and_a_line(call: Call) -> None:
    shown = call("list").output
    words = " ".join(shown.split())
    for one in references():
        sold = (
            ", ".join(one.products) if len(one.products) <= 3 else f"{len(one.products)} products"
        )
        head = f"{one.name}: {one.title} ({one.length}; {sold})"
        assert f"{head} {one.about}" in words or (one.about == one.title and head in words)
    assert max(map(len, shown.splitlines())) <= 92
    assert "livesim new --from NAME FILE" in shown.splitlines()[-1]


@pytest.mark.slow
def test_list_tells_fragments_apart_from_shows(call: Call) -> None:
    shows, apart = call("list").output.split("To be included")
    for name, about in fragments().items():
        assert f"{name}: {about}" in " ".join(apart.split()) and name not in shows
        assert about.endswith(".") and len(about) < 100
    assert "platforms/one_app" in fragments()
    wrong = call("run", "one_app")
    assert wrong.exit_code == 2


@pytest.mark.slow
def test_a_reference_scenario_is_known_by_name_anywhere(call: Call) -> None:
    assert call("validate", "viya_small_fit").output.startswith("viya_small_fit: fine\n")
    assert "blogger" in call("resolve", "viya_small_fit").output
    run = call("run", "brand_room", "-n", 50, "--workers", 1, "--set", "show.length=20min")
    assert run.exit_code == 0, run.output
    assert run.output.startswith("An evening in our brand room")


def test_new_copies_a_reference_scenario(call: Call, tmp_path: Path) -> None:
    made = call("new", "--from", "viya_famous_misfit", "mine.yaml")
    assert made.exit_code == 0, made.output
    assert call("validate", "mine.yaml").output.startswith("mine.yaml: fine\n")
    assert "include: [viya_kim_perfume]" in (tmp_path / "mine.yaml").read_text("utf-8")
    assert call("new", "--from", "brand_room", "mine.yaml").exit_code == 2


def test_new_starts_from_one_thing(call: Call, tmp_path: Path) -> None:
    both = call("new", "--from", "brand_room", "--like", "drop", "mine.yaml")
    assert both.exit_code == 2
    assert "keep one of them" in both.output
    unknown = call("new", "--from", "brand_rom", "mine.yaml")
    assert unknown.exit_code == 2
    assert "Did you mean brand_room?" in unknown.output
    assert not (tmp_path / "mine.yaml").exists()


def test_an_unknown_name_is_a_mistake(call: Call) -> None:
    for command in ("validate", "resolve", "run", "plan"):
        wrong = call(command, "brand_rom")
        assert wrong.exit_code == 2
        assert "Did you mean brand_room?" in wrong.output


def test_a_mistake_in_a_fragment_is_told_in_its_file(call: Call, tmp_path: Path) -> None:
    (tmp_path / "guest.yaml").write_text("people:\n  kim: {lift: 1,5}\n")
    (tmp_path / "gala.yaml").write_text("include: [viya_kim_perfume, guest]\ntitle: A gala\n")
    wrong = call("validate", "gala.yaml")
    assert wrong.exit_code == 2
    assert "guest.yaml:2:" in wrong.output


def test_keys_says_what_they_mean(call: Call) -> None:
    assert "livesim keys PATH" in call("keys").output
    assert "pack: 12" in call("keys", "supply").output
    assert "pack: 12" in call("keys", "--all").output
    unknown = call("keys", "products.serum.prise")
    assert unknown.exit_code == 2
    assert "nearest: products.NAME.price" in unknown.output
    assert call("keys", "--all", "supply").exit_code == 2
