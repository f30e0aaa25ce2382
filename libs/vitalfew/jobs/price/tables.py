"""How units answer to prices, who buys at which price, and what discounts cost that nobody needed."""

from __future__ import annotations

from vitalfew.tables.result import SHARE, result

TOTAL, CATEGORY = SCOPES = ("total", "category")
ALL = "all"
ELASTIC, INELASTIC, CANNOT_TELL = VERDICTS = ("elastic", "inelastic", "cannot_tell")
PRODUCT_REASONS = ("clear", "wide", "not_better", "anticipated", "wrong_sign", "no_variation")
CATEGORY_REASONS = (*PRODUCT_REASONS, "few_products", "too_short", "no_products")
FATES = ("judged", "few_weeks", "seldom_sold", "no_change", "few_changes", "by_quantity", "mixed", "beyond_most")
OWN_CATEGORY, WHOLE_SHOP = COMPARISONS = ("category", "shop")
SEGMENT, SPEND = GROUPINGS = ("segment", "spend")
BARGAIN, FULL_PRICE, AS_OTHERS = STANDINGS = ("bargain", "full_price", "as_others")
MONEY = "decimal(28,2)"
WHY = "clear (the interval lies on one side of -1); wide (it does not, or chance could have made it so); not_better (on held-out weeks no better than no effect at all); anticipated (the price of the next week explains the units of this one: prices follow demand, or customers wait); wrong_sign (units rise with the price: no effect of a price)"
TOGETHER = "no_variation (prices do not differ within blocks, or other products change theirs in the same weeks, or nothing else is sold that would tell the season)"

PRODUCT_ELASTICITY = result(
    "product_elasticity",
    "one product whose price changed often enough",
    ("product_id",),
    {
        "product_id": "string not null comment 'The product.'",
        "category": "string comment 'Its category; NULL: not known.'",
        "weeks": "int not null comment 'Weeks on offer that were compared.'",
        "price_changes": "int not null comment 'How often the price of a week was another than that of the week before.'",
        "units": "double not null comment 'Units sold in the history.'",
        "revenue": f"{MONEY} not null comment 'Money paid for them.'",
        "usual_price": "double not null comment 'The latest usual price: that of the week in the middle of its block.'",
        "lowest_price": "double not null comment 'The least price of a week.'",
        "highest_price": "double not null comment 'The largest price of a week.'",
        "mixed_share": "double not null comment 'Share of weeks in which more than a quarter of purchases were at a price that is off the one of the week.'",
        "compared_with": "string not null comment 'Whose seasons it shares: category, or shop where the category has few products or is not known.'",
        "elasticity": "double comment 'Percent of units for one percent of price, drawn to the mean of the category; NULL where the verdict is withheld.'",
        "elasticity_low": "double comment 'Lower end of its interval.'",
        "elasticity_high": "double comment 'Upper end.'",
        "own_elasticity": "double comment 'The same of the product alone, not drawn to anything.'",
        "own_error": "double comment 'Its standard error.'",
        "held_out_gain": "double comment 'By which share the effect of the price makes the error (deviance) of held-out weeks less; below 0: worse than no effect.'",
        "anticipation": "double comment 'Coefficient of the price of the next week: 0 where prices do not follow demand; NULL where it cannot be computed.'",
        "verdict": "string not null comment 'elastic (units fall by more than the price rises), inelastic (by less), or cannot_tell.'",
        "reason": f"string not null comment '{WHY}; {TOGETHER}.'",
        "changes_needed": "int comment 'Where the interval is too wide: how many price changes in all would tell, about; NULL if not that, or beyond 10,000.'",
    },
    (
        f"mixed_share {SHARE}",
        "(elasticity is null) = (elasticity_low is null) and (elasticity is null) = (elasticity_high is null)",
        "elasticity is null or elasticity between elasticity_low and elasticity_high",
        "(elasticity is null) = (reason not in ('clear', 'wide'))",
        "(verdict = 'cannot_tell') = (reason <> 'clear')",
        "verdict <> 'elastic' or elasticity_high < -1",
        "verdict <> 'inelastic' or elasticity_low > -1",
        "lowest_price <= highest_price and lowest_price > 0",
    ),
    values={"verdict": VERDICTS, "reason": PRODUCT_REASONS, "compared_with": COMPARISONS},
)

