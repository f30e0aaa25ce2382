"""Weeks of products with a known elasticity: seasons, promotions, shocks that last, and shops that set prices by demand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pyarrow as pa

Trap = Literal["season", "growth", "last_week", "same_weeks"]


@dataclass(frozen=True)
class Planted:
    """`truth` is the elasticity of each product by its id; `rows` are what `of_groups` takes, without weeks of no sale."""

    truth: dict[str, float]
    rows: pa.Table


def planted(
    seed: int,
    products: int = 20,
    weeks: int = 104,
    elasticity: tuple[float, float] = (-2.0, 0.7),
    trap: Trap | None = None,
    stocked_up: float = 0.0,
) -> Planted:
    """Products of one category, 3 to 60 units a week; units are negative binomial around an autocorrelated level.

    `trap`: season (prices rise in the season), growth (what grows gets dearer), last_week (the price follows what
    was sold the week before), same_weeks (all are on offer in the same weeks, in which the shop sells more anyway).
    `stocked_up`: this share of the effect of a promotion is taken back in two weeks.
    """
    random = np.random.default_rng(seed)
    season = 0.4 * np.sin(2 * np.pi * np.arange(weeks) / 52 + 1) + random.normal(0, 0.1, weeks)
    weeks_on_offer = np.zeros(weeks)
    if trap == "same_weeks":
        weeks_on_offer = promotions(weeks, np.random.default_rng([seed, 1]))
        season = season + 0.3 * (weeks_on_offer < 0)
    truth, found = {}, []
    for number in range(products):
        name = f"p{number:02}"
        truth[name] = random.normal(*elasticity)
        found.append(of_product(name, truth[name], season, weeks_on_offer, trap, stocked_up, random))
    return Planted(truth, pa.concat_tables(found))


def promotions(weeks: int, random: np.random.Generator) -> np.ndarray:
    """The logarithm of what is left of the price."""
    found = np.zeros(weeks)
    for week in np.flatnonzero(random.random(weeks) < 0.12).tolist():
        found[week : week + random.integers(1, 3)] = np.log(1 - random.choice([0.1, 0.2, 0.3]))
    return found


def of_product(
    name: str,
    elasticity: float,
    season: np.ndarray,
    weeks_on_offer: np.ndarray,
    trap: Trap | None,
    stocked_up: float,
    random: np.random.Generator,
) -> pa.Table:
    weeks = len(season)
    shock = np.zeros(weeks)
    for week in range(weeks):
        shock[week] = 0.5 * shock[week - 1] + random.normal(0, 0.13)
    promotion = weeks_on_offer if trap == "same_weeks" else promotions(weeks, random)
    price = np.cumsum((random.random(weeks) < 0.02) * random.normal(0, 0.08, weeks)) + promotion
    if trap == "growth":
        grown = np.linspace(0, random.uniform(-1, 1), weeks)
        shock, price = shock + grown, price + 0.5 * grown
    if trap == "season":
        price = price + 0.5 * season
    if trap == "last_week":
        price = price + 0.8 * np.append(0.0, shock[:-1])
    level = np.log(random.uniform(3, 60)) + season + elasticity * price + shock
    for lag in (1, 2):
        level[lag:] -= stocked_up / 2 * elasticity * promotion[:-lag]
    mean = np.exp(level)
    units = random.negative_binomial(5, 5 / (5 + mean))
    sold = np.flatnonzero(units)
    money = np.round(5 * np.exp(price), 2)
    usual = np.round(5 * np.exp(price - promotion), 2)
    return pa.table(
        {
            "season": ["food"] * len(sold),
            "product_id": [name] * len(sold),
            "week": sold + 1,
            "units": units[sold].astype(float),
            "price": money[sold],
            "usual": usual[sold],
        }
    )
