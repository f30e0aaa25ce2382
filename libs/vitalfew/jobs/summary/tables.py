"""What it all says, on one page."""

from __future__ import annotations

from vitalfew.tables.result import result

SUMMARY = result(
    "summary",
    "one line of the summary",
    ("section", "position"),
    {
        "section": "string not null comment 'The question.'",
        "position": "int not null comment 'Order within the section.'",
        "label": "string not null comment 'What the line is about.'",
        "text": "string not null comment 'The answer.'",
        "action": "string comment 'What to do next.'",
    },
    ("position >= 1",),
)
