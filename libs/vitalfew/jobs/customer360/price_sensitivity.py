"""What kind of buyer a person is, by stated rules, with the numbers that decided and what to do."""

from __future__ import annotations

from pyspark.sql import Column
from pyspark.sql import functions as F

from vitalfew.dataframes.ratios import ratio
from vitalfew.jobs.customer360.params import Customer360Params
from vitalfew.jobs.customer360.tables import PRICE_TYPES
from vitalfew.messages.sentences import Sentence, choose, say

ERRORS = 2.0
"""What is cheap, dear or preferred has to be so many standard errors off what is everybody's."""


def rules(params: Customer360Params) -> list[tuple[str, Column]]:
    """Each type and its condition; the first that holds decides."""
    position, promotions = F.col("price_position"), F.coalesce("promotion_share", F.lit(0.0))
    off_centre = F.abs(position - 0.5) > ERRORS * F.coalesce("price_position_error", F.lit(1.0))
    is_dear = (position >= params.premium_position) & off_centre
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


def price_evidence(params: Customer360Params) -> Sentence:
    """The numbers behind `price_type`."""
    purchases = F.coalesce("priced_purchases", F.lit(0))
    numbers = say(
        "customer360.price_evidence.numbers",
        position=F.col("price_position"),
        error=F.col("price_position_error"),
        promotions=F.coalesce("promotion_share", F.lit(0.0)),
        brands=F.when(F.col("leader_share").isNull(), "none").otherwise("compared"),
        leader=F.col("leader_share"),
        usual=F.col("usual_leader_share"),
        purchases=purchases,
    )
    few = say("customer360.price_evidence.few", purchases=purchases, least=F.lit(params.least_purchases))
    return choose((F.col("price_type") == "unknown", few), otherwise=numbers)


def action() -> Sentence:
    """What to do, by `price_type`."""
    of_type = {name: say(f"customer360.action.{name.replace('-', '_')}") for name in PRICE_TYPES}
    return choose(*[(F.col("price_type") == name, sentence) for name, sentence in of_type.items()])
