"""Models are fitted on some days, and score on the others: a shop of a few customers, over some nights."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import functions as F
from random_orders import START, Order, as_frame, random_orders

from vitalfew import suite
from vitalfew.config import loading
from vitalfew.engines.engine import Engine
from vitalfew.job import Job
from vitalfew.runs.pipeline import Outcome, Runner
from vitalfew.storage.delta import Storage
from vitalfew.tables.facts import CUSTOMER_PROFILE, ORDERS
from vitalfew.tables.logs import RUNS

CONF = Path(__file__).parents[2] / "conf"
JOBS = tuple(name for name, job in suite.JOBS.items() if isinstance(job, Job) and job.fits)
SCORING = ("clusters", "recommendations", "next_purchase", "baskets")
DAY = START + timedelta(days=60)
SMALL = (
    "clusters.starts=2", "clusters.bootstraps=2", "clusters.most_clusters=4", "baskets.min_count=5",
    "recommendations.min_customers=2", "recommendations.holdout_days=10", "recommendations.confidence=0.5",
    "affinity.min_count=2", "affinity.min_phi=0", "affinity.significance=0.9", "affinity.levels=[product]",
    "affinity.by_segment=false", "next_purchase.min_repeaters=5",
    "next_purchase.holdout_days=20", "sequences.min_buyers=2", "sequences.min_customers=2",
    "sequences.windows=[[1,7]]", "sequences.levels=[product]", "sequences.horizon_days=6",
)  # fmt: skip
Night = Callable[..., dict[str, Outcome]]


@pytest.fixture
def storage(running: Engine, tmp_path: Path) -> Any:
    made = Storage(running, loading.load(CONF, "generated", [], root=str(tmp_path), engine=running.name).target)
    made.replace(CUSTOMER_PROFILE, made.empty(CUSTOMER_PROFILE))
    yield made
    made.release()


def has(storage: Storage, orders: list[Order]) -> None:
    storage.replace(ORDERS, as_frame(orders, storage.spark))


def night(
    storage: Storage,
    as_of: date,
    jobs: tuple[str, ...] = SCORING,
    *settings: str,
    force: bool = False,
    refit: bool = False,
) -> dict[str, Outcome]:
    chosen = suite.chosen(jobs)
    kept = [text for text in (*SMALL, *settings) if text.partition(".")[0] in jobs]
    loaded = loading.load(CONF, "generated", chosen, kept, root=storage.target.root, engine=storage.engine.name)
    done = {one.job: one for one in Runner(storage, loaded, as_of, force, refit).run(chosen)}
    assert {one.state for one in done.values()} <= {"published", "unchanged"}, done
    return done


def fitted(storage: Storage, as_of: date) -> dict[str, date]:
    """By job, the day of the fit that its last results of a day were made with, as `runs` says."""
    rows = storage.read(RUNS).where(F.col("outcome") == "PUBLISHED").where(F.col("as_of") == F.lit(as_of))
    return {row["job"]: row["fitted_on"] for row in rows.orderBy("started_at").collect()}


def contents(storage: Storage, as_of: date, jobs: tuple[str, ...] = SCORING) -> dict[str, list[str]]:
    """The slice of a day of every table of these jobs."""
    tables = [table for name in jobs for table in suite.JOBS[name].writes]
    return {
        table.name: sorted(
            str({name: f"{value:.9g}" if isinstance(value, float) else value for name, value in row.asDict().items()})
            for row in storage.read(table).where(F.col("as_of") == F.lit(as_of)).collect()
        )
        for table in tables
    }


def later(orders: list[Order], day: date, many: int) -> list[Order]:
    """Some orders again, on another day."""
    return [
        replace(order, order_id=f"{order.order_id}-{day}", ordered_on=day, ordered_at=at, ended_at=at)
        for order in orders[:many]
        for at in [order.ordered_at.replace(year=day.year, month=day.month, day=day.day)]
    ]


def test_a_week_is_scored_with_one_fit_and_then_all_is_fitted_again(storage: Storage) -> None:
    orders = random_orders(3, orders=400)
    has(storage, orders)
    first = night(storage, DAY)
    assert not any("made with the fit" in one.message for one in first.values())
    assert fitted(storage, DAY) == dict.fromkeys(SCORING, DAY)
    assert set(JOBS) == {*SCORING, "affinity", "alerts", "sequences"}, "these three have tests of their own"

    before = contents(storage, DAY)
    has(storage, orders + later(orders, DAY + timedelta(days=30), 1))
    assert {one.state for one in night(storage, DAY).values()} == {"published"}
    again = contents(storage, DAY)
    before["cluster_profiles"] = [
        row.replace("'is_new': True", "'is_new': False") for row in before["cluster_profiles"]
    ]
    assert {name: rows for name, rows in again.items() if rows != before[name]} == {}, "scored with the fit of the day"

    tomorrow = DAY + timedelta(days=1)
    has(storage, orders + later(orders, DAY, 3))
    scored = night(storage, tomorrow)
    assert all(f"made with the fit of {DAY}" in one.message for one in scored.values())
    assert fitted(storage, tomorrow) == dict.fromkeys(SCORING, DAY)
    now = contents(storage, tomorrow)
    for name in ("itemsets", "rules", "basket_limits", "purchase_models", "recommendation_evaluation"):
        assert now[name] == [row.replace(repr(DAY), repr(tomorrow), 1) for row in before[name]], name
    assert before["rules"]
    assert before["purchase_models"]
    assert {row.as_of for row in storage.read(suite.TABLES["next_purchase"]).select("as_of").collect()} == {
        DAY,
        tomorrow,
    }

    a_week_on = DAY + timedelta(days=7)
    night(storage, a_week_on)
    assert fitted(storage, a_week_on) == dict.fromkeys(SCORING, a_week_on)


def one_after_another(customers: int = 60) -> list[Order]:
    """Customers who come every sixth day until DAY: one thing each time, and after the tea the pot."""
    (plain,) = random_orders(0, orders=1)
    orders = []
    for n in range(customers):
        for k in range(10):
            on = DAY - timedelta(days=6 * (10 - k))
            item = {n % 9: "tea", n % 9 + 1: "pot"}.get(k, f"x{(n + k) % 7}")
            at = plain.ordered_at.replace(year=on.year, month=on.month, day=on.day)
            changed: dict[str, Any] = {
                "product_ids": [item],
                "product_pieces": [Decimal(1)],
                "product_amounts": [Decimal(10)],
            }
            changed |= {"ordered_on": on, "ordered_at": at, "ended_at": at, "kind": "sale", "product_costs": None}
            orders.append(replace(plain, order_id=f"s{n}-{k}", customer_id=f"s{n}", **changed))
    return orders


def test_sequences_keep_their_rules_between_two_fits(storage: Storage) -> None:
    job, orders, tomorrow = ("sequences",), one_after_another(), DAY + timedelta(days=1)
    has(storage, orders)
    night(storage, DAY, job)
    before = contents(storage, DAY, job)
    (tea,) = [order for order in orders if order.order_id == "s8-8"]
    has(storage, orders + later([replace(tea, customer_id="new")], DAY, 1))
    assert f"made with the fit of {DAY}" in night(storage, tomorrow, job)["sequences"].message
    assert fitted(storage, tomorrow) == {"sequences": DAY}
    now = contents(storage, tomorrow, job)
    kept = [name for name in now if name != "next_in_sequence"]
    assert {name: now[name] for name in kept} == {
        name: [row.replace(repr(DAY), repr(tomorrow), 1) for row in before[name]] for name in kept
    }
    assert any("'antecedent': 'tea', 'consequent': 'pot'" in row for row in before["sequence_rules"])
    (new,) = [row for row in now["next_in_sequence"] if "'customer_id': 'new'" in row]
    assert "'item': 'pot'" in new
    night(storage, tomorrow, job, refit=True)
    assert fitted(storage, tomorrow) == {"sequences": tomorrow}


def test_what_makes_a_fit_useless_makes_a_job_fit_again(storage: Storage) -> None:
    """On one small job: what holds of the runner holds of all."""
    job = ("affinity",)
    orders = random_orders(5)
    has(storage, orders)
    night(storage, DAY, job)

    def fit_of(days: int, *settings: str, **asked: bool) -> int:
        on = DAY + timedelta(days=days)
        night(storage, on, job, *settings, **asked)
        return (fitted(storage, on)["affinity"] - DAY).days

    assert fit_of(1) == 0
    assert night(storage, DAY + timedelta(days=1), job)["affinity"].state == "unchanged"
    assert fit_of(-5) == -5, "nothing of a later day is used on an earlier one"
    assert fit_of(2, "affinity.refit_days=2") == 2, "other settings"
    assert fit_of(2) == 0, "with those of before, the fit of before"
    assert fit_of(2, force=True) == 2
    assert fit_of(3, refit=True) == 3
    has(storage, [replace(o, net_amount=o.net_amount * 2) for o in orders])
    assert fit_of(4) == 4, "the same orders, of another amount"
    has(storage, orders[: len(orders) // 2])
    assert fit_of(5) == 5, "orders were taken away"
    has(storage, orders[: len(orders) // 2] + later(orders, DAY, 2))
    assert fit_of(6) == 5
    storage.clear(suite.TABLES["affinity_fit"], "true")
    assert fit_of(7) == 7, "somebody took the fit away"
