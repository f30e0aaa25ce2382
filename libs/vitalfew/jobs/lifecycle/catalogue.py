"""Which products meet which need, and of which categories they are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from vitalfew.dataframes.collect import collect_rows
from vitalfew.dataframes.known_text import bare
from vitalfew.jobs.lifecycle.params import ANY, Ladder
from vitalfew.white_space import trimmed

LEVELS = ("subcategory", "category", "department")
BEGINNING = ""
"""In place of a need: what starts the ladder."""
MOST_NAMES = 20
BREAK = "\n"
META = set("\\.+*?()|[]{}^$")


@dataclass(frozen=True)
class Sold:
    """What this shop sells for the ladders: product_id, ladder, need; by ladder and need, names of the categories."""

    products: DataFrame
    categories: Mapping[tuple[str, str], tuple[str, ...]]

    def needs(self, ladder: str) -> list[str]:
        """The needs of a ladder that some product meets, by name."""
        return [need for name, need in self.categories if name == ladder and need != BEGINNING]

    def begins(self, ladder: str) -> bool:
        """Whether some product starts the ladder."""
        return (ladder, BEGINNING) in self.categories


def sold(products: DataFrame, ladders: Mapping[str, Ladder]) -> Sold:
    """The products that meet a need of a ladder, or start it."""
    meant = [
        F.when(is_of(texts), F.struct(F.lit(name).alias("ladder"), F.lit(need).alias("need")))
        for name, ladder in ladders.items()
        for need, texts in {**ladder.needs, BEGINNING: ladder.starts_with}.items()
        if texts
    ]
    if not meant:
        nothing = products.select("product_id", F.lit("").alias("ladder"), F.lit("").alias("need"))
        return Sold(nothing.where(F.lit(False)), {})
    keyed = products.select("product_id", lowest().alias("name"), key().alias("key"))
    kinds = keyed.where("name is not null").groupBy("key").agg(F.min("name").alias("name"))
    found = kinds.select(
        "key", "name", F.explode(F.filter(F.array(*meant), lambda each: each.isNotNull())).alias("of")
    ).select("key", "name", "of.ladder", "of.need")
    names = F.slice(F.sort_array(F.collect_set("name")), 1, MOST_NAMES).alias("names")
    rows = collect_rows(found.groupBy("ladder", "need").agg(names), "needs that are sold")
    categories = {(row["ladder"], row["need"]): tuple(row["names"]) for row in rows}
    met = keyed.join(found.drop("name"), on="key", how="inner")
    return Sold(met.select("product_id", "ladder", "need"), categories)


def key() -> Column:
    """All levels of a product in one text, each between breaks."""
    return F.concat(
        *[F.concat(F.lit(BREAK), F.lower(one_line(F.coalesce(name, F.lit("")))), F.lit(BREAK)) for name in LEVELS]
    )


def one_line(text: Column) -> Column:
    """`text` without white space at its ends, and without breaks."""
    return F.translate(bare(text), BREAK, " ")


def level(name: str) -> Column:
    """A level of a product, NULL where it is empty."""
    return F.when(bare(name) != "", F.col(name))


def lowest() -> Column:
    """The lowest level that a product has."""
    return F.coalesce(*map(level, LEVELS))


def is_of(texts: Iterable[str]) -> Column:
    """Whether one of the levels in `key` is one of `texts`, in whatever case; * stands for any text."""
    return F.col("key").rlike(f"{BREAK}(?:{'|'.join(map(pattern_of, texts))}){BREAK}")


def pattern_of(text: str) -> str:
    """A regular expression of Java and of Rust alike."""
    plain = trimmed(text).lower().replace(BREAK, " ")
    return "".join(f"[^{BREAK}]*" if each == ANY else f"\\{each}" if each in META else each for each in plain)


def levels(products: DataFrame) -> DataFrame:
    """product_id, `leaf` (its lowest level), `parent` (the level above it, or the same), of products that have one."""
    subcategory, category, department = map(level, LEVELS)
    above = F.when(subcategory.isNotNull(), F.coalesce(category, department)).otherwise(
        F.when(category.isNotNull(), department)
    )
    leaf = lowest()
    return products.select("product_id", leaf.alias("leaf"), F.coalesce(above, leaf).alias("parent")).where(
        "leaf is not null"
    )
