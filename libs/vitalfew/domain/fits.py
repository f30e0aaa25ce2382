"""What was fitted, as rows of a table, and whether it may still be scored with."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from vitalfew.dataframes.collect import collect_rows
from vitalfew.domain.order_windows import days_after
from vitalfew.domain.refit_params import RefitParams

SEEN = "seen"
SUMMED = ("orders", "customers", "net_amount")
"""What of the orders is compared."""
Cell = float | str


@dataclass(frozen=True)
class Fit:
    """Numbers and words by part and name, as fitted on a day to the orders before it."""

    on: date
    cells: Mapping[tuple[str, str], Sequence[Cell]]

    def names(self, part: str) -> list[str]:
        """The names in a part, sorted."""
        return sorted(name for of, name in self.cells if of == part)

    def numbers(self, part: str, name: str) -> list[float]:
        """The numbers of a name; none where the fit has none."""
        return [float(cell) for cell in self.cells.get((part, name), ())]

    def word(self, part: str, name: str) -> str | None:
        """The word of a name; None where the fit has none."""
        found = self.cells.get((part, name))
        return str(found[0]) if found else None

    def rows(self) -> list[dict[str, Any]]:
        """Rows of a table of fits."""
        return [
            {
                "fitted_on": self.on,
                "part": part,
                "name": name,
                "position": position,
                "value": None if isinstance(cell, str) else float(cell),
                "word": cell if isinstance(cell, str) else None,
            }
            for (part, name), cells in sorted(self.cells.items())
            for position, cell in enumerate(cells)
        ]


def read(rows: DataFrame | None) -> Fit | None:
    """The fit that is in rows of a table of fits; None where there are none."""
    found = [] if rows is None else collect_rows(rows, "numbers of a fit")
    if not found:
        return None
    cells: dict[tuple[str, str], list[Cell]] = {}
    for row in sorted(found, key=lambda row: int(row["position"])):
        cell = row["word"] if row["value"] is None else row["value"]
        cells.setdefault((row["part"], row["name"]), []).append(cell)
    return Fit(found[0]["fitted_on"], cells)


def made(orders: DataFrame, as_of: date, cells: Mapping[tuple[str, str], Iterable[Cell]] | None = None) -> Fit:
    """A fit of `as_of` to `orders`: what it consists of, and what it was fitted to."""
    row = collect_rows(orders.agg(*totals("all", as_of)), "orders to fit to")[0]
    seen = {(SEEN, name): [float(row[f"all_{name}"] or 0)] for name in SUMMED}
    return Fit(as_of, {**{key: list(of) for key, of in (cells or {}).items()}, **seen})


def serving(rows: DataFrame | None, orders: DataFrame, as_of: date, params: RefitParams) -> Fit | None:
    """The fit that is in rows of a table of fits, if it `serves`."""
    fit = read(rows)
    return fit if fit is not None and serves(fit, orders, as_of, params) else None


def serves(fit: Fit, orders: DataFrame, as_of: date, params: RefitParams) -> bool:
    """Whether results of `as_of` are made with `fit`: it is not old, and what it saw has not moved too far."""
    if as_of < fit.on or as_of >= days_after(fit.on, params.refit_days):
        return False
    row = collect_rows(orders.agg(*totals("all", as_of), *totals("then", fit.on)), "orders since the fit")[0]
    return not any(
        moved(fit.numbers(SEEN, name), float(row[f"{when}_{name}"] or 0), params.refit_change)
        for name in SUMMED
        for when in ("all", "then")
    )


def moved(then: Sequence[float], now: float, most: float) -> bool:
    """Whether a total has changed by more than a share of what it was."""
    return not then or abs(now - then[0]) > most * abs(then[0])


def totals(name: str, before: date) -> list[Column]:
    """Number, customers and money of the orders before a day."""
    seen = F.col("ordered_on") < F.lit(before)
    return [
        F.count_if(seen).alias(f"{name}_orders"),
        F.count_distinct(F.when(seen, F.col("customer_id"))).alias(f"{name}_customers"),
        F.sum(F.when(seen, F.col("net_amount"))).alias(f"{name}_net_amount"),
    ]
