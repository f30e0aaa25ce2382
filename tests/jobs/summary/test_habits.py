"""The summary on how customers buy: when, what together, at what price, and what they did not find."""

from __future__ import annotations

import pytest
from pages import Told, page, telling

from conftest import Frame
from vitalfew.jobs.summary.tables import SUMMARY
from vitalfew.messages.sentences import row_in_words
from vitalfew.messages.words import Words

HOURS = "When do customers buy?"
PAIRS = "What replaces what, and what makes a bundle?"
WISHES = "What do customers pay, and what do they look for?"


@pytest.fixture
def told(frame: Frame) -> Told:
    return telling(frame)


PEAKS = """
    dimension | member | weekday | from_hour | until_hour | orders | usual_orders | times_average | best_hour | best_times_average | share_of_orders | is_special | action_code | action_values
    all       | all    |       1 |         9 |         10 |     50 |         10.0 |           5.0 |         9 |                5.0 |            0.05 | false      | all         | [before_day=monday, before_time=08:00, weekday=monday, from_time=09:00, until_time=10:00]
    all       | all    |       7 |        15 |         24 |    900 |        450.0 |           2.0 |        21 |               2.55 |            0.45 | true       | all         | [before_day=sunday, before_time=14:00, weekday=sunday, from_time=15:00, until_time=24:00]
    all       | all    |       2 |         9 |         11 |     60 |         30.0 |           2.0 |        10 |                2.1 |            0.03 | false      | all         | [before_day=tuesday, before_time=08:00, weekday=tuesday, from_time=09:00, until_time=11:00]
    all       | all    |       3 |         9 |         11 |     59 |         30.0 |           2.0 |        10 |                2.1 |            0.03 | false      | all         | [before_day=wednesday, before_time=08:00, weekday=wednesday, from_time=09:00, until_time=11:00]
    category  | bread  |       6 |         7 |          9 |     30 |         10.0 |           3.0 |         7 |                3.0 |            0.10 | true       | category    | [member=bread, weekday=saturday, from_time=07:00, until_time=09:00]
    category  | milk   |       6 |         7 |          9 |     50 |         10.0 |           5.0 |         7 |                5.0 |            0.10 | false      | category    | [member=milk, weekday=saturday, from_time=07:00, until_time=09:00]
    segment   | Loyal  |       6 |         7 |          9 |     90 |         10.0 |           9.0 |         7 |                9.0 |            0.10 | true       | segment     | [member=Loyal, before_day=saturday, before_time=06:00]
"""


def test_three_peaks_with_the_most_orders_beyond_the_average_and_one_category(told: Told) -> None:
    def ready(before: str, hours: str) -> str:
        return f"Send offers on {before}; have staff, stock and systems ready for {hours}."

    assert told(HOURS, timing_peaks=PEAKS) == [
        (
            "Sunday 15:00–24:00",
            "2.0 times the average hour, 45.0% of all orders; most at 21:00 (2.6 times)",
            ready("Sunday 14:00", "Sunday 15:00–24:00"),
        ),
        (
            "Monday 09:00–10:00",
            "5.0 times the average hour, 5.0% of all orders",
            ready("Monday 08:00", "Monday 09:00–10:00"),
        ),
        (
            "Tuesday 09:00–11:00",
            "2.0 times the average hour, 3.0% of all orders; most at 10:00 (2.1 times)",
            ready("Tuesday 08:00", "Tuesday 09:00–11:00"),
        ),
        (
            "bread",
            "Saturday 07:00–09:00: 3.0 times its average hour",
            "Show bread first on Saturday 07:00–09:00, and fill the stock before.",
        ),
    ]


def test_a_peak_without_hours_is_a_day(told: Told) -> None:
    day = "[before_day=thursday, weekday=friday]"
    drawn = (
        "dimension | member | weekday | orders | usual_orders | times_average | share_of_orders | is_special | action_code | action_values\n"
        f"all | all | 5 | 90 | 30.0 | 3.0 | 0.4 | false | all_day | {day}\n"
        "category | tea | 5 | 90 | 30.0 | 3.0 | 0.4 | true | category_day | [member=tea, weekday=friday]"
    )
    assert told(HOURS, timing_peaks=drawn) == [
        (
            "Friday",
            "3.0 times the average day, 40.0% of all orders",
            "Send offers on Thursday; have staff, stock and systems ready for Friday.",
        ),
        ("tea", "Friday: 3.0 times its average day", "Show tea first on Friday, and fill the stock before."),
    ]


