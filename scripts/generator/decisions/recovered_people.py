"""What the jobs found of what was planted about customers: stages, ties, wallets, trials, groups and prospects."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from scipy.stats import rankdata

from generator.decisions.compared import estimates, percent, ratio
from generator.decisions.groups import NULLS
from generator.recovery import Rates, Tables, matched


def stages(result: Tables, truth: Tables, source: str) -> str:
    """Customers on the ladder of mother and baby: who, in which stage, and whether the interval holds the birth."""
    key = ["customer_id", "stage"]
    told = result("customer_stages").where("ladder = 'mother_and_baby'")
    has_answered = source == "known"
    sought = truth("stages").where(f"has_answered = {str(has_answered).lower()} and stage is not null")
    found = told.where(f"source = '{source}'")
    both = found.join(truth("stages").select("customer_id", "born_on"), on="customer_id", how="inner")
    held = percent(both.where("born_on is not null"), "born_on between milestone_low_on and milestone_high_on")
    childless = found.join(truth("stages").where("is_parent"), on="customer_id", how="left_anti").count()
    return (
        f"{matched(found.select(*key), sought.select(*key))}; intervals of 80% hold {held}; without a child: "
        f"{childless:,}; mean probability {mean(found, 'probability')}"
    )


def mean(rows: DataFrame, column: str) -> str:
    (row,) = rows.agg(F.avg(column)).collect()
    return "-" if row[0] is None else f"{row[0]:.3f}"


def influence(result: Tables, truth: Tables) -> str:
    """The verdict on each kind of tie."""
    found = {row["tie"]: row for row in result("influence_check").collect()}
    said = []
    for tie in truth("ties").orderBy("tie").collect():
        row = found.get(tie["tie"])
        verdict = f"{row['verdict']}, z {row['z'] or 0:.1f}, {row['pairs']:,} pairs" if row else "not looked at"
        said.append(f"{tie['tie']}: {verdict} (planted: {tie['verdict']})")
    return "; ".join(said)


def wallets(result: Tables, truth: Tables) -> str:
    """Who is listed; and potentials beside the upper quantile of the wallets of hotels."""
    told = result("customer_wallet")
    listed = told.where("standing = 'listed'").select("customer_id")
    firms = truth("wallets").where("is_elsewhere").select("customer_id")
    ours = listed.join(truth("wallets"), on="customer_id", how="left_semi")
    (row,) = truth("wallets").where("is_hotel").agg(F.percentile("wallet_per_year", F.lit(0.8))).collect()
    hotels = told.join(truth("wallets").where("is_elsewhere"), on="customer_id", how="inner")
    rows = hotels.select(F.col("potential_per_year").alias("estimate"), F.lit(row[0]).alias("planted"))
    (judged,) = result("wallet_evaluation").where("scope = 'total'").collect()
    return (
        f"{matched(ours, firms)}; potential of hotels that buy elsewhere: {ratio(rows.where('estimate is not null'))}; "
        f"listed in the whole shop: {listed.count():,}; method {judged['method']} ({judged['reason']})"
    )


def uplift(result: Tables, truth: Tables, outcome: str = "ordered") -> str:
    """Differences of all and by history, verdicts, and those where nothing was planted."""
    both = gains(result, truth, outcome)
    effect, null = both.where("planted <> 0"), both.where("planted = 0")
    worked = "verdict = 'worked' and planted > 0 or verdict = 'harmed' and planted < 0"
    return (
        f"{estimates(both, '95%')}; verdicts right of those given: "
        f"{percent(effect.unionByName(null).where(SURE), worked)}; given where something was planted: "
        f"{percent(effect, SURE)}; where nothing was: {percent(null, SURE)}"
    )


SURE = "verdict <> 'cannot_tell'"


def gains(result: Tables, truth: Tables, outcome: str) -> DataFrame:
    rows = (
        result("uplift")
        .where(f"outcome = '{outcome}' and difference is not null")
        .select(
            "action",
            "member",
            "verdict",
            F.col("difference").alias("estimate"),
            F.col("difference_low").alias("low"),
            F.col("difference_high").alias("high"),
        )
    )
    return rows.join(truth("gains").withColumnRenamed("gain", "planted"), on=["action", "member"], how="inner")


BEFORE_DAYS = 90
"""`before_days` of uplift: who ordered in them counts as active."""


def plan(result: Tables, truth: Tables) -> str:
    """Uplifts of the plan beside those planted of its customers; what was planted as harm must not be in it."""
    history = F.when(F.col("silent_days") <= BEFORE_DAYS, "active").otherwise("lapsed")
    people = result("next_purchase").select("customer_id", history.alias("member"))
    gain = truth("gains").select("action", "member", F.col("gain").alias("of_these"))
    given = result("customer_actions").where("arm = 'plan'").join(people, on="customer_id", how="inner")
    actions = given.join(gain, on=["action", "member"], how="left")
    known = truth("gains").where("member = 'all'").withColumnRenamed("gain", "planted")
    said = []
    for row in known.orderBy("action").collect():
        own = actions.where(F.col("action") == row["action"])
        (of,) = own.agg(
            F.count(F.lit(1)).alias("n"),
            F.max("basis").alias("basis"),
            F.avg("uplift").alias("uplift"),
            F.avg("uplift_low").alias("low"),
            F.avg("uplift_high").alias("high"),
            F.avg("of_these").alias("of_these"),
            F.sum("expected_gain").alias("gain"),
            F.sum(F.col("worth") * F.col("of_these")).alias("true_gain"),
        ).collect()
        if not of["n"]:
            said.append(f"{row['action']} not proposed (planted {row['planted']:+.3f})")
            continue
        interval = f" [{of['low']:.3f}, {of['high']:.3f}]" if of["low"] is not None else ""
        share = float(of["gain"]) / of["true_gain"] if of["true_gain"] else None
        promised = f", promised gain {share:.2f} of the planted" if share is not None else ""
        said.append(
            f"{row['action']} for {of['n']:,}, {of['basis']} {of['uplift'] or 0:.3f}{interval} "
            f"(planted {row['planted']:+.3f}, of these {of['of_these']:+.3f}){promised}"
        )
    return "; ".join(said)


def groups(result: Tables, truth: Tables) -> str:
    """Confirmed groups: right without an attribute that chance dealt; sought is the planted one."""
    told = [row.asDict() for row in result("micro_segments").collect()]
    planted: Mapping[str, Any] = {row["attribute"]: row["value"] for row in truth("groups").collect()}
    confirmed = [row for row in told if row["verdict"] == "confirmed"]
    right = [row for row in confirmed if not set(row["conditions"]) & set(NULLS)]
    caught = [row for row in confirmed if row["conditions"] == planted and row["target"] == "spend"]
    more = "; ".join(f"{row['direction']} by {row['difference_shrunk']:,.0f} ({row['customers']:,})" for row in caught)
    tested = sum(row["tested_groups"] for row in result("micro_segment_targets").collect())
    by_chance = sum(bool(set(row["conditions"]) & set(NULLS)) for row in told)
    rates = Rates(len(confirmed), len(right), 1, min(1, len(caught)))
    return (
        f"{rates}; nurses who own their home: {more or 'not found'}; tested {tested:,}, "
        f"with chance attributes found on one half {by_chance:,}, confirmed {len(confirmed) - len(right):,}"
    )


def prospects(result: Tables, truth: Tables, horizon: int) -> str:
    """Probabilities of keen people and others beside the planted ones, and how well they tell the two apart."""
    p = f"p_order_{horizon}"
    found = result("prospects").select("customer_id", F.col(p).alias("estimate")).where("estimate is not null")
    both = found.join(
        truth("hazards").select("customer_id", "is_keen", F.col(p).alias("planted")), "customer_id", "inner"
    )
    keen, others = both.where("is_keen"), both.where("not is_keen")
    judged = result("prospect_evaluation").where(f"horizon_days = {horizon} and is_published").collect()
    past = [
        f"{row['method']}, on past days {row['predicted'] or 0:.4f} for {row['found'] or 0:.4f}, "
        f"{'calibrated' if row['is_calibrated'] else 'not calibrated'}"
        for row in judged
    ]
    return (
        f"keen: {ratio(keen)} ({mean(keen, 'estimate')} for {mean(keen, 'planted')}); others: {ratio(others)} "
        f"({mean(others, 'estimate')} for {mean(others, 'planted')}); keen before others {auc(both):.3f}; "
        f"by {'; '.join(past) or 'no method'}"
    )


def auc(both: DataFrame) -> float:
    """Chance that a keen person has the higher estimate; equal estimates count a half."""
    rows = both.select("is_keen", "estimate").collect()
    ranks = rankdata([row["estimate"] for row in rows])
    keen = [float(rank) for rank, row in zip(ranks, rows, strict=True) if row["is_keen"]]
    n, m = len(keen), len(rows) - len(keen)
    return (sum(keen) - n * (n + 1) / 2) / (n * m) if n and m else float("nan")
