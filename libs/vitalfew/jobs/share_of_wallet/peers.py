"""Groups of like customers: a tree, grown on a sample of the fitted half; and their spends, counted in bins."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from vitalfew.algorithms.quantile_groups.counted import Amounts, Sizes
from vitalfew.algorithms.quantile_groups.tree import Codes, Tree, coded, grow
from vitalfew.dataframes.collect import collect_rows, collect_table
from vitalfew.dataframes.staging import Stage, together
from vitalfew.jobs.share_of_wallet.params import ShareOfWalletParams
from vitalfew.jobs.share_of_wallet.spends import FITTED, bin_of, per_year

OTHER, UNKNOWN = "other", "unknown"
TOTAL_CELL, ORDERS_CELL, FIRST_CATEGORY = 0, 1, 2
MOST_BINS = 5_000_000
TAILS = (0.02, 0.98)
"""Of spends, by which groups are made: what is beyond counts as these."""


@dataclass(frozen=True)
class Peers:
    """The tree, the codes that its attributes have, and the customers of each leaf and part."""

    tree: Tree
    codes: Mapping[str, Codes]
    sizes: Sizes
    cells: Mapping[int, Amounts]

    def conditions(self, leaf: int) -> dict[str, str]:
        """By attribute, the values of the customers of a leaf."""
        return {
            name: " | ".join(UNKNOWN if value is None else value for value in values)
            for name, values in self.tree.allowed[leaf].items()
        }


NO_AMOUNTS = Amounts(*(np.array([], kind) for kind in (np.int64, np.int64, np.int64, np.int64, float, float)))


def tree_of(customers: DataFrame, params: ShareOfWalletParams) -> tuple[Tree, dict[str, Codes], bool]:
    """The groups of the described customers, from a sample of the fitted half; and whether these are enough for groups.

    What is compared is the logarithm of the spend: a tree of spends would part the few who spend most from the rest.
    """
    fitted = customers.where(F.col("is_seen") & F.col("is_described") & (F.col("part") < FITTED))
    drawn = fitted.orderBy(F.md5("customer_id"), "customer_id").limit(params.sample_customers)
    sample = collect_table(drawn.select("bin", *params.likeness), "a sample of customers", params.sample_customers)
    codes: dict[str, Codes] = {
        name: coded(sample[name].to_pylist(), params.max_values, OTHER) for name in params.likeness
    }
    bins = sample["bin"].to_pylist()
    lowest = min((one for one in bins if one is not None), default=0)
    response = np.array([lowest if one is None else one for one in bins], np.int64)
    if len(response):
        low, high = (int(np.quantile(response, tail, method="inverted_cdf")) for tail in TAILS)
        response = np.clip(response, low, high)
    are_enough = len(response) >= 2 * params.min_customers
    return grow(codes, response, params.max_groups, params.min_customers), codes, are_enough


def leaf_of(tree: Tree, codes: Mapping[str, Codes], node: int = 0) -> Column:
    """The leaf of a customer, from the attributes."""
    split = tree.splits.get(node)
    if split is None:
        return F.lit(node)
    known = [value for value in split.values if value != OTHER]
    name = F.col(split.attribute)
    is_inside = F.coalesce(name.isin(*known), F.lit(False)) if known else F.lit(False)
    if OTHER in split.values:
        kept = [value for value in codes[split.attribute].values if value not in (None, OTHER)]
        is_inside = is_inside | F.coalesce(~name.isin(*kept), F.lit(False))
    return F.when(is_inside, leaf_of(tree, codes, split.inside)).otherwise(leaf_of(tree, codes, split.outside))


def largest_categories(spent: DataFrame, params: ShareOfWalletParams) -> list[str]:
    """The categories with most buyers, in the order of their names."""
    buyers = spent.where("category is not null and amount > 0").groupBy("category").agg(F.count("*").alias("buyers"))
    first = buyers.orderBy(F.desc("buyers"), "category").limit(params.max_categories)
    return sorted(row["category"] for row in collect_rows(first, "categories"))


def category_spends(spent: DataFrame, customers: DataFrame, categories: Sequence[str]) -> DataFrame:
    """customer_id, leaf, part, cell, cents, bin: what judged customers spend on each of `categories`, for a year."""
    places = [(name, place + FIRST_CATEGORY) for place, name in enumerate(categories)]
    named = spent.sparkSession.createDataFrame(places, "category string, cell int")
    judged = customers.where("is_judged").select("customer_id", "leaf", "part", "exposure_days")
    joined = spent.join(F.broadcast(named), on="category", how="inner").join(judged, on="customer_id", how="inner")
    yearly = joined.select("customer_id", "leaf", "part", "cell", per_year(F.col("amount")).alias("cents"))
    return yearly.select("*", bin_of("cents").alias("bin"))


def counted(customers: DataFrame, by_category: DataFrame) -> tuple[Sizes, dict[int, Amounts]]:
    """The judged customers by leaf and part, and their amounts by cell."""
    judged = customers.where("is_judged")
    kinds = ((TOTAL_CELL, "cents", "bin"), (ORDERS_CELL, "order_cents", "order_bin"))
    rows = [
        judged.select("leaf", "part", F.lit(cell).alias("cell"), F.col(bin_).alias("bin"), F.col(cents).alias("cents"))
        for cell, cents, bin_ in kinds
    ]
    rows.append(by_category.where("bin is not null").select("leaf", "part", "cell", "bin", "cents"))
    grouped = (
        together(tuple(rows))
        .groupBy("leaf", "part", "cell", "bin")
        .agg(
            F.count(F.lit(1)).alias("n"),
            F.sum(F.col("cents").cast("decimal(28,0)")).cast("double").alias("total"),
            F.max("cents").cast("double").alias("top"),
        )
    )
    found = collect_table(grouped, "bins of spends", MOST_BINS).sort_by(
        [(name, "ascending") for name in ("cell", "leaf", "part", "bin")]
    )
    cells = found["cell"].to_numpy()
    sizes: dict[tuple[int, int], int] = {}
    of_total = found.filter(cells == TOTAL_CELL)
    for leaf, part, n in zip(*(of_total[name].to_pylist() for name in ("leaf", "part", "n")), strict=True):
        sizes[leaf, part] = sizes.get((leaf, part), 0) + n
    amounts = found.filter(found["bin"].is_valid())
    cells = amounts["cell"].to_numpy()
    columns = [
        amounts[name].to_numpy().astype(kind)
        for name, kind in zip(
            ("leaf", "part", "bin", "n", "total", "top"), (*(np.int64,) * 4, np.float64, np.float64), strict=True
        )
    ]
    return Sizes(sizes), {int(cell): Amounts(*(one[cells == cell] for one in columns)) for cell in np.unique(cells)}


def with_leaves(
    customers: DataFrame, tree: Tree, codes: Mapping[str, Codes], are_enough: bool, stage: Stage
) -> DataFrame:
    """`customers` with `is_judged` and their leaf, and without what it is made of; staged.

    Of whom nothing is known, nothing is judged; of nobody enough, all are in one group.
    """
    is_judged = F.col("is_seen") & (F.col("is_described") if are_enough else F.lit(True))
    leaf = F.when(is_judged, leaf_of(tree, codes)).cast("int").alias("leaf")
    kept = [name for name in customers.columns if name not in codes]
    return stage(customers.select(*kept, is_judged.alias("is_judged"), leaf))