AFFINITY = """
    segment | level | item | other | relation | n | baskets | expected | phi | action_code | action_values
    all | category | bags | belts | complement | 40 | 1000 | 10.4 | 0.3 | complement | [item=bags, other=belts]
    all | category | hats | belts | complement | 60 | 1000 | 10.0 | 0.6 | complement | [item=hats, other=belts]
    Loyal | category | hats | shoes | complement | 90 | 1000 | 10.0 | 0.9 | complement | [item=No, other=No]
    all | product | p1 | p2 | complement | 90 | 1000 | 10.0 | 0.95 | complement | [item=No, other=No]
    all | product | m1 | m2 | substitute | 2 | 1000 | 50.0 | -0.2 | substitute | [item=Milk, other=Milk2]
    all | product | m3 | m4 | substitute | 2 | 1000 | 45.0 | -0.18 | substitute | [item=Milk, other=Milk2]
    all | product | m1 | t1 | substitute | 3 | 1000 | 40.0 | -0.15 | substitute | [item=Milk, other=Tea]
    all | product | t2 | t3 | substitute | 4 | 1000 | 30.0 | -0.1 | substitute | [item=Tea, other=Tea2]
    all | product | t4 | t5 | substitute | 5 | 1000 | 20.0 | -0.05 | substitute | [item=Too, other=many]
"""
BUNDLES = """
    item | other | n    | n_one_only | price_apart | price_together | break_even_share | action_code  | action_values
    a    | b     | 1000 |       5000 |        9.00 |              ~ |                ~ | no_room      | [both=["A","B"]]
    a    | c     |  900 |       5000 |        9.00 |              ~ |                ~ | no_room      | [both=["A","C"]]
    d    | e     |  800 |       5000 |        9.00 |              ~ |                ~ | no_room      | [both=["D","E"]]
    f    | x     |  700 |       5000 |        9.00 |              ~ |                ~ | no_room      | [both=["F","X"]]
    f    | g     |  300 |       5000 |        9.00 |           8.50 |              1.5 | too_few      | [both=["F","G"]]
    f    | h     |  200 |       1000 |       12.50 |          11.00 |              0.2 | sell_together | [both=["F","H"], together=11.00, separate=12.50, share=0.20]
"""
SELL = (
    "Sell F and H together at 11.00 instead of 12.50: it pays if 20% of those who buy only one take both; "
    "try it on half of the customers first."
)
SIDE = "Offer A and B side by side, at full price: there is no room for a discount."
NAMES = """
    product_id | name | subcategory
    a          | A    | one
    b          | B    | two
    c          | C    | three
    d          | D    | same
    e          | E    | same
    f          | F    | five
    g          | G    | six
    h          | H    | seven
"""


def test_pairs_and_bundles_each_told_once_those_that_pay_first(told: Told) -> None:
    assert told(PAIRS, affinity=AFFINITY, bundles=BUNDLES, products=NAMES) == [
        (
            "together",
            "in 60 of 1,000 baskets, where 10 were expected by chance",
            "Offer belts beside hats, and do not discount both at once.",
        ),
        (
            "one or the other",
            "both in 2 of 1,000 baskets, where 50 were expected by chance",
            "One replaces the other: when Milk is out of stock, offer Milk2; promote only one at a time.",
        ),
        (
            "one or the other",
            "both in 4 of 1,000 baskets, where 30 were expected by chance",
            "One replaces the other: when Tea is out of stock, offer Tea2; promote only one at a time.",
        ),
        ("bundle", "200 baskets with both, 1,000 with only one of them; separately they cost 12.50", SELL),
        ("bundle", "1,000 baskets with both, 5,000 with only one of them; separately they cost 9.00", SIDE),
    ]


def test_bundles_stand_without_pairs_and_names(told: Told) -> None:
    assert [action for _, _, action in told(PAIRS, bundles=BUNDLES)] == [SELL, SIDE]


PEOPLE = """
    person_id | accounts | price_type      | net_amount | action_code
    ann       |        1 | bargain-seeking |      50.00 | bargain_seeking
    bob       |        3 | quality-seeking |    1000.00 | quality_seeking
    cat       |        1 | quality-seeking |     200.00 | quality_seeking
    dan       |        1 | balanced        |    9000.00 | balanced
    eve       |        1 | unknown         |       1.00 | unknown
"""
UNMET = """
    person_id | product_id
    ann       | a
    bob       | b
    cat       | b
    dan       | c
"""


def test_price_types_accounts_and_what_was_looked_for_in_vain(told: Told) -> None:
    assert told(WISHES, customer360=PEOPLE, unmet_demand=UNMET, products=NAMES) == [
        (
            "quality-seeking",
            "2 customers (40.0%), 1,200.00 spent",
            "Show the best products first, and inform them when these are on promotion.",
        ),
        (
            "bargain-seeking",
            "1 customer (20.0%), 50.00 spent",
            "Inform them of promotions and large packs; do not lead with expensive products.",
        ),
        ("one person", "7 accounts belong to 5 people", "Write to each person once."),
        (
            "not found",
            "3 products looked for and not bought, 4 times in all; most often B, by 2 customers",
            "Make sure that it is in stock and easy to find, and remind them of it.",
        ),
    ]


def test_that_price_matters_to_nobody_is_said(told: Told) -> None:
    usual = "person_id | accounts | price_type | net_amount | action_code\ndan | 1 | balanced | 9.00 | balanced"
    assert told(WISHES, customer360=usual) == [
        ("price", "No customer's purchases show that price matters to them more or less than to others.", None)
    ]


def test_lines_on_habits_are_said_in_chinese_from_codes_and_values(frame: Frame) -> None:
    rows = page(frame, timing_peaks=PEAKS, customer360=PEOPLE, unmet_demand=UNMET, products=NAMES)
    again = [row_in_words(row, SUMMARY, Words("zh")) for row in rows]
    found = {row["label"]: (row["text"], row["action"]) for row in again}
    assert found["周一 09:00–10:00"] == (
        "订单量为平均每小时的 5.0 倍，占全部订单的 5.0%",
        "周一 08:00 推送优惠；为 周一 09:00–10:00 的高峰备足人手和库存，保障系统稳定。",
    )
    assert found["追求实惠型"] == ("1 位会员（20.0%），消费 50.00", "推送促销和大包装；不要主推高价商品。")
    assert found["同一人"] == ("7 个账户属于 5 个人", "每人只联系一次。")
