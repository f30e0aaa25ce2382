"""What kind of buyer a person is, by stated rules, with the numbers that decided and what to do."""

from __future__ import annotations

from pyspark.sql import Column
from pyspark.sql import functions as F

from vitalfew.dataframes.ratios import ratio
from vitalfew.jobs.customer360.params import Customer360Params

ERRORS = 2.0
"""What is cheap, dear or preferred has to be so many standard errors off what is everybody's."""

ACTIONS = {
    "price-insensitive": "Show the best first; spend no discount on them.",
    "quality-seeking": "Show the best first, and tell them when it is on promotion.",
    "bargain-seeking": "Tell them of promotions and large packs; do not lead with the dear.",
    "safety-seeking": "Show best sellers, ratings and guarantees; introduce what is new beside what they know.",
    "balanced": "Recommend by taste; price decides little either way.",
    "unknown": "Learn first: show a cheap, a usual and a dear one of what they look at.",
}


def rules(params: Customer360Params) -> list[tuple[str, Column]]:
    """Each type and its condition; the first that holds decides."""
    position, promotions = F.col("price_position"), F.coalesce("promotion_share", F.lit(0.0))
    off_centre = F.abs(position - 0.5) > ERRORS * F.coalesce("price_position_error", F.lit(1.0))
    is_dear = (position >= params.dear_position) & off_centre
    is_cheap = (position <= params.cheap_position) & off_centre
    usual, excess = F.col("usual_leader_share"), F.col("leader_share") - F.col("usual_leader_share")
    chance = F.sqrt(ratio(usual * (1 - usual), F.col("branded_purchases")))
    is_safe = (excess >= params.least_leader_excess) & (excess > ERRORS * chance)
    return [
        ("unknown", F.coalesce("priced_purchases", F.lit(0)) < params.least_purchases),
        ("price-insensitive", is_dear & (promotions <= params.seldom_on_promotion)),
        ("quality-seeking", is_dear),
        ("bargain-seeking", is_cheap | (promotions >= params.often_on_promotion)),
        ("safety-seeking", F.coalesce(is_safe, F.lit(False))),
        ("balanced", F.lit(True)),
    ]


def price_type(params: Customer360Params) -> Column:
    return F.coalesce(*[F.when(holds, F.lit(name)) for name, holds in rules(params)])


def price_evidence(params: Customer360Params) -> Column:
    """The numbers behind `price_type`, in words."""
    few = F.format_string(
        f"%d priced purchases, fewer than {params.least_purchases}", F.coalesce("priced_purchases", F.lit(0))
    )
    numbers = F.format_string(
        "%s %% of what is sold of the like is cheaper than what they buy (50 is everybody's, ± %s), "
        "%s %% on promotion, %s from best-selling brands (where all buy %s), in %d purchases",
        percent("price_position"),
        percent("price_position_error"),
        percent("promotion_share"),
        F.concat(percent("leader_share"), F.lit(" %")),
        F.concat(percent("usual_leader_share"), F.lit(" %")),
        F.col("priced_purchases"),
    )
    return F.when(F.col("price_type") == "unknown", few).otherwise(numbers)


def percent(share: str) -> Column:
    """A share in whole per cent."""
    return F.coalesce(F.floor(F.col(share) * 100 + F.lit(0.5)).cast("string"), F.lit("?"))


def action() -> Column:
    return F.coalesce(*[F.when(F.col("price_type") == name, F.lit(text)) for name, text in ACTIONS.items()])
