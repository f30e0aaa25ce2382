"""What it all says, on one page."""

from __future__ import annotations

from vitalfew.report.answers import UNITS
from vitalfew.tables.result import result

SUMMARY = result(
    "summary",
    "one line of the summary",
    ("section", "position"),
    {
        "section": "string not null comment 'The question.'",
        "position": "int not null comment 'Order within the section.'",
        "job": "string not null comment 'The job whose results it is made of.'",
        "code": "string not null comment 'What the line is about, for machines: it does not change with the language.'",
        "label": "string not null comment 'What the line is about.'",
        "text": "string not null comment 'The answer.'",
        "value": "double comment 'The number that matters; NULL where there is none.'",
        "unit": "string comment 'Of value; a share is of 1.'",
        "action": "string comment 'What to do next.'",
    },
    ("position >= 1", "unit is null or value is not null"),
    values={"unit": UNITS},
)
