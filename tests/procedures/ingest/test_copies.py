"""Which lines count once, and what the lines of later files replace; in whatever order the files come."""

from __future__ import annotations

import itertools
import json
import os
import random
from collections import Counter
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest
from shop import NOW, SHOP, Crash, CrashingStorage, Shop

from vitalfew.config.files import FileSource
from vitalfew.errors import ConfigError, TableError
from vitalfew.jobs.ingest.params import IngestParams
from vitalfew.procedures.ingest import file_times
from vitalfew.procedures.ingest.load import ingest
from vitalfew.procedures.ingest.readers.drops import Drop
from vitalfew.suite import TABLES
from vitalfew.tables import Table
from vitalfew.tables.logs import FILES, REPLACED_ROWS, ROW_VERSIONS
from vitalfew.tables.sources import CUSTOMERS, EVENTS

BUN = "7,eve,bun,2025-03-01 08:00,1,0.80"
ROLL = "7,eve,roll,2025-03-01 08:00,1,0.50"
CAKE = "8,kim,cake,2025-03-02 08:00,1,12.00"


def counts(shop: Shop) -> dict[str, int]:
    return dict(Counter(row["product_id"] for row in shop.rows()))


def contents(shop: Shop) -> list[tuple[Any, ...]]:
    """The source table without what depends on the file a row came in first."""
    return sorted((row["line_id"], row["order_id"], row["product_id"], row["amount"]) for row in shop.rows())


ORDERS_OF_THREE = list(itertools.permutations(range(3)))


def of_till(till: int, line: str) -> str:
    """The line as another till gives it: of other orders."""
    return f"{till}-{line}"


def test_of_equal_lines_the_most_that_one_file_has_count(shop: Shop) -> None:
    """In whatever order the files come: each till sends the same three in another one."""
    files = {"till.csv": [BUN, BUN, BUN, ROLL], "overlap.csv": [BUN, BUN, CAKE], "late.csv": [ROLL, ROLL, CAKE]}
    for step in range(3):
        for till, order in enumerate(ORDERS_OF_THREE):
            name = list(files)[order[step]]
            shop.drop(f"{till}-{name}", *[of_till(till, line) for line in files[name]])
        shop.take()
    found = Counter((row["order_id"][0], row["product_id"]) for row in shop.rows())
    assert found == {(str(till), what): n for till in range(6) for what, n in {"bun": 3, "roll": 2, "cake": 1}.items()}
    taken = shop.rows(FILES)
    assert sum(row["rows_used"] for row in taken) == 36
    assert sum(row["money_used"] for row in taken) == sum(row["amount"] for row in shop.rows())
    assert shop.take().rows_in == 0


@pytest.mark.parametrize(
    ("copies", "found"),
    [
        ("across_files", {"bun": 2, "roll": 1}),
        ("keep", {"bun": 3, "roll": 1}),
        ("exact", {"bun": 1, "roll": 1}),
        ({"by": ["id"]}, {"bun": 1}),
    ],
)
def test_what_is_a_copy_is_for_the_shop_to_say(shop: Shop, copies: Any, found: dict[str, int]) -> None:
    shop.drop("a.csv", BUN, BUN, ROLL)
    shop.drop("b.csv", BUN)
    first = shop.take(copies=copies)
    assert counts(shop) == found
    assert (first.rows_used, first.rows_duplicate) == (sum(found.values()), 4 - sum(found.values()))


def test_copies_are_counted_for_each_file_with_their_money(shop: Shop) -> None:
    shop.drop("a.csv", BUN, BUN)
    shop.drop("b.csv", BUN, BUN, BUN, CAKE)
    account = shop.take()
    by_file = {row["path"]: row for row in shop.rows(FILES)}
    assert by_file["a.csv"]["rows_duplicate"] == 0
    assert (by_file["b.csv"]["rows_duplicate"], by_file["b.csv"]["money_duplicate"]) == (2, Decimal("1.60"))
    assert account.unused == ("order_lines: b.csv: 2 rows not used, as copies or older versions (1.60)",)


VERSIONS = {
    "orders_2025-03-01.csv": [BUN, ROLL, CAKE],
    "orders_2025-03-02.csv": [BUN.replace("0.80", "0.70")],
    "orders_2025-03-03.csv": [CAKE, "9,kim,pie,2025-03-02 09:00,1,5.00"],
}


