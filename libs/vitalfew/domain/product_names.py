"""What products are called, and rows that share no product."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from pyspark.sql import DataFrame, Row
from pyspark.sql import functions as F

from vitalfew.dataframes.collect import collect_rows


@dataclass(frozen=True)
class Product:
    """What people call a product, and of which kind it is: variants of one kind go together without saying."""

    name: str
    kind: str


def items(rule: Row) -> list[str]:
    return [*rule["antecedent"], rule["consequent"]]


def described(ids: Iterable[str], products: DataFrame) -> Mapping[str, Product]:
    """The products of these ids that have a name."""
    wanted = sorted({*ids})
    if not wanted:
        return {}
    local = products.sparkSession.createDataFrame([(id_,) for id_ in wanted], "product_id string")
    named = products.join(local, on="product_id", how="left_semi").where("trim(name) != ''")
    found = collect_rows(named.select("product_id", "name", "subcategory"), "products")
    return {row["product_id"]: Product(tidy(row["name"]), row["subcategory"] or tidy(row["name"])) for row in found}


def with_names(frame: DataFrame, products: DataFrame, id_: str = "product_id", name: str = "item") -> DataFrame:
    """`frame` with `name`: what the product of the column `id_` is called; its id where it has no name."""
    names = products.where("trim(name) <> ''").select(F.col("product_id").alias(id_), F.col("name").alias("_name"))
    joined = frame.join(names, on=id_, how="left")
    return joined.withColumn(name, F.coalesce("_name", id_)).drop("_name")


def name_of(id_: str, known: Mapping[str, Product]) -> str:
    return known[id_].name if id_ in known else id_


def tidy(name: str) -> str:
    return " ".join(name.split())


def without_shared_products(
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


def listed(words: Sequence[str]) -> str:
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def apart(item: str, other: str, names: Mapping[str, str]) -> tuple[str, str]:
    """What people call the two; with their ids where they are called the same."""
    one, two = names.get(item, item), names.get(other, other)
    return (one, two) if one != two else (f"{one} [{item}]", f"{two} [{other}]")
