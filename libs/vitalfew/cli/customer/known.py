"""All that the published tables hold of one customer, as rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from pyspark.sql import Column, DataFrame, Row
from pyspark.sql import functions as F

from vitalfew.dataframes.collect import collect_rows
from vitalfew.domain.order_windows import is_sale
from vitalfew.domain.product_names import Product, described, name_of
from vitalfew.errors import TableError
from vitalfew.jobs.alerts.tables import ALERTS
from vitalfew.jobs.contribution.tables import CONTRIBUTION
from vitalfew.jobs.customer360.tables import CUSTOMER360, IDENTITIES, UNMET_DEMAND
from vitalfew.jobs.next_purchase.tables import NEXT_PURCHASE, REPEAT_PURCHASES
from vitalfew.jobs.recommendations.tables import RECOMMENDATIONS
from vitalfew.jobs.rfm.tables import RFM
from vitalfew.runs.published import Published
from vitalfew.tables import Table
from vitalfew.tables.facts import ORDERS
from vitalfew.tables.sources import CUSTOMERS, PRODUCTS
from vitalfew.visible_text import quoted

MONTHS, LAST_ORDERS, MOST_BOUGHT, DAYS = 24, 20, 10, 12
"""How many months, orders, products and days of observation a story has at most: the latest, and the most bought."""
SEVERITY = {"high": 0, "medium": 1, "low": 2}


@dataclass(frozen=True)
class Known:
    """Rows of one customer: of results those of the day `as_of`; orders are those before it.

    `totals`: one row of orders (sales), amount, first_on and last_on. `months`, `orders`, `bought`: the latest first,
    or the most bought. `groups`: rows of `rfm` on the latest days of observation, up to `as_of`.
    """

    customer_id: str
    as_of: date
    totals: Row
    months: list[Row]
    orders: list[Row]
    bought: list[Row]
    groups: list[Row]
    alerts: list[Row]
    rfm: Row | None
    value: Row | None
    valued: int
    next_purchase: Row | None
    repeats: list[Row]
    recommendations: list[Row]
    person: Row | None
    wishes: list[Row]
    products: Mapping[str, Product]


def known(published: Published, customer_id: str, as_of: date) -> Known:
    """What is published of a customer; TableError where neither an order nor a row of customers names them."""
    found = Reader(published, customer_id, as_of)
    orders = found.orders()
    totals = collect_rows(totals_of(orders), "orders of a customer")[0]
    if not totals["all_orders"] and not found.rows(CUSTOMERS, found.is_this):
        raise TableError(
            f"No order before {as_of} and no row of customers names {quoted(customer_id)}. Ids are as in your data; "
            "some of them: vitalfew show rfm --columns customer_id --limit 5"
        )
    latest = collect_rows(orders.orderBy(F.desc("ordered_at"), "order_id").limit(LAST_ORDERS), "orders of a customer")
    bought = collect_rows(most_bought(orders), "products of a customer")
    person = found.person()
    is_person = F.col("person_id") == F.lit(person["person_id"] if person else customer_id)
    recommended = sorted(found.rows(RECOMMENDATIONS, found.is_this), key=lambda row: int(row["rank"]))
    wishes = sorted(found.rows(UNMET_DEMAND, is_person), key=lambda row: (row["last_at"], row["product_id"]))[::-1]
    repeats = sorted(found.rows(REPEAT_PURCHASES, found.is_this), key=lambda row: (row["due_on"], row["item"]))
    is_open = found.is_subject & (F.col("status") == "open")
    alerts = found.rows(ALERTS, is_open)
    return Known(
        customer_id,
        as_of,
        totals,
        collect_rows(by_month(orders), "months of a customer"),
        latest,
        bought,
        found.groups(),
        sorted(alerts, key=lambda row: (row["rank"] or 10**9, SEVERITY[row["severity"]], row["kind"])),
        first(found.rows(RFM, found.is_this)),
        first(found.rows(CONTRIBUTION, found.is_subject)),
        found.valued(),
        first(found.rows(NEXT_PURCHASE, found.is_this)),
        repeats,
        recommended,
        person,
        wishes,
        found.names([*latest, *bought, *recommended, *wishes, *repeats]),
    )


def totals_of(orders: DataFrame) -> DataFrame:
    """One row: all_orders, orders (sales), amount, first_on and last_on of the sales."""
    return orders.agg(
        F.count(F.lit(1)).alias("all_orders"),
        F.count_if(is_sale()).alias("orders"),
        F.coalesce(F.sum("net_amount"), F.lit(0)).cast("decimal(28,2)").alias("amount"),
        F.min(F.when(is_sale(), F.col("ordered_on"))).alias("first_on"),
        F.max(F.when(is_sale(), F.col("ordered_on"))).alias("last_on"),
    )


@dataclass(frozen=True)
class Reader:
    """Reads what is published of one customer as of a day."""

    published: Published
    customer_id: str
    as_of: date

    @property
    def is_this(self) -> Column:
        return F.col("customer_id") == F.lit(self.customer_id)

    @property
    def is_subject(self) -> Column:
        """In tables of customers and products."""
        return (F.col("subject") == "customer") & (F.col("subject_id") == F.lit(self.customer_id))

    def rows(self, table: Table, condition: Column) -> list[Row]:
        """The rows for which `condition` holds; of a result those of the day."""
        found = self.published.read_or_empty(table).where(condition)
        if table.slice == "as_of":
            found = found.where(F.col("as_of") == F.lit(self.as_of))
        return collect_rows(found, table.name)

    def orders(self) -> DataFrame:
        return self.published.read_or_empty(ORDERS).where(self.is_this & (F.col("ordered_on") < F.lit(self.as_of)))

    def groups(self) -> list[Row]:
        """Their rows of `rfm` on the latest days, the newest first."""
        found = self.published.read_or_empty(RFM).where(self.is_this & (F.col("as_of") <= F.lit(self.as_of)))
        return collect_rows(found.orderBy(F.desc("as_of")).limit(DAYS), RFM.name)

    def valued(self) -> int:
        """How many customers have a rank by value."""
        ranked = self.published.read_or_empty(CONTRIBUTION).where(
            (F.col("subject") == "customer") & (F.col("as_of") == F.lit(self.as_of))
        )
        return int(collect_rows(ranked.agg(F.count(F.lit(1)).alias("n")), "customers with a value")[0]["n"])

    def person(self) -> Row | None:
        """The person whose account this is."""
        persons = [row["person_id"] for row in self.rows(IDENTITIES, self.is_this)]
        return first(self.rows(CUSTOMER360, F.col("person_id") == F.lit(persons[0]))) if persons else None

    def names(self, rows: list[Row]) -> Mapping[str, Product]:
        """What the products of these rows are called."""
        ids = {row["product_id"] for row in rows if "product_id" in row}
        ids |= {each for row in rows if "product_ids" in row for each in row["product_ids"]}
        ids |= {row["item"] for row in rows if "item" in row and row["level"] == "product"}
        return described(ids, self.published.read_or_empty(PRODUCTS))


def first(rows: list[Row]) -> Row | None:
    return rows[0] if rows else None


def by_month(orders: DataFrame) -> DataFrame:
    """month (as 2024-05), orders (sales), amount: the latest first."""
    months = orders.groupBy(F.date_format("ordered_on", "yyyy-MM").alias("month"))
    sums = months.agg(F.count_if(is_sale()).alias("orders"), F.sum("net_amount").alias("amount"))
    return sums.orderBy(F.desc("month")).limit(MONTHS)


def most_bought(orders: DataFrame) -> DataFrame:
    """product_id, orders, last_on, amount of the products in most sales; ties to the later, then by id."""
    sold = orders.where(is_sale()).select("ordered_on", F.arrays_zip("product_ids", "product_amounts").alias("sold"))
    lines = sold.select("ordered_on", F.explode("sold").alias("line"))
    sums = lines.groupBy(F.col("line.product_ids").alias("product_id")).agg(
        F.count(F.lit(1)).alias("orders"),
        F.max("ordered_on").alias("last_on"),
        F.sum("line.product_amounts").alias("amount"),
    )
    return sums.orderBy(F.desc("orders"), F.desc("last_on"), "product_id").limit(MOST_BOUGHT)


def name_here(product_id: str, products: Mapping[str, Product]) -> str:
    """What a product is called; with its id where another one here is called the same."""
    name = name_of(product_id, products)
    others = (each.name for id_, each in products.items() if id_ != product_id)
    return f"{name} [{product_id}]" if name in others else name


def as_dict(row: Row, **more: Any) -> dict[str, Any]:
    return {**row.asDict(), **more}
