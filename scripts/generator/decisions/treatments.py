"""Actions that were tried on customers whom chance had put into arms: what each brings is known, by history."""

from __future__ import annotations

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from generator.decisions.layout import FILLERS, at_index, first_of, numbered
from generator.decisions.sources import at, lines, priced
from generator.lines import customer_id
from generator.ordering import CLOSED, DAY, HOUR
from generator.shop import Shop

CAMPAIGN, TREATED, CONTROL = "planted trial", "mail", "control"
GAINS = {
    "win_back": {"active": 0.0, "lapsed": 0.14},
    "second_order": {"active": 0.10, "lapsed": 0.10},
    "next_product": {"active": 0.0, "lapsed": 0.0},
    "restock": {"active": -0.12, "lapsed": -0.06},
}
"""By how much an action raises the probability of an order within 30 days."""

BASE = {"active": 0.25, "lapsed": 0.10}
ASSIGNED_DAYS, HORIZON_DAYS = 45, 30
ACTIVE_DAYS, LAPSED_DAYS = (5, 80), (120, 300)
"""Days before the assignment, of the last order."""


def tried(shop: Shop) -> DataFrame:
    """The block: action, arm, history, and whether an order follows."""
    dice, names = shop.dice, list(GAINS)
    action = F.col("member") % len(GAINS)
    is_treated, is_active = dice.happens(0.5, "arms", "customer_no"), dice.happens(0.5, "history", "customer_no")
    gain = F.when(is_active, at_index([GAINS[name]["active"] for name in names], action)).otherwise(
        at_index([GAINS[name]["lapsed"] for name in names], action)
    )
    base = F.when(is_active, BASE["active"]).otherwise(BASE["lapsed"])
    return numbered(shop, "treatments").withColumns(
        {
            "action": at_index(names, action),
            "is_treated": is_treated,
            "is_active": is_active,
            "orders": dice.unit("orders after", "customer_no") < base + F.when(is_treated, gain).otherwise(0.0),
        }
    )


def ago(shop: Shop, days: tuple[int, int], purpose: str) -> Column:
    return shop.dice.below(days[1] - days[0], purpose, "customer_no") + days[0]


def tables(shop: Shop) -> dict[str, DataFrame]:
    people = tried(shop)
    before = F.when(F.col("is_active"), ago(shop, ACTIVE_DAYS, "active")).otherwise(ago(shop, LAPSED_DAYS, "lapsed"))
    after = ago(shop, (1, HORIZON_DAYS), "answered after")
    kept = ("customer_no", "days_before", "order_key")
    first = people.withColumns({"days_before": ASSIGNED_DAYS + before, "order_key": F.lit(0).cast("bigint")})
    second = people.where("orders").withColumns(
        {"days_before": ASSIGNED_DAYS - after, "order_key": F.lit(1).cast("bigint")}
    )
    bought = first.select(*kept).unionByName(second.select(*kept))
    filler = shop.dice.below(FILLERS, "trial filler", "customer_no", "order_key") + first_of(shop, "filler")
    timed = bought.withColumns(
        {"product_no": filler, "at": at(shop, F.col("days_before"), "trial second", "customer_no", "order_key")}
    )
    return {
        "order_lines": lines(priced(shop, timed), "t"),
        "treatments": treatments(people),
        "truth_gains": truth(shop),
    }


def treatments(people: DataFrame) -> DataFrame:
    """The source table: an hour before the shop opens."""
    nothing = F.lit(None).cast("string")
    assigned = F.lit(CLOSED - ASSIGNED_DAYS * DAY + 8 * HOUR)
    return people.select(
        customer_id(F.col("customer_no")).alias("customer_id"),
        F.lit(CAMPAIGN).alias("campaign"),
        "action",
        F.lit("email").alias("channel"),
        F.when(F.col("is_treated"), TREATED).otherwise(CONTROL).alias("arm"),
        F.lit(0.5).alias("planned_share"),
        F.timestamp_seconds(assigned).alias("assigned_at"),
        F.when(F.col("is_treated"), F.timestamp_seconds(assigned + HOUR // 2)).alias("reached_at"),
        nothing.alias("line_id"),
        nothing.alias("file_digest"),
    )


def truth(shop: Shop) -> DataFrame:
    """One row per action and history, and of all: half of the customers have either."""
    rows = [(action, member, gain) for action, by in GAINS.items() for member, gain in by.items()]
    rows += [(action, "all", sum(by.values()) / len(by)) for action, by in GAINS.items()]
    return shop.spark.createDataFrame(rows, "action string, member string, gain double")
