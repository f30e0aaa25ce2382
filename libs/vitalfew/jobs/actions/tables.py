"""The plan: who gets what, what it will bring, and which limits hold it back."""

from __future__ import annotations

from vitalfew.jobs.actions.params import ACTIONS
from vitalfew.messages.declared import text_columns
from vitalfew.tables.result import SHARE, result

PLAN, EXPLORE, CONTROL = "plan", "explore", "control"
ARMS = (PLAN, EXPLORE, CONTROL)
KEY, REGULAR, POTENTIAL = TIERS = ("key", "regular", "potential")
NOTHING, NO_CHANNEL = "nothing", "none"
ASSUMED, MIXED, MEASURED = BASES = ("assumed", "mixed", "measured")
MONEY = "decimal(28,4)"

TIER = "string not null comment 'key: super customers and the first tenth by contribution; regular: the others in A or B, or (where contribution knows nothing) who came back; potential: all others.'"
CAMPAIGN = "string not null comment 'The round as treatments names it; of those who explore with explore after it, as they are compared with each other.'"
ARM = "string not null comment 'plan: the best for this customer; explore: an action by chance; control: gets nothing, and is what plan or explore of the same campaign and action are compared with.'"

CUSTOMER_ACTIONS = result(
    "customer_actions",
    "one action for one customer, or one that a customer would have got who is held out",
    ("customer_id", "action"),
    {
        "customer_id": "string not null comment 'Who.'",
        "action": "string not null comment 'What to do.'",
        "channel": "string not null comment 'By which channel.'",
        "campaign": CAMPAIGN,
        "arm": ARM,
        "planned_share": "double not null comment 'Which share of the customers was to come into this arm of the campaign.'",
        "assigned_at": "timestamp not null comment 'Midnight of as_of: these columns are those of treatments, into which the list may be put as it is.'",
        "tier": TIER,
        "segment": "string comment 'Of rfm; NULL where it knows nothing of the customer.'",
        "item": "string comment 'Product or category that it is about; NULL where it is about none.'",
        "basis": "string not null comment 'assumed: the uplift is that of conf/jobs/actions.yml; mixed: the action was tried, but no try has a verdict; measured: one has, of all customers or of those with such a history. Of mixed and measured, uplift is what all tries showed, drawn to the assumption.'",
        "assumed_share": "double comment 'Which weight the assumption has in uplift: 1 of assumed, near 0 where tries were large. NULL: an earlier version wrote the row.'",
        "uplift": "double comment 'By how much the probability of an order (of a review, of a customer who is brought) rises; of an assumed win_share, which share of the gap comes here; NULL where revenue was measured instead. Of customers with such a history (active, lapsed, no order yet) as far as tries tell.'",
        "uplift_low": "double comment 'Mixed and measured: lower end of the 95 % interval of uplift, or of the revenue for one customer where that is NULL.'",
        "uplift_high": "double comment 'Upper end of it.'",
        "p_return": "double comment 'Probability of an order without it, within horizon_days; NULL where next_purchase does not say.'",
        "worth": f"{MONEY} not null comment 'What one more success brings, when the goods are paid for.'",
        "expected_gain": f"{MONEY} not null comment 'uplift (no more than 1 - p_return) times worth: what the action itself brings, not what the customer spends. Of the control arm: what is forgone.'",
        "cost": f"{MONEY} not null comment 'Of the contact, and of the offer by as many as are expected to use it. Of the control arm: what is not spent.'",
        "send_on": "date not null comment 'When: the own best weekday within the period, if timing knows it and it is not before the thing is due.'",
        "send_until": "date not null comment 'Not later.'",
        "send_hour": "int not null comment 'On the clock of the shop: the own best hour outside the quiet hours.'",
        **text_columns("reason", "Why this customer."),
        **text_columns("promise", "What it is to bring and to cost, and on what that rests."),
    },
    (
        "cost >= 0",
        "send_on <= send_until",
        "send_hour between 0 and 23",
        f"p_return is null or p_return {SHARE}",
        "arm <> 'plan' or expected_gain > cost",
    ),
    values={"action": ACTIONS, "arm": ARMS, "tier": TIERS, "basis": BASES},
    texts={"reason": ("actions.reason",), "promise": ("actions.promise",)},
)

