"""What each possible action would bring and cost by each channel, in ten-thousandths of the currency."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from vitalfew.algorithms.allocation.columns import FOLLOWS, OPTION, ROOM, TAKER, TIE, VALUE, Limit
from vitalfew.dataframes.ratios import ratio_to_digits
from vitalfew.jobs.actions.customers import PROSPECT, drawn
from vitalfew.jobs.actions.measured import Effect, Learnt
from vitalfew.jobs.actions.params import ActionName, ActionsParams
from vitalfew.jobs.actions.tables import ASSUMED, CONTROL, EXPLORE
from vitalfew.jobs.uplift.tables import ACTIVE, LAPSED, NONE

UNITS = 10_000
MOST = 1e10
"""No single amount is larger: sums of millions of customers stay exact."""
UNLIMITED = 10**17
BUDGET = "budget"
KNOWN = (
    "action string, channel string, history string, basis string, effect double, money double, uplift_low double, "
    "uplift_high double, assumed_share double, gap_share double, "
    "contact double, offer double, is_year boolean, fixed double, is_review boolean, is_gap boolean, is_refer boolean"
)


@dataclass(frozen=True)
class Bound:
    """A limit of the plan as people know it: of which kind, its name, its capacity in its own unit; and its column."""

    kind: str
    name: str
    capacity: float | None
    use: str

    @property
    def scale(self) -> int:
        return UNITS if self.kind == BUDGET else 1

    def limit(self, used: float = 0.0, share: float = 1.0) -> Limit:
        """What of it is left when `used` is gone, and of that a share, in whole units."""
        if self.capacity is None:
            return Limit(self.use, UNLIMITED)
        return Limit(self.use, max(0, int(self.capacity * self.scale * share + 1e-9) - round(used)))


def bounds(params: ActionsParams) -> list[Bound]:
    """The budget, then the channels, then the actions."""
    channels, actions = params.channels.items(), params.actions.items()
    return [
        Bound(BUDGET, BUDGET, params.budget, "use_budget"),
        *[Bound("channel", name, each.capacity, f"use_channel_{i}") for i, (name, each) in enumerate(channels)],
        *[Bound("action", name, each.capacity, f"use_action_{name}") for name, each in actions],
    ]


def effect_rows(found: Mapping[tuple[ActionName, str, str], Effect], params: ActionsParams) -> list[tuple[object, ...]]:
    """A row of KNOWN for each action, channel and history."""
    rows: list[tuple[object, ...]] = []
    for (name, channel, history), effect in found.items():
        action = params.actions[name]
        costs = (params.channels[channel].cost, action.offer, action.worth == "year", action.value, name == "review")
        is_gap = action.worth == "gap" and action.value is None and effect.basis == ASSUMED
        rows.append(
            (
                name,
                channel,
                history,
                effect.basis,
                effect.uplift,
                effect.money,
                effect.low,
                effect.high,
                effect.assumed_share,
                effect.gap_share,
                *costs,
                is_gap,
                name == "refer",
            )
        )
    return rows


def units(money: Column) -> Column:
    """An amount as a whole number of UNITS, at most MOST."""
    return F.floor(F.least(F.greatest(money, F.lit(-MOST)), F.lit(MOST)) * UNITS + F.lit(0.5)).cast("bigint")


def priced(candidates: DataFrame, customers: DataFrame, found: Learnt, params: ActionsParams) -> DataFrame:
    """The columns of both, with channel, KNOWN of the history of the customer, headroom, raised, and worth_units,
    gain_units and cost_units.

    Who has not bought yet is asked for the first order, and for nothing else; nobody else is.
    `raised`: the effect, as far as there is room for it below a probability of 1; of a gap a share, so there is room.
    """
    session = customers.sparkSession
    known = session.createDataFrame(effect_rows(found.effects, params), KNOWN)
    is_meant = F.col("status").eqNullSafe(PROSPECT) == (F.col("action") == "first_order")
    people = customers.withColumn("history", history_of(found.before_days))
    meant = candidates.join(people, on="customer_id", how="inner").where(is_meant)
    whole = with_gaps(meant.join(F.broadcast(known), on=["action", "history"], how="inner"))
    margin = F.lit(params.margin)
    money = F.when(F.col("is_year"), F.coalesce("year_amount", "order_amount")).otherwise(F.col("order_amount"))
    named_money = F.when(F.col("is_gap"), F.col("gap_amount")).when(F.col("is_refer"), F.col("next_value"))
    worth = F.coalesce(F.col("fixed"), named_money.otherwise(money) * margin)
    is_favour = F.col("is_review") | F.col("is_refer")
    there = F.when(F.col("is_year"), F.coalesce("p_year", "p_return")).otherwise(F.col("p_return"))
    headroom = F.when(is_favour | F.col("is_gap"), 1.0).otherwise(1 - F.coalesce(there, F.lit(0.0)))
    raised = F.when(F.col("effect").isNotNull(), F.least(F.col("effect"), headroom))  # least leaves NULL out
    gain = F.coalesce(F.col("money") * margin, raised * worth)
    base = F.when(is_favour, 0.0).otherwise(F.coalesce("p_return", F.lit(1.0)))
    using = F.least(base + F.coalesce(raised, F.lit(0.0)), F.lit(1.0))
    return whole.select(
        *whole.columns,
        raised.alias("raised"),
        headroom.alias("headroom"),
        units(worth).alias("worth_units"),
        units(gain).alias("gain_units"),
        units(F.col("contact") + F.col("offer") * using).alias("cost_units"),
    )


def history_of(before_days: int | None) -> Column:
    """The group of a customer in which uplift would count them, had they been assigned today."""
    is_active = F.col("silent_days") <= F.lit(before_days or 0)
    return F.when(F.col("status") == PROSPECT, NONE).when(is_active, ACTIVE).otherwise(LAPSED)


def with_gaps(options: DataFrame) -> DataFrame:
    """`options`; to what tries of a gap showed comes what is assumed beside it, in orders or in money."""
    orders = ratio_to_digits(F.col("gap_amount"), F.col("order_amount"))
    unit = F.when(F.col("money").isNotNull(), F.col("gap_amount")).otherwise(orders)
    more = F.coalesce(F.col("gap_share") * unit, F.lit(0.0))
    return options.withColumns({name: F.col(name) + more for name in ("effect", "money", "uplift_low", "uplift_high")})


def best_channels(options: DataFrame, params: ActionsParams) -> DataFrame:
    """Of each action of a customer the channel that leaves most, where a customer may get several actions."""
    if params.max_actions == 1:
        return options
    order = [F.desc(F.col("gain_units") - F.col("cost_units")), F.asc("channel")]
    own = Window.partitionBy("customer_id", "action").orderBy(*order)
    own = own.rowsBetween(Window.unboundedPreceding, Window.currentRow)
    return in_room(options.withColumn("_place", F.row_number().over(own)).where("_place = 1").drop("_place"))


def in_room(options: DataFrame) -> DataFrame:
    """`options` with `raised` and `gain_units` of what the better options of the customer leave below 1.

    Who comes to 94 % is brought once to 100 %, by however many actions. Who explores gets one action.
    """
    raises = F.col("raised").isNotNull() & ~(F.col("is_review") | F.col("is_refer") | F.col("is_gap"))
    order = [F.desc(F.col("gain_units") - F.col("cost_units")), F.asc("action")]
    better = Window.partitionBy("customer_id").orderBy(*order).rowsBetween(Window.unboundedPreceding, -1)
    before = F.coalesce(F.sum(F.when(raises, F.col("raised"))).over(better), F.lit(0.0))
    left = F.least(F.col("raised"), F.greatest(F.col("headroom") - before, F.lit(0.0)))
    is_less = raises & (left < F.col("raised")) & (F.col("group") != EXPLORE)
    raised = F.when(is_less, left).otherwise(F.col("raised"))
    gain = F.when(is_less, F.floor(left * F.col("worth_units") + F.lit(0.5))).otherwise(F.col("gain_units"))
    return options.withColumns({"raised": raised, "gain_units": gain.cast("bigint")})


def as_allocated(options: DataFrame, limits: list[Bound], params: ActionsParams, value: Column) -> DataFrame:
    """`options` as `allocate` wants them; who is held out follows, and uses nothing."""
    uses = [
        F.col("cost_units").alias(each.use)
        if each.kind == BUDGET
        else F.when(F.col(each.kind) == each.name, 1).otherwise(0).cast("bigint").alias(each.use)
        for each in limits
    ]
    return options.select(
        F.col("customer_id").alias(TAKER),
        option_of().alias(OPTION),
        value.cast("bigint").alias(VALUE),
        F.col("room").alias(ROOM),
        (F.col("group") == CONTROL).alias(FOLLOWS),
        drawn_tie(params).alias(TIE),
        *uses,
    )


def option_of() -> Column:
    """Action and channel as one name."""
    return F.concat("action", F.lit("/"), "channel")


def drawn_tie(params: ActionsParams) -> Column:
    """Which of equals comes first: by chance, the same in every plan of a round."""
    return F.xxhash64(F.lit(params.salt), F.lit(params.campaign), F.lit("tie"), "customer_id", "action", "channel")


def chance_of(params: ActionsParams) -> Column:
    """By which the option of who explores is drawn."""
    return drawn(params, F.lit("option"), F.col("customer_id"), F.col("action"), F.col("channel"))
