"""The reference scenarios: each says what it is for, and can be started from."""

from __future__ import annotations

from pathlib import Path

import pytest

from livesim.errors import UsageError
from livesim.resolve import (
    alternatives,
    reference,
    reference_text,
    references,
    resolve_file,
)
from livesim.scenario import including
from livesim.scenario.library import LIBRARY, names_in

NAMES = names_in(LIBRARY)


def test_there_is_one_for_every_file() -> None:
    assert [one.name for one in references()] == NAMES
    assert {"brand_room", "viya_kim_perfume", "viya_small_fit"} <= set(NAMES)


def test_each_says_in_a_line_what_it_is_for() -> None:
    for one in references():
        assert one.about.strip() and "\n" not in one.about, one.name
        assert all(source.strip() and "\n" not in source for source in one.sources), one.name


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_each_can_be_started_from(name: str, tmp_path: Path) -> None:
    """The copy is the same scenario wherever it stands."""
    mine = tmp_path / "mine.yaml"
    mine.write_text(reference_text(name), encoding="utf-8")
    assert "yaml-language-server" not in reference_text(name)
    for one in alternatives(name) or (None,):
        copied, original = (resolve_file(file, alternative=one) for file in (mine, name))
        assert copied.scenario == original.scenario


def test_an_unknown_one_is_told_its_likeliest() -> None:
    with pytest.raises(UsageError, match=r"Did you mean viya_alone\?"):
        reference_text("viya_alon")
    with pytest.raises(UsageError, match="no reference scenario"):
        reference_text("../scenarios/viya_alone")


def test_about_and_sources_are_kept_and_belong_to_the_fingerprint(tmp_path: Path) -> None:
    scenario = resolve_file("viya_kim_perfume").scenario
    assert scenario.to_data()["sources"] == list(scenario.sources or ())
    other = scenario.with_changes({"about": "something else"})
    assert other.digest != scenario.digest


def test_a_fragment_is_no_reference_scenario(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "one_app.yaml").write_text("checkout: {unpaid: 3%}\n")
    (tmp_path / "show.yaml").write_text(
        "include: [one_app]\ntitle: A show\nsources: [somewhere]\nshow: {length: 2h}\n"
        "products: {serum: {}}\n"
    )
    for module in (reference, including):
        monkeypatch.setattr(module, "LIBRARY", tmp_path)
    (only,) = references()
    assert (only.name, only.about, only.sources) == ("show", "A show", ("somewhere",))
