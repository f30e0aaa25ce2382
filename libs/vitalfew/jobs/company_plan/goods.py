"""What to do about goods: what to order, which discounts to stop or to repeat, which products to sell as one."""

from __future__ import annotations

from datetime import date

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from vitalfew.dataframes.ratios import ratio, ratio_to_digits
from vitalfew.domain.product_names import with_names
from vitalfew.jobs.company_plan.params import CompanyPlanParams
from vitalfew.jobs.company_plan.tables import ASSUMED, BUNDLE, ESTIMATED, ORDER_STOCK, REPEAT_DISCOUNT, STOP_DISCOUNT
from vitalfew.jobs.company_plan.things import thing
from vitalfew.messages.sentences import choose, say

WEEK = 7
COUNTED = ("order", "minimum", "shelf_life")
"""Of `purchase_plan.why`: what stock says that is to be ordered."""


def stock(plan: DataFrame, products: DataFrame) -> DataFrame:
    """What to order, where stock is known: what the order saves within the days that it is to last."""
    wanted = plan.where(F.col("why").isin(*COUNTED) & (F.col("quantity") > 0) & (F.col("on_hand").isNotNull()))
    whole = with_names(wanted, products)
    there = F.greatest("on_hand", F.lit(0.0)) + F.greatest(F.coalesce("on_order", F.lit(0.0)), F.lit(0.0))
    figures = {"expected": F.col("expected_units"), "days": F.col("cover_days"), "there": there}
    unit_cost = F.greatest(F.col("price") - F.col("unit_margin"), F.lit(0.0))
    return whole.select(
        *thing(
            ORDER_STOCK,
            "product_id",
            say("company_plan.action.order_stock", quantity=F.col("quantity"), item=F.col("item")),
            say("company_plan.reason.order_stock", **figures),
            F.when(F.col("is_margin_assumed"), ASSUMED).otherwise(ESTIMATED),
            days=F.col("cover_days"),
            value=F.col("cost_of_nothing") - F.col("expected_cost"),
            cost=F.col("quantity") * unit_cost,
        )
    )


def with_profit(
    costs: DataFrame, elasticities: DataFrame, plan: DataFrame, products: DataFrame, params: CompanyPlanParams
) -> DataFrame:
    """`costs` with `profit`, `profit_low` and `profit_high`: what the weeks at a discount left, less what they would
    have left at the usual price. Units that came only for the discount are paid for at cost."""
    known = plan.where("not is_margin_assumed and price > 0").select(
        "product_id",
        F.greatest(F.col("price") - F.col("unit_margin"), F.lit(0.0)).alias("own_cost"),
    )
    weeks = elasticities.select("product_id", F.col("weeks").alias("weeks_on_offer"), "usual_price")
    whole = costs.join(weeks, on="product_id", how="inner").join(known, on="product_id", how="left")
    unit_cost = F.coalesce("own_cost", F.col("usual_price") * (1 - params.margin))

    def left(change: str, anyway: str) -> Column:
        return F.col(change).cast("double") - unit_cost * (F.col("units") - F.col(anyway))

    profit = left("revenue_change", "anyway_units")
    ends = [left("revenue_change_low", "anyway_units_high"), left("revenue_change_high", "anyway_units_low")]
    return with_names(whole, products).withColumns(
        {
            "profit": profit,
            "profit_low": F.least(profit, *ends),
            "profit_high": F.greatest(profit, *ends),
            "is_assumed": F.col("own_cost").isNull(),
            "needed": margin_needed(),
        }
    )


def margin_needed() -> Column:
    """The margin, as a share of the usual price, above which the discounts earned money; 1: no margin is enough."""
    extra = F.col("usual_price") * (F.col("units") - F.col("anyway_units"))
    paid = ratio(F.col("revenue_change").cast("double"), F.when(extra > 0, extra))
    return F.least(F.greatest(1 - F.coalesce(paid, F.lit(0.0)), F.lit(0.0)), F.lit(1.0))


def discounts(profits: DataFrame, params: CompanyPlanParams) -> DataFrame:
    """Discounts that surely lost money, as often as they were given; one more week of those that surely earned it."""
    loses = F.col("profit_high") < 0
    told = profits.where(loses | (F.col("profit_low") > 0))
    usual = ratio_to_digits(F.lit(-params.period_days / WEEK), F.col("weeks_on_offer"))
    factor = F.when(loses, usual).otherwise(ratio_to_digits(F.lit(1.0), F.col("weeks")))
    ends = [F.col(name) * factor for name in ("profit_low", "profit_high")]
    amounts = {"value": F.col("profit") * factor, "value_low": F.least(*ends), "value_high": F.greatest(*ends)}
    item = {"item": F.col("item")}
    figures = {
        "units": F.round("units").cast("bigint"),
        "weeks": F.col("weeks"),
        "low": ratio(F.col("anyway_units_low"), F.col("units")),
        "high": ratio(F.col("anyway_units_high"), F.col("units")),
    }
    return told.select(
        *thing(
            F.when(loses, STOP_DISCOUNT).otherwise(REPEAT_DISCOUNT),
            "product_id",
            choose(
                (loses, say("company_plan.action.stop_discount", **item)),
                otherwise=say("company_plan.action.repeat_discount", **item),
            ),
            choose(
                (F.col("needed") < 1, say("company_plan.reason.discount", **figures, needed=F.col("needed"))),
                otherwise=say("company_plan.reason.discount_never", **figures),
            ),
            F.when(F.col("is_assumed"), ASSUMED).otherwise(ESTIMATED),
            days=F.when(loses, params.period_days).otherwise(WEEK),
            **amounts,
        )
    )


def pairs(
    bundles: DataFrame, orders: DataFrame, products: DataFrame, params: CompanyPlanParams, as_of: date
) -> DataFrame:
    """Bundles that earn more from who takes both instead of one than they cost with who takes both anyway."""
    first = orders.where(F.col("ordered_on") < F.lit(as_of)).agg(F.min("ordered_on").alias("first_on"))
    priced = bundles.where("price_together is not null").crossJoin(first)
    whole = with_names(with_names(priced, products, "item", "name"), products, "other", "other_name")
    apart, together, floor = (F.col(f"price_{name}").cast("double") for name in ("apart", "together", "floor"))
    led = F.lit(params.take_up) * F.col("n_one_only") * (together - floor)
    history = F.greatest(F.datediff(F.lit(as_of), F.col("first_on")), F.lit(1))
    value = (led - F.col("n") * (apart - together)) * ratio_to_digits(F.lit(float(params.period_days)), history)
    figures = {name: F.col(name) for name in ("n", "n_one_only", "break_even")}
    names = {"item": F.col("name"), "other": F.col("other_name"), "price": together}
    reason = say("company_plan.reason.bundle", **figures, take_up=F.lit(params.take_up))
    action = say("company_plan.action.bundle", **names)
    return whole.select(
        *thing(BUNDLE, "item", action, reason, ASSUMED, F.col("other"), days=params.period_days, value=value)
    )
