"""A cohort, month by month since its first order, with what is not known yet left open."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

ALL = "all"
Key = tuple[str, str]


@dataclass
class Cohort:
    """What is known of a cohort; months count through the years, and `now` is that of as_of, which is not over.

    of_month: by month of the first order, customers, how many are back long enough to be asked whether they came again,
    and how many of these did. cells: by months since the first, who was active and the value, of months that were over.
    """

    dimension: str
    cohort: str
    now: int
    of_month: dict[int, tuple[int, int, int]] = field(default_factory=dict)
    cells: dict[int, tuple[int, Decimal]] = field(default_factory=dict)

    @property
    def customers(self) -> int:
        return sum(customers for customers, _, _ in self.of_month.values())

    @property
    def observed(self) -> int:
        return sum(observed for _, observed, _ in self.of_month.values())

    @property
    def returned(self) -> int:
        return sum(returned for _, _, returned in self.of_month.values())

    @property
    def months_observed(self) -> int:
        """How many months since the first were over for at least one customer."""
        return max(self.now - min(self.of_month), 0)

    def observed_at(self, months_since: int) -> int:
        """Customers whose month so long after their first was over."""
        return sum(n for month, (n, _, _) in self.of_month.items() if month + months_since < self.now)

    def value_at(self, months_since: int) -> float | None:
        """Mean cumulative value up to that month; NULL where it was over for nobody."""
        total = 0.0
        for month in range(months_since + 1):
            observed = self.observed_at(month)
            if not observed:
                return None
            total += float(self.cells.get(month, (0, Decimal(0)))[1]) / observed
        return total


def curves(cohort: Cohort) -> Iterator[dict[str, Any]]:
    """The rows of COHORTS, up to the month that is not over yet."""
    cumulative = 0.0
    for month in range(cohort.months_observed + 1):
        observed = cohort.observed_at(month)
        active, value = cohort.cells.get(month, (0, Decimal(0)))
        mean = float(value) / observed if observed else None
        cumulative += mean or 0.0
        yield {
            "dimension": cohort.dimension,
            "cohort": cohort.cohort,
            "months_since": month,
            "customers": cohort.customers,
            "observed_customers": observed,
            "is_complete": observed == cohort.customers,
            "active_customers": active if observed else None,
            "active_share": active / observed if observed else None,
            "value": value if observed else None,
            "value_per_customer": mean,
            "cumulative_value_per_customer": cumulative if observed else None,
        }