def test_an_order_of_a_later_file_replaces_that_of_earlier_ones(shop: Shop) -> None:
    """In whatever order the files come, and where they come at once: each till sends the same three otherwise."""
    at_once = len(ORDERS_OF_THREE)
    for step in range(3):
        for till, order in enumerate(ORDERS_OF_THREE):
            name = list(VERSIONS)[order[step]]
            shop.drop(f"{till}-{name}", *[of_till(till, line) for line in VERSIONS[name]])
        if step == 2:
            for name, lines in VERSIONS.items():
                shop.drop(f"{at_once}-{name}", *[of_till(at_once, line) for line in lines])
        shop.take(replaces="order")
    tills = [str(till) for till in range(7)]
    assert sorted((row["order_id"], row["product_id"], str(row["amount"])) for row in shop.rows()) == [
        (f"{till}-{order}", product, amount)
        for till in tills
        for order, product, amount in (("7", "bun", "0.70"), ("8", "cake", "12.00"), ("9", "pie", "5.00"))
    ]
    files = shop.rows(FILES)
    assert sum(row["rows_used"] - row["rows_replaced"] for row in files) == 3 * 7
    assert sum(row["money_used"] - row["money_replaced"] for row in files) == 7 * Decimal("17.70")
    old = [(json.loads(row["content"]), row["amount"]) for row in shop.rows(REPLACED_ROWS)]
    assert sorted((content["order_id"], content["product_id"], amount) for content, amount in old) == [
        (f"{till}-7", product, amount)
        for till in tills
        for product, amount in (("bun", Decimal("0.80")), ("roll", Decimal("0.50")))
    ]
    assert shop.take(replaces="order").rows_in == 0


def test_a_day_of_a_later_file_replaces_that_day(shop: Shop) -> None:
    shop.drop("2025-03-02.csv", BUN, ROLL, CAKE)
    shop.take(replaces="day")
    shop.drop("2025-03-03.csv", "7,eve,bun,2025-03-02 08:00,1,0.80", CAKE)  # the order moved to the next day
    shop.take(replaces="day")
    assert sorted((row["order_id"], row["product_id"], row["ordered_at"].day) for row in shop.rows()) == [
        ("7", "bun", 1),
        ("7", "bun", 2),
        ("7", "roll", 1),
        ("8", "cake", 2),
    ]


def test_rows_of_a_key_are_replaced_by_what_a_column_says_also_within_a_file(shop: Shop) -> None:
    header = "who,at,what,detail,n,changed"
    settings: dict[str, Any] = {
        "source": "events",
        "at": "drops",
        "columns": {"customer_id": "who", "happened_at": "at", "kind": "what", "detail": "detail"},
        "replaces": {"key": ["n"]},
        "newest_by": "changed",
    }
    shop.drop(
        "b.csv",
        "ann,2025-03-01,ticket,open,1,2025-03-01 10:00",
        "ann,2025-03-01,ticket,closed,1,2025-03-01 12:00",
        "bob,2025-03-01,ticket,open,2,2025-03-01 12:00",
        header=header,
    )
    first = shop.take(**settings)
    assert (first.rows_used, first.rows_duplicate) == (2, 1)
    shop.drop(
        "c.csv",
        "ann,2025-03-01,ticket,late,1,2025-03-01 11:00",
        "bob,2025-03-01,ticket,done,2,2025-03-02",
        "bob,2025-03-01,ticket,done,,2025-03-02",
        header=header,
    )
    second = shop.take(**settings)
    assert second.replaced == {"events": (1, Decimal(0))}
    assert sorted((row["customer_id"], row["detail"]) for row in shop.rows(EVENTS)) == [
        ("ann", "closed"),
        ("bob", "done"),
    ]
    assert shop.reasons() == ["n, the key of replaces, is missing"]
    assert sorted(json.loads(row["content"])["detail"] for row in shop.rows(REPLACED_ROWS)) == ["late", "open", "open"]


def test_an_order_that_was_cancelled_goes_and_does_not_come_back(shop: Shop) -> None:
    settings: dict[str, Any] = {"replaces": "order", "reject": {"cancelled": "state = 'void'"}}
    header = "id,who,what,at,n,price,state"
    shop.drop("2025-03-02.csv", BUN + ",paid", CAKE + ",paid", header=header)
    shop.take(**settings)
    shop.drop("2025-03-04.csv", BUN + ",void", header=header)
    assert shop.take(**settings).replaced == {"order_lines": (1, Decimal("0.80"))}
    assert counts(shop) == {"cake": 1}
    shop.drop("2025-03-03.csv", BUN + ",packed", header=header)
    shop.take(**settings)
    assert counts(shop) == {"cake": 1}
    shop.drop("2025-03-05.csv", BUN + ",paid", BUN + ",paid", header=header)
    shop.take(**settings)
    assert counts(shop) == {"bun": 2, "cake": 1}


