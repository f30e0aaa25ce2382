"""The source table customers: who the shop has on file, and what it knows of them."""

from __future__ import annotations

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from generator.dice import lookup
from generator.lines import customer_id
from generator.people import people
from generator.season import calendar_week, monday
from generator.segments import SEGMENTS
from generator.shop import Shop
from generator.styles import STYLES
from generator.world import LAST_DAY

UNREGISTERED = 0.02
"""Known customers whom the table customers does not have."""

NEVER_BOUGHT = 0.05
"""Customers on file without an order, for one with."""

REGIONS = ("north", "east", "south", "west", "capital", "abroad")
INCOMES = ("below 25k", "25k-50k", "50k-75k", "75k-125k", "above 125k")
OCCUPATIONS = ("employee", "self-employed", "student", "retired", "public service", "craft", "none")
AGES = {"weekend family": 30, "evening gourmet": 35, "weekday bargain": 55, "lunch quick": 22, "sunday night": 18}
"""The youngest of each style; the oldest is 25 years older."""

FIRM_SHARE = 0.04
LEGAL_FORMS = ("sole trader", "partnership", "limited", "association")
COMPANY_SIZES = ("1", "2-9", "10-49", "50 or more")
TRADES = ("catering", "crafts", "retail", "offices", "schools")

MEMBERS = {"champion": 0.9, "loyal": 0.7, "returned": 0.8, "rising": 0.6, "dropping": 0.7}
OTHER_MEMBERS = 0.3


def never_bought(shop: Shop) -> int:
    return round(shop.world.customers * NEVER_BOUGHT)


def customers(shop: Shop) -> DataFrame:
    """The source table: known customers, most of them, and those on file who never bought."""
    world, dice = shop.world, shop.dice
    known = shop.spark.range(world.customers).select(F.col("id").alias("customer_no"))
    idle = shop.spark.range(never_bought(shop)).select((F.col("id") + world.buyers).alias("customer_no"))
    on_file = people(shop, known).where(~dice.happens(UNREGISTERED, "unregistered", "customer_no"))
    return rows(shop, on_file.unionByName(people(shop, idle)))


def rows(shop: Shop, people: DataFrame) -> DataFrame:
    dice, year = shop.dice, LAST_DAY.year
    age = lookup(F.col("style"), [AGES[style.name] for style in STYLES]) + dice.below(25, "age", "customer_no")
    month, day = dice.below(12, "birth month", "customer_no") + 1, dice.below(28, "birth day", "customer_no") + 1
    born = F.make_date((F.lit(year) - F.col("age")).cast("int"), month.cast("int"), day.cast("int"))
    dated = people.withColumn("age", age).withColumn("birth_date", born)
    is_family = F.col("style") == 0
    return dated.select(
        customer_id(F.col("customer_no")).alias("customer_id"),
        is_member(shop).alias("is_member"),
        monday(calendar_week(shop.world, F.col("start_week"))).alias("joined_on"),
        "birth_date",
        age_band(F.col("age")).alias("age_band"),
        lookup(dice.below(3, "gender", "customer_no"), ("female", "male", "diverse")).alias("gender"),
        lookup(dice.below(len(INCOMES), "income", "customer_no"), INCOMES).alias("income_band"),
        lookup(dice.below(2, "marriage", "customer_no"), ("married", "single")).alias("marital_status"),
        lookup(dice.below(len(OCCUPATIONS), "job", "customer_no"), OCCUPATIONS).alias("occupation"),
        lookup(dice.below(2, "home", "customer_no"), ("owner", "renter")).alias("home_ownership"),
        F.when(is_family, "family with children").otherwise("one or two adults").alias("household"),
        (dice.below(2, "size", "customer_no") + F.when(is_family, 3).otherwise(1))
        .cast("string")
        .alias("household_size"),
        F.when(is_family, "1-2").otherwise("none").alias("children"),
        lookup(dice.below(len(REGIONS), "region", "customer_no"), REGIONS).alias("region"),
        *firm(shop),
        F.lit(None).cast("timestamp").alias("updated_at"),
    )


def firm(shop: Shop) -> list[Column]:
    """What is known of firms; NULL for the others."""
    dice = shop.dice
    is_firm = dice.happens(FIRM_SHARE, "firm", "customer_no")
    kinds = {"legal_form": LEGAL_FORMS, "company_size": COMPANY_SIZES, "line_of_business": TRADES}
    return [
        F.when(is_firm, lookup(dice.below(len(values), name, "customer_no"), values)).alias(name)
        for name, values in kinds.items()
    ]


def is_member(shop: Shop) -> Column:
    """Whether a customer belongs to the programme: the better the segment, the likelier."""
    likely = lookup(F.col("segment"), [MEMBERS.get(segment.name, OTHER_MEMBERS) for segment in SEGMENTS])
    return shop.dice.happens(likely, "member", "customer_no")


def age_band(age: Column) -> Column:
    bands = ((25, "18-24"), (35, "25-34"), (45, "35-44"), (55, "45-54"), (65, "55-64"))
    found = F.when(age < bands[0][0], bands[0][1])
    for end, name in bands[1:]:
        found = found.when(age < end, name)
    return found.otherwise("65+")
