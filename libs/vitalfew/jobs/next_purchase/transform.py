"""Will they come back, when, and what are they worth."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from vitalfew.algorithms.clv.activity import to_number
from vitalfew.dataframes.collect import collect_rows
from vitalfew.dataframes.local_tables import local_table
from vitalfew.dataframes.staging import UNSTAGED, Stage
from vitalfew.domain import fits
from vitalfew.domain.fits import Fit
from vitalfew.domain.order_windows import days_after
from vitalfew.domain.purchase_gaps import rhythms, with_gaps, with_limits
from vitalfew.jobs.next_purchase import fitted, forecast, gap_model, model_selection, repeat_purchases
from vitalfew.jobs.next_purchase import models as purchase_models
from vitalfew.jobs.next_purchase.amounts import BY_FREQUENCY
from vitalfew.jobs.next_purchase.evidence import gathered, measured_days, with_amount
from vitalfew.jobs.next_purchase.fitted import Scorer
from vitalfew.jobs.next_purchase.holdout_check import check, coverage, judged
from vitalfew.jobs.next_purchase.outlook import outlook_rows, published
from vitalfew.jobs.next_purchase.panel import Panel, sampled
from vitalfew.jobs.next_purchase.params import NextPurchaseParams
from vitalfew.jobs.next_purchase.purchase_days import customer_days, histories
from vitalfew.jobs.next_purchase.snapshot import Past, past
from vitalfew.jobs.next_purchase.tables import (
    PURCHASE_BACKTESTS,
    PURCHASE_CALIBRATION,
    PURCHASE_FIT,
    PURCHASE_MODELS,
    PURCHASE_OUTLOOK,
    PURCHASE_PARAMETERS,
    PURCHASE_RELIABILITY,
    PURCHASE_WINDOWS,
    REPEAT_PURCHASES,
)
from vitalfew.messages.words import ENGLISH, Words
from vitalfew.tables import AsFitted

__all__ = ["NextPurchaseParams", "next_purchase"]


def next_purchase(
    orders: DataFrame,
    products: DataFrame,
    fit: DataFrame | None = None,
    *,
    params: NextPurchaseParams,
    as_of: date,
    stage: Stage = UNSTAGED,
    words: Words = ENGLISH,
) -> tuple[Any, ...]:
    """NEXT_PURCHASE, PURCHASE_FORECAST, PURCHASE_OUTLOOK, six tables of proof (backtests to windows), REPEAT_PURCHASES.

    And PURCHASE_FIT. Where `fit`, the rows of an earlier one, still serves, customers are scored with it, and the
    tables of proof stay as they are.
    """
    last = fits.read(fit)
    days = stage(customer_days(orders, as_of))
    if last is not None and fitted.is_whole(last) and fits.serves(last, orders, as_of, params):
        scorer, proof = with_fit(last, days, as_of, params, stage), None
    else:
        scorer, proof = newly_fitted(days, last, as_of, params, stage)
        last = fits.made(orders, as_of, fitted.cells(scorer))
    found = scorer.published
    limits = overdue_limits(days, params, as_of, stage)
    scored = stage(forecast.customers(scorer.now, limits, scorer.used, found, days, params, stage))
    repeats, repeat_windows = repeated(orders, products, params, as_of, stage, words, is_proven=proof is not None)
    return (
        forecast.next_purchase_rows(scored, scorer.used, found, as_of, params, words),
        forecast.horizons(scored, found, params),
        local_table(PURCHASE_OUTLOOK, outlook_rows(scored, found, params), beside=orders),
        *(proof.tables(orders, repeat_windows) if proof else [AsFitted()] * len(PROOF)),
        repeats,
        local_table(PURCHASE_FIT, last.rows(), beside=orders),
    )


PROOF = (
    PURCHASE_BACKTESTS,
    PURCHASE_RELIABILITY,
    PURCHASE_MODELS,
    PURCHASE_PARAMETERS,
    PURCHASE_CALIBRATION,
    PURCHASE_WINDOWS,
)
Rows = list[dict[str, Any]]


@dataclass(frozen=True)
class Proof:
    """Rows of the tables of PROOF, in their order; to the windows come those of repeat purchases."""

    rows: tuple[Rows, ...]

    def tables(self, orders: DataFrame, repeat_windows: Rows) -> list[DataFrame]:
        """The tables."""
        rows = (*self.rows[:-1], [*self.rows[-1], *repeat_windows])
        return [local_table(table, of_it, beside=orders) for table, of_it in zip(PROOF, rows, strict=True)]


def with_fit(fit: Fit, days: DataFrame, as_of: date, params: NextPurchaseParams, stage: Stage) -> Scorer:
    """What an earlier fit says of what is known today."""
    clock = fitted.clock(fit, to_number(as_of), measured_days(params)[-1])
    now = past(days, as_of, params, stage, clock, models=fitted.models(fit))
    return Scorer(fitted.used(fit), replace(now, by_frequency=fitted.by_frequency(fit)), fitted.published(fit), None)


def newly_fitted(
    days: DataFrame, last: Fit | None, as_of: date, params: NextPurchaseParams, stage: Stage
) -> tuple[Scorer, Proof]:
    """The models of today, from the parameters of the `last` fit on, and what shows how good they are.

    Forecasts are made as of several earlier days with a sample of the customers, beside the simplest rules; that says
    what is published for each horizon. All customers are fitted twice: as of `holdout_days` before `as_of`, and as of
    `as_of`.
    """
    split_on = days_after(as_of, -params.holdout_days)
    near = {} if last is None else fitted.near(last)
    evidence = gathered(sample(days, params), to_number(as_of), params, near)
    before, now = (past(days, on, params, stage, evidence.clock(to_number(on)), near) for on in (split_on, as_of))
    checks = check(before, days, params, stage) if before.customers else {}
    objections = model_selection.verdicts(now, before, checks, params, evidence.is_enough)
    used = model_selection.choose(objections, checks, evidence)
    amount = evidence.best_amount(used, now.spending.is_sound)
    by_frequency = evidence.by_frequency() if amount == BY_FREQUENCY else None
    now = replace(now, spending=with_amount(now.spending, amount), by_frequency=by_frequency)
    found = published(evidence, now, used, amount)
    rows = (
        evidence.rows(amount, found.orders),
        [row for each in found.returns.values() for row in each.rows],
        model_selection.model_rows(now, before, checks, objections, used, params),
        parameters(now, before),
        [row for each in checks.values() for row in each.rows],
        customer_windows(before, days, as_of),
    )
    return Scorer(used, now, found, evidence.season), Proof(rows)


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
    orders: DataFrame,
    products: DataFrame,
    params: NextPurchaseParams,
    as_of: date,
    stage: Stage,
    words: Words,
    is_proven: bool,
) -> tuple[DataFrame, Rows]:
    """REPEAT_PURCHASES, and the coverage of their windows, if that is to be `is_proven`."""
    nothing = local_table(REPEAT_PURCHASES, [], beside=orders)
    if params.repeat_level is None:
        return nothing, []
    level = repeat_purchases.known_level(products, params.repeat_level)
    days = stage(repeat_purchases.item_days(orders, products, level, as_of, params))
    split_on = days_after(as_of, -params.holdout_days)
    told: Rows = []
    for on in (split_on, as_of) if is_proven else (as_of,):
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
