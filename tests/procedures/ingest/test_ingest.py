"""Lines of files become rows of a source table, and each that does not is accounted for."""

from __future__ import annotations

import json
import random
from collections import Counter
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest
from shop import CUP, HEADER, POT, SHOP, TEA, Shop

from vitalfew.errors import QualityError
from vitalfew.jobs.ingest.params import IngestParams
from vitalfew.tables.logs import FILES, QUARANTINE
from vitalfew.tables.sources import CUSTOMERS, EVENTS, ORDER_LINES, PRODUCTS


def test_a_line_of_a_file_becomes_a_row_of_order_lines(shop: Shop) -> None:
    shop.drop("monday.csv", TEA)
    account = shop.take()
    row = shop.rows()[0]
    assert {
        key: value for key, value in row.items() if value is not None and key not in ("line_id", "file_digest")
    } == {
        "order_id": "1",
        "customer_id": "ann",
        "product_id": "tea",
        "ordered_at": datetime.fromisoformat("2025-01-02 09:00"),
        "quantity": Decimal("2.000"),
        "amount": Decimal("3.00"),
    }
    assert len(row["line_id"]) == 32
    assert row["file_digest"] == shop.rows(FILES)[0]["digest"]
    assert (account.rows_in, account.rows_used, account.money_in, account.money_used) == (1, 1, Decimal(3), Decimal(3))
    assert account.sources["order_lines"].rows_used == 1
    assert account.files == 1


def test_returns_and_charges_are_marked_and_codes_are_normalised(shop: Shop) -> None:
    shop.drop("a.csv", "C1,ann, Tea  bag ,2025-01-02,-1,2", "2,ann,post,2025-01-02,1,3", "3,bob,CUP,2025-01-02,1,4")
    shop.take(
        returns="order_id like 'C%'",
        charges="product_id = 'POST'",
        normalise={"product_id": ["trim", "squeeze", "upper"], "customer_id": ["upper"], "order_id": ["lower"]},
        columns={**SHOP["columns"], "order_id": "upper(id)"},
    )
    found = {row["product_id"]: (row["order_id"], row["customer_id"], row["kind"]) for row in shop.rows()}
    assert found == {"TEA BAG": ("c1", "ANN", None), "POST": ("2", "ANN", "charge"), "CUP": ("3", "BOB", None)}
    shop.drop("b.csv", "c4,ann,tea,2025-01-02,-1,2")
    shop.take(returns="order_id like 'c%'")
    assert [row["kind"] for row in shop.rows() if row["order_id"] == "c4"] == ["return"]


def test_conditions_see_our_columns_before_theirs(shop: Shop) -> None:
    shop.drop("a.csv", "1,ann,tea,2025-01-02,-1,2,return", header=HEADER + ",kind")
    shop.take(returns="kind = 'return'")
    assert shop.rows()[0]["kind"] == "return"


def test_numbers_and_times_are_read_as_the_company_writes_them(shop: Shop) -> None:
    shop.drop(
        "a.csv",
        "1;ann;tea;02.01.2025 09:30;1.234,5;'2'",
        "2;ann;tea;03/01/25;n/a;2,5",
        "3;ann;tea;04.01.2025 10:00;1.2;1",
        header="id;who;what;at;n;price",
    )
    shop.take(
        separator=";",
        quote="'",
        numbers={"decimal": ",", "group": "."},
        missing=["n/a"],
        timestamp_formats=["dd.MM.yyyy HH:mm", "dd/MM/yy"],
    )
    assert [(row["quantity"], row["amount"]) for row in shop.rows()] == [(Decimal("1234.500"), Decimal("2469.00"))]
    assert shop.rows()[0]["ordered_at"] == datetime.fromisoformat("2025-01-02 09:30")
    assert shop.reasons() == ["n is not a decimal(18,3)", "quantity is missing; amount is missing"]


@pytest.mark.both_engines
def test_times_with_an_offset_are_brought_to_the_clock_of_the_shop(shop: Shop) -> None:
    shop.drop(
        "a.csv",
        *[
            f"{i},ann,tea,{at},1,1"
            for i, at in enumerate(["2024-07-01T10:00:00Z", "2024-07-01T10:00:00.1234567+02:00", "2024-07-01 10:00"])
        ],
    )
    assert [str(row["ordered_at"]) for row in shop.judged(time_zone="Europe/London")] == [
        "2024-07-01 11:00:00",
        "2024-07-01 09:00:00.123456",
        "2024-07-01 10:00:00",
    ]


