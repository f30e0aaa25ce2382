"""Contact details as keyed hashes: what leaves this module tells two of them apart, and nothing more."""

from __future__ import annotations

from pydantic import SecretStr
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from vitalfew.dataframes.keyed_hashes import with_hash

SHORTEST_PHONE, LONGEST_PHONE = 7, 15  # digits, ITU-T E.164
SHORTEST_MEMBERSHIP = 4


def identifiers(
    contacts: DataFrame, join_by: tuple[str, ...], country_code: str, hash_key: SecretStr | None
) -> DataFrame:
    """customer_id, rule, evidence: each contact of a kind that joins, as a keyed hash; NULL where it is unusable.

    Without a key there are none: a plain hash of a phone number is guessed in a second.
    """
    kind = F.lower(F.trim("kind"))
    of_kind = contacts.where(kind.isin([*join_by])).select("customer_id", kind.alias("rule"), "value")
    plain = of_kind.select("customer_id", "rule", normalised(country_code).alias("plain"))
    said = plain.select("customer_id", "rule", F.concat("rule", F.lit(":"), "plain").alias("said"))
    if hash_key is None:
        return said.where(F.lit(False)).withColumnRenamed("said", "evidence")
    return with_hash(said, "said", hash_key.get_secret_value().encode(), "evidence").drop("said")


def normalised(country_code: str) -> Column:
    """`value` in the one form of its `rule`; NULL where it can be no such thing."""
    return (
        F.when(F.col("rule") == "email", email(F.col("value")))
        .when(F.col("rule") == "phone", phone(F.col("value"), country_code))
        .when(F.col("rule") == "membership", membership(F.col("value")))
    )


def email(value: Column) -> Column:
    """In lower case, without white space around it."""
    plain = F.lower(F.trim(value))
    return F.when(plain.rlike(r"^[^@\s]+@[^@\s]+\.[^@\s]+$"), plain)


def phone(value: Column, country_code: str) -> Column:
    """Digits of the international number: +43 (0)1 234, 0043 1 234 and, at home, 01 234 are one."""
    dialled = F.regexp_replace(F.regexp_replace(value, r"\(0\)", ""), r"[^0-9+]", "")
    digits = F.regexp_replace(dialled, r"[^0-9]", "")
    at_home = F.concat(F.lit(country_code), F.substring(digits, 2, 100)) if country_code else digits
    plain = (
        F.when(dialled.startswith("+"), digits)
        .when(digits.startswith("00"), F.substring(digits, 3, 100))
        .when(digits.startswith("0"), at_home)
        .otherwise(digits)
    )
    return F.when(F.length(plain).between(SHORTEST_PHONE, LONGEST_PHONE) & is_varied(plain), plain)


def membership(value: Column) -> Column:
    """Letters and digits, in upper case."""
    plain = F.upper(F.regexp_replace(value, r"[^A-Za-z0-9]", ""))
    return F.when((F.length(plain) >= SHORTEST_MEMBERSHIP) & is_varied(plain), plain)


def is_varied(text: Column) -> Column:
    """Whether not all characters are the same, as in 0000000, which stands for none."""
    return F.length(F.replace(text, F.substring(text, 1, 1), F.lit(""))) > 0
