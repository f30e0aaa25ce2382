"""What prices did to units, for each product of each group: regressions in the workers of an engine."""

from __future__ import annotations

from functools import partial

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyspark.sql import DataFrame

from vitalfew.algorithms.prices.errors import cells_of, standard_errors
from vitalfew.algorithms.prices.held_out import gains
from vitalfew.algorithms.prices.series import Series, series
from vitalfew.algorithms.prices.shared_weeks import shared
from vitalfew.algorithms.prices.two_effects import Fitted, fit
from vitalfew.dataframes.arrays import Floats
from vitalfew.dataframes.staging import Stage

MOST_SHARED = 10.0
"""Times the variance of a coefficient, beyond which the effects of prices and of weeks cannot be told apart."""
NUMBERS = ("elasticity", "error", "gain", "deviance", "after", "after_error", "before", "before_error")
LISTS = ("cut_units", "cut_price", "cut_usual")
DDL = ", ".join(
    [
        "season string, product_id string, weeks int, changes int, free int",
        *(f"{name} double" for name in NUMBERS),
        *(f"{name} array<double>" for name in LISTS),
    ]
)
ARROW = pa.schema(
    [
        ("season", pa.string()),
        ("product_id", pa.string()),
        ("weeks", pa.int32()),
        ("changes", pa.int32()),
        ("free", pa.int32()),
        *((name, pa.float64()) for name in NUMBERS),
        *((name, pa.list_(pa.float64())) for name in LISTS),
    ]
)


def estimates(
    weekly: DataFrame, rows: int, weeks: int, block_weeks: int, least_change: float, least_cut: float, stage: Stage
) -> DataFrame:
    """The columns of DDL, one row for each product that is not NULL; staged.

    `weekly`, about `rows` rows: season (whose products share effects of weeks), product_id (NULL: the rest
    of the group), week (1 to `weeks`), units, price, usual (of the block). elasticity: the coefficient of the
    logarithm of the price, NaN where prices do not vary within blocks, and its standard error with `free` degrees of
    freedom; changes: of the price, by the share `least_change` or more. gain: how much of `deviance`, that of held-out
    weeks without an effect of the price, the effect takes away. after, before: coefficients of the price of the next
    week and of the mean of the weeks before, beside that of the week. The lists have the weeks in which the price was
    below the usual one by the share `least_cut` or more.
    """
    work = partial(
        of_groups, weeks=weeks, block_weeks=block_weeks, least_change=least_change, least_cut=least_cut
    )  # fmt: skip
    return stage.by_key(weekly, "season", rows, work, DDL)


def of_groups(rows: pa.Table, weeks: int, block_weeks: int, least_change: float, least_cut: float) -> pa.Table:
    """The estimates of all groups in `rows`."""
    found = []
    for season in sorted(pc.unique(rows["season"]).to_pylist()):
        group = rows.filter(pc.equal(rows["season"], season))
        found += of_group(season, group, weeks, block_weeks, least_change, least_cut)
    return pa.Table.from_pylist(found, ARROW)


def of_group(
    season: str, rows: pa.Table, weeks: int, block_weeks: int, least_change: float, least_cut: float
) -> list[dict[str, object]]:
    """The estimates of one group."""
    panel = series(rows, weeks, block_weeks, least_change)
    if not panel.names or not panel.units.size:
        return []
    numbers = of_panel(panel)
    cut = cut_weeks(rows, panel.names, least_cut)
    return [
        {
            "season": season,
            "product_id": name,
            **{key: values[place].item() for key, values in numbers.items()},
            **{key: values[place] for key, values in cut.items()},
        }
        for place, name in enumerate(panel.names)
    ]


def of_panel(panel: Series) -> dict[str, np.ndarray]:
    """The numbers of each product."""
    price = panel.log_price[:, None]
    fitted = fit(panel, price)
    error = errors_of(panel, fitted)
    gained, deviance = gains(panel, price, fitted, error, fit(panel, price[:, :0]))
    size = np.bincount(panel.product, minlength=panel.products)
    first = np.unique(panel.spell, return_index=True)[1]
    spells = np.bincount(panel.product[first], minlength=panel.products)
    after, before = timing(panel)
    return {
        "weeks": size,
        "changes": np.maximum(spells - 1, 0),
        "free": np.maximum(np.minimum(spells - 2, size - cells_of(panel) - 1), 1),
        "elasticity": np.where(np.isnan(error), np.nan, fitted.coefficients[:, 0]),
        "error": error,
        "gain": gained,
        "deviance": deviance,
        "after": after[:, 0],
        "after_error": after[:, 1],
        "before": before[:, 0],
        "before_error": before[:, 1],
    }


def errors_of(panel: Series, fitted: Fitted) -> Floats:
    """Standard errors of the coefficients of the price; NaN where others change their prices in the same weeks."""
    own, times = standard_errors(panel, fitted)[:, 0], shared(panel, fitted)
    return np.where(times <= MOST_SHARED, own * np.sqrt(np.minimum(times, MOST_SHARED)), np.nan)


def timing(panel: Series) -> tuple[Floats, Floats]:
    """Coefficients and errors of the price of the next week, and of the weeks before, beside that of the week."""
    unknown = np.full((panel.products, 2), np.nan)
    known = panel.where(~np.isnan(panel.before) & ~np.isnan(panel.after))
    if not known.units.size:
        return unknown, unknown
    x = np.stack([known.log_price, known.after, known.before], axis=1)
    x[known.product == len(known.names)] = 0.0
    fitted = fit(known, x)
    both = np.stack([fitted.coefficients, standard_errors(known, fitted)], axis=2)
    return both[:, 1], both[:, 2]


def cut_weeks(rows: pa.Table, names: list[str], least_cut: float) -> dict[str, list[list[float]]]:
    """Units, price and usual price of the weeks in which the price was cut, of each product, in the order of weeks."""
    is_cut = pc.less_equal(rows["price"], pc.multiply(rows["usual"], 1 - least_cut))
    cut = rows.filter(pc.fill_null(is_cut, False)).sort_by([("product_id", "ascending"), ("week", "ascending")])
    place = {name: number for number, name in enumerate(names)}
    found: dict[str, list[list[float]]] = {key: [[] for _ in names] for key in LISTS}
    for name, *values in zip(*(cut[key].to_pylist() for key in ("product_id", "units", "price", "usual")), strict=True):
        for key, value in zip(LISTS, values, strict=True):
            found[key][place[name]].append(value)
    return found