def test_a_time_with_an_offset_is_refused_where_no_zone_is_said(shop: Shop) -> None:
    shop.drop("a.csv", TEA, "1,ann,tea,2025-01-02T10:00:00Z,1,1")
    shop.take()
    assert shop.reasons() == ["at is not a timestamp"]


def test_formats_with_an_offset_are_brought_to_the_clock_of_the_shop(shop: Shop) -> None:
    shop.drop("a.csv", "1,ann,tea,01.07.2024 10:00 +00:00,1,1")
    shop.take(time_zone="Europe/London", timestamp_formats=["dd.MM.yyyy HH:mm XXX"])
    assert str(shop.rows()[0]["ordered_at"]) == "2024-07-01 11:00:00"


@pytest.mark.both_engines
@pytest.mark.usefixtures("compiled")
def test_every_refused_line_has_its_reason_its_target_and_its_content(shop: Shop) -> None:
    bad = {
        "1,ann,tea,2025-01-02,two,1": "n is not a decimal(18,3)",
        "1,ann,tea,2025-01-02,NaN,1": "n is NaN or infinite",
        "1,ann,tea,2025-01-02,1,-Infinity": "price is NaN or infinite",
        "1,ann,tea,2025-01-02,1f,0x10": "n is not a decimal(18,3); price is not a decimal(18,4)",
        "1,ann,tea,2025-01-02,1e3,1e30": "price is not a decimal(18,4)",
        "1,ann,tea,2025-01-02,99999999999999.999,99999999999999": "amount does not fit decimal(18,2)",
        "1,ann,tea,2025-02-30,1,1": "at is not a timestamp",
        "1,ann,tea,1969-12-31 23:59:59,1,1": "ordered_at is before 1970-01-01",
        "1,ann,tea,2025-06-02 12:00:01,1,1": "ordered_at is in the future",
        "1,ann,tea,9999-12-31 23:59:59,1,1": "ordered_at is in the future",
        "1,ann,tea,0001-01-01,1,1": "ordered_at is before 1970-01-01",
        ",ann,  ,2025-01-02,1,1": "order_id is missing; product_id is missing",
        "1,ann,tea,2025-01-02,1": "has 5 cells where there are 6 columns",
        "1,ann,tea,2025-01-02,1,1,": "has 7 cells where there are 6 columns",
        "1,ann,tea,2025-01-02,1,-1": "price below zero",
        '1,ann,"tea,2025-01-02,1,1': "cannot be split into cells: a quote is not closed, or it holds a line break",
    }
    shop.drop("a.csv", TEA, *bad, "2,bob,pot,2025-06-02 12:00:00,1e3,1e-3")
    account = shop.take(reject={"price below zero": "price < 0", "never": "null"})
    assert {(row["line"], row["reason"]) for row in shop.rows(QUARANTINE)} == set(enumerate(bad.values(), 2))
    assert shop.products() == ["pot", "tea"]
    assert (account.rows_in, account.rows_used, account.rows_quarantined) == (len(bad) + 2, 2, len(bad))
    by_line = {row["line"]: row for row in shop.rows(QUARANTINE)}
    assert json.loads(by_line[2]["content"]) == {
        "id": "1",
        "who": "ann",
        "what": "tea",
        "at": "2025-01-02",
        "n": "two",
        "price": "1",
    }
    assert json.loads(by_line[14]["content"]) == {"text": "1,ann,tea,2025-01-02,1"}
    assert {(row["source"], row["job"], row["file"]) for row in shop.rows(QUARANTINE)} == {
        ("order_lines", "ingest", "a.csv")
    }


def test_money_of_refused_lines_is_told_where_it_can_be_read(shop: Shop) -> None:
    shop.drop("a.csv", TEA, "2,ann,tea,2025-01-02,-3,1.01", "3,ann,tea,1900-01-01,1,7", "4,ann,tea,2025-01-02,x,1")
    account = shop.take(reject={"less than nothing": "quantity < 0"})
    assert (account.money_in, account.money_used, account.money_quarantined) == (
        Decimal("6.97"),
        Decimal("3.00"),
        Decimal("3.97"),
    )
    file = shop.rows(FILES)[0]
    assert (file["rows_in"], file["rows_used"], file["rows_quarantined"]) == (4, 1, 3)
    assert (
        file["money_in"] == file["money_used"] + file["money_duplicate"] + file["money_quarantined"] == Decimal("6.97")
    )


