"""The reference scenarios' summaries at a fixed seed, against ones that were kept.

``python tests/golden/test_golden.py`` keeps new ones. Where NumPy and the processor are those that
the kept summary was made with, every number must be the same to the last bit. Elsewhere they are
compared in law: a mean within the two half-widths, stretched so that a true match fails once in
10,000 means; a chance by overlapping intervals. A shift of a mean is always caught in the first
case, in the second from three half-widths on.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import livesim
from livesim.results.provenance import provenance

HERE = Path(__file__).parent
SCENARIOS = HERE.parent.parent / "scenarios"
NAMES = ("viya_kim_perfume", "brand_room")
#: What a document says of where its figures come from, and not of the show.
CHANGING = {"versions", "fingerprint"}
#: Half-widths are 1.96 standard errors; 3.9 of them leave out one normal deviate in 10,000.
STRETCH = 3.9 / 1.96


def fresh(name: str) -> dict[str, Any]:
    result = livesim.simulate(SCENARIOS / f"{name}.yaml", replications=500, seed=1, workers=1)
    document = result.document()
    told = {key: value for key, value in document.items() if key not in CHANGING}
    made_with = {key: provenance()[key] for key in ("numpy", "processor")}
    # Through text and back, so that both sides have gone through the same rounding.
    return dict(json.loads(json.dumps({"made_with": made_with, **told})))


def kept(name: str) -> dict[str, Any]:
    return dict(json.loads((HERE / f"{name}.json").read_text(encoding="utf-8")))


def differences(kept: Any, now: Any, path: str = "") -> list[str]:
    """Say where two summaries disagree in law."""
    if isinstance(kept, dict) and "half_width" in kept:
        return _mean_differs(kept, now, path)
    if isinstance(kept, dict) and set(kept) == {"chance", "low", "high"}:
        apart = kept["low"] > now["high"] or now["low"] > kept["high"]
        return [f"{path}: {kept} is now {now}"] if apart else []
    if isinstance(kept, dict):
        if set(kept) != set(now):
            return [f"{path}: keys {sorted(set(kept) ^ set(now))}"]
        return [d for key in kept for d in differences(kept[key], now[key], f"{path}.{key}")]
    return [] if kept == now else [f"{path}: {kept} is now {now}"]


def _mean_differs(kept: dict[str, Any], now: dict[str, Any], path: str) -> list[str]:
    if kept["mean"] is None or now["mean"] is None:
        same = (kept["mean"] is None) == (now["mean"] is None)
        return [] if same else [f"{path}: {kept} is now {now}"]
    allowed = STRETCH * (kept["half_width"] ** 2 + now["half_width"] ** 2) ** 0.5
    far = abs(kept["mean"] - now["mean"]) > allowed + 1e-9 * abs(kept["mean"])
    return [f"{path}: mean {kept['mean']} is now {now['mean']}"] if far else []


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_summary_is_the_one_that_was_kept(name: str) -> None:
    before, now = kept(name), fresh(name)
    if before.pop("made_with") == now.pop("made_with"):
        assert now == before
    assert differences(before, now) == []


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(("half_widths", "caught"), [(2.0, False), (3.0, True), (-3.0, True)])
def test_a_shifted_summary_would_be_caught(name: str, half_widths: float, caught: bool) -> None:
    before = kept(name)
    before.pop("made_with")
    shifted = json.loads(json.dumps(before))
    viewers = shifted["show"]["unique_viewers"]
    viewers["mean"] += half_widths * viewers["half_width"]
    told = any("unique_viewers" in difference for difference in differences(before, shifted))
    assert told == caught


if __name__ == "__main__":
    for name in NAMES:
        text = json.dumps(fresh(name), indent=1, ensure_ascii=False)
        (HERE / f"{name}.json").write_text(text + "\n", encoding="utf-8")
