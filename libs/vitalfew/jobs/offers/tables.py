"""What `offers` keeps: each offer once, and which rows of situations it has answered."""

from __future__ import annotations

from typing import Literal, get_args

from vitalfew.messages.declared import text_columns
from vitalfew.tables.table import Table

KindName = Literal["flight_delay", "train_delay", "late_delivery", "outage", "long_wait"]
KINDS: tuple[KindName, ...] = get_args(KindName)
OfferName = Literal[
    "apology", "voucher", "meal_voucher", "points", "lounge", "upgrade", "free_delivery", "credit", "call_back"
]
OFFER_NAMES: tuple[OfferName, ...] = get_args(OfferName)
OFFERED, WITHHELD = "offered", "withheld"
REASONS, OUTCOMES = ("offers.reason",), ("offers.outcome",)

OFFERS = Table(
    name="offers",
    row="one step that a situation of one customer has reached, and the offer that was made for it, or why none was",
    key=("kind", "event_id", "customer_id", "step"),
    kind="log",
    columns={
        "kind": "string not null comment 'What happened.'",
        "event_id": "string not null comment 'Which flight, delivery, outage …'",
        "customer_id": "string not null comment 'Whom it concerns.'",
        "step": "int not null comment 'From 1: with steps of 45 minutes, 2 is reached after 90.'",
        "minutes_lost": "double not null comment 'The most that the rows said by which it was reached.'",
        "happened_at": "timestamp comment 'When it was due or began, on the clock of the shop.'",
        "changed_at": "timestamp not null comment 'When those minutes were said, on the clock of the shop.'",
        "state": "string not null comment 'offered, or withheld: then outcome says why. Neither changes afterwards.'",
        **text_columns("outcome", "Whether an offer was made, and if not, why."),
        "offer": "string comment 'What; NULL where it is withheld.'",
        "offer_value": "decimal(18,2) comment 'Its money, as the rule says; NULL where the rule says none.'",
        "channel": "string comment 'By which it goes; NULL where it is withheld.'",
        "rule": "int comment 'Which rule of this kind in conf/jobs/offers.yml, from 1; NULL where it is withheld.'",
        **text_columns("reason", "Why this offer for this customer; NULL where it is withheld.", is_required=False),
        "send_from": "timestamp comment 'Not before this moment on the clock of the shop; NULL where it is withheld.'",
        "source_version": "bigint comment 'Version of situations that was read; NULL where a stream of Spark read it.'",
        "made_at": "timestamp not null comment 'When the row was made, UTC.'",
    },
    always=(
        "step > 0",
        "minutes_lost > 0",
        "(state = 'offered') = (outcome_code = 'offered')",
        "(state = 'offered') = (offer is not null)",
        "(state = 'offered') = (channel is not null)",
    ),
    values={"kind": KINDS, "state": (OFFERED, WITHHELD), "offer": OFFER_NAMES},
    texts={"outcome": OUTCOMES, "reason": REASONS},
)

OFFER_BATCHES = Table(
    name="offer_batches",
    row="some rows of situations that were answered together; it is written after their offers",
    key=("batch",),
    kind="log",
    columns={
        "batch": "bigint not null comment 'From 1.'",
        "source_state": "string comment 'Id and version of situations up to which all is answered, as JSON; NULL where a stream of Spark read it.'",
        "is_whole": "boolean not null comment 'True where all of situations was read, and not what came since the batch before.'",
        "rows_in": "bigint not null comment 'Rows read.'",
        "rows_refused": "bigint not null comment 'Of these, not used: refused says why.'",
        "rows_suppressed": "bigint not null comment 'Of these, dropped, as they are of customers who were forgotten.'",
        "refused": "string comment 'Rows by the reason for which they were refused, as JSON.'",
        "offered": "bigint not null comment 'Offers made.'",
        "withheld": "bigint not null comment 'Steps for which none was made.'",
        "handled_at": "timestamp not null comment 'When it began, UTC.'",
        "seconds": "double not null comment 'How long it took.'",
    },
    always=("batch > 0", "rows_in >= rows_refused + rows_suppressed"),
)
