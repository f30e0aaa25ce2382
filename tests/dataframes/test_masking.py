"""What has the form of a contact detail or a personal number is masked in every language, and nothing else is."""

from __future__ import annotations

import re
from pathlib import Path

import pyarrow as pa
import pytest
from pyspark.sql import SparkSession
from shop import HEADER, TEA, Shop
from staged import staged

from conftest import Frame
from vitalfew.dataframes.masking import masked, masked_batches
from vitalfew.domain.free_text import has_contact, under_cover, without_contacts
from vitalfew.engines.engine import Engine
from vitalfew.storage.contracts import door
from vitalfew.tables import Table
from vitalfew.tables.logs import QUARANTINE
from vitalfew.tables.sources import CUSTOMERS, EVENTS, ORDER_LINES


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("ann@mail.example", "e-mail"),
        ("jürgen.müller@müller-straße.example", "e-mail"),
        ("用户@例子.example", "e-mail"),
        ("почта@пример.example", "e-mail"),
        ("ann＠mail.example", "e-mail"),
        ("ann (at) mail.example", "e-mail"),
        ("ann%40mail.example", "e-mail"),
        ("ann+tag@mail.example", "e-mail"),
        ("+43 (0)664 12-34-567", "phone"),
        ("+4366412345678", "phone"),
        ("0043 664/1234567", "phone"),
        ("0664 1234567", "phone"),
        ("06641234567", "phone"),
        ("(555) 123-4567", "phone"),
        ("555-123-4567", "phone"),
        ("01.23.45.67.89", "phone"),
        ("+86 138 0013 8000", "phone"),
        ("13800138000", "digits"),
        ("٠٦٦٤١٢٣٤٥٦٧", "digits"),
        ("4111 1111 1111 1111", "card number"),
        ("4111-1111-1111-1111", "card number"),
        ("378282246310005", "card number"),
        ("DE89 3704 0044 0532 0130 00", "bank account"),
        ("AT611904300234573201", "bank account"),
        ("123-45-6789", "identity number"),
        ("123.456.789-09", "identity number"),
        ("11010519491231002X", "identity number"),
        ("900101-1234567", "identity number"),
        ("12345678Z", "identity number"),
        ("RSSMRA85T10A562S", "identity number"),
        ("AB 12 34 56 C", "identity number"),
        ("ab-12-34-56-c", "identity number"),
        ("ab123456c", "identity number"),
        ("+43 (0)1 / 500-00", "phone"),
        ("0664.1234567", "phone"),
        ("85.07.30-033.28", "phone"),
        ("+43\u200b664\u200b1234567", "phone"),
        ("+43\u202f664\u202f1234567", "phone"),
        ("+43 664\n1234567", "phone"),
        ("4111.1111.1111.1111", "card number"),
        ("4111\u00a01111\u00a01111\u00a01111", "card number"),
        ("AT61.1904.3002.3457.3201", "bank account"),
        ("DE89\u00a03704\u00a00044\u00a00532\u00a00130\u00a000", "bank account"),
        ('"ann b"@mail.example', "e-mail"),
        ("ann&#64;mail.example", "e-mail"),
        ("ann&#x40;mail.example", "e-mail"),
        ("ann&commat;mail.example", "e-mail"),
        ("ANN%40mail.example", "e-mail"),
        ("0664−765−43−21", "phone"),
        ("0664—7654321", "phone"),
        ("0664·765·4321", "phone"),
        ("０６６４－７６５４３２１", "phone"),
        ("4111–1111–1111–1111", "card number"),
        ("DE89−3704−0044−0532−0130−00", "bank account"),
        ("AB·12·34·56·C", "identity number"),
    ],
)
def test_what_reaches_or_names_a_person_is_masked_alone_and_in_a_sentence(text: str, kind: str) -> None:
    mask = f"[{kind} of {len(text)} characters]"
    assert masked(text) == mask
    assert masked(f"Bitte {text} fragen, 2025-01-02") == f"Bitte {mask} fragen, 2025-01-02"


@pytest.mark.parametrize(
    "text",
    [
        "tea",
        "536365",
        "C536379",
        "c000000003",
        "2025-01-02 09:00:00",
        "2025-01-02T09:00:00.123456Z",
        "02.01.2025 10:00",
        "1/2/2025 8:26 AM",
        "20250102",
        "12.50",
        "-1234567.89",
        "1.234.567,89",
        "1,234,567.89",
        "1.5e-3",
        "3 x 12 x 45 pieces",
        "0.12345678",
        "0,5",
        "536365\t22\t10",
        "日本語 12",
        "",
    ],
)
def test_what_an_analyst_needs_stays(text: str) -> None:
    assert masked(text) == masked(text, is_code=True) == text


