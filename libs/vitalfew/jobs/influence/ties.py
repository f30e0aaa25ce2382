"""Who is tied to whom: groups of customers who share something that only few share."""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from operator import and_

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from vitalfew.dataframes.collect import collect_rows
from vitalfew.dataframes.known_text import bare, known_text
from vitalfew.dataframes.staging import Stage
from vitalfew.jobs.influence.params import InfluenceParams
from vitalfew.jobs.influence.tables import ATTRIBUTES, CONTACT
from vitalfew.white_space import trimmed


@dataclass(frozen=True)
class Ties:
    """One kind of tie. `groups`: customer_id and tie_group, staged, each customer in one group of two or more."""

    kind: str
    groups: DataFrame
    customers: int
    large_groups: int


def shared_contacts(contacts: DataFrame, params: InfluenceParams, stage: Stage) -> Ties | None:
    """Customers with the same contact; no contact goes further than this: groups are called by a customer."""
    if not params.tie_contacts:
        return None
    kind, value = (F.lower(bare(name)) for name in ("kind", "value"))
    of_kind = contacts.where(kind.isin(*[trimmed(each).lower() for each in params.tie_contacts]) & (value != ""))
    return grouped(
        CONTACT, of_kind.select("customer_id", F.concat(kind, F.lit("\n"), value).alias("what")), params, stage
    )


def shared_attributes(customers: DataFrame, params: InfluenceParams, stage: Stage) -> Ties | None:
    """Customers who have all of `tie_columns` alike; white space around them is no difference, and blank is unknown."""
    if not params.tie_columns:
        return None
    texts = [known_text(F.col(name).cast("string")) for name in params.tie_columns]
    is_known = reduce(and_, [text.isNotNull() for text in texts])
    values = [F.concat(F.length(text).cast("string"), F.lit(" "), text) for text in texts]
    return grouped(
        ATTRIBUTES,
        customers.where(is_known).select("customer_id", F.concat_ws("\n", *values).alias("what")),
        params,
        stage,
    )


def grouped(kind: str, shared: DataFrame, params: InfluenceParams, stage: Stage) -> Ties | None:
    """Ties of customer_id and `what` they share: of several groups of a customer the largest; None without any."""
    each = shared.where("customer_id is not null").select("customer_id", F.sha2("what", 256).alias("what")).distinct()
    sizes = each.groupBy("what").agg(F.count(F.lit(1)).alias("size"))
    is_large = F.col("size") > params.max_tie_group
    key = F.concat(F.lpad(F.col("size").cast("string"), 3, "0"), F.col("what"))
    own = each.join(sizes.where((F.col("size") > 1) & ~is_large), on="what", how="inner")
    single = own.groupBy("customer_id").agg(F.max(key).alias("key"))
    names = single.groupBy("key").agg(F.min("customer_id").alias("tie_group"), F.count(F.lit(1)).alias("members"))
    groups = stage(single.join(names.where("members > 1"), on="key", how="inner").select("customer_id", "tie_group"))
    customers = collect_rows(groups.agg(F.count(F.lit(1)).alias("n")), "tied customers")[0]["n"]
    large = collect_rows(sizes.agg(F.count_if(is_large).alias("n")), "large groups")[0]["n"]
    return Ties(kind, groups, customers, large) if customers or large else None
