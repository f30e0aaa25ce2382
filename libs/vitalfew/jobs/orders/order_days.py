"""Which days have changed since the facts were made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Context, Decimal
from typing import Any

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from vitalfew.dataframes.collect import collect_rows
from vitalfew.dataframes.hash_sums import hash_sum
from vitalfew.domain.order_windows import days_after
from vitalfew.errors import AnalysisError

EARLIEST, LATEST = date(1700, 1, 1), date(2200, 1, 1)
"""Days that are times on every engine."""
SUMS = ("lines", "amount", "fingerprint")
"""What is known of a day: sums over its lines."""
WIDE = Context(prec=60)
HASHED = ("order_id", "customer_id", "product_id", "ordered_at", "amount", "cost", "channel", "line_kind", "pieces")


def days(lines: DataFrame, salt: str) -> DataFrame:
    """ORDER_DAYS of the understood `lines`, and the least and greatest hash of a currency; `salt`: what else counts."""
    hashed = lines.select(
        F.to_date("ordered_at").alias("ordered_on"), "amount", "currency", hash_of_line(salt).alias("hash")
    )
    currency = F.when(F.col("currency").isNotNull(), F.xxhash64("currency"))
    return hashed.groupBy("ordered_on").agg(
        F.count(F.lit(1)).alias("lines"),
        F.sum("amount").cast("decimal(28,2)").alias("amount"),
        hash_sum("hash").alias("fingerprint"),
        # as numbers: for the least of texts, Spark sorts all lines
        F.min(currency).alias("least_currency"),
        F.max(currency).alias("greatest_currency"),
    )


def hash_of_line(salt: str) -> Column:
    """A number that changes with anything the facts take from a line; the same on every engine.

    A NULL leaves the hash as it is: columns of one type that may be NULL must not stand side by side in HASHED.
    """
    return F.xxhash64(F.lit(salt), *HASHED)


def moved(
    old: Mapping[date, Mapping[str, Any]],
    came: Mapping[date, Mapping[str, Any]],
    gone: Mapping[date, Mapping[str, Any]],
) -> dict[date, Mapping[str, Any]]:
    """The days, by day, after some lines came and some are gone: all that is known of a day adds up."""
    found = dict(old)
    for day in came.keys() | gone.keys():
        sums = [
            sum(sign * exact(days_[day][name]) for sign, days_ in ((1, came), (-1, gone)) if day in days_)
            for name in SUMS
        ]
        now = [exact(old[day][name]) + more if day in old else more for name, more in zip(SUMS, sums, strict=True)]
        found[day] = {"ordered_on": day, **{n: as_stored(n, value) for n, value in zip(SUMS, now, strict=True)}}
    return {day: row for day, row in found.items() if row["lines"] > 0}


def exact(value: int | Decimal) -> int:
    """A whole number of pieces, hundredths or hashes: sums of Decimals would be rounded to 28 digits."""
    return value if isinstance(value, int) else int(value.scaleb(-int(value.as_tuple().exponent), WIDE))


def as_stored(name: str, value: int) -> int | Decimal:
    """What `exact` was given."""
    return value if name == "lines" else Decimal(value).scaleb(-2 if name == "amount" else 0, WIDE)


def known(frame: DataFrame) -> dict[date, Mapping[str, Any]]:
    """The rows of ORDER_DAYS by day."""
    return {row["ordered_on"]: row.asDict() for row in collect_rows(frame, "days with orders")}


def changed(now: Mapping[date, Mapping[str, Any]], old: Mapping[date, Mapping[str, Any]]) -> set[date]:
    """Days that appeared, vanished, or whose lines are others."""
    return {
        day
        for day in now.keys() | old.keys()
        if day not in now or day not in old or any(now[day][c] != old[day][c] for c in SUMS)
    }


def lines_on(lines: DataFrame, days_: Sequence[date]) -> DataFrame:
    """The `lines` of some days, in order."""
    return lines_between(lines, days_[0], days_[-1]).where(F.to_date("ordered_at").isin(list(days_)))


def lines_between(lines: DataFrame, first: date, last: date) -> DataFrame:
    """The `lines` from the day `first` to the day `last`; bounds in time let engines skip files that lie outside."""
    on = F.to_date("ordered_at")
    found = lines.where((on >= F.lit(first)) & (on <= F.lit(last)))
    if first >= EARLIEST:
        found = found.where(F.col("ordered_at") >= F.lit(first).cast("timestamp"))
    if last < LATEST:
        found = found.where(F.col("ordered_at") < F.lit(days_after(last, 1)).cast("timestamp"))
    return found


def around(days_: set[date], reach: int) -> list[date]:
    """`days_` and those up to `reach` days before and after them, in order."""
    return sorted({days_after(day, step) for day in days_ for step in range(-reach, reach + 1)})


def refuse_other_currency(came: Mapping[date, Mapping[str, Any]], lines: DataFrame) -> None:
    """AnalysisError where the lines that `came` are not in the one currency of all `lines`."""
    named = {row[c] for row in came.values() for c in ("least_currency", "greatest_currency") if row[c] is not None}
    other = F.col("currency").isNotNull() & ~F.xxhash64("currency").isin(sorted(named))
    if len(named) > 1 or (named and collect_rows(lines.where(other).limit(1), "a line in another currency")):
        refuse_currencies(lines)


def one_currency(now: Mapping[date, Mapping[str, Any]], lines: DataFrame) -> None:
    """AnalysisError, with counts, where the lines are in more than one currency."""
    named = {row[c] for row in now.values() for c in ("least_currency", "greatest_currency") if row[c] is not None}
    if len(named) > 1:
        refuse_currencies(lines)


def refuse_currencies(lines: DataFrame) -> None:
    counted = collect_rows(
        lines.groupBy("currency").agg(F.count(F.lit(1)).alias("n"), F.sum("amount").alias("money")).orderBy("currency"),
        "currencies",
    )
    told = ", ".join(f"{row['currency'] or 'none'} ({row['n']:,} lines, {row['money']:,.2f})" for row in counted)
    raise AnalysisError(
        f"order_lines is in several currencies: {told}. Sums of them mean nothing: convert the amounts in the target's "
        "mapping, or choose one with `where`."
    )