def test_a_code_of_the_shop_may_be_a_long_number_but_no_contact() -> None:
    assert masked("0004006381333931", is_code=True) == "0004006381333931"
    assert masked("4006381333931", is_code=True) == "4006381333931"
    assert masked("4111111111111111", is_code=True) == "[card number of 16 characters]"
    assert masked("ann@mail.example", is_code=True) == "[e-mail of 16 characters]"
    assert masked("+43 664 1234567", is_code=True) == "[phone of 15 characters]"


def test_batches_without_anything_suspect_pass_as_they_are() -> None:
    batch = pa.RecordBatch.from_pydict({"content": ['{"a":"tea"}', '{"a": "12.5"}'], "line": [1, 2]})
    assert next(masked_batches([batch], "content", frozenset())) is batch


HIDDEN = {
    "telefon": "0664 7654321",
    "adresse": "Hauptstraße 1",
    "correo": "correo@planted.example",
    "handy": "+43 664 7654321",
    "buyer": "Ann Planted",
    "notiz": "ruft an: planted",
}


def test_columns_that_the_mapping_does_not_use_are_not_kept_whatever_they_are_called(
    running: Engine, tmp_path: Path
) -> None:
    shop = Shop(running, tmp_path)
    bad = "1,ann,tea,never,2,1.50"
    more = ",".join(HIDDEN.values())
    shop.drop(
        "a.csv", f"{TEA},{more}", f"{bad},{more}", f"{bad},{more},too many", header=f"{HEADER},{','.join(HIDDEN)}"
    )
    shop.take()
    kept = [row["content"] for row in shop.rows(QUARANTINE)]
    assert len(kept) == 2
    assert not any(value in str(kept) for value in ("lanted", "7654321", "Haupt"))
    assert '{"at":"never","id":"1","n":"2","price":"1.50","what":"tea","who":"ann"}' in kept


@pytest.mark.both_engines
def test_contacts_in_columns_that_are_kept_are_masked(running: Engine, tmp_path: Path) -> None:
    shop = Shop(running, tmp_path)
    shop.drop(
        "a.csv",
        "1,ann@planted.example,tea,never,2,1.50",
        "0012345678,+43 664 7654321,4006381333931,02.01.2025,2,1.50",
        "3,call 0664 7654321 or 06647654321,tea,2025-01-02,two,0664 7654321",
        "4,ann,cup,2025-01-02,1,1.50,ann@planted.example",
    )
    shop.take()
    kept = sorted(row["content"] for row in shop.rows(QUARANTINE))
    assert not any(value in str(kept) for value in ("planted", "7654321"))
    assert '"who":"[e-mail of 19 characters]"' in str(kept)
    assert '{"at":"02.01.2025","id":"0012345678","n":"2","price":"1.50","what":"4006381333931"' in str(kept)
    assert '"n":"two","price":"[phone of 12 characters]"' in str(kept)
    assert '"who":"call [phone of 12 characters] or [phone of 11 characters]"' in str(kept)


@pytest.mark.both_engines
def test_refused_rows_of_tables_of_the_company_are_masked_too(frame: Frame) -> None:
    lines = frame(
        ORDER_LINES,
        """
        order_id   | customer_id      | product_id | ordered_at       | quantity | amount
        0012345678 | ann@mail.example | tea        | 2025-01-02 09:00 | ~        | 1234567.50
        o2         | 0664 7654321     | tea        | 2025-01-02 09:00 | 1        | ~
        """,
    )
    _, refused, _ = door(lines, ORDER_LINES, "orders", staged)
    assert refused is not None
    kept = " ".join(row["content"] for row in refused.collect())
    assert "mail.example" not in kept
    assert "7654321" not in kept
    assert '"order_id":"0012345678","customer_id":"[e-mail of 16 characters]"' in kept
    assert "1234567.50" in kept
    assert "2025-01-02 09:00:00" in kept


@pytest.mark.both_engines
@pytest.mark.parametrize(
    ("text", "in_code", "in_text"),
    [
        ("ann@mail.example", True, True),
        ("my mail is ann @ mail.example", True, True),
        ("+43 664 1234567", True, True),
        ("call 0664 1234567", True, True),
        ("(555) 123-4567", True, True),
        ("4111 1111 1111 1111", True, True),
        ("06641234567", False, True),
        ("13800138000", False, True),
        ("0004006381333931", False, True),
        ("tea", False, False),
        ("green tea 250 g", False, False),
        ("22086", False, False),
        ("@", False, False),
        ("web", False, False),
    ],
)
def test_free_text_is_known_by_its_form(spark: SparkSession, text: str, in_code: bool, in_text: bool) -> None:
    given = spark.createDataFrame([(text, text)], "product_id string, detail string")
    assert given.select(has_contact("product_id"), has_contact("detail")).collect()[0][:] == (in_code, in_text)


