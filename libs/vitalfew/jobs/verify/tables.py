"""What was published, and what this engine finds."""

from __future__ import annotations

from vitalfew.tables.table import Table

VERIFICATION = Table(
    name="verification",
    row="one published figure, recomputed here",
    key=("data_set", "figure"),
    kind="log",
    columns={
        "data_set": "string not null comment 'The public data it is about.'",
        "figure": "string not null comment 'What was published.'",
        "source": "string not null comment 'By whom.'",
        "expected": "double not null comment 'As published.'",
        "tolerance": "double not null comment 'How far from it the same figure may lie: the rounding in print, or the precision of their search.'",
        "found": "double comment 'As recomputed on this engine; NULL where the data are not installed.'",
        "found_before": "double comment 'As recomputed the last time, perhaps on another engine; NULL if there was none.'",
        "verdict": "string not null comment 'as published; DIFFERS; or skipped, and what to install.'",
    },
    always=("tolerance >= 0", "found is not null or verdict like 'skipped%'"),
)