def test_an_order_that_comes_again_as_it_was_replaces_nothing(shop: Shop) -> None:
    shop.drop("2025-03-02.csv", BUN, ROLL)
    shop.take(replaces="order")
    shop.drop("2025-03-04.csv", ROLL, BUN, CAKE)
    account = shop.take(replaces="order")
    assert (account.rows_used, account.rows_duplicate, account.replaced) == (1, 2, {})
    assert shop.rows(REPLACED_ROWS) == []
    shop.drop("2025-03-03.csv", ROLL)
    assert shop.take(replaces="order").rows_used == 0
    assert counts(shop) == {"bun": 1, "roll": 1, "cake": 1}


def test_a_run_that_dies_while_it_replaces_can_be_repeated(shop: Shop) -> None:
    """It dies before each of its writes, one time after the other, and each begins with what the one before left."""
    shop.drop("2025-03-02.csv", BUN, ROLL, CAKE)
    shop.take(replaces="order")
    shop.drop("2025-03-04.csv", BUN.replace("0.80", "0.70"), *[CAKE] * 3)
    source = {"order_lines": FileSource(**{**SHOP, "replaces": "order"})}
    for writes in range(5):
        dying = CrashingStorage(shop.storage.engine, shop.storage.target)
        dying.writes_left = writes
        with pytest.raises(Crash):
            ingest(dying, source, IngestParams(), NOW)
        dying.release()
    assert shop.take(replaces="order").replaced == {"order_lines": (3, Decimal("13.30"))}
    assert counts(shop) == {"bun": 1, "cake": 3}
    assert len(shop.rows(REPLACED_ROWS)) == 3
    assert sum(row["rows_used"] - row["rows_replaced"] for row in shop.rows(FILES)) == 4


def test_random_exports_come_to_the_newest_version_of_each_order(shop: Shop) -> None:
    """Of three tills, each of which has seven exports, that come in any order and now and then together."""
    chance = random.Random(1)
    exports = {
        f"till{till}-2025-01-{day:02d}.csv": {
            order: [f"{order},ann,{chance.choice('tuv')},2025-01-02,1,{chance.randrange(1, 4)}"]
            * chance.randrange(1, 4)
            for order in chance.sample([f"{till}{n}" for n in range(6)], 3)
        }
        for till in range(3)
        for day in range(1, 8)
    }
    newest = {order: lines for name in sorted(exports) for order, lines in exports[name].items()}
    for number, name in enumerate(chance.sample(sorted(exports), len(exports))):
        lines = [line for of_order in exports[name].values() for line in of_order]
        shop.drop(name, *chance.sample(lines, len(lines)))
        if chance.random() < 0.2 or number == 0:
            shop.take(replaces="order")
    shop.take(replaces="order")
    expected = Counter((str(o), line.split(",")[2], line[-1]) for o, lines in newest.items() for line in lines)
    found = Counter((row["order_id"], row["product_id"], str(int(row["amount"]))) for row in shop.rows())
    assert found == expected
    files_taken = shop.rows(FILES)
    assert sum(row["rows_used"] - row["rows_replaced"] for row in files_taken) == sum(expected.values())
    held = {row["group_id"]: row["rows"] for row in shop.rows(ROW_VERSIONS)}
    assert sum(held.values()) == sum(expected.values())


def test_another_rule_needs_all_files_to_be_read_again(shop: Shop) -> None:
    shop.drop("a.csv", BUN)
    shop.take()
    shop.drop("b.csv", CAKE)
    with pytest.raises(TableError, match=r"replaces is order now, and .* came by nothing: .* --reread order_lines"):
        shop.take(replaces="order")
    source = {"order_lines": FileSource(**{**SHOP, "replaces": "order"})}
    ingest(shop.storage, source, IngestParams(), NOW, reread=["order_lines"])
    shop.drop("c.csv", ROLL)
    for rule in ("nothing", "day"):
        with pytest.raises(TableError, match=f"replaces is {rule} now, and .* came by order"):
            shop.take(replaces=rule)


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_a_customer_of_an_older_file_does_not_overwrite_a_newer_one(shop: Shop, order: tuple[int, int]) -> None:
    settings: dict[str, Any] = {"at": "drops", "columns": {"customer_id": "id", "region": "target"}}
    drops = [("crm_20250301.csv", "ann,Linz"), ("crm_20250305.csv", "ann,Graz")]
    for position in order:
        shop.drop(*drops[position], header="id,target")
        shop.take(source="customers", **settings)
    assert [(row["customer_id"], row["region"], str(row["updated_at"])) for row in shop.rows(CUSTOMERS)] == [
        ("ann", "Graz", "2025-03-05 00:00:00")
    ]


