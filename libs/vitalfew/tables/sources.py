"""The tables a company brings: one vocabulary, whatever its own columns are called.

A column that is not `not null` may be missing at a target: it is then NULL throughout.
"""

from __future__ import annotations

from vitalfew.tables.table import Table

RETURNS_ARE_NEGATIVE = "kind is null or kind <> 'return' or (quantity <= 0 and amount <= 0)"

ORDER_LINES = Table(
    name="order_lines",
    row="one line of one order",
    key=(),
    kind="source",
    happened="ordered_at",
    columns={
        "order_id": "string not null comment 'Which order, invoice or basket.'",
        "customer_id": "string comment 'Who bought; NULL where nobody knows.'",
        "product_id": "string not null comment 'What was bought.'",
        "ordered_at": "timestamp not null comment 'When, on the clock of the shop.'",
        "quantity": "decimal(18,3) not null comment 'How much, in the unit of the product; negative for a return.'",
        "amount": "decimal(18,2) not null comment 'Net money paid, discounts taken off; negative for a return.'",
        "cost": "decimal(18,2) comment 'What the goods cost the shop, where known.'",
        "kind": "string comment 'sale, return or charge (postage, fees); NULL: a return if quantity or amount is negative, else a sale.'",
        "channel": "string comment 'Where it was bought: store, web, app …'",
        "currency": "string comment 'ISO 4217 code, or the sign that stands in the cells of money; one run works in one currency.'",
        "line_id": "string comment 'First half of the SHA-256 of the line as it came; set by ingest, NULL in a table of the company.'",
        "file_digest": "string comment 'SHA-256 of the file it came in; set by ingest, NULL in a table of the company.'",
    },
    always=("kind is null or kind in ('sale', 'return', 'charge')", RETURNS_ARE_NEGATIVE),
)

PRODUCTS = Table(
    name="products",
    row="one product",
    key=("product_id",),
    kind="source",
    columns={
        "product_id": "string not null comment 'The product.'",
        "name": "string comment 'What people call it.'",
        "brand": "string comment 'Whose it is.'",
        "department": "string comment 'Top level of the hierarchy.'",
        "category": "string comment 'Middle level of the hierarchy.'",
        "subcategory": "string comment 'Lowest level of the hierarchy above the product.'",
        "unit": "string comment 'What quantity counts: piece (or NULL), or a measure such as litre or gram.'",
        "is_durable": "boolean comment 'True for what is bought once and lasts.'",
        "is_available": "boolean comment 'False while out of stock or delisted.'",
        "updated_at": "timestamp comment 'When the source last changed the row: ingest lets no older version replace it; where the files do not say, the date in the name of the file, else when that was last changed.'",
    },
)

CUSTOMERS = Table(
    name="customers",
    row="one customer",
    key=("customer_id",),
    kind="source",
    free_text=(
        *("age_band", "gender", "income_band", "marital_status", "occupation", "home_ownership", "household"),
        *("household_size", "children", "region", "legal_form", "company_size", "line_of_business"),
    ),
    columns={
        "customer_id": "string not null comment 'The customer; never a name or an address.'",
        "is_member": "boolean comment 'Belongs to the loyalty programme.'",
        "joined_on": "date comment 'Member or registered since.'",
        "birth_date": "date comment 'Born on.'",
        "age_band": "string comment 'Age as the source groups it, such as 45-54.'",
        "gender": "string comment 'As the source has it.'",
        "income_band": "string comment 'Income as the source groups it.'",
        "marital_status": "string comment 'As the source has it.'",
        "occupation": "string comment 'Job.'",
        "home_ownership": "string comment 'As the source has it.'",
        "household": "string comment 'Composition of the household.'",
        "household_size": "string comment 'People in the household.'",
        "children": "string comment 'Children in the household.'",
        "region": "string comment 'Where the customer lives or is registered.'",
        "legal_form": "string comment 'Of a firm: its legal form; NULL for a person.'",
        "company_size": "string comment 'Of a firm: its size as the source groups it, such as 10-49 people.'",
        "line_of_business": "string comment 'Of a firm: its trade.'",
        "updated_at": "timestamp comment 'When the source last changed the row: ingest lets no older version replace it; where the files do not say, the date in the name of the file, else when that was last changed.'",
    },
)

