"""THE jobs, on one page, in the order in which they run.

Registering a job here puts it into the command line, the wheel, the pipeline's order, and every test of completeness.
"""

from __future__ import annotations

from collections.abc import Iterable

from vitalfew.errors import ConfigError, hint
from vitalfew.job import Job, Step
from vitalfew.jobs.actions import job as actions
from vitalfew.jobs.affinity import job as affinity
from vitalfew.jobs.alerts import job as alerts
from vitalfew.jobs.baskets import job as baskets
from vitalfew.jobs.campaigns import job as campaigns
from vitalfew.jobs.clusters import job as clusters
from vitalfew.jobs.cohorts import job as cohorts
from vitalfew.jobs.company_plan import job as company_plan
from vitalfew.jobs.contribution import job as contribution
from vitalfew.jobs.customer360 import job as customer360
from vitalfew.jobs.customer_products import job as customer_products
from vitalfew.jobs.demand import job as demand
from vitalfew.jobs.expire import job as expire
from vitalfew.jobs.forget import job as forget
from vitalfew.jobs.influence import job as influence
from vitalfew.jobs.ingest import job as ingest
from vitalfew.jobs.lifecycle import job as lifecycle
from vitalfew.jobs.maintain import job as maintain
from vitalfew.jobs.micro_segments import job as micro_segments
from vitalfew.jobs.next_purchase import job as next_purchase
from vitalfew.jobs.offers import job as offers
from vitalfew.jobs.orders import job as orders
from vitalfew.jobs.price import job as price
from vitalfew.jobs.prospects import job as prospects
from vitalfew.jobs.recommendations import job as recommendations
from vitalfew.jobs.rfm import job as rfm
from vitalfew.jobs.segment_moves import job as segment_moves
from vitalfew.jobs.sequences import job as sequences
from vitalfew.jobs.share_of_wallet import job as share_of_wallet
from vitalfew.jobs.summary import job as summary
from vitalfew.jobs.timing import job as timing
from vitalfew.jobs.uplift import job as uplift
from vitalfew.jobs.verify import job as verify
from vitalfew.jobs.voice import job as voice
from vitalfew.tables import Table, facts, logs, sources

JOBS: dict[str, Step] = {
    job.name: job
    for job in (
        ingest.JOB,
        orders.JOB,
        customer_products.JOB,
        rfm.JOB,
        contribution.JOB,
        baskets.JOB,
        clusters.JOB,
        recommendations.JOB,
        cohorts.JOB,
        customer360.JOB,
        timing.JOB,
        segment_moves.JOB,
        next_purchase.JOB,
        alerts.JOB,
        affinity.JOB,
        demand.JOB,
        price.JOB,
        influence.JOB,
        lifecycle.JOB,
        uplift.JOB,
        voice.JOB,
        share_of_wallet.JOB,
        micro_segments.JOB,
        prospects.JOB,
        actions.JOB,
        sequences.JOB,
        company_plan.JOB,
        summary.JOB,
        verify.JOB,
        campaigns.JOB,
        offers.JOB,
        forget.JOB,
        expire.JOB,
        maintain.JOB,
    )
}

TABLES: dict[str, Table] = {
    table.name: table
    for table in (
        *(table for module in (sources, facts, logs) for table in vars(module).values() if isinstance(table, Table)),
        *(table for job in JOBS.values() for table in job.writes),
    )
}
"""Every table that the suite reads or writes."""


def chosen(names: Iterable[str]) -> list[Step]:
    """The jobs of these names, `all` being every one but those on request, in the order of what they need."""
    wanted = list(dict.fromkeys(names))
    unknown = [name for name in wanted if name != "all" and name not in JOBS]
    if unknown:
        raise ConfigError(f"There is no job {unknown[0]!r}; {hint(unknown[0], ['all', *JOBS])}")
    asked = [job for job in JOBS.values() if job.name in wanted or ("all" in wanted and not job.on_request)]
    return ordered(asked)


def owner(table: Table) -> Step | None:
    """The one job that writes `table`, or the procedure, of a result; none of sources and logs."""
    may_write = (job for job in JOBS.values() if isinstance(job, Job) or table.kind == "result")
    return next((job for job in may_write if table in job.writes), None)


def needs(job: Step, strictly: bool = False) -> list[str]:
    """Names of the jobs that write what `job` reads; `strictly` without those whose facts only save it work."""
    read = [r.table for r in job.reads.values() if not (strictly and r.in_step)]
    return [other.name for other in JOBS.values() if other is not job and any(table in other.writes for table in read)]


def ordered(jobs: Iterable[Step]) -> list[Step]:
    """`jobs`, each after those it needs; otherwise in the order of `JOBS`."""
    names = {job.name for job in jobs}
    left = {name: job for name, job in JOBS.items() if name in names}
    done: list[Step] = []
    while left:
        ready = next(job for job in left.values() if not any(name in left for name in needs(job)))
        done.append(left.pop(ready.name))
    return done