def test_too_many_refused_lines_stop_everything(shop: Shop) -> None:
    shop.drop("a.csv", TEA, CUP, POT, "4,ann,tea,2025-01-02,x,1", "5,ann,tea,2025-01-02,y,1")
    with pytest.raises(QualityError) as error:
        shop.take(IngestParams(max_quarantined_share=0.39))
    assert str(error.value) == (
        "files.order_lines: 2 of 5 new rows would be refused, more than the share of 0.39 in max_quarantined_share; "
        "nothing was written.\n  2 rows: n is not a decimal(18,3) (such as a.csv, row 4: 'x'): say how numbers "
        "are written, `numbers`, or what means nothing, `missing`"
    )
    assert not any(map(shop.storage.exists, (ORDER_LINES, QUARANTINE, FILES)))
    assert shop.take(IngestParams(max_quarantined_share=0.4)).rows_quarantined == 2


def test_contact_details_are_not_kept_with_a_refused_line(shop: Shop) -> None:
    header = "id,who,what,at,n,price,E-Mail,note"
    shop.drop(
        "a.csv",
        "1,ann,tea,2025-01-02,x,1,ann@example.org,secret",
        "1,ann,tea,2025-01-02,ann@example.org",
        header=header,
    )
    shop.take(hide=["note"])
    contents = sorted(row["content"] for row in shop.rows(QUARANTINE))
    assert contents[1] == '{"bytes": 36}'
    assert json.loads(contents[0]) == {
        "id": "1",
        "who": "ann",
        "what": "tea",
        "at": "2025-01-02",
        "n": "x",
        "price": "1",
    }


def test_content_is_empty_where_all_of_it_is_hidden(shop: Shop) -> None:
    shop.drop("a.csv", "x", header="email")
    shop.take(source="customers", at="drops", columns={"customer_id": "sha2(email, 256)"}, reject={"no": "true"})
    assert [row["content"] for row in shop.rows(QUARANTINE)] == ["{}"]


def test_a_cell_of_a_megabyte_is_refused_and_not_kept_whole(shop: Shop) -> None:
    shop.drop("a.csv", TEA, f"1,ann,{'x' * 1_000_000},2025-01-02,1,1", f"1,ann,{'y' * 10_000},2025-01-02,1,1")
    shop.take()
    assert shop.reasons() == ["what is longer than 10,000 characters"]
    assert len(shop.rows(QUARANTINE)[0]["content"]) < 1200
    assert len(shop.rows()) == 2


def test_a_long_cell_in_a_column_that_is_not_used_is_refused_too(shop: Shop) -> None:
    shop.drop("a.csv", TEA + ",abcdef", CUP + ",abcde", header=HEADER + ",note")
    shop.take(IngestParams(longest_value=22, max_quarantined_share=1.0))
    assert shop.reasons() == []
    shop.drop("b.csv", POT + ",abcdefghijklmnopqrstuvwxyz", header=HEADER + ",note")
    shop.take(IngestParams(longest_value=22, max_quarantined_share=1.0))
    assert shop.reasons() == ["note is longer than 22 characters"]


@pytest.mark.parametrize("order", [(0, 1, 2), (1, 2, 0), (2, 0, 1)])
def test_the_youngest_row_of_a_key_stands_whichever_comes_first(shop: Shop, order: tuple[int, ...]) -> None:
    versions = ["tea,Green tea,2025-02-01", "tea,Tea,2025-01-01", "tea,Black tea,2025-02-01"]
    columns = {"product_id": "id", "name": "name", "updated_at": "changed"}
    for number, version in enumerate(order):
        shop.drop(
            f"{number}.csv", versions[version], f"cup,Cup {version},2025-01-0{version + 1}", header="id,name,changed"
        )
        shop.take(source="products", at="drops", columns=columns)
    assert [(row["product_id"], row["name"]) for row in shop.rows(PRODUCTS)] == [("cup", "Cup 2"), ("tea", "Green tea")]


@pytest.mark.both_engines
def test_truth_is_told_in_few_words(shop: Shop) -> None:
    words = {
        "true": True,
        " T ": True,
        "YES": True,
        "y": True,
        "1": True,
        "False": False,
        "f": False,
        "no": False,
        "0": False,
    }
    shop.drop("a.csv", *[f"{i},{word}" for i, word in enumerate([*words, "maybe", ""])], header="id,card")
    found = shop.judged("customers", at="drops", columns={"customer_id": "id", "is_member": "card"})
    assert [row["is_member"] for row in found] == [*words.values(), None, None]
    assert [row["__reason"] for row in found] == [*[None] * len(words), "card is not a boolean", None]


