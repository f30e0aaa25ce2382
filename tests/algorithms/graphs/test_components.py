"""Connected components, distributed and on the driver."""

from __future__ import annotations

import random

import pytest
from pyspark.sql import DataFrame, SparkSession

from vitalfew.algorithms.graphs.components import components, contracted, merged
from vitalfew.config.target import Target
from vitalfew.dataframes.staging import Stage
from vitalfew.engines.engine import Engine
from vitalfew.storage.delta import Storage

Edges = list[tuple[str, str]]


@pytest.fixture(scope="module")
def stage(running: Engine, tmp_path_factory: pytest.TempPathFactory) -> Stage:
    """As in a run: otherwise every round would compute all rounds before it."""
    return Storage(running, Target(root=str(tmp_path_factory.mktemp("components")))).stage


def found(spark: SparkSession, stage: Stage, edges: Edges, on_driver: int) -> dict[str, str]:
    frame = spark.createDataFrame(edges, "a string, b string")
    rows = components(frame, stage, on_driver).collect()
    assert len({row["node"] for row in rows}) == len(rows)
    return {row["node"]: row["component"] for row in rows}


def naive(edges: Edges) -> dict[str, str]:
    """By spreading the least name until nothing changes."""
    name = {node: node for edge in edges for node in edge}
    changed = True
    while changed:
        changed = False
        for a, b in edges:
            least = min(name[a], name[b])
            changed |= name[a] != least or name[b] != least
            name[a] = name[b] = least
    return name


@pytest.mark.both_engines
def test_nodes_that_are_linked_however_far_get_the_least_name(spark: SparkSession, stage: Stage) -> None:
    edges = [("c", "b"), ("b", "c"), ("a", "c"), ("z", "y"), ("x", "x"), ("y", "z")]
    expected = {"a": "a", "b": "a", "c": "a", "y": "y", "z": "y"}
    assert found(spark, stage, edges, on_driver=0) == expected
    assert found(spark, stage, edges, on_driver=100) == expected


def test_a_long_chain_needs_few_rounds(spark: SparkSession, stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    rounds: list[int] = []

    def counted(edges: DataFrame, round_no: int) -> DataFrame:
        rounds.append(round_no)
        return contracted(edges, round_no)

    monkeypatch.setattr("vitalfew.algorithms.graphs.components.contracted", counted)
    chain = [(f"n{i:05d}", f"n{i + 1:05d}") for i in range(3_000)]
    assert set(found(spark, stage, chain, on_driver=0).values()) == {"n00000"}
    assert len(rounds) < 25


def test_one_giant_component_and_a_star_are_one(spark: SparkSession, stage: Stage) -> None:
    star = [("hub", f"n{i:05d}") for i in range(20_000)]
    assert set(found(spark, stage, star, on_driver=0).values()) == {"hub"}
    dice = random.Random(3)
    tangle = [(f"n{dice.randrange(2_000):04d}", f"n{dice.randrange(2_000):04d}") for _ in range(8_000)]
    assert found(spark, stage, tangle, on_driver=10) == naive([edge for edge in tangle if edge[0] != edge[1]])


@pytest.mark.parametrize("seed", range(4))
def test_random_graphs_are_as_by_spreading_names(spark: SparkSession, stage: Stage, seed: int) -> None:
    dice = random.Random(seed)
    edges = [(f"n{dice.randrange(60)}", f"n{dice.randrange(60)}") for _ in range(40)]
    edges = [edge for edge in edges if edge[0] != edge[1]]
    assert found(spark, stage, edges, on_driver=0) == naive(edges) == merged(edges)


def test_no_edges_have_no_components(spark: SparkSession, stage: Stage) -> None:
    assert found(spark, stage, [], on_driver=0) == {}
