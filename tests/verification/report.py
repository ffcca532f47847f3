"""Print the test report: ``python tests/verification/report.py [--quick]``.

What the closed forms say and what they would see, the published shows, and how much the refresh
matters. The broken programs and the checks that caught them are printed by ``mutants.py``.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator

import published
import refresh
from checks import ALARM, FALSE_ALARM, SEED
from closed_forms import CLOSED_FORMS, COMPARISON_ALARM, ClosedForm, Engine
from laws import POWER, Same
from same_law import detectable
from shows import SHOWS


def closed_forms(seed: int, engines: tuple[str, ...]) -> Iterator[str]:
    """Yield each closed form with its least p-value, its false-alarm rate and what it would see."""
    yield (
        f"Each line may raise a false alarm in {ALARM:.0e} of all seeds, the whole suite in "
        f"{FALSE_ALARM:.0e}."
    )
    yield f"The differences are those that are seen in {POWER:.0%} of all seeds."
    for name, form in CLOSED_FORMS.items():
        yield f"{name}: {form.law}"
        yield from (_line(form, e, seed) for e in form.engines if e.name in engines)


def _line(form: ClosedForm, engine: Engine, seed: int) -> str:
    found = list(form.compare(engine, seed))
    worst = min(found, key=lambda comparison: comparison.p_value)
    alarms = [comparison for comparison in found if comparison.p_value <= COMPARISON_ALARM]
    by_luck = [comparison for comparison in found if not isinstance(comparison, Same)]
    text = f"  {engine.name:<7} {'FAILS' if alarms else 'holds'}: {len(found)} comparisons"
    if not by_luck:
        return f"{text}, exact in every replication"
    least = max(by_luck, key=lambda c: c.detects(COMPARISON_ALARM) / c.scale)
    seen = least.detects(COMPARISON_ALARM)
    return (
        f"{text}, least p = {worst.p_value:.2g}; the bluntest ({least.what}, {least.scale:.3g}) "
        f"sees a difference of {seen:.2g}"
    )


def two_engines() -> Iterator[str]:
    """Yield which shows both engines are compared on, and what their comparison would see."""
    yield f"{len(SHOWS)} shows: {', '.join(SHOWS)}; run by pytest -m verification."
    yield f"Each may raise a false alarm in {ALARM:.0e} of all seeds. In 99 of 100 seeds they see"
    yield from (f"  {what} that is off by {size:.2g}" for what, size in detectable().items())


def sections(seed: int, quick: bool) -> Iterator[tuple[str, Iterator[str]]]:
    """Yield the report's sections, a title and its lines at a time."""
    engines = ("cohort",) if quick else ("cohort", "agent")
    yield "Closed forms", closed_forms(seed, engines)
    yield "Two engines, one law", two_engines()
    yield "Published shows", published.lines()
    if not quick:
        yield "Refresh", refresh.lines(seed)


def main() -> None:
    parser = argparse.ArgumentParser(description="Print the test report.")
    parser.add_argument("--quick", action="store_true", help="one engine, and no other refresh")
    parser.add_argument("--seed", type=int, default=SEED)
    arguments = parser.parse_args()
    for title, lines in sections(arguments.seed, arguments.quick):
        print(f"\n{title}\n{'=' * len(title)}")
        for line in lines:
            print(line, flush=True)


if __name__ == "__main__":
    main()
