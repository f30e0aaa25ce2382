"""Who changed segment, cluster or class since the day of observation before."""

from __future__ import annotations

from vitalfew.messages.declared import text_columns
from vitalfew.tables.result import SHARE, result

SCHEME = "string not null comment 'rfm (segment), clusters or contribution (ABC class).'"
FROM = "string not null comment 'The group before; (new) where the customer was in none.'"
TO = "string not null comment 'The group now; (gone) where the customer is in none.'"
BEFORE = "date not null comment 'The day of observation it is compared with: the latest before as_of.'"

SEGMENT_MOVES = result(
    "segment_moves",
    "one customer who changed group, came or went",
    ("scheme", "customer_id"),
    {
        "scheme": SCHEME,
        "customer_id": "string not null comment 'Who.'",
        "previous_on": BEFORE,
        "kind": "string not null comment 'moved, entered or left.'",
        "from_group": FROM,
        "to_group": TO,
        "direction": "string comment 'up, down or level, by the sum of the RFM scores or by the class; NULL for clusters, and for who entered or left.'",
        "value_before": "decimal(28,2) comment 'Value as known on the day before; NULL where it is not.'",
        "value_now": "decimal(28,2) comment 'Value as known now; NULL where it is not.'",
    },
    (
        "from_group <> to_group",
        "kind in ('moved', 'entered', 'left')",
        "previous_on < as_of",
        "direction is null or direction in ('up', 'down', 'level')",
    ),
)

SEGMENT_MOVE_MATRIX = result(
    "segment_move_matrix",
    "one flow from a group to a group, those who stayed included",
    ("scheme", "from_group", "to_group"),
    {
        "scheme": SCHEME,
        "previous_on": BEFORE,
        "days": "int not null comment 'Days from previous_on to as_of.'",
        "kind": "string not null comment 'stayed, moved, entered or left.'",
        "from_group": FROM,
        "to_group": TO,
        "direction": "string comment 'up, down or level, as the customers of the flow went on average; NULL where that is not known.'",
        "customers": "bigint not null comment 'How many; 0 for a flow of the last comparison that nobody takes now.'",
        "share_of_from": "double not null comment 'Of all who were in from_group (of all who are new).'",
        "value_before": "decimal(28,2) not null comment 'What they were worth before.'",
        "value_now": "decimal(28,2) not null comment 'What they are worth now.'",
        "basis": "string comment 'What is expected: last flows, the rate of the last comparison over about as many days; counter flow, as many as the other way (not for segments); NULL where there is neither, or the clusters themselves changed.'",
        "expected": "double comment 'Customers to be expected on that basis.'",
        "p_value": "double comment 'Two-sided, as twice the smaller tail: Fisher against last flows, binomial with 1/2 against the counter flow.'",
        "q_value": "double comment 'p_value after Benjamini-Hochberg over all flows of the scheme that were tested.'",
        "is_abnormal": "boolean not null comment 'q_value at most the chosen level, and enough customers.'",
        **text_columns("evidence", "What is abnormal about it, in words; NULL where nothing is.", is_required=False),
        **text_columns("action", "What to do next."),
    },
    (
        "customers >= 0",
        f"share_of_from {SHARE}",
        "kind in ('stayed', 'moved', 'entered', 'left')",
        "basis is null or basis in ('last flows', 'counter flow')",
        "is_abnormal = (evidence is not null)",
    ),
    texts={"evidence": ("segment_moves.flow",), "action": ("segment_moves.action",)},
)

SEGMENT_MOVE_TOTALS = result(
    "segment_move_totals",
    "one way of grouping customers: how much moved",
    ("scheme",),
    {
        "scheme": SCHEME,
        "previous_on": "date comment 'The day it is compared with; NULL where there is none.'",
        "customers_before": "bigint not null comment 'Customers then.'",
        "customers_now": "bigint not null comment 'Customers now.'",
        "stayed": "bigint not null comment 'Who is in the same group.'",
        "moved": "bigint not null comment 'Who changed group.'",
        "moved_up": "bigint not null comment 'Of these, upwards.'",
        "moved_down": "bigint not null comment 'Of these, downwards.'",
        "entered": "bigint not null comment 'Who was not there before.'",
        "left": "bigint not null comment 'Who is no longer there.'",
        "value_moved": "decimal(28,2) not null comment 'What those who changed group were worth before.'",
        "value_up": "decimal(28,2) not null comment 'Of this, upwards.'",
        "value_down": "decimal(28,2) not null comment 'Of this, downwards.'",
        "value_entered": "decimal(28,2) not null comment 'What those who entered are worth now.'",
        "value_left": "decimal(28,2) not null comment 'What those who left were worth before.'",
        "abnormal_flows": "bigint not null comment 'Flows that are not as expected.'",
        **text_columns("note", "The same in words; what is missing, where nothing could be compared."),
    },
    ("moved_up + moved_down <= moved",),
    texts={"note": ("segment_moves.note",)},
)