def test_a_contact_that_was_searched_for_is_no_product_channel_or_kind(frame: Frame) -> None:
    events = frame(
        EVENTS,
        """
        customer_id | happened_at      | kind             | product_id       | channel       | detail
        ann         | 2025-01-02 09:00 | search           | tea              | web           | green tea
        ann         | 2025-01-02 09:00 | search           | bob@mail.example | 0664 7654321  | bob@mail.example
        ann         | 2025-01-02 09:00 | bob@mail.example | ~                | ~             | ~
        """,
    )
    found = without_contacts(events, EVENTS).select(*EVENTS.free_text).collect()
    assert {tuple(row) for row in found} == {
        ("search", "tea", "web", "green tea"),
        ("search", None, None, None),
        ("other", None, None, None),
    }
    assert without_contacts(events, ORDER_LINES) is events


def test_a_contact_where_an_attribute_of_a_customer_belongs_names_no_group(spark: SparkSession) -> None:
    written = ["bob@mail.example", "+43 664 1234567", "0664 1234567", "13800138000", "north", "75001", "1-2"]
    names = [name for name in CUSTOMERS.columns if CUSTOMERS.type_of(name) == "string" and name != "customer_id"]
    assert {*names} == {*CUSTOMERS.free_text}
    drawn = spark.createDataFrame([(text,) * len(names) for text in written], ", ".join(f"{n} string" for n in names))
    found = {name: [row[name] for row in without_contacts(drawn, CUSTOMERS).collect()] for name in names}
    assert found["region"] == [None, None, None, None, "north", "75001", "1-2"]
    assert found["occupation"] == found["region"]
    assert found["income_band"] == [None, None, None, "13800138000", "north", "75001", "1-2"]


@pytest.mark.parametrize("name", ["detail", "product_id"])
def test_free_text_knows_contact_details_however_they_are_written(spark: SparkSession, name: str) -> None:
    """What quarantine masks, and events hold too; a code may be a long number."""
    written = [
        "ann%40mail.example", "ann (at) mail.example", "ann[AT]mail.example", "ann&#64;mail.example", "ann＠mail.example",
        "ann\u00ad@\u200bmail.example", "+43\u00a0664\u00a01234567", "+43\u200b664\u200b1234567", "+43−664−1234567",
        "＋４３ ６６４ １２３４５６７", "+٤٣ ٦٦٤ ١٢٣٤٥٦٧", "0664\u202f1234567", "4111.1111.1111.1111",
        "4111\u00a01111\u00a01111\u00a01111", "4111–1111–1111–1111", "3782 822463 10005",
    ]  # fmt: skip
    of_texts = ["0664-7654321", "0664.7654321", "06-12-34-56-78", "06.12.34.56.78", "02−1234−5678", "٠٦٦٤١٢٣٤٥٦٧"]
    others = ["tea 01.02.2024", "01-02-2024", "2024-01-02 09:00", "0.1234567", "04-12345", "summer_2024_06_01", "50 % off",
        "size 36-38", "at home (at last)", "sku-12.345.678", "1,299.00", "от 01/02/2024 до 03/04/2024"]  # fmt: skip
    given = [*written, *of_texts, *others]
    drawn = spark.createDataFrame([(text,) for text in given], f"{name} string")
    found = {row[name] for row in drawn.where(has_contact(name)).collect()}
    expected = {*written, *(of_texts if name == "detail" else ())}
    assert found == expected


def test_a_text_may_hold_the_characters_that_the_masking_uses_itself() -> None:
    torn = "1,ann,1.50\n" + "\x00" * 100
    assert masked(torn) == torn
    assert masked("at 2024-05-01 10:00 \x00\ue005\x00 12.50") == "at 2024-05-01 10:00 \x00\ue005\x00 12.50"


def test_texts_of_every_shape_are_covered_and_equal_ones_alike(spark: SparkSession) -> None:
    """Of `summary` or any other table: texts, lists and maps of texts."""
    table = Table(
        name="odd",
        row="one",
        key=(),
        kind="result",
        columns={
            name: f"{kind} comment '.'"
            for name, kind in {"a": "string", "b": "array<string>", "c": "map<string,string>", "d": "bigint"}.items()
        },
    )
    hers, other = "ann@mail.example", "since 2025-04-01 12345 customers"
    rows = [(hers, [hers, "tea", None], {"who": hers, "what": "tea"}, 1), (other, None, None, 2)]
    one, two = under_cover(spark.createDataFrame(rows, table.types), table, "secret").orderBy("d").collect()
    assert re.fullmatch(r"\[contact detail [0-9a-f]{12}\]", one["a"])
    assert (one["b"], one["c"]) == ([one["a"], "tea", None], {"who": one["a"], "what": "tea"})
    assert two[:] == (other, None, None, 2)
