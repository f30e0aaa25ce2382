"""A shop whose customers buy by a planted season: purchase days made with numpy, as a frame of orders if asked for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
from published import orders
from pyspark.sql import DataFrame, SparkSession

from vitalfew.jobs.next_purchase.panel import Panel

DECEMBER = np.array([0.7 / 11 * 12] * 11 + [0.3 * 12])
"""Activity of the months: three in ten purchases come in December."""
EVEN = np.ones(12)
START = date(2021, 1, 1)


@dataclass(frozen=True)
class Purchases:
    """Who bought on which day (since 1970) and what it brought, by customer and day."""

    who: np.ndarray
    day: np.ndarray
    net: np.ndarray

    def before(self, on: date) -> Purchases:
        seen = self.day < (on - date(1970, 1, 1)).days
        return Purchases(self.who[seen], self.day[seen], self.net[seen])

    def panel(self) -> Panel:
        _, who = np.unique(self.who, return_inverse=True)
        return Panel(who, self.day, self.net, np.ones(len(who), dtype=bool), 1.0)

    def frame(self, folder: Path, spark: SparkSession) -> DataFrame:
        lines = pd.DataFrame({"customer_id": [f"c{n:05}" for n in self.who], "pieces": "1"})
        lines["net_amount"] = [f"{amount:.2f}" for amount in self.net]
        return orders(lines, pd.to_datetime(self.day, unit="D").to_series(index=lines.index), folder, spark)


def shop(
    seed: int,
    years: int,
    customers: int = 3000,
    season: np.ndarray = DECEMBER,
    gone_at_once: float = 0.1,
    leave: tuple[float, float] = (0.6, 4.0),
    rate: float = 5.0,
    with_amounts: float = 0.0,
) -> Purchases:
    """So many years of a shop that wins customers as the season goes; some are gone after their first order.

    `leave`: each leaves after every order with a probability of their own, of this beta distribution; `rate`: orders of
    an average customer in a year;
    `with_amounts`: by which power of their own rate customers spend more on one order.
    """
    rng = np.random.default_rng(seed)
    end = START + timedelta(days=365 * years + years // 4)
    days = np.arange(START.toordinal(), end.toordinal()) - date(1970, 1, 1).toordinal()
    months = days.astype("datetime64[D]").astype("datetime64[M]").astype(int) % 12
    passed = np.cumsum(season[months])
    who, day, net = [], [], []
    first = np.sort(rng.uniform(0, passed[-1], customers))
    for number, at in enumerate(first):
        own = rng.gamma(1.5) / 1.5 * rate / 365
        amount = 20 * np.exp(rng.normal(0, 0.4)) * (own * 365 / rate) ** with_amounts
        found, on = [], at
        leaves = rng.beta(*leave)
        if rng.random() < gone_at_once:
            leaves = 1.0
        while on < passed[-1]:
            found.append(days[np.searchsorted(passed, on)])
            if rng.random() < leaves:
                break
            on += rng.exponential(1 / own)
        distinct = np.unique(found)
        who += [number] * len(distinct)
        day += distinct.tolist()
        net += (amount * np.exp(rng.normal(0, 0.3, len(distinct)))).tolist()
    return Purchases(np.array(who), np.array(day), np.round(np.array(net), 2))


def on(day: date) -> int:
    return (day - date(1970, 1, 1)).days


__all__ = ["DECEMBER", "EVEN", "START", "Purchases", "on", "shop"]