def test_whole_numbers_and_doubles_are_what_they_say(shop: Shop) -> None:
    shop.drop(
        "a.csv",
        *[f"ann,2025-01-02,x,{n}" for n in ("1", "-2.5e-1", "1e308", "1e309", "0x1p3", "1d", ".5", "5.")],
        header="who,at,what,n",
    )
    columns = {"customer_id": "who", "happened_at": "at", "kind": "what", "value": "n"}
    shop.take(source="events", at="drops", columns=columns)
    assert sorted(row["value"] for row in shop.rows(EVENTS)) == [-0.25, 0.5, 1.0, 5.0, 1e308]
    assert shop.reasons() == ["n is not a double"] * 3
    shop.take(
        IngestParams(max_quarantined_share=1.0),
        "customers",
        at="drops",
        columns={"customer_id": "n + 1"},
        types={"n": "bigint"},
    )
    assert [row["customer_id"] for row in shop.rows(CUSTOMERS)] == ["2"]


def test_without_a_time_of_change_the_last_row_to_arrive_stands(shop: Shop) -> None:
    settings: dict[str, Any] = {
        "at": "drops",
        "columns": {"customer_id": "id", "region": "target", "is_member": "card = 'yes'", "birth_date": "born"},
        "types": {"born": "date"},
    }
    header = "id,target,card,born"
    shop.drop("a.csv", "ann,Linz,yes,1990-05-01", "ann,Graz,no,1990-05-01", "bob,Wien,no,", header=header)
    account = shop.take(source="customers", **settings)
    assert (account.rows_in, account.rows_used, account.rows_duplicate) == (3, 2, 1)
    assert (account.money_in, shop.rows(FILES)[0]["money_in"]) == (Decimal(0), None)
    assert shop.reasons() == []
    found = [
        (row["customer_id"], row["region"], row["is_member"], str(row["birth_date"])) for row in shop.rows(CUSTOMERS)
    ]
    assert found == [("ann", "Graz", False, "1990-05-01"), ("bob", "Wien", False, "None")]
    shop.drop("b.csv", "ann,Linz,no,1990-05-01", "cid,Wels,yes,2999-01-01", header=header)
    shop.take(source="customers", **settings)
    assert [(row["customer_id"], row["region"]) for row in shop.rows(CUSTOMERS)] == [("ann", "Linz"), ("bob", "Wien")]
    assert shop.reasons() == ["birth_date is in the future"]


def naive(drops: list[list[str]]) -> tuple[Counter[str], dict[str, int]]:
    """What ingest must keep of drops in their order, and how many lines came to what; a dozen lines of plain Python."""
    most: Counter[str] = Counter()
    kept: Counter[str] = Counter()
    counts = {"used": 0, "duplicate": 0, "quarantined": 0}
    for drop in drops:
        in_this: Counter[str] = Counter()
        for line in drop:
            cells = line.split(",")
            is_sound = len(cells) == 6 and all(cells[i] for i in (0, 2)) and cells[4].lstrip("-").isdigit()
            in_this[line] += 1
            outcome = "quarantined" if not is_sound else "duplicate" if in_this[line] <= most[line] else "used"
            counts[outcome] += 1
            if outcome == "used":
                kept[f"{cells[0]} {cells[2]} {int(cells[4])}"] += 1
        most |= in_this
    return kept, counts


def test_random_drops_come_to_what_plain_python_says(shop: Shop) -> None:
    """Three files a day, for six days, on some of which they are taken."""
    chance = random.Random(1)
    drops = []
    for number in range(18):
        lines = [
            f"{chance.choice(['1', '2', '3', ''])},{chance.choice(['ann', ''])},{chance.choice(['tea', 'cup', ''])},"
            f"2025-01-0{number // 3 + 1},{chance.choice(['1', '-2', '3', 'x', ''])},{chance.choice(['1', '2.50'])}"
            + chance.choice(["", "", "", ",more"])
            for _ in range(chance.randrange(40))
        ]
        drops.append(lines)
        shop.drop(f"{number:02}.csv", *lines)
        if chance.random() < 0.2:
            shop.take()
    shop.take()
    kept, counts = naive(drops)
    assert Counter(f"{row['order_id']} {row['product_id']} {row['quantity']:.0f}" for row in shop.rows()) == kept
    files = shop.rows(FILES)
    assert {outcome: sum(row[f"rows_{outcome}"] for row in files) for outcome in counts} == counts
