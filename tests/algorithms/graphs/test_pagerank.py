"""PageRank: published fixpoints, both ways of computing, and a second implementation by linear algebra."""

from __future__ import annotations

import random

import numpy as np
import pytest
from pyspark.sql import SparkSession
from staged import staged

from vitalfew.algorithms.graphs.pagerank import Ranking, page_rank
from vitalfew.errors import AnalysisError

Links = list[tuple[str, str]]

CHANCES = Ranking()
GRAPHX = Ranking(is_normalised=False)
FOLLOWERS = [("2", "1"), ("4", "1"), ("1", "2"), ("6", "3"), ("7", "3"), ("7", "6"), ("6", "7"), ("3", "7")]
"""GraphX's followers.txt."""
PAGES = [(pair[0], pair[1]) for pair in "BC CB DA DB EB ED EF FB FE GB GE HB HE IB IE JE KE".split()]
"""The eleven pages of Wikipedia's article on PageRank; A has no link."""
SITE = [
    *[("home", to) for to in ("about", "product", "links")],
    *[(page, "home") for page in ("about", "product", "links", *"abcd")],
    *[("links", page) for page in "abcd"],
]
"""Neo4j's example with eight pages."""


def ranks(
    spark: SparkSession,
    links: Links,
    how: Ranking = CHANCES,
    on_driver: int = 100_000,
    weights: list[float] | None = None,
) -> dict[str, float]:
    given = weights or [1.0] * len(links)
    rows = [(a, b, weight) for (a, b), weight in zip(links, given, strict=True)]
    frame = spark.createDataFrame(rows, "a string, b string, weight double")
    found = page_rank(frame, staged, how, on_driver).collect()
    assert len({row["node"] for row in found}) == len(found)
    return {row["node"]: row["score"] for row in found}


def solved(links: Links, weights: list[float], how: Ranking) -> dict[str, float]:
    """The fixpoint as the solution of linear equations."""
    names = sorted({node for link in links for node in link})
    n = len(names)
    given = np.zeros((n, n))
    for (a, b), weight in zip(links, weights, strict=True):
        given[names.index(b), names.index(a)] += weight
    out = given.sum(axis=0)
    shares = given / np.where(out > 0, out, 1)
    if how.is_normalised:
        shares[:, out == 0] = 1 / n
    base = np.full(n, (1 - how.damping) / (n if how.is_normalised else 1))
    return dict(zip(names, np.linalg.solve(np.eye(n) - how.damping * shares, base), strict=True))


def test_graphx_followers_reach_their_fixpoint(spark: SparkSession) -> None:
    expected = {"1": 54 / 37, "2": 51.45 / 37, "3": 1, "7": 74 / 57, "6": 40 / 57, "4": 0.15}
    assert ranks(spark, FOLLOWERS, GRAPHX) == pytest.approx(expected, rel=1e-9)


def test_the_pages_of_wikipedia_have_their_percentages(spark: SparkSession) -> None:
    found = ranks(spark, PAGES)
    shown = {page: round(100 * score, 1) for page, score in found.items()}
    assert shown == {"A": 3.3, "B": 38.4, "C": 34.3, "D": 3.9, "E": 8.1, "F": 3.9, **dict.fromkeys("GHIJK", 1.6)}
    assert sum(found.values()) == pytest.approx(1)


def test_convergence_is_not_twenty_rounds(spark: SparkSession) -> None:
    """The published scores of this example are those of 20 rounds (3.2157); the fixpoint is 4 % above."""
    found = ranks(spark, SITE, GRAPHX)
    assert [round(found[page], 6) for page in ("home", "about", "links", "a")] == [
        3.35248,
        1.099869,
        1.099869,
        0.336978,
    ]
    with pytest.raises(AnalysisError, match="still change after 20 rounds"):
        ranks(spark, SITE, Ranking(is_normalised=False, most_rounds=20))


@pytest.mark.parametrize("how", [GRAPHX, Ranking()], ids=["graphx", "normalised"])
def test_it_solves_the_equations_on_any_graph(spark: SparkSession, how: Ranking) -> None:
    """With links to itself, twice, and in rings, and with nodes that link to nobody."""
    dice = random.Random(4)
    links = [(f"n{dice.randrange(60)}", f"n{dice.randrange(90)}") for _ in range(200)]
    weights = [dice.choice([0.5, 1.0, 3.0]) for _ in links]
    assert ranks(spark, links, how, weights=weights) == pytest.approx(solved(links, weights, how), rel=1e-8)


@pytest.mark.both_engines
@pytest.mark.parametrize("is_normalised", [True, False])
def test_the_engine_finds_what_the_driver_finds(spark: SparkSession, is_normalised: bool) -> None:
    how = Ranking(damping=0.5, is_normalised=is_normalised, tolerance=1e-5)
    weights = [1.0 + place % 3 for place in range(len(PAGES))]
    on_driver = ranks(spark, PAGES, how, weights=weights)
    assert ranks(spark, PAGES, how, on_driver=3, weights=weights) == pytest.approx(on_driver, rel=1e-4)
    assert on_driver == pytest.approx(solved(PAGES, weights, how), rel=1e-4)


def test_the_order_of_links_changes_no_digit(spark: SparkSession) -> None:
    dice = random.Random(1)
    links = [(f"n{dice.randrange(40)}", f"n{dice.randrange(40)}") for _ in range(300)]
    first = ranks(spark, links)
    dice.shuffle(links)
    assert ranks(spark, links) == first


@pytest.mark.parametrize("on_driver", [100, 0])
def test_no_link_makes_no_score_and_a_ring_scores_alike(spark: SparkSession, on_driver: int) -> None:
    how = Ranking(damping=0.5, tolerance=1e-4)
    assert ranks(spark, [], how, on_driver) == {}
    assert ranks(spark, [("a", "a")], how, on_driver) == pytest.approx({"a": 1.0})
    ring = [("a", "b"), ("b", "c"), ("c", "a")]
    assert ranks(spark, ring, how, on_driver) == pytest.approx(dict.fromkeys("abc", 1 / 3))
