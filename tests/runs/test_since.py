"""Night after night: a run that looks only at what changed leaves the facts of one that looks at everything."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any, cast

import pytest
from lines import START, Line, as_frame, random_lines
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from vitalfew import suite
from vitalfew.config import loading
from vitalfew.engines.engine import Engine
from vitalfew.job import Changed, Job
from vitalfew.jobs.customer_products.tables import CUSTOMER_HISTORY
from vitalfew.runs import since
from vitalfew.runs.pipeline import Outcome, Runner
from vitalfew.runs.published import Published
from vitalfew.runs.run_log import PUBLISHED
from vitalfew.storage import changed_rows, time_slices
from vitalfew.storage.delta import Storage
from vitalfew.tables.facts import ORDERS
from vitalfew.tables.logs import RUNS

CONF = Path(__file__).parents[2] / "conf"
JOBS = ("orders", "customer_products")
FACTS = [table for name in JOBS for table in suite.JOBS[name].writes]


@pytest.fixture(autouse=True)
def in_small(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in large tables: months have files of their own, and reading some files is less than reading all."""
    monkeypatch.setattr(time_slices, "ROWS_OF_MONTH", 1)
    monkeypatch.setattr(changed_rows, "MOST_CHANGED", 9)


@pytest.fixture
def at(running: Engine, tmp_path: Path) -> Iterator[Any]:
    made: list[Storage] = []

    def storage(name: str) -> Storage:
        root = tmp_path / name
        root.mkdir(exist_ok=True)
        made.append(Storage(running, loading.load(CONF, "generated", [], root=str(root), engine=running.name).target))
        return made[-1]

    yield storage
    for one in made:
        one.release()


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, bool]]:
    """Of each job that ran, whether it was told what changed."""
    seen: list[tuple[str, bool]] = []

    def watched(name: str) -> Any:
        transform: Any = cast(Job, suite.JOBS[name]).transform

        def look(*, changed: Changed | None, **all_else: Any) -> Any:
            seen.append((name, changed is not None))
            return transform(changed=changed, **all_else)

        return look

    jobs = {}
    for name, job in suite.JOBS.items():
        jobs[name] = job
        if name in JOBS:
            jobs[name] = replace(job)
            object.__setattr__(jobs[name], "transform", watched(name))
    monkeypatch.setattr(suite, "JOBS", jobs)
    return seen


def run(storage: Storage, **settings: Any) -> list[Outcome]:
    chosen = suite.chosen(JOBS)
    loaded = loading.load(CONF, "generated", chosen, root=storage.target.root, engine=storage.engine.name)
    params = {**loaded.params, **{name: loaded.params[name].model_copy(update=settings) for name in JOBS}}
    done = Runner(storage, replace(loaded, params=params)).run(chosen)
    assert {outcome.state for outcome in done} <= {"published", "unchanged"}, done
    return done


def write(storage: Storage, frame: DataFrame, mode: str = "append") -> None:
    frame.write.format("delta").mode(mode).save(storage.target.location("order_lines").at)


def contents(storage: Storage) -> dict[str, list[str]]:
    return {table.name: sorted(map(str, storage.read(table).collect())) for table in FACTS}


def money(storage: Storage) -> tuple[Any, ...]:
    """What the last run of orders says of where its input went."""
    rows = storage.read(RUNS).where(f"job = 'orders' and outcome = '{PUBLISHED}'").orderBy(F.desc("started_at"))
    return tuple(rows.select("rows_in", "rows_used", "money_in", "money_used", "money_rounded").first() or ())


def test_nights_of_new_late_corrected_and_deleted_lines_equal_one_run_over_all(
    at: Any, told: list[tuple[str, bool]], spark: SparkSession
) -> None:
    random, nightly, whole = Random(1), at("nightly"), at("whole")
    here = nightly.target.location("order_lines")
    lines = random_lines(random, 80)
    for number in range(3):  # several files
        write(nightly, as_frame(spark, lines[number::3]))
    run(nightly, rebuild_share=1)
    for night in range(4):
        at_noon = START + timedelta(days=40 + night, hours=12)
        new = [Line(f"n{night}", random.choice("abx"), "tea", at_noon, 1, Decimal(2))]
        late = [replace(line, product_id="late") for line in random.sample(lines, 2)]
        if night == 1:
            spark.sql(f"DELETE FROM {here.sql} WHERE order_id = '{random.choice(lines).order_id}'").collect()
        if night == 2:
            spark.sql(f"UPDATE {here.sql} SET amount = amount + 1 WHERE product_id = 'late'").collect()
        write(nightly, as_frame(spark, new + late))
        told.clear()
        run(nightly, rebuild_share=1)
        assert told == [("orders", True), ("customer_products", True)]
        write(whole, spark.read.format("delta").load(here.at), mode="overwrite")
        told.clear()
        run(whole, rebuild_share=0.0001)
        assert contents(nightly) == contents(whole)
        assert money(nightly) == money(whole)


