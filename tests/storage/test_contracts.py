"""A result keeps its contract or is not written; a source row keeps it or goes to quarantine, and the money adds up."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from staged import staged

from conftest import Frame
from vitalfew.config.target import Target
from vitalfew.dataframes.local_tables import local_table
from vitalfew.engines.engine import Engine
from vitalfew.errors import QualityError
from vitalfew.jobs.alerts.tables import ALERT_TOTALS
from vitalfew.jobs.baskets.tables import ITEMSETS
from vitalfew.jobs.rfm.tables import RFM_CUTS
from vitalfew.storage import staged_files
from vitalfew.storage.contracts import conform, door, has_distinct_keys, repeated_keys
from vitalfew.storage.delta import Storage
from vitalfew.tables.sources import ORDER_LINES, PRODUCTS

DAY = date(2025, 1, 31)
CUTS = """
    axis      | score | cut
    frequency |     2 | 1.50
    frequency |     3 | 2.00
"""


def test_a_result_is_brought_into_its_declared_form(frame: Frame) -> None:
    drawn = frame(RFM_CUTS, CUTS).drop("as_of").selectExpr("cut", "cast(score as bigint) score", "axis")
    typed, rows = conform(drawn, RFM_CUTS, DAY, staged)
    assert typed.columns == list(RFM_CUTS.columns)
    assert [f.dataType.simpleString() for f in typed.schema] == [c.type for c in RFM_CUTS.declared]
    assert rows == 2
    assert {row.as_of for row in typed.collect()} == {DAY}


def test_every_breach_is_told_with_counts_and_examples(frame: Frame) -> None:
    bad = frame(RFM_CUTS, CUTS + "    frequency | 3 | 9.00\n    ~ | 1 | 4.00\n").drop("as_of")
    with pytest.raises(QualityError) as error:
        conform(bad, RFM_CUTS, DAY, staged)
    first, *rest = str(error.value).splitlines()
    assert first == "rfm_cuts was not written; the old rows stay as they were:"
    assert rest[0].startswith("  axis is not null: 1 of 4 rows break it, such as Row(as_of=datetime.date(2025, 1, 31)")
    assert rest[1].startswith("  score >= 2: 1 of 4 rows break it, such as Row(")
    assert rest[2].startswith("  key (as_of, axis, score): 1 values occur more than once, such as Row(")
    assert len(rest) == 3


def test_a_value_outside_a_closed_set_and_a_code_without_a_message_are_refused(frame: Frame) -> None:
    bad = frame(
        ALERT_TOTALS, "kind | action_code\ninactive | inactive\nnoisy | churned\nfrequency_up | nonsense\n"
    ).drop("as_of")
    with pytest.raises(QualityError) as error:
        conform(bad, ALERT_TOTALS, DAY, staged)
    kind, code = (
        next(line for line in str(error.value).splitlines() if f" {name} in (" in line)
        for name in ("kind", "action_code")
    )
    assert "'churned'): 1 of 3 rows break it" in kind
    assert "kind='noisy'" in kind
    assert "'churned'): 1 of 3 rows break it" in code
    assert "action_code='nonsense'" in code


def test_a_missing_and_an_undeclared_column_are_named(frame: Frame) -> None:
    drawn = frame(RFM_CUTS, CUTS).drop("as_of")
    with pytest.raises(QualityError, match="the result lacks the column cut"):
        conform(drawn.drop("cut"), RFM_CUTS, DAY, staged)
    with pytest.raises(QualityError, match="undeclared columns: extra"):
        conform(drawn.selectExpr("*", "1 extra"), RFM_CUTS, DAY, staged)


def test_lines_that_break_the_contract_are_set_aside_and_the_money_adds_up(frame: Frame) -> None:
    lines = frame(
        ORDER_LINES,
        """
        order_id | product_id | ordered_at       | quantity | amount | kind
        ---------+------------+------------------+----------+--------+-------
        o1       | tea        | 2025-01-01 09:00 |        1 |   4.00 | sale
        ~        | tea        | 2025-01-01 09:00 |        1 |   5.00 | sale
        o3       | cup        | ~                |        1 |   6.50 | gift
        o4       | cup        | 2025-01-01 09:00 |        1 |      ~ | ~
        """,
    )
    good, refused, account = door(lines, ORDER_LINES, "orders", staged)
    assert [row.order_id for row in good.collect()] == ["o1"]
    assert refused is not None
    reasons = {(row.amount, row.reason) for row in refused.collect()}
    assert reasons == {
        (Decimal("5.00"), "order_id is missing"),
        (
            Decimal("6.50"),
            "ordered_at is missing, or is no timestamp; not: kind is null or kind in ('sale', 'return', 'charge')",
        ),
        (None, "amount is missing, or is no decimal(18,2)"),
    }
    assert (account.rows_in, account.rows_used, account.rows_quarantined) == (4, 1, 3)
    assert account.money_in == account.money_used + account.money_quarantined == Decimal("15.50")
    assert account.money_used == Decimal("4.00")


def test_a_key_that_repeats_is_kept_once_and_the_others_are_set_aside(frame: Frame) -> None:
    products = frame(PRODUCTS, "product_id | name \n tea | Tea \n tea | Black tea \n cup | Cup \n ~ | Nothing")
    good, refused, account = door(products, PRODUCTS, "orders", staged)
    assert {(row.product_id, row.name) for row in good.collect()} == {("tea", "Black tea"), ("cup", "Cup")}
    assert refused is not None
    assert {row.reason for row in refused.collect()} == {"its key repeats", "product_id is missing"}
    assert (account.rows_in, account.rows_used, account.rows_quarantined) == (4, 2, 2)


@pytest.mark.parametrize("column", ["amount", "cost"])
def test_more_money_than_a_sum_can_hold_is_told_with_what_to_do(frame: Frame, column: str) -> None:
    other = {"amount": "cost", "cost": "amount"}[column]
    line = "o{} | tea | 2025-01-01 09:00 | 1 | {} | 1 | ~"
    drawn = [line.format(n, "-9000000000000000" if n % 2 else "9000000000000000") for n in range(11)]
    header = f"order_id | product_id | ordered_at | quantity | {column} | {other} | kind"
    lines = frame(ORDER_LINES, "\n".join([header, *drawn]))
    with pytest.raises(QualityError) as told:
        door(lines, ORDER_LINES, "orders", staged)
    assert str(told.value) == (
        f"order_lines: the values of {column}, without their signs, sum to 99,000,000,000,000,000.00, and sums hold no "
        "more than 92,233,720,368,547,758.07. If single ones are wrong, leave them out (`where` under "
        "sources.order_lines in the target's file); if the unit is very small, map amount and cost to a larger one, as "
        f"in {column} / 1000."
    )
    assert door(lines.limit(10), ORDER_LINES, "orders", staged)[2].rows_used == 10


def test_what_is_right_passes_untouched(frame: Frame) -> None:
    products = frame(PRODUCTS, "product_id | name \n tea | Tea")
    good, refused, account = door(products, PRODUCTS, "orders", staged)
    assert (good, refused, account.rows_used) == (products, None, 1)


def test_a_key_that_repeats_is_found_in_files_at_hand_and_by_the_engine(running: Engine, tmp_path: Path) -> None:
    storage = Storage(running, Target.model_validate({"root": str(tmp_path), "engine": running.name}))
    values = "values ('frequency', 2, 1.50BD), ('frequency', 3, 2.00BD), ('monetary', 3, 2.00BD) as t(axis, score, cut)"
    held = running.spark.sql(f"select axis, score, cast(cut as decimal(28,2)) as cut from {values}")
    typed, rows = conform(held, RFM_CUTS, DAY, storage.stage)
    assert rows == 3
    few = staged_files.few(storage.stage.files(typed))
    assert few is not None
    assert has_distinct_keys(few, RFM_CUTS)
    assert not has_distinct_keys(few, replace(RFM_CUTS, key=("axis",)))
    assert staged_files.few(None) is None, "files that are not at hand prove nothing"
    assert staged_files.few(tmp_path / "nowhere") is None
    (tmp_path / "odd").mkdir()
    (tmp_path / "odd" / "a.parquet").write_text("no Parquet")
    assert staged_files.few(tmp_path / "odd") is None, "nor do those that cannot be read"
    with pytest.raises(QualityError, match="1 values occur more than once"):
        conform(held.unionByName(held.where("score = 2")), RFM_CUTS, DAY, storage.stage)
    storage.release()


def test_keys_that_are_lists_are_left_to_the_engine(running: Engine, tmp_path: Path) -> None:
    storage = Storage(running, Target.model_validate({"root": str(tmp_path), "engine": running.name}))
    lists = storage.stage(running.spark.sql("select explode(array(array('a'), array('a', 'b'))) as items"))
    few = staged_files.few(storage.stage.files(lists))
    assert few is not None
    assert not has_distinct_keys(few, replace(ITEMSETS, key=("items",)))
    assert repeated_keys(lists, replace(ITEMSETS, key=("items",))) is None
    storage.release()


def test_rows_of_this_process_are_held_to_what_is_never_null(running: Engine, tmp_path: Path) -> None:
    storage = Storage(running, Target.model_validate({"root": str(tmp_path), "engine": running.name}))
    row = {"axis": "frequency", "score": 2, "cut": Decimal("1.50")}
    beside = running.spark.range(1)
    typed, rows = conform(local_table(RFM_CUTS, [row], beside), RFM_CUTS, DAY, storage.stage)
    assert (rows, typed.collect()[0].asDict()) == (1, {"as_of": DAY, **row})
    with pytest.raises(QualityError, match="cut is not null: 1 of 2 rows"):
        conform(local_table(RFM_CUTS, [row, {**row, "score": 3, "cut": None}], beside), RFM_CUTS, DAY, storage.stage)
    storage.release()
