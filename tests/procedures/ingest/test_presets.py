"""Presets: made-up files of published layouts become rows, and each row that does not has its reason."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from hashlib import sha256
from typing import Any

import pytest
from published_layouts import FILES
from shop import LENIENT, NOW, Shop

from vitalfew.config import presets
from vitalfew.config.files import FileSource
from vitalfew.procedures.ingest.load import ingest
from vitalfew.suite import TABLES
from vitalfew.tables.sources import EVENTS

ANN = sha256(b"ann@example.com").hexdigest()[:32]
Row = tuple[str, ...]
ORDERS: dict[str, tuple[list[Row], dict[str, int]]] = {
    "shopify_orders": (
        [
            ("#1001", ANN, "Mug", "2024-01-05 23:30:00", "1.000", "9.00"),
            ("#1001", ANN, "TEA-1", "2024-01-05 23:30:00", "2.000", "18.00"),
            ("#1003", "None", "MUG", "2024-01-07 09:00:00", "1.000", "10.00"),
        ],
        {"cancelled; not paid": 1},
    ),
    "woocommerce_orders": (
        [
            ("727", "26", "22", "2024-01-05 10:30:00", "1.000", "12.00"),
            ("727", "26", "tea", "2024-01-05 10:30:00", "2.000", "5.40"),
            ("728", "None", "mug", "2024-01-07 10:30:00", "1.000", "12.00"),
        ],
        {"not paid": 1},
    ),
    "magento_orders": (
        [("000000001", "7", "shirt-red-m", "2024-01-06 00:30:00", "2.000", "36.00")],
        {"cancelled": 1, "part of another line": 1},
    ),
    "amazon_orders": (
        [
            ("302-1", "None", "MUG", "2024-01-05 23:30:00", "1.000", "9.99"),
            ("302-1", "None", "TEA", "2024-01-05 23:30:00", "2.000", "18.00"),
        ],
        {"cancelled": 1},
    ),
    "taobao_orders": (
        [("2231958349", "AAHd5d-EAAeGwJedwSHpg8bT", "81893848", "2024-01-05 20:00:00", "2.000", "370.50")],
        {"refunded": 1, "not paid": 1},
    ),
}
HAPPENED: dict[str, tuple[list[Row], dict[str, int]]] = {
    "ga4_events": (
        [
            ("None", "2024-01-06 00:00:01", "search", "None", "WEB", "green tea"),
            ("u1", "2024-01-06 00:00:00.123000", "view", "MUG", "WEB", "https://shop/tea"),
            ("u1", "2024-01-06 00:00:00.123000", "view", "TEA", "WEB", "https://shop/tea"),
        ],
        {},
    ),
    "segment_events": (
        [
            ("None", "2024-01-06 00:31:00.123000", "search", "None", "None", "green tea"),
            ("u1", "2024-01-06 00:30:00.123000", "cart", "TEA", "analytics.js", "None"),
        ],
        {"no track call": 1},
    ),
    "snowplow_events": (
        [
            ("None", "2024-01-06 00:31:00", "struct", "TEA", "web", "offers"),
            ("u1", "2024-01-06 00:30:00.500000", "page_view", "None", "web", "/tea"),
        ],
        {"a tick of a page": 1},
    ),
}
COLUMNS = {
    "order_lines": ("order_id", "customer_id", "product_id", "ordered_at", "quantity", "amount"),
    "events": ("customer_id", "happened_at", "kind", "product_id", "channel", "detail"),
}


def test_every_preset_is_tested() -> None:
    assert set(presets.known()) == set(FILES) == {*ORDERS, *HAPPENED}
    for name in presets.known():
        assert "# Layout: https://" in presets.text_of(name)
        assert presets.about(name)["source"] == ("order_lines" if name in ORDERS else "events")


@pytest.mark.parametrize("name", [*ORDERS, *HAPPENED])
def test_a_file_of_a_published_layout_becomes_rows(shop: Shop, name: str) -> None:
    shop.bytes("a.file", FILES[name].encode())
    table = "order_lines" if name in ORDERS else "events"
    source = FileSource.model_validate({"at": "drops", "preset": name, "time_zone": "Europe/Berlin"})
    account = ingest(shop.storage, {table: source}, LENIENT, NOW)
    rows, refused = ORDERS.get(name) or HAPPENED[name]
    found = shop.rows(TABLES[table]) if table == "order_lines" else shop.rows(EVENTS)
    assert sorted(tuple(str(row[column]) for column in COLUMNS[table]) for row in found) == rows
    assert {reason.partition("; amount is")[0]: n for reason, n in Counter(shop.reasons()).items()} == refused
    assert account.rows_in == len(rows) + sum(refused.values())
    if table == "order_lines":
        assert account.money_used == sum(Decimal(row[-1]) for row in rows)


@pytest.mark.parametrize(
    ("settings", "why"),
    [
        ({"preset": "shopify"}, "shopify is not a preset; did you mean shopify_orders?"),
        ({"preset": "ga4_events"}, "preset ga4_events needs time_zone: the zone of the shop"),
    ],
)
def test_a_preset_that_lacks_something_is_told(settings: dict[str, Any], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        FileSource.model_validate({"at": "drops", **settings})


def test_what_a_target_says_itself_goes_before_its_preset() -> None:
    source = FileSource(
        at="x", preset="woocommerce_orders", columns={"channel": "'shop'"}, reject={"refunded": "false"}, copies="keep"
    )
    assert (source.columns["channel"], source.columns["order_id"], source.copies) == ("'shop'", "id", "keep")
    assert source.reject["refunded"] == "false"
    assert "not paid" in source.reject
