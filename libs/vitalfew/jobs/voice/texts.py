"""The events that are texts or signals of a burst, and the themes and attributes of each."""

from __future__ import annotations

from datetime import date

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from vitalfew.algorithms.texts.runs import MOST_CHARACTERS
from vitalfew.domain.event_kinds import is_kind, kind_of_event
from vitalfew.domain.order_windows import days_after, is_sale
from vitalfew.jobs.voice.params import VoiceParams

BAD, GOOD = 1, 0
WEEK = 7
YEAR = 52
"""Weeks from a season to the same season."""


def texts_and_signals(events: DataFrame, params: VoiceParams, as_of: date) -> DataFrame:
    """KEPT (themed_rows), product_id, channel and text of the events that are a text, a complaint or a rating."""
    on = F.to_date("happened_at")
    is_in = (on < F.lit(as_of)) & (on >= F.lit(days_after(as_of, -WEEK * weeks_read(params))))
    is_text = is_kind(params.text_kinds) & (F.length(F.trim("detail")) > 0)
    is_rated = is_kind(params.rating_kinds) & F.col("value").isNotNull() & ~F.isnan("value")
    is_bad = is_rated & (F.col("value") <= params.bad_rating)
    is_complaint = is_kind(params.complaint_kinds)
    mood = F.when(is_bad, F.lit(BAD)).when(is_rated, F.lit(GOOD)).cast("int")
    found = events.where(is_in & (is_text | is_complaint | is_rated))
    return found.select(
        kind_of_event().alias("kind"),
        "customer_id",
        *back(on, as_of, params),
        mood.alias("mood"),
        yes(is_complaint).alias("is_complaint"),
        yes(is_bad).alias("is_bad"),
        F.lit(False).alias("is_return"),
        yes(is_text).alias("is_text"),
        "product_id",
        "channel",
        F.when(is_text, F.substring("detail", 1, MOST_CHARACTERS)).alias("text"),
    )


def returns(orders: DataFrame, params: VoiceParams, as_of: date) -> DataFrame:
    """As `texts_and_signals`: products that came back, in an order of their own or in a sale."""
    on = F.col("ordered_on")
    is_in = (on < F.lit(as_of)) & (on >= F.lit(days_after(as_of, -WEEK * params.window_weeks)))
    came_back = F.when(F.col("kind") == "return", F.col("product_ids")).when(is_sale(), F.col("returned_ids"))
    return orders.where(is_in).select(
        F.lit("return").alias("kind"),
        "customer_id",
        *back(on, as_of, params),
        F.lit(None).cast("int").alias("mood"),
        *[F.lit(False).alias(name) for name in ("is_complaint", "is_bad")],
        F.lit(True).alias("is_return"),
        F.lit(False).alias("is_text"),
        F.explode(came_back).alias("product_id"),
        "channel",
        F.lit(None).cast("string").alias("text"),
    )


def weeks_read(params: VoiceParams) -> int:
    """The window, and the weeks a year before the recent ones."""
    return max(params.window_weeks, YEAR + params.recent_weeks)


def back(on: Column, as_of: date, params: VoiceParams) -> list[Column]:
    """week and period of a day before `as_of`."""
    age = F.datediff(F.lit(as_of), on) - 1
    return [
        F.floor(age / F.lit(days)).cast("int").alias(name)
        for name, days in (("week", WEEK), ("period", params.burst_days))
    ]


def yes(condition: Column) -> Column:
    return F.coalesce(condition, F.lit(False))
