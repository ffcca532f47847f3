"""Files that expect something: how they are found, simulated together, and what is said of them."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest

import livesim
from livesim.checking import formats, keeping, looking, reports
from livesim.checking.bounds import no_such_figure
from livesim.checking.check import Options, check, update
from livesim.checking.findings import Checked, Finding, Report
from livesim.checking.validating import validate
from livesim.errors import Mistake, ResultsError, UsageError
from livesim.scenario.expecting import Expectation
from livesim.scenario.library import LIBRARY

_SHOW = """\
like: drop
title: A quick drop
show: {start: 2026-11-29 20:00, length: 5min, refresh: 10s, currency: CNY}
viewers: 500
watch_time: 2min
deal: {slot_fee: 0, commission: 20%, platform_fee: 5%, guest_fee: 0, shipping: 5}
products:
  serum: {price: 100, unit_cost: 30, left_over_value: 10, owned: 10, returns: 10%, forecast: 20}
supply: {pack: 1, minimum_order: 0}
"""


def write(place: Path, *lines: str, more: str = "") -> Path:
    expect = "expect:\n" + "".join(f"  - {line}\n" for line in lines) if lines else ""
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(_SHOW + more + expect, encoding="utf-8")
    return place


def checked(*paths: Path, most: int = 250, time_budget: float | None = None) -> Report:
    options = Options(most_replications=most, workers=1, time_budget=time_budget)
    return check(paths, options)


def verdicts(report: Report) -> dict[str, str]:
    return {str(finding.expectation): finding.verdict for finding in report.findings}


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Report:
    folder = tmp_path_factory.mktemp("shows")
    write(
        folder / "drop.yaml",
        'serum.sold_out@5min: ">= 1%"',
        '{serum.sold_out: ">= 99%", severity: warn}',
        'serum.put_on_sale: "> 10"',
        "peak_concurent: [5, 10]",
        "serum.demand: [19.99, 20.01]",
        "conservation: holds",
        'profit: "> dearer"',
        'profit: ">= dearer + 1k"',
        'profit: "> dearer + 1k"',
        'profit: "< dearer + 1.1k"',
        'serum.sold_out: "> dearer - 10%"',
    )
    write(folder / "dearer.yaml", more="people: {kim: {role: guest}}\n")
    text = (folder / "dearer.yaml").read_text().replace("slot_fee: 0", "slot_fee: 1k")
    (folder / "dearer.yaml").write_text(text.replace("people: {kim: {role: guest}}\n", ""))
    write(folder / "below" / "wrong.yaml", "profit: 5")
    write(folder / ".hidden" / "drop.yaml", "profit: 5")
    (folder / "notes.yaml").write_text("a: [no scenario\n", encoding="utf-8")
    return checked(folder, folder / "drop.yaml")


def test_each_line_has_its_verdict(report: Report) -> None:
    assert verdicts(report) == {
        "serum.sold_out@5min >= 1%": "holds",
        "serum.sold_out >= 99%": "broken",
        "serum.put_on_sale > 10": "broken",
        "peak_concurent in [5, 10]": "missing",
        "serum.demand in [19.99, 20.01]": "undecided",
        "conservation holds": "holds",
        "profit > dearer": "holds",
        "profit >= dearer + 1k": "holds",
        "profit > dearer + 1k": "broken",
        "profit < dearer + 1.1k": "holds",
        "serum.sold_out > dearer - 10%": "holds",
    }


def test_shows_are_paired_on_the_same_luck(report: Report) -> None:
    found = next(one.judgement for one in report.findings if one.expectation.show)
    assert found is not None and (found.low, found.value, found.high) == (1000, 1000, 1000)


def test_mistakes_are_of_their_file_alone(report: Report) -> None:
    wrong, fine = report.shows
    assert (Path(wrong.file).name, Path(fine.file).name) == ("wrong.yaml", "drop.yaml")
    assert [str(mistake.line) for mistake in wrong.mistakes] == ["11"] and not fine.mistakes


def test_people_read_a_line_for_each(report: Report) -> None:
    text = formats.text(report)
    assert "  broken     serum.sold_out >= 99%" in text and "(warning)" in text
    assert "would decide it" in text and "5min has no" not in text
    assert "holds: 6, broken: 3, missing: 1, undecided: 1, bad files: 1" in text
    assert text.endswith("wrong by chance: at most 1 %")
    assert " would decide it (--max-replications)" in text


def test_money_has_its_currency(report: Report) -> None:
    open_ = next(one for one in report.findings if one.judgement is not None)
    assert open_.judgement is not None and open_.currency == "CNY"
    known = replace(open_.judgement, value=-3181.0, low=-3340.0, high=-3022.0, replications=250)
    money = replace(open_, judgement=known, unit="currency", verdict="broken")
    assert formats.said(money).startswith("CNY -3,181 [-3,340, -3,022] in 250 shows")


def test_nobody_is_told_to_simulate_a_thousand_million_shows(report: Report) -> None:
    """A line that ends where the figure lies would take any number of them."""
    open_ = next(one for one in report.findings if one.verdict == "undecided")
    assert open_.judgement is not None
    for needed in (None, 1_291_677_250):
        near = replace(open_, judgement=replace(open_.judgement, needed=needed))
        assert "; too near to what is expected to say how many" in formats.said(near)


def test_what_to_do_where_a_baseline_moved_is_said_once(tmp_path: Path) -> None:
    file = write(tmp_path / "my show.yaml")
    update([file], workers=1)
    report = checked(file)
    assert "--update" not in formats.text(report)
    file.write_text(file.read_text().replace("owned: 10", "owned: 12"))
    report = checked(file)
    remedy = f"If that is meant, livesim check '{file}' --update keeps what moved."
    for text in (formats.text(report), formats.github(report)):
        assert text.splitlines()[-1] == remedy
    many = replace(report, shows=[replace(report.shows[0], file=f"{n}.yaml") for n in range(4)])
    assert "livesim check FILE --update" in formats.text(many)


def test_junit_counts_what_fails(report: Report) -> None:
    root = ElementTree.fromstring(formats.junit(report).encode())
    wrong, drop = root.findall("testsuite")
    counted = {key: drop.get(key) for key in ("tests", "failures", "errors")}
    assert counted == {"tests": "11", "failures": "3", "errors": "1"}  # the warning passes
    assert len(drop.findall("testcase/failure")) == 3 and len(drop.findall("testcase/error")) == 1
    assert wrong.find("testcase/error") is not None


def test_github_is_told_the_place(report: Report) -> None:
    lines = formats.github(report).splitlines()
    drop = report.shows[1].file
    assert f"::warning file={drop},line=12,col=5::serum.sold_out >= 99%25 broken: " in lines[1]
    assert [line.split(" ")[0] for line in lines[:-1]] == ["::error", "::warning", *["::error"] * 4]


@pytest.mark.parametrize("workspace", [True, False])
def test_github_is_told_files_from_the_root_of_their_repository(
    workspace: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "shows" / "gala"
    folder.mkdir(parents=True)
    (folder / "a.yaml").touch()
    monkeypatch.setenv("GITHUB_WORKSPACE", str(tmp_path if workspace else folder))
    if not workspace:
        monkeypatch.delenv("GITHUB_WORKSPACE")
        (tmp_path / ".git").mkdir()
    for place, file in ((folder, "a.yaml"), (tmp_path / "shows", "../shows/gala/a.yaml")):
        monkeypatch.chdir(place)
        mistake = Mistake("bad", file=file, line=3)
        case = reports.Case("profit > 0", "broken", "failure", line=7)
        suite = reports.Suite("a", file, mistakes=(mistake,), cases=(case,))
        for line in reports.github([suite]):
            assert line.startswith("::error file=shows/gala/a.yaml,line=")


def test_what_would_end_an_annotation_is_escaped() -> None:
    wrong = Mistake("50 %\nmore", file="a,b:c.yaml", line=1)
    (line,) = reports.github([reports.Suite("a", "a,b:c.yaml", mistakes=(wrong,))])
    assert line == "::error file=a%2Cb%3Ac.yaml,line=1::50 %25%0Amore"


def test_programs_read_the_same(report: Report) -> None:
    told = json.loads(json.dumps(formats.document(report), allow_nan=False))
    lines = told["shows"][1]["expectations"]
    assert [line["verdict"] for line in lines] == list(verdicts(report).values())
    assert lines[4]["needed"] > 250 and lines[3]["value"] is None


@pytest.mark.slow
def test_an_alternative_is_a_show_of_its_own(tmp_path: Path) -> None:
    alternatives = (
        "alternatives:\n  now: {}\n  more:\n    products: {serum: {owned: 40}}\n"
        '    expect: [{serum.put_on_sale: ">= now"}, {serum.put_on_sale: "> now"}]\n'
    )
    file = write(tmp_path / "two.yaml", "serum.put_on_sale: [10, 10]", more=alternatives)
    report = checked(file)
    assert [show.name for show in report.shows] == [f"{file}:now", f"{file}:more"]
    assert set(verdicts(report).values()) == {"holds"}
    assert report.findings[0].place is not None


def test_what_an_included_file_expects_is_not_expected_of_others(tmp_path: Path) -> None:
    write(tmp_path / "base.yaml", "serum.put_on_sale: [10, 10]")
    file = tmp_path / "own.yaml"
    file.write_text("include: [base.yaml]\nproducts: {serum: {owned: 40}}\n", encoding="utf-8")
    with pytest.raises(UsageError, match=r"nothing is expected in own.yaml"):
        checked(file)


def test_another_show_must_be_there(tmp_path: Path) -> None:
    (mistake,) = checked(write(tmp_path / "a.yaml", 'profit: "> brand_rom"')).shows[0].mistakes
    assert (mistake.line, mistake.what) == (11, "no show is called brand_rom")
    assert "Did you mean brand_room?" in mistake.remedy


def test_a_margin_is_in_the_figures_own_unit(tmp_path: Path) -> None:
    write(tmp_path / "b.yaml")
    margins = ("b + 5%", "b - 5min", "b + -5", "b +", "b-5")
    lines = [f'profit: "> {margin}"' for margin in margins]
    said = [checked(write(tmp_path / "a.yaml", line)).shows[0].mistakes[0] for line in lines]
    assert [one.line for one in said] == [11] * len(lines)
    share, time, signed, bare, name = (f"{one.what}: {one.remedy}" for one in said)
    assert "'5%' is not a figure: write 20, -50k or 1.5M" in share and "'5min' is not" in time
    assert all('"> other_show + 10k"' in one for one in (signed, bare))
    assert "no show is called b-5: " in name


def test_money_of_two_currencies_is_not_compared(tmp_path: Path) -> None:
    write(tmp_path / "b.yaml")
    text = (tmp_path / "b.yaml").read_text().replace("CNY", "USD")
    (tmp_path / "b.yaml").write_text(text)
    report = checked(write(tmp_path / "a.yaml", 'profit: "> b"', 'serum.put_on_sale: ">= b"'))
    (mistake,) = report.shows[0].mistakes
    assert (mistake.line, mistake.what) == (11, "CNY and USD are not compared") and mistake.remedy
    assert [finding.verdict for finding in report.findings] == ["holds"]


_WRONG = {
    "share": ('profit: "> b - 10%"', ["'10%' is not a figure"]),
    "currency": ('profit.p10: ">= usd"', ["CNY and USD are not compared"]),
    "alternatives": ('profit: "> two + 5k"', ["describes 2 alternatives"]),
    "broken": ('serum.sales: ">= broken"', ["compares with", "no key called nonsense"]),
    "not there": ('profit: "> c"', ["no show is called c"]),
}


@pytest.mark.parametrize("name", _WRONG)
def test_what_is_known_before_a_show_is_simulated_is_told_by_validate_too(
    name: str, tmp_path: Path
) -> None:
    """The line that expects it comes first, and what is wrong in another file behind it."""
    line, said = _WRONG[name]
    base = write(tmp_path / "b.yaml").read_text()
    (tmp_path / "usd.yaml").write_text(base.replace("CNY", "USD"))
    write(tmp_path / "two.yaml", more="alternatives: {one: {}, more: {viewers: 900}}\n")
    write(tmp_path / "broken.yaml", more="nonsense: 3\n")
    file = write(tmp_path / "a.yaml", line, line)
    (validated,) = validate([file])
    assert validated.mistakes == checked(file).shows[0].mistakes
    first, *_ = validated.mistakes
    assert (first.file, first.line) == (str(file), 11) and first.remedy
    for text in said:
        assert any(text in mistake.what for mistake in validated.mistakes)
    lines = [mistake.line for mistake in validated.mistakes if mistake.file == str(file)]
    assert lines == [11, 12] and len(validated.mistakes) == len(said) + 1


def test_one_of_some_alternatives_is_compared_with_as_the_remedy_says(tmp_path: Path) -> None:
    write(tmp_path / "two.yaml", more="alternatives: {one: {}, more: {viewers: 900}}\n")
    (told,) = validate([write(tmp_path / "a.yaml", 'orders: "> two + 5k"')])[0].mistakes
    assert told.remedy == "write one of them: two:one, two:more"
    assert not validate([write(tmp_path / "a.yaml", 'orders: "> two:one + 5k"')])[0].mistakes
    (told,) = validate([write(tmp_path / "b.yaml", 'orders: "> a:one"')])[0].mistakes
    assert told.remedy == "write a"


def test_a_comparison_is_expected_of_by_the_path_of_its_document(tmp_path: Path) -> None:
    """Alternatives are held against the first; a file beside against the show that expects it."""
    lines = (
        'show.profit.differences.fee: "< -400"',
        "show.profit.differences.fee.difference: [-600, -400]",
        'show.profit.values.plain.mean: "> fee"',
        "products.serum.since_link.differences.fee: [0, 0]",
        'orders.differences.fee: "> 1"',
    )
    fee = "alternatives: {plain: {}, fee: {deal: {guest_fee: 500}}}\n"
    both = checked(write(tmp_path / "both.yaml", *lines, more=fee)).shows
    for show in both:
        verdicts = [one.verdict for one in show.findings]
        assert verdicts == ["holds", "holds", "holds", "holds", "broken"]
    dearer = write(tmp_path / "other.yaml").read_text().replace("guest_fee: 0", "guest_fee: 500")
    (tmp_path / "other.yaml").write_text(dearer)
    file = write(tmp_path / "alone.yaml", 'show.profit.differences.other: "< -400"')
    assert [one.verdict for one in checked(file).findings] == ["holds"]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('show.profit.differences.plain: "> 0"', "write show.profit"),
        ('show.profit.differences.fees: "> 0"', "Did you mean fee?"),
        ('show.profit.differences.fee: "> plain"', "write a number, or show.profit before"),
    ],
)
def test_what_a_comparison_does_not_tell_is_a_mistake(line: str, said: str, tmp_path: Path) -> None:
    fee = "alternatives: {plain: {}, fee: {deal: {guest_fee: 500}}}\n"
    told = validate([write(tmp_path / "both.yaml", line, more=fee)])[0].mistakes
    assert told and said in told[0].remedy


def test_what_only_a_simulation_knows_is_no_mistake_before(tmp_path: Path) -> None:
    lines = ('plan.serum.buy: "> 10%"', 'plan.serum.unavailable.p10: "> 0"', "conservation: holds")
    assert not validate([write(tmp_path / "a.yaml", *lines)])[0].mistakes


_MISSING = {
    'profits: "> 0"': "nearest: profit",
    'profit.chance: "> 10%"': "write profit, or profit.p10 for a quantile",
    'serum.demand@5min: "> 10%"': "leave @5min out",
    'profit.differences.b.low: "> 0"': "write profit.differences.b and",
    'profit.values.b.half_width: "< 9"': "write profit.values.b and",
    'serum.stock.values.b.p10.p90: "> 0"': "nearest",
    'plan.serum.bye: "> 0"': "nearest: plan.serum.buy",
    'plan.reached: "> 0"': "has these under products, purchase and choices",
    'plan.sensitivity: "> 0"': "has these under products, purchase and choices",
    'plan.waves: "> 0"': "livesim plan --json has all there are",
    "agrees_with: observed": "write `observed` into a product",
}


@pytest.mark.parametrize("line", _MISSING)
def test_a_figure_that_there_will_not_be_is_told_by_validate(line: str, tmp_path: Path) -> None:
    """In the words of check, of which it is the verdict of that line alone."""
    write(tmp_path / "b.yaml")
    file = write(tmp_path / "a.yaml", "conservation: holds", line)
    (told,) = validate([file])[0].mistakes
    assert (told.file, told.line) == (str(file), 12) and _MISSING[line] in told.remedy
    fine, missing = checked(file).findings
    assert (fine.verdict, missing.verdict) == ("holds", "missing")
    assert missing.said == f"{told.what}; {told.remedy}"


def test_a_bundle_has_the_units_of_its_components(tmp_path: Path) -> None:
    duo = {"price": 380, "contains": {"serum": 1, "mask": 1}, "forecast": 4}
    room = livesim.load("brand_room", {"products.duo": duo})
    for path in ("plan.duo.buy", "plan.products.duo.buy", "plan.bundles.duo.buy"):
        told = no_such_figure(Expectation(path, "> 0"), path, room, None)
        assert told.endswith("write plan.serum.buy and plan.mask.buy")


@pytest.mark.parametrize(
    ("line", "what", "remedy"),
    [
        ('profit: "= other"', "never shows that a figure is exactly", "of two shows, two lines"),
        ('orders: "== 5"', "never shows that a figure is exactly", "write within what it is to be"),
        ('profit: "> nan"', "nan is no number", "write a number"),
        ('profit: "> inf"', "inf is no number", "write a number"),
        ('profit: "< my room"', "'my room' is no show and no number", 'write "> my_show"'),
        ('serum.sold_out: ">= 120%"', "120% is out of range for a share", "write 45%"),
    ],
)
def test_what_cannot_be_expected_is_told_with_its_rule(
    line: str, what: str, remedy: str, tmp_path: Path
) -> None:
    (told,) = validate([write(tmp_path / "a.yaml", line)])[0].mistakes
    assert what in told.what and remedy in told.remedy


def test_nothing_is_kept_of_a_file_with_mistakes(tmp_path: Path) -> None:
    file = write(tmp_path / "a.yaml", 'profit: "> 10%"')
    (kept,) = update([file], workers=1)
    assert kept.show.mistakes and not (tmp_path / "baselines").exists()


def test_a_file_of_past_shows_with_mistakes_is_one_of_its_scenario_alone(tmp_path: Path) -> None:
    """Neither check nor validate ends with it: the other files of the folder are looked at."""
    (tmp_path / "past.csv").write_text("start,length,viewers,units\n2026-01-03 20:00,3h,many,3\n")
    write(tmp_path / "a.yaml", "conservation: holds", more="history: past.csv\n")
    write(tmp_path / "b.yaml", "conservation: holds")
    compared = write(tmp_path / "c.yaml", 'profit: "> a"')
    first, second, third = checked(tmp_path).shows
    assert "column 3 (viewers)" in str(first.mistakes[0]) and first.mistakes[0].line == 2
    assert [one.verdict for one in second.findings] == ["holds"]
    assert (third.mistakes[0].file, third.mistakes[0].line) == (str(compared), 11)
    told = [[mistake.file for mistake in one.mistakes] for one in validate([tmp_path])]
    past = str(tmp_path / "past.csv")
    assert told == [[past], [], [str(compared), past]]


def test_where_nothing_can_be_kept_is_known_before_anything_is_simulated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "baselines").write_text("")  # where the folder is to be
    monkeypatch.setattr(keeping, "_summaries", lambda *_: pytest.fail("it was simulated"))
    with pytest.raises(ResultsError, match="baselines: cannot be written: Not a directory"):
        update([write(tmp_path / "a.yaml")], workers=1)


def test_a_bound_that_cannot_hold_is_a_mistake_of_the_file(tmp_path: Path) -> None:
    """It says where and how to mend it; the other lines are checked all the same."""
    lines = ("peak_concurrent: [5min, 10min]", "profit: [1%, 2%]", "conservation: holds")
    report = checked(write(tmp_path / "a.yaml", *lines))
    time, share = report.shows[0].mistakes
    assert (time.line, share.line) == (11, 12) and time.file == share.file == report.shows[0].file
    assert "'5min' is not" in time.what and time.remedy
    assert "'1%' is not" in share.what and share.remedy
    assert [finding.verdict for finding in report.findings] == ["holds"]


def test_a_time_budget_ends_the_looks_after_the_first(tmp_path: Path) -> None:
    file = write(tmp_path / "a.yaml", "serum.demand: [19.99, 20.01]")
    soon, later = (checked(file, most=500, time_budget=end) for end in (1e-6, 3600.0))
    assert [_size(soon.findings[0]), _size(later.findings[0])] == [250, 500]
    assert ["the time was over" in formats.summary(one) for one in (soon, later)] == [True, False]


def _size(finding: Finding) -> int:
    assert finding.judgement is not None
    return finding.judgement.replications


@pytest.mark.parametrize(
    ("observed", "verdict"),
    [
        ("{sold: 15, sold_out: true}", "holds"),
        ("{sold: 500, sold_out: true}", "broken"),
        ("{sold: 15, sold_out: false}", "holds"),
        ("{sold: 5000, sold_out: false}", "broken"),
        ("", "missing"),
    ],
)
def test_a_show_agrees_with_what_was_observed(observed: str, verdict: str, tmp_path: Path) -> None:
    file = write(tmp_path / "a.yaml", "agrees_with: observed")
    text = file.read_text().replace("forecast: 20", f"forecast: 40, observed: {observed or 'null'}")
    file.write_text(text.replace(", observed: null", ""), encoding="utf-8")
    (found,) = checked(file).findings
    assert found.verdict == verdict
    assert found.judgement is None or 0 <= found.judgement.low <= found.judgement.high <= 1
    contradicts = "less than 5 %" if "true" in observed else "less than 2.5 %"
    assert found.judgement is None or f"; {contradicts} would contradict it" in formats.said(found)


def test_a_file_name_moves_no_cursor() -> None:
    shown = Checked("e\x1b]0;hi\x07.yaml", "e.yaml")
    assert r"e\x1b]0;hi\x07.yaml" in formats.text(Report((shown,), 0.01, (250,), 1, {}))


def test_a_file_in_a_folder_that_cannot_be_read_any_more_is_a_mistake(tmp_path: Path) -> None:
    """A stray byte does not take a show out of the gate; what expects nothing is left alone."""
    write(tmp_path / "a.yaml", 'orders: "> 0"')
    file = write(tmp_path / "b.yaml", 'orders: "> 0"')
    file.write_bytes(file.read_bytes() + b"# caf\xe9\n")
    (tmp_path / "other.yaml").write_bytes(b"# caf\xe9\n")
    report = checked(tmp_path)
    assert [Path(show.file).name for show in report.shows if show.mistakes] == ["b.yaml"]


def test_every_reference_scenario_expects_something() -> None:
    silent = [
        file.name for file in LIBRARY.glob("*.yaml") if "expect:" not in file.read_text("utf-8")
    ]
    assert silent == []


def test_how_long_further_looks_take_is_said_beforehand(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is said of looks that are over in a second; were that long, it is said once."""
    (found,) = checked(write(tmp_path / "a.yaml", 'orders: "> 0"')).findings
    assert found.judgement is not None
    file = write(tmp_path / "a.yaml", f'orders: "> {found.judgement.value:.6f}"')
    (open_,) = checked(file, most=1000).findings
    assert open_.verdict == "undecided"
    monkeypatch.setattr(looking, "LONG", 0.0)
    with pytest.warns(UserWarning, match="may take 1 min more, up to 1,000: --time-budget") as said:
        checked(file, most=1000)
    assert len(said) == 1
