"""What is published of two days of observation, as rows."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date

from pyspark.sql import DataFrame, Row
from pyspark.sql import functions as F

from vitalfew.cli.report import refuse_unpublished
from vitalfew.dataframes.collect import collect_rows
from vitalfew.domain.order_windows import days_after, is_sale
from vitalfew.domain.small_groups import Group, hidden
from vitalfew.errors import ConfigError
from vitalfew.jobs.alerts.tables import ALERTS
from vitalfew.jobs.contribution.tables import CONCENTRATION
from vitalfew.jobs.next_purchase.tables import PURCHASE_OUTLOOK
from vitalfew.jobs.rfm.tables import RFM
from vitalfew.runs.published import Published
from vitalfew.tables import Table
from vitalfew.tables.facts import ORDERS
from vitalfew.tables.logs import RUNS

NOBODY = "-"
"""The segment of who is in none on a day."""


@dataclass(frozen=True)
class Days:
    """The two days, the earlier first."""

    first: date
    last: date

    @property
    def between(self) -> int:
        return (self.last - self.first).days

    @property
    def start(self) -> date:
        """As many days before the first one."""
        return days_after(self.first, -self.between)


@dataclass(frozen=True)
class Prediction:
    """What was predicted on the first day for `days` ahead, and what came of the customers known then."""

    days: int
    expected: float
    low: float
    high: float
    came: int


@dataclass(frozen=True)
class Size:
    """How many customers a segment has on the two days."""

    segment: str
    before: int
    now: int


@dataclass(frozen=True)
class Moves:
    """Segments on the two days, and who moved between them; small ones, and what gives them away, are left out.

    `flows`: from_segment, to_segment, customers and amount (on the last day), who stayed included. `customers` were
    in a segment on the first day, and `stayed` are in the same one on the last.
    """

    sizes: list[Size]
    hidden_sizes: int
    flows: list[Row]
    hidden_flows: int
    customers: int
    stayed: int


@dataclass(frozen=True)
class Known:
    """Rows of two days.

    `periods`: orders, customers, newcomers and amount from the first day to the last, and of as many days before.
    `began`: the day of the first sale of all; None where there is none.
    `moves`: of the segments; None where there are none to compare.
    `other_settings`: jobs whose slices of the two days were made with other settings.
    """

    days: Days
    periods: tuple[Row, Row]
    began: date | None
    moves: Moves | None
    concentration: tuple[Row, Row] | None
    prediction: Prediction | None
    alerts: list[Row]
    other_settings: frozenset[str]


def known(published: Published, days: Days, min_group: int) -> Known:
    """What is published of the two days; ConfigError or TableError where they cannot be compared."""
    if days.first >= days.last:
        raise ConfigError(f"--as-of is {days.first} and --to is {days.last}; the first day must be before the last.")
    runs = published_runs(published)
    seen = {run["as_of"] for run in runs}
    for day in (days.first, days.last):
        refuse_unpublished(
            day,
            seen,
            "A run replaces what there was of its day: to compare settings, run into another --root and look at both.",
        )
    found = Reader(published, days)
    other = with_other_settings(runs, days)
    flows = found.flows() if "rfm" not in other else []
    return Known(
        days,
        found.periods(),
        found.began(),
        moves(flows, min_group) if flows else None,
        found.concentration() if "contribution" not in other else None,
        found.prediction(),
        found.alerts() if "alerts" not in other else [],
        other,
    )


def published_runs(published: Published) -> list[Row]:
    """job, as_of, settings of the latest published run of each job and day."""
    if not published.storage.exists(RUNS):
        return []
    runs = published.storage.read(RUNS).where("outcome = 'PUBLISHED' and as_of is not null")
    latest = runs.groupBy("job", "as_of").agg(F.max_by("settings", "started_at").alias("settings"))
    return collect_rows(latest, "days of runs")


def with_other_settings(runs: list[Row], days: Days) -> frozenset[str]:
    """The jobs that ran on both days, and not with the same settings."""
    of_day = {(run["job"], run["as_of"]): run["settings"] for run in runs}
    jobs = {job for job, day in of_day if day == days.first and (job, days.last) in of_day}
    alike = {job for job in jobs if of_day[job, days.first] == of_day[job, days.last] is not None}
    return frozenset(jobs - alike)


def moves(flows: list[Row], least: int) -> Moves:
    """What is shown of flows of all customers, the largest first."""
    key = ("from_segment", "to_segment")
    groups = [Group((row[key[0]], row[key[1]]), row["customers"], totals_of(row[key[0]], row[key[1]])) for row in flows]
    gone = hidden(groups, least)
    before, now = (counted(flows, side) for side in key)
    names = sorted({*before, *now} - {NOBODY}, key=lambda name: (-now[name], name))
    few = {
        name for day in (before, now) for name in hidden([Group(each, day[each], ("all",)) for each in names], least)
    }
    return Moves(
        [Size(name, before[name], now[name]) for name in names if name not in few],
        len(few),
        [row for row in flows if (row[key[0]], row[key[1]]) not in gone],
        len(gone),
        sum(n for name, n in before.items() if name != NOBODY),
        sum(row["customers"] for row in flows if row[key[0]] == row[key[1]]),
    )


def totals_of(before: str, now: str) -> list[tuple[str, str]]:
    """The totals of which a flow is a part: both segments, and all who moved, as who stayed is told."""
    moved = [("moved", "")] if before not in (NOBODY, now) else []
    return [("from_segment", before), ("to_segment", now), *moved]


def counted(flows: list[Row], side: str) -> Counter[str]:
    """Customers by segment on one of the two days."""
    found: Counter[str] = Counter()
    for row in flows:
        found[row[side]] += row["customers"]
    return found


@dataclass(frozen=True)
class Reader:
    """Reads what is published of two days."""

    published: Published
    days: Days

    def slice(self, table: Table, day: date) -> DataFrame:
        return self.published.read_or_empty(table).where(F.col("as_of") == F.lit(day))

    def sales(self) -> DataFrame:
        """Orders before the last day, with the day of the first order of their customer."""
        orders = self.published.read_or_empty(ORDERS).where(F.col("ordered_on") < F.lit(self.days.last))
        firsts = orders.where(is_sale()).groupBy("customer_id").agg(F.min("ordered_on").alias("first_on"))
        return orders.join(firsts, on="customer_id", how="left")

    def periods(self) -> tuple[Row, Row]:
        """The days between the two, and as many before."""
        orders, start = self.sales(), self.days.start
        is_later = F.col("ordered_on") >= F.lit(self.days.first)
        begins = F.when(is_later, F.lit(self.days.first)).otherwise(F.lit(start))
        found = orders.where(F.col("ordered_on") >= F.lit(start)).withColumn("begins", begins)
        sums = found.groupBy("begins").agg(
            F.count_if(is_sale()).alias("orders"),
            F.count_distinct(F.when(is_sale(), F.col("customer_id"))).alias("customers"),
            F.count_distinct(F.when(is_sale() & (F.col("first_on") >= F.col("begins")), F.col("customer_id"))).alias(
                "newcomers"
            ),
            F.sum("net_amount").alias("amount"),
        )
        rows = {row["begins"]: row for row in collect_rows(sums, "orders between two days")}
        nothing = Row(begins=None, orders=0, customers=0, newcomers=0, amount=0)
        return rows.get(self.days.first, nothing), rows.get(start, nothing)

    def began(self) -> date | None:
        """The day of the first sale of all."""
        first = self.published.read_or_empty(ORDERS).where(is_sale()).agg(F.min("ordered_on").alias("day"))
        day: date | None = collect_rows(first, "the first sale")[0]["day"]
        return day

    def flows(self) -> list[Row]:
        """from_segment, to_segment, customers, amount: who was where on the two days; who stayed included."""
        before = self.slice(RFM, self.days.first).select("customer_id", F.col("segment").alias("from_segment"))
        now = self.slice(RFM, self.days.last).select("customer_id", F.col("segment").alias("to_segment"), "monetary")
        both = before.join(now, on="customer_id", how="full")
        names = [F.coalesce(name, F.lit(NOBODY)).alias(name) for name in ("from_segment", "to_segment")]
        sums = both.groupBy(*names).agg(F.count(F.lit(1)).alias("customers"), F.sum("monetary").alias("amount"))
        return collect_rows(sums.orderBy(F.desc("customers"), "from_segment", "to_segment"), "flows")

    def concentration(self) -> tuple[Row, Row] | None:
        """How concentrated the value of all customers was on the two days."""
        found = [
            collect_rows(self.slice(CONCENTRATION, day).where("subject = 'customer' and dimension = 'all'"), "value")
            for day in (self.days.first, self.days.last)
        ]
        return (found[0][0], found[1][0]) if all(found) else None

    def prediction(self) -> Prediction | None:
        """The longest horizon that is over, of those predicted on the first day; None where none is."""
        outlook = self.slice(PURCHASE_OUTLOOK, self.days.first).where(F.col("horizon_days") <= F.lit(self.days.between))
        rows = collect_rows(outlook.orderBy(F.desc("horizon_days")).limit(1), "the outlook")
        if not rows:
            return None
        horizon = int(rows[0]["horizon_days"])
        until = days_after(self.days.first, horizon)
        is_inside = (F.col("ordered_on") >= F.lit(self.days.first)) & (F.col("ordered_on") < F.lit(until))
        is_known = F.col("first_on") < F.lit(self.days.first)
        came = collect_rows(self.sales().agg(F.count_if(is_sale() & is_inside & is_known).alias("n")), "orders")[0]["n"]
        row = rows[0]
        return Prediction(horizon, row["expected_orders"], row["orders_from"], row["orders_to"], came)

    def alerts(self) -> list[Row]:
        """kind, before, now, kept: alerts open on the first day, on the last, and on both."""
        key = ("kind", "subject_id")
        before, now = (
            self.slice(ALERTS, day).where("status = 'open'").select(*key, F.lit(1).alias(name))
            for day, name in ((self.days.first, "before"), (self.days.last, "now"))
        )
        both = before.join(now, on=list(key), how="full").groupBy("kind")
        sums = both.agg(
            F.count("before").alias("before"),
            F.count("now").alias("now"),
            F.count_if(F.col("before").isNotNull() & F.col("now").isNotNull()).alias("kept"),
        )
        return collect_rows(sums.orderBy(F.desc("now"), "kind"), "alerts of two days")
