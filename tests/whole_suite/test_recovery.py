"""The jobs find what was planted in generated data: rules, clusters, segments, concentration and cancelled giants."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from math import sqrt

import pytest
from generated import Planted, planted_shop
from generator import writing
from generator.world import AS_OF, World
from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from sklearn.metrics import adjusted_rand_score
from staged import staged

from vitalfew.engines.engine import Engine
from vitalfew.jobs.baskets.tables import RULES
from vitalfew.jobs.clusters.features import FeatureName
from vitalfew.jobs.clusters.tables import CLUSTER_FEATURES
from vitalfew.jobs.clusters.transform import ClusterParams, clusters
from vitalfew.jobs.contribution.tables import CONCENTRATION, CONTRIBUTION
from vitalfew.jobs.rfm.tables import RFM
from vitalfew.tables import facts, logs

JOBS = ("orders", "rfm", "contribution", "baskets", "clusters")
LINES, DIRTY = 200_000, 0.002
EACH = 50  # LINES * DIRTY / 8 kinds
STRONG_LIFT = 5

STYLE_FEATURES: tuple[FeatureName, ...] = ("weekend_share", "evening_share", "average_basket_value")
PIECES_FEATURES: tuple[FeatureName, ...] = ("weekend_share", "evening_share", "pieces_per_order")
FEWEST_ORDERS = 10
"""Of those with fewer orders, nobody can tell how they shop."""

NAMED = {
    "champion": ["Champions"],
    "returned": ["Champions"],
    "rising": ["Champions", "Loyal"],
    "dropping": ["Champions", "Loyal"],
    "loyal": ["Champions", "Loyal"],
    "new": ["New Customers", "Promising"],
    "lost": ["About To Sleep", "At Risk", "Cannot Lose Them", "Hibernating", "Lost"],
}
"""What RFM has to call those who were made so. Who slips is as near as a month, and goes by frequency."""


@pytest.fixture(scope="module")
def recovered(running: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Planted]:
    """The suite's own configuration of the jobs, on the target `generated`."""
    root = tmp_path_factory.mktemp("generated")
    with planted_shop(running, root, World(LINES, seed=3, dirty=DIRTY), JOBS) as found:
        yield found


def test_every_giant_order_and_its_cancellation_are_recognised_and_hardly_anything_else(recovered: Planted) -> None:
    planted = recovered.truth("dirt").where("dirt like 'giant%'").select("order_id").distinct()
    cancelled = recovered.result(facts.ORDERS).where("kind = 'cancelled'")
    assert cancelled.join(planted, on="order_id", how="left_semi").count() == 2 * EACH
    assert cancelled.count() == 2 * EACH
    assert recovered.result(RFM).agg(F.max("average_order_value")).collect()[0][0] < 10_000


def test_lines_without_order_product_or_time_are_quarantined_and_all_others_used(recovered: Planted) -> None:
    quarantined = recovered.result(logs.QUARANTINE).where("source = 'order_lines'")
    run = recovered.result(logs.RUNS).where("job = 'orders' and outcome = 'PUBLISHED'").collect()[0]
    assert quarantined.count() == run["rows_quarantined"] == 3 * EACH
    assert run["rows_in"] == run["rows_used"] + 3 * EACH
    assert run["rows_in"] == writing.load(recovered.storage.spark, recovered.root / "order_lines").count()


def test_every_planted_rule_is_found_with_its_confidence_and_no_strong_rule_is_from_elsewhere(
    recovered: Planted,
) -> None:
    planted = {(tuple(r["antecedent"]), r["consequent"]): r for r in recovered.truth("rules").collect()}
    rules = recovered.result(RULES).where("level = 'product'").collect()
    found = {(tuple(rule["antecedent"]), rule["consequent"]): rule for rule in rules}
    assert planted.keys() <= found.keys()
    for key, truth in planted.items():
        spread = sqrt(truth["confidence"] * (1 - truth["confidence"]) / found[key]["n_antecedent"])
        assert found[key]["confidence"] == pytest.approx(truth["confidence"], abs=4 * spread), key
        assert found[key]["lift"] == pytest.approx(truth["lift"], rel=0.35), key
        assert found[key]["is_significant"]
    together = [{*antecedent, consequent} for antecedent, consequent in planted]
    strong = [key for key, rule in found.items() if rule["lift"] >= STRONG_LIFT and rule["confidence"] >= 0.3]
    elsewhere = [key for key in strong if not any(key[1] in products and products & {*key[0]} for products in together)]
    assert len(strong) >= len(planted)
    assert elsewhere == []


def test_customers_of_one_style_come_into_one_cluster_and_the_number_of_styles_is_found(recovered: Planted) -> None:
    shop = recovered.truth("customers").where(
        f"orders >= {FEWEST_ORDERS} and not is_follower and segment != 'dropping'"
    )
    chosen, agreement = grouped(recovered, shop, ClusterParams(features=STYLE_FEATURES))
    assert chosen == 5
    assert agreement > 0.7
    of_five = ClusterParams(features=PIECES_FEATURES, fewest_clusters=5, most_clusters=5)
    assert grouped(recovered, shop, of_five)[1] > 0.8


def grouped(recovered: Planted, customers: DataFrame, params: ClusterParams) -> tuple[int, float]:
    """How many clusters are made of `customers`, and the adjusted Rand index with their styles."""
    orders = recovered.result(facts.ORDERS).join(customers.select("customer_id"), on="customer_id", how="left_semi")
    profile, before = recovered.result(facts.CUSTOMER_PROFILE), recovered.storage.empty(CLUSTER_FEATURES)
    made = clusters(orders, profile, before, params=params, as_of=AS_OF, stage=staged)[0]
    rows = made.join(customers, on="customer_id", how="inner").select("style", "cluster").collect()
    assert len(rows) == customers.count()
    return len({row["cluster"] for row in rows}), adjusted_rand_score(*zip(*rows, strict=True))


def test_segments_name_the_customers_as_they_were_made(recovered: Planted) -> None:
    share: dict[str, Counter[str]] = defaultdict(Counter)
    truth = recovered.truth("customers").select("customer_id", F.col("segment").alias("planted"))
    for row in recovered.result(RFM).join(truth, on="customer_id", how="inner").collect():
        share[row["planted"]][row["segment"]] += 1
    for planted, names in NAMED.items():
        assert sum(share[planted][name] for name in names) / share[planted].total() > 0.9, (planted, share[planted])
    assert share["lost"]["Champions"] == share["slipping"]["New Customers"] == 0


def test_as_few_customers_as_planted_hold_most_of_the_value(recovered: Planted) -> None:
    overall = recovered.result(CONCENTRATION).where("subject = 'customer' and dimension = 'all'").collect()[0]
    assert overall["top_share"] == pytest.approx(0.8, abs=0.03)
    assert overall["share_for_target"] == pytest.approx(0.2, abs=0.03)
    truth = recovered.truth("customers").select(F.col("customer_id").alias("subject_id"), "segment")
    ranked = recovered.result(CONTRIBUTION).where("subject = 'customer'")
    best = ranked.join(truth, on="subject_id", how="inner").where("segment in ('champion', 'returned')")
    assert {row["abc"] for row in best.select("abc").distinct().collect()} <= {"A", "B"}
    assert best.where("abc = 'A'").count() / best.count() > 0.95
