"""What needs somebody's attention now."""

from __future__ import annotations

from vitalfew.jobs.alerts.kinds import KINDS, SEVERITIES
from vitalfew.messages.declared import text_columns
from vitalfew.tables.result import SHARE, result

KIND = "string not null comment 'silent, churned, overdue (silent for longer than limit_days of next_purchase: the one definition of overdue), leaving (P(alive) has fallen), rising (frequency), spend_drop, vip_returned, complaints, returns, bad_ratings.'"

ALERTS = result(
    "alerts",
    "one alert that is open, or was at the last look and is closed now",
    ("kind", "subject_id"),
    {
        "kind": KIND,
        "subject": "string not null comment 'customer or product.'",
        "subject_id": "string not null comment 'Which.'",
        "status": "string not null comment 'open or closed: it held at the last look and no longer does.'",
        "severity": "string not null comment 'high, medium or low. Overdue and leaving: high where at least the mean year of a customer is at stake, medium for a tenth of it (where next_purchase knows nothing: by how late they are, and by what they brought).'",
        "rank": "int comment '1 is what to do first: the gravest open alert of a customer or product, by severity, then value_at_stake; NULL for its others, and beyond as many as the parameter worklist says.'",
        "raised_on": "date not null comment 'Day of observation on which it was first raised.'",
        "since": "date not null comment 'Since when it holds, as the data show.'",
        "closed_on": "date comment 'Day of observation on which it no longer held; NULL while open.'",
        "measure": "double not null comment 'What was found: days of silence, P(alive), orders or events in the window, typical order value now.'",
        "reference": "double not null comment 'What it is held against: the step or own limit in days, P(alive) before, orders or events to be expected, typical order value before.'",
        "p_value": "double comment 'That so much is chance, where there is a test: exact binomial comparison of two Poisson rates.'",
        "q_value": "double comment 'p_value after Benjamini-Hochberg over all that were looked at for this kind.'",
        "value_at_stake": "decimal(28,2) not null comment 'Silent, churned, overdue, leaving: as next_purchase has it (what would come within its longest horizon, times the probability that they are gone). Where it knows nothing of them, and of other customers: net spend of the 365 days up to the last order (vip_returned: the last before the silence). Products: net sales of the last 90 days.'",
        **text_columns("evidence", "The same in words."),
        **text_columns("action", "What to do next."),
    },
    (
        "raised_on <= as_of",
        "since <= as_of",
        "(status = 'closed') = (closed_on is not null)",
        "rank is null or (rank > 0 and status = 'open')",
        f"q_value is null or q_value {SHARE}",
    ),
    values={
        "kind": KINDS,
        "subject": ("customer", "product"),
        "status": ("open", "closed"),
        "severity": SEVERITIES,
    },
    texts={
        "evidence": ("alerts.evidence", "alerts.ended"),
        "action": ("alerts.action", "next_purchase.action"),
    },
)

ALERT_TOTALS = result(
    "alert_totals",
    "one kind of alert",
    ("kind",),
    {
        "kind": KIND,
        "open": "bigint not null comment 'Alerts that are open.'",
        "raised": "bigint not null comment 'Of these, raised today.'",
        "high": "bigint not null comment 'Of these, of high severity.'",
        "ranked": "bigint not null comment 'Of these, ranked: on the list of what to do first, where each customer or product stands once.'",
        "closed": "bigint not null comment 'Alerts that were open at the last look and are not now.'",
        "value_at_stake": "decimal(28,2) not null comment 'Of the open ones; a customer with several kinds counts in each.'",
        **text_columns("action", "What to do next."),
    },
    ("raised <= open", "high <= open", "ranked <= open"),
    values={"kind": KINDS},
    texts={"action": ("alerts.todo",)},
)
