"""What is decided in this process about rules is what the engine decides."""

from __future__ import annotations

import random
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
from pyspark.sql import functions as F

from vitalfew.dataframes.schemas import arrow_schema, schema
from vitalfew.engines.engine import Engine
from vitalfew.messages.sentences import closed_values
from vitalfew.storage import local_rules
from vitalfew.storage.contracts import broken
from vitalfew.suite import TABLES
from vitalfew.tables import Table

WITH_RULES = [table for table in TABLES.values() if table.always]
FROM = date(2024, 1, 30)


def drawn(type_: pa.DataType, values: tuple[str, ...], dice: random.Random) -> Any:
    """A value of a type, often at the edge of what a rule allows, now and then NULL."""
    if dice.random() < 0.15:
        return None
    if pa.types.is_list(type_):
        return [drawn(type_.value_type, (), dice) for _ in range(dice.randrange(3))]
    if pa.types.is_map(type_):
        return None
    if pa.types.is_date(type_):
        return FROM + timedelta(days=dice.randrange(3))
    if pa.types.is_boolean(type_):
        return dice.random() < 0.5
    if pa.types.is_decimal(type_):
        return Decimal(dice.choice((-1, 0, 1, 2))) / (dice.choice((1, 2)) if type_.scale else 1)
    if pa.types.is_floating(type_):
        return dice.choice((-0.5, 0.0, 0.5, 1.0, 1.5))
    if pa.types.is_integer(type_):
        return dice.choice((-1, 0, 1, 2, 12, 24))
    return dice.choice(values or ("a", "b", "é", "Z"))


def rows_of(table: Table, n: int, dice: random.Random) -> pa.Table:
    types = arrow_schema(schema(table.types))
    closed = closed_values(table)
    rows = [{f.name: drawn(f.type, tuple(closed.get(f.name, ())), dice) for f in types} for _ in range(n)]
    return pa.Table.from_pylist(rows, schema=types)


@pytest.mark.parametrize("table", [t for t in WITH_RULES if "timestamp" not in t.types], ids=lambda table: table.name)
def test_rules_of_all_tables_are_decided_as_by_the_engine(running: Engine, table: Table) -> None:
    if "struct" in table.types:
        pytest.skip("no such rows are made here")
    dice = random.Random(table.name)
    rows = rows_of(table, 24, dice)
    frame = running.spark.createDataFrame([tuple(row.values()) for row in rows.to_pylist()], schema(table.types))
    tests = [(~broken(rule)).alias(f"c{i}") for i, rule in enumerate(table.always)]
    told = frame.select(F.struct(*tests).alias("all")).collect()
    for i, rule in enumerate(table.always):
        by_engine = [row["all"][f"c{i}"] for row in told]
        here = [local_rules.all_hold(rows.slice(at, 1), [rule]) for at in range(rows.num_rows)]
        unsure = [at for at, (a, b) in enumerate(zip(here, by_engine, strict=True)) if a != b]
        assert not [at for at in unsure if here[at]], f"{rule}: taken to hold, and it does not"
        assert " like " in rule or len(unsure) <= rows.num_rows / 4, f"{rule}: is left to the engine far too often"
        assert local_rules.all_hold(rows, [rule]) <= all(by_engine)


A_NUMBER = pa.table({"x": [0.5, float("nan")], "n": [9_223_372_036_854_775_807, 1], "s": pa.array([[1], None])})


@pytest.mark.parametrize(
    "rule",
    ["x >= 0", "n + n > 0", "size(s) > 0", "absent = 1", "x >", "abs(x) > 0", "x is true", "n", "x > 'a'", "s = s"],
)
def test_what_this_process_might_get_wrong_is_left_to_the_engine(rule: str) -> None:
    assert not local_rules.all_hold(A_NUMBER, [rule])


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("n > 0", True),
        ("n > 1", False),
        ("n > 1 or n is not null", True),
        ("null is null", True),
        ("n in (1, 9223372036854775807)", True),
        ("n in (1, 2)", False),
        ("not (n < 0.5)", True),
        ("n > -1 and -n < -0.5", True),
        ("coalesce(n, 0) = n and greatest(n, 0) = n and least(n, 0) = 0", True),
        ("null > 0", False),
    ],
)
def test_rules_are_read_as_sql(rule: str, expected: bool) -> None:
    assert local_rules.all_hold(A_NUMBER, [rule]) is expected


def test_no_rows_keep_every_rule() -> None:
    assert local_rules.all_hold(A_NUMBER.slice(0, 0), ["n > 5"])
