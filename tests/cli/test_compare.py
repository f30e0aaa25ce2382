"""Two days side by side: the numbers are those of the tables, and what cannot be compared is not."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from command_line import CommandLine
from pyspark.sql import Row
from pyspark.sql import functions as F

from vitalfew.cli.compare.known import Days, Known, Prediction, known, moves
from vitalfew.cli.compare.story import story
from vitalfew.cli.page_text import in_words
from vitalfew.config.target import Target
from vitalfew.engines.engine import Engine
from vitalfew.jobs.rfm.tables import RFM
from vitalfew.messages.words import LANGUAGES, Words
from vitalfew.runs.published import Published
from vitalfew.storage.delta import Storage
from vitalfew.tables.facts import ORDERS

FIRST, LAST, OTHER = date(2017, 10, 1), date(2018, 1, 1), date(2017, 7, 1)
DAYS = Days(FIRST, LAST)


@pytest.fixture(scope="module")
def root(running: Engine, embedded: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Tables of three days, of which the first was made with other settings."""
    found = tmp_path_factory.mktemp("compared") / "tables"
    shutil.copytree(embedded, found, ignore=shutil.ignore_patterns("report", "files"))
    with pytest.MonkeyPatch.context() as monkeypatch:
        vitalfew = CommandLine(running, monkeypatch)
        there = ("--target", "demo", "--root", str(found))
        for day, settings in ((FIRST, ()), (OTHER, ("--set", "rfm.window_days=100"))):
            done = vitalfew("run", "rfm", "contribution", *there, "--as-of", str(day), *settings)
            assert done.returncode == 0, done.stderr
    return found


@pytest.fixture
def published(running: Engine, root: Path) -> Iterator[Published]:
    storage = Storage(running, Target(root=str(root), engine="sail"))
    yield Published(storage)
    storage.release()


def test_the_periods_are_the_days_between_and_as_many_before(published: Published) -> None:
    found = known(published, DAYS, 5)
    orders = published.storage.read(ORDERS).collect()
    sales = [row for row in orders if row["kind"] == "sale"]
    firsts: dict[str, date] = {}
    for row in sales:
        firsts[row["customer_id"]] = min(row["ordered_on"], firsts.get(row["customer_id"], date.max))
    for row, begin in zip(found.periods, (FIRST, FIRST - timedelta(days=92)), strict=True):
        end = begin + timedelta(days=92)
        inside = [each for each in sales if begin <= each["ordered_on"] < end]
        buyers = {each["customer_id"] for each in inside}
        assert row["orders"] == len(inside) > 0
        assert row["customers"] == len(buyers)
        assert row["newcomers"] == sum(begin <= firsts[each] for each in buyers)
        assert row["amount"] == sum(each["net_amount"] for each in orders if begin <= each["ordered_on"] < end)


def test_moves_are_those_of_the_two_slices(published: Published) -> None:
    found = known(published, DAYS, 2).moves
    assert found is not None
    rows = published.storage.read(RFM).where(F.col("as_of").isin(FIRST, LAST)).collect()
    before, now = ({r["customer_id"]: r["segment"] for r in rows if r["as_of"] == day} for day in (FIRST, LAST))
    flows = Counter((before.get(each, "-"), now.get(each, "-")) for each in {*before, *now})
    assert found.customers == len(before)
    assert found.stayed == sum(n for (old, new), n in flows.items() if old == new)
    shown = {(row["from_segment"], row["to_segment"]): row["customers"] for row in found.flows}
    assert shown
    assert shown.items() <= flows.items()
    assert found.hidden_flows == len(flows) - len(shown)
    assert all(one.before == Counter(before.values())[one.segment] for one in found.sizes)
    assert all(one.now == Counter(now.values())[one.segment] for one in found.sizes)


def test_slices_of_other_settings_are_not_compared(published: Published) -> None:
    found = known(published, Days(OTHER, LAST), 5)
    assert found.other_settings == {"rfm"}
    assert found.moves is None
    assert found.concentration is not None
    said = " ".join(in_words(story(found), Words("en", None), 80).split())
    assert "Not compared: the settings of rfm, or of what it reads, changed" in said
    assert f"again, with what it reads: vitalfew run all --as-of {OTHER}" in said


def row(**values: Any) -> Row:
    return Row(**values)


def test_small_groups_are_hidden_and_cannot_be_told_from_the_others() -> None:
    sizes = {("A", "A"): 50, ("A", "B"): 3, ("A", "C"): 9, ("B", "B"): 20, ("B", "A"): 7, ("C", "C"): 2, ("C", "A"): 30}
    flows = [row(from_segment=old, to_segment=new, customers=n, amount=None) for (old, new), n in sizes.items()]
    found = moves(flows, 5)
    shown = {(each["from_segment"], each["to_segment"]) for each in found.flows}
    assert not {("A", "B"), ("C", "C")} & shown
    for side in (0, 1):
        for name in "ABC":
            left = [n for key, n in sizes.items() if key[side] == name and key not in shown]
            assert not left or (len(left) > 1 and sum(left) >= 5) or len(left) == sum(k[side] == name for k in sizes)
    assert (found.customers, found.stayed) == (121, 72)


