"""What is in a basket: planted sets, habits, and products drawn by popularity, taste and price."""

from __future__ import annotations

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from generator.bundles import THEME_SLOTS
from generator.catalogue import Catalogue
from generator.dice import lookup, unit
from generator.styles import CHANNELS, PRICE_SLOTS, VARIANTS

FAVOURITES, OWN_TASTE, SHARED_TASTE = 8, 35, 20
"""Of a hundred products, so many are one of the customer's eight favourites, so many one of the group's."""

REPEAT_SHARE, LONGEST_REPEAT_GAP, REPEAT_EVERY = 0.5, 8.0, (1, 2, 3)
DURABLE_SHARE, NOVELTY_SHARE, POSTAGE_SHARE = 0.04, 0.02, 0.3


def filled(goods: Catalogue, themes: DataFrame, orders: DataFrame) -> DataFrame:
    """`orders` with `novelty` (a product number, or NULL) and `items`: distinct product numbers, line by line."""
    dice = goods.dice
    has_novelty = F.col("is_leader") | dice.happens(NOVELTY_SHARE, "novel", "order_key")
    novelty = dice.below(goods.novelties, "novelty", "order_key") + goods.first_novelty
    return (
        orders.withColumns(
            {
                "theme": dice.below(THEME_SLOTS, "theme", "order_key"),
                "novelty": F.when(has_novelty, novelty),
                "draws": basket_size(goods),
            }
        )
        .join(themes, on="theme", how="left")
        .withColumn("items", items(goods))
    )


def filled_after(goods: Catalogue, orders: DataFrame) -> DataFrame:
    """`orders` that follow another, with the other's `novelty` first, and products drawn for their own customer."""
    return orders.withColumn("items", F.array_distinct(F.concat(F.array("novelty"), drawn(goods))))


def items(goods: Catalogue) -> Column:
    """Distinct product numbers: those planted, those of habit, and those that are drawn; postage comes last."""
    nothing = F.array().cast("array<bigint>")
    planted = F.when(F.col("is_poor"), nothing).otherwise(F.coalesce(F.col("planted"), nothing))
    habits = F.array_compact(F.array(repeat(goods), durable(goods), F.col("novelty")))
    is_posted = (F.col("channel") != CHANNELS[0]) & goods.dice.happens(POSTAGE_SHARE, "postage", "order_key")
    postage = F.when(is_posted, F.array(F.lit(goods.postage).cast("bigint"))).otherwise(nothing)
    return F.array_distinct(F.concat(planted, habits, drawn(goods), postage))


def habit(goods: Catalogue) -> dict[str, Column]:
    """A customer's repeat habit: which product, in one of how many orders; NULL for those who have none."""
    dice = goods.dice
    has_habit = (
        dice.happens(REPEAT_SHARE, "repeats", "customer_no")
        & (F.col("gap_weeks") <= LONGEST_REPEAT_GAP)
        & (F.col("again_orders") == 0)
        & ~F.col("is_unknown")
    )
    every = lookup(dice.below(len(REPEAT_EVERY), "repeat every", "customer_no"), REPEAT_EVERY)
    return {
        "repeat_product": F.when(has_habit, dice.below(goods.staples, "staple", "customer_no") + goods.first_staple),
        "repeat_every": F.when(has_habit, every),
    }


def repeat(goods: Catalogue) -> Column:
    """The product of the customer's habit, in every so many of the orders; else NULL."""
    has = habit(goods)
    return F.when(F.pmod("order_no", has["repeat_every"]) == 0, has["repeat_product"])


def durable(goods: Catalogue) -> Column:
    """Now and then something that lasts; never the same again, as every order of a customer has another candidate."""
    start = goods.dice.below(goods.durables, "durable", "customer_no")
    candidate = F.pmod(start + F.col("order_no"), F.lit(goods.durables).cast("bigint")) + goods.first_durable
    is_new = F.col("order_no") < goods.durables
    return F.when(is_new & goods.dice.happens(DURABLE_SHARE, "durables", "order_key"), candidate)


def basket_size(goods: Catalogue) -> Column:
    """How many products are drawn: from one to about twice the mean of the style."""
    dice = goods.dice
    spread = dice.unit("basket a", "order_key") + dice.unit("basket b", "order_key")
    size = F.floor((F.col("basket") - 1) * spread + dice.unit("basket c", "order_key")) + 1
    return F.when(F.col("is_poor"), F.lit(1).cast("bigint")).otherwise(size)


def drawn(goods: Catalogue) -> Column:
    """Product numbers, `draws` of them, not yet distinct."""
    positions = F.sequence(F.lit(1).cast("bigint"), F.col("draws"))
    seeds = F.transform(positions, lambda position: goods.dice.hash("draw", "order_key", position))
    tastes = F.transform(seeds, lambda seed: taste(goods, seed))
    choices = F.transform(tastes, lambda draw: choice(goods, draw))
    return F.transform(choices, lambda offset: substitute(goods, offset) + goods.first_family)


def taste(goods: Catalogue, seed: Column) -> Column:
    """64 bits: the upper decide the family, by the taste of the customer, the group, or all; the lower the price."""
    dice, mode = goods.dice, F.pmod(seed, F.lit(100))
    favourite = F.pmod(F.shiftright(seed, 8), F.lit(FAVOURITES).cast("bigint"))
    family = (
        F.when(mode < OWN_TASTE, dice.hash("own taste", "customer_no", favourite))
        .when(mode < OWN_TASTE + SHARED_TASTE, dice.hash("shared taste", "taste", favourite))
        .otherwise(dice.hash("popular", seed))
    )
    low = PRICE_SLOTS - 1  # bits that `unit` does not look at
    return certain(family.bitwiseAND(F.lit(~low)).bitwiseOR(F.shiftright(seed, 20).bitwiseAND(F.lit(low))))


def choice(goods: Catalogue, draw: Column) -> Column:
    """The number of a product, counted from the first family."""
    price = draw.bitwiseAND(F.lit(PRICE_SLOTS - 1))
    variant = F.lit(0).cast("bigint")
    for n in range(1, VARIANTS):
        variant = variant + (price >= F.col(f"dearer_{n}")).cast("bigint")
    return certain(goods.popular(unit(draw)) * VARIANTS + variant)


def substitute(goods: Catalogue, offset: Column) -> Column:
    """`offset`, or, where its family has substitutes, the one of the two that this order takes."""
    variant = F.pmod(offset, F.lit(VARIANTS).cast("bigint"))
    family = F.shiftright(offset, VARIANTS.bit_length() - 1)
    is_one_of_two = goods.has_substitutes(family) & ((variant == 1) | (variant == 2))
    taken = family * VARIANTS + goods.dice.below(2, "substitute", "order_key", family) + 1
    return F.when(is_one_of_two, taken).otherwise(offset)


def certain(column: Column) -> Column:
    """`column`, which is never NULL, and says so: sail 0.7 refuses nested lambdas whose elements only turn out so."""
    return F.coalesce(column, F.lit(0).cast("bigint"))
