"""Who and what is added: blocks of customers and ranges of goods, each for one planted thing."""

from __future__ import annotations

from dataclasses import dataclass

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from generator.customers import never_bought
from generator.shop import Shop

BLOCKS: dict[str, tuple[float, int]] = {
    "sequences": (0.06, 250),
    "lifecycle": (0.04, 600),
    "referrals": (0.03, 300),
    "neighbours": (0.03, 300),
    "wallets": (0.04, 400),
    "treatments": (0.08, 3_200),
    "groups": (0.05, 800),
    "prospects": (0.06, 2_400),
}
"""Customers added for each known customer of the shop, and the fewest."""

NEEDS = {
    "maternity": "Maternity wear",
    "nursery": "Prams",
    "diapers": "Diapers",
    "baby_care": "Baby care",
    "formula": "Infant formula",
    "baby_food": "Baby food",
    "baby_clothes": "Baby clothes",
    "toys": "Baby toys",
    "books": "Picture books",
    "school": "School supplies",
}
"""The needs of the ladder of mother and baby, and the categories in which this shop sells them."""

PRODUCTS_PER_NEED, PRODUCTS_PER_PRICE_CATEGORY, DEMAND_KINDS = 4, 8, ("level", "seasonal", "stock_outs")
PAIRS, UNRELATED_PAIRS, FILLERS, NOVELTIES, GENERAL_CATEGORIES, GENERAL_PER_CATEGORY = 4, 3, 30, 60, 8, 5


@dataclass(frozen=True)
class Goods:
    """One product that is added: its number counts from 0, those of one role follow each other."""

    number: int
    role: str
    category: str
    cents: int

    @property
    def product_id(self) -> str:
        return f"d{self.number:06}"


def block(shop: Shop, name: str) -> range:
    """The customer numbers of a block: they follow those of the shop."""
    first = shop.world.buyers + never_bought(shop)
    for other, (share, fewest) in BLOCKS.items():
        size = max(fewest, round(shop.world.customers * share))
        size += size % 2
        if other == name:
            return range(first, first + size)
        first += size
    raise KeyError(name)


def numbered(shop: Shop, name: str) -> DataFrame:
    """`customer_no` of a block, and `member`, counted from 0."""
    numbers = block(shop, name)
    return shop.spark.range(numbers.start, numbers.stop).select(
        F.col("id").alias("customer_no"), (F.col("id") - numbers.start).alias("member")
    )


def price_categories(shop: Shop) -> int:
    return min(15, max(3, shop.world.lines // 300_000))


def demand_products(shop: Shop) -> int:
    """Of each kind."""
    return min(60, max(12, shop.world.lines // 60_000))


def roles(shop: Shop) -> list[tuple[str, str, int]]:
    """Role, category and how many products, in the order of their numbers."""
    priced = [(f"price {n}", f"Priced goods {n}", PRODUCTS_PER_PRICE_CATEGORY) for n in range(price_categories(shop))]
    demanded = [(f"demand {kind}", f"Demanded goods, {kind}", demand_products(shop)) for kind in DEMAND_KINDS]
    followed = [
        ("first", "Begins a sequence", PAIRS),
        ("second", "Ends a sequence", PAIRS),
        ("lone first", "Begins nothing", UNRELATED_PAIRS),
        ("lone second", "Ends nothing", UNRELATED_PAIRS),
        ("filler", "Between", FILLERS),
    ]
    needed = [(f"need {need}", category, PRODUCTS_PER_NEED) for need, category in NEEDS.items()]
    new = [("novelty referrals", "News", NOVELTIES), ("novelty neighbours", "Other news", NOVELTIES)]
    general = [(f"general {n}", f"General goods {n}", GENERAL_PER_CATEGORY) for n in range(GENERAL_CATEGORIES)]
    return priced + demanded + followed + needed + new + general


def goods(shop: Shop) -> list[Goods]:
    """Everything that is added to the catalogue."""
    named = [(role, category) for role, category, count in roles(shop) for _ in range(count)]
    return [Goods(n, role, category, 400 + (n * 7_919) % 1_600) for n, (role, category) in enumerate(named)]


def first_of(shop: Shop, role: str) -> int:
    """The number of the first product of a role."""
    return next(product.number for product in goods(shop) if product.role == role)


def product_id(number: Column) -> Column:
    """As Goods.product_id."""
    return F.concat(F.lit("d"), F.lpad(number.cast("string"), 6, "0"))


def at_index(values: list[float] | list[int] | list[str], index: Column) -> Column:
    """The value at `index`, from 0."""
    return F.element_at(F.array(*[F.lit(value) for value in values]), (index + 1).cast("int"))
