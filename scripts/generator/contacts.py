"""The source table contacts, and who in it is one person: every address and number is written in several ways."""

from __future__ import annotations

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from generator.customers import is_member
from generator.lines import customer_id
from generator.people import people
from generator.shop import Shop

TWINS_EVERY, TWIN = 25, 3
"""Of so many customers, the one with this number and the next one are one person: they share an e-mail, or a phone."""

CHAINS_EVERY, CHAIN = 100, 53
"""Of so many, three in a row are one person: an e-mail joins the first two, a phone the last two."""

SWITCHBOARD_EVERY, SWITCHBOARD = 50, 7
"""These have the same telephone, that of a switchboard, and are not one person."""

PLACEHOLDERS = {"email": (50, 12, "n/a"), "phone": (50, 14, "000000000")}
"""Of so many, this one has a contact that is none."""


def contacts(shop: Shop) -> DataFrame:
    """The source table: an e-mail and a phone of every known customer, the membership number of members."""
    known = shop.spark.range(shop.world.customers).select(F.col("id").alias("customer_no"))
    number, kinds = F.col("customer_no"), {"email": email(shop), "phone": phone(shop)}
    rows = [known.select(number, F.lit(kind).alias("kind"), value.alias("value")) for kind, value in kinds.items()]
    members = (
        people(shop, known)
        .where(is_member(shop))
        .select(number, F.lit("membership").alias("kind"), written(number, "M-%08d", "m %08d").alias("value"))
    )
    return (
        rows[0]
        .unionByName(rows[1])
        .unionByName(members)
        .select(
            customer_id(number).alias("customer_id"), "kind", "value", F.lit(None).cast("timestamp").alias("updated_at")
        )
    )


def is_chain() -> Column:
    """Whether this number is the first of three that are one person."""
    return F.col("customer_no") % CHAINS_EVERY == CHAIN


def follows(rest: int, every: int, first: int) -> Column:
    """Whether this number is so many after one that is `first` among `every`."""
    return F.col("customer_no") % every == first + rest


def owner(shop: Shop, kind: str) -> Column:
    """Whose e-mail or phone this customer has: the own number, or that of the account before."""
    number = F.col("customer_no")
    in_chain = follows(1, CHAINS_EVERY, CHAIN) | follows(2, CHAINS_EVERY, CHAIN)
    is_second = follows(1, TWINS_EVERY, TWIN) & ~in_chain
    by_mail = shop.dice.below(2, "twins share", number - 1) == 0
    borrowed = {
        "email": (is_second & by_mail) | follows(1, CHAINS_EVERY, CHAIN),
        "phone": (is_second & ~by_mail) | follows(2, CHAINS_EVERY, CHAIN),
    }[kind]
    return F.when(borrowed, number - 1).otherwise(number)


def email(shop: Shop) -> Column:
    every, which, text = PLACEHOLDERS["email"]
    value = written(owner(shop, "email"), "user%d@mail.example", " User%d@MAIL.example ")
    return F.when(F.col("customer_no") % every == which, text).otherwise(value)


def phone(shop: Shop) -> Column:
    every, which, text = PLACEHOLDERS["phone"]
    value = written(owner(shop, "phone"), "+43 664 %09d", "0043664%09d", "0664/%09d", "+43 (0)664-%09d")
    is_switchboard = F.col("customer_no") % SWITCHBOARD_EVERY == SWITCHBOARD
    found = F.when(is_switchboard, "+43 1 5000000").otherwise(value)
    return F.when(F.col("customer_no") % every == which, text).otherwise(found)


def written(number: Column, *ways: str) -> Column:
    """`number` in one of the ways to write it, another for the next customer."""
    way = F.pmod(F.col("customer_no"), F.lit(len(ways)).cast("bigint"))
    return one_of(way, [F.format_string(text, number) for text in ways])


def one_of(index: Column, values: list[Column]) -> Column:
    """The value at `index`."""
    found = F.when(index == 0, values[0])
    for position, value in enumerate(values[1:], start=1):
        found = found.when(index == position, value)
    return found


def same_persons(shop: Shop) -> DataFrame:
    """One row per account of a person with several: customer_id and person_id, the first of the accounts."""
    first = shop.spark.range(shop.world.customers).select(F.col("id").alias("customer_no"))
    last = shop.world.customers - 1
    size = F.when(is_chain(), F.lit(2)).otherwise(F.lit(1))
    begins = is_chain() | ((F.col("customer_no") % TWINS_EVERY == TWIN) & ~is_chain())
    accounts = F.sequence(F.col("customer_no"), F.least(F.col("customer_no") + size, F.lit(last)))
    return (
        first.where(begins & (F.col("customer_no") < last))
        .select("customer_no", F.explode(accounts).alias("account"))
        .select(
            customer_id(F.col("account")).alias("customer_id"), customer_id(F.col("customer_no")).alias("person_id")
        )
    )
