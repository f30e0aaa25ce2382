"""Nothing that happened on the day of observation or later shows in a result: the future is planted, and not found."""

from __future__ import annotations

from datetime import timedelta

import pytest
from generated import ran
from generator import writing
from generator.world import AS_OF, World
from pyspark.sql import functions as F

from comparing import difference
from vitalfew import suite
from vitalfew.engines.engine import Engine
from vitalfew.job import Job
from vitalfew.storage.delta import Storage
from vitalfew.tables import Table

DAY = AS_OF - timedelta(days=70)
HAPPENED = {
    "order_lines": "ordered_at",
    "events": "happened_at",
    "treatments": "assigned_at",
    "consents": "since",
    "referrals": "referred_at",
    "milestones": "recorded_at",
    "stock": "day",
}
ASSIGNED = (
    "customer_id",
    "'spring' campaign",
    "'mail' action",
    "'email' channel",
    "if(xxhash64(customer_id) % 2 = 0, 'control', 'mail') arm",
    f"timestamp'{DAY}' - make_dt_interval(cast(pmod(xxhash64(customer_id, 1), 90) as int) - 20) assigned_at",
    f"timestamp'{DAY}' + interval 1 day reached_at",
)
"""Every customer, assigned in the 69 days before DAY or the 20 from it on, and reached when DAY is over."""
SAID = (
    "customer_id",
    "explode(array('email', 'sms', 'post', 'phone')) channel",
    "'marketing' purpose",
    "if(xxhash64(customer_id, 2) % 2 = 0, 'granted', 'withdrawn') state",
    f"timestamp'{DAY}' - make_dt_interval(cast(pmod(xxhash64(customer_id, 3), 60) as int) - 20) since",
)
"""Half of the customers agreed to every channel, a third of these from DAY on."""
BROUGHT = (
    "customer_id referrer_id",
    "lag(customer_id) over (order by customer_id) customer_id",
    f"timestamp'{DAY}' - make_dt_interval(cast(pmod(xxhash64(customer_id, 4), 600) as int) - 20) referred_at",
)
"""Every customer brought the one before, some from DAY on."""
BORN = (
    "customer_id",
    "'birth' kind",
    f"if(xxhash64(customer_id, 5) % 3 = 0, null, date'{DAY}' - cast(pmod(xxhash64(customer_id, 6), 900) as int) + 90) day",
    "xxhash64(customer_id, 5) % 3 = 0 is_none",
    f"timestamp'{DAY}' - make_dt_interval(cast(pmod(xxhash64(customer_id, 7), 200) as int) - 20) recorded_at",
)
"""A child of most customers, born in the 900 days around DAY; a tenth of the answers came from DAY on."""
COUNTED = (
    "product_id",
    f"explode(array(date'{DAY - timedelta(days=1)}', date'{DAY}')) day",
    "cast(pmod(xxhash64(product_id), 9) as decimal(18,3)) on_hand",
)
"""The stock of every product, the evening before DAY and on its own."""
JOBS = [job.name for job in suite.JOBS.values() if isinstance(job, Job)]


@pytest.fixture(scope="module")
def targets(running: Engine, tmp_path_factory: pytest.TempPathFactory) -> tuple[Storage, Storage]:
    """Every job as of one day, where nothing is known of what came later, and where all of it is."""
    later, before = tmp_path_factory.mktemp("later"), tmp_path_factory.mktemp("before")
    writing.write(running.spark, World(15_000, seed=5, dirty=0), later)
    assigned = writing.load(running.spark, later / "customers").selectExpr(*ASSIGNED)
    writing.save(assigned, later / "treatments")
    writing.save(writing.load(running.spark, later / "customers").selectExpr(*SAID), later / "consents")
    brought = writing.load(running.spark, later / "customers").selectExpr(*BROUGHT).where("customer_id is not null")
    writing.save(brought, later / "referrals")
    born = writing.load(running.spark, later / "customers").selectExpr(*BORN)
    writing.save(born, later / "milestones")
    counted = writing.load(running.spark, later / "products").selectExpr(*COUNTED)
    writing.save(counted, later / "stock")
    for path in later.iterdir():
        if path.is_dir() and not path.name.startswith("truth"):
            frame = writing.load(running.spark, path)
            time = HAPPENED.get(path.name)
            writing.save(frame.where(F.col(time) < F.lit(DAY)) if time else frame, before / path.name)
    assert writing.load(running.spark, before / "treatments").count() > 100
    key = [f"customer360.hash_key={'0123456789abcdef' * 2}"]  # one for both, or each has its own
    return ran(running, before, JOBS, key, as_of=DAY), ran(running, later, JOBS, key, as_of=DAY)


@pytest.mark.parametrize(
    "table", [t for name in JOBS for t in suite.JOBS[name].writes if t.kind == "result"], ids=lambda t: t.name
)
def test_what_comes_later_changes_no_result(targets: tuple[Storage, Storage], table: Table) -> None:
    before, later = targets
    assert difference(table, later, before) is None
