"""THE jobs, on one page: what each answers, reads, computes and writes.

Registering a job here puts it into the command line, the wheel, the pipeline's order, and every test of completeness.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Literal

from vitalfew.analyses.affinity import AffinityParams, affinity
from vitalfew.analyses.alerts import AlertParams, alerts
from vitalfew.analyses.baskets import BasketParams, baskets
from vitalfew.analyses.clusters import ClusterParams, clusters
from vitalfew.analyses.cohorts import CohortParams, cohorts
from vitalfew.analyses.contribution import ContributionParams, contribution
from vitalfew.analyses.customer360 import Customer360Params, customer360
from vitalfew.analyses.customer_products import CustomerProductParams, customer_products
from vitalfew.analyses.moves import MoveParams, moves
from vitalfew.analyses.next_purchase import NextPurchaseParams, next_purchase
from vitalfew.analyses.orders import OrderParams, orders
from vitalfew.analyses.params import Params
from vitalfew.analyses.recommendations import RecommendationParams, recommendations
from vitalfew.analyses.rfm import RfmParams, rfm
from vitalfew.analyses.summary import SUMMARISED, SummaryParams, summary
from vitalfew.analyses.timing import TimingParams, timing
from vitalfew.analyses.verify import VerifyParams, verify
from vitalfew.errors import ConfigError, hint
from vitalfew.ingest.settings import IngestParams
from vitalfew.tables import Table, facts, logs, results, sources


@dataclass(frozen=True)
class Read:
    """A table that a job reads, and which part of it.

    `same`: a result's slice of the run's own `as_of`; `previous`: its latest slice before that.
    Sources and facts are always read whole. An optional table that is not there is read as an empty one.
    """

    table: Table
    part: Literal["same", "previous"] = "same"
    optional: bool = False


@dataclass(frozen=True)
class Job:
    """A pure function between declared tables.

    `transform` takes the frames of `reads`, in order, and the keywords `params`, `as_of` and `stage`; it returns one
    frame (or `Change`) for each of `writes`, in order. The runner adds the column `as_of`. A job without a transform
    (`ingest`) has a procedure of its own in the runner. `is_dated` jobs look at the world on a day, `as_of`. A job
    `on_request` is not part of `all`, and runs each time that it is named.
    """

    name: str
    answers: str
    params: type[Params]
    reads: tuple[Read, ...]
    writes: tuple[Table, ...]
    transform: Callable[..., tuple[Any, ...]] | None
    is_dated: bool = True
    on_request: bool = False


INGEST = Job(
    name="ingest",
    answers="Which files are new, and which of their rows can be trusted?",
    params=IngestParams,
    reads=(),
    writes=(sources.ORDER_LINES, sources.EVENTS, sources.CUSTOMERS, sources.PRODUCTS, sources.CONTACTS),
    transform=None,
    is_dated=False,
)

ORDERS = Job(
    name="orders",
    answers="Who ordered what, when, and for how much?",
    params=OrderParams,
    reads=(
        Read(sources.ORDER_LINES),
        Read(sources.PRODUCTS, optional=True),
        Read(sources.CUSTOMERS, optional=True),
        Read(facts.ORDERS, optional=True),
        Read(facts.ORDER_DAYS, optional=True),
        Read(facts.CUSTOMER_PROFILE, optional=True),
    ),
    writes=(facts.ORDERS, facts.ORDER_DAYS, facts.CUSTOMER_PROFILE),
    transform=orders,
    is_dated=False,
)

CUSTOMER_PRODUCTS = Job(
    name="customer_products",
    answers="What has each customer bought so far, how often and when last?",
    params=CustomerProductParams,
    reads=(
        Read(facts.ORDERS),
        Read(facts.CUSTOMER_PRODUCTS, optional=True),
        Read(facts.CUSTOMER_ORDERS, optional=True),
    ),
    writes=(facts.CUSTOMER_PRODUCTS, facts.CUSTOMER_ORDERS),
    transform=customer_products,
    is_dated=False,
)

RFM = Job(
    name="rfm",
    answers="Who are the best customers, who is slipping away, and what to do about each?",
    params=RfmParams,
    reads=(Read(facts.ORDERS),),
    writes=(results.RFM, results.RFM_CUTS, results.RFM_SEGMENTS),
    transform=rfm,
)

CONTRIBUTION = Job(
    name="contribution",
    answers="How few customers and products bring most of the value?",
    params=ContributionParams,
    reads=(Read(facts.ORDERS), Read(facts.CUSTOMER_PROFILE), Read(sources.PRODUCTS, optional=True)),
    writes=(results.CONTRIBUTION, results.CONCENTRATION, results.LORENZ),
    transform=contribution,
)

BASKETS = Job(
    name="baskets",
    answers="What is bought together?",
    params=BasketParams,
    reads=(Read(facts.ORDERS), Read(sources.PRODUCTS, optional=True)),
    writes=(results.ITEMSETS, results.RULES, results.BASKET_LIMITS),
    transform=baskets,
)

CLUSTERS = Job(
    name="clusters",
    answers="Which customers are alike, and what sets each group apart?",
    params=ClusterParams,
    reads=(
        Read(facts.ORDERS),
        Read(facts.CUSTOMER_PROFILE),
        Read(results.CLUSTER_FEATURES, part="previous", optional=True),
    ),
    writes=(results.CLUSTERS, results.CLUSTER_PROFILES, results.CLUSTER_FEATURES, results.CLUSTER_SCORES),
    transform=clusters,
)

RECOMMENDATIONS = Job(
    name="recommendations",
    answers="What will each customer want next, and why?",
    params=RecommendationParams,
    reads=(Read(facts.ORDERS), Read(sources.PRODUCTS, optional=True)),
    writes=(results.RECOMMENDATIONS, results.RECOMMENDATION_EVALUATION),
    transform=recommendations,
)

COHORTS = Job(
    name="cohorts",
    answers="Do customers stay, and does it matter when, with what and where they began?",
    params=CohortParams,
    reads=(
        Read(facts.ORDERS),
        Read(sources.PRODUCTS, optional=True),
    ),
    writes=(
        results.COHORTS,
        results.COHORT_PROFILES,
    ),
    transform=cohorts,
)

CUSTOMER360 = Job(
    name="customer360",
    answers="Who is each customer: which accounts are one person, what do they do, look for and pay?",
    params=Customer360Params,
    reads=(
        Read(facts.ORDERS),
        Read(facts.CUSTOMER_PROFILE),
        Read(sources.EVENTS, optional=True),
        Read(sources.CONTACTS, optional=True),
        Read(sources.PRODUCTS, optional=True),
    ),
    writes=(
        results.CUSTOMER360,
        results.TOUCHES,
        results.UNMET_WANTS,
        results.IDENTITIES,
        results.IDENTITY_DOUBTS,
        results.CUSTOMER_COVERAGE,
    ),
    transform=customer360,
)

TIMING = Job(
    name="timing",
    answers="When do customers buy, which hours stand out, and when is each one best reached?",
    params=TimingParams,
    reads=(
        Read(facts.ORDERS),
        Read(sources.EVENTS, optional=True),
        Read(sources.PRODUCTS, optional=True),
        Read(results.RFM, optional=True),
    ),
    writes=(results.TIMING_GRID, results.TIMING_PEAKS, results.CUSTOMER_TIMING),
    transform=timing,
)

MOVES = Job(
    name="moves",
    answers="Who changed segment, cluster or class since the last look, and which flows are abnormal?",
    params=MoveParams,
    reads=(
        Read(results.RFM),
        Read(results.RFM, part="previous"),
        Read(results.CLUSTERS, optional=True),
        Read(results.CLUSTERS, part="previous", optional=True),
        Read(results.CONTRIBUTION, optional=True),
        Read(results.CONTRIBUTION, part="previous", optional=True),
        Read(results.MOVE_MATRIX, part="previous", optional=True),
    ),
    writes=(
        results.MOVES,
        results.MOVE_MATRIX,
        results.MOVE_TOTALS,
    ),
    transform=moves,
)

NEXT_PURCHASE = Job(
    name="next_purchase",
    answers="Who will come back, when, and what are they worth?",
    params=NextPurchaseParams,
    reads=(Read(facts.ORDERS), Read(sources.PRODUCTS, optional=True)),
    writes=(
        results.NEXT_PURCHASE,
        results.PURCHASE_FORECAST,
        results.PURCHASE_MODELS,
        results.PURCHASE_PARAMETERS,
        results.PURCHASE_CALIBRATION,
        results.PURCHASE_WINDOWS,
        results.REPEAT_PURCHASES,
    ),
    transform=next_purchase,
)

ALERTS = Job(
    name="alerts",
    answers="What needs attention now, how much is at stake, and since when?",
    params=AlertParams,
    reads=(
        Read(facts.ORDERS),
        Read(sources.EVENTS, optional=True),
        Read(sources.PRODUCTS, optional=True),
        Read(results.NEXT_PURCHASE, optional=True),
        Read(results.NEXT_PURCHASE, part="previous", optional=True),
        Read(results.ALERTS, part="previous", optional=True),
    ),
    writes=(
        results.ALERTS,
        results.ALERT_TOTALS,
    ),
    transform=alerts,
)

AFFINITY = Job(
    name="affinity",
    answers="What is sold together or instead of each other, as which bundle, on which page?",
    params=AffinityParams,
    reads=(
        Read(facts.ORDERS),
        Read(sources.PRODUCTS, optional=True),
        Read(results.RFM, optional=True),
    ),
    writes=(
        results.AFFINITY,
        results.BUNDLES,
        results.CATALOGUE_PAGES,
    ),
    transform=affinity,
)

SUMMARY = Job(
    name="summary",
    answers="What does it all say, on one page?",
    params=SummaryParams,
    reads=tuple(Read(table, optional=True) for table in SUMMARISED),
    writes=(results.SUMMARY,),
    transform=summary,
)

VERIFY = Job(
    name="verify",
    answers="Does this engine reproduce what was published?",
    params=VerifyParams,
    reads=(Read(logs.VERIFICATION, optional=True),),
    writes=(logs.VERIFICATION,),
    transform=verify,
    is_dated=False,
    on_request=True,
)

JOBS: dict[str, Job] = {
    job.name: job
    for job in (
        INGEST,
        ORDERS,
        CUSTOMER_PRODUCTS,
        RFM,
        CONTRIBUTION,
        BASKETS,
        CLUSTERS,
        RECOMMENDATIONS,
        COHORTS,
        CUSTOMER360,
        TIMING,
        MOVES,
        NEXT_PURCHASE,
        ALERTS,
        AFFINITY,
        SUMMARY,
        VERIFY,
    )
}


def chosen(names: Iterable[str]) -> list[Job]:
    """The jobs of these names, `all` being every one but those on request, in the order of what they need."""
    wanted = list(dict.fromkeys(names))
    unknown = [name for name in wanted if name != "all" and name not in JOBS]
    if unknown:
        raise ConfigError(f"There is no job {unknown[0]!r}; {hint(unknown[0], ['all', *JOBS])}")
    asked = [job for job in JOBS.values() if job.name in wanted or ("all" in wanted and not job.on_request)]
    return ordered(asked)


def owner(table: Table) -> Job | None:
    """The one job that writes `table`, the user's own sources apart."""
    return next((job for job in JOBS.values() if job.transform is not None and table in job.writes), None)


def needs(job: Job) -> list[str]:
    """Names of the jobs that write what `job` reads."""
    read = [r.table for r in job.reads]
    return [other.name for other in JOBS.values() if other is not job and any(table in other.writes for table in read)]


def ordered(jobs: Iterable[Job]) -> list[Job]:
    """`jobs`, each after those it needs; otherwise in the order of `JOBS`."""
    names = {job.name for job in jobs}
    left = {name: job for name, job in JOBS.items() if name in names}
    done: list[Job] = []
    while left:
        ready = next(job for job in left.values() if not any(name in left for name in needs(job)))
        done.append(left.pop(ready.name))
    return done