CONTACTS = Table(
    name="contacts",
    row="one way to reach a customer",
    key=("customer_id", "kind", "value"),
    kind="source",
    columns={
        "customer_id": "string not null comment 'Whose.'",
        "kind": "string not null comment 'email, phone, membership …'",
        "value": "string not null comment 'The address, the number: here and in no other table.'",
        "updated_at": "timestamp comment 'When the source last changed the row: ingest lets no older version replace it; where the files do not say, the date in the name of the file, else when that was last changed.'",
    },
    is_private=True,
    contact_details=("value",),
)

EVENTS = Table(
    name="events",
    row="one thing a customer did or was sent",
    key=(),
    kind="source",
    happened="happened_at",
    free_text=("kind", "product_id", "channel", "detail"),
    columns={
        "customer_id": "string comment 'Who; NULL where nobody knows.'",
        "happened_at": "timestamp not null comment 'When, on the clock of the shop.'",
        "kind": "string not null comment 'search, view, cart, wishlist, review, share, support, campaign, coupon …'",
        "product_id": "string comment 'About which product.'",
        "channel": "string comment 'Where it happened.'",
        "detail": "string comment 'The search text, the campaign, the coupon …'",
        "value": "double comment 'A rating, a duration, an amount: what the kind says.'",
        "line_id": "string comment 'First half of the SHA-256 of the line as it came; set by ingest, NULL in a table of the company.'",
        "file_digest": "string comment 'SHA-256 of the file it came in; set by ingest, NULL in a table of the company.'",
    },
)

TREATMENTS = Table(
    name="treatments",
    row="one customer put into one arm of one action",
    key=(),
    kind="source",
    happened="assigned_at",
    free_text=("campaign", "action", "channel", "arm"),
    columns={
        "customer_id": "string not null comment 'Who; those of the control arm too.'",
        "campaign": "string comment 'The campaign or plan that the action is part of; NULL: the action alone.'",
        "action": "string not null comment 'What was tried: an offer, a mail, a call …'",
        "channel": "string comment 'By which it was to reach the customer.'",
        "arm": "string not null comment 'Into which arm chance put the customer: control, or the name of what the others get.'",
        "planned_share": "double comment 'Which share of the customers was to come into this arm; only ratios within an action count. NULL: all arms were to be of one size.'",
        "assigned_at": "timestamp not null comment 'When the arm was drawn, on the clock of the shop.'",
        "reached_at": "timestamp comment 'When it was sent, shown or delivered; NULL: not, or nobody knows.'",
        "line_id": "string comment 'First half of the SHA-256 of the line as it came; set by ingest, NULL in a table of the company.'",
        "file_digest": "string comment 'SHA-256 of the file it came in; set by ingest, NULL in a table of the company.'",
    },
)

CONSENTS = Table(
    name="consents",
    row="what one customer said to one kind of contact by one channel",
    key=(),
    kind="source",
    happened="since",
    counts_early=True,
    free_text=("channel", "purpose", "state"),
    columns={
        "customer_id": "string not null comment 'Who.'",
        "channel": "string not null comment 'By which channel: email, sms, phone …'",
        "purpose": "string comment 'For what: marketing, service …; NULL: for all.'",
        "state": "string not null comment 'granted, or anything else: withdrawn, denied …'",
        "since": "timestamp not null comment 'When it was said: the latest counts. A yes does not count before its time; anything else counts at once, whatever its time.'",
        "line_id": "string comment 'First half of the SHA-256 of the line as it came; set by ingest, NULL in a table of the company.'",
        "file_digest": "string comment 'SHA-256 of the file it came in; set by ingest, NULL in a table of the company.'",
    },
)

