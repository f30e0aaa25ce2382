"""In which stage each customer is, what it needs, when the next one begins; and how sure an inferred milestone is."""

from __future__ import annotations

from vitalfew.algorithms.milestones.distributions import METHODS
from vitalfew.messages.declared import text_columns
from vitalfew.tables.result import SHARE, result

KNOWN, BOUGHT, INFERRED = SOURCES = ("known", "bought", "inferred")
ASKED, BUYERS = "asked", "buyers"
PUBLISHED = "published"
REASONS = (
    PUBLISHED,
    "by_purchase",
    "no_milestones",
    "no_categories",
    "too_few",
    "nobody_asked",
    "not_supported",
    "not_better",
)
"""Why milestones of a ladder are inferred, or the first reason why not."""
MONEY = "decimal(28,2)"
LADDER = "string not null comment 'Which ladder.'"
STAGE = "string not null comment 'Which stage.'"

CUSTOMER_STAGES = result(
    "customer_stages",
    "one milestone of one customer, who is in a stage of a ladder",
    ("customer_id", "ladder", "subject"),
    {
        "customer_id": "string not null comment 'Who.'",
        "ladder": LADDER,
        "subject": "string not null comment 'Which child, which device …, as in milestones; empty: the only one.'",
        "source": "string not null comment 'known: from milestones; bought: the last purchase of what starts the ladder; inferred: from what was bought and when.'",
        "stage": "string not null comment 'In which stage; of an inferred one, the most probable.'",
        "stage_from_on": "date not null comment 'Since when; of an inferred one by milestone_on, which may say another stage.'",
        "milestone_on": "date not null comment 'When the milestone was or is due; of an inferred one, the middle of what is possible.'",
        "milestone_low_on": "date not null comment 'It was this day or later; of an inferred one with 90 %.'",
        "milestone_high_on": "date not null comment 'It was this day or earlier; of an inferred one with 90 %: between the two it is with 80 %.'",
        "probability": "double not null comment 'Of the stage; 1 where the milestone is known.'",
        "existence": "double comment 'Of an inferred milestone: the share of those who bought as much, and answered, who have one; NULL where it is known, or an assumption.'",
        "next_stage": "string comment 'Which stage comes next; NULL: none.'",
        "next_stage_on": "date comment 'When it begins, by milestone_on; NULL: there is none, or the calendar ends.'",
        "missing_needs": "array<string> not null comment 'Needs of the stage that are sold here and that this customer did not buy here since ahead_days before the stage, in the order of the ladder.'",
        **text_columns("action", "What to do next."),
    },
    (
        "milestone_low_on <= milestone_on and milestone_on <= milestone_high_on",
        f"probability {SHARE}",
        "source = 'inferred' or (milestone_low_on = milestone_high_on and probability = 1)",
        f"existence is null or existence {SHARE}",
        "next_stage is not null or next_stage_on is null",
    ),
    values={"source": SOURCES},
    texts={"action": ("lifecycle.action",)},
)

LIFECYCLE_STAGES = result(
    "lifecycle_stages",
    "one stage of one ladder, and who is in it",
    ("ladder", "stage"),
    {
        "ladder": LADDER,
        "stage": STAGE,
        "position": "int not null comment 'From 1, in the order of time.'",
        "from_month": "int not null comment 'It begins this many months after the milestone; negative: before it.'",
        "to_month": "int not null comment 'It ends this many months after the milestone.'",
        "customers": "bigint not null comment 'Customers in it, each once.'",
        "known_customers": "bigint not null comment 'Of these, whose milestone is known, or a purchase.'",
        "revenue": f"{MONEY} not null comment 'Net money of these customers in revenue_days before as_of, returns taken off.'",
        "needs_met_share": "double comment 'Of all needs that are sold here, one per known milestone in the stage, which share was bought here; NULL where there are none. Inferred ones are left out: they were inferred from these very purchases.'",
        "entering_customers": "bigint not null comment 'Customers of the stage before who come into this one within ahead_days.'",
    },
    (
        "customers >= known_customers",
        "entering_customers >= 0",
        f"needs_met_share is null or needs_met_share {SHARE}",
        "to_month > from_month",
    ),
)

LIFECYCLE_NEEDS = result(
    "lifecycle_needs",
    "one need of one stage of one ladder",
    ("ladder", "stage", "need"),
    {
        "ladder": LADDER,
        "stage": STAGE,
        "need": "string not null comment 'What is needed.'",
        "position": "int not null comment 'From 1, in the order of time of the stages, and of the needs in each.'",
        "categories": "array<string> not null comment 'Categories of this shop that meet it, by name, at most 20; empty: no product does.'",
        "customers": "bigint not null comment 'Customers in the stage whose milestone is known, or a purchase; 0 where no product meets the need.'",
        "buyers": "bigint not null comment 'Of these, who bought it here since ahead_days before the stage, for each milestone in it.'",
    },
    ("buyers <= customers", "size(categories) > 0 or customers = 0"),
)

