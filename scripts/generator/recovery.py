"""What the jobs found of what was planted: one figure, or one pair of rates, for each kind of planted thing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

Tables = Callable[[str], DataFrame]


@dataclass(frozen=True)
class Rates:
    """How much of what was found is right, and how much of what was sought was found."""

    found: int
    right: int
    sought: int
    caught: int

    @property
    def precision(self) -> float | None:
        return self.right / self.found if self.found else None

    @property
    def recall(self) -> float | None:
        return self.caught / self.sought if self.sought else None

    def sought_as(self, other: Rates) -> Rates:
        """What was found and is right of this one, what was sought and found of the other."""
        return Rates(self.found, self.right, other.sought, other.caught)

    def __str__(self) -> str:
        precision, recall = ("-" if rate is None else f"{rate:.1%}" for rate in (self.precision, self.recall))
        return f"{self.found:,} found, {precision} right; {self.sought:,} sought, {recall} found"


@dataclass(frozen=True)
class Planted:
    """Two conditions over a row of `people`: when it is right to find this customer, and who has to be found."""

    right: str
    sought: str


STOPPED = "silent_from is not null or segment = 'casual'"
"""Casual customers come every 98 to 280 days: their silence is true as well."""
SLIPPING = "segment = 'slipping' and orders >= 4"

ALERTS: Mapping[str, Planted] = {
    "inactive": Planted(STOPPED, "segment = 'slipping' and silent_days < 150"),
    # Who stopped long ago, by their rhythm, is no alert any more.
    "churned": Planted(STOPPED, "silent_days >= 180 and silent_days <= 340 - 1.5 * mean_gap_days"),
    "overdue": Planted(STOPPED, f"{SLIPPING} and silent_days between 2 * mean_gap_days and 149"),
    # P(alive) falls below a half when some five gaps have passed without an order.
    "churn_risk": Planted(STOPPED, f"{SLIPPING} and silent_days between 5 * mean_gap_days and 97"),
    "frequency_up": Planted("segment in ('rising', 'returned')", "segment = 'rising'"),
    "spend_drop": Planted("segment = 'dropping'", "segment = 'dropping'"),
    "vip_returned": Planted("segment = 'returned'", "segment = 'returned'"),
}
"""What is planted for each kind of alert about a customer. `churn_risk` needs a forecast of the month before."""


def rates(found: DataFrame, planted: DataFrame, right: str, sought: str) -> Rates:
    """`found` customers among those of `planted`: who is right by one condition, and who was sought by the other."""
    ids = found.select("customer_id").distinct().withColumn("is_found", F.lit(True))
    marked = planted.join(ids, on="customer_id", how="left").select(
        F.coalesce("is_found", F.lit(False)).alias("is_found"),
        F.coalesce(F.expr(right), F.lit(False)).alias("is_right"),
        F.coalesce(F.expr(sought), F.lit(False)).alias("is_sought"),
    )
    (row,) = marked.agg(
        number(F.col("is_found")),
        number(F.col("is_found") & F.col("is_right")),
        number(F.col("is_sought")),
        number(F.col("is_found") & F.col("is_sought")),
    ).collect()
    return Rates(*row)


def number(condition: Column) -> Column:
    return F.count(F.when(condition, 1))


def matched(found: DataFrame, planted: DataFrame) -> Rates:
    """Rows of `found` against rows of `planted`, the same columns being the key of both."""
    both = found.distinct().join(planted.distinct(), on=planted.columns, how="inner").count()
    return Rates(found.distinct().count(), both, planted.distinct().count(), both)


def people(truth: Tables, as_of: date) -> DataFrame:
    """truth_customers with `silent_days`, without followers: they buy when others do."""
    days = F.datediff(F.lit(as_of), F.col("silent_from"))
    return truth("customers").where("not is_follower").withColumn("silent_days", days)


def identities(result: Tables, truth: Tables) -> Rates:
    """Accounts that are joined, each with its person."""
    columns = ("customer_id", "person_id")
    return matched(result("identities").where("accounts > 1").select(*columns), truth("identities").select(*columns))


def wanted(result: Tables, truth: Tables, as_of: date, wants_days: int = 90) -> Rates:
    """Products that a person searched for three times and never bought; sought: in the last days, as older wants end.

    A customer searches in the first days of being active.
    """
    key = ("person_id", "product_id")
    persons = result("identities").select("customer_id", "person_id")
    since = truth("customers").select("customer_id", "active_from")
    planted = truth("wanted").join(persons, on="customer_id", how="inner").join(since, on="customer_id", how="inner")
    told = result("unmet_demand").where("searches >= 3").select(*key)
    lately = F.col("active_from") >= F.lit(as_of - timedelta(days=wants_days))
    return matched(told, planted.select(*key)).sought_as(matched(told, planted.where(lately).select(*key)))


def price_positions(result: Tables, truth: Tables, least: int = 10) -> tuple[int, float]:
    """Persons with enough priced purchases, and the correlation of the position found with the one planted."""
    known = truth("customers").where("not is_follower and segment <> 'dropping'")
    priced = result("customer360").where(f"accounts = 1 and priced_purchases >= {least}")
    both = priced.select(F.col("person_id").alias("customer_id"), "price_position").join(known, "customer_id", "inner")
    (row,) = both.agg(F.count(F.lit(1)), F.corr("price_position", "mean_variant")).collect()
    return int(row[0]), float(row[1])


def peaks(result: Tables, truth: Tables, clear: float = 2.5) -> Rates:
    """Hours of the week in which all customers together buy so many times the average; right: more than average."""
    told = result("timing_peaks").where("dimension = 'all'")
    hours = told.select("weekday", F.explode(F.expr("sequence(from_hour, until_hour - 1)")).alias("hour"))
    week = truth("peaks").where("style = 'all'").withColumn("times", F.col("share") * 168)
    slot = F.concat_ws(" ", "weekday", "hour").alias("customer_id")
    return rates(hours.select(slot), week.select(slot, "times"), "times > 1", f"times >= {clear}")


def best_days(result: Tables, truth: Tables, least: int = 8) -> Rates:
    """Of customers with enough orders: whose best day is Sunday, against who shops on Sunday nights."""
    known = result("customer_timing").where(f"orders >= {least}").select("customer_id", "best_weekday")
    styles = (
        truth("customers").where("not is_follower").select("customer_id", "style").join(known, "customer_id", "inner")
    )
    night = "style = 'sunday night'"
    return rates(known.where("best_weekday = 7"), styles, f"{night} or style = 'weekend family'", night)


def rhythm(result: Tables, truth: Tables, least: int = 6) -> tuple[int, float, float]:
    """Customers with enough repeats: how many, median of gap found over gap planted, share of those within a fifth."""
    steady = truth("customers").where("not is_follower and segment not in ('returned', 'rising')")
    known = result("next_purchase").where(f"repeats >= {least}").select("customer_id", "gap_days")
    both = known.join(steady, on="customer_id", how="inner")
    return agreement(both.select((F.col("gap_days") / F.col("mean_gap_days")).alias("ratio")))


def repeats(result: Tables, truth: Tables, products: DataFrame, least: int = 6) -> tuple[int, float, float]:
    """As `rhythm`, of what each customer buys again and again, at the level that was looked at."""
    again = result("repeat_purchases").where(f"days_bought >= {least}")
    (level,) = {row["level"] for row in again.select("level").distinct().collect()} or {"product"}
    item = F.col("product_id" if level == "product" else level)
    planted = truth("repeats").join(products.select("product_id", item.alias("item")), on="product_id", how="inner")
    strangers = truth("customers").where("is_follower").select("customer_id")
    both = again.join(planted, on=["customer_id", "item"], how="inner").join(strangers, "customer_id", "left_anti")
    return agreement(both.select((F.col("gap_days") / F.col("cycle_days")).alias("ratio")))


def agreement(ratios: DataFrame) -> tuple[int, float, float]:
    near = F.avg(F.col("ratio").between(0.8, 1.2).cast("double"))
    (row,) = ratios.agg(F.count(F.lit(1)), F.percentile("ratio", F.lit(0.5)), near).collect()
    return int(row[0]), float(row[1] or 0), float(row[2] or 0)


def alerts(result: Tables, truth: Tables, as_of: date, kind: str) -> Rates:
    """The open alerts of a kind about customers."""
    told = result("alerts").where(f"kind = '{kind}' and status = 'open'")
    planted = ALERTS[kind]
    return rates(
        told.select(F.col("subject_id").alias("customer_id")), people(truth, as_of), planted.right, planted.sought
    )


def bursts(told: Callable[[date], DataFrame], truth: Tables, kind: str) -> Rates:
    """Alerts about products on the day after each planted burst; `told` gives the alerts of a day."""
    each = [
        matched(
            told(row["to_day"] + timedelta(days=1))
            .where(f"kind = '{kind}' and status = 'open'")
            .select(F.col("subject_id").alias("product_id")),
            truth("bursts").where(F.col("product_id") == row["product_id"]).select("product_id"),
        )
        for row in truth("bursts").collect()
    ]
    return Rates(*(sum(getattr(one, name) for one in each) for name in ("found", "right", "sought", "caught")))


def complements(result: Tables, truth: Tables, phi: float = 0.1) -> Rates:
    """Pairs of a planted rule among complements; right: the strong ones (by phi) of which are of one planted set."""
    pair = [F.least("x", "y").alias("item"), F.greatest("x", "y").alias("other")]
    sets = truth("rules").select(F.concat("antecedent", F.array("consequent")).alias("products"))
    mates = sets.select("products", F.explode("products").alias("x")).select("x", F.explode("products").alias("y"))
    planted = mates.where("x < y").select(*pair).distinct()
    told = overall(result).where("relation = 'complement'")
    strong = matched(told.where(f"phi >= {phi}").select("item", "other"), planted)
    return strong.sought_as(matched(told.select("item", "other"), planted))


def substitutes(result: Tables, truth: Tables, orders: DataFrame, least: float = 12.0) -> Rates:
    """Pairs that no basket contains together, among substitutes; sought: those of which chance had made so many."""
    pair = ("item", "other")
    planted = truth("substitutes").select(F.col("product_a").alias("item"), F.col("product_b").alias("other"))
    told = overall(result).where("relation = 'substitute'").select(*pair)
    sold = orders.where("kind = 'sale'").select(F.explode("product_ids").alias("item"))
    sizes = sold.groupBy("item").agg(F.count(F.lit(1)).alias("n"))
    both = planted.join(sizes, on="item", how="inner").join(
        sizes.select(F.col("item").alias("other"), F.col("n").alias("m")), on="other", how="inner"
    )
    sure = both.where(F.col("n") * F.col("m") >= least * orders.where("kind = 'sale'").count()).select(*pair)
    return matched(told, planted).sought_as(matched(told, sure))


def overall(result: Tables) -> DataFrame:
    return result("affinity").where("segment = 'all' and level = 'product'")


def moves(result: Tables, truth: Tables, as_of: date) -> Mapping[str, Rates]:
    """By RFM segment, since the day it is compared with: who came back, who fell, and who is new."""
    told = result("segment_moves").where("scheme = 'rfm'")
    previous_on = told.agg(F.max("previous_on")).collect()[0][0] or as_of
    late = F.datediff(F.lit(as_of), F.col("active_from"))
    age = F.datediff(F.lit(previous_on), F.col("active_from"))  # on the day it is compared with
    known = people(truth, as_of).withColumns({"late": late, "age": age})
    return {
        "rose to Champions": rates(
            told.where("direction = 'up' and to_group = 'Champions'"),
            known,
            "silent_from is null",
            "segment = 'returned'",
        ),
        "fell": rates(
            told.where("direction = 'down'"),
            known,
            "segment not in ('champion', 'rising', 'returned')",
            "false",  # when the silence of one passes a limit of recency depends on all others
        ),
        "entered": rates(
            told.where("kind = 'entered'"),
            known,
            "age < 7 + mean_gap_days / 2",
            "age < 0 and late > 7 + mean_gap_days / 2",
        ),
    }


def everything(
    on: Callable[[date], Tables], truth: Tables, orders: DataFrame, products: DataFrame, as_of: date
) -> Mapping[str, Callable[[], str]]:
    """All of the above as text, by name, each computed when it is asked for. `on` gives the results of a day."""
    result = on(as_of)

    def told(found: tuple[int, float, float]) -> str:
        return f"{found[0]:,} compared, median of found over planted {found[1]:.3f}, within a fifth {found[2]:.1%}"

    def positions() -> str:
        compared, correlation = price_positions(result, truth)
        return f"{compared:,} compared, correlation with the planted position {correlation:.3f}"

    def moved() -> str:
        return "; ".join(f"{name}: {found}" for name, found in moves(result, truth, as_of).items())

    def alerted(kind: str) -> Callable[[], str]:
        return lambda: str(alerts(result, truth, as_of, kind))

    def burst(kind: str) -> Callable[[], str]:
        return lambda: str(bursts(lambda day: on(day)("alerts"), truth, kind))

    return {
        "identities": lambda: str(identities(result, truth)),
        "wanted, never bought": lambda: str(wanted(result, truth, as_of)),
        "price positions": positions,
        "peaks of the week": lambda: str(peaks(result, truth)),
        "best day is Sunday": lambda: str(best_days(result, truth)),
        "rhythm of customers": lambda: told(rhythm(result, truth)),
        "rhythm of repeat products": lambda: told(repeats(result, truth, products)),
        **{f"alert {kind}": alerted(kind) for kind in ALERTS},
        **{f"alert {kind}": burst(kind) for kind in ("complaints", "bad_ratings")},
        "complements": lambda: str(complements(result, truth)),
        "substitutes": lambda: str(substitutes(result, truth, orders)),
        "segment_moves": moved,
    }
