"""`livesim check`: its exit codes, and where it writes to."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from livesim.cli import main

_OPTIONS = ("--workers", "1", "--max-replications", "250")


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ('serum.put_on_sale: ">= 10"', 0),
        ('{serum.put_on_sale: "> 10", severity: warn}', 0),
        ('serum.put_on_sale: "> 10"', 1),
        ('serum.put_on_shelf: "> 10"', 1),
        ("serum.put_on_sale: 10", 2),
        ("serum.demand: [19.99, 20.01]", 4),
    ],
)
def test_the_exit_code_says_the_worst(line: str, code: int, show: Path) -> None:
    show.write_text(f"{show.read_text()}expect:\n  - {line}\n", encoding="utf-8")
    junit = show.parent / "check.xml"
    done = CliRunner().invoke(main, ["check", *_OPTIONS, "--junit", str(junit), str(show)])
    assert done.exit_code == code, done.output
    assert junit.read_text("utf-8").startswith("<?xml")


def test_the_answer_is_printed_even_where_the_report_cannot_be_written(show: Path) -> None:
    show.write_text(f'{show.read_text()}expect: [{{profit: "> 100k"}}]\n', encoding="utf-8")
    nowhere = str(show.parent / "nowhere" / "check.xml")
    done = CliRunner().invoke(main, ["check", *_OPTIONS, "--junit", nowhere, str(show)])
    assert done.exit_code == 2 and "broken     profit > 100k" in done.output


def test_a_file_without_expectations_is_a_mistake(show: Path) -> None:
    done = CliRunner().invoke(main, ["check", str(show)])
    assert done.exit_code == 2 and "nothing is expected in drop.yaml" in done.output
