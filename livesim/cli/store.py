"""The commands about a store of blocks: what is in it, whether it is whole, what can go."""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

import click

from livesim.cli.exits import BROKEN
from livesim.cli.notation import read_option
from livesim.cli.options import FilePath, examples, json_option
from livesim.errors import visible

if TYPE_CHECKING:
    from livesim.experiment.store import Store

#: Which commands keep what a part of livesim does, by the beginning of its name.
_USES: Final = {
    "livesim.experiment.study": "run and explain",
    "livesim.experiment.comparing": "compare and sweep",
    "livesim.experiment.first_look": "plan, first look",
    "livesim.planning.incubat": "incubate",
    "livesim.planning": "plan",
    "livesim.learning": "calibrate",
    "livesim": "livesim",
}
_DAMAGED: Final = "damaged"
_OLD: Final = "of another version of livesim"
_folder = click.argument("folder", type=FilePath(path_type=Path, exists=True, file_okay=False))


def _opened(folder: Path) -> Store:
    """Return the store in a folder; one that is no store is not made one."""
    from livesim.experiment.store import Store, is_store

    if not is_store(folder):
        raise click.UsageError(
            f"{folder} is no store: name the folder that --store named when shows were simulated"
        )
    return Store(folder)


@click.group(
    short_help="List, check and clear a store of simulated shows.",
    epilog=examples(
        "livesim store list blocks",
        "livesim store verify blocks",
        "livesim store prune blocks --unused-for 30d",
    ),
)
def store() -> None:
    """List, check and clear a store: the folder that --store names.

    Commands that simulate keep every block of shows in it (livesim run my_show.yaml --store blocks)
    and take from it what is there: a run that was interrupted goes on, and more replications cost
    only what is missing, in whole blocks of 250. Blocks are found by all that decides them:
    scenario, seed, versions, livesim's code. What is deleted is simulated again.

    Code of your own counts by its files and what it names in them, an installed library by its
    version. What code fetches while it runs (files, the environment) is not seen: take another
    folder when that changes.
    """


@store.command(
    name="list",
    short_help="Say what is in a store.",
    epilog=examples("livesim store list blocks", "livesim store list blocks --json"),
)
@_folder
@json_option
def list_(folder: Path, as_json: bool) -> None:
    """Say what is in the store FOLDER, a row for each show, seed and use.

    A block is up to 250 simulated shows; a shorter one stays beside the whole one that has its
    shows, too, and counts here. A plan, a comparison, a sweep and an incubation keep only
    what they need of theirs; livesim explain keeps shows of its own, too, with the next seed.
    """
    from livesim.resolve.words import counted

    rows = _studies(_opened(folder))
    if as_json:
        click.echo(json.dumps([one._asdict() for one in rows], ensure_ascii=False, indent=2))
        return
    if rows:
        click.echo(f"{'blocks':>8} {'shows':>10} {'MB':>9} {'seed':>6}  for: show")
    for one in rows:
        seed = "" if one.seed is None else str(one.seed)
        told = f"{one.blocks:>8,} {one.shows:>10,} {one.bytes / 1e6:>9,.1f} {seed:>6}"
        click.echo(visible(f"{told}  {one.told}"))
    blocks, size = sum(one.blocks for one in rows), sum(one.bytes for one in rows)
    click.echo(f"{counted(blocks, 'block')}, {size / 1e6:,.1f} MB in all")
    if any(one.state for one in rows):
        click.echo("What is marked is not used, and simulated again: livesim store prune FOLDER")


@store.command(
    short_help="Read every file of a store, and say which are damaged.",
    epilog=examples("livesim store verify blocks", "livesim store verify blocks --json"),
)
@_folder
@json_option
def verify(folder: Path, as_json: bool) -> None:
    """Read every file of the store FOLDER and say which are not as they were written.

    Exit code 1 if there is one. A damaged file is never used: it is simulated again.
    """
    damaged = list(_opened(folder).verify())
    if as_json:
        found = [{"file": str(path), "damage": what} for path, what in damaged]
        click.echo(json.dumps(found, ensure_ascii=False, indent=2))
    else:
        for path, what in damaged:
            click.echo(visible(f"{path}: {what}"))
    if damaged:
        click.get_current_context().exit(BROKEN)
    if not as_json:
        click.echo("every file is as it was written")


@store.command(
    short_help="Delete what is of no use any more.",
    epilog=examples("livesim store prune blocks", "livesim store prune blocks --unused-for 30d"),
)
@_folder
@click.option(
    "--unused-for", metavar="TIME", help="Delete also what was not used for so long, as in 30d."
)
@json_option
def prune(folder: Path, unused_for: str | None, as_json: bool) -> None:
    """Delete from the store FOLDER what is damaged or of another version of livesim."""
    from livesim.resolve.words import counted
    from livesim.scenario.quantities import DURATION

    limit = None if unused_for is None else read_option(DURATION, "--unused-for", unused_for)
    gone = _opened(folder).prune(unused_for=limit)
    size = sum(kept.size for kept in gone)
    if as_json:
        click.echo(json.dumps({"blocks": len(gone), "bytes": size}))
    else:
        click.echo(f"{counted(len(gone), 'block')} deleted, {size / 1e6:,.1f} MB")


class _Study(NamedTuple):
    """Blocks of one show, seed and use.

    Attributes
    ----------
    title : str
        Of the show; empty where it is not known.
    use : str
        What they were simulated for.
    seed : int or None
        As far as known.
    state : str
        Why they are not used any more; empty where they are.
    blocks, shows : int
        How many [1].
    bytes : int
        Of their files.
    """

    title: str
    use: str
    seed: int | None
    state: str
    blocks: int
    shows: int
    bytes: int

    @property
    def told(self) -> str:
        """Return what they are, in words."""
        return ", ".join(filter(None, [self.state, f"{self.use}: {self.title}".strip(": ")]))


def _studies(opened: Store) -> list[_Study]:
    """Return what is in a store, by show, use, seed and state."""
    from livesim.experiment.content import code_digest

    found: dict[tuple[str, str, int | None, str], list[int]] = defaultdict(lambda: [0, 0, 0])
    for kept in opened.blocks():
        about = kept.about
        state = _DAMAGED if not about else "" if about["code"] == code_digest() else _OLD
        use = next((u for part, u in _USES.items() if about.get("work", "").startswith(part)), "")
        key = about.get("title", ""), use, about.get("seed"), state
        for place, more in enumerate((1, about.get("replications", 0), kept.size)):
            found[key][place] += more
    return [_Study(*key, *counts) for key, counts in sorted(found.items(), key=str)]
