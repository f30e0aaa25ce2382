"""What the summary says of what is to come: the next purchases, and whether new customers stay."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from pyspark.sql import DataFrame, Row
from pyspark.sql import functions as F

from vitalfew.algorithms import driver
from vitalfew.analyses.cohort_profiles import BETTER, CAME_BY, NAMED, WORSE
from vitalfew.analyses.summary_customers import money
from vitalfew.analyses.summary_products import listed
from vitalfew.analyses.summary_text import Line, how_many, missing, percent, sentence

SOON_DAYS = 7
MOST_COHORTS = 3
FAR_OFF = 0.1
"""Of what came: what was foretold for the days held out may differ by this."""
PLAN = "Plan stock, staff and budget by it."
UNSURE = "Take it as a hint only: what was last foretold did not come true."
COMPARED_BY = {"first_month": "month", "first_product": "contents", "first_channel": "channel"}


def coming(
    customers: DataFrame, forecast: DataFrame, calibration: DataFrame, horizon_days: int, as_of: date
) -> list[Line]:
    """Who will come back, what they bring within about `horizon_days`, whom to ask now; and how the last one held."""
    row = driver.rows(counted(customers, as_of), "customers who may come back")[0]
    if not row["customers"]:
        return missing("next_purchase")
    lines = []
    if row["alive"] is not None:
        share = percent(row["alive"] / row["customers"])
        text = f"{row['alive']:,.0f} of {how_many(row['customers'], 'customer')} ({share}), by the model"
        lines.append(Line("still customers", text))
    of_model = (F.col("repeats") == "all") & (F.col("model") == F.lit(row["model"]))
    held = driver.rows(calibration.where(of_model), "calibration")
    horizons = driver.rows(horizon_sums(forecast), "horizons of the forecast")
    if horizons:
        near = min(horizons, key=lambda h: (abs(h["horizon_days"] - horizon_days), h["horizon_days"]))
        text = f"{near['orders']:,.0f} orders with a value of {money(near['value'])}"
        lines.append(Line(f"next {near['horizon_days']} days", text, UNSURE if any(map(is_off, held)) else PLAN))
    lines += [check(each, as_of) for each in held]
    if row["soon"]:
        text = f"{how_many(row['soon'], 'customer')}, most likely within the next {SOON_DAYS} days or so"
        lines.append(Line("about to order", text, "Offer them now what they usually buy."))
    if row["slipping"]:
        within = f" within {max(h['horizon_days'] for h in horizons)} days" if horizons else ""
        text = (
            f"{how_many(row['slipping'], 'customer')} past the window in which they were expected, {row['lapsed']:,} "
            f"of them far past it; {money(row['stake'])} likely lost{within}"
        )
        lines.append(Line("past window", text, "Ask them now, those with most at stake first."))
    return lines


def counted(customers: DataFrame, as_of: date) -> DataFrame:
    """One row: customers, alive (the sum of the probabilities), soon, slipping, lapsed, stake, model."""
    is_slipping = F.col("status").isin("past window", "lapsed")
    is_near = F.datediff("due_50_from", F.lit(as_of)) <= SOON_DAYS
    return customers.agg(
        F.count(F.lit(1)).alias("customers"),
        F.sum("p_alive").alias("alive"),
        F.count_if((F.col("status") == "in rhythm") & is_near).alias("soon"),
        F.count_if(is_slipping).alias("slipping"),
        F.count_if(F.col("status") == "lapsed").alias("lapsed"),
        F.sum(F.when(is_slipping, F.col("value_at_stake"))).alias("stake"),
        F.max("model").alias("model"),
    )


def horizon_sums(forecast: DataFrame) -> DataFrame:
    return forecast.groupBy("horizon_days").agg(
        F.sum("expected_orders").alias("orders"), F.sum("expected_value").alias("value")
    )


def check(held: Row, as_of: date) -> Line:
    """What the model foretold for the last days known, and what came."""
    days = (as_of - held["split_on"]).days
    text = (
        f"for the last {days} days it foretold {held['predicted_orders']:,.0f} orders; {held['actual_orders']:,} came"
    )
    return Line("was it right?", text)


def is_off(held: Row) -> bool:
    """Whether the model missed what came by too much to plan by it."""
    return bool(abs(held["predicted_orders"] - held["actual_orders"]) > FAR_OFF * held["actual_orders"])


def staying(cohorts: DataFrame, profiles: DataFrame) -> list[Line]:
    """How many new customers come back, how many are there months later, and which of them do otherwise."""
    found = driver.rows(profiles.orderBy("dimension", "cohort"), "cohorts")
    if not found:
        return missing("cohorts")
    by_month = [row for row in found if row["dimension"] == "first_month" and not row["may_be_older"]]
    new = by_month or [row for row in found if row["dimension"] == "all"]
    asked, came = (sum(row[name] for row in new) for name in ("observed_customers", "returned_customers"))
    days = found[0]["return_days"]
    if not asked:
        return [Line("too early", f"No new customer has been one for {days} days yet.")]
    who = "new customer" if by_month else "customer"
    text = f"{came:,} of {how_many(asked, who)} ({percent(came / asked)}) bought again within {days} days"
    action = "This is what a campaign for the second order has to beat."
    return [Line("come back", text, action), *later(cohorts, new), *differences(found)]


def later(cohorts: DataFrame, new: Sequence[Row]) -> list[Line]:
    """How many of those in `new` still bought in the month up to which value is compared, and that value."""
    months, names = new[0]["horizon_months"], {row["cohort"] for row in new}
    at = cohorts.where((F.col("dimension") == F.lit(new[0]["dimension"])) & (F.col("months_since") == F.lit(months)))
    rows = [row for row in driver.rows(at, "months of cohorts") if row["cohort"] in names and row["observed_customers"]]
    if not rows or not months:
        return []
    asked, active = (sum(row[name] for row in rows) for name in ("observed_customers", "active_customers"))
    value = sum(row["cumulative_value_per_customer"] * row["observed_customers"] for row in rows) / asked
    text = (
        f"{active:,} of {asked:,} ({percent(active / asked)}) bought in that month; {value:,.2f} each since they came"
    )
    return [Line(f"{how_many(months, 'month')} later", text)]


def differences(found: Sequence[Row]) -> list[Line]:
    """The cohorts that come back more or less often than the others, the surest first."""
    tested = [row for row in found if row["q_value"] is not None]
    apart = sorted((row for row in tested if row["is_different"]), key=lambda row: float(row["q_value"]))
    if tested and not apart:
        asked = [word for name, word in COMPARED_BY.items() if any(row["dimension"] == name for row in tested)]
        text = f"the {listed(asked)} of the first order {'makes' if len(asked) == 1 else 'make'} none beyond chance"
        return [Line("differences", text, "Welcome all of them in the same way.")]
    return [difference(row) for row in apart[:MOST_COHORTS]]


def difference(row: Row) -> Line:
    name = row["cohort"]
    is_better = row["returned_share"] > row["returned_share_of_others"]
    who = CAME_BY[row["dimension"]].format(cohort="something rarer" if name == "other" else name)
    advice = (BETTER if is_better else WORSE)[row["dimension"]].format(cohort=name)
    text = (
        f"{who}: {percent(row['returned_share'])} came back, of the others {percent(row['returned_share_of_others'])}"
    )
    label = "better" if is_better else "worse"
    return Line(label, text, "Look at who they are." if name in NAMED else f"{sentence(advice)}.")
