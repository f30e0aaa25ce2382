"""What the company has on file of a person: age and sign from the birth date, and the rest as it is."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from vitalfew.jobs.customer360.tables import ATTRIBUTES

OLDEST = 120
PLAIN = ("person_id", "accounts", "is_registered", "is_member", "joined_on")
SIGNS = (
    (119, "Capricorn"),
    (218, "Aquarius"),
    (320, "Pisces"),
    (419, "Aries"),
    (520, "Taurus"),
    (620, "Gemini"),
    (722, "Cancer"),
    (822, "Leo"),
    (922, "Virgo"),
    (1022, "Libra"),
    (1121, "Scorpio"),
    (1221, "Sagittarius"),
    (1231, "Capricorn"),
)
"""The last day, month * 100 + day, of each tropical sign through the year."""


def is_plausible(as_of: date) -> Column:
    """Whether a birth date is before `as_of`, and not over 120 years ago."""
    return (F.col("birth_date") < F.lit(as_of)) & (age_years(as_of) <= OLDEST)


def age_years(as_of: date) -> Column:
    """Full years from the birth date to `as_of`."""
    birthday = F.month("birth_date") * 100 + F.dayofmonth("birth_date")
    is_before_birthday = F.lit(as_of.month * 100 + as_of.day) < birthday
    return F.lit(as_of.year) - F.year("birth_date") - is_before_birthday.cast("int")


def zodiac_sign() -> Column:
    """The sign of the birth date."""
    birthday = F.month("birth_date") * 100 + F.dayofmonth("birth_date")
    found = F.when(birthday <= SIGNS[0][0], SIGNS[0][1])
    for last, sign in SIGNS[1:]:
        found = found.when(birthday <= last, sign)
    return found


def person_attributes(identities: DataFrame, profile: DataFrame, as_of: date) -> DataFrame:
    """One row per person with the attributes of CUSTOMER360.

    Where several accounts say something, the one with the latest registration does, ties by the greatest customer_id.
    """
    accounts = identities.select("customer_id", "person_id", "accounts").join(profile, on="customer_id", how="left")
    values = {
        "birth_date": F.when(is_plausible(as_of), F.col("birth_date")),
        **{name: F.col(name) for name in ATTRIBUTES},
    }
    alone = accounts.where("accounts = 1").select(*PLAIN, *[value.alias(name) for name, value in values.items()])
    whole = alone.unionByName(latest(accounts.where("accounts > 1"), values))
    registered = F.coalesce("is_registered", F.lit(False))
    told = {"is_registered": registered, "age_years": age_years(as_of), "zodiac_sign": zodiac_sign()}
    return whole.withColumns(told).drop("birth_date")


def latest(accounts: DataFrame, values: Mapping[str, Column]) -> DataFrame:
    """One row per person with what the latest of the accounts says that says anything."""
    told = accounts.withColumn("since", F.coalesce("joined_on", F.lit("0001-01-01").cast("date")))
    merged = told.groupBy("person_id").agg(
        F.max("accounts").alias("accounts"),
        (F.max(F.col("is_registered").cast("int")) == 1).alias("is_registered"),
        (F.max(F.col("is_member").cast("int")) == 1).alias("is_member"),
        F.min("joined_on").alias("joined_on"),
        *[F.max(F.when(value.isNotNull(), said(value))).alias(name) for name, value in values.items()],
    )
    return merged.select(*PLAIN, *[F.col(f"{name}.value").alias(name) for name in values])


def said(value: Column) -> Column:
    """To be maximised: who said it last, and what."""
    return F.struct("since", "customer_id", value.alias("value"))
