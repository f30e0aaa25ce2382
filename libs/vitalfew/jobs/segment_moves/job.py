"""The job `segment_moves`: what it reads, computes and writes."""

from __future__ import annotations

from vitalfew.job import Job, Read
from vitalfew.jobs.clusters.tables import CLUSTERS
from vitalfew.jobs.contribution.tables import CONTRIBUTION
from vitalfew.jobs.rfm.tables import RFM
from vitalfew.jobs.segment_moves.params import MoveParams
from vitalfew.jobs.segment_moves.tables import SEGMENT_MOVE_MATRIX, SEGMENT_MOVE_TOTALS, SEGMENT_MOVES
from vitalfew.jobs.segment_moves.transform import segment_moves

JOB = Job(
    name="segment_moves",
    question="Who changed segment, cluster or class since the last look, and which flows are abnormal?",
    params=MoveParams,
    reads={
        "rfm": Read(RFM),
        "rfm_before": Read(RFM, part="previous"),
        "clusters": Read(CLUSTERS, optional=True),
        "clusters_before": Read(CLUSTERS, part="previous", optional=True),
        "contribution": Read(CONTRIBUTION, optional=True),
        "contribution_before": Read(CONTRIBUTION, part="previous", optional=True),
        "matrix_before": Read(SEGMENT_MOVE_MATRIX, part="previous", optional=True),
    },
    writes=(SEGMENT_MOVES, SEGMENT_MOVE_MATRIX, SEGMENT_MOVE_TOTALS),
    transform=segment_moves,
    is_comparing=True,
)
