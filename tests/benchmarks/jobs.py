"""Time whole commands of this checkout, and of an earlier commit beside it, in the same run.

``python tests/benchmarks/jobs.py --base v0.1.0 --rounds 3`` prints for each command the processor
time, the time on the clock and the memory of the largest process, medians over the rounds, and by
how much the base takes more. Start-up is included; the two take turns, so what else the machine
does meets both.
"""

from __future__ import annotations

import argparse
import compileall
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
SHOWS, SCENARIOS = Path(__file__).parent / "shows", ROOT / "scenarios"
#: By name, what is run: the jobs that planners wait for.
JOBS = {
    "plan five_products": ["plan", SHOWS / "five_products.yaml"],
    "plan twenty_two_products": ["plan", SHOWS / "twenty_two_products.yaml"],
    "plan viya_kim_perfume": ["plan", SCENARIOS / "viya_kim_perfume.yaml"],
    "run presale_marathon": ["run", SCENARIOS / "presale_marathon.yaml", "-n", "1000"],
    "plan presale_marathon": ["plan", SCENARIOS / "presale_marathon.yaml"],
    "plan thirty_hours": ["plan", SHOWS / "thirty_hours.yaml", "-n", "100"],
}


class Cost(NamedTuple):
    """What a command took: processor time and time on the clock [s], largest process [MB]."""

    cpu: float
    clock: float
    memory: float


def cost(checkout: Path, command: Sequence[object], limit: float) -> Cost | None:
    """Return what a command takes with the code of a checkout; None past a limit [s]."""
    start = time.perf_counter()
    child = subprocess.Popen(
        [sys.executable, "-m", "livesim", *map(str, command)],
        env=os.environ | {"PYTHONPATH": str(checkout)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    while time.perf_counter() - start < limit:
        done, status, used = os.wait4(child.pid, os.WNOHANG)
        if done:
            child.returncode = os.waitstatus_to_exitcode(status)
            if child.returncode:
                raise SystemExit(f"{command} failed in {checkout}: exit code {child.returncode}")
            clock = time.perf_counter() - start
            return Cost(used.ru_utime + used.ru_stime, clock, used.ru_maxrss / 1000)
        time.sleep(0.02)
    os.killpg(child.pid, 9)
    child.wait()
    return None


@contextmanager
def checked_out(revision: str) -> Iterator[Path]:
    """Check an earlier commit out beside this one, for as long as it is needed."""
    folder = Path(tempfile.mkdtemp()) / "base"
    git = ["git", "-C", str(ROOT), "worktree"]
    subprocess.run([*git, "add", "--detach", "--quiet", str(folder), revision], check=True)
    try:
        yield folder
    finally:
        subprocess.run([*git, "remove", "--force", str(folder)], check=True)
        shutil.rmtree(folder.parent, ignore_errors=True)


def row(name: str, costs: Sequence[Cost | None]) -> str:
    """Return a row of the table: medians, or a dash if the limit was passed."""
    known = [one for one in costs if one is not None]
    if not known:
        return f"{name:<34}{'-':>8}{'-':>9}{'-':>9}"
    cpu, clock, memory = (statistics.median(column) for column in zip(*known, strict=True))
    return f"{name:<34}{cpu:>8.1f}{clock:>9.1f}{memory:>9.0f}"


def main() -> None:
    parser = argparse.ArgumentParser(description="Time the commands that planners wait for.")
    parser.add_argument("job", nargs="*", help=f"which; all of: {', '.join(JOBS)}")
    parser.add_argument("--base", help="an earlier commit to compare with")
    parser.add_argument("--rounds", type=int, default=1, help="how often each is run (default: 1)")
    parser.add_argument("--limit", type=float, default=600, help="longest time for one [s]")
    given = parser.parse_args()
    for name in given.job:
        if name not in JOBS:
            parser.error(f"no job is called {name}; known: {', '.join(JOBS)}")
    print(f"{'':<34}{'cpu [s]':>8}{'clock [s]':>9}{'MB':>9}")
    if given.base is None:
        compare([("", ROOT)], given.job or list(JOBS), given.rounds, given.limit)
        return
    with checked_out(given.base) as base:
        trees = [("", ROOT), (f" ({given.base})", base)]
        compare(trees, given.job or list(JOBS), given.rounds, given.limit)


def compare(
    trees: Sequence[tuple[str, Path]], jobs: Sequence[str], rounds: int, limit: float
) -> None:
    """Print what each job costs with the code of each checkout, in turn."""
    for _, checkout in trees:  # or every process would, where PYTHONDONTWRITEBYTECODE is set
        compileall.compile_dir(checkout / "livesim", quiet=1)
    for name in jobs:
        found: list[list[Cost | None]] = [[] for _ in trees]
        for _ in range(rounds):
            for (_, checkout), costs in zip(trees, found, strict=True):
                costs.append(cost(checkout, JOBS[name], limit))
        for (label, _), costs in zip(trees, found, strict=True):
            print(row(name + label, costs), flush=True)
        if len(trees) == 2 and None not in [*found[0], *found[1]]:
            ratios = [b.cpu / a.cpu for a, b in zip(*found, strict=True) if a and b]
            print(f"{'  base over this, processor time':<34}{statistics.median(ratios):>7.1f} x")


if __name__ == "__main__":
    main()