CATEGORY_ELASTICITY = result(
    "category_elasticity",
    "one category, or all products",
    ("scope", "category"),
    {
        "scope": "string not null comment 'total, or category.'",
        "category": "string not null comment 'The category; all of the total.'",
        "weeks": "int not null comment 'Whole weeks of the history.'",
        "products": "int not null comment 'Products sold in it at a price.'",
        "judged": "int not null comment 'Of these, the ones that were looked at: they have rows in product_elasticity.'",
        "few_weeks": "int not null comment 'Not looked at: too few weeks on offer.'",
        "seldom_sold": "int not null comment 'Not looked at: too many weeks without a sale, in which nobody knows the price.'",
        "no_change": "int not null comment 'Not looked at: the price never changed.'",
        "few_changes": "int not null comment 'Not looked at: it changed too seldom.'",
        "by_quantity": "int not null comment 'Not looked at: who buys more pieces at a time pays less for each, so units make the price.'",
        "mixed": "int not null comment 'Not looked at: in the same week, different customers pay different prices.'",
        "beyond_most": "int not null comment 'Not looked at: more products than max_products have more revenue.'",
        "elastic": "int not null comment 'Products with this verdict.'",
        "inelastic": "int not null comment 'Products with this verdict.'",
        "cannot_tell": "int not null comment 'Products with this verdict.'",
        "elasticity": "double comment 'Mean of the own elasticities of all judged products (random effects): of one product, prices of the others given. It is not what happens if all prices of the category change. NULL where the verdict is withheld.'",
        "elasticity_low": "double comment 'Lower end of its interval.'",
        "elasticity_high": "double comment 'Upper end.'",
        "spread": "double comment 'Standard deviation of the true elasticities of products around that mean.'",
        "heterogeneity": "double comment 'Share of the variance between products that is more than chance (I squared).'",
        "anticipation": "double comment 'Mean coefficient of the price of the next week.'",
        "shifted_share": "double comment 'Of the effect of a price in its week, the share that the four weeks after take back, as customers stock up; 0: not beyond chance. NULL where no elasticity is given.'",
        "shifted_low": "double comment 'Lower end of its interval, within 0 and 1.'",
        "shifted_high": "double comment 'Upper end.'",
        "held_out_gain": "double comment 'By which share effects of prices make the error (deviance) of held-out weeks less; below 0: worse than no effect.'",
        "verdict": "string not null comment 'elastic, inelastic or cannot_tell.'",
        "reason": f"string not null comment '{WHY}; {TOGETHER}; few_products (fewer than three have a figure of their own); too_short (the history); no_products (none was sold at a price that changed often enough).'",
    },
    (
        "products = judged + few_weeks + seldom_sold + no_change + few_changes + by_quantity + mixed + beyond_most",
        "judged = elastic + inelastic + cannot_tell",
        "elasticity is null or elasticity between elasticity_low and elasticity_high",
        "(elasticity is null) = (reason not in ('clear', 'wide'))",
        "(verdict = 'cannot_tell') = (reason <> 'clear')",
        f"shifted_share is null or shifted_share {SHARE}",
        "(scope = 'total') = (category = 'all') or scope = 'category'",
    ),
    values={"scope": SCOPES, "verdict": VERDICTS, "reason": CATEGORY_REASONS},
)

PRICE_WILLINGNESS = result(
    "price_willingness",
    "one group of customers, and at which prices it buys what has no one price",
    ("grouping", "customer_group"),
    {
        "grouping": "string not null comment 'segment (of rfm), or spend (thirds of customers, where rfm has not run).'",
        "customer_group": "string not null comment 'Name of the segment; or low, middle, high.'",
        "customers": "bigint not null comment 'Customers with such a purchase; never fewer than min_group.'",
        "purchases": "bigint not null comment 'Their purchases of products whose price changes: a product in an order is one.'",
        "discount_share": "double not null comment 'Share of these in weeks in which the price was a discount.'",
        "expected_share": "double not null comment 'The same of all known customers who buy the same products.'",
        "difference": "double not null comment 'discount_share less expected_share: above 0, they wait for discounts.'",
        "difference_low": "double comment 'Lower end of its interval, customers being independent of each other; NULL of one customer.'",
        "difference_high": "double comment 'Upper end.'",
        "paid_share": "double not null comment 'Mean of what they paid, as a share of the usual price of the product at that time.'",
        "paid_low": "double comment 'Lower end of its interval.'",
        "paid_high": "double comment 'Upper end.'",
        "standing": "string not null comment 'bargain (more on discount than others), full_price (less), or as_others (the difference is small, or chance could make it).'",
    },
    (
        "customers > 0 and purchases >= customers",
        f"discount_share {SHARE} and expected_share {SHARE}",
        "paid_share > 0",
        "difference_low is null or difference between difference_low and difference_high",
        "standing <> 'bargain' or difference_low > 0",
        "standing <> 'full_price' or difference_high < 0",
    ),
    values={"grouping": GROUPINGS, "standing": STANDINGS},
)

DISCOUNT_COST = result(
    "discount_cost",
    "one product with a published elasticity and weeks at a discount",
    ("product_id",),
    {
        "product_id": "string not null comment 'The product.'",
        "category": "string comment 'Its category; NULL: not known.'",
        "weeks": "int not null comment 'Weeks at a discount.'",
        "units": "double not null comment 'Units sold in them.'",
        "discount": f"{MONEY} not null comment 'Usual price less price, for all these units.'",
        "anyway_units": "double not null comment 'Of these, the ones that would have been sold at the usual price, by the elasticity.'",
        "anyway_units_low": "double not null comment 'Lower end of its interval.'",
        "anyway_units_high": "double not null comment 'Upper end.'",
        "anyway_cost": f"{MONEY} not null comment 'The discount on them: what those cost who would have bought anyway.'",
        "anyway_cost_low": f"{MONEY} not null comment 'Lower end of its interval.'",
        "anyway_cost_high": f"{MONEY} not null comment 'Upper end.'",
        "revenue_change": f"{MONEY} not null comment 'What came in, less what would have come in at the usual price; cost of goods, and weeks after, not counted.'",
        "revenue_change_low": f"{MONEY} not null comment 'Lower end of its interval.'",
        "revenue_change_high": f"{MONEY} not null comment 'Upper end.'",
    },
    (
        "weeks > 0 and units > 0 and discount >= 0",
        "anyway_units between anyway_units_low and anyway_units_high and anyway_units_high <= units",
        "anyway_cost between anyway_cost_low and anyway_cost_high and anyway_cost_high <= discount",
        "revenue_change between revenue_change_low and revenue_change_high",
    ),
)
