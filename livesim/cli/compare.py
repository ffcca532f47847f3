"""The command that says what one show is worth more than another."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from livesim.cli.exits import show_found
from livesim.cli.given import Output, Work
from livesim.cli.notation import changes
from livesim.cli.options import FilePath, command, replications_option, study_options
from livesim.errors import Mistake, ScenarioError

if TYPE_CHECKING:
    from livesim.resolve import Resolution

#: What separates the changes of one variant: a semicolon before a path and its equals sign.
_NEXT_CHANGE = re.compile(r";\s*(?=[^\s;=]+\s*=)")
#: What stands before a variant's changes: a colon, and no equals sign before it.
_NAMED = re.compile(r"([^=:]+):\s*(?=\S)")
#: One alternative of a file; a drive's colon has a backslash or a slash behind it.
_PICKED = re.compile(r"(.+):(\w+)", re.DOTALL)


@command(
    "livesim compare with_guest.yaml without.yaml",
    "livesim compare same_show_two_platforms",
    "livesim compare my_show.yaml west_and_east:west",
    "livesim compare my_show.yaml --set deal.guest_fee=5k",
    "livesim compare my_show.yaml --set products.serum.owned=80 --set products.serum.owned=160",
    "livesim compare my_show.yaml --set 'bold: products.serum.owned=160; supply.pack=20'",
    "livesim compare west.yaml east.yaml -n 5000 --json | jq .show.profit.differences",
    short="Compare shows using common random numbers.",
)
@click.option(
    "--set",
    "variants",
    multiple=True,
    metavar="VARIANT",
    help="Compare SCENARIO with a variant of it: PATH=VALUE, several joined by semicolons, with a "
    "name if you like: 'NAME: PATH=VALUE; PATH=VALUE'. Each --set is a variant of its own.",
)
@replications_option(1000)
@study_options("the differences and every replication")
@click.argument(
    "scenarios",
    metavar="SCENARIO [SCENARIO]...",
    nargs=-1,
    required=True,
    type=FilePath(path_type=Path),
)
def compare(
    variants: tuple[str, ...],
    replications: int,
    work: Work,
    output: Output,
    scenarios: tuple[Path, ...],
) -> None:
    """Compare the first SCENARIO with others, or with variants of it.

    Of a single SCENARIO that describes alternatives, these are compared, with the first of them.
    Write SCENARIO:NAME for one of them beside other shows.

    All are simulated with common random numbers and paired replication by replication, so that
    small differences can be seen. Those that could be chance are marked n.s. (not significant).
    Where slots go on at sell-out, shows with other units or viewers have only the draws of what is
    uncertain in common.
    """
    from livesim.experiment.comparing import compare_with
    from livesim.experiment.comparison import Comparison
    from livesim.experiment.custom import NONE
    from livesim.results.answer import digest_of
    from livesim.results.folders import Study

    shows = _shows(scenarios, variants)
    own, titles = dict.fromkeys(shows, NONE), _titles(shows, scenarios, variants)
    digest = digest_of(show.scenario for show in shows.values())
    output.prepare(Comparison.kind, Study(digest, work.seed, replications))
    show_found(
        lambda progress: compare_with(
            work.runner(progress), shows, replications, work.seed, own, titles
        ),
        output,
    )


def _shows(files: Sequence[Path], variants: Sequence[str]) -> dict[str, Resolution]:
    """Return the shows to compare by the names that they have in tables, the base first."""
    from livesim.resolve import alternatives, resolve_file

    for file in files:
        if "=" in str(file) and not file.exists():
            raise click.UsageError(f"{file} is a change, not a file: write --set '{file}'")
    picked = [_picked(file) for file in files]
    first, of_first = picked[0]
    if len(files) == 1 and not (variants or of_first) and (names := alternatives(first)):
        return {name: resolve_file(first, alternative=name) for name in names}
    if len(files) > 1 and variants:
        raise click.UsageError(
            "--set makes variants of one scenario, and here are several: give one, or leave --set "
            "away"
        )
    if len(files) == 1 and not variants:
        raise click.UsageError(
            f"there is nothing to compare {files[0]} with: add another scenario, a variant as in "
            "--set deal.guest_fee=5k, or alternatives in the file"
        )
    named = [_variant(text) for text in variants]
    stems = [
        stem + (f":{of_file}" if of_file else "")
        for stem, (_, of_file) in zip(_stems([file for file, _ in picked]), picked, strict=True)
    ]
    _check_names([*stems, *(name for name, _ in named)])
    return {
        **{
            stem: resolve_file(file, alternative=of_file)
            for stem, (file, of_file) in zip(stems, picked, strict=True)
        },
        **_variants(first, of_first, named),
    }


def _variants(
    file: Path, alternative: str | None, named: Sequence[tuple[str, Sequence[str]]]
) -> dict[str, Resolution]:
    """Return the variants of a show by name; what is wrong in any is told with its option."""
    from livesim.resolve import resolve_file

    shows: dict[str, Resolution] = {}
    wrong: list[Mistake] = []
    for name, settings in named:
        try:
            shows[name] = resolve_file(file, changes(settings), alternative=alternative)
        except ScenarioError as error:
            wrong += error.mistakes
    if wrong:
        raise ScenarioError([*dict.fromkeys(wrong)])
    return shows


def _titles(
    shows: Mapping[str, Resolution], files: Sequence[Path], variants: Sequence[str]
) -> dict[str, str]:
    """Return the titles of the shows of files, which stand first, where no two have the same.

    Alternatives that a file describes have their own names.
    """
    if len(files) == 1 and not variants:
        return {}
    of_files = {
        name: show.scenario.title
        for name, show in [*shows.items()][: len(files)]
        if ":" not in name
    }
    alike = Counter(of_files.values())
    return {name: title for name, title in of_files.items() if alike[title] == 1}


def _stems(files: Sequence[Path]) -> list[str]:
    """Return the names of files, with as much of their folders as tells them apart.

    Examples
    --------
    >>> _stems([Path("west/show.yaml"), Path("east/show.yaml"), Path("drop.yaml")])
    ['west/show', 'east/show', 'drop']
    """
    parts = [(*file.absolute().parent.parts, file.stem) for file in files]
    most = max(map(len, parts))

    def shortest(mine: tuple[str, ...]) -> str:
        for length in range(1, most + 1):
            if sum(other[-length:] == mine[-length:] for other in set(parts)) == 1:
                return "/".join(mine[-length:])
        return mine[-1]

    return [shortest(mine) for mine in parts]


def _picked(given: Path) -> tuple[Path, str | None]:
    """Return a scenario's file, and which of its alternatives is meant.

    Examples
    --------
    >>> _picked(Path("west_and_east:west"))[1], _picked(Path("west_and_east"))[1]
    ('west', None)
    """
    found = None if given.exists() else _PICKED.fullmatch(str(given))
    return (Path(found[1]), found[2]) if found else (given, None)


def _variant(text: str) -> tuple[str, tuple[str, ...]]:
    """Return the name of a variant and its changes.

    Examples
    --------
    >>> _variant("bold: products.serum.owned=160; supply.pack=20")
    ('bold', ('products.serum.owned=160', 'supply.pack=20'))
    >>> _variant("viewers={p10: 1k, likely: 2k, p90: 4k}")
    ('viewers={p10: 1k, likely: 2k, p90: 4k}', ('viewers={p10: 1k, likely: 2k, p90: 4k}',))
    """
    named = _NAMED.match(text)
    settings = text[named.end() :] if named else text
    name = named[1] if named else text
    return name.strip(), tuple(_NEXT_CHANGE.split(settings.strip()))


def _check_names(names: Sequence[str]) -> None:
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise click.UsageError(
            f"two of the shows would be called {twice}: rename a file, or name the variant as in "
            f"--set 'NAME: PATH=VALUE'"
        )
