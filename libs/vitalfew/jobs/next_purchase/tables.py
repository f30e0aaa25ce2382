"""Who will come back, when, and what they are worth."""

from __future__ import annotations

from vitalfew.messages.declared import text_columns
from vitalfew.tables.result import SHARE, fit, result

WAIT = "wait"
STEPS = ("second order", WAIT, "offer", "ask", "win back", "last try")
STATUSES = ("first order", "on schedule", "overdue", "lapsed", "unknown")

NEXT_PURCHASE = result(
    "next_purchase",
    "one customer who has bought",
    ("customer_id",),
    {
        "customer_id": "string not null comment 'Who.'",
        "repeats": "int not null comment 'x: days with a sale after the first such day.'",
        "recency_weeks": "double not null comment 't_x: from the first such day to the last, in weeks.'",
        "age_weeks": "double not null comment 'T: from the first such day to the last day known, the one before as_of, in weeks.'",
        "silent_days": "int not null comment 'Days from the last such day to as_of.'",
        "mean_amount": "decimal(28,2) comment 'm: net money after the first day, returns taken off, for each repeat; NULL without one.'",
        "model": "string not null comment 'Which model predicts: bg_nbd, pareto_nbd, mbg_nbd or rhythm (see purchase_models).'",
        "p_alive": "double comment 'Probability that the customer will ever buy again; NULL where nobody ever came back. BG/NBD says 1 of everyone who never came back.'",
        "expected_amount": "decimal(28,2) not null comment 'E[M]: what a future order is worth, between the own mean and that of all.'",
        "gap_days": "double comment 'Mean days between orders, drawn to that of all with fewer than three gaps; NULL where nobody ever came back.'",
        "limit_days": "double comment 'Overdue, here and in alerts: silent for longer than this. The 80th percentile (overdue_percentile) of the own gaps, weighted with the mean of all customers; NULL without a gap.'",
        "due_on": "date comment 'The middle of the window; NULL where the silence is beyond any rhythm.'",
        "due_50_from": "date comment 'If the customer comes back, half of the probability lies from this day …'",
        "due_50_to": "date comment '… to this day.'",
        "due_80_from": "date comment 'If the customer comes back, 80 % of the probability lies from this day …'",
        "due_80_to": "date comment '… to this day.'",
        "status": "string not null comment 'first order; on schedule; overdue (silent for longer than limit_days: overdue, as in alerts); lapsed (silent for longer than 98 % of the predicted gaps; of those who ever came back only whose probability to return is low too); unknown.'",
        "value_at_stake": "decimal(28,2) not null comment 'What would come within the longest horizon if the customer were still there, by the model but at most at the pace of all their days so far, times 1 - p: p is p_return_365, or where that is NULL the greatest of p_alive, p_return_30 and p_return_90.'",
        "next_step": "string not null comment 'second order, wait, offer, ask, win back or last try (after one order): wait only where they are not overdue, not unusually silent, and likely there.'",
        **text_columns("action", "The same in words, with the figures."),
        "p_return_30": "double comment 'Probability of an order within 30 days, calibrated on earlier days; NULL where no two earlier days show it, or where a table of recency by frequency says it better (see purchase_reliability).'",
        "p_return_90": "double comment 'The same within 90 days.'",
        "p_return_365": "double comment 'The same within 365 days. Status, next step and value at stake go by it; where it is NULL, by the greatest of p_alive and the others.'",
    },
    (
        "repeats >= 0",
        "recency_weeks >= 0 and recency_weeks <= age_weeks",
        "silent_days > 0",
        f"p_alive is null or p_alive {SHARE}",
        *[f"p_return_{days} is null or p_return_{days} {SHARE}" for days in (30, 90, 365)],
        "due_on is null or (due_80_from <= due_50_from and due_50_from <= due_on and due_on <= due_50_to and due_50_to <= due_80_to)",
        "due_80_from is null or due_80_from >= as_of",
        "next_step <> 'wait' or (status = 'on schedule' and due_50_from > as_of and silent_days <= coalesce(limit_days, silent_days))",
    ),
    values={"status": STATUSES, "next_step": STEPS},
    texts={"action": ("next_purchase.action",)},
)

PURCHASE_FORECAST = result(
    "purchase_forecast",
    "one customer and one horizon",
    ("customer_id", "horizon_days"),
    {
        "customer_id": "string not null comment 'Who.'",
        "horizon_days": "int not null comment 'Days from as_of.'",
        "expected_orders": "double not null comment 'Expected days with an order in them.'",
        "expected_value": "decimal(28,2) not null comment 'What these bring, discounted.'",
        "method": "string not null comment 'What the orders are predicted by (see purchase_outlook): a model, or the best of the simplest rules where no model beat it.'",
        "season_known": "boolean not null comment 'Whether the season of the shop is known: from two years of orders, or given. Else it is drawn to an even year.'",
    },
    ("horizon_days > 0", "expected_orders >= 0"),
)

