"""White space and marks that nobody sees, in headers, cells and messages."""

from __future__ import annotations

import pytest
from shop import HEADER, TEA, Shop

from vitalfew.errors import TableError
from vitalfew.white_space import visible

UNSEEN = ["\u3000", "\u200b", "\u202f", "\u2009", "\u200e", "\u2028", "\x85", "\u2066"]


@pytest.mark.parametrize("mark", UNSEEN)
def test_a_cell_of_nothing_seen_is_blank_and_numbers_and_times_may_have_it_around(shop: Shop, mark: str) -> None:
    shop.drop("a.csv", f"1,{mark},tea,{mark}2025-01-02{mark},{mark}2{mark},{mark} 1.5")
    shop.take()
    assert [(row["customer_id"], str(row["amount"])) for row in shop.rows()] == [(None, "3.00")], shop.reasons()


@pytest.mark.parametrize("mark", UNSEEN)
def test_names_of_columns_and_trimmed_cells_lose_it(shop: Shop, mark: str) -> None:
    header = ",".join(f"{mark}{name}{mark}" for name in HEADER.split(","))
    if mark in "\u2028\x85":
        header = HEADER
    shop.drop("a.csv", f"1,{mark}ann{mark} ,{mark}green{mark} {mark}tea,2025-01-02,1,1", header=header)
    shop.take(normalise={"customer_id": ["trim"], "product_id": ["trim", "squeeze"]})
    assert [(row["customer_id"], row["product_id"]) for row in shop.rows()] == [("ann", "green tea")]


def test_files_that_were_joined_keep_no_byte_order_mark(shop: Shop) -> None:
    marks = "\ufeff\ufeff\ufeff".encode()
    shop.bytes("a.csv", marks + f"{HEADER}\n{TEA}\n".encode())
    shop.take()
    assert shop.products() == ["tea"]
    shop.bytes("../bare/a.csv", marks + f"{TEA}\n".encode())
    shop.take(at="bare", header=False, names=HEADER.split(","), normalise={"order_id": ["trim"]})
    assert {row["order_id"] for row in shop.rows()} == {"1"}


def test_a_name_that_looks_the_same_is_shown_with_its_escapes(shop: Shop) -> None:
    shop.drop("a.csv", TEA, header="id,wh\u200bo,what,at,n,pr\u0456ce")  # a zero width space, a Cyrillic letter
    with pytest.raises(TableError) as error:
        shop.take()
    assert r"no column price (did you mean pr\u0456ce?), who (did you mean wh\u200bo?)" in str(error.value)
    assert r"id, wh\u200bo, what, at, n, pr\u0456ce" in str(error.value)


def test_what_can_be_told_apart_is_shown_as_it_is() -> None:
    for name in ("Größe", "заказ", "日本語", "order id"):
        assert visible(name) == name
    assert visible("a\u00a0b") == r"a\xa0b"
    assert visible("cafe\u0301") == r"cafe\u0301"
