"""Whether things happen more often than before: exact comparison of two Poisson rates, for any number of subjects."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import scipy
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from vitalfew.algorithms.statistics.false_discovery import log_false_discovery_rate
from vitalfew.dataframes.collect import collect_table
from vitalfew.dataframes.from_arrow import to_frame

COUNTS = ["n_recent", "n_before", "weeks_before"]


def rises(counts: DataFrame, weeks: float, significance: float) -> DataFrame:
    """Rows of `counts` whose recent rate is higher beyond chance, with their `p_value` and `q_value`.

    `counts` has bigint columns n_recent, events in the last `weeks`, and n_before, events in weeks_before. Given how
    many there are in all, those in the recent weeks are binomial if the rate is one (Przyborowski & Wilenski 1940).
    All rows count as tested. Rows with the same counts are tested once, so what comes to the driver stays small.
    """
    distinct = collect_table(counts.groupBy(*COUNTS).agg(F.count(F.lit(1)).alias("size")), "counts of events")
    n, before, span, size = (distinct[name].to_numpy() for name in (*COUNTS, "size"))
    log_p = np.asarray(scipy.stats.binom.logsf(n - 1, n + before, weeks / (weeks + span)))
    log_q = log_false_discovery_rate(log_p, size)
    found = distinct.drop_columns(["size"]).append_column("p_value", pa.array(np.exp(log_p)))
    found = found.append_column("q_value", pa.array(np.exp(log_q))).filter(pa.array(log_q <= np.log(significance)))
    ddl = "n_recent bigint, n_before bigint, weeks_before bigint, p_value double, q_value double"
    return counts.join(to_frame(counts.sparkSession, found, ddl), on=COUNTS, how="inner")
