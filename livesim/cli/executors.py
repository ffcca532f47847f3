"""Who does a command's work besides this process: a cluster, or a store that knows some of it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from livesim.errors import visible

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from livesim.experiment.store import Store


def opened_cluster(address: str | None, workers: int | None) -> Executor | None:
    """Return the cluster that a command works on, left when it ends; None without one.

    Parameters
    ----------
    address : str or None
        Of its scheduler.
    workers : int or None
        What was asked for of this machine, beside a cluster senseless.
    """
    if address is None:
        return None
    if workers is not None:
        raise click.UsageError("--workers counts processes here, --cluster has its own: keep one")
    from livesim.experiment.cluster import Cluster

    return click.get_current_context().with_resource(Cluster(address))


def opened_store(folder: Path, workers: int | None, executor: Executor | None) -> Executor:
    """Return the store that a command works with, closed when it ends.

    Parameters
    ----------
    folder : Path
        Where it is.
    workers : int or None
        How many processes simulate what is missing, where there is no executor.
    executor : Executor or None
        Who else does.
    """
    from livesim.experiment.store import Store

    ctx = click.get_current_context()
    store = ctx.with_resource(Store(folder, executor, workers))
    ctx.call_on_close(lambda: _tell_of(store))
    return store


def _tell_of(store: Store) -> None:
    """Say what was there, unless nothing was asked for, as after a mistake."""
    if store.found or store.done:
        more = "; the same command simulates only what is missing" * store.stopped
        click.echo(visible(f"{store.folder}: {store.about}{more}"), err=True)
