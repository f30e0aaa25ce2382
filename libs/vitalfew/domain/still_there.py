"""Whether a customer comes back at all, from the probabilities that next_purchase publishes."""

from __future__ import annotations

from pyspark.sql import Column
from pyspark.sql import functions as F


def still_there(suffix: str = "") -> Column:
    """The probability that a customer comes back at all, by which status, next step, value at stake and alerts go.

    p_return_365; where no earlier day shows it, p_alive, which cannot be observed, or a measured p_return if that is
    more: who returns within 90 days returns. The columns may have a `suffix`.
    """
    year, alive, month, quarter = (
        F.col(name + suffix) for name in ("p_return_365", "p_alive", "p_return_30", "p_return_90")
    )
    return F.coalesce(year, F.greatest(alive, month, quarter))
