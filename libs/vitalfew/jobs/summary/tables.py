"""What it all says, on one page."""

from __future__ import annotations

from vitalfew.messages.catalogue import EVERY, codes
from vitalfew.messages.declared import text_columns
from vitalfew.report.answers import UNITS
from vitalfew.tables.result import result

SUMMARY = result(
    "summary",
    "one line of the summary",
    ("section", "position"),
    {
        **text_columns("section", "The question, and its number on the page."),
        "question": "string not null comment 'The question, for machines.'",
        "position": "int not null comment 'Order within the section.'",
        "job": "string not null comment 'The job whose results it is made of.'",
        "code": "string not null comment 'What the line is about, for machines: it does not change with the language.'",
        **text_columns("label", "What the line is about."),
        **text_columns("text", "The answer."),
        "value": "double comment 'The number that matters; NULL where there is none.'",
        "unit": "string comment 'Of value; a share is of 1.'",
        **text_columns("action", "What to do next.", is_required=False),
    },
    ("position >= 1", "unit is null or value is not null"),
    values={"unit": UNITS, "question": codes(("questions",))},
    texts={"section": ("summary.heading",), "label": (EVERY,), "text": (EVERY,), "action": (EVERY,)},
)
