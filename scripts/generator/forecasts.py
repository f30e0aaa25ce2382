"""What came of forecasts: orders and money for each that was predicted, and how often those returned who were to."""

from __future__ import annotations

from datetime import date, timedelta

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

LEAST_IN_A_TENTH = 20
"""With fewer customers in a tenth, chance says more than the forecast."""


def purchases(orders: DataFrame, day: date) -> DataFrame:
    """`customer_id, ahead, net`: the days from `day` on, counted from 0, on which customers known before it bought."""
    sales = orders.where("kind = 'sale' and customer_id is not null")
    known = sales.where(F.col("ordered_on") < F.lit(day)).select("customer_id").distinct()
    later = sales.where(F.col("ordered_on") >= F.lit(day)).join(known, on="customer_id", how="left_semi")
    ahead = F.datediff("ordered_on", F.lit(day)).alias("ahead")
    return later.groupBy("customer_id", ahead).agg(F.sum("net_amount").alias("net"))


def ratios(outlook: DataFrame, orders: DataFrame, day: date, until: date) -> dict[int, tuple[float, float]]:
    """By horizon: orders predicted for one that came, and the same of money; horizons that end by `until`.

    The value that was predicted is discounted, what came is not: at a tenth a year, that is 5 % at 365 days.
    """
    came = purchases(orders, day)
    found = {}
    for row in outlook.where(F.col("horizon_days") <= (until - day).days).orderBy("horizon_days").collect():
        within = came.where(F.col("ahead") < row["horizon_days"])
        (total,) = within.agg(F.count(F.lit(1)).alias("orders"), F.sum("net").alias("net")).collect()
        if total["orders"]:
            value = float(row["expected_value"]) / float(total["net"] or 1)
            found[row["horizon_days"]] = (row["expected_orders"] / total["orders"], value)
    return found


def calibration(scored: DataFrame, orders: DataFrame, day: date, horizon: int) -> tuple[int, float, float]:
    """Customers with `p_return_<horizon>`, the most by which a tenth of them was wrong, and the Brier score."""
    p = F.col(f"p_return_{horizon}")
    came = purchases(orders, day).where(F.col("ahead") < horizon).select("customer_id").distinct()
    marked = scored.where(p.isNotNull()).select("customer_id", p.alias("p"))
    rows = marked.join(came.withColumn("came", F.lit(1)), on="customer_id", how="left").select("p", "came").collect()
    found = sorted((row["p"], row["came"] or 0) for row in rows)
    size = max(LEAST_IN_A_TENTH, -(-len(found) // 10))
    tenths = [found[start : start + size] for start in range(0, len(found), size)]
    gaps = [abs(sum(p - came for p, came in tenth)) / len(tenth) for tenth in tenths if len(tenth) >= LEAST_IN_A_TENTH]
    brier = sum((p - came) ** 2 for p, came in found) / len(found) if found else 0.0
    return len(found), max(gaps, default=0.0), brier


def told(outlook: DataFrame, scored: DataFrame, orders: DataFrame, day: date, until: date) -> str:
    """All of it in a line."""
    said = [
        f"{horizon} days: {of_orders:.2f} of the orders, {of_value:.2f} of the money"
        for horizon, (of_orders, of_value) in ratios(outlook, orders, day, until).items()
    ]
    for horizon in (30, 90, 365):
        if day + timedelta(days=horizon) <= until:
            customers, gap, brier = calibration(scored, orders, day, horizon)
            if customers:
                said.append(
                    f"p_return_{horizon} of {customers:,}: tenths wrong by at most {gap:.3f}, Brier {brier:.4f}"
                )
    return "; ".join(said) or "nothing came, or nothing was predicted"
