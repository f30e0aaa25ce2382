"""Will they come back, when, and what are they worth."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from vitalfew.algorithms.clv.activity import to_number
from vitalfew.dataframes.collect import collect_rows
from vitalfew.dataframes.local_tables import local_table
from vitalfew.dataframes.staging import UNSTAGED, Stage
from vitalfew.domain.order_windows import days_after
from vitalfew.domain.purchase_gaps import rhythms, with_gaps, with_limits
from vitalfew.jobs.next_purchase import forecast, gap_model, model_selection, repeat_purchases
from vitalfew.jobs.next_purchase import models as purchase_models
from vitalfew.jobs.next_purchase.amounts import BY_FREQUENCY
from vitalfew.jobs.next_purchase.evidence import gathered, with_amount
from vitalfew.jobs.next_purchase.holdout_check import check, coverage, judged
from vitalfew.jobs.next_purchase.outlook import outlook_rows, published
from vitalfew.jobs.next_purchase.panel import Panel, sampled
from vitalfew.jobs.next_purchase.params import NextPurchaseParams
from vitalfew.jobs.next_purchase.purchase_days import customer_days, histories
from vitalfew.jobs.next_purchase.snapshot import Past, past
from vitalfew.jobs.next_purchase.tables import (
    PURCHASE_BACKTESTS,
    PURCHASE_CALIBRATION,
    PURCHASE_MODELS,
    PURCHASE_OUTLOOK,
    PURCHASE_PARAMETERS,
    PURCHASE_RELIABILITY,
    PURCHASE_WINDOWS,
    REPEAT_PURCHASES,
)
from vitalfew.messages.words import ENGLISH, Words

__all__ = ["NextPurchaseParams", "next_purchase"]


def next_purchase(
    orders: DataFrame,
    products: DataFrame,
    *,
    params: NextPurchaseParams,
    as_of: date,
    stage: Stage = UNSTAGED,
    words: Words = ENGLISH,
) -> tuple[DataFrame, ...]:
    """NEXT_PURCHASE, PURCHASE_FORECAST, PURCHASE_OUTLOOK, six tables of proof (backtests to windows), REPEAT_PURCHASES.

    Forecasts are made as of several earlier days with a sample of the customers, beside the simplest rules; that says
    what is published for each horizon. All customers are fitted twice: as of `holdout_days` before `as_of`, and as of
    `as_of`.
    """
    split_on = days_after(as_of, -params.holdout_days)
    days = stage(customer_days(orders, as_of))
    evidence = gathered(sample(days, params), to_number(as_of), params)
    before, now = (past(days, on, params, stage, evidence.clock(to_number(on))) for on in (split_on, as_of))
    checks = check(before, days, params, stage) if before.customers else {}
    objections = model_selection.verdicts(now, before, checks, params, evidence.is_enough)
    used = model_selection.choose(objections, checks, evidence)
    amount = evidence.best_amount(used, now.spending.is_sound)
    by_frequency = evidence.by_frequency() if amount == BY_FREQUENCY else None
    now = replace(now, spending=with_amount(now.spending, amount), by_frequency=by_frequency)
    found = published(evidence, now, used, amount)
    limits = overdue_limits(days, params, as_of, stage)
    scored = stage(forecast.customers(now, limits, used, found, days, params, stage))
    repeats, repeat_windows = repeated(orders, products, params, as_of, stage, words)
    models = model_selection.model_rows(now, before, checks, objections, used, params)
    backtests = evidence.rows(amount, found.orders)
    reliability = [row for each in found.returns.values() for row in each.rows]
    calibration = [row for found in checks.values() for row in found.rows]
    return (
        forecast.next_purchase_rows(scored, used, found, as_of, params, words),
        forecast.horizons(scored, found, params),
        local_table(PURCHASE_OUTLOOK, outlook_rows(scored, found, params), beside=orders),
        local_table(PURCHASE_BACKTESTS, backtests, beside=orders),
        local_table(PURCHASE_RELIABILITY, reliability, beside=orders),
        local_table(PURCHASE_MODELS, models, beside=orders),
        local_table(PURCHASE_PARAMETERS, parameters(now, before), beside=orders),
        local_table(PURCHASE_CALIBRATION, calibration, beside=orders),
        local_table(PURCHASE_WINDOWS, [*customer_windows(before, days, as_of), *repeat_windows], beside=orders),
        repeats,
    )


def sample(days: DataFrame, params: NextPurchaseParams) -> Panel:
    """The purchase days on which forecasts are back-tested."""
    counted = days.agg(F.countDistinct("customer_id").alias("customers"), F.count(F.lit(1)).alias("days"))
    size = collect_rows(counted, "customers and their days")[0]
    return sampled(days, size["customers"], size["days"], params.backtest_customers)


def overdue_limits(days: DataFrame, params: NextPurchaseParams, as_of: date, stage: Stage) -> DataFrame:
    """customer_id, limit_days: the silence beyond which a customer is overdue, here and in alerts."""
    bought = with_gaps(days.where("is_sale").select("customer_id", "ordered_on"))
    return with_limits(stage(rhythms(bought, params, as_of)), params).select("customer_id", "limit_days")


def parameters(now: Past, before: Past) -> list[dict[str, Any]]:
    """Rows of PURCHASE_PARAMETERS."""
    fits = [(fitted, past.on) for past in (now, before) for fitted in (*past.counting.values(), past.spending)]
    return [row for fitted, on in fits for row in purchase_models.parameter_rows(fitted, on)]


def customer_windows(before: Past, days: DataFrame, as_of: date) -> list[dict[str, Any]]:
    """How often the next order of a customer fell into its window."""
    if before.rhythm is None:
        return []
    return coverage("customer", before.known, days, ["customer_id"], before.rhythm, before.on, as_of)


def repeated(
    orders: DataFrame, products: DataFrame, params: NextPurchaseParams, as_of: date, stage: Stage, words: Words
) -> tuple[DataFrame, list[dict[str, Any]]]:
    """REPEAT_PURCHASES, and the coverage of their windows."""
    nothing = local_table(REPEAT_PURCHASES, [], beside=orders)
    if params.repeat_level is None:
        return nothing, []
    level = repeat_purchases.known_level(products, params.repeat_level)
    days = stage(repeat_purchases.item_days(orders, products, level, as_of))
    split_on = days_after(as_of, -params.holdout_days)
    told: list[dict[str, Any]] = []
    for on in (split_on, as_of):
        known = stage(histories(days, repeat_purchases.PAIR, on))
        found = gap_model.fit(known)
        if found is None:
            continue
        timed = repeat_purchases.timed(known, found, on)
        if on == as_of:
            return repeat_purchases.due(timed, products, level, params, words), told
        often = timed.where(F.col("gaps") + 1 >= params.repeat_min_days)
        told = judged(level, often, days, repeat_purchases.PAIR, split_on, as_of)
    return nothing, told