PURCHASE_MODELS = result(
    "purchase_models",
    "one model, fitted to the orders before one day",
    ("model", "fitted_on"),
    {
        "model": "string not null comment 'bg_nbd, pareto_nbd, mbg_nbd, gamma_gamma (amounts) or rhythm (the own gaps of each customer).'",
        "fitted_on": "date not null comment 'Orders before this day were seen: as_of, or the split before which nothing of the hold-out is known.'",
        "customers": "bigint not null comment 'Customers fitted to.'",
        "histories": "bigint not null comment 'Distinct rows they collapse to, as fitted.'",
        "log_likelihood": "double comment 'At the top; NULL where nothing was fitted.'",
        "error": "double comment 'Root mean squared error for one customer: of the orders predicted for the hold-out; of the amount of one order.'",
        "class_error": "double comment 'How far the orders predicted for customers with 0, 1, … 7+ repeats are from those that came, the sum apart and beyond chance: Cohen w (0.1 is little, 0.3 medium, 0.5 much).'",
        "is_used": "boolean not null comment 'The forecasts of as_of are made with it.'",
        "verdict": "string not null comment 'Why it is used, or why not; and what was rounded or sampled.'",
    },
    ("customers >= 0",),
)

PURCHASE_PARAMETERS = result(
    "purchase_parameters",
    "one parameter of one fitted model",
    ("model", "fitted_on", "parameter"),
    {
        "model": "string not null comment 'As in purchase_models.'",
        "fitted_on": "date not null comment 'As in purchase_models.'",
        "parameter": "string not null comment 'Its name in the literature; times are in weeks.'",
        "estimate": "double not null comment 'Maximum likelihood.'",
        "standard_error": "double comment 'From the curvature at the top, by the delta method; NULL where it has none.'",
    },
)

PURCHASE_OUTLOOK = result(
    "purchase_outlook",
    "one horizon: what all customers together will bring",
    ("horizon_days",),
    {
        "horizon_days": "int not null comment 'Days from as_of.'",
        "method": "string not null comment 'What the sum of the orders is predicted by: a model, or last_period, year_ago or historic_rate where no model beat them on earlier days.'",
        "shared_by": "string comment 'The model by which customers share the sum of a baseline; NULL where each is given what the method says.'",
        "correction": "double not null comment 'What the predictions of the model are multiplied by: what came on earlier days for each order predicted, drawn to 1; or what brings its sum to that of the baseline.'",
        "value_method": "string not null comment 'The same as method, for money.'",
        "value_correction": "double not null comment 'The same as correction, for money.'",
        "origins": "int not null comment 'Earlier days on which this horizon was measured; 0: not measured, and not corrected.'",
        "expected_orders": "double not null comment 'Of all customers.'",
        "orders_from": "double not null comment '80 % of the probability lies from here …'",
        "orders_to": "double not null comment '… to here.'",
        "expected_value": "decimal(28,2) not null comment 'Of all customers, discounted.'",
        "value_from": "decimal(28,2) not null comment '80 % of the probability lies from here …'",
        "value_to": "decimal(28,2) not null comment '… to here.'",
        "season_known": "boolean not null comment 'From two years of orders, or given; else the season is partly unknown and the intervals are wider.'",
    },
    ("orders_from <= expected_orders and expected_orders <= orders_to", "correction >= 0 and value_correction >= 0"),
)

PURCHASE_BACKTESTS = result(
    "purchase_backtests",
    "one method, one horizon and one earlier day: predicted from what was known before it, and what came",
    ("method", "horizon_days", "origin_on"),
    {
        "method": "string not null comment 'bg_nbd, pareto_nbd, mbg_nbd, rhythm; or the simplest rules: last_period (repeated), year_ago (the same period), historic_rate.'",
        "horizon_days": "int not null comment 'Days from origin_on.'",
        "origin_on": "date not null comment 'Orders before this day were known, the season and the parameters too. Where two years are known today and were not then, the season is that of today.'",
        "customers": "bigint not null comment 'Customers known then; those of the sample (backtest_customers).'",
        "predicted_orders": "double not null comment 'Order days predicted for them.'",
        "corrected_orders": "double not null comment 'The same, times the correction that could have been known on that day.'",
        "actual_orders": "bigint not null comment 'Order days that came.'",
        "ratio": "double comment 'Predicted / actual; NULL where nothing came.'",
        "error": "double not null comment 'Root mean squared error of the orders of one customer.'",
        "predicted_value": "decimal(28,2) not null comment 'Money predicted, not discounted.'",
        "actual_value": "decimal(28,2) not null comment 'Money that came, returns taken off.'",
        "value_ratio": "double comment 'The same of money; NULL where none came.'",
        "is_published": "boolean not null comment 'The forecasts of this horizon as of as_of are made with it.'",
    },
    ("customers > 0", "predicted_orders >= 0"),
)

