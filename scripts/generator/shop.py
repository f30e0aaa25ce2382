"""A world on an engine: its catalogue, and its small tables, which the rows are joined with."""

from __future__ import annotations

from dataclasses import dataclass

from pyspark.sql import DataFrame, SparkSession

from generator import bundles, segments, styles
from generator.catalogue import Catalogue, catalogue, shelf
from generator.dice import Dice
from generator.world import World


@dataclass(frozen=True)
class Shop:
    """What every stage is told. The frames have some hundred or thousand rows each."""

    spark: SparkSession
    world: World
    goods: Catalogue
    shelf: DataFrame
    segments: DataFrame
    styles: DataFrame
    times: DataFrame
    themes: DataFrame

    @property
    def dice(self) -> Dice:
        return self.world.dice


def shop(spark: SparkSession, world: World) -> Shop:
    goods = catalogue(world)
    return Shop(
        spark,
        world,
        goods,
        shelf=shelf(spark, goods),
        segments=segments.table(spark),
        styles=styles.table(spark),
        times=styles.times(spark),
        themes=bundles.themes(spark, goods),
    )
