"""Tables in and out: what is written is what is read, in the declared form, whatever the engine."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import DataFrame

from conftest import Frame
from vitalfew.config.target import Target
from vitalfew.engines.engine import Engine
from vitalfew.errors import TableError
from vitalfew.storage.delta import Storage
from vitalfew.storage.delta_log import newest_commit
from vitalfew.storage.snapshots import Snapshot
from vitalfew.tables import Table
from vitalfew.tables.sources import ORDER_LINES

Make = Callable[..., Storage]

NOTES = Table(
    name="lorenz",
    row="one note",
    key=("day", "word"),
    kind="fact",
    columns={
        "day": "date not null comment 'The day.'",
        "word": "string not null comment 'The word.'",
        "n": "bigint comment 'How often.'",
    },
)
START = """
    day        | word | n
    2025-01-01 | tea  | 1
    2025-01-01 | cup  | 2
    2025-01-02 | tea  | 3
"""


@pytest.fixture
def make(running: Engine, tmp_path: Path) -> Iterator[Make]:
    """Storage at a fresh target; what is given goes into its file."""
    made: list[Storage] = []

    def storage(**settings: Any) -> Storage:
        made.append(
            Storage(running, Target.model_validate({"root": str(tmp_path), "engine": running.name, **settings}))
        )
        return made[-1]

    yield storage
    for one in made:
        one.release()


def rows(storage: Storage, version: int | None = None) -> list[tuple[str, str, int]]:
    return sorted((str(r["day"]), r["word"], r["n"]) for r in storage.read(NOTES, version).collect())


@pytest.mark.both_engines
def test_slices_are_replaced_merged_restored_and_read_at_a_version(make: Make, frame: Frame) -> None:
    storage = make()
    assert not storage.exists(NOTES)
    assert storage.version(NOTES) is None
    storage.replace(NOTES, frame(NOTES, START))
    before = storage.snapshot(NOTES)
    assert before is not None
    storage.replace(NOTES, frame(NOTES, "day | word | n \n 2025-01-02 | pot | 9"), "day = DATE'2025-01-02'")
    assert rows(storage) == [("2025-01-01", "cup", 2), ("2025-01-01", "tea", 1), ("2025-01-02", "pot", 9)]
    assert rows(storage, before.version) == [
        ("2025-01-01", "cup", 2),
        ("2025-01-01", "tea", 1),
        ("2025-01-02", "tea", 3),
    ]

    changed = frame(NOTES, "day | word | n \n 2025-01-01 | tea | 5 \n 2025-01-03 | mug | 7")
    gone = frame(NOTES, "day | word \n 2025-01-01 | cup \n 2025-01-09 | never").select("day", "word")
    storage.merge(NOTES, changed, removed=gone)
    assert rows(storage) == [("2025-01-01", "tea", 5), ("2025-01-02", "pot", 9), ("2025-01-03", "mug", 7)]

    storage.merge(NOTES, frame(NOTES, "day | word | n \n 2025-01-01 | tea | 99"), update=False)
    assert ("2025-01-01", "tea", 5) in rows(storage)

    storage.restore(NOTES, before)
    assert rows(storage) == rows(storage, before.version)
    storage.restore(NOTES, None)
    assert rows(storage) == []


@pytest.mark.both_engines
def test_comments_and_constraints_reach_delta(make: Make, frame: Frame) -> None:
    storage = make()
    storage.replace(NOTES, frame(NOTES, START))
    with pytest.raises(Exception, match=r"(?i)null"):
        storage.replace(NOTES, frame(NOTES, "day | word | n \n 2025-01-02 | ~ | 9"))
    if storage.engine.name == "spark":  # the embedded engine does not keep comments
        schema = storage.load(storage.target.location(NOTES.name), None).schema
        assert schema["word"].metadata["comment"] == "The word."


def test_staging_computes_a_frame_once_and_release_lets_go(make: Make, frame: Frame) -> None:
    storage = make()
    kept = storage.stage(frame(NOTES, START))
    folder = storage.staged.folder
    assert kept.count() == 3
    assert folder is not None
    assert folder.exists()
    storage.release()
    assert not folder.exists()


def test_a_source_is_read_under_our_names_types_rows_and_clock(make: Make, tmp_path: Path) -> None:
    storage = make(
        sources={
            "order_lines": {
                "at": "sales",
                "columns": {
                    "order_id": "invoice",
                    "customer_id": "nullif(trim(cust), '')",
                    "amount": "price * quantity",
                },
                "where": "invoice not like 'T%'",
                "time_zone": "Europe/Vienna",
            }
        }
    )
    storage.spark.createDataFrame(
        [(1001, " ann ", "tea", "2025-06-01 23:30:00", 2, "1.50"), (1002, "", "cup", "2025-06-02 10:00:00", 1, "4.00")],
        "invoice bigint, cust string, Product_ID string, at string, quantity int, price string",
    ).selectExpr(
        "cast(invoice as string) invoice",
        "cust",
        "Product_ID",
        "cast(at as timestamp) ordered_at",
        "quantity",
        "cast(price as decimal(10,2)) price",
    ).write.format("delta").save(str(tmp_path / "sales"))

    found = storage.read(ORDER_LINES)

    assert found.columns == list(ORDER_LINES.columns)
    assert [f.dataType.simpleString() for f in found.schema] == [c.type for c in ORDER_LINES.declared]
    ann, nobody = found.orderBy("order_id").collect()
    assert (ann.customer_id, str(ann.amount), str(ann.ordered_at)) == ("ann", "3.00", "2025-06-02 01:30:00")
    assert (nobody.customer_id, nobody.cost) == (None, None)


@pytest.mark.both_engines
def test_a_table_that_is_not_there_is_named_with_its_target(make: Make) -> None:
    with pytest.raises(TableError, match=r"There is no table order_lines at .*/order_lines\. Check `root`"):
        make().read(ORDER_LINES)


def test_a_column_that_is_not_there_is_named_with_what_is(make: Make, tmp_path: Path) -> None:
    storage = make()
    storage.spark.createDataFrame([("o1", "tea")], "order_id string, product string").write.format("delta").save(
        str(tmp_path / "order_lines")
    )
    with pytest.raises(
        TableError, match=r"has no column product_id, ordered_at, quantity, amount.*did you mean product\?"
    ):
        storage.read(ORDER_LINES)


def mapped(make: Make, tmp_path: Path, theirs: str, **source: Any) -> DataFrame:
    """An empty table of the company with these columns, read as order_lines."""
    storage = make(sources={"order_lines": {"at": "order_lines", **source}})
    storage.spark.createDataFrame([], theirs).write.format("delta").save(str(tmp_path / "order_lines"))
    return storage.read(ORDER_LINES)


LINES = "order_id string, product_id string, ordered_at timestamp, quantity int, amount double, customer string"


@pytest.mark.both_engines
def test_every_column_that_a_mapping_names_and_that_is_not_there_is_told_at_once(make: Make, tmp_path: Path) -> None:
    columns = {"customer_id": "upper(custmer)", "channel": "`Shop`", "kind": "lower(amount)"}
    with pytest.raises(TableError) as told:
        mapped(make, tmp_path, LINES, columns=columns, where="quantiy > 0")
    head, *lines = str(told.value).splitlines()
    assert head.endswith("It has: order_id, product_id, ordered_at, quantity, amount, customer.")
    assert lines == [
        "  sources.order_lines.columns.customer_id names custmer: did you mean customer?",
        "  sources.order_lines.columns.channel names Shop: known are: amount, customer, order_id, ordered_at, "
        "product_id, quantity.",
        "  sources.order_lines.where names quantiy: did you mean quantity?",
    ]


def test_a_mapping_that_the_engine_refuses_for_another_reason_is_told_in_its_words(make: Make, tmp_path: Path) -> None:
    with pytest.raises(TableError, match=r"a mapping does not fit its columns \(order_id, .*customer\): "):
        mapped(make, tmp_path, LINES, columns={"customer_id": "customer.name"})


def test_types_that_do_not_fit_are_told_at_once_with_the_expressions_that_mend_them(make: Make, tmp_path: Path) -> None:
    columns = "order_id string, product_id string, ordered_at string, quantity string, amount double"
    with pytest.raises(TableError) as told:
        mapped(make, tmp_path, columns)
    first, second = str(told.value).splitlines()
    assert "column ordered_at is string, it must be timestamp or become it by" in first
    assert "under sources.order_lines.columns.ordered_at, such as `try_cast(ordered_at as timestamp)`." in first
    assert second.startswith("  column quantity is string, it must be decimal(18,3) or become it by")


@pytest.mark.both_engines
def test_what_a_cast_would_lose_is_known_as_it_came(make: Make, tmp_path: Path) -> None:
    columns = {
        "ordered_at": "try_cast(at as timestamp)",
        "quantity": "try_cast(n as decimal(18,3))",
        "amount": "try_cast(n as double) * price",
    }
    storage = make(sources={"order_lines": {"at": "order_lines", "columns": columns}})
    storage.spark.createDataFrame(
        [("o1", "tea", "tomorrow", "two", 1.5)], "order_id string, product_id string, at string, n string, price double"
    ).write.format("delta").save(str(tmp_path / "order_lines"))
    (row,) = storage.read(ORDER_LINES, originals=True).collect()
    assert (row.ordered_at, row.quantity, row.amount) == (None, None, None)
    assert row._originals.asDict() == {
        "ordered_at": "tomorrow", "quantity": "two", "amount": '{"n":"two","price":"1.5"}',
    }  # fmt: skip
    assert storage.read(ORDER_LINES).columns == list(ORDER_LINES.columns), "and is asked for, not met"


def test_what_is_no_number_becomes_null_for_the_door_to_see(make: Make, tmp_path: Path) -> None:
    lines = "order_id string, product_id string, ordered_at timestamp, quantity int, amount double"
    storage = make()
    values = [("o1", "tea", None, 1, float("nan")), ("o2", "tea", None, 1, float("inf")), ("o3", "tea", None, 1, 1.0)]
    storage.spark.createDataFrame(values, lines).write.format("delta").save(str(tmp_path / "order_lines"))
    assert {r.order_id: r.amount is None for r in storage.read(ORDER_LINES).collect()} == {
        "o1": True,
        "o2": True,
        "o3": False,
    }


def test_our_own_table_of_another_version_is_refused(make: Make, tmp_path: Path) -> None:
    storage = make()
    storage.spark.createDataFrame([(date(2025, 1, 1),)], "day date").write.format("delta").save(
        str(tmp_path / "lorenz")
    )
    with pytest.raises(TableError, match="has no column word: another version"):
        storage.read(NOTES)


@pytest.mark.both_engines
def test_a_column_that_came_later_is_null_until_the_whole_table_is_written_and_never_dropped(
    make: Make, frame: Frame, tmp_path: Path
) -> None:
    storage = make()
    old = frame(NOTES, START).drop("n")
    old.write.format("delta").save(str(tmp_path / "lorenz"))
    assert {row["n"] for row in storage.read(NOTES).collect()} == {None}
    with pytest.raises(TableError, match="has no column n: another version of Vital Few made it"):
        storage.replace(NOTES, frame(NOTES, START), "day = DATE'2025-01-01'")
    with pytest.raises(TableError, match="has no column n: another version of Vital Few made it"):
        storage.merge(NOTES, frame(NOTES, START))
    storage.replace(NOTES, frame(NOTES, START))
    assert sorted(row["n"] for row in storage.read(NOTES).collect()) == sorted(
        row["n"] for row in frame(NOTES, START).collect()
    )


@pytest.mark.both_engines
def test_a_log_of_an_earlier_version_gets_the_column_that_came_later_and_keeps_its_rows(
    make: Make, frame: Frame, tmp_path: Path
) -> None:
    storage = make()
    frame(NOTES, START).drop("n").write.format("delta").save(str(tmp_path / "lorenz"))
    for _ in range(2):
        storage.append(NOTES, frame(NOTES, "day | word | n \n 2025-01-03 | mug | 7"))
    found = sorted((row["word"], row["n"]) for row in storage.read(NOTES).collect())
    assert found == sorted([("tea", None), ("cup", None), ("tea", None), ("mug", 7), ("mug", 7)])


def test_a_log_that_lacks_what_is_never_null_is_refused(make: Make, frame: Frame, tmp_path: Path) -> None:
    storage = make()
    frame(NOTES, START).drop("word").write.format("delta").save(str(tmp_path / "lorenz"))
    with pytest.raises(TableError, match="has no column word: another version of Vital Few made it"):
        storage.append(NOTES, frame(NOTES, START))


def test_what_the_engine_says_of_a_merge_that_fails_is_told_of_the_table_like_that_of_any_write(
    make: Make, frame: Frame, tmp_path: Path
) -> None:
    storage = make()
    storage.replace(NOTES, frame(NOTES, START))
    absent = frame(NOTES, "day | word | n \n 2025-01-09 | ~ | 9")
    with pytest.raises(TableError, match=f"lorenz could not be written at {tmp_path}/lorenz: .+"):
        storage.merge(NOTES, absent)
    assert len(rows(storage)) == 3


@pytest.mark.both_engines
def test_every_version_is_read_and_brought_back_whatever_checkpoints_there_are(
    make: Make, frame: Frame, running: Engine
) -> None:
    storage = make()
    storage.replace(NOTES, storage.empty(NOTES))
    seen: dict[int | None, list[tuple[str, str, int]]] = {}
    now: list[tuple[str, str, int]] = []
    for number in range(13):
        day = f"2025-01-{number % 3 + 1:02}"
        storage.append(NOTES, frame(NOTES, f"day | word | n \n {day} | tea | {number}"))
        now = sorted([*now, (day, "tea", number)])
        seen[storage.version(NOTES)] = now
    assert max(version or 0 for version in seen) > 10
    for version, expected in seen.items():
        if running.name == "sail" or version in (9, 11):  # a read of Spark takes seconds, and it has one checkpoint
            assert rows(storage, version) == expected
    assert rows(storage, min(version for version in seen if version is not None) - 1) == []
    for version in (5, 11) if running.name == "sail" else (5,):
        storage.restore(NOTES, Snapshot(version))
        assert rows(storage) == seen[version]


def test_the_newest_commit_counts_checkpoints_too(tmp_path: Path) -> None:
    assert newest_commit(tmp_path / "nowhere") is None
    for name in ("00000000000000000009.json", "00000000000000000010.checkpoint.parquet", "_last_checkpoint", "x.json"):
        (tmp_path / name).touch()
    assert newest_commit(tmp_path) == 10
