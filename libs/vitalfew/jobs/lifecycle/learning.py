"""What is learnt from customers whose milestone is known, and how it does on those it has not seen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from vitalfew.algorithms.milestones import distributions
from vitalfew.algorithms.milestones.distributions import DAYS_PER_MONTH, Fit
from vitalfew.algorithms.milestones.passes import judge
from vitalfew.algorithms.milestones.posterior import Clear
from vitalfew.dataframes.arrays import Floats
from vitalfew.dataframes.collect import collect_rows
from vitalfew.dataframes.staging import Stage
from vitalfew.domain.order_windows import in_window
from vitalfew.jobs.lifecycle.catalogue import levels
from vitalfew.jobs.lifecycle.judged import FOLDS, Judged, all_judged, chosen
from vitalfew.jobs.lifecycle.params import Ladder, LifecycleParams


@dataclass(frozen=True)
class Learnt:
    """Purchases with their codes, the fit to all customers, and how each method did.

    coded: customer_id, code, day (from 1970-01-01), of all customers. used, before, after: purchases in the months of
    the ladder, and outside. best: the one that is used, None where none beats the prior.
    """

    coded: DataFrame
    fit: Fit
    used: int
    before: int
    after: int
    customers: int
    best: Judged | None
    judged: list[Judged]


def purchases(orders: DataFrame, products: DataFrame, params: LifecycleParams, as_of: date) -> DataFrame:
    """customer_id, leaf, parent, day (from 1970-01-01): the last purchase of a category in each of about a month."""
    seen = in_window(orders, as_of, params.evidence_days).where("customer_id is not null and kind = 'sale'")
    each = seen.select(
        "customer_id", F.unix_date("ordered_on").alias("day"), F.explode("product_ids").alias("product_id")
    )
    month = F.floor(F.col("day") / F.lit(DAYS_PER_MONTH)).alias("month")
    bought = each.join(levels(products), on="product_id", how="inner").groupBy("customer_id", "leaf", "parent", month)
    return bought.agg(F.max("day").cast("int").alias("day")).drop("month")


def of_singles(bought: DataFrame, milestones: DataFrame, ladder: Ladder) -> DataFrame:
    """Purchases of customers with one milestone: `fold` of the customer, `place`: months after the first one."""
    one = milestones.groupBy("customer_id").agg(
        F.count(F.lit(1)).alias("subjects"), F.unix_date(F.max("milestone_on")).alias("milestone")
    )
    joined = bought.join(one.where("subjects = 1").drop("subjects"), on="customer_id", how="inner")
    place = (F.col("day") - F.col("milestone")) / F.lit(DAYS_PER_MONTH) - F.lit(ladder.first)
    fold = F.pmod(F.xxhash64("customer_id"), F.lit(FOLDS)).cast("int")
    return joined.select(
        "customer_id", "leaf", "parent", "day", fold.alias("fold"), place.cast("double").alias("place")
    )


def learn(
    bought: DataFrame, singles: DataFrame, ladder: Ladder, params: LifecycleParams, stage: Stage
) -> Learnt | None:
    """None where too few customers with one known milestone bought something in the months of the ladder."""
    known = stage(singles)
    inside = (F.col("place") >= 0) & (F.col("place") < ladder.months)
    sizes = collect_rows(
        known.agg(
            F.count_if(inside).alias("used"),
            F.count_if(F.col("place") < 0).alias("before"),
            F.count_if(F.col("place") >= ladder.months).alias("after"),
            F.count_distinct(F.when(inside, F.col("customer_id"))).alias("customers"),
        ),
        "purchases with a known milestone",
    )[0].asDict()
    if sizes["customers"] < params.min_known:
        return None
    codes = Codes.of(known.where(inside), params)
    counts = codes.counts(known.where(inside), ladder.months)
    edges = (
        np.array([each.from_month for each in ladder.stages.values()] + [ladder.first + ladder.months]) - ladder.first
    )
    whole, *rest = (
        distributions.fit(each, codes.parents, ladder.first, edges)
        for each in (counts.sum(axis=0), *(counts.sum(axis=0) - counts[fold] for fold in range(FOLDS)))
    )
    coded = stage(codes.coded(bought))
    clear = Clear(params.least_probability, params.least_information)
    listed = codes.listed(known, ladder.months)
    judged = all_judged(judge(listed, rest, clear, stage), params)
    return Learnt(
        coded,
        whole,
        **sizes,
        best=chosen(judged),
        judged=judged,
    )


@dataclass(frozen=True)
class Codes:
    """Categories by their codes: first those that count by themselves, then parents."""

    leaves: list[tuple[str, str]]
    names: list[str]

    @classmethod
    def of(cls, known: DataFrame, params: LifecycleParams) -> Codes:
        """The categories with the most purchases, and the parents with the most."""
        parts = []
        for key in (("parent", "leaf"), ("parent",)):
            counted = known.groupBy(*key).agg(F.count(F.lit(1)).alias("n"))
            top = counted.orderBy(F.desc("n"), *key).limit(params.max_categories)
            parts.append(sorted(tuple(row[name] for name in key) for row in collect_rows(top, "categories")))
        names = [name for (name,) in parts[1]]
        return cls([pair for pair in parts[0] if pair[0] in {*names}], names)

    @property
    def parents(self) -> np.ndarray[Any, np.dtype[np.int64]]:
        places = {name: place for place, name in enumerate(self.names)}
        return np.array([places[parent] for parent, _ in self.leaves], dtype=np.int64)

    def coded(self, bought: DataFrame) -> DataFrame:
        """`bought` with `code`; what has none left out."""
        spark = bought.sparkSession
        own = [(parent, leaf, code) for code, (parent, leaf) in enumerate(self.leaves)]
        leaves = spark.createDataFrame(own, "parent string, leaf string, own int")
        above = [(name, len(self.leaves) + place) for place, name in enumerate(self.names)]
        parents = spark.createDataFrame(above, "parent string, above int")
        joined = bought.join(F.broadcast(parents), on="parent", how="inner")
        found = joined.join(F.broadcast(leaves), on=["parent", "leaf"], how="left")
        kept = [name for name in bought.columns if name not in ("leaf", "parent")]
        return found.select(*kept, F.coalesce("own", "above").alias("code"))

    def counts(self, known: DataFrame, months: int) -> Floats:
        """Purchases by fold, category and month; those of others as a category of their own for each parent."""
        month = F.floor("place").cast("int").alias("month")
        counted = self.coded(known).groupBy("fold", "code", month).agg(F.count(F.lit(1)).alias("n"))
        found = np.zeros((FOLDS, len(self.leaves) + len(self.names), months))
        for row in collect_rows(counted, "purchases by category and month"):
            found[row["fold"], row["code"], row["month"]] = row["n"]
        return found

    def listed(self, known: DataFrame, months: int) -> DataFrame:
        """One row per customer whose last purchase is on the ladder: codes, days, fold, and place of that purchase."""
        by_customer = self.coded(known).groupBy("customer_id", "fold")
        rows = by_customer.agg(F.max("place").alias("place"), lists())
        return rows.where((F.col("place") >= 0) & (F.col("place") < months)).select("fold", "place", *unpacked())


def lists() -> Column:
    """The purchases of one customer, as a list."""
    return F.collect_list(F.struct(F.col("code").alias("code"), F.col("day").alias("day"))).alias("bought")


def unpacked() -> list[Column]:
    """The same as two lists, codes and days."""
    return [F.transform("bought", member(name)).alias(f"{name}s") for name in ("code", "day")]


def member(name: str) -> Callable[[Column], Column]:
    return lambda each: each[name]