LIFECYCLE_LADDERS = result(
    "lifecycle_ladders",
    "one ladder, what is known of its milestone, and whether unknown ones are inferred",
    ("ladder",),
    {
        "ladder": LADDER,
        "milestone": "string not null comment 'Kind of milestone.'",
        "exists_for": "string not null comment 'Who may have one where nothing is recorded, as set: asked, or buyers.'",
        "milestone_rows": "bigint not null comment 'Rows of this kind in milestones that were known before as_of.'",
        "undated_rows": "bigint not null comment 'Of these, without a day, and not saying that there is none: left out.'",
        "known_customers": "bigint not null comment 'Customers with a known milestone, or with a purchase that starts the ladder.'",
        "denying_customers": "bigint not null comment 'Customers who said that there is none.'",
        "milestones_before": "bigint not null comment 'Known milestones whose first stage has not begun.'",
        "milestones_after": "bigint not null comment 'Known milestones whose last stage is over.'",
        "unmet_needs": "array<string> not null comment 'Needs that no product of this shop meets, in the order of the ladder.'",
        "inference": "string not null comment 'published: unknown milestones are inferred; or why not: by_purchase (the ladder starts with a purchase), no_milestones (none is known), no_categories (no product has one, or none of the needs is sold), too_few (fewer than min_known customers), nobody_asked (nobody said that there is none, so nobody knows who has one), not_supported (no customers bought so much that least_existence of those who answered have one), not_better (than the prior, beyond chance).'",
        "method": "string comment 'By which months are inferred: leaf (each category, drawn to its parent), or parent; NULL: neither beats the prior, or nothing was judged.'",
        "damping": "double comment 'n purchases of a customer speak as n to the power of 1 less this; chosen by loss; NULL as method.'",
        "level": "double comment 'Share of the posterior in the interval: as much as is needed to hold 80 % of known milestones; NULL as method.'",
        "purchases": "bigint not null comment 'Purchases of customers with one known milestone, by category and month, from which is learnt.'",
        "purchases_before": "bigint not null comment 'The same before the first month of the ladder: left out.'",
        "purchases_after": "bigint not null comment 'The same after its last month: left out.'",
        "candidates": "bigint not null comment 'Customers without a known milestone whose purchases support that they have one.'",
        "inferred_customers": "bigint not null comment 'Of these, of whom something is said.'",
    },
    ("inferred_customers <= candidates", "inference = 'published' or inferred_customers = 0"),
    values={"inference": REASONS, "exists_for": (ASKED, BUYERS)},
)

LIFECYCLE_EXISTENCE = result(
    "lifecycle_existence",
    "customers who bought one number of the needs of one ladder",
    ("ladder", "needs_bought"),
    {
        "ladder": LADDER,
        "needs_bought": "int not null comment 'Needs bought here in evidence_days; the highest stands for more, too.'",
        "answered": "bigint not null comment 'Customers of whom it is known whether they are on the ladder, by milestones.'",
        "confirmed": "bigint not null comment 'Of these, who are on it.'",
        "share": "double comment 'confirmed / answered; NULL where nobody answered.'",
        "share_low": "double comment 'Lower end of its interval (Wilson, 95 % on one side); NULL where nobody answered.'",
        "unknown": "bigint not null comment 'Other customers who bought as much.'",
        "is_enough": "boolean not null comment 'Milestones of the others are looked for: share_low is at least least_existence; or the ladder is for all buyers, by assumption.'",
    },
    ("confirmed <= answered", f"share is null or share {SHARE}", "needs_bought >= 0"),
)

LIFECYCLE_EVALUATION = result(
    "lifecycle_evaluation",
    "how one method does on customers whose milestone is known, by a fit that has not seen them",
    ("ladder", "method"),
    {
        "ladder": LADDER,
        "method": "string not null comment 'prior: months of all purchases; parent: those of each parent category; leaf: those of each category, drawn to its parent.'",
        "customers": "bigint not null comment 'Customers: the stage on the day of the last purchase, in five parts by hash.'",
        "log_loss": "double not null comment 'Of the stage, mean: lower is better.'",
        "accuracy": "double not null comment 'Share of customers whose most probable stage was the true one.'",
        "gain": "double not null comment 'Log-loss of the prior less that of the method.'",
        "gain_low": "double not null comment 'Lower end of its one-sided interval at significance.'",
        "coverage": "double not null comment 'Share of customers whose true month is in the interval of 80 %.'",
        "calibration_error": "double not null comment 'Mean difference of the probability of the most probable stage and of how often it was true, over bins of a tenth.'",
        "clear_customers": "bigint not null comment 'Customers of whom something would be said.'",
        "clear_accuracy": "double comment 'accuracy of these; NULL where there are none.'",
        "clear_probability": "double comment 'What their most probable stages had on average.'",
        "is_published": "boolean not null comment 'By this method milestones are inferred.'",
    },
    (
        f"accuracy {SHARE}",
        f"coverage {SHARE}",
        "clear_customers <= customers",
        "not is_published or (gain_low > 0 and method <> 'prior')",
    ),
    values={"method": METHODS},
)

LIFECYCLE_RELIABILITY = result(
    "lifecycle_reliability",
    "customers whose most probable stage had about one probability",
    ("ladder", "method", "bin"),
    {
        "ladder": LADDER,
        "method": "string not null comment 'As in lifecycle_evaluation.'",
        "bin": "int not null comment 'Tenth of the probability, from 0.'",
        "customers": "bigint not null comment 'Customers, as in lifecycle_evaluation.'",
        "predicted": "double not null comment 'Mean probability of the most probable stage.'",
        "observed": "double not null comment 'How often it was the true one.'",
    },
    ("customers > 0", f"predicted {SHARE}", f"observed {SHARE}"),
    values={"method": METHODS},
)

TABLES = (
    CUSTOMER_STAGES,
    LIFECYCLE_STAGES,
    LIFECYCLE_NEEDS,
    LIFECYCLE_LADDERS,
    LIFECYCLE_EXISTENCE,
    LIFECYCLE_EVALUATION,
    LIFECYCLE_RELIABILITY,
)
