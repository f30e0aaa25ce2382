"""Who was brought by whom: of the referrals, those that count."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from vitalfew.dataframes.collect import collect_rows
from vitalfew.dataframes.known_text import bare
from vitalfew.dataframes.sort_keys import moment, name_in
from vitalfew.dataframes.staging import Stage


@dataclass(frozen=True)
class Referrals:
    """`first`: customer_id, referrer_id, referred_on, staged; and of all rows how many there are, and are left out."""

    first: DataFrame
    rows: int
    of_self: int
    repeated: int


def first_referrals(referrals: DataFrame, as_of: date, stage: Stage) -> Referrals | None:
    """The first referral of each customer, of one moment that of the least referrer; None where there is none."""
    said = referrals.select(*[bare(name).alias(name) for name in ("customer_id", "referrer_id")], "referred_at").where(
        (F.col("customer_id") != "") & (F.col("referrer_id") != "") & (F.col("referred_at").cast("date") < F.lit(as_of))
    )
    is_self = F.col("customer_id") == F.col("referrer_id")
    first = F.min(F.when(~is_self, moment("referred_at", F.col("referrer_id"))))
    of_customer = stage(
        said.groupBy("customer_id").agg(
            F.count(F.lit(1)).alias("n"),
            F.count_if(is_self).alias("of_self"),
            first.alias("first"),
            F.min(F.when(~is_self, F.col("referred_at").cast("date"))).alias("referred_on"),
        )
    )
    sums = [F.sum(name).alias(name) for name in ("n", "of_self")]
    row = collect_rows(of_customer.agg(*sums, F.count("first").alias("used")), "referrals")[0]
    if not row["n"]:
        return None
    kept = of_customer.where("first is not null").select(
        "customer_id", name_in(F.col("first")).alias("referrer_id"), "referred_on"
    )
    return Referrals(kept, row["n"], row["of_self"], row["n"] - row["of_self"] - row["used"])
