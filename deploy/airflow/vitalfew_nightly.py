"""An Airflow DAG: a night of Vital Few, and once a week its maintenance.

A run may be repeated at any time and comes to the same tables, so each task has retries. It is one task and not one a
job, as `run all` runs only what has something new, and knows the order.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import pendulum
from airflow import DAG
from airflow.operators.bash import BashOperator
from airflow.operators.python import ShortCircuitOperator

HOME = "/srv/vitalfew"
VITALFEW = f"{HOME}/.venv/bin/vitalfew"
TARGET = "shop"


def is_sunday(logical_date: datetime, **_: object) -> bool:
    return logical_date.isoweekday() == 7


with DAG(
    "vitalfew_nightly",
    schedule="15 2 * * *",
    start_date=pendulum.datetime(2025, 1, 1, tz="UTC"),
    catchup=False,  # a run takes all days that are new; there is nothing to catch up day by day
    max_active_runs=1,
    default_args={"retries": 2, "retry_delay": timedelta(minutes=10)},
    tags=["vitalfew"],
) as dag:
    # A worker that was lost leaves an unfinished run: the next attempt waits three minutes for its lease, and goes on.
    night = BashOperator(
        task_id="run_all",
        cwd=HOME,
        bash_command=f"{VITALFEW} run all --target {TARGET} --log-format json",
        execution_timeout=timedelta(hours=12),
    )
    weekly = ShortCircuitOperator(task_id="is_sunday", python_callable=is_sunday)
    maintenance = BashOperator(task_id="maintain", cwd=HOME, bash_command=f"{VITALFEW} maintain --target {TARGET}")
    night >> weekly >> maintenance
