"""What is to be said once of sources whose files do not say all that a source table holds."""

from __future__ import annotations

from vitalfew.config.files import MONEY, FileSource


def told(source: FileSource) -> list[str]:
    """Sentences on what was made of the files of a source beyond what they say."""
    found = []
    if source.items:
        cells = ", ".join(source.items.all)
        spread = [name for name in MONEY if source.is_spread(name)]
        each = [name for name in MONEY if source.items.amount == "each" and name in source.columns]
        if spread:
            found.append(
                f"the {' and the '.join(spread)} of a line is that of its whole basket, and is divided in equal parts "
                f"over its items ({cells}), to the cent; if it is paid for each item, say items: {{..., amount: each}}"
            )
        elif each:
            found.append(f"the {' and the '.join(each)} of a line is that of each of its items ({cells})")
    if source.order_is == "customer_and_moment":
        found.append(
            "the files have no order id: what one customer buys at one moment is an order, and a line without a "
            "customer is one by itself"
        )
    if source.order_is == "row":
        found.append("the files have no order id: each of their rows is an order")
    return found
