"""What the summary says of how customers buy: when, what together, at what price, and what they did not find."""

from __future__ import annotations

from pyspark.sql import DataFrame, Row
from pyspark.sql import functions as F

from vitalfew.algorithms import driver
from vitalfew.analyses.summary_customers import money
from vitalfew.analyses.summary_products import apart, described, name_of
from vitalfew.analyses.summary_text import Line, how_many, missing, percent
from vitalfew.analyses.timing_peaks import clock, span

MOST_PEAKS = 3
MOST_PAIRS = 2
PAIRS_LOOKED_AT = 500
USUAL_TYPES = ("balanced", "unknown")


def hours(peaks: DataFrame) -> list[Line]:
    """The peaks that bring most orders beyond the average, and the category with the sharpest peak of its own."""
    beyond = F.desc(F.col("orders") - F.col("usual_orders"))
    of_all = peaks.where("dimension = 'all'").orderBy(beyond, "weekday", "from_hour").limit(MOST_PEAKS)
    special = peaks.where("dimension = 'category' and is_special")
    sharpest = special.orderBy(F.desc("times_average"), "member", "weekday", "from_hour").limit(1)
    lines = [peak_line(row) for row in driver.rows(of_all, "peaks")]
    lines += [
        Line(row["member"], f"{when(row)}: {row['times_average']:.1f} times its average hour", row["action"])
        for row in driver.rows(sharpest, "peaks of categories")
    ]
    return lines or missing("timing")


def peak_line(row: Row) -> Line:
    best = f"; most at {clock(row['best_hour'])} ({row['best_times_average']:.1f} times)"
    text = f"{row['times_average']:.1f} times the average hour, {percent(row['share_of_orders'])} of all orders"
    return Line(when(row), f"{text}{best if row['until_hour'] - row['from_hour'] > 1 else ''}", row["action"])


def when(row: Row) -> str:
    return span(row["weekday"], row["from_hour"], row["until_hour"])


def pairs(affinity: DataFrame, bundles: DataFrame, products: DataFrame) -> list[Line]:
    """The strongest pair of categories, products that replace each other, and bundles, each product once."""
    lines = [pair_line("together", row) for row in strongest(affinity, "complement", "category")[:1]]
    swaps = apart(told_once(strongest(affinity, "substitute", "product")), {}, MOST_PAIRS, both)
    lines += [pair_line("one or the other", row) for row in swaps]
    pays = (F.col("price_together").isNotNull() & (F.col("break_even_share") <= 1)).cast("int")
    order = [F.desc(F.coalesce(pays, F.lit(0))), F.desc("n"), F.asc("item"), F.asc("other")]
    found = driver.rows(bundles.orderBy(*order).limit(PAIRS_LOOKED_AT), "bundles")
    known = described((item for row in found for item in both(row)), products)
    lines += [bundle_line(row) for row in apart(found, known, MOST_PAIRS, both)]
    return lines or missing("affinity")


def strongest(affinity: DataFrame, relation: str, level: str) -> list[Row]:
    """The pairs of one relation among all customers, the strongest correlation first."""
    of_all = affinity.where((F.col("segment") == "all") & (F.col("relation") == relation) & (F.col("level") == level))
    order = [F.desc(F.abs("phi")), F.asc("item"), F.asc("other")]
    return driver.rows(of_all.orderBy(*order).limit(PAIRS_LOOKED_AT), "pairs of products")


def told_once(rows: list[Row]) -> list[Row]:
    """Without those that would read as one before: variants of a product have one name."""
    first: dict[str, Row] = {}
    for row in rows:
        first.setdefault(row["action"], row)
    return list(first.values())


def both(row: Row) -> list[str]:
    return [row["item"], row["other"]]


def pair_line(label: str, row: Row) -> Line:
    text = f"in {row['n']:,} of {row['baskets']:,} baskets, where {row['expected']:,.0f} were to be expected by chance"
    return Line(label, f"both {text}" if row["relation"] == "substitute" else text, row["action"])


def bundle_line(row: Row) -> Line:
    text = (
        f"{row['n']:,} baskets with both, {row['n_one_only']:,} with only one of them; apart they cost "
        f"{money(row['price_apart'])}"
    )
    return Line("bundle", text, row["action"])


def wishes(people: DataFrame, unmet: DataFrame, products: DataFrame) -> list[Line]:
    """For whom price or quality counts, accounts that are one person, and what was looked for in vain."""
    types = people.groupBy("price_type", "action").agg(
        F.count(F.lit(1)).alias("people"), F.sum("accounts").alias("accounts"), F.sum("net_amount").alias("value")
    )
    found = driver.rows(types.orderBy(F.desc("value"), "price_type"), "price types")
    if not found:
        return missing("customer360")
    everybody, accounts = (sum(row[name] for row in found) for name in ("people", "accounts"))
    lines = [type_line(row, everybody) for row in found if row["price_type"] not in USUAL_TYPES]
    if not lines:
        lines = [Line("price", "Nobody's purchases show that price matters to them more or less than to others.")]
    if accounts > everybody:
        text = f"{how_many(accounts, 'account')} belong to {everybody:,} people"
        lines.append(Line("one person", text, "Write to each person once."))
    return lines + in_vain(unmet, products)


def type_line(row: Row, everybody: int) -> Line:
    text = f"{how_many(row['people'], 'customer')} ({percent(row['people'] / everybody)}), {money(row['value'])} spent"
    return Line(row["price_type"], text, row["action"])


def in_vain(unmet: DataFrame, products: DataFrame) -> list[Line]:
    """How often something was looked for and never bought, and what most often."""
    of_product = unmet.groupBy("product_id").agg(F.count(F.lit(1)).alias("people"))
    first = of_product.orderBy(F.desc("people"), "product_id").limit(1)
    total = of_product.agg(F.sum("people").alias("wishes"), F.count(F.lit(1)).alias("products"))
    lines = []
    for row in driver.rows(first.crossJoin(total), "unmet wants"):
        name = name_of(row["product_id"], described([row["product_id"]], products))
        text = (
            f"{how_many(row['products'], 'product')} looked for and not bought, {row['wishes']:,} times in all; most "
            f"often {name}, by {how_many(row['people'], 'customer')}"
        )
        lines.append(Line("in vain", text, "See that it is there and easy to find, and remind them of it."))
    return lines
