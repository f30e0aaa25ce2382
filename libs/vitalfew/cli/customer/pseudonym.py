"""A customer's story under a pseudonym: found by it, and told without an id."""

from __future__ import annotations

from dataclasses import replace

from pyspark.sql import Row

from vitalfew.cli.customer.known import Known
from vitalfew.runs.published import Published
from vitalfew.storage import pseudonyms
from vitalfew.storage.delta import Storage
from vitalfew.tables.facts import ORDERS
from vitalfew.tables.sources import CUSTOMERS


def meant_by(published: Published, given: str) -> str:
    """The id of the customer who is given by a pseudonym; what is given, where it is none of anybody."""
    ids = [published.read_or_empty(table).select("customer_id") for table in (ORDERS, CUSTOMERS)]
    return pseudonyms.meant(published.storage, given, ids[0].unionByName(ids[1]))


def under_pseudonym(known: Known, storage: Storage) -> Known:
    """The same without the id of the customer and without order numbers, which lead to it."""
    orders = pseudonyms.of_ids(storage, [row["order_id"] for row in known.orders], "order")
    return replace(
        known,
        customer_id=pseudonyms.of_ids(storage, [known.customer_id])[known.customer_id],
        orders=[Row(**{**row.asDict(), "order_id": orders[row["order_id"]]}) for row in known.orders],
    )
