"""Families: what they buy follows the age of the child; some say when it was born, or that there is none."""

from __future__ import annotations

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from generator.decisions.layout import FILLERS, NEEDS, PRODUCTS_PER_NEED, at_index, first_of, numbered
from generator.decisions.sources import at, lines, priced
from generator.lines import customer_id
from generator.shop import Shop
from generator.world import AS_OF, FIRST_DAY

STAGES: dict[str, tuple[int, int, tuple[str, ...]]] = {
    "pregnancy": (-9, 0, ("maternity", "nursery")),
    "newborn": (0, 6, ("diapers", "baby_care", "formula", "baby_clothes")),
    "infant": (6, 12, ("diapers", "baby_food", "formula", "toys")),
    "toddler": (12, 24, ("diapers", "baby_food", "toys", "baby_clothes")),
    "two_years_old": (24, 36, ("toys", "books")),
    "kindergarten": (36, 72, ("toys", "books")),
    "school_child": (72, 144, ("books", "school")),
}
"""As conf/jobs/lifecycle.yml has them: from month, to month, needs."""

DAYS_PER_MONTH = 30.4375
PARENTS, ANSWERED, NEEDED, PRESENTS = 0.85, 0.5, 0.85, 0.1
"""Shares: who has a child; who says so, or that there is none; of purchases of parents and of others, needs."""

YOUNGEST_DAYS, OLDEST_DAYS, ORDERS, ORDER_DAYS = -250, 3_000, 10, 720


def born(shop: Shop) -> Column:
    """Days before the end; negative: after it."""
    span = OLDEST_DAYS - YOUNGEST_DAYS
    return shop.dice.below(span, "born", "customer_no") + YOUNGEST_DAYS


def people(shop: Shop) -> DataFrame:
    return numbered(shop, "lifecycle").withColumns(
        {
            "born": born(shop),
            "is_parent": shop.dice.happens(PARENTS, "parents", "customer_no"),
            "has_answered": shop.dice.happens(ANSWERED, "answers", "customer_no"),
        }
    )


def stage(months: Column) -> Column:
    """The stage at an age in months; NULL before the first and after the last."""
    found = F.when(F.lit(False), F.lit(""))
    for name, (start, end, _) in STAGES.items():
        found = found.when((months >= start) & (months < end), F.lit(name))
    return found


def need(shop: Shop, months: Column, *keys: str) -> Column:
    """The number, in NEEDS, of one of the needs of the stage at an age in months; NULL where there is none."""
    names = list(NEEDS)
    found = F.when(F.lit(False), F.lit(0))
    for start, end, needs in STAGES.values():
        drawn = at_index([names.index(name) for name in needs], shop.dice.below(len(needs), "need", *keys))
        found = found.when((months >= start) & (months < end), drawn)
    return found.cast("bigint")


def tables(shop: Shop) -> dict[str, DataFrame]:
    key = ("customer_no", "order_key")
    families = people(shop)
    visits = families.withColumn(
        "order_key", F.explode(F.sequence(F.lit(1).cast("bigint"), F.lit(ORDERS).cast("bigint")))
    ).withColumn("days_before", shop.dice.below(ORDER_DAYS, "family order", *key) + 1)
    own = need(shop, (F.col("born") - F.col("days_before")) / DAYS_PER_MONTH, *key)
    present = shop.dice.below(len(NEEDS), "present", *key)
    wanted = F.when(F.col("is_parent") & shop.dice.happens(NEEDED, "needed", *key), own).when(
        ~F.col("is_parent") & shop.dice.happens(PRESENTS, "presents", *key), present
    )
    first = first_of(shop, f"need {next(iter(NEEDS))}")
    product = first + wanted * PRODUCTS_PER_NEED + shop.dice.below(PRODUCTS_PER_NEED, "need product", *key)
    other = shop.dice.below(FILLERS, "family filler", *key) + first_of(shop, "filler")
    bought = visits.withColumns(
        {
            "product_no": F.coalesce(product, other),
            "at": at(shop, F.col("days_before"), "family second", *key),
        }
    )
    return {
        "order_lines": lines(priced(shop, bought), "l"),
        "milestones": milestones(families),
        "truth_stages": truth(families),
    }


def day_of_birth() -> Column:
    return F.date_sub(F.lit(AS_OF), F.col("born").cast("int"))


def milestones(families: DataFrame) -> DataFrame:
    """The source table: answers, known from the first day on."""
    return families.where("has_answered").select(
        customer_id(F.col("customer_no")).alias("customer_id"),
        F.lit("birth").alias("kind"),
        F.when(F.col("is_parent"), day_of_birth()).alias("day"),
        (~F.col("is_parent")).alias("is_none"),
        F.lit(None).cast("string").alias("subject"),
        F.lit(FIRST_DAY).cast("timestamp").alias("recorded_at"),
        F.lit(None).cast("string").alias("line_id"),
        F.lit(None).cast("string").alias("file_digest"),
    )


def truth(families: DataFrame) -> DataFrame:
    """One row per family: the day of birth and the stage at the end, NULL where there is no child."""
    return families.select(
        customer_id(F.col("customer_no")).alias("customer_id"),
        "has_answered",
        "is_parent",
        F.when(F.col("is_parent"), day_of_birth()).alias("born_on"),
        F.when(F.col("is_parent"), stage(F.col("born") / DAYS_PER_MONTH)).alias("stage"),
    )
