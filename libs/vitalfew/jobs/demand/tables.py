"""What will be asked for, how well that is known, and what to order."""

from __future__ import annotations

from vitalfew.algorithms.demand.classes import CLASSES
from vitalfew.algorithms.demand.forecasts import METHODS
from vitalfew.tables.result import result

CATEGORY = "category"
BOTTOM_UP = "bottom_up"
WHY = (
    "no_stock_table",
    "not_counted",
    "order",
    "minimum",
    "not_worth",
    "shelf_life",
    "enough",
    "negative_stock",
    "no_demand",
    "too_few",
)

SUMS = {
    "total_units": "double not null comment 'Expected units of all weeks up to this one.'",
    "total_low": "bigint not null comment 'Lower end of the interval of total_units.'",
    "total_high": "bigint not null comment 'Upper end of the interval of total_units.'",
}
WEEK = {
    "weeks_ahead": "int not null comment 'Which week from now, from 1.'",
    "starts_on": "date not null comment 'First day of that week; weeks have seven days from as_of on.'",
    "units": "double not null comment 'Expected units in that week, returns taken off.'",
    "low": "bigint not null comment 'Lower end of its interval.'",
    "high": "bigint not null comment 'Upper end of its interval.'",
    **SUMS,
}

PRODUCT_DEMAND = result(
    "product_demand",
    "one product in one week ahead",
    ("product_id", "weeks_ahead"),
    {
        "product_id": "string not null comment 'The product.'",
        **WEEK,
        "method": "string not null comment 'How it was forecast: the method of its class; see demand_evaluation.'",
        "demand_class": "string not null comment 'By Syntetos, Boylan and Croston: smooth, erratic (uneven sizes), intermittent (rare), lumpy (rare and uneven); too_few demands to tell.'",
        "weeks_seen": "int not null comment 'Weeks since its first sale, in the history used; without those in which it was out of stock.'",
        "weeks_with_demand": "bigint not null comment 'Of these, with a sale.'",
        "weeks_per_demand": "double not null comment 'The first over the second (ADI).'",
        "size_variation": "double comment 'Squared coefficient of variation of the units of a week with a sale (CV2); NULL of one week.'",
        "dispersion": "double not null comment 'Of a week: variance = units + dispersion x units^2, before widening; the product leaning on its class.'",
    },
    (
        "units >= 0 and low >= 0 and low <= high",
        "total_units >= 0 and total_low >= 0 and total_low <= total_high",
        "weeks_with_demand <= weeks_seen",
    ),
    values={"method": METHODS, "demand_class": CLASSES},
)

CATEGORY_DEMAND = result(
    "category_demand",
    "one category in one week ahead",
    ("category", "weeks_ahead"),
    {
        "category": "string not null comment 'What products has in the column category_level.'",
        "products": "bigint not null comment 'Its products with a forecast.'",
        **WEEK,
    },
    ("products > 0", "units >= 0 and low >= 0 and low <= high", "total_low >= 0 and total_low <= total_high"),
)

