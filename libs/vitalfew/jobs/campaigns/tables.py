"""What `campaigns` keeps: which files it wrote, who is in them and who is not; contacts only where they are asked for."""

from __future__ import annotations

from dataclasses import replace

from vitalfew.jobs.campaigns.params import FORMS
from vitalfew.jobs.campaigns.platforms import CONTACT_COLUMNS, NAMES
from vitalfew.messages.declared import text_columns
from vitalfew.tables.result import result

OUTCOMES = ("campaigns.outcome",)
WRITTEN, FORGOTTEN = "written", "forgotten"
CAMPAIGN = "string not null comment 'Its name in conf/jobs/campaigns.yml.'"
PLATFORM = "string not null comment 'For whom the file is.'"

CAMPAIGN_FILES = result(
    "campaign_files",
    "one file that was written",
    ("campaign", "file"),
    {
        "campaign": CAMPAIGN,
        "file": "string not null comment 'Its name, in the folder of the day below campaign_folder; of form delta, the table campaign_contacts.'",
        "platform": PLATFORM,
        "channel": "string not null comment 'Rows of the plan that go by it.'",
        "content": "string not null comment 'plan or catalogue.'",
        "form": "string not null comment 'csv, parquet or delta.'",
        "hash": "string not null comment 'Of contacts: none, sha256, sha256_base64 or md5.'",
        "columns": "array<string> not null comment 'Its columns, in order.'",
        "consents": "array<string> not null comment 'Purposes to which everybody in it has consented, as far as they were asked for.'",
        "rows": "bigint not null comment 'Rows, without the header.'",
        "customers": "bigint not null comment 'Customers in it.'",
        "bytes": "bigint comment 'Its size; NULL of form delta.'",
        "digest": "string not null comment 'SHA-256 of the file; of form delta, of its rows as lines of CSV.'",
    },
    ("rows >= customers", "bytes is not null or form = 'delta'"),
    values={"platform": NAMES, "content": ("plan", "catalogue"), "form": FORMS},
)

CAMPAIGN_OUTCOMES = result(
    "campaign_outcomes",
    "one outcome for customers of the plan who might be in a file",
    ("campaign", "outcome_code"),
    {
        "campaign": CAMPAIGN,
        "platform": PLATFORM,
        **text_columns("outcome", "Whether they are in the file, and if not, why."),
        "customers": "bigint not null comment 'How many.'",
    },
    ("customers > 0 or outcome_code = 'written'",),
    values={"platform": NAMES},
    texts={"outcome": OUTCOMES},
)

CAMPAIGN_CUSTOMERS = result(
    "campaign_customers",
    "one customer of the plan who might be in a file",
    ("campaign", "customer_id"),
    {
        "campaign": CAMPAIGN,
        "customer_id": "string not null comment 'Who; those who were forgotten are counted in campaign_outcomes alone.'",
        **text_columns("outcome", "Whether the customer is in the file, and if not, why."),
    },
    texts={"outcome": OUTCOMES},
)


def text_of(what: str) -> str:
    return f"string comment '{what}'"


CAMPAIGN_CONTACTS = replace(
    result(
        "campaign_contacts",
        "one row of a file of form delta; columns that the file does not have are NULL",
        ("campaign", "position"),
        {
            "campaign": CAMPAIGN,
            "position": "bigint not null comment 'From 1, in the order of customers.'",
            "customer_id": "string not null comment 'Who: by it the row is erased when the customer is forgotten.'",
            **{name: text_of("As the platform wants it; hashed, if it wants that.") for name in CONTACT_COLUMNS},
            "action": text_of("What to do."),
            "round": text_of("Of customer_actions, its campaign: the round as treatments names it."),
            "arm": text_of("plan or explore."),
            "tier": text_of("Of the plan."),
            "segment": text_of("Of rfm."),
            "item": text_of("Product or category that it is about."),
            "reason": text_of("Why this customer."),
            "send_on": "date comment 'When.'",
            "send_until": "date comment 'Not later.'",
            "send_hour": "int comment 'On the clock of the shop.'",
            "rank": "int comment 'Of a catalogue: 1 is the first product to show.'",
            "product_id": text_of("Of a catalogue: what."),
            "product": text_of("Its name."),
            "product_reason": text_of("Why this product."),
            "consents": "array<string> comment 'Purposes to which the customer has consented, as far as they were asked for.'",
        },
    ),
    is_private=True,
    contact_details=CONTACT_COLUMNS,
)