def test_all_lines_are_looked_at_again_where_something_else_changed(
    at: Any, told: list[tuple[str, bool]], spark: SparkSession
) -> None:
    storage = at("here")
    lines = random_lines(Random(1), 60)
    write(storage, as_frame(spark, lines))
    products = storage.target.location("products").at
    measured = spark.createDataFrame(
        [("t", "Tea", "piece"), ("u", "Fuel", "litre")], "product_id string, name string, unit string"
    )

    def night(number: int, **settings: Any) -> list[bool]:
        write(storage, as_frame(spark, [replace(lines[0], order_id=f"n{number}")]))
        told.clear()
        run(storage, **settings)
        return [is_told for _, is_told in told]

    assert night(0) == [False, False], "the first run"
    assert night(1) == [True, True]
    measured.write.format("delta").save(products)
    assert night(2) == [False, True], "products are there now, and what is measured in litres is one piece"
    measured.withColumn("name", F.upper("name")).write.format("delta").mode("overwrite").save(products)
    assert night(3) == [True, True], "another name changes nothing"
    measured.withColumn("unit", F.lit("litre")).write.format("delta").mode("overwrite").save(products)
    assert night(4) == [False, True]
    assert night(5, rebuild_share=0.7) == [False, False], "other settings"
    storage.replace(ORDERS, storage.stage(storage.read(ORDERS)))
    assert night(6, rebuild_share=0.7) == [False, True], "somebody else wrote the orders"
    bad = as_frame(spark, [replace(lines[0], order_id="bad")]).withColumn("amount", F.lit(None).cast("decimal(18,2)"))
    write(storage, bad)
    assert night(7, rebuild_share=0.7) == [False, True], "a line that breaks the contract: all are held to it"
    assert money(storage)[0] == money(storage)[1] + 1


def test_facts_of_customers_are_read_only_where_they_are_of_the_same_orders(at: Any, spark: SparkSession) -> None:
    storage = at("here")
    lines = random_lines(Random(1), 60)
    last = max(line.ordered_at for line in lines).date()
    write(storage, as_frame(spark, lines))
    run(storage)

    def is_in_step(as_of: date) -> bool:
        published = Published(storage)
        inputs = {table.name: published.snapshot(table) for table in (ORDERS, CUSTOMER_HISTORY)}
        return since.is_in_step(published, CUSTOMER_HISTORY, inputs, as_of)

    assert is_in_step(last + timedelta(days=1))
    assert not is_in_step(last), "they know orders of that day"
    write(storage, as_frame(spark, [replace(lines[0], order_id="late")]))
    chosen = suite.chosen(["orders"])
    config = loading.load(CONF, "generated", chosen, root=storage.target.root, engine=storage.engine.name)
    Runner(storage, config).run(chosen)
    assert not is_in_step(last + timedelta(days=1)), "orders went on, and customer_products did not"
    run(storage)
    assert is_in_step(last + timedelta(days=1))
    storage.replace(CUSTOMER_HISTORY, storage.stage(storage.read(CUSTOMER_HISTORY)))
    assert not is_in_step(last + timedelta(days=1)), "somebody else wrote them"


def test_a_job_that_facts_only_save_work_is_not_stopped_where_these_could_not_be_made() -> None:
    jobs = suite.JOBS
    assert suite.needs(jobs["rfm"]) == ["orders", "customer_products"]
    assert suite.needs(jobs["rfm"], strictly=True) == ["orders"]
    assert "customer_products" not in suite.needs(jobs["alerts"], strictly=True)
    names = [job.name for job in suite.chosen(["rfm", "customer_products", "orders"])]
    assert names == ["orders", "customer_products", "rfm"], "and yet they come first"