DEMAND_EVALUATION = result(
    "demand_evaluation",
    "one method, tried on one class of products from several past days",
    ("demand_class", "method", "span", "weeks_ahead"),
    {
        "demand_class": "string not null comment 'A class of product_demand, as it was on that past day; all; or category, where forecasts of products are added up.'",
        "method": "string not null comment 'zero and naive (the last week) are references, zero chosen for too_few alone; mean_13: of the last 13 weeks, the baseline; seasonal_naive: the same week a year ago; ses, croston, sba, tsb with their smoothing rate in hundredths; bottom_up: of products.'",
        "span": "string not null comment 'week: the week weeks_ahead alone; weeks: each week up to it; sum: all of them together.'",
        "weeks_ahead": "int not null comment 'The week, or the last of them.'",
        "origins": "int not null comment 'Past days from which was forecast.'",
        "products": "bigint not null comment 'Products whose errors have a scale; categories where demand_class is category.'",
        "forecasts": "bigint not null comment 'Forecasts compared with what came.'",
        "rmsse": "double comment 'Root mean squared error over that of the change from week to week before; mean of the products, weighted by units. NULL of sums and categories.'",
        "bias": "double comment 'Forecast less actual units, as a share of these; NULL where nothing was sold.'",
        "pinball_loss": "double comment 'Mean of the pinball losses of the lower end, the median and the upper end, per unit sold; NULL where nothing was sold. Without widening.'",
        "coverage": "double not null comment 'How often the interval held what came, before it was widened.'",
        "widening": "double comment 'Factor of the variance of the chosen method with which the interval covers enough; NULL of other methods.'",
        "widened_coverage": "double comment 'How often the interval as published would have held what came.'",
        "newer_coverage": "double comment 'The same of the newer half of the past days, with a widening chosen on the older half alone: the honest figure.'",
        "is_baseline": "boolean not null comment 'The mean of 13 weeks.'",
        "is_chosen": "boolean not null comment 'Used for the class.'",
    },
    ("forecasts > 0", "coverage between 0 and 1", "rmsse is null or rmsse >= 0"),
    values={
        "demand_class": (*CLASSES, "all", CATEGORY),
        "method": (*METHODS, BOTTOM_UP),
        "span": ("week", "weeks", "sum"),
    },
)

PURCHASE_PLAN = result(
    "purchase_plan",
    "one product with a forecast, and what to order",
    ("product_id",),
    {
        "product_id": "string not null comment 'The product.'",
        "quantity": "bigint not null comment 'Units to order now.'",
        "why": "string not null comment 'no_stock_table: all of what is needed, as no stock is known; not_counted: the same, as stock does not list the product; order; minimum: raised to the minimum order; not_worth: nothing, as a whole pack or the minimum would cost more than it saves; shelf_life: no more than sells in time; enough: nothing, stock will do; negative_stock: taken for 0, count it; no_demand: nothing is expected; too_few: nothing, as it was sold in one week alone: decide yourself.'",
        "cover_days": "int not null comment 'Days that the order is to last: review_days, and with stock the lead time too.'",
        "expected_units": "double not null comment 'Expected units in cover_days.'",
        "order_up_to": "bigint not null comment 'Units that should be there or on their way: the quantile of demand at critical_ratio.'",
        "critical_ratio": "double not null comment 'How often demand should be met: margin over margin plus cost of a unit left over.'",
        "price": "double comment 'Mean money per unit in active_weeks; NULL where there is none.'",
        "unit_margin": "double comment 'What a missing unit costs.'",
        "unit_excess_cost": "double comment 'What a unit left over costs: holding it for cover_days, or all of it where it spoils before.'",
        "is_margin_assumed": "boolean not null comment 'margin_share was used: order lines tell no cost, or one above the price.'",
        "expected_short": "double not null comment 'Units that will be missing on average, if this is ordered.'",
        "expected_left": "double not null comment 'Units that will be left after cover_days on average.'",
        "expected_cost": "double comment 'Money that being wrong costs on average: unit_margin x expected_short + unit_excess_cost x expected_left.'",
        "cost_of_nothing": "double comment 'The same if nothing is ordered.'",
        "counted_on": "date comment 'Day of the stock used; NULL: none is known.'",
        "on_hand": "double comment 'Units in stock; as counted, even if negative.'",
        "on_order": "double comment 'Units on their way.'",
        "lead_time_days": "int comment 'Days to the delivery; that of stock, else of the settings. NULL without stock.'",
        "pack_size": "double comment 'Units of a pack; NULL: single units.'",
        "minimum_order": "double comment 'Least units of an order; NULL: none.'",
        "shelf_life_days": "int comment 'Days until it spoils; NULL: it does not.'",
    },
    (
        "quantity >= 0 and order_up_to >= 0 and cover_days > 0",
        "critical_ratio between 0 and 1",
        "expected_short >= 0 and expected_left >= 0",
    ),
    values={"why": WHY},
)
