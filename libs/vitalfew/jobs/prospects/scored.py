"""The rows of PROSPECTS: probability, likeness, value, offer, verdict, and the sentences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import reduce

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from vitalfew.algorithms.statistics.monotone import Curve
from vitalfew.dataframes.ratios import ratio
from vitalfew.jobs.prospects.behaviour import MOST_ODDS, Model
from vitalfew.jobs.prospects.customers import is_referred
from vitalfew.jobs.prospects.judged import Judged
from vitalfew.jobs.prospects.likeness import Likeness
from vitalfew.jobs.prospects.panel import SIGNS, attribute_names
from vitalfew.jobs.prospects.params import ProspectsParams
from vitalfew.jobs.prospects.people import FIRST_CHANNEL, FIRST_KIND
from vitalfew.jobs.prospects.rules import Rule
from vitalfew.jobs.prospects.tables import (
    BEHAVIOUR,
    CONTACT,
    LEAVE,
    LOOKED_FOR,
    MONEY,
    NURTURE,
    POPULAR,
    PROSPECTS,
    TIERS,
    UNKNOWN,
)
from vitalfew.messages.sentences import Sentence, choose, say, with_texts
from vitalfew.messages.words import Words

DIGITS = 6


def summed(columns: Sequence[Column]) -> Column:
    return reduce(lambda left, right: left + right, columns, F.lit(0.0))


def by_value(name: str, said: Mapping[str, float]) -> Column:
    """What each value of a column says; 0 of others and of NULL."""
    if not said:
        return F.lit(0.0)
    first, *others = sorted(said.items())
    chosen = F.when(F.col(name) == F.lit(first[0]), F.lit(first[1]))
    for value, number in others:
        chosen = chosen.when(F.col(name) == F.lit(value), F.lit(number))
    return chosen.otherwise(F.lit(0.0))


def odds(model: Model, values: Sequence[Sequence[str]], params: ProspectsParams) -> Column:
    """The log-odds of Model.raw, of columns."""
    weights = [float(weight) for weight in model.weights]
    signs = [F.lit(w) * F.log1p(F.col(name).cast("double")) for name, w in zip(SIGNS, weights, strict=False)]
    attributes = [
        by_value(name, {value: weight * float(said) for value, said in zip(texts, by_code, strict=True) if said})
        for name, weight, texts, by_code in zip(
            attribute_names(params), weights[len(SIGNS) :], values, model.contrasts, strict=True
        )
    ]
    return F.lit(float(model.intercept)) + summed([*signs, *attributes])


def on_curve(at: Column, curve: Curve) -> Column:
    """Curve.at, of a column."""
    if not curve.knots:
        return at
    knots, values = curve.knots, curve.values
    found = F.when(at <= F.lit(knots[0]), at + F.lit(values[0] - knots[0]))
    for place in range(1, len(knots)):
        slope = (values[place] - values[place - 1]) / (knots[place] - knots[place - 1])
        inner = F.lit(values[place - 1]) + (at - F.lit(knots[place - 1])) * F.lit(slope)
        found = found.when(at <= F.lit(knots[place]), inner)
    return found.otherwise(at + F.lit(values[-1] - knots[-1]))


def of_rule(rule: Rule) -> Column:
    """Rule.probability, of a column."""
    rates = [float(rate) for rate in rule.rates]
    found = F.lit(rates[-1])
    for edge, rate in reversed([*zip(rule.edges, rates[:-1], strict=True)]):
        found = F.when(F.col(rule.sign) < F.lit(edge), F.lit(rate)).otherwise(found)
    return found


def with_probability(
    frame: DataFrame, judged: Judged, values: Sequence[Sequence[str]], params: ProspectsParams
) -> DataFrame:
    """`frame` with p_order_<horizon>, by the published method; NULL without one."""
    name = f"p_order_{judged.horizon}"
    if judged.method == BEHAVIOUR and judged.model is not None:
        with_odds = frame.withColumn("_odds", F.round(odds(judged.model, values, params), 9))
        most = F.lit(MOST_ODDS)
        told = F.greatest(F.least(on_curve(F.col("_odds"), judged.model.calibration), most), -most)
        return with_odds.withColumn(name, F.round(ratio(F.lit(1.0), F.lit(1.0) + F.exp(-told)), DIGITS)).drop("_odds")
    if judged.rule is not None:
        return frame.withColumn(name, F.round(of_rule(judged.rule), DIGITS))
    return frame.withColumn(name, F.lit(None).cast("double"))


def in_order(frame: DataFrame, short: Judged, long: Judged) -> DataFrame:
    """`frame` with no probability of the shorter horizon above that of the longer one.

    Of one method the larger is that of the longer horizon (as quantiles are rearranged by Chernozhukov and others,
    2010); else the method that knows less gives way.
    """
    if short.method is None or long.method is None:
        return frame
    names = [f"p_order_{each.horizon}" for each in (short, long)]
    least, most = F.least(*names), F.greatest(*names)
    first, second = (F.col(name) for name in names)
    if short.method == long.method:
        first, second = least, most
    elif long.method == BEHAVIOUR:
        first = least
    else:
        second = most
    return frame.withColumns(dict(zip(names, (first, second), strict=True)))


def with_value(frame: DataFrame, like: Likeness | None, mean_cents: float | None, usable: Sequence[str]) -> DataFrame:
    """`frame` with likeness (NULL where none of the traits is known) and value, in money."""
    low, middle, high = TIERS[2], TIERS[1], TIERS[0]
    mean = F.lit(money(mean_cents)).cast(MONEY)
    if like is None:
        return frame.withColumns({"likeness": F.lit(None).cast("string"), "expected_value": mean})
    total = F.round(summed([by_value(n, said) for n, said in zip(usable, like.log_odds, strict=True)]), 6)
    is_known = F.coalesce(*[F.col(name) for name in usable]).isNotNull()
    third = F.when(total >= F.lit(like.cuts[1]), high).when(total >= F.lit(like.cuts[0]), middle).otherwise(low)
    tier = F.when(is_known, third)
    amounts = {name: F.lit(money(cents)).cast(MONEY) for name, cents in zip(reversed(TIERS), like.cents, strict=True)}
    worth = F.when(F.col("likeness") == high, amounts[high]).when(F.col("likeness") == middle, amounts[middle])
    valued = worth.when(F.col("likeness") == low, amounts[low]).otherwise(mean)
    return frame.withColumn("likeness", tier).withColumn("expected_value", valued)


def money(cents: float | None) -> Decimal | None:
    """Hundredths as money, no less than nothing: nobody is worth less than that before the first order."""
    return None if cents is None else Decimal(max(0, round(cents))) / 100


def traits_of(people: DataFrame, any_referred: bool) -> DataFrame:
    """`people` with what likeness goes by, known at as_of."""
    return people.withColumn("referred", is_referred(F.col("referred_ago").isNotNull(), any_referred))


def usable_traits(params: ProspectsParams) -> tuple[str, ...]:
    """The traits that prospects have too."""
    return *params.attributes, FIRST_CHANNEL, FIRST_KIND, "referred"


def probability() -> Column:
    """Of the longest horizon that is known."""
    return F.coalesce("p_order_90", "p_order_30")


def verdict(params: ProspectsParams) -> Column:
    """What a contact is assumed to bring against what it costs; no probability rises above 1."""
    more = F.least(probability() * F.lit(params.assumed_gain), F.lit(1.0) - probability())
    gain = F.round(more * F.col("expected_value").cast("double") * F.lit(params.margin), 6)
    return (
        F.when(F.col("worth").isNull(), UNKNOWN)
        .when(gain >= F.lit(params.contact_cost), CONTACT)
        .when(gain >= F.lit(params.nurture_cost), NURTURE)
        .otherwise(LEAVE)
    )


def prospects(
    scored: DataFrame,
    wants: DataFrame,
    most: tuple[str, float] | None,
    params: ProspectsParams,
    as_of: date,
    words: Words,
) -> DataFrame:
    """PROSPECTS, of people with their signs, probabilities and value."""
    joined = scored.join(wants, on="customer_id", how="left")
    worth = F.round(probability() * F.col("expected_value").cast("double"), 2).cast(MONEY)
    basis = F.when(F.col("first_offer_product_id").isNotNull(), LOOKED_FOR)
    rate = F.col("offer_rate")
    product = F.col("first_offer_product_id")
    if most is not None:
        basis = basis.otherwise(POPULAR)
        product = F.coalesce(product, F.lit(most[0]))
        rate = F.when(F.col("first_offer_product_id").isNotNull(), rate).otherwise(F.lit(round(most[1], DIGITS)))
    filled = joined.select(
        "customer_id",
        F.date_sub(F.lit(as_of), F.col("seen_ago")).alias("first_seen_on"),
        F.col("recency_days").cast("int").alias("last_seen_days"),
        *["active_days_7", "active_days", "searches", "views", "carts", "wishes"],
        *[(F.col(name) > 0).alias(name) for name in ("is_registered", "is_referred")],
        *["p_order_30", "p_order_90", "likeness", "expected_value"],
        worth.alias("worth"),
        *["looks_for", "looks_for_product_id"],
        product.alias("first_offer_product_id"),
        basis.alias("offer_basis"),
        rate.alias("offer_rate"),
    )
    judged = filled.withColumn("verdict", verdict(params))
    told = judged.select("*", *reason(params).named("reason"), *action().named("action"))
    return with_texts(told, PROSPECTS, words).select(*[name for name in PROSPECTS.columns if name != PROSPECTS.slice])


def reason(params: ProspectsParams) -> Sentence:
    """What is known of a prospect, in numbers."""
    seen = {
        "days": F.col("last_seen_days"),
        "active": F.col("active_days"),
        "memory": F.lit(params.memory_days),
        "carts": F.col("carts"),
        "wishes": F.col("wishes"),
    }
    horizon = F.when(F.col("p_order_90").isNotNull(), F.lit(90)).otherwise(F.lit(30))
    p = F.coalesce("p_order_90", "p_order_30", F.lit(0.0))
    value = F.coalesce("expected_value", F.lit(0).cast(MONEY))
    told = {**seen, "horizon": horizon, "p": p}
    return choose(
        (F.col("worth").isNotNull(), say("prospects.reason.valued", **told, value=value)),
        (F.coalesce("p_order_90", "p_order_30").isNotNull(), say("prospects.reason.predicted", **told)),
        otherwise=say("prospects.reason.seen", **seen),
    )


def action() -> Sentence:
    """What to do with a prospect."""
    what = {"product": F.coalesce("first_offer_product_id", F.lit("")), "rate": F.coalesce("offer_rate", F.lit(0.0))}
    is_looked = F.coalesce(F.col("offer_basis") == LOOKED_FOR, F.lit(False))
    has_offer = F.col("offer_basis").isNotNull()
    kind = F.col("verdict")
    return choose(
        (kind == LEAVE, say("prospects.action.leave")),
        ((kind == CONTACT) & is_looked, say("prospects.action.contact", **what)),
        ((kind == CONTACT) & has_offer, say("prospects.action.contact_popular", **what)),
        (kind == CONTACT, say("prospects.action.contact_open")),
        (is_looked, say("prospects.action.nurture", **what)),
        (has_offer, say("prospects.action.nurture_popular", **what)),
        otherwise=say("prospects.action.nurture_open"),
    )
