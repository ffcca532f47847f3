"""Print what livesim costs: ``python tests/benchmarks/run.py [--quick]``."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

import costs
from costs import Effort, Figure


def sections(effort: Effort) -> Iterator[tuple[str, Iterator[Figure]]]:
    """Yield what is measured, a title and its figures at a time."""
    reference, brand_room = effort.reference, effort.brand_room
    yield "the main job: livesim run, two workers", costs.end_to_end(effort)
    yield "start-up", costs.start_up(effort)
    yield "the reference show", costs.bare_draws(effort, reference, most=1.3)
    yield "where its time goes", costs.shares(reference)
    yield "lulls", costs.lulls(effort)
    yield "a brand room", costs.bare_draws(effort, brand_room, most=1.6)
    yield "where its time goes", costs.shares(brand_room)
    yield "a ledger of five products", costs.ledger(effort)
    yield "growing reach, the same stock", costs.audience(effort, grown="reach")
    yield "growing reach and stock", costs.audience(effort, grown="reach and stock")
    yield "one SimPy process a viewer", costs.one_process_a_viewer(effort)
    yield "processes", costs.workers(effort)


def main() -> None:
    parser = argparse.ArgumentParser(description="Print what livesim costs, as ratios.")
    parser.add_argument("--quick", action="store_true", help="a look at short shows, measured once")
    effort = costs.QUICK if parser.parse_args().quick else costs.THOROUGH
    for title, figures in sections(effort):
        print(f"\n{title}")
        for figure in figures:
            print(line(figure), flush=True)


def line(figure: Figure) -> str:
    """Return a figure as a line of the table."""
    digits = 0 if abs(figure.value) >= 1000 else 2
    value = f"{figure.value:,.{digits}f} {figure.unit}"
    return f"  {figure.what:<48}{value:>14}   {figure.target}".rstrip()


if __name__ == "__main__":
    main()
