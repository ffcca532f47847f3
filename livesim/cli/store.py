"""The commands about a store of blocks: what is in it, whether it is whole, what can go."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from livesim.cli.exits import BROKEN
from livesim.cli.notation import read_option
from livesim.cli.options import FilePath, examples
from livesim.errors import visible

if TYPE_CHECKING:
    from livesim.experiment.store import Store

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
    short_help="List, check and clear a store of simulated blocks.",
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
    only what is missing. Blocks are found by all that decides them: scenario, seed, versions,
    livesim's code. So whatever is in a store is right, and what is deleted is simulated again.
    """


@store.command(
    name="list", short_help="Say what is in a store.", epilog=examples("livesim store list blocks")
)
@_folder
def list_(folder: Path) -> None:
    """Say what is in the store FOLDER: studies with their shows, blocks and size."""
    from livesim.experiment.content import code_digest

    studies: dict[tuple[str, str, object, str], list[int]] = defaultdict(lambda: [0, 0, 0])
    for kept in _opened(folder).blocks():
        about = kept.about
        state = "damaged" if not about else "" if about["code"] == code_digest() else "old version"
        work = about.get("work", "").rpartition(".")[0]
        key = (about.get("title", ""), work, about.get("seed"), state)
        for place, more in enumerate((1, about.get("replications", 0), kept.size)):
            studies[key][place] += more
    for (title, work, seed, state), (blocks, shows, size) in sorted(studies.items(), key=str):
        told = f"{blocks:>6,} blocks  {shows:>9,} shows  {size / 1e6:>8,.1f} MB  "
        what = f"{state} " if not work else f"seed {seed}  {title}  ({work}) {state}"
        click.echo(visible(f"{told}{what}".rstrip()))
    total = sum(size for _, _, size in studies.values())
    click.echo(f"{sum(n for n, _, _ in studies.values()):,} blocks, {total / 1e6:,.1f} MB in all")


@store.command(
    short_help="Read every file of a store, and say which are damaged.",
    epilog=examples("livesim store verify blocks"),
)
@_folder
def verify(folder: Path) -> None:
    """Read every file of the store FOLDER and say which are not as they were written.

    Exit code 1 if there is one. A damaged file is never used: it is simulated again.
    """
    damaged = list(_opened(folder).verify())
    for path, what in damaged:
        click.echo(visible(f"{path}: {what}"))
    if damaged:
        click.get_current_context().exit(BROKEN)
    click.echo("every file is as it was written")


@store.command(
    short_help="Delete what is of no use any more.",
    epilog=examples("livesim store prune blocks", "livesim store prune blocks --unused-for 30d"),
)
@_folder
@click.option(
    "--unused-for", metavar="TIME", help="Delete also what was not used for so long, as in 30d."
)
def prune(folder: Path, unused_for: str | None) -> None:
    """Delete from the store FOLDER what is damaged or of another version of livesim."""
    from livesim.scenario.quantities import DURATION

    limit = None if unused_for is None else read_option(DURATION, "--unused-for", unused_for)
    gone = _opened(folder).prune(unused_for=limit)
    size = sum(kept.size for kept in gone) / 1e6
    click.echo(f"{len(gone):,} blocks deleted, {size:,.1f} MB")
