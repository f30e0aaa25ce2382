"""What needs somebody's attention now."""

from __future__ import annotations

from vitalfew.jobs.alerts.kinds import BUYS_MORE, KINDS, NOTHING, REASONS, RULES, SEVERITIES, SPENDS_LESS, STAYS_AWAY
from vitalfew.messages.declared import text_columns
from vitalfew.tables.result import SHARE, fit, result

KIND = "string not null comment 'inactive (silent), churned, overdue (silent for longer than limit_days of next_purchase, the one definition of overdue; where alert_evaluation raises the strict rule, and beyond the spread of their own gaps), churn_risk (the probability of another order has fallen), frequency_up, spend_drop, vip_returned, complaints, returns, bad_ratings.'"

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
        "value_at_stake": "decimal(28,2) not null comment 'inactive, churned, overdue, churn_risk: as next_purchase has it (what would come within its longest horizon, times the probability that they are gone). Where it knows nothing of them, and of other customers: net spend of the 365 days up to the last order (vip_returned: the last before the silence). Products: net sales of the last 90 days.'",
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

ALERT_EVALUATION = result(
    "alert_evaluation",
    "one kind of alert and one rule for it, tested on earlier days",
    ("kind", "rule"),
    {
        "kind": KIND,
        "rule": "string not null comment 'standard: as the settings say; strict: of those overdue, who is silent for longer than overdue_spreads standard deviations of the logarithms of their own gaps.'",
        "claim": "string not null comment 'What the alert says of a customer in the horizon_days after an earlier day. stays_away: no sale; spends_less: less than half of what they usually bring in that many days; buys_more: more days with a sale than usual (usual: their rate since the first order, drawn to that of all as gamma-distributed rates are, times their mean amount); nothing: not tested.'",
        "compared_with": "string not null comment 'equally_silent: customers of the same earlier day, silent for as long (to a seventh) and of the same tenth by what they usually bring, who are not named; less_silent: of the same day and tenth, silent for less than any who is named (inactive and churned name all who are silent for as long); nobody: not tested.'",
        "horizon_days": "int not null comment 'Days after an earlier day in which it is looked what a customer did.'",
        "origins": "int not null comment 'Earlier days, horizon_days apart, the last as many before as_of.'",
        "named": "bigint not null comment 'Times that the rule names a customer on an earlier day.'",
        "customers": "bigint not null comment 'Different customers among these.'",
        "precision": "double comment 'Share of the named of whom the claim came true; NULL where nobody is named.'",
        "came_anyway": "double comment 'Share of the named who bought within the horizon.'",
        "compared": "bigint not null comment 'Of the named, those who have others like them.'",
        "compared_rate": "double comment 'Share of those compared of whom the claim came true, over the groups of alike customers by Mantel-Haenszel weights.'",
        "matched_rate": "double comment 'The same of the others like them, by the same weights.'",
        "lift": "double comment 'compared_rate less matched_rate: by how much more often it comes true of who is named.'",
        "lift_low": "double comment 'Lower end of the 95 % interval of lift, with all rows of one customer counted as one.'",
        "lift_high": "double comment 'Upper end of it.'",
        "named_before": "decimal(28,2) comment 'What one of those compared usually brought in that many days, until the earlier day.'",
        "named_after": "decimal(28,2) comment 'What one of them brought in the horizon_days after.'",
        "matched_before": "decimal(28,2) comment 'As named_before, of the others like them.'",
        "matched_after": "decimal(28,2) comment 'As named_after, of the others like them.'",
        "reason": "string not null comment 'has_lift: beyond chance, and at least the parameter least_lift; no_lift: beyond chance less than that; too_few: fewer than 30 compared, or the interval allows both; no_history: no earlier day to test on; not_measured: needs a model, or is of products.'",
        "is_raised": "boolean not null comment 'Alerts of this kind are raised by this rule: it has lift, or nothing is known of it and no other rule of the kind has lift. False for all rules of a kind: it is not raised.'",
    },
    (
        "horizon_days > 0",
        "compared <= named",
        "customers <= named",
        f"precision is null or precision {SHARE}",
        f"came_anyway is null or came_anyway {SHARE}",
        f"compared_rate is null or compared_rate {SHARE}",
        f"matched_rate is null or matched_rate {SHARE}",
        "lift_low is null or (lift_low <= lift and lift <= lift_high)",
        "reason <> 'no_lift' or not is_raised",
    ),
    values={
        "kind": KINDS,
        "rule": RULES,
        "claim": (STAYS_AWAY, SPENDS_LESS, BUYS_MORE, NOTHING),
        "compared_with": ("equally_silent", "less_silent", "nobody"),
        "reason": REASONS,
    },
)

ALERT_FIT = fit("alert_fit", "by which rule each kind of alert is raised")
