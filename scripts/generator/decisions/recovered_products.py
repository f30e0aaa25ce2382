"""What the jobs found of what was planted about products: prices, demand, sequences."""

from __future__ import annotations

from pyspark.sql import functions as F

from generator.decisions.compared import estimates, percent, ratio
from generator.decisions.sequences import FROM_DAYS
from generator.recovery import Tables, matched


def price(result: Tables, truth: Tables) -> str:
    """Elasticities of products: figures with their intervals, and the verdicts. None is planted at -1."""
    known = truth("elasticities").select("product_id", F.col("elasticity").alias("planted"))
    both = result("product_elasticity").join(known, on="product_id", how="inner")
    rows = both.select("verdict", "planted", F.col("elasticity").alias("estimate"), "elasticity_low", "elasticity_high")
    named = rows.withColumnsRenamed({"elasticity_low": "low", "elasticity_high": "high"})
    answering, idle = named.where("planted <> 0"), named.where("planted = 0")
    right = percent(named.where("verdict <> 'cannot_tell'"), "(verdict = 'elastic') = (planted < -1)")
    return (
        f"{estimates(answering.where('estimate is not null'), '95%')}; without an answer to prices: "
        f"{estimates(idle.where('estimate is not null'), '95%')}; verdicts right: {right}, "
        f"given to {percent(known.join(both.select('product_id', 'verdict'), 'product_id', 'left'), VERDICT)}"
    )


VERDICT = "coalesce(verdict, 'cannot_tell') <> 'cannot_tell'"


def categories(result: Tables, truth: Tables) -> str:
    """Mean elasticities of categories."""
    known = truth("elasticities").groupBy("category").agg(F.avg("elasticity").alias("planted"))
    both = result("category_elasticity").where("scope = 'category'").join(known, on="category", how="inner")
    rows = both.select(
        "planted",
        F.col("elasticity").alias("estimate"),
        F.col("elasticity_low").alias("low"),
        F.col("elasticity_high").alias("high"),
    )
    return f"{estimates(rows.where('estimate is not null'), '95%')}; of {known.count()}"


def demand(result: Tables, truth: Tables, kind: str) -> str:
    """Units of the weeks ahead: against what was planted, and how often what came is in the interval."""
    key = ["product_id", "weeks_ahead"]
    both = result("product_demand").join(truth("demand").where(f"kind = '{kind}'"), on=key, how="inner")
    rows = both.select(F.col("units").alias("estimate"), F.col("expected").alias("planted"), "came", "low", "high")
    near = percent(rows, "abs(estimate / planted - 1) <= 0.2")
    return f"{ratio(rows)}; within a fifth {near}; intervals of 80% hold {percent(rows, 'came between low and high')}"


def sequences(result: Tables, truth: Tables) -> str:
    """Rules of products in the planted window, and their confidence."""
    pair = ["antecedent", "consequent"]
    planted = truth("sequences").where("share > 0")
    rules = result("sequence_rules").where("level = 'product'")
    ours = truth("sequences").select(F.explode(F.array(*pair)).alias("antecedent")).distinct()
    added = rules.join(ours, on="antecedent", how="left_semi")
    key = [*pair, "from_days"]
    sought = planted.withColumn("from_days", F.lit(FROM_DAYS)).select(*key)
    found = added.where(f"from_days = {FROM_DAYS}").join(planted, on=pair, how="inner")
    off = found.select(F.col("confidence").alias("estimate"), F.col("share").alias("planted"))
    others = rules.join(planted.select(*pair), on=pair, how="left_anti").count()
    return (
        f"{matched(added.select(*key), sought)}; confidence: {ratio(off)} share; "
        f"rules of other pairs in the whole shop: {others:,}, of the unrelated pairs: {unrelated(result, truth)}"
    )


def unrelated(result: Tables, truth: Tables) -> int:
    pair = ["antecedent", "consequent"]
    lone = truth("sequences").where("share = 0").select(*pair)
    return result("sequence_rules").where("level = 'product'").join(lone, on=pair, how="inner").count()
