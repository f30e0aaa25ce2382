"""What a campaign or an action brought: by assignment and not by reach, against the arm that chance left out."""

from __future__ import annotations

from datetime import date

from pyspark.sql import DataFrame

from vitalfew.dataframes.collect import collect_rows
from vitalfew.dataframes.local_tables import local_table
from vitalfew.dataframes.staging import UNSTAGED, Stage
from vitalfew.domain.order_windows import in_window
from vitalfew.jobs.uplift.arms import arm_rows, gather
from vitalfew.jobs.uplift.assignments import first_assignments
from vitalfew.jobs.uplift.comparisons import comparisons, q_values, uplift_row
from vitalfew.jobs.uplift.findings import finding
from vitalfew.jobs.uplift.outcomes import customer_outcomes, sums_by_arm
from vitalfew.jobs.uplift.params import UpliftParams
from vitalfew.jobs.uplift.tables import UPLIFT, UPLIFT_ARMS
from vitalfew.messages.message import with_code
from vitalfew.messages.words import ENGLISH, Words


def uplift(
    treatments: DataFrame,
    orders: DataFrame,
    customer_profile: DataFrame,
    *,
    params: UpliftParams,
    as_of: date,
    stage: Stage = UNSTAGED,
    words: Words = ENGLISH,
) -> tuple[DataFrame, DataFrame]:
    """UPLIFT and UPLIFT_ARMS of the actions in `treatments`.

    Whoever was assigned counts, also who was never reached, was reached all the same, or is no customer yet: whom an
    action reached, and who became a customer by it, may depend on it.
    """
    del stage  # nothing is read twice
    assigned = first_assignments(treatments, params.control_arms, as_of)
    customers = customer_outcomes(assigned, in_window(orders, as_of, None), params)
    sums = sums_by_arm(customers, customer_profile, params, as_of)
    actions = list(gather([row.asDict() for row in collect_rows(sums, "arms of actions")], params))
    found = [one for action in actions for one in comparisons(action, params)]
    rows = [uplift_row(one, q, params) for one, q in zip(found, q_values(found), strict=True)]
    told = [{**row, **with_code("finding", finding(row, params), words)} for row in rows]
    arms = [row for action in actions for row in arm_rows(action)]
    return local_table(UPLIFT, told, beside=orders), local_table(UPLIFT_ARMS, arms, beside=orders)