def test_a_small_flow_is_not_told_by_how_many_stayed() -> None:
    sizes = {("A", "A"): 8, ("A", "B"): 3, ("B", "B"): 9, ("A", "C"): 50, ("C", "C"): 40, ("-", "C"): 30}
    flows = [row(from_segment=old, to_segment=new, customers=n, amount=None) for (old, new), n in sizes.items()]
    found = moves(flows, 5)
    moved = found.customers - found.stayed
    assert moved == 53
    shown = sum(each["customers"] for each in found.flows if each["from_segment"] not in ("-", each["to_segment"]))
    assert moved - shown == 53, "the one who moved from A to B is told by the others who moved"


@pytest.mark.parametrize(
    ("amounts", "said"),
    [
        ((102, 100), "2.0% more"),
        ((101.9, 100), "About as much"),
        ((90, 100), "10.0% less"),
    ],
)
def test_a_change_is_named_from_two_percent_on(amounts: tuple[float, float], said: str) -> None:
    assert said in told(amounts=amounts)


@pytest.mark.parametrize(
    ("amounts", "orders", "began", "said"),
    [
        ((5, 0), (3, 0), FIRST, "there is nothing in the 92 days before"),
        ((5, -2), (3, 0), FIRST, "3 orders came, after 0 orders in the 92 days before. Money is no measure here: 5.00"),
        ((0, 0), (3, 7), date(2017, 1, 1), "3 orders came, after 7 orders in the 92 days before. Money is no measure"),
        (
            (9, 1),
            (3, 1),
            date(2017, 9, 1),
            "The first order of all is of 1 Sept 2017: the 92 days before are not whole",
        ),
        ((9, 1), (3, 1), date(2017, 7, 2), "800.0% more money"),
    ],
)
def test_what_is_no_measure_of_a_change_is_named(
    amounts: tuple[float, float], orders: tuple[int, int], began: date, said: str
) -> None:
    assert said in told(amounts=amounts, orders=orders, began=began)


@pytest.mark.parametrize(
    ("came", "said"),
    [(10, "Yes: 10"), (20, "Yes: 20"), (9, "Fewer came: 9"), (21, "More came: 21"), (None, "Nothing can")],
)
def test_a_forecast_held_where_what_came_lies_inside(came: int | None, said: str) -> None:
    assert said in told(prediction=None if came is None else Prediction(90, 15.0, 10.0, 20.0, came))


@pytest.mark.parametrize(
    ("ginis", "said"),
    [
        (((0.4, 0.5), (0.51, 0.6)), "Yes: the value is more"),
        (((0.4, 0.5), (0.3, 0.39)), "No: the value is less"),
        (((0.4, 0.5), (0.5, 0.6)), "No difference beyond chance"),
        (((None, None), (0.5, 0.6)), "Nobody can tell"),
    ],
)
def test_value_is_in_fewer_hands_where_the_intervals_are_apart(ginis: tuple[Any, Any], said: str) -> None:
    assert said in told(concentration=tuple(of_gini(*each) for each in ginis))


def of_gini(low: float | None, high: float | None) -> Row:
    return row(subjects=100, subjects_for_target=20, gini=0.5, gini_low=low, gini_high=high)


def told(amounts: tuple[float, float] = (1, 1), orders: tuple[int, int] = (3, 3), **changed: Any) -> str:
    """What is said of a shop of which only some is known, in English; in Chinese as much can be said."""
    periods = tuple(
        row(orders=n, customers=2, newcomers=1, amount=amount) for n, amount in zip(orders, amounts, strict=True)
    )
    everything = {"concentration": None, "prediction": None, "began": date(2017, 1, 1), **changed}
    found = Known(DAYS, periods, moves=None, alerts=[], other_settings=frozenset(), **everything)  # type: ignore[arg-type]
    said = {language: in_words(story(found), Words(language, None), 80) for language in LANGUAGES}
    assert said["zh"]
    return " ".join(said["en"].split())


def test_the_command_compares_or_says_why_not(running: Engine, monkeypatch: pytest.MonkeyPatch, root: Path) -> None:
    vitalfew = CommandLine(running, monkeypatch)
    there = ("--target", "demo", "--root", str(root))
    done = vitalfew("compare", "--as-of", str(FIRST), *there)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("From 1 Oct 2017 to 1 Jan 2018\n")
    for arguments, code, text in (
        (("--as-of", "latest"), 2, "name the earlier day"),
        (("--as-of", str(LAST)), 2, "the first day must be before the last"),
        (("--as-of", "2001-01-01"), 3, "Nothing is published as of 2001-01-01; there is: 2017-07-01"),
        (("--as-of", str(FIRST), "--page", "page.txt"), 2, "ends in .html"),
    ):
        refused = vitalfew("compare", *there, *arguments)
        assert (refused.returncode, text in refused.stderr) == (code, True), refused.stderr
