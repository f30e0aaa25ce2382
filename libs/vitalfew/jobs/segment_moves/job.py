"""The job `segment_moves`: what it reads, computes and writes."""

from __future__ import annotations

from vitalfew.job import Job, Read
from vitalfew.jobs.clusters.tables import CLUSTERS
from vitalfew.jobs.contribution.tables import CONTRIBUTION
from vitalfew.jobs.rfm.tables import RFM
from vitalfew.jobs.segment_moves.params import MoveParams
from vitalfew.jobs.segment_moves.tables import MOVE_MATRIX, MOVE_TOTALS, MOVES
from vitalfew.jobs.segment_moves.transform import moves

JOB = Job(
    name="moves",
    question="Who changed segment, cluster or class since the last look, and which flows are abnormal?",
    params=MoveParams,
    reads={
        "rfm": Read(RFM),
        "rfm_before": Read(RFM, part="previous"),
        "clusters": Read(CLUSTERS, optional=True),
        "clusters_before": Read(CLUSTERS, part="previous", optional=True),
        "contribution": Read(CONTRIBUTION, optional=True),
        "contribution_before": Read(CONTRIBUTION, part="previous", optional=True),
        "matrix_before": Read(MOVE_MATRIX, part="previous", optional=True),
    },
    writes=(MOVES, MOVE_MATRIX, MOVE_TOTALS),
    transform=moves,
    is_comparing=True,
)