ACTION_PLAN = result(
    "action_plan",
    "one action by one channel for customers of one tier",
    ("tier", "action", "channel"),
    {
        "tier": TIER,
        "action": "string not null comment 'What to do; nothing: customers with no action.'",
        "channel": "string not null comment 'By which channel; none of nothing.'",
        "eligible": "bigint not null comment 'Customers for whom it was possible, whoever got it; of nothing, as customers.'",
        "customers": "bigint not null comment 'Customers who get it: arms plan and explore; of nothing, who get nothing and are not held out.'",
        "explored": "bigint not null comment 'Of these, by chance.'",
        "held_out": "bigint not null comment 'Customers in the control arm, who would have got it.'",
        "cost": f"{MONEY} not null comment 'Of customers.'",
        "expected_gain": f"{MONEY} not null comment 'Of customers.'",
        "measured_gain": f"{MONEY} not null comment 'Of expected_gain, what has the basis measured; the rest is mixed or assumed.'",
        "least_gain": f"{MONEY} comment 'Lower end of the intervals of measured_gain together; NULL where nothing is measured.'",
    },
    (
        "explored <= customers",
        "customers + held_out <= eligible",
        "measured_gain <= greatest(expected_gain, 0) or measured_gain <= expected_gain",
        "least_gain is null or least_gain <= measured_gain",
    ),
    values={"tier": TIERS, "action": (*ACTIONS, NOTHING)},
)

PLAN_LIMITS = result(
    "plan_limits",
    "one limit of the plan",
    ("kind", "name"),
    {
        "kind": "string not null comment 'budget (money), channel (contacts) or action (customers).'",
        "name": "string not null comment 'Which; budget of the budget.'",
        "capacity": f"{MONEY} comment 'How much there is; NULL: no limit.'",
        "used": f"{MONEY} not null comment 'How much the plan uses.'",
        "explored": f"{MONEY} not null comment 'Of this, by those who explore.'",
        "shadow_price": "double not null comment 'What one more unit of it would bring beyond its cost, in money; 0 where it does not bind.'",
    },
    (
        "capacity is null or used <= capacity",
        "explored <= used",
        "shadow_price >= 0",
        "capacity is not null or shadow_price = 0",
    ),
    values={"kind": ("budget", "channel", "action")},
)

PLAN_TOTALS = result(
    "plan_totals",
    "the whole plan",
    (),
    {
        "until": "date not null comment 'Last day of the period.'",
        "customers": "bigint not null comment 'Who ever bought; where first_order is planned, registered people too who have not bought and are worth an effort (prospects).'",
        "possible": "bigint not null comment 'Of these, for whom any action was possible.'",
        "planned": "bigint not null comment 'Who get an action: the best for them.'",
        "explored": "bigint not null comment 'Who get an action by chance.'",
        "held_out": "bigint not null comment 'In a control arm.'",
        "resting": "bigint not null comment 'Not contacted: they were lately, or often enough. Who is held out rests as if contacted, and is not counted here.'",
        "without_consent": "bigint not null comment 'Who have an action, but no channel to which they said yes.'",
        "cost": f"{MONEY} not null comment 'Of the plan and of those who explore.'",
        "expected_gain": f"{MONEY} not null comment 'Of the same.'",
        "measured_share": "double comment 'Share of expected_gain that rests on a measured uplift; NULL where that is not above 0.'",
        "mixed_share": "double comment 'Share of expected_gain that rests on tries without a verdict and on the assumption. NULL where expected_gain is not above 0, or an earlier version wrote the row.'",
        "value": f"{MONEY} not null comment 'Gain less cost of the arm plan.'",
        "bound": f"{MONEY} not null comment 'No plan for the same customers within the same limits has a higher value (Lagrangian dual), after the rounding of prices.'",
        "gap": "double comment '1 - value / bound: so far from the best the plan is at most; NULL where bound is 0.'",
        "passes": "int not null comment 'Looks at all options to find the prices.'",
        "overlapping": "bigint comment 'Contacts that earlier plans gave on the last period_days days: they use nothing of the limits of this plan. NULL: an earlier version wrote the row.'",
        "consents_known": "boolean not null comment 'Whether anything is known of consents; false: check before you send.'",
        "harmful": "array<string> not null comment 'Actions that are not proposed, as they were measured as harmful.'",
        "doubtful": "array<string> comment 'Actions that are proposed by chance alone: no try has a verdict, but what they showed, drawn to the assumption, brings nothing for any customer. NULL: an earlier version wrote the row.'",
        "missing": "array<string> not null comment 'Tables that are not there, or empty, and what is not proposed or assumed for want of them is in docs/jobs/actions.md.'",
    },
    ("planned + explored + held_out <= customers", "value <= bound", "cost >= 0"),
)

PLANNED_CONTACTS = result(
    "planned_contacts",
    "one action that this plan or an earlier one gave, and that still counts",
    ("customer_id", "action", "assigned_on"),
    {
        "customer_id": "string not null comment 'Who.'",
        "action": "string not null comment 'What.'",
        "channel": "string not null comment 'By which channel.'",
        "campaign": CAMPAIGN,
        "arm": ARM,
        "assigned_on": "date not null comment 'as_of of the plan that gave it.'",
        "send_on": "date comment 'When it was to be sent: rest days are counted from here. NULL: an earlier version wrote the row.'",
    },
    ("assigned_on <= as_of",),
    values={"arm": ARMS},
)