REFERRALS = Table(
    name="referrals",
    row="one customer who was brought by another",
    key=(),
    kind="source",
    happened="referred_at",
    columns={
        "referrer_id": "string not null comment 'Who brought them: a customer too, as a rule.'",
        "customer_id": "string not null comment 'Who was brought.'",
        "referred_at": "timestamp not null comment 'When: the first referral of a customer counts.'",
        "line_id": "string comment 'First half of the SHA-256 of the line as it came; set by ingest, NULL in a table of the company.'",
        "file_digest": "string comment 'SHA-256 of the file it came in; set by ingest, NULL in a table of the company.'",
    },
)

STOCK = Table(
    name="stock",
    row="the stock of one product on one day",
    key=("product_id", "day"),
    kind="source",
    happened="day",
    columns={
        "product_id": "string not null comment 'The product.'",
        "day": "date not null comment 'The day on whose evening it was counted.'",
        "on_hand": "decimal(18,3) not null comment 'Units there.'",
        "on_order": "decimal(18,3) comment 'Units ordered and not delivered yet; NULL: none.'",
        "lead_time_days": "int comment 'Days from an order to its delivery.'",
        "pack_size": "decimal(18,3) comment 'Units of a pack: orders are whole packs.'",
        "minimum_order": "decimal(18,3) comment 'Least units of an order.'",
        "shelf_life_days": "int comment 'Days from the delivery until it cannot be sold any more; NULL: it keeps.'",
        "updated_at": "timestamp comment 'When the source last changed the row: ingest lets no older version replace it; where the files do not say, the date in the name of the file, else when that was last changed.'",
    },
)

MILESTONES = Table(
    name="milestones",
    row="one milestone of one customer, or that there is none",
    key=(),
    kind="source",
    happened="recorded_at",
    free_text=("kind", "subject"),
    columns={
        "customer_id": "string not null comment 'Whose.'",
        "kind": "string not null comment 'birth, purchase, wedding, move, end of contract …: a ladder of lifecycle names the kind that it needs.'",
        "day": "date comment 'When it was, or when it is due; NULL: nobody knows, or there is none.'",
        "is_none": "boolean comment 'True: the customer said that there is none, and the day does not count.'",
        "subject": "string comment 'Which child, which device …, where a customer has several: a number or a code, never a name. Of one subject the row that was recorded last counts.'",
        "recorded_at": "timestamp not null comment 'When the company learnt it, on the clock of the shop: a run of an earlier day does not know it.'",
        "line_id": "string comment 'First half of the SHA-256 of the line as it came; set by ingest, NULL in a table of the company.'",
        "file_digest": "string comment 'SHA-256 of the file it came in; set by ingest, NULL in a table of the company.'",
    },
)

SITUATIONS = Table(
    name="situations",
    row="what was said at one moment of one customer's delay, outage or wait; a correction is another row",
    key=(),
    kind="source",
    happened="changed_at",
    columns={
        "event_id": "string not null comment 'Which flight, delivery, outage …: one name for all customers whom it concerns.'",
        "customer_id": "string not null comment 'Whom it concerns.'",
        "kind": "string not null comment 'flight_delay, train_delay, late_delivery, outage or long_wait.'",
        "minutes_lost": "double not null comment 'Minutes late, without service or waited, as known at changed_at: all of them, and not those since the row before.'",
        "happened_at": "timestamp comment 'When it was due or began, on the clock of the shop.'",
        "changed_at": "timestamp not null comment 'When this was said, on the clock of the shop: the latest counts.'",
        "line_id": "string comment 'First half of the SHA-256 of the line as it came; set by ingest, NULL in a table of the company.'",
        "file_digest": "string comment 'SHA-256 of the file it came in; set by ingest, NULL in a table of the company.'",
    },
)
