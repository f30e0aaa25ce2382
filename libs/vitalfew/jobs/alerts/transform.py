"""What needs attention now: customers who fall silent, change or come back, and products that go wrong."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from functools import reduce
from typing import Any

from pyspark.sql import DataFrame, Row
from pyspark.sql import functions as F

from vitalfew.dataframes.collect import collect_rows
from vitalfew.dataframes.local_tables import local_table
from vitalfew.dataframes.staging import UNSTAGED, Stage
from vitalfew.domain import fits
from vitalfew.jobs.alerts import evaluation
from vitalfew.jobs.alerts.alert_rows import COLUMNS
from vitalfew.jobs.alerts.histories import known
from vitalfew.jobs.alerts.inactivity import churned, leaving, overdue, silent, vip_returned
from vitalfew.jobs.alerts.kinds import KINDS
from vitalfew.jobs.alerts.params import AlertParams
from vitalfew.jobs.alerts.product_bursts import bursts
from vitalfew.jobs.alerts.spending import rising, spend_drop
from vitalfew.jobs.alerts.tables import ALERT_EVALUATION, ALERT_FIT, ALERT_TOTALS, ALERTS
from vitalfew.jobs.alerts.worklist import NAMED, first, with_ranks
from vitalfew.messages.sentences import around, choose, kept, said, say, with_texts
from vitalfew.messages.words import ENGLISH, Words
from vitalfew.tables import AsFitted

__all__ = ["AlertParams", "alerts"]


def alerts(
    orders: DataFrame,
    events: DataFrame,
    products: DataFrame,
    next_purchase: DataFrame,
    next_purchase_before: DataFrame,
    before: DataFrame,
    customer_history: DataFrame | None = None,
    fit: DataFrame | None = None,
    *,
    params: AlertParams,
    as_of: date,
    stage: Stage = UNSTAGED,
    words: Words = ENGLISH,
) -> tuple[Any, ...]:
    """ALERTS, ALERT_TOTALS, ALERT_EVALUATION and ALERT_FIT.

    `before` are the alerts of the last look, whose open ones go on or are closed. Kinds that are shown to say nothing
    are not raised; where `fit`, the rows of an earlier one, still serves, those that it says.
    """
    last, report = fits.serving(fit, orders, as_of, params), None
    if last is None:
        report = evaluation.evaluated(orders, params, as_of, stage)
        last = fits.made(orders, as_of, evaluation.cells(report))
    rules = evaluation.of_fit(last)
    customers = known(orders, next_purchase, customer_history, params, as_of, stage)
    rule = rules["overdue"]
    of_customers: dict[str, Callable[[], DataFrame]] = {
        "inactive": lambda: silent(customers, params, rule),
        "churned": lambda: churned(customers, params),
        "overdue": lambda: overdue(customers, params, rule),
        "churn_risk": lambda: leaving(customers, next_purchase_before, before, params, as_of),
        "vip_returned": lambda: vip_returned(customers, params, as_of),
        "frequency_up": lambda: rising(customers, params, as_of),
        "spend_drop": lambda: spend_drop(customers, params, as_of, stage),
    }
    raised = [make() for kind, make in of_customers.items() if rules[kind] != evaluation.NEVER]
    now = stage(reduce(DataFrame.unionByName, [*raised, *bursts(orders, events, products, params, as_of, stage)]))
    ended = [kind for kind in KINDS if rules[kind] == evaluation.NEVER]
    result = stage(with_texts(carried(now, before, as_of, ended), ALERTS, words))
    ranked = first(result, KINDS, params.worklist)
    written = with_ranks(result, ranked).select(*[name for name in ALERTS.columns if name != ALERTS.slice])
    return (
        written,
        local_table(ALERT_TOTALS, totals(result, ranked, as_of, words), beside=orders),
        AsFitted() if report is None else local_table(ALERT_EVALUATION, report, beside=orders),
        local_table(ALERT_FIT, last.rows(), beside=orders),
    )


def carried(now: DataFrame, before: DataFrame, as_of: date, ended: Sequence[str] = ()) -> DataFrame:
    """ALERTS without rank: what holds now, raised when it first was; and what was open and no longer holds, closed.

    Of the kinds that have `ended`, which are no longer raised, it is not known whether it holds.
    """
    was_open = before.where("status = 'open'")
    known_since = was_open.select(*NAMED, F.col("raised_on").alias("first_raised"), F.col("since").alias("first_since"))
    day = F.lit(as_of)
    still = now.join(known_since, on=list(NAMED), how="left").select(
        *[name for name in COLUMNS if name != "since"],
        F.least("since", "first_since").alias("since"),
        F.lit("open").alias("status"),
        F.coalesce("first_raised", day).alias("raised_on"),
        F.lit(None).cast("date").alias("closed_on"),
    )
    texts = [f"{text}_{part}" for text in ALERTS.texts for part in ("code", "values")]
    gone = was_open.join(now.select(*NAMED), on=list(NAMED), how="left_anti").select(
        *[name for name in COLUMNS if name not in texts],
        *choose(
            (
                F.col("kind").isin(*ended) if ended else F.lit(False),
                around("alerts.ended.no_lift", "was", kept("evidence")),
            ),
            otherwise=around("alerts.ended.closed", "was", kept("evidence")),
        ).named("evidence"),
        *say("alerts.action.none").named("action"),
        F.lit("closed").alias("status"),
        "raised_on",
        day.alias("closed_on"),
    )
    return still.unionByName(gone)


def totals(result: DataFrame, ranked: Sequence[Row], as_of: date, words: Words) -> list[dict[str, Any]]:
    """The rows of ALERT_TOTALS, the most urgent kind first."""
    is_open = F.col("status") == "open"
    counted = result.groupBy("kind").agg(
        F.count_if(is_open).alias("open"),
        F.count_if(is_open & (F.col("raised_on") == F.lit(as_of))).alias("raised"),
        F.count_if(is_open & (F.col("severity") == "high")).alias("high"),
        F.count_if(~is_open).alias("closed"),
        F.sum(F.when(is_open, F.col("value_at_stake"))).alias("value_at_stake"),
    )
    places = Counter(row["kind"] for row in ranked)
    found = {
        row["kind"]: {**row.asDict(), "ranked": places[row["kind"]]} for row in collect_rows(counted, "kinds of alerts")
    }
    return [
        {
            **found[kind],
            "value_at_stake": found[kind]["value_at_stake"] or Decimal(0),
            **said("action", f"alerts.todo.{kind}", words),
        }
        for kind in KINDS
        if kind in found
    ]
