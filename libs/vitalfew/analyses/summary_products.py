"""What the summary says of products: rules, one customer's recommendations, and whether to trust them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from pyspark.sql import DataFrame, Row
from pyspark.sql import functions as F

from vitalfew.algorithms import driver
from vitalfew.analyses.summary_text import Line, missing, percent

RULES_LOOKED_AT = 2000
DISCOVERY = "discovery, the blend with places kept for what is new to the customer,"


@dataclass(frozen=True)
class Product:
    """What people call a product, and of which kind it is: variants of one kind go together without saying."""

    name: str
    kind: str


def strongest_rules(rules: DataFrame, products: DataFrame, level: str, least_baskets: int, most: int) -> list[Line]:
    """The rules with the highest lift among those that are significant, not redundant, and hold in enough baskets.

    Each of other products than those before it, and none between variants of one thing: one rule said in five ways is
    one rule.
    """
    if most == 0:
        return []
    good = (F.col("level") == F.lit(level)) & F.col("is_significant") & ~F.col("is_redundant") & (F.col("lift") > 1)
    order = [F.desc("lift"), F.desc("n"), F.concat_ws(",", "antecedent"), F.col("consequent")]
    strong = rules.where(good & (F.col("n") >= least_baskets)).orderBy(*order).limit(RULES_LOOKED_AT)
    found = driver.rows(strong, "rules")
    known = described((item for row in found for item in items(row)), products)
    chosen = [rule_line(number, row, known) for number, row in enumerate(apart(found, known, most), start=1)]
    if chosen:
        return chosen
    if not driver.rows(rules.limit(1), "rules"):
        return missing("baskets")
    return [Line("no rule", f"No rule of level {level} is significant and holds in {least_baskets} baskets.")]


def items(rule: Row) -> list[str]:
    return [*rule["antecedent"], rule["consequent"]]


def described(ids: Iterable[str], products: DataFrame) -> Mapping[str, Product]:
    """The products of these ids that have a name."""
    wanted = sorted({*ids})
    if not wanted:
        return {}
    local = products.sparkSession.createDataFrame([(id_,) for id_ in wanted], "product_id string")
    named = products.join(local, on="product_id", how="left_semi").where("trim(name) != ''")
    found = driver.rows(named.select("product_id", "name", "subcategory"), "products")
    return {row["product_id"]: Product(tidy(row["name"]), row["subcategory"] or tidy(row["name"])) for row in found}


def name_of(id_: str, known: Mapping[str, Product]) -> str:
    return known[id_].name if id_ in known else id_


def tidy(name: str) -> str:
    return " ".join(name.split())


def apart(
    found: Iterable[Row], known: Mapping[str, Product], most: int, of: Callable[[Row], list[str]] = items
) -> list[Row]:
    """The first `most` rows that share no product with one before, and whose products are of different kinds.

    A product without a name says nothing to a reader: left out, unless no product has one.
    """
    chosen: list[Row] = []
    taken: set[str] = set()
    for row in found:
        ids = of(row)
        kinds = {known[item].kind if item in known else item for item in ids}
        is_told = not known or all(item in known for item in ids)
        if len(chosen) < most and is_told and len(kinds) == len(ids) and taken.isdisjoint(ids):
            chosen.append(row)
            taken.update(ids)
    return chosen


def rule_line(number: int, row: Row, known: Mapping[str, Product]) -> Line:
    *given, then = [name_of(item, known) for item in items(row)]
    text = (
        f"Who buys {listed(given)} buys {then} with it {row['lift']:.1f} times as often as usual: "
        f"in {row['n']:,} of {row['n_antecedent']:,} baskets"
    )
    return Line(f"{number}.", text, f"Offer {then} beside {listed(given)}.")


def listed(words: Sequence[str]) -> str:
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def example(
    recommendations: DataFrame, contribution: DataFrame, products: DataFrame, customer_id: str | None
) -> list[Line]:
    """The recommendations for one customer, with reasons."""
    values = contribution.where("subject = 'customer'").select(
        F.col("subject_id").alias("customer_id"), "value", F.col("rank").alias("place")
    )
    who = recommendations.select("customer_id").distinct()
    who = who if customer_id is None else who.where(F.col("customer_id") == F.lit(customer_id))
    first = who.join(values, on="customer_id", how="left").orderBy(F.asc_nulls_last("place"), "customer_id").limit(1)
    found = driver.rows(first, "customers with recommendations")
    if not found:
        of = "anyone" if customer_id is None else f"customer {customer_id}"
        return [Line("nothing", f"There are no recommendations for {of}.")]
    customer = found[0]
    one = recommendations.where(F.col("customer_id") == F.lit(customer["customer_id"])).orderBy("rank")
    rows = driver.rows(one, "recommendations for one customer")
    known = described((row["product_id"] for row in rows), products)
    place = "" if customer["value"] is None else f", number {customer['place']:,} by value ({customer['value']:,.2f})"
    return [
        Line("customer", f"{customer['customer_id']}{place}", "Show them these, in this order."),
        *[Line(f"{row['rank']}.", f"{name_of(row['product_id'], known)}: {row['reason']}") for row in rows],
    ]


def trust(evaluation: DataFrame) -> list[Line]:
    """Whether a method beats both baselines, and how each did."""
    found = driver.rows(evaluation.orderBy(F.desc("is_published"), "is_baseline", F.desc("ndcg"), "method"), "methods")
    if not found:
        return missing("recommendations")
    return [verdict(found), *[score_line(row) for row in found]]


def verdict(found: Sequence[Row]) -> Line:
    best, customers = found[0], found[0]["customers"]
    how = f"measured on what {customers:,} customers bought from {best['split_on']} on, unseen before"
    if not best["is_published"]:
        text = f"No method beats both baselines, so nothing is recommended; {how}"
        return Line(
            "no", text, "Show what sells best and what the customer bought before; try again with more history."
        )
    rivals = " and ".join(f"{row['ndcg']:.3f} ({row['method']})" for row in found if row["is_baseline"])
    told = DISCOVERY if best["method"] == "discovery" else best["method"]
    text = f"{told} is published: nDCG at {best['k']} is {best['ndcg']:.3f} against {rivals}; {how}"
    return Line("yes", text, "Send them.")


def score_line(row: Row) -> Line:
    text = (
        f"nDCG {row['ndcg']:.3f}, hit rate {percent(row['hit_rate'])}, precision {percent(row['precision'])}, "
        f"recall {percent(row['recall'])}"
    )
    return Line(f"{row['method']}{' (baseline)' if row['is_baseline'] else ''}", text)
