"""Which assignment of a customer counts: the first; and what else happened to the customer under the same action."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from vitalfew.dataframes.known_text import bare, known_text
from vitalfew.dataframes.sort_keys import moment, name_in
from vitalfew.white_space import trimmed

CONTROL = "control"
LEAST_SHARE, MOST_SHARE = 1e-9, 1e9  # what else stands as a share is none
OF_ACTION = ("campaign", "action")
OF_CUSTOMER = (*OF_ACTION, "customer_id")


def first_assignments(treatments: DataFrame, control_arms: Sequence[str], as_of: date) -> DataFrame:
    """One row per action and customer: arm, planned_share, assigned_at, assigned_on, and what is to be counted.

    `other_arm` is another arm of the same moment, NULL where there is none. `is_reached`: something of the action came
    to the customer before `as_of`, under any assignment. Copies of a row change nothing.
    """
    moments = (
        treatments.select(
            F.coalesce(known_text("campaign"), bare("action")).alias("campaign"),
            bare("action").alias("action"),
            "customer_id",
            arm_named(control_arms).alias("arm"),
            F.when(F.col("planned_share").between(LEAST_SHARE, MOST_SHARE), F.col("planned_share")).alias("share"),
            "assigned_at",
            F.coalesce(F.col("reached_at").cast("date") < F.lit(as_of), F.lit(False)).alias("is_reached"),
        )
        .groupBy(*OF_CUSTOMER, "assigned_at")
        .agg(
            F.min("arm").alias("arm"),
            F.max("arm").alias("other_arm"),
            F.max("share").alias("share"),
            F.max("is_reached").alias("is_reached"),
        )
    )
    whole = moments.groupBy(*OF_CUSTOMER).agg(
        F.min("assigned_at").alias("assigned_at"),
        F.min(moment("assigned_at", F.col("arm"))).alias("first_arm"),
        F.min(moment("assigned_at", F.col("other_arm"))).alias("first_other"),
        F.min("arm").alias("least_arm"),
        F.max("other_arm").alias("greatest_arm"),
        F.max("share").alias("share"),
        (F.count(F.lit(1)) > 1).alias("is_reassigned"),
        F.max("is_reached").alias("is_reached"),
    )
    is_switched = F.col("is_reassigned") & (F.col("least_arm") != F.col("greatest_arm"))
    arm, other = name_in(F.col("first_arm")), name_in(F.col("first_other"))
    return whole.select(
        *OF_CUSTOMER,
        arm.alias("arm"),
        F.when(arm != other, other).alias("other_arm"),
        "assigned_at",
        F.col("assigned_at").cast("date").alias("assigned_on"),
        "is_reassigned",
        is_switched.alias("is_switched"),
        F.when(~is_switched, F.col("share")).alias("planned_share"),  # else it may be that of the other arm
        "is_reached",
    )


def arm_named(control_arms: Sequence[str]) -> Column:
    """The arm as it is called, without white space around it; `control` for each of `control_arms`."""
    name = bare("arm")
    return F.when(F.lower(name).isin(*[trimmed(each).lower() for each in control_arms]), CONTROL).otherwise(name)