def test_without_a_date_in_its_name_a_file_is_of_when_it_was_changed(shop: Shop) -> None:
    settings: dict[str, Any] = {"at": "drops", "columns": {"customer_id": "id", "region": "target"}}
    os.utime(shop.drop("b.csv", "ann,Graz", header="id,target"), (2_000_000, 2_000_000))
    shop.take(source="customers", **settings)
    os.utime(shop.drop("c.csv", "ann,Linz", header="id,target"), (1_000_000, 1_000_000))
    shop.take(source="customers", **settings)
    assert [row["region"] for row in shop.rows(CUSTOMERS)] == ["Graz"]


@pytest.mark.parametrize(
    ("name", "moment"),
    [
        ("orders_2024-02-29.csv", "2024-02-29"),
        ("20250131T2359/part-0001.csv", "2025-01-31 23:59"),
        ("2025/till 2025_03_01 08-15-30.csv", "2025-03-01 08:15:30"),
        ("2025-01-01_to_2025-01-31.csv", "2025-01-31"),
        ("2025-02-30.csv", "1970-01-02"),
        ("invoice 1202503011.csv", "1970-01-02"),
        ("week12.csv", "1970-01-02"),
    ],
)
def test_a_file_is_of_the_last_date_in_its_path(name: str, moment: str) -> None:
    assert file_times.moment(Drop(f"/x/{name}", name, 1, 86_400_000_000)) == datetime.fromisoformat(moment)


def test_rules_that_contradict_each_other_are_refused(shop: Shop) -> None:
    for given, why in (
        ({"newest_by": "at"}, "newest_by: say under replaces"),
        ({"replaces": "order", "copies": "exact"}, "copies: exact cannot stand beside replaces"),
        ({"replaces": "order", "copies": {"by": ["id"]}}, "copies: by cannot stand beside replaces"),
    ):
        with pytest.raises(ValueError, match=why):
            FileSource(**{**SHOP, **given})
    with pytest.raises(ConfigError, match="replaces is for tables without a key: of customers the newest row"):
        shop.take(source="customers", at="drops", columns={"customer_id": "id"}, replaces="day")
    columns = {"happened_at": "at", "kind": "what"}
    with pytest.raises(ConfigError, match="replaces: order is for order_lines only"):
        shop.take(source="events", at="drops", columns=columns, replaces="order")


@pytest.mark.parametrize("at_once", [True, False])
def test_an_order_that_comes_again_with_other_lines_is_told_where_no_rule_is_said(shop: Shop, at_once: bool) -> None:
    shop.drop("a.csv", "1,ann,tea,2025-01-02,1,4", "2,bob,pot,2025-01-02,1,9", "3,eve,cup,2025-01-04,1,2")
    if not at_once:
        assert shop.take().told == ()
    shop.drop("b.csv", "1,ann,tea,2025-01-02,1,3", "2,bob,pot,2025-01-02,1,9", "3,eve,lid,2025-01-04,1,1")
    account = shop.take()
    (said,) = account.told
    assert said.startswith(
        "order_lines: 1 orders have lines of one product in several files, which differ (such as b.csv, row 1), and all "
    )
    assert said.endswith("say replaces: order; if they bring returns, say returns")
    assert sum(row["amount"] for row in shop.rows()) == Decimal(19), "4 and 3 of ann, 9 of bob, 2 and 1 of eve"
    shop.drop("c.csv", "4,ann,tea,2025-01-03,1,3", "4,ann,tea,2025-01-03,1,5")
    assert shop.take().told == (), "two lines of one file are two"


NOTES = Table(
    name="notes",
    row="one thing that somebody said, nobody knows when",
    key=(),
    kind="source",
    columns={
        "customer_id": "string not null comment 'Who.'",
        "said": "string comment 'What.'",
        "line_id": "string comment 'First half of the SHA-256 of the line as it came.'",
        "file_digest": "string comment 'SHA-256 of the file it came in.'",
    },
)


def test_a_table_without_key_and_times_takes_each_line_once_from_several_files(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(TABLES, "notes", NOTES)
    settings: dict[str, Any] = {"at": "drops", "columns": {"customer_id": "who", "said": "what"}}
    for name, lines in {"a.csv": ["ann,hello", "bob,well"], "b.csv": ["bob,well", "cat,so", "cat,so"]}.items():
        shop.drop(name, *lines, header="who,what")
        shop.take(source="notes", **settings)
    said = sorted((row["customer_id"], row["said"]) for row in shop.rows(NOTES))
    assert said == [("ann", "hello"), ("bob", "well"), ("cat", "so"), ("cat", "so")]
    with pytest.raises(ConfigError, match="replaces: day is for tables whose rows have a time"):
        shop.take(source="notes", **settings, replaces="day")
