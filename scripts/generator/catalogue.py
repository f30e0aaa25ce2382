"""What is sold. Products are numbered; the ranges of numbers have roles, and every role is somebody's planted habit."""

from __future__ import annotations

import math
from dataclasses import dataclass

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F

from generator.dice import Dice, lookup
from generator.styles import VARIANTS
from generator.world import World

DEPARTMENTS = ("Food", "Drinks", "Household", "Garden", "Clothing", "Toys", "Beauty", "Sport", "Office", "Pets")
BRANDS = ("Alba", "Brise", "Corvo", "Dorn", "Elm", "Fjord", "Gale", "Heron")
VARIANT_NAMES = ("basic", "classic", "fine", "premium")
VARIANT_PERCENT = (70, 100, 115, 180)
FAMILIES_PER_CATEGORY = 5
SUBSTITUTES_EVERY, MOST_SUBSTITUTES = 7, 40
"""In every seventh family, up to so many, the classic and the fine variant replace each other."""

SKEW = 0.1
"""The smaller, the more do the most popular families stand out."""

POSTAGE = "POSTAGE"
POSTAGE_CENTS, POSTAGE_COST_PERCENT = 490, 86


@dataclass(frozen=True)
class Catalogue:
    """The layout of the product numbers: each role's range follows the one before; `families` come last."""

    dice: Dice
    products: int
    pairs: int  # planted rules X ⇒ Y: two numbers each
    triples: int  # planted rules A, B ⇒ C: three numbers each
    staples: int  # bought again and again, in a cycle
    durables: int  # bought once
    novelties: int  # what leaders buy, and followers after them
    wanted: int  # searched, out of stock, never bought

    @property
    def first_triple(self) -> int:
        return 2 * self.pairs

    @property
    def first_staple(self) -> int:
        return self.first_triple + 3 * self.triples

    @property
    def first_durable(self) -> int:
        return self.first_staple + self.staples

    @property
    def first_novelty(self) -> int:
        return self.first_durable + self.durables

    @property
    def first_wanted(self) -> int:
        return self.first_novelty + self.novelties

    @property
    def first_family(self) -> int:
        return self.first_wanted + self.wanted

    @property
    def families(self) -> int:
        """Kinds of products of four variants each, the most popular first."""
        return (self.products - self.first_family) // VARIANTS

    @property
    def postage(self) -> int:
        """The number after the last product: a charge, not goods."""
        return self.products

    @property
    def categories(self) -> int:
        return max(10, self.families // FAMILIES_PER_CATEGORY)

    def family(self, number: Column) -> Column:
        """The family of a product; what has another role than to be one of four is a family of its own."""
        offset = number - self.first_family
        in_family = (offset - F.pmod(offset, F.lit(VARIANTS))) / F.lit(VARIANTS)
        return F.when(offset >= 0, in_family.cast("bigint")).otherwise(number + self.families)

    def category(self, number: Column) -> Column:
        return F.pmod(self.family(number), F.lit(self.categories).cast("bigint"))

    def variant(self, number: Column) -> Column:
        """0 (cheapest) to 3 (dearest); 1 for what comes in one variant."""
        offset = number - self.first_family
        return F.when(offset >= 0, F.pmod(offset, F.lit(VARIANTS)).cast("int")).otherwise(F.lit(1))

    def has_substitutes(self, family: Column) -> Column:
        return (F.pmod(family, F.lit(SUBSTITUTES_EVERY)) == 3) & (family < SUBSTITUTES_EVERY * MOST_SUBSTITUTES)

    def popular(self, draw: Column) -> Column:
        """A family, from a draw in [0, 1): Zipf-Mandelbrot with an exponent of two thirds."""
        moved = draw * (1 - SKEW) + SKEW
        return F.floor((moved * moved * moved - SKEW**3) * (self.families / (1 - SKEW**3)))

    def price_cents(self, number: Column) -> Column:
        """0.99 to 50.00 for the classic variant, mostly low."""
        draw = self.dice.unit("price", self.family(number))
        base = F.floor(draw * draw * draw * 4_900) + 99
        return F.floor(base * lookup(self.variant(number), VARIANT_PERCENT) / 100)

    def cost_percent(self, number: Column) -> Column:
        return self.dice.below(30, "cost", number) + 50

    def product_id(self, number: Column) -> Column:
        """The name of a product number: scattered, so that no order of the ids gives a role away."""
        step = next(s for s in range(self.products * 5 // 8, 2 * self.products) if math.gcd(s, self.products) == 1)
        scattered = F.pmod(number * step + 17, F.lit(self.products).cast("bigint"))
        name = F.concat(F.lit("p"), F.lpad(scattered.cast("string"), 6, "0"))
        return F.when(number == self.postage, F.lit(POSTAGE)).otherwise(name)


def catalogue(world: World) -> Catalogue:
    """The layout for this many products."""
    products = world.products
    return Catalogue(
        dice=world.dice,
        products=products,
        pairs=min(16, products // 25),
        triples=min(4, products // 80),
        staples=max(8, products // 50),
        durables=max(12, products // 20),
        novelties=max(6, products // 50),
        wanted=max(4, products // 100),
    )


def shelf(spark: SparkSession, goods: Catalogue) -> DataFrame:
    """What a line needs of its product: `product_no` to `product_id`, `price_cents`, `cost_percent`, `is_charge`."""
    number = F.col("id")
    is_charge = number == goods.postage
    return spark.range(goods.postage + 1).select(
        number.alias("product_no"),
        goods.product_id(number).alias("product_id"),
        F.when(is_charge, POSTAGE_CENTS).otherwise(goods.price_cents(number)).cast("bigint").alias("price_cents"),
        F.when(is_charge, POSTAGE_COST_PERCENT).otherwise(goods.cost_percent(number)).alias("cost_percent"),
        is_charge.alias("is_charge"),
    )


def products(spark: SparkSession, goods: Catalogue) -> DataFrame:
    """The source table products."""
    number = F.col("id")
    department = F.pmod("category_no", F.lit(len(DEPARTMENTS)))
    listed = spark.range(goods.products).select(
        number,
        goods.family(number).alias("family"),
        goods.category(number).alias("category_no"),
        goods.variant(number).alias("variant"),
    )
    durable = number.between(goods.first_durable, goods.first_novelty - 1)
    return listed.select(
        goods.product_id(number).alias("product_id"),
        F.concat(lookup(department, DEPARTMENTS), F.lit(" "), F.col("family"), F.lit(" "), variant_name()).alias(
            "name"
        ),
        lookup(goods.dice.below(len(BRANDS), "brand", number), BRANDS).alias("brand"),
        lookup(department, DEPARTMENTS).alias("department"),
        F.concat(lookup(department, DEPARTMENTS), F.lit(" category "), F.col("category_no")).alias("category"),
        F.concat(lookup(department, DEPARTMENTS), F.lit(" kind "), F.col("family")).alias("subcategory"),
        F.lit("piece").alias("unit"),
        durable.alias("is_durable"),
        (~number.between(goods.first_wanted, goods.first_family - 1)).alias("is_available"),
        F.lit(None).cast("timestamp").alias("updated_at"),
    )


def variant_name() -> Column:
    return lookup(F.col("variant"), VARIANT_NAMES)