PURCHASE_RELIABILITY = result(
    "purchase_reliability",
    "one tenth of the customers by their probability to return within the horizon",
    ("horizon_days", "tenth"),
    {
        "horizon_days": "int not null comment '30, 90 or 365.'",
        "tenth": "int not null comment '1: least likely, 10: most likely.'",
        "customers": "bigint not null comment 'Customers of all earlier days.'",
        "predicted": "double not null comment 'Their mean probability, each day calibrated on the others.'",
        "actual": "double not null comment 'The share that came.'",
        "origins": "int not null comment 'Earlier days.'",
        "brier": "double not null comment 'Mean squared error of the probabilities: of days predicted from those whose horizon was over by then; with fewer than two such days, of each predicted from the others.'",
        "brier_of_table": "double not null comment 'That of a table of recency (fifths) by repeats (0 to 4 or more), counted on the same days.'",
        "is_published": "boolean not null comment 'Whether next_purchase shows it: only if it errs no more than the table.'",
    },
    ("customers > 0", f"predicted {SHARE}", f"actual {SHARE}"),
)

PURCHASE_CALIBRATION = result(
    "purchase_calibration",
    "one model and one number of repeats before the split: predicted and found in the hold-out",
    ("model", "repeats"),
    {
        "model": "string not null comment 'As in purchase_models.'",
        "repeats": "string not null comment 'Repeats known at the split: 0 to 6, 7+, or all.'",
        "split_on": "date not null comment 'What was before this day was known, the rest was to be predicted.'",
        "customers": "bigint not null comment 'Customers known at the split.'",
        "predicted_orders": "double not null comment 'Order days predicted for the hold-out.'",
        "actual_orders": "bigint not null comment 'Order days in it.'",
        "predicted_value": "decimal(28,2) not null comment 'Money predicted.'",
        "actual_value": "decimal(28,2) not null comment 'Money that came, returns taken off.'",
    },
    ("customers > 0", "predicted_orders >= 0"),
)

PURCHASE_WINDOWS = result(
    "purchase_windows",
    "the windows of one kind: how many next orders fell into them",
    ("subject", "gaps", "nominal"),
    {
        "subject": "string not null comment 'customer, or the level of repeat_purchases.'",
        "gaps": "string not null comment 'Gaps known at the split: 0, 1, 2, 3+, or all.'",
        "nominal": "double not null comment '0.5 or 0.8: the share of those who come back that should fall into it.'",
        "split_on": "date not null comment 'What was before this day was known.'",
        "windows": "bigint not null comment 'Those whose 80 % window closes before the hold-out ends.'",
        "came_back": "bigint not null comment 'Of these, bought again in the hold-out.'",
        "inside": "bigint not null comment 'Of these, within the window.'",
        "coverage": "double comment 'inside / came_back: to be compared with nominal; NULL where nobody came.'",
        "share_of_all": "double not null comment 'inside / windows: who never came back counts as missed.'",
    },
    ("windows > 0", "came_back <= windows", "inside <= came_back"),
)

REPEAT_PURCHASES = result(
    "repeat_purchases",
    "one thing that one customer buys again and again",
    ("customer_id", "level", "item"),
    {
        "customer_id": "string not null comment 'Who.'",
        "level": "string not null comment 'category, or another level of the hierarchy.'",
        "item": "string not null comment 'What.'",
        "days_bought": "int not null comment 'Days on which it was bought.'",
        "last_on": "date not null comment 'The last of them.'",
        "gap_days": "double not null comment 'Mean days between them, drawn to that of all buyers with fewer than three gaps.'",
        "due_on": "date not null comment 'The middle of the window.'",
        "due_from": "date not null comment 'Half of the probability lies from this day …'",
        "due_to": "date not null comment '… to this day.'",
        "status": "string not null comment 'on schedule, or past due: not bought for longer than 80 % of the predicted gaps between purchases of it. This is about the thing; overdue is about the customer.'",
        **text_columns("text", "The same in words."),
    },
    ("days_bought > 1", "due_from <= due_on and due_on <= due_to", "due_from >= as_of"),
    values={"status": ("on schedule", "past due")},
    texts={"text": ("repeat_purchases.text",)},
)

PURCHASE_FIT = fit("purchase_fit", "what customers are scored with: models, season, amounts and corrections")
