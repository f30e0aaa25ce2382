"""What data of an awkward shape gets: the right answer of every job, to the last line of the summary.

Part of one list with test_hostile_files.py and test_hostile_values.py. The edge cases of one analysis are in its test.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from conserved import every_job_answers
from hostile import Hostile, week

from vitalfew.engines.engine import Engine

FEW = ("ingest", "orders", "rfm", "clusters", "summary")


@pytest.fixture
def shop(
    running: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Iterator[Hostile]:
    yield Hostile(tmp_path, running, monkeypatch)
    assert "Traceback" not in capfd.readouterr().err, "nor does the engine say more, past our messages"


def page(shop: Hostile) -> str:
    """The summary as it is shown, on one line."""
    shown = shop.run("show", "summary")
    assert shown.code == 0
    return " ".join(shown.text.split())


def test_all_customers_null(shop: Hostile) -> None:
    shop.drop(*week(customers=5, who=""))
    every_job_answers(shop)
    assert shop.accounted() == (91, 91)
    assert {name: shop.rows(name) for name in ("rfm", "rfm_segments", "clusters", "recommendations", "customer_profile")} == {
        "rfm": [], "rfm_segments": [], "clusters": [], "recommendations": [], "customer_profile": [],
    }  # fmt: skip
    assert {row[0] for row in shop.rows("contribution", "subject")} == {"product"}
    assert len(shop.rows("rules")) > 0, "what is bought together needs no names"
    assert "There is no result of rfm for this day: it has not run, or it found nothing to report." in page(shop)
    assert ">There is no result of rfm for this day: it has not run, it found nothing to report" in shop.report()


def test_one_customer(shop: Hostile) -> None:
    shop.drop(*week(customers=1))
    every_job_answers(shop)
    orders = shop.rows("orders", "net_amount")
    assert shop.rows("rfm", "customer_id", "recency_days", "frequency", "monetary") == [
        ("c0", 1, len(orders), sum(row[0] for row in orders))
    ]
    assert [row for row in shop.rows("contribution", "subject", "share", "rank") if row[0] == "customer"] == [
        ("customer", 1.0, 1)
    ]
    assert shop.rows("clusters", "customer_id", "cluster") == [("c0", 1)]
    assert "1 of 1 customer (100.0%) hold it" in page(shop)
    assert "1 of 1 customer (100.0%) hold it" in shop.report()


def test_returns_and_prices_below_zero_are_the_same_orders(shop: Hostile) -> None:
    shop.drop(*week(customers=5, pieces="-1", amount="2"))
    shop.drop(*[line.replace("o", "p", 1) for line in week(customers=5, pieces="1", amount="-2")], name="b.csv")
    shop.answers(jobs=("ingest", "orders"))
    orders = shop.rows("orders", "order_id", "customer_id", "ordered_at", "kind", "net_amount", "lines")
    assert {row[3] for row in orders} == {"return"}
    assert [row[1:] for row in orders if row[0][0] == "o"] == [row[1:] for row in orders if row[0][0] == "p"]


def test_returns_and_charges_and_nothing_else(shop: Hostile) -> None:
    shop.target(charges="product_id = 'jam'")
    shop.drop(*week(customers=5, pieces="1", amount="-2"))
    every_job_answers(shop)
    assert {row[0] for row in shop.rows("orders", "kind")} == {"return", "charge"}
    assert {pieces for kind, pieces in shop.rows("orders", "kind", "pieces") if kind == "charge"} == {Decimal("0.000")}
    assert shop.rows("rfm") == shop.rows("customer_products") == []
    assert shop.rows("rules") == []
    assert set(shop.rows("contribution", "share", "abc")) == {(0.0, "none")}
    assert shop.accounted() == (91, 91)
    assert "None of 5 customers has a value above zero." in page(shop)


def test_all_amounts_zero(shop: Hostile) -> None:
    shop.drop(*week(customers=5, amount="0"))
    every_job_answers(shop)
    assert set(shop.rows("contribution", "share", "abc")) == {(0.0, "none")}
    assert {row[0] for row in shop.rows("rfm", "monetary")} == {Decimal("0.00")}
    assert "None of 5 customers has a value above zero." in page(shop)


def test_a_support_so_low_that_sets_explode(shop: Hostile) -> None:
    shop.drop(*[f"o{o},c{o % 9},i{i},2025-01-{1 + o % 19:02},1,1" for o in range(40) for i in range(25)])
    shop.job("baskets", "min_support: 0.0001\nmin_count: 1\nmax_length: 25\nlevels: [product]\n")
    shop.answers(jobs=("ingest", "orders", "baskets"))
    assert shop.rows("basket_limits", "note") == [
        (
            "A set had to be in 41 baskets, not 1: more than 250,000 sets would have been found. "
            "No set is left: lower max_length, or raise the limit.",
        )
    ]
    shop.job("baskets", "min_support: 0.0001\nmin_count: 1\nmax_length: 2\nlevels: [product]\n")
    shop.answers(jobs=("baskets",))
    assert len(shop.rows("itemsets")) == 25 + 25 * 24 // 2


def test_limits_so_low_that_pairs_explode_and_more_wanted_than_there_is(shop: Hostile) -> None:
    shop.drop(
        *[f"o{o},c{o % 9},i{i},2025-01-{1 + o % 19:02},1,1" for o in range(60) for i in range(40) if (o * i) % 7 < 4]
    )
    shop.job(
        "affinity",
        "min_support: 0.0\nmin_count: 1\nmin_expected: 0.0001\nmin_phi: 0.0\nmax_lift: 1.0\nsignificance: 0.999\n"
        "max_pairs: 20\nmax_reported: 10\nbundles: 10000\npage_size: 100\n",
    )
    shop.job("recommendations", "k: 100\nnew_products: 100\ncandidates: 100\nmin_baskets: 1\n")
    shop.job("baskets", "max_length: 2\n")
    shop.answers(jobs=("ingest", "orders", "customer_products", "baskets", "affinity", "recommendations", "summary"))
    of_all = [row[0] for row in shop.rows("affinity", "relation", "segment") if row[1] == "all"]
    assert 0 < len(of_all) <= 20, "ten of each relation are told, and no more"
    assert len(shop.rows("catalogue_pages")) <= 40


def test_k_larger_than_the_number_of_customers(shop: Hostile) -> None:
    shop.drop(*week(customers=3))
    for fewest in (8, 2):
        shop.job("clusters", f"fewest_clusters: {fewest}\nmost_clusters: 10\n")
        shop.answers(jobs=FEW) if fewest == 8 else shop.answers("--refit", jobs=["clusters"])
        clusters = shop.rows("clusters", "customer_id", "cluster")
        assert [who for who, _ in clusters] == ["c0", "c1", "c2"]
        assert len({cluster for _, cluster in clusters}) <= 3
        assert all(row[0] <= 3 for row in shop.rows("cluster_scores", "k"))


def test_one_order_alone(shop: Hostile) -> None:
    shop.drop("o1,ann,tea,2025-01-02,1,1")
    every_job_answers(shop)
    assert shop.rows("rfm", "customer_id", "recency_days", "frequency") == [("ann", 1, 1)]
    assert "1 of 1 customer (100.0%) hold it" in page(shop)


def test_an_order_of_several_customers_is_disputed_and_its_money_is_counted_once(shop: Hostile) -> None:
    shop.drop("o1,bob,tea,2025-01-02,1,1", "o1,ann,cup,2025-01-02,1,2", "o1,,pot,2025-01-02,1,4")
    shop.answers(jobs=("ingest", "orders"))
    assert shop.rows("orders", "customer_id", "is_disputed", "net_amount") == [("ann", True, Decimal("7.00"))]


def test_two_currencies_are_not_added_up(shop: Hostile) -> None:
    columns = {
        name: name for name in ("order_id", "customer_id", "product_id", "ordered_at", "quantity", "amount", "currency")
    }
    shop.target(columns=columns, types={})
    shop.drop("o1,ann,tea,2025-01-02,1,1,EUR", "o2,ann,tea,2025-01-02,1,1,GBP", header=",".join(columns))
    told = shop.refused(4, "run", "all")
    assert (
        "files.order_lines is in several currencies: EUR (1 rows, 1.00), GBP (1 rows, 1.00). Sums of them mean" in told
    )
    assert not {"order_lines", "orders"} & shop.tables()


def test_two_currencies_in_a_table_of_the_company_are_not_added_up_either(shop: Hostile) -> None:
    shop.table(
        "order_lines",
        """values ('o1', 'ann', 'tea', timestamp'2025-01-02 09:00:00', 1, 1, 'EUR'),
                  ('o2', 'ann', 'tea', timestamp'2025-01-02 09:00:00', 1, 1, 'GBP')
           as t(order_id, customer_id, product_id, ordered_at, quantity, amount, currency)""",
    )
    told = shop.refused(6, "run", "all")
    assert "order_lines is in several currencies: EUR (1 lines, 1.00), GBP (1 lines, 1.00)" in told
    assert "convert the amounts in the target's mapping, or choose one with `where`" in told
    assert "orders" not in shop.tables()
